r"""Weights that are not negative and add to one, exactly.

The problem of every synthetic method is the point of least norm in a polytope: with controls
:math:`a_j` and target :math:`b`,

.. math:: \min_w \; \|\sum_j w_j a_j - b\|^2 + r \|w\|^2, \qquad w \ge 0, \; \sum_j w_j = 1,

which the inner products alone decide. So one Gram matrix of all units serves every target: fits, placebos
and leave-one-outs.

References
----------
Wolfe, P., 1976, Finding the nearest point in a polytope, Mathematical Programming 11: the algorithm; its
system :math:`(s 1 1' + K) v = 1` over the points of the corral is kept as a Cholesky factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.records import Flags, Floats, Places

# Of the objective, and of the longest distance squared, which is what rounding is relative to.
_TOLERANCE = 1e-13
_ROUNDING = 1e-15
# Of an objective, relative to the largest distance squared: a gap cannot be told from rounding below.
_NEARLY_NOTHING = 1e-5
# A weight that is none.
_NOTHING = 1e-15
# What is left of a point beside the others of the corral, relative to its length, if it depends on them.
_DEPENDENT = 1e-14
_FIRST_ROOM = 32
# Wolfe's method ends after far fewer; a circle of rounding errors must end, too.
_MOST_STEPS = 50


@compiled
def minimum_norm(
    G: Floats,
    c: Floats,
    bb: float,
    ridge: float,
    allowed: Flags,
    w: Floats,
) -> int:
    """Write the weights of one target into `w` and return the steps taken; -1 if nothing is allowed.

    Parameters
    ----------
    G : (N, N) float
        Inner products of all units.
    c : (N,) float
        Inner products of the units with the target.
    bb : float
        Inner product of the target with itself.
    ridge : float
        Penalty on the sum of squared weights.
    allowed : (N,) bool
        Which units may have weight.
    w : (N,) float
        Is overwritten.
    """
    w[:] = 0.0
    first, least, scale, room = _nearest(G, c, bb, ridge, allowed)
    if first < 0:
        return -1
    w[first] = 1.0
    if room == 1 or scale <= 0.0:
        return 0
    corral, inside = np.empty(room, np.int64), np.zeros(len(w), np.bool_)
    x, v, g = np.zeros(room), np.zeros(room), np.empty(len(w))
    factor = np.zeros((min(room, _FIRST_ROOM), min(room, _FIRST_ROOM)))
    corral[0], x[0], size = first, 1.0, 1
    inside[first] = True
    factor[0, 0] = np.sqrt(scale + max(least, 0.0))
    steps = 0
    while steps < _MOST_STEPS * room:
        steps += 1
        value = _gradient(G, c, bb, ridge, corral, x, size, g)
        entering = _lowest(g, allowed, inside)
        if entering < 0 or value - g[entering] <= _TOLERANCE * max(value, 0.0) + _ROUNDING * scale:
            break
        if size == factor.shape[0]:
            factor = _widened(factor, min(room, 2 * size))
        corral[size], x[size] = entering, 0.0
        if not _extended(factor, size, G, c, bb, ridge, scale, corral):
            break
        inside[entering] = True
        size += 1
        while True:
            _affine(factor, size, v)
            kept, dropped = _moved(x, v, corral, inside, size)
            if kept == size:
                break
            # Points before the first that left keep their part of the factor.
            for k in range(dropped, kept):
                _extended(factor, k, G, c, bb, ridge, scale, corral)
            size = kept
    w[:] = 0.0
    for k in range(size):
        w[corral[k]] = max(x[k], 0.0)
    w /= w.sum()
    return steps


@compiled
def _nearest(G: Floats, c: Floats, bb: float, ridge: float, allowed: Flags) -> tuple[int, float, float, int]:
    """Return the unit nearest to the target, least and largest squared distance, and how many are allowed."""
    first, least, scale, room = -1, np.inf, 0.0, 0
    for j in range(G.shape[0]):
        if allowed[j]:
            room += 1
            distance = G[j, j] - 2.0 * c[j] + bb + ridge
            scale = max(scale, distance)
            if distance < least:
                first, least = j, distance
    return first, least, scale, room


@compiled
def _gradient(
    G: Floats, c: Floats, bb: float, ridge: float, corral: Places, x: Floats, size: int, g: Floats
) -> float:
    """Write the inner products of every point with the current one into `g`; return the latter's own."""
    shift = bb
    for k in range(size):
        shift -= x[k] * c[corral[k]]
    for j in range(len(g)):
        g[j] = shift - c[j]
    for k in range(size):
        i, weight = corral[k], x[k]
        for j in range(len(g)):
            g[j] += weight * G[i, j]
        g[i] += ridge * weight
    value = 0.0
    for k in range(size):
        value += x[k] * g[corral[k]]
    return value


@compiled
def _lowest(g: Floats, allowed: Flags, inside: Flags) -> int:
    """Return the point that lies furthest towards the origin, of those that may enter; -1 if none may."""
    entering, lowest = -1, np.inf
    for j in range(len(g)):
        if allowed[j] and not inside[j] and g[j] < lowest:
            entering, lowest = j, g[j]
    return entering


@compiled
def _moved(x: Floats, v: Floats, corral: Places, inside: Flags, size: int) -> tuple[int, int]:
    """Move towards the corral's affine minimum while weights stay positive; let go of points without weight.

    Return how many points stay, and the place of the first that left.
    """
    theta, bound = 1.0, -1
    for k in range(size):
        if v[k] <= 0.0:
            reach = x[k] / (x[k] - v[k]) if x[k] > v[k] else 0.0
            if reach < theta:
                theta, bound = reach, k
    if bound < 0:
        x[:size] = v[:size]
        return size, size
    kept, dropped = 0, size
    for k in range(size):
        moved = theta * v[k] + (1.0 - theta) * x[k]
        if k == bound or (v[k] <= 0.0 and moved <= _NOTHING):
            inside[corral[k]] = False
            dropped = min(dropped, k)
        else:
            corral[kept], x[kept] = corral[k], moved
            kept += 1
    return kept, dropped


@compiled
def _widened(factor: Floats, room: int) -> Floats:
    wider = np.zeros((room, room))
    wider[: factor.shape[0], : factor.shape[0]] = factor
    return wider


@compiled
def _extended(
    factor: Floats,
    size: int,
    G: Floats,
    c: Floats,
    bb: float,
    ridge: float,
    scale: float,
    corral: Places,
) -> bool:
    """Add the row of the point at `size` to the factor; return false if it depends on the others."""
    j = corral[size]
    rest = scale + G[j, j] - 2.0 * c[j] + bb + ridge
    whole = rest
    for k in range(size):
        i = corral[k]
        value = scale + G[i, j] - c[i] - c[j] + bb
        for m in range(k):
            value -= factor[k, m] * factor[size, m]
        value /= factor[k, k]
        factor[size, k] = value
        rest -= value * value
    if rest <= _DEPENDENT * whole:
        factor[size, size] = np.sqrt(_DEPENDENT * whole)
        return False
    factor[size, size] = np.sqrt(rest)
    return True


@compiled
def _affine(factor: Floats, size: int, v: Floats) -> None:
    """Write the weights of the corral's affine minimum: its system solved with ones on the right."""
    for k in range(size):
        value = 1.0
        for m in range(k):
            value -= factor[k, m] * v[m]
        v[k] = value / factor[k, k]
    for k in range(size - 1, -1, -1):
        value = v[k]
        for m in range(k + 1, size):
            value -= factor[m, k] * v[m]
        v[k] = value / factor[k, k]
    v[:size] /= v[:size].sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Weights, and how good they are.

    Attributes
    ----------
    weights : (N,) float
    objective : float
        Squared distance plus penalty.
    gap : float
        Duality gap, 0 at the optimum: relative to the objective, or where that is nearly nothing, to a
        hundred-thousandth of the squared distance to the furthest control.
    """

    weights: Floats
    objective: float
    gap: float


def fitted(A: Floats, b: Floats, ridge: float = 0.0) -> Fitted:
    """Return the weights whose combination of rows comes nearest to a target.

    Parameters
    ----------
    A : (N, T) float
        Controls.
    b : (T,) float
        Target, in the same unit.
    ridge : float
        Penalty on the sum of squared weights.
    """
    # What is common to all is taken out: the weights stay, and inner products lose no digits.
    middle = A.mean(axis=0)
    A, b = A - middle, b - middle
    w = np.zeros(len(A))
    minimum_norm(A @ A.T, A @ b, float(b @ b), ridge, np.ones(len(A), np.bool_), w)
    return weighed(A, b, ridge, w)


def weighed(A: Floats, b: Floats, ridge: float, w: Floats) -> Fitted:
    """Return weights with their objective and gap, worked out from arrays and not from the Gram matrix."""
    off = w @ A - b
    slope = A @ off + ridge * w
    objective = float(off @ off + ridge * (w @ w))
    scale = float(np.square(A - b).sum(axis=1).max()) + ridge if len(A) else 0.0
    duality = 2.0 * float(w @ slope - slope.min())
    against = max(objective, _NEARLY_NOTHING * scale)
    return Fitted(weights=w, objective=objective, gap=max(duality, 0.0) / against if against > 0 else 0.0)
