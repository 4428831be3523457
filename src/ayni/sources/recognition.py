"""What a file is, from its first bytes: how it is written, and which source knows it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ayni.sources.containers import GZIP, PARQUET, ZIP, Found, holds_workbook
from ayni.sources.contract import Header, Recognised, Sample, Source, UnreadableError, plain_name
from ayni.sources.parquet_files import parquet_columns

# Enough for every banner, preamble and root element seen.
HEAD_BYTES = 1 << 18
_DELIMITERS = (",", ";", "\t", "|")
# Banners before a header are shorter than this: UNHCR's downloads begin with fourteen lines.
_HEADER_LINES = 24
WINDOWS = "cp1252"
# Workbooks before 2007.
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A file's beginning and how its text is written.

    Attributes
    ----------
    sample : Sample
        What sources look at.
    encoding : str
        Of its text; empty for what is not text.
    returns : bool
        Whether its lines end with a carriage return alone.
    assumed : bool
        Whether the beginning is the same in most encodings, so that `encoding` is only the likeliest.
    """

    sample: Sample
    encoding: str
    returns: bool
    assumed: bool = False


def look(found: Found, *, encoding: str = "") -> Looked:
    """Read the beginning of a file.

    Parameters
    ----------
    encoding : str
        How its text is written, where the user says so.

    Raises
    ------
    UnreadableError
        If it is empty, an archive, or not in the encoding named.
    """
    stream = found.open()
    try:
        head = stream.read(HEAD_BYTES)
    finally:
        stream.close()
    if not head:
        raise UnreadableError("empty")
    if head.startswith(PARQUET):
        return _plain(found.name, "parquet")
    if head.startswith((ZIP, _OLD_WORKBOOK)):
        return _plain(found.name, "workbook")
    if head.startswith(GZIP):
        raise UnreadableError("nested", found=found.name)
    if encoding:
        _check(head, encoding)
    spoken = encoding or _encoding(head)
    text = codecs.getincrementaldecoder(spoken)("replace").decode(head).removeprefix("\ufeff")
    begin = text.lstrip()[:1]
    kind = {"<": "xml", "{": "json", "[": "json"}.get(begin, "delimited")
    if "\x00" in text[:1000] or not begin:
        return _plain(found.name, "unknown")
    returns = kind == "delimited" and "\n" not in text and "\r" in text
    headers = _headers(text.replace("\r", "\n") if returns else text) if kind == "delimited" else ()
    sample = Sample(name=found.name, kind=kind, head=text, headers=headers)
    assumed = not encoding and kind == "delimited" and head.isascii()
    return Looked(sample=sample, encoding=spoken, returns=returns, assumed=assumed)


def _check(head: bytes, encoding: str) -> None:
    """Refuse an encoding that the beginning of a file contradicts.

    Damaged rows of UTF-8 are refused one by one, so that it needs no check here. Of encodings with one byte
    for each sign hardly any text is wrong; that it is UTF-8 by accident, with accents, is next to impossible.
    """
    if codecs.lookup(encoding).name.removesuffix("-sig") == "utf-8":
        return
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError as error:
        found = hex(error.object[error.start]) if isinstance(error, UnicodeDecodeError) else str(error)
        raise UnreadableError("encoding", found=found, expected=encoding) from error
    if not head.isascii() and _is_utf8(head):
        raise UnreadableError("is-utf8", found=encoding, expected="UTF-8")


def _plain(name: str, kind: str) -> Looked:
    return Looked(sample=Sample(name=name, kind=kind, head="", headers=()), encoding="", returns=False)


def _encoding(head: bytes) -> str:
    """Return how the text seems to be written: by its mark, else UTF-8 if it is, else as Windows does."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return WINDOWS if is_windows(head.splitlines()) else "utf-8"


def is_windows(lines: Iterable[bytes]) -> bool:
    """Return whether lines are rather in Windows' encoding than in UTF-8 with damaged lines.

    A file that is not UTF-8 has lines with accents, none of which is UTF-8.
    """
    accented = False
    for line in lines:
        if not line.isascii():
            accented = True
            if _is_utf8(line):
                return False
    return accented


def _is_utf8(line: bytes) -> bool:
    """Return whether a line, or the beginning of one, is UTF-8."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def _headers(text: str) -> tuple[Header, ...]:
    """Return the first lines as headers, by every delimiter, those with most columns first."""
    found = []
    lines = text.split("\n", _HEADER_LINES)[:_HEADER_LINES]
    for number, line in enumerate(lines, 1):
        for delimiter in _DELIMITERS:
            if delimiter not in line:
                continue
            try:
                cells = next(csv.reader(io.StringIO(line.rstrip("\r")), delimiter=delimiter, strict=True))
            except (csv.Error, StopIteration):
                continue
            found.append(header_of(cells, line=number, delimiter=delimiter))
    return tuple(sorted(found, key=lambda one: (-len(one.columns), one.line)))


def header_of(cells: Iterable[str], *, line: int, delimiter: str) -> Header:
    """Return a header whose column names are plain and unique; empty ones are numbered."""
    printed = tuple(cells)
    taken: dict[str, int] = {}
    columns = []
    for number, cell in enumerate(printed, 1):
        name = plain_name(cell) or f"column_{number}"
        taken[name] = taken.get(name, 0) + 1
        columns.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return Header(line=line, columns=tuple(columns), printed=printed, delimiter=delimiter)


def with_headers(looked: Looked, found: Found) -> Looked:
    """Return what was looked at with the headers of a Parquet file or a workbook, which must lie on disk.

    Raises
    ------
    UnreadableError
        If it is damaged, or a package is missing to read it.
    """
    sample = looked.sample
    if found.path is None or sample.kind not in ("parquet", "workbook"):
        return looked
    if sample.kind == "parquet":
        headers: tuple[Header, ...] = (header_of(parquet_columns(found.path), line=0, delimiter=""),)
    else:
        from ayni.sources.workbooks import headers as sheets  # noqa: PLC0415 - an extra

        if _is_zip(found.path) and not holds_workbook(found.path):
            raise UnreadableError("nested", found=found.name)

        headers = sheets(found.path)
    seen = Sample(name=sample.name, kind=sample.kind, head="", headers=headers)
    return Looked(sample=seen, encoding="", returns=False)


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(ZIP)) == ZIP


def recognise(sample: Sample, sources: Iterable[Source]) -> tuple[Source, Recognised] | None:
    """Return the source that knows the file and as what; None where none does."""
    for source in sources:
        known = source.recognise(sample)
        if known is not None:
            return source, known
    return None
