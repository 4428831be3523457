"""Apply known errors of sources to observations, each with a tripwire.

What this does not do: guess. A correction names its rows by indicator, place, year and
origin, and the value that the source prints; where the source prints another value the
correction is stale and the build stops.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ayni.ledger.records import Correction
from ayni.problems import Problem

FILE = "corrections.toml"


def corrected(rows: pl.DataFrame, corrections: Iterable[Correction], problems: list[Problem]) -> pl.DataFrame:
    """Return the observations with every correction applied.

    A changed row gets the status ``revised`` and the caveat ``corrected``; a flagged one
    only the caveat. A correction that finds no row, or not the value that it expects, is
    told in `problems`.
    """
    for correction in corrections:
        here = (
            (pl.col("indicator") == correction.indicator)
            & (pl.col("place") == correction.place)
            & pl.col("year").is_in(list(correction.years))
            & (pl.col("origin") == correction.origin)
        )
        found = rows.filter(here)["value"].to_list()
        if not found or any(value != correction.expect for value in found):
            problems.append(
                Problem(
                    code="stale-correction",
                    file=FILE,
                    found=", ".join(f"{v:g}" for v in found),
                    expected=f"{correction.expect:g}",
                    where=correction.key,
                )
            )
            continue
        rows = rows.filter(~here) if correction.action == "drop" else _changed(rows, here, correction)
    return rows


def _changed(rows: pl.DataFrame, here: pl.Expr, correction: Correction) -> pl.DataFrame:
    value = correction.value or 0.0
    new = {"replace": pl.lit(value), "scale": pl.col("value") * value}.get(correction.action, pl.col("value"))
    status = pl.col("status") if correction.action == "flag" else pl.lit("revised")
    caveats = (
        pl.when(pl.col("caveats") == "")
        .then(pl.lit("corrected"))
        .otherwise(pl.col("caveats") + pl.lit(";corrected"))
    )
    return rows.with_columns(
        value=pl.when(here).then(new).otherwise(pl.col("value")),
        status=pl.when(here).then(status).otherwise(pl.col("status")),
        caveats=pl.when(here).then(caveats).otherwise(pl.col("caveats")),
    )
