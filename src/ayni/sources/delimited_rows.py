"""A block of delimited text as a frame of strings, each row with its line and nothing lost.

A block goes to polars, which is quick and strict; its answer is taken only if the block's own counts of line
ends and delimiters prove that each record was read as it stands. Else the block is read record by record in
Python (`strictly`), which refuses the rows that do not fit and goes on at the next line. Both give the same
rows, which is tested.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ayni.sources.contract import REFUSED
from ayni.sources.delimited_blocks import RECORD_BYTES, Block, Layout
from ayni.sources.delimited_cells import cells_of, guessed

_QUOTE, _NEWLINE, _RETURN = b'"', b"\n", b"\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The rows of a block.

    Attributes
    ----------
    frame : DataFrame
        The columns of the layout as strings, null where empty, and ``line``.
    refused : DataFrame
        Rows that do not fit the header; columns `REFUSED`.
    """

    frame: pl.DataFrame
    refused: pl.DataFrame


def read_block(block: Block, layout: Layout) -> Read:
    """Return the rows of a block, and the rows that do not fit the header."""
    if block.cut:
        return _too_long(block, layout)
    quick = _quickly(block, layout)
    if quick is None:
        return strictly(block, layout)
    return Read(frame=quick, refused=pl.DataFrame(schema=REFUSED))


def _too_long(block: Block, layout: Layout) -> Read:
    text = guessed(block.data).rstrip("\n")
    row = _refusal(block.line, "too-long", found=str(block.cut), expected=str(RECORD_BYTES), text=text)
    return Read(frame=_frame([], [], layout), refused=pl.DataFrame([row], schema=REFUSED, orient="row"))


def _quickly(block: Block, layout: Layout) -> pl.DataFrame | None:
    """Return the rows as polars reads them; None unless the counts prove them right."""
    quoting = _quoting(block.data, layout.delimiter)
    if quoting == "unclear":
        return None
    try:
        frame = pl.read_csv(
            block.data,
            has_header=False,
            schema=layout.schema,
            separator=layout.delimiter,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.NoDataError):
        return None
    proved = _proved(frame, block, layout) if frame.height else None
    if proved is None:
        return None
    if quoting == "empties":
        proved = _emptied(proved, layout.columns, "")
    touched = [column for column in layout.columns if column not in layout.untouched]
    for text in layout.nulls:
        proved = _emptied(proved, touched, text)
    return proved


def _quoting(data: bytes, delimiter: str) -> str:
    """Return ``unclear`` unless every quote begins a cell, ends one, or is one of two that stand for one.

    Else ``empties`` where two quotes may be a cell by themselves, and ``plain``. In all others polars (2.1)
    guesses: of ``""a""`` and of ``",a"b"`` it drops quotes without a word. It also drops a carriage return
    before a delimiter, and a byte order mark before the first cell.
    """
    if data.startswith(codecs.BOM_UTF8) or (_RETURN in data and _RETURN + delimiter.encode() in data):
        return "unclear"
    signs = np.frombuffer(data, np.uint8)
    at = np.flatnonzero(signs == _QUOTE[0])
    if not at.size:
        return "plain"
    if at.size % 2:
        return "unclear"
    opening, closing = at[::2], at[1::2]
    doubled = opening[1:] == closing[:-1] + 1
    # Before the block a row ended, as it does at the end of the block.
    before, after = signs[opening - 1], signs[closing + 1]
    begins = (before == ord(delimiter)) | (before == _NEWLINE[0])
    ends = (after == ord(delimiter)) | (after == _NEWLINE[0])
    returned = np.flatnonzero(after == _RETURN[0])
    ends[returned] = signs[closing[returned] + 2] == _NEWLINE[0]
    clear = begins[0] and ends[-1] and (begins[1:] | doubled).all() and (ends[:-1] | doubled).all()
    if not clear:
        return "unclear"
    return "empties" if (closing == opening + 1).any() else "plain"


def _emptied(frame: pl.DataFrame, columns: Sequence[str], text: str) -> pl.DataFrame:
    """Return the frame with nothing where a text that stands for nothing was printed.

    polars does this while it reads, at a third of the cost of reading; few columns have such texts.
    """
    if not columns:
        return frame
    printed = frame.select(pl.col(columns).eq(text).any()).row(0)
    some = [column for column, found in zip(columns, printed, strict=True) if found]
    return frame.with_columns(pl.when(pl.col(column) != text).then(pl.col(column)) for column in some)


def _proved(frame: pl.DataFrame, block: Block, layout: Layout) -> pl.DataFrame | None:
    """Return the rows with their lines if every line end and every empty cell at an end is accounted for.

    Line ends that end no row must stand inside cells. A row with too few cells reads as one whose last cells
    are empty, but lacks the delimiters before them; a blank line lacks all.
    """
    inside = block.lines - frame.height
    starts = np.arange(frame.height, dtype=np.int64)
    if inside:
        ends = _ends_inside(frame, inside)
        if ends is None:
            return None
        starts += np.cumsum(ends) - ends
    if frame.to_series(-1).null_count():
        signs = np.frombuffer(block.data, np.uint8)
        last = np.append(starts[1:], block.lines) - 1
        if _delimiters_at_ends(signs, last, layout.delimiter) != _nulls_at_ends(frame):
            return None
    return frame.with_columns(pl.Series("line", starts + block.line))


def _ends_inside(frame: pl.DataFrame, wanted: int) -> np.ndarray | None:
    """Return how many line ends each row has inside its cells; None if they are not as many as wanted.

    Columns with the most text are looked at first: once all line ends are found the others hold none.
    """
    texts = frame.select(pl.col(pl.String))
    sizes = texts.select(pl.all().str.len_bytes().sum()).row(0) if texts.width else ()
    order = [
        name for _, name in sorted(zip(sizes, texts.columns, strict=True), key=lambda one: -(one[0] or 0))
    ]
    found = np.zeros(frame.height, np.int64)
    for column in order + [name for name in frame.columns if name not in texts.columns]:
        cells = frame[column].cast(pl.String)
        found += cells.str.count_matches("\n", literal=True).fill_null(0).to_numpy()
        if (total := int(found.sum())) >= wanted:
            return found if total == wanted else None
    return None


def _delimiters_at_ends(signs: np.ndarray, last: np.ndarray, delimiter: str) -> int:
    """Return how many delimiters stand right before the ends of rows, `last` being their numbers."""
    at = np.flatnonzero(signs == _NEWLINE[0])[last] - 1
    at = at - (signs[at] == _RETURN[0])
    total = 0
    while (at := at[(at >= 0) & (signs[at] == ord(delimiter))]).size:
        total += at.size
        at = at - 1
    return total


def _nulls_at_ends(frame: pl.DataFrame) -> int:
    """Return how many empty cells stand at the ends of rows."""
    total, empty = 0, pl.repeat(True, frame.height, eager=True)
    for column in reversed(frame.columns):
        empty &= frame[column].is_null()
        if not (some := empty.sum()):
            break
        total += int(some)
    return total


def strictly(block: Block, layout: Layout) -> Read:
    """Return the rows of a block read one by one; what does not fit is refused, line by line."""
    lines = block.data.split(_NEWLINE)[: block.lines]
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    refused: list[dict[str, object]] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip(b"\r"):
            at += 1
            continue
        cells, taken, fault = _record(lines, at, layout)
        if fault is None:
            rows.append([_cell(c, column, layout) for c, column in zip(cells, layout.columns, strict=True)])
            numbers.append(block.line + at)
            at += taken
            continue
        text = guessed(lines[at].removesuffix(_RETURN))
        refused.append(_refusal(block.line + at, *fault, text=text))
        at += 1
    return Read(
        frame=_frame(rows, numbers, layout), refused=pl.DataFrame(refused, schema=REFUSED, orient="row")
    )


def _cell(cell: str, column: str, layout: Layout) -> str | None:
    return None if cell == "" or (cell in layout.nulls and column not in layout.untouched) else cell


_Fault = tuple[str, str, str]
_SHOWN = 40


def _record(lines: Sequence[bytes], at: int, layout: Layout) -> tuple[list[str], int, _Fault | None]:
    """Return the cells of the record that starts at a line, its lines, and what is wrong with it."""
    wanted = len(layout.columns)
    taken, quotes, size = 1, lines[at].count(_QUOTE), len(lines[at])
    while True:
        # With an odd number of quotes the record goes on in the next line, unless they stand inside cells.
        open_ended = bool(quotes % 2)
        if taken == 1 or not open_ended:
            try:
                cells = cells_of(_NEWLINE.join(lines[at : at + taken]), layout.delimiter)
            except UnicodeDecodeError as error:
                return [], 1, ("not-utf8", hex(error.object[error.start]), "UTF-8")
            if cells is not None and len(cells) == wanted:
                return cells, taken, None
            if not open_ended:
                return (
                    [],
                    1,
                    _broken(lines[at]) if cells is None else ("ragged", str(len(cells)), str(wanted)),
                )
        if at + taken == len(lines) or size > RECORD_BYTES:
            return [], 1, _broken(lines[at])
        quotes, size = quotes + lines[at + taken].count(_QUOTE), size + len(lines[at + taken]) + 1
        taken += 1


def _broken(line: bytes) -> _Fault:
    return "broken-quotes", guessed(line[: 4 * _SHOWN])[:_SHOWN], ""


def _frame(rows: list[list[str | None]], numbers: list[int], layout: Layout) -> pl.DataFrame:
    strings = dict.fromkeys(layout.columns, pl.String())
    frame = pl.DataFrame(rows, schema=strings, orient="row").cast(pl.Schema(layout.schema))
    return frame.with_columns(pl.Series("line", numbers, dtype=pl.Int64))


def _refusal(line: int, code: str, found: str, expected: str, *, text: str) -> dict[str, object]:
    return {"line": line, "code": code, "column": "", "found": found, "expected": expected, "text": text}
