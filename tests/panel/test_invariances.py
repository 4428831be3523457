"""What must not change an effect, what must change it in proportion, and what two-way fixed effects say."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from ayni.panel import (
    Panel,
    demeaned_synthetic_control,
    difference_in_differences,
    imputation,
    synthetic_control,
    synthetic_difference_in_differences,
)
from tests.panel.textbook import textbook, walks

METHODS = [
    difference_in_differences,
    synthetic_control,
    demeaned_synthetic_control,
    synthetic_difference_in_differences,
]
PANELS = [
    textbook("prop99"),
    walks(1),
    walks(2, starts={0: 12, 1: 12}),
    walks(3, starts={0: 8, 3: 12, 5: 12}),
]

every_method = pytest.mark.parametrize("method", METHODS)
every_panel = pytest.mark.parametrize("panel", PANELS, ids=["california", "one", "two", "staggered"])


def with_outcomes(panel: Panel, outcomes: np.ndarray) -> Panel:
    return replace(panel, Y=outcomes)


# What is common to a period counts as noise, to which the ridge is proportional (eq. 2.2 of the paper).
@pytest.mark.parametrize("method", [*METHODS[:3], partial(synthetic_difference_in_differences, noise=1.0)])
@every_panel
def test_a_constant_for_each_period_changes_nothing(method, panel):
    common = np.random.default_rng(1).normal(size=len(panel.periods)) * 100
    assert method(with_outcomes(panel, panel.Y + common)).att == pytest.approx(method(panel).att, abs=1e-7)


@pytest.mark.parametrize("method", [m for m in METHODS if m is not synthetic_control])
@every_panel
def test_a_constant_for_each_unit_changes_nothing_but_synthetic_control(method, panel):
    own = np.random.default_rng(2).normal(size=(len(panel.units), 1)) * 10
    assert method(with_outcomes(panel, panel.Y + own)).att == pytest.approx(method(panel).att, abs=1e-7)


@every_method
@every_panel
@pytest.mark.parametrize("factor", [1e-3, -2.5, 1e4])
def test_another_unit_of_measurement_scales_the_effect(method, panel, factor):
    scaled = method(with_outcomes(panel, panel.Y * factor)).att
    assert scaled == pytest.approx(method(panel).att * factor, rel=1e-7)


@every_method
@every_panel
def test_the_order_of_units_does_not_matter(method, panel):
    order = np.random.default_rng(3).permutation(len(panel.units))
    other = Panel(
        Y=panel.Y[order],
        treated=panel.treated[order],
        units=tuple(panel.units[i] for i in order),
        periods=panel.periods,
    )
    one, two = method(panel), method(other)
    assert two.att == pytest.approx(one.att, abs=1e-8)
    for first, second in zip(one.cohorts, two.cohorts, strict=True):
        assert second.unit_weights == pytest.approx(first.unit_weights[order], abs=1e-6)


@every_method
@every_panel
def test_an_effect_that_is_added_is_found_on_top(method, panel):
    added = method(with_outcomes(panel, panel.Y + 3.0 * panel.treated)).att
    assert added == pytest.approx(method(panel).att + 3.0, abs=1e-9)


@every_method
def test_an_effect_without_noise_is_found(method):
    """Every unit is the common walk plus a constant: by hand the effect is what was added."""
    common = np.random.default_rng(4).normal(size=15).cumsum()
    outcomes = common + np.arange(6.0)[:, None]
    treated = np.zeros(outcomes.shape, bool)
    treated[2, 9:] = True
    panel = Panel(
        Y=outcomes + 7.0 * treated, treated=treated, units=tuple("abcdef"), periods=tuple(range(15))
    )
    if method is synthetic_difference_in_differences:
        panel = with_outcomes(panel, panel.Y + np.random.default_rng(5).normal(size=panel.Y.shape) * 1e-9)
    assert method(panel).att == pytest.approx(7.0, abs=1e-6)


@pytest.mark.parametrize("panel", PANELS[:3], ids=["california", "one", "two"])
def test_difference_in_differences_is_the_coefficient_of_two_way_fixed_effects(panel):
    n, length = panel.Y.shape
    dummies = [np.kron(np.eye(n), np.ones((length, 1))), np.kron(np.ones((n, 1)), np.eye(length))]
    design = np.column_stack([panel.treated.ravel(), *dummies])
    coefficient = np.linalg.lstsq(design, panel.Y.ravel(), rcond=None)[0][0]
    assert difference_in_differences(panel).att == pytest.approx(coefficient, abs=1e-9)


@every_method
def test_cohorts_are_estimated_apart_and_weighed_by_their_cells(method):
    panel = walks(3, starts={0: 8, 3: 12, 5: 12})
    found = method(panel)
    assert [one.since for one in found.cohorts] == [8, 12]
    assert [one.cells for one in found.cohorts] == [12, 16]
    alone = []
    for units in ([0], [3, 5]):
        kept = panel.controls.copy()
        kept[units] = True
        names = tuple(name for name, keep in zip(panel.units, kept, strict=True) if keep)
        one = Panel(Y=panel.Y[kept], treated=panel.treated[kept], units=names, periods=panel.periods)
        alone.append(method(one).att)
    assert found.att == pytest.approx((12 * alone[0] + 16 * alone[1]) / 28, abs=1e-10)


def test_the_line_of_an_estimate_says_what_carries_it():
    line = str(synthetic_control(textbook("prop99")))
    assert line == "synthetic-control: -19.5136 (pre-period RMSPE 1.656; effective controls 3.8)"


def test_a_method_without_weights_counts_no_controls():
    assert str(imputation(textbook("prop99")).estimate) == "imputation: -27.3491 (pre-period RMSPE 6.974)"
