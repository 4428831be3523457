"""Delimited text of any size as frames of strings, each row with its line and nothing lost.

The file is cut into blocks at ends of records. A block goes to polars, which is quick and strict; its answer
is taken only if the block's own counts of line ends and delimiters prove that each record was read as it
stands. Else the block is read record by record in Python (`strictly`), which refuses the rows that do not fit
and goes on at the next line. Both give the same rows, which is tested.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ayni.sources.containers import Readable
from ayni.sources.contract import REFUSED, UnreadableError

BLOCK_BYTES = 16 << 20
# No table of the publishers read here has a record near this; past it a quote or a line end is missing.
RECORD_BYTES = 4 << 20
# Cells with more lines than this are rare: a record that seems longer is taken for one with a quote missing.
_RECORD_LINES = 64
# What is kept of a row that is too long to keep.
_KEPT_CHARACTERS = 4096
_QUOTE, _NEWLINE, _RETURN = b'"', b"\n", b"\r"
_WINDOWS = "cp1252"
# Signs that no text has a meaning for.
_PRIVATE = range(0xE000, 0xF900)
# Fits the processor's cache, so that what is compared is counted before it leaves.
_COUNTED_BYTES = 1 << 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a delimited file is laid out.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns, unique.
    delimiter : str
        One character.
    header_line : int
        Line of the header, from 1; 0 where there is none.
    encoding : str
        ``utf-8``, or what Python calls another.
    returns : bool
        Whether lines end with a carriage return alone, as on old Macintoshes.
    nulls : tuple of str
        Texts that stand for nothing, beside the empty text.
    untouched : tuple of str
        Columns that come as categories, with the texts that stand for nothing as printed.
    block_bytes : int
        Size of a block.
    """

    columns: tuple[str, ...]
    delimiter: str = ","
    header_line: int = 1
    encoding: str = "utf-8"
    returns: bool = False
    nulls: tuple[str, ...] = ("NULL",)
    untouched: tuple[str, ...] = ()
    block_bytes: int = BLOCK_BYTES

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The columns with their types."""
        return {c: pl.Categorical() if c in self.untouched else pl.String() for c in self.columns}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines of a file.

    Attributes
    ----------
    data : bytes
        UTF-8, ends with a line end.
    line : int
        Number of the first line.
    lines : int
        How many.
    cut : int
        Bytes of a single line that was too long and of which `data` is only the beginning; else 0.
    """

    data: bytes
    line: int
    lines: int
    cut: int = 0


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


def blocks(stream: Readable, layout: Layout) -> Iterator[Block]:
    """Cut a file into blocks of whole records, the header left out."""
    line, rest = 1, b""
    to_skip = layout.header_line
    for piece in _utf8(stream, layout):
        data = rest + piece if rest else piece
        while to_skip:
            end = data.find(_NEWLINE) + 1
            if not end:
                break
            data, to_skip, line = data[end:], to_skip - 1, line + 1
        if to_skip:
            if len(data) > RECORD_BYTES:
                raise UnreadableError("too-long", line=line, expected=str(RECORD_BYTES))
            rest = data
            continue
        cut = _end_of_records(data, layout)
        if not cut and len(data) > RECORD_BYTES:
            yield from (found := _Long(data, line)).read(stream, layout)
            rest, line = found.rest, line + 1
            continue
        rest = data[cut:]
        if cut:
            block = Block(data=data[:cut], line=line, lines=_count(data, _NEWLINE, cut))
            line += block.lines
            yield block
    if rest and not to_skip:
        yield Block(data=rest + _NEWLINE, line=line, lines=rest.count(_NEWLINE) + 1)


class _Long:
    """A line without an end in sight: passed over without being held."""

    def __init__(self, data: bytes, line: int) -> None:
        self._data, self._line = data, line
        self.rest = b""

    def read(self, stream: Readable, layout: Layout) -> Iterator[Block]:
        size = len(self._data)
        for piece in _utf8(stream, layout):
            end = piece.find(_NEWLINE) + 1
            size += end or len(piece)
            if end:
                self.rest = piece[end:]
                break
        yield Block(data=self._data[:_KEPT_CHARACTERS] + _NEWLINE, line=self._line, lines=1, cut=size)


def _end_of_records(data: bytes, layout: Layout) -> int:
    """Return where the last whole record ends: at a line end outside quotes, where there is one.

    An odd number of quotes before the last line end says that it stands inside a cell, or that a quote is
    missing somewhere before. The record that would end at a cut tells which.
    """
    cut = last = data.rfind(_NEWLINE) + 1
    odd = _count(data, _QUOTE, cut) % 2
    if not odd:
        return last
    while odd and cut:
        before = data.rfind(_NEWLINE, 0, cut - 1) + 1
        odd = (odd + data.count(_QUOTE, before, cut)) % 2
        cut = before
    if not cut and len(data) <= RECORD_BYTES:
        # It may be one record, whose end is still to come.
        return 0
    return cut if cut and _closes(data, cut, layout) else last


def _closes(data: bytes, cut: int, layout: Layout) -> bool:
    """Return whether the lines before a cut, blank ones left out, make a record as wide as the header."""
    end = cut
    while end and data[end - 1 : end] in (_NEWLINE, _RETURN):
        end -= 1
    begin = end
    for _ in range(_RECORD_LINES):
        begin = data.rfind(_NEWLINE, 0, max(begin, 0))
        try:
            cells = _cells(data[begin + 1 : end], layout.delimiter)
        except UnicodeDecodeError:
            return False
        if cells is not None and len(cells) == len(layout.columns):
            return True
        if begin < 0:
            break
    return False


def _count(data: bytes, sign: bytes, end: int) -> int:
    """Return how often a byte stands before `end`; three times as quick as `bytes.count` on full blocks."""
    signs = np.frombuffer(data, np.uint8, end)
    same = np.empty(min(end, _COUNTED_BYTES), np.bool_)
    total = 0
    for at in range(0, end, _COUNTED_BYTES):
        piece = signs[at : at + _COUNTED_BYTES]
        total += int(np.count_nonzero(np.equal(piece, sign[0], out=same[: piece.size])))
    return total


def _utf8(stream: Readable, layout: Layout) -> Iterator[bytes]:
    """Give a file piece by piece as UTF-8, with line feeds at line ends and no byte order mark."""
    name = codecs.lookup(layout.encoding).name
    decoder = None if name in ("utf-8", "utf-8-sig", "ascii") else codecs.getincrementaldecoder(name)()
    first = True
    while piece := stream.read(layout.block_bytes):
        if decoder is not None:
            piece = _decoded(decoder, piece, layout.encoding)
        if first:
            piece = piece.removeprefix(codecs.BOM_UTF8)
            first = False
        yield piece.replace(b"\r", _NEWLINE) if layout.returns else piece
    if decoder is not None:
        _decoded(decoder, b"", layout.encoding, final=True)


def _decoded(
    decoder: codecs.IncrementalDecoder, piece: bytes, encoding: str, *, final: bool = False
) -> bytes:
    try:
        return decoder.decode(piece, final).encode()
    except UnicodeDecodeError as error:
        found = hex(error.object[error.start])
        raise UnreadableError("encoding", found=found, expected=encoding) from error


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
                cells = _cells(_NEWLINE.join(lines[at : at + taken]), layout.delimiter)
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


def _cells(text: bytes, delimiter: str) -> list[str] | None:
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


def _frame(rows: list[list[str | None]], numbers: list[int], layout: Layout) -> pl.DataFrame:
    strings = dict.fromkeys(layout.columns, pl.String())
    frame = pl.DataFrame(rows, schema=strings, orient="row").cast(pl.Schema(layout.schema))
    return frame.with_columns(pl.Series("line", numbers, dtype=pl.Int64))


def _refusal(line: int, code: str, found: str, expected: str, *, text: str) -> dict[str, object]:
    return {"line": line, "code": code, "column": "", "found": found, "expected": expected, "text": text}
