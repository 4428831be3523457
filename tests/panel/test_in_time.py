"""Placebos in time: by hand, all dates, what may not matter, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    demeaned_synthetic_control,
    difference_in_differences,
    imputation,
    matrix_completion,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.in_time import placebos_in_time
from tests.panel.textbook import textbook, walks

WEIGHTED = [
    difference_in_differences,
    synthetic_control,
    demeaned_synthetic_control,
    synthetic_difference_in_differences,
]


def test_the_effects_of_dates_are_those_of_panels_cut_by_hand():
    own = textbook("germany")
    found = placebos_in_time(own, synthetic_control, after=4)
    assert [one.since for one in found.others] == list(range(1965, 1987))
    assert [one.before for one in found.others] == list(range(5, 27))
    treated = own.units.index("West Germany")
    for one in (found.others[0], found.others[9], found.others[-1]):
        start = own.periods.index(one.since)
        outcomes = own.Y[:, : start + 4]
        flags = np.zeros(outcomes.shape, bool)
        flags[treated, start:] = True
        slowly = synthetic_control(panel(outcomes, flags))
        after = slowly.cohorts[0].difference[start:]
        assert one.att == pytest.approx(slowly.att, rel=1e-9)
        assert one.pre_rmspe == pytest.approx(slowly.pre_rmspe, rel=1e-9)
        assert one.post_rmspe == pytest.approx(np.sqrt(np.mean(after**2)), rel=1e-9)
    assert found.own.att == pytest.approx(synthetic_control(own).cohorts[0].difference[30:34].mean())


def test_without_a_wish_all_treated_periods_are_compared():
    own = textbook("prop99")
    found = placebos_in_time(own, synthetic_control)
    assert found.after == 12
    assert found.own.att == pytest.approx(-19.5136314, abs=1e-7)
    # 19 years before: from 1975 on five are before, up to 1977 twelve are left.
    assert [one.since for one in found.others] == [1975, 1976, 1977]
    assert (found.rank, found.p_value) == (1, 0.25)
    assert str(found) == (
        "-19.5136 over 12 periods from 1989 on: rank 1 of 4 dates, 1975 to 1977 the others (p = 0.25)"
    )


@pytest.mark.parametrize("method", WEIGHTED)
def test_what_happened_after_the_treatment_does_not_matter_to_the_dates(method):
    own = walks(3, periods=24, starts={0: 18, 3: 18})
    one = placebos_in_time(own, method, after=3)
    two = placebos_in_time(replace(own, Y=own.Y + 100.0 * own.treated), method, after=3)
    assert one.others == two.others
    assert two.own.att != one.own.att


@pytest.mark.parametrize("method", WEIGHTED)
def test_the_unit_of_the_outcome_does_not_matter_to_the_rank(method):
    own = walks(4, periods=24, starts={0: 18, 3: 18})
    found = placebos_in_time(own, method, after=4)
    thousand = placebos_in_time(replace(own, Y=1000.0 * own.Y + 7e5), method, after=4)
    assert [one.att for one in thousand.others] == pytest.approx([1000 * one.att for one in found.others])
    assert thousand.rank == found.rank


@pytest.mark.parametrize("seed", range(30))
def test_the_interval_leaves_out_what_the_rank_rejects(seed):
    own = walks(seed, periods=30, starts={0: 25})
    found = placebos_in_time(own, difference_in_differences, after=2)
    for level in (0.5, 0.8, 0.9, 19 / 20):
        interval = found.interval(level)
        inside = interval.low <= 0 <= interval.high
        assert inside == (found.p_value > 1 - level + 1e-12)
        shifted = replace(own, Y=own.Y - interval.high * own.treated)
        # At an end the effect left ties with a date, and is not yet rejected.
        end = abs(placebos_in_time(shifted, difference_in_differences, after=2).own.att)
        assert (np.abs(interval.draws) >= end * (1 - 1e-9)).sum() + 1 > (1 - level) * (
            len(interval.draws) + 1
        ) - 1e-9


def test_methods_without_weights_and_missing_outcomes():
    own = walks(5, periods=20, starts={0: 16})
    outcomes = own.Y.copy()
    outcomes[4, 3] = outcomes[0, 17] = np.nan
    holes = replace(own, Y=outcomes)
    found = placebos_in_time(holes, lambda one: imputation(one).estimate)
    assert found.own.att == pytest.approx(imputation(holes).estimate.att)
    assert len(found.others) == 8
    assert np.isfinite([one.post_rmspe for one in (found.own, *found.others)]).all()
    few = placebos_in_time(holes, lambda one: matrix_completion(one, penalty=2.0), after=2)
    assert len(few.others) == 10


def test_a_constant_outcome_has_the_last_rank():
    own = walks(6)
    found = placebos_in_time(replace(own, Y=np.ones_like(own.Y)), synthetic_control, after=3)
    assert found.p_value == 1.0
    assert found.interval(0.8).low == found.interval(0.8).high == 0.0


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"after": 9}, "9 periods after each date; expected 1 to the 8 treated"),
        ({"after": 0}, "0 periods after"),
        ({"least_before": 0}, "0 periods before each date"),
        ({}, "0 earlier dates have 5 periods before and 8 after within the 12 before 12"),
        ({"after": 7}, "1 earlier dates have 5 periods before and 7 after"),
    ],
)
def test_too_few_periods_are_refused(wishes, words):
    with pytest.raises(PanelError, match=words):
        placebos_in_time(walks(7), synthetic_control, **wishes)


def test_other_refusals():
    with pytest.raises(PanelError, match="treatments begin in 8, 12; take one date at a time"):
        placebos_in_time(walks(8, starts={0: 8, 1: 12}), synthetic_control)
    found = placebos_in_time(walks(8), synthetic_control, after=4)
    assert len(found.others) == 4
    for level in (0.0, 0.9, 1.0):
        with pytest.raises(
            PanelError, match=f"4 earlier dates carry a level above 0 and up to 0.8, found {level:g}"
        ):
            found.interval(level)
