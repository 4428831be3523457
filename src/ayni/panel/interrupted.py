r"""Interrupted time series: one series, its trend before carried on, without any control.

Question
    How far did the series depart from its own trend?
Estimand
    :math:`\tau = \frac{1}{|A|} \sum_{t \in A} y_t - \hat b_0 - \hat b_1 t` over the observed periods
    :math:`A` after the treatment began.
Formula
    :math:`y_t = b_0 + b_1 t + b_2 D_t + b_3 D_t (t - t_0) + e_t` by least squares, :math:`D_t` being one from
    :math:`t_0` on. The effect is :math:`b_2 + b_3` times the mean of :math:`t - t_0`: noise after the
    treatment is part of its error.
What carries the weight
    That the straight line would have gone on, and nothing else happened in :math:`t_0`. Nothing in the data
    can show either; a control would.
When not to use it
    Where there are controls. With a trend that bends. Where the treatment was a reaction to an outcome out of
    the ordinary. With seasons, unless they were taken out before.

Inference
    Errors keep :math:`\rho` of the last one. What is not known of :math:`\rho` is averaged over: each value
    between -1 and 1 gives the estimate a Student distribution, weighted by the restricted likelihood, as a
    flat prior would. Such intervals cover nearly what they say, where those of Newey and West cover far less
    (`docs/reference/panel.md`); these are given on demand.

References
----------
Wagner, A., Soumerai, S., Zhang, F. and Ross-Degnan, D., 2002, Journal of Clinical Pharmacy and Therapeutics
27(4): the segmented regression.
Bernal, J., Cummins, S. and Gasparrini, A., 2017, International Journal of Epidemiology 46(1).
Zellner, A. and Tiao, G., 1964, Journal of the American Statistical Association 59: errors that depend on the
last, their share integrated out. Newey, W. and West, K., 1987, Econometrica 55(3), eq. 5.
Ljung, G. and Box, G., 1978, Biometrika 65(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.checks import Check, at_least
from ayni.panel.intervals import refuse_level
from ayni.panel.records import Estimate, Floats, Interval, Panel, PanelError
from ayni.panel.series import Series, by_cohort, series
from ayni.panel.tails import chi_squared_tail, student_table

_METHOD = "interrupted time series"
# Conventions: what a check is held against.
_DURBIN_WATSON, _LJUNG_BOX = 1.5, 0.05
# Values of rho: the middles of so many equal pieces from -1 to 1.
_VALUES = 200
# Weights of values of rho that are nothing beside the largest.
_NO_WEIGHT = 1e-9
_STEP, _MOST_STEPS = 1e-10, 100
# Residuals that are nothing, relative to the range of the outcomes, or rounding, relative to the largest.
_NO_NOISE, _ROUNDING = 1e-10, 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """An estimate with its intervals.

    Attributes
    ----------
    estimate : Estimate
        One cohort; its counterfactual is the line before, carried on.
    interval, jump, turn : Interval
        Of the mean effect; of the change of level in the first treated period; of the change of slope, per
        period, None where it was not asked for. ``autoregressive`` or ``hac``; their draws are each observed
        period's residual times its weight in the estimate.
    low, high : (T,) float, unit of the outcome
        Interval of the counterfactual outcome in each period after, the period's own error included; NaN
        before.
    rho : float
        Share of an error that is kept, on average over what is likely.
    checks : tuple of Check
        `durbin-watson` of the residuals (passes from 1.5 on; 2 is no autocorrelation), and `ljung-box`, the
        p-value of the hypothesis that errors beyond what the interval allows for are independent (passes from
        0.05 on; of residuals, for ``hac``).
    """

    estimate: Estimate
    interval: Interval
    jump: Interval
    turn: Interval | None
    low: Floats
    high: Floats
    rho: float
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """The least squares: weights (k, n) give coefficients; contrasts (J, k) of them are asked for."""

    own: Series
    when: Floats
    X: Floats
    weights: Floats
    coefficients: Floats
    residuals: Floats
    contrasts: Floats

    @property
    def freedom(self) -> int:
        """Observations less coefficients."""
        return len(self.when) - len(self.coefficients)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """Standard errors of contrasts (G, J) and of outcomes beside the line (G, T), by value of rho, with
    weights (G,).
    """  # noqa: D205 - one sentence

    weights: Floats
    contrasts: Floats
    outcomes: Floats


def interrupted_time_series(
    y: ArrayLike,
    start: int,
    *,
    periods: Sequence[int] | None = None,
    slope: bool = True,
    lags: int | None = None,
    level: float = 0.9,
) -> Interrupted:
    """Return how far a series departed from its trend before.

    Parameters
    ----------
    y : (T,) array_like of float, unit of the outcome
        NaN where nothing was observed.
    start : int
        Position of the first treated period.
    periods : sequence of int, optional
        T labels, ascending, which are the time of the regression; 0, 1, … if left out.
    slope : bool
        Whether the slope may change, too. If not, the line keeps that of before and after.
    lags : int, optional
        If given, the interval is that of Newey and West with so many lags and Student's quantiles; 0 allows
        for unequal variances only.

    Raises
    ------
    PanelError
        If fewer than three periods before were observed or, with a slope, fewer than two after; if there are
        no more observations than coefficients; or if the series has no noise at all.
    """
    own = series(y, start, periods=periods, method=_METHOD)
    refuse_level(level)
    if lags is not None and not 0 <= lags < int(own.seen.sum()):
        raise PanelError(
            f"{_METHOD}: {lags} lags, expected 0 or more and fewer than the"
            f" {int(own.seen.sum())} periods that were observed"
        )
    fit = _fitted(own, slope=slope)
    rhos, likely = _likely(fit)
    spread = _autoregressive(fit, rhos, likely) if lags is None else _newey_west(fit, lags)
    after = np.hstack([spread.contrasts, spread.outcomes[:, start:]])
    reach = _reach(after, spread.weights, fit.freedom, level)
    count = len(fit.contrasts)
    counterfactual = _line(fit) @ fit.coefficients
    low, high = np.full((2, len(own.y)), np.nan)
    low[start:], high[start:] = counterfactual[start:] - reach[count:], counterfactual[start:] + reach[count:]
    cohort = own.cohort(counterfactual)
    made = _intervals(fit, spread, reach, "autoregressive" if lags is None else "hac", level)
    settings = (("slope", float(slope)), *(() if lags is None else (("lags", float(lags)),)))
    return Interrupted(
        estimate=Estimate(
            method="interrupted-time-series", att=cohort.att, cohorts=(cohort,), settings=settings
        ),
        interval=made[0],
        jump=made[1],
        turn=made[2] if slope else None,
        low=low,
        high=high,
        rho=float(rhos @ likely),
        checks=_checks(fit, float(rhos[likely.argmax()]) if lags is None else 0.0),
    )


def _intervals(fit: _Fit, spread: _Spread, reach: Floats, kind: str, level: float) -> list[Interval]:
    errors = np.sqrt(spread.weights @ np.square(spread.contrasts))
    return [
        Interval(
            kind=kind,
            estimate=float(one @ fit.coefficients),
            standard_error=float(error),
            low=float(one @ fit.coefficients - half),
            high=float(one @ fit.coefficients + half),
            level=level,
            p_value=np.nan,
            draws=one @ fit.weights * fit.residuals,
            exact=True,
        )
        for one, error, half in zip(fit.contrasts, errors, reach[: len(errors)], strict=True)
    ]


def interrupted_estimate(panel: Panel) -> Estimate:
    """Return the effect on each cohort's mean, without its controls: what the curve of specifications runs.

    Raises
    ------
    PanelError
        See `interrupted_time_series`.
    """
    return by_cohort(
        panel,
        "interrupted-time-series",
        lambda own: interrupted_time_series(own.y, own.start, periods=own.periods).estimate,
        controls=False,
    )


def _fitted(own: Series, *, slope: bool) -> _Fit:
    seen = own.seen
    time = np.array(own.periods, dtype=np.float64)
    since = time - time[own.start]
    after = (since >= 0).astype(np.float64)
    columns = [np.ones_like(since), since, after, *([after * since] if slope else [])]
    X = np.column_stack(columns)[seen]
    count = int(after[seen].sum())
    if slope and count < 2:  # noqa: PLR2004 - two points make a line
        raise PanelError(
            f"{_METHOD}: {count} periods after treatment began were observed, expected two or more to tell"
            " its slope; ask for none (slope=False)"
        )
    if len(X) <= X.shape[1]:
        raise PanelError(
            f"{_METHOD}: {len(X)} periods were observed, expected more than the {X.shape[1]} coefficients"
        )
    # Time in pieces of its whole length, so that squares keep their digits.
    scale = np.array([1.0, max(float(np.ptp(since)), 1.0), 1.0, max(float(np.ptp(since)), 1.0)][: X.shape[1]])
    weights = np.linalg.pinv(X / scale) / scale[:, None]
    values = own.y[seen]
    coefficients = weights @ values
    residuals = values - X @ coefficients
    nothing = max(_NO_NOISE * float(np.ptp(values)), _ROUNDING * float(np.abs(values).max()))
    if np.abs(residuals).max() <= nothing:
        raise PanelError(
            f"{_METHOD}: the series lies on its lines without any error, so that nothing tells how sure they"
            " are; take more periods"
        )
    mean = float(since[seen & (since >= 0)].mean())
    contrasts = np.array([[0, 0, 1, mean], [0, 0, 1, 0], [0, 0, 0, 1]])[: 3 if slope else 2, : X.shape[1]]
    return _Fit(
        own=own,
        when=time[seen],
        X=X / scale,
        weights=weights,
        coefficients=coefficients,
        residuals=residuals,
        contrasts=contrasts,
    )


def _line(fit: _Fit) -> Floats:
    """Return the line before, carried on, as rows of coefficients: (T, k)."""
    time = np.array(fit.own.periods, dtype=np.float64)
    line = np.zeros((len(time), fit.X.shape[1]))
    line[:, 0], line[:, 1] = 1.0, time - time[fit.own.start]
    return line


def _likely(fit: _Fit) -> tuple[Floats, Floats]:
    """Return values of rho and how likely they are, by restricted likelihood: (G,) and (G,)."""
    rhos = (np.arange(_VALUES) + 0.5) * 2 / _VALUES - 1
    kept, own = _whitening(fit, rhos)
    # Residuals stand for the outcomes: what the regressors explain changes no likelihood.
    columns = np.column_stack([fit.X, fit.residuals / np.abs(fit.residuals).max()])
    white = columns[None] * own[..., None]
    white[:, 1:] -= kept[..., None] * columns[:-1] * own[:, 1:, None]
    factor = np.linalg.cholesky(white.mT @ white)
    pivots = np.log(np.diagonal(factor, axis1=1, axis2=2))
    logs = np.log(own).sum(axis=1) - pivots[:, :-1].sum(axis=1) - fit.freedom * pivots[:, -1]
    likely = np.exp(logs - logs.max())
    return rhos, likely / likely.sum()


def _whitening(fit: _Fit, rhos: Floats) -> tuple[Floats, Floats]:
    """Return what is kept of the last observed error (G, n - 1), and what makes variances one (G, n)."""
    gaps = np.diff(fit.when)
    kept = np.sign(rhos)[:, None] ** gaps * np.abs(rhos)[:, None] ** gaps
    own = np.ones((len(rhos), len(fit.when)))
    own[:, 1:] = 1 / np.sqrt(1 - np.square(kept))
    return kept, own


def _autoregressive(fit: _Fit, rhos: Floats, likely: Floats) -> _Spread:
    """Return the standard errors of least squares for each value of rho that is likely."""
    some = likely > _NO_WEIGHT * likely.max()
    rhos, weights = rhos[some], likely[some] / likely[some].sum()
    kept, own = _whitening(fit, rhos)
    e = fit.residuals
    # Generalised least squares of the residuals, for the variance of the errors at each value.
    white = np.column_stack([fit.X, e])[None] * own[..., None]
    white[:, 1:] -= kept[..., None] * np.column_stack([fit.X, e])[:-1] * own[:, 1:, None]
    variance = np.square(np.linalg.cholesky(white.mT @ white)[:, -1, -1]) / fit.freedom
    correlated = _correlated(fit, rhos)
    seen = fit.own.seen
    between = fit.weights @ correlated[:, seen]
    line = _line(fit)
    contrasts = ((fit.contrasts @ between) * fit.contrasts).sum(axis=2)
    outcomes = 1 - 2 * (correlated * line).sum(axis=2) + ((line @ between) * line).sum(axis=2)
    return _Spread(
        weights=weights,
        contrasts=np.sqrt(variance[:, None] * contrasts),
        outcomes=np.sqrt(variance[:, None] * np.maximum(outcomes, 0.0)),
    )


def _correlated(fit: _Fit, rhos: Floats) -> Floats:
    """Return the correlation of every period's error with each coefficient's: (G, T, k)."""
    time = np.array(fit.own.periods, dtype=np.float64)
    at = np.zeros((len(time), len(fit.weights)))
    at[fit.own.seen] = fit.weights.T
    gaps = np.diff(time)
    kept = np.sign(rhos)[:, None] ** gaps * np.abs(rhos)[:, None] ** gaps
    forward, backward = (np.repeat(at[None], len(rhos), axis=0) for _ in range(2))
    for t in range(1, len(time)):
        forward[:, t] += kept[:, t - 1, None] * forward[:, t - 1]
    for t in range(len(time) - 2, -1, -1):
        backward[:, t] += kept[:, t, None] * backward[:, t + 1]
    both: Floats = forward + backward - at
    return both


def _newey_west(fit: _Fit, lags: int) -> _Spread:
    """Return the standard errors of Newey and West, for degrees of freedom; missing periods score nothing."""
    first, last = fit.own.periods[0], fit.own.periods[-1]
    scores = np.zeros((last - first + 1, len(fit.weights)))
    scores[fit.when.astype(np.int64) - first] = (fit.weights * fit.residuals).T
    between = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        cross = scores[lag:].T @ scores[:-lag]
        between += (1 - lag / (lags + 1)) * (cross + cross.T)
    between *= len(fit.when) / fit.freedom
    line = _line(fit)
    noise = float(fit.residuals @ fit.residuals) / fit.freedom
    return _Spread(
        weights=np.ones(1),
        contrasts=np.sqrt(((fit.contrasts @ between) * fit.contrasts).sum(axis=1))[None],
        outcomes=np.sqrt(((line @ between) * line).sum(axis=1) + noise)[None],
    )


def _reach(errors: Floats, weights: Floats, freedom: int, level: float) -> Floats:
    """Return half the width of intervals: errors (G, J), Student distributed, mixed by weights (G,).

    Newton's steps from the narrowest: the share is concave above its middle, so that none goes too far.
    """
    angles, table = student_table(freedom)
    root, share = np.sqrt(freedom), (1 + level) / 2
    height = exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / np.sqrt(np.pi)
    scales = root * np.maximum(errors, np.finfo(np.float64).tiny)
    half: Floats = np.tan(np.interp(share, table, angles)) * scales.min(axis=0)
    for _ in range(_MOST_STEPS):
        at = np.arctan(half / scales)
        left = share - weights @ np.interp(at, angles, table)
        step = left / (weights @ (height * np.cos(at) ** (freedom + 1) / scales))
        half = half + step
        if (step <= _STEP * half).all():
            break
    return half


def _checks(fit: _Fit, rho: float) -> tuple[Check, ...]:
    e = fit.residuals
    steps = np.diff(e)[np.diff(fit.when) == 1]
    watson = float(np.square(steps).mean() * (len(e) - 1) / (e @ e)) if steps.size else np.nan
    kept, own = (one[0] for one in _whitening(fit, np.array([rho])))
    white = e * own
    white[1:] -= kept * e[:-1] * own[1:]
    box = ljung_box(white, fitted=1 if rho else 0)
    return at_least("durbin-watson", watson, _DURBIN_WATSON), at_least("ljung-box", box, _LJUNG_BOX)


def ljung_box(errors: Floats, *, fitted: int = 0) -> float:
    """Return the p-value of errors (n,) being independent, by their first autocorrelations.

    A fifth of their number, ten at most, less those `fitted`; NaN where none is left.
    """
    n = len(errors)
    lags = min(n // 5, 10)
    if lags <= fitted:
        return np.nan
    squares = float(errors @ errors)
    shares = np.array([float(errors[lag:] @ errors[:-lag]) / squares for lag in range(1, lags + 1)])
    statistic = n * (n + 2) * float((np.square(shares) / (n - np.arange(1, lags + 1))).sum())
    return chi_squared_tail(statistic, lags - fitted)
