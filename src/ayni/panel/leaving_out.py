"""How much an effect hangs on single units and on the date: leaving out, and dating back.

References
----------
Arkhangelsky, D. and others, 2021, AER 111(12), Algorithm 3: the jackknife with weights held fixed.
Abadie, A., Diamond, A. and Hainmueller, J., 2015, AJPS 59(2): dating back, and leaving out one control at a
time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks
from ayni.panel.intervals import normal
from ayni.panel.records import Cohort, Estimate, Floats, Interval, Panel, PanelError
from ayni.panel.sharing import every_omission
from ayni.panel.weighting import synthetic_control

_ONE = 1.0 - 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """The effect without one control.

    Attributes
    ----------
    unit : str
        The control left out.
    att : float, unit of the outcome
    """

    unit: str
    att: float


def jackknife(panel: Panel, estimate: Estimate, level: float = 0.95) -> Interval:
    """Return the normal interval from leaving out one unit at a time, with weights held fixed.

    Without a control the others' weights are scaled to add to one again. With many units it is too wide
    rather than too narrow (the paper, section IV); with few it is not, see `benchmarks/coverage_panel.py`.

    Parameters
    ----------
    estimate : Estimate
        Of this panel, by a method of `ayni.panel.weighting`.

    Raises
    ------
    PanelError
        If the method has no weights or they do not add to one, a cohort has one treated unit, without which
        nothing is left, or one control has all the weight.
    """
    if any(np.isnan(one.unit_weights).any() for one in estimate.cohorts):
        raise PanelError(f"jackknife: {estimate.method} has no weights to hold fixed; use its own interval")
    cohorts = list(zip(estimate.cohorts, blocks(panel, "jackknife"), strict=True))
    for one, block in cohorts:
        if len(block.treated) < 2:  # noqa: PLR2004 - one must stay
            raise PanelError(
                f"jackknife: {one.units[0]} is the only unit treated from {one.since} on, and without it"
                " nothing is left; use placebos"
            )
        if np.isnan(one.effective_controls):
            raise PanelError(
                f"jackknife: weights of {estimate.method} add to {one.unit_weights.sum():.4g}, expected 1, so"
                " that the others can take the part of one; use its own interval"
            )
        if one.unit_weights.max() >= _ONE:
            name = panel.units[int(one.unit_weights.argmax())]
            raise PanelError(f"jackknife: {name} has all the weight, and without it nothing is left")
    cells = np.array([[float(one.cells)] for one, _ in cohorts])
    without, lost = zip(*(_without_each(panel, one, block) for one, block in cohorts), strict=True)
    weights = cells - np.array(lost)
    draws = (np.array(without) * weights).sum(axis=0) / weights.sum(axis=0)
    n = len(panel.units)
    error = float(np.sqrt((n - 1) / n * np.square(draws - estimate.att).sum()))
    return normal("jackknife", estimate.att, error, level, draws)


def _without_each(panel: Panel, cohort: Cohort, block: Block) -> tuple[Floats, Floats]:
    """Return a cohort's effect without each unit of the panel, and the treated cells that this loses."""
    start, length = block.start, len(panel.periods)
    after = panel.Y[:, start:].mean(axis=1)
    gain = after - panel.Y[:, :start] @ cohort.time_weights[:start]
    weighted = cohort.unit_weights * gain
    att = np.full(len(gain), cohort.att)
    mean = gain[block.treated].mean()
    rest = 1.0 - cohort.unit_weights[block.controls]
    att[block.controls] = mean - (weighted.sum() - weighted[block.controls]) / rest
    count = len(block.treated)
    att[block.treated] = (count * mean - gain[block.treated]) / (count - 1) - weighted.sum()
    lost = np.zeros(len(gain))
    lost[block.treated] = length - start
    return att, lost


def leave_one_out(panel: Panel, method: Callable[[Panel], Estimate]) -> tuple[Omission, ...]:
    """Return the effect without each control in turn, the method run anew.

    Parameters
    ----------
    method : callable
        Panel to estimate.

    Raises
    ------
    PanelError
        If there is one control only, or the method refuses.
    """
    controls = np.flatnonzero(panel.controls)
    if len(controls) < 2:  # noqa: PLR2004 - one must stay
        raise PanelError(
            f"leave_one_out: {panel.units[controls[0]]} is the only control; expected two or more"
        )
    if method is synthetic_control:
        cohorts = list(blocks(panel, "leave_one_out"))
        if len(cohorts) == 1:
            return _shared(cohorts[0])
    everybody, always = np.arange(len(panel.units)), np.ones(len(panel.periods), np.bool_)
    return tuple(
        Omission(unit=panel.units[i], att=method(panel.part(everybody != i, always)).att) for i in controls
    )


def _shared(block: Block) -> tuple[Omission, ...]:
    """Return the omissions of a synthetic control from one Gram matrix."""
    Y, start = block.control_outcomes, block.start
    middle = Y[:, :start].mean(axis=0)
    A, b = Y[:, :start] - middle, block.treated_mean[:start] - middle
    own = synthetic_control(block.panel).cohorts[0]
    w = own.unit_weights[block.controls]
    W = np.zeros((len(Y), len(Y)))
    every_omission(A @ A.T, A @ b, float(b @ b), 0.0, w, W)
    att = block.treated_mean[start:].mean() - W @ Y[:, start:].mean(axis=1)
    return tuple(
        Omission(unit=block.panel.units[unit], att=float(one))
        for unit, one in zip(block.controls, att, strict=True)
    )


def backdated(panel: Panel, since: int) -> Panel:
    """Return the panel before anything happened, with its treated units taken for treated earlier.

    A method that finds an effect there finds one where there was none.

    Parameters
    ----------
    since : int
        Label of a period, not the first, before the earliest treated one.

    Raises
    ------
    PanelError
        If it is no such period.
    """
    first = int(panel.starts.min())
    may = panel.periods[1:first]
    if since not in may:
        reach = f"{may[0]} to {may[-1]}" if may else "none: one period was before"
        raise PanelError(f"backdated: {since} is no period between the first and the treatment ({reach})")
    treated = np.zeros((len(panel.units), first), np.bool_)
    treated[~panel.controls, panel.periods.index(since) :] = True
    return Panel(Y=panel.Y[:, :first], treated=treated, units=panel.units, periods=panel.periods[:first])
