r"""Slopes on a dose: how much an outcome moves with each unit of a treatment that is not on or off.

Question
    Where a unit had more of the dose than its own mean and its period's, was its outcome higher?
Estimand
    :math:`\beta` of :math:`Y_{it} = \alpha_i + \gamma_t + \beta D_{it} + X_{it}'\delta + \varepsilon_{it}`,
    or of :math:`E[Y_{it}] = \exp(\alpha_i + \gamma_t + \beta D_{it} + X_{it}'\delta)` for `poisson`.
Formula
    :math:`\hat\beta = \sum \tilde D_{it} Y_{it} / \sum \tilde D_{it} D_{it}` with the dose's residual
    :math:`\tilde D`; its error is clustered with the small-sample factor
    :math:`\frac{G}{G-1}\frac{n-1}{n-k}`, where :math:`k` counts slopes and periods (constants of units lie
    within clusters), and its interval is Student's with :math:`G - 1` degrees of freedom.
What carries the weight
    That doses did not follow the outcome, neither its past nor what was expected of it, beyond constants of
    units and periods; and that one more unit of dose does the same everywhere. Where it does not, the slope
    weighs cells by :math:`\tilde D`, some of them negatively: the check `negative-weights`.
When not to use it
    Where every unit had a dose in every period, so that no cell shows what none would have been (`undosed`);
    where money follows need; with a handful of clusters.

References
----------
Wooldridge, J., 2010, Econometric Analysis of Cross Section and Panel Data, chapter 10 and section 18.7.
Cameron, A. C. and Miller, D., 2015, Journal of Human Resources 50(2): clustered errors.
de Chaisemartin, C. and D'Haultfoeuille, X., 2020, AER 110(9), Theorem 1: weights.
Santos Silva, J. M. C. and Tenreyro, S., 2006, Review of Economics and Statistics 88(4): Poisson for any
outcome that is not negative; Correia, S., Guimarães, P. and Zylkin, T., 2019, arXiv:1903.01633: separation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.checks import Check
from ayni.panel.clusters_left_out import jackknife_interval, without_each
from ayni.panel.constants import Constants
from ayni.panel.dose_checks import enough_clusters, negative_weights, undosed, without_fit
from ayni.panel.records import Flags, Floats, PanelError
from ayni.panel.regressions import Cells, PoissonFit, cells, grid, least_squares, poisson_fit
from ayni.panel.separation import separated
from ayni.panel.slopes import Slope
from ayni.panel.student import reach, student

# How far sums of fitted means may be from those of the outcome, relative to all of it.
_CONVERGED = 1e-6
# Least variance of a mixture of doses that is not rounding, relative to theirs.
_TOLD_APART = 1e-10


def two_way_fixed_effects(
    Y: ArrayLike,
    D: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    kind: str = "clustered",
    level: float = 0.95,
) -> Slope:
    """Return the slope of an outcome on a dose, with constants of units and periods.

    Parameters
    ----------
    Y : (N, T) array_like of float, unit of the outcome
        One row for each unit, one column for each period, NaN where nothing was observed.
    D : (N, T) array_like of float, unit of the dose
    covariates : mapping of str to (N, T) array_like of float, optional
        What else differs between units and periods, and is no consequence of the dose.
    clusters : (N,) array_like, optional
        Which units err together; each by itself if left out.
    kind : str
        Of the interval: ``clustered``, or ``jackknife`` without each cluster in turn, which is wider and
        nearer to its level with fewer than some hundred clusters.
    level : float
        Of the interval.

    Raises
    ------
    PanelError
        If pyfixest is missing, shapes disagree, a value is infinite, there is one cluster, too few cells are
        complete, or nothing is left of outcome, dose or a covariate once constants, and the covariates before
        it, are taken out.
    """
    method = "two-way fixed effects"
    outcome, dose = pair(method, Y, D)
    made = cells(method, {"outcome": outcome, "dose": dose}, covariates, clusters)
    found = slopes(made, "two-way-fixed-effects", outcome, {"dose": dose}, level, kind)[0]
    left = made.residual(dose)[made.used]
    return with_checks(found, undosed(dose[made.used]), negative_weights(dose[made.used], left))


def poisson(
    Y: ArrayLike,
    D: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    kind: str = "clustered",
    level: float = 0.95,
) -> Slope:
    """Return the slope of the logarithm of an outcome's mean on a dose; the outcome itself may be 0.

    Units and periods whose outcomes are all 0, and other cells for which no finite fit exists, are dropped;
    the check `separated` counts them.

    Parameters
    ----------
    Y : (N, T) array_like of float, unit of the outcome
        Not negative; counts or amounts.
    D, covariates, clusters, kind, level
        As in `two_way_fixed_effects`.

    Raises
    ------
    PanelError
        As in `two_way_fixed_effects`; and if an outcome is negative, all are 0, or the fit does not converge.
    """
    outcome, dose = pair("poisson", Y, D)
    if (outcome < 0).any():
        row, column = (int(one[0]) for one in np.nonzero(outcome < 0))
        raise PanelError(
            f"poisson: Y[{row}, {column}] is {outcome[row, column]:g}, expected no negative outcome; use"
            " two_way_fixed_effects"
        )
    refuse_kind("poisson", kind)
    everything: Flags = np.ones(outcome.shape, np.bool_)
    made, hopeless = _with_fits(outcome, dose, covariates, clusters, everything)
    reach(level, made.groups - 1)
    fit = poisson_fit(made, outcome, dose)
    draws = _poisson_shares(made, outcome[made.used], dose, fit)
    if kind == "jackknife":
        without = []
        for group in np.unique(made.clusters[made.used.any(axis=1)]):
            others = everything & (made.clusters != group)[:, None]
            own, _ = _with_fits(outcome, dose, covariates, clusters, others)
            without.append(poisson_fit(own, outcome, dose).slope)
        interval = jackknife_interval(fit.slope, np.array(without), level)
    else:
        interval = student("clustered", fit.slope, fit.standard_error, level, draws, made.groups - 1)
    found = Slope(
        method="poisson",
        name="dose",
        interval=interval,
        cells=made.count,
        units=made.units,
        periods=made.periods,
        clusters=made.groups,
        dropped=made.dropped,
        checks=(enough_clusters(made.groups),),
    )
    return with_checks(found, undosed(dose[made.used]), without_fit(hopeless))


def _with_fits(
    outcome: Floats,
    dose: Floats,
    covariates: Mapping[str, ArrayLike] | None,
    clusters: ArrayLike | None,
    keep: Flags,
) -> tuple[Cells, int]:
    """Return the cells to keep that have a finite fit, and how many have none."""
    hopeless = 0
    while True:
        made = cells("poisson", {"outcome": outcome, "dose": dose}, covariates, clusters, keep)
        gone = separated(made.used, outcome > 0)
        if not gone.any():
            break
        keep = keep & ~gone
        hopeless += int(gone.sum())
    _refuse_told_by_zeros(made, outcome, dose)
    return made, hopeless


def refuse_kind(method: str, kind: str) -> None:
    """Raise if there is no such kind of interval.

    Raises
    ------
    PanelError
        If so.
    """
    if kind not in ("clustered", "jackknife"):
        raise PanelError(f"{method}: the kind of interval is {kind}, expected clustered or jackknife")


def _refuse_told_by_zeros(made: Cells, outcome: Floats, dose: Floats) -> None:
    """Raise if dose and covariates are, where the outcome is positive, sums of constants and each other."""
    left = made.residual(dose)
    columns = np.array([left / np.linalg.norm(left), *made.basis])
    rest = Constants(made.used & (outcome > 0)).residual(columns).reshape(len(columns), -1)
    if np.linalg.eigvalsh(rest @ rest.T)[0] < _TOLD_APART:
        raise PanelError(
            "poisson: where the outcome is not 0, dose and covariates are sums of constants and of each"
            " other, so that zeros alone would tell a slope, if it is finite at all; leave out a covariate,"
            " or cells"
        )


def _poisson_shares(made: Cells, outcome: Floats, dose: Floats, fit: PoissonFit) -> Floats:
    """Return each cluster's share of the error, (G,), and refuse a fit that is none."""
    weights, left = np.zeros(made.used.shape), np.zeros(made.used.shape)
    weights[made.used], left[made.used] = fit.means, outcome - fit.means
    constants = Constants(weights)
    residuals = weighted_residual(constants, np.where(made.used, dose, 0.0))
    found: list[Floats] = []
    for _, values in made.covariates:
        one = weighted_residual(constants, values)
        for other in found:
            one = one - other * (weights * other * one).sum()
        found.append(one / np.sqrt((weights * one * one).sum()))
    for other in found:
        residuals = residuals - other * (weights * other * residuals).sum()
    size = float(outcome.sum())
    gaps = np.abs(np.concatenate([left.sum(axis=0), left.sum(axis=1)])).max()
    spread = np.sqrt((weights * residuals**2).sum() / weights.sum())
    off = abs(float((left * residuals).sum())) / spread
    if not max(gaps, off) <= _CONVERGED * size:
        raise PanelError(
            f"poisson: the fit does not converge: sums of fitted means miss those of the outcome by"
            f" {max(gaps, off):.3g} of {size:.3g}; look for extreme doses or covariates"
        )
    return scaled(made.by_cluster((left * residuals)[made.used]), fit.standard_error)


def pair(method: str, Y: ArrayLike, D: ArrayLike) -> tuple[Floats, Floats]:
    """Return outcome and dose as (N, T) floats.

    Raises
    ------
    PanelError
        If shapes disagree or a value is infinite.
    """
    faults: list[str] = []
    outcome = grid("Y", Y, None, faults)
    dose = grid("D", D, outcome.shape, faults)
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    return outcome, dose


def slopes(
    made: Cells, method: str, outcome: Floats, doses: Mapping[str, Floats], level: float, kind: str
) -> tuple[Slope, ...]:
    """Return the least squares slopes of several doses together, each with the check of clusters.

    Parameters
    ----------
    doses : mapping of str to (N, T) float
        By the names that the slopes get.
    """
    refuse_kind(method, kind)
    reach(level, made.groups - 1)
    left = {name: made.residual(one) for name, one in doses.items()}
    # What is left of each dose beside the others: its row of the inverse, times all of them.
    stacked = np.array([one[made.used] for one in left.values()])
    sizes = np.sqrt(np.square(stacked).mean(axis=1, keepdims=True))
    stacked = stacked / sizes
    products = stacked @ stacked.T / made.count
    if np.linalg.eigvalsh(products)[0] < _TOLD_APART:
        raise PanelError(
            f"{method}: {', '.join(doses)} cannot be told apart; the dose repeats itself, so ask for fewer"
            " lags"
        )
    own = np.linalg.inv(products) @ stacked
    found = least_squares(made, outcome, doses)
    noise = made.residual(outcome) - sum(found[name][0] * one for name, one in left.items())
    if kind == "jackknife":
        without = without_each(made, outcome, np.array(list(doses.values()))).T
        intervals = [
            jackknife_interval(found[name][0], values, level)
            for name, values in zip(doses, without, strict=True)
        ]
    else:
        shares = [made.by_cluster(row * noise[made.used]) for row in own]
        intervals = [
            student(kind, *found[name], level, scaled(share, found[name][1]), made.groups - 1)
            for name, share in zip(doses, shares, strict=True)
        ]
    return tuple(
        Slope(
            method=method,
            name=name,
            interval=interval,
            cells=made.count,
            units=made.units,
            periods=made.periods,
            clusters=made.groups,
            dropped=made.dropped,
            checks=(enough_clusters(made.groups),),
        )
        for name, interval in zip(doses, intervals, strict=True)
    )


def scaled(shares: Floats, standard_error: float) -> Floats:
    """Return shares of the error, (G,), such that their squares add to that of the standard error."""
    size = float(np.linalg.norm(shares))
    return shares * (standard_error / size) if size > 0 else shares


def weighted_residual(constants: Constants, values: Floats) -> Floats:
    """Return what constants leave of values, fitted with the constants' cells as weights."""
    alpha, beta = constants.fit(values * constants.cells)
    return np.where(constants.cells > 0, values - alpha - beta, 0.0)


def with_checks(slope: Slope, *more: Check) -> Slope:
    """Return a slope with more checks."""
    return replace(slope, checks=(*slope.checks, *more))
