"""A tiny horizontal range for the first screen: band, value, zero, published claims."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ayni.brief.charts.curve import Level
from ayni.brief.charts.frame import Note, badge, badge_width, notes
from ayni.brief.charts.headings import Headings, Table
from ayni.brief.charts.inputs import check_number, check_range
from ayni.brief.charts.place import shelves, spread
from ayni.brief.charts.scales import Scale, extent, position
from ayni.brief.charts.svg import Drawing, Room, link, number, path
from ayni.brief.charts.text import Label, block_height, block_width, box_of, clamped, line_height, wrap, write

_THICK = 14.0
_RING = 17.0
_PINS_AT_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeStrip:
    """One number with its range.

    Parameters
    ----------
    value, low, high : float
        The best figure and its range.
    tick : callable from float to str
        Writes the numbers under the band and the value above it.
    zero : bool
        Whether zero is in view.
    pins : tuple of Level
        Published claims, numbered on the strip and named under it.
    span : pair of float, optional
        At least this much is shown, so that several strips share a scale.
    """

    title: str
    alt: str
    value: float
    low: float
    high: float
    tick: Callable[[float], str]
    headings: Headings
    unit: str = ""
    subtitle: str = ""
    source: str = ""
    zero: bool = True
    pins: tuple[Level, ...] = ()
    span: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        where = f"range strip {self.title!r}"
        check_number(self.value, where)
        check_range(self.low, self.high, where)
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"{where}: found {self.value} outside {self.low} to {self.high}, expected a value within."
            )
        if len(self.pins) > _PINS_AT_MOST:
            raise ValueError(
                f"{where}: found {len(self.pins)} pins, expected at most {_PINS_AT_MOST}; keep the main ones."
            )
        if self.span is not None:
            check_range(*self.span, f"{where}, span")


def strip_table(chart: RangeStrip) -> Table:
    """List the range, then the claims."""
    heads = chart.headings
    rows = [(chart.title, chart.value, chart.low, chart.high)]
    return (heads.series, heads.value, heads.low, heads.high), (
        *rows,
        *((pin.label, pin.value, None, None) for pin in chart.pins),
    )


def strip_layout(chart: RangeStrip, room: Room) -> Drawing:
    """Draw the strip: value, band and ticks, numbers, then claims."""
    ends = [chart.low, chart.high, chart.value, *(pin.value for pin in chart.pins), *(chart.span or ())]
    low, high = extent(ends, zero=chart.zero, padding=0.03)
    scale = Scale(low=low, high=high, start=6.0, end=room.width - 6.0)
    value = _value(chart, scale, room)
    box = box_of(value)
    spots = _spots(chart, scale, room)
    beside = all(x + w / 2.0 + 4.0 <= box.left or box.right + 4.0 <= x - w / 2.0 for x, w in spots)
    top = max(0.0, box.bottom - _RING) if beside else box.bottom + 2.0
    band_top = max(box.bottom + 5.0, top + _RING + 6.0 if spots else 0.0)
    body = write(value) + _badges(chart, scale, spots, top, band_top, room) + _band(chart, scale, band_top)
    numbers = _ends(chart, scale, band_top + _THICK + 5.0, room)
    y = band_top + _THICK + 5.0 + numbers.height
    listed = [Note(mark=str(n), text=pin.label, href=pin.href) for n, pin in enumerate(chart.pins, start=1)]
    below = notes(listed, y + 4.0, room)
    y += below.height + 4.0 if listed else 0.0
    return Drawing(width=room.width, height=y + 2.0, body=body + numbers.body + below.body)


def _value(chart: RangeStrip, scale: Scale, room: Room) -> Label:
    text = f"{chart.tick(chart.value)} {chart.unit}".strip()
    lines = wrap(text, (room.width - 4.0) / 1.08, room.size)
    x = clamped(position(scale, chart.value), block_width(lines, room.size) * 1.08, 0.0, room.width)
    return Label(lines=lines, x=x, top=0.0, size=room.size, anchor="middle", look="strong word-observed")


def _in_order(chart: RangeStrip) -> list[tuple[int, Level]]:
    return sorted(enumerate(chart.pins, start=1), key=lambda pair: pair[1].value)


def _spots(chart: RangeStrip, scale: Scale, room: Room) -> list[tuple[float, float]]:
    """Middle and width of each badge, from left to right."""
    pins = _in_order(chart)
    widths = [badge_width(str(mark), room) for mark, _ in pins]
    xs = spread([position(scale, pin.value) for _, pin in pins], widths, 0.5, room.width - 0.5, 2.0)
    return list(zip(xs, widths, strict=True))


def _badges(
    chart: RangeStrip,
    scale: Scale,
    spots: list[tuple[float, float]],
    top: float,
    band_top: float,
    room: Room,
) -> str:
    body = ""
    for (mark, pin), (centre, _) in zip(_in_order(chart), spots, strict=True):
        foot = f"{number(position(scale, pin.value))} {number(band_top - 1)}"
        stem = f"M{number(centre)} {number(top + _RING)}L{foot}V{number(band_top + _THICK)}"
        body += path(stem, "claim") + link(
            badge(str(mark), centre, top + _RING / 2.0, room), pin.href, pin.label
        )
    return body


def _band(chart: RangeStrip, scale: Scale, top: float) -> str:
    low, high = position(scale, chart.low), position(scale, chart.high)
    middle = number(top + _THICK / 2.0)
    body = path(f"M0 {middle}H{number(scale.end + 6.0)}", "grid")
    tall = number(_THICK - 4.0)
    body += path(f"M{number(low)} {number(top + 2)}H{number(high)}v{tall}H{number(low)}z", "reach-strip")
    if scale.low <= 0.0 <= scale.high:
        body += path(f"M{number(position(scale, 0.0))} {number(top - 3)}v{number(_THICK + 6)}", "axis")
    return body + path(
        f"M{number(position(scale, chart.value))} {number(top - 1)}v{number(_THICK + 2)}", "value-strip"
    )


def _ends(chart: RangeStrip, scale: Scale, top: float, room: Room) -> Drawing:
    values = [chart.low, chart.high] + ([0.0] if scale.low <= 0.0 <= scale.high else [])
    labels = []
    for value in dict.fromkeys(values):
        lines = wrap(chart.tick(value), room.width - 2.0, room.small)
        x = clamped(position(scale, value), block_width(lines, room.small), 0.0, room.width)
        labels.append(Label(lines=lines, x=x, top=top, size=room.small, anchor="middle", look="quiet"))
    rows = shelves([(box_of(label).left, box_of(label).right) for label in labels], 8.0)
    step = max((block_height(label.lines, room.small) for label in labels), default=line_height(room.small))
    body = "".join(
        write(replace(label, top=top + row * step)) for label, row in zip(labels, rows, strict=True)
    )
    return Drawing(width=room.width, height=step * (max(rows) + 1), body=body)
