"""Horizontal bars in the given order, with ranges as whiskers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ayni.brief.charts.frame import Plot, x_ticks
from ayni.brief.charts.headings import Headings, Table
from ayni.brief.charts.inputs import check_href, check_number, check_range, check_some
from ayni.brief.charts.scales import Scale, extent, position
from ayni.brief.charts.svg import Drawing, Room, is_narrow, number, path, rectangles
from ayni.brief.charts.text import Label, block_height, block_width, line_height, wrap, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """One bar; `text` replaces the value written at the right, `low` and `high` draw a whisker."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    text: str = ""
    highlighted: bool = False
    href: str = ""

    def __post_init__(self) -> None:
        check_number(self.value, f"bar {self.label!r}")
        check_range(self.low, self.high, f"bar {self.label!r}")
        check_href(self.href, f"bar {self.label!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankBars:
    """Named values side by side from a zero baseline, in the order given."""

    title: str
    alt: str
    unit: str
    ranks: tuple[Rank, ...]
    tick: Callable[[float], str]
    headings: Headings
    subtitle: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        check_some(self.ranks, f"rank bars {self.title!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One bar's name and value in lines of text, and its height in pixels."""

    rank: Rank
    name: tuple[str, ...]
    value: tuple[str, ...]
    height: float


def rank_table(chart: RankBars) -> Table:
    """One row for each bar."""
    heads = chart.headings
    rows = tuple((rank.label, rank.value, rank.low, rank.high) for rank in chart.ranks)
    return (heads.series, heads.value, heads.low, heads.high), rows


def rank_layout(chart: RankBars, room: Room) -> Drawing:
    """Draw the chart's body: names on the left, or above each bar on a phone."""
    narrow = is_narrow(room)
    rows = _rows(chart, room)
    left = 1.0 if narrow else max(block_width(row.name, room.size) for row in rows) + 10.0
    right = room.width - max(block_width(row.value, room.size) for row in rows) - 10.0
    top = block_height(wrap(chart.unit, room.width - left, room.small), room.small) + 4.0
    plot = _plot(chart, left, right, top, top + sum(row.height for row in rows))
    labels = x_ticks(plot.x, chart.tick, room, 0.0)
    unit = wrap(chart.unit, room.width - left, room.small)
    body = write(Label(lines=unit, x=left, top=0.0, size=room.small, look="quiet"))
    bars = [(plot.top, plot.bottom)]
    if narrow:
        tops = [top + sum(row.height for row in rows[: at + 1]) for at in range(len(rows))]
        bars = [(bottom - 27.0, bottom - 7.0) for bottom in tops]
    body += path(_rules([label.x for label in labels], bars), "grid")
    y = top
    for row in rows:
        body += _bar(row, plot, y, room)
        y += row.height
    body += path(_rules([position(plot.x, 0.0)], bars), "axis")
    body += "".join(write(replace(label, top=y + 4.0)) for label in labels)
    return Drawing(width=room.width, height=y + 8.0 + line_height(room.small), body=body)


def _rows(chart: RankBars, room: Room) -> list[_Row]:
    narrow = is_narrow(room)
    rows = []
    for rank in chart.ranks:
        value = wrap(rank.text or chart.tick(rank.value), room.width * (0.36 if narrow else 0.25), room.size)
        name = wrap(rank.label, room.width - 4.0 if narrow else room.width * 0.34, room.size)
        tall = max(block_height(value, room.size), 18.0)
        if narrow:
            height = block_height(name, room.size) + tall + 9.0
        else:
            height = max(block_height(name, room.size), tall) + 8.0
        rows.append(_Row(rank=rank, name=name, value=value, height=height))
    return rows


def _plot(chart: RankBars, left: float, right: float, top: float, bottom: float) -> Plot:
    ends = [end for rank in chart.ranks for end in (rank.value, rank.low, rank.high) if end is not None]
    low, high = extent(ends, zero=True, padding=0.02)
    scale = Scale(low=low, high=high, start=left, end=right)
    return Plot(left=left, right=right, top=top, bottom=bottom, x=scale, y=scale)


def _rules(xs: Sequence[float], spans: Sequence[tuple[float, float]]) -> str:
    return "".join(f"M{number(x)} {number(top)}V{number(bottom)}" for x in xs for top, bottom in spans)


def _bar(row: _Row, plot: Plot, top: float, room: Room) -> str:
    rank, narrow = row.rank, is_narrow(room)
    tall = block_height(row.name, room.size)
    middle = top + (tall + (row.height - tall) / 2.0 - 2.0 if narrow else row.height / 2.0)
    name_top = top + 2.0 if narrow else middle - tall / 2.0
    look = "strong" if rank.highlighted else ""
    x = 0.0 if narrow else plot.left - 9.0
    name = Label(
        lines=row.name,
        x=x,
        top=name_top,
        size=room.size,
        anchor="start" if narrow else "end",
        look=look,
        href=rank.href,
    )
    thick = 11.0 if narrow else 13.0
    zero, end = position(plot.x, 0.0), position(plot.x, rank.value)
    box = (min(zero, end), middle - thick / 2.0, abs(end - zero), thick)
    body = path(rectangles([box]), "bar-main" if rank.highlighted else "bar") + write(name)
    if rank.low is not None and rank.high is not None:
        body += _whisker(position(plot.x, rank.low), position(plot.x, rank.high), middle)
    value_top = middle - block_height(row.value, room.size) / 2.0
    return body + write(
        Label(lines=row.value, x=room.width - 1.0, top=value_top, size=room.size, anchor="end", look=look)
    )


def _whisker(low: float, high: float, y: float) -> str:
    ends = f"M{number(low)} {number(y - 4)}v8M{number(high)} {number(y - 4)}v8"
    data = f"M{number(low)} {number(y)}H{number(high)}{ends}"
    return path(data, "whisker-back") + path(data, "whisker")
