"""Generalised synthetic control: alternating least squares, known factors, invariances, and refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from ayni.panel import PanelError, difference_in_differences, panel
from ayni.panel.factors import generalised_synthetic_control
from tests.panel.textbook import textbook, walks

STAGGERED = walks(3, units=20, starts={0: 8, 3: 12, 5: 12})
PANELS = [textbook("prop99"), walks(1), STAGGERED]

every_panel = pytest.mark.parametrize("own", PANELS, ids=["california", "one", "staggered"])


def learned_slowly(outcomes, factors, rounds=3000):
    """Constants, loadings and factors of controls, each in turn by least squares on the others."""
    generator = np.random.default_rng(0)
    n, length = outcomes.shape
    patterns = generator.normal(size=(length, factors))
    alpha, xi, loadings = np.zeros((n, 1)), np.zeros(length), np.zeros((n, factors))
    for _ in range(rounds):
        design = np.column_stack([np.ones(length), patterns])
        found = np.linalg.lstsq(design, (outcomes - xi).T, rcond=None)[0].T
        alpha, loadings = found[:, :1], found[:, 1:]
        design = np.column_stack([np.ones(n), loadings])
        found = np.linalg.lstsq(design, outcomes - alpha, rcond=None)[0]
        xi, patterns = found[0], found[1:].T
    return xi, patterns


def slowly(own, factors):
    """The effects of all treated cells, and the errors before with one period left out at a time."""
    xi, patterns = learned_slowly(own.Y[own.controls], factors)
    effects, errors = [], []
    for unit in np.flatnonzero(~own.controls):
        start = own.starts[unit]
        design = np.column_stack([np.ones(len(xi)), patterns])
        rest = own.Y[unit] - xi
        effects.extend((rest - design @ np.linalg.lstsq(design[:start], rest[:start], rcond=None)[0])[start:])
        for period in range(start):
            others = [t for t in range(start) if t != period]
            loadings = np.linalg.lstsq(design[others], rest[others], rcond=None)[0]
            errors.append(rest[period] - design[period] @ loadings)
    return np.mean(effects), np.mean(np.square(errors))


def simulated(seed, n=45, length=30, start=20, treated=5):
    """Two factors, constants and noise of variance 1; the treated have larger loadings; the effect is 5."""
    generator = np.random.default_rng(seed)
    wide = np.sqrt(3)
    loadings = generator.uniform(-wide, wide, (n, 2))
    loadings[:treated] += wide / 2
    outcomes = loadings @ generator.normal(size=(2, length)) + generator.uniform(-wide, wide, (n, 1))
    outcomes += generator.normal(size=length) + generator.normal(size=(n, length))
    flags = np.zeros((n, length), bool)
    flags[:treated, start:] = True
    return panel(outcomes + 5.0 * flags, flags)


@every_panel
@pytest.mark.parametrize("factors", [0, 1, 2])
def test_alternating_least_squares_ends_at_the_same_effect(own, factors):
    found = generalised_synthetic_control(own, factors=factors).att
    assert found == pytest.approx(slowly(own, factors)[0], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("own", PANELS[1:], ids=["one", "staggered"])
def test_the_number_of_factors_misses_least_when_periods_are_left_out(own):
    errors = [slowly(own, factors)[1] for factors in range(5)]
    found = dict(generalised_synthetic_control(own, most=4).settings)
    assert (found["factors"], found["most"]) == (int(np.argmin(errors)), 4)


def test_known_factors_are_found_where_parallel_trends_fail():
    """100 draws: no bias beyond three standard errors, a third of the error of equal weights."""
    draws = [simulated(seed) for seed in range(100)]
    off = np.array([generalised_synthetic_control(own).att - 5 for own in draws])
    equal = np.array([difference_in_differences(own).att - 5 for own in draws])
    assert abs(off.mean()) < 3 * off.std() / 10
    assert np.sqrt(np.square(off).mean()) < 0.25
    assert np.sqrt(np.square(equal).mean()) > 0.5
    numbers = [dict(generalised_synthetic_control(own).settings)["factors"] for own in draws]
    assert np.mean(np.equal(numbers, 2)) > 0.8


def test_factors_without_noise_give_the_effect_itself():
    generator = np.random.default_rng(4)
    outcomes = generator.normal(size=(15, 2)) @ generator.normal(size=(2, 20)) + np.arange(15.0)[:, None]
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 14:] = treated[4, 10:] = True
    found = generalised_synthetic_control(panel(outcomes + 3.0 * treated, treated))
    assert found.att == pytest.approx(3, abs=1e-9)
    assert dict(found.settings)["factors"] == 2


@every_panel
def test_without_factors_it_is_difference_in_differences(own):
    found = generalised_synthetic_control(own, factors=0)
    assert found.att == pytest.approx(difference_in_differences(own).att, abs=1e-9)


@every_panel
def test_constants_change_nothing_and_scale_scales(own):
    generator = np.random.default_rng(2)
    shift = generator.normal(size=(len(own.units), 1)) * 100 + generator.normal(size=len(own.periods)) * 100
    one = generalised_synthetic_control(own)
    two = generalised_synthetic_control(replace(own, Y=-2.5 * own.Y + shift))
    assert two.att == pytest.approx(-2.5 * one.att, rel=1e-7)
    assert two.settings == one.settings


@every_panel
def test_the_order_of_units_does_not_matter(own):
    order = np.random.default_rng(3).permutation(len(own.units))
    other = replace(own, Y=own.Y[order], treated=own.treated[order], units=tuple(own.units[i] for i in order))
    one, two = generalised_synthetic_control(own), generalised_synthetic_control(other)
    assert two.att == pytest.approx(one.att, rel=1e-8)
    assert two.settings == one.settings


@every_panel
def test_an_effect_that_is_added_is_found_on_top_and_twice_is_the_same(own):
    one = generalised_synthetic_control(own).att
    assert generalised_synthetic_control(own).att == one
    added = generalised_synthetic_control(replace(own, Y=own.Y + 3.0 * own.treated)).att
    assert added == pytest.approx(one + 3, abs=1e-9)


@every_panel
@pytest.mark.parametrize("factors", [0, 1, 4])
def test_the_factors_leave_the_least_squares_possible(own, factors):
    assert generalised_synthetic_control(own, factors=factors).cohorts[0].gap <= 1e-12


def with_one_treated(outcomes, start):
    treated = np.zeros(np.shape(outcomes), bool)
    treated[0, start:] = True
    return panel(np.asarray(outcomes, float), treated)


@pytest.mark.parametrize(
    "own",
    [
        with_one_treated(np.full((5, 8), 1e6 / 3), 5),
        with_one_treated(np.add.outer(np.arange(6) / 7, np.arange(8) / 3), 5),
        walks(1, units=2),
        walks(1, units=30, periods=6, starts={0: 1}),
    ],
    ids=["constant", "constants alone", "one control", "one period before"],
)
def test_where_nothing_tells_a_factor_there_is_none(own):
    found = generalised_synthetic_control(own)
    assert dict(found.settings)["factors"] == 0
    assert found.att == pytest.approx(difference_in_differences(own).att, abs=1e-8)


def test_no_more_factors_are_tried_than_the_earliest_can_do_without_a_period():
    own = walks(3, units=20, starts={0: 3, 5: 12})
    assert dict(generalised_synthetic_control(own).settings)["most"] == 1


@pytest.mark.parametrize("seed", range(12))
def test_where_several_numbers_leave_but_rounding_the_least_is_taken(seed):
    """The controls have two factors; the treated unit is their mean and a constant, and has none."""
    generator = np.random.default_rng(seed)
    outcomes = generator.normal(size=(9, 2)) @ generator.normal(size=(2, 16)) * 1e3
    outcomes[0] = outcomes[1:].mean(axis=0) + 7
    found = generalised_synthetic_control(with_one_treated(outcomes, 12))
    assert dict(found.settings) == {"factors": 0, "most": 2}
    assert found.att == pytest.approx(0, abs=1e-9)


def test_weights_have_no_meaning_and_say_so():
    found = generalised_synthetic_control(STAGGERED)
    assert all(np.isnan(one.unit_weights).all() and np.isnan(one.time_weights).all() for one in found.cohorts)
    assert [(one.since, one.cells) for one in found.cohorts] == [(8, 12), (12, 16)]


def test_refusals():
    ask = partial(generalised_synthetic_control, STAGGERED)
    with pytest.raises(PanelError, match="-1 factors, expected 0 or more"):
        ask(factors=-1)
    with pytest.raises(PanelError, match="at most -1 factors are to be tried, expected 0 or more"):
        ask(most=-1)
    with pytest.raises(PanelError, match="17 controls over 20 periods have 16; ask for no more"):
        ask(factors=17)
    with pytest.raises(PanelError, match="need 9 periods before treatment, 0 has 8; ask for fewer"):
        ask(factors=8)
    missing = STAGGERED.Y.copy()
    missing[7] = np.nan
    with pytest.raises(PanelError, match="generalised synthetic control needs every outcome; 1 units lack"):
        generalised_synthetic_control(replace(STAGGERED, Y=missing))


def test_a_factor_that_sleeps_before_is_refused_and_not_chosen():
    """The controls only differ in the last periods: before, the factor is as constant as the constant."""
    outcomes = np.outer(np.arange(8.0), [0, 0, 0, 0, 0, 0, 1, 2, 1])
    own = with_one_treated(outcomes, 6)
    with pytest.raises(PanelError, match="before 6, 1 factors move together or not at all"):
        generalised_synthetic_control(own, factors=1)
    assert dict(generalised_synthetic_control(own).settings)["factors"] == 0
