"""What each provider gave each recipient, by year and stage: an index for the usual questions.

It is worked out once when a file is read. Nothing in it is new: the flows themselves say the same, later.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ayni.ledger.schemas import PAIRS

# Codes of rows that print other rows' money again, or the same money at other prices: a sum leaves them out.
LEFT_OUT = (
    "secondary-publisher",
    "parent-also-budgets",
    "child-also-budgets",
    "sum-of-providers",
    "sum-of-recipients",
    "sum-of-rows",
    "part-of-total",
    "constant-prices",
)
_BY = tuple(name for name in PAIRS if name not in ("rows", "amount", "caveats"))


def pairs(flows: pl.DataFrame) -> pl.DataFrame:
    """Return flows at current prices, added by all that no sum may mix, provider and recipient apart.

    Parameters
    ----------
    flows : DataFrame
        With the columns of flows; ``origin`` may be missing and is then left out.
    """
    by = [name for name in _BY if name in flows.columns]
    return (
        flows.lazy()
        .filter(pl.col("price_base").is_null())
        .with_columns(_telling())
        .group_by([*by, "caveats"])
        .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("amount").sum())
        .collect()
    )


def joined(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return what several frames of `pairs` add up to."""
    rows = pl.concat(list(parts))
    by = [name for name in rows.columns if name not in ("rows", "amount")]
    return rows.group_by(by).agg(pl.col("rows", "amount").sum())


def _telling() -> pl.Expr:
    """Return the caveats for which sums leave a row out, joined by semicolons; empty for most rows."""
    codes = [
        pl.when(pl.col("caveats").str.contains(code, literal=True)).then(pl.lit(code)) for code in LEFT_OUT
    ]
    told = pl.concat_str(*codes, separator=";", ignore_nulls=True)
    return pl.when(pl.col("caveats") == "").then(pl.lit("")).otherwise(told).alias("caveats")
