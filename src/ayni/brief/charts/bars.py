"""Stacked bars over time, with incomplete years hatched and other editions marked."""

from collections.abc import Callable
from dataclasses import dataclass

from ayni.brief.charts.headings import Cell, Headings, Table
from ayni.brief.charts.inputs import (
    check_increasing,
    check_numbers,
    check_range,
    check_same_length,
    check_some,
)
from ayni.brief.charts.lines import Line
from ayni.brief.charts.style import STACKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One part of every bar; None is missing, a negative value hangs below zero.

    `colour` is one of the chart's eight, so that charts of the same parts show them alike; 0 is the next one.
    An `open` part is drawn as an outline: a total of which no parts are published.
    """

    label: str
    values: tuple[float | None, ...]
    colour: int = 0
    open: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.colour <= STACKS:
            raise ValueError(f"stack {self.label!r}: found colour {self.colour}, expected 0 to {STACKS}.")
        check_numbers(self.values, f"stack {self.label!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBars:
    """Parts that add up, over time.

    Parameters
    ----------
    title, subtitle, alt, source : str
        Printed by the page; `alt` describes the finding for who cannot see it.
    xs : tuple of float
        Growing; a year left out leaves a hole of its width.
    stacks : tuple of Stack
        From the baseline outwards, at most eight.
    hatched : frozenset of float
        The xs whose reporting is incomplete.
    hatch_label : str
        Says so above them; required when anything is hatched.
    overlays : tuple of Line
        Lines over the bars.
    vintage, vintage_label : values of another edition for each x, and its name
        Drawn as short ticks across the bars.
    missing_label : str
        Explains the dotted stub drawn where every stack is missing.
    """

    title: str
    alt: str
    unit: str
    xs: tuple[float, ...]
    stacks: tuple[Stack, ...]
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    headings: Headings
    subtitle: str = ""
    source: str = ""
    hatched: frozenset[float] = frozenset()
    hatch_label: str = ""
    overlays: tuple[Line, ...] = ()
    vintage: tuple[float | None, ...] = ()
    vintage_label: str = ""
    missing_label: str = ""
    y_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        where = f"stacked bars {self.title!r}"
        check_some(self.xs, f"{where}, xs")
        check_some(self.stacks, f"{where}, stacks")
        check_numbers(self.xs, f"{where}, xs")
        check_increasing(self.xs, f"{where}, xs")
        if len(self.stacks) > STACKS:
            raise ValueError(
                f"{where}: found {len(self.stacks)} stacks, expected at most {STACKS}; merge the smallest."
            )
        for stack in self.stacks:
            check_same_length(stack.values, self.xs, f"{where}, stack {stack.label!r}")
        if self.vintage:
            check_same_length(self.vintage, self.xs, f"{where}, vintage")
            check_numbers(self.vintage, f"{where}, vintage")
        if stray := sorted(self.hatched - set(self.xs)):
            raise ValueError(f"{where}: found {stray[0]} hatched, expected only xs of the chart; remove it.")
        if self.hatched and not self.hatch_label.strip():
            raise ValueError(
                f"{where}: found hatched bars without a hatch_label, expected words that say why."
            )
        if self.y_range is not None:
            check_range(*self.y_range, f"{where}, y_range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part of one bar, from `start` to `end` in the chart's unit, `end` being away from zero."""

    stack: int
    x: float
    start: float
    end: float


def segments(chart: StackedBars) -> tuple[Segment, ...]:
    """All parts of all bars: positives piled up from zero, negatives piled down."""
    found = []
    for place, x in enumerate(chart.xs):
        above = below = 0.0
        for stack, part in enumerate(chart.stacks):
            value = part.values[place]
            if value is None:
                continue
            if value >= 0:
                found.append(Segment(stack=stack, x=x, start=above, end=above + value))
                above += value
            else:
                found.append(Segment(stack=stack, x=x, start=below, end=below + value))
                below += value
    return tuple(found)


def stacked_table(chart: StackedBars) -> Table:
    """One row for each x: stacks, overlays, the other edition, and whether it is incomplete."""
    header = (
        chart.headings.x,
        *(stack.label for stack in chart.stacks),
        *(line.label for line in chart.overlays),
    )
    header += ((chart.vintage_label,) if chart.vintage else ()) + (
        (chart.hatch_label,) if chart.hatched else ()
    )
    overlays = [dict(zip(line.xs, line.ys, strict=True)) for line in chart.overlays]
    xs = sorted({*chart.xs, *(x for line in chart.overlays for x in line.xs)})
    at = {x: place for place, x in enumerate(chart.xs)}
    rows = []
    for x in xs:
        place = at.get(x)
        row: tuple[Cell, ...] = (
            x,
            *(None if place is None else stack.values[place] for stack in chart.stacks),
        )
        row += tuple(overlay.get(x) for overlay in overlays)
        if chart.vintage:
            row += (None if place is None else chart.vintage[place],)
        if chart.hatched:
            row += (chart.hatch_label if x in chart.hatched else "",)
        rows.append(row)
    return header, tuple(rows)
