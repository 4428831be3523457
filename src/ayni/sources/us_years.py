"""Fiscal years of the United States, as columns and cells."""

from __future__ import annotations

import polars as pl

from ayni.sources.distinct import Read, Rest
from ayni.sources.readings import read_fiscal_year

FISCAL = "us-fiscal"
TRANSITION = "us-transition-quarter"
# What a column of years is taken for at a glance; all else is read cell by cell.
_PLAUSIBLE = (1900, 2099)


def quick_year(own: str) -> pl.Expr:
    """Return a column of years where they are printed plainly, else null."""
    year = pl.col(own).cast(pl.Int64, strict=False)
    return pl.when(year.is_between(*_PLAUSIBLE)).then(year)


def years(own: str) -> Rest:
    """Return how to read years that are printed otherwise, the transition quarter of 1976 among them."""

    def read(text: str) -> Read:
        found = read_fiscal_year(text)
        if found.year is None:
            return Read(values={"year": None, "year_kind": FISCAL}, code="not-a-year")
        return Read(values={"year": found.year, "year_kind": TRANSITION if found.transition else FISCAL})

    return Rest(into="year", own=(own,), read=read, expected="1992, 1976tq")
