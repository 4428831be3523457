"""The specification curve: every effect, sorted, and below it the choices that gave it.

References
----------
Simonsohn, U., Simmons, J. and Nelson, L., 2020, Nature Human Behaviour 4, Figure 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ayni.panel import PanelError
from ayni.panel.curve import Row, Specification, smaller
from ayni.plots.drawing import (
    BLACK,
    GREY,
    PALE,
    SMALL,
    VERMILLION,
    Words,
    axes_of,
    figure_of,
    measured,
    noted,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

# A window is two choices, where it begins and where it ends.
CHOICES = ("outcome", "method", "pool", "first", "last", "transformation")
_WORDS = (*CHOICES, "effect", "share", "specifications", "refused", "standing")
# Inches: of the effects, of a line of choices, of the axis below.
_EFFECTS, _CHOICE, _BELOW, _WIDE = 2.6, 0.19, 0.6, 7.2
# Points: size of a dot for few combinations and for many.
_LARGE_DOT, _SMALL_DOT, _FEW = 4.0, 1.5, 100


def specification_curve(
    rows: Sequence[Row],
    *,
    published: float | None = None,
    share: bool = False,
    unit: str = "",
    names: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    figure: Figure | SubFigure | None = None,
) -> Figure | SubFigure:
    """Return a figure with the effects of all combinations, the smallest first, and their choices below.

    Choices of which there is one only are not listed. Combinations that were refused have no effect; they
    are counted below.

    Parameters
    ----------
    rows : sequence of Row
        From `ayni.panel.curve.run`, in any order.
    published : float, optional
        A figure that others printed: a line, with the share of the effects that are smaller.
    share : bool
        Draw effects as shares of the counterfactual, in which levels and indices compare.
    unit : str
        Of the effects, as the axis says it.
    names : mapping of str to str, optional
        Other words for options, by their keys, such as ``{"all": "all states"}``.
    words : mapping of str to str, optional
        Other words for ``outcome``, ``method``, ``pool``, ``first``, ``last``, ``transformation``,
        ``effect``, ``share``, ``specifications``, ``refused``, ``standing``.
    language : str
        ``en`` or ``es``, for words that are not given and for numbers.
    figure : Figure or SubFigure, optional
        Where to draw two axes; a new figure of pyplot, if left out.

    Raises
    ------
    PanelError
        If no row has an effect, or effects have several transformations and are no shares; if a word is not
        one of these, or there is no such language.
    """
    said = Words(language=language, known=_WORDS, instead=words or {})
    kept = [row for row in rows if not row.refused and np.isfinite(row.share if share else row.att)]
    if not kept:
        raise PanelError(f"specification_curve: none of {len(rows)} rows has an effect to draw")
    if not share and len({row.specification.transformation for row in kept}) > 1:
        raise PanelError(
            "specification_curve: the rows have several transformations, whose effects do not compare; draw"
            " one transformation, or shares"
        )
    kept.sort(key=lambda row: row.share if share else row.att)
    effects = np.array([row.share if share else row.att for row in kept])
    listing = _options(kept)
    drawn = figure or figure_of(_WIDE, _EFFECTS + _BELOW + _CHOICE * max(len(listing), 1))
    heights = [_EFFECTS, _CHOICE * max(len(listing), 1)]
    above, below = drawn.subplots(2, 1, sharex=True, height_ratios=heights)
    _effects(axes_of(above), effects, published, said)
    measured(above, unit or said.say("share" if share else "effect"), said)
    _choices(axes_of(below), kept, listing, names or {}, said)
    refused = sum(bool(row.refused) for row in rows)
    noted(
        below,
        said.say("specifications", {"count": len(kept)}),
        said.say("refused", {"count": refused}) if refused else "",
    )
    return drawn


def option(one: Specification, choice: str) -> str:
    """Return what a combination has chosen."""
    if choice in ("first", "last"):
        return str(one.window[choice == "last"])
    return str(getattr(one, choice))


def _options(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return choices with their options, each choice headed by a line of its own, without an option."""
    listing = []
    for choice in CHOICES:
        options = list(dict.fromkeys(sorted(option(row.specification, choice) for row in rows)))
        if len(options) > 1:
            listing += [(choice, ""), *((choice, one) for one in options)]
    return listing


def _effects(ax: Axes, effects: np.ndarray, published: float | None, words: Words) -> None:
    ax.axhline(0, color=GREY, linewidth=0.8)
    size = _LARGE_DOT if len(effects) <= _FEW else _SMALL_DOT
    ax.plot(
        range(len(effects)),
        effects,
        linestyle="none",
        marker="o",
        markersize=size,
        color=BLACK,
        label="effects",
    )
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.spines["bottom"].set_visible(False)
    if published is None:
        return
    below = smaller(effects, published)
    told = {"value": words.number(published), "share": words.percent(round(below, 2))}
    ax.axhline(published, color=VERMILLION, linewidth=1.2, linestyle=(0, (6, 2, 1, 2)), label="published")
    # Where the curve is on the other side of the line.
    left = below >= 1 / 2
    ax.annotate(
        words.say("standing", told),
        (0.0 if left else 1.0, published),
        xycoords=ax.get_yaxis_transform(),
        xytext=(4, 4) if left else (-4, -4),
        textcoords="offset points",
        ha="left" if left else "right",
        va="bottom" if left else "top",
        fontsize=SMALL,
        color=VERMILLION,
    )


def _choices(
    ax: Axes,
    rows: Sequence[Row],
    listing: Sequence[tuple[str, str]],
    names: Mapping[str, str],
    words: Words,
) -> None:
    size = _LARGE_DOT if len(rows) <= _FEW else _SMALL_DOT
    for place, (choice, chosen) in enumerate(listing):
        if not chosen:
            continue
        at = [i for i, row in enumerate(rows) if option(row.specification, choice) == chosen]
        ax.axhline(place, color=PALE, linewidth=0.4, zorder=0)
        ax.plot(
            at,
            [place] * len(at),
            linestyle="none",
            marker="|" if len(rows) > _FEW else "o",
            markersize=size if len(rows) <= _FEW else 7,
            markeredgewidth=0.5,
            color=BLACK,
            label=f"{choice}: {chosen}",
        )
    ax.set_yticks(range(len(listing)), [names.get(one, one) or words.say(choice) for choice, one in listing])
    for label, (_, one) in zip(ax.get_yticklabels(), listing, strict=True):
        label.set_fontweight("normal" if one else "bold")
    ax.set_ylim(max(len(listing), 1) - 0.5, -0.5)
    ax.tick_params(length=0, labelbottom=False)
    ax.spines[["left", "bottom"]].set_visible(False)
