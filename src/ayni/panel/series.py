"""One treated series, and controls if there are any, from plain arrays or from a cohort of a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.cohorts import estimate
from ayni.panel.records import Cohort, Estimate, Flags, Floats, Panel, PanelError

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One treated series.

    Attributes
    ----------
    y : (T,) float, unit of the outcome
        NaN where nothing was observed.
    controls : (K, T) float
        All observed.
    start : int
        Position of the first treated period.
    periods : tuple of int
        T labels, ascending.
    """

    y: Floats
    controls: Floats
    start: int
    periods: tuple[int, ...]

    @property
    def seen(self) -> Flags:
        """Where it was observed: (T,) bool."""
        there: Flags = ~np.isnan(self.y)
        return there

    def cohort(self, counterfactual: Floats) -> Cohort:
        """Return what a counterfactual (T,) says of it: a cohort of one unit, without weights."""
        difference = self.y - counterfactual
        before = difference[: self.start]
        return Cohort(
            since=self.periods[self.start],
            units=("treated",),
            periods=self.periods,
            observed=self.y,
            counterfactual=counterfactual,
            unit_weights=np.full(1 + len(self.controls), np.nan),
            time_weights=np.full(len(self.periods), np.nan),
            att=float(np.nanmean(difference[self.start :])),
            cells=int(self.seen[self.start :].sum()),
            pre_rmspe=float(np.sqrt(np.nanmean(np.square(before)))),
            gap=np.nan,
        )


def series(
    y: ArrayLike,
    start: int,
    *,
    method: str,
    periods: Sequence[int] | None = None,
    controls: ArrayLike | None = None,
    least: int = 3,
) -> Series:
    """Return a series.

    Parameters
    ----------
    least : int
        How many observed periods before the method needs.

    Raises
    ------
    PanelError
        If shapes disagree, periods do not ascend, a value is infinite, a control is missing, or too few
        periods were observed; all of it in one message.
    """
    values = np.asarray(y, dtype=np.float64)
    if values.ndim != 1 or not values.size:
        raise PanelError(f"{method}: y has shape {values.shape}, expected one value for each period, (T,)")
    length = len(values)
    beside = np.zeros((0, length)) if controls is None else np.asarray(controls, dtype=np.float64)
    labels = tuple(range(length) if periods is None else periods)
    faults = []
    if np.isinf(values).any():
        faults.append(f"y[{int(np.isinf(values).argmax())}] is infinite; expected a number, or NaN")
    if beside.ndim != 2 or beside.shape[1] != length:  # noqa: PLR2004 - controls by periods
        faults.append(f"controls have shape {beside.shape}, expected controls by {length} periods, (K, T)")
    elif not np.isfinite(beside).all():
        rows = np.flatnonzero(~np.isfinite(beside).all(axis=1))
        some = ", ".join(map(str, rows[:_SHOWN]))
        faults.append(f"{len(rows)} controls lack values: {some}; leave them out, or the periods they lack")
    if len(labels) != length or any(later <= earlier for earlier, later in pairwise(labels)):
        faults.append(f"{len(labels)} periods are named, expected {length} that ascend")
    if not 0 < start < length:
        faults.append(f"treatment starts at position {start}, expected one from 1 to {length - 1}")
    else:
        before, after = (int((~np.isnan(part)).sum()) for part in (values[:start], values[start:]))
        if before < least:
            faults.append(f"{before} periods before treatment were observed, expected {least} or more")
        if not after:
            faults.append("no period after treatment began was observed")
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    return Series(y=values, controls=beside, start=start, periods=labels)


def by_cohort(
    panel: Panel, method: str, found: Callable[[Series], Estimate], *, controls: bool = True
) -> Estimate:
    """Return what a method of one series says of each cohort's mean.

    A mean is missing where any of its units is, since others would change it.

    Parameters
    ----------
    method : str
        Name of the estimate.
    found : callable
        What gives an estimate with one cohort.
    controls : bool
        Whether it is given the controls.
    """
    starts = panel.starts
    cohorts = []
    for start in np.unique(starts[~panel.controls]):
        rows = np.flatnonzero(starts == start)
        own = series(
            panel.Y[rows].mean(axis=0),
            int(start),
            method=method.replace("-", " "),
            periods=panel.periods,
            controls=panel.Y[panel.controls] if controls else None,
        )
        one = found(own).cohorts[0]
        cohorts.append(
            replace(
                one,
                units=tuple(panel.units[i] for i in rows),
                unit_weights=np.full(len(panel.units), np.nan),
                cells=one.cells * len(rows),
            )
        )
    return estimate(method, cohorts)
