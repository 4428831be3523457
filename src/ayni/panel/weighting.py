r"""Four methods that are one formula with different weights.

Question
    What would the treated units have been without the treatment?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it}(1) - Y_{it}(0)` over the treated cells :math:`D`.
Formula
    :math:`\hat Y_t(0) = \sum_i \omega_i Y_{it} + \sum_s \lambda_s (\bar Y_s - \sum_i \omega_i Y_{is})`, with
    controls :math:`i`, periods before treatment :math:`s`, and the treated units' mean :math:`\bar Y`.

====================================  =============================  ========================
method                                unit weights                   time weights
====================================  =============================  ========================
`difference_in_differences`           equal                          equal
`synthetic_control`                   fit to the levels before       none
`demeaned_synthetic_control`          fit to the shape before        equal
`synthetic_difference_in_differences` fit to the shape, with ridge   fit to the outcome after
====================================  =============================  ========================

What carries the weight
    That the weighted controls would have gone on beside the treated. Nobody can observe it; placebos
    (`ayni.panel.placebos`) show how far such weights miss where nothing happened.
When not to use them
    Where the controls were treated too, or treatment was foreseen; with few periods before, the fit of
    `synthetic_control` is no evidence.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J., 2010, JASA 105(490), eq. 2.
Doudchenko, N. and Imbens, G., 2016, NBER WP 22791; Ferman, B. and Pinto, C., 2021, Quantitative Economics
12(4): the demeaned synthetic control.
Arkhangelsky, D., Athey, S., Hirshberg, D., Imbens, G. and Wager, S., 2021, AER 111(12), Algorithm 1,
eq. 2.1 to 2.5.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.cohorts import Block, blocks, cohort, estimate
from ayni.panel.early_stopping import stopped_early
from ayni.panel.records import Cohort, Estimate, Floats, Panel, PanelError
from ayni.panel.simplex import Fitted, fitted

# Ridge where it only makes weights unique, relative to the noise (the 2021 paper, below eq. 2.3).
_LEAST_RIDGE = 1e-6


def difference_in_differences(panel: Panel) -> Estimate:
    """Return the effect by equal weights of controls and of periods before.

    With one cohort it is the coefficient of two-way fixed effects. With several it is their effects against
    the never treated, weighted by treated cells, where two-way fixed effects would also compare cohorts with
    each other.

    Raises
    ------
    PanelError
        If an outcome is missing.
    """
    found = []
    for block in blocks(panel, "difference in differences"):
        size = len(block.controls)
        found.append(cohort(block, np.full(size, 1 / size), _equal(block), np.nan))
    return estimate("difference-in-differences", found)


def synthetic_control(panel: Panel, *, early_stopping: bool = False) -> Estimate:
    """Return the effect by the controls' combination that comes nearest to the treated before.

    Only outcomes are fitted, in all periods before, which are all weighed alike.

    Parameters
    ----------
    early_stopping : bool
        Whether to stop as the code of synthetic difference in differences does when it fits a synthetic
        control, which gives the figure that its paper prints; by default weights are optimal.

    Raises
    ------
    PanelError
        If an outcome is missing.
    """
    found = []
    for block in blocks(panel, "synthetic control"):
        A, b = block.control_outcomes[:, : block.start], block.treated_mean[: block.start]
        if early_stopping:
            noise = noise_of(block)
            fit = stopped_early(A, b, block.start * (_LEAST_RIDGE * noise) ** 2, noise)
        else:
            fit = fitted(A, b)
        found.append(cohort(block, fit.weights, np.zeros(block.start), fit.gap))
    return estimate("synthetic-control", found, (("early-stopping", 1.0),) if early_stopping else ())


def demeaned_synthetic_control(panel: Panel) -> Estimate:
    """Return the effect by the controls' combination whose shape before comes nearest, whatever its level.

    Raises
    ------
    PanelError
        If an outcome is missing.
    """
    found = []
    for block in blocks(panel, "demeaned synthetic control"):
        A, b = _demeaned(block)
        fit = fitted(A, b)
        found.append(cohort(block, fit.weights, _equal(block), fit.gap))
    return estimate("demeaned-synthetic-control", found)


def synthetic_difference_in_differences(
    panel: Panel, *, noise: float | None = None, early_stopping: bool = False
) -> Estimate:
    """Return the effect by fitted weights of controls and of periods before.

    Parameters
    ----------
    noise : float, optional
        Standard deviation of the controls' first differences before treatment, to which the ridges are
        proportional; worked out of each block if left out.
    early_stopping : bool
        Whether to stop and to drop small weights as the paper's own code does, which gives the published
        figures; by default weights are optimal.

    Raises
    ------
    PanelError
        If an outcome is missing, or there is one period before treatment, from which no noise can be told.
    """
    found = [
        _sdid(block, noise_of(block) if noise is None else noise, early_stopping=early_stopping)
        for block in blocks(panel, "synthetic difference in differences")
    ]
    settings = [("noise", noise)] if noise is not None else []
    settings += [("early-stopping", 1.0)] if early_stopping else []
    return estimate("synthetic-difference-in-differences", found, tuple(settings))


def noise_of(block: Block) -> float:
    """Return the standard deviation of the controls' first differences before treatment (eq. 2.2).

    Raises
    ------
    PanelError
        If there are fewer than two differences.
    """
    steps = np.diff(block.control_outcomes[:, : block.start], axis=1)
    if steps.size < 2:  # noqa: PLR2004 - a deviation needs two
        raise PanelError(
            f"synthetic difference in differences: {steps.size} changes of controls before"
            f" {block.panel.periods[block.start]}, expected two or more to tell noise from"
        )
    return float(steps.std(ddof=1))


def unit_ridge(block: Block, noise: float) -> float:
    """Return the penalty on squared unit weights: T0 times zeta squared (eq. 2.1 and 2.2)."""
    cells = len(block.treated) * (len(block.panel.periods) - block.start)
    return block.start * float(np.sqrt(cells)) * noise**2


def time_ridge(controls: int, noise: float) -> float:
    """Return the penalty on squared time weights."""
    return controls * (_LEAST_RIDGE * noise) ** 2


def time_problem(block: Block) -> tuple[Floats, Floats]:
    """Return what time weights fit: periods before and the mean after, of controls, without their means."""
    outcomes = block.control_outcomes
    before, after = outcomes[:, : block.start], outcomes[:, block.start :].mean(axis=1)
    return (before - before.mean(axis=0)).T, after - after.mean()


def _sdid(block: Block, noise: float, *, early_stopping: bool) -> Cohort:
    unit, time = _demeaned(block), time_problem(block)
    unit_penalty, time_penalty = unit_ridge(block, noise), time_ridge(len(block.controls), noise)
    if early_stopping:
        omega: Fitted = stopped_early(*unit, unit_penalty, noise)
        lambdas = stopped_early(*time, time_penalty, noise)
    else:
        omega, lambdas = fitted(*unit, unit_penalty), fitted(*time, time_penalty)
    return cohort(block, omega.weights, lambdas.weights, max(omega.gap, lambdas.gap))


def _demeaned(block: Block) -> tuple[Floats, Floats]:
    """Return controls and treated before treatment, each without its own mean."""
    A, b = block.control_outcomes[:, : block.start], block.treated_mean[: block.start]
    return A - A.mean(axis=1, keepdims=True), b - b.mean()


def _equal(block: Block) -> Floats:
    return np.full(block.start, 1 / block.start)
