"""The money by interest: the parts are the whole, and what is not told is said to be."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote

import pytest

from ayni.brief.money import money_by_year, money_flows, priced
from ayni.brief.money_interests import _by_account, _by_sector, served
from ayni.brief.pictures import Picture
from ayni.brief.plan import Edition
from ayni.ledger.records import Flow
from ayni.ledger.series import flows


def row(purposes: str, account: str = "") -> Flow:
    return Flow(
        provider="USA", recipient="PER", year=2010, until=None, year_kind="us-fiscal", stage="obligated",
        form="", purposes=purposes, account=account, agency="", channel="", amount=1.0, currency="USD",
        price_base=None, vintage="", origin="o", status="counted", caveats="", note="", row="r",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("purposes", "kind"),
    [
        ("us-sector:4", "drugs"),
        ("us-category:economic;greenbook-row:narcotics-control", "drugs"),
        ("us-category:economic;greenbook-row:refugee-and-migration", "migration"),
        ("us-category:economic;greenbook-row:global-health-programs", "other"),
        ("us-category:economic;greenbook-row:development-assistance", "unmapped"),
        ("us-category:economic;greenbook-row:of-nowhere", "unmapped"),
    ],
)
def test_a_row_serves_what_its_purpose_says_or_is_not_told(purposes: str, kind: str):
    assert served(row(purposes)) == kind


def test_the_parts_of_each_year_are_the_total_of_its_accounts(edition: Edition):
    chart = drawn(_by_account(edition))
    release = edition.dossier.about.release
    table = edition.plan.money.table
    prices = priced(edition, release.accounts, release.account_stage)
    accounts = money_flows(edition, table, release.accounts, release.account_stage)
    whole = money_by_year(accounts, prices)
    assert {year: total for year, total in chart if year in whole} == pytest.approx(whole, abs=1e-6)


def test_sectors_and_the_rest_are_the_total_of_the_same_release(edition: Edition):
    chart = drawn(_by_sector(edition))
    plan, stage = edition.plan.money, edition.dossier.about.release.stage
    rows = money_flows(edition, plan.totals_table, plan.sectors_totals, stage)
    totals = money_by_year(rows, priced(edition, plan.sectors_totals, stage))
    assert dict(chart) == pytest.approx({y: v for y, v in totals.items() if y >= 2001}, abs=1e-6)


def test_no_row_of_the_sector_table_is_left_out(edition: Edition):
    plan, about = edition.plan.money, edition.dossier.about
    rows = money_flows(edition, plan.sectors_table, plan.sectors_origin, about.release.stage)
    every = flows(edition.dossier.case.ledger, origin=plan.sectors_origin, stage=about.release.stage)
    assert len(rows) == sum(one.price_base is None for one in every)
    assert {served(one) for one in rows} == {"drugs", "migration", "influence"}


def drawn(picture: Picture) -> list[tuple[int, float]]:
    """Year and sum of the parts, as the table that the reader downloads has them."""
    head, *lines = csv.reader(io.StringIO(unquote(picture.csv.partition(",")[2])))
    parts = [at for at in range(1, len(head)) if head[at] != "incomplete reporting"]
    return [(int(line[0]), sum(float(line[at]) for at in parts if line[at])) for line in lines]
