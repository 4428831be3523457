"""Where elements begin in the bytes of well-formed XML, and on which line.

libxml2 keeps lines up to 65,535 only, and of a start tag over several lines the last one. Here the bytes are
looked at: in well-formed XML a ``<`` that stands neither in a comment nor in CDATA nor in an instruction
begins a tag, for neither text nor attributes may hold one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Integers = npt.NDArray[np.int64]
_OPEN, _DECLARES, _INSTRUCTS, _LINE_END = b"<!?\n"
_ENDS_NAME = np.isin(np.arange(256), np.frombuffer(b" \t\r\n/>", dtype=np.uint8))
# What may hide a tag: how it begins and ends.
_HIDING = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """Start tags, in the order of the file.

    Attributes
    ----------
    kinds : (N,) int
        Which of the names asked for.
    begins : (N,) int
        Offset of the ``<``.
    lines : (N,) int
        Line of the ``<``, from 0.
    """

    kinds: _Integers
    begins: _Integers
    lines: _Integers

    def only(self, wanted: Sequence[bool]) -> Tags:
        """Return those tags for which `wanted` is true."""
        kept = np.asarray(wanted, dtype=bool)
        return Tags(kinds=self.kinds[kept], begins=self.begins[kept], lines=self.lines[kept])


def start_tags(data: bytes, names: tuple[bytes, ...]) -> Tags:
    """Return the start tags of well-formed XML that have one of some names.

    Parameters
    ----------
    data : bytes
        In an encoding that agrees with ASCII where it matters.
    names : tuple of bytes
        As printed, with their prefix.
    """
    octets = np.frombuffer(data, dtype=np.uint8)
    opens = np.flatnonzero(octets == _OPEN)
    # A tag has at least its ``>``.
    opens = opens[opens < len(data) - 1]
    first = octets[opens + 1]
    found = [_named(data, opens[first == name[0]], name) for name in names]
    begins = np.concatenate(found)
    kinds = np.repeat(np.arange(len(names)), [len(places) for places in found])
    order = np.argsort(begins)
    begins, kinds = begins[order], kinds[order]
    hides = opens[(first == _DECLARES) | (first == _INSTRUCTS)]
    if len(hides):
        seen = ~_hidden(data, hides.tolist(), begins)
        begins, kinds = begins[seen], kinds[seen]
    line_ends = np.flatnonzero(octets == _LINE_END)
    return Tags(kinds=kinds, begins=begins, lines=np.searchsorted(line_ends, begins))


def _named(data: bytes, opens: _Integers, name: bytes) -> _Integers:
    """Return those ``<`` that a name follows, whole."""
    size = len(name)
    opens = opens[opens < len(data) - size - 1]
    if not len(opens):
        return opens
    # The bytes from everywhere to as far as a name goes, laid over each other.
    ahead = np.ndarray((len(data) - size + 1,), dtype=f"S{size}", buffer=data, strides=(1,))
    opens = opens[ahead[opens + 1] == name]
    return opens[_ENDS_NAME[np.frombuffer(data, dtype=np.uint8)[opens + size + 1]]]


def _hidden(data: bytes, hides: list[int], begins: _Integers) -> npt.NDArray[np.bool_]:
    """Return which places stand in a comment, in CDATA or in an instruction, given what may begin one."""
    spans: list[tuple[int, int]] = []
    end = 0
    for place in hides:
        if place >= end:
            opening, closing = next(pair for pair in _HIDING if data.startswith(pair[0], place))
            end = data.index(closing, place + len(opening))
            spans.append((place, end))
    since, until = np.array(spans, dtype=np.int64).T
    # Of the last that begins before it.
    span = np.searchsorted(since, begins) - 1
    inside: npt.NDArray[np.bool_] = (span >= 0) & (begins < until[span])
    return inside
