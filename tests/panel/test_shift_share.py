"""Shares times shocks: two ways to the same slope and error, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.shift_share import shift_share
from ayni.panel.weak_instruments import instrumental_variables
from tests.panel.dosed import dummies, factor, sandwich


def check(slope, code):
    return next(one for one in slope.checks if one.code == code)


def region(slope):
    assert slope.region is not None
    return slope.region


def exposed(seed, units=30, periods=6, shocks=12, holes=0.0):
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet(np.full(shocks, 0.4), size=units)
    draws = generator.normal(size=(periods, shocks))
    X = generator.normal(size=(units, periods))
    common = shares @ generator.normal(size=(periods, shocks)).T
    D = shares @ draws.T + 0.3 * generator.normal(size=X.shape) + 0.3 * common
    Y = 1.5 * D + 0.3 * X + common + 0.2 * generator.normal(size=X.shape)
    Y[generator.random(X.shape) < holes] = np.nan
    return Y, D, shares, draws, X


def slow_exposure_robust(Y, D, shares, shocks, used, groups, controls=()):
    """Adão, Kolesár and Morales: what is left of the instrument, as shocks, by regression on shares."""
    others = np.column_stack([*[one[used] for one in controls], dummies(used)])

    def left(values):
        return values - others @ np.linalg.lstsq(others, values, rcond=None)[0]

    units, periods = np.nonzero(used)
    z, y, d = left((shares @ shocks.T)[used]), left(Y[used]), left(D[used])
    slope = (z @ y) / (z @ d)
    count = shares.shape[1]
    wide = np.zeros((len(units), count * used.shape[1]))
    for row, (unit, period) in enumerate(zip(units, periods, strict=True)):
        wide[row, period * count : (period + 1) * count] = shares[unit]
    own = np.linalg.lstsq(wide, z, rcond=None)[0]
    scores = own * (wide.T @ (y - slope * d))
    by_group = np.bincount(np.tile(groups, used.shape[1]), weights=scores)
    return slope, np.sqrt(np.square(by_group).sum()) / abs(z @ d)


def slow_by_shock(Y, D, shares, shocks, used, controls=()):
    """Borusyak, Hull and Jaravel: averages by shock and period, two stages with a dummy for everything."""
    others = np.column_stack([*[one[used] for one in controls], dummies(used)])
    left = np.zeros((2, *used.shape))
    for one, values in zip(left, (Y, D), strict=True):
        one[used] = values[used] - others @ np.linalg.lstsq(others, values[used], rcond=None)[0]
    weights = (shares.T @ used).ravel()
    y, d = ((shares.T @ one).ravel() / weights for one in left)
    groups = np.repeat(np.arange(shares.shape[1]), used.shape[1])
    root, others = np.sqrt(weights)[:, None], dummies(np.ones((shares.shape[1], used.shape[1]), bool))
    z = np.column_stack([shocks.T.ravel(), others]) * root
    design = np.column_stack([d, others]) * root
    second = z @ np.linalg.lstsq(z, design, rcond=None)[0]
    bread = np.linalg.pinv(second.T @ second)
    fit = bread @ second.T @ (y * root[:, 0])
    return fit[0], np.sqrt(sandwich(second, y * root[:, 0] - design @ fit, bread, groups)[0, 0])


@pytest.mark.parametrize("by_three", [False, True])
def test_slope_and_error_are_those_of_adao_kolesar_and_morales(by_three):
    Y, D, shares, shocks, _ = exposed(1)
    groups = np.arange(12) // 3 if by_three else np.arange(12)
    found = shift_share(Y, D, shares, shocks, shock_clusters=groups)
    used = ~np.isnan(Y)
    slope, error = slow_exposure_robust(Y, D, shares, shocks, used, groups)
    clusters = len(set(groups))
    # Rows are shocks times periods; constants of shocks lie within clusters.
    scale = clusters / (clusters - 1) * (72 - 1) / (72 - 1 - 6)
    assert found.effect == pytest.approx(slope, rel=1e-8)
    assert found.standard_error == pytest.approx(error * np.sqrt(scale), rel=1e-7)
    assert found.clusters == clusters
    assert found.interval.kind == "exposure-robust"
    assert np.square(found.interval.draws).sum() == pytest.approx(found.standard_error**2, rel=1e-10)


def test_with_holes_and_covariates_it_is_the_regression_by_shock():
    Y, D, shares, shocks, X = exposed(1, holes=0.2)
    found = shift_share(Y, D, shares, shocks, covariates={"x": X})
    slope, error = slow_by_shock(Y, D, shares, shocks, ~np.isnan(Y), [X])
    assert found.effect == pytest.approx(slope, rel=1e-8)
    assert found.standard_error == pytest.approx(error * np.sqrt(factor(12, 72, 1, 6)), rel=1e-7)


def test_the_slope_is_that_of_the_instrument_by_unit_and_the_error_is_not():
    Y, D, shares, shocks, X = exposed(2)
    found = shift_share(Y, D, shares, shocks, covariates={"x": X})
    by_unit = instrumental_variables(Y, D, shares @ shocks.T, covariates={"x": X})
    assert found.effect == pytest.approx(by_unit.effect, rel=1e-9)
    assert found.standard_error > 1.2 * by_unit.standard_error


def test_one_shock_for_each_unit_is_the_instrument_itself():
    """With each unit exposed to its own shock alone, nothing is shared and errors are clustered by unit."""
    generator = np.random.default_rng(3)
    Z = generator.normal(size=(20, 5))
    D = Z + generator.normal(size=Z.shape)
    Y = D + generator.normal(size=Z.shape)
    one, two = shift_share(Y, D, np.eye(20), Z.T), instrumental_variables(Y, D, Z)
    assert (one.effect, one.standard_error) == pytest.approx((two.effect, two.standard_error), rel=1e-10)
    assert region(one).parts[0] == pytest.approx(region(two).parts[0], rel=1e-9)
    assert check(one, "first-stage").value == pytest.approx(check(two, "first-stage").value, rel=1e-9)
    assert check(one, "effective-shocks").value == pytest.approx(20)


def test_shocks_of_whole_years_and_of_whole_industries_change_nothing():
    Y, D, shares, shocks, _ = exposed(4)
    generator = np.random.default_rng(5)
    moved = shocks + 50 * generator.normal(size=(6, 1)) + 50 * generator.normal(size=12)
    one, two = shift_share(Y, D, shares, shocks), shift_share(Y, D, shares, moved)
    assert two.effect == pytest.approx(one.effect, rel=1e-8)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-8)


def test_units_of_measurement_change_nothing():
    Y, D, shares, shocks, _ = exposed(6)
    one, two = shift_share(Y, D, shares, shocks), shift_share(Y * 1e7, D * 1e-5, shares, shocks * 1e3)
    assert (two.effect, two.standard_error) == pytest.approx(
        (one.effect * 1e12, one.standard_error * 1e12), rel=1e-8
    )
    assert [c.value for c in two.checks] == pytest.approx([c.value for c in one.checks], rel=1e-7)


def test_incomplete_shares_are_refused_or_their_sum_is_controlled_for():
    Y, D, shares, shocks, _ = exposed(7)
    part, some = shares[:, :9], shocks[:, :9]
    with pytest.raises(PanelError, match=r"do not add to one, those of unit 0 to .* incomplete=True"):
        shift_share(Y, D, part, some)
    found = shift_share(Y, D, part, some, incomplete=True)
    sums = np.zeros((6, 30, 6))
    for period in range(6):
        sums[period, :, period] = part.sum(axis=1)
    used = np.ones(Y.shape, bool)
    slope, error = slow_by_shock(Y, D, part, some, used, sums[1:])
    assert found.effect == pytest.approx(slope, rel=1e-8)
    assert found.standard_error == pytest.approx(error * np.sqrt(factor(9, 54, 1, 6)), rel=1e-7)
    # With the sums controlled for, shocks common to all change nothing, as with whole shares.
    again = shift_share(Y, D, part, some + np.arange(6)[:, None] ** 2, incomplete=True)
    assert again.effect == pytest.approx(found.effect, rel=1e-7)


def test_shares_that_all_add_to_the_same_need_no_control():
    Y, D, shares, shocks, _ = exposed(8)
    one, two = shift_share(Y, D, shares, shocks), shift_share(Y, D, shares / 2, shocks, incomplete=True)
    assert (two.effect, two.standard_error) == pytest.approx((one.effect, one.standard_error), rel=1e-8)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda s, g: (s[1:], g), r"shares have shape \(29, 12\), expected units by shocks \(30, K\)"),
        (lambda s, g: (s, g.T), r"shocks have shape \(12, 6\), expected periods by shocks \(6, 12\)"),
        (lambda s, g: (s - 0.2, g), r"shares\[0, \d+\] is -0\.\d+, expected a share of 0 or more"),
        (lambda s, g: (np.where(s == s.max(), np.nan, s), g), r"is nan, expected a share of 0 or more"),
        (lambda s, g: (s, np.where(g == g.max(), np.nan, g)), "is nan; every shock must be known"),
        (lambda s, g: (s * 2, g), "do not add to one"),
        (
            lambda s, g: (s, g[:, :1] * np.ones(12)),
            "the instrument is a constant of the unit and one of the period",
        ),
        (
            lambda s, g: (np.full(s.shape, 1 / 12), g),
            "the instrument is a constant of the unit and one of the period",
        ),
    ],
)
def test_what_is_no_exposure_is_refused(spoil, sentence):
    Y, D, shares, shocks, _ = exposed(9)
    with pytest.raises(PanelError, match=sentence):
        shift_share(Y, D, *spoil(shares, shocks))


def test_shocks_of_one_cluster_are_refused():
    Y, D, shares, shocks, _ = exposed(10)
    with pytest.raises(PanelError, match="1 cluster of shocks, expected two or more"):
        shift_share(Y, D, shares, shocks, shock_clusters=np.zeros(12))


def test_a_shock_that_nobody_is_exposed_to_changes_nothing():
    Y, D, shares, shocks, _ = exposed(11)
    wider = np.column_stack([shares, np.zeros(30)]), np.column_stack([shocks, np.arange(6) ** 2.0])
    one, two = shift_share(Y, D, shares, shocks), shift_share(Y, D, *wider)
    assert (two.effect, two.standard_error) == pytest.approx((one.effect, one.standard_error), rel=1e-9)
    assert two.clusters == 12
