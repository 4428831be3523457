"""What the OECD's files of aid share: names of columns, codes as text, and amounts in millions."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ayni.sources.contract import Header, Sample
from ayni.sources.oecd_codes import of_providers, of_recipients
from ayni.sources.series import shifted

PUBLISHER = "OECD, Development Assistance Committee"
URL = "https://data-explorer.oecd.org"
LICENCE = "oecd"
_MILLIONS = 6


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


def millions(own: str) -> pl.Expr:
    """Return a column of amounts in millions as units: the printed decimal, shifted; null where none."""
    return shifted(pl.col(own).cast(pl.String).fill_null(""), pl.lit(_MILLIONS))


def caveats(told: pl.Expr, codes: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return caveats joined by semicolons: those told, and the codes whose condition holds."""
    held = [pl.when(holds).then(pl.lit(name)) for name, holds in codes.items()]
    return pl.concat_str([told, *held], separator=";", ignore_nulls=True)


def whose(provider: str, recipient: str) -> pl.Expr:
    """Return the caveats of who gives and who gets, joined by semicolons; null where there are none."""
    told = pl.concat_str(
        of_providers(pl.col(provider)), of_recipients(pl.col(recipient)), separator=";", ignore_nulls=True
    )
    return pl.when(told != "").then(told)
