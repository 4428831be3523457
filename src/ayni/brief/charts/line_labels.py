"""Names on a line chart: at the ends of lines, beside pins, or numbered below when there is no room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ayni.brief.charts.frame import Plot, badge, badge_width
from ayni.brief.charts.lines import LineChart, Pin, unbroken
from ayni.brief.charts.place import settle, spread
from ayni.brief.charts.scales import position
from ayni.brief.charts.svg import Room, element, is_narrow, link, number, path
from ayni.brief.charts.text import Box, Label, block_height, block_width, box_of, longest_word, wrap, write

_EDGE_SHARE = 0.15
_NAMES_AT_MOST = 0.45
_NEAR = 13.0
"""Pixels up to which a name needs no thread to its point."""
_LOOKS = {"observed": "observed", "counterfactual": "counter", "context": "context", "rival": "rival"}


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a line, band or fan ends, in data units, and what it is called."""

    text: str
    x: float
    y: float
    look: str
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A label, the point it names, and the colour of the thread between them."""

    label: Label
    at: tuple[float, float]
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Everything written inside the plot, with the pins and those numbered below."""

    tags: tuple[Tag, ...]
    spots: tuple[tuple[float, float], ...]
    numbered: tuple[tuple[str, Pin], ...]
    badges: tuple[Box, ...]


def ends_of(chart: LineChart) -> tuple[End, ...]:
    """List the ends of all series, bands and fans that have a label."""
    return tuple(end for end in _ends(chart) if end.text.strip())


def _ends(chart: LineChart) -> Iterator[End]:
    for line in chart.series:
        x, y = unbroken(line.xs, line.ys, line.step)[-1][-1]
        yield End(text=line.label, x=x, y=y, look=_LOOKS[line.role], strong=line.role == "observed")
    for band in chart.bands:
        middle = (band.lows[-1] + band.highs[-1]) / 2.0
        yield End(text=band.label, x=band.xs[-1], y=middle, look="context")
    for fan in chart.fans:
        lasts = [unbroken(fan.xs, ys, fan.step)[-1][-1] for ys in fan.lines]
        x = max(last[0] for last in lasts)
        yield End(text=fan.label, x=x, y=median(y for at, y in lasts if at == x), look="counter")


def with_lines(ends: Sequence[End], room: Room) -> tuple[tuple[End, tuple[str, ...]], ...]:
    """Each end with its text wrapped to the margin on the right."""
    widest = room.width * (0.3 if is_narrow(room) else 0.25)
    word = max((longest_word(end.text, room.size) for end in ends), default=0.0)
    widest = min(max(widest, word + 0.5), room.width * _NAMES_AT_MOST)
    return tuple((end, wrap(end.text, widest, room.size)) for end in ends)


def reaches_edge(end: End, low: float, high: float) -> bool:
    """Whether the end is close enough to the right edge to be named in the margin."""
    return end.x >= high - _EDGE_SHARE * (high - low)


def name_all(
    chart: LineChart,
    ends: tuple[End, ...],
    plot: Plot,
    room: Room,
    *,
    pins_named: bool,
    ends_free: bool,
    ink: tuple[tuple[float, float], ...],
) -> Names | None:
    """Places for all names, or None when these settings leave one without.

    Parameters
    ----------
    pins_named : bool
        Whether pins carry their names; otherwise numbers.
    ends_free : bool
        Whether lines that end early are named beside their end; otherwise in the margin.
    ink : tuple of (x, y), pixels
        Drawn points that names should avoid.
    """
    free = [end for end in ends if ends_free and not reaches_edge(end, plot.x.low, plot.x.high)]
    tags = list(_at_edge([end for end in ends if end not in free], plot, room))
    taken = [box_of(tag.label) for tag in tags]
    spots = tuple((position(plot.x, pin.x), position(plot.y, pin.y)) for pin in chart.pins)
    wanted = [_tag(end.text, _spot(plot, end), end.look, room, strong=end.strong) for end in free]
    if pins_named:
        wanted += [
            _tag(pin.label, at, "claim", room, href=pin.href)
            for pin, at in zip(chart.pins, spots, strict=True)
        ]
    rings = [_around(spot, 5.0) for spot in spots]
    for tag in wanted:
        box = settle(tag.at, _size(tag.label), _bounds(plot, room), [*taken, *_others(rings, tag.at)], ink)
        if box is None:
            return None
        taken.append(box)
        tags.append(Tag(label=replace(tag.label, x=box.left, top=box.top), at=tag.at, thread=tag.thread))
    if pins_named:
        return Names(tags=tuple(tags), spots=spots, numbered=(), badges=())
    badges = _badges(spots, [*taken, *rings], ink, plot, room)
    numbered = tuple((str(at), pin) for at, pin in enumerate(chart.pins, start=1))
    return Names(tags=tuple(tags), spots=spots, numbered=numbered, badges=badges)


def _tag(
    text: str, at: tuple[float, float], look: str, room: Room, *, strong: bool = False, href: str = ""
) -> Tag:
    lines = wrap(text, min(170.0, room.width * 0.4), room.size)
    weight = " strong" if strong else ""
    label = Label(lines=lines, x=0.0, top=0.0, size=room.size, look=f"halo word-{look}{weight}", href=href)
    return Tag(label=label, at=at, thread=look)


def _size(label: Label) -> tuple[float, float]:
    return block_width(label.lines, label.size), block_height(label.lines, label.size)


def _bounds(plot: Plot, room: Room) -> Box:
    return Box(left=plot.left + 2.0, top=plot.top - 2.0, right=room.width, bottom=plot.bottom - 3.0)


def _around(spot: tuple[float, float], radius: float) -> Box:
    x, y = spot
    return Box(left=x - radius, top=y - radius, right=x + radius, bottom=y + radius)


def _others(rings: list[Box], at: tuple[float, float]) -> list[Box]:
    return [ring for ring in rings if ring != _around(at, 5.0)]


def _spot(plot: Plot, end: End) -> tuple[float, float]:
    return position(plot.x, end.x), position(plot.y, end.y)


def _at_edge(ends: list[End], plot: Plot, room: Room) -> Iterator[Tag]:
    ordered = sorted(ends, key=lambda end: (-end.y, end.text))
    listed = with_lines(ordered, room)
    heights = [block_height(lines, room.size) for _, lines in listed]
    wanted = [position(plot.y, end.y) for end, _ in listed]
    for (end, lines), height, middle in zip(
        listed, heights, spread(wanted, heights, plot.top - 6.0, plot.bottom + 4.0, 2.0), strict=True
    ):
        look = f"word-{end.look}{' strong' if end.strong else ''}"
        label = Label(lines=lines, x=plot.right + 9.0, top=middle - height / 2.0, size=room.size, look=look)
        yield Tag(label=label, at=_spot(plot, end), thread=end.look)


def _badges(
    spots: tuple[tuple[float, float], ...],
    taken: list[Box],
    ink: tuple[tuple[float, float], ...],
    plot: Plot,
    room: Room,
) -> tuple[Box, ...]:
    found: list[Box] = []
    for place, spot in enumerate(spots, start=1):
        size = (badge_width(str(place), room), 17.0)
        bounds = Box(left=plot.left, top=plot.top - 4.0, right=plot.right + 6.0, bottom=plot.bottom)
        box = settle(spot, size, bounds, [*taken, *found], ink)
        found.append(box or _around(spot, size[1] / 2.0))
    return tuple(found)


def write_names(names: Names) -> str:
    """Threads, rings and badges of pins, then the labels."""
    threads = "".join(path(_thread(tag), f"leader ink-{tag.thread}") for tag in names.tags)
    rings = "".join(element("circle", {"class": "badge", "cx": x, "cy": y, "r": 4.0}) for x, y in names.spots)
    return threads + rings + "".join(write(tag.label) for tag in names.tags)


def write_badges(names: Names, room: Room) -> str:
    """Numbers beside pins that are named under the chart."""
    body = ""
    for (mark, pin), box, (x, y) in zip(names.numbered, names.badges, names.spots, strict=False):
        middle = ((box.left + box.right) / 2.0, (box.top + box.bottom) / 2.0)
        body += path(f"M{number(x)} {number(y)}L{number(middle[0])} {number(middle[1])}", "leader ink-claim")
        body += link(badge(mark, *middle, room), pin.href, pin.label)
    return body


def _thread(tag: Tag) -> str:
    box = box_of(tag.label)
    x, y = tag.at
    near = (max(box.left - 2.0, min(box.right + 2.0, x)), max(box.top, min(box.bottom, y)))
    if box.left >= x + 6.0:
        near = (box.left - 2.0, (box.top + box.bottom) / 2.0)
    if abs(near[0] - x) + abs(near[1] - y) < _NEAR:
        return ""
    return f"M{number(x)} {number(y)}L{number(near[0])} {number(near[1])}"
