"""The year whose prices a release's constant amounts are in: found, for no file says it.

The base year is the year in which constant and current amounts are equal. A file may have several:
ForeignAssistance.gov gives obligations and disbursements at the prices of one year and its budget stages at
those of another, in one column and without a word. So bases are found for each stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ayni.ledger.store import Ledger, scan

# Both amounts are rounded to the dollar, so the sums of a file's base year differ by less than this share;
# prices move by more from one year to the next.
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseYear:
    """The base year of one stage of one release.

    Attributes
    ----------
    origin, stage : str
        Of what.
    base : int or None
        The year; None where none was found.
    evidence : str
        ``equal`` where constant and current amounts of the year are the same, ``none-equal`` where no year's
        are, ``all-equal`` where every year's are, ``not-printed`` where the file has no constant amounts.
    ratio : float or None
        Constant over current amounts in that year, or in the year nearest to equality.
    years : tuple of int
        The years with both amounts.
    """

    origin: str
    stage: str
    base: int | None
    evidence: str
    ratio: float | None
    years: tuple[int, ...]


def bases(ledger: Ledger, origin: str) -> tuple[BaseYear, ...]:
    """Return the base year of each stage of a release, by stage."""
    sums = (
        scan(ledger, "sums", [origin])
        .filter(pl.col("year_kind") != "us-transition-quarter")
        .group_by("stage", "year")
        .agg(pl.col("paired", "constant").sum())
        .sort("stage", "year")
        .collect()
    )
    found = []
    for (stage,), rows in sums.group_by("stage", maintain_order=True):
        ratios = {
            year: constant / paired
            for year, paired, constant in rows.select("year", "paired", "constant").iter_rows()
            if paired > 0
        }
        found.append(_base(origin, str(stage), ratios))
    return tuple(found)


def _base(origin: str, stage: str, ratios: dict[int, float]) -> BaseYear:
    def told(base: int | None, evidence: str, ratio: float | None) -> BaseYear:
        return BaseYear(
            origin=origin, stage=stage, base=base, evidence=evidence, ratio=ratio, years=tuple(sorted(ratios))
        )

    if not ratios:
        return told(None, "not-printed", None)
    near = [year for year, ratio in ratios.items() if abs(ratio - 1) < TOLERANCE]
    closest = min(ratios, key=lambda year: abs(ratios[year] - 1))
    if len(near) == len(ratios) > 1:
        return told(None, "all-equal", 1.0)
    if not near:
        return told(None, "none-equal", ratios[closest])
    return told(closest, "equal", ratios[closest])


def several(found: Iterable[BaseYear]) -> tuple[int, ...]:
    """Return the base years of one file, where it has more than one; else nothing."""
    years = sorted({one.base for one in found if one.base is not None})
    return tuple(years) if len(years) > 1 else ()
