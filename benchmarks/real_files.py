"""Hold what the ledger adds up to against an independent sum of the files themselves.

Give it a folder of official downloads. Every file is read into a fresh ledger; then each flow file is added
up again with the standard library alone (`csv`, `xml.etree`, whole numbers and decimals), by kind of
transaction and year, and the two must agree to the cent, file by file. Last, it tells what every release says
of one pair of places in one year.

    python -m benchmarks.real_files FOLDER [--provider USA] [--recipient PER] [--year 2023]
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl

from ayni.intake.ingest import ingest
from ayni.intake.records import Taken
from ayni.ledger.store import open_ledger, scan

Sums = dict[tuple[str, str], Decimal]
# Names that the publisher gives to kinds of transactions, in its newer and older releases.
_KINDS = {
    "Obligations": "obligated",
    "Disbursements": "disbursed",
    "Appropriated and Planned": "appropriated",
    "President's Budget Requests": "requested",
    "Initial Allocations": "allocated",
}
_IATI = {"1": "incoming", "2": "committed", "3": "disbursed", "4": "spent", "5": "interest", "6": "repaid"}
_IATI |= {"7": "reimbursed", "8": "equity-bought", "9": "equity-sold", "10": "guaranteed"}
_IATI |= {"11": "incoming-committed", "12": "pledged", "13": "incoming-pledged"}
_CENT = Decimal("0.01")
_QUARTER = ("1976tq", "1976TQ", "1976.9")


def year(printed: str) -> str:
    """Return the fiscal year as the ledger keys it, the transition quarter apart."""
    return "1976 quarter" if printed in _QUARTER else printed


def delimited_sums(path: Path) -> Sums | None:
    """Add up a table of ForeignAssistance.gov or the Greenbook; None for any other file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        names = [name.strip().lower().replace(" ", "_") for name in next(rows)]
        found: Sums = defaultdict(Decimal)
        if "transaction_type_name" in names and "current_amount" in names:
            kind, when, money = map(names.index, ("transaction_type_name", "fiscal_year", "current_amount"))
            for row in rows:
                found[_KINDS[row[kind]], year(row[when])] += int(row[money])
            return found
        if "obligations_(historical_dollars)" in names:
            when, money = map(names.index, ("fiscal_year", "obligations_(historical_dollars)"))
            for row in rows:
                found["obligated", year(row[when])] += int(row[money])
            return found
    return None


def iati_sums(path: Path) -> Sums:
    """Add up the transactions of an IATI file by kind and calendar year, in whatever currency."""
    found: Sums = defaultdict(Decimal)
    for one in ET.parse(path).getroot().iter("transaction"):
        kind, when, value = one.find("transaction-type"), one.find("transaction-date"), one.find("value")
        if kind is None or when is None or value is None:
            raise ValueError(
                f"{path}: a transaction lacks its type, date or value; this script reads sound files"
            )
        found[_IATI[kind.attrib["code"]], when.attrib["iso-date"][:4]] += Decimal((value.text or "").strip())
    return found


def ledger_sums(taken: Taken) -> Sums:
    """Return what the ledger's own sums say of a file, plans left out."""
    found: Sums = defaultdict(Decimal)
    for one in taken.sums:
        if one.stage in ("budgeted", "budget-revised", "planned", "plan-revised"):
            continue
        when = "1976 quarter" if one.year_kind == "us-transition-quarter" else str(one.year)
        found[one.stage, when] += Decimal(repr(one.amount))
    return found


def compare(taken: Taken, own: Sums) -> list[str]:
    """Return every total on which file and ledger differ by a cent or more."""
    ledger = ledger_sums(taken)
    return [
        f"{taken.file} {' '.join(key)}: the file {own.get(key)}, the ledger {ledger.get(key)}"
        for key in sorted(own.keys() | ledger.keys())
        if abs(own.get(key, Decimal()) - ledger.get(key, Decimal())) >= _CENT / 2
    ]


def main() -> int:
    """Check every file and return 0 if all agree, 1 if any differs."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("folder", type=Path)
    wanted.add_argument("--provider", default="USA")
    wanted.add_argument("--recipient", default="PER")
    wanted.add_argument("--year", type=int, default=2023)
    asked = wanted.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        for taken in ingest([asked.folder], Path(place)):
            path = asked.folder / taken.file
            if taken.outcome != "new":
                print(f"- {taken.file}: {taken.outcome}")
                continue
            own = iati_sums(path) if path.suffix == ".xml" else delimited_sums(path)
            if own is None:
                print(f"- {taken.file}: {taken.dataset}, {taken.read} rows, no independent sum")
                continue
            differ = compare(taken, own)
            wrong += differ
            said = f"{len(own)} totals, {len(differ)} differ"
            print(f"- {taken.file}: {taken.dataset} {taken.vintage}, {taken.read} rows, {said}")
        told_conflicts(Path(place), asked.provider, asked.recipient, asked.year)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def told_conflicts(place: Path, provider: str, recipient: str, when: int) -> None:
    """Print what each release says of one pair, year and stage."""
    rows = scan(open_ledger(place), "flows").filter(provider=provider, recipient=recipient, year=when)
    found = (
        rows.group_by("stage", "year_kind", "origin")
        .agg(pl.col("amount").sum())
        .sort("stage", "origin")
        .collect()
    )
    print(f"\n{provider} to {recipient}, {when}:")
    for row in found.iter_rows(named=True):
        print(f"- {row['stage']} ({row['year_kind']}), {row['origin']}: {row['amount']:,.2f}")


if __name__ == "__main__":
    sys.exit(main())
