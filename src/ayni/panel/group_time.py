r"""Group-time effects: every cohort in every period, by changes since the last period before its treatment.

Question
    How large was the effect on those first treated in :math:`g`, in period :math:`t`?
Estimand
    :math:`ATT(g, t) = E[Y_t - Y_{g-1} \mid G = g] - E[Y_t - Y_{g-1} \mid C]`, with the controls :math:`C`
    never treated, or not yet treated in :math:`t`. Before :math:`g` the change is that since the period
    before.
What carries the weight
    Parallel trends from :math:`g - 1` on. The effects of periods before :math:`g` show whether it held
    earlier.
When not to use it
    With a noisy outcome: all hangs on the one period :math:`g - 1`. `ayni.panel.imputation` uses all before.

References
----------
Callaway, B. and Sant'Anna, P., 2021, Journal of Econometrics 225(2): eq. 2.4 and 2.5 without covariates; the
aggregations of section 3.1; variances from the influence functions of Theorem 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import blocks
from ayni.panel.intervals import normal
from ayni.panel.records import Flags, Floats, Interval, Panel, PanelError

CONTROLS = ("never-treated", "not-yet-treated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cohort in one period.

    Attributes
    ----------
    since, period : int
        First treated period of the cohort, and the period of the effect.
    interval : Interval
        The effect and how sure it is, unit of the outcome.
    units : int
        Treated units.
    """

    since: int
    period: int
    interval: Interval
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTime:
    """Every cohort's effects, and what they come to.

    Attributes
    ----------
    controls : str
        One of `CONTROLS`.
    cells : tuple of Cell
        By cohort and period; those before the treatment are placebos.
    simple : Interval
        Mean over the treated cells, each weighted by its units.
    by_event : tuple of (int, Interval)
        By periods since the first treated one, over the cohorts that reach so far.
    by_cohort, by_period : tuple of (int, Interval)
        Mean over the treated periods of a cohort; over the cohorts treated by a period.
    """

    controls: str
    cells: tuple[Cell, ...]
    simple: Interval
    by_event: tuple[tuple[int, Interval], ...]
    by_cohort: tuple[tuple[int, Interval], ...]
    by_period: tuple[tuple[int, Interval], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """A cell by positions, with its influence function: (N,) float, mean square over N is its variance."""

    start: int
    at: int
    att: float
    influence: Floats


def group_time(panel: Panel, *, controls: str = "never-treated", level: float = 0.95) -> GroupTime:
    """Return the effect of every cohort in every period, and its aggregations.

    Intervals are normal and hold for one effect at a time.

    Parameters
    ----------
    controls : str
        One of `CONTROLS`.

    Raises
    ------
    PanelError
        If an outcome is missing, or a cohort or the controls of a cell have fewer than two units.
    """
    if controls not in CONTROLS:
        raise PanelError(f"controls is {controls!r}, expected one of {', '.join(CONTROLS)}")
    cohorts = list(blocks(panel, "group-time effects"))
    for block in cohorts:
        if min(len(block.treated), len(block.controls)) < 2:  # noqa: PLR2004 - one tells no noise
            raise PanelError(
                f"group-time effects: {len(block.treated)} units treated from {panel.periods[block.start]} on"
                f" and {len(block.controls)} controls; expected two or more of each to tell noise from"
            )
    starts, length = panel.starts, panel.Y.shape[1]
    raw = [
        _cell(panel, block.start, at, _pool(starts, block.start, at, controls))
        for block in cohorts
        for at in range(1, length)
    ]
    made = _Aggregation(panel=panel, level=level, raw=raw)
    since = sorted({block.start for block in cohorts})
    return GroupTime(
        controls=controls,
        cells=tuple(
            Cell(
                since=panel.periods[one.start],
                period=panel.periods[one.at],
                interval=_interval(one.att, one.influence, level),
                units=int((starts == one.start).sum()),
            )
            for one in raw
        ),
        simple=made.mean(lambda one: one.at >= one.start),
        by_event=made.each(range(1 - since[-1], length - since[0]), lambda one: one.at - one.start),
        by_cohort=tuple(
            (panel.periods[start], made.mean(lambda one, start=start: one.start == start <= one.at))
            for start in since
        ),
        by_period=tuple(
            (panel.periods[at], made.mean(lambda one, at=at: one.at == at >= one.start))
            for at in range(since[0], length)
        ),
    )


def _pool(starts: Floats | np.ndarray, start: int, at: int, controls: str) -> Flags:
    """Return the controls of a cell."""
    never: Flags = starts == starts.max()
    if controls == "never-treated":
        return never
    later: Flags = (starts > max(at, start - 1)) & (starts != start)
    return later | never


def _cell(panel: Panel, start: int, at: int, pool: Flags) -> _Raw:
    base = start - 1 if at >= start else at - 1
    change = panel.Y[:, at] - panel.Y[:, base]
    treated = panel.starts == start
    n = len(change)
    influence = np.zeros(n)
    means = []
    for units, sign in ((treated, 1.0), (pool, -1.0)):
        mean = change[units].mean()
        influence[units] += sign * n / units.sum() * (change[units] - mean)
        means.append(mean)
    return _Raw(start=start, at=at, att=float(means[0] - means[1]), influence=influence)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aggregation:
    """Means of cells, weighted by how many units a cohort has, which is itself estimated."""

    panel: Panel
    level: float
    raw: list[_Raw]

    def each(self, keys: Iterable[int], of: Callable[[_Raw], int]) -> tuple[tuple[int, Interval], ...]:
        """Return the means of the cells of each key that has some."""
        there = {of(one) for one in self.raw}
        return tuple((key, self.mean(lambda one, key=key: of(one) == key)) for key in keys if key in there)

    def mean(self, chosen: Callable[..., bool]) -> Interval:
        """Return the mean of some cells."""
        cells = [one for one in self.raw if chosen(one)]
        starts = self.panel.starts
        member = np.array([starts == one.start for one in cells], dtype=np.float64)
        shares = member.mean(axis=1)
        total = shares.sum()
        effects = np.array([one.att for one in cells])
        att = float(shares @ effects / total)
        influence = shares @ np.array([one.influence for one in cells]) / total
        # Which units a cohort has is chance, too (the paper, Corollary 2).
        influence = influence + (effects - att) @ (member - shares[:, None]) / total
        return _interval(att, influence, self.level)


def _interval(att: float, influence: Floats, level: float) -> Interval:
    n = len(influence)
    error = float(np.sqrt(np.square(influence).mean() / n))
    return normal("influence", att, error, level, influence)
