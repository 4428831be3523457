r"""Shares of the distributions of Student, Fisher and chi squared.

References
----------
Abramowitz, M. and Stegun, I., 1964, Handbook of Mathematical Functions: 26.5.8 for the incomplete beta
function as a continued fraction, 26.5.27 and 26.6.2 for Student and Fisher, 26.7.3 and 26.7.4 for Student
with whole degrees of freedom, 26.4.4 and 26.4.5 for chi squared.
"""

from __future__ import annotations

from math import cos, erfc, exp, lgamma, log, pi, sqrt, tan

import numpy as np

from ayni.panel.records import Floats

_SMALL = 1e-300
_ENOUGH, _MOST_STEPS = 1e-15, 10_000
_HALVINGS = 50


def beta_share(x: float, a: float, b: float) -> float:
    """Return the share of the beta distribution of shapes `a` and `b` below `x`."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    # The continued fraction, top and bottom kept as ratios of neighbours.
    top, bottom = 1.0, 1.0 / _away(1 - (a + b) * x / (a + 1))
    value, change = bottom, np.inf
    for m in range(1, _MOST_STEPS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            bottom = 1.0 / _away(1 + step * bottom)
            top = _away(1 + step / top)
            change = top * bottom
            value *= change
        if abs(change - 1) < _ENOUGH:
            break
    return front * value


def _away(value: float) -> float:
    return value if abs(value) > _SMALL else _SMALL


def student_share(x: float, freedom: float) -> float:
    """Return the share of Student's distribution below `x`."""
    tail = beta_share(freedom / (freedom + x * x), freedom / 2, 0.5) / 2
    return 1.0 - tail if x > 0 else tail


def student_quantile(share: float, freedom: float) -> float:
    """Return the value below which Student's distribution has a share from a half to one."""
    # The search is for the angle whose tangent, times the root of the degrees of freedom, is the value.
    low, high = 0.0, pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if 1.0 - beta_share(cos(middle) ** 2, freedom / 2, 0.5) / 2 < share:
            low = middle
        else:
            high = middle
    return sqrt(freedom) * tan((low + high) / 2)


def student_table(freedom: int) -> tuple[Floats, Floats]:
    """Return angles from 0 to a right angle, and the share below their tangents times the root of `freedom`.

    Between its entries a straight line is right to a millionth.
    """
    angles = np.linspace(0.0, np.pi / 2, 2049)
    cosine, odd = np.cos(angles), freedom % 2
    term = cosine.copy() if odd else np.ones_like(angles)
    whole = term if freedom > 1 else np.zeros_like(angles)
    for k in range(2 + odd, freedom, 2):
        term = term * np.square(cosine) * (k - 1) / k
        whole = whole + term
    inner = (angles + np.sin(angles) * whole) * 2 / np.pi if odd else np.sin(angles) * whole
    return angles, (1 + inner) / 2


def fisher_tail(x: float, above: float, below: float) -> float:
    """Return the share of Fisher's distribution beyond `x`, with degrees of freedom above and below."""
    return beta_share(below / (below + above * x), below / 2, above / 2) if x > 0 else 1.0


def chi_squared_tail(x: float, freedom: int) -> float:
    """Return the share of the chi squared distribution beyond `x`."""
    if x <= 0:
        return 1.0
    half, odd = x / 2, freedom % 2
    share = erfc(sqrt(half)) if odd else 0.0
    logs = [i * log(half) - half - lgamma(i + 1) for i in np.arange(freedom // 2) + odd / 2]
    return share + sum(exp(one) for one in logs)
