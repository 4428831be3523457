"""The cells of one record as text, and cells as a record."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import polars as pl

_WINDOWS = "cp1252"
# Signs that no text has a meaning for.
_PRIVATE = range(0xE000, 0xF900)


def cells_of(text: bytes, delimiter: str) -> list[str] | None:
    """Return the cells of a record; None where its quotes do not match."""
    printed = text.decode("utf-8").removesuffix("\r")
    if "\r" not in printed:
        return split_cells(printed, delimiter)
    # Python takes a carriage return inside a cell for a line end, so another sign stands for it meanwhile.
    stand_in = next(sign for sign in map(chr, _PRIVATE) if sign not in printed)
    cells = split_cells(printed.replace("\r", stand_in), delimiter)
    return None if cells is None else [cell.replace(stand_in, "\r") for cell in cells]


def split_cells(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a record; None where its quotes do not match."""
    if len(text) > csv.field_size_limit():
        csv.field_size_limit(len(text))
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def guessed(data: bytes) -> str:
    """Return the text of a row that may not be UTF-8: what is not is read as Windows writes it.

    It is a guess for the person who mends the row, never what the ledger keeps of it.
    """
    text, at = "", 0
    while at < len(data):
        try:
            return text + data[at:].decode("utf-8")
        except UnicodeDecodeError as error:
            begin, end = at + error.start, at + error.end
            text += data[at:begin].decode("utf-8")
            # Five bytes mean nothing to Windows; in ISO 8859-1 they are control characters.
            text += "".join(bytes([one]).decode(_WINDOWS, "ignore") or chr(one) for one in data[begin:end])
            at = end
    return text


def delimited_line(cells: Sequence[str], delimiter: str) -> str:
    """Return cells as one line of a delimited file, without its line end."""
    text = io.StringIO()
    # Only what is in the line end is quoted for its sake.
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def redelimited(texts: pl.Series, delimiter: str) -> pl.Series:
    """Return lines written with commas as lines written with another delimiter."""
    if delimiter == ",":
        return texts
    lines = [delimited_line(split_cells(text, ",") or [text], delimiter) for text in texts]
    return pl.Series(texts.name, lines, dtype=pl.String())
