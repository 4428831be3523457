"""What a dose does over time: regressions with dummies, sums of slopes, and paths known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.doses import two_way_fixed_effects
from ayni.panel.lags import distributed_lags, local_projections, shifted
from tests.panel.dosed import drawn, factor, rows_of, slow_least_squares


@pytest.mark.parametrize(
    ("by", "row"), [(0, [1, 2, 3]), (1, [np.nan, 1, 2]), (-2, [3, np.nan, np.nan]), (5, [np.nan] * 3)]
)
def test_shifting_moves_later_and_fills_nothing(by, row):
    assert shifted(np.array([[1.0, 2, 3]]), by)[0] == pytest.approx(row, nan_ok=True)


def test_distributed_lags_are_one_regression_and_sums_have_its_covariance():
    Y, D, _, X = drawn(1, periods=10)
    found = distributed_lags(Y, D, 2, 1, covariates={"x": X})
    moved = [shifted(D, by) for by in (-1, 0, 1, 2)]
    used = ~np.isnan(Y) & ~np.isnan(np.sum(moved, axis=0))
    columns = [one[used] for one in (*moved, X)]
    slopes, covariance = slow_least_squares(Y[used], columns, used, rows_of(used))
    covariance = covariance * factor(30, used.sum(), 5, 7)
    assert found.at == (-1, 0, 1, 2)
    assert [one.effect for one in found.slopes] == pytest.approx(slopes[:4], rel=1e-8)
    assert [one.standard_error for one in found.slopes] == pytest.approx(
        np.sqrt(np.diag(covariance)[:4]), rel=1e-8
    )
    for upto, one in enumerate(found.cumulated):
        summed = np.zeros(5)
        summed[1 : upto + 2] = 1
        assert one.effect == pytest.approx(summed @ slopes, rel=1e-8)
        assert one.standard_error == pytest.approx(np.sqrt(summed @ covariance @ summed), rel=1e-8)
    for one in (*found.slopes, *found.cumulated):
        assert np.square(one.interval.draws).sum() == pytest.approx(one.standard_error**2, rel=1e-10)
    assert found.slope(2) is found.slopes[3]
    assert [one.name for one in found.slopes] == ["dose, lead 1", "dose", "dose, lag 1", "dose, lag 2"]


def test_without_lags_it_is_two_way_fixed_effects():
    Y, D, _, X = drawn(2)
    found, plain = (
        distributed_lags(Y, D, 0, covariates={"x": X}),
        two_way_fixed_effects(Y, D, covariates={"x": X}),
    )
    assert found.slopes[0].effect == found.cumulated[0].effect == pytest.approx(plain.effect, rel=1e-12)
    assert found.slopes[0].standard_error == pytest.approx(plain.standard_error, rel=1e-12)
    assert found.checks == ()


def test_an_exact_path_is_found_exactly():
    _, D, _, _ = drawn(3, periods=12)
    path = (1.0, 0.5, -0.25)
    Y = sum(weight * shifted(D, by) for by, weight in enumerate(path)) + np.arange(30)[:, None]
    found = distributed_lags(Y, D, 2, 2)
    assert [one.effect for one in found.slopes] == pytest.approx([0, 0, *path], abs=1e-9)
    assert [one.effect for one in found.cumulated] == pytest.approx(np.cumsum(path), abs=1e-9)


def test_leads_that_matter_are_told():
    _, D, _, _ = drawn(4, periods=12)
    noise = np.random.default_rng(5).normal(size=D.shape)
    ahead = np.nan_to_num(shifted(D, -1))
    assert not distributed_lags(ahead + noise, D, 1, 2).checks[0].passed
    found = distributed_lags(noise, D, 1, 2)
    least = min(one.p_value for one in found.slopes[:2])
    assert found.checks[0].value == pytest.approx(min(1, 2 * least))
    # A dose that answers to last period's outcome shows at horizons before it.
    after = np.nan_to_num(shifted(noise, 1))
    assert not local_projections(noise, after, [-2, 0]).checks[0].passed


@pytest.mark.parametrize("horizon", [-3, 0, 2])
def test_local_projections_are_a_regression_for_each_horizon(horizon):
    Y, D, _, X = drawn(6, periods=12)
    found = local_projections(Y, D, [horizon, 1], lags=1, covariates={"x": X}).slope(horizon)
    moved = shifted(Y, -horizon) - shifted(Y, 1)
    controls = [X, shifted(D, 1), shifted(Y, 1) - shifted(Y, 2)]
    used = ~np.isnan(moved + np.sum(controls, axis=0) + D)
    used &= used.sum(axis=1, keepdims=True) > 1
    slopes, covariance = slow_least_squares(
        moved[used], [one[used] for one in (D, *controls)], used, rows_of(used)
    )
    assert found.cells == used.sum()
    assert found.effect == pytest.approx(slopes[0], rel=1e-8)
    scale = factor(found.units, used.sum(), 4, found.periods)
    assert found.standard_error == pytest.approx(np.sqrt(scale * covariance[0, 0]), rel=1e-8)


def test_projections_of_doses_drawn_anew_find_the_path():
    """Doses that owe nothing to the past: horizons show the path of a dose, within their own errors."""
    generator = np.random.default_rng(7)
    D = generator.normal(size=(40, 80))
    path = (1.0, 0.6, 0.2)
    Y = (
        sum(weight * np.nan_to_num(shifted(D, by)) for by, weight in enumerate(path))
        + generator.normal(size=D.shape) / 2
    )
    found = local_projections(Y, D, range(3), lags=2)
    for one, true in zip(found.slopes, path, strict=True):
        assert one.effect == pytest.approx(true, abs=4 * one.standard_error)
        assert one.standard_error < 0.03


def test_few_periods_and_lagged_outcomes_lead_astray_as_the_page_says():
    found = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        D = generator.normal(size=(200, 10))
        Y = D + 0.6 * np.nan_to_num(shifted(D, 1)) + 0.2 * np.nan_to_num(shifted(D, 2))
        Y += generator.normal(size=D.shape) / 2
        found.append(
            [local_projections(Y[:, 2:], D[:, 2:], [2], lags=lags).slopes[0].effect for lags in (0, 2)]
        )
    assert np.mean(found, axis=0) == pytest.approx((0.25, -0.23), abs=0.05)


def test_units_of_measurement_and_order_change_nothing():
    Y, D, _, _ = drawn(8, periods=10)
    order = np.random.default_rng(9).permutation(30)
    one, two = distributed_lags(Y, D, 2, 1), distributed_lags(Y[order] * 1e6, D[order] * 1e-3, 2, 1)
    for left, right in zip((*one.slopes, *one.cumulated), (*two.slopes, *two.cumulated), strict=True):
        assert right.effect == pytest.approx(left.effect * 1e9, rel=1e-7)
        assert right.standard_error == pytest.approx(left.standard_error * 1e9, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda Y, D: distributed_lags(Y, D, -1), "-1 lags and 0 leads of 8 periods"),
        (lambda Y, D: distributed_lags(Y, D, 5, 2), "5 lags and 2 leads of 8 periods"),
        (
            lambda Y, _: distributed_lags(Y, np.tile(np.arange(30)[:, None] * 1.0, 8), 1),
            "never changes within a unit",
        ),
        (
            lambda Y, _: distributed_lags(Y, np.arange(30)[:, None] * np.arange(8.0), 1),
            "cannot be told apart",
        ),
        (lambda Y, D: local_projections(Y, D, []), "horizons none with 0 lags"),
        (lambda Y, D: local_projections(Y, D, [0, -1]), "none of them -1"),
        (lambda Y, D: local_projections(Y, D, [1, 1]), "each once"),
        (lambda Y, D: local_projections(Y, D, [0], lags=-1), "no negative lags"),
        (
            lambda Y, D: local_projections(Y, D, [9]),
            "horizon 9: no unit and period are left of 0 complete cells",
        ),
    ],
)
def test_what_no_panel_can_tell_is_refused(call, sentence):
    Y, D, _, _ = drawn(10)
    with pytest.raises(PanelError, match=sentence):
        call(Y, D)
