r"""Weights that many controls share, found together instead of one after another.

With a ridge :math:`r`, the weights of `ayni.panel.simplex` belong to a residual
:math:`u = \sum_j w_j a_j - b`: of all that are not negative and add to one, they are those nearest to
:math:`-a_j'u / r`. Those above 0 for one residual are the next support; on a support the problem is a linear
system, as small as the smaller of its units and its periods.
That is Newton's method for the dual

.. math:: \max_u \; -u'b - \tfrac12 \|u\|^2 + \min_w \left( w'Au + \tfrac r2 \|w\|^2 \right),

and while the dual rises no support comes twice, so that it ends; where it does not rise, which happens when
few controls share the weight, the method gives up, and Wolfe's is fast.

References
----------
Qi, L. and Sun, J., 1993, A nonsmooth version of Newton's method, Mathematical Programming 58.
Portugal, L., Judice, J. and Vicente, L., 1994, Mathematics of Computation 63(208): exchanging many at once.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.records import Flags, Floats

_MOST_ROUNDS = 50


def pivoted(A: Floats, b: Floats, ridge: float, w: Floats) -> Floats | None:
    """Return the optimal weights, (N,) float, or None where this method does not reach them.

    Parameters
    ----------
    A : (N, T) float
        Controls.
    b : (T,) float
        Target, in the same unit.
    ridge : float
        Penalty on the sum of squared weights, above 0.
    w : (N,) float
        Weights to begin with. Where they lead nowhere, it begins again with every control.
    """
    begun, _ = _implied(A, b, ridge, w @ A - b)
    found = _risen(A, b, ridge, begun > 0.0)
    return _risen(A, b, ridge, np.ones(len(A), np.bool_)) if found is None else found


def _risen(A: Floats, b: Floats, ridge: float, support: Flags) -> Floats | None:
    """Exchange the support while the dual rises; return the weights of one that stays, or None."""
    last = -np.inf
    for _ in range(_MOST_ROUNDS):
        try:
            v, u = _affine(A if support.all() else A[support], b, ridge)
        except np.linalg.LinAlgError:
            return None
        w, dual = _implied(A, b, ridge, u)
        if np.array_equal(w > 0.0, support):
            w[support] = np.maximum(v, 0.0)
            w /= w.sum()
            return w
        if not dual > last:
            return None
        support, last = w > 0.0, dual
    return None


def _implied(A: Floats, b: Floats, ridge: float, u: Floats) -> tuple[Floats, float]:
    """Return the weights that belong to a residual, and the dual there."""
    wished = A @ u / -ridge
    # Only differences count; without what is common to all, they keep their digits.
    top = float(wished.max())
    wished -= top
    above = wished
    while True:
        threshold = (float(above.sum()) - 1.0) / len(above)
        if above.min() > threshold:
            break
        above = above[above > threshold]
    w: Floats = np.maximum(wished - threshold, 0.0)
    return w, float(-(u @ b) - u @ u / 2.0 + ridge * (w @ w / 2.0 - w @ wished - top))


def _affine(P: Floats, b: Floats, ridge: float) -> tuple[Floats, Floats]:
    """Return weights that only add to one and come nearest to a target, and their residual."""
    size, length = P.shape
    middle = P.mean(axis=0)
    C, off = P - middle, b - middle
    # Of its units or of its periods, whichever are fewer.
    R, right = (C, off) if size > length else (C.T, C @ off)
    square = R.T @ R
    square[np.diag_indices(len(square))] += ridge
    z: Floats = np.linalg.solve(square, right)
    if size > length:
        return 1.0 / size + C @ z, -ridge * z
    z -= z.mean()
    return 1.0 / size + z, z @ C - off
