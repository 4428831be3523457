"""A dossier's own tables: the folder ``figures`` of CSV files that a person can edit.

Publisher
    The dossier itself; each row names the origin it was taken from.
What a row means
    One published figure, as its source prints it: a flow of money in the files named
    ``flows-*.csv``, an observation in all others but the six that give words
    (``origins``, ``places``, ``indicators``, ``licences``, ``labels``).
Known traps
    A spreadsheet that saves ``0.10`` as ``0.1`` or a year as ``1992.0``; both are told.
How to get a new copy
    Edit the file; the next run reads it.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ayni.ledger.records import STAGES, STATUSES, YEAR_KINDS
from ayni.ledger.schemas import BREAKS, FLOWS, INDICATORS, LABELS, LICENCES, OBSERVATIONS, ORIGINS, PLACES
from ayni.problems import Problem, ProblemsError
from ayni.units import UnitError, unit

WORDS = {
    "origins.csv": ("origins", ORIGINS),
    "places.csv": ("places", PLACES),
    "indicators.csv": ("indicators", INDICATORS),
    "licences.csv": ("licences", LICENCES),
    "labels.csv": ("labels", LABELS),
}
BREAKS_FILE = "breaks.csv"
_YEAR = re.compile(r"(1[89]|20)\d\d")
_PART = re.compile(r"|Q[1-4]|M(0[1-9]|1[0-2])|to-(0[1-9]|1[0-2])-[0-3]\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")
# What makes two rows of a table one and the same figure.
_SAME_FLOW = (
    "provider recipient year until year_kind stage form purposes account agency channel currency price_base "
    "vintage origin note"
).split()
_SAME_OBSERVATION = "indicator place counterpart year until year_kind part_year vintage origin note".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The rows of a dossier's figures, checked and typed.

    Attributes
    ----------
    frames : dict of str to DataFrame
        One frame per table of the ledger, with the ledger's columns.
    """

    frames: dict[str, pl.DataFrame]


def read(folder: Path) -> Tables:
    """Read every table in `folder`.

    Raises
    ------
    ProblemsError
        With everything that is wrong in any of the files, each with file and line.
    """
    problems: list[Problem] = []
    frames = {}
    for name, (table, schema) in WORDS.items():
        rows = list(_rows(folder / name, tuple(schema), problems))
        frames[table] = pl.DataFrame([cells for _, cells in rows], schema=schema, orient="row")
        _refuse_duplicates(
            f"figures/{name}", rows, ("kind", "key") if table == "labels" else ("key",), problems
        )
    known = _Known.of(frames)
    frames["breaks"] = _breaks(folder / BREAKS_FILE, known, problems)
    gathered: dict[str, list[dict[str, object]]] = {"flows": [], "observations": []}
    for path in sorted(folder.glob("*.csv")):
        if path.name in WORDS or path.name == BREAKS_FILE:
            continue
        table = "flows" if path.name.startswith("flows-") else "observations"
        gathered[table] += _table(path, table, known, problems)
    if problems:
        raise ProblemsError(problems)
    for table, schema in (("flows", FLOWS), ("observations", OBSERVATIONS)):
        frames[table] = pl.DataFrame(gathered[table], schema=schema, orient="row")
    return Tables(frames=frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The keys that rows may name."""

    origins: frozenset[str]
    places: frozenset[str]
    units: dict[str, str]
    caveats: frozenset[str]

    @classmethod
    def of(cls, frames: dict[str, pl.DataFrame]) -> _Known:
        labels = frames["labels"]
        return cls(
            origins=frozenset(frames["origins"]["key"]),
            places=frozenset(frames["places"]["key"]),
            units=dict(zip(frames["indicators"]["key"], frames["indicators"]["unit"], strict=True)),
            caveats=frozenset(labels.filter(pl.col("kind") == "caveat")["key"]),
        )


def _rows(
    path: Path, columns: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of each row; a header that does not fit is a problem."""
    file = f"figures/{path.name}"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(code="missing-file", file=file, expected=", ".join(columns)))
        return
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(Problem(code="not-utf8", file=file, line=line, found=repr(error.object[error.start])))
        return
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    wanted = ", ".join(columns)
    problems += [
        Problem(code="missing-column", file=file, line=1, found=column, expected=wanted)
        for column in columns
        if column not in header
    ]
    problems += [
        Problem(code="unknown-column", file=file, line=1, found=column, expected=wanted)
        for column in header
        if column not in columns
    ]
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) != len(header):
            problems.append(
                Problem(
                    code="ragged-row", file=file, line=line, found=str(len(cells)), expected=str(len(header))
                )
            )
        else:
            row = dict.fromkeys(columns, "") | dict(zip(header, cells, strict=True))
            yield line, {c: row[c] for c in columns}
        line = reader.line_num + 1


def _table(path: Path, table: str, known: _Known, problems: list[Problem]) -> list[dict[str, object]]:
    schema = FLOWS if table == "flows" else OBSERVATIONS
    columns = tuple(c for c in schema if c != "row")
    check = _check_flow if table == "flows" else _check_observation
    same = _SAME_FLOW if table == "flows" else _SAME_OBSERVATION
    file = f"figures/{path.name}"
    rows = list(_rows(path, columns, problems))
    present = set(
        path.read_text(encoding="utf-8-sig", errors="replace").partition("\n")[0].strip().split(",")
    )
    typed: list[dict[str, object]] = []
    whole = len(present & set(columns)) == len(columns)
    for line, cells in rows:
        found = list(check({c: v for c, v in cells.items() if c in present}, known))
        problems += [
            Problem(code=code, file=file, line=line, found=what, expected=wanted, where=column)
            for code, column, what, wanted in found
        ]
        if not found and whole:
            typed.append(_typed(cells, schema) | {"row": f"{file}:{line}"})
    if whole:
        _refuse_duplicates(file, rows, tuple(same), problems)
    return typed


def _breaks(path: Path, known: _Known, problems: list[Problem]) -> pl.DataFrame:
    """Read the years in which a series changes its method or coverage."""
    file = f"figures/{path.name}"
    rows: list[dict[str, object]] = []
    for line, cells in _rows(path, tuple(c for c in BREAKS if c != "row"), problems):
        found = [
            *_check_key(cells, "indicator", frozenset(known.units), "unknown-indicator"),
            *_check_key(cells, "place", known.places, "unknown-place"),
            *_check_key(cells, "origin", known.origins, "unknown-origin"),
        ]
        if not _YEAR.fullmatch(cells["year"]):
            found.append(("not-a-year", "year", cells["year"], "1992"))
        problems += [
            Problem(code=code, file=file, line=line, found=what, expected=wanted, where=column)
            for code, column, what, wanted in found
        ]
        if not found:
            rows.append(_typed(cells, BREAKS) | {"row": f"{file}:{line}"})
    return pl.DataFrame(rows, schema=BREAKS, orient="row")


def _typed(cells: dict[str, str], schema: dict[str, pl.DataType]) -> dict[str, object]:
    convert: dict[str, Callable[[str], object]] = {"Int64": int, "Float64": float, "String": str}
    return {
        column: None if cells[column] == "" and kind != pl.String() else convert[str(kind)](cells[column])
        for column, kind in schema.items()
        if column != "row"
    }


_Found = Iterator[tuple[str, str, str, str]]


def _check_flow(cells: dict[str, str], known: _Known) -> _Found:
    yield from _check_years(cells)
    yield from _one_of(cells, "stage", STAGES)
    yield from _check_number(cells, "amount", required=True)
    for column in ("provider", "recipient"):
        yield from _check_key(cells, column, known.places, "unknown-place")
    base = cells.get("price_base", "")
    if base and not _YEAR.fullmatch(base):
        yield "not-a-year", "price_base", base, "1992"
    if cells.get("currency", "USD") not in ("USD", "PEN", "EUR"):
        yield "unknown-currency", "currency", cells["currency"], "USD, PEN, EUR"
    yield from _check_shared(cells, known)


def _check_observation(cells: dict[str, str], known: _Known) -> _Found:
    yield from _check_years(cells)
    yield from _check_key(cells, "indicator", frozenset(known.units), "unknown-indicator")
    yield from _check_key(cells, "place", known.places, "unknown-place")
    if cells.get("counterpart"):
        yield from _check_key(cells, "counterpart", known.places, "unknown-place")
    if not _PART.fullmatch(cells.get("part_year", "")):
        yield "not-a-part", "part_year", cells["part_year"], "Q1, M11, to-10-28"
    yield from _check_number(cells, "value", required=True)
    for column in ("low", "high"):
        yield from _check_number(cells, column, required=False)
    yield from _check_unit(cells, known)
    yield from _check_shared(cells, known)


def _check_shared(cells: dict[str, str], known: _Known) -> _Found:
    yield from _one_of(cells, "status", STATUSES)
    yield from _check_key(cells, "origin", known.origins, "unknown-origin")
    for caveat in filter(None, cells.get("caveats", "").split(";")):
        if caveat not in known.caveats:
            yield "unknown-caveat", "caveats", caveat, "labels.csv"


def _check_years(cells: dict[str, str]) -> _Found:
    for column in ("year", "until"):
        text = cells.get(column)
        if text is None or (column == "until" and text == ""):
            continue
        if not _YEAR.fullmatch(text):
            yield "not-a-year", column, text, "1992"
    year, until = cells.get("year", ""), cells.get("until", "")
    if _YEAR.fullmatch(year) and _YEAR.fullmatch(until) and int(until) < int(year):
        yield "years-reversed", "until", until, f">= {year}"
    yield from _one_of(cells, "year_kind", YEAR_KINDS)


def _check_number(cells: dict[str, str], column: str, *, required: bool) -> _Found:
    text = cells.get(column)
    if text is None or (text == "" and not required):
        return
    if not _NUMBER.fullmatch(text):
        yield "not-a-number", column, text, "1234.5"


def _check_unit(cells: dict[str, str], known: _Known) -> _Found:
    key = cells.get("unit")
    if key is None:
        return
    try:
        own = unit(key)
    except UnitError:
        yield "unknown-unit", "unit", key, known.units.get(cells.get("indicator", ""), "ha")
        return
    declared = known.units.get(cells.get("indicator", ""))
    if declared is None:
        return
    try:
        if unit(declared).dimension != own.dimension:
            yield "unit-mismatch", "unit", key, declared
    except UnitError:
        yield "unknown-unit", "indicators.csv", declared, key


def _check_key(cells: dict[str, str], column: str, known: frozenset[str], code: str) -> _Found:
    text = cells.get(column)
    if text is not None and text not in known:
        yield code, column, text, _nearest(text, known)


def _one_of(cells: dict[str, str], column: str, allowed: tuple[str, ...]) -> _Found:
    text = cells.get(column)
    if text is not None and text not in allowed:
        yield "not-allowed", column, text, ", ".join(allowed)


def _nearest(text: str, known: frozenset[str]) -> str:
    return ", ".join(difflib.get_close_matches(text, sorted(known), n=2, cutoff=0.6))


def _refuse_duplicates(
    file: str, rows: list[tuple[int, dict[str, str]]], same: tuple[str, ...], problems: list[Problem]
) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in rows:
        key = tuple(cells[c] for c in same)
        if key in seen:
            problems.append(
                Problem(
                    code="duplicate-row",
                    file=file,
                    line=line,
                    found=" ".join(filter(None, key)),
                    where=str(seen[key]),
                )
            )
        seen.setdefault(key, line)
