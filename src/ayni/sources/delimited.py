"""Read a delimited file row by row with the line each row starts on."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ayni.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """The rows of a file.

    Attributes
    ----------
    file : str
        Its name, as problems print it.
    columns : frozenset of str
        The expected columns that it has.
    whole : bool
        Whether it has all of them.
    rows : tuple of (int, dict)
        Line number and cells of each row that fits the header.
    """

    file: str
    columns: frozenset[str]
    whole: bool
    rows: tuple[tuple[int, dict[str, str]], ...]


def read_delimited(path: Path, columns: tuple[str, ...], problems: list[Problem]) -> Delimited:
    """Return the rows of `path`; what does not fit is told in `problems`."""
    file = f"figures/{path.name}"
    nothing = Delimited(file=file, columns=frozenset(), whole=False, rows=())
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(code="missing-file", file=file, expected=", ".join(columns)))
        return nothing
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.append(Problem(code="not-utf8", file=file, line=line, found=hex(error.object[error.start])))
        return nothing
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line, rows = 1, []
    header: list[str] = []
    try:
        header = next(reader, [])
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                named = dict(zip(header, cells, strict=True))
                rows.append((line, {c: named.get(c, "") for c in columns}))
            elif cells:
                problems.append(_ragged(file, line, len(cells), len(header)))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(code="broken-quotes", file=file, line=line, found=str(error)))
    problems += _misfits(file, header, columns)
    present = frozenset(columns) & frozenset(header)
    return Delimited(file=file, columns=present, whole=len(present) == len(columns), rows=tuple(rows))


def _ragged(file: str, line: int, found: int, expected: int) -> Problem:
    return Problem(code="ragged-row", file=file, line=line, found=str(found), expected=str(expected))


def _misfits(file: str, header: list[str], columns: tuple[str, ...]) -> list[Problem]:
    wanted = ", ".join(columns)
    twice = sorted({c for c in header if header.count(c) > 1})
    return [
        *(
            Problem(code="missing-column", file=file, line=1, found=c, expected=wanted)
            for c in columns
            if c not in header
        ),
        *(
            Problem(code="unknown-column", file=file, line=1, found=c, expected=wanted)
            for c in header
            if c not in columns
        ),
        *(Problem(code="column-twice", file=file, line=1, found=c, expected=wanted) for c in twice),
    ]
