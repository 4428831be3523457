"""Cells that are not as their publisher prints them, each distinct text read once.

A source first reads whole columns at the speed of polars, strictly: what is not printed as its publisher does
becomes null. `read_rest` then reads what is left, text by text in plain Python, and says which rows cannot be
read at all. So a clean file costs nothing more, and a damaged one is read with care.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ayni.sources.contract import REFUSED, refused_rows
from ayni.sources.readings import read_amount

# Between two cells that are read together; no text has it.
BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a text says.

    Attributes
    ----------
    values : dict
        Columns of the row to what stands in them.
    code : str
        Why the row is refused (``refused.<code>``); empty where it is not.
    """

    values: dict[str, Any] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How to read the cells of a column that the quick way left null.

    Attributes
    ----------
    into : str
        The column that is null where there is something to read.
    own : tuple of str
        The file's columns that say it, joined by `BETWEEN`; a refusal names the first.
    read : callable
        Their text to what it says.
    expected : str
        For the refusal.
    optional : bool
        Whether an empty cell is in order, and stays null.
    """

    into: str
    own: tuple[str, ...]
    read: Callable[[str], Read]
    expected: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Lines that are refused for one reason.

    Attributes
    ----------
    lines : Series of int
        Where.
    code, column, expected : str
        As in `ayni.sources.contract.REFUSED`.
    """

    lines: pl.Series
    code: str
    column: str
    expected: str


def read_rest(frame: pl.DataFrame, typed: pl.DataFrame, rest: Rest, faults: list[Fault]) -> pl.DataFrame:
    """Return the typed rows with what the quick way could not read; what cannot be read goes to `faults`.

    Parameters
    ----------
    frame : DataFrame of str
        The file's cells and ``line``, row by row those of `typed`.
    typed : DataFrame
        What the quick way made of them.
    """
    empty = typed[rest.into].is_null()
    if not empty.any():
        return typed
    cells = [pl.col(name).fill_null("") for name in rest.own]
    own = frame.select("line", *rest.own).filter(empty)
    some = own.select("line", pl.concat_str(*cells, separator=BETWEEN).alias("text"))
    where = empty.arg_true()
    if rest.optional:
        filled = some["text"] != ""
        some, where = some.filter(filled), where.filter(filled)
    left = some["text"]
    read = {text: rest.read(text) for text in left.unique()}
    columns = dict.fromkeys(name for one in read.values() for name in one.values)
    for name in columns:
        values = [one.values.get(name) for one in read.values()]
        kind = typed.schema[name]
        told = left.replace_strict(list(read), pl.Series(values, dtype=kind), return_dtype=kind)
        typed = typed.with_columns(typed[name].scatter(where, told))
    for code in dict.fromkeys(one.code for one in read.values() if one.code):
        texts_at_fault = [text for text, one in read.items() if one.code == code]
        lines = some["line"].filter(left.is_in(texts_at_fault))
        faults.append(Fault(lines=lines, code=code, column=rest.own[0], expected=rest.expected))
    return typed


def refused(frame: pl.DataFrame, faults: Iterable[Fault]) -> pl.DataFrame:
    """Return the rows of a file that are refused, each once, for the first of its faults."""
    told = [pl.DataFrame(schema=REFUSED)]
    seen: pl.Series = pl.Series([], dtype=pl.Int64)
    for fault in faults:
        lines = fault.lines.filter(fault.lines.is_in(seen.implode()).not_())
        bad = frame.filter(pl.col("line").is_in(lines.implode()))
        told.append(refused_rows(bad, fault.code, column=fault.column, expected=fault.expected))
        seen = pl.concat([seen, lines])
    return pl.concat(told).sort("line")


def strings(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with texts alone, beside ``line``: a Parquet copy may have numbers."""
    texts = (pl.String, pl.Categorical)
    others = [name for name, kind in frame.schema.items() if name != "line" and kind not in texts]
    return frame.with_columns(pl.col(others).cast(pl.String)) if others else frame


def unfloated(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Return the frame without the ``.0`` that programs put after each whole number of a column with gaps."""
    floated = []
    for name in columns:
        first = frame[name].first(ignore_nulls=True) if frame.height else None
        if isinstance(first, str) and first.endswith(".0"):
            floated.append(name)
    return frame.with_columns(pl.col(floated).str.strip_suffix(".0")) if floated else frame


def whole_number(own: str) -> pl.Expr:
    """Return a column as float where it prints a whole number, else null.

    A cast to float would also take ``1.23E+09``, whose digits are lost.
    """
    return pl.col(own).cast(pl.Int64, strict=False).cast(pl.Float64)


def amounts(into: str, own: str, *, optional: bool = False) -> Rest:
    """Return how to read amounts of money that are not whole numbers as printed."""

    def read(text: str) -> Read:
        found = read_amount(text)
        return Read(values={into: found.value}, code=found.code)

    return Rest(into=into, own=(own,), read=read, expected="1234567", optional=optional)


def keyed(frame: pl.DataFrame, own: str, key: Callable[[str | None], str]) -> pl.Expr:
    """Return a column of names as keys; an absent column, or cell, as an empty text."""
    if not own:
        return pl.lit("")
    names = frame[own].unique()
    return pl.col(own).replace_strict(names, [key(name) for name in names], return_dtype=pl.String)
