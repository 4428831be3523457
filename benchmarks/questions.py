"""Measure how quickly a ledger of the complete file answers: one pair by year, and everybody by year.

The file is made first (`tests.made`) and read into a fresh ledger, which is not timed here. Every question is
asked once to warm up, then several times; each time the ledger is opened anew, so that nothing worked out
before is at hand. Prints a Markdown table of medians; the exit code is 1 where a limit is passed.

    python -m benchmarks.questions [--rows 4000000] [--runs 15] [--folder DIR]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ayni.intake.ingest import ingest
from ayni.ledger.questions import ask
from ayni.ledger.selecting import Asked
from ayni.ledger.store import Ledger, open_ledger, sql
from tests.made.foreign_assistance import World, write_complete

PAIR = Asked(provider="USA", recipient="PER", stage="disbursed", by=("year",))
EVERYBODY = Asked(stage="disbursed", by=("provider", "recipient", "year"))
INTEREST = Asked(provider="USA", recipient="PER", stage="disbursed", by=("year", "interest"))
_SQL = "SELECT year, sum(amount) FROM flows WHERE recipient = 'PER' AND stage = 'disbursed' GROUP BY year"

# What is asked, how, and the seconds it may take; none where no limit is set.
QUESTIONS: tuple[tuple[str, Callable[[Ledger], object], float | None], ...] = (
    ("one pair, by year", lambda ledger: ask(ledger, PAIR), 0.05),
    ("all providers, recipients and years", lambda ledger: ask(ledger, EVERYBODY), 1.0),
    ("one pair, by year and interest", lambda ledger: ask(ledger, INTEREST), None),
    ("one recipient by year, in SQL over the rows", lambda ledger: sql(ledger, _SQL), None),
)


def seconds(path: Path, question: Callable[[Ledger], object], runs: int) -> list[float]:
    """Return how long each run takes, the first left out."""
    took = []
    for _ in range(runs + 1):
        begun = time.perf_counter()
        question(open_ledger(path))
        took.append(time.perf_counter() - begun)
    return took[1:]


def main() -> int:
    """Measure every question and return 0 if every limit is kept, else 1."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--rows", type=int, default=4_000_000)
    wanted.add_argument("--runs", type=int, default=15)
    wanted.add_argument("--folder", type=Path, default=None)
    asked = wanted.parse_args()
    kept = True
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        file, ledger = Path(folder) / "us_foreign_aid_complete.csv", Path(folder) / "ledger"
        with file.open("wb") as out:
            write_complete(World(rows=asked.rows, seed=7), out)
        (taken,) = ingest([file], ledger)
        file.unlink()
        print(f"{taken.kept:,} rows in {len(open_ledger(ledger).parts)} parts\n")
        print("| question | milliseconds, median (least to most) | limit |\n| --- | ---: | ---: |")
        for name, question, limit in QUESTIONS:
            took = [1000 * one for one in seconds(ledger, question, asked.runs)]
            allowed = "" if limit is None else f"{1000 * limit:.0f}"
            middle = statistics.median(took)
            print(f"| {name} | {middle:.0f} ({min(took):.0f} to {max(took):.0f}) | {allowed} |")
            kept &= limit is None or middle <= 1000 * limit
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
