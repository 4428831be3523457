"""Members of zips that are compressed with Deflate64 (method 9), as the OECD's large files are.

Python's library reads Deflate but not its younger brother, which differs in three places: matches reach
back 64 KB instead of 32, the longest of them has up to 65,538 bytes instead of 258, and two more distance
codes exist. The decoder is in Python alone, with numpy for its tables, so that such archives can be read
without any package more; the extra ``oecd`` reads them much more quickly (`ayni.sources.containers`).

How it is made quick: each byte of the input becomes a number of 24 bits that begins with it, so that any 17
bits are one look-up, one shift and one mask away; tables are indexed by as many bits as the longest code of
a block has.

References
----------
RFC 1951, DEFLATE Compressed Data Format Specification, 1996. APPNOTE.TXT, .ZIP File Format Specification,
PKWARE, section 5.6 "Enhanced Deflating". Distances and lengths beyond RFC 1951: ``infback9``, in zlib's
folder ``contrib``.
"""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ayni.sources.contract import UnreadableError

if TYPE_CHECKING:
    import zipfile

_WINDOW = 1 << 16
# Decoded bytes are given on once there are so many: the slices that this costs are few.
_GIVEN_ON = 1 << 20
_PIECE = 1 << 18
# The longest header of a block has 14 + 19 * 3 + 320 * 14 bits; a symbol with its distance at most 60.
_MARGIN_BYTES = 1024
_LITERALS, _END, _FIRST, _LAST = 256, 256, 257, 285
_LONGEST = 15
# A zip's local header: its signature, and its length but for name and extra field.
_LOCAL, _LOCAL_BYTES = b"PK\x03\x04", 30
_STORED, _FIXED, _DYNAMIC = 0, 1, 2
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


def _stepped(extras: tuple[int, ...], first: int) -> tuple[int, ...]:
    """Return where each code's values begin: each code has twice as many as it has extra bits."""
    return tuple(itertools.accumulate((1 << bits for bits in extras[:-1]), initial=first))


_LENGTH_EXTRA = (*(0,) * 8, *(n for n in range(1, 6) for _ in range(4)), 16)
# The last code does not follow those before it: 3 and sixteen bits.
_LENGTH_BASE = (*_stepped(_LENGTH_EXTRA[:-1], 3), 3)
_DISTANCE_EXTRA = (0, 0, *(n for n in range(15) for _ in range(2)))
_DISTANCE_BASE = _stepped(_DISTANCE_EXTRA, 1)


class _DamagedError(Exception):
    """What is decoded is no Deflate64; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """A code's symbols by the bits that come next.

    Attributes
    ----------
    entries : list of int
        Symbol times 16 plus the length of its code; 0 where no code begins so.
    mask : int
        Of the bits to look at.
    """

    entries: list[int]
    mask: int


def _table(lengths: list[int]) -> _Table:
    """Return the table of a canonical Huffman code (RFC 1951, 3.2.2)."""
    sizes = np.asarray(lengths, dtype=np.int64)
    widest = int(sizes.max(initial=0)) or 1
    entries = np.zeros(1 << widest, dtype=np.int64)
    code = 0
    for bits in range(1, widest + 1):
        symbols = np.flatnonzero(sizes == bits)
        codes = code + np.arange(symbols.size)
        if symbols.size and int(codes[-1]) >> bits:
            raise _DamagedError("a code has too many symbols")
        reversed_codes = np.zeros_like(codes)
        for bit in range(bits):
            reversed_codes |= ((codes >> bit) & 1) << (bits - 1 - bit)
        repeats = np.arange(1 << (widest - bits)) << bits
        entries[(reversed_codes[:, None] + repeats[None, :]).ravel()] = np.repeat(
            symbols << 4 | bits, repeats.size
        )
        code = (code + symbols.size) << 1
    return _Table(entries=entries.tolist(), mask=(1 << widest) - 1)


_FIXED_TABLES = (_table([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8), _table([5] * 32))


class _Bits:
    """The compressed bytes as bits, a piece at a time.

    Attributes
    ----------
    words : list of int
        For each byte of the piece, the 24 bits that begin there.
    at : int
        The next bit, counted from the beginning of the piece.
    limit : int
        Up to here a block's header, or a symbol, is sure to lie within the piece.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._data = b""
        self._last = False
        self.words: list[int] = []
        self.at = self.limit = 0

    def fill(self) -> None:
        """Drop the bytes that were used and take some more; at the end noughts stand in for them."""
        if self._last:
            if self.beyond:
                raise EOFError("compressed bytes are missing")
            self.limit = 8 * len(self._data) + 1
            return
        kept = self._data[self.at >> 3 :]
        self.at &= 7
        piece = next(self._pieces, b"")
        self._data = kept + piece
        self._last = not piece
        padded = np.frombuffer(self._data + bytes(_MARGIN_BYTES), np.uint8).astype(np.int64)
        self.words = (padded[:-2] | padded[1:-1] << 8 | padded[2:] << 16).tolist()
        self.limit = max(0, 8 * (len(self._data) - _MARGIN_BYTES))
        if self._last:
            self.limit = 8 * len(self._data) + 1

    @property
    def beyond(self) -> bool:
        """Whether more bits were taken than there are."""
        return self._last and self.at > 8 * len(self._data)

    def take(self, count: int) -> int:
        """Return the next bits as a number, the first of them the lowest."""
        at = self.at
        self.at = at + count
        return (self.words[at >> 3] >> (at & 7)) & ((1 << count) - 1)

    def symbol(self, table: _Table) -> int:
        """Return the next symbol of a code."""
        at = self.at
        entry = table.entries[(self.words[at >> 3] >> (at & 7)) & table.mask]
        if not entry:
            raise _DamagedError("bits that are no code")
        self.at = at + (entry & 15)
        return entry >> 4

    def stored(self, count: int) -> Iterator[bytes]:
        """Give so many bytes as they stand, from the next whole byte on."""
        while count:
            start = (self.at + 7) >> 3
            piece = self._data[start : start + count]
            self.at = 8 * (start + len(piece))
            count -= len(piece)
            yield piece
            if count:
                if self._last:
                    raise EOFError("compressed bytes are missing")
                self.fill()


def decode(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decode Deflate64.

    Parameters
    ----------
    pieces : iterator of bytes
        What is compressed, in pieces of any size.

    Yields
    ------
    bytes
        What it holds, in pieces of about a megabyte.

    Raises
    ------
    EOFError
        If it ends too early.
    UnreadableError
        If it is not Deflate64.
    """
    bits, out = _Bits(pieces), bytearray()
    try:
        last = False
        while not last:
            while bits.at >= bits.limit:
                bits.fill()
            last, kind = bool(bits.take(1)), bits.take(2)
            for _ in _block(bits, kind, out):
                if len(out) > _GIVEN_ON:
                    yield bytes(out[:-_WINDOW])
                    del out[:-_WINDOW]
        bits.fill()
        yield bytes(out)
    except _DamagedError as error:
        if bits.beyond:
            # Noughts that stand in for missing bytes are no fault of those that are there.
            raise EOFError("compressed bytes are missing") from error
        raise UnreadableError("damaged-archive", found=str(error)) from error


def _block(bits: _Bits, kind: int, out: bytearray) -> Iterator[None]:
    """Append what a block holds, pausing now and then so that it can be given on."""
    if kind == _STORED:
        bits.at = (bits.at + 7) & ~7
        size, check = bits.take(16), bits.take(16)
        if size != check ^ 0xFFFF:
            raise _DamagedError("the length of a stored block")
        for piece in bits.stored(size):
            out += piece
            yield
        return
    if kind == _FIXED:
        literals, distances = _FIXED_TABLES
    elif kind == _DYNAMIC:
        literals, distances = _codes(bits)
    else:
        raise _DamagedError("a block of an unknown kind")
    while not _symbols(bits, literals, distances, out):
        yield
        if bits.at >= bits.limit:
            bits.fill()
    yield


def _codes(bits: _Bits) -> tuple[_Table, _Table]:
    """Read the two codes of a dynamic block (RFC 1951, 3.2.7)."""
    literals, distances, own = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    lengths = [0] * len(_ORDER)
    for place in _ORDER[:own]:
        lengths[place] = bits.take(3)
    table = _table(lengths)
    told: list[int] = []
    while len(told) < literals + distances:
        symbol = bits.symbol(table)
        if symbol <= _LONGEST:
            told.append(symbol)
        elif symbol == _LONGEST + 1:
            told += told[-1:] * (3 + bits.take(2))
            if not told:
                raise _DamagedError("a repeated length without a first")
        else:
            told += [0] * (3 + bits.take(3) if symbol == _LONGEST + 2 else 11 + bits.take(7))
    if len(told) > literals + distances or not told[_END]:
        raise _DamagedError("the lengths of codes")
    return _table(told[:literals]), _table(told[literals:])


def _symbols(bits: _Bits, literals: _Table, distances: _Table, out: bytearray) -> bool:
    """Append what symbols stand for; whether the block has ended, or else more input or room is wanted.

    This is where the time goes: hence names of its own for all that the loop touches.
    """
    words, at, limit = bits.words, bits.at, bits.limit
    entries, mask, further, further_mask = literals.entries, literals.mask, distances.entries, distances.mask
    append = out.append
    ended = False
    full = len(out) + _GIVEN_ON
    try:
        while at < limit:
            entry = entries[(words[at >> 3] >> (at & 7)) & mask]
            at += entry & 15
            symbol = entry >> 4
            if symbol < _LITERALS:
                if not entry:
                    raise _DamagedError("bits that are no code")
                append(symbol)
                continue
            if symbol == _END:
                ended = True
                break
            if symbol > _LAST:
                raise _DamagedError("a length that does not exist")
            code = symbol - _FIRST
            extra = _LENGTH_EXTRA[code]
            length = _LENGTH_BASE[code] + ((words[at >> 3] >> (at & 7)) & ((1 << extra) - 1))
            at += extra
            entry = further[(words[at >> 3] >> (at & 7)) & further_mask]
            at += entry & 15
            extra = _DISTANCE_EXTRA[entry >> 4]
            back = _DISTANCE_BASE[entry >> 4] + ((words[at >> 3] >> (at & 7)) & ((1 << extra) - 1))
            at += extra
            start = len(out) - back
            if start < 0 or not entry:
                raise _DamagedError("a match before the beginning")
            if back >= length:
                out += out[start : start + length]
            else:
                out += (out[start:] * (length // back + 1))[:length]
            if len(out) > full:
                break
    finally:
        bits.at = at
    return ended


class _Member:
    """A member of a zip, decoded as it is read; its size and check sum are looked at where it ends."""

    def __init__(self, path: Path, info: zipfile.ZipInfo) -> None:
        self._file = path.open("rb")
        self._info = info
        self._decoded = decode(_compressed(self._file, info))
        self._held = b""
        self._at = self._size = self._crc = 0

    def read(self, size: int = -1, /) -> bytes:
        """Give at most `size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        wanted = size if size >= 0 else self._info.file_size + 1
        while wanted and (self._at < len(self._held) or self._more()):
            part = self._held[self._at : self._at + wanted]
            self._at += len(part)
            wanted -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _more(self) -> bool:
        """Decode the next piece; whether there is one."""
        try:
            self._held, self._at = next(self._decoded), 0
        except StopIteration:
            self._check()
            return False
        except EOFError as error:
            raise UnreadableError("truncated", found=str(error)) from error
        self._size += len(self._held)
        self._crc = zlib.crc32(self._held, self._crc)
        if self._size > self._info.file_size:
            self._check()
        return True

    def _check(self) -> None:
        if self._size != self._info.file_size:
            raise UnreadableError(
                "damaged-archive",
                found=f"{self._info.filename}: {self._size} bytes",
                expected=str(self._info.file_size),
            )
        if self._crc != self._info.CRC:
            raise UnreadableError("damaged-archive", found=f"{self._info.filename}: CRC")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _compressed(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give the compressed bytes of a member."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_BYTES)
    if len(header) < _LOCAL_BYTES or not header.startswith(_LOCAL):
        raise _DamagedError("no header before the member")
    file.seek(sum(struct.unpack_from("<HH", header, _LOCAL_BYTES - 4)), io.SEEK_CUR)
    left = info.compress_size
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise EOFError("the archive ends within a member")
        left -= len(piece)
        yield piece


def open_deflate64(path: Path, info: zipfile.ZipInfo) -> _Member:
    """Open a member of a zip that is compressed with Deflate64.

    Parameters
    ----------
    path : Path
        The archive.
    info : ZipInfo
        The member, as `zipfile` tells it.

    Returns
    -------
    object
        With ``close()`` and ``read(size)``, which raises `UnreadableError`: ``truncated`` or
        ``damaged-archive``. It holds some tens of megabytes, however long the member is.
    """
    return _Member(path, info)
