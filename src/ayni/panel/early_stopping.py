"""Weights as the published code of synthetic difference in differences finds them: not quite the optimum.

It takes Frank-Wolfe steps from equal weights, drops weights up to a quarter of the largest, and goes on from
there until a step gains less than the noise squared times 1e-10. Kept for whoever compares with published
figures.

References
----------
Arkhangelsky, D. and others, 2021, AER 111(12), appendix on computation; R package synthdid 0.0.9: defaults.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.records import Floats
from ayni.panel.simplex import Fitted, weighed

_LEAST_GAIN = 1e-5
_FIRST_STEPS, _STEPS = 100, 10_000
_KEPT_FROM = 0.25


def stopped_early(A: Floats, b: Floats, ridge: float, noise: float) -> Fitted:
    """Return the weights of the rows of `A` that come near to `b`.

    Parameters
    ----------
    A : (N, T) float
    b : (T,) float
    ridge : float
        Penalty on the sum of squared weights.
    noise : float
        What a gain is held against.
    """
    w = np.full(len(A), 1 / len(A))
    least = (_LEAST_GAIN * noise) ** 2 * A.shape[1]
    _descend(A, b, ridge, least, _FIRST_STEPS, w)
    w[w <= w.max() * _KEPT_FROM] = 0.0
    w /= w.sum()
    _descend(A, b, ridge, least, _STEPS, w)
    return weighed(A, b, ridge, w)


@compiled
def _descend(A: Floats, b: Floats, ridge: float, least: float, steps: int, w: Floats) -> None:
    """Take Frank-Wolfe steps with exact line search, in place, until one gains no more than `least`."""
    count, length = A.shape
    before = np.inf
    off = -b
    for i in range(count):
        off = off + w[i] * A[i]
    for step in range(steps):
        nearest, least_slope, slope_now = 0, np.inf, 0.0
        for i in range(count):
            slope = ridge * w[i]
            for t in range(length):
                slope += A[i, t] * off[t]
            slope_now += slope * w[i]
            if slope < least_slope:
                nearest, least_slope = i, slope
        way = A[nearest] - (off + b)
        squares = np.sum(w * w)
        curve = np.sum(way * way) + ridge * (squares - 2.0 * w[nearest] + 1.0)
        if curve > 0.0:
            reach = min(1.0, max(0.0, (slope_now - least_slope) / curve))
            off = off + reach * way
            for i in range(count):
                w[i] *= 1.0 - reach
            w[nearest] += reach
        value = np.sum(off * off) + ridge * np.sum(w * w)
        if step > 0 and before - value <= least:
            return
        before = value
