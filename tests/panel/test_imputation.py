"""Imputation: regressions with a dummy for everything, missing outcomes, cohorts, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError, difference_in_differences, imputation, panel
from tests.panel.textbook import textbook, walks

STAGGERED = walks(3, starts={0: 8, 1: 8, 3: 12, 5: 12, 6: 12})


def by_regression(own):
    """A dummy for every unit, every period and every treated cell; and the mean of the latter."""
    seen = ~np.isnan(own.Y)
    cells = np.flatnonzero((seen & own.treated).ravel())
    n, length = own.Y.shape
    dummies = [np.kron(np.eye(n), np.ones((length, 1))), np.kron(np.ones((n, 1)), np.eye(length))]
    design = np.column_stack([np.eye(n * length)[:, cells], *dummies])[seen.ravel()]
    return np.linalg.lstsq(design, own.Y[seen], rcond=None)[0][: len(cells)].mean()


def interval_of(own, level=0.95):
    interval = imputation(own, level=level).interval
    assert interval is not None
    return interval


def with_holes(own, seed=1, share=0.15):
    holes = np.random.default_rng(seed).random(own.Y.shape) < share
    return replace(own, Y=np.where(holes, np.nan, own.Y))


@pytest.mark.parametrize("own", [walks(1), STAGGERED, with_holes(STAGGERED), with_holes(walks(2), 3)])
def test_it_is_the_mean_of_a_dummy_for_each_treated_cell(own):
    assert imputation(own).estimate.att == pytest.approx(by_regression(own), abs=1e-9)


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_with_one_cohort_it_is_difference_in_differences(name):
    own = textbook(name)
    assert imputation(own).estimate.att == pytest.approx(difference_in_differences(own).att, abs=1e-9)


def test_constants_of_units_and_periods_change_nothing():
    generator = np.random.default_rng(4)
    n, length = STAGGERED.Y.shape
    shifted = STAGGERED.Y + generator.normal(size=(n, 1)) * 100 + generator.normal(size=length) * 100
    one, two = interval_of(STAGGERED), interval_of(replace(STAGGERED, Y=shifted))
    assert two.estimate == pytest.approx(one.estimate, abs=1e-8)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-8)


def test_the_weights_of_the_standard_error_give_the_effect():
    """By linearity: adding one to an outcome moves the effect by what the standard error weighs it with."""
    own = with_holes(STAGGERED, share=0.05)
    base = imputation(own).estimate.att
    slowly = np.zeros(own.Y.shape)
    for cell in zip(*np.nonzero(~np.isnan(own.Y)), strict=True):
        moved = own.Y.copy()
        moved[cell] += 1
        slowly[cell] = imputation(replace(own, Y=moved)).estimate.att - base
    found = interval_of(own)
    seen = ~np.isnan(own.Y)
    design_free = seen & ~own.treated
    # Residuals by another way: least squares on the untreated cells alone.
    n, length = own.Y.shape
    dummies = np.hstack([np.kron(np.eye(n), np.ones((length, 1))), np.kron(np.ones((n, 1)), np.eye(length))])
    fit = np.linalg.lstsq(dummies[design_free.ravel()], own.Y[design_free], rcond=None)[0]
    effects = own.Y - (dummies @ fit).reshape(n, length)
    for start in (8, 12):
        rows = own.starts == start
        effects[np.ix_(rows, range(start, length))] -= np.nanmean(effects[rows, start:], axis=0)
    clusters = np.nansum(slowly * effects, axis=1)
    assert found.standard_error == pytest.approx(np.sqrt(np.square(clusters).sum()), rel=1e-6)


def test_the_interval_covers_as_often_as_it_says():
    """600 panels with known effects: 90 percent, within three standard errors of the count; conservative."""
    covered = 0
    for seed in range(600):
        generator = np.random.default_rng(seed)
        outcomes = generator.normal(size=(40, 8)) + generator.normal(size=(40, 1)) + generator.normal(size=8)
        treated = np.zeros(outcomes.shape, bool)
        treated[:10, 4:] = treated[10:20, 6:] = True
        interval = interval_of(panel(outcomes + 2.0 * treated, treated), level=0.9)
        covered += interval.low <= 2.0 <= interval.high
    assert covered / 600 == pytest.approx(0.9, abs=0.04)


def test_one_treated_unit_has_no_interval():
    assert imputation(textbook("prop99")).interval is None


def test_every_reason_to_refuse_is_told():
    outcomes = walks(5, units=6, periods=6, starts={0: 3, 1: 3}).Y.copy()
    outcomes[0, :3] = np.nan
    outcomes[2:, 5] = np.nan
    treated = np.zeros(outcomes.shape, bool)
    treated[:2, 3:] = True
    with pytest.raises(PanelError, match=r"0: never observed before treatment.*no untreated unit .* in 5"):
        imputation(panel(outcomes, treated))


def test_groups_that_share_no_period_are_refused():
    outcomes = np.full((4, 4), np.nan)
    outcomes[:2, :2] = outcomes[2:, 2:] = 1.0
    outcomes[0, 2] = 2.0
    treated = np.zeros((4, 4), bool)
    treated[0, 2:] = True
    with pytest.raises(PanelError, match="fall apart"):
        imputation(panel(outcomes, treated))


# --- covariates ----------------------------------------------------------------------------------


def covaried(own, seed=5, count=2):
    generator = np.random.default_rng(seed)
    X = {f"x{k}": generator.normal(size=own.Y.shape).cumsum(axis=1) for k in range(count)}
    Y = own.Y + sum((k + 1.5) * one for k, one in enumerate(X.values()))
    return replace(own, Y=Y), X


def by_regression_with(own, X):
    """As `by_regression`, with a column for each covariate; effect and slopes."""
    seen = ~np.isnan(own.Y) & ~np.isnan(np.array(list(X.values()))).any(axis=0)
    cells = np.flatnonzero((seen & own.treated).ravel())
    n, length = own.Y.shape
    columns = [np.eye(n * length)[:, cells], *(one.ravel()[:, None] for one in X.values())]
    columns += [np.kron(np.eye(n), np.ones((length, 1))), np.kron(np.ones((n, 1)), np.eye(length))]
    design = np.nan_to_num(np.column_stack(columns)[seen.ravel()])
    fit = np.linalg.lstsq(design, own.Y[seen], rcond=None)[0]
    return fit[: len(cells)].mean(), fit[len(cells) : len(cells) + len(X)]


@pytest.mark.parametrize("own", [walks(1), STAGGERED, with_holes(STAGGERED)])
def test_with_covariates_it_is_the_regression_that_has_them(own):
    own, X = covaried(own)
    X["x1"][2, 3] = np.nan
    found = imputation(own, covariates=X).estimate
    att, slopes = by_regression_with(own, X)
    assert found.att == pytest.approx(att, abs=1e-8)
    assert [value for _, value in found.settings] == pytest.approx(slopes, abs=1e-8)
    assert [name for name, _ in found.settings] == ["slope x0", "slope x1"]


def test_with_covariates_the_weights_of_the_standard_error_give_the_effect():
    """The effect is linear in outcomes: its derivative is the weight, and the draws are made of it."""
    own, X = covaried(with_holes(walks(2, units=12, periods=8, starts={0: 5, 1: 5, 2: 5}), share=0.05))
    base = imputation(own, covariates=X)
    weights = np.zeros(own.Y.shape)
    for cell in zip(*np.nonzero(~np.isnan(own.Y)), strict=True):
        moved = own.Y.copy()
        moved[cell] += 1.0
        weights[cell] = imputation(replace(own, Y=moved), covariates=X).estimate.att - base.estimate.att
    gamma = np.array([value for _, value in base.estimate.settings])
    net = own.Y - np.tensordot(gamma, np.array(list(X.values())), axes=1)
    plain = imputation(replace(own, Y=net))
    assert base.interval is not None
    assert plain.interval is not None
    residual = np.where(np.isnan(own.Y), 0.0, net - filled(replace(own, Y=net)))
    late = own.treated & ~np.isnan(own.Y)
    mean = (residual * late).sum(axis=0) / np.maximum(late.sum(axis=0), 1)
    noise = np.where(own.treated, residual - mean, residual)
    assert base.interval.draws == pytest.approx((weights * noise).sum(axis=1), abs=1e-8)


def filled(own):
    """Unit and period constants of the untreated cells, added up."""
    cells = ~np.isnan(own.Y) & ~own.treated
    rows, columns = np.nonzero(cells)
    design = np.column_stack([np.eye(len(own.Y))[rows], np.eye(own.Y.shape[1])[columns]])
    fit = np.linalg.lstsq(design, own.Y[cells], rcond=None)[0]
    return fit[: len(own.Y), None] + fit[len(own.Y) :]


def test_covariates_that_do_nothing_are_no_harm_and_units_of_theirs_change_nothing():
    own, X = covaried(STAGGERED)
    one = imputation(own, covariates=X)
    two = imputation(own, covariates={name: 1000 * values + 7 for name, values in X.items()})
    assert two.estimate.att == pytest.approx(one.estimate.att, abs=1e-8)
    assert one.interval is not None
    assert two.interval is not None
    assert two.interval.standard_error == pytest.approx(one.interval.standard_error, rel=1e-7)
    assert imputation(own, covariates={}).estimate.att == imputation(own).estimate.att


def test_covariates_that_tell_nothing_of_their_own_are_refused_by_name():
    own, X = covaried(STAGGERED)
    n, length = own.Y.shape
    trait = np.repeat(np.arange(float(n))[:, None], length, axis=1)
    with pytest.raises(
        PanelError, match=r"covariate trait is nothing but constants of units and periods; leave"
    ):
        imputation(own, covariates={"trait": trait})
    with pytest.raises(PanelError, match=r"covariate twice is nothing but .* and the covariates before it"):
        imputation(own, covariates={**X, "twice": X["x0"] + 2 * X["x1"] + trait})
    with pytest.raises(PanelError, match=r"covariate a has shape \(3,\).*covariate b holds infinities"):
        imputation(own, covariates={"a": np.ones(3), "b": np.full(own.Y.shape, np.inf)})
