"""Parquet files of publishers, read batch by batch; a damaged one is told in a sentence and nothing else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ayni.sources.contract import UnreadableError

_BATCH_ROWS = 65_536
_STDERR = 2
_SHOWN = 200


def parquet_columns(path: Path) -> list[str]:
    """Return the names of a file's columns.

    Raises
    ------
    UnreadableError
        If it is damaged.
    """
    with _damage_told():
        return list(pl.read_parquet_schema(path))


def parquet_frames(path: Path, names: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """Give the rows with ``line``, which is a row's position, from 1.

    Parameters
    ----------
    names : mapping of str to str
        Columns as printed to columns as they are to be called.

    Raises
    ------
    UnreadableError
        If the file is damaged.
    """
    with _damage_told():
        lazy = pl.scan_parquet(path).rename(names).with_row_index("line", offset=1)
        batches = iter(lazy.collect_batches(chunk_size=_BATCH_ROWS, maintain_order=True))
    while True:
        with _damage_told():
            frame = next(batches, None)
        if frame is None:
            return
        yield frame.with_columns(pl.col("line").cast(pl.Int64))


@contextmanager
def _damage_told() -> Iterator[None]:
    """Tell damage as `UnreadableError`; of some, polars (2.1) panics, and Rust prints where."""
    try:
        with _hushed():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnreadableError("damaged", found=str(error).partition("\n")[0][:_SHOWN]) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what is printed on standard error meanwhile, by whatever language, and drop it after a fault."""
    saved = os.dup(_STDERR)
    try:
        with tempfile.TemporaryFile() as held:
            os.dup2(held.fileno(), _STDERR)
            try:
                yield
            finally:
                os.dup2(saved, _STDERR)
            held.seek(0)
            while piece := held.read(1 << 16):
                os.write(_STDERR, piece)
    finally:
        os.close(saved)
