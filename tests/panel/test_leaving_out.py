"""The jackknife in closed form and unit by unit, leaving out controls, dating back."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    backdated,
    difference_in_differences,
    imputation,
    jackknife,
    leave_one_out,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)
from tests.panel.textbook import textbook, walks

METHODS = [difference_in_differences, synthetic_control, synthetic_difference_in_differences]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("starts", [{0: 12, 1: 12, 4: 12}, {0: 8, 1: 8, 4: 12, 5: 12, 6: 12}])
def test_the_jackknife_is_what_leaving_out_each_unit_gives(method, starts):
    own = walks(1, starts=starts)
    found = method(own)
    slowly = []
    for left in range(len(own.units)):
        effects, cells = [], []
        for one in found.cohorts:
            start = own.periods.index(one.since)
            omega = np.delete(one.unit_weights, left)
            omega = omega / omega.sum()
            rows = np.delete(own.Y, left, axis=0)
            treated = np.delete(own.starts == start, left)
            gain = rows[:, start:].mean(axis=1) - rows[:, :start] @ one.time_weights[:start]
            effects.append(gain[treated].mean() - omega @ gain)
            cells.append(treated.sum() * (len(own.periods) - start))
        slowly.append(np.average(effects, weights=cells))
    n = len(slowly)
    error = np.sqrt((n - 1) / n * np.square(np.array(slowly) - found.att).sum())
    interval = jackknife(own, found)
    assert interval.draws == pytest.approx(slowly, abs=1e-10)
    assert interval.standard_error == pytest.approx(error, rel=1e-10)


def test_one_treated_unit_has_no_jackknife():
    own = textbook("prop99")
    with pytest.raises(PanelError, match="California is the only unit treated from 1989 on"):
        jackknife(own, synthetic_difference_in_differences(own))


def test_a_method_without_weights_has_no_jackknife():
    own = walks(1, starts={0: 12, 1: 12})
    with pytest.raises(PanelError, match="imputation has no weights to hold fixed"):
        jackknife(own, imputation(own).estimate)


def test_a_control_with_all_the_weight_has_none_either():
    own = panel(np.array([[5.0, 6, 7], [5, 6, 8], [5, 6, 7], [90, 0, 5]]), _two_treated())
    with pytest.raises(PanelError, match="2 has all the weight"):
        jackknife(own, synthetic_control(own))


def _two_treated() -> np.ndarray:
    treated = np.zeros((4, 3), bool)
    treated[:2, 2] = True
    return treated


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_leaving_out_from_one_gram_matrix_is_fitting_anew(name):
    own = textbook(name)
    shared = leave_one_out(own, synthetic_control)
    singly = leave_one_out(own, lambda one: synthetic_control(one))  # noqa: PLW0108
    assert [one.unit for one in shared] == [one.unit for one in singly]
    assert [one.att for one in shared] == pytest.approx([one.att for one in singly], rel=1e-7)


def test_leaving_out_a_control_without_weight_changes_nothing():
    own = textbook("germany")
    found = synthetic_control(own)
    weights = dict(zip(own.units, found.cohorts[0].unit_weights, strict=True))
    same = [one.att for one in leave_one_out(own, synthetic_control) if weights[one.unit] == 0]
    assert len(same) > 5
    assert same == pytest.approx([found.att] * len(same))


def test_the_only_control_cannot_be_left_out():
    with pytest.raises(PanelError, match="1 is the only control"):
        leave_one_out(walks(2, units=2), synthetic_control)


def test_dating_back_leaves_out_what_was_treated():
    own = textbook("prop99")
    early = backdated(own, 1980)
    assert early.periods == tuple(range(1970, 1989))
    assert early.treated.sum() == 9
    # What happened from 1989 on cannot matter.
    changed = panel(np.where(own.treated, 0.0, own.Y), own.treated, units=own.units, periods=own.periods)
    assert synthetic_control(backdated(changed, 1980)).att == synthetic_control(early).att


@pytest.mark.parametrize("since", [1970, 1989, 1995, 1900])
def test_a_date_that_is_none_is_refused(since):
    with pytest.raises(PanelError, match=rf"{since} is no period .*1971 to 1988"):
        backdated(textbook("prop99"), since)
