"""Workbooks (xlsx, xls, ods) as frames of strings, each row with its row number in the sheet.

Read with python-calamine, an optional package: ``pip install "ayni[excel]"``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from ayni.sources.contract import Header, UnreadableError
from ayni.sources.recognition import header_of

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# Banners before a header are shorter than this.
_HEADER_ROWS = 12
_BATCH_ROWS = 1 << 14
Cell: TypeAlias = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta | None


def headers(path: Path) -> tuple[Header, ...]:
    """Return the first rows of each sheet as what could be its header, those with most cells first.

    Banners are among them: they tell what a header does not. `Header.delimiter` is the name of the sheet.

    Raises
    ------
    UnreadableError
        If the file is damaged, or python-calamine is missing.
    """
    book = _open(path)
    found = []
    for sheet in book.sheet_names:
        for number, cells in islice(_rows(book, sheet), _HEADER_ROWS):
            texts = [text(cell) or "" for cell in cells]
            if any(texts):
                found.append(header_of(texts, line=number, delimiter=sheet))
    # A stable sort: sheets keep their order.
    return tuple(sorted(found, key=lambda one: -sum(map(bool, one.printed))))


def frames(path: Path, header: Header) -> Iterator[pl.DataFrame]:
    """Yield the rows below a header, as strings; ``line`` is the row's number in the sheet, from 1.

    Parameters
    ----------
    header : Header
        One of `headers`: as wide as its sheet. Rows without any cell are left out.

    Raises
    ------
    UnreadableError
        If the file is damaged, or python-calamine is missing.
    """
    schema = {"line": pl.Int64()} | dict.fromkeys(header.columns, pl.String())
    batch: list[list[int | str | None]] = []
    for number, cells in _rows(_open(path), header.delimiter):
        texts = [text(cell) for cell in cells]
        if number <= header.line or not any(one is not None for one in texts):
            continue
        batch.append([number, *texts])
        if len(batch) == _BATCH_ROWS:
            yield pl.DataFrame(batch, schema=schema, orient="row")
            batch = []
    if batch:
        yield pl.DataFrame(batch, schema=schema, orient="row")


def text(cell: Cell) -> str | None:
    """Return a cell as its workbook stores it: whole numbers without ``.0``, days as ISO; None if empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        # Every number of a workbook is a float; up to 2**53 a whole one is exact.
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _open(path: Path) -> CalamineWorkbook:
    try:
        import python_calamine  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise UnreadableError("needs-extra", found=path.name, expected='pip install "ayni[excel]"') from error
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.CalamineError as error:
        raise UnreadableError("damaged", found=str(error)) from error


def _rows(book: CalamineWorkbook, sheet: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield the rows of a sheet with their numbers."""
    from python_calamine import CalamineError  # noqa: PLC0415 - an extra

    try:
        read = book.get_sheet_by_name(sheet)
    except CalamineError as error:
        raise UnreadableError("damaged", found=str(error)) from error
    # Empty rows at the top are given too, empty columns at the left are not.
    yield from enumerate(read.iter_rows(), 1)
