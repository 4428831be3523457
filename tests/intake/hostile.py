"""What runs in other processes while the intake is killed, watched and overfed; imported there as well."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import polars as pl

from ayni.intake.ingest import ingest
from ayni.ledger.store import MANIFEST, frame, open_ledger, scan, sql


def read_in(into: str, paths: list[str]) -> None:
    """Read files into a ledger."""
    for _ in ingest([Path(path) for path in paths], Path(into)):
        pass


def watch(into: str, until: str, seen: str) -> None:
    """Ask a ledger again and again until a file is there, and write down how many files it had each time.

    Each state must be whole: every file that counts with all its rows, no row of any other.
    """
    counts: list[int] = []
    last = False
    while not last:
        last = Path(until).exists()
        if not (Path(into) / MANIFEST).is_file():
            continue
        ledger = open_ledger(Path(into))
        told = dict(frame(ledger, "ingests").select("origin", "kept").iter_rows())
        flows = (
            scan(ledger, "flows").group_by("origin").agg(pl.len().cast(pl.Int64).alias("n"), pl.sum("amount"))
        )
        rows = flows.sort("origin").collect()
        assert dict(rows.select("origin", "n").iter_rows()) == told, "some files without some rows"
        sums = frame(ledger, "sums").group_by("origin").agg(pl.sum("amount")).sort("origin")
        assert sums.rows() == rows.select("origin", "amount").rows()
        if len(counts) % 4 == 0:
            (asked,) = sql(ledger, "SELECT count(*) FROM flows").row(0)
            assert asked == sum(told.values())
        counts.append(len(told))
    Path(seen).write_text(" ".join(map(str, counts)), encoding="utf-8")


def _peak_mb() -> int:
    """Return the largest memory of this process alone: `getrusage` also counts what its parent held."""
    status = Path("/proc/self/status")
    if status.is_file():
        told = status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()
        return int(told[0]) >> 10
    per_mb = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // per_mb


def weigh(into: str, path: str) -> None:
    """Print what became of a file, the largest memory in MB, and the seconds it took."""
    begun = time.monotonic()
    (taken,) = ingest([Path(path)], Path(into))
    told = [(fault.line, fault.code, fault.found) for fault in taken.faulty]
    most = _peak_mb()
    code = taken.fault.code if taken.fault else taken.outcome
    print(repr([code, taken.kept, told, most, time.monotonic() - begun]))  # noqa: T201 - its answer
