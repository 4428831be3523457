"""Draw stacked bars: parts named at the last bar where that reads well, else in a key above."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ayni.brief.charts.bars import Segment, StackedBars, segments
from ayni.brief.charts.frame import (
    KeyEntry,
    Plot,
    key,
    labels_height,
    moved,
    plot_of,
    tick_margin,
    unit_lines,
    write_unit,
    x_ticks,
    y_axis,
    y_ticks,
)
from ayni.brief.charts.lines import Line, unbroken
from ayni.brief.charts.place import spread
from ayni.brief.charts.scales import extent, position
from ayni.brief.charts.svg import Drawing, Room, dots, element, is_narrow, number, path, polyline, rectangles
from ayni.brief.charts.text import Label, block_height, block_width, clamped, wrap, write

_FILL_SHARE = 0.8
_DIRECT_AT_MOST = 6
_DASHES = ("", " dash-1", " dash-2")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Direct:
    """Names of parts in the right margin, with the middles of the segments they belong to (chart units)."""

    lines: tuple[tuple[str, ...], ...]
    stacks: tuple[int, ...]
    middles: tuple[float, ...]


def stacked_layout(chart: StackedBars, room: Room) -> Drawing:
    """Draw the chart's body."""
    direct = None if is_narrow(room) else _direct(chart, room)
    if direct is not None:
        plot = _plot(chart, room, direct, 0.0)
        centres = _centres(direct, plot, room)
        wanted = [position(plot.y, middle) for middle in direct.middles]
        if all(abs(one - two) <= room.size * 1.6 for one, two in zip(centres, wanted, strict=True)):
            return _compose(
                chart,
                plot,
                room,
                _entries(chart, stacks=False),
                _write_direct(chart, direct, centres, plot, room),
            )
    entries = _entries(chart, stacks=True)
    return _compose(chart, _plot(chart, room, None, key(entries, 0.0, room).height), room, entries, "")


def _direct(chart: StackedBars, room: Room) -> _Direct | None:
    last = [part for part in segments(chart) if part.x == chart.xs[-1] and part.end != part.start]
    if len(chart.stacks) > _DIRECT_AT_MOST or len(last) != len(chart.stacks):
        return None
    last.sort(key=lambda part: -(part.start + part.end))
    lines = tuple(wrap(chart.stacks[part.stack].label, room.width * 0.24, room.size) for part in last)
    middles = tuple((part.start + part.end) / 2.0 for part in last)
    return _Direct(lines=lines, stacks=tuple(part.stack for part in last), middles=middles)


def _centres(direct: _Direct, plot: Plot, room: Room) -> tuple[float, ...]:
    heights = [block_height(lines, room.size) for lines in direct.lines]
    wanted = [position(plot.y, middle) for middle in direct.middles]
    return spread(wanted, heights, plot.top, plot.bottom, 3.0)


def piled(chart: StackedBars) -> tuple[float, float]:
    """Lowest and highest value that must be in view, zero among them."""
    ends = [part.end for part in segments(chart)] + [value for value in chart.vintage if value is not None]
    ends += [y for line in chart.overlays for y in line.ys if y is not None]
    ends += [0.0, *(chart.y_range or ())]
    return min(ends), max(ends)


def _plot(chart: StackedBars, room: Room, direct: _Direct | None, key_height: float) -> Plot:
    y_span = extent(piled(chart), zero=True, padding=0.04)
    half = _step(chart) / 2.0
    xs = [*chart.xs, *(x for line in chart.overlays for x in line.xs)]
    x_span = (min(xs) - half, max(xs) + half)
    tall = 200.0 if is_narrow(room) else max(210.0, min(room.width * 0.45, 330.0))
    if direct:
        tall = max(tall, sum(block_height(lines, room.size) + 3.0 for lines in direct.lines))
    left = tick_margin(y_ticks(y_span, tall, chart.y_tick, room), room)
    right = (
        max((block_width(lines, room.size) + 24.0 for lines in direct.lines), default=0.0) if direct else 2.0
    )
    top = (
        key_height
        + (4.0 if key_height else 0.0)
        + block_height(unit_lines(chart.unit, room), room.small)
        + 9.0
    )
    top += _banner_height(chart, room)
    return plot_of(left, room.width - right, top, top + tall, x_span, y_span)


def _step(chart: StackedBars) -> float:
    return min((two - one for one, two in zip(chart.xs, chart.xs[1:], strict=False)), default=1.0)


def _banner(chart: StackedBars, room: Room) -> tuple[str, ...]:
    return (
        wrap(chart.hatch_label, room.width * (0.62 if is_narrow(room) else 0.4), room.small)
        if chart.hatched
        else ()
    )


def _banner_height(chart: StackedBars, room: Room) -> float:
    return block_height(_banner(chart, room), room.small) + 9.0 if chart.hatched else 0.0


def _compose(
    chart: StackedBars, plot: Plot, room: Room, entries: tuple[KeyEntry, ...], names: str
) -> Drawing:
    stacks_above = not names
    head = key(entries, 0.0, room) if stacks_above else Drawing(width=0, height=0, body="")
    unit_top = head.height + 4.0 if head.height else 0.0
    y_found = y_ticks((plot.y.low, plot.y.high), plot.bottom - plot.top, chart.y_tick, room)
    body = head.body + write_unit(unit_lines(chart.unit, room), room, unit_top) + y_axis(plot, y_found, room)
    body += _bars(chart, plot, room) + _zero(plot) + _vintage(chart, plot) + _missing(chart, plot)
    body += "".join(_overlay(line, plot, place) for place, line in enumerate(chart.overlays))
    body += _write_banner(chart, plot, room) + names
    labels = x_ticks(plot.x, chart.x_tick, room, _step(chart), (chart.xs[0], chart.xs[-1]))
    y = plot.bottom + 6.0
    body += "".join(write(moved(label, y)) for label in labels)
    y += labels_height(labels) + 2.0
    if not stacks_above and entries:
        foot = key(entries, y + 6.0, room)
        body, y = body + foot.body, y + 6.0 + foot.height
    return Drawing(width=room.width, height=y + 2.0, body=body)


def _boxes(chart: StackedBars, plot: Plot, parts: list[Segment]) -> list[tuple[float, float, float, float]]:
    width = _bar_width(chart, plot)
    boxes = []
    for part in parts:
        one, two = position(plot.y, part.start), position(plot.y, part.end)
        boxes.append((position(plot.x, part.x) - width / 2.0, min(one, two), width, abs(one - two)))
    return boxes


def _bar_width(chart: StackedBars, plot: Plot) -> float:
    step = (plot.right - plot.left) * _step(chart) / (plot.x.high - plot.x.low)
    return min(step * _FILL_SHARE, 90.0)


def _bars(chart: StackedBars, plot: Plot, room: Room) -> str:
    parts = segments(chart)
    body = ""
    for stack in range(len(chart.stacks)):
        # The outline of an open part that is hatched too is the broken one of the hatching.
        shown = [p for p in parts if p.stack == stack and not (_open(chart, p) and p.x in chart.hatched)]
        body += path(rectangles(_boxes(chart, plot, shown)), _fill(chart, stack))
    hatched = [part for part in parts if part.x in chart.hatched]
    if not hatched:
        return body
    lines = path("M2 0V6", "hatch-ink") + path("M2 0V6", "hatch-core")
    pattern: dict[str, str | float] = {
        "id": f"{room.ident}-h",
        "width": 5,
        "height": 6,
        "patternUnits": "userSpaceOnUse",
    }
    defs = element("defs", {}, element("pattern", {**pattern, "patternTransform": "rotate(45)"}, lines))
    data = rectangles(_boxes(chart, plot, hatched))
    return defs + body + element("path", {"class": "hatch", "fill": f"url(#{room.ident}-h)", "d": data})


def _zero(plot: Plot) -> str:
    return path(f"M{number(plot.left)} {number(position(plot.y, 0.0))}H{number(plot.right)}", "axis")


def _vintage(chart: StackedBars, plot: Plot) -> str:
    half = _bar_width(chart, plot) / 2.0 + 1.0
    data = ""
    for x, value in zip(chart.xs, chart.vintage, strict=False):
        if value is not None:
            data += (
                f"M{number(position(plot.x, x) - half)} {number(position(plot.y, value))}h{number(2 * half)}"
            )
    return path(data, "vintage")


def _missing(chart: StackedBars, plot: Plot) -> str:
    zero = number(position(plot.y, 0.0))
    empty = [x for at, x in enumerate(chart.xs) if all(stack.values[at] is None for stack in chart.stacks)]
    return path("".join(f"M{number(position(plot.x, x))} {zero}v-14" for x in empty), "missing")


def _overlay(line: Line, plot: Plot, place: int) -> str:
    data = ""
    for run in unbroken(line.xs, line.ys, line.step):
        points = [(position(plot.x, x), position(plot.y, y)) for x, y in run]
        data += polyline(points) if len(points) > 1 else dots(points)
    look = _DASHES[place % len(_DASHES)]
    return path(data, "overlay-back") + path(data, f"line overlay{look}")


def _write_banner(chart: StackedBars, plot: Plot, room: Room) -> str:
    """Draw a bracket over the last run of hatched bars and the words that say what it means."""
    if not chart.hatched:
        return ""
    step = _step(chart)
    xs = sorted(chart.hatched)
    first = last = xs[-1]
    for x in reversed(xs):
        first = x if first - x <= step * 1.001 else first
    half = _bar_width(chart, plot) / 2.0
    left, right = position(plot.x, first) - half, position(plot.x, last) + half
    lines = _banner(chart, room)
    width = block_width(lines, room.small)
    at_end = right >= room.width * 0.6
    x = max(right, width) if at_end else clamped((left + right) / 2.0, width, 0.0, room.width)
    top = plot.top - block_height(lines, room.small) - 8.0
    label = Label(
        lines=lines, x=x, top=top, size=room.small, anchor="end" if at_end else "middle", look="strong"
    )
    y = number(plot.top - 5.0)
    return path(f"M{number(left)} {number(plot.top)}V{y}H{number(right)}V{number(plot.top)}", "tick") + write(
        label
    )


def _entries(chart: StackedBars, *, stacks: bool) -> tuple[KeyEntry, ...]:
    return tuple(_all_entries(chart, stacks=stacks))


def _all_entries(chart: StackedBars, *, stacks: bool) -> Iterator[KeyEntry]:
    if stacks:
        for place, stack in enumerate(chart.stacks):
            yield KeyEntry(label=stack.label, sign=_swatch(_fill(chart, place)))
    for place, line in enumerate(chart.overlays):
        yield KeyEntry(label=line.label, sign=_curve_sign(_DASHES[place % len(_DASHES)]))
    if any(value is not None for value in chart.vintage) and chart.vintage_label:
        yield KeyEntry(label=chart.vintage_label, sign=_vintage_sign)
    empty = any(all(stack.values[at] is None for stack in chart.stacks) for at in range(len(chart.xs)))
    if empty and chart.missing_label:
        yield KeyEntry(
            label=chart.missing_label,
            sign=lambda x, y: path(f"M{number(x + 8)} {number(y + 6)}v-12", "missing"),
        )


def _fill(chart: StackedBars, place: int) -> str:
    if chart.stacks[place].open:
        return "open"
    return f"stack s{chart.stacks[place].colour or place + 1}"


def _open(chart: StackedBars, part: Segment) -> bool:
    return chart.stacks[part.stack].open


def _swatch(fill: str) -> Callable[[float, float], str]:
    return lambda x, y: path(rectangles([(x + 1.0, y - 6.0, 13.0, 12.0)]), fill)


def _curve_sign(dash: str) -> Callable[[float, float], str]:
    return lambda x, y: path(f"M{number(x)} {number(y + 3)}l5-4 5 2 6-5", f"line overlay{dash}")


def _vintage_sign(x: float, y: float) -> str:
    bar = path(rectangles([(x + 4.0, y - 1.0, 8.0, 7.0)]), "bar")
    return bar + path(f"M{number(x + 2)} {number(y - 4)}h12", "vintage")


def _write_direct(
    chart: StackedBars, direct: _Direct, centres: tuple[float, ...], plot: Plot, room: Room
) -> str:
    body = ""
    for lines, stack, middle, centre in zip(
        direct.lines, direct.stacks, direct.middles, centres, strict=True
    ):
        y = position(plot.y, middle)
        body += path(
            f"M{number(plot.right - 1)} {number(y)}L{number(plot.right + 5)} {number(centre)}", "leader"
        )
        body += path(rectangles([(plot.right + 7.0, centre - 5.0, 10.0, 10.0)]), _fill(chart, stack))
        top = centre - block_height(lines, room.size) / 2.0
        body += write(Label(lines=lines, x=plot.right + 21.0, top=top, size=room.size))
    return body
