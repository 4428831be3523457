"""Where elements begin in the bytes of well-formed XML, and on which line.

libxml2 keeps lines up to 65,535 only, and of a start tag over several lines the last one. Here the bytes are
looked at: in well-formed XML a ``<`` that stands neither in a comment nor in CDATA nor in an instruction
begins a tag, for neither text nor attributes may hold one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_Integers = npt.NDArray[np.int64]
# Then it does not pay to look on.
_TRIES = 10_000
_LINE_END = ord("\n")


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
    # A pattern that also looks for what may hide a tag takes as long again.
    pattern = _pattern(names, hiding=_may_hide(data, b"!") or _may_hide(data, b"?"))
    # Both numbers in one: a hundred thousand tuples or matches would keep the garbage collector busy.
    many = len(names) + 1
    found = [tag.start() * many + tag.lastindex for tag in pattern.finditer(data) if tag.lastindex]
    begins, kinds = np.divmod(np.array(found, dtype=np.int64), many)
    line_ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_END)
    return Tags(kinds=kinds - 1, begins=begins, lines=np.searchsorted(line_ends, begins))


def _may_hide(data: bytes, sign: bytes) -> bool:
    """Return whether ``<`` and a sign stand together; looked for by the rarer of the two, for so long."""
    place = -1
    for _ in range(_TRIES):
        place = data.find(sign, place + 1)
        if place < 0:
            return False
        if data[place - 1 : place] == b"<":
            return True
    return True


@cache
def _pattern(names: tuple[bytes, ...], *, hiding: bool) -> re.Pattern[bytes]:
    """Return what matches a start tag in a group of its own, and all of what may hide one in no group."""
    tags = b"|".join(b"(" + re.escape(name) + rb")(?=[\s/>])" for name in names)
    hidden = rb"|!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>" if hiding else b""
    return re.compile(rb"<(?:" + tags + hidden + rb")", re.DOTALL)
