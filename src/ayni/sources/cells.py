"""What each cell of a dossier's tables may hold, one check per kind of cell.

A check yields what is wrong as (code, column, found, expected); it raises nothing.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ayni.ledger.records import STAGES, STATUSES, YEAR_KINDS
from ayni.units import UnitError, unit

YEAR = re.compile(r"(1[89]|20)\d\d")
_PART = re.compile(r"|Q[1-4]|M(0[1-9]|1[0-2])|to-(0[1-9]|1[0-2])-[0-3]\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")
_CURRENCIES = ("USD", "PEN", "EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The keys that rows may name."""

    origins: frozenset[str]
    places: frozenset[str]
    units: dict[str, str]
    caveats: frozenset[str]
    licences: frozenset[str]

    @classmethod
    def of(cls, frames: dict[str, pl.DataFrame]) -> Known:
        """Return the keys that the tables of words declare."""
        labels = frames["labels"]
        return cls(
            origins=frozenset(frames["origins"]["key"]),
            places=frozenset(frames["places"]["key"]),
            units=dict(zip(frames["indicators"]["key"], frames["indicators"]["unit"], strict=True)),
            licences=frozenset(frames["licences"]["key"]),
            caveats=frozenset(labels.filter(pl.col("kind") == "caveat")["key"]),
        )


Found = Iterator[tuple[str, str, str, str]]


def check_flow(cells: dict[str, str], known: Known) -> Found:
    """Yield what is wrong with a row of flows."""
    yield from _check_years(cells)
    yield from _one_of(cells, "stage", STAGES)
    yield from _check_number(cells, "amount", required=True)
    for column in ("provider", "recipient"):
        yield from check_key(cells, column, known.places, "unknown-place")
    base = cells.get("price_base", "")
    if base and not YEAR.fullmatch(base):
        yield "not-a-year", "price_base", base, "1992"
    if cells.get("currency", "USD") not in _CURRENCIES:
        yield "unknown-currency", "currency", cells["currency"], ", ".join(_CURRENCIES)
    yield from _check_shared(cells, known)


def check_observation(cells: dict[str, str], known: Known) -> Found:
    """Yield what is wrong with a row of observations."""
    yield from _check_years(cells)
    yield from check_key(cells, "indicator", frozenset(known.units), "unknown-indicator")
    yield from check_key(cells, "place", known.places, "unknown-place")
    if cells.get("counterpart"):
        yield from check_key(cells, "counterpart", known.places, "unknown-place")
    if not _PART.fullmatch(cells.get("part_year", "")):
        yield "not-a-part", "part_year", cells["part_year"], "Q1, M11, to-10-28"
    yield from _check_number(cells, "value", required=True)
    for column in ("low", "high"):
        yield from _check_number(cells, column, required=False)
    yield from _check_range(cells)
    yield from _check_unit(cells, known)
    yield from _check_shared(cells, known)


def _check_shared(cells: dict[str, str], known: Known) -> Found:
    yield from _one_of(cells, "status", STATUSES)
    yield from check_key(cells, "origin", known.origins, "unknown-origin")
    for caveat in filter(None, cells.get("caveats", "").split(";")):
        if caveat not in known.caveats:
            yield "unknown-caveat", "caveats", caveat, "labels.csv"


def _check_years(cells: dict[str, str]) -> Found:
    for column in ("year", "until"):
        text = cells.get(column)
        if text is None or (column == "until" and text == ""):
            continue
        if not YEAR.fullmatch(text):
            yield "not-a-year", column, text, "1992"
    year, until = cells.get("year", ""), cells.get("until", "")
    if YEAR.fullmatch(year) and YEAR.fullmatch(until) and int(until) < int(year):
        yield "years-reversed", "until", until, f">= {year}"
    yield from _one_of(cells, "year_kind", YEAR_KINDS)


def _check_number(cells: dict[str, str], column: str, *, required: bool) -> Found:
    text = cells.get(column)
    if text is None or (text == "" and not required):
        return
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        yield "not-a-number", column, text, "1234.5"


def _check_range(cells: dict[str, str]) -> Found:
    low, high = cells.get("low", ""), cells.get("high", "")
    if _NUMBER.fullmatch(low) and _NUMBER.fullmatch(high) and float(low) > float(high):
        yield "range-reversed", "low", low, f"<= {high}"


def _check_unit(cells: dict[str, str], known: Known) -> Found:
    key = cells.get("unit")
    if key is None:
        return
    try:
        own = unit(key)
    except UnitError:
        yield "unknown-unit", "unit", key, known.units.get(cells.get("indicator", ""), "ha")
        return
    declared = known.units.get(cells.get("indicator", ""))
    try:
        if declared is not None and unit(declared).dimension != own.dimension:
            yield "unit-mismatch", "unit", key, declared
    except UnitError:
        return  # told once, where the indicator is declared


def check_key(cells: dict[str, str], column: str, known: frozenset[str], code: str) -> Found:
    """Yield the cell if it names a key that is not known."""
    text = cells.get(column)
    if text is not None and text not in known:
        yield code, column, text, _nearest(text, known)


def _one_of(cells: dict[str, str], column: str, allowed: tuple[str, ...]) -> Found:
    text = cells.get(column)
    if text is not None and text not in allowed:
        yield "not-allowed", column, text, ", ".join(allowed)


def _nearest(text: str, known: frozenset[str]) -> str:
    return ", ".join(difflib.get_close_matches(text, sorted(known), n=2, cutoff=0.6))


def check_break(cells: dict[str, str], known: Known) -> Found:
    """Yield what is wrong with a row of breaks."""
    yield from check_key(cells, "indicator", frozenset(known.units), "unknown-indicator")
    yield from check_key(cells, "place", known.places, "unknown-place")
    yield from check_key(cells, "origin", known.origins, "unknown-origin")
    if not YEAR.fullmatch(cells.get("year", "1992")):
        yield "not-a-year", "year", cells["year"], "1992"


def check_origin(cells: dict[str, str], known: Known) -> Found:
    """Yield what is wrong with a row of origins."""
    yield from check_key(cells, "licence", known.licences, "unknown-licence")


def check_indicator(cells: dict[str, str], _: Known) -> Found:
    """Yield what is wrong with a row of indicators."""
    try:
        unit(cells.get("unit", "ha"))
    except UnitError:
        yield (
            "unknown-unit",
            "unit",
            cells["unit"],
            _nearest(cells["unit"], frozenset(("t", "ha", "person", "percent"))),
        )
