"""The key of a line of an answer: what it is the sum of, in one word that `ayni why` takes back.

``fagov-country-2025-04-02/USA/PER/2023/disbursed/us-fiscal/USD`` names origin, provider, recipient, year,
stage, kind of year and currency; ``all`` stands for any; ``2001-2024``, ``2001-`` or ``-2024`` for a span.
What else the line is cut by follows as ``name=value``, with signs that a shell or a slash would take
otherwise written as in web addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import unquote

import polars as pl

from ayni.ledger.selecting import Asked, column_of

ANY = "all"
_PARTS = 7
# Signs with a meaning of their own in a shell, in a key, or on a line.
_SIGNS = "%/ \t\n'\"\\&;$`!*?<>|()[]{}#~=^,"
_QUOTED = {sign: f"%{ord(sign):02X}" for sign in _SIGNS}
_EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultKey:
    """What one line of an answer is the sum of.

    Attributes
    ----------
    origin, stage, year_kind, currency : str
        What all of its rows share.
    asked : Asked
        The question narrowed to the line.
    year : int or None
        Its year; None where it is cut by none.
    span_until : int or None
        Last year of rows that span several.
    values : tuple of (str, str)
        What else it is cut by, by name.
    calendar : str
        ``dates`` or ``quarters`` where fiscal years were turned; else empty.
    """

    origin: str
    stage: str
    year_kind: str
    currency: str
    asked: Asked
    year: int | None
    span_until: int | None
    values: tuple[tuple[str, str], ...]
    calendar: str


def key_column(asked: Asked, framework: str) -> pl.Expr:
    """Return the keys of an answer's lines."""
    years = pl.col("year").cast(pl.String) if "year" in asked.by else pl.lit(_span(asked))
    pieces: list[pl.Expr] = [
        pl.col("origin"),
        _quoted("provider") if "provider" in asked.by else pl.lit(_plain(asked.provider or ANY)),
        _quoted("recipient") if "recipient" in asked.by else pl.lit(_plain(asked.recipient or ANY)),
        years,
        pl.col("stage"),
        pl.col("year_kind"),
        pl.col("currency"),
    ]
    fixed = ("year", "provider", "recipient", "stage", "currency", "vintage")
    pieces += [
        pl.concat_str(pl.lit(f"{one}="), _quoted(column_of(one))) for one in asked.by if one not in fixed
    ]
    if asked.readings:
        pieces.append(pl.lit(f"framework={framework}"))
    if asked.everything:
        pieces.append(pl.lit(f"{_EVERYTHING}=yes"))
    spans = pl.when(pl.col("until").is_not_null()).then(pl.format("until={}", pl.col("until")))
    turned = pl.when(pl.col("calendar") != "").then(pl.format("calendar={}", pl.col("calendar")))
    return pl.concat_str(*pieces, spans, turned, separator="/", ignore_nulls=True)


def _quoted(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("").str.replace_many(_QUOTED)


def _plain(text: str) -> str:
    return "".join(_QUOTED.get(sign, sign) for sign in text)


def _span(asked: Asked) -> str:
    if asked.since is None and asked.until is None:
        return ANY
    return f"{asked.since or ''}-{asked.until or ''}"


def parse(text: str) -> ResultKey | None:
    """Return what a key says; None where the text is no key."""
    pieces = text.split("/")
    if len(pieces) < _PARTS:
        return None
    origin, provider, recipient, years, stage, year_kind, currency = map(unquote, pieces[:_PARTS])
    values = [
        (name, unquote(value)) for name, sign, value in (p.partition("=") for p in pieces[_PARTS:]) if sign
    ]
    if len(values) != len(pieces) - _PARTS:
        return None
    try:
        year, since, until = _years(years)
    except ValueError:
        return None
    said = dict(values)
    settings = ("framework", "until", "calendar", _EVERYTHING)
    cuts = tuple((name, value) for name, value in values if name not in settings)
    by = tuple(name for name, _ in cuts) or ("stage",)
    try:
        asked = Asked(by=by, framework=said.get("framework", ""))
    except ValueError:
        return None
    asked = replace(
        asked,
        provider="" if provider == ANY else provider,
        recipient="" if recipient == ANY else recipient,
        stage=stage,
        since=year if year is not None else since,
        until=year if year is not None else until,
        calendar=bool(said.get("calendar")),
        everything=_EVERYTHING in said,
    )
    return ResultKey(
        origin=origin,
        stage=stage,
        year_kind=year_kind,
        currency=currency,
        asked=asked,
        year=year,
        span_until=int(said["until"]) if said.get("until", "").isdigit() else None,
        values=cuts,
        calendar=said.get("calendar", ""),
    )


def _years(text: str) -> tuple[int | None, int | None, int | None]:
    """Return year, since and until of a key's piece."""
    if text == ANY:
        return None, None, None
    since, dash, until = text.partition("-")
    if not dash:
        return int(text), None, None
    return None, int(since) if since else None, int(until) if until else None
