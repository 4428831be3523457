"""What all plots share: axes, ink, words, and labels beside what they name.

Lines differ in stroke as well as in colour, and dots in filling, so that nothing is lost in black and white.
The colours are told apart by the colour-blind (Okabe and Ito, 2008, Color Universal Design).

matplotlib is the extra ``plots`` and is imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ayni.language import LANGUAGES, message, number, percent
from ayni.panel import Cohort, Estimate, PanelError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

BLACK, BLUE, VERMILLION, GREY, PALE = "#000000", "#0072B2", "#D55E00", "#6E6E6E", "#B4B4B4"
SMALL = 9.0
# Inches: width of a plot, height of one with a y axis; of a list, the height of a line and of the rest.
WIDTH, HEIGHT, LINE, REST = 6.4, 4.0, 0.22, 1.1
# A direct label stands so many points beside what it names, and so many times its size under the next.
_BESIDE, _APART = 5.0, 1.25
_POINTS_PER_INCH = 72.0
# Steps of an axis are told to so many decimals at most.
_MOST_DECIMALS = 12
# What is left over, relative to a step, that is rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a plot prints, in a language, and what its caller would rather have it print.

    Attributes
    ----------
    language : str
        One of `ayni.language.LANGUAGES`.
    known : tuple of str
        Keys of the words that the plot has.
    instead : mapping of str to str
        The caller's words by key; they may name the same particulars in braces.

    Raises
    ------
    PanelError
        If there is no such language, or a key is not known.
    """

    language: str
    known: tuple[str, ...]
    instead: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise PanelError(f"language is {self.language!r}, expected one of {', '.join(LANGUAGES)}")
        unknown = sorted(set(self.instead) - set(self.known))
        if unknown:
            raise PanelError(
                f"this plot prints no words called {', '.join(unknown)}; known: {', '.join(self.known)}"
            )

    def say(self, key: str, particulars: Mapping[str, object] | None = None) -> str:
        """Return the words of a key with their particulars put in."""
        given = particulars or {}
        if key in self.instead:
            return self.instead[key].format(**given)
        return message(self.language, f"plots.{key}", **given)

    def number(self, value: float, *, digits: int | None = None) -> str:
        """Return a number in digits."""
        return number(value, self.language, digits=digits) if np.isfinite(value) else _endless(value)

    def percent(self, share: float) -> str:
        """Return a share in percent."""
        return percent(100 * share, self.language)


def _endless(value: float) -> str:
    if np.isnan(value):
        return "?"
    return "∞" if value > 0 else "−∞"


def figure_of(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Return a new figure of pyplot, so that notebooks and ``plt.show`` see it.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    """
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'plots are drawn by matplotlib, which is not installed; pip install "ayni[plots]"'
        ) from error
    return plt.figure(figsize=(width, height), layout="constrained")


def axes_of(ax: Axes | None, height: float = HEIGHT) -> Axes:
    """Return the axes given, or those of a new figure, without the frame that shows nothing."""
    made = figure_of(height=height).add_subplot() if ax is None else ax
    made.spines[["top", "right"]].set_visible(False)
    made.tick_params(labelsize=SMALL)
    return made


def listed(ax: Axes | None, names: Sequence[str]) -> Axes:
    """Return axes with a line for each name, the first at the top."""
    made = axes_of(ax, LINE * len(names) + REST)
    made.set_yticks(range(len(names)), names)
    made.set_ylim(max(len(names), 1) - 0.5, -0.5)
    made.spines["left"].set_visible(False)
    made.tick_params(axis="y", length=0)
    for place in range(len(names)):
        made.axhline(place, color=PALE, linewidth=0.4, zorder=0)
    return made


def numbered(axis: Axis, words: Words) -> None:
    """Write the ticks of an axis as the language writes numbers, all to as many decimals."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - an extra

    def written(value: float, _: int | None) -> str:
        places = axis.get_majorticklocs()
        step = float(np.diff(places).min()) if len(places) > 1 else float(value)
        return words.number(value, digits=_decimals(step))

    axis.set_major_formatter(FuncFormatter(written))


def _decimals(step: float) -> int:
    """Return how many decimals tell a step."""
    for digits in range(_MOST_DECIMALS):
        if abs(step * 10**digits - round(step * 10**digits)) < _ROUNDING * max(1.0, abs(step) * 10**digits):
            return digits
    return _MOST_DECIMALS


def whole(axis: Axis) -> None:
    """Put the ticks of an axis on whole numbers, written without groups, as years are."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415 - an extra

    axis.set_major_locator(MaxNLocator(integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}".replace("-", "−")))


def begun(ax: Axes, periods: Sequence[int], since: int, words: Words) -> None:
    """Draw the line between the last period before treatment and the first treated one, and say its year."""
    at = between(periods, since)
    ax.axvline(at, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), gid="start")
    ax.annotate(
        words.say("start", {"since": since}),
        (at, 1.0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=GREY,
    )


def between(periods: Sequence[int], since: int) -> float:
    """Return the middle between a period and the one before it."""
    place = periods.index(since)
    return (periods[place - 1] + periods[place]) / 2 if place else periods[place] - 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Words beside the end of a line."""

    text: str
    x: float
    y: float
    colour: str


def labelled(ax: Axes, labels: Sequence[Label]) -> None:
    """Write labels to the right of where lines end, moved apart where they would lie over one another.

    To be called when all is drawn, since the distance between labels depends on the limits of the axis.
    """
    ordered = sorted((one for one in labels if np.isfinite(one.y)), key=lambda one: one.y)
    if not ordered:
        return
    low, high = ax.get_ylim()
    points = ax.get_window_extent().height / ax.figure.dpi * _POINTS_PER_INCH
    wanted = [(one.y - low) / (high - low) * points for one in ordered]
    for label, at, goal in zip(ordered, apart(wanted, _APART * SMALL), wanted, strict=True):
        ax.annotate(
            label.text,
            (label.x, label.y),
            xytext=(_BESIDE, at - goal),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=label.colour,
            annotation_clip=False,
        )


def apart(wanted: Sequence[float], least: float) -> list[float]:
    """Return places near those wanted, ascending, that are no nearer to one another than the least."""
    groups: list[list[float]] = []
    for goal in wanted:
        groups.append([goal])
        while len(groups) > 1 and _middle(groups[-1]) - _middle(groups[-2]) < least * (
            len(groups[-1]) + len(groups[-2])
        ) / 2 * (1 - 1e-9):
            last = groups.pop()
            groups[-1] += last
    return [
        _middle(group) + least * (i - (len(group) - 1) / 2) for group in groups for i in range(len(group))
    ]


def _middle(group: Sequence[float]) -> float:
    return sum(group) / len(group)


def measured(ax: Axes, unit: str, words: Words) -> None:
    """Name the y axis and write its ticks."""
    ax.set_ylabel(unit, fontsize=SMALL)
    numbered(ax.yaxis, words)


def noted(ax: Axes, *lines: str) -> None:
    """Write the name of the x axis, and below it what must be known to read the plot."""
    ax.set_xlabel("\n".join(line for line in lines if line), loc="left", fontsize=SMALL)


def cohort_of(estimate: Estimate, since: int | None) -> Cohort:
    """Return the cohort first treated in a period, or the only one.

    Raises
    ------
    PanelError
        If there are several and none is chosen, or no such one.
    """
    known = [one.since for one in estimate.cohorts]
    if since is None and len(known) == 1:
        return estimate.cohorts[0]
    if since not in known:
        raise PanelError(
            f"since is {since}, expected one of the periods in which units were first treated:"
            f" {', '.join(map(str, known))}"
        )
    return estimate.cohorts[known.index(since)]
