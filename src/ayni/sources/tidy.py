"""Any delimited table, read by what a mapping beside it says of its columns.

Publisher: whoever the mapping names under ``[origin]``, with licence and address.

What a row means: one flow, or one observation. The mapping ``data.csv.toml`` beside ``data.csv`` says which,
in which column each of its parts stands, what is the same for all rows, and what the table's words mean:

.. code-block:: toml

   rows = "flows"                 # or "observations"

   [origin]
   publisher = "APCI"
   title = "Cooperation by provider"
   licence = "not-stated"
   url = "https://example.org/table"
   vintage = "2024-05"

   [columns]
   provider = "Donante"
   year = "Año"
   amount = "Millones de dólares"

   [constants]
   recipient = "PER"
   stage = "disbursed"
   currency = "USD"

   [values.provider]
   "Estados Unidos" = "USA"

   [scale]
   amount = 1000000

How to get a new copy: as the mapping's ``url`` says; the mapping serves the next release as well.

Traps (2026-11):

- Where a column has ``[values]``, a word that they lack is refused and never passed on as a key.
- Numbers are digits with a decimal point. ``1,234`` is refused, because it can mean two things.
- An empty amount or value is refused, because an empty cell does not say that nothing was given.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ayni.ledger.records import STAGES, STATUSES, YEAR_KINDS
from ayni.problems import Problem, ProblemsError
from ayni.sources.contract import (
    FLOW_ROWS,
    OBSERVATION_ROWS,
    Header,
    Recognised,
    Rows,
    Sample,
    Source,
    plain_name,
    refused_rows,
)
from ayni.sources.series import A_NUMBER, A_YEAR, flows, number, observations, shifted, together, year

# A mapping lies beside its table and is named for it: data.csv and data.csv.toml.
MAPPING_END = ".toml"

Text = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """Nothing extra and nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OriginFile(Strict):
    """``[origin]``: who publishes the table, and on which terms."""

    publisher: Text
    title: Text
    licence: Text
    url: str = ""
    vintage: Annotated[str, Field(pattern=r"^(\d{4}(-\d\d(-\d\d)?)?)?$")] = ""


class MappingFile(Strict):
    """A mapping: what each column of a table holds."""

    rows: Literal["flows", "observations"]
    dataset: Annotated[str, Field(pattern=r"^([a-z][a-z0-9\-]*)?$")] = ""
    origin: OriginFile
    columns: Annotated[dict[str, Text], Field(min_length=1)]
    constants: dict[str, str | int] = {}
    values: dict[str, dict[str, Text]] = {}
    scale: dict[str, Annotated[int, Field(gt=0)]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What rows of flows, or of observations, must and may say."""

    fields: tuple[str, ...]
    needed: tuple[str, ...]
    figure: str


_KINDS = {
    "flows": _Kind(
        fields=tuple(name for name in FLOW_ROWS if name != "line"),
        needed=("provider", "recipient", "year", "stage", "amount", "currency"),
        figure="amount",
    ),
    "observations": _Kind(
        fields=tuple(name for name in OBSERVATION_ROWS if name != "line"),
        needed=("indicator", "place", "year", "value", "unit"),
        figure="value",
    ),
}
_YEARS = ("year", "until", "price_base")
_NUMBERS = ("amount", "constant", "value", "low", "high")
# Fields that hold one of a few words, with the code for any other.
_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "stage": (STAGES, "unknown-stage"),
    "status": (STATUSES, "unknown-code"),
    "year_kind": (YEAR_KINDS, "unknown-code"),
}
_A_DATE = "2024-09-30"


def mapping_beside(path: Path) -> Path | None:
    """Return the mapping that lies beside a table; None where none does."""
    beside = path.with_name(path.name + MAPPING_END)
    return beside if beside.is_file() else None


def source(mapping: Path) -> Source:
    """Return the source that a mapping describes.

    Raises
    ------
    ProblemsError
        If the mapping is at fault: every fault with its line.
    """
    told = _load(mapping)
    origin = told.file.origin
    return Source(
        key="tidy",
        publisher=origin.publisher,
        url=origin.url,
        licence=origin.licence,
        recognise=lambda sample: _recognised(told, sample),
    )


def recognised(mapping: Path, sample: Sample) -> Recognised:
    """Return how to read a table by its mapping.

    Raises
    ------
    ProblemsError
        If the mapping is at fault, or names columns that the table lacks: every fault with its line.
    """
    return _recognised(_load(mapping), sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapping:
    """A mapping without faults, with its text for those that only a table shows."""

    name: str
    text: str
    file: MappingFile

    @property
    def kind(self) -> _Kind:
        return _KINDS[self.file.rows]


def _load(path: Path) -> _Mapping:
    """Read a mapping, or tell all its faults."""
    name = path.name
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        found = hex(error.object[error.start])
        raise ProblemsError([Problem(code="not-utf8", file=name, found=found)]) from error
    try:
        file = MappingFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else 0
        raise ProblemsError([Problem(code="not-toml", file=name, line=line, found=str(error))]) from error
    except ValidationError as error:
        raise ProblemsError(_misshapen(error, name, text)) from error
    mapping = _Mapping(name=name, text=text, file=file)
    if problems := list(_faults(mapping)):
        raise ProblemsError(problems)
    return mapping


def _misshapen(error: ValidationError, name: str, text: str) -> list[Problem]:
    codes = {"missing": "missing-key", "extra_forbidden": "unknown-key"}
    problems = []
    for fault in error.errors():
        code = codes.get(fault["type"], "bad-value")
        place = tuple(str(part) for part in fault["loc"] if part not in ("str", "int"))
        said = code != "missing-key"
        problems.append(
            Problem(
                code=code,
                file=name,
                line=_line(text, place),
                found=str(fault["input"])[:80] if said else "",
                expected=fault["msg"] if said else "",
                where=".".join(place),
            )
        )
    return problems


def _line(text: str, place: tuple[str, ...]) -> int:
    """Return the line of a table or key; of the table that should hold it if it is not there."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for position, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            lines.setdefault(table, position)
        elif key := re.match(r"""\s*("[^"]*"|'[^']*'|[\w\-]+)\s*=""", line):
            lines.setdefault((*table, key[1].strip("\"'")), position)
    return next((lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in lines), 1)


def _faults(mapping: _Mapping) -> Iterator[Problem]:
    """Yield what is wrong with a mapping of the right shape."""
    file, kind = mapping.file, mapping.kind
    for table, allowed in (
        ("columns", kind.fields),
        ("constants", kind.fields),
        ("values", tuple(file.columns)),
        ("scale", tuple(name for name in file.columns if name in _NUMBERS)),
    ):
        for key in getattr(file, table):
            if key not in allowed:
                yield _problem(mapping, "unknown-key", table, key, found=key, expected=", ".join(allowed))
    for key in kind.needed:
        if key not in file.columns and key not in file.constants:
            yield _problem(mapping, "missing-key", "columns", key)
    for key in file.columns.keys() & file.constants.keys():
        yield _problem(mapping, "duplicate-key", "constants", key, found=key)
    for key, value in file.scale.items():
        if 10 ** _power(value) != value:
            yield _problem(mapping, "bad-value", "scale", key, found=str(value), expected="1000, 1000000")
    for key, constant in file.constants.items():
        yield from _fault_of_constant(mapping, key, str(constant))


def _fault_of_constant(mapping: _Mapping, key: str, text: str) -> Iterator[Problem]:
    expected = ""
    if key in _WORDS and text not in _WORDS[key][0]:
        expected = ", ".join(_WORDS[key][0])
    elif key in _YEARS and not pl.select(year(pl.lit(text))).item():
        expected = A_YEAR
    elif key in _NUMBERS and pl.select(number(pl.lit(text))).item() is None:
        expected = A_NUMBER
    elif key == "date":
        expected = "columns.date"
    elif not text and key in mapping.kind.needed:
        expected = "PER"
    if expected:
        yield _problem(mapping, "bad-value", "constants", key, found=text, expected=expected)


def _power(scale: int) -> int:
    return len(str(scale)) - 1


def _problem(mapping: _Mapping, code: str, *place: str, found: str = "", expected: str = "") -> Problem:
    return Problem(
        code=code,
        file=mapping.name,
        line=_line(mapping.text, place),
        found=found,
        expected=expected,
        where=".".join(place),
    )


def _recognised(mapping: _Mapping, sample: Sample) -> Recognised:
    wanted = {field: plain_name(printed) for field, printed in mapping.file.columns.items()}
    for header in sample.headers:
        if set(wanted.values()) <= set(header.columns):
            return Recognised(
                dataset=mapping.file.dataset or _slug(mapping.name),
                title=mapping.file.origin.title,
                vintage=mapping.file.origin.vintage,
                verified=True,
                header=header,
                table=_table(mapping, wanted),
            )
    there = sample.headers[0] if sample.headers else _NO_HEADER
    raise ProblemsError(
        _problem(
            mapping,
            "missing-column",
            "columns",
            field,
            found=mapping.file.columns[field],
            expected=", ".join(mapping.file.columns.values()),
        )
        for field, column in wanted.items()
        if column not in there.columns
    )


def _slug(name: str) -> str:
    """Return the name of a data set whose mapping gives it none: that of its table."""
    return "tidy-" + plain_name(name.partition(".")[0]).replace("_", "-")


_NO_HEADER = Header(line=0, columns=(), printed=(), delimiter="")


def _table(mapping: _Mapping, columns: dict[str, str]) -> Callable[[pl.DataFrame], Rows]:
    """Return a reader of a table; `columns` are the frame's, by the fields that they hold."""
    make = flows if mapping.file.rows == "flows" else observations

    def read(frame: pl.DataFrame) -> Rows:
        printed = frame.with_columns(pl.exclude("line").cast(pl.String))
        cells = printed.select(
            "line", **{field: _cell(mapping, field, column) for field, column in columns.items()}
        )
        refused = together(
            [
                refused_rows(
                    printed.filter(cells.select(wrong).to_series()), code, column=column, expected=expected
                )
                for field, column in columns.items()
                for wrong, code, expected in _wrong(mapping, field)
            ]
        )
        good = cells if refused is None else cells.join(refused, on="line", how="anti")
        given = {field: pl.lit(str(text)) for field, text in mapping.file.constants.items()}
        given |= {field: pl.col(field) for field in columns}
        rows = make(good, {field: _typed(mapping, field, text) for field, text in given.items()})
        if make is flows:
            return Rows(read=frame.height, flows=rows, refused=refused)
        return Rows(read=frame.height, observations=rows, refused=refused)

    return read


def _cell(mapping: _Mapping, field: str, column: str) -> pl.Expr:
    """Return a field's cells with their words replaced; an empty cell is null, an unknown word as printed."""
    text = pl.col(column).str.strip_chars()
    text = pl.when(text != "").then(text)
    return text.replace(mapping.file.values[field]) if field in mapping.file.values else text


def _wrong(mapping: _Mapping, field: str) -> Iterator[tuple[pl.Expr, str, str]]:
    """Yield what makes a cell wrong, as which code, and an example of what is right."""
    cell = pl.col(field)
    told = cell.is_not_null()
    if field in mapping.kind.needed or field in _WORDS:
        yield cell.is_null(), "missing-value", _example(field)
    if field in mapping.file.values:
        words = sorted(set(mapping.file.values[field].values()))
        yield told & ~cell.is_in(words), "unknown-code", ", ".join(mapping.file.values[field])[:80]
    if field in _WORDS:
        words, code = list(_WORDS[field][0]), _WORDS[field][1]
        yield told & ~cell.is_in(words), code, ", ".join(words)
    elif field in _YEARS:
        yield told & year(cell).is_null(), "not-a-year", A_YEAR
    elif field in _NUMBERS:
        yield told & number(cell).is_null(), "not-a-number", A_NUMBER
    elif field == "date":
        yield told & cell.str.to_date("%Y-%m-%d", strict=False).is_null(), "not-a-date", _A_DATE


def _example(field: str) -> str:
    if field in _YEARS:
        return A_YEAR
    return A_NUMBER if field in _NUMBERS else field


def _typed(mapping: _Mapping, field: str, text: pl.Expr) -> pl.Expr:
    if field in _YEARS:
        return year(text)
    if field in _NUMBERS:
        scale = mapping.file.scale.get(field, 1)
        return number(text) if scale == 1 else shifted(text, pl.lit(_power(scale)))
    if field == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    return text.fill_null("")
