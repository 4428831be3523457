"""A chart with all that belongs to it: title, drawings for desk and phone, source, table, downloads."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from ayni.brief.charts import LIGHT_CSS, Chart, Headings, LineChart, StackedBars, draw, standalone, table
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, plain
from ayni.claims.naming import publisher
from ayni.language import message, number

WIDE_PX, NARROW_PX = 680, 340
_LISTED = 6
# Letters that a data address may hold as they are; each that is not coded saves two.
_PLAIN = "/:;,=()!*~ "


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
    csv, svg : str
        The downloads, as data addresses.
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
    csv: str
    svg: str


def picture(
    edition: Edition, chart: Chart, *, key: str, title: Markup, origins: Iterable[str], note: Markup = Markup("")
) -> Picture:
    """Return the figure that a chart makes."""
    header, rows = table(chart)
    wide = draw(chart, width=WIDE_PX, ident=f"{key}-w")
    narrow = draw(chart, width=NARROW_PX, ident=f"{key}-p")
    return Picture(
        key=key,
        title=title,
        subtitle=getattr(chart, "subtitle", ""),
        wide=Markup(wide),  # noqa: S704  our own drawing, escaped there
        narrow=Markup(narrow),  # noqa: S704  our own drawing, escaped there
        sources=sources(edition, origins),
        note=note,
        header=header,
        rows=tuple(tuple(_cell(chart, at, cell, edition.language) for at, cell in enumerate(row)) for row in rows),
        csv="data:text/csv;charset=utf-8," + quote(_csv(header, rows)),
        svg="data:image/svg+xml;charset=utf-8," + quote(standalone(wide, LIGHT_CSS), safe=_PLAIN),
    )


def _cell(chart: Chart, at: int, cell: str | float | None, language: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    years_at = {LineChart: 1, StackedBars: 0}.get(type(chart))
    return f"{cell:g}" if at == years_at else number(cell, language)


def _csv(header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([f"{cell:.10g}" if isinstance(cell, float | int) else cell for cell in row])
    return out.getvalue()


def sources(edition: Edition, origins: Iterable[str]) -> Markup:
    """Return the publishers of the origins, each linked to its entry; the first few where they are many."""
    named: dict[str, str] = {}
    for origin in origins:
        named.setdefault(publisher(edition.dossier.case.ledger, origin, edition.language), origin)
    links = [
        Markup('<a href="#{}">{}</a>').format(anchor("o", origin), name) for name, origin in list(named.items())[:_LISTED]
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
