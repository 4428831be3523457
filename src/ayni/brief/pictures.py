"""A chart with all that belongs to it: title, drawings for desk and phone, source, table, downloads."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from ayni.brief.charts import Chart, Headings, StackedBars, draw, framed, table
from ayni.brief.charts.headings import Table
from ayni.brief.plan import Edition
from ayni.brief.printed import NOTHING, anchor, plain
from ayni.brief.tables import full_columns, readable
from ayni.claims.naming import words
from ayni.language import message, number

WIDE_PX, NARROW_PX = 680, 340
_LISTED = 6
# What a drawing carries for its frame, which has taken it.
_ONLY_FRAMED = re.compile(r' data-(?:subtitle|source)="[^"]*"')
# What an address between double quotes in HTML cannot hold as it is; all else stays readable and short.
_CODED = str.maketrans({c: f"%{ord(c):02X}" for c in '%#"<>&\n\r\t'})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure of the page.

    Attributes
    ----------
    key : str
        Its id on the page.
    title : Markup
        The finding, with its numbers linked.
    subtitle : str
        What is drawn, unit, years.
    wide, narrow : Markup
        The drawings.
    sources : Markup
        Who published what is drawn, linked.
    note : Markup
        What a reader must know to read it; may be empty.
    header, rows
        The table behind it, as text.
    csv : str
        The table to download, as a data address.
    frame : str
        What a file of the drawing has around it; the page's script puts the drawing in.
    """

    key: str
    title: Markup
    subtitle: str
    wide: Markup
    narrow: Markup
    sources: Markup
    note: Markup
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    csv: Markup
    frame: str


def picture(
    edition: Edition,
    chart: Chart,
    *,
    key: str,
    title: Markup,
    origins: Iterable[str],
    note: Markup = NOTHING,
    shown: Table | None = None,
) -> Picture:
    """Return the figure that a chart makes, with the table `shown` instead of the chart's own where given."""
    header, rows = shown or readable(chart)
    saved = readable(chart) if getattr(chart, "fans", ()) else full_columns(table(chart))
    named = sources(edition, origins)
    chart = replace(chart, source=f"{message(edition.language, 'page.source')}: {plain(named)}.")
    wide = draw(chart, width=WIDE_PX, ident=f"{key}-w")
    narrow = draw(chart, width=NARROW_PX, ident=f"{key}-p")
    return Picture(
        key=key,
        title=title,
        subtitle=getattr(chart, "subtitle", ""),
        wide=Markup(_ONLY_FRAMED.sub("", wide, count=2)),
        narrow=Markup(_ONLY_FRAMED.sub("", narrow, count=2)),
        sources=named,
        note=note,
        header=header,
        rows=tuple(
            tuple(_cell(chart, at, cell, edition.language) for at, cell in enumerate(row)) for row in rows
        ),
        csv=_address("text/csv", _csv(*saved)),
        frame=framed(wide),
    )


def _address(kind: str, text: str) -> Markup:
    """Return a text as a data address, ready to stand in an attribute."""
    return Markup(f"data:{kind};charset=utf-8,{text.translate(_CODED)}")


def _cell(chart: Chart, at: int, cell: str | float | None, language: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return f"{cell:g}" if at == 0 and isinstance(chart, StackedBars) else number(cell, language)


def _csv(header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([f"{cell:.10g}" if isinstance(cell, float | int) else cell for cell in row])
    return out.getvalue()


def sources(edition: Edition, origins: Iterable[str]) -> Markup:
    """Return the publishers of the origins, each linked to its entry; the first few where they are many."""
    known = words(edition.dossier.case.ledger, "origins")
    named: dict[str, list[str]] = {}
    for origin in origins:
        named.setdefault(known[origin]["publisher"], []).append(origin)
    links = [
        Markup('<a href="#{}">{}</a>{}').format(
            anchor("o", of[0]), name, f" ({len(of)})" if len(of) > 1 else ""
        )
        for name, of in list(named.items())[:_LISTED]
    ]
    more = len(named) - len(links)
    if more > 0:
        rest = message(edition.language, "page.and-more", count=more)
        links.append(Markup('<a href="#sources">{}</a>').format(rest))
    return Markup("; ").join(links)


def headings(edition: Edition, *, status: bool = False) -> Headings:
    """Return the column heads of a chart's table."""

    def word(key: str) -> str:
        return message(edition.language, f"page.column.{key}")

    return Headings(
        series=word("series"),
        x=word("year"),
        value=word("value"),
        low=word("low"),
        high=word("high"),
        status=word("status") if status else "",
    )


def tick(language: str) -> Callable[[float], str]:
    """Return what names a tick: no more decimals than it has."""

    def say(value: float) -> str:
        _, _, decimals = f"{value:.10g}".partition(".")
        return number(value, language, digits=0 if "e" in decimals else len(decimals))

    return say


def year_tick(value: float) -> str:
    """Return a year as it is written."""
    return str(math.floor(value))


def alt(title: Markup, subtitle: str) -> str:
    """Return what a chart says, for who cannot see it."""
    return f"{plain(title)}. {subtitle}".replace("..", ".").replace("?.", "?")
