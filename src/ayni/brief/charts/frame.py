"""What charts with axes share: the plot rectangle, grids, ticks, keys and numbered notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ayni.brief.charts.place import shelves
from ayni.brief.charts.scales import Scale, position, ticks
from ayni.brief.charts.svg import Drawing, Room, element, number, path
from ayni.brief.charts.text import (
    Label,
    block_height,
    block_width,
    box_of,
    clamped,
    line_height,
    text_width,
    wrap,
    write,
)

_TICK_SHARE = 0.4
_BADGE = 8.5
_FEWEST = 2
_TWO_COLUMNS = 4
_LEAST_COLUMN = 250.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The rectangle data are drawn in and its two scales, pixels."""

    left: float
    right: float
    top: float
    bottom: float
    x: Scale
    y: Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Round values and the lines of text that name them."""

    values: tuple[float, ...]
    labels: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEntry:
    """A sign and its meaning; `sign` draws it given the left and the middle of a 16 px wide space."""

    label: str
    sign: Callable[[float, float], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A numbered line under the drawing; `mark` is what the badge says."""

    mark: str
    text: str
    href: str = ""


def plot_of(
    left: float, right: float, top: float, bottom: float, x: tuple[float, float], y: tuple[float, float]
) -> Plot:
    """Make a plot rectangle with linear scales for the ranges x and y."""
    return Plot(
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x=Scale(low=x[0], high=x[1], start=left, end=right),
        y=Scale(low=y[0], high=y[1], start=bottom, end=top),
    )


def y_ticks(span: tuple[float, float], height: float, say: Callable[[float], str], room: Room) -> Ticks:
    """Ticks for a vertical axis, fewer until their labels have air between them."""
    found = Ticks(values=(), labels=())
    for count in range(max(2, min(6, int(height / 42))), 0, -1):
        values = ticks(*span, count)
        labels = tuple(wrap(say(value), room.width * _TICK_SHARE, room.small) for value in values)
        found = Ticks(values=values, labels=labels)
        tallest = max((block_height(lines, room.small) for lines in labels), default=0.0)
        if len(values) < _FEWEST or height / (len(values) - 1) >= tallest * 1.3:
            break
    return found


def tick_margin(found: Ticks, room: Room) -> float:
    """Width the labels of a vertical axis take, with the space beside them, in pixels."""
    return max((block_width(lines, room.small) for lines in found.labels), default=0.0) + 7.0


def y_axis(plot: Plot, found: Ticks, room: Room) -> str:
    """Grid lines across the plot, labels on their left, and a firm line at zero."""
    grid, words, zero = "", "", ""
    for value, lines in zip(found.values, found.labels, strict=True):
        y = position(plot.y, value)
        rule = f"M{number(plot.left)} {number(y)}H{number(plot.right)}"
        if value == 0:
            zero = rule
        else:
            grid += rule
        words += write(_beside_tick(lines, plot.left - 7.0, y, room))
    return path(grid, "grid") + path(zero, "axis") + words


def _beside_tick(lines: tuple[str, ...], x: float, y: float, room: Room) -> Label:
    top = max(0.0, y - block_height(lines, room.small) / 2.0)
    return Label(lines=lines, x=x, top=top, size=room.small, anchor="end", look="quiet")


def unit_lines(unit: str, room: Room) -> tuple[str, ...]:
    """Wrap the unit to the width of the chart."""
    return wrap(unit, room.width - 4.0, room.small)


def write_unit(lines: tuple[str, ...], room: Room, top: float = 0.0) -> str:
    """Write the unit at the upper left."""
    return write(Label(lines=lines, x=0.0, top=top, size=room.small, look="quiet"))


def x_ticks(
    scale: Scale,
    say: Callable[[float], str],
    room: Room,
    least_step: float,
    ends: tuple[float, float] | None = None,
) -> tuple[Label, ...]:
    """Labels for a horizontal axis, as many as fit with air between them; `top` is left at zero.

    Where fewer than two round values fit, the `ends` are named instead.
    """
    at_ends = tuple(
        _under_tick(say(value), position(scale, value), room) for value in dict.fromkeys(ends or ())
    )
    for count in range(max(2, int((scale.end - scale.start) / 38)), 0, -1):
        found = ticks(scale.low, scale.high, count, least_step)
        labels = tuple(_under_tick(say(value), position(scale, value), room) for value in found)
        if len(labels) >= _FEWEST and _airy(labels):
            return labels
    return at_ends if _airy(at_ends) else at_ends[:1]


def _airy(labels: Sequence[Label]) -> bool:
    boxes = [box_of(label) for label in labels]
    return all(one.right + 9.0 <= two.left for one, two in pairwise(boxes))


def _under_tick(text: str, x: float, room: Room) -> Label:
    lines = wrap(text, room.width * _TICK_SHARE, room.small)
    centre = clamped(x, block_width(lines, room.small), 0.0, room.width)
    return Label(lines=lines, x=centre, top=0.0, size=room.small, anchor="middle", look="quiet")


def moved(label: Label, top: float) -> Label:
    """Put the same label lower down."""
    return replace(label, top=top)


def labels_height(labels: Sequence[Label]) -> float:
    """Height of the tallest label in pixels."""
    return max((block_height(label.lines, label.size) for label in labels), default=0.0)


def axis_marks(marks: Sequence[tuple[float, str]], top: float, room: Room) -> Drawing:
    """Write short labels under an axis, each under its x, on a lower row where two would touch."""
    found = []
    for x, text in marks:
        lines = wrap(text, min(150.0, room.width * 0.45), room.small)
        centre = clamped(x, block_width(lines, room.small), 0.0, room.width)
        found.append(Label(lines=lines, x=centre, top=0.0, size=room.small, anchor="middle"))
    rows = shelves([(box_of(label).left, box_of(label).right) for label in found], 8.0)
    heights = [
        max(block_height(label.lines, room.small) for label, at in zip(found, rows, strict=True) if at == row)
        + 3.0
        for row in range(max(rows, default=-1) + 1)
    ]
    body = "".join(
        write(moved(label, top + sum(heights[:row]))) for label, row in zip(found, rows, strict=True)
    )
    return Drawing(width=room.width, height=sum(heights), body=body)


def key(entries: Sequence[KeyEntry], top: float, room: Room) -> Drawing:
    """Signs and their meanings in reading order, on as many rows as they need."""
    body, left, y = "", 0.0, top
    step = line_height(room.small) + 3.0
    height = 0.0
    for entry in entries:
        lines = wrap(entry.label, room.width - 22.0, room.small)
        width = 21.0 + block_width(lines, room.small)
        if left > 0 and left + width > room.width:
            left, y = 0.0, y + height
            height = 0.0
        body += entry.sign(left, y + step / 2.0 - 1.5)
        body += write(Label(lines=lines, x=left + 21.0, top=y, size=room.small))
        left += width + 16.0
        height = max(height, block_height(lines, room.small) + 3.0)
    return Drawing(width=room.width, height=y + height - top, body=body)


def badge(mark: str, x: float, y: float, room: Room, look: str = "badge") -> str:
    """Draw a number in a ring (a pill when the text is long), centred on a point."""
    width = badge_width(mark, room)
    ring = element(
        "rect",
        {
            "class": look,
            "x": x - width / 2.0,
            "y": y - _BADGE,
            "width": width,
            "height": 2 * _BADGE,
            "rx": _BADGE,
        },
    )
    top = y - line_height(room.small) / 2.0
    return ring + write(Label(lines=(mark,), x=x, top=top, size=room.small, anchor="middle", look="strong"))


def badge_width(mark: str, room: Room) -> float:
    """Width of the ring in pixels."""
    return max(2 * _BADGE, text_width(mark, room.small) * 1.05 + 8.0)


def notes(found: Sequence[Note], top: float, room: Room, look: str = "badge") -> Drawing:
    """Numbered lines that say what badges stand for, in two columns where both stay readable."""
    half = (room.width - 16.0) / 2.0
    indent = max((badge_width(note.mark, room) for note in found), default=0.0) + 7.0
    if len(found) < _TWO_COLUMNS or half < _LEAST_COLUMN:
        return _note_column(found, 0.0, top, replace(room, width=room.width), indent, look)
    split = -(-len(found) // 2)
    one = _note_column(found[:split], 0.0, top, replace(room, width=half), indent, look)
    two = _note_column(found[split:], half + 16.0, top, replace(room, width=half), indent, look)
    return Drawing(width=room.width, height=max(one.height, two.height), body=one.body + two.body)


def _note_column(
    found: Sequence[Note], left: float, top: float, room: Room, indent: float, look: str
) -> Drawing:
    body, y = "", top
    for note in found:
        lines = wrap(note.text, room.width - indent - 2.0, room.small)
        middle = y + 1.0 + _BADGE
        body += badge(note.mark, left + indent / 2.0 - 3.0, middle, room, look)
        first = middle - line_height(room.small) / 2.0
        body += write(Label(lines=lines, x=left + indent, top=first, size=room.small, href=note.href))
        y += max(block_height(lines, room.small), 2 * _BADGE) + 5.0
    return Drawing(width=room.width, height=y - top, body=body)
