"""Columns that the sources of series share: numbers and years as printed, and whole rows of the ledger."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ayni.sources.contract import FLOW_ROWS, OBSERVATION_ROWS, REFUSED

# What a source of series need not say of a row.
_OBSERVED: dict[str, str | None] = {
    "counterpart": "",
    "until": None,
    "year_kind": "calendar",
    "part_year": "",
    "unit": "",
    "low": None,
    "high": None,
    "status": "estimated",
    "caveats": "",
    "note": "",
}
_FLOWED: dict[str, str | None] = {
    "until": None,
    "year_kind": "calendar",
    "form": "",
    "purposes": "",
    "account": "",
    "agency": "",
    "channel": "",
    "currency": "USD",
    "price_base": None,
    "status": "counted",
    "caveats": "",
    "note": "",
    "constant": None,
    "date": None,
    "activity": "",
}
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
# Spreadsheets and R save a year as 2025.0.
_YEAR = r"^(1[89]\d\d|20\d\d|2100)(?:\.0)?$"

A_NUMBER = "1234.5"
A_YEAR = "1992"


def number(text: pl.Expr) -> pl.Expr:
    """Return text as numbers, null where it is not one; thousands separators are not guessed."""
    plain = text.str.strip_chars()
    told = pl.when(plain.str.contains(_NUMBER)).then(plain).cast(pl.Float64, strict=False)
    # What is too large to be held would be infinite.
    return pl.when(told.is_finite()).then(told)


def shifted(text: pl.Expr, power: pl.Expr) -> pl.Expr:
    """Return text as numbers times ten to the power of whole numbers, null where it is not a number.

    The power is added to the text's own exponent, so that the result is the decimal itself, rounded once:
    131585.51 in millions is 131585510000, which a product of floats may miss by its last digit.
    """
    plain = text.str.strip_chars().str.to_lowercase()
    own = plain.str.extract(r"e([+-]?\d+)$").cast(pl.Int64, strict=False).fill_null(0)
    mantissa = plain.str.replace(r"e[+-]?\d+$", "")
    return number(pl.concat_str(mantissa, pl.lit("e"), own + power.cast(pl.Int64, strict=False)))


def year(text: pl.Expr) -> pl.Expr:
    """Return text as years, null where it is not one between 1800 and 2100."""
    return text.str.strip_chars().str.extract(_YEAR).cast(pl.Int64, strict=False)


def observations(frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return observations from a frame with ``line``; what `columns` does not give has its usual value."""
    return _rows(frame, columns, OBSERVATION_ROWS, _OBSERVED)


def flows(frame: pl.DataFrame, columns: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Return flows from a frame with ``line``; what `columns` does not give has its usual value."""
    return _rows(frame, columns, FLOW_ROWS, _FLOWED)


def _rows(
    frame: pl.DataFrame,
    columns: Mapping[str, pl.Expr],
    kinds: Mapping[str, pl.DataType],
    usual: Mapping[str, str | None],
) -> pl.DataFrame:
    given = {"line": pl.col("line"), **{name: pl.lit(value) for name, value in usual.items()}, **columns}
    return frame.select(given[name].cast(kind).alias(name) for name, kind in kinds.items())


def together(parts: list[pl.DataFrame]) -> pl.DataFrame | None:
    """Return refused rows as one frame in order of line, each cell once; None where none is."""
    refused = pl.concat([pl.DataFrame(schema=REFUSED), *parts])
    if refused.is_empty():
        return None
    return refused.unique(["line", "column"], keep="first", maintain_order=True).sort("line")
