"""How tests of the intake read files into a ledger, and what they ask of it afterwards."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from ayni.intake.ingest import ingest
from ayni.intake.records import Settings, Taken
from ayni.ledger.store import MANIFEST, PARTS, Ledger, frame, open_ledger
from tests.made import us_summaries
from tests.made.truth import Made


def country(rows: int = 300, seed: int = 1, release: str = "2025-11-29", style: str = "plain") -> Made:
    """Return a country summary of ForeignAssistance.gov with what it adds up to."""
    return us_summaries.country_csv(us_summaries.Summary(rows=rows, seed=seed, release=release, style=style))


def put(path: Path, data: bytes | str) -> Path:
    """Write a file, its folder too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def put_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def put_gz(path: Path, data: bytes) -> Path:
    return put(path, gzip.compress(data))


def take(into: Path, *paths: Path, vintage: str = "", encoding: str = "", mends: str = "") -> list[Taken]:
    """Read files into a ledger and return what became of each."""
    return list(ingest(paths, into, Settings(vintage=vintage, encoding=encoding, mends=mends)))


def outcomes(taken: Iterable[Taken]) -> dict[str, str]:
    """Return by file what became of it: the outcome, or the code of its fault."""
    return {one.file: one.fault.code if one.fault else one.outcome for one in taken}


def by_stage(into: Path, origin: str = "") -> dict[tuple[str], int]:
    """Return what the flows of a ledger add up to, as `Truth.by` tells it."""
    flows = frame(open_ledger(into), "flows").filter((pl.col("origin") == origin) | (pl.lit(origin) == ""))
    return {(stage,): int(amount) for stage, amount in flows.group_by("stage").agg(pl.sum("amount")).rows()}


def by_stage_summed(into: Path) -> dict[tuple[str], int]:
    """Return the same from the sums that the intake keeps."""
    sums = frame(open_ledger(into), "sums")
    return {(stage,): int(amount) for stage, amount in sums.group_by("stage").agg(pl.sum("amount")).rows()}


def held(into: Path) -> tuple[bytes, frozenset[str]]:
    """Return a ledger's manifest and the files beside it: equal where nothing was written."""
    manifest = into / MANIFEST
    parts = (
        frozenset(path.name for path in (into / PARTS).iterdir()) if (into / PARTS).is_dir() else frozenset()
    )
    return manifest.read_bytes() if manifest.is_file() else b"", parts


def opened(into: Path) -> Ledger:
    return open_ledger(into)
