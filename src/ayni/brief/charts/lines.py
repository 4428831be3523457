"""Lines over time: observed against counterfactual, with bands, fans, pinned claims and marked breaks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from ayni.brief.charts.headings import Cell, Headings, Table
from ayni.brief.charts.inputs import (
    check_href,
    check_increasing,
    check_number,
    check_numbers,
    check_positive,
    check_range,
    check_same_length,
    check_some,
)

Role = Literal["observed", "counterfactual", "context", "rival"]
Status = Literal["counted", "estimated", "modelled", "reported"]

_STEP_SLACK = 1.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One series.

    Parameters
    ----------
    label : str
        Written at the end of the line.
    xs, ys : tuple of float
        Growing xs, usually years; a y of None is missing and breaks the line.
    role : {"observed", "counterfactual", "context", "rival"}
        Colour, weight and dash.
    status : one of counted, estimated, modelled, reported, or a tuple with one for each x
        Shape of the markers: solid dot, solid diamond, hollow dot, hollow square.
    step : float
        Usual distance between xs; a larger one also breaks the line.
    """

    label: str
    xs: tuple[float, ...]
    ys: tuple[float | None, ...]
    role: Role = "context"
    status: Status | tuple[Status, ...] = "counted"
    step: float = 1.0

    def __post_init__(self) -> None:
        where = f"line {self.label!r}"
        _check_run(self.xs, self.ys, self.step, where)
        if self.role not in get_args(Role):
            raise ValueError(
                f"{where}: found the role {self.role!r}, expected one of {get_args(Role)}; choose one."
            )
        statuses = (self.status,) if isinstance(self.status, str) else self.status
        if unknown := [status for status in statuses if status not in get_args(Status)]:
            raise ValueError(f"{where}: found the status {unknown[0]!r}, expected one of {get_args(Status)}.")
        if not isinstance(self.status, str):
            check_same_length(self.status, self.xs, f"{where}, status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A range over time, drawn light behind the lines; wider steps than `step` break it."""

    label: str
    xs: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    step: float = 1.0

    def __post_init__(self) -> None:
        where = f"band {self.label!r}"
        _check_run(self.xs, self.lows, self.step, where)
        check_same_length(self.highs, self.xs, where)
        for x, low, high in zip(self.xs, self.lows, self.highs, strict=True):
            check_range(low, high, f"{where}, x {x}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """Many thin counterfactual lines over the same xs."""

    label: str
    xs: tuple[float, ...]
    lines: tuple[tuple[float | None, ...], ...]
    step: float = 1.0

    def __post_init__(self) -> None:
        where = f"fan {self.label!r}"
        check_some(self.lines, where)
        for place, ys in enumerate(self.lines, start=1):
            _check_run(self.xs, ys, self.step, f"{where}, line {place}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A published claim, pinned by name where it belongs."""

    x: float
    y: float
    label: str
    href: str = ""

    def __post_init__(self) -> None:
        check_number(self.x, f"pin {self.label!r}, x")
        check_number(self.y, f"pin {self.label!r}, y")
        check_href(self.href, f"pin {self.label!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisMark:
    """A break in method or coverage, marked on the x axis."""

    x: float
    label: str

    def __post_init__(self) -> None:
        check_number(self.x, f"axis mark {self.label!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Lines over time with everything that qualifies them.

    Parameters
    ----------
    title, subtitle, alt, source : str
        Printed by the page; `alt` describes the finding for who cannot see it.
    unit : str
        Written above the y axis.
    x_tick, y_tick : callable from float to str
        Name a tick in the reader's language.
    headings : Headings
        Column heads of the table.
    zero : bool
        Whether the y axis starts at zero.
    status_labels : tuple of (status, word)
        Explains the markers under the chart; only those used are shown.
    gap_label : str
        Explains the dotted connector, shown when there is a gap.
    x_range, y_range : pair of float, optional
        At least this much is shown, so that several charts share scales.
    """

    title: str
    alt: str
    unit: str
    series: tuple[Line, ...]
    x_tick: Callable[[float], str]
    y_tick: Callable[[float], str]
    headings: Headings
    subtitle: str = ""
    source: str = ""
    bands: tuple[Band, ...] = ()
    fans: tuple[Fan, ...] = ()
    pins: tuple[Pin, ...] = ()
    marks: tuple[AxisMark, ...] = ()
    zero: bool = False
    status_labels: tuple[tuple[Status, str], ...] = ()
    gap_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        check_some((*self.series, *self.bands, *self.fans), f"line chart {self.title!r}")
        for name, span in (("x_range", self.x_range), ("y_range", self.y_range)):
            if span is not None:
                check_range(*span, f"line chart {self.title!r}, {name}")


def _check_run(xs: tuple[float, ...], ys: tuple[float | None, ...], step: float, where: str) -> None:
    check_some(xs, where)
    check_same_length(ys, xs, where)
    check_numbers(xs, f"{where}, xs")
    check_numbers(ys, f"{where}, ys")
    check_increasing(xs, where)
    check_positive(step, f"{where}, step")
    if all(y is None for y in ys):
        raise ValueError(
            f"{where}: found every y missing, expected at least one number; leave the series out."
        )


def unbroken(
    xs: tuple[float, ...], ys: tuple[float | None, ...], step: float
) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Split into runs of points with no missing step between them."""
    runs: list[list[tuple[float, float]]] = []
    before: float | None = None
    for x, y in zip(xs, ys, strict=True):
        if y is None:
            before = None
            continue
        if before is None or x - before > step * _STEP_SLACK:
            runs.append([])
        runs[-1].append((x, y))
        before = x
    return tuple(tuple(run) for run in runs)


def status_at(line: Line, place: int) -> Status:
    """How the value at this place came about."""
    return line.status if isinstance(line.status, str) else line.status[place]


def line_table(chart: LineChart) -> Table:
    """One row for each point drawn: lines, bands, fans, then pins."""
    heads = chart.headings
    header = (heads.series, heads.x, heads.value, heads.low, heads.high)
    rows = tuple(_rows(chart))
    if heads.status:
        return (*header, heads.status), rows
    return header, tuple(row[:-1] for row in rows)


def _rows(chart: LineChart) -> Iterator[tuple[Cell, ...]]:
    words = dict(chart.status_labels)
    for line in chart.series:
        for place, (x, y) in enumerate(zip(line.xs, line.ys, strict=True)):
            status = status_at(line, place)
            yield line.label, x, y, None, None, words.get(status, status)
    for band in chart.bands:
        for x, low, high in zip(band.xs, band.lows, band.highs, strict=True):
            yield band.label, x, None, low, high, ""
    for fan in chart.fans:
        for number, ys in enumerate(fan.lines, start=1):
            for x, y in zip(fan.xs, ys, strict=True):
                yield f"{fan.label} {number}", x, y, None, None, ""
    for pin in chart.pins:
        yield pin.label, pin.x, pin.y, None, None, ""
