"""Draw lines over time: grid, bands, fans, lines and their markers, from back to front."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ayni.brief.charts.frame import (
    KeyEntry,
    Note,
    Plot,
    axis_marks,
    key,
    labels_height,
    moved,
    notes,
    plot_of,
    tick_margin,
    unit_lines,
    write_unit,
    x_ticks,
    y_axis,
    y_ticks,
)
from ayni.brief.charts.line_labels import (
    End,
    Names,
    ends_of,
    name_all,
    reaches_edge,
    with_lines,
    write_badges,
    write_names,
)
from ayni.brief.charts.lines import Band, Line, LineChart, Status, status_at, unbroken
from ayni.brief.charts.scales import extent, position
from ayni.brief.charts.svg import Drawing, Room, dots, is_narrow, number, path, polyline
from ayni.brief.charts.text import Label, block_height, block_width, write

LOOKS = {"observed": "observed", "counterfactual": "counter", "context": "context", "rival": "rival"}
_ORDER = ("context", "rival", "counterfactual", "observed")
_FAN_PATHS = 80
_LEAST_RADIUS = 1.6
_FAIR_SHARE = 0.4
_YEAR = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """Marker centres of one line by how the value came about."""

    status: Status
    points: tuple[tuple[float, float], ...]


def line_layout(chart: LineChart, room: Room) -> Drawing:
    """Draw the chart's body: names beside their marks where they fit, else numbered below."""
    ends = ends_of(chart)
    tries = [(not is_narrow(room), True), (False, True), (False, False)]
    for pins_named, ends_free in tries:
        plot = _plot(chart, ends, room, ends_free)
        names = name_all(
            chart, ends, plot, room, pins_named=pins_named, ends_free=ends_free, ink=_ink(chart, plot)
        )
        if names is not None:
            return _compose(chart, plot, names, room)
    raise AssertionError("the last way of naming accepts every chart")


def _plot(chart: LineChart, ends: tuple[End, ...], room: Room, ends_free: bool) -> Plot:
    x_span, y_span = _spans(chart)
    at_edge = with_lines([end for end in ends if not ends_free or reaches_edge(end, *x_span)], room)
    tall = max(
        170.0 if is_narrow(room) else 220.0, min(room.width * (0.74 if is_narrow(room) else 0.47), 340.0)
    )
    tall = max(tall, sum(block_height(lines, room.size) + 2.0 for _, lines in at_edge) + 10.0)
    left = tick_margin(y_ticks(y_span, tall, chart.y_tick, room), room)
    right = max((block_width(lines, room.size) * 1.07 + 10.0 for _, lines in at_edge), default=6.0)
    top = block_height(unit_lines(chart.unit, room), room.small) + 13.0
    return plot_of(left, room.width - right, top, top + tall, x_span, y_span)


def is_roomy(chart: LineChart, room: Room) -> bool:
    """Whether names and ticks leave the lines a fair share of the width."""
    plot = _plot(chart, ends_of(chart), room, ends_free=True)
    return plot.right - plot.left >= _FAIR_SHARE * room.width


def shown(chart: LineChart) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lowest and highest x and y in a line chart, without the air around them."""
    ys = [y for line in chart.series for y in line.ys if y is not None]
    ys += [y for fan in chart.fans for run in fan.lines for y in run if y is not None]
    ys += [y for band in chart.bands for y in (*band.lows, *band.highs)]
    ys += [pin.y for pin in chart.pins] + list(chart.y_range or ())
    return _x_ends(chart), (min(ys), max(ys))


def _spans(chart: LineChart) -> tuple[tuple[float, float], tuple[float, float]]:
    xs, ys = shown(chart)
    return extent(xs, zero=False, padding=0.012), extent(ys, zero=chart.zero, padding=0.045)


def _x_ends(chart: LineChart) -> tuple[float, float]:
    runs = (
        [part.xs for part in chart.series]
        + [part.xs for part in chart.bands]
        + [part.xs for part in chart.fans]
    )
    xs = [x for run in runs for x in run] + [pin.x for pin in chart.pins] + [mark.x for mark in chart.marks]
    xs += chart.x_range or ()
    return min(xs), max(xs)


def _least_step(plot: Plot) -> float:
    """Whole years, unless the chart is about less than two of them."""
    return _YEAR if plot.x.high - plot.x.low >= 2 * _YEAR else 0.0


def _compose(chart: LineChart, plot: Plot, names: Names, room: Room) -> Drawing:
    unit = write_unit(unit_lines(chart.unit, room), room)
    y_found = y_ticks((plot.y.low, plot.y.high), plot.bottom - plot.top, chart.y_tick, room)
    back = y_axis(plot, y_found, room) + _bands(chart, plot)
    lines = "".join(
        _line(line, plot, _dash(chart, line)) for role in _ORDER for line in chart.series if line.role == role
    )
    labels = x_ticks(plot.x, chart.x_tick, room, _least_step(plot), _x_ends(chart))
    y = plot.bottom + 8.0
    axis = _x_axis(plot, labels) + "".join(write(moved(label, y)) for label in labels)
    y += labels_height(labels) + 3.0
    marks = axis_marks([(position(plot.x, mark.x), mark.label) for mark in chart.marks], y, room)
    y += marks.height
    entries = key(tuple(_key(chart)), y + 7.0, room)
    y += entries.height + 7.0 if entries.height else 0.0
    below = notes([Note(mark=n, text=pin.label, href=pin.href) for n, pin in names.numbered], y + 7.0, room)
    y += below.height + 7.0 if below.height else 0.0
    body = unit + back + _risers(chart, plot) + _fans(chart, plot) + lines + axis + marks.body
    body += write_names(names) + write_badges(names, room) + entries.body + below.body
    return Drawing(width=room.width, height=y + 2.0, body=body)


def _place(plot: Plot, points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return tuple((position(plot.x, x), position(plot.y, y)) for x, y in points)


def _bands(chart: LineChart, plot: Plot) -> str:
    fill, edge = "", ""
    for band in chart.bands:
        for lows, highs in zip(_runs(band, band.lows, plot), _runs(band, band.highs, plot), strict=True):
            fill += polyline((*highs, *reversed(lows))) + "z"
            edge += polyline(highs) + polyline(lows)
    return path(fill, "band") + path(edge, "edge")


def _runs(band: Band, ys: tuple[float, ...], plot: Plot) -> list[tuple[tuple[float, float], ...]]:
    return [_place(plot, run) for run in unbroken(band.xs, ys, band.step)]


def _fans(chart: LineChart, plot: Plot) -> str:
    body = ""
    for fan in chart.fans:
        data = [
            "".join(polyline(_place(plot, run)) for run in unbroken(fan.xs, ys, fan.step)) for ys in fan.lines
        ]
        each = -(-len(data) // _FAN_PATHS)
        body += "".join(path("".join(data[at : at + each]), "fan") for at in range(0, len(data), each))
    return body


def _dash(chart: LineChart, line: Line) -> str:
    alike = [other for other in chart.series if other.role == line.role]
    at = next(place for place, other in enumerate(alike) if other is line)
    return f" dash-{(at - 1) % 2 + 1}" if at and line.role in ("rival", "context") else ""


def _line(line: Line, plot: Plot, dash: str) -> str:
    look = LOOKS[line.role]
    runs = [_place(plot, run) for run in unbroken(line.xs, line.ys, line.step)]
    drawn = "".join(polyline(run) for run in runs if len(run) > 1)
    lonely = dots(point for run in runs if len(run) == 1 for point in run)
    gaps = "".join(polyline((one[-1], two[0])) for one, two in itertools.pairwise(runs))
    body = path(gaps, f"gap ink-{look}") + path(drawn, f"line line-{look}{dash}")
    body += _sized(lonely, f"dot ink-{look}", 2.6) if lonely else ""
    return body + "".join(
        _markers(marks.points, marks.status, look, _radius(line, plot)) for marks in _marks(line, plot)
    )


def _radius(line: Line, plot: Plot) -> float:
    pixels = (plot.right - plot.left) * line.step / (plot.x.high - plot.x.low)
    largest = 2.4 if line.role == "context" else 3.2
    return min(largest, pixels * 0.3)


def _marks(line: Line, plot: Plot) -> Iterator[_Marks]:
    found: dict[Status, list[tuple[float, float]]] = {}
    for place, (x, y) in enumerate(zip(line.xs, line.ys, strict=True)):
        if y is not None:
            found.setdefault(status_at(line, place), []).append((x, y))
    for status, points in found.items():
        yield _Marks(status=status, points=_place(plot, tuple(points)))


def _markers(points: tuple[tuple[float, float], ...], status: Status, look: str, radius: float) -> str:
    solid = status in ("counted", "estimated")
    if solid and (radius < _LEAST_RADIUS or look == "context"):
        return ""
    radius = max(radius, 1.8)
    if status == "estimated":
        r = number(radius * 1.15)
        data = "".join(
            f"M{number(x)} {number(y - radius * 1.15)}l{r} {r}-{r} {r}-{r}-{r}z" for x, y in points
        )
        return path(data, f"diamond fill-{look}")
    data = dots(points)
    cap = "square" if status == "reported" else "dot"
    outer = _sized(data, f"{cap} ink-{look}", radius * 2.0)
    return outer if solid else outer + _sized(data, f"{cap} hollow", radius * 2.0 - 2.2)


def _sized(data: str, look: str, width: float) -> str:
    return f'<path class="{look}" stroke-width="{number(width)}" d="{data}"/>'


def _x_axis(plot: Plot, labels: tuple[Label, ...]) -> str:
    at_zero = plot.y.low == 0.0
    rule = "" if at_zero else path(f"M{number(plot.left)} {number(plot.bottom)}H{number(plot.right)}", "tick")
    return rule if labels else ""


def _risers(chart: LineChart, plot: Plot) -> str:
    xs = [position(plot.x, mark.x) for mark in chart.marks]
    rise = "".join(f"M{number(x)} {number(plot.bottom - 5)}V{number(plot.top)}" for x in xs)
    mark = "".join(f"M{number(x)} {number(plot.bottom + 5)}v-10" for x in xs)
    return path(rise, "rise") + path(mark, "mark")


def _key(chart: LineChart) -> Iterator[KeyEntry]:
    used = {status_at(line, at) for line in chart.series for at, y in enumerate(line.ys) if y is not None}
    look = LOOKS[max((line.role for line in chart.series), key=_ORDER.index, default="context")]
    for status, word in chart.status_labels:
        if status in used:
            yield KeyEntry(label=word, sign=_sign(status, look))
    if chart.gap_label and any(len(unbroken(line.xs, line.ys, line.step)) > 1 for line in chart.series):
        yield KeyEntry(label=chart.gap_label, sign=_gap_sign)


def _sign(status: Status, look: str) -> Callable[[float, float], str]:
    return lambda x, y: _markers(((x + 8.0, y),), status, look, 3.2)


def _gap_sign(x: float, y: float) -> str:
    return path(f"M{number(x + 1)} {number(y)}h14", "gap ink-context")


def _ink(chart: LineChart, plot: Plot) -> tuple[tuple[float, float], ...]:
    """Points along everything drawn, a few pixels apart, which names should stay clear of."""
    marked: list[tuple[float, float]] = []
    runs = [run for line in chart.series for run in unbroken(line.xs, line.ys, line.step)]
    for fan in chart.fans:
        for ys in fan.lines[:: max(1, len(fan.lines) // 30)]:
            runs += unbroken(fan.xs, ys, fan.step)
    for run in runs:
        points = _place(plot, run)
        marked.extend(points[:1])
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            steps = max(1, min(60, int((abs(x1 - x0) + abs(y1 - y0)) / 7.0)))
            marked.extend(
                (x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(1, steps + 1)
            )
    return tuple(marked)
