"""Placebos: all of them where they can be listed, one Gram matrix or one by one, and refusals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    difference_in_differences,
    panel,
    placebos,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.cohorts import blocks
from ayni.panel.weighting import noise_of
from tests.panel.textbook import textbook, walks


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_one_gram_matrix_gives_what_one_fit_after_another_gives(name):
    own = textbook(name)
    shared = placebos(own, synthetic_control)
    # A function that is not the method itself is run as any other.
    singly = placebos(own, lambda one: synthetic_control(one))  # noqa: PLW0108
    assert [p.units for p in shared.others] == [p.units for p in singly.others]
    for one, two in zip(shared.others, singly.others, strict=True):
        assert one.att == pytest.approx(two.att, rel=1e-7)
        assert one.pre_rmspe == pytest.approx(two.pre_rmspe, rel=1e-7, abs=1e-9)
        assert one.post_rmspe == pytest.approx(two.post_rmspe, rel=1e-7)
        assert one.difference == pytest.approx(two.difference, rel=1e-6, abs=1e-6 * np.abs(own.Y).max())
    assert (shared.rank, shared.own) == (singly.rank, singly.own)


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_one_gram_matrix_serves_synthetic_difference_in_differences_too(name):
    own = textbook(name)
    noise = noise_of(next(blocks(own, "")))
    shared = placebos(own, synthetic_difference_in_differences)
    singly = placebos(own, lambda one: synthetic_difference_in_differences(one, noise=noise))
    for one, two in zip(shared.others, singly.others, strict=True):
        assert one.att == pytest.approx(two.att, rel=1e-8)
        assert one.pre_rmspe == pytest.approx(two.pre_rmspe, rel=1e-8)
        assert one.post_rmspe == pytest.approx(two.post_rmspe, rel=1e-8)
        assert one.difference == pytest.approx(two.difference, rel=1e-7, abs=1e-8 * np.abs(own.Y).max())


def test_every_pair_of_controls_is_listed_for_two_treated_units():
    own = walks(5, starts={0: 12, 1: 12})
    found = placebos(own, difference_in_differences)
    assert [p.units for p in found.others] == list(combinations(own.units[2:], 2))
    assert found.exact
    # By hand: the first pair, 2 and 3, against 4 to 11.
    gain = own.Y[:, 12:].mean(axis=1) - own.Y[:, :12].mean(axis=1)
    assert found.others[0].att == pytest.approx(gain[2:4].mean() - gain[4:].mean())


def test_too_many_assignments_are_drawn_and_the_seed_decides():
    own = walks(6, units=30, starts=dict.fromkeys(range(5), 12))
    one, two, other = (placebos(own, difference_in_differences, most=40, seed=seed) for seed in (1, 1, 2))
    assert one == two
    assert one != other
    assert len({p.units for p in one.others}) == 40
    assert not one.exact


@pytest.mark.parametrize("method", [synthetic_control, synthetic_difference_in_differences])
def test_the_path_of_a_placebo_tells_its_effect_and_errors(method):
    found = placebos(textbook("basque"), method)
    start = found.periods.index(found.since[0])
    assert found.since == (1970,)
    for one in (found.own, *found.others):
        assert one.difference[start:].mean() == pytest.approx(one.att)
        assert np.sqrt(np.square(one.difference[:start]).mean()) == pytest.approx(one.pre_rmspe)
        assert np.sqrt(np.square(one.difference[start:]).mean()) == pytest.approx(one.post_rmspe)


def test_the_path_of_several_cohorts_is_the_mean_of_their_units():
    own = walks(7, starts={0: 8, 1: 15, 2: 15})
    found = placebos(own, difference_in_differences, most=5)
    assert found.since == (8, 15)
    others = own.Y[3:].mean(axis=0)
    by_unit = own.Y[:3] - others
    by_unit = [row - row[:start].mean() for row, start in zip(by_unit, (8, 15, 15), strict=True)]
    assert found.own.difference == pytest.approx(np.mean(by_unit, axis=0))


def test_staggered_placebos_begin_as_the_treated_did():
    own = walks(7, starts={0: 8, 1: 15})
    found = placebos(own, synthetic_control, most=25)
    assert len(found.others) == 25
    assert not found.exact
    assert all(len(set(p.units)) == 2 for p in found.others)


def test_ties_count_against_the_treated():
    outcomes = np.tile(np.arange(6.0), (4, 1))
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 4:] = True
    found = placebos(panel(outcomes, treated), synthetic_control)
    assert (found.rank, found.p_value) == (4, 1.0)


@pytest.mark.parametrize(
    ("starts", "units", "words"),
    [({0: 12}, 2, "1 controls for 1 treated"), ({0: 12, 1: 12}, 4, "2 controls for 2 treated")],
)
def test_a_placebo_needs_controls_of_its_own(starts, units, words):
    with pytest.raises(PanelError, match=words):
        placebos(walks(8, units=units, starts=starts), synthetic_control)


def test_the_interval_is_the_normal_one_of_its_level():
    interval = placebos(textbook("prop99"), synthetic_control).interval(0.9)
    assert interval.high - interval.estimate == pytest.approx(1.6448536 * interval.standard_error, rel=1e-7)
    assert interval.estimate - interval.low == pytest.approx(interval.high - interval.estimate)
    assert interval.standard_error == pytest.approx(float(np.std(interval.draws)))


@pytest.mark.parametrize("level", [0, 1, 90])
def test_a_level_is_a_share(level):
    with pytest.raises(PanelError, match=f"the level is {level}, expected a share between 0 and 1"):
        placebos(textbook("germany"), synthetic_control).interval(level)
