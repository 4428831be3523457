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
_NARROWEST = 12
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


def wrap(text: str, room: int, indent: str = "") -> list[str]:
    """Return `text` as lines no wider than `room`, broken at spaces where there are any."""
    room = max(room - width(indent), 1)
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        *pieces, line = _pieces(word, room)
        lines += pieces
    return [indent + one for one in [*lines, line]]


def _pieces(word: str, room: int) -> list[str]:
    """Break a word wider than a line."""
    pieces, piece = [], ""
    for sign in word:
        if width(piece + sign) > room and piece:
            pieces.append(piece)
            piece = ""
        piece += sign
    return [*pieces, piece]


def paragraph(text: str, indent: str = "") -> str:
    """Return `text` wrapped to the terminal, every line with its indent."""
    return "\n".join(line for part in text.splitlines() for line in wrap(part, columns(), indent))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return a table aligned by display width and no wider than the terminal.

    Parameters
    ----------
    right : sequence of int
        Columns set to the right, as numbers are; they are never broken.
    """
    everything = [list(heads), *(list(row) for row in rows)]
    needed = [max((width(cell) for cell in column), default=0) for column in zip(*everything, strict=True)]
    room = _shared(needed, frozenset(right))
    if room is None:
        return records(heads, rows)
    lines = [_row(row, room, frozenset(right)) for row in everything]
    rule = _GAP.join("-" * one for one in room)
    return "\n".join(["\n".join(lines[0]), rule, *("\n".join(line) for line in lines[1:])])


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
