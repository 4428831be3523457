"""What an estimator is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
# By so much weights that add to one may miss it.
_ROUNDING = 1e-6


class PanelError(ValueError):
    """A panel that is none, or that a method must refuse; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Outcomes of units over periods, and which of them were treated. Made by `panel`.

    Attributes
    ----------
    Y : (N, T) float, unit of the outcome
        NaN where nothing was observed.
    treated : (N, T) bool
        Once true, true to the last period.
    units : tuple of str
        N names.
    periods : tuple of int
        T labels, ascending.
    """

    Y: Floats
    treated: Flags
    units: tuple[str, ...]
    periods: tuple[int, ...]

    @property
    def controls(self) -> Flags:
        """Which units are never treated: (N,) bool."""
        never: Flags = np.logical_not(self.treated.any(axis=1))
        return never

    @property
    def starts(self) -> Places:
        """First treated period of each unit by position, T where it is never treated: (N,) int."""
        first: Places = self.treated.argmax(axis=1).astype(np.int64)
        first[self.controls] = self.treated.shape[1]
        return first

    def part(self, units: Flags, periods: Flags) -> Panel:
        """Return the panel of some units, (N,) bool, and some periods, (T,) bool."""
        cells = np.ix_(units, periods)
        return Panel(
            Y=self.Y[cells],
            treated=self.treated[cells],
            units=tuple(compress(self.units, units)),
            periods=tuple(compress(self.periods, periods)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Units that were first treated in one period, and what they would have been.

    Attributes
    ----------
    since : int
        That period.
    units : tuple of str
        The treated units.
    periods : tuple of int
        T labels.
    observed, counterfactual : (T,) float, unit of the outcome
        Mean of the treated units, and what it would have been. NaN where there is none.
    unit_weights : (N,) float
        Of the panel's units; 0 but for controls.
    time_weights : (T,) float
        Of the periods before; 0 from `since` on.
    att : float, unit of the outcome
        Mean of observed less counterfactual from `since` on.
    cells : int
        Treated cells: units times periods.
    pre_rmspe : float, unit of the outcome
        Root mean squared difference before `since`.
    gap : float
        How far the weights are from the optimum of their problem: the duality gap relative to the
        objective, the larger of the unit and the time weights'. NaN where nothing is optimised.
    """

    since: int
    units: tuple[str, ...]
    periods: tuple[int, ...]
    observed: Floats
    counterfactual: Floats
    unit_weights: Floats
    time_weights: Floats
    att: float
    cells: int
    pre_rmspe: float
    gap: float

    @property
    def difference(self) -> Floats:
        """Observed less counterfactual: (T,) float."""
        return self.observed - self.counterfactual

    @property
    def effective_controls(self) -> float:
        """One over the sum of squared unit weights: how many equal controls would weigh as much.

        Under one with weights far beyond a mixture's; NaN where they do not add to one, as slopes do not.
        """
        if not abs(self.unit_weights.sum() - 1.0) <= _ROUNDING:
            return float("nan")
        return float(1.0 / np.square(self.unit_weights).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a method found.

    Attributes
    ----------
    method : str
        Such as ``synthetic-control``.
    att : float, unit of the outcome
        Effect on the treated: the cohorts', weighted by their treated cells.
    cohorts : tuple of Cohort
        One for each period in which units were first treated, in order.
    settings : tuple of (str, float)
        What it was run with, so that it can be run again.
    """

    method: str
    att: float
    cohorts: tuple[Cohort, ...]
    settings: tuple[tuple[str, float], ...] = ()

    @property
    def pre_rmspe(self) -> float:
        """Root mean squared difference before treatment, the cohorts weighted by their treated cells."""
        cells = np.array([one.cells for one in self.cohorts], dtype=np.float64)
        errors = np.array([one.pre_rmspe for one in self.cohorts])
        return float(np.sqrt(cells @ np.square(errors) / cells.sum()))

    def __str__(self) -> str:
        """Return the effect and what carries it in one line."""
        sizes = [one.effective_controls for one in self.cohorts]
        fits = ", ".join(f"{one.pre_rmspe:.4g}" for one in self.cohorts)
        # A method without unit weights has none to count.
        carried = (
            "" if np.isnan(sizes).all() else "; effective controls " + ", ".join(f"{n:.1f}" for n in sizes)
        )
        return f"{self.method}: {self.att:.6g} (pre-period RMSPE {fits}{carried})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """How sure an effect is.

    Attributes
    ----------
    kind : str
        ``placebo``, ``placebo-in-time``, ``jackknife``, ``bootstrap``, ``clustered``, ``exposure-robust``,
        ``influence``, ``conformal``, ``reassignment``, ``prediction``, ``posterior``, ``autoregressive``,
        ``hac``, ``relative-magnitudes`` or ``smoothness``.
    estimate : float, unit of the outcome
        The effect it is about.
    standard_error : float, unit of the outcome
    low, high : float, unit of the outcome
        The interval of `level`; normal about the estimate where there is a standard error alone.
    level : float
        Such as 0.9.
    p_value : float
        Share of the assignments, the real one among them, whose statistic is at least as far out; NaN where
        the kind has none.
    draws : (M,) float, unit of the outcome
        What the interval is made from: effects of placebos, of dates or of draws, effects without each unit,
        each unit's share of the error, the influence function, errors of weights, or the weights of
        coefficients.
    exact : bool
        Whether all assignments were listed; else they are a seeded sample.
    """

    kind: str
    estimate: float
    standard_error: float
    low: float
    high: float
    level: float
    p_value: float
    draws: Floats
    exact: bool


# What gives an estimate of a panel, such as `ayni.panel.synthetic_control`.
Method: TypeAlias = Callable[[Panel], Estimate]
