"""Doses: against the engine run by hand, what the ledger must hold, checks both ways."""

# mypy: disable-error-code="union-attr, arg-type, operator"
from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ayni.designs.comparison import LEVEL
from ayni.designs.dose import Dose
from ayni.designs.records import Cause, Question
from ayni.panel import reassigned_slope
from tests.ledger.samples import flow, ledger_of, observation

CAUSE = Cause(provider="USA", recipient="PER", stage="obligated", origin="release")
YEARS = range(2000, 2012)
PLACES = ("PER", *(f"C{i}" for i in range(5)))


def question(**more) -> Question:
    told = {
        "key": "q",
        "interest": "influence",
        "indicator": "distance",
        "place": "PER",
        "year": 2011,
        "cause": CAUSE,
        "big": 0.5,
        "es": "¿?",
        "en": "?",
    }
    return Question(**(told | more))


def figures(seed=1, slope=0.3):
    generator = np.random.default_rng(seed)
    money = generator.uniform(1, 9, size=(len(PLACES), len(YEARS)))
    noise = 0.5 * generator.normal(size=money.shape)
    return 5 + slope * money + noise + np.arange(float(len(PLACES)))[:, None], money


def ledger(outcomes, money, *, lag=0, base=2023):
    rows = [
        observation("distance", place, year, outcomes[i, t], unit="point")
        for i, place in enumerate(PLACES)
        for t, year in enumerate(YEARS)
        if not np.isnan(outcomes[i, t])
    ]
    given = [
        flow(year - lag, 1e6 * money[i, t], recipient=place, price_base=base)
        for i, place in enumerate(PLACES)
        for t, year in enumerate(YEARS)
        if not np.isnan(money[i, t])
    ]
    return ledger_of(rows, given)


@pytest.mark.parametrize("lag", [0, 2])
def test_the_effect_is_the_slope_times_the_money_of_that_year(lag):
    outcomes, money = figures()
    got = Dose(places="C*", since=2000, lag=lag).answer(question(), ledger(outcomes, money, lag=lag))
    slope = reassigned_slope(outcomes, 1e6 * money, level=LEVEL)
    given = 1e6 * money[0, -1]
    assert got.difference.value == pytest.approx(slope.estimate * given)
    assert (got.difference.low, got.difference.high) == pytest.approx((slope.low * given, slope.high * given))
    assert got.counterfactual.value == pytest.approx(outcomes[0, -1] - slope.estimate * given)
    assert (got.level, got.interval_kind) == (LEVEL, "reassignment")
    assert float(dict(got.settings)["money"]) == pytest.approx(given)


def test_in_logarithms_the_answer_is_in_the_outcomes_unit_again():
    outcomes, money = figures()
    got = Dose(places="C*", since=2000, transform="log").answer(question(), ledger(outcomes, money))
    slope = reassigned_slope(np.log(outcomes), 1e6 * money, level=LEVEL)
    without = outcomes[0, -1] * np.exp(-slope.estimate * 1e6 * money[0, -1])
    assert got.counterfactual.value == pytest.approx(without)
    assert got.difference.low <= got.difference.value <= got.difference.high


def test_prices_of_another_year_change_nothing():
    outcomes, money = figures()
    one = Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money))
    two = Dose(places="C*", since=2000).answer(question(), ledger(outcomes, 1.37 * money, base=2024))
    assert two.difference.value == pytest.approx(one.difference.value)
    assert two.difference.low == pytest.approx(one.difference.low)


def test_amounts_at_the_prices_of_each_year_are_not_taken_for_constant_ones():
    outcomes, money = figures()
    got = Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money, base=None))
    assert got.refused == "refused.gap"


def test_amounts_at_the_prices_of_two_years_are_not_mixed():
    outcomes, money = figures()
    held = ledger(outcomes, money)
    given = held.kept["flows"]
    assert isinstance(given, pl.DataFrame)
    mixed = pl.when(pl.col("recipient") == "PER").then(2024).otherwise(pl.col("price_base"))
    held.kept["flows"] = given.with_columns(mixed.cast(given.schema["price_base"]).alias("price_base"))
    got = Dose(places="C*", since=2000).answer(question(), held)
    assert got.refused == "refused.prices-mixed"


def test_a_place_without_a_figure_of_money_is_left_out_for_silence_is_not_zero():
    outcomes, money = figures()
    money[3, 4] = np.nan
    got = Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money))
    told = dict(got.settings)
    assert (told["used"], told["dropped"]) == ("5", "1")
    kept = [0, 1, 2, 4, 5]
    slope = reassigned_slope(outcomes[kept], 1e6 * money[kept], level=LEVEL)
    assert got.difference.value == pytest.approx(slope.estimate * 1e6 * money[0, -1])


def test_outcomes_may_be_missing():
    outcomes, money = figures()
    outcomes[2, 5] = np.nan
    got = Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money))
    slope = reassigned_slope(outcomes, 1e6 * money, level=LEVEL)
    assert got.difference.value == pytest.approx(slope.estimate * 1e6 * money[0, -1])


@pytest.mark.parametrize(
    ("hole", "settings", "reason"),
    [
        ("outcome", {}, "gap"),
        ("money", {}, "gap"),
        ("none", {"until": 2010}, "window"),
        ("alike", {}, "money-alike"),
    ],
)
def test_what_no_slope_can_answer_is_refused(hole, settings, reason):
    outcomes, money = figures()
    if hole == "outcome":
        outcomes[0, -1] = np.nan
    if hole == "money":
        money[0, 3] = np.nan
    if hole == "alike":
        money[:] = np.arange(float(len(YEARS)))
    design = replace(Dose(places="C*", since=2000), **settings)
    got = design.answer(question(), ledger(outcomes, money))
    assert got.refused == f"refused.{reason}"
    assert got.difference is None


def checks(got):
    return {check.key: check for check in got.checks}


def test_places_without_money_are_counted():
    outcomes, money = figures()
    found = checks(Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money)))
    assert (found["someone-without"].passed, found["someone-without"].value) == (False, 0.0)
    assert (found["place-count"].passed, found["place-count"].value) == (False, 6.0)
    money[1:3, :6] = 0.0
    found = checks(Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money)))
    assert found["someone-without"].passed is True
    assert found["someone-without"].value == pytest.approx(100 * 12 / 72)


def test_money_that_follows_the_outcome_is_caught():
    """The outcome moves first, and the money of the year after goes with it."""
    generator = np.random.default_rng(3)
    outcomes = generator.normal(size=(len(PLACES), len(YEARS)))
    money = 5 + np.column_stack([generator.normal(size=len(PLACES)), outcomes[:, :-1]])
    found = checks(Dose(places="C*", since=2000).answer(question(), ledger(5 + outcomes, money)))
    assert found["no-lead"].passed is False
    sound, given = figures()
    found = checks(Dose(places="C*", since=2000).answer(question(), ledger(sound, given)))
    assert found["no-lead"].passed is True


def test_a_slope_that_one_place_makes_is_caught():
    outcomes, money = figures(slope=0.0)
    outcomes[2] += 3 * money[2]
    outcomes[[0, 1, 3, 4, 5]] -= 0.2 * money[[0, 1, 3, 4, 5]]
    found = checks(Dose(places="C*", since=2000).answer(question(), ledger(outcomes, money)))
    assert found["one-place"].passed is False
    sound, given = figures()
    assert checks(Dose(places="C*", since=2000).answer(question(), ledger(sound, given)))["one-place"].passed


def test_without_dealings_the_effect_is_the_same():
    outcomes, money = figures()
    design = Dose(places="C*", since=2000)
    one = design.answer(question(), ledger(outcomes, money))
    two = replace(design, with_dealings=False).answer(question(), ledger(outcomes, money))
    assert two.difference.value == pytest.approx(one.difference.value)
    assert (two.interval_kind, two.checks, two.difference.low) == ("none", (), None)
