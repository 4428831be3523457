"""Effects before and after treatment, each with its interval.

References
----------
Callaway, B. and Sant'Anna, P., 2021, Journal of Econometrics 225(2), section 3.1: what is put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ayni.panel import Interval, PanelError
from ayni.plots.drawing import BLACK, GREY, Words, axes_of, measured, noted, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def event_study(
    effects: Sequence[tuple[int, Interval]],
    *,
    since: int | None = 0,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with an effect for each period since treatment, its interval as a bar.

    Parameters
    ----------
    effects : sequence of (int, Interval)
        Such as ``group_time(panel).by_event``; its ``by_period`` and ``by_cohort`` do as well. An interval
        without ends has no bar; one that is infinite reaches to the edge.
    since : int, optional
        The first treated period: dots before are hollow, and an upright line stands before it. None if all
        are treated, as of ``by_period`` and ``by_cohort``.
    unit : str
        Of the outcome, as the axis says it.
    words : mapping of str to str, optional
        Other words for ``event``, ``each-effect``, ``hollow``.
    language : str
        ``en`` or ``es``, for words that are not given and for numbers.
    ax : Axes, optional
        Where to draw; a new figure of pyplot, if left out.

    Raises
    ------
    PanelError
        If there is no effect, levels differ, a word is not one of these, or there is no such language.
    """
    said = Words(language=language, known=("event", "each-effect", "hollow"), instead=words or {})
    levels = {one.level for _, one in effects}
    if len(levels) != 1:
        told = ", ".join(f"{level:g}" for level in sorted(levels)) or "none, since there is no effect"
        raise PanelError(f"event_study: the intervals have the levels {told}; expected one for all")
    made = axes_of(ax)
    made.axhline(0, color=GREY, linewidth=0.8)
    if since is not None:
        made.axvline(since - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), gid="start")
    for before in (True, False):
        some = [(at, one) for at, one in effects if (since is not None and at < since) == before]
        if some:
            _dots(made, some, hollow=before)
    _bars(made, effects)
    measured(made, unit, said)
    whole(made.xaxis)
    lines = [said.say("each-effect", {"level": said.percent(levels.pop())})]
    if since is not None and any(at < since for at, _ in effects):
        lines.append(said.say("hollow"))
    noted(made, said.say("event") if since == 0 or "event" in said.instead else "", "; ".join(lines))
    return made


def _dots(ax: Axes, effects: Sequence[tuple[int, Interval]], *, hollow: bool) -> None:
    ax.plot(
        [at for at, _ in effects],
        [one.estimate for _, one in effects],
        linestyle="none",
        marker="o",
        markersize=5,
        color=BLACK,
        markerfacecolor="white" if hollow else BLACK,
        label="before" if hollow else "after",
        zorder=3,
    )


def _bars(ax: Axes, effects: Sequence[tuple[int, Interval]]) -> None:
    """Draw the intervals, the infinite ones to the edges that the rest has."""
    ends = [end for _, one in effects for end in (one.low, one.high, one.estimate) if np.isfinite(end)]
    reach = (max(ends) - min(ends)) * 0.05 if ends else 1.0
    bottom, top = min(ends, default=0.0) - reach, max(ends, default=0.0) + reach
    known = [(at, one) for at, one in effects if not (np.isnan(one.low) or np.isnan(one.high))]
    ax.vlines(
        [at for at, _ in known],
        [max(one.low, bottom) for _, one in known],
        [min(one.high, top) for _, one in known],
        color=BLACK,
        linewidth=1.2,
        gid="intervals",
    )
