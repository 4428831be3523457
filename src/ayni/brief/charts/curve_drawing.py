"""Draw the specification curve; from about one estimate a pixel on, neighbours share a column."""

from collections.abc import Sequence
from dataclasses import dataclass

from ayni.brief.charts.curve import (
    ChoiceRow,
    Dimension,
    Level,
    Specification,
    SpecificationCurve,
    dimensions,
    in_order,
)
from ayni.brief.charts.frame import (
    Note,
    Plot,
    badge,
    badge_width,
    notes,
    plot_of,
    tick_margin,
    unit_lines,
    write_unit,
    y_axis,
    y_ticks,
)
from ayni.brief.charts.place import spread
from ayni.brief.charts.scales import extent, position
from ayni.brief.charts.svg import Drawing, Room, dots, element, is_narrow, link, number, path
from ayni.brief.charts.text import Label, block_height, block_width, line_height, wrap, write

_CROWDED = 1.4
"""Pixels between estimates below which columns are shared."""
_MERGED = 2.2
"""Pixels between estimates below which a row of choices is shaded instead of dotted."""
_CELL = 3.0
"""Width in pixels of a shaded cell."""
_SHADES = 4
_ROUND = 5.0
"""Pixels between estimates from which choices are round dots."""
_LINKED_AT_MOST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """Estimates that share an x: lowest and highest value, and the widest interval."""

    x: float
    low_value: float
    high_value: float
    low: float | None
    high: float | None


def curve_layout(chart: SpecificationCurve, room: Room) -> Drawing:
    """Draw the chart's body."""
    groups = dimensions(chart)
    plot = _plot(chart, groups, room)
    unit = unit_lines(chart.unit, room)
    found = y_ticks((plot.y.low, plot.y.high), plot.bottom - plot.top, chart.tick, room)
    body = write_unit(unit, room) + y_axis(plot, found, room)
    body += _estimates(chart, plot) + _levels(chart, plot, room)
    y = plot.bottom + 12.0
    for group in groups:
        panel = _group(group, plot, y, len(chart.points), room)
        body, y = body + panel.body, y + panel.height
    if chart.shade_label and _pitch(plot, len(chart.points)) < _MERGED:
        lines = wrap(chart.shade_label, room.width - 2.0, room.small)
        body += write(Label(lines=lines, x=0.0, top=y, size=room.small, look="quiet"))
        y += block_height(lines, room.small) + 2.0
    if is_narrow(room) and chart.pins:
        listed = [
            Note(mark=str(n), text=pin.label, href=pin.href) for n, pin in enumerate(chart.pins, start=1)
        ]
        below = notes(listed, y + 6.0, room)
        body, y = body + below.body, y + 6.0 + below.height
    return Drawing(width=room.width, height=y + 2.0, body=body)


def _plot(chart: SpecificationCurve, groups: tuple[Dimension, ...], room: Room) -> Plot:
    ends = [end for point in chart.points for end in (point.value, point.low, point.high) if end is not None]
    span = extent([*ends, *(pin.value for pin in chart.pins)], zero=chart.zero, padding=0.03)
    names = _names(chart, room)
    tall = (
        210.0 if is_narrow(room) else max(230.0, sum(block_height(lines, room.size) + 3.0 for lines in names))
    )
    if is_narrow(room):
        tall = max(tall, 20.0 * len(chart.pins))
    left = tick_margin(y_ticks(span, tall, chart.tick, room), room)
    right = 2.0
    if is_narrow(room):
        right = max((badge_width(str(n), room) + 4.0 for n in range(1, len(chart.pins) + 1)), default=2.0)
    else:
        rows = [wrap(row.choice, room.width * 0.26, room.small) for group in groups for row in group.rows]
        rows += [wrap(group.name, room.width * 0.26, room.small) for group in groups]
        left = max([left, *(block_width(lines, room.small) * 1.06 + 14.0 for lines in rows)])
        right = max([right, *(block_width(lines, room.size) + 14.0 for lines in names)])
    top = block_height(unit_lines(chart.unit, room), room.small) + 13.0
    return plot_of(left, room.width - right, top, top + tall, (0.0, float(len(chart.points))), span)


def _names(chart: SpecificationCurve, room: Room) -> list[tuple[str, ...]]:
    return [wrap(pin.label, room.width * 0.23, room.size) for pin in chart.pins]


def _pitch(plot: Plot, count: int) -> float:
    return (plot.right - plot.left) / count


def _columns(points: Sequence[Specification], plot: Plot) -> list[_Column]:
    crowded = _pitch(plot, len(points)) < _CROWDED
    shared: dict[float, list[Specification]] = {}
    for place, point in enumerate(points):
        x = position(plot.x, place + 0.5)
        shared.setdefault(float(int(x)) + 0.5 if crowded else x, []).append(point)
    columns = []
    for x, members in shared.items():
        lows = [point.low for point in members if point.low is not None]
        highs = [point.high for point in members if point.high is not None]
        columns.append(
            _Column(
                x=x,
                low_value=members[0].value,
                high_value=members[-1].value,
                low=min(lows, default=None),
                high=max(highs, default=None),
            )
        )
    return columns


def _estimates(chart: SpecificationCurve, plot: Plot) -> str:
    points = in_order(chart)
    pitch = _pitch(plot, len(points))
    columns = _columns(points, plot)
    reach = "".join(
        f"M{number(column.x)} {number(position(plot.y, column.high))}V{number(position(plot.y, column.low))}"
        for column in columns
        if column.low is not None and column.high is not None
    )
    body = _stroked(reach, "reach", 1.15 if pitch < _CROWDED else min(pitch * 0.5, 3.0))
    size = max(1.8, min(pitch * 0.7, 6.5))
    if len(points) <= _LINKED_AT_MOST and any(point.href for point in points):
        for point, column in zip(points, columns, strict=True):
            dot = _stroked(dots([(column.x, position(plot.y, point.value))]), "effect", size)
            body += link(dot, point.href, chart.tick(point.value))
        return body
    effects = ""
    for column in columns:
        one, two = number(position(plot.y, column.low_value)), number(position(plot.y, column.high_value))
        effects += f"M{number(column.x)} {one}" + ("h0" if one == two else f"V{two}")
    return body + _stroked(effects, "effect", size)


def _stroked(data: str, look: str, width: float) -> str:
    return element("path", {"class": look, "stroke-width": width, "d": data}) if data else ""


def _levels(chart: SpecificationCurve, plot: Plot, room: Room) -> str:
    pins = sorted(enumerate(chart.pins, start=1), key=lambda pair: -pair[1].value)
    ys = [position(plot.y, pin.value) for _, pin in pins]
    rules = "".join(f"M{number(plot.left)} {number(y)}H{number(plot.right)}" for y in ys)
    body = path(rules, "claim claim-line")
    if is_narrow(room):
        centres = spread(ys, [17.0] * len(ys), plot.top, plot.bottom, 2.0)
        for (mark, pin), y, centre in zip(pins, ys, centres, strict=True):
            x = plot.right + badge_width(str(mark), room) / 2.0 + 3.0
            body += _thread(plot.right, y, x, centre) + link(
                badge(str(mark), x, centre, room), pin.href, pin.label
            )
        return body
    lines = [wrap(pin.label, room.width * 0.23, room.size) for _, pin in pins]
    heights = [block_height(each, room.size) for each in lines]
    centres = spread(ys, heights, plot.top - 8.0, plot.bottom + 4.0, 3.0)
    for (_, pin), y, centre, each, height in zip(pins, ys, centres, lines, heights, strict=True):
        body += _thread(plot.right, y, plot.right + 9.0, centre) + _named(
            pin, each, plot, centre - height / 2.0, room
        )
    return body


def _named(pin: Level, lines: tuple[str, ...], plot: Plot, top: float, room: Room) -> str:
    return write(
        Label(lines=lines, x=plot.right + 12.0, top=top, size=room.size, look="word-claim", href=pin.href)
    )


def _thread(x0: float, y0: float, x1: float, y1: float) -> str:
    return path(f"M{number(x0)} {number(y0)}L{number(x1)} {number(y1)}", "leader ink-claim")


def _group(group: Dimension, plot: Plot, top: float, count: int, room: Room) -> Drawing:
    narrow = is_narrow(room)
    widest = room.width - 2.0 if narrow else plot.left - 12.0
    body = path(f"M0 {number(top)}H{number(plot.right)}", "grid")
    heading = Label(
        lines=wrap(group.name, widest / 1.06, room.small),
        x=0.0,
        top=top + 3.0,
        size=room.small,
        look="strong",
    )
    y = top + 5.0 + block_height(heading.lines, room.small)
    body += write(heading)
    for row in group.rows:
        lines = wrap(row.choice, widest, room.small)
        tall = block_height(lines, room.small)
        body += write(Label(lines=lines, x=0.0, top=y, size=room.small))
        middle = y + tall + 5.0 if narrow else y + max(tall, line_height(room.small)) / 2.0
        body += _choice(row, plot, middle, count)
        y += tall + 13.0 if narrow else max(tall, line_height(room.small)) + 1.0
    return Drawing(width=room.width, height=y + 5.0 - top, body=body)


def _choice(row: ChoiceRow, plot: Plot, y: float, count: int) -> str:
    pitch = _pitch(plot, count)
    if pitch >= _ROUND:
        return _stroked(
            dots((position(plot.x, at + 0.5), y) for at in row.places), "choice", min(7.0, pitch * 0.6)
        )
    if pitch >= _MERGED:
        half = pitch * 0.4
        xs = [position(plot.x, at + 0.5) for at in row.places]
        data = "".join(f"M{number(x - half)} {number(y)}h{number(2 * half)}" for x in xs)
        return _stroked(data, "choice flat", 7.0)
    return _shaded(row, plot, y, count)


def _shaded(row: ChoiceRow, plot: Plot, y: float, count: int) -> str:
    """Cells a few pixels wide, the stronger the larger the share of their estimates that took the choice."""
    cells = max(1, round((plot.right - plot.left) / _CELL))
    taken, all_of = [0] * cells, [0] * cells
    for at in range(count):
        all_of[at * cells // count] += 1
    for at in row.places:
        taken[at * cells // count] += 1
    width = (plot.right - plot.left) / cells
    data = [""] * _SHADES
    for cell, (some, every) in enumerate(zip(taken, all_of, strict=True)):
        if some:
            x = plot.left + cell * width
            data[-(-some * _SHADES // every) - 1] += f"M{number(x)} {number(y)}h{number(width)}"
    return "".join(
        _stroked(each, f"choice flat shade-{shade}", 7.0) for shade, each in enumerate(data, start=1)
    )
