"""What a source of official files gives and what it is given: the words between publishers and intake.

A source is one module per publisher. It looks at the beginning of a file (`Sample`) and says whether the
file is one of its own (`Recognised`); then it turns the file into typed rows of the ledger (`Rows`), batch
by batch. It opens nothing itself and never uses the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import polars as pl

from ayni.ledger.schemas import FLOWS, OBSERVATIONS

# What the intake adds to every row, so that a source need not.
ADDED = ("origin", "vintage", "row")
# What a source gives of a flow and of an observation; `line` becomes the ledger's `row`.
LINE = {"line": pl.Int64()}
FLOW_ROWS = {name: kind for name, kind in FLOWS.items() if name not in ADDED} | LINE
OBSERVATION_ROWS = {name: kind for name, kind in OBSERVATIONS.items() if name not in ADDED} | LINE
REFUSED: dict[str, pl.DataType] = LINE | {
    name: pl.String() for name in ("code", "column", "found", "expected", "text")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A line of a file that could be its header.

    Attributes
    ----------
    line : int
        Where it stands, from 1.
    columns : tuple of str
        Its cells as `plain_name` writes them, made unique.
    printed : tuple of str
        Its cells as printed.
    delimiter : str
        What separates them; empty in Parquet and in workbooks.
    """

    line: int
    columns: tuple[str, ...]
    printed: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The beginning of a file, by which a source recognises it.

    Attributes
    ----------
    name : str
        Its name; inside an archive ``archive.zip/inner.csv``.
    kind : str
        ``delimited``, ``json``, ``xml``, ``parquet``, ``workbook`` or ``unknown``.
    head : str
        Its first characters, decoded; empty for Parquet and workbooks.
    headers : tuple of Header
        What could be its header, most likely first; empty for XML and JSON.
    """

    name: str
    kind: str
    head: str
    headers: tuple[Header, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Some rows of a file, typed.

    Attributes
    ----------
    read : int
        How many rows of the file they come from, refused ones included.
    kept : int or None
        How many of them gave something, where several may stand on one line, as in XML; else it is counted
        by their lines.
    flows : DataFrame or None
        With the columns `FLOW_ROWS`; a printed row may give several (one per stage).
    observations : DataFrame or None
        With the columns `OBSERVATION_ROWS`.
    details : DataFrame or None
        ``line`` and whatever else the file prints, under the source's own column names.
    refused : DataFrame or None
        With the columns `REFUSED`: line, code (``refused.<code>`` in the catalogue), column, what was
        found, what was expected, and the row's text so that it can be mended.
    """

    read: int
    kept: int | None = None
    flows: pl.DataFrame | None = None
    observations: pl.DataFrame | None = None
    details: pl.DataFrame | None = None
    refused: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file that is open for reading.

    Attributes
    ----------
    name : str
        As in `Sample`.
    stream : BinaryIO
        Its bytes, decompressed, from the start.
    path : Path or None
        Where the very same bytes lie on disk, for what must be read in any order (Parquet, workbooks).
    """

    name: str
    stream: BinaryIO
    path: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A file that a source knows.

    Exactly one of `table` and `read` is given.

    Attributes
    ----------
    dataset : str
        Which of the publisher's files it is, as in ``fagov-country``; rows of two datasets are never added.
    title : str
        What the publisher calls it.
    vintage : str
        Release as the file itself tells it, ISO date or year; empty where it does not.
    verified : bool
        Whether a real file of this dataset was at hand when the source was written.
    header : Header or None
        Which of the sample's headers is the right one.
    nulls : tuple of str
        Texts that stand for nothing.
    untouched : tuple of str
        Columns of a delimited file that `table` only hands on: they come as categories, and texts that stand
        for nothing stay in them as printed. It spares a large file a fifth of its time.
    table : callable, optional
        For delimited files, Parquet and workbooks: a frame whose columns are ``header.columns`` (strings in
        delimited files, as typed in others) and ``line``, to rows. It is called from several threads at
        once, so it keeps nothing between calls.
    read : callable, optional
        For everything else: the open file to batches of rows, in order.
    caution : tuple of str
        Codes of what a reader should know (``caution.<code>`` in the catalogue).
    """

    dataset: str
    title: str
    vintage: str = ""
    verified: bool
    header: Header | None = None
    nulls: tuple[str, ...] = ("NULL",)
    untouched: tuple[str, ...] = ()
    table: Callable[[pl.DataFrame], Rows] | None = None
    read: Callable[[Opened], Iterator[Rows]] | None = None
    caution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publisher whose files we read.

    Attributes
    ----------
    key : str
        As its card is named.
    publisher, url, licence : str
        For the origin of each file; `licence` an SPDX-like key.
    recognise : callable
        The sample to what it is, or None if it is not of this publisher.
    """

    key: str
    publisher: str
    url: str
    licence: str
    recognise: Callable[[Sample], Recognised | None] = field(compare=False)


class UnreadableError(ValueError):
    """A file that cannot be read as a whole: nothing of it is kept.

    Attributes
    ----------
    code : str
        ``unreadable.<code>`` in the catalogue.
    line : int
        Where, from 1; 0 where the file as a whole is meant.
    found, expected : str
        What stood there and what should have.
    """

    def __init__(self, code: str, *, line: int = 0, found: str = "", expected: str = "") -> None:
        self.code, self.line, self.found, self.expected = code, line, found, expected
        super().__init__(f"{code} at line {line}: found {found!r}, expected {expected!r}")


def plain_name(printed: str) -> str:
    """Return a header's cell in lower case with underscores, as columns are matched."""
    kept = "".join(sign if sign.isalnum() else " " for sign in printed.replace("\ufeff", "").lower())
    return "_".join(kept.split())


def refuse(frame: pl.DataFrame, wrong: pl.Expr, code: str, *, column: str, expected: str) -> pl.DataFrame:
    """Return the rows of a frame of strings for which `wrong` holds, as `REFUSED`.

    Parameters
    ----------
    frame : DataFrame
        As `Recognised.table` is given it.
    wrong : Expr
        True for the rows to refuse.
    column : str
        The column that is at fault.
    """
    return refused_rows(frame.filter(wrong), code, column=column, expected=expected)


def refused_rows(bad: pl.DataFrame, code: str, *, column: str, expected: str) -> pl.DataFrame:
    """Return every row of `bad` as `REFUSED`, its text written as a delimited line."""
    if bad.is_empty():
        return pl.DataFrame(schema=REFUSED)
    found = pl.col(column).cast(pl.String).fill_null("") if column in bad.columns else pl.lit("")
    cells = [_quoted(name) for name in bad.columns if name != "line"]
    return bad.select(
        pl.col("line"),
        pl.lit(code).alias("code"),
        pl.lit(column).alias("column"),
        found.alias("found"),
        pl.lit(expected).alias("expected"),
        pl.concat_str(cells, separator=",").alias("text"),
    )


def _quoted(column: str) -> pl.Expr:
    """Return a column's cells as a delimited line holds them."""
    cell = pl.col(column).cast(pl.String).fill_null("")
    held = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(cell.str.contains_any([",", '"', "\n", "\r"])).then(held).otherwise(cell)
