"""Diagnostics: by hand on small panels, and what they say of the textbook ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import (
    Panel,
    difference_in_differences,
    imputation,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.checks import checks, hull_distance, pre_fit, sign_kept, spare_directions, trend_breakdown
from tests.panel.textbook import textbook, walks


def small(outcomes: list[list[float]], start: int) -> Panel:
    treated = np.zeros(np.shape(outcomes), bool)
    treated[0, start:] = True
    return panel(np.array(outcomes), treated)


def found(own: Panel, method) -> dict[str, tuple[float, bool | None]]:
    return {one.code: (one.value, one.passed) for one in checks(own, method(own))}


def test_the_fit_is_the_variation_that_is_followed():
    """By hand: errors 1, -1, 0 of the mean control; the treated vary by 1 + 0 + 1."""
    own = small([[1.0, 2, 3, 9], [0, 3, 3, 4]], 3)
    assert pre_fit(own, synthetic_control(own)) == pytest.approx(1 - 2 / 2)
    better = small([[1.0, 2, 3, 9], [1, 2, 2, 4]], 3)
    assert pre_fit(better, synthetic_control(better)) == pytest.approx(1 - 1 / 2)


def test_treated_units_that_do_not_vary_have_no_fit():
    own = small([[2.0, 2, 2, 9], [0, 3, 3, 4]], 3)
    assert [c.passed for c in checks(own, synthetic_control(own)) if c.code == "pre-fit"] == [None]


def test_the_distance_to_the_hull():
    """By hand: the nearest of 0 and 2 to 5 is 2, three away; the controls are 1 from their mean."""
    own = small([[5.0, 9], [0, 1], [2, 3]], 1)
    assert hull_distance(own) == pytest.approx(3)
    inside = small([[1.2, 9], [0, 1], [2, 3]], 1)
    assert hull_distance(inside) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("outcomes", "spare"),
    [
        # Two controls, the target between them: one mixture.
        ([[1.0, 9], [0, 1], [2, 3]], 0),
        # Three controls on a line: a family of mixtures with one direction; four: two.
        ([[1.0, 9], [0, 1], [2, 3], [0.5, 1]], 1),
        ([[1.0, 9], [0, 1], [2, 3], [0.5, 1], [3, 1]], 2),
        # Outside, at a corner that two controls share.
        ([[5.0, 9], [2, 1], [2, 3], [0, 0]], 1),
        ([[5.0, 9], [2, 1], [1, 3], [0, 0]], 0),
    ],
)
def test_directions_that_are_spare(outcomes, spare):
    own = small(outcomes, 1)
    assert spare_directions(own, synthetic_control(own)) == spare


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_the_weights_of_the_textbook_panels_are_unique(name):
    own = textbook(name)
    assert found(own, synthetic_control)["unique-weights"] == (0, True)
    twins = Panel(
        Y=np.vstack([own.Y, own.Y]),
        treated=np.vstack([own.treated, own.treated & False]),
        units=(*own.units, *(f"{unit} again" for unit in own.units)),
        periods=own.periods,
    )
    same = [unit for unit in twins.units if unit.removesuffix(" again") not in _treated(own)]
    kept = np.array([unit in same or unit in _treated(own) for unit in twins.units])
    doubled = Panel(
        Y=twins.Y[kept],
        treated=twins.treated[kept],
        units=tuple(unit for unit in twins.units if unit in same or unit in _treated(own)),
        periods=own.periods,
    )
    support = int((synthetic_control(own).cohorts[0].unit_weights > 0).sum())
    assert spare_directions(doubled, synthetic_control(doubled)) == support


def _treated(own: Panel) -> set[str]:
    return {unit for unit, free in zip(own.units, own.controls, strict=True) if not free}


def test_the_breakdown_is_where_the_drift_eats_the_effect():
    """By hand: differences 0, 1, 0 before change by 1 at most; after two periods the mean drift is 1.5."""
    own = small([[0.0, 1, 0, 6, 6], [0, 0, 0, 0, 0]], 3)
    estimate = synthetic_control(own)
    assert estimate.att == 6
    assert trend_breakdown(own, estimate) == pytest.approx(6 / 1.5)
    smaller = replace(estimate, cohorts=(replace(estimate.cohorts[0], att=-1.2),))
    assert trend_breakdown(own, smaller) == pytest.approx(1.2 / 1.5)
    once = small([[0.0, 6], [0, 0]], 1)
    assert np.isnan(trend_breakdown(once, synthetic_control(once)))


def test_california_keeps_its_sign_whoever_is_left_out():
    own = textbook("prop99")
    check = sign_kept(own, synthetic_control(own), synthetic_control)
    assert (check.value, check.passed) == (1.0, True)


def test_a_scale_changes_no_check():
    for own in (textbook("prop99"), walks(3, starts={0: 8, 3: 12, 5: 12})):
        for method in (synthetic_control, difference_in_differences, synthetic_difference_in_differences):
            one, two = found(own, method), found(replace(own, Y=own.Y * 1000), method)
            assert {code: passed for code, (_, passed) in one.items()} == {
                code: passed for code, (_, passed) in two.items()
            }
            for code, (value, _) in one.items():
                assert two[code][0] == pytest.approx(value, rel=1e-6, abs=1e-9)


def test_what_has_no_weights_has_no_effective_controls():
    own = walks(3, starts={0: 8, 3: 12, 5: 12})
    codes = {one.code: one.passed for one in checks(own, imputation(own).estimate)}
    assert codes["effective-controls"] is None
    assert codes["trend-breakdown"] is not None
