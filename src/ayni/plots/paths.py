"""Lines over periods: the treated and their counterfactual, their difference, and those of placebos.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J., 2010, JASA 105(490), Figures 1 to 7: the plots of the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel import Estimate, Interval, Panel, PanelError, Placebo, Placebos
from ayni.panel.records import Floats
from ayni.plots.drawing import (
    BLACK,
    BLUE,
    GREY,
    PALE,
    Label,
    Words,
    axes_of,
    begun,
    cohort_of,
    labelled,
    measured,
    noted,
    whole,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHED, _DOTTED = (0, (5, 2)), (0, (1, 1.5))


def trends(
    estimate: Estimate,
    *,
    panel: Panel | None = None,
    since: int | None = None,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the treated and what they would have been.

    The dotted upright line stands between the last period before treatment and the first treated one.

    Parameters
    ----------
    estimate : Estimate
        Of a panel, or of one that was dated back.
    panel : Panel, optional
        Draws the mean of its controls, too.
    since : int, optional
        First treated period of the cohort to draw, where there are several.
    unit : str
        Of the outcome, as the axis says it.
    words : mapping of str to str, optional
        Other words for ``treated`` (by default the unit's name, if it is one), ``counterfactual``,
        ``controls``, ``start``.
    language : str
        ``en`` or ``es``, for words that are not given and for numbers.
    ax : Axes, optional
        Where to draw; a new figure of pyplot, if left out.

    Raises
    ------
    PanelError
        If the cohort is not among the estimate's, the panel has other periods, a word is not one of these, or
        there is no such language.
    """
    said = Words(
        language=language, known=("treated", "counterfactual", "controls", "start"), instead=words or {}
    )
    one = cohort_of(estimate, since)
    name = one.units[0] if len(one.units) == 1 and "treated" not in said.instead else said.say("treated")
    lines: list[tuple[str, Floats, str, float, object]] = [
        (name, one.observed, BLACK, 1.8, "-"),
        (said.say("counterfactual"), one.counterfactual, BLUE, 1.6, _DASHED),
    ]
    if panel is not None:
        if panel.periods != one.periods:
            raise PanelError("trends: the panel has other periods than the estimate; expected its own")
        lines.append((said.say("controls"), _mean(panel.Y[panel.controls]), GREY, 1.2, _DOTTED))
    made = axes_of(ax)
    for text, path, colour, width, stroke in lines:
        made.plot(one.periods, path, color=colour, linewidth=width, linestyle=stroke, label=text)
    begun(made, one.periods, one.since, said)
    measured(made, unit, said)
    whole(made.xaxis)
    labelled(made, [_end(text, one.periods, path, colour) for text, path, colour, _, _ in lines])
    return made


def gap(
    estimate: Estimate,
    *,
    interval: Interval | None = None,
    limits: ArrayLike | None = None,
    since: int | None = None,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the observed less the counterfactual.

    Parameters
    ----------
    estimate : Estimate
    interval : Interval, optional
        Of the average effect: a band over the treated periods, its level and ends in words. A band without
        end reaches to the edge.
    limits : (2, T) array_like of float, optional
        Low and high for each period, of any kind; NaN where there are none.
    since, unit, language, ax
        As in `trends`.
    words : mapping of str to str, optional
        Other words for ``start``, ``average``, ``interval``, ``limits``.

    Raises
    ------
    PanelError
        As in `trends`; if limits have another shape, or an interval goes with one cohort of several.
    """
    said = Words(language=language, known=("start", "average", "interval", "limits"), instead=words or {})
    one = cohort_of(estimate, since)
    if interval is not None and len(estimate.cohorts) > 1:
        raise PanelError("gap: an interval is of the effect on all cohorts; leave it out for one of several")
    made = axes_of(ax)
    made.axhline(0, color=GREY, linewidth=0.8)
    if limits is not None:
        given = np.asarray(limits, dtype=np.float64)
        if given.shape != (2, len(one.periods)):
            raise PanelError(f"limits have shape {given.shape}, expected low and high, {2, len(one.periods)}")
        made.fill_between(one.periods, *given, color=PALE, alpha=0.7, linewidth=0, gid="limits")
        noted(made, said.say("limits"))
    made.plot(one.periods, one.difference, color=BLACK, linewidth=1.8, label="difference")
    begun(made, one.periods, one.since, said)
    after = [t for t in one.periods if t >= one.since]
    made.plot(after, [one.att] * len(after), color=BLUE, linewidth=1.4, linestyle=_DASHED, label="average")
    if interval is not None:
        _band(made, after, interval)
    measured(made, unit, said)
    whole(made.xaxis)
    labelled(made, [Label(text=_average(one.att, interval, said), x=after[-1], y=one.att, colour=BLUE)])
    return made


def _average(att: float, interval: Interval | None, words: Words) -> str:
    if interval is None or np.isnan(interval.low):
        return words.say("average", {"att": words.number(att)})
    ends = {"low": words.number(interval.low), "high": words.number(interval.high)}
    return words.say("interval", {"att": words.number(att), "level": words.percent(interval.level), **ends})


def _band(ax: Axes, after: list[int], interval: Interval) -> None:
    """Fill between the ends of an interval; to the edge, where one is infinite."""
    if np.isnan(interval.low) or np.isnan(interval.high):
        return
    if np.isfinite([interval.low, interval.high]).all():
        ax.fill_between(
            after, interval.low, interval.high, color=BLUE, alpha=0.15, linewidth=0, gid="interval"
        )
        return
    bottom, top = ax.get_ylim()
    low, high = max(interval.low, bottom), min(interval.high, top)
    ax.fill_between(after, low, high, color=BLUE, alpha=0.15, linewidth=0, gid="interval")
    ax.set_ylim(bottom, top)


def placebo_gaps(
    found: Placebos,
    *,
    at_most: float | None = None,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the difference of the treated among those of its placebos.

    Parameters
    ----------
    found : Placebos
    at_most : float, optional
        Placebos whose error before treatment (RMSPE) is more than so many times that of the treated are left
        out, since a poor fit before tells nothing of chance after; how many are left is printed. The 2010
        article counts in squares: its 20, 5 and 2 are 4.47, 2.24 and 1.41 here.
    unit, language, ax
        As in `trends`.
    words : mapping of str to str, optional
        Other words for ``treated`` (by default the unit's name, if it is one), ``start``, ``placebos``,
        ``close-placebos``.

    Raises
    ------
    PanelError
        If `at_most` is not above 0; as in `trends`.
    """
    said = Words(
        language=language, known=("treated", "start", "placebos", "close-placebos"), instead=words or {}
    )
    shown = near(found, at_most)
    made = axes_of(ax)
    made.axhline(0, color=GREY, linewidth=0.8)
    for one in shown:
        made.plot(found.periods, one.difference, color=PALE, linewidth=0.7, label=", ".join(one.units))
    name = ", ".join(found.own.units)
    made.plot(found.periods, found.own.difference, color=BLACK, linewidth=2.0, label=name)
    for since in found.since:
        begun(made, found.periods, since, said)
    measured(made, unit, said)
    whole(made.xaxis)
    told = {"shown": len(shown), "all": len(found.others)}
    if at_most is None:
        noted(made, said.say("placebos", told))
    else:
        noted(made, said.say("close-placebos", {**told, "times": said.number(at_most)}))
    text = name if len(found.own.units) == 1 and "treated" not in said.instead else said.say("treated")
    labelled(made, [_end(text, found.periods, found.own.difference, BLACK)])
    return made


def period_weights(
    estimate: Estimate,
    *,
    since: int | None = None,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the weight of each period before treatment, as an upright stroke.

    Parameters
    ----------
    estimate : Estimate
        By a method that has time weights, such as `ayni.panel.synthetic_difference_in_differences`.
    since, language, ax
        As in `trends`.
    words : mapping of str to str, optional
        Other words for ``start``, ``period-weight``.

    Raises
    ------
    PanelError
        If the method has no time weights; as in `trends`.
    """
    said = Words(language=language, known=("start", "period-weight"), instead=words or {})
    one = cohort_of(estimate, since)
    if np.isnan(one.time_weights).any() or not one.time_weights.any():
        raise PanelError(f"period_weights: {estimate.method} has no weights of periods")
    made = axes_of(ax)
    before = [t for t in one.periods if t < one.since]
    made.vlines(before, 0, one.time_weights[: len(before)], color=BLUE, linewidth=4, gid="weights")
    made.set_ylim(bottom=0)
    begun(made, one.periods, one.since, said)
    measured(made, said.say("period-weight"), said)
    whole(made.xaxis)
    return made


def near(found: Placebos, at_most: float | None) -> tuple[Placebo, ...]:
    """Return the placebos whose error before is at most so many times that of the treated; all, if None.

    Raises
    ------
    PanelError
        If the number is not above 0.
    """
    if at_most is None:
        return found.others
    if not at_most > 0:
        raise PanelError(f"at_most is {at_most:g}, expected more than 0")
    return tuple(one for one in found.others if one.pre_rmspe <= at_most * found.own.pre_rmspe)


def _mean(outcomes: Floats) -> Floats:
    """Return the mean of what was observed in each period; NaN where nothing was."""
    seen = ~np.isnan(outcomes)
    count = seen.sum(axis=0)
    mean: Floats = np.where(seen, outcomes, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan)
    return mean


def _end(text: str, periods: tuple[int, ...], path: Floats, colour: str) -> Label:
    """Return the label of a line where it was last observed."""
    there = np.flatnonzero(np.isfinite(path))
    if not len(there):
        return Label(text=text, x=np.nan, y=np.nan, colour=colour)
    return Label(text=text, x=periods[there[-1]], y=float(path[there[-1]]), colour=colour)
