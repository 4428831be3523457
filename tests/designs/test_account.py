"""The account: its sum, its bounds, and the tests of its three assumptions."""

# mypy: disable-error-code="union-attr, arg-type"
# what may be None is not, or the test fails on the spot
from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.designs.account import Account, replanted_share
from ayni.designs.projection import Conversion
from ayni.designs.records import Cause, Question
from ayni.ledger.series import observations
from ayni.units import Quantity
from tests.dossier.peru import peru
from tests.ledger.samples import break_at, ledger_of, line, observation

CAUSE = Cause(provider="USA", recipient="PER", stage="obligated", origin="release")


def question(year=2020, indicator="area", **more) -> Question:
    told = {"key": "q", "interest": "drugs", "place": "PER", "cause": CAUSE, "better": "lower"} | more
    return Question(indicator=indicator, year=year, big=5.0, es="¿?", en="?", **told)


def made(**more) -> Account:
    return Account(**({"averted": "gone", "area": "area", "removed": "gone", "parts": "PER-zone-"} | more))


def check(key, observed, breaks=(), design=None, asked=None):
    got = (design or made()).answer(asked or question(), ledger_of(observed, breaks=breaks))
    return next(c for c in got.checks if c.key == key)


# --- the sum -------------------------------------------------------------------------------------


def test_without_is_observed_plus_averted():
    got = made().answer(question(), ledger_of([*line("area", {2020: 822}), *line("gone", {2020: 313})]))
    assert (got.observed.value, got.counterfactual.value, got.difference.value) == (822, 1135, -313)
    assert (got.interval_kind, got.difference.low) == ("none", None)
    assert got.assumptions == ("no-replanting", "no-displacement", "gross-area")


def test_rival_figures_of_the_year_are_the_bounds():
    rows = [
        observation("gone", value=v, status=s)
        for v, s in ((20, "reported"), (30, "counted"), (26, "estimated"))
    ]
    got = made().answer(question(), ledger_of([*line("area", {2020: 100}), *rows]))
    assert got.interval_kind == "bounds"
    assert (got.difference.low, got.difference.value, got.difference.high) == (-30, -30, -20)
    assert (got.counterfactual.low, got.counterfactual.high) == (120, 130)


def test_a_running_total_is_no_rival_of_the_whole_year():
    rows = [observation("gone", value=25787), observation("gone", value=16226, part_year="M09")]
    got = made().answer(question(), ledger_of([*line("area", {2020: 89755}), *rows]))
    assert got.difference.value == -25787
    assert got.difference.low is got.difference.high is None


def test_a_total_of_several_years_is_no_figure_of_the_first():
    rows = [observation("gone", value=10), observation("gone", value=5000, until=2029)]
    got = made().answer(question(), ledger_of([*line("area", {2020: 100}), *rows]))
    assert got.counterfactual.value == 110
    assert got.difference.low is None


def test_an_origin_narrows_the_figures():
    rows = [observation("gone", value=313, origin="article"), observation("gone", value=329, origin="devida")]
    got = made(origin="article").answer(question(), ledger_of([*line("area", {2020: 822}), *rows]))
    assert got.counterfactual.value == 1135
    assert got.interval_kind == "none"


def test_a_yield_turns_the_averted_amount_into_the_outcome():
    rate = Conversion(key="y", ratio=Quantity(value=9.161, unit="kg/ha"), to="t", rows=("y:2",))
    rows = [*line("potential", {2020: 822}, unit="t"), *line("gone", {2020: 34182.14})]
    got = made(conversion=rate).answer(question(indicator="potential"), ledger_of(rows))
    assert got.difference.value == pytest.approx(-313.14, abs=0.005)  # METHODS section 3
    assert got.inputs[-1] == "y:2"


@pytest.mark.parametrize("there", [["area"], ["gone"], []])
def test_an_account_that_lacks_a_figure_is_refused(there):
    got = made().answer(question(), ledger_of([row for key in there for row in line(key, {2020: 1})]))
    assert got.refused == "refused.no-figure"
    assert got.difference is got.counterfactual is None


# --- nothing replanted ---------------------------------------------------------------------------


def by_hand(changes, removed):
    return 1 + np.polyfit(removed, changes, 1)[0]


@given(st.lists(st.tuples(st.floats(-2e4, 2e4), st.floats(0, 3e4)), min_size=6, max_size=20))
def test_the_share_replanted_is_one_plus_the_slope_and_its_range_leaves_one_year_out(pairs):
    changes, removed = (np.array(x) for x in zip(*pairs, strict=True))
    spreads = [np.ptp(np.delete(removed, i)) for i in range(len(pairs))]
    if min(spreads) < 10:
        return
    share, low, high = replanted_share(changes, removed)
    left = [by_hand(np.delete(changes, i), np.delete(removed, i)) for i in range(len(pairs))]
    assert share == pytest.approx(by_hand(changes, removed), rel=1e-6, abs=1e-6)
    assert (low, high) == pytest.approx((min(left), max(left)), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("true", [0.0, 0.3, 0.55, 1.0])
def test_a_known_share_of_replanting_is_found_in_simulated_fields(true):
    draw = random.Random(7)
    found = []
    for _ in range(300):
        removed = [draw.uniform(5000, 30000) for _ in range(14)]
        growth = [draw.gauss(9000, 3000) for _ in removed]
        changes = [g - (1 - true) * r for g, r in zip(growth, removed, strict=True)]
        found.append(replanted_share(np.array(changes), np.array(removed))[0])
    # standard error of one share about 0.11, of the mean of 300 under 0.007
    assert np.mean(found) == pytest.approx(true, abs=0.025)


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
def test_steady_growth_and_the_unit_of_area_do_not_move_the_share(growth, scale):
    changes = np.array([100.0, -300, 250, 40, -90, 10])
    removed = np.array([30.0, 500, 120, 240, 310, 90])
    moved = replanted_share((changes + growth) * scale, removed * scale)
    assert moved == pytest.approx(replanted_share(changes, removed), abs=1e-6)


def fields(replanted: float, removed=(10.0, 50, 20, 80, 35, 60, 5)):
    area, rows = 1000.0, line("area", {2013: 1000.0})
    for year, out in enumerate(removed, 2014):
        area += 30 - (1 - replanted) * out
        rows += [*line("area", {year: area}), *line("gone", {year: out})]
    return rows


def test_fields_that_are_not_replanted_pass_and_others_fail():
    kept = check("no-replanting", fields(0.0))
    assert (kept.passed, kept.value) == (True, pytest.approx(0, abs=1e-6))
    back = check("no-replanting", fields(0.55))
    assert (back.passed, back.value) == (False, pytest.approx(55))
    assert check("no-replanting", fields(0.09)).passed is True
    assert check("no-replanting", fields(0.11)).passed is False


def test_too_few_years_do_not_tell_about_replanting():
    few = fields(0.5, removed=(10, 50, 20, 80, 35))
    assert check("no-replanting", few, asked=question(2018)).passed is None


def test_the_same_area_removed_every_year_does_not_tell_about_replanting():
    got = check("no-replanting", fields(0.5, removed=(10,) * 8), asked=question(2021))
    assert got.passed is None


def test_a_running_total_is_not_taken_for_a_year_of_removal():
    rows = [r for r in fields(0.0) if not (r.indicator == "gone" and r.year == 2017)]
    part = observation("gone", year=2017, value=3.0, part_year="M06")
    assert check("no-replanting", [*rows, part]).value == pytest.approx(0, abs=1e-6)


# --- nothing moved -------------------------------------------------------------------------------


def zones(before, after):
    rows = [*line("area", {2020: 100}), *line("gone", {2020: 1})]
    for i, (was, now) in enumerate(zip(before, after, strict=True)):
        rows += line("area", {2019: was, 2020: now}, place=f"PER-zone-{i}")
    return rows


@pytest.mark.parametrize(
    ("before", "after", "passed", "value"),
    [
        ((100, 50), (80, 50), True, 0),
        ((100, 50), (80, 52), True, 10),
        ((100, 50), (80, 52.1), False, 10.5),
        ((100, 50), (80, 90), False, 200),
        ((100, 50), (110, 60), None, None),
    ],
)
def test_growth_in_other_zones_is_measured_against_what_was_lost(before, after, passed, value):
    got = check("no-displacement", zones(before, after))
    assert got.passed is passed
    assert got.value == (None if value is None else pytest.approx(value))


def test_a_zone_new_to_the_monitoring_is_not_growth():
    rows = [*zones((100,), (80,)), *line("area", {2020: 500}, place="PER-zone-new")]
    assert check("no-displacement", rows).value == 0


def test_displacement_in_2024_is_that_of_the_published_zones():
    """VRAEM -5 %, Amazonas +44.6 %, San Gabán +30.8 %, Huallaga +12.3 % (METHODS section 3)."""
    case = peru().case
    design = Account(averted="eradication", area="coca-area-un", removed="eradication", parts="PER-zone-")
    got = next(
        c
        for c in design.answer(case.questions["area-2024"], case.ledger).checks
        if c.key == "no-displacement"
    )
    by_zone: dict[str, dict[int, float]] = {}
    for row in observations(case.ledger, indicator="coca-area-un"):
        if row.place.startswith("PER-zone-") and row.year in (2023, 2024):
            by_zone.setdefault(row.place, {})[row.year] = row.value
    change = [v[2024] - v[2023] for v in by_zone.values() if len(v) == 2]
    expected = 100 * sum(c for c in change if c > 0) / -sum(c for c in change if c < 0)
    assert got.value == pytest.approx(expected)
    assert got.passed is False


# --- area before deducting -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "year", "passed"),
    [
        ("net-of-eradication", 2011, False),
        ("net-of-eradication", 2020, False),
        ("net-of-eradication", 2021, True),
        ("method", 2011, True),
    ],
)
def test_an_area_published_net_makes_the_sum_count_twice(kind, year, passed):
    got = check("gross-area", [*line("area", {2020: 9}), *line("gone", {2020: 1})], [break_at(year, kind)])
    assert got.passed is passed


# --- the figure is of its own year ---------------------------------------------------------------


def test_the_articles_figure_of_2024_is_found_to_be_that_of_2025():
    case = peru().case
    design = Account(
        averted="cocaine-averted-trend-claimed",
        origin="article-masias",
        related=("cocaine-averted-eradication-claimed",),
        area="coca-area-un",
        removed="eradication",
    )
    got = design.answer(case.questions["cocaine-account-2024"], case.ledger)
    assert (got.observed.value, got.counterfactual.value) == (822, 1135)
    told = next(c for c in got.checks if c.key == "own-year")
    assert (told.passed, told.value, told.limit) == (False, 2025, 2024)
    values = {r.row: r.value for r in observations(case.ledger) if r.row in told.rows}
    assert sorted(values.values()) == [313, 313.14]


def own_year(*kindred):
    rows = [*line("area", {2020: 9}), *line("gone", {2020: 313}), *kindred]
    return check("own-year", rows, design=made(related=("kin",)))


def test_a_figure_found_under_its_own_year_only_passes():
    assert own_year(observation("kin", year=2020, value=313.14)).passed is True
    assert own_year(observation("kin", year=2021, value=315)).passed is True
    assert own_year(observation("kin", year=2021, value=313.14, place="COL")).passed is True


def test_a_figure_found_under_another_year_fails():
    assert own_year(observation("kin", year=2021, value=313.14)).passed is False


def test_small_figures_that_differ_are_not_taken_for_one():
    rows = [*line("area", {2020: 9}), *line("gone", {2020: 0.31}), *line("gone", {2019: 0.05})]
    assert check("own-year", rows).passed is True
