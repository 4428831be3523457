"""Every number with all that is behind it: how it was made, of which rows, from whom, under what terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import polars as pl
from markupsafe import Markup

from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, figure, printed, said, spread, without_range
from ayni.claims.naming import indicator_name, label, name_of, place_name, publisher, words
from ayni.claims.numbers import money_rows, number
from ayni.claims.records import Number
from ayni.language import message, money, quantity, years
from ayni.ledger.store import frame
from ayni.units import Quantity

SHOWN_ROWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEntry:
    """A row of the dossier's tables, in words."""

    row: str
    what: str
    amount: str
    origin: Markup
    terms: str
    caveats: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEntry:
    """A number with everything behind it; its rows stand in runs of one source, named once."""

    ident: str
    key: str
    what: str
    amount: Markup
    reach: Markup
    year: str
    made: Markup
    rows: tuple[tuple[RowEntry, ...], ...]
    shown: int
    count: int
    lines: str


def entries(edition: Edition) -> tuple[NumberEntry, ...]:
    """Return an entry for every number of the dossier, by name."""
    case = edition.dossier.case
    found = [number(case, name) for name in sorted(case.pointers)]
    told = row_entries(edition, {row for n in found for row in n.rows[:SHOWN_ROWS]})
    return tuple(_entry(edition, n, told) for n in found)


def _entry(edition: Edition, found: Number, told: dict[str, RowEntry]) -> NumberEntry:
    language, ident = edition.language, anchor("n", found.key)
    span = years(found.year, found.until, language, fiscal=found.fiscal) if found.year else ""
    rows = tuple(told[row] for row in found.rows[:SHOWN_ROWS] if row in told)
    return NumberEntry(
        ident=ident,
        key=found.key,
        what=name_of(edition.dossier.case, found.key, language),
        amount=printed(f"{found.key}:entry", without_range(found.quantity), edition, ident),
        reach=Markup("")
        if found.quantity.low is None and found.quantity.high is None
        else spread(f"{found.key}:entry", found.quantity, edition, ident),
        year=span,
        made=_made(edition, found),
        rows=tuple(tuple(run) for _, run in groupby(rows, key=lambda row: (row.origin, row.terms))),
        shown=len(rows),
        count=len(found.rows),
        lines=spans(found.rows[SHOWN_ROWS:]),
    )


def _made(edition: Edition, found: Number) -> Markup:
    """Return how a number was made, with its parts linked."""
    case = edition.dossier.case
    parts = [
        Markup('<a href="#{}">{}</a> ({})').format(
            anchor("n", part), name_of(case, part, edition.language), figure(edition, part)
        )
        for part in found.of
    ]
    told: dict[str, object] = {
        "parts": Markup("; ").join(parts),
        "count": _added(edition, found),
        "at": found.at or "",
    }
    how = said(edition, f"page.made.{found.op}", told)
    if found.at:
        how += Markup(" ") + said(edition, "page.made.at-prices", told)
    if found.effect:
        how += Markup(" ") + _method(edition, found.effect)
    return how


def _added(edition: Edition, found: Number) -> int:
    """Return how many rows were added, without those that only say what money of their years is worth."""
    if found.op != "money":
        return len(found.rows)
    case = edition.dossier.case
    return len(money_rows(case, dict(case.pointers[found.key].where)))


def _method(edition: Edition, effect: str) -> Markup:
    question, _, design = effect.partition(" ")
    target = anchor("e", effect) if design else anchor("spec", question)
    text = message(edition.language, "page.made.see-method" if design else "page.made.see-curve")
    return Markup('<a href="#{}">{}</a>').format(target, text)


def row_entries(edition: Edition, rows: Iterable[str]) -> dict[str, RowEntry]:
    """Return the rows in words, by row; rows that are in no table are left out."""
    wanted = [row for row in rows if ":" in row]
    ledger = edition.dossier.case.ledger
    found: dict[str, RowEntry] = {}
    for table in ("observations", "flows"):
        for record in frame(ledger, table).filter(pl.col("row").is_in(wanted)).iter_rows(named=True):
            found[record["row"]] = _row_entry(edition, record)
    return found


def _row_entry(edition: Edition, record: dict[str, Any]) -> RowEntry:
    language, ledger = edition.language, edition.dossier.case.ledger
    span = years(record["year"], record["until"], language, fiscal=record["year_kind"] == "us-fiscal")
    origin = words(ledger, "origins").get(record["origin"], {})
    date = origin.get("published") or origin.get("vintage") or ""
    licence = words(ledger, "licences").get(origin.get("licence", ""), {}).get(language, "")
    status = message(language, f"page.status.{record['status']}")
    return RowEntry(
        row=record["row"].removeprefix("figures/"),
        what=f"{_subject(edition, record)}, {span}",
        amount=_amount(record, language),
        origin=Markup('<a href="#{}">{}</a>').format(
            anchor("o", record["origin"]), publisher(ledger, record["origin"], language)
        ),
        terms="; ".join(part for part in (date, licence, status) if part),
        caveats=" ".join(
            label(ledger, "caveat", code, language) for code in record["caveats"].split(";") if code
        ),
    )


def _subject(edition: Edition, record: dict[str, Any]) -> str:
    language, ledger = edition.language, edition.dossier.case.ledger
    if "indicator" in record:
        where = [place_name(ledger, p, language) for p in (record["place"], record["counterpart"]) if p]
        return f"{indicator_name(ledger, record['indicator'], language)}, {' – '.join(where)}"
    ends = [place_name(ledger, record[side], language) for side in ("provider", "recipient")]
    stage = label(ledger, "stage", record["stage"], language)
    kinds = [
        f"{stage[:1].lower()}{stage[1:]}",
        *(label(ledger, "purpose", code, language) for code in record["purposes"].split(";") if code),
        *(label(ledger, kind, record[kind], language) for kind in ("account", "agency") if record[kind]),
    ]
    return f"{' → '.join(ends)}, {', '.join(kinds)}"


def _amount(record: dict[str, Any], language: str) -> str:
    if "amount" in record:
        return money(record["amount"], record["currency"], language)
    what = Quantity(value=record["value"], unit=record["unit"])
    if record["low"] is None and record["high"] is None:
        return quantity(what, language)
    ends = [
        quantity(Quantity(value=v, unit=record["unit"]), language)
        for v in (record["low"], record["high"])
        if v is not None
    ]
    return f"{quantity(what, language)} ({' – '.join(ends)})"


def caveat_words(edition: Edition, rows: Iterable[str]) -> str:
    """Return the caveats of rows in words, each once."""
    wanted, ledger = list(rows), edition.dossier.case.ledger
    codes: dict[str, None] = {}
    for table in ("observations", "flows"):
        for told in frame(ledger, table).filter(pl.col("row").is_in(wanted))["caveats"]:
            codes |= dict.fromkeys(filter(None, told.split(";")))
    return " ".join(label(ledger, "caveat", code, edition.language) for code in codes)


def spans(rows: Iterable[str]) -> str:
    """Return rows as files with their lines, runs of lines joined."""
    files: dict[str, list[int]] = {}
    for row in rows:
        file, _, line = row.partition(":")
        if line.isdigit():
            files.setdefault(file.removeprefix("figures/"), []).append(int(line))
    told = []
    for file, lines in files.items():
        runs: list[list[int]] = []
        for at in sorted(set(lines)):
            if runs and at == runs[-1][1] + 1:
                runs[-1][1] = at
            else:
                runs.append([at, at])
        told.append(f"{file}: " + ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs))
    return "; ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginEntry:
    """A source used, with its terms."""

    ident: str
    key: str
    publisher: str
    title: str
    published: str
    retrieved: str
    url: str
    shown: str
    licence: str


def origin_entries(edition: Edition, used: Iterable[str]) -> tuple[OriginEntry, ...]:
    """Return the sources used, by publisher."""
    ledger, language = edition.dossier.case.ledger, edition.language
    known = words(ledger, "origins")
    licences = words(ledger, "licences")
    made = [
        OriginEntry(
            ident=anchor("o", key),
            key=key,
            publisher=publisher(ledger, key, language),
            title=row["title"],
            published=row["published"] or row["vintage"],
            retrieved=row["retrieved"],
            url=row["url"] if row["url"].startswith(("https://", "http://")) else "",
            shown=_site(row["url"]),
            licence=licences.get(row["licence"], {}).get(language, row["licence"]),
        )
        for key in used
        if (row := known.get(key)) is not None
    ]
    return tuple(sorted(made, key=lambda o: (o.publisher.casefold(), o.published, o.key)))


def _site(url: str) -> str:
    """Return the site of an address, as a reader knows it."""
    return urlsplit(url).netloc.removeprefix("www.") or url
