"""``ayni series``: every row on an indicator, from every source and vintage, with its status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line, listed, near, refuse
from ayni.cli.cases import open_case, print_csv, print_json
from ayni.cli.terminal import paragraph, table
from ayni.cli.wording import unit_told
from ayni.language import message, number, years

if TYPE_CHECKING:
    from ayni.dossier.opening import Dossier
    from ayni.ledger.records import Observation

_CHOSEN, _DISPUTED = "\u2190", "\u2260"
_COLUMNS = (
    "indicator",
    "place",
    "counterpart",
    "year",
    "until",
    "year_kind",
    "part_year",
    "value",
    "low",
    "high",
    "unit",
    "status",
    "vintage",
    "origin",
    "caveats",
    "note",
    "row",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row, whether a series takes it for its year, and whether the year's rows differ."""

    row: Observation
    chosen: bool
    conflict: bool


def run(line: Line) -> int:
    """Print the rows of an indicator or of all indicators of a concept."""
    dossier = open_case(line)
    told = _rows(line, dossier)
    if line.flag("json"):
        rows = [
            {c: getattr(t.row, c) for c in _COLUMNS} | {"chosen": t.chosen, "conflict": t.conflict}
            for t in told
        ]
        place = line.text("place", dossier.about.recipient)
        print_json("series", dossier, {"asked": line.text("indicator"), "place": place, "rows": rows})
    elif line.flag("csv"):
        cells = ([getattr(t.row, c) for c in _COLUMNS] + [int(t.chosen), int(t.conflict)] for t in told)
        print_csv([*_COLUMNS, "chosen", "conflict"], cells)
    else:
        print(_page(dossier, told, line.language))
    return 0


def _rows(line: Line, dossier: Dossier) -> list[Told]:
    """Return the rows asked for, by indicator, place, year.

    Raises
    ------
    CannotRunError
        If the indicator or the place is not known, or has no row.
    """
    from ayni.claims.naming import words
    from ayni.ledger.series import observations

    ledger, asked = dossier.case.ledger, line.text("indicator")
    indicators = words(ledger, "indicators")
    keys = [asked] if asked in indicators else [k for k, row in indicators.items() if row["concept"] == asked]
    if not keys:
        known = [*indicators, *(row["concept"] for row in indicators.values())]
        said = message(line.language, "cli.error.indicator", found=asked)
        raise CannotRunError(said + near(asked, known, line.language))
    place = line.text("place", dossier.about.recipient)
    if place not in words(ledger, "places"):
        refuse(
            place,
            sorted({r.place for k in keys for r in observations(ledger, indicator=k)}),
            "--place",
            line.language,
        )
    rows = [row for key in keys for row in observations(ledger, indicator=key, place=place)]
    if not rows:
        places = sorted({r.place for k in keys for r in observations(ledger, indicator=k)})
        raise CannotRunError(
            message(
                line.language,
                "cli.error.no-rows",
                indicator=asked,
                place=place,
                places=listed(places) or "\u2013",
            )
        )
    return _flagged(rows)


def _flagged(rows: list[Observation]) -> list[Told]:
    from ayni.ledger.series import series_of, value_in

    told = []
    for indicator, place, counterpart in dict.fromkeys((r.indicator, r.place, r.counterpart) for r in rows):
        own = [r for r in rows if (r.indicator, r.place, r.counterpart) == (indicator, place, counterpart)]
        yearly = [r for r in own if r.until is None]
        made = series_of(yearly, indicator=indicator, place=place, counterpart=counterpart)
        chosen = {row.row for row in made.rows}
        values: dict[tuple[int, str], set[float]] = {}
        for row in yearly:
            values.setdefault((row.year, row.part_year), set()).add(value_in(row, made.unit))
        disputed = {when for when, given in values.items() if len(given) > 1}
        told += [
            Told(
                row=row,
                chosen=row.row in chosen,
                conflict=row.until is None and (row.year, row.part_year) in disputed,
            )
            for row in sorted(
                own, key=lambda r: (r.year, r.until or r.year, r.row not in chosen, r.part_year, r.vintage)
            )
        ]
    return told


def _page(dossier: Dossier, told: list[Told], language: str) -> str:
    from ayni.claims.naming import indicator_name, place_name

    ledger = dossier.case.ledger
    blocks = []
    for key in dict.fromkeys((t.row.indicator, t.row.place, t.row.counterpart) for t in told):
        own = [t for t in told if (t.row.indicator, t.row.place, t.row.counterpart) == key]
        where = place_name(ledger, key[1], language)
        if key[2]:
            where = message(language, "naming.pair", place=where, other=place_name(ledger, key[2], language))
        blocks.append(
            paragraph(
                message(
                    language,
                    "cli.series.heading",
                    indicator=indicator_name(ledger, key[0], language),
                    name=key[0],
                    place=where,
                )
            )
        )
        blocks.append(_table(own, language))
    blocks.append(_foot(dossier, told, language))
    return "\n\n".join(blocks)


def _table(own: list[Told], language: str) -> str:
    units = {t.row.unit for t in own}
    head = unit_told(units.pop(), language) if len(units) == 1 else ""
    heads = [message(language, "cli.head.year"), head or message(language, "cli.head.value"), ""]
    heads += [message(language, f"cli.head.{name}") for name in ("range", "status", "origin")]
    rows = [
        [
            _when(t.row, language),
            _figure(t.row.value, language) + ("" if head else f" {unit_told(t.row.unit, language)}".rstrip()),
            (_CHOSEN if t.chosen else "") + (_DISPUTED if t.conflict else ""),
            _range(t.row, language),
            message(language, f"cli.status.{t.row.status}"),
            t.row.origin
            + (f" ({t.row.vintage})" if t.row.vintage and t.row.vintage not in t.row.origin else ""),
        ]
        for t in own
    ]
    return table(heads, rows, right=(1,))


def _when(row: Observation, language: str) -> str:
    return years(row.year, row.until, language) + (f" {row.part_year}" if row.part_year else "")


def _figure(value: float, language: str) -> str:
    return number(value, language)


def _range(row: Observation, language: str) -> str:
    if row.low is None and row.high is None:
        return ""
    low, high = ("\u2026" if end is None else number(end, language) for end in (row.low, row.high))
    return f"{low}\u2013{high}"


def _foot(dossier: Dossier, told: list[Told], language: str) -> str:
    said = [message(language, "cli.series.chosen", mark=_CHOSEN)]
    if any(t.conflict for t in told):
        said.append(message(language, "cli.series.disputed", mark=_DISPUTED))
    if any(t.row.year_kind == "us-fiscal" for t in told):
        said.append(message(language, "cli.series.fiscal"))
    from ayni.claims.naming import label

    caveats = dict.fromkeys(c for t in told for c in t.row.caveats.split(";") if c)
    if caveats:
        said_out = " ".join(label(dossier.case.ledger, "caveat", c, language) for c in caveats)
        said.append(message(language, "cli.series.caveats", listed=said_out))
    said.append(message(language, "cli.series.foot", name=dossier.about.key, row=told[0].row.row))
    return "\n".join(paragraph(one) for one in said)
