"""The table behind a chart, shaped to be read: years down, series across, empty columns left out."""

from __future__ import annotations

from collections.abc import Sequence

from ayni.brief.charts import Chart, LineChart, table
from ayni.brief.charts.headings import Cell, Table


def readable(chart: Chart) -> Table:
    """Return the data of a chart as a reader wants them.

    Lines stand side by side by year; where there is a fan of many lines, each is a row.
    """
    if isinstance(chart, LineChart):
        columns = _columns(chart)
        xs = sorted({x for _, held in columns for x in held})
        if chart.fans:
            return (
                (chart.headings.series, *(f"{x:g}" for x in xs)),
                tuple((n, *map(h.get, xs)) for n, h in columns),
            )
        rows = tuple((f"{x:g}", *(held.get(x) for _, held in columns)) for x in xs)
        return (chart.headings.x, *(name for name, _ in columns)), rows
    return full_columns(table(chart))


def _columns(chart: LineChart) -> list[tuple[str, dict[float, Cell]]]:
    """Return every series of a chart by name, with its values by x."""
    found: list[tuple[str, dict[float, Cell]]] = [
        (line.label, dict(zip(line.xs, line.ys, strict=True))) for line in chart.series
    ]
    for band in chart.bands:
        for head, ends in ((chart.headings.low, band.lows), (chart.headings.high, band.highs)):
            found.append((f"{band.label}, {head.lower()}", dict(zip(band.xs, ends, strict=True))))
    found += [(pin.label, {pin.x: pin.y}) for pin in chart.pins]
    for fan in chart.fans:
        for at, ys in enumerate(fan.lines, 1):
            found.append((f"{fan.label} {at}", dict(zip(fan.xs, ys, strict=True))))
    return found


def full_columns(told: Table) -> Table:
    """Return a table without the columns that hold nothing."""
    header, rows = told
    kept = [at for at in range(len(header)) if any(row[at] not in (None, "") for row in rows)]
    return tuple(header[at] for at in kept), tuple(_picked(row, kept) for row in rows)


def _picked(row: Sequence[Cell], kept: Sequence[int]) -> tuple[Cell, ...]:
    return tuple(row[at] for at in kept)
