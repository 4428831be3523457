"""Files inside folders, zip and gz archives, as plain streams of bytes.

What a file is, is told by its first bytes, never by its name. A stream that ends too early or whose check
sum fails raises `UnreadableError`, so that whoever reads it keeps nothing.
"""

from __future__ import annotations

import gzip
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
_WORKBOOKS = frozenset(("xl/workbook.xml", "xl/workbook.bin"))
_MIME, _OPEN_DOCUMENT = "mimetype", b"application/vnd.oasis.opendocument.spreadsheet"


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
    changed : callable
        Whether the file on disk is no longer the one that was found.
    """

    name: str
    container: str
    path: Path | None
    size_bytes: int | None
    open: Callable[[], Readable]
    modified: float
    changed: Callable[[], bool] = lambda: False


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
        with _told():
            return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()


@contextmanager
def _told() -> Iterator[None]:
    """Tell what a file or an archive does wrong as `UnreadableError`.

    Python's archives raise whatever their formats suggest to them: of damaged ones, errors of six kinds were
    seen.
    """
    try:
        yield
    except UnreadableError:
        raise
    except EOFError as error:
        raise UnreadableError("truncated", found=str(error)) from error
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error) as error:
        raise UnreadableError("damaged-archive", found=str(error)) from error
    except OSError as error:
        # Without a number it is no fault of the disk but of what an archive holds.
        code = "damaged-archive" if error.errno is None else "cannot-read"
        raise UnreadableError(code, found=error.strerror or str(error)) from error
    except (ValueError, RuntimeError, OverflowError) as error:
        raise UnreadableError("damaged-archive", found=str(error)) from error


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

    What cannot be opened is given too: its `open` tells why. An archive inside an archive is given as one
    file, links to folders are not followed.

    Raises
    ------
    OSError
        If there is no such file.
    """
    if path.is_dir():
        yield from _in_folder(path)
        return
    told = path.stat()
    if not stat.S_ISREG(told.st_mode):
        # A pipe gives its bytes once, and may never end.
        yield _closed(path, UnreadableError("not-a-file", found=path.name))
        return
    try:
        with _told():
            first = _first_bytes(path)
            yield from _in_archive(path, first)
    except UnreadableError as error:
        yield _closed(path, error)


def _in_folder(folder: Path) -> Iterator[Found]:
    seen = False
    try:
        below = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as error:
        yield _closed(folder, UnreadableError("cannot-read", found=error.strerror or str(error)))
        return
    for one in below:
        seen = True
        if one.is_symlink() and one.is_dir():
            yield _closed(one, UnreadableError("link", found=one.name))
            continue
        try:
            yield from files_in(one)
        except OSError as error:
            yield _closed(one, UnreadableError("cannot-read", found=error.strerror or str(error)))
    if not seen:
        yield _closed(folder, UnreadableError("no-files"))


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(len(ZIP))


def _in_archive(path: Path, first: bytes) -> Iterator[Found]:
    if first == _EMPTY_ZIP:
        raise UnreadableError("no-files")
    if first == ZIP:
        yield from _in_zip(path)
    elif first.startswith(GZIP):
        stem = path.name.removesuffix(".gz")
        name = f"{printable(path.name)}/{printable(stem)}"
        yield _found(path, name=name, inside=True, opened=lambda: _gunzipped(path))
    else:
        yield _found(path, name=printable(path.name), inside=False, opened=lambda: _OnDisk(path))


def printable(name: str) -> str:
    """Return a name without signs that a terminal would obey or a table could not hold."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)


def _found(path: Path, *, name: str, inside: bool, opened: Callable[[], Readable]) -> Found:
    told = path.stat()
    return Found(
        name=name,
        container=printable(path.name) if inside else "",
        path=None if inside else path,
        size_bytes=None if inside else told.st_size,
        open=_opening(opened),
        modified=told.st_mtime,
        changed=lambda: _changed(path, told),
    )


def _changed(path: Path, before: os.stat_result) -> bool:
    try:
        now = path.stat()
    except OSError:
        return True
    return any(getattr(now, what) != getattr(before, what) for what in ("st_ino", "st_size", "st_mtime_ns"))


def _opening(opened: Callable[[], Readable]) -> Callable[[], Readable]:
    def guarded() -> Readable:
        with _told():
            return _Guarded(opened())

    return guarded


def _closed(path: Path, error: UnreadableError) -> Found:
    """Return what cannot be opened, so that it is told in its place."""

    def opened() -> Readable:
        raise error

    return Found(
        name=printable(path.name), container="", path=None, size_bytes=None, open=opened, modified=0.0
    )


def _gunzipped(path: Path) -> Readable:
    return cast("Readable", gzip.open(path, "rb"))


def holds_workbook(path: Path) -> bool:
    """Return whether a zip is a workbook of a spreadsheet program.

    Raises
    ------
    UnreadableError
        If it is damaged.
    """
    with _told(), zipfile.ZipFile(path) as archive:
        return _is_workbook(archive)


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    names = {info.filename for info in archive.infolist()}
    if names & _WORKBOOKS:
        return True
    return _MIME in names and archive.read(_MIME).startswith(_OPEN_DOCUMENT)


def _in_zip(path: Path) -> Iterator[Found]:
    with zipfile.ZipFile(path) as archive:
        members = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
        workbook = _is_workbook(archive)
    if workbook:
        yield _found(path, name=printable(path.name), inside=False, opened=lambda: _OnDisk(path))
        return
    if not members:
        raise UnreadableError("no-files")
    for info in sorted(members, key=lambda one: one.filename):
        # Nothing is unpacked under the name that the archive gives, wherever it points.
        name = printable(f"{path.name}/{info.filename}")
        found = _found(path, name=name, inside=True, opened=_opener(path, info))
        yield replace(found, size_bytes=info.file_size)


def _hidden(name: str) -> bool:
    return any(
        part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in Path(name).parts
    )


def _opener(path: Path, info: zipfile.ZipInfo) -> Callable[[], Readable]:
    def opened() -> Readable:
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError("locked", found=printable(info.filename))
        if info.compress_type == _DEFLATE64 and not _quick_deflate64():
            from ayni.sources.deflate64 import open_deflate64  # noqa: PLC0415 - numpy's tables, seldom needed

            return _Guarded(cast("Readable", open_deflate64(path, info)))
        return _Member(path, info)

    return opened


def _quick_deflate64() -> bool:
    """Return whether `zipfile` reads method 9 itself, thirty times as fast, as with the extra `oecd`."""
    try:
        import zipfile_deflate64  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


class _Member:
    """A member of a zip; the archive is closed with it."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._archive = zipfile.ZipFile(path)
        try:
            self._stream = cast("BinaryIO", self._archive.open(info))
        except BaseException:
            self._archive.close()
            raise

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        self._stream.close()
        self._archive.close()
