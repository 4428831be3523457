"""Rows that were set aside, put right by a person and read again: which are open, and which a file closes.

A file that mends is the one that `ayni quarantine --out` writes: the header of the rows' own file, and before
every row the line at which it stands there. By it each row counts once, however often somebody mends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from ayni.ledger.aside import as_ranges
from ayni.sources.contract import Header, Recognised, Source, UnreadableError
from ayni.sources.recognition import Looked

# The source whose files a mapping describes.
_TIDY = "tidy"
# Heads the column of lines.
LINE_COLUMN = "ayni_line"
# No file has more lines than such a number can tell.
_DIGITS = 15


class Mending:
    """The rows of one origin that are set aside, while a file is read that mends some.

    Parameters
    ----------
    origin : str
        Its key.
    dataset, source : str
        As what it was read.
    open_lines : frozenset of int
        Lines of its file that are set aside and not mended yet.
    """

    def __init__(self, origin: str, *, dataset: str, source: str, open_lines: frozenset[int]) -> None:
        self.origin, self.dataset, self.source = origin, dataset, source
        self.open_lines = open_lines
        self._own: dict[int, int] = {}
        self._delimiter = ","
        self._lock = threading.Lock()

    def looked(self, looked: Looked) -> Looked:
        """Return what was seen of the file without its column of lines, so that its source knows it.

        Raises
        ------
        UnreadableError
            If it has no such column.
        """
        sample = looked.sample
        headers = tuple(
            replace(one, columns=one.columns[1:], printed=one.printed[1:])
            for one in sample.headers
            if one.columns[0] == LINE_COLUMN
        )
        if sample.kind != "delimited" or not headers:
            raise UnreadableError("no-lines", found=_first_cell(sample.headers), expected=LINE_COLUMN)
        delimiter = self._delimiter = headers[0].delimiter
        head = "\n".join(line.partition(delimiter)[2] for line in sample.head.split("\n"))
        return replace(looked, sample=replace(sample, head=head, headers=headers))

    def known(self, source: Source, known: Recognised) -> Recognised:
        """Return as what the file is known, which must be as what the rows' own file was.

        Raises
        ------
        UnreadableError
            If it is not.
        """
        if source.key == self.source == _TIDY:
            # A mapping that names no dataset is named for its own table.
            return replace(known, dataset=self.dataset)
        if known.dataset != self.dataset:
            raise UnreadableError("other-dataset", found=known.dataset, expected=self.dataset)
        return known

    def without_lines(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return rows without the column of lines, which is noted. Threads may call it at the same time.

        Raises
        ------
        UnreadableError
            If a row names a line that is not open.
        """
        for line, printed in frame.select("line", LINE_COLUMN).iter_rows():
            own = self._number(printed or "")
            if own not in self.open_lines:
                raise UnreadableError("not-aside", line=line, found=printed or "", expected=self.origin)
            with self._lock:
                self._own[line] = own
        rows = frame.drop(LINE_COLUMN)
        self._refuse_swallowed(rows)
        return rows

    def _number(self, text: str) -> int:
        text = text.strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0

    def _refuse_swallowed(self, rows: pl.DataFrame) -> None:
        """Raise if a row holds another: side by side, two quotes left as they were can make a pair."""
        for line, *cells in rows.select("line", pl.exclude("line").cast(pl.String)).iter_rows():
            below = [text for cell in cells if cell and "\n" in cell for text in cell.split("\n")[1:]]
            for text in below:
                if self._number(text.partition(self._delimiter)[0]) in self.open_lines:
                    raise UnreadableError("swallowed", line=line, found=text[:40])

    def mended(self, refused: Iterable[int]) -> str:
        """Return the lines that the file closes, given its own lines that were refused."""
        again = set(refused)
        return as_ranges(own for line, own in self._own.items() if line not in again)


def _first_cell(headers: tuple[Header, ...]) -> str:
    return headers[0].printed[0][:40] if headers else ""
