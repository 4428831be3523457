"""The ledger on disk: immutable Parquet parts behind a manifest, queried by DuckDB.

A part is named by the hash of its bytes and never changes. The manifest lists the parts
that count; it is written beside the old one and renamed over it, so a reader sees the old
ledger or the new one and a kill leaves all of a write or none. Readers never lock; writers
take turns (`ayni.ledger.drafts`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ayni.ledger.schemas import DETAILS, TABLES
from ayni.remember import Kept, remember

MANIFEST = "manifest.json"
FORMAT = 2
PARTS = "parts"


class LedgerError(RuntimeError):
    """The ledger cannot be read; the message says which file and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One immutable file of rows.

    Attributes
    ----------
    table : str
        Which table its rows belong to.
    file : str
        Name below the ledger's ``parts`` folder.
    rows : int
        How many.
    sha256 : str
        Of the file's bytes.
    origin : str
        The one origin of all its rows; empty where they have several, as a dossier's tables do.
    """

    table: str
    file: str
    rows: int
    sha256: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An open ledger: a folder as its manifest stood when it was opened.

    Attributes
    ----------
    path : Path
        The folder.
    parts : tuple of Part
        The parts that count, in the order in which they were written.
    kept : dict
        What has been read or worked out from them; parts never change, so it stays true.
    """

    path: Path
    parts: tuple[Part, ...]
    kept: Kept = field(default_factory=dict, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """A hash of everything in the ledger: equal digests, equal rows."""
        return hashlib.sha256("".join(p.sha256 for p in self.parts).encode()).hexdigest()


def open_ledger(path: Path) -> Ledger:
    """Open the ledger in folder `path`.

    Raises
    ------
    LedgerError
        If there is no manifest, or it names a part that is missing.
    """
    manifest = path / MANIFEST
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        found, parts = content["format"], tuple(Part(**part) for part in content["parts"])
    except FileNotFoundError as error:
        raise LedgerError(f"{path} holds no {MANIFEST}; write a table into it first") from error
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerError(
            f"{manifest} is not the manifest of a ledger ({error}); restore it or ingest again"
        ) from error
    if found != FORMAT:
        raise LedgerError(f"{manifest} has format {found!r}, this ayni reads {FORMAT}; ingest again")
    missing = [p.file for p in parts if not (path / PARTS / p.file).is_file()]
    if missing:
        raise LedgerError(
            f"{path}: {len(missing)} part(s) missing, first {missing[0]}; restore them or ingest again"
        )
    return Ledger(path=path, parts=parts)


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path` and rename it into place: all of it, or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(content)
        sync(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have what was written to a file or a folder reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def part_files(ledger: Ledger, table: str, origins: Collection[str] | None = None) -> list[Path]:
    """Return the files that hold the rows of a table, of the origins named or of all."""
    return [
        ledger.path / PARTS / part.file
        for part in ledger.parts
        if part.table == table and (origins is None or part.origin in origins or not part.origin)
    ]


def scan(ledger: Ledger, table: str, origins: Collection[str] | None = None) -> pl.LazyFrame:
    """Return the rows of `table` as a lazy frame that reads only the columns and parts it needs.

    Parameters
    ----------
    origins : collection of str, optional
        Keys of the origins wanted; all where it is not given.
    """
    if table in ledger.kept:
        rows = pl.LazyFrame(ledger.kept[table])
    else:
        files = part_files(ledger, table, origins)
        rows = pl.scan_parquet(files) if files else pl.LazyFrame(schema=TABLES.get(table, {}))
    return rows if origins is None else rows.filter(pl.col("origin").is_in(list(origins)))


def details(ledger: Ledger) -> tuple[str, ...]:
    """Return the names of the tables that keep what else official files print."""
    return tuple(dict.fromkeys(part.table for part in ledger.parts if part.table.startswith(DETAILS)))


def frame(ledger: Ledger, table: str) -> pl.DataFrame:
    """Return all rows of `table`, with the columns of `ayni.ledger.schemas`."""
    files = part_files(ledger, table)

    def read() -> pl.DataFrame:
        return pl.concat(map(_read_part, files)) if files else pl.DataFrame(schema=TABLES[table])

    return remember(ledger.kept, table, read)


def _read_part(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LedgerError(f"{file} cannot be read ({error}); restore it or ingest again") from error


def revised(ledger: Ledger, row: str, value: float) -> Ledger:
    """Return the ledger as it would be if the figure in `row` were `value`; in memory only.

    Its range, if it has one, moves with it. Nothing is written: this is how the software
    asks which figure a verdict hangs on.

    Raises
    ------
    KeyError
        If no observation or flow has that row.
    """
    for table, column in (("observations", "value"), ("flows", "amount")):
        rows = frame(ledger, table)
        here = pl.col("row") == row
        found = rows.filter(here)
        if found.is_empty():
            continue
        shift = value - found[column][0]
        moved = [c for c in (column, "low", "high") if c in rows.columns]
        changed = rows.with_columns(
            *(pl.when(here).then(pl.col(c) + shift).otherwise(pl.col(c)) for c in moved)
        )
        kept: Kept = {t: frame(ledger, t) for t in TABLES if t != table}
        return Ledger(path=ledger.path, parts=ledger.parts, kept={**kept, table: changed})
    raise KeyError(f"no figure in row {row!r}; rows are named file:line, as `ayni why` prints them")


def sql(ledger: Ledger, query: str) -> pl.DataFrame:
    """Run one SELECT in DuckDB over the ledger's tables, which it sees as views.

    The views are the tables of `ayni.ledger.schemas` that have rows, and the `details` of official files.
    Nothing else can be read and nothing written.

    Raises
    ------
    LedgerError
        If it is not one SELECT, or DuckDB refuses it; the message is DuckDB's own.
    """
    import duckdb  # noqa: PLC0415 - half a second that only a query needs

    with duckdb.connect() as connection:
        try:
            statements = connection.extract_statements(query)
            if [s.type for s in statements] != [duckdb.StatementType.SELECT]:
                raise LedgerError("the ledger is read-only: give one SELECT")
            for table in (*TABLES, *details(ledger)):
                files = [_quoted(file) for file in part_files(ledger, table)]
                if files:
                    rows = f"SELECT * FROM read_parquet([{', '.join(files)}], union_by_name = true)"
                    connection.execute(f"CREATE VIEW {table} AS {rows}")
            allowed = ", ".join(_quoted(ledger.path / PARTS / p.file) for p in ledger.parts)
            connection.execute(f"SET allowed_paths = [{allowed}]")
            connection.execute("SET enable_external_access = false; SET lock_configuration = true")
            result = connection.sql(query)
            return pl.DataFrame(_ArrowStream(result.__arrow_c_stream__()))
        except duckdb.Error as error:
            raise LedgerError(f"DuckDB: {error}") from error


def _quoted(path: Path) -> str:
    return "'" + str(path.resolve()).replace("'", "''") + "'"


class _ArrowStream:
    """Hands polars the Arrow stream alone.

    Given the relation itself, polars 2.1 probes it in a way that makes duckdb 2.0 print
    "leaked instances" when Python ends (seen November 2026).
    """

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._capsule
