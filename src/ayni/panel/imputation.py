r"""Imputation: fixed effects of units and periods from the untreated cells alone, filled in for the treated.

Question
    What would the treated cells have been, if units and periods only differ by a constant each, and by
    covariates, where there are some?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it} - \hat\alpha_i - \hat\beta_t - X_{it}'\hat\gamma`
    over the observed treated cells :math:`D`; all hats are least squares on the untreated cells.
What carries the weight
    Parallel trends in every untreated period, and that nobody acted in foresight. Effects may differ between
    units and periods as they like, which two-way fixed effects with one coefficient do not allow.
    Covariates must not answer to the treatment, and go with the outcome there as among the untreated.
When not to use it
    Where treated and controls already drifted apart before.

References
----------
Borusyak, K., Jaravel, X. and Spiess, J., 2024, Review of Economic Studies 91(6): Theorem 2, and section 4.3
for the standard error, which is conservative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.cohorts import estimate
from ayni.panel.constants import Constants, basis
from ayni.panel.intervals import normal
from ayni.panel.records import Cohort, Estimate, Flags, Floats, Interval, Panel, PanelError

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputed:
    """An estimate with its interval.

    Attributes
    ----------
    estimate : Estimate
    interval : Interval or None
        Clustered by unit; None where a cohort has one treated unit, whose own noise cannot be told from its
        effect.
    """

    estimate: Estimate
    interval: Interval | None


def imputation(
    panel: Panel, level: float = 0.95, *, covariates: Mapping[str, ArrayLike] | None = None
) -> Imputed:
    """Return the effect by fixed effects of units and periods, fitted to the untreated cells.

    Outcomes may be missing. Units may be treated from different periods on.

    Parameters
    ----------
    level : float
        Of the interval.
    covariates : mapping of str to (N, T) array_like of float, optional
        NaN where nothing is known: the cell is left out. Their slopes are in the settings as ``slope NAME``.

    Raises
    ------
    PanelError
        If a treated unit was never observed before its treatment, a period has treated cells only, the
        untreated cells fall apart into groups that share no period, or a covariate has another shape or is
        among the untreated nothing but constants and the covariates before it.
    """
    names, X = _given(panel, covariates or {})
    observed = ~np.isnan(panel.Y) & ~np.isnan(X).any(axis=0)
    panel = replace(panel, Y=np.where(observed, panel.Y, np.nan))
    untreated, treated = observed & ~panel.treated, observed & panel.treated
    refuse_unidentified(panel, untreated, treated, "imputation")
    outcomes, X = np.where(observed, panel.Y, 0.0), np.where(observed, X, 0.0)
    constants = Constants(untreated)
    faults: list[str] = []
    left = basis(constants, tuple(zip(names, X, strict=True)), faults)
    if faults:
        raise PanelError("imputation: among the untreated cells " + "; ".join(faults))
    # Covariates by the basis: what is left of them is this, transposed, times the basis.
    mixed = np.einsum("jnt,knt->jk", left, X)
    slopes = np.linalg.solve(mixed, np.einsum("knt,nt->k", left, outcomes))
    through = np.tensordot(slopes, X, axes=1)
    alpha, beta = constants.fit((outcomes - through) * untreated)
    counterfactual = alpha + beta + through
    cohorts = [
        filled_cohort(panel, int(start), treated, counterfactual, np.nan)
        for start in np.unique(panel.starts[~panel.controls])
    ]
    settings = tuple((f"slope {name}", float(slope)) for name, slope in zip(names, slopes, strict=True))
    found = estimate("imputation", cohorts, settings)
    if any(len(one.units) < 2 for one in found.cohorts):  # noqa: PLR2004 - one tells no noise
        return Imputed(estimate=found, interval=None)
    weights = _weights(constants, treated, X, left, mixed)
    interval = _interval(panel, found, weights, constants, treated, outcomes - counterfactual, level)
    return Imputed(estimate=found, interval=interval)


def _given(panel: Panel, covariates: Mapping[str, ArrayLike]) -> tuple[tuple[str, ...], Floats]:
    """Return names and values (K, N, T) of covariates."""
    values = {name: np.asarray(one, dtype=np.float64) for name, one in covariates.items()}
    faults = [
        f"covariate {name} has shape {one.shape}, expected that of Y, {panel.Y.shape}"
        for name, one in values.items()
        if one.shape != panel.Y.shape
    ]
    faults += [
        f"covariate {name} holds infinities; expected numbers, or NaN where nothing is known"
        for name, one in values.items()
        if np.isinf(one).any()
    ]
    if faults:
        raise PanelError("imputation: " + "; ".join(faults))
    return tuple(values), np.array(list(values.values())).reshape(len(values), *panel.Y.shape)


def _weights(constants: Constants, treated: Flags, X: Floats, left: Floats, mixed: Floats) -> Floats:
    """Return what the effect weighs each outcome with: (N, T) float."""
    weights = treated / treated.sum()
    units, periods = constants.fit(weights)
    # What the effect puts on each untreated outcome, through the fixed effects and through the covariates.
    through = (units + periods) * constants.cells
    excess = np.einsum("knt,nt->k", X, weights - through)
    through += np.tensordot(np.linalg.solve(mixed.T, excess), left, axes=1)
    found: Floats = weights - through
    return found


def refuse_unidentified(panel: Panel, untreated: Flags, treated: Flags, method: str) -> None:
    """Raise if constants of treated units and periods cannot be told, all reasons at once.

    Raises
    ------
    PanelError
        See `imputation`.
    """
    faults = []
    blind = treated.any(axis=1) & ~untreated.any(axis=1)
    if blind.any():
        some = ", ".join(panel.units[i] for i in np.flatnonzero(blind)[:_SHOWN])
        faults.append(f"{some}: never observed before treatment; leave such units out")
    alone = treated.any(axis=0) & ~untreated.any(axis=0)
    if alone.any():
        some = ", ".join(str(panel.periods[t]) for t in np.flatnonzero(alone)[:_SHOWN])
        faults.append(f"no untreated unit was observed in {some}; end the panel before")
    if not treated.any():
        faults.append("no treated cell was observed")
    if not faults and _pieces(untreated) > 1:
        faults.append("the untreated cells fall apart into groups that share no period; use one of them")
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))


def _pieces(cells: Flags) -> int:
    """Return into how many groups of units and periods the cells fall that share nothing."""
    left: Flags = np.asarray(cells.any(axis=1))
    pieces = 0
    while left.any():
        pieces += 1
        units: Flags = np.zeros(len(left), np.bool_)
        units[left.argmax()] = True
        while True:
            periods = cells[units].any(axis=0)
            wider: Flags = np.asarray(cells[:, periods].any(axis=1))
            if (wider == units).all():
                break
            units = wider
        left[units] = False
    return pieces


def filled_cohort(panel: Panel, start: int, treated: Flags, counterfactual: Floats, gap: float) -> Cohort:
    """Return a cohort whose cells without treatment were filled in one by one: (N, T) float."""
    rows = np.flatnonzero(panel.starts == start)
    outcomes = panel.Y[rows]
    seen = ~np.isnan(outcomes)
    counts = seen.sum(axis=0)
    whole = np.where(counts > 0, counts, np.nan)
    observed = np.where(seen, outcomes, 0.0).sum(axis=0) / whole
    filled = np.where(seen, counterfactual[rows], 0.0).sum(axis=0) / whole
    effects = (outcomes - counterfactual[rows])[treated[rows]]
    before = (outcomes - counterfactual[rows])[:, :start][seen[:, :start]]
    nothing = np.full(len(panel.units), np.nan)
    return Cohort(
        since=panel.periods[start],
        units=tuple(panel.units[i] for i in rows),
        periods=panel.periods,
        observed=observed,
        counterfactual=filled,
        unit_weights=nothing,
        time_weights=np.full(len(panel.periods), np.nan),
        att=float(effects.mean()) if effects.size else np.nan,
        cells=int(effects.size),
        pre_rmspe=float(np.sqrt(np.square(before).mean())),
        gap=gap,
    )


def _interval(
    panel: Panel,
    found: Estimate,
    weights: Floats,
    constants: Constants,
    treated: Flags,
    residual: Floats,
    level: float,
) -> Interval:
    """Return the normal interval of the effect as a weighted sum of outcomes, clustered by unit."""
    noise = residual * constants.cells
    for start in np.unique(panel.starts[~panel.controls]):
        rows = panel.starts == start
        cells = treated & rows[:, None]
        count = np.maximum(cells.sum(axis=0), 1)
        mean = (residual * cells).sum(axis=0) / count
        noise += (residual - mean) * cells
    draws = (weights * noise).sum(axis=1)
    error = float(np.sqrt(np.square(draws).sum()))
    return normal("clustered", found.att, error, level, draws)
