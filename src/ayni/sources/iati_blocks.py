"""An IATI file's bytes, cut between activities into blocks that are XML by themselves.

A cut falls behind ``</iati-activity>``, and every block but the last is closed with the root's end tag. An
end tag that only stands in a comment, in CDATA or in a nested element makes its block ill-formed, since
what it stands in is never closed: whoever parses such a block joins it to the next (`joined`) and tries
again. So a cut can be in the wrong place, but never unnoticed.

What is held in memory is a block, or one activity if that is longer, and no more: an activity longer than
`ACTIVITY_BYTES` is not read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ayni.sources.contract import UnreadableError

# Large enough that what is done once per block does not count.
BLOCK_BYTES = 4 << 20
# Trees of pieces of this size stay in a processor's cache, which makes them a sixth quicker.
_PIECE_BYTES = 1 << 18
# Of one activity, hence of a block. The registry's largest files as a whole have about so much.
ACTIVITY_BYTES = 64 << 20
# Of everything before the first activity.
_HEAD_BYTES = 1 << 18
ROOT = b"iati-activities"
_BLANK = b" \t\r\n"
_BLANKS = re.compile(rb"[ \t\r\n]+")
_ROOT = re.compile(rb"<([^\s/<>!?\"'=]+)((?:[^>\"'<]|\"[^\"<]*\"|'[^'<]*')*)>")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')")
_UTF16 = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands before the first activity.

    Attributes
    ----------
    opening : bytes
        XML declaration and root's start tag.
    closing : bytes
        Root's end tag; empty where the root is an empty element.
    prefix : bytes
        Of the root's name with its colon; empty as a rule, since IATI has no namespace.
    encoding : str
        Of the bytes.
    """

    opening: bytes
    closing: bytes
    prefix: bytes
    encoding: str

    @property
    def end_tag(self) -> bytes:
        """An activity's end tag, but for what may stand before its ``>``."""
        return b"</" + self.prefix + b"iati-activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some activities as they stand in the file.

    Attributes
    ----------
    head : Head
        Of the file.
    data : bytes
        From behind one activity, or behind the root's start tag, to behind another.
    line : int
        In which `data` begins, from 1.
    last : bool
        Whether the file ends with it, hence whether it has the root's end tag.
    """

    head: Head
    data: bytes
    line: int
    last: bool

    @property
    def document(self) -> bytes:
        """The block as a document of its own."""
        return self.head.opening + self.data + (b"" if self.last else self.head.closing)

    def pieces(self) -> Iterator[bytes]:
        """Give the block as several documents; where one is ill-formed the whole may still be well-formed."""
        end_tag = self.head.end_tag
        begin = 0
        while len(self.data) - begin > 2 * _PIECE_BYTES:
            end = _last_end(self.data, end_tag, begin, begin + _PIECE_BYTES)
            if not end:
                break
            yield self.head.opening + self.data[begin:end] + self.head.closing
            begin = end
        yield self.head.opening + self.data[begin:] + (b"" if self.last else self.head.closing)

    def file_line(self, line: int) -> int:
        """Return the file's line that is `line` of `document`."""
        return self.line + max(0, line - 1 - self.head.opening.count(b"\n"))


def blocks(stream: Readable, *, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Give a file's blocks, in order; at least one.

    Parameters
    ----------
    size : int
        Bytes that a block has at least, but for the last.

    Raises
    ------
    UnreadableError
        If it declares a document type (``entities``), does not begin like XML (``not-xml``) or like IATI
        (``unknown``), or an activity is too long (``too-long-activity``).
    """
    source = _as_ascii(stream)
    head, rest, line = _head(source)
    searched = 0
    while piece := _piece(source, size):
        rest += piece
        cut = _last_end(rest, head.end_tag, searched, len(rest))
        if not cut:
            searched = max(0, len(rest) - len(head.end_tag) - _HEAD_BYTES)
            _refuse_long(len(rest), line)
            continue
        yield Block(head=head, data=rest[:cut], line=line, last=False)
        line += rest.count(b"\n", 0, cut)
        rest = rest[cut:]
        searched = 0
    yield Block(head=head, data=rest, line=line, last=True)


def joined(first: Block, second: Block) -> Block:
    """Return two neighbours as one block."""
    return replace(first, data=first.data + second.data, last=second.last)


def _refuse_long(size: int, line: int) -> None:
    """Raise if what could not be cut is longer than an activity may be."""
    if size > ACTIVITY_BYTES:
        raise UnreadableError(
            "too-long-activity",
            line=line,
            found=f"{size >> 20} MiB",
            expected=f"{ACTIVITY_BYTES >> 20} MiB",
        )


def _piece(stream: Readable, size: int) -> bytes:
    """Read `size` bytes, fewer only at the end: archives give less than they are asked for."""
    pieces = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _last_end(data: bytes, end_tag: bytes, since: int, before: int) -> int:
    """Return where the last end tag of an activity between two places ends; 0 where there is none."""
    while (found := data.rfind(end_tag, since, before)) >= 0:
        close = data.find(b">", found, found + _HEAD_BYTES)
        if close >= 0 and not data[found + len(end_tag) : close].strip(_BLANK):
            return close + 1
        before = found
    return 0


def _head(stream: Readable) -> tuple[Head, bytes, int]:
    """Return the head, what was read beyond it, and the line that this begins in."""
    data = _piece(stream, _HEAD_BYTES)
    start = 3 if data.startswith(codecs.BOM_UTF8) else 0
    declaration = _DECLARATION.match(data, start)
    place = declaration.end() if declaration else start
    while not (root := _ROOT.match(data, place)):
        place = _behind(data, place)
    name = root[1]
    if name.rpartition(b":")[2] != ROOT:
        found = name.decode("utf-8", "replace")
        raise UnreadableError("unknown", found=f"<{found}>", expected=f"<{ROOT.decode()}>")
    head = Head(
        opening=(declaration[0] if declaration else b"") + root[0],
        closing=b"" if root[2].endswith(b"/") else b"</" + name + b">",
        prefix=name[: name.find(b":") + 1],
        encoding=_encoding(declaration[0] if declaration else b""),
    )
    return head, data[root.end() :], data.count(b"\n", 0, root.end()) + 1


def _encoding(declaration: bytes) -> str:
    named = _ENCODING.search(declaration)
    name = named[1][1:-1].decode("ascii", "replace") if named else "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def _behind(data: bytes, place: int) -> int:
    """Return where the blank, comment or instruction at `place` ends."""
    blank = _BLANKS.match(data, place)
    if blank:
        return blank.end()
    rest = data[place : place + 9]
    for begin, end in ((b"<!--", b"-->"), (b"<?", b"?>")):
        if rest.startswith(begin):
            closed = data.find(end, place + len(begin))
            if closed >= 0:
                return closed + len(end)
    line = data.count(b"\n", 0, place) + 1
    if rest == b"<!DOCTYPE":
        raise UnreadableError("entities", line=line, found="<!DOCTYPE")
    found = data[place : place + 40].decode("utf-8", "replace")
    raise UnreadableError("not-xml", line=line, found=found or "no root element")


def _as_ascii(stream: Readable) -> Readable:
    """Return the stream as it is, or in UTF-8 if it is UTF-16, where end tags could not be found."""
    begin = _piece(stream, 2)
    encoding = _UTF16.get(begin)
    return _Utf8(begin, stream, encoding) if encoding else _Resumed(begin, stream)


class _Resumed:
    """A stream of which the first bytes were read already."""

    def __init__(self, begin: bytes, stream: Readable) -> None:
        self._begin = begin
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes."""
        begin, self._begin = self._begin, b""
        return begin or self._stream.read(size)


class _Utf8:
    """A stream in UTF-16 that gives UTF-8, without the encoding that its declaration names."""

    def __init__(self, begin: bytes, stream: Readable, encoding: str) -> None:
        self._stream = _Resumed(begin, stream)
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._at_start = True

    def read(self, size: int = -1, /) -> bytes:
        """Give the next bytes, about `size` of them."""
        while piece := self._stream.read(max(2, size // 2)):
            text = self._decoded(piece)
            if self._at_start and text:
                text = self._without_encoding(text)
            if text:
                return text
        return b""

    def _decoded(self, piece: bytes) -> bytes:
        try:
            return self._decoder.decode(piece).encode()
        except UnicodeError as error:
            raise UnreadableError("not-xml", found=str(error)) from error

    def _without_encoding(self, text: bytes) -> bytes:
        """Return the first bytes without the encoding, reading on until its declaration is whole."""
        self._at_start = False
        while len(text) < _HEAD_BYTES and b"?>" not in text and (piece := self._stream.read(1 << 12)):
            text += self._decoded(piece)
        text = text.removeprefix(codecs.BOM_UTF8)
        declaration = _DECLARATION.match(text)
        if declaration is None:
            return text
        return _ENCODING.sub(b"", declaration[0], count=1) + text[declaration.end() :]
