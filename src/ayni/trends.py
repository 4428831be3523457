"""Trend rules on plain arrays: what a series would be if it went on as in a window.

Each rule takes the values of a window of consecutive years and a horizon, and gives one
number. A backtest plays the rule on the series' own past; its errors make the interval.

References
----------
Armstrong, J. S. (ed.), 2001, Principles of Forecasting: naive and growth-rate benchmarks.
Gardner, E. S. and McKenzie, E., 1985, Forecasting trends in time series, Management
Science 31(10), eq. 5: the damped trend.
Theil, H., 1950; Sen, P. K., 1968: the median of pairwise slopes.
Vovk, V., Gammerman, A. and Shafer, G., 2005, Algorithmic Learning in a Random World,
ch. 2: the interval from the ordered absolute errors, exact when errors are exchangeable.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class TrendError(ValueError):
    """A rule that cannot be run on these values; the message says why."""


def _last(y: Values, _h: int, _: float) -> float:
    return float(y[-1])


def _window_mean(y: Values, _h: int, _: float) -> float:
    return float(y.mean())


def _mean_increment(y: Values, h: int, _: float) -> float:
    return float(y[-1] + h * (y[-1] - y[0]) / (len(y) - 1))


def _mean_growth(y: Values, h: int, _: float) -> float:
    return float(y[-1] * (1 + (y[1:] / y[:-1] - 1).mean()) ** h)


def _compound_rate(y: Values, h: int, _: float) -> float:
    return float(y[-1] * (y[-1] / y[0]) ** (h / (len(y) - 1)))


def _linear(y: Values, h: int, _: float) -> float:
    return _polynomial(y, h, 1)


def _quadratic(y: Values, h: int, _: float) -> float:
    return _polynomial(y, h, 2)


def _exponential(y: Values, h: int, _: float) -> float:
    return math.exp(_polynomial(np.log(y), h, 1))


def _polynomial(y: Values, h: int, degree: int) -> float:
    t = np.arange(len(y), dtype=float) - (len(y) - 1)
    return float(np.polynomial.Polynomial.fit(t, y, degree)(float(h)))


def _theil_sen(y: Values, h: int, _: float) -> float:
    i, j = np.triu_indices(len(y), k=1)
    return float(y[-1] + h * np.median((y[j] - y[i]) / (j - i)))


def _damped(y: Values, h: int, phi: float) -> float:
    step = (y[-1] - y[0]) / (len(y) - 1)
    return float(y[-1] + step * sum(phi**k for k in range(1, h + 1)))


def _constant_rate(y: Values, h: int, rate: float) -> float:
    return float(y[-1] * (1 + rate) ** h)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A trend rule.

    Attributes
    ----------
    forecast : callable of (window, horizon, parameter) to float
        The rule itself.
    shortest : int
        Fewest years a window may have; a quadratic needs one more than it has terms.
    parameter : str
        What the parameter is (``phi``, ``rate``), empty where there is none.
    positive : bool
        Whether the values must be above zero.
    """

    forecast: Callable[[Values, int, float], float]
    shortest: int
    parameter: str = ""
    positive: bool = False


RULES: dict[str, Rule] = {
    "last-value": Rule(forecast=_last, shortest=1),
    "window-mean": Rule(forecast=_window_mean, shortest=2),
    "mean-increment": Rule(forecast=_mean_increment, shortest=2),
    "mean-growth": Rule(forecast=_mean_growth, shortest=2, positive=True),
    "compound-rate": Rule(forecast=_compound_rate, shortest=2, positive=True),
    "linear": Rule(forecast=_linear, shortest=3),
    "exponential": Rule(forecast=_exponential, shortest=3, positive=True),
    "quadratic": Rule(forecast=_quadratic, shortest=4),
    "theil-sen": Rule(forecast=_theil_sen, shortest=3),
    "damped": Rule(forecast=_damped, shortest=2, parameter="phi"),
    "constant-rate": Rule(forecast=_constant_rate, shortest=1, parameter="rate", positive=True),
}


def forecast(rule: str, window: Sequence[float], horizon: int, *, parameter: float = math.nan) -> float:
    """Return what `rule` gives `horizon` years after the last year of `window`.

    Parameters
    ----------
    rule : str
        A key of `RULES`.
    window : sequence of float, (n,)
        Values of consecutive years, oldest first, in any one unit.
    horizon : int
        Years ahead, at least 1.
    parameter : float
        Damping factor (0 to 1) for ``damped``, yearly rate for ``constant-rate``.

    Raises
    ------
    TrendError
        If the rule is unknown, the window too short, or a value not positive where the
        rule takes ratios or logarithms.
    """
    if rule not in RULES:
        raise TrendError(f"unknown rule {rule!r}; known: {', '.join(RULES)}")
    how = RULES[rule]
    y = np.asarray(window, dtype=float)
    if len(y) < how.shortest:
        raise TrendError(f"rule {rule} needs {how.shortest} years, the window has {len(y)}; start it earlier")
    if horizon < 1:
        raise TrendError(f"horizon {horizon} is not ahead of the window; ask for a later year")
    if not np.isfinite(y).all():
        raise TrendError("the window has a gap; shorten it to consecutive years")
    if how.positive and (y <= 0).any():
        raise TrendError(
            f"rule {rule} takes ratios and the window has a value of {y.min():g}; use another rule"
        )
    if how.parameter and not math.isfinite(parameter):
        raise TrendError(f"rule {rule} needs its {how.parameter}")
    return how.forecast(y, horizon, parameter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How a rule did on the series' own past.

    Attributes
    ----------
    origins : tuple of int
        Last year of the window of each trial.
    errors : tuple of float
        Of each trial: forecast over actual, less one, on a ratio scale; forecast less
        actual, in the unit of the series, on an additive one.
    naive : tuple of float
        The same for the last value repeated.
    additive : bool
        Whether errors are differences: for scores and for series that touch zero, whose
        ratios mean nothing.
    """

    origins: tuple[int, ...]
    errors: tuple[float, ...]
    naive: tuple[float, ...]
    additive: bool = False

    @property
    def mean_absolute_error(self) -> float:
        """Mean of the absolute errors; NaN without trials."""
        return float(np.mean(np.abs(self.errors))) if self.errors else math.nan

    @property
    def naive_error(self) -> float:
        """The same for the last value repeated."""
        return float(np.mean(np.abs(self.naive))) if self.naive else math.nan


def backtest(
    rule: str,
    years: Sequence[int],
    values: Sequence[float],
    *,
    length: int,
    horizon: int,
    parameter: float = math.nan,
    until: int | None = None,
    additive: bool = False,
) -> Backtest:
    """Play `rule` from every year of a series from which its result is known.

    Parameters
    ----------
    years, values : sequences, (n,)
        The series, ascending; years may be missing.
    length : int
        Years in each window, as in the forecast to be judged.
    horizon : int
        Years ahead, as in the forecast to be judged.
    until : int, optional
        Last origin to use; the default is the last whose result is known.
    additive : bool
        Measure errors as differences instead of ratios.
    """
    known = dict(zip(years, values, strict=True))
    origins, errors, naive = [], [], []
    for origin in sorted(known):
        span = range(origin - length + 1, origin + 1)
        actual = known.get(origin + horizon)
        if actual is None or (until is not None and origin > until) or any(y not in known for y in span):
            continue
        try:
            guess = forecast(rule, [known[year] for year in span], horizon, parameter=parameter)
        except TrendError:
            continue
        if not additive and (actual <= 0 or guess <= 0):
            continue
        origins.append(origin)
        errors.append(guess - actual if additive else guess / actual - 1)
        naive.append(known[origin] - actual if additive else known[origin] / actual - 1)
    return Backtest(origins=tuple(origins), errors=tuple(errors), naive=tuple(naive), additive=additive)


def conformal_range(guess: float, past: Backtest, *, level: float) -> tuple[float, float, float] | None:
    """Return low, high and the level reached, from the ordered absolute errors.

    Log errors on a ratio scale, differences on an additive one. With `k` trials the
    `j`-th smallest absolute error bounds a new one with probability ``j / (k + 1)`` when
    errors are exchangeable. The smallest `j` that reaches `level` is used; None when `k`
    is too small for it.
    """
    k = len(past.errors)
    j = math.ceil(level * (k + 1) - 1e-9)
    if k == 0 or j > k:
        return None
    if past.additive:
        width = sorted(abs(e) for e in past.errors)[j - 1]
        return guess - width, guess + width, j / (k + 1)
    if guess <= 0:
        return None
    width = sorted(abs(math.log1p(e)) if e > -1 else math.inf for e in past.errors)[j - 1]
    if not math.isfinite(width):
        return None
    return guess * math.exp(-width), guess * math.exp(width), j / (k + 1)
