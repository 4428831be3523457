"""Delimited text of any size cut into blocks of whole records, which `delimited_rows` reads."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from ayni.sources.containers import Readable
from ayni.sources.contract import UnreadableError
from ayni.sources.delimited_cells import cells_of

BLOCK_BYTES = 32 << 20
# No table of the publishers read here has a record near this; past it a quote or a line end is missing.
RECORD_BYTES = 4 << 20
# Cells with more lines than this are rare: a record that seems longer is taken for one with a quote missing.
_RECORD_LINES = 64
# What is kept of a row that is too long to keep.
_KEPT_CHARACTERS = 4096
_QUOTE, _NEWLINE, _RETURN = b'"', b"\n", b"\r"
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
            cells = cells_of(data[begin + 1 : end], layout.delimiter)
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
