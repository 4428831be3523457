"""A panel from plain arrays, all that is wrong with them told at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.records import Flags, Floats, Panel, PanelError

_SHOWN = 5


def panel(
    Y: ArrayLike,
    treated: ArrayLike,
    *,
    units: Sequence[object] | None = None,
    periods: Sequence[int] | None = None,
) -> Panel:
    """Return a panel.

    Parameters
    ----------
    Y : (N, T) array_like of float, unit of the outcome
        One row for each unit, one column for each period, NaN where nothing was observed.
    treated : (N, T) array_like of bool
        Which cells were treated; once a unit is, it stays so.
    units : sequence, optional
        N names; "0", "1", … if left out.
    periods : sequence of int, optional
        T labels, ascending; 0, 1, … if left out.

    Raises
    ------
    PanelError
        If shapes disagree, names repeat, periods do not ascend, a value is infinite, a treatment ends, or no
        unit is treated or none is a control; all of it in one message.
    """
    outcomes, flags = np.asarray(Y, dtype=np.float64), np.asarray(treated)
    if outcomes.ndim != 2 or 0 in outcomes.shape:  # noqa: PLR2004 - units by periods
        raise PanelError(f"Y has shape {outcomes.shape}, expected units by periods (N, T)")
    if flags.shape != outcomes.shape:
        raise PanelError(f"treated has shape {flags.shape}, expected that of Y, {outcomes.shape}")
    count, length = outcomes.shape
    names = tuple(map(str, range(count) if units is None else units))
    labels = tuple(range(length) if periods is None else periods)
    faults = [*_values(outcomes, flags), *_labels(names, labels, count, length)]
    if not faults:
        faults = _treatment(flags.astype(np.bool_), names, labels)
    if faults:
        raise PanelError("; ".join(faults))
    return Panel(Y=outcomes, treated=flags.astype(np.bool_), units=names, periods=labels)


def _values(outcomes: Floats, flags: Flags) -> list[str]:
    faults = []
    if np.isinf(outcomes).any():
        row, column = (int(one[0]) for one in np.nonzero(np.isinf(outcomes)))
        faults.append(f"Y[{row}, {column}] is infinite; expected a number, or NaN where nothing was observed")
    if flags.dtype != np.bool_ and not np.isin(flags, (0, 1)).all():
        faults.append("treated holds values other than 0 and 1; a dose is no switch")
    return faults


def _labels(names: tuple[str, ...], labels: tuple[int, ...], count: int, length: int) -> list[str]:
    faults = []
    if len(names) != count:
        faults.append(f"{len(names)} units are named, Y has {count}")
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})[:_SHOWN]
        faults.append(f"units are named twice: {', '.join(twice)}")
    if len(labels) != length:
        faults.append(f"{len(labels)} periods are named, Y has {length}")
    if any(later <= earlier for earlier, later in pairwise(labels)):
        faults.append("periods do not ascend; sort the columns")
    return faults


def _treatment(flags: Flags, names: tuple[str, ...], labels: tuple[int, ...]) -> list[str]:
    faults = []
    ended = (flags[:, :-1] & ~flags[:, 1:]).any(axis=1)
    if ended.any():
        some = ", ".join(names[i] for i in np.flatnonzero(ended)[:_SHOWN])
        faults.append(f"treatment ends for {some}; expected it to last, once begun")
    ever = flags.any(axis=1)
    if not ever.any():
        faults.append("no cell is treated")
    if ever.all():
        faults.append("every unit is treated at some time; at least one must never be")
    at_once = flags[:, 0]
    if at_once.any():
        some = ", ".join(names[i] for i in np.flatnonzero(at_once)[:_SHOWN])
        faults.append(f"{some}: treated in the first period, {labels[0]}; leave such units out")
    return faults
