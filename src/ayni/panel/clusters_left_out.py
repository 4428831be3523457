r"""Slopes without each cluster in turn, and the interval that they give.

The standard error is :math:`\sqrt{\frac{G-1}{G} \sum_g (\hat\beta_{(g)} - \hat\beta)^2}`. With few clusters,
or few that carry most of the dose, it is wider than the clustered one and nearer to what it should be.

Constants of units lie within clusters, so that what is left are sums of squares and products of the other
columns, which a cluster has its part of: taking the part away is leaving the cluster out, exactly.

References
----------
MacKinnon, J., Nielsen, M. and Webb, M., 2023, Journal of Applied Econometrics 38(5), section 2 (CV3) and 3.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.records import Floats, Interval, PanelError
from ayni.panel.regressions import Cells
from ayni.panel.student import student

_NO_DIRECTION = 1e-10
# How much of a slope may be unknown before it is.
_KNOWN = 1e-6


def without_each(made: Cells, outcome: Floats, doses: Floats) -> Floats:
    """Return least squares slopes without each cluster: (G, K) float.

    Parameters
    ----------
    outcome : (N, T) float
    doses : (K, N, T) float

    Raises
    ------
    PanelError
        If without a cluster nothing is left of a dose.
    """
    left = np.array([made.residual(one) for one in (*doses, outcome)])[:, made.used]
    sizes = np.sqrt(np.square(left).mean(axis=1))
    scaled = left / np.where(sizes > 0, sizes, 1.0)[:, None]
    units, periods = np.nonzero(made.used)
    dummies = (periods == np.unique(periods)[:, None]).astype(np.float64)
    columns = np.vstack([scaled, made.basis[:, made.used] * np.sqrt(made.count), dummies])
    counts = np.maximum(np.bincount(units), 1)
    means = np.array([np.bincount(units, weights=one) / counts for one in columns])
    columns -= means[:, units]
    groups = made.of_cells
    products = np.array([columns[:, groups == g] @ columns[:, groups == g].T for g in range(made.groups)])
    rest = products.sum(axis=0) - products
    regressors = np.delete(np.arange(len(columns)), len(doses))
    A, b = rest[:, regressors[:, None], regressors], rest[:, regressors, len(doses)]
    inverse = np.linalg.pinv(A, rcond=_NO_DIRECTION, hermitian=True)
    known = np.diagonal(inverse @ A, axis1=1, axis2=2)[:, : len(doses)]
    lost = (np.abs(known - 1) > _KNOWN).any(axis=1)
    if lost.any():
        raise PanelError(
            f"jackknife: without cluster {lost.argmax()}, counted from 0, nothing is left of the dose; the"
            " slope is that cluster's alone"
        )
    found: Floats = (inverse @ b[..., None])[:, : len(doses), 0] * sizes[-1] / sizes[:-1]
    return found


def jackknife_interval(estimate: float, without: Floats, level: float) -> Interval:
    """Return the interval of an estimate by its values without each cluster, (G,)."""
    count = len(without)
    draws = (without - estimate) * np.sqrt((count - 1) / count)
    return student("jackknife", estimate, float(np.linalg.norm(draws)), level, draws, count - 1)
