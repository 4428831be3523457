"""Measure how quickly IATI activities are read, beside a bare parse of the same files and beside okfn-iati.

The files are made first (`tests.made`, seeded), in the styles of two real publishers: ``usaid`` with places
and two sectors on every transaction, ``bank`` with percentages on the activity, and budgets by the month.
Every run is a fresh process; the rivals take turns, so that a machine whose speed drifts treats them alike.
Prints a Markdown table: medians of the seconds, how often the bare parse that is, and the peak memory.

- bare: `lxml.etree.iterparse`, end events of the activities, each cleared; nothing is taken out;
- ours: every flow, every detail and the refused, as frames, with their lines; in two threads;
- okfn-iati 0.4.3: `xml_to_csv_folder`, in an environment of its own, which must be named.

    python -m benchmarks.iati [--mb 50 200] [--runs 5] [--okfn VENV/bin/python] [--folder DIR]

The exit code is 1 where ours takes more than twice the bare parse.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.made.iati import Iati, write_iati

STYLES = ("usaid", "bank")
LIMIT = 2.0
# So many transactions tell how long one is.
_SAMPLE_ROWS = 3000
# The kernel tells the peak memory in KiB; macOS in bytes.
_RSS_PER_MIB = 1024**2 if sys.platform == "darwin" else 1024

_TIMED = """
import json, resource, sys, time
start = time.perf_counter()
{body}
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
# Imports are not counted for anybody: a large file is read once.
_BODIES = {
    "bare": """
from lxml import etree
start = time.perf_counter()
for _, activity in etree.iterparse(sys.argv[1], events=("end",), tag="iati-activity"):
    activity.clear()
    while activity.getprevious() is not None:
        del activity.getparent()[0]
""",
    "ours": """
from pathlib import Path
from ayni.sources.contract import Opened
from ayni.sources.iati import read
start = time.perf_counter()
with open(sys.argv[1], "rb") as stream:
    for rows in read(Opened(name="made.xml", stream=stream, path=None)):
        assert rows.refused is None, rows.refused
""",
    "okfn-iati": """
import contextlib, io
from okfn_iati import IatiMultiCsvConverter
start = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    assert IatiMultiCsvConverter().xml_to_csv_folder(sys.argv[1], sys.argv[2])
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One reading of one file: seconds by the clock and of the processors, and the most memory held."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def main() -> int:
    """Make the files, take turns, print the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--mb", type=int, nargs="+", default=[50, 200])
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--okfn", type=Path, help="Python of an environment that has okfn-iati 0.4.3")
    asked.add_argument("--folder", type=Path, help="where to put the files; a temporary folder if left out")
    wishes = asked.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; medians of {wishes.runs}\n")
    print("| file | reader | seconds (least) | processor | times bare | peak MiB |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    within = True
    with tempfile.TemporaryDirectory(prefix="ayni-", dir=wishes.folder) as folder:
        for style in STYLES:
            for megabytes in wishes.mb:
                path = _made(Path(folder), style, megabytes)
                within = _compared(path, wishes.runs, wishes.okfn) and within
                path.unlink()
    return 0 if within else 1


def _made(folder: Path, style: str, megabytes: int) -> Path:
    """Write a file of about that size."""
    path = folder / f"{style}-{megabytes}.xml"
    rows = _SAMPLE_ROWS
    for _ in range(2):
        with path.open("wb") as out:
            write_iati(Iati(rows=rows, style=style), out)
        rows = rows * megabytes * 1_000_000 // path.stat().st_size
    return path


def _compared(path: Path, runs: int, okfn: Path | None) -> bool:
    """Print what each reader took; return whether ours kept to the limit."""
    pythons = {"bare": Path(sys.executable), "ours": Path(sys.executable), "okfn-iati": okfn}
    found: dict[str, list[Run]] = {name: [] for name in pythons}
    for _ in range(runs):
        for name, python in pythons.items():
            if python is not None:
                found[name].append(_run(python, _BODIES[name], path))
    bare = statistics.median(run.wall_seconds for run in found["bare"])
    file = f"{path.stem}, {path.stat().st_size / 1e6:.0f} MB"
    for name, taken in found.items():
        if not taken:
            print(f"| {file} | {name} | NOT RUN: name its Python with --okfn | | | |")
            continue
        wall = statistics.median(run.wall_seconds for run in taken)
        least = min(run.wall_seconds for run in taken)
        cpu = statistics.median(run.cpu_seconds for run in taken)
        peak = max(run.peak_mib for run in taken)
        seconds = f"{wall:.2f} ({least:.2f}) | {cpu:.2f}"
        print(f"| {file} | {name} | {seconds} | {wall / bare:.2f} | {peak:.0f} |", flush=True)
    return statistics.median(run.wall_seconds for run in found["ours"]) <= LIMIT * bare


def _run(python: Path, body: str, path: Path) -> Run:
    with tempfile.TemporaryDirectory(prefix="ayni-", dir=path.parent) as folder:
        done = subprocess.run(
            [python, "-c", _TIMED.format(body=body), path, f"{folder}/csv"],
            check=False,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(f"{python} failed on {path}:\n{done.stderr[-2000:]}")
    wall, cpu, peak = json.loads(done.stdout.splitlines()[-1])
    return Run(wall_seconds=wall, cpu_seconds=cpu, peak_mib=peak / _RSS_PER_MIB)


if __name__ == "__main__":
    raise SystemExit(main())
