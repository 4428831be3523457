"""Conformal inference: a slow second way, coverage, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    conformal,
    demeaned_synthetic_control,
    difference_in_differences,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.cohorts import blocks
from ayni.panel.conformal import _METHODS, _Test
from tests.panel.textbook import textbook, walks

METHODS = [difference_in_differences, synthetic_control, demeaned_synthetic_control]


def slowly(own, method, effect):
    """The p-value by the method itself: all periods are before, and one that counts nothing follows."""
    start = int(own.starts.min())
    outcomes = own.Y - effect * own.treated
    n, length = outcomes.shape
    longer = np.hstack([outcomes, np.zeros((n, 1))])
    treated = np.zeros(longer.shape, bool)
    treated[~own.controls, -1] = True
    errors = np.abs(method(panel(longer, treated)).cohorts[0].difference[:-1])
    shifts = [np.roll(errors, shift)[start:].mean() for shift in range(length)]
    return np.mean([one >= shifts[0] * (1 - 1e-12) for one in shifts])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_the_p_value_of_no_effect_is_what_shuffling_by_hand_gives(method, name):
    own = textbook(name)
    assert conformal(own, method).p_value == pytest.approx(slowly(own, method, 0.0))


@pytest.mark.parametrize("method", METHODS)
def test_the_ends_are_where_effects_begin_to_be_rejected(method):
    own = walks(1, units=10, periods=40, starts={0: 34})
    found = conformal(own, method, level=0.9)
    width = found.high - found.low
    for end, out in ((found.low, -1), (found.high, 1)):
        assert slowly(own, method, end - out * 1e-4 * width) > 0.1
        assert slowly(own, method, end + out * 1e-4 * width) <= 0.1


@pytest.mark.parametrize("method", METHODS)
def test_an_effect_that_is_added_moves_the_interval(method):
    own = walks(2, units=10, periods=40, starts={0: 34})
    one = conformal(own, method)
    two = conformal(replace(own, Y=own.Y + 5.0 * own.treated), method)
    assert (two.low, two.high) == pytest.approx((one.low + 5, one.high + 5), abs=1e-3 * (one.high - one.low))


def test_it_covers_as_often_as_it_says():
    """400 panels of noise: 90 percent or a little more, within three standard errors of the count."""
    covered = 0
    for seed in range(400):
        generator = np.random.default_rng(seed)
        outcomes = generator.normal(size=(8, 30)) + generator.normal(size=30)
        treated = np.zeros(outcomes.shape, bool)
        treated[0, 26:] = True
        block = next(blocks(panel(outcomes + 2.0 * treated, treated), ""))
        covered += _Test(block, _METHODS[synthetic_control]).p_value(2.0) > 0.1
    assert 0.855 <= covered / 400 <= 0.96


def test_refusals():
    with pytest.raises(PanelError, match="synthetic_difference_in_differences is not one of"):
        conformal(walks(1), synthetic_difference_in_differences)
    with pytest.raises(PanelError, match="2 units are treated, expected one"):
        conformal(walks(1, starts={0: 12, 1: 12}), synthetic_control)
    with pytest.raises(
        PanelError, match=r"5 periods tell no p-value under 0.2; the level may be 0.8 at most"
    ):
        conformal(walks(1, periods=5, starts={0: 3}), synthetic_control)
