"""What official files held that could not be read, and what has been mended of it since.

A row that is set aside gave nothing; of a row that is kept a cell may be set aside. A file that mends rows
says which (`ayni.ledger.records.Ingest.mended`), so that each is mended once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import polars as pl

from ayni.ledger.schemas import QUARANTINE
from ayni.ledger.store import Ledger, frame, scan

# Nothing of the row is kept; only a cell of it is set aside; the row has been mended.
OPEN, PARTLY, MENDED = "open", "partly", "mended"
ASIDE = QUARANTINE | {"state": pl.String(), "mended_by": pl.String()}


def aside(ledger: Ledger, origin: str = "") -> pl.DataFrame:
    """Return everything that was set aside, fault by fault, with what became of it since.

    Parameters
    ----------
    origin : str
        Only of this origin.

    Returns
    -------
    DataFrame
        With the columns `ASIDE`: a row with several faults stands there several times.
    """
    faults = scan(ledger, "quarantine", [origin] if origin else None).select(list(QUARANTINE)).collect()
    mended = _mended(ledger)
    state = pl.when("partly").then(pl.lit(PARTLY)).when(pl.col("mended_by") != "").then(pl.lit(MENDED))
    return (
        faults.join(mended, on=["origin", "line"], how="left", maintain_order="left")
        # A cell stays set aside, whoever mends rows that stand on lines of the same number.
        .with_columns(pl.when(~pl.col("partly")).then("mended_by").fill_null(""))
        .with_columns(state.otherwise(pl.lit(OPEN)).alias("state"))
        .select(pl.col(name).cast(kind) for name, kind in ASIDE.items())
    )


def open_lines(ledger: Ledger, origin: str) -> frozenset[int]:
    """Return the lines of an origin's rows that are set aside and not mended."""
    return frozenset(aside(ledger, origin).filter(pl.col("state") == OPEN)["line"])


def _mended(ledger: Ledger) -> pl.DataFrame:
    """Return which lines of which origins were mended by which file."""
    told = frame(ledger, "ingests").filter(pl.col("mends") != "")
    rows = [
        (row["mends"], line, row["file"])
        for row in told.iter_rows(named=True)
        for line in from_ranges(row["mended"])
    ]
    schema = {"origin": pl.String(), "line": pl.Int64(), "mended_by": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def as_ranges(lines: Iterable[int]) -> str:
    """Return numbers as in ``7;12-15``."""
    ordered = sorted(set(lines))
    if not ordered:
        return ""
    breaks = [at for at, (one, other) in enumerate(pairwise(ordered), 1) if other != one + 1]
    bounds = [0, *breaks, len(ordered)]
    runs = ((ordered[since], ordered[until - 1]) for since, until in pairwise(bounds))
    return ";".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def from_ranges(text: str) -> tuple[int, ...]:
    """Return the numbers that `as_ranges` wrote."""
    found: list[int] = []
    for part in filter(None, text.split(";")):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return tuple(found)
