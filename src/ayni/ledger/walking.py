"""The way back from a line of an answer to rows of official files, and from a row to all its file says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ayni.ledger.calendar_years import DATES, turn
from ayni.ledger.holdings import Holding, holdings
from ayni.ledger.purposes import READINGS, read
from ayni.ledger.result_keys import ResultKey, parse
from ayni.ledger.schemas import DETAILS, FLOWS
from ayni.ledger.selecting import chosen, column_of
from ayni.ledger.store import Ledger, details, scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What stands behind a line of an answer, or in a row of a file.

    Attributes
    ----------
    key : str
        The line's key, or the row's ``file:line``.
    held : tuple of Holding
        The releases that the rows are of.
    rows : DataFrame
        The rows as the ledger has them, with ``share``, the part of each that the line holds: one, except
        where fiscal years were turned into calendar years.
    observations : DataFrame
        For a row of a file: what it observes.
    """

    key: str
    held: tuple[Holding, ...]
    rows: pl.DataFrame
    observations: pl.DataFrame


def walk(ledger: Ledger, key: str) -> Walk | None:
    """Return what stands behind a key; None where it is no key, or nothing stands behind it."""
    said = parse(key)
    if said is None:
        return _row(ledger, key)
    held = next((one for one in holdings(ledger) if one.origin == said.origin), None)
    if held is None:
        return None
    rows = _rows(ledger, held, said)
    if rows.is_empty():
        return None
    return Walk(key=key, held=(held,), rows=rows, observations=pl.DataFrame())


def _rows(ledger: Ledger, held: Holding, said: ResultKey) -> pl.DataFrame:
    asked = said.asked
    kinds = ["us-fiscal", "us-transition-quarter"] if said.calendar else [said.year_kind]
    rows = (
        chosen(ledger, held, asked)
        .filter(pl.col("left_out") == "", pl.col("currency") == said.currency)
        .filter(pl.col("year_kind").is_in(kinds), pl.col("until").eq_missing(pl.lit(said.span_until)))
        .collect()
    )
    names = [name for name, _ in said.values]
    told = read(rows, [name for name in names if name in READINGS], asked.framework or held.framework)
    for name, value in said.values:
        cell = pl.col(column_of(name)).cast(pl.String).fill_null("")
        told = told.filter(cell == value)
    return _shares(told, said).select([*FLOWS, "share"])


def _shares(rows: pl.DataFrame, said: ResultKey) -> pl.DataFrame:
    if not said.calendar or rows.is_empty():
        return rows.with_columns(pl.lit(1.0).alias("share"))
    numbered = rows.with_row_index("place").with_columns(pl.lit(1).alias("rows"))
    dated = (
        numbered
        if said.calendar == DATES
        else numbered.with_columns(pl.lit(None).cast(pl.Int64).alias("date_year"))
    )
    turned, _ = turn(dated)
    asked = said.asked
    inside = turned
    if asked.since is not None:
        inside = inside.filter(pl.col("year") >= asked.since)
    if asked.until is not None:
        inside = inside.filter(pl.col("year") <= asked.until)
    parts = inside.group_by("place").agg(pl.col("share").sum())
    return numbered.join(parts, on="place", how="inner").sort("place")


def _row(ledger: Ledger, name: str) -> Walk | None:
    """Return what the ledger has of one row of a file, of every release in which it stands."""
    flows = scan(ledger, "flows").filter(pl.col("row") == name).select(list(FLOWS)).collect()
    observed = scan(ledger, "observations").filter(pl.col("row") == name).collect()
    if flows.is_empty() and observed.is_empty():
        return None
    origins = {*flows["origin"].to_list(), *observed["origin"].to_list()}
    return Walk(
        key=name,
        held=tuple(one for one in holdings(ledger) if one.origin in origins),
        rows=flows.with_columns(pl.lit(1.0).alias("share")),
        observations=observed,
    )


def printed(
    ledger: Ledger, held: Sequence[Holding], rows: Iterable[str]
) -> dict[tuple[str, str], dict[str, object]]:
    """Return whatever else the files print of some rows, by origin and row; empty cells left out."""
    wanted = list(dict.fromkeys(rows))
    tables = set(details(ledger))
    found: dict[tuple[str, str], dict[str, object]] = {}
    for dataset in dict.fromkeys(one.dataset for one in held):
        table = DETAILS + dataset.replace("-", "_")
        if table not in tables:
            continue
        origins = [one.origin for one in held if one.dataset == dataset]
        lines = scan(ledger, table, origins).filter(pl.col("row").is_in(wanted)).collect()
        for line in lines.iter_rows(named=True):
            cells = {
                name: value
                for name, value in line.items()
                if name not in ("origin", "row", "line") and value not in (None, "", "NULL")
            }
            found[str(line["origin"]), str(line["row"])] = cells
    return found
