"""The specification curve: every defensible combination of choices, run and kept, whatever it says.

A combination is an outcome, a method, a pool of controls, a window of periods and a transformation. Each
gives a row: its effect, or the sentence for which the method refuses. Rows stream as they are done; a run
that was stopped goes on where it was (`run` skips what is done already). The work goes to any
`concurrent.futures.Executor`.

References
----------
Simonsohn, U., Simmons, J. and Nelson, L., 2020, Nature Human Behaviour 4: specification curve analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ayni.panel.augmented import augmented_synthetic_control
from ayni.panel.imputation import imputation
from ayni.panel.records import Estimate, Floats, Panel, PanelError
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    synthetic_control,
    synthetic_difference_in_differences,
)

METHODS: dict[str, Callable[[Panel], Estimate]] = {
    "difference-in-differences": difference_in_differences,
    "synthetic-control": synthetic_control,
    "demeaned-synthetic-control": demeaned_synthetic_control,
    "synthetic-difference-in-differences": synthetic_difference_in_differences,
    "augmented-synthetic-control": augmented_synthetic_control,
    "imputation": lambda panel: imputation(panel).estimate,
}
# So many combinations go to a worker at once: a fit takes less time than handing it over.
_AT_ONCE = 250
# So many pieces of work are handed over before the first comes back, that a long list fills no memory.
_AHEAD = 16


def _level(outcomes: Floats, _start: int) -> Floats:
    return outcomes


def _log(outcomes: Floats, _start: int) -> Floats:
    if np.nanmin(outcomes) <= 0:
        raise PanelError(f"log: an outcome is {np.nanmin(outcomes):g}, expected more than 0")
    logs: Floats = np.log(outcomes)
    return logs


def _index(outcomes: Floats, start: int) -> Floats:
    base = outcomes[:, :start].mean(axis=1, keepdims=True)
    if np.any(base == 0):
        raise PanelError("index: a unit's mean before treatment is 0; use another transformation")
    percent: Floats = 100 * outcomes / base
    return percent


def _standardised(outcomes: Floats, start: int) -> Floats:
    before = outcomes[:, :start]
    spread = before.std(axis=1, keepdims=True)
    if np.any(spread == 0):
        raise PanelError("standardised: a unit does not change before treatment; use another transformation")
    scores: Floats = (outcomes - before.mean(axis=1, keepdims=True)) / spread
    return scores


# Level, natural logarithm, percent of the unit's own mean before, standard deviations of its own past.
TRANSFORMATIONS: dict[str, Callable[[Floats, int], Floats]] = {
    "level": _level,
    "log": _log,
    "index": _index,
    "standardised": _standardised,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One combination of choices.

    Attributes
    ----------
    outcome, method, pool, transformation : str
        Keys; see `run`.
    window : tuple of int
        First and last period that is used.
    """

    outcome: str
    method: str
    pool: str
    window: tuple[int, int]
    transformation: str = "level"

    @property
    def key(self) -> str:
        """The choices in one word, by which a row is known again."""
        first, last = self.window
        return "/".join((self.outcome, self.method, self.pool, f"{first}-{last}", self.transformation))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one combination gave.

    Attributes
    ----------
    specification : Specification
    att, pre_rmspe : float, unit of the transformed outcome
        NaN where the method refuses.
    share : float
        The effect as a share of the mean counterfactual after treatment, of the level and the index; else
        NaN.
    refused : str
        The sentence; empty where there is an effect.
    """

    specification: Specification
    att: float
    pre_rmspe: float
    share: float
    refused: str = ""


def combinations(
    outcomes: Sequence[str],
    methods: Sequence[str],
    pools: Sequence[str],
    windows: Sequence[tuple[int, int]],
    transformations: Sequence[str] = ("level",),
) -> tuple[Specification, ...]:
    """Return every combination, the last choice changing quickest."""
    return tuple(
        Specification(outcome=outcome, method=method, pool=pool, window=window, transformation=transformation)
        for outcome, method, pool, window, transformation in product(
            outcomes, methods, pools, windows, transformations
        )
    )


def run(
    panels: Mapping[str, Panel],
    pools: Mapping[str, Collection[str]],
    specifications: Sequence[Specification],
    *,
    done: Collection[str] = (),
    executor: Executor | None = None,
    methods: Mapping[str, Callable[[Panel], Estimate]] | None = None,
) -> Generator[Row]:
    """Yield a row for each combination as they are done; in their order, where nobody else does the work.

    Parameters
    ----------
    panels : mapping of str to Panel
        By outcome.
    pools : mapping of str to names of units
        The controls that may be used, besides the treated units.
    specifications : sequence of Specification
    done : collection of str
        Keys of rows that there are already.
    executor : Executor, optional
        Who does the work: processes, threads, or another program's, such as a Dask client's. Rows are the
        same whoever does it. By default it is done here.
    methods : mapping, optional
        More methods by name; functions that can be pickled, where processes do the work.

    Raises
    ------
    PanelError
        If a choice is not known, all of them at once.
    """
    known = METHODS | dict(methods or {})
    _refuse_unknown(panels, pools, specifications, known)
    skipped = set(done)
    left = [one for one in specifications if one.key not in skipped]
    units = {name: tuple(pool) for name, pool in pools.items()}
    extra = dict(methods or {})
    pieces = [left[i : i + _AT_ONCE] for i in range(0, len(left), _AT_ONCE)]
    if executor is None:
        for piece in pieces:
            yield from worked(dict(panels), units, piece, extra)
        return
    waiting: set[Future[list[Row]]] = set()
    for piece in pieces:
        waiting.add(executor.submit(worked, dict(panels), units, piece, extra))
        while len(waiting) >= _AHEAD:
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in ready:
                yield from one.result()
    while waiting:
        ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for one in ready:
            yield from one.result()


def _refuse_unknown(
    panels: Mapping[str, Panel],
    pools: Mapping[str, Collection[str]],
    specifications: Sequence[Specification],
    methods: Mapping[str, object],
) -> None:
    asked = {
        "outcome": ({one.outcome for one in specifications}, set(panels)),
        "method": ({one.method for one in specifications}, set(methods)),
        "pool": ({one.pool for one in specifications}, set(pools)),
        "transformation": ({one.transformation for one in specifications}, set(TRANSFORMATIONS)),
    }
    faults = [
        f"no {choice} is called {', '.join(sorted(wanted - there))}; known: {', '.join(sorted(there))}"
        for choice, (wanted, there) in asked.items()
        if wanted - there
    ]
    if faults:
        raise PanelError("; ".join(faults))


def worked(
    panels: dict[str, Panel],
    pools: dict[str, tuple[str, ...]],
    specifications: Sequence[Specification],
    methods: dict[str, Callable[[Panel], Estimate]],
) -> list[Row]:
    """Return the rows of some combinations; what an executor is given."""
    known = METHODS | methods
    cut: dict[tuple[str, str, tuple[int, int], str], Panel | str] = {}
    rows = []
    for one in specifications:
        choice = (one.outcome, one.pool, one.window, one.transformation)
        if choice not in cut:
            cut[choice] = _cut(panels[one.outcome], pools[one.pool], one)
        rows.append(_row(one, cut[choice], known[one.method]))
    return rows


def _cut(panel: Panel, pool: Collection[str], one: Specification) -> Panel | str:
    """Return the part of a panel that a combination is about, or why there is none."""
    first, last = one.window
    periods = np.array([first <= period <= last for period in panel.periods])
    names = set(pool)
    units = np.array([name in names for name in panel.units]) | ~panel.controls
    part = panel.part(units, periods)
    if not part.treated.any() or part.treated[:, 0].any():
        return f"window {first}-{last}: expected periods before treatment and after its beginning"
    if not part.controls.any():
        return f"pool {one.pool}: holds no unit of the panel that is never treated"
    try:
        outcomes = TRANSFORMATIONS[one.transformation](part.Y, int(part.starts.min()))
    except PanelError as error:
        return str(error)
    return replace(part, Y=outcomes)


def _row(one: Specification, cut: Panel | str, method: Callable[[Panel], Estimate]) -> Row:
    if isinstance(cut, str):
        return Row(specification=one, att=np.nan, pre_rmspe=np.nan, share=np.nan, refused=cut)
    try:
        found = method(cut)
    except PanelError as error:
        return Row(specification=one, att=np.nan, pre_rmspe=np.nan, share=np.nan, refused=str(error))
    share = np.nan
    if one.transformation in ("level", "index"):
        after = [
            float(np.nanmean(cohort.counterfactual[cut.periods.index(cohort.since) :]))
            for cohort in found.cohorts
        ]
        without = float(np.average(after, weights=[cohort.cells for cohort in found.cohorts]))
        share = found.att / without if without else np.nan
    return Row(
        specification=one,
        att=found.att,
        pre_rmspe=found.pre_rmspe,
        share=share,
    )


def standing(rows: Sequence[Row], value: float) -> float:
    """Return the share of the effects that are smaller than a value, ties counting half; NaN without effects.

    Parameters
    ----------
    rows : sequence of Row
        Of one transformation: effects in different units do not compare.
    """
    if len({row.specification.transformation for row in rows}) > 1:
        raise PanelError("standing: the rows have several transformations, whose effects do not compare")
    return smaller(np.array([row.att for row in rows if not row.refused]), value)


def smaller(effects: Floats, value: float) -> float:
    """Return the share of effects (M,) that are smaller than a value, ties counting half; NaN without any."""
    if not effects.size:
        return np.nan
    return float((effects < value).mean() + (effects == value).mean() / 2)
