r"""Diagnostics of an estimate, each a number held against a limit.

==================  ==============================================================  =======================
code                value                                                           passes
==================  ==============================================================  =======================
pre-fit             share of the treated unit's own variation before treatment      at least 0.8
                    that the counterfactual follows, over periods and cohorts
effective-controls  one over the sum of squared weights, the least of the cohorts   at least 2
inside-hull         distance of the treated from the nearest mixture of controls    at most a millionth
                    before treatment, relative to the controls' spread
unique-weights      directions in which weights could move without a worse fit      none
leave-one-out       share of controls without which the effect keeps its sign       all
trend-breakdown     how many times the largest change of the difference before      at least 1
                    treatment would have to recur in every period after, all in
                    one direction, to leave no effect
==================  ==============================================================  =======================

A limit is a convention; who holds another asks for the value. None of the checks proves the assumption.

References
----------
Ferman, B. and Pinto, C., 2021, Quantitative Economics 12(4), section 4: the measure of fit, and 0.8.
Abadie, A., 2021, Journal of Economic Literature 59(2), section 4: hull, uniqueness, leaving out.
Rambachan, A. and Roth, J., 2023, Review of Economic Studies 90(5), section 2.4.1: bounds on relative
magnitudes, here without sampling error; 1 is their benchmark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import blocks
from ayni.panel.leaving_out import leave_one_out
from ayni.panel.records import Cohort, Estimate, Floats, Panel
from ayni.panel.simplex import fitted

_FIT, _CONTROLS, _DISTANCE, _BREAKDOWN = 0.8, 2.0, 1e-6, 1.0
# A slope that is nothing beside the largest.
_FLAT = 1e-9
# So many last digits may be lost in a slope.
_DIGITS = 8
# A difference that changed by no more than so many last digits of the outcome did not change.
_ROUNDED = 1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One diagnostic.

    Attributes
    ----------
    code : str
        Which.
    value : float
        What was measured; NaN where it cannot be.
    limit : float
        What it is held against.
    passed : bool or None
        None where it cannot be measured.
    """

    code: str
    value: float
    limit: float
    passed: bool | None


def at_least(code: str, value: float, limit: float) -> Check:
    """Return a check that a value is no less than its limit; NaN cannot be measured."""
    return Check(code=code, value=value, limit=limit, passed=None if np.isnan(value) else value >= limit)


def at_most(code: str, value: float, limit: float) -> Check:
    """Return a check that a value is no more than its limit; NaN cannot be measured."""
    return Check(code=code, value=value, limit=limit, passed=None if np.isnan(value) else value <= limit)


def checks(panel: Panel, estimate: Estimate) -> tuple[Check, ...]:
    """Return the diagnostics that need no other run: all of the table but `leave-one-out`.

    Those of the hull and of uniqueness are of synthetic controls alone.

    Parameters
    ----------
    estimate : Estimate
        Of this panel.
    """
    made = [
        at_least("pre-fit", pre_fit(panel, estimate), _FIT),
        at_least("effective-controls", _fewest(estimate), _CONTROLS),
    ]
    if estimate.method == "synthetic-control":
        made.append(at_most("inside-hull", hull_distance(panel), _DISTANCE))
        made.append(at_most("unique-weights", float(spare_directions(panel, estimate)), 0.0))
    made.append(at_least("trend-breakdown", trend_breakdown(panel, estimate), _BREAKDOWN))
    return tuple(made)


def _fewest(estimate: Estimate) -> float:
    return float(np.min([one.effective_controls for one in estimate.cohorts]))


def sign_kept(panel: Panel, estimate: Estimate, method: Callable[[Panel], Estimate]) -> Check:
    """Return the share of controls without which the effect keeps its sign.

    Raises
    ------
    PanelError
        If there is one control only.
    """
    without = np.array([one.att for one in leave_one_out(panel, method)])
    return at_least("leave-one-out", float((np.sign(without) == np.sign(estimate.att)).mean()), 1.0)


def pre_fit(panel: Panel, estimate: Estimate) -> float:
    """Return one less the squared errors before treatment over the treated's own variation there.

    NaN where they do not vary.
    """
    errors = variation = 0.0
    for one in estimate.cohorts:
        start = panel.periods.index(one.since)
        own, difference = one.observed[:start], one.difference[:start]
        errors += float(np.nansum(np.square(difference)))
        variation += float(np.nansum(np.square(own - np.nanmean(own))))
    return 1.0 - errors / variation if variation > 0 else np.nan


def hull_distance(panel: Panel) -> float:
    """Return the distance to the nearest mixture over the controls' own from their mean; 0 inside the hull.

    Distances are root sums of squares over the periods before; the largest of the cohorts. NaN where the
    controls are all alike.
    """
    found = []
    for block in blocks(panel, "the hull"):
        before = block.control_outcomes[:, : block.start]
        nearest = fitted(before, block.treated_mean[: block.start]).objective
        spread = float(np.square(before - before.mean(axis=0)).sum(axis=1).mean())
        found.append(float(np.sqrt(nearest / spread)) if spread > 0 else np.nan)
    return float(np.max(found))


def spare_directions(panel: Panel, estimate: Estimate) -> int:
    """Return how many directions the weights of a synthetic control could move in without a worse fit.

    Controls whose slope is that of the weighted ones could share the weight; what their outcomes before, and
    the sum of weights, do not fix, is spare.
    """
    most = 0
    for one, block in zip(estimate.cohorts, blocks(panel, "uniqueness"), strict=True):
        before, own = block.control_outcomes[:, : block.start], block.treated_mean[: block.start]
        middle = before.mean(axis=0)
        A, w = before - middle, one.unit_weights[block.controls]
        slope = A @ (w @ A - (own - middle))
        tight = slope - slope.min() <= max(_FLAT * float(np.abs(slope).max()), _rounding(A, before))
        fixed = np.column_stack([A[tight], np.full(int(tight.sum()), max(float(np.abs(A).max()), 1.0))])
        most = max(most, int(tight.sum()) - int(np.linalg.matrix_rank(fixed)))
    return most


def _rounding(A: Floats, before: Floats) -> float:
    """Return how large a slope may be by rounding alone: of outcomes, times how far controls are apart."""
    reach = float(np.sqrt(np.square(A).sum(axis=1).max() * before.shape[1]))
    return _DIGITS * float(np.finfo(np.float64).eps) * reach * float(np.abs(before).max())


def trend_breakdown(panel: Panel, estimate: Estimate) -> float:
    r"""Return the multiple of the largest change before treatment at which the effect could be none.

    With changes of the difference of at most :math:`\bar M` times the largest one before, the drift after
    :math:`k` periods is at most :math:`k` times that; the effect is none when the mean drift reaches it. The
    least of the cohorts; NaN with fewer than two periods before, infinite if the difference never changed.
    """
    return float(np.min([_breakdown(one, panel.periods.index(one.since)) for one in estimate.cohorts]))


def _breakdown(cohort: Cohort, start: int) -> float:
    changes = np.abs(np.diff(cohort.difference[:start]))
    changes = changes[~np.isnan(changes)]
    if not changes.size:
        return np.nan
    after = len(cohort.periods) - start
    drift = float(changes.max()) * (after + 1) / 2
    rounding = float(np.finfo(np.float64).eps * np.nanmax(np.abs(cohort.observed))) * _ROUNDED
    return abs(cohort.att) / drift if drift > rounding else np.inf
