"""How tests read a file as the intake does: look at it, recognise it, read it block by block."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from ayni.sources.containers import Found
from ayni.sources.contract import Opened, Recognised, Rows, Sample, Source
from ayni.sources.delimited_blocks import Layout, blocks
from ayni.sources.delimited_rows import read_block
from ayni.sources.recognition import look


def sample_of(text: str, name: str = "file.csv") -> Sample:
    """Return the beginning of a file as sources see it."""
    data = text.encode()
    found = Found(
        name=name,
        container="",
        path=None,
        size_bytes=len(data),
        open=lambda: io.BytesIO(data),
        modified=0.0,
    )
    return look(found).sample


def known_as(source: Source, text: str, name: str = "file.csv") -> Recognised:
    """Return as what a source knows a file."""
    known = source.recognise(sample_of(text, name))
    assert known is not None
    return known


def rows_of(source: Source, text: str, *, block_bytes: int = 1 << 24) -> Rows:
    """Return all rows of a file together, those included that do not fit its header."""
    known = known_as(source, text)
    if known.read is not None:
        opened = Opened(name="file", stream=io.BytesIO(text.encode()), path=Path())
        return _joined(list(known.read(opened)))
    assert known.table is not None
    assert known.header is not None
    layout = Layout(
        columns=known.header.columns,
        delimiter=known.header.delimiter,
        header_line=known.header.line,
        nulls=known.nulls,
        block_bytes=block_bytes,
    )
    parts = []
    for block in blocks(io.BytesIO(text.encode()), layout):
        read = read_block(block, layout)
        rows = known.table(read.frame)
        refused = [read.refused] if rows.refused is None else [read.refused, rows.refused]
        parts.append(
            Rows(
                read=rows.read + read.refused.height,
                flows=rows.flows,
                observations=rows.observations,
                details=rows.details,
                refused=pl.concat(refused),
            )
        )
    return _joined(parts)


def _joined(parts: list[Rows]) -> Rows:
    def joined(name: str) -> pl.DataFrame | None:
        frames = [frame for rows in parts if (frame := getattr(rows, name)) is not None]
        return pl.concat(frames) if frames else None

    return Rows(
        read=sum(rows.read for rows in parts),
        flows=joined("flows"),
        observations=joined("observations"),
        details=joined("details"),
        refused=joined("refused"),
    )


def faults(rows: Rows) -> list[tuple[int, str, str, str]]:
    """Return line, code, column and what was found of each refused row."""
    if rows.refused is None:
        return []
    return rows.refused.sort("line").select("line", "code", "column", "found").rows()
