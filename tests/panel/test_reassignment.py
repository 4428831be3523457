"""Slopes on a dose, and doses dealt out anew: against plain least squares, every dealing, and a search."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from ayni.panel import PanelError, reassigned_slope


def made(units=5, periods=8, seed=1, slope=0.7):
    generator = np.random.default_rng(seed)
    doses = generator.normal(size=(units, periods)).cumsum(axis=1)
    noise = generator.normal(size=(units, periods))
    return 3.0 + slope * doses + noise + generator.normal(size=(units, 1)), doses


def with_dummies(outcomes, doses):
    """The coefficient by least squares on a dummy for each unit and period."""
    rows, columns = np.nonzero(~np.isnan(outcomes))
    units, periods = np.eye(len(outcomes))[rows], np.eye(outcomes.shape[1])[columns]
    design = np.column_stack([doses[rows, columns], units, periods])
    return np.linalg.lstsq(design, outcomes[rows, columns], rcond=None)[0][0]


def p_value(outcomes, doses, slope):
    """The share of all dealings as far out, each by regressions of its own."""
    told = []
    for order in permutations(range(len(doses))):
        dealt = np.where(np.isnan(outcomes), np.nan, doses[list(order)])
        left = without_constants(dealt)
        told.append(abs(np.nansum((outcomes - slope * doses) * left)) / np.sqrt(np.nansum(left**2)))
    return np.mean(np.array(told) >= told[0] * (1 - 1e-9))


def without_constants(values):
    rows, columns = np.nonzero(~np.isnan(values))
    design = np.column_stack([np.eye(len(values))[rows], np.eye(values.shape[1])[columns]])
    fit = design @ np.linalg.lstsq(design, values[rows, columns], rcond=None)[0]
    left = np.full(values.shape, np.nan)
    left[rows, columns] = values[rows, columns] - fit
    return left


def with_holes(outcomes):
    outcomes = outcomes.copy()
    outcomes[0, 2] = outcomes[3, 5] = np.nan
    return outcomes


@pytest.mark.parametrize("holes", [False, True])
def test_the_slope_is_that_of_dummies(holes):
    outcomes, doses = made()
    outcomes = with_holes(outcomes) if holes else outcomes
    assert reassigned_slope(outcomes, doses).estimate == pytest.approx(
        with_dummies(outcomes, doses), rel=1e-10
    )


@pytest.mark.parametrize("holes", [False, True])
def test_the_p_value_and_both_ends_are_those_of_every_dealing(holes):
    outcomes, doses = made(slope=0.2)
    outcomes = with_holes(outcomes) if holes else outcomes
    found = reassigned_slope(outcomes, doses, level=0.9)
    assert found.exact
    assert len(found.draws) == 119
    assert found.p_value == pytest.approx(p_value(outcomes, doses, 0.0))
    for end, inside in ((found.low, 1), (found.high, -1)):
        assert p_value(outcomes, doses, end + inside * 1e-6) > 0.1
        assert p_value(outcomes, doses, end - inside * 1e-6) <= 0.1


def test_a_larger_level_gives_a_wider_interval():
    outcomes, doses = made()
    one, two = reassigned_slope(outcomes, doses, level=0.8), reassigned_slope(outcomes, doses, level=0.95)
    assert two.low <= one.low < one.estimate < one.high <= two.high


def test_constants_of_units_and_periods_change_nothing():
    outcomes, doses = made()
    moved = outcomes + 5 * np.arange(5.0)[:, None] - np.arange(8.0) ** 2
    one, two = reassigned_slope(outcomes, doses), reassigned_slope(moved, doses)
    assert (two.estimate, two.low, two.high) == pytest.approx((one.estimate, one.low, one.high), abs=1e-9)


def test_units_of_measurement_scale_the_answer():
    outcomes, doses = made()
    one, two = reassigned_slope(outcomes, doses), reassigned_slope(1000 * outcomes, 1e-6 * doses)
    assert (two.estimate, two.low, two.high) == pytest.approx(
        tuple(1e9 * x for x in (one.estimate, one.low, one.high))
    )
    assert two.p_value == one.p_value


def test_a_slope_added_to_the_outcome_moves_the_interval_with_it():
    outcomes, doses = made()
    one, two = reassigned_slope(outcomes, doses), reassigned_slope(outcomes + 4 * doses, doses)
    assert (two.estimate, two.low, two.high) == pytest.approx((one.estimate + 4, one.low + 4, one.high + 4))


def test_the_seed_decides_a_draw():
    outcomes, doses = made(units=12, periods=6)
    one, two = (reassigned_slope(outcomes, doses, most=300, seed=s) for s in (3, 3))
    assert not one.exact
    assert (one.low, one.high, one.p_value) == (two.low, two.high, two.p_value)
    assert reassigned_slope(outcomes, doses, most=300, seed=4).low != one.low


def test_too_few_dealings_for_the_level_leave_it_open():
    outcomes, doses = made(units=3)
    found = reassigned_slope(outcomes, doses, level=0.9)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_paths_that_are_all_alike_are_refused():
    outcomes, _ = made()
    with pytest.raises(PanelError, match="does not vary"):
        reassigned_slope(outcomes, np.tile(np.arange(8.0), (5, 1)))


def test_all_faults_are_told_at_once():
    outcomes, doses = made(units=2)
    doses[1, 3] = np.nan
    with pytest.raises(PanelError, match=r"D\[1, 3\] is nan.*2 units; expected 3"):
        reassigned_slope(outcomes, doses)
    with pytest.raises(PanelError, match="shape"):
        reassigned_slope(outcomes, doses[:, :4])
