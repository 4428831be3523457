"""The doors of this package: draw a chart, list its data, save it as a file, set several side by side."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ayni.brief.charts.bar_drawing import piled, stacked_layout
from ayni.brief.charts.bars import StackedBars, stacked_table
from ayni.brief.charts.chain import ChainDiagram, chain_table
from ayni.brief.charts.chain_drawing import chain_layout
from ayni.brief.charts.curve import SpecificationCurve, curve_table
from ayni.brief.charts.curve_drawing import curve_layout
from ayni.brief.charts.headings import Table
from ayni.brief.charts.inputs import check_positive, check_some
from ayni.brief.charts.line_drawing import is_roomy, line_layout, shown
from ayni.brief.charts.lines import LineChart, line_table
from ayni.brief.charts.ranks import RankBars, rank_layout, rank_table
from ayni.brief.charts.strip import RangeStrip, strip_layout, strip_table
from ayni.brief.charts.svg import Drawing, Room, document, element, number, room_for
from ayni.brief.charts.text import Label, block_height, wrap, write

Chart = LineChart | StackedBars | RankBars | SpecificationCurve | ChainDiagram | RangeStrip
"""Everything `draw` and `table` accept."""

_GUTTER = 22.0
_LEAST_PANEL = 150.0
_MARGIN = 14.0
_XMLNS = "http://www.w3.org/2000/svg"


def draw(chart: Chart, *, width: int, ident: str) -> str:
    """Draw the chart as an `<svg>` element for a page.

    Parameters
    ----------
    chart : Chart
    width : int
        Width in pixels it is laid out for: 680 on a desk, 340 on a phone; at least 200.
    ident : str
        Prefix of every id inside, unique on the page.

    Raises
    ------
    ValueError
        When the width leaves no room or the ident could not be an id.
    """
    body = _layout(chart, room_for(width, ident))
    return document(
        body, ident=ident, title=chart.title, alt=chart.alt, subtitle=chart.subtitle, source=chart.source
    )


def _layout(chart: Chart, room: Room) -> Drawing:
    match chart:
        case LineChart():
            return line_layout(chart, room)
        case StackedBars():
            return stacked_layout(chart, room)
        case RankBars():
            return rank_layout(chart, room)
        case SpecificationCurve():
            return curve_layout(chart, room)
        case ChainDiagram():
            return chain_layout(chart, room)
        case RangeStrip():
            return strip_layout(chart, room)


def table(chart: Chart) -> Table:
    """Header and rows of the data behind the chart, exactly as given."""
    match chart:
        case LineChart():
            return line_table(chart)
        case StackedBars():
            return stacked_table(chart)
        case RankBars():
            return rank_table(chart)
        case SpecificationCurve():
            return curve_table(chart)
        case ChainDiagram():
            return chain_table(chart)
        case RangeStrip():
            return strip_table(chart)


def small_multiples(
    charts: Sequence[Chart],
    *,
    columns: int,
    width: int,
    ident: str,
    title: str,
    alt: str,
    source: str = "",
    shared: bool = True,
) -> str:
    """Several charts in a grid, each under its own title, as one `<svg>` element.

    Parameters
    ----------
    charts : sequence of Chart
    columns : int
        Charts side by side; fewer where panels would be cramped.
    width, ident, title, alt, source
        As for one chart.
    shared : bool
        Whether charts of one kind and unit share scales: line charts both, stacked bars the vertical one.
    """
    check_some(charts, f"small multiples {title!r}")
    check_positive(columns, f"small multiples {title!r}, columns")
    room = room_for(width, ident)
    across = _columns(charts, min(columns, len(charts)), room)
    panel = _panel_width(across, room)
    body, y, row_height = "", 0.0, 0.0
    for place, chart in enumerate(_on_one_scale(charts) if shared else charts):
        if place and place % across == 0:
            y, row_height = y + row_height + _GUTTER, 0.0
        drawn = _panel(chart, replace(room, width=panel, ident=f"{ident}-{place + 1}"))
        shift = f"translate({number(place % across * (panel + _GUTTER))} {number(y)})"
        body += element("g", {"transform": shift}, drawn.body)
        row_height = max(row_height, drawn.height)
    whole = Drawing(width=room.width, height=y + row_height, body=body)
    return document(whole, ident=ident, title=title, alt=alt, subtitle="", source=source)


def _panel_width(across: int, room: Room) -> float:
    return (room.width - _GUTTER * (across - 1)) / across


def _columns(charts: Sequence[Chart], wanted: int, room: Room) -> int:
    """As many columns as wanted, fewer where a panel would be cramped."""
    for across in range(wanted, 1, -1):
        panel = replace(room, width=_panel_width(across, room))
        if panel.width >= _LEAST_PANEL and all(
            is_roomy(chart, panel) for chart in charts if isinstance(chart, LineChart)
        ):
            return across
    return 1


def _panel(chart: Chart, room: Room) -> Drawing:
    lines = wrap(chart.title, room.width / 1.08, room.size)
    height = block_height(lines, room.size) + 5.0
    head = write(Label(lines=lines, x=0.0, top=0.0, size=room.size, look="strong"))
    drawn = _layout(chart, room)
    below = element("g", {"transform": f"translate(0 {number(height)})"}, drawn.body)
    return Drawing(width=room.width, height=height + drawn.height, body=head + below)


def _on_one_scale(charts: Sequence[Chart]) -> list[Chart]:
    result: list[Chart] = []
    for chart in charts:
        match chart:
            case LineChart(unit=unit):
                alike = [shown(each) for each in charts if isinstance(each, LineChart) and each.unit == unit]
                xs, ys = _span([x for x, _ in alike]), _span([y for _, y in alike])
                result.append(replace(chart, x_range=xs, y_range=ys))
            case StackedBars(unit=unit):
                bars = [piled(each) for each in charts if isinstance(each, StackedBars) and each.unit == unit]
                result.append(replace(chart, y_range=_span(bars)))
            case _:
                result.append(chart)
    return result


def _span(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _ in pairs), max(high for _, high in pairs)


def standalone(svg: str, css: str) -> str:
    """Turn a drawn chart into a self-contained SVG file with its title, subtitle and source printed.

    Parameters
    ----------
    svg : str
        What `draw` or `small_multiples` returned.
    css : str
        `LIGHT_CSS`; programs outside browsers rarely know the custom properties of `CHART_CSS`.

    Raises
    ------
    ValueError
        When the text is not a chart drawn here.
    """
    whole = framed(svg)
    slot = re.search(r'<svg class="slot" ([^>]*)/>', whole)
    assert slot is not None
    style = f"<style>{css.replace('&', '&amp;').replace('<', '&lt;')}</style>"
    whole = whole.replace(slot[0], svg.replace("<svg ", f"<svg {slot[1]} ", 1), 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole.replace("<style/>", style, 1)}\n'


def framed(svg: str) -> str:
    """Return the file of `standalone` without the drawing and its sheet.

    The drawing's place is an empty ``<svg class="slot">``, the sheet's an empty ``<style>``: a page that
    holds both already need not hold them twice.

    Raises
    ------
    ValueError
        When the text is not a chart drawn here.
    """
    found = re.match(r'<svg [^>]*viewBox="0 0 ([\d.]+) ([\d.]+)"[^>]*>', svg)
    named = re.search(r"<title [^>]*>([^<]*)</title>", svg)
    if not found or not named:
        raise ValueError(
            f"standalone: found {svg[:40]!r}, expected an <svg> that draw() returned; pass it unchanged."
        )
    width, height = float(found[1]), float(found[2])
    words = {name: _attribute(found[0], name) for name in ("data-subtitle", "data-source")}
    head = _lines(_plain(named[1]), width, 17.0, "strong") + _lines(words["data-subtitle"], width, 13.0, "")
    body, y = _stacked(head, _MARGIN)
    y += 8.0
    place = f'x="{_MARGIN:g}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    foot, end = _stacked(_lines(words["data-source"], width, 12.0, "quiet"), y + height + 8.0)
    size = (number(width + 2 * _MARGIN), number(end + _MARGIN))
    paper = f'<rect class="paper" width="{size[0]}" height="{size[1]}"/>'
    attributes = {"xmlns": _XMLNS, "class": "ayni-chart", "width": size[0], "height": size[1]}
    attributes["viewBox"] = f"0 0 {size[0]} {size[1]}"
    slot = f'<svg class="slot" {place}/>'
    return element("svg", attributes, "<style/>" + paper + body + slot + foot)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', tag)
    return _plain(found[1]) if found else ""


def _plain(text: str) -> str:
    for coded, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(coded, plain)
    return text.strip()


def _lines(text: str, width: float, size: float, look: str) -> list[Label]:
    lines = wrap(text, width / 1.08, size)
    return [Label(lines=lines, x=_MARGIN, top=0.0, size=size, look=look)] if lines else []


def _stacked(labels: list[Label], top: float) -> tuple[str, float]:
    body = ""
    for label in labels:
        body += write(replace(label, top=top))
        top += block_height(label.lines, label.size) + 3.0
    return body, top
