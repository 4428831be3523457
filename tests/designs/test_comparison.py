"""Comparisons: against the engine run by hand, refusals one by one, checks both ways."""

# mypy: disable-error-code="union-attr, arg-type, operator"
from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ayni.designs.comparison import LEVEL, Comparison
from ayni.designs.records import Cause, Question
from ayni.ledger.schemas import TABLES
from ayni.panel import difference_in_differences, panel, placebos, synthetic_control
from tests.ledger.samples import flow, ledger_of, line, observation

CAUSE = Cause(provider="USA", recipient="PER", stage="obligated", origin="release")
YEARS = range(2008, 2021)
SINCE, ASKED = 2016, 2020
OTHERS = tuple(f"D{i}" for i in range(9))


def question(**more) -> Question:
    told = {
        "key": "q",
        "interest": "drugs",
        "indicator": "area",
        "place": "PER",
        "year": ASKED,
        "since": SINCE,
        "dated": "somebody",
        "cause": CAUSE,
        "big": 5.0,
        "es": "¿?",
        "en": "?",
    }
    return Question(**(told | more))


def outcomes(seed=1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return 100 + generator.normal(size=(10, len(YEARS))).cumsum(axis=1)


def rows(values: np.ndarray, **more):
    places = ("PER", *OTHERS)
    return [
        observation("area", place, year, values[i, t], **more)
        for i, place in enumerate(places)
        for t, year in enumerate(YEARS)
        if not np.isnan(values[i, t])
    ]


def by_hand(values: np.ndarray):
    """The panel of the years before and of the year asked about."""
    kept = [t for t, year in enumerate(YEARS) if year < SINCE or year == ASKED]
    treated = np.zeros((10, len(kept)), bool)
    treated[0, -1] = True
    return panel(values[:, kept], treated, units=("PER", *OTHERS))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("difference-in-differences", difference_in_differences),
        ("synthetic-control", synthetic_control),
    ],
)
def test_the_effect_and_its_interval_are_those_of_the_engine(name, method):
    values = outcomes()
    got = Comparison(method=name, controls="D*").answer(question(), ledger_of(rows(values)))
    own = by_hand(values)
    interval = placebos(own, method).interval(LEVEL)
    assert got.difference.value == pytest.approx(method(own).att)
    assert (got.difference.low, got.difference.high) == pytest.approx((interval.low, interval.high))
    assert got.observed.value == values[0, -1]
    assert got.counterfactual.value == pytest.approx(values[0, -1] - method(own).att)
    assert (got.level, got.interval_kind) == (LEVEL, "placebo")


def test_years_between_the_beginning_and_the_year_asked_about_do_not_move_it():
    values = outcomes()
    moved = values.copy()
    moved[:, [t for t, year in enumerate(YEARS) if SINCE <= year < ASKED]] += 50
    design = Comparison(method="synthetic-control", controls="D*")
    one, two = (design.answer(question(), ledger_of(rows(v))) for v in (values, moved))
    assert two.difference == one.difference


def test_an_effect_that_was_put_in_is_found():
    values = outcomes()
    values[0, -1] -= 40
    got = Comparison(method="synthetic-control", controls="D*").answer(question(), ledger_of(rows(values)))
    assert got.difference.low < -40 + 15
    assert got.difference.high < 0
    assert {c.key: c.passed for c in got.checks}["stands-out"] is True


@pytest.mark.parametrize("transform", ["level", "log", "index"])
def test_another_unit_of_measurement_gives_the_same_answer(transform):
    values = outcomes()
    design = Comparison(method="difference-in-differences", controls="D*", transform=transform)
    one = design.answer(question(), ledger_of(rows(values)))
    two = design.answer(question(), ledger_of(rows(1000 * values, unit="g")))
    for end in ("value", "low", "high"):
        assert getattr(two.difference, end) == pytest.approx(1000 * getattr(one.difference, end))


def test_in_percent_of_the_own_mean_the_answer_is_in_the_outcomes_unit_again():
    values = outcomes()
    got = Comparison(method="difference-in-differences", controls="D*", transform="index").answer(
        question(), ledger_of(rows(values))
    )
    own = by_hand(values)
    percent = 100 * own.Y / own.Y[:, :-1].mean(axis=1, keepdims=True)
    att = difference_in_differences(replace(own, Y=percent)).att
    assert got.difference.value == pytest.approx(att * own.Y[0, :-1].mean() / 100)


def test_places_that_lack_a_year_or_are_too_small_are_left_out_and_counted():
    values = outcomes()
    values[3, 2] = np.nan
    values[4] /= 1000
    got = Comparison(method="difference-in-differences", controls="D*", floor=10).answer(
        question(), ledger_of(rows(values))
    )
    told = dict(got.settings)
    assert (told["used"], told["dropped"]) == ("7", "2")
    keep = [0, 1, 2, 5, 6, 7, 8, 9]
    kept = [t for t, year in enumerate(YEARS) if year < SINCE or year == ASKED]
    treated = np.zeros((8, len(kept)), bool)
    treated[0, -1] = True
    expected = difference_in_differences(panel(values[np.ix_(keep, kept)], treated)).att
    assert got.difference.value == pytest.approx(expected)


def test_places_are_named_by_beginning_by_key_and_by_what_they_belong_to():
    values = outcomes()
    ledger = ledger_of(rows(values))
    places = [{"key": key, "es": key, "en": key, "parent": "north"} for key in OTHERS[:4]]
    ledger.kept["places"] = pl.DataFrame(places, schema=TABLES["places"])
    for controls, without, count in (
        ("D*", "", 9),
        ("@north", "", 4),
        ("D0+D7+D8", "", 3),
        ("D*", "@north", 5),
        ("PER+D*", "D1", 8),
    ):
        got = Comparison(method="difference-in-differences", controls=controls, without=without).answer(
            question(), ledger
        )
        assert dict(got.settings)["used"] == str(count)


def aided(places, year=2018):
    return [flow(year, 5.0, recipient=place) for place in places]


def test_money_in_some_places_fails_a_check_and_in_all_of_them_refuses():
    values = outcomes()
    design = Comparison(method="difference-in-differences", controls="D*")
    some = design.answer(question(), ledger_of(rows(values), aided(OTHERS[:3])))
    check = next(c for c in some.checks if c.key == "controls-clean")
    assert (check.passed, check.value) == (False, 3.0)
    every = design.answer(question(), ledger_of(rows(values), aided(OTHERS)))
    assert every.refused == "refused.controls-aided"
    assert [c.value for c in every.checks] == [9.0]
    none = design.answer(question(), ledger_of(rows(values)))
    assert next(c for c in none.checks if c.key == "controls-clean").passed is None


@pytest.mark.parametrize(
    ("more", "settings", "reason"),
    [
        ({"since": 0}, {}, "undated"),
        ({"since": 2009}, {}, "years-before"),
        ({"since": 2021}, {}, "years-before"),
        ({"year": 2021}, {}, "gap"),
        ({}, {"controls": "D0+D1"}, "no-controls"),
        ({}, {"controls": "elsewhere"}, "no-controls"),
        ({"place": "nowhere"}, {}, "gap"),
    ],
)
def test_what_no_comparison_can_answer_is_refused(more, settings, reason):
    design = Comparison(**({"method": "synthetic-control", "controls": "D*"} | settings))
    got = design.answer(question(**more), ledger_of(rows(outcomes())))
    assert got.refused == f"refused.{reason}"
    assert got.difference is None
    assert got.detectable is None


def test_weights_alone_want_five_years_before_and_constants_two():
    ledger = ledger_of(rows(outcomes()))
    for method, since, refused in (
        ("synthetic-control", 2012, "refused.years-before"),
        ("demeaned-synthetic-control", 2012, "refused.years-before"),
        ("synthetic-control", 2013, ""),
        ("difference-in-differences", 2010, ""),
        ("difference-in-differences", 2009, "refused.years-before"),
    ):
        got = Comparison(method=method, controls="D*").answer(question(since=since), ledger)
        assert (method, since, got.refused) == (method, since, refused)


def test_weights_that_are_not_the_only_ones_are_refused():
    """The place is the mean of two pairs of the same two places."""
    values = outcomes()
    values[3], values[4] = values[1], values[2]
    values[0] = (values[1] + values[2]) / 2
    got = Comparison(method="synthetic-control", controls="D*").answer(question(), ledger_of(rows(values)))
    assert got.refused == "refused.weights"
    assert [(c.key, c.passed) for c in got.checks] == [("unique-weights", False)]
    equal = Comparison(method="difference-in-differences", controls="D*")
    assert equal.answer(question(), ledger_of(rows(values))).refused == ""


def test_five_years_of_data_are_refused_with_their_number():
    values = outcomes()[:, -5:]
    made = [
        observation("area", place, year, values[i, t])
        for i, place in enumerate(("PER", *OTHERS))
        for t, year in enumerate(range(2016, 2021))
    ]
    got = Comparison(method="synthetic-control", controls="D*").answer(question(since=2019), ledger_of(made))
    assert got.refused == "refused.few-years"
    assert [c.value for c in got.checks] == [5.0]


def test_a_logarithm_of_nothing_is_refused_where_it_is_the_place_itself():
    values = outcomes()
    values[0, 3] = 0.0
    got = Comparison(method="difference-in-differences", controls="D*", transform="log").answer(
        question(), ledger_of(rows(values))
    )
    assert got.refused == "refused.rule"


def test_an_outcome_that_is_published_net_fails_its_check():
    design = Comparison(method="difference-in-differences", controls="D*")
    for caveats, passed in (("", True), ("second-hand;net-at-31-december", False)):
        got = design.answer(question(), ledger_of(rows(outcomes(), caveats=caveats)))
        assert next(c for c in got.checks if c.key == "gross-outcome").passed is passed


def test_one_figure_moves_the_effect():
    values = outcomes()
    design = Comparison(method="synthetic-control", controls="D*")
    moved = values.copy()
    moved[0, -1] += 3
    one, two = (design.answer(question(), ledger_of(rows(v))) for v in (values, moved))
    assert two.difference.value == pytest.approx(one.difference.value + 3)


def test_without_placebos_the_effect_is_the_same_and_nothing_else_is_worked_out():
    ledger = ledger_of(rows(outcomes()))
    design = Comparison(method="synthetic-control", controls="D*")
    one = design.answer(question(), ledger)
    two = replace(design, with_placebos=False).answer(question(), ledger)
    assert two.difference.value == one.difference.value
    assert (two.interval_kind, two.checks, two.difference.low) == ("none", (), None)


def test_the_path_ends_in_the_answer_and_holds_every_year():
    got = Comparison(method="synthetic-control", controls="D*").answer(
        question(), ledger_of(rows(outcomes()))
    )
    assert got.path.years == tuple(YEARS)
    assert got.path.counterfactual[-1] == got.counterfactual.value
    assert got.path.low[:-1] == (None,) * (len(YEARS) - 1)


def test_every_row_used_is_named():
    made = rows(outcomes())
    got = Comparison(method="synthetic-control", controls="D*").answer(question(), ledger_of(made))
    assert set(got.inputs) == {row.row for row in made}


def test_the_smallest_difference_told_is_that_of_the_normal_law():
    """2.8016 standard errors for a test at 5 %, and 2.4865 at 10 %: the usual multipliers."""
    got = Comparison(method="difference-in-differences", controls="D*").answer(
        question(), ledger_of(rows(outcomes()))
    )
    error = (got.difference.high - got.difference.low) / 2 / 1.6448536
    assert got.detectable == pytest.approx(2.4864748 * error, rel=1e-6)
    wide = replace(got, level=0.95)
    assert wide.detectable == pytest.approx(
        2.8015852 / 1.959964 * (got.difference.high - got.difference.low) / 2, rel=1e-6
    )


def test_a_line_of_one_place_only_is_no_panel():
    got = Comparison(method="synthetic-control", controls="D*").answer(
        question(), ledger_of(line("area", dict.fromkeys(YEARS, 1.0)))
    )
    assert got.refused == "refused.no-controls"
