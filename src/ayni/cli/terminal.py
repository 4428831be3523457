"""Text laid out for a terminal: tables by display width, paragraphs, signs of life."""

from __future__ import annotations

import shutil
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

_GAP = "  "
_NARROWEST = 10
# Nothing is said about work that takes less than this.
_QUIET_SECONDS = 2.0
_TICK_SECONDS = 0.5


def columns() -> int:
    """Return how many characters fit on a line of this terminal."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def width(text: str) -> int:
    """Return how many cells `text` takes: none for combining signs, two for wide ones."""
    return sum(_cells(sign) for sign in text)


def _cells(sign: str) -> int:
    if unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def wrap(text: str, room: int, *, whole_words: bool = False) -> list[str]:
    """Return `text` as lines no wider than `room`, broken at spaces.

    Parameters
    ----------
    whole_words : bool
        Whether a word wider than a line stays whole, as an address should, instead of being broken.
    """
    room = max(room, 1)
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        *pieces, line = [word] if whole_words else _pieces(word, room)
        lines += pieces
    return [*lines, line]


def _pieces(word: str, room: int) -> list[str]:
    """Break a word wider than a line, after a hyphen, slash or point where one is near the end."""
    pieces = []
    while width(word) > room:
        at = 0
        while width(word[: at + 1]) <= room:
            at += 1
        at = max(at, 1)
        soft = max(word.rfind(sign, 0, at) for sign in "-/._") + 1
        at = soft if soft > at // 2 else at
        pieces.append(word[:at])
        word = word[at:]
    return [*pieces, word]


def paragraph(text: str, indent: str = "", hang: str = "") -> str:
    """Return `text` wrapped to the terminal, every line with its indent, all but the first hanging."""
    lines = []
    for part in text.splitlines():
        first, *rest = wrap(part, columns() - width(indent) - width(hang), whole_words=True)
        lines += [indent + first, *(indent + hang + one for one in rest)]
    return "\n".join(lines)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return a table aligned by display width and no wider than the terminal.

    Parameters
    ----------
    right : sequence of int
        Columns set to the right, as numbers are; they are never broken.
    """
    kept = [at for at, head in enumerate(heads) if head or any(row[at] for row in rows)]
    fixed = frozenset(kept.index(at) for at in right if at in kept)
    names = [heads[at] for at in kept]
    cells = [[row[at] for at in kept] for row in rows]
    needed = [_needed(name, [row[at] for row in cells], at in fixed) for at, name in enumerate(names)]
    room = _shared(needed, fixed)
    if room is None:
        return records(names, cells)
    rule = _GAP.join("-" * one for one in room)
    body = [line for row in cells for line in _row(row, room, fixed)]
    return "\n".join([*_row(names, room, fixed), rule, *body])


def _needed(head: str, cells: Sequence[str], fixed: bool) -> int:
    """Return how wide a column wants to be; the head of a column of numbers may break at spaces."""
    least = max(map(width, head.split(" "))) if fixed else width(head)
    return max([least, *map(width, cells)])


def _shared(needed: list[int], fixed: frozenset[int]) -> list[int] | None:
    """Return the width of each column, the widest texts narrowed first; None if too narrow to read."""
    room = list(needed)
    free = [at for at in range(len(room)) if at not in fixed]
    over = sum(room) + len(_GAP) * (len(room) - 1) - columns()
    while over > 0:
        widest = max(free, key=lambda at: room[at], default=-1)
        if widest < 0 or room[widest] <= _NARROWEST:
            return None
        room[widest] -= 1
        over -= 1
    return room


def _row(cells: Sequence[str], room: Sequence[int], right: frozenset[int]) -> list[str]:
    broken = [wrap(cell, room[at]) for at, cell in enumerate(cells)]
    lines = []
    for line in range(max(map(len, broken), default=0)):
        parts = [cell[line] if line < len(cell) else "" for cell in broken]
        padded = [
            " " * (room[at] - width(part)) + part if at in right else part + " " * (room[at] - width(part))
            for at, part in enumerate(parts)
        ]
        lines.append(_GAP.join(padded).rstrip())
    return lines


def records(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return each row as a block of ``head  value`` lines, for what no table can hold."""
    indent = max((width(head) for head in heads), default=0)
    blocks = []
    for row in rows:
        lines = []
        for head, cell in zip(heads, row, strict=True):
            if not cell:
                continue
            first, *rest = wrap(cell, max(columns() - indent - len(_GAP), _NARROWEST))
            lines.append(f"{head}{' ' * (indent - width(head))}{_GAP}{first}".rstrip())
            lines += [" " * (indent + len(_GAP)) + one for one in rest]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


class Progress:
    """What is being done now, told on a terminal once it has taken two seconds.

    Parameters
    ----------
    stream : TextIO
        Where to tell it; nothing is written where it is no terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = ""
        self._shown = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __call__(self, step: str) -> None:
        """Say what is being done from now on."""
        self._step = step

    def start(self) -> None:
        """Begin to wait; without a terminal there is nothing to begin."""
        if self._stream.isatty():
            self._thread.start()

    def stop(self) -> None:
        """Wipe the line."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        self.clear()

    def clear(self) -> None:
        """Wipe the line, so that something else can be printed in its place."""
        if self._shown:
            self._stream.write("\r" + " " * (columns() - 1) + "\r")
            self._stream.flush()

    def _tell(self) -> None:
        begun = time.monotonic()
        wait = _QUIET_SECONDS
        while not self._end.wait(wait):
            wait = _TICK_SECONDS
            room = columns() - 1
            text = wrap(f"{self._step} … {time.monotonic() - begun:.0f} s", room)[0]
            self._stream.write("\r" + text + " " * (room - width(text)))
            self._stream.flush()
            self._shown = True


@contextmanager
def progress(step: str) -> Iterator[Progress]:
    """Tell on standard error what is being done, while it is done."""
    told = Progress(sys.stderr)
    told(step)
    told.start()
    try:
        yield told
    finally:
        told.stop()
