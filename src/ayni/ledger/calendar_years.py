"""Fiscal years of the United States turned into calendar years: by the days of payment, else by quarters.

Where every row of a stage has a date, its calendar year is that of the date; a date outside its fiscal year,
as a late correction has, counts for the nearer of the two calendar years that the fiscal year touches.
Otherwise the year's money is spread as if it flowed evenly: a fiscal year from 1977 on gives one quarter to
the calendar year before and three to its own; one before 1977, which began in July, two and two; the quarter
between (July to September 1976) belongs to 1976 whole. That is an approximation, and the answer says how much
was dated.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ayni.ledger.deflating import OCTOBER_YEARS, quarters_before

DATES, QUARTERS = "dates", "quarters"
_CALENDAR, _FISCAL, _QUARTER = "calendar", "us-fiscal", "us-transition-quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """How the fiscal years of one stage were turned into calendar years.

    Attributes
    ----------
    origin, stage : str
        Of what.
    way : str
        ``dates`` or ``quarters``.
    rows, dated, outside : int
        How many rows, how many of them have a date, and how many a date outside their fiscal year.
    partial : tuple of int
        Calendar years of which the release has only some quarters.
    """

    origin: str
    stage: str
    way: str
    rows: int
    dated: int
    outside: int
    partial: tuple[int, ...]


def turn(rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Turned, ...]]:
    """Return heaps by calendar year, and how each stage was turned.

    Parameters
    ----------
    rows : DataFrame
        Of one release; with ``year``, ``year_kind``, ``stage``, ``date_year``, ``amount``, ``constant`` and
        ``rows``, the latter three per heap.

    Returns
    -------
    rows : DataFrame
        With ``calendar``, the way, and ``share``, the part of a heap that its line holds; amounts are shares.
    turned : tuple of Turned
        One per stage with fiscal years.
    """
    plain = rows.filter(pl.col("year_kind") == _CALENDAR).with_columns(
        pl.lit("").alias("calendar"), pl.lit(1.0).alias("share")
    )
    parts, told = [plain], []
    for (stage,), own in rows.filter(pl.col("year_kind") != _CALENDAR).group_by("stage", maintain_order=True):
        dated = int(own.filter(pl.col("date_year").is_not_null())["rows"].sum())
        total = int(own["rows"].sum())
        way = DATES if dated == total else QUARTERS
        turned = _by_dates(own) if way == DATES else _by_quarters(own)
        parts.append(turned.with_columns(pl.lit(way).alias("calendar"), pl.lit(_CALENDAR).alias("year_kind")))
        told.append(
            Turned(
                origin=str(own["origin"][0]),
                stage=str(stage),
                way=way,
                rows=total,
                dated=dated,
                outside=int(own.filter(_nearest() != pl.col("date_year"))["rows"].sum()),
                partial=_partial(own, way),
            )
        )
    return pl.concat(parts, how="diagonal_relaxed").select([*rows.columns, "calendar", "share"]), tuple(told)


def _by_dates(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(_nearest().alias("year"), pl.lit(1.0).alias("share"))


def _nearest() -> pl.Expr:
    """Return the calendar year of the date, held to those that the fiscal year touches."""
    first = pl.when(pl.col("year_kind") == _QUARTER).then(pl.col("year")).otherwise(pl.col("year") - 1)
    return pl.col("date_year").clip(first, pl.col("year"))


def _by_quarters(rows: pl.DataFrame) -> pl.DataFrame:
    before = before_share()
    whole = rows.with_columns(before.alias("before"))
    earlier = whole.filter(pl.col("before") > 0).with_columns(
        (pl.col("year") - 1).alias("year"), pl.col("before").alias("share")
    )
    own = whole.with_columns((1 - pl.col("before")).alias("share"))
    both = pl.concat([earlier, own])
    return both.with_columns(pl.col("amount", "constant") * pl.col("share")).drop("before")


def before_share() -> pl.Expr:
    """Return which part of a year's money falls into the calendar year before."""
    early, late = (quarters_before(year) / 4 for year in (OCTOBER_YEARS - 1, OCTOBER_YEARS))
    fiscal = pl.when(pl.col("year") >= OCTOBER_YEARS).then(pl.lit(late)).otherwise(pl.lit(early))
    return pl.when(pl.col("year_kind") == _QUARTER).then(pl.lit(0.0)).otherwise(fiscal)


def _partial(rows: pl.DataFrame, way: str) -> tuple[int, ...]:
    """Return the first and last calendar year that the stage's fiscal years reach into only in part."""
    years = rows.filter(pl.col("year_kind") == _FISCAL)["year"]
    if years.is_empty() or way == DATES:
        return ()
    first, last = int(years.min()), int(years.max())  # type: ignore[arg-type]
    return (first - 1, last)
