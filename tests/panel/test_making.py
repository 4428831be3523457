"""A panel that is none: every fault at once, in words."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    demeaned_synthetic_control,
    difference_in_differences,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)

Y = np.arange(12.0).reshape(3, 4)
D = np.zeros((3, 4), bool)
D[0, 2:] = True
TWO_BY_TWO = np.array([[2.0, 9.0], [1.0, 4.0]])
METHODS = [
    difference_in_differences,
    synthetic_control,
    demeaned_synthetic_control,
    synthetic_difference_in_differences,
]


def changed(what: np.ndarray, row: int, column: int, value: float) -> np.ndarray:
    other = what.astype(float)
    other[row, column] = value
    return other


@pytest.mark.parametrize(
    ("outcomes", "treated", "names", "words"),
    [
        (Y[0], D[0], {}, r"shape \(4,\), expected units by periods"),
        (Y, D[:, :3], {}, r"treated has shape \(3, 3\), expected that of Y, \(3, 4\)"),
        (changed(Y, 1, 2, np.inf), D, {}, r"Y\[1, 2\] is infinite"),
        (Y, changed(D, 1, 2, 0.5), {}, "a dose is no switch"),
        (Y, D, {"units": ["a", "a", "b"]}, "named twice: a"),
        (Y, D, {"units": ["a", "b"]}, "2 units are named, Y has 3"),
        (Y, D, {"periods": [1, 2, 3]}, "3 periods are named, Y has 4"),
        (Y, D, {"periods": [1, 2, 2, 3]}, "periods do not ascend"),
        (Y, changed(D, 0, 3, 0), {}, "treatment ends for 0"),
        (Y, np.zeros_like(D), {}, "no cell is treated"),
        (Y, np.tile([False, False, True, True], (3, 1)), {}, "every unit is treated"),
        (Y, np.tile([[True], [False], [False]], (1, 4)), {"periods": [5, 6, 7, 8]}, "first period, 5"),
    ],
)
def test_what_is_wrong_is_said(outcomes, treated, names, words):
    with pytest.raises(PanelError, match=words):
        panel(outcomes, treated, **names)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(PanelError) as caught:
        panel(changed(Y, 0, 0, -np.inf), D, units=["a", "a"], periods=[4, 3, 2, 1])
    assert str(caught.value).count(";") >= 3


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_outcome_is_refused_by_name(method):
    one = panel(changed(Y, 2, 1, np.nan), D, units=["x", "y", "z"])
    with pytest.raises(PanelError, match="1 units lack some: z; leave out"):
        method(one)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("outcomes", [np.full((3, 4), 5.0), np.zeros((3, 4))])
def test_outcomes_that_never_change_give_no_effect(method, outcomes):
    assert method(panel(outcomes, D)).att == 0


@pytest.mark.parametrize("method", METHODS[:3])
def test_one_control_and_one_period_before_are_enough_for_some(method):
    """By hand: 9 less 4 after, and for those that look at the change, less the 2 less 1 before."""
    found = method(panel(TWO_BY_TWO, [[False, True], [False, False]]))
    assert found.att == (5.0 if method is synthetic_control else 4.0)


def test_one_period_before_has_no_noise():
    with pytest.raises(PanelError, match="0 changes of controls before 1"):
        synthetic_difference_in_differences(panel(TWO_BY_TWO, [[False, True], [False, False]]))
