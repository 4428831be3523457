r"""Predictors: what is known of each unit before treatment, one number for each.

Question
    By which traits should the weighted controls resemble the treated unit?
What they are
    :math:`X_{ki}`, the mean of a covariate over some periods, or the outcome of one period, for predictor
    :math:`k` and unit :math:`i`. They are compared in units of their standard deviation over all units.
What carries the weight
    That they were settled before the treatment. A mean that reaches into treated periods takes part of the
    effect for a trait, and nothing here can notice.
When not to use them
    Where the whole path of the outcome before is fitted anyway, they have no say (Kaul, Kloessner, Pfeifer
    and Schieler, 2022, Journal of Business and Economic Statistics 40(3)).

References
----------
Abadie, A. and Gardeazabal, J., 2003, AER 93(1), appendix B.
Abadie, A., Diamond, A. and Hainmueller, J., 2010, JASA 105(490), section 2.3: linear combinations of outcomes
and covariates as predictors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.records import Estimate, Floats, Panel, PanelError, Places

_SHOWN = 5
# A predictor whose deviation is less than this part of its largest value does not vary.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictors:
    """Values of predictors, which follow the names of their units. Made by `predictors` and others here.

    Attributes
    ----------
    names : tuple of str
        K predictors.
    units : tuple of str
        N units; a panel may have fewer of them, in any order.
    X : (K, N) float, each row in the unit of its predictor
        No value is missing.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    X: Floats

    def of(self, units: Sequence[str]) -> Floats:
        """Return the columns of some units, in their order: (K, len(units)) float.

        Raises
        ------
        PanelError
            If a unit has no predictors.
        """
        place = {name: i for i, name in enumerate(self.units)}
        absent = [name for name in units if name not in place]
        if absent:
            raise PanelError(
                f"no predictors for {', '.join(absent[:_SHOWN])}; expected a column for each unit of the"
                " panel; add them, or leave out those units"
            )
        return self.X[:, [place[name] for name in units]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How near the synthetic control is to the treated in one predictor.

    Attributes
    ----------
    since : int
        First treated period of the cohort.
    predictor : str
    treated, synthetic, controls : float, unit of the predictor
        Mean of the treated, weighted mean of the controls, and their plain mean.
    """

    since: int
    predictor: str
    treated: float
    synthetic: float
    controls: float


def predictors(X: ArrayLike, *, names: Sequence[str], units: Sequence[object]) -> Predictors:
    """Return predictors from their values.

    Parameters
    ----------
    X : (K, N) array_like of float, each row in the unit of its predictor
    names : sequence of str
        K names.
    units : sequence
        N names, as the panel has them.

    Raises
    ------
    PanelError
        If there is no predictor, shapes disagree, names repeat, or a value is missing or infinite; all of it
        in one message.
    """
    values = np.asarray(X, dtype=np.float64)
    labels, columns = tuple(names), tuple(map(str, units))
    if values.shape != (len(labels), len(columns)) or 0 in values.shape:
        raise PanelError(
            f"X has shape {values.shape}, expected predictors by units, ({len(labels)}, {len(columns)}), and"
            " one or more of both"
        )
    faults = [
        f"{what} are named twice: {', '.join(_twice(given))}"
        for what, given in (("predictors", labels), ("units", columns))
        if _twice(given)
    ]
    for name, row in zip(labels, values, strict=True):
        bad = np.flatnonzero(~np.isfinite(row))
        if len(bad):
            some = ", ".join(columns[i] for i in bad[:_SHOWN])
            faults.append(
                f"{name} is missing for {len(bad)} units: {some}; expected a number for each; leave out the"
                " predictor or those units, or take other periods"
            )
    if faults:
        raise PanelError("; ".join(faults))
    return Predictors(names=labels, units=columns, X=values)


def _twice(given: tuple[str, ...]) -> list[str]:
    return sorted({one for one in given if given.count(one) > 1})[:_SHOWN]


def averages(panel: Panel, covariates: Mapping[str, ArrayLike], periods: Iterable[int]) -> Predictors:
    """Return the mean of each covariate over some periods; periods in which it is missing are passed over.

    Parameters
    ----------
    covariates : mapping of str to (N, T) array_like of float
        Laid out as the panel's outcomes, which may be among them; NaN where nothing was observed.
    periods : iterable of int
        Labels of periods.

    Raises
    ------
    PanelError
        If a period is unknown, a shape is not the panel's, or a covariate is missing for
        a unit in all periods.
    """
    places = positions(panel, periods)
    rows = []
    for name, given in covariates.items():
        values = np.asarray(given, dtype=np.float64)
        if values.shape != panel.Y.shape:
            raise PanelError(f"{name} has shape {values.shape}, expected that of Y, {panel.Y.shape}")
        some = values[:, places]
        seen = ~np.isnan(some)
        total, count = np.where(seen, some, 0.0).sum(axis=1), seen.sum(axis=1)
        rows.append(np.where(count > 0, total / np.maximum(count, 1), np.nan))
    return predictors(np.array(rows), names=tuple(covariates), units=panel.units)


def outcomes_in(panel: Panel, periods: Iterable[int]) -> Predictors:
    """Return the outcome of each of some periods as a predictor, named ``outcome-1975`` and so on.

    Raises
    ------
    PanelError
        If a period is unknown, or an outcome is missing.
    """
    places = positions(panel, periods)
    names = [f"outcome-{panel.periods[t]}" for t in places]
    return predictors(panel.Y[:, places].T, names=names, units=panel.units)


def together(*parts: Predictors) -> Predictors:
    """Return predictors of the same units as one record, in the order given.

    Raises
    ------
    PanelError
        If nothing is given, a part lacks a unit of the first, or names repeat.
    """
    if not parts:
        raise PanelError("together: no predictors; expected one record or more")
    units = parts[0].units
    names = [name for part in parts for name in part.names]
    return predictors(np.vstack([part.of(units) for part in parts]), names=names, units=units)


def balance(panel: Panel, predictors: Predictors, estimate: Estimate) -> tuple[Balance, ...]:
    """Return the treated, the synthetic control and the controls' mean in every predictor, cohort by cohort.

    Parameters
    ----------
    estimate : Estimate
        Of this panel, by any method with unit weights.

    Raises
    ------
    PanelError
        If a unit of the panel has no predictors, or the estimate is of another panel.
    """
    X = predictors.of(panel.units)
    rows = []
    for one in estimate.cohorts:
        if len(one.unit_weights) != len(panel.units):
            raise PanelError(
                f"balance: {len(one.unit_weights)} unit weights for {len(panel.units)} units; expected an"
                " estimate of this panel"
            )
        treated = X[:, [panel.units.index(name) for name in one.units]].mean(axis=1)
        synthetic, controls = X @ one.unit_weights, X[:, panel.controls].mean(axis=1)
        rows += [
            Balance(
                since=one.since,
                predictor=name,
                treated=float(treated[k]),
                synthetic=float(synthetic[k]),
                controls=float(controls[k]),
            )
            for k, name in enumerate(predictors.names)
        ]
    return tuple(rows)


def positions(panel: Panel, periods: Iterable[int]) -> Places:
    """Return where periods are.

    Raises
    ------
    PanelError
        If there is none, or one is not of the panel.
    """
    labels = tuple(periods)
    unknown = [str(one) for one in labels if one not in panel.periods]
    if unknown or not labels:
        raise PanelError(
            f"periods {', '.join(unknown[:_SHOWN]) or '(none)'} are not of the panel; expected one or more"
            f" from {panel.periods[0]} to {panel.periods[-1]}"
        )
    return np.array([panel.periods.index(one) for one in labels], np.int64)


def deviations(X: Floats) -> Floats:
    """Return the standard deviation of each row of (K, N) values, 0 where it is but rounding."""
    deviation = X.std(axis=1, ddof=1) if X.shape[1] > 1 else np.zeros(len(X))
    return np.where(deviation > _CONSTANT * np.abs(X).max(axis=1), deviation, 0.0)


def scaled(X: Floats, treated: int) -> tuple[Floats, Floats]:
    """Return controls and treated mean in standard deviations of each predictor, less the controls' mean.

    Parameters
    ----------
    X : (K, N1 + N0) float
        The treated first.
    treated : int
        N1.

    Returns
    -------
    A : (N0, K) float
    b : (K,) float
        Predictors that do not vary are 0 in both.
    """
    deviation = deviations(X)
    varies = deviation > 0
    middle = X[:, treated:].mean(axis=1)
    off = np.where(varies[:, None], X - middle[:, None], 0.0) / np.where(varies, deviation, 1.0)[:, None]
    return np.ascontiguousarray(off[:, treated:].T), off[:, :treated].mean(axis=1)
