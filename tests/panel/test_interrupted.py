"""Interrupted series: a published table, another program, whole covariance matrices, what must not change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.interrupted import interrupted_estimate, interrupted_time_series, ljung_box
from ayni.panel.tails import student_share
from tests.panel.textbook import textbook, walks

CALIFORNIA = textbook("prop99")
OWN = CALIFORNIA.Y[np.flatnonzero(~CALIFORNIA.controls)[0]]
START = int(CALIFORNIA.starts.min())


def noise(seed, length=40, kept=0.5):
    errors = np.random.default_rng(seed).normal(size=length + 50)
    for t in range(1, len(errors)):
        errors[t] += kept * errors[t - 1]
    return errors[50:]


def regressors(time, start, slope=True):
    since = np.asarray(time, float) - start
    after = since >= 0
    return np.column_stack([np.ones(len(since)), since, after, *([after * since] if slope else [])])


def written_out(y, time, start, slope, level):
    """The interval of the mean effect, with whole covariance matrices and a share for each value of rho."""
    seen = ~np.isnan(y)
    X, values, when = regressors(time, start, slope)[seen], y[seen], np.asarray(time)[seen]
    n, k = X.shape
    weights = np.linalg.inv(X.T @ X) @ X.T
    contrast = np.zeros(k)
    contrast[2] = 1
    if slope:
        contrast[3] = (when - start)[when >= start].mean()
    logs, errors = [], []
    for rho in (np.arange(200) + 0.5) / 100 - 1:
        gaps = np.abs(np.subtract.outer(when, when))
        V = np.sign(rho) ** gaps * np.abs(rho) ** gaps
        inner = X.T @ np.linalg.solve(V, X)
        beta = np.linalg.solve(inner, X.T @ np.linalg.solve(V, values))
        squares = (values - X @ beta) @ np.linalg.solve(V, values - X @ beta)
        logs.append(-(np.linalg.slogdet(V)[1] + np.linalg.slogdet(inner)[1] + (n - k) * np.log(squares)) / 2)
        own = contrast @ weights
        errors.append(np.sqrt(squares / (n - k) * own @ V @ own))
    likely = np.exp(np.array(logs) - max(logs))
    likely /= likely.sum()
    low, high, half = 0.0, 1e3, 5e2
    for _ in range(34):
        half = (low + high) / 2
        share = sum(p * student_share(half / e, n - k) for p, e in zip(likely, errors, strict=True))
        low, high = (half, high) if share < (1 + level) / 2 else (low, half)
    effect = contrast @ weights @ values
    return effect, effect - half, effect + half


def test_california_is_as_linden_printed_it():
    """Linden 2015, Stata Journal 15(2), single group: changes of level and slope, Newey-West with one lag."""
    found = interrupted_time_series(OWN, START, periods=CALIFORNIA.periods, lags=1, level=0.95)
    assert found.turn is not None
    assert found.jump.estimate == pytest.approx(-20.0581, abs=5e-5)
    assert found.jump.standard_error == pytest.approx(4.724395, abs=2e-6)
    assert (found.jump.low, found.jump.high) == pytest.approx((-29.75, -10.36), abs=5e-3)
    assert found.turn.estimate == pytest.approx(-1.494652, abs=5e-7)
    assert found.turn.standard_error == pytest.approx(0.4368201, abs=2e-7)


def test_with_three_lags_it_is_what_statsmodels_says():
    """statsmodels 0.15.0: least squares with HAC covariance, three lags, small-sample correction."""
    found = interrupted_time_series(OWN, START, periods=CALIFORNIA.periods, lags=3)
    assert found.interval.kind == "hac"
    assert found.interval.estimate == pytest.approx(-28.278684210526198, rel=1e-12)
    assert found.interval.standard_error == pytest.approx(7.239468252753311, rel=1e-10)
    values = {one.code: one.value for one in found.checks}
    assert values["durbin-watson"] == pytest.approx(0.5352417844765144, rel=1e-12)
    assert values["ljung-box"] == pytest.approx(0.000101, abs=5e-7)


@pytest.mark.parametrize("slope", [True, False])
@pytest.mark.parametrize("holes", [(), (3, 11, 12, 30)])
def test_the_interval_is_that_of_whole_covariance_matrices(slope, holes):
    y = noise(1) + 0.1 * np.arange(40)
    y[list(holes)] = np.nan
    time = np.arange(40) + 5 * (np.arange(40) > 20)
    found = interrupted_time_series(y, 25, periods=tuple(map(int, time)), slope=slope).interval
    expected = written_out(y, time, time[25], slope, 0.9)
    assert (found.estimate, found.low, found.high) == pytest.approx(expected, rel=1e-5)


def test_the_effect_is_the_mean_distance_from_the_line():
    y = noise(2)
    found = interrupted_time_series(y, 25)
    line = np.polynomial.Polynomial.fit(np.arange(25), y[:25], 1)(np.arange(40))
    cohort = found.estimate.cohorts[0]
    assert cohort.counterfactual == pytest.approx(line)
    assert found.estimate.att == pytest.approx((y - line)[25:].mean())
    assert found.interval.estimate == pytest.approx(found.estimate.att)
    assert found.interval.draws.sum() == pytest.approx(0, abs=1e-9)


def test_the_band_holds_an_outcome_that_was_not_seen():
    """Of series without effect, the tenth period after is in its 90 percent band at least so often."""
    inside = 0
    for seed in range(60):
        y = noise(seed)
        found = interrupted_time_series(y, 25)
        inside += found.low[34] <= y[34] <= found.high[34]
    assert inside / 60 >= 0.85


@pytest.mark.parametrize("kept", [0.0, 0.7])
def test_the_interval_covers_as_often_as_it_says(kept):
    """80 series; those of Newey and West cover far less."""
    covered = np.zeros(2)
    for seed in range(80):
        y = noise(seed, kept=kept)
        for k, lags in enumerate((None, 3)):
            found = interrupted_time_series(y, 20, lags=lags).interval
            covered[k] += found.low <= 0 <= found.high
    assert covered[0] / 80 == pytest.approx(0.9, abs=0.1)
    assert covered[1] < covered[0]


def test_units_of_measurement_and_lines_change_nothing():
    y = noise(3)
    one = interrupted_time_series(y, 25)
    moved = interrupted_time_series(1e6 + 250 * np.arange(40) - 1000 * y, 25, periods=range(1980, 2020))
    assert moved.interval.estimate == pytest.approx(-1000 * one.interval.estimate, rel=1e-6)
    assert moved.interval.high == pytest.approx(-1000 * one.interval.low, rel=1e-6)
    assert moved.rho == pytest.approx(one.rho, rel=1e-6)


def test_only_errors_that_stay_fail_the_checks():
    fine = {one.code: one.passed for one in interrupted_time_series(noise(5, kept=0.0), 25).checks}
    kept = {one.code: one.passed for one in interrupted_time_series(noise(5, kept=0.9), 25).checks}
    assert fine == {"durbin-watson": True, "ljung-box": True}
    assert kept == {"durbin-watson": False, "ljung-box": True}
    assert ljung_box(noise(5, length=200, kept=0.9)) < 1e-6
    assert np.isnan(ljung_box(np.ones(4)))


def test_one_period_after_needs_no_slope():
    y = noise(6)[:26]
    with pytest.raises(PanelError, match=r"1 periods after .*\(slope=False\)"):
        interrupted_time_series(y, 25)
    found = interrupted_time_series(y, 25, slope=False)
    assert found.turn is None
    line = np.polynomial.Polynomial.fit(np.arange(25), y[:25], 1)(25)
    assert found.estimate.att == pytest.approx(y[25] - line)


def test_a_panel_is_taken_cohort_by_cohort():
    own = walks(3, starts={0: 8, 1: 8, 3: 12})
    found = interrupted_estimate(own)
    first, second = (
        interrupted_time_series(own.Y[rows].mean(axis=0), s) for rows, s in (([0, 1], 8), ([3], 12))
    )
    assert found.att == pytest.approx((24 * first.estimate.att + 8 * second.estimate.att) / 32)
    assert [one.cells for one in found.cohorts] == [24, 8]
    assert found.cohorts[0].units == ("0", "1")
    holes = replace(own, Y=np.where(own.controls[:, None], np.nan, own.Y))
    assert interrupted_estimate(holes).att == found.att


def test_every_reason_to_refuse_is_told():
    with pytest.raises(PanelError, match=r"y\[3\] is infinite.*5 periods are named, expected 6.*position 6"):
        interrupted_time_series([1, 2, 3, np.inf, 2, 1], 6, periods=range(5))
    with pytest.raises(PanelError, match=r"2 periods before .* expected 3 or more"):
        interrupted_time_series([1.0, np.nan, 3, 4, 5, 9, 2], 3)
    with pytest.raises(PanelError, match="no period after"):
        interrupted_time_series([1.0, 3, 2, np.nan], 3)
    with pytest.raises(PanelError, match="without any error"):
        interrupted_time_series(np.ones(12), 6)
    with pytest.raises(PanelError, match="without any error"):
        interrupted_time_series(np.arange(12) * 0.1, 6)
    with pytest.raises(PanelError, match=r"-1 lags, expected 0 or more and fewer than the 12"):
        interrupted_time_series(noise(1)[:12], 6, lags=-1)
    with pytest.raises(PanelError, match="share between 0 and 1"):
        interrupted_time_series(noise(1)[:12], 6, level=90)
    with pytest.raises(PanelError, match=r"shape \(2, 3\), expected one value for each period"):
        interrupted_time_series(np.ones((2, 3)), 1)
