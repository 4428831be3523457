"""Series: which row of a year is chosen, what is told about the rest, and in which unit."""

# mypy: disable-error-code="unreachable, union-attr"
from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.ledger.records import STATUSES
from ayni.ledger.series import breaks, flows, observations, rivals, series, series_of
from ayni.units import UnitError
from tests.ledger.samples import break_at, flow, ledger_of, line, observation

kinds = st.tuples(
    st.sampled_from(["", "Q1", "M09", "to-10-28"]),
    st.sampled_from(STATUSES),
    st.sampled_from(["", "2019-01-31", "2021-04-18", "2023-10-21", "2023-10-22", "2024-12-22"]),
)


def better(one, other):
    """The rule as the module's first lines put it, pair by pair."""
    if bool(one.part_year) != bool(other.part_year):
        return not one.part_year
    if one.status != other.status:
        return STATUSES.index(one.status) < STATUSES.index(other.status)
    return one.vintage > other.vintage


def make(kind, value):
    part_year, status, vintage = kind
    return observation(value=value, part_year=part_year, status=status, vintage=vintage)


@given(st.lists(kinds, min_size=1, max_size=5, unique_by=lambda k: (bool(k[0]), *k[1:])))
def test_every_order_of_the_rows_gives_the_same_choice(given_kinds):
    rows = [make(kind, value) for value, kind in enumerate(given_kinds)]
    best = next(r for r in rows if all(better(r, other) for other in rows if other is not r))
    for order in itertools.permutations(rows):
        assert series_of(order, indicator="area", place="PER").rows == (best,)


def test_of_rows_alike_in_everything_the_first_of_the_table_is_chosen():
    rows = [observation(value=v) for v in (3, 1, 2)]
    for order in itertools.permutations(rows):
        assert series(ledger_of(order), "area", "PER").rows == (order[0],)


def test_the_published_release_of_november_2025_is_chosen_over_that_of_2023():
    old = observation(value=60406113, vintage="2023-10-21", unit="USD")
    new = observation(value=193724818, vintage="2025-11-29", unit="USD")
    none = observation(value=1, vintage="", unit="USD")
    assert series_of([none, old, new], indicator="area", place="PER").values == (193724818,)


def test_a_year_whose_rows_differ_is_a_conflict_with_all_its_rows():
    rows = [
        observation(year=2019, value=72000, origin="us"),
        observation(year=2019, value=54655, origin="devida"),
        observation(year=2020, value=5),
        observation(year=2020, value=5, origin="other"),
        observation(year=2021, value=7),
    ]
    got = series(ledger_of(rows), "area", "PER")
    assert got.years == (2019, 2020, 2021)
    assert got.conflicts == (tuple(rows[:2]),)


def test_the_same_figure_in_two_units_is_no_conflict():
    rows = [observation(value=2, unit="t"), observation(value=2000, unit="kg")]
    got = series_of(rows, indicator="area", place="PER")
    assert got.conflicts == ()
    assert got.unit == "t"


def test_values_come_in_the_unit_asked_for():
    rows = [
        observation(year=2020, value=1, unit="ha"),
        observation(year=2021, value=2.47105381467165, unit="acre"),
    ]
    assert series(ledger_of(rows), "area", "PER", to="ha").values == pytest.approx((1, 1))
    assert series(ledger_of(rows), "area", "PER", to="acre").values[0] == pytest.approx(2.47105381467165)
    with pytest.raises(UnitError):
        _ = series(ledger_of(rows), "area", "PER", to="t").values


def test_spans_of_years_are_left_out():
    rows = [observation(year=2013, until=2022, value=2687), observation(year=2013, value=5)]
    got = series(ledger_of(rows), "area", "PER")
    assert got.values == (5,)
    assert got.conflicts == ()
    assert series(ledger_of(rows[:1]), "area", "PER").rows == ()


def test_gaps_stay_gaps():
    got = series(ledger_of(line("area", {2015: 1, 2018: 2, 2017: 3})), "area", "PER")
    assert got.years == (2015, 2017, 2018)
    assert got.at(2016) is None
    assert got.at(2017).value == 3


def test_places_and_counterparts_are_kept_apart():
    rows = [
        observation(value=1),
        observation(value=2, place="COL"),
        observation(value=3, counterpart="USA"),
        observation(value=4, counterpart="CHN"),
    ]
    ledger = ledger_of(rows)
    assert series(ledger, "area", "PER").values == (1,)
    assert series(ledger, "area", "PER", counterpart="CHN").values == (4,)
    assert [o.value for o in observations(ledger, place="PER")] == [1, 3, 4]
    assert [o.value for o in observations(ledger, counterpart="USA")] == [3]
    assert len(observations(ledger)) == 4


def test_flows_are_found_by_every_filter_and_both_ways_round():
    rows = [
        flow(2020, 1),
        flow(2020, 2, provider="PER", recipient="USA"),
        flow(2020, 3, stage="disbursed"),
        flow(2020, 4, origin="greenbook"),
    ]
    ledger = ledger_of([], rows)
    assert [f.amount for f in flows(ledger)] == [1, 2, 3, 4]
    assert [f.amount for f in flows(ledger, provider="PER")] == [2]
    assert [f.amount for f in flows(ledger, recipient="PER", stage="obligated")] == [1, 4]
    assert [f.amount for f in flows(ledger, origin="greenbook", stage="disbursed")] == []


def test_breaks_come_in_order_and_only_those_of_the_place():
    told = [
        break_at(2021, "coverage"),
        break_at(2011, "net-of-eradication"),
        break_at(2015, "method", place="COL"),
    ]
    assert [b.year for b in breaks(ledger_of(breaks=told), "area", "PER")] == [2011, 2021]


def test_rivals_share_the_concept_and_nothing_else_does():
    ledger = ledger_of(concepts={"area-un": "coca", "area-us": "coca", "price": "price"})
    assert rivals(ledger, "area-un") == ("area-us",)
    assert rivals(ledger, "price") == ()
