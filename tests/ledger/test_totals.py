"""Flows added by one thing at a time, against sums made by a second reader that knows only CSV."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ayni.ledger.drafts import write
from ayni.ledger.prices import at_prices, deflator
from ayni.ledger.schemas import FLOWS, OBSERVATIONS
from ayni.ledger.series import flows
from ayni.ledger.store import Ledger
from ayni.ledger.totals import Asked, agree, asked_rows, conflicts, deflators, totals
from ayni.sources.figures import read
from tests.houserules.tree import ROOT

FIGURES = ROOT / "dossiers" / "us-peru" / "figures"
RELEASES = ("fagov-2021-04-18", "fagov-2023-10-21", "fagov-2025-11-29")
INDEXES = ("us-gdp-deflator-2017", "us-gdp-deflator-2012")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return write(tmp_path_factory.mktemp("ledger"), read(FIGURES).frames)


def cells(name: str, **wanted: str) -> Iterator[dict[str, str]]:
    with (FIGURES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if all(row[column] == value for column, value in wanted.items()):
                yield row


def summed(name: str, column: str, **wanted: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for row in cells(name, price_base="", **wanted):
        sums[row[column]] += float(row["amount"])
    return dict(sums)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("stage", ["obligated", "disbursed"])
def test_yearly_totals_are_those_of_the_table(ledger: Ledger, release: str, stage: str):
    found = totals(ledger, Asked(provider="USA", recipient="PER", stage=stage, origin=release), by="year")
    assert {t.code: t.amount for t in found} == summed("flows-totals", "year", origin=release, stage=stage)


def test_a_total_printed_over_all_agencies_is_a_total(ledger: Ledger):
    found = totals(ledger, Asked(origin="greenbook-2022-08"), by="year")
    assert {t.code: t.amount for t in found} == summed("flows-agencies", "year", agency="all", account="")


@pytest.mark.parametrize("by", ["account", "agency"])
def test_parts_are_added_from_the_finest_table_alone(ledger: Ledger, by: str):
    found = totals(ledger, Asked(origin="greenbook-2022-08", stage="obligated"), by=by)
    assert {t.code: t.amount for t in found} == pytest.approx(summed("flows-accounts", by))


def test_parts_of_a_release_add_to_its_total(ledger: Ledger):
    asked = Asked(origin="greenbook-2022-08", stage="obligated")
    whole = sum(t.amount for t in totals(ledger, asked, by="year"))
    for by in ("account", "agency", "programme", "category"):
        assert sum(t.amount for t in totals(ledger, asked, by=by)) == pytest.approx(whole, rel=1e-9)


def test_sectors_are_those_of_the_table(ledger: Ledger):
    found = totals(ledger, Asked(stage="obligated"), by="sector")
    assert {t.code: t.amount for t in found} == summed("flows-sectors", "purposes", stage="obligated")


def test_stages_releases_and_price_bases_are_never_added(ledger: Ledger):
    everything = {row.row: row for row in flows(ledger)}
    for by in ("year", "stage", "provider", "account", "agency", "programme", "sector", "category"):
        for total in totals(ledger, Asked(), by=by):
            rows = [everything[row] for row in total.rows]
            for column in ("stage", "origin", "provider", "recipient", "currency", "year_kind", "price_base"):
                assert len({getattr(row, column) for row in rows}) == 1, (by, total.code, column)
            assert all(row.price_base is None for row in rows)
            schemes = {frozenset(p.partition(":")[0] for p in row.purposes.split(";")) for row in rows}
            assert len(schemes) == 1, (by, total.code)


def test_no_row_is_counted_twice(ledger: Ledger):
    for by in ("year", "stage", "account", "agency", "programme", "sector"):
        rows = [row for total in totals(ledger, Asked(), by=by) for row in total.rows]
        assert len(rows) == len(set(rows))


def test_items_that_texts_name_stand_alone(ledger: Ledger):
    found = totals(ledger, Asked(origin="dod-2001"), by="programme")
    assert all(len(t.rows) == 1 for t in found)
    assert len([t for t in found if t.code == "programme:section-1004" and t.since == 1998]) == 2


def test_spans_of_years_have_no_constant_amount(ledger: Ledger):
    asked = Asked(origin="usaid-2011-voz-de-america")
    priced = deflators(ledger, asked_rows(ledger, asked), to=2024, indexes=INDEXES, currency="USD")
    (found,) = totals(ledger, asked, by="programme", priced=priced)
    assert (found.since, found.until, found.constant) == (2008, 2012, None)


def test_an_unknown_way_of_adding_is_refused(ledger: Ledger):
    with pytest.raises(ValueError, match="choose one of"):
        totals(ledger, Asked(), by="colour")


# -- prices --------------------------------------------------------------------------------


def test_constant_amounts_are_those_the_release_prints(ledger: Ledger):
    """At its own base year, a release's implied deflator gives back its own constant column."""
    release = "fagov-2025-11-29"
    asked = Asked(origin=release, stage="obligated")
    priced = deflators(ledger, asked_rows(ledger, asked), to=2024, indexes=INDEXES, currency="USD")
    printed = {
        row["year"]: float(row["amount"])
        for row in cells("flows-totals", origin=release, stage="obligated", price_base="2024")
    }
    for total in totals(ledger, asked, by="year", priced=priced):
        if total.code in printed:
            # Publishers round both columns to the dollar.
            assert total.constant == pytest.approx(printed[total.code], abs=1.0, rel=1e-6)


def quarters(indicator: str) -> dict[tuple[int, int], float]:
    return {
        (int(row["year"]), int(row["part_year"][1])): float(row["value"])
        for row in cells("prices", indicator=indicator)
        if row["part_year"].startswith("Q")
    }


@pytest.mark.parametrize("year", [1998, 2008, 2015])
def test_fiscal_factors_are_the_mean_of_four_quarters(ledger: Ledger, year: int):
    """A release without constant amounts: October to September of each fiscal year, by hand."""
    own, older = quarters("us-gdp-deflator-2017"), quarters("us-gdp-deflator-2012")
    common = own.keys() & older.keys()
    factor = sum(own[q] / older[q] for q in common) / len(common)
    index = {**{q: v * factor for q, v in older.items()}, **own}

    def fiscal(of: int) -> float:
        return sum(index[q] for q in ((of - 1, 4), (of, 1), (of, 2), (of, 3))) / 4

    rows = [r for r in flows(ledger, origin="dod-2001") if r.year == 1998]
    priced = deflator(ledger, origin="dod-2001", stage="allocated", to=2024, indexes=INDEXES)
    assert priced.method == "fiscal-quarters"
    assert priced.factors[year] == pytest.approx(fiscal(2024) / fiscal(year), rel=1e-12)
    assert at_prices(rows[:1], priced) == [rows[0].amount * priced.factors[1998]]


# -- conflicts -----------------------------------------------------------------------------


def test_releases_that_differ_are_returned_as_conflicts(ledger: Ledger):
    asked = Asked(provider="USA", recipient="PER", stage="obligated")
    found = {c.year: c for c in conflicts(totals(ledger, asked, by="vintage"))}
    sums = {
        release: summed("flows-totals", "year", origin=release, stage="obligated") for release in RELEASES
    }
    sides = {side.origin: side.amount for side in found[2022].sides}
    assert sides["fagov-2023-10-21"] == sums["fagov-2023-10-21"]["2022"]
    assert sides["fagov-2025-11-29"] == sums["fagov-2025-11-29"]["2022"]
    assert found[2022].low <= sides["fagov-2023-10-21"] < sides["fagov-2025-11-29"] <= found[2022].high
    assert 1995 not in found


def test_incomplete_years_do_not_make_a_conflict(ledger: Ledger):
    asked = Asked(provider="USA", recipient="PER", stage="obligated")
    for conflict in conflicts(totals(ledger, asked, by="vintage")):
        complete = [side for side in conflict.sides if not side.incomplete]
        assert len(complete) > 1
        assert conflict.low == min(side.amount for side in complete)


def test_rounding_to_the_dollar_is_no_conflict():
    assert agree(209_534_097, 209_534_098)
    assert not agree(252_343_627, 252_953_187)


# -- a ledger made by hand -----------------------------------------------------------------


def made(path: Path, *rows: dict[str, Any]) -> Ledger:
    plain: dict[str, Any] = dict.fromkeys(FLOWS, "") | {
        "provider": "AAA",
        "recipient": "BBB",
        "until": None,
        "year_kind": "calendar",
        "stage": "disbursed",
        "currency": "USD",
        "price_base": None,
        "constant": None,
        "date": None,
        "origin": "one",
        "status": "counted",
    }
    told = [plain | row | {"row": f"figures/flows-x.csv:{n}"} for n, row in enumerate(rows, 2)]
    frames = {"flows": pl.DataFrame(told, schema=FLOWS), "observations": pl.DataFrame(schema=OBSERVATIONS)}
    return write(path, frames)


def test_parts_are_not_added_to_a_total_that_nobody_printed(tmp_path: Path):
    ledger = made(
        tmp_path,
        {"year": 2020, "amount": 1.0, "account": "a"},
        {"year": 2020, "amount": 2.0, "account": "b"},
    )
    assert totals(ledger, Asked(), by="year") == ()
    assert [t.amount for t in totals(ledger, Asked(), by="account")] == [1.0, 2.0]


def test_currencies_stand_apart(tmp_path: Path):
    ledger = made(
        tmp_path, {"year": 2020, "amount": 1.0}, {"year": 2020, "amount": 2.0, "currency": "EUR", "note": "x"}
    )
    assert sorted((t.currency, t.amount) for t in totals(ledger, Asked(), by="year")) == [
        ("EUR", 2.0),
        ("USD", 1.0),
    ]


def test_years_without_a_factor_are_named(tmp_path: Path):
    ledger = made(
        tmp_path,
        {"year": 2019, "amount": 100.0, "account": "a"},
        {"year": 2020, "amount": 100.0, "account": "a"},
        {"year": 2020, "amount": 90.0, "account": "a", "price_base": 2019},
        {"year": 2019, "amount": 100.0, "account": "a", "price_base": 2019},
        {"year": 2021, "amount": 100.0, "account": "a"},
    )
    asked = Asked(origin="one")
    priced = deflators(ledger, asked_rows(ledger, asked), to=2019, indexes=(), currency="USD")
    (found,) = totals(ledger, asked, by="account", priced=priced)
    assert (found.amount, found.constant, found.unpriced) == (300.0, None, (2021,))
    (upto,) = totals(ledger, Asked(until=2020), by="account", priced=priced)
    assert upto.constant == pytest.approx(190.0)
