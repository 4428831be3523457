"""Releases of one dataset beside one another: which years of which stages moved, and by how much.

Agencies go on reporting for years, so the last years of a release are never complete, and later releases
move them most. A change there is more money reported; one in an old year is a correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from ayni.ledger.holdings import Holding, holdings
from ayni.ledger.pairs import LEFT_OUT
from ayni.ledger.selecting import Asked, heaps
from ayni.ledger.store import Ledger, scan

# Releases rounded to the dollar differ by less than this share without disagreeing; so do small sums.
_ROUNDING, _DOLLARS = 1e-6, 3.0
# Agencies need about so many years to finish reporting one (ForeignAssistance.gov, releases 2021 to 2025).
_REPORTING_YEARS = 3
_BY = ("stage", "year_kind", "year", "currency")
SAME, MOVED, ADDED, GONE = "same", "moved", "added", "gone"
CHANGES = {
    **{name: pl.String() for name in ("dataset", "before", "after", "stage", "year_kind")},
    "year": pl.Int64(),
    "currency": pl.String(),
    "old": pl.Float64(),
    "new": pl.Float64(),
    "change": pl.Float64(),
    "percent": pl.Float64(),
    "kind": pl.String(),
    "open": pl.Boolean(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """The releases of one dataset, and what moved from each to the next.

    Attributes
    ----------
    dataset : str
        Which.
    held : tuple of Holding
        Its releases, the oldest first.
    changes : DataFrame
        The columns of `CHANGES`: two origins, what is compared, both amounts, their difference and its
        percentage of the older; ``kind`` is same, moved, added or gone; ``open`` tells that the older
        release's year was among its last, which are still being reported.
    """

    dataset: str
    held: tuple[Holding, ...]
    changes: pl.DataFrame


def vintages(
    ledger: Ledger, dataset: str = "", *, provider: str = "", recipient: str = ""
) -> tuple[Releases, ...]:
    """Return the releases of a dataset, or of each, and what moved between them.

    Parameters
    ----------
    provider, recipient : str
        Compare what these two print; by default what the whole files add up to.
    """
    held = [one for one in holdings(ledger) if dataset in ("", one.dataset)]
    names = dict.fromkeys(one.dataset for one in held)
    return tuple(
        _releases(ledger, name, [one for one in held if one.dataset == name], provider, recipient)
        for name in names
    )


def _releases(
    ledger: Ledger, dataset: str, held: Sequence[Holding], provider: str, recipient: str
) -> Releases:
    printed = {one.origin: _printed(ledger, one, provider, recipient) for one in held}
    changes = [
        compared(printed[older.origin], printed[newer.origin]).with_columns(
            pl.lit(dataset).alias("dataset"),
            pl.lit(older.origin).alias("before"),
            pl.lit(newer.origin).alias("after"),
        )
        for older, newer in pairwise(held)
        if older.vintage != newer.vintage
    ]
    frame = pl.concat(changes) if changes else pl.DataFrame(schema=CHANGES)
    return Releases(dataset=dataset, held=tuple(held), changes=frame.select(list(CHANGES)))


def _printed(ledger: Ledger, held: Holding, provider: str, recipient: str) -> pl.DataFrame:
    if not provider and not recipient:
        return scan(ledger, "sums", [held.origin]).select([*_BY, "amount"]).collect()
    asked = Asked(by=("year",), provider=provider, recipient=recipient)
    rows = heaps(ledger, held, asked)
    own = rows.filter(pl.col("left_out").is_in(LEFT_OUT).not_())
    return own.group_by(_BY).agg(pl.col("amount").sum())


def compared(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return two releases' amounts side by side, with what moved.

    Parameters
    ----------
    old, new : DataFrame
        With ``stage``, ``year_kind``, ``year``, ``currency`` and ``amount``.
    """
    last = old["year"].max() if old.height else None
    both = old.rename({"amount": "old"}).join(
        new.rename({"amount": "new"}), on=list(_BY), how="full", coalesce=True
    )
    change = (pl.col("new") - pl.col("old")).alias("change")
    bound = pl.max_horizontal(
        _ROUNDING * pl.max_horizontal(pl.col("old").abs(), pl.col("new").abs()), _DOLLARS
    )
    kind = (
        pl.when(pl.col("old").is_null())
        .then(pl.lit(ADDED))
        .when(pl.col("new").is_null())
        .then(pl.lit(GONE))
        .when(pl.col("change").abs() <= bound)
        .then(pl.lit(SAME))
        .otherwise(pl.lit(MOVED))
    )
    percent = pl.when(pl.col("old") != 0).then(100 * pl.col("change") / pl.col("old").abs())
    still = pl.lit(False) if last is None else pl.col("year") > pl.lit(last) - _REPORTING_YEARS
    return (
        both.with_columns(change)
        .with_columns(kind.alias("kind"), percent.alias("percent"), still.alias("open"))
        .sort(*_BY)
    )


def moved(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the changes that are some."""
    return changes.filter(pl.col("kind") != SAME)


def counted(changes: pl.DataFrame, kinds: Iterable[str] = (SAME, MOVED, ADDED, GONE)) -> dict[str, int]:
    """Return how many years of stages are the same, moved, added and gone."""
    return {kind: changes.filter(pl.col("kind") == kind).height for kind in kinds}
