"""Constant prices: against the release's own ratios, fiscal quarters by hand, and what cannot matter."""

# mypy: disable-error-code="var-annotated"
from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.ledger.prices import (
    MissingDeflatorError,
    at_prices,
    deflator,
    fiscal_index,
    implied_ratios,
)
from ayni.ledger.series import flows
from ayni.ledger.store import frame
from tests.dossier.peru import FOLDER, peru
from tests.ledger.samples import flow, ledger_of, observation

RELEASE = "fagov-2025-11-29"
INDEXES = ("us-gdp-deflator-2017", "us-gdp-deflator-2012")


@pytest.fixture(scope="module")
def ledger():
    return peru().case.ledger


def raw(name: str) -> list[dict[str, str]]:
    with Path(FOLDER / "figures" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def quarterly(key: str) -> dict[tuple[int, int], float]:
    return {
        (int(row["year"]), int(row["part_year"][1])): float(row["value"])
        for row in raw("prices.csv")
        if row["indicator"] == key and row["part_year"].startswith("Q")
    }


def pair(year: int, current: float, ratio: float, **more):
    return [flow(year, current, **more), flow(year, current * ratio, price_base=2024, **more)]


def quarters(key: str, values: dict[tuple[int, int], float]):
    return [
        observation(key, "USA", year, value, part_year=f"Q{q}", unit="index")
        for (year, q), value in values.items()
    ]


# --- the release's own deflator ------------------------------------------------------------------


def test_implied_ratios_are_those_of_the_raw_table(ledger):
    sums: dict[str, dict[tuple[int, str], float]] = defaultdict(dict)
    for row in raw("flows-totals.csv"):
        if row["origin"] == RELEASE:
            key = (int(row["year"]), row["price_base"])
            sums[row["stage"]][key] = sums[row["stage"]].get(key, 0) + float(row["amount"])
    for stage, base in (("obligated", "2024"), ("disbursed", "2024"), ("appropriated", "2022")):
        got = implied_ratios(flows(ledger, origin=RELEASE, stage=stage))
        rows = sums[stage]
        expected = {
            y: rows[y, base] / amount
            for (y, b), amount in rows.items()
            if not b and amount > 0 and (y, base) in rows
        }
        assert got == pytest.approx(expected, rel=1e-12)
        assert got[int(base)] == pytest.approx(1, abs=1e-6)


def test_the_release_deflates_2021_as_printed(ledger):
    """SCHEMAS 1b.8: the file gives 1.1469 for FY2021 to FY2024."""
    got = deflator(ledger, origin=RELEASE, stage="obligated", to=2024, indexes=INDEXES)
    assert got.method == "implied"
    assert got.links == ()
    assert round(got.factors[2021], 4) == 1.1469


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(2000, 2009), st.floats(1, 1e9), st.floats(0.2, 3)), min_size=1, max_size=8)
)
def test_an_implied_ratio_is_that_of_the_sums(rows):
    made, sums = [], defaultdict(lambda: [0.0, 0.0])
    for i, (year, current, ratio) in enumerate(rows):
        made += pair(year, current, ratio, account=str(i))
        sums[year][0] += current
        sums[year][1] += current * ratio
    assert implied_ratios(made) == pytest.approx({y: c / a for y, (a, c) in sums.items()})


def test_rows_of_two_recipients_are_never_paired_with_each_other():
    peru_rows = pair(2010, 100, 1.3)
    bolivia = [flow(2010, 1000, recipient="BOL"), flow(2010, 1300, recipient="BOL", price_base=2024)]
    assert implied_ratios([*peru_rows, *bolivia]) == pytest.approx({2010: 1.3})
    assert implied_ratios([*peru_rows, bolivia[0]]) == pytest.approx({2010: 1.3})
    assert implied_ratios([bolivia[1], *peru_rows]) == pytest.approx({2010: 1.3})


def test_withdrawn_money_does_not_bend_the_ratio():
    rows = pair(2010, 100, 1.3, account="a") + pair(2010, -99, 1.5, account="b")
    assert implied_ratios(rows) == pytest.approx({2010: 1.3})


# --- fiscal quarters -----------------------------------------------------------------------------


def test_fiscal_years_are_the_mean_of_october_to_september(ledger):
    values = quarterly("us-gdp-deflator-2017")
    fiscal, _ = fiscal_index(ledger, INDEXES[:1])
    calendar, _ = fiscal_index(ledger, INDEXES[:1], year_kind="calendar")
    for year in (2021, 2024):
        by_hand = (values[year - 1, 4] + values[year, 1] + values[year, 2] + values[year, 3]) / 4
        assert fiscal[year] == pytest.approx(by_hand)
        assert calendar[year] == pytest.approx(sum(values[year, q] for q in (1, 2, 3, 4)) / 4)
    # SCHEMAS 1b.8
    assert round(fiscal[2024] / fiscal[2021], 4) == 1.1489
    assert round(calendar[2024] / calendar[2021], 4) == 1.1386


def test_a_year_that_lacks_a_quarter_has_no_index():
    values = {(2020, 4): 1.0, (2021, 1): 1.0, (2021, 2): 1.0, (2021, 3): 1.0, (2021, 4): 1.0, (2022, 1): 1.0}
    index, links = fiscal_index(ledger_of(quarters("p", values)), ["p"])
    assert set(index) == {2021}
    assert links == ()


def test_two_bases_are_linked_by_a_factor_that_is_told(ledger):
    new, old = (quarterly(key) for key in INDEXES)
    common = new.keys() & old.keys()
    ratios = [new[q] / old[q] for q in common]
    _, links = fiscal_index(ledger, INDEXES)
    assert [(link.source, link.target, link.periods) for link in links] == [
        (INDEXES[1], INDEXES[0], len(common))
    ]
    assert links[0].factor == pytest.approx(sum(ratios) / len(ratios))
    assert (links[0].low, links[0].high) == pytest.approx((min(ratios), max(ratios)))
    assert links[0].low <= links[0].factor <= links[0].high
    # SCHEMAS 4: "two copies differ by a factor 0.93201 in 1993-96"
    assert any(abs(ratio - 0.93201) < 5e-5 for ratio in ratios)


@settings(max_examples=60)
@given(st.floats(0.1, 10), st.lists(st.floats(50, 150), min_size=12, max_size=12))
def test_a_second_base_only_fills_the_quarters_that_the_first_lacks(factor, values):
    times = [(2010 + i // 4, i % 4 + 1) for i in range(12)]
    whole = dict(zip(times, values, strict=True))
    new = {t: whole[t] for t in times[4:]}
    old = {t: whole[t] / factor for t in times[:8]}
    ledger = ledger_of(quarters("new", new) + quarters("old", old))
    index, links = fiscal_index(ledger, ["new", "old"], year_kind="calendar")
    assert links[0].factor == pytest.approx(factor)
    assert index == pytest.approx({y: sum(whole[y, q] for q in (1, 2, 3, 4)) / 4 for y in (2010, 2011, 2012)})


def test_bases_without_a_common_quarter_are_never_joined():
    new = {(2020, q): 1.0 for q in (1, 2, 3, 4)}
    old = {(2010, q): 9.0 for q in (1, 2, 3, 4)}
    ledger = ledger_of(quarters("new", new) + quarters("old", old))
    index, links = fiscal_index(ledger, ["new", "old"], year_kind="calendar")
    assert index == {2020: 1.0}
    assert links == ()


def test_of_two_vintages_of_a_quarter_the_latest_counts_whatever_the_order():
    values = {(2020, q): 1.0 for q in (1, 2, 3, 4)}
    rows = [
        observation("p", "USA", y, v * by, part_year=f"Q{q}", unit="index", vintage=vintage)
        for (y, q), v in values.items()
        for by, vintage in ((5.0, "2023-01"), (7.0, "2024-01"))
    ]
    for order in (rows, rows[::-1]):
        assert fiscal_index(ledger_of(order), ["p"], year_kind="calendar")[0] == {2020: 7.0}


# --- what cannot matter --------------------------------------------------------------------------

ratios = st.dictionaries(st.integers(2005, 2015), st.floats(0.3, 2), min_size=3, max_size=8)


@settings(max_examples=60)
@given(ratios, st.data())
def test_going_to_one_year_and_on_to_another_is_going_there_at_once(told, data):
    ledger = ledger_of([], [row for year, ratio in told.items() for row in pair(year, 1000, ratio)])
    first, last = (data.draw(st.sampled_from(sorted(told))) for _ in range(2))
    through = deflator(ledger, origin="release", stage="obligated", to=first, indexes=[])
    direct = deflator(ledger, origin="release", stage="obligated", to=last, indexes=[])
    chained = {year: factor * direct.factors[first] for year, factor in through.factors.items()}
    assert chained == pytest.approx(direct.factors)


@pytest.mark.parametrize("origin", ["state-budget-fy2008", "greenbook-2022-08", RELEASE])
def test_the_chain_holds_for_the_published_releases_too(ledger, origin):
    stage = "appropriated" if origin.startswith("state") else "obligated"
    year = 2008 if origin.startswith("state") else 2015
    got = {
        to: deflator(ledger, origin=origin, stage=stage, to=to, indexes=INDEXES).factors
        for to in (2010, 2016, 2020)
    }
    assert got[2010][year] * got[2016][2010] == pytest.approx(got[2016][year], rel=1e-12)
    assert got[2016][year] * got[2020][2016] == pytest.approx(got[2020][year], rel=1e-12)


@settings(max_examples=60)
@given(ratios, st.floats(0.01, 100))
def test_counting_in_another_currency_scales_every_amount_and_no_factor(told, rate):
    def priced(by, currency):
        rows = [row for y, r in told.items() for row in pair(y, 1000 * by, r, currency=currency)]
        found = deflator(ledger_of([], rows), origin="release", stage="obligated", to=min(told), indexes=[])
        return found.factors, at_prices([r for r in rows if r.price_base is None], found)

    (factors, dollars), (same, soles) = priced(1, "USD"), priced(rate, "PEN")
    assert factors == pytest.approx(same)
    assert soles == pytest.approx([rate * amount for amount in dollars])


def test_the_amounts_of_the_base_year_are_those_printed(ledger):
    current = [f for f in flows(ledger, origin=RELEASE, stage="obligated") if f.price_base is None]
    constant = {
        f.year: f.amount for f in flows(ledger, origin=RELEASE, stage="obligated") if f.price_base == 2024
    }
    priced = deflator(ledger, origin=RELEASE, stage="obligated", to=2024, indexes=INDEXES)
    for row, amount in zip(current, at_prices(current, priced), strict=True):
        # the publisher rounds both to the dollar
        assert amount == pytest.approx(constant[row.year], rel=1e-6, abs=2)


# --- what is refused -----------------------------------------------------------------------------


def test_years_without_a_deflator_are_all_named():
    ledger = ledger_of([], [*pair(2010, 5, 1.2), *pair(2012, 5, 1.1), flow(1950, 5), flow(1951, 5)])
    priced = deflator(ledger, origin="release", stage="obligated", to=2010, indexes=[])
    rows = [f for f in flows(ledger) if f.price_base is None]
    with pytest.raises(MissingDeflatorError, match=r"1950, 1951.*2010-2012"):
        at_prices(rows, priced)


def test_a_base_year_out_of_reach_is_told_with_the_years_at_hand(ledger):
    with pytest.raises(MissingDeflatorError, match=r"no deflator for 2090.*\d{4}-20\d\d"):
        deflator(ledger, origin=RELEASE, stage="obligated", to=2090, indexes=INDEXES)
    with pytest.raises(MissingDeflatorError, match="none"):
        deflator(ledger_of(), origin="nobody", stage="obligated", to=2020, indexes=["p"])


def test_constant_amounts_are_never_deflated_again():
    rows = pair(2010, 5, 1.2)
    priced = deflator(ledger_of([], rows), origin="release", stage="obligated", to=2010, indexes=[])
    with pytest.raises(ValueError, match="already at constant prices"):
        at_prices(rows, priced)


def test_one_release_prints_two_base_years(ledger):
    bases = frame(ledger, "flows").filter(origin=RELEASE)["price_base"].drop_nulls().unique().to_list()
    assert sorted(bases) == [2022, 2024]


def test_a_year_that_only_withdraws_money_is_priced_like_any_other():
    """SCHEMAS 1b.7: a year can be negative as a whole; the release prints both its amounts."""
    ledger = ledger_of([], [*pair(2012, -257, 1.25), *pair(2020, 100, 1.1), *pair(2024, 100, 1.0)])
    priced = deflator(ledger, origin="release", stage="obligated", to=2024, indexes=[])
    rows = [f for f in flows(ledger) if f.price_base is None]
    assert at_prices(rows, priced) == pytest.approx([-321.25, 110, 100])
