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

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ayni.ledger.schemas import (
    BREAKS,
    FIGURE_FLOWS,
    FLOWS,
    INDICATORS,
    LABELS,
    LICENCES,
    OBSERVATIONS,
    ORIGINS,
    PLACES,
)
from ayni.problems import Problem, ProblemsError
from ayni.sources.cells import (
    Found,
    Known,
    check_break,
    check_flow,
    check_indicator,
    check_observation,
    check_origin,
)
from ayni.sources.delimited import Delimited, read_delimited

Check = Callable[[dict[str, str], Known], Found]

WORDS = {
    "origins.csv": ("origins", ORIGINS),
    "places.csv": ("places", PLACES),
    "indicators.csv": ("indicators", INDICATORS),
    "licences.csv": ("licences", LICENCES),
    "labels.csv": ("labels", LABELS),
}
BREAKS_FILE = "breaks.csv"
# What makes two rows of a table one and the same figure.
_SAME_FLOW = tuple(c for c in FIGURE_FLOWS if c not in ("amount", "status", "caveats", "row"))
_SAME_OBSERVATION = (
    *("indicator", "place", "counterpart", "year", "until", "year_kind", "part_year"),
    *("vintage", "origin", "note"),
)
_SAME_BREAK = ("indicator", "place", "year", "kind")


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
    tables = gather(folder, problems)
    if problems:
        raise ProblemsError(problems)
    return tables


def gather(folder: Path, problems: list[Problem]) -> Tables:
    """Read the rows that are in order; everything that is not goes to `problems`."""
    frames, words = {}, {}
    for name, (table, schema) in WORDS.items():
        words[table] = read_delimited(folder / name, tuple(schema), problems)
        frames[table] = pl.DataFrame([cells for _, cells in words[table].rows], schema=schema, orient="row")
        _refuse_duplicates(words[table], ("kind", "key") if table == "labels" else ("key",), problems)
    known = Known.of(frames)
    _told(words["origins"], check_origin, known, problems)
    _told(words["indicators"], check_indicator, known, problems)
    gathered: dict[str, list[dict[str, object]]] = {"flows": [], "observations": [], "breaks": []}
    for path in sorted({*folder.glob("*.csv"), folder / BREAKS_FILE}):
        if path.name not in WORDS:
            table = _table_of(path)
            gathered[table] += _rows(path, table, known, problems)
    for table, rows in gathered.items():
        frames[table] = pl.DataFrame(rows, schema=_KINDS[table][0], orient="row")
    # No table of a dossier prints these.
    lacking = [pl.lit(None, dtype=FLOWS[c]).alias(c) for c in ("constant", "date")]
    frames["flows"] = frames["flows"].with_columns(*lacking, pl.lit("").alias("activity"))
    return Tables(frames=frames)


_KINDS: dict[str, tuple[dict[str, pl.DataType], Check, tuple[str, ...]]] = {
    "flows": (FIGURE_FLOWS, check_flow, _SAME_FLOW),
    "observations": (OBSERVATIONS, check_observation, _SAME_OBSERVATION),
    "breaks": (BREAKS, check_break, _SAME_BREAK),
}


def _table_of(path: Path) -> str:
    if path.name == BREAKS_FILE:
        return "breaks"
    return "flows" if path.name.startswith("flows-") else "observations"


def _rows(path: Path, table: str, known: Known, problems: list[Problem]) -> list[dict[str, object]]:
    schema, check, same = _KINDS[table]
    source = read_delimited(path, tuple(c for c in schema if c != "row"), problems)
    faulty = _told(source, check, known, problems)
    if not source.whole:
        return []
    _refuse_duplicates(source, same, problems)
    return [
        _typed(cells, schema) | {"row": f"{source.file}:{line}"}
        for line, cells in source.rows
        if line not in faulty
    ]


def _told(source: Delimited, check: Check, known: Known, problems: list[Problem]) -> set[int]:
    """Tell what is wrong in the columns that are there; return the lines concerned."""
    faulty = set()
    for line, cells in source.rows:
        given = cells if source.whole else {c: v for c, v in cells.items() if c in source.columns}
        for code, column, found, expected in check(given, known):
            faulty.add(line)
            problems.append(
                Problem(code=code, file=source.file, line=line, found=found, expected=expected, where=column)
            )
    return faulty


def _typed(cells: dict[str, str], schema: dict[str, pl.DataType]) -> dict[str, object]:
    convert: dict[str, Callable[[str], object]] = {"Int64": int, "Float64": float, "String": str}
    return {
        column: None if cells[column] == "" and kind != pl.String() else convert[str(kind)](cells[column])
        for column, kind in schema.items()
        if column != "row"
    }


def _refuse_duplicates(source: Delimited, same: tuple[str, ...], problems: list[Problem]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in source.rows:
        key = tuple(cells[c] for c in same)
        if key in seen:
            found = " ".join(filter(None, key))
            problems.append(
                Problem(code="duplicate-row", file=source.file, line=line, found=found, where=str(seen[key]))
            )
        seen.setdefault(key, line)
