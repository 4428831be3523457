"""What goes wrong with files between a publisher and a reader, done to a made file on purpose.

Each function takes a file's bytes and gives them back damaged, with what a reader must tell about it. A line
number is that of the damaged file, from 1, as an editor shows it; a row that spans lines is known by its
first. Files are held in memory; only `write_long_line` makes something large.
"""

from __future__ import annotations

import functools
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something a reader must tell, or may.

    Attributes
    ----------
    line : int
        Where; 0 for the file as a whole.
    codes : tuple of str
        Under any of these, as in the catalogue; empty where any will do.
    must : bool
        False where a lenient reader may read the row instead, as it was meant.
    """

    line: int
    codes: tuple[str, ...]
    must: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A damaged file.

    Attributes
    ----------
    data : bytes
    faults : tuple of Fault
        Empty where nothing is lost and a reader should read it like the whole file.
    whole : bool
        Whether the file as a whole must be refused, so that nothing of it is kept.
    told : str
        What was done.
    """

    data: bytes
    faults: tuple[Fault, ...] = ()
    whole: bool = False
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    line: int
    text: bytes  # with its line end


def _records(data: bytes) -> list[_Record]:
    """Return the rows of a sound file, the header first, each with the line it begins on."""
    found: list[_Record] = []
    held, begin = b"", 1
    for line, text in enumerate(data.splitlines(keepends=True), 1):
        begin = begin if held else line
        held += text
        if held.count(b'"') % 2 == 0:
            found.append(_Record(line=begin, text=held))
            held = b""
    return found + ([_Record(line=begin, text=held)] if held else [])


def _joined(records: list[_Record]) -> bytes:
    return b"".join(one.text for one in records)


def _plain(records: list[_Record], count: int) -> list[int]:
    """Return the positions of `count` rows, well apart, each on a single line without quotes."""
    found = [n for n, one in enumerate(records) if n and b'"' not in one.text and one.text.count(b"\n") == 1]
    if len(found) < count:
        raise ValueError(f"{len(found)} rows without quotes, and {count} are needed: make more rows")
    return [found[len(found) * (2 * n + 1) // (2 * count)] for n in range(count)]


Change = Callable[[bytes], bytes]


def _changed(data: bytes, *changes: Change) -> tuple[bytes, tuple[int, ...]]:
    """Return a file with a change to each of some rows, and their lines."""
    records = _records(data)
    lines = []
    for at, change in zip(_plain(records, len(changes)), changes, strict=True):
        lines.append(records[at].line)
        records[at] = _Record(line=records[at].line, text=change(records[at].text))
    return _joined(records), tuple(lines)


# --- rows ----------------------------------------------------------------------------------------


def ragged(data: bytes) -> Damaged:
    """Take a cell off one row and add two to another."""
    data, lines = _changed(
        data,
        lambda text: text.rstrip(b"\n").rpartition(b",")[0] + b"\n",
        lambda text: text.rstrip(b"\n") + b",one,two\n",
    )
    faults = tuple(Fault(line=line, codes=("ragged",)) for line in lines)
    return Damaged(data=data, faults=faults, told="one row too short, one too long")


def unbalanced_quote(data: bytes) -> Damaged:
    """Open a quote in the last cell of a row and never close it: it swallows what follows."""
    data, lines = _changed(data, lambda text: b',"'.join(text.rsplit(b",", 1)))
    codes = ("broken-quotes", "ragged", "too-long")
    return Damaged(
        data=data, faults=(Fault(line=lines[0], codes=codes),), told="a quote is opened and never closed"
    )


def quote_in_middle(data: bytes) -> Damaged:
    """Put a quote inside a cell that is not quoted."""
    data, lines = _changed(data, functools.partial(_in_cell, what=b'5" pipe'))
    fault = Fault(line=lines[0], codes=("broken-quotes", "ragged"), must=False)
    return Damaged(data=data, faults=(fault,), told="a quote in the middle of a cell")


def _in_cell(text: bytes, what: bytes, nth: int = 1) -> bytes:
    cells = text.rstrip(b"\n").split(b",")
    cells[nth] = what
    return b",".join(cells) + b"\n"


def nul_bytes(data: bytes) -> Damaged:
    """Put two bytes of nought into a cell."""
    data, lines = _changed(data, functools.partial(_in_cell, what=b"A\0\0B"))
    codes = ("not-utf8", "broken-quotes", "unknown-code", "ragged")
    return Damaged(data=data, faults=(Fault(line=lines[0], codes=codes, must=False),), told="bytes of nought")


def invalid_utf8(data: bytes) -> Damaged:
    """Write one cell of one row in another encoding."""
    data, lines = _changed(data, functools.partial(_in_cell, what="Perú".encode("cp1252")))
    return Damaged(
        data=data, faults=(Fault(line=lines[0], codes=("not-utf8",)),), told="one line is not UTF-8"
    )


def repeated_header(data: bytes) -> Damaged:
    """Repeat the header in the middle, as files that were put together have it."""
    records = _records(data)
    at = len(records) // 2
    again = _Record(line=records[at].line, text=records[0].text)
    data = _joined([*records[:at], again, *records[at:]])
    return Damaged(
        data=data, faults=(Fault(line=again.line, codes=()),), told="the header stands in the middle"
    )


def partial_last_line(data: bytes) -> Damaged:
    """Cut the last row in the middle of a cell."""
    records = _records(data)
    last = records[-1]
    kept = last.text[: len(last.text) // 2].replace(b'"', b"")
    data = _joined(records[:-1]) + kept
    return Damaged(
        data=data, faults=(Fault(line=last.line, codes=("ragged",)),), told="the last line is cut off"
    )


def spreadsheet_amounts(data: bytes) -> Damaged:
    """Write amounts and a year as a spreadsheet does: ``"1,234"``, ``1.5E+06``, ``(5)``, ``2016.0``."""
    names = _records(data)[0].text.decode().strip().lower().replace("_", " ").replace('"', "").split(",")
    amount = next(n for n, name in enumerate(names) if name.startswith("current"))
    year = next(n for n, name in enumerate(names) if name == "fiscal year")
    codes = ("not-a-number", "not-a-year", "digits-lost")
    data, lines = _changed(
        data,
        functools.partial(_in_cell, what=b'"1,234"', nth=amount),
        functools.partial(_in_cell, what=b"1.5E+06", nth=amount),
        functools.partial(_in_cell, what=b"(5)", nth=amount),
        functools.partial(_in_cell, what=b"2016.0", nth=year),
    )
    faults = tuple(Fault(line=line, codes=codes, must=False) for line in lines)
    return Damaged(data=data, faults=faults, told="amounts were saved by a spreadsheet")


# --- the same text in other bytes ----------------------------------------------------------------


def cp1252(data: bytes) -> Damaged:
    """Write the whole file in the encoding of an old Windows."""
    text = data.decode("utf-8")
    lines = [one.line for one in _records(data) if not one.text.isascii()]
    faults = tuple(Fault(line=line, codes=("not-utf8", "encoding"), must=False) for line in lines)
    return Damaged(
        data=text.encode("cp1252", "replace"), faults=faults, told="the whole file is in Windows-1252"
    )


def utf16(data: bytes) -> Damaged:
    """Write the whole file in UTF-16 with its mark."""
    return Damaged(data=b"\xff\xfe" + data.decode().encode("utf-16-le"), told="UTF-16 with a mark")


def utf8_mark(data: bytes) -> Damaged:
    """Put UTF-8's mark in front."""
    return Damaged(data=b"\xef\xbb\xbf" + data, told="UTF-8 with a mark")


def crlf(data: bytes) -> Damaged:
    """End lines as on Windows."""
    return Damaged(data=data.replace(b"\n", b"\r\n"), told="lines end in CR LF")


def cr_only(data: bytes) -> Damaged:
    """End lines as on an old Macintosh."""
    return Damaged(data=data.replace(b"\n", b"\r"), told="lines end in CR")


def blank_lines(data: bytes) -> Damaged:
    """Put empty lines after the header, in the middle and at the end."""
    records = _records(data)
    empty, at = _Record(line=0, text=b"\n"), len(records) // 2
    put = [records[0], empty, *records[1:at], empty, empty, *records[at:], empty]
    return Damaged(data=_joined(put), told="empty lines between rows")


# --- archives ------------------------------------------------------------------------------------


def truncated_gz(data: bytes) -> Damaged:
    """Pack with gzip and cut off the last third."""
    packed = gzip.compress(data, mtime=0)
    fault = Fault(line=0, codes=("truncated", "damaged-archive"))
    return Damaged(data=packed[: len(packed) * 2 // 3], faults=(fault,), whole=True, told="a gz cut off")


def _zipped(data: bytes, name: str = "made.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def truncated_zip(data: bytes) -> Damaged:
    """Pack into a zip and cut off the end, where its list of files stands."""
    packed = _zipped(data)
    fault = Fault(line=0, codes=("truncated", "damaged-archive"))
    return Damaged(data=packed[: len(packed) * 2 // 3], faults=(fault,), whole=True, told="a zip cut off")


def broken_zip(data: bytes) -> Damaged:
    """Pack into a zip and change bytes in the middle of what is packed."""
    packed = bytearray(_zipped(data))
    middle = len(packed) // 2
    for n in range(middle, middle + 8):
        packed[n] ^= 0x5A
    fault = Fault(line=0, codes=("damaged-archive", "truncated"))
    return Damaged(data=bytes(packed), faults=(fault,), whole=True, told="a zip with bytes changed")


# --- XML -----------------------------------------------------------------------------------------


def _with_doctype(data: bytes, doctype: str, use: str = "") -> bytes:
    head, mark, rest = data.rpartition(b"?>\n") if data.startswith(b"<?xml") else (b"", b"", data)
    if use:
        rest = rest.replace(b"<narrative>", b"<narrative>" + use.encode(), 1)
    return head + mark + doctype.encode() + rest


def _entities(data: bytes, doctype: str, use: str, told: str) -> Damaged:
    line = 2 if data.startswith(b"<?xml") else 1
    fault = Fault(line=line, codes=("entities", "not-xml"))
    return Damaged(data=_with_doctype(data, doctype, use), faults=(fault,), whole=True, told=told)


def billion_laughs(data: bytes) -> Damaged:
    """Declare entities that unfold to a billion words."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE iati-activities [<!ENTITY l0 "ha">{laughs}]>\n'
    return _entities(data, doctype, "&l9;", "entities unfold to a billion words")


def external_entity(data: bytes) -> Damaged:
    """Declare an entity that stands for a file of the reader's machine."""
    doctype = '<!DOCTYPE iati-activities [<!ENTITY own SYSTEM "file:///etc/hostname">]>\n'
    return _entities(data, doctype, "&own;", "an entity stands for a file of this machine")


def document_type(data: bytes) -> Damaged:
    """Name a document type elsewhere."""
    doctype = '<!DOCTYPE iati-activities SYSTEM "http://127.0.0.1:9/iati.dtd">\n'
    return _entities(data, doctype, "", "a document type elsewhere")


def truncated_xml(data: bytes) -> Damaged:
    """Cut off the last third."""
    cut = data[: len(data) * 2 // 3]
    fault = Fault(line=cut.count(b"\n") + 1, codes=("not-xml", "truncated"))
    return Damaged(data=cut, faults=(fault,), whole=True, told="XML cut off")


def wrong_version(data: bytes) -> Damaged:
    """Say that the file is in a version of the standard that it is not."""
    changed = data
    for version in (b"2.01", b"2.02", b"2.03"):
        changed = changed.replace(b'version="' + version, b'version="1.05', 1)
    fault = Fault(line=0, codes=(), must=False)
    return Damaged(data=changed, faults=(fault,), told="the version is not the file's")


# --- by name -------------------------------------------------------------------------------------

ROWS: dict[str, Callable[[bytes], Damaged]] = {
    "ragged": ragged,
    "unbalanced-quote": unbalanced_quote,
    "quote-in-middle": quote_in_middle,
    "nul-bytes": nul_bytes,
    "invalid-utf8": invalid_utf8,
    "repeated-header": repeated_header,
    "partial-last-line": partial_last_line,
    "spreadsheet-amounts": spreadsheet_amounts,
}
BYTES: dict[str, Callable[[bytes], Damaged]] = {
    "cp1252": cp1252,
    "utf16": utf16,
    "utf8-mark": utf8_mark,
    "crlf": crlf,
    "cr-only": cr_only,
    "blank-lines": blank_lines,
}
ARCHIVES: dict[str, Callable[[bytes], Damaged]] = {
    "truncated-gz": truncated_gz,
    "truncated-zip": truncated_zip,
    "broken-zip": broken_zip,
}
XML: dict[str, Callable[[bytes], Damaged]] = {
    "billion-laughs": billion_laughs,
    "external-entity": external_entity,
    "document-type": document_type,
    "truncated-xml": truncated_xml,
    "wrong-version": wrong_version,
}
DAMAGES = ROWS | BYTES | ARCHIVES | XML


# --- one very long line --------------------------------------------------------------------------


def write_long_line(header: bytes, path: Path, size: int = 1 << 30) -> Damaged:
    """Write a header and one line of `size` bytes; the file system keeps it as a hole, so it takes no room.

    The line is bytes of nought after an opened quote; `Damaged.data` is empty, as the file is on disk.
    """
    begin = header.rstrip(b"\n") + b'\n1,"'
    with path.open("wb") as out:
        out.write(begin)
        out.truncate(len(begin) + size)
    fault = Fault(line=2, codes=("too-long",))
    return Damaged(data=b"", faults=(fault,), told=f"one line of {size} bytes")


def long_line(header: bytes, size: int = 1 << 30, piece: int = 1 << 20) -> Iterator[bytes]:
    """Yield a header and one line of `size` letters, piece by piece, for readers of streams."""
    yield header.rstrip(b"\n") + b"\n1,"
    for start in range(0, size, piece):
        yield b"x" * min(piece, size - start)
    yield b"\n"
