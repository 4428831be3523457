r"""Every placebo of one treated unit, from one Gram matrix.

With control :math:`i` in the place of the treated unit, the inner products of all other controls are those of
the whole pool; those of the time weights lose the part of :math:`i`:

.. math:: \sum_{j \ne i} (x_j - \bar x_{-i})(x_j - \bar x_{-i})' = \sum_j x_j x_j' - \tfrac{n}{n-1} x_i x_i'

for :math:`x` without their mean over all :math:`n`. So nothing is fitted anew but the weights themselves.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.records import Flags, Floats
from ayni.panel.simplex import FEW, at_once, improved, minimum_norm


def synthetic_controls(Y: Floats, start: int) -> Floats:
    """Return how far every unit is from its synthetic control by the others: (N, T) float.

    Parameters
    ----------
    Y : (N, T) float, unit of the outcome
        Two units or more.
    start : int
        How many periods are fitted.
    """
    before = Y[:, :start] - Y[:, :start].mean(axis=0)
    difference: Floats = Y - every_weight(before, 0.0) @ Y
    return difference


def synthetic_differences(Y: Floats, start: int, unit_ridge: float, time_ridge: float) -> Floats:
    """Return how far every unit is from what the others tell by synthetic difference in differences: (N, T).

    Parameters
    ----------
    Y : (N, T) float, unit of the outcome
        Three units or more.
    start : int
        How many periods are fitted.
    unit_ridge, time_ridge : float
        Penalties on the sums of squared weights.
    """
    before, after = Y[:, :start], Y[:, start:].mean(axis=1)
    shape = before - before.mean(axis=1, keepdims=True)
    shape = shape - shape.mean(axis=0)
    W, L = every_weight(shape, unit_ridge), np.zeros((len(Y), start))
    # Without the mean of the periods, which all time weights share.
    middle = before.mean(axis=1, keepdims=True)
    X, y = before - middle, after - middle[:, 0]
    X, y = X - X.mean(axis=0), y - y.mean()
    every_time_fit(X.T @ X, X.T @ y, float(y @ y), X, y, time_ridge, L)
    difference: Floats = Y - W @ Y
    difference -= (L * difference[:, :start]).sum(axis=1, keepdims=True)
    return difference


def every_weight(A: Floats, ridge: float) -> Floats:
    """Return the weights of every unit, fitted by the others: (N, N) float, each row one fit.

    Parameters
    ----------
    A : (N, T0) float
        Outcomes that are fitted.
    ridge : float
        Penalty on the sum of squared weights.
    """
    G, W, units = A @ A.T, np.zeros((len(A), len(A))), np.ones(len(A), np.bool_)
    reached = every_fit(G, ridge, units, W, FEW if ridge > 0.0 else len(A))
    for i in np.flatnonzero(~reached):
        units[i] = False
        found = at_once(A[units], A[i], ridge, W[i, units])
        if found is None:
            improved(G, G[i], G[i, i], ridge, units, W[i], len(A))
        else:
            W[i, units] = found.weights
        units[i] = True
    return W


@compiled
def every_fit(G: Floats, ridge: float, controls: Flags, W: Floats, most: int) -> Flags:
    """Write into row i of `W` the weights of control i, fitted by the other controls.

    Parameters
    ----------
    G : (N, N) float
        Inner products of all units.
    ridge : float
        Penalty on the sum of squared weights.
    controls : (N,) bool
        Which units are fitted, each by the others.
    W : (N, N) float
        Is overwritten; rows of other units are 0.
    most : int
        So many units may share a weight.

    Returns
    -------
    (N,) bool
        Which rows are optimal; the others needed more units.
    """
    allowed, reached = controls.copy(), np.ones(len(controls), np.bool_)
    W[:] = 0.0
    for i in range(G.shape[0]):
        if controls[i]:
            allowed[i] = False
            reached[i] = improved(G, G[i], G[i, i], ridge, allowed, W[i], most) >= 0
            allowed[i] = True
    return reached


@compiled
def every_time_fit(
    H: Floats,
    h: Floats,
    hh: float,
    X: Floats,
    y: Floats,
    ridge: float,
    L: Floats,
) -> None:
    """Write into row i of `L` the time weights that the units but i give.

    Parameters
    ----------
    H : (T0, T0) float
        Inner products of the periods over all units.
    h : (T0,) float
        Their inner products with the mean after.
    hh : float
        Inner product of the mean after with itself.
    X : (N, T0) float, y : (N,) float
        What they are made of, without means over the units.
    ridge : float
        Penalty on the sum of squared weights.
    L : (N, T0) float
        Is overwritten.
    """
    n, length = X.shape
    part = n / (n - 1.0)
    allowed = np.ones(length, np.bool_)
    G, c = np.empty((length, length)), np.empty(length)
    for i in range(n):
        for t in range(length):
            c[t] = h[t] - part * X[i, t] * y[i]
            for s in range(length):
                G[t, s] = H[t, s] - part * X[i, t] * X[i, s]
        minimum_norm(G, c, hh - part * y[i] * y[i], ridge, allowed, L[i])


@compiled
def every_omission(
    G: Floats,
    c: Floats,
    bb: float,
    ridge: float,
    w: Floats,
    W: Floats,
) -> None:
    """Write into row i of `W` the weights of one target without unit i; where it has none, they are `w`.

    Parameters
    ----------
    G, c, bb, ridge
        As `ayni.panel.simplex.minimum_norm` takes them.
    w : (N,) float
        The weights with every unit.
    W : (N, N) float
        Is overwritten.
    """
    left = np.ones(G.shape[0], np.bool_)
    for i in range(G.shape[0]):
        W[i] = w
        if w[i] > 0.0:
            # What the others have is where it begins.
            left[i], W[i, i] = False, 0.0
            improved(G, c, bb, ridge, left, W[i], len(w))
            left[i] = True
