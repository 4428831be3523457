"""Lists of names with a dot or a bar each: placebo ratios, weights, omissions, balance.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J., 2015, AJPS 59(2), Figure 5: ratios of errors, country by country.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ayni.panel import Balance, Estimate, Omission, Panel, PanelError, Placebos, Predictors
from ayni.panel.predictors import deviations
from ayni.plots.drawing import BLACK, BLUE, GREY, Words, cohort_of, listed, noted, numbered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AFTER_BAR = 4.0
# From here on a ratio only says that the fit before is perfect but for rounding.
_ENDLESS = 1e6
# An effect that moves by less than this part does not move.
_NO_CHANGE = 1e-9
# Weights are written to so many decimals.
_DIGITS = 3


def placebo_ratios(
    found: Placebos,
    *,
    most: int = 40,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the ratio of errors of the treated and of each placebo, the largest at the top.

    The treated is the full dot, with its rank and p-value beside it. A ratio of more than a million, of a
    fit before that is perfect but for rounding, is an arrow at the edge.

    Parameters
    ----------
    found : Placebos
    most : int
        So many of the largest are listed, and the treated wherever it is.
    words : mapping of str to str, optional
        Other words for ``ratio``, ``rank``, ``unlisted``.
    language : str
        ``en`` or ``es``, for words that are not given and for numbers.
    ax : Axes, optional
        Where to draw; a new figure of pyplot, if left out.

    Raises
    ------
    PanelError
        If a word is not one of these, or there is no such language.
    """
    said = Words(language=language, known=("ratio", "rank", "unlisted"), instead=words or {})
    # Ties count against the treated, so it stands below them.
    ranked = sorted((*found.others, found.own), key=lambda one: (-one.ratio, one is found.own))
    listing = ranked[:most]
    if not any(one is found.own for one in listing):
        listing = [*listing[: max(most - 1, 0)], found.own]
    made = listed(ax, [", ".join(one.units) for one in listing])
    ratios = np.array([one.ratio for one in listing])
    edge = 1.08 * max(ratios[ratios < _ENDLESS], default=1.0)
    for place, one in enumerate(listing):
        own = one is found.own
        made.plot(
            min(one.ratio, edge),
            place,
            marker="o" if one.ratio < _ENDLESS else ">",
            markersize=6,
            color=BLACK,
            markerfacecolor=BLACK if own else "white",
            label="treated" if own else "placebo",
        )
    at = next(i for i, one in enumerate(listing) if one is found.own)
    made.get_yticklabels()[at].set_fontweight("bold")
    p = said.number(found.p_value, digits=3)
    told = said.say("rank", {"rank": found.rank, "all": 1 + len(found.others), "p": p})
    _beside(made, min(ratios[at], edge), at, told, bold=True)
    made.set_xlim(left=0)
    numbered(made.xaxis, said)
    left = len(ranked) - len(listing)
    noted(made, said.say("ratio"), said.say("unlisted", {"count": left}) if left else "")
    return made


def weights(
    panel: Panel,
    estimate: Estimate,
    *,
    least: float = 0.001,
    since: int | None = None,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the weight of each control, the largest at the top.

    Parameters
    ----------
    panel : Panel
        That of the estimate.
    estimate : Estimate
        By a method that has unit weights.
    least : float
        Controls whose weight is smaller are counted below, not listed.
    since : int, optional
        First treated period of the cohort to draw, where there are several.
    words : mapping of str to str, optional
        Other words for ``weight``, ``small-weights``, ``no-small-weights``.
    language, ax
        As in `placebo_ratios`.

    Raises
    ------
    PanelError
        If the method has no weights, the panel has other units, the cohort is not among the estimate's; or as
        in `placebo_ratios`.
    """
    said = Words(
        language=language, known=("weight", "small-weights", "no-small-weights"), instead=words or {}
    )
    own = cohort_of(estimate, since).unit_weights
    if np.isnan(own).any():
        raise PanelError(f"weights: {estimate.method} has no weights of units")
    if len(own) != len(panel.units):
        raise PanelError(
            f"weights: {len(own)} weights for {len(panel.units)} units; expected an estimate of this panel"
        )
    order = [int(i) for i in np.argsort(-own, kind="stable") if abs(own[i]) >= least and own[i] != 0]
    made = _bars([panel.units[i] for i in order], [float(own[i]) for i in order], said, ax)
    rest = [i for i in np.flatnonzero(panel.controls) if i not in order]
    note = ""
    if rest:
        told = {"count": len(rest), "least": said.number(least)}
        note = said.say("small-weights" if np.any(own[rest] != 0) else "no-small-weights", told)
    noted(made, said.say("weight"), note)
    return made


def predictor_weights(
    estimate: Estimate,
    *,
    since: int | None = None,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the weight of each predictor (V), the largest at the top.

    Other V may give the same weights of controls: it says what was used, not what matters.

    Parameters
    ----------
    estimate : Estimate
        By `ayni.panel.synthetic_control_with_predictors`.
    since : int, optional
        First treated period of the cohort to draw, where there are several.
    words : mapping of str to str, optional
        Other words for ``predictor-weight``.
    language, ax
        As in `placebo_ratios`.

    Raises
    ------
    PanelError
        If the estimate has no predictors, the cohort is not among the estimate's; or as in `placebo_ratios`.
    """
    said = Words(language=language, known=("predictor-weight",), instead=words or {})
    one = cohort_of(estimate, since)
    start = "V " if len(estimate.cohorts) == 1 else f"V {one.since} "
    shares = {name.removeprefix(start): value for name, value in estimate.settings if name.startswith(start)}
    if not shares:
        raise PanelError(f"predictor_weights: {estimate.method} has no weights of predictors")
    names = sorted(shares, key=lambda name: -shares[name])
    made = _bars(names, [shares[name] for name in names], said, ax)
    noted(made, said.say("predictor-weight"))
    return made


def omissions(
    found: Sequence[Omission],
    estimate: Estimate,
    *,
    unit: str = "",
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with the effect without each control, the smallest at the top, beside that with all.

    Parameters
    ----------
    found : sequence of Omission
        From `ayni.panel.leave_one_out`; those that change nothing are counted below, not listed.
    estimate : Estimate
        With all controls.
    unit : str
        Of the outcome, as the axis says it.
    words : mapping of str to str, optional
        Other words for ``without``, ``all-controls``, ``no-change``.
    language, ax
        As in `placebo_ratios`.

    Raises
    ------
    PanelError
        As in `placebo_ratios`.
    """
    said = Words(language=language, known=("without", "all-controls", "no-change"), instead=words or {})
    least = _NO_CHANGE * max(abs(estimate.att), max((abs(one.att) for one in found), default=0.0))
    moved = [one for one in found if not abs(one.att - estimate.att) <= least]
    ordered = sorted(moved, key=lambda one: one.att)
    made = listed(ax, [one.unit for one in ordered])
    made.axvline(estimate.att, color=BLUE, linewidth=1.2, linestyle=(0, (5, 2)), label="all")
    places = range(len(ordered))
    made.plot(
        [one.att for one in ordered], places, linestyle="none", marker="o", color=BLACK, label="without"
    )
    made.annotate(
        said.say("all-controls", {"att": said.number(estimate.att)}),
        (estimate.att, 1.0),
        xycoords=made.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=9,
        color=BLUE,
    )
    numbered(made.xaxis, said)
    name = f"{said.say('without')}, {unit}" if unit else said.say("without")
    still = len(found) - len(moved)
    noted(made, name, said.say("no-change", {"count": still}) if still else "")
    return made


def balance(
    rows: Sequence[Balance],
    known: Predictors,
    *,
    since: int | None = None,
    words: Mapping[str, str] | None = None,
    language: str = "en",
    ax: Axes | None = None,
) -> Axes:
    """Return axes with how far the synthetic control and the controls' mean are from the treated.

    Full dots are the synthetic control, hollow ones the plain mean. Distances are in standard deviations of
    the predictor over all its units.

    Parameters
    ----------
    rows : sequence of Balance
        From `ayni.panel.balance`.
    known : Predictors
        Those that the rows are of.
    since : int, optional
        First treated period of the cohort to draw, where there are several.
    words : mapping of str to str, optional
        Other words for ``synthetic``, ``plain``, ``distance``, ``constant``.
    language, ax
        As in `placebo_ratios`.

    Raises
    ------
    PanelError
        If there are rows of several cohorts and none is chosen, a row's predictor is not known, or no
        predictor varies; or as in `placebo_ratios`.
    """
    said = Words(language=language, known=("synthetic", "plain", "distance", "constant"), instead=words or {})
    cohorts = sorted({row.since for row in rows})
    if since is None and len(cohorts) == 1:
        since = cohorts[0]
    own = [row for row in rows if row.since == since]
    spread = dict(zip(known.names, map(float, deviations(known.X)), strict=True))
    lacking = [row.predictor for row in own if row.predictor not in spread]
    if not own or lacking:
        told = f"; the predictors lack {', '.join(lacking)}" if lacking else ""
        raise PanelError(f"balance: since is {since}, there are {', '.join(map(str, cohorts))}{told}")
    drawn = [row for row in own if spread[row.predictor] > 0]
    if not drawn:
        raise PanelError("balance: no predictor varies; expected one at least that does")
    made = listed(ax, [row.predictor for row in drawn])
    made.axvline(0, color=GREY, linewidth=0.8)
    for name, fill in (("controls", "white"), ("synthetic", BLACK)):
        off = [(getattr(row, name) - row.treated) / spread[row.predictor] for row in drawn]
        key = "plain" if name == "controls" else name
        made.plot(
            off,
            range(len(drawn)),
            linestyle="none",
            marker="o",
            color=BLACK,
            markerfacecolor=fill,
            label=said.say(key),
        )
    made.legend(frameon=False, fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    numbered(made.xaxis, said)
    constant = [row.predictor for row in own if row not in drawn]
    note = said.say("constant", {"names": ", ".join(constant)}) if constant else ""
    noted(made, said.say("distance"), note)
    return made


def _bars(names: Sequence[str], values: Sequence[float], words: Words, ax: Axes | None) -> Axes:
    """Return axes with a bar for each name, its value at its end."""
    made = listed(ax, names)
    made.barh(range(len(names)), values, height=0.55, color=BLUE)
    for place, value in enumerate(values):
        _beside(made, value, place, _written(value, words))
    made.margins(x=0.12)
    numbered(made.xaxis, words)
    return made


def _written(weight: float, words: Words) -> str:
    least = 10.0**-_DIGITS
    if 0 < weight < least / 2:
        return f"<{words.number(least, digits=_DIGITS)}"
    return words.number(weight, digits=_DIGITS)


def _beside(ax: Axes, x: float, place: int, text: str, *, bold: bool = False) -> None:
    """Write beside a dot or the end of a bar, away from 0."""
    ax.annotate(
        text,
        (x, place),
        xytext=(_AFTER_BAR if x >= 0 else -_AFTER_BAR, 0) if not bold else (2 * _AFTER_BAR, 0),
        textcoords="offset points",
        ha="left" if x >= 0 else "right",
        va="center",
        fontsize=9,
        fontweight="bold" if bold else "normal",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        annotation_clip=False,
    )
