"""Writing into a ledger: everything of a draft counts at once, or nothing of it.

A draft writes parts into the ledger's folder under the hash of their bytes, where nobody sees them until
`Draft.commit` renames a new manifest into place. Whatever ends a draft before that - an exception, a
full disk, ``kill -9``, the power - leaves the old manifest, hence the old ledger; the parts it left behind
are swept by the next writer. Writers take turns by a lock that the operating system lets go of when its
holder ends, however it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import polars as pl

from ayni.ledger.schemas import DETAILS, TABLES
from ayni.ledger.store import (
    FORMAT,
    MANIFEST,
    PARTS,
    Ledger,
    LedgerError,
    Part,
    open_ledger,
    replace_file,
    sync,
)

LOCK = "writing.lock"
_DRAFT = ".draft"
# Rows in one run of a column: statistics are kept by run, so a query passes over runs without its recipient.
_ROW_GROUP = 65_536
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")


class BusyLedgerError(LedgerError):
    """Another process is writing into the ledger."""


class Draft:
    """Parts that will count together; made by `drafting`. Threads may add at the same time.

    Parameters
    ----------
    path : Path
        The ledger's folder.
    before : tuple of Part
        The parts that count already.
    """

    def __init__(self, path: Path, before: tuple[Part, ...]) -> None:
        self.path = path
        self.before = before
        self._added: list[Part] = []
        self._lock = threading.Lock()
        self._number = 0

    def add(self, table: str, frame: pl.DataFrame, *, origin: str = "") -> None:
        """Write rows of `table` as a part.

        Raises
        ------
        LedgerError
            If the table's name or columns are not those of `ayni.ledger.schemas`.
        OSError
            If the disk is full or cannot be written; nothing of the draft will count.
        """
        _check(table, frame)
        with self._lock:
            self._number += 1
            draft = self.path / PARTS / f"{os.getpid()}-{self._number}{_DRAFT}"
        # Statistics let a query pass over rows; nobody searches the details, where they cost a quarter.
        counted = not table.startswith(DETAILS)
        try:
            with _told_by_the_system(draft):
                frame.write_parquet(
                    draft,
                    compression="zstd",
                    compression_level=1,
                    statistics=counted,
                    row_group_size=_ROW_GROUP,
                )
            digest = _hash(draft)
            name = f"{table}-{digest[:16]}.parquet"
            sync(draft)
            draft.replace(self.path / PARTS / name)
        finally:
            # What is left of it would keep a full disk full.
            draft.unlink(missing_ok=True)
        part = Part(table=table, file=name, rows=frame.height, sha256=digest, origin=origin)
        with self._lock:
            self._added.append(part)

    def commit(self) -> Ledger:
        """Let everything added count, and open the ledger."""
        # The same table of a dossier counts once; an official file may well add up to what another did.
        known = {(p.table, p.sha256) for p in self.before if not p.origin}
        parts = (*self.before, *(p for p in self._added if (p.table, p.sha256) not in known or p.origin))
        content = {"format": FORMAT, "parts": [asdict(p) for p in parts]}
        sync(self.path / PARTS)
        replace_file(self.path / MANIFEST, json.dumps(content, indent=1).encode())
        self.before, self._added = parts, []
        sync(self.path)
        return Ledger(path=self.path, parts=parts)

    def discard(self) -> None:
        """Take back everything added since the last commit.

        What the manifest names stays, even if whoever wrote it was stopped before it could say so.
        """
        added, self._added = self._added, []
        if not added:
            return
        named = open_ledger(self.path).parts if (self.path / MANIFEST).is_file() else ()
        counting = {p.file for p in (*self.before, *named)}
        for part in added:
            if part.file not in counting:
                (self.path / PARTS / part.file).unlink(missing_ok=True)


@contextmanager
def _told_by_the_system(path: Path) -> Iterator[None]:
    """Raise what the operating system says, which polars (2.1) tells inside an error of its own."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        number = _SYSTEM_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


@contextmanager
def drafting(path: Path, *, wait: bool = True) -> Iterator[Draft]:
    """Give a draft of the ledger in folder `path`, which is made where there is none.

    Parameters
    ----------
    wait : bool
        Whether to wait for another writer to end, or to refuse.

    Raises
    ------
    BusyLedgerError
        If another process is writing and `wait` is false.
    LedgerError
        If there is a manifest that is none, or parts are missing.
    """
    (path / PARTS).mkdir(parents=True, exist_ok=True)
    with (path / LOCK).open("a+b") as lock:
        _take(lock.fileno(), path, wait=wait)
        before = open_ledger(path).parts if (path / MANIFEST).is_file() else ()
        _sweep(path, before)
        draft = Draft(path, before)
        try:
            yield draft
        finally:
            draft.discard()


def _take(descriptor: int, path: Path, *, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        raise BusyLedgerError(
            f"another process is writing into {path}; wait until it has ended, then try again"
        ) from error


def _sweep(path: Path, before: tuple[Part, ...]) -> None:
    """Remove what an earlier writer left behind when it was ended."""
    counting = {part.file for part in before}
    for left in (path / PARTS).iterdir():
        if left.name not in counting and not left.is_dir():
            left.unlink(missing_ok=True)
    for left in path.glob(f".{MANIFEST}.*{_DRAFT}"):
        left.unlink(missing_ok=True)


def write(path: Path, tables: Mapping[str, pl.DataFrame]) -> Ledger:
    """Add `tables` to the ledger in folder `path`, all of them or none, and open it.

    A table whose very bytes are in the ledger already is not added again.

    Raises
    ------
    LedgerError
        If a table's name or columns are not those of `ayni.ledger.schemas`.
    """
    for name, frame in tables.items():
        _check(name, frame)
    with drafting(path) as draft:
        for name, frame in tables.items():
            draft.add(name, frame)
        return draft.commit()


def _check(table: str, frame: pl.DataFrame) -> None:
    if table.startswith(DETAILS):
        return
    expected = TABLES.get(table)
    if expected is None or dict(frame.schema) != expected:
        raise LedgerError(f"table {table!r} has columns {dict(frame.schema)}, expected {expected}")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
