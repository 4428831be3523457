r"""Weights that are not negative and add to one, exactly.

The problem of every synthetic method is the point of least norm in a polytope: with controls
:math:`a_j` and target :math:`b`,

.. math:: \min_w \; \|\sum_j w_j a_j - b\|^2 + r \|w\|^2, \qquad w \ge 0, \; \sum_j w_j = 1,

which the inner products alone decide. So one Gram matrix of all units serves every target: fits, placebos
and leave-one-outs. One target among many controls needs the inner products of few of them only, and where a
ridge spreads the weight over many, `ayni.panel.pivoting` finds them together.

References
----------
Wolfe, P., 1976, Finding the nearest point in a polytope, Mathematical Programming 11: the algorithm; its
system :math:`(s 1 1' + K) v = 1` over the points of the corral is kept as a Cholesky factor, to which points
are added, some at once, and from which they are taken by rotations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.pivoting import pivoted
from ayni.panel.records import Flags, Floats, Places

# Of the objective, and of the longest distance squared, which is what rounding is relative to.
_TOLERANCE = 1e-13
_ROUNDING = 1e-15
# Of an objective, relative to the largest distance squared: a gap cannot be told from rounding below.
_NEARLY_NOTHING = 1e-5
# A gap that is none.
_EXACT = 1e-10
# A weight that is none.
_NOTHING = 1e-15
# What is left of a point beside the others of the corral, relative to its length, if it depends on them.
_DEPENDENT = 1e-14
_MORE_ROOM = 32
# So many points enter at once, the first of them alone: of those that lie at least so far towards the origin,
# relative to the furthest.
_AT_ONCE, _NEARLY_AS_FAR = 8, 0.5
# Wolfe's method ends after far fewer; a circle of rounding errors must end, too.
_MOST_STEPS = 50
# A corral that grows beyond this has a ridge to thank for it, and pivoting is faster.
FEW = 64
# With more controls than these, inner products are made of so many at a time.
_MANY, _AT_A_TIME = 500, 250


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
    return improved(G, c, bb, ridge, allowed, w, len(w))


@compiled
def improved(
    G: Floats,
    c: Floats,
    bb: float,
    ridge: float,
    allowed: Flags,
    w: Floats,
    most: int,
) -> int:
    """Make the best of weights and return the steps taken; -1 where more than `most` units would share them.

    Parameters
    ----------
    G, c, bb, ridge, allowed
        As `minimum_norm` takes them.
    w : (N,) float
        Weights of units that are allowed, from which it begins, or 0 to begin with the nearest unit. Is
        overwritten by better ones.
    most : int
    """
    first, scale, room = _nearest(G, c, bb, ridge, allowed)
    if first < 0:
        return -1
    entering = np.flatnonzero(w)
    if len(entering) == 0:
        entering = np.full(1, first)
        w[first] = 1.0
    if room == 1 or scale <= 0.0:
        return 0
    corral, furthest, may = np.empty(room, np.int64), np.empty(_AT_ONCE, np.int64), allowed.copy()
    x, v, half, g = np.empty(room), np.empty(room), np.empty(room), np.empty(len(w))
    width = min(room, len(entering) + _MORE_ROOM)
    factor, size, steps, last = np.empty((width, width)), 0, 0, np.inf
    while steps < _MOST_STEPS * room:
        if factor.shape[0] < size + len(entering):
            factor = _widened(factor, min(room, 2 * size + _MORE_ROOM))
        before = size
        for j in entering:
            _beside(G, c, bb, ridge, scale, corral[:size], int(j), v)
            may[j] = not _extended(factor, half, v, size)
            if not may[j]:
                corral[size], x[size] = j, w[j]
                size += 1
            w[j] = 0.0
        if size == before:
            break
        x[:size] /= x[:size].sum()
        size = _settled(factor, half, v, x, corral, may, size)
        if size > most:
            break
        steps += 1
        value = _gradient(G, c, bb, ridge, corral[:size], x, g)
        # Several at once may lead nowhere; then one does.
        many = min(_AT_ONCE, size // _AT_ONCE + 1) if value < last else 1
        within = _TOLERANCE * max(value, 0.0) + _ROUNDING * scale
        entering = furthest[: _furthest(g, value, within, may, furthest[:many])]
        last = value
    w[:] = 0.0
    for k in range(size):
        w[corral[k]] = max(x[k], 0.0)
    w /= w.sum()
    return steps if size <= most else -1


@compiled
def _nearest(G: Floats, c: Floats, bb: float, ridge: float, allowed: Flags) -> tuple[int, float, int]:
    """Return the unit nearest to the target, the largest squared distance, and how many are allowed."""
    first, least, scale, room = -1, np.inf, 0.0, 0
    for j in range(G.shape[0]):
        if allowed[j]:
            room += 1
            distance = G[j, j] - 2.0 * c[j] + bb + ridge
            scale = max(scale, distance)
            if distance < least:
                first, least = j, distance
    return first, scale, room


@compiled
def _gradient(G: Floats, c: Floats, bb: float, ridge: float, corral: Places, x: Floats, g: Floats) -> float:
    """Write the inner products of every point with the current one into `g`; return the latter's own."""
    shift = bb
    for k in range(len(corral)):
        shift -= x[k] * c[corral[k]]
    for j in range(len(g)):
        g[j] = shift - c[j]
    for k in range(len(corral)):
        i, weight = corral[k], x[k]
        for j in range(len(g)):
            g[j] += weight * G[i, j]
        g[i] += ridge * weight
    value = 0.0
    for k in range(len(corral)):
        value += x[k] * g[corral[k]]
    return value


@compiled
def _furthest(g: Floats, value: float, within: float, may: Flags, found: Places) -> int:
    """Let in the points that lie furthest towards the origin, of those that may enter; return how many."""
    for k in range(len(found)):
        entering, lowest = -1, value - within
        for j in range(len(g)):
            if may[j] and g[j] < lowest:
                entering, lowest = j, g[j]
        if entering < 0:
            return k
        if k == 0:
            within = max(within, _NEARLY_AS_FAR * (value - lowest))
        found[k], may[entering] = entering, False
    return len(found)


@compiled
def _settled(
    factor: Floats, half: Floats, v: Floats, x: Floats, corral: Places, may: Flags, size: int
) -> int:
    """Move to the affine minimum of a corral; points whose weight ends on the way leave. Return its size."""
    while True:
        _affine(factor, half, size, v)
        theta, bound = 1.0, -1
        for k in range(size):
            if v[k] <= 0.0:
                reach = x[k] / (x[k] - v[k]) if x[k] > v[k] else 0.0
                if reach < theta:
                    theta, bound = reach, k
        if bound < 0:
            x[:size] = v[:size]
            return size
        for k in range(size - 1, -1, -1):
            x[k] = theta * v[k] + (1.0 - theta) * x[k]
            if k == bound or (v[k] <= 0.0 and x[k] <= _NOTHING):
                may[corral[k]] = True
                _shortened(factor, half, size, k)
                size -= 1
                for m in range(k, size):
                    corral[m], x[m] = corral[m + 1], x[m + 1]


@compiled
def _widened(factor: Floats, room: int) -> Floats:
    wider = np.empty((room, room))
    wider[: factor.shape[0], : factor.shape[0]] = factor
    return wider


@compiled
def _beside(
    G: Floats, c: Floats, bb: float, ridge: float, scale: float, corral: Places, j: int, column: Floats
) -> None:
    """Write the column of a point in the system, its own number last."""
    size = len(corral)
    for k in range(size):
        i = corral[k]
        column[k] = scale + G[j, i] - c[i] - c[j] + bb
    column[size] = scale + G[j, j] - 2.0 * c[j] + bb + ridge


@compiled
def _extended(factor: Floats, half: Floats, column: Floats, size: int) -> bool:
    """Add a column to the factor; return false if its point depends on the others."""
    rest, one = column[size], 1.0
    least = _DEPENDENT * rest
    for k in range(size):
        row = factor[k]
        value = column[k] / row[k]
        for m in range(k + 1, size):
            column[m] -= value * row[m]
        row[size] = value
        rest -= value * value
        one -= value * half[k]
    if rest <= least:
        return False
    factor[size, size] = np.sqrt(rest)
    half[size] = one / factor[size, size]
    return True


@compiled
def _shortened(factor: Floats, half: Floats, size: int, place: int) -> None:
    """Take the column of the point at `place` out of the factor."""
    for k in range(place + 1):
        row = factor[k]
        for m in range(place, size - 1):
            row[m] = row[m + 1]
    # What is now below the diagonal is rotated into the row above.
    for k in range(place, size - 1):
        upper, lower = factor[k], factor[k + 1]
        length = np.sqrt(upper[k] ** 2 + lower[k + 1] ** 2)
        cosine, sine = upper[k] / length, lower[k + 1] / length
        for m in range(k, size - 1):
            above, below = upper[m], lower[m + 1]
            upper[m] = cosine * above + sine * below
            lower[m] = cosine * below - sine * above
        above, below = half[k], half[k + 1]
        half[k] = cosine * above + sine * below
        half[k + 1] = cosine * below - sine * above


@compiled
def _affine(factor: Floats, half: Floats, size: int, v: Floats) -> None:
    """Write the weights of the corral's affine minimum: its system solved with ones on the right.

    `half` is the solution of the first half of it, which is kept with the factor.
    """
    total = 0.0
    for k in range(size - 1, -1, -1):
        row = factor[k]
        # Four sums at a time: one after another, each would wait for the last.
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        m = k + 1
        while m + 3 < size:
            a += row[m] * v[m]
            b += row[m + 1] * v[m + 1]
            c += row[m + 2] * v[m + 2]
            d += row[m + 3] * v[m + 3]
            m += 4
        while m < size:
            a += row[m] * v[m]
            m += 1
        v[k] = (half[k] - ((a + b) + (c + d))) / row[k]
        total += v[k]
    v[:size] /= total


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
    search = _searched if len(A) <= _MANY else _sifted
    if not search(A, b, ridge, w, FEW if ridge > 0.0 else len(A)) and w.any():
        together = at_once(A, b, ridge, w)
        if together is not None:
            return together
        search(A, b, ridge, w, len(A))
    return weighed(A, b, ridge, w)


def at_once(A: Floats, b: Floats, ridge: float, w: Floats) -> Fitted | None:
    """Return weights that many share, or None where pivoting from some weights does not make them optimal."""
    found = pivoted(A, b, ridge, w)
    if found is None:
        return None
    fit = weighed(A, b, ridge, found)
    return fit if fit.gap <= _EXACT else None


def _searched(A: Floats, b: Floats, ridge: float, w: Floats, most: int) -> bool:
    """Improve weights through all inner products; return whether they are optimal."""
    return improved(A @ A.T, A @ b, float(b @ b), ridge, np.ones(len(A), np.bool_), w, most) >= 0


def _sifted(A: Floats, b: Floats, ridge: float, w: Floats, most: int) -> bool:
    """Improve weights through the inner products of some units at a time; return whether they are optimal."""
    distances = np.square(A - b).sum(axis=1)
    if not w.any():
        w[distances.argmin()] = 1.0
    rounding, last, shared = _ROUNDING * (float(distances.max()) + ridge), np.inf, np.flatnonzero(w)
    while True:
        off = w[shared] @ A[shared] - b
        g = A @ off + ridge * w - b @ off
        value = float(w @ g)
        g[shared] = np.inf
        if value - g.min() <= _TOLERANCE * value + rounding or value >= last:
            return True
        lowest = np.argpartition(g, _AT_A_TIME)[:_AT_A_TIME]
        last, chosen = value, np.append(shared, lowest[g[lowest] < np.inf])
        part, v, every = A[chosen], w[chosen], np.ones(len(chosen), np.bool_)
        found = improved(part @ part.T, part @ b, float(b @ b), ridge, every, v, most)
        w[:] = 0.0
        w[chosen] = v
        if found < 0:
            return False
        shared = chosen[v > 0.0]


def weighed(A: Floats, b: Floats, ridge: float, w: Floats) -> Fitted:
    """Return weights with their objective and gap, worked out from arrays and not from the Gram matrix."""
    off = w @ A - b
    slope = A @ off + ridge * w
    objective = float(off @ off + ridge * (w @ w))
    scale = float(np.square(A - b).sum(axis=1).max()) + ridge if len(A) else 0.0
    duality = 2.0 * float(w @ slope - slope.min())
    against = max(objective, _NEARLY_NOTHING * scale)
    return Fitted(weights=w, objective=objective, gap=max(duality, 0.0) / against if against > 0 else 0.0)
