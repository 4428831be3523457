"""What a row, a number or a place is called in each language, from the dossier's words."""

from __future__ import annotations

from ayni.claims.case import Case
from ayni.claims.numbers import number
from ayni.language import message, years
from ayni.ledger.records import Observation
from ayni.ledger.series import observations
from ayni.ledger.store import Ledger, frame
from ayni.remember import remember

Words = dict[str, dict[str, str]]


def words(ledger: Ledger, table: str) -> Words:
    """Return the rows of a table of words (places, indicators, origins, licences) by key."""

    def make() -> Words:
        return {row["key"]: row for row in frame(ledger, table).iter_rows(named=True)}

    return remember(ledger.kept, ("words", table), make)


def origin_of(ledger: Ledger) -> dict[str, str]:
    """Return the origin key of every row of figures, by ``file:line``."""

    def make() -> dict[str, str]:
        tables = [frame(ledger, t).select("row", "origin") for t in ("flows", "observations", "breaks")]
        return {row: origin for table in tables for row, origin in table.iter_rows()}

    return remember(ledger.kept, "origin of rows", make)


def label(ledger: Ledger, kind: str, key: str, language: str) -> str:
    """Return the word for a code (account, purpose, agency, caveat …), the code where there is none."""

    def make() -> dict[tuple[str, str], dict[str, str]]:
        rows = frame(ledger, "labels").iter_rows(named=True)
        return {(row["kind"], row["key"]): row for row in rows}

    found = remember(ledger.kept, "labels by kind", make).get((kind, key))
    return found[language] if found else key


def place_name(ledger: Ledger, key: str, language: str) -> str:
    """Return a place's name."""
    row = words(ledger, "places").get(key)
    return row[language] if row else key


def indicator_name(ledger: Ledger, key: str, language: str) -> str:
    """Return an indicator's name."""
    row = words(ledger, "indicators").get(key)
    return row[language] if row else key


def publisher(ledger: Ledger, origin: str, language: str) -> str:
    """Return who published an origin and through whom it was read."""
    row = words(ledger, "origins").get(origin)
    if row is None:
        return origin
    return (
        message(language, "origin.via", publisher=row["publisher"], via=row["via"])
        if row["via"]
        else row["publisher"]
    )


def naming_row(ledger: Ledger, row: Observation, language: str) -> str:
    """Return what an observation is: indicator, place, year and publisher."""
    where = place_name(ledger, row.place, language)
    if row.counterpart:
        where = message(
            language, "naming.pair", place=where, other=place_name(ledger, row.counterpart, language)
        )
    return message(
        language,
        "naming.row",
        indicator=indicator_name(ledger, row.indicator, language),
        place=where,
        year=years(row.year, row.until, language, fiscal=row.year_kind == "us-fiscal"),
        publisher=publisher(ledger, row.origin, language),
    )


def row_name(ledger: Ledger, row: str, language: str) -> str:
    """Return what the observation in a row is, by ``file:line``; empty where no observation stands there."""

    def make() -> dict[str, Observation]:
        return {held.row: held for held in observations(ledger)}

    held = remember(ledger.kept, "observations by row", make).get(row)
    return naming_row(ledger, held, language) if held else ""


def name_of(case: Case, name: str, language: str) -> str:
    """Return what the number called `name` is."""
    pointer = case.pointers[name]
    own = pointer.es if language == "es" else pointer.en
    if own:
        return own
    wanted = dict(pointer.where)
    found = number(case, name)
    span = years(found.year, found.until, language, fiscal=found.fiscal) if found.year else ""
    if "indicator" in wanted:
        names = [indicator_name(case.ledger, key, language) for key in wanted["indicator"].split("+")]
        where = place_name(case.ledger, wanted.get("place", ""), language)
        if wanted.get("counterpart"):
            other = place_name(case.ledger, wanted["counterpart"], language)
            where = message(language, "naming.pair", place=where, other=other)
        return message(language, "naming.number", indicator=" + ".join(names), place=where, year=span)
    parts = ", ".join(name_of(case, part, language) for part in pointer.of)
    return message(language, f"naming.{pointer.op}", parts=parts, year=span)
