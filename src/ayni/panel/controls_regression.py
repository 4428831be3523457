r"""Regression on chosen controls: the panel data approach of Hsiao, Ching and Wan.

Question
    What would the treated units have been, if what moved them and the controls goes on to move both alike?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it}(1) - Y_{it}(0)` over the treated cells :math:`D`.
Formula
    :math:`\hat Y_t(0) = \hat a + \sum_{i \in S} \hat b_i Y_{it}`, least squares over the :math:`T_0` periods
    before. Of each size :math:`p` the subset :math:`S` of controls with the best :math:`R^2` is taken; of
    these the one with the least criterion: with :math:`L = T_0 \log(\mathrm{RSS} / T_0)` and
    :math:`k = p + 2`

    ==========  =================================================
    ``aicc``    :math:`L + 2k + 2k(k + 1) / (T_0 - k - 1)`
    ``aic``     :math:`L + 2k`
    ``bic``     :math:`L + k \log T_0`
    ==========  =================================================

Interval
    What a regression predicts outside its sample misses by its own error and that of its slopes. With
    :math:`s^2` the residuals' variance over :math:`T_0 - p - 1` degrees of freedom, deviations
    :math:`x_t` from the mean before and :math:`S = \sum_{s \le T_0} x_s x_s'`, the squared error of the mean
    of :math:`T_1` periods is

    .. math:: s^2 \Big(\frac{1}{T_1} + \frac{1}{T_0} + \bar x' S^{-1} \bar x\Big),

    and that of one period the same with :math:`T_1 = 1`. It holds for errors that are alike and independent
    in time, and for a subset that was not searched. It is too narrow after a search, and far too narrow where
    errors depend on the last or controls do not follow all factors: see `benchmarks/coverage_panel.py`.
What carries the weight
    That the treated and the controls follow common factors, whose part in each stays what it was, and that
    the treatment does not reach the controls.
When not to use it
    With few periods before beside the controls, where some subset fits by chance; where outcomes trend, and a
    regression of one trend on another fits whatever moved them; where weights must be a mixture of controls.

References
----------
Hsiao, C., Ching, S. and Wan, S., 2012, Journal of Applied Econometrics 27(5): section 5 for the two steps,
Table XVI for the criterion.
Li, K. and Bell, D., 2017, Journal of Econometrics 197(1): the error of the mean effect has these two parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks, cohort, estimate
from ayni.panel.records import Cohort, Estimate, Floats, Interval, Panel, PanelError, Places
from ayni.panel.student import reach
from ayni.panel.subsets import best_subset, grown

_METHOD = "controls regression"
CRITERIA = ("aicc", "aic", "bic")
# Degrees of freedom that are left to tell noise from, so that the corrected criterion is finite.
_SPARE = 3
# So many triangular factors are made in a search: some seconds.
_ALLOWED = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a cohort would have been in each period, from least to most.

    Attributes
    ----------
    since : int
        Period in which the cohort was first treated.
    low, high : (T,) float, unit of the outcome
        Of the counterfactual, each period by itself; NaN before `since`.
    """

    since: int
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """An estimate with its prediction intervals.

    Attributes
    ----------
    estimate : Estimate
        The controls' slopes are the unit weights; they need not add to one.
    interval : Interval
        Of the effect; its draws are the residuals before. With several cohorts the standard error is the sum
        of theirs, by their treated cells, as if they missed together.
    bands : tuple of Band
        One for each cohort.
    """

    estimate: Estimate
    interval: Interval
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Regressed:
    """A cohort, its residuals before (T0,), and standard errors: of its effect, and of each period (T,)."""

    cohort: Cohort
    residuals: Floats
    freedom: int
    error: float
    errors: Floats


def controls_regression(
    panel: Panel,
    *,
    criterion: str = CRITERIA[0],
    most: int | None = None,
    forward: bool = False,
    level: float = 0.95,
) -> Predicted:
    """Return the effect by a regression of the treated on the subset of controls that a criterion takes.

    Several treated units are fitted as their mean, several cohorts each by itself.

    Parameters
    ----------
    criterion : str
        ``aicc``, ``aic`` or ``bic``.
    most : int, optional
        So many controls are taken at most; never more than four less than the periods before.
    forward : bool
        Whether subsets only grow, each by the control that lowers the squares most, which need not find the
        best ones but takes no time; by default the best are searched, exactly.
    level : float
        Of the intervals.

    Raises
    ------
    PanelError
        If an outcome is missing, there are fewer than five periods before, no control moves before, an option
        is none, or the search would take more than five million regressions.
    """
    if criterion not in CRITERIA:
        raise PanelError(
            f"{_METHOD}: no criterion is called {criterion}; expected one of {', '.join(CRITERIA)}"
        )
    if most is not None and most < 1:
        raise PanelError(f"{_METHOD}: at most {most} controls are to be taken, expected 1 or more")
    found = [
        _regressed(block, _subset(block, criterion, most, forward=forward))
        for block in blocks(panel, _METHOD)
    ]
    settings = [(criterion, 1.0)]
    settings += [("most", float(most))] if most is not None else []
    settings += [("forward", 1.0)] if forward else []
    made = estimate("controls-regression", [one.cohort for one in found], tuple(settings))
    return Predicted(
        estimate=made,
        interval=_interval(made, found, level),
        bands=tuple(_band(one, level) for one in found),
    )


def _subset(block: Block, criterion: str, most: int | None, *, forward: bool) -> Places:
    """Return which controls of a block are taken."""
    since, length, count = block.panel.periods[block.start], block.start, len(block.controls)
    if length <= _SPARE + 1:
        raise PanelError(
            f"{_METHOD}: {length} periods before {since}, expected {_SPARE + 2} or more: a constant, a"
            f" control and {_SPARE} to tell noise from"
        )
    most = min(count, length - _SPARE - 1, count if most is None else most)
    X, y = block.control_outcomes[:, :length].T, block.treated_mean[:length]
    costs = _costs(criterion, most, length)
    taken = grown(X, y, costs) if forward else best_subset(X, y, costs, _ALLOWED)
    if not len(taken.columns):
        raise PanelError(f"{_METHOD}: no control changes before {since}; there is nothing to regress on")
    if taken.factors > _ALLOWED:
        raise PanelError(
            f"{_METHOD}: the best of up to {most} of {count} controls before {since} takes more than"
            f" {_ALLOWED:,} regressions to find; give a smaller most=, take fewer controls, or ask for"
            " forward=True, which need not find the best"
        )
    return taken.columns


def _costs(criterion: str, most: int, length: int) -> Floats:
    """Return what a criterion adds for subsets of none up to `most` controls."""
    k = np.arange(most + 1) + 2.0
    if criterion == "bic":
        return np.asarray(k * np.log(length))
    corrected: Floats = 2 * k + (2 * k * (k + 1) / (length - k - 1) if criterion == "aicc" else 0.0)
    return corrected


def _regressed(block: Block, taken: Places) -> _Regressed:
    """Return the least squares of a block on some of its controls."""
    length, freedom = block.start, block.start - len(taken) - 1
    outcomes = block.control_outcomes[taken]
    off = outcomes - outcomes[:, :length].mean(axis=1, keepdims=True)
    own = block.treated_mean - block.treated_mean[:length].mean()
    basis, factor = np.linalg.qr(off[:, :length].T)
    omega = np.zeros(len(block.controls))
    omega[taken] = np.linalg.solve(factor, basis.T @ own[:length])
    made = cohort(block, omega, np.full(length, 1 / length), np.nan)
    residuals = made.difference[:length]
    # Deviations in directions of length one: their squares are the leverage.
    turned = np.linalg.solve(factor.T, off)
    noise = float(np.sqrt(np.square(residuals).sum() / freedom))
    after, slopes = len(block.panel.periods) - length, turned[:, length:].mean(axis=1)
    errors = noise * np.sqrt(1 + 1 / length + np.square(turned).sum(axis=0))
    errors[:length] = np.nan
    return _Regressed(
        cohort=made,
        residuals=residuals,
        freedom=freedom,
        error=noise * float(np.sqrt(1 / after + 1 / length + slopes @ slopes)),
        errors=errors,
    )


def _band(one: _Regressed, level: float) -> Band:
    width, middle = reach(level, one.freedom) * one.errors, one.cohort.counterfactual
    return Band(since=one.cohort.since, low=middle - width, high=middle + width)


def _interval(made: Estimate, found: list[_Regressed], level: float) -> Interval:
    cells = np.array([one.cohort.cells for one in found], dtype=np.float64)
    error = float(cells @ [one.error for one in found] / cells.sum())
    width = reach(level, min(one.freedom for one in found)) * error
    return Interval(
        kind="prediction",
        estimate=made.att,
        standard_error=error,
        low=made.att - width,
        high=made.att + width,
        level=level,
        p_value=np.nan,
        draws=np.concatenate([one.residuals for one in found]),
        exact=True,
    )
