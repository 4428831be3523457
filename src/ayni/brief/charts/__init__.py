"""Charts as SVG text, from plain numbers and words that are already in the reader's language."""

from ayni.brief.charts.bars import Stack, StackedBars
from ayni.brief.charts.chain import Bond, ChainDiagram, ChainHeadings, Node
from ayni.brief.charts.curve import Level, Specification, SpecificationCurve
from ayni.brief.charts.drawing import Chart, draw, framed, small_multiples, standalone, table
from ayni.brief.charts.headings import Cell, Headings, Table
from ayni.brief.charts.lines import AxisMark, Band, Fan, Line, LineChart, Pin, Role, Status
from ayni.brief.charts.ranks import Rank, RankBars
from ayni.brief.charts.strip import RangeStrip
from ayni.brief.charts.style import CHART_CSS, LIGHT_CSS

__all__ = [
    "CHART_CSS",
    "LIGHT_CSS",
    "AxisMark",
    "Band",
    "Bond",
    "Cell",
    "ChainDiagram",
    "ChainHeadings",
    "Chart",
    "Fan",
    "Headings",
    "Level",
    "Line",
    "LineChart",
    "Node",
    "Pin",
    "RangeStrip",
    "Rank",
    "RankBars",
    "Role",
    "Specification",
    "SpecificationCurve",
    "Stack",
    "StackedBars",
    "Status",
    "Table",
    "draw",
    "framed",
    "small_multiples",
    "standalone",
    "table",
]
