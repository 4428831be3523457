"""Measure how quickly the complete file of ForeignAssistance.gov is read, beside what others take.

The file is made first (`tests.made`, seeded, 925 bytes a row). Every run is a fresh process; the rivals take
turns, so that a machine whose speed drifts treats them alike. Prints a Markdown table: medians, and the
ratios of this run. What is compared:

- ours: every column typed or kept, each row with its line, hashed, synced to disk;
- polars: the streaming engine writes the same CSV to Parquet, and one SHA-256 of the file beside it;
- DuckDB: the same CSV to Parquet, nothing hashed;
- pandas: the same CSV to Parquet, for scale, on the smallest file only.

    python -m benchmarks.ingest [--rows 1000000 2000000 4000000] [--runs 3] [--folder DIR]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.made.foreign_assistance import World, write_complete

PEAK_MIB = 2000.0
# The kernel tells the peak memory in KiB; macOS in bytes.
RSS_PER_MIB = 1024**2 if sys.platform == "darwin" else 1024

_TIMED = """
import json, resource, sys, time
start = time.perf_counter()
{body}
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
# Imports are not counted for anybody: a large file is read once.
_BODIES = {
    "ours": """
from pathlib import Path
from ayni.intake.ingest import ingest
from ayni.sources.table import SOURCES
start = time.perf_counter()
for taken in ingest([Path(sys.argv[1])], Path(sys.argv[2]) / "ledger"):
    assert taken.outcome == "new" and taken.quarantined == 0, taken
""",
    "polars": """
import polars as pl
start = time.perf_counter()
lazy = pl.scan_csv(sys.argv[1], null_values=["NULL"], schema_overrides={"Fiscal Year": pl.String})
lazy.sink_parquet(sys.argv[2] + "/polars.parquet")
""",
    "SHA-256": """
import hashlib
start = time.perf_counter()
with open(sys.argv[1], "rb", buffering=0) as stream:
    hashlib.file_digest(stream, "sha256")
""",
    "DuckDB": """
import duckdb
start = time.perf_counter()
rows = f"SELECT * FROM read_csv('{sys.argv[1]}', nullstr = 'NULL')"
duckdb.sql(f"COPY ({rows}) TO '{sys.argv[2]}/duckdb.parquet' (FORMAT parquet)")
""",
    "pandas": """
import pandas
start = time.perf_counter()
frame = pandas.read_csv(sys.argv[1], na_values=["NULL"], low_memory=False, dtype={"Fiscal Year": str})
frame.to_parquet(sys.argv[2] + "/pandas.parquet")
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: seconds by the clock, seconds of both processors, most memory."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def run(who: str, file: Path) -> Run | None:
    """Read the file once in a fresh process; None where the package is missing."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        body = _TIMED.format(body=_BODIES[who])
        told = subprocess.run(
            [sys.executable, "-c", body, str(file), folder], capture_output=True, text=True, check=False
        )
    if "ModuleNotFoundError" in told.stderr:
        return None
    if told.returncode:
        raise RuntimeError(f"{who}: {told.stderr[-2000:]}")
    wall, cpu, peak = json.loads(told.stdout.splitlines()[-1])
    return Run(wall_seconds=wall, cpu_seconds=cpu, peak_mib=peak / RSS_PER_MIB)


def measure(file: Path, runs: int, *, scale: bool) -> dict[str, list[Run]]:
    """Let everyone read the file in turn, several times."""
    found: dict[str, list[Run]] = {}
    for turn in range(runs):
        for who in _BODIES:
            if who == "pandas" and (not scale or turn):
                continue
            one = run(who, file)
            if one is None:
                print(f"NOT RUN: {who} is not installed", file=sys.stderr)
            else:
                found.setdefault(who, []).append(one)
    return found


def middle(runs: list[Run]) -> Run:
    """Return the medians of several runs."""
    return Run(
        wall_seconds=statistics.median(r.wall_seconds for r in runs),
        cpu_seconds=statistics.median(r.cpu_seconds for r in runs),
        peak_mib=max(r.peak_mib for r in runs),
    )


def told(rows: int, size_bytes: int, found: dict[str, list[Run]]) -> bool:
    """Print what was measured for one size; return whether every limit is kept."""
    middles = {who: middle(runs) for who, runs in found.items()}
    ours, limit = middles["ours"], 2 * middles["polars"].wall_seconds + middles["SHA-256"].wall_seconds
    print(f"\n{rows:,} rows, {size_bytes / 1e9:.2f} GB\n")
    print("| who | seconds, median (all) | processors, s | most memory, MiB |\n| --- | ---: | ---: | ---: |")
    for who, one in middles.items():
        walls = ", ".join(f"{r.wall_seconds:.1f}" for r in found[who])
        print(f"| {who} | {one.wall_seconds:.2f} ({walls}) | {one.cpu_seconds:.1f} | {one.peak_mib:.0f} |")
    pairs = zip(found["ours"], found["DuckDB"], strict=True)
    against = statistics.median(a.wall_seconds / b.wall_seconds for a, b in pairs)
    print(f"\n- ours / (2 polars + SHA-256): {ours.wall_seconds / limit:.2f} (limit 1)")
    print(f"- ours / DuckDB, run by run: {against:.2f} (limit 1)")
    print(f"- most memory: {ours.peak_mib:.0f} MiB (limit {PEAK_MIB:.0f})")
    return ours.wall_seconds <= limit and against <= 1 and ours.peak_mib <= PEAK_MIB


def main() -> int:
    """Measure every size and return 0 if every limit is kept, else 1."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 2_000_000, 4_000_000])
    wanted.add_argument("--runs", type=int, default=3)
    wanted.add_argument("--folder", type=Path, default=None)
    asked = wanted.parse_args()
    kept = True
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for rows in asked.rows:
            file = Path(folder) / f"us_foreign_aid_complete_{rows}.csv"
            begun = time.perf_counter()
            with file.open("wb") as out:
                write_complete(World(rows=rows, seed=7), out)
            print(f"made {rows:,} rows in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
            found = measure(file, asked.runs, scale=rows == min(asked.rows))
            kept &= told(rows, file.stat().st_size, found)
            file.unlink()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
