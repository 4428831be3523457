"""Measure what a reader waits for: start-up, and the building of a case from nothing.

Each run is a fresh process with an empty cache folder. Prints a Markdown table with the limits beside
the measurements; the exit code is 1 where a limit is passed.

    python benchmarks/run.py [--case us-peru] [--runs 5]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

AYNI = Path(sys.executable).with_name("ayni")
# Limits for two cores. The first two are those of the library rules; the others keep a build shorter than
# a reader's patience and inside a small machine.
HELP_SECONDS = 0.4
IMPORT_SECONDS = 1.0
BRIEF_SECONDS = 10.0
BRIEF_MIB = 500.0
# The kernel tells the peak memory of children in KiB; macOS in bytes.
RSS_PER_MIB = 1024**2 if sys.platform == "darwin" else 1024

# A process of its own for each run, because the peak memory of children is never set back.
_RUNNER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
wall = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([wall, peak, done.returncode, done.stderr[-2000:]]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a command: how long it took and how much memory it held at most."""

    wall_seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: the middle of several runs and what is allowed."""

    what: str
    middle: float
    low: float
    high: float
    unit: str
    limit: float

    @property
    def within(self) -> bool:
        """Whether the middle keeps the limit."""
        return self.middle <= self.limit


def run(command: list[str], folder: Path) -> Run:
    """Run a command once, its caches in an empty folder."""
    home = folder / "home"
    home.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "AYNI_CACHE": str(home / "ayni"),
    }
    told = subprocess.run(
        [sys.executable, "-c", _RUNNER, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    wall_seconds, peak, code, errors = json.loads(told.stdout)
    if code:
        raise SystemExit(f"{' '.join(command)} ended with code {code}:\n{errors}")
    return Run(wall_seconds=wall_seconds, peak_mib=peak / RSS_PER_MIB)


def repeat(command: list[str], times: int) -> list[Run]:
    """Run a command several times, each with a folder of its own; ``{out}`` in it becomes that folder's."""
    runs = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as name:
            out = str(Path(name) / "out")
            runs.append(run([part.replace("{out}", out) for part in command], Path(name)))
    return runs


def row(what: str, values: list[float], unit: str, limit: float) -> Row:
    """Put several measurements into one line."""
    return Row(
        what=what, middle=statistics.median(values), low=min(values), high=max(values), unit=unit, limit=limit
    )


def measure(case: str, runs: int) -> list[Row]:
    """Measure all there is to measure."""
    imports = repeat([sys.executable, "-c", "import ayni"], 10)
    helps = repeat([str(AYNI), "--help"], 10)
    briefs = repeat([str(AYNI), "brief", case, "--out", "{out}"], runs)
    built = f"`ayni brief {case}`, both languages, cold, {runs} runs"
    return [
        row("`import ayni`, 10 runs", [one.wall_seconds for one in imports], "s", IMPORT_SECONDS),
        row("`ayni --help`, 10 runs", [one.wall_seconds for one in helps], "s", HELP_SECONDS),
        row(built, [one.wall_seconds for one in briefs], "s", BRIEF_SECONDS),
        row(f"{built}: peak memory", [one.peak_mib for one in briefs], "MiB", BRIEF_MIB),
    ]


def machine() -> list[str]:
    """Tell what the numbers were measured on."""
    versions = [
        f"{name} {metadata.version(name)}" for name in ("ayni", "numpy", "polars", "duckdb", "pydantic")
    ]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return [
        f"- {platform.system()} {platform.machine()}, {cores} cores",
        f"- Python {platform.python_version()}; {', '.join(versions)}",
    ]


def table(rows: list[Row]) -> list[str]:
    """Write the measurements as a Markdown table."""
    return [
        "| what | median | lowest–highest | limit | |",
        "| --- | ---: | ---: | ---: | --- |",
        *(
            f"| {one.what} | {one.middle:.2f} {one.unit} | {one.low:.2f}–{one.high:.2f} "
            f"| {one.limit:g} {one.unit} | {'kept' if one.within else '**passed**'} |"
            for one in rows
        ),
    ]


def main() -> int:
    """Measure, print, and tell by the exit code whether every limit was kept."""
    parser = argparse.ArgumentParser(description="Measure start-up, build time and memory.")
    parser.add_argument("--case", default="us-peru", help="key of the case to build (us-peru)")
    parser.add_argument("--runs", type=int, default=5, help="how many builds (5)")
    wanted = parser.parse_args()
    rows = measure(wanted.case, wanted.runs)
    print("\n".join([*machine(), "", *table(rows)]))
    return 0 if all(one.within for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
