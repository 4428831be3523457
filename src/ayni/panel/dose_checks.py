r"""Diagnostics of a slope on a dose, each a number held against a limit.

==================  ==============================================================  =======================
code                value                                                           passes
==================  ==============================================================  =======================
clusters            how many                                                        at least 30
undosed             share of the cells whose dose is 0                              above 0
negative-weights    what negative weights add to the sum of all weights' sizes,     0
                    where each dosed cell's own slope has a weight
separated           cells without a finite Poisson fit, which were dropped          0
first-stage         effective F of the instrument                                   at least 23.1
effective-shocks    one over the sum of squared shares of the shocks                at least 20
leads               the least p-value of the doses to come, times their number      at least 0.1
==================  ==============================================================  =======================

A limit is a convention; who holds another asks for the value.

With effects that differ, two-way fixed effects are :math:`\sum_{it} w_{it} \delta_{it}`, where
:math:`\delta_{it}` is a cell's own effect per unit of its dose and :math:`w_{it} = D_{it} \tilde D_{it} /
\sum D \tilde D`, with the dose's residual :math:`\tilde D`. Where some :math:`w_{it}` are negative, the slope
can have another sign than every :math:`\delta_{it}`.

References
----------
Cameron, A. C. and Miller, D., 2015, Journal of Human Resources 50(2), section VI: "few" clusters are fewer
than 20 to 50.
de Chaisemartin, C. and D'Haultfoeuille, X., 2020, AER 110(9), Theorem 1; its web appendix for doses.
Montiel Olea, J. L. and Pflueger, C., 2013, JBES 31(3): 23.1 for one instrument and a bias of a tenth.
Borusyak, K., Hull, P. and Jaravel, X., 2022, Review of Economic Studies 89(1), section 5: the effective
number of shocks, and simulations down to 20.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ayni.panel.checks import Check
from ayni.panel.records import Floats

_CLUSTERS, _FIRST_STAGE, _SHOCKS, _LEADS = 30.0, 23.1, 20.0, 0.1


def enough_clusters(clusters: int) -> Check:
    """Return how many clusters there are."""
    return Check(code="clusters", value=float(clusters), limit=_CLUSTERS, passed=clusters >= _CLUSTERS)


def undosed(doses: Floats) -> Check:
    """Return the share of the doses, (n,), that are 0."""
    share = float((doses == 0).mean())
    return Check(code="undosed", value=share, limit=0.0, passed=share > 0)


def negative_weights(doses: Floats, residuals: Floats) -> Check:
    """Return what negative weights add to the sum of the sizes of all.

    Parameters
    ----------
    doses, residuals : (n,) float, unit of the dose
        Of each cell: the dose, and what fixed effects and covariates leave of it.
    """
    weights = doses * residuals
    value = float(-weights[weights < 0].sum() / np.abs(weights).sum())
    return Check(code="negative-weights", value=value, limit=0.0, passed=value <= 0)


def without_fit(cells: int) -> Check:
    """Return how many cells were dropped because no finite fit exists for them."""
    return Check(code="separated", value=float(cells), limit=0.0, passed=cells == 0)


def first_stage(F: float) -> Check:
    """Return the effective F, with one instrument the robust F."""
    return Check(code="first-stage", value=F, limit=_FIRST_STAGE, passed=F >= _FIRST_STAGE)


def effective_shocks(shares: Floats) -> Check:
    """Return how many equal shocks would be as many as these, whose shares (K,) add to one."""
    value = float(1 / np.square(shares).sum())
    return Check(code="effective-shocks", value=value, limit=_SHOCKS, passed=value >= _SHOCKS)


def quiet_leads(p_values: Sequence[float]) -> Check:
    """Return the p-value that none of the doses to come matters, by Bonferroni."""
    value = min(1.0, float(np.min(p_values)) * len(p_values))
    return Check(code="leads", value=value, limit=_LEADS, passed=value >= _LEADS)
