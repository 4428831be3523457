"""Lines of a chart from the ledger, with disagreements as a band and breaks as marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import polars as pl

from ayni.brief.charts import AxisMark, Band, Line, LineChart, Pin, Status
from ayni.brief.pictures import Picture, alt, headings, picture, tick, year_tick
from ayni.brief.plan import Charted, Drawn, Edition, Pinned
from ayni.brief.printed import anchor, plain
from ayni.brief.prose import chosen
from ayni.claims.numbers import number
from ayni.language import message, unit_word
from ayni.ledger.records import Observation
from ayni.ledger.series import Series, observations, series_of, value_in
from ayni.ledger.store import frame
from ayni.units import convert

# A 90 % interval from a published standard error (normal).
_NINETY = 1.645
# A disagreement thinner than this share of the axis cannot be seen, and its label would only puzzle.
_VISIBLE = 0.03
# A press copy stays "reported"; what we corrected counts as estimated.
_STATUS: dict[str, Status] = {
    "counted": "counted",
    "estimated": "estimated",
    "modelled": "modelled",
    "revised": "estimated",
    "reported": "reported",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A line as drawn, the band of disagreement behind it, and the rows it was drawn from."""

    line: Line
    band: Band | None
    rows: tuple[Observation, ...]
    unit: str


def trace(edition: Edition, drawn: Drawn, *, to: str = "") -> Traced | None:
    """Return the line that a plan asks for; None where no row is found."""
    found = _added(edition, drawn, to) if drawn.added else _merged(edition, drawn, to)
    years = [y for y in found.years if drawn.since <= y <= drawn.until]
    if not years:
        return None
    value = dict(zip(found.years, found.values, strict=True))
    kept = [row for row in found.rows if row.year in years]
    label = drawn.es if edition.language == "es" else drawn.en
    line = Line(
        label=label,
        xs=tuple(float(y) for y in years),
        ys=tuple(value[y] for y in years),
        role=drawn.role,
        status=tuple(_STATUS[row.status] for row in kept),
    )
    band = (
        _error(edition, drawn, years, value, label) if drawn.error else _spread(edition, found, years, label)
    )
    rows = (*kept, *(row for same in found.conflicts for row in same if row.year in years))
    return Traced(line=line, band=band, rows=tuple(dict.fromkeys(rows)), unit=found.unit)


def _whole(edition: Edition, key: str, drawn: Drawn) -> list[Observation]:
    rows = observations(
        edition.dossier.case.ledger, indicator=key, place=drawn.place, counterpart=drawn.counterpart or None
    )
    return [row for row in rows if row.until is None and not row.part_year]


def _merged(edition: Edition, drawn: Drawn, to: str) -> Series:
    rows = [row for key in drawn.indicators for row in _whole(edition, key, drawn)]
    return series_of(rows, indicator="+".join(drawn.indicators), place=drawn.place, to=to or None)


def _added(edition: Edition, drawn: Drawn, to: str) -> Series:
    """Add several indicators in the years in which the first is known."""
    parts = [
        series_of(_whole(edition, key, drawn), indicator=key, place=drawn.place, to=to or None)
        for key in drawn.added
    ]
    first = parts[0]
    totals: dict[int, float] = defaultdict(float)
    for part in parts:
        for year, value in zip(part.years, part.values, strict=True):
            totals[year] += value
    made = tuple(
        replace(row, value=totals[row.year], unit=first.unit, low=None, high=None) for row in first.rows
    )
    return Series(
        indicator="+".join(drawn.added),
        place=drawn.place,
        counterpart=drawn.counterpart,
        unit=first.unit,
        rows=made,
        conflicts=(),
    )


def _spread(edition: Edition, found: Series, years: Sequence[int], label: str) -> Band | None:
    ends = {y: (v, v) for y, v in zip(found.years, found.values, strict=True) if y in years}
    disagree = [same for same in found.conflicts if same[0].year in ends]
    if not disagree:
        return None
    for same in disagree:
        values = [value_in(row, found.unit) for row in same]
        ends[same[0].year] = (min(values), max(values))
    known = [v for y, v in zip(found.years, found.values, strict=True) if y in ends]
    if max(high - low for low, high in ends.values()) <= _VISIBLE * (max(known) - min(0.0, *known)):
        return None
    return Band(
        label=message(edition.language, "page.chart.sources-differ", label=label),
        xs=tuple(float(y) for y in years),
        lows=tuple(ends[y][0] for y in years),
        highs=tuple(ends[y][1] for y in years),
    )


def _error(
    edition: Edition, drawn: Drawn, years: Sequence[int], value: dict[int, float], label: str
) -> Band | None:
    errors = series_of(_whole(edition, drawn.error, drawn), indicator=drawn.error, place=drawn.place)
    reach = dict(zip(errors.years, errors.values, strict=True))
    both = [y for y in years if y in reach]
    if not both:
        return None
    return Band(
        label=message(edition.language, "page.chart.published-error", label=label),
        xs=tuple(float(y) for y in both),
        lows=tuple(value[y] - _NINETY * reach[y] for y in both),
        highs=tuple(value[y] + _NINETY * reach[y] for y in both),
    )


def marks(edition: Edition, lines: Iterable[Drawn], years: Sequence[float]) -> tuple[AxisMark, ...]:
    """Return the breaks in method or coverage of the series drawn, within the years drawn."""
    keys = {(key, line.place) for line in lines for key in line.indicators}
    rows = frame(edition.dossier.case.ledger, "breaks").sort("year").iter_rows(named=True)
    return tuple(
        AxisMark(x=float(row["year"]), label=f"{row['year']}: {row[edition.language]}")
        for row in rows
        if (row["indicator"], row["place"]) in keys and years and min(years) <= row["year"] <= max(years)
    )


def pins(edition: Edition, pinned: Iterable[Pinned], unit: str) -> tuple[Pin, ...]:
    """Return published figures as pins, in the chart's unit."""
    found = []
    for each in pinned:
        what = number(edition.dossier.case, each.number)
        found.append(
            Pin(
                x=float(what.year or 0),
                y=convert(what.quantity, unit).value,
                label=each.es if edition.language == "es" else each.en,
                href="#" + anchor("n", each.number),
            )
        )
    return tuple(found)


def status_words(language: str) -> tuple[tuple[Status, str], ...]:
    """Return the words for how values came about."""
    return tuple((key, message(language, f"page.status.{key}")) for key in get_args(Status))


def line_picture(edition: Edition, wanted: Charted) -> Picture | None:
    """Return a chart of lines as the plan asks for it; None where nothing is found to draw."""
    traced = [t for t in (trace(edition, line) for line in wanted.line) if t is not None]
    if not traced:
        return None
    language = edition.language
    unit = traced[0].unit
    title = chosen(edition, wanted.title)
    subtitle = wanted.es if language == "es" else wanted.en
    years = [x for t in traced for x in t.line.xs]
    chart = LineChart(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(unit, language),
        series=tuple(t.line for t in traced),
        bands=tuple(t.band for t in traced if t.band is not None),
        pins=pins(edition, wanted.pin, unit),
        marks=marks(edition, wanted.line, years),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition, status=True),
        zero=wanted.zero,
        status_labels=status_words(language),
        gap_label=message(language, "page.chart.gap"),
    )
    pinned = (row for p in wanted.pin for row in number(edition.dossier.case, p.number).rows)
    origins = dict.fromkeys((*(r.origin for t in traced for r in t.rows), *origins_of(edition, pinned)))
    return picture(edition, chart, key=f"g-{wanted.key}", title=title, origins=origins)


def origins_of(edition: Edition, rows: Iterable[str]) -> tuple[str, ...]:
    """Return the origins of rows, in the tables' order."""
    wanted = list(dict.fromkeys(rows))
    found: dict[str, None] = {}
    for name in ("observations", "flows"):
        table = frame(edition.dossier.case.ledger, name).filter(pl.col("row").is_in(wanted))
        found |= dict.fromkeys(table["origin"].to_list())
    return tuple(found)
