"""Sensitivity to trends that part: published intervals, slow second ways, the event study, and refusals."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from statistics import NormalDist

import numpy as np
import pytest

from ayni.panel import PanelError, group_time, panel
from ayni.panel.sensitivity import (
    Coefficients,
    breakdown,
    coefficients,
    event_coefficients,
    relative_magnitudes,
    smoothness,
)
from tests.panel.textbook import walks


def lower(*rows: tuple[float, ...]) -> np.ndarray:
    whole = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        whole[i, : i + 1] = whole[: i + 1, i] = row
    return whole


# Health insurance of adults where Medicaid was widened in 2014 and where it was not, 2008 to 2015 against
# 2013: means of the panel of states that the manual of HonestDiD uses, worked out from it in pandas; the
# covariance clustered by state, with the correction for few that fixest makes (1.0674).
MEDICAID = coefficients(
    [-0.00528535, -0.01129732, -0.00267599, -0.00141931, 0.00033966],
    [0.04644684, 0.06920618],
    lower(
        (7.4884832e-05,),
        (6.0398750e-05, 7.2665018e-05),
        (4.4446195e-05, 3.7893307e-05, 5.0520521e-05),
        (3.3857639e-05, 2.8665780e-05, 2.6736796e-05, 4.0032221e-05),
        (4.3280113e-05, 4.5433208e-05, 2.7781933e-05, 2.4128596e-05, 5.4626627e-05),
        (4.7658814e-05, 4.4288499e-05, 3.0606443e-05, 2.3808676e-05, 3.6825317e-05, 8.3756691e-05),
        (
            *(2.4251287e-05, 2.8246550e-05, 9.6375334e-06, 2.9238786e-06, 9.7229458e-06, 6.3213978e-05),
            1.0712352e-04,
        ),
    ),
)
FIRST = [1.0, 0.0]


def made(seed: int, before: int, after: int) -> Coefficients:
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(before + after, before + after + 3))
    return coefficients(
        generator.normal(size=before), generator.normal(size=after) + 3, root @ root.T / (before + after)
    )


# README of HonestDiD (FLCI of the first year after): its quantiles are simulated, three digits printed.
@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.0, 0.0259, 0.0607),
        (0.01, 0.0132, 0.0787),
        (0.02, 0.00286, 0.0907),
        (0.03, -0.00714, 0.101),
        (0.04, -0.0171, 0.111),
        (0.05, -0.0271, 0.121),
    ],
)
def test_smoothness_gives_the_published_intervals(bound, low, high):
    found = smoothness(MEDICAID, bound, weights=FIRST).interval
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=3e-4)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [(0.5, 0.0241, 0.0673), (1.0, 0.0171, 0.0720), (1.5, 0.00859, 0.0796), (2.0, -0.00107, 0.0883)],
)
def test_relative_magnitudes_hold_the_published_conditional_intervals(bound, low, high):
    """They are conservative: a little wider on both sides, never by half of the published length."""
    found = relative_magnitudes(MEDICAID, bound, weights=FIRST).interval
    assert low - 0.006 < found.low < low
    assert high < found.high < high + 0.006


def drifts(study, weights, bound):
    """Every extreme path of a difference that goes on from what it was before: (2**Q,) of what it adds."""
    early = np.append(study.before, 0.0)
    largest = np.abs(np.diff(early)).max()
    relative, smooth = [], []
    for signs in product((-1.0, 1.0), repeat=len(study.after)):
        relative.append(np.cumsum(signs) * bound * largest @ weights)
        path = list(early[-2:])
        for sign in signs:
            path.append(2 * path[-1] - path[-2] + sign * bound)
        smooth.append(np.array(path[2:]) @ weights)
    return np.array(relative), np.array(smooth)


@pytest.mark.parametrize("seed", range(8))
def test_sets_are_what_every_extreme_path_leaves(seed):
    study = made(seed, 1 + seed % 3, 1 + seed % 5)
    weights = np.random.default_rng(seed).normal(size=len(study.after))
    bound = 20.0
    relative, smooth = drifts(study, weights, bound)
    effect = study.after @ weights
    for found, paths in (
        (relative_magnitudes(study, bound, weights=weights), relative),
        (smoothness(study, bound, weights=weights), smooth),
    ):
        assert (found.low, found.high) == pytest.approx((effect - paths.max(), effect - paths.min()))
        assert found.interval.low <= found.low <= found.high <= found.interval.high


def worst_bias(estimator, before, bound):
    """The largest bias over every path with changes of slope at the bound, flat in the last period before."""
    after = len(estimator) - before
    largest = 0.0
    for signs in product((-bound, bound), repeat=before + after - 1):
        path = np.zeros(before + after + 1)
        # Forwards from a slope of 0, then backwards; at t the slope changes from that of t-1 to that of t+1.
        for t in range(before, before + after):
            path[t + 1] = 2 * path[t] - path[t - 1] + signs[t - 1]
        for t in range(before - 1, 0, -1):
            path[t - 1] = 2 * path[t] - path[t + 1] + signs[t - 1]
        largest = max(largest, abs(estimator @ np.delete(path, before)))
    return largest


def coverage(bias, error, half):
    normal = NormalDist(bias, error)
    return normal.cdf(half) - normal.cdf(-half)


@pytest.mark.parametrize(("seed", "before", "after"), [(1, 3, 2), (2, 4, 1), (3, 2, 3), (4, 1, 2)])
@pytest.mark.parametrize("bound", [0.0, 0.2, 3.0])
def test_the_interval_of_smoothness_is_just_wide_enough_for_its_worst_bias(seed, before, after, bound):
    study = made(seed, before, after)
    found = smoothness(study, bound, level=0.9).interval
    estimator = found.draws
    assert estimator[before:] == pytest.approx(np.full(after, 1 / after))
    # A line does not bias it.
    times = np.delete(np.arange(-before - 1, after), before) + 1
    assert estimator @ times == pytest.approx(0, abs=1e-9)
    bias = worst_bias(estimator, before, bound)
    assert coverage(bias, found.standard_error, (found.high - found.low) / 2) == pytest.approx(0.9, abs=1e-6)


@pytest.mark.parametrize("bound", [0.0, 0.1, 0.5, 3.0])
def test_no_other_estimator_has_a_shorter_interval(bound):
    study = made(5, 3, 2)
    found = smoothness(study, bound, level=0.9).interval
    half = (found.high - found.low) / 2
    for one, two in product(np.linspace(-2, 2, 21), repeat=2):
        # Two free weights; the last makes a line harmless. Near the optimum on every side of it.
        early = found.draws[:2] + np.array([one, two])
        last = -(early @ [-3.0, -2.0] + found.draws[3:] @ [1.0, 2.0]) / -1.0
        estimator = np.concatenate([early, [last], found.draws[3:]])
        error = np.sqrt(estimator @ study.covariance @ estimator)
        assert coverage(worst_bias(estimator, 3, bound), error, half) <= 0.9 + 1e-9


@pytest.mark.parametrize("bound", [0.5, 1.0])
def test_relative_magnitudes_cover_the_ends_of_the_set(bound):
    """4,000 draws of coefficients about a drift at the bound: each end is left out at most half the error."""
    truth = made(6, 3, 2)
    early = np.append([0.3, -0.2, 0.4], 0.0)
    study = replace(truth, before=early[:-1], after=np.array([2.0, 2.5]), covariance=0.02 * truth.covariance)
    ends = relative_magnitudes(study, bound, level=0.9)
    generator = np.random.default_rng(7)
    below = above = 0
    for drawn in generator.multivariate_normal(
        np.concatenate([study.before, study.after]), study.covariance, size=4000
    ):
        one = replace(study, before=drawn[:3], after=drawn[3:])
        interval = relative_magnitudes(one, bound, level=0.9).interval
        below += interval.low > ends.low
        above += interval.high < ends.high
    assert max(below, above) / 4000 <= 0.05 + 0.01


def test_parallel_trends_are_the_bound_of_none():
    found = relative_magnitudes(MEDICAID, 0.0, weights=FIRST)
    error = np.sqrt(MEDICAID.covariance[5, 5])
    assert found.low == found.high == pytest.approx(0.04644684)
    assert found.interval.high - found.interval.low == pytest.approx(2 * 1.959964 * error, rel=1e-6)


def test_a_set_that_the_past_contradicts_is_none():
    study = coefficients([0.0, 2.0, 0.0], [5.0], np.eye(4))
    assert np.isnan(smoothness(study, 1.0).low)
    assert smoothness(study, 4.0).low == pytest.approx(1.0)


@pytest.mark.parametrize("restriction", [relative_magnitudes, smoothness])
def test_at_the_breakdown_the_interval_begins_to_hold_nothing(restriction):
    value = breakdown(MEDICAID, restriction, weights=FIRST)
    assert restriction(MEDICAID, 0.999 * value, weights=FIRST).interval.low > 0
    assert restriction(MEDICAID, 1.001 * value, weights=FIRST).interval.low <= 0
    scaled = Coefficients(
        before=-100 * MEDICAID.before, after=-100 * MEDICAID.after, covariance=1e4 * MEDICAID.covariance
    )
    factor = 100 if restriction is smoothness else 1
    assert breakdown(scaled, restriction, weights=FIRST) == pytest.approx(factor * value, rel=1e-6)


def test_breakdowns_that_are_none_or_without_end():
    noisy = coefficients([0.1], [0.1], np.eye(2))
    still = coefficients([0.0], [1.0], np.zeros((2, 2)))
    for restriction in (relative_magnitudes, smoothness):
        assert breakdown(noisy, restriction) == 0.0
    assert breakdown(still, relative_magnitudes) == np.inf
    assert breakdown(still, smoothness) == pytest.approx(1.0)
    # As published: it holds up to a change of slope between .02 and .03.
    assert 0.02 < breakdown(MEDICAID, smoothness, weights=FIRST) < 0.03


def test_one_cohort_is_two_way_fixed_effects_clustered_by_unit():
    own = walks(1, units=14, periods=9, starts={0: 5, 3: 5, 4: 5})
    found = event_coefficients(own)
    n, length = own.Y.shape
    treated = ~own.controls
    columns = [np.kron(np.eye(n)[:, i], np.ones(length)) for i in range(n)]
    columns += [np.kron(np.ones(n), np.eye(length)[:, t]) for t in range(1, length)]
    columns += [np.kron(treated, np.eye(length)[:, t]) for t in range(length) if t != 4]
    X, y = np.column_stack(columns), own.Y.ravel()
    beta, *_ = np.linalg.lstsq(X, y, rcond=None)
    rest = (y - X @ beta).reshape(n, length)
    bread = np.linalg.pinv(X.T @ X)
    scores = np.array([X[i * length : (i + 1) * length].T @ rest[i] for i in range(n)])
    covariance = (bread @ scores.T @ scores @ bread)[-8:, -8:]
    assert np.concatenate([found.before, found.after]) == pytest.approx(beta[-8:], abs=1e-9)
    assert found.covariance == pytest.approx(covariance, abs=1e-9)


def test_several_cohorts_are_group_time_effects_of_the_periods_that_all_have():
    own = walks(2, units=20, periods=10, starts={0: 5, 3: 5, 4: 5, 7: 7, 8: 7})
    found = event_coefficients(own)
    assert (len(found.before), len(found.after)) == (4, 3)
    by_event = dict(group_time(own).by_event)
    for k, effect in enumerate(found.after):
        assert effect == pytest.approx(by_event[k].estimate)
        assert found.covariance[4 + k, 4 + k] == pytest.approx(by_event[k].standard_error ** 2)
    # Before, group-time effects are changes since the period before; against the last they add up.
    changes = [by_event[event].estimate for event in (-4, -3, -2, -1)]
    assert found.before == pytest.approx(-np.cumsum(changes[::-1])[::-1])


def test_refusals_say_everything_at_once():
    with pytest.raises(PanelError, match=r"weights of shape \(3,\).*the bound is -1, .*the level is 95"):
        smoothness(MEDICAID, -1, weights=[1, 0, 0], level=95)
    with pytest.raises(PanelError, match="the bound is inf"):
        relative_magnitudes(MEDICAID, np.inf)
    lone = coefficients([], [1.0], [[1.0]])
    for restriction in (relative_magnitudes, smoothness):
        with pytest.raises(PanelError, match="one period before treatment tells neither"):
            restriction(lone, 1.0)
        with pytest.raises(PanelError, match="one period before treatment tells neither"):
            breakdown(lone, restriction)
    with pytest.raises(PanelError, match=r"before has shape \(1,\), after \(1,\), covariance \(3, 3\)"):
        coefficients([1.0], [1.0], np.eye(3))
    with pytest.raises(PanelError, match="is no number"):
        coefficients([np.nan], [1.0], np.eye(2))
    with pytest.raises(PanelError, match="not symmetric, or some combination varies below 0"):
        coefficients([1.0], [1.0], [[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(PanelError, match="1 units treated from 12 on and 11 controls"):
        event_coefficients(walks(3))
    own = walks(3)
    holes = panel(np.where(np.arange(20) == 3, np.nan, own.Y), own.treated)
    with pytest.raises(PanelError, match="needs every outcome"):
        event_coefficients(holes)


def test_few_units_may_not_choose_many_weights():
    few, many = (
        event_coefficients(walks(4, units=n, periods=12, starts=dict.fromkeys(range(n // 2), 7)))
        for n in (18, 64)
    )
    assert (few.units, many.units) == (9, 32)
    assert np.count_nonzero(smoothness(few, 0.0).interval.draws) == 1 + 5
    assert np.count_nonzero(smoothness(few, 0.0, changes=2).interval.draws) == 3 + 5
    assert np.count_nonzero(smoothness(many, 0.0).interval.draws) == 4 + 5
    assert smoothness(many, 0.0).interval.low == smoothness(many, 0.0, changes=3).interval.low
    lengths = [
        one.high - one.low for one in (smoothness(many, 0.1, changes=k).interval for k in (0, 1, 2, 3, 5, 99))
    ]
    assert (np.diff(lengths) < 1e-9).all()
    with pytest.raises(PanelError, match="-1 changes of slope, expected 0 or more"):
        smoothness(many, 0.0, changes=-1)


def test_coefficients_that_do_not_vary_and_collinear_ones():
    sure = smoothness(coefficients([0.0, 0.0], [1.0, 1.0], np.zeros((4, 4))), 0.1)
    assert (sure.low, sure.high) == pytest.approx((sure.interval.low, sure.interval.high))
    one = np.array([[1.0, 1.0, 1.0, 0.5]])
    alike = coefficients([0.0, 0.0], [1.0, 1.0], one.T @ one)
    # 2 b_-2 - b_-1 and so on can be weighed to cancel the noise; the bias that it costs is what is left.
    assert smoothness(alike, 0.0).interval.standard_error == pytest.approx(0, abs=1e-7)
