"""What the OECD's files share: codes of places, aliases of columns, and amounts in millions.

Publisher
    OECD Development Assistance Committee. A table in the documentation of one public reader exchanges the
    codes of the United States and Canada with those of others (12 for 302); the committee's own list counts:
    France 4, United Kingdom 12, Canada 301, United States 302, Japan 701.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import polars as pl

from ayni.sources.contract import Header, Sample
from ayni.sources.places import ISO3
from ayni.sources.series import shifted

PUBLISHER = "OECD, Development Assistance Committee"
URL = "https://data-explorer.oecd.org"
LICENCE = "oecd"
# From here on a code stands for several recipients or providers: 10100 developing countries, 20001 the DAC.
_FIRST_SUM = 10_000
# Codes of the data explorer for sums; its other codes of no country are organisations and regions.
_SUMS = ("DAC", "DAC_EC", "DACEU", "DACEU_EC", "G7", "ALLD", "ALLM", "WXDAC", "DPGC", "ALLR", "W_O")
_MILLIONS = 6


@cache
def countries() -> dict[str, str]:
    """Return the committee's number of each country or territory, with its ISO 3166 letters."""
    text = files("ayni.sources").joinpath("oecd_codes.csv").read_text(encoding="utf-8")
    return {row["code"]: row["iso3"] for row in csv.DictReader(text.splitlines())}


def squeezed(name: str) -> str:
    """Return a plain column name without underscores: some files write ``DonorCode``, some ``donor_code``."""
    return name.replace("_", "")


def columns_of(header: Header) -> dict[str, str]:
    """Return the file's own name of each column by its squeezed name; the first of two counts."""
    found: dict[str, str] = {}
    for own in header.columns:
        found.setdefault(squeezed(own), own)
    return found


def header_with(sample: Sample, needed: frozenset[str]) -> tuple[Header, dict[str, str]] | None:
    """Return the header that has all of the columns needed, and its columns; None where there is none."""
    if sample.kind not in ("delimited", "parquet"):
        return None
    for header in sample.headers:
        columns = columns_of(header)
        if needed <= columns.keys():
            return header, columns
    return None


def text(own: str | None) -> pl.Expr:
    """Return a column as text; empty where it is missing or has none."""
    return pl.col(own).cast(pl.String).str.strip_chars().fill_null("") if own else pl.lit("")


def code(own: str | None) -> pl.Expr:
    """Return a column of codes as text, without the ``.0`` of programs that keep them as floats."""
    return text(own).str.strip_suffix(".0")


def place(codes: pl.Expr) -> pl.Expr:
    """Return the key of each provider or recipient: ISO letters of a country, else ``dac:`` and the code."""
    known = countries() | {iso3: iso3 for iso3 in ISO3}
    other = pl.concat_str(pl.lit("dac:"), codes)
    return codes.replace_strict(known, default=other, return_dtype=pl.String())


def is_sum(codes: pl.Expr) -> pl.Expr:
    """Return whether a code stands for a sum over others that the file prints as well."""
    number = codes.cast(pl.Int64, strict=False)
    return (number >= _FIRST_SUM).fill_null(codes.is_in(_SUMS))


def millions(own: str) -> pl.Expr:
    """Return a column of amounts in millions as units: the printed decimal, shifted; null where none."""
    return shifted(pl.col(own).cast(pl.String).fill_null(""), pl.lit(_MILLIONS))


def caveats(codes: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the codes whose condition holds, joined by semicolons."""
    told = [pl.when(holds).then(pl.lit(name)) for name, holds in codes.items()]
    return pl.concat_str(told, separator=";", ignore_nulls=True)
