"""Files inside folders, zip and gz archives, as plain streams of bytes.

What a file is, is told by its first bytes, never by its name. A stream that ends too early or whose check
sum fails raises `UnreadableError`, so that whoever reads it keeps nothing.
"""

from __future__ import annotations

import gzip
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from ayni.sources.contract import UnreadableError

ZIP, GZIP, PARQUET = b"PK\x03\x04", b"\x1f\x8b", b"PAR1"
_EMPTY_ZIP = b"PK\x05\x06"
# Compression method 9 of a zip: OECD's bulk files use it and Python's library does not know it.
_DEFLATE64 = 9
_ENCRYPTED = 0x1
# Lines are looked for in so much of the end of a piece.
_TAIL_BYTES = 1 << 16
_WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One file that could be read.

    Attributes
    ----------
    name : str
        As people call it; inside an archive ``archive.zip/inner.csv``.
    container : str
        The archive's name; empty where there is none.
    path : Path or None
        Where its very bytes lie on disk; None inside an archive.
    size_bytes : int or None
        How many bytes it has, where known without reading it.
    open : callable
        Gives its bytes from the start.
    modified : float
        When the file on disk was last changed, in seconds since 1970.
    """

    name: str
    container: str
    path: Path | None
    size_bytes: int | None
    open: Callable[[], Readable]
    modified: float


class Readable(Protocol):
    """What gives bytes and can be closed."""

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes; none at the end."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class _Guarded:
    """A stream whose faults are told as `UnreadableError`."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise UnreadableError("truncated", found=str(error)) from error
        except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableError("damaged-archive", found=str(error)) from error

    def close(self) -> None:
        self._stream.close()


class _OnDisk:
    """A file on disk, read in pieces that end where a line ends, so that nothing has to be copied again."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        wanted = size if size >= 0 else max(0, os.fstat(self._file.fileno()).st_size - self._at)
        if size > _TAIL_BYTES:
            tail = os.pread(self._file.fileno(), _TAIL_BYTES, self._at + size - _TAIL_BYTES)
            end = tail.rfind(b"\n") + 1
            wanted = size - _TAIL_BYTES + end if end and len(tail) == _TAIL_BYTES else size
        piece = os.pread(self._file.fileno(), wanted, self._at)
        self._at += len(piece)
        return piece

    def close(self) -> None:
        self._file.close()


def files_in(path: Path) -> Iterator[Found]:
    """Give every file in a file, folder or archive, by name; hidden files are passed over.

    Raises
    ------
    UnreadableError
        If an archive is damaged or locked.
    OSError
        If there is no such file, or it cannot be read.
    """
    if path.is_dir():
        for below in sorted(path.rglob("*")):
            if below.is_file() and not any(p.startswith(".") for p in below.relative_to(path).parts):
                yield from files_in(below)
        return
    with path.open("rb") as stream:
        first = stream.read(4)
    if first == _EMPTY_ZIP:
        raise UnreadableError("empty")
    if first == ZIP:
        yield from _in_zip(path)
    elif first[:2] == GZIP:
        stem = path.name.removesuffix(".gz")
        yield _found(path, name=f"{path.name}/{stem}", inside=True, opened=lambda: _gunzipped(path))
    else:
        yield _found(path, name=path.name, inside=False, opened=lambda: _OnDisk(path))


def _found(path: Path, *, name: str, inside: bool, opened: Callable[[], Readable]) -> Found:
    told = path.stat()
    return Found(
        name=name,
        container=path.name if inside else "",
        path=None if inside else path,
        size_bytes=None if inside else told.st_size,
        open=opened,
        modified=told.st_mtime,
    )


def _gunzipped(path: Path) -> Readable:
    return _Guarded(cast("Readable", gzip.open(path, "rb")))


def _in_zip(path: Path) -> Iterator[Found]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise UnreadableError("damaged-archive", found=str(error)) from error
    if any(info.filename == _WORKBOOK for info in members):
        yield _found(path, name=path.name, inside=False, opened=lambda: _OnDisk(path))
        return
    if not members:
        raise UnreadableError("empty")
    for info in sorted(members, key=lambda one: one.filename):
        if any(part.startswith((".", "__MACOSX")) for part in Path(info.filename).parts):
            continue
        yield Found(
            name=f"{path.name}/{info.filename}",
            container=path.name,
            path=None,
            size_bytes=info.file_size,
            open=_opener(path, info),
            modified=path.stat().st_mtime,
        )


def _opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], Readable]:
    def opened() -> Readable:
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError("locked", found=info.filename)
        if info.compress_type == _DEFLATE64:
            from ayni.sources.deflate64 import open_deflate64  # noqa: PLC0415 - an extra

            return cast("Readable", open_deflate64(path, info))
        return _Member(path, info)

    return opened


class _Member:
    """A member of a zip; the archive is closed with it."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._archive = zipfile.ZipFile(path)
        try:
            self._stream = _Guarded(cast("BinaryIO", self._archive.open(info)))
        except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            self._archive.close()
            raise UnreadableError("damaged-archive", found=str(error)) from error

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()
        self._archive.close()
