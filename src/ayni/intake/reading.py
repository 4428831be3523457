"""A recognised file as typed rows, batch by batch and in order, with its hash taken on the way."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from ayni.intake.mending import LINE_COLUMN, Mending
from ayni.sources.containers import Found, Readable
from ayni.sources.contract import Opened, Recognised, Rows
from ayni.sources.delimited_blocks import Block, Layout, blocks
from ayni.sources.delimited_cells import redelimited
from ayni.sources.delimited_rows import read_block
from ayni.sources.parquet_files import parquet_frames
from ayni.sources.recognition import Looked

# Two parse while one reads and hashes: more only holds more blocks in memory.
_PARSERS = 3

_COPY_BYTES = 1 << 22


class Hashed:
    """A stream that hashes what it gives, in a thread of its own.

    Parameters
    ----------
    stream : Readable
        What to read.
    tell : callable
        Is told how many bytes have been read so far.
    """

    def __init__(self, stream: Readable, tell: Callable[[int], None]) -> None:
        self._stream = stream
        self._tell = tell
        self._hash = hashlib.sha256()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="hash")
        self._last: Future[None] | None = None
        self.size_bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes."""
        piece = self._stream.read(size)
        if self._last is not None:
            self._last.result()
        self._last = self._thread.submit(self._hash.update, piece)
        self.size_bytes += len(piece)
        self._tell(self.size_bytes)
        return piece

    def finish(self) -> str:
        """Read what is left and return the hash of everything, in hexadecimal."""
        while self.read(_COPY_BYTES):
            pass
        if self._last is not None:
            self._last.result()
        return self._hash.hexdigest()

    def close(self) -> None:
        """Let go of the stream and the thread."""
        self._thread.shutdown()
        self._stream.close()


@contextmanager
def hashed(found: Found, tell: Callable[[int], None]) -> Iterator[Hashed]:
    """Open a file for reading and hashing."""
    stream = Hashed(found.open(), tell)
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def on_disk(found: Found) -> Iterator[Found]:
    """Give the file as one that lies on disk by itself: an archive's member is unpacked for the while."""
    if found.path is not None:
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="ayni-") as folder:
        # Never under its own name, which may be none; what reads workbooks goes by the suffix.
        path = (Path(folder) / "unpacked").with_suffix(Path(found.name).suffix)
        stream = found.open()
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(cast("BinaryIO", stream), copy, _COPY_BYTES)
        finally:
            stream.close()
        size_bytes = path.stat().st_size
        yield replace(found, path=path, size_bytes=size_bytes, open=lambda: path.open("rb"))


def rows_of(
    stream: Hashed, found: Found, looked: Looked, known: Recognised, mending: Mending | None = None
) -> Iterator[Rows]:
    """Give the rows of a recognised file.

    Parameters
    ----------
    mending : Mending, optional
        What rows the file mends, each of which then begins with the line of its own.

    Raises
    ------
    UnreadableError
        If the file as a whole cannot be read.
    """
    kind = looked.sample.kind
    if known.read is not None:
        yield from known.read(Opened(name=found.name, stream=cast("BinaryIO", stream), path=found.path))
    elif known.table is None or known.header is None:
        raise ValueError(f"{known.dataset}: a source gives `read`, or `table` and `header`")
    elif kind == "delimited":
        yield from _delimited(stream, looked, known, mending)
    else:
        frames = _parquet_frames if kind == "parquet" else _workbook_frames
        for frame in frames(found, known):
            yield known.table(frame)


def _delimited(stream: Hashed, looked: Looked, known: Recognised, mending: Mending | None) -> Iterator[Rows]:
    """Read blocks in one thread and parse them in others, giving them in order."""
    assert known.header is not None
    layout = Layout(
        columns=known.header.columns if mending is None else (LINE_COLUMN, *known.header.columns),
        delimiter=known.header.delimiter,
        header_line=known.header.line,
        encoding=looked.encoding,
        returns=looked.returns,
        nulls=known.nulls,
        untouched=known.untouched,
    )
    waiting: deque[Future[Rows]] = deque()
    with ThreadPoolExecutor(_PARSERS, thread_name_prefix="parse") as parsers:
        try:
            for block in blocks(stream, layout):
                waiting.append(parsers.submit(_parsed, block, layout, known, mending))
                if len(waiting) > _PARSERS:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def _parsed(block: Block, layout: Layout, known: Recognised, mending: Mending | None) -> Rows:
    assert known.table is not None
    read = read_block(block, layout)
    rows = known.table(read.frame if mending is None else mending.without_lines(read.frame))
    refused = [read.refused]
    if rows.refused is not None:
        text = redelimited(rows.refused["text"], layout.delimiter)
        refused.append(rows.refused.with_columns(text))
    return replace(rows, read=rows.read + read.refused.height, refused=pl.concat(refused).sort("line"))


def _parquet_frames(found: Found, known: Recognised) -> Iterator[pl.DataFrame]:
    assert found.path is not None and known.header is not None  # noqa: PT018 - one fact: it lies on disk
    yield from parquet_frames(found.path, dict(zip(known.header.printed, known.header.columns, strict=True)))


def _workbook_frames(found: Found, known: Recognised) -> Iterator[pl.DataFrame]:
    from ayni.sources.workbooks import frames  # noqa: PLC0415 - an extra

    assert found.path is not None and known.header is not None  # noqa: PT018 - one fact: it lies on disk
    yield from frames(found.path, known.header)
