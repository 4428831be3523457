"""Money at the prices of one year, with fiscal years respected.

Two ways, tried in this order:

1. *Implied*: where a release prints both current and constant amounts, their ratio in each
   year is its own deflator. ForeignAssistance.gov keeps two base years in one file, one for
   obligations and disbursements and one for budget stages, so the ratio is taken per stage.
2. *Fiscal quarters*: otherwise the mean of the four quarters of a price index that make up
   the US fiscal year (October to September), or of the calendar year.

Two editions of a price index with different bases are joined only by a factor, the mean
ratio over the quarters both print; the factor travels with the result and is printed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ayni.ledger.records import Flow, Observation
from ayni.ledger.series import flows, observations, preference
from ayni.ledger.store import Ledger

# A release's base year is the year whose constant equals its current amount; publishers
# round both to the dollar, so small years differ by more than float noise.
_BASE_TOLERANCE = 1e-4
_QUARTERS = 4


class MissingDeflatorError(LookupError):
    """Years for which no deflator is at hand; they are named, never passed in silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A factor that joins two index bases or a release to an index.

    Attributes
    ----------
    source, target : str
        What is joined to what.
    factor : float
        ``target = factor * source``.
    periods : int
        How many common periods it is the mean of.
    low, high : float
        Smallest and largest ratio among them.
    """

    source: str
    target: str
    factor: float
    periods: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflator:
    """What turns an amount of a year into an amount at the prices of `base`.

    Attributes
    ----------
    base : int
        The year whose prices are used.
    factors : dict of int to float
        For each year, what to multiply a current amount by.
    method : str
        ``implied`` or ``fiscal-quarters`` or ``calendar-quarters``.
    origin : str
        The release or the index, by key.
    links : tuple of Link
        Every factor that had to join two bases.
    rows : tuple of str
        Rows that the factors rest on.
    """

    base: int
    factors: dict[int, float]
    method: str
    origin: str
    links: tuple[Link, ...] = ()
    rows: tuple[str, ...] = ()


def implied_ratios(rows: Iterable[Flow]) -> dict[int, float]:
    """Return constant over current by year, from rows of one release and one stage.

    Sums over the rows with a positive current amount are used, so that the rounding of
    small rows does not matter; a year that has only de-obligations uses those.
    """
    paired: dict[tuple[int, Flow], list[float | None]] = defaultdict(lambda: [None, None])
    for row in rows:
        key = (row.year, replace(row, amount=0.0, price_base=None, caveats="", row=""))
        paired[key][0 if row.price_base is None else 1] = row.amount
    by_year: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for (year, _), (current, constant) in paired.items():
        if current and constant:
            by_year[year].append((current, constant))
    ratios = {}
    for year, pairs in sorted(by_year.items()):
        used = [pair for pair in pairs if pair[0] > 0] or pairs
        ratios[year] = sum(constant for _, constant in used) / sum(current for current, _ in used)
    return ratios


def fiscal_index(
    ledger: Ledger, indexes: Sequence[str], *, year_kind: str = "us-fiscal"
) -> tuple[dict[int, float], tuple[Link, ...]]:
    """Return a price index by year from quarterly indicators, and the links used.

    Parameters
    ----------
    indexes : sequence of str
        Indicator keys of quarterly indexes, the preferred base first; a later one extends
        the first to the quarters that it lacks.
    year_kind : str
        ``us-fiscal`` (October to September) or ``calendar``.
    """
    quarters: dict[tuple[int, int], float] = {}
    links = []
    for position, key in enumerate(indexes):
        own = _quarterly(ledger, key)
        if position:
            common = sorted(quarters.keys() & own.keys())
            if not common:
                continue
            ratios = [quarters[q] / own[q] for q in common]
            factor = sum(ratios) / len(ratios)
            links.append(
                Link(
                    source=key,
                    target=indexes[0],
                    factor=factor,
                    periods=len(common),
                    low=min(ratios),
                    high=max(ratios),
                )
            )
            own = {q: value * factor for q, value in own.items()}
        quarters = {**own, **quarters}
    shift = 1 if year_kind == "us-fiscal" else 0
    by_year: dict[int, list[float]] = defaultdict(list)
    for (year, quarter), value in quarters.items():
        by_year[year + 1 if shift and quarter == _QUARTERS else year].append(value)
    index = {
        year: sum(values) / _QUARTERS for year, values in sorted(by_year.items()) if len(values) == _QUARTERS
    }
    return index, tuple(links)


def _quarterly(ledger: Ledger, indicator: str) -> dict[tuple[int, int], float]:
    """Return an indicator by year and quarter; of several rows, the one a series would choose."""
    found: dict[tuple[int, int], list[Observation]] = defaultdict(list)
    for row in observations(ledger, indicator=indicator):
        if row.part_year.startswith("Q"):
            found[(row.year, int(row.part_year[1]))].append(row)
    return {quarter: min(rows, key=preference).value for quarter, rows in found.items()}


def deflator(ledger: Ledger, *, origin: str, stage: str, to: int, indexes: Sequence[str]) -> Deflator:
    """Return the deflator for one release and stage, to the prices of year `to`.

    Raises
    ------
    MissingDeflatorError
        If `to` cannot be reached; the message names the years at hand.
    """
    rows = flows(ledger, origin=origin, stage=stage)
    kind = rows[0].year_kind if rows else "us-fiscal"
    own = tuple(row.row for row in rows)
    ratios = implied_ratios(rows)
    if to in ratios:
        factors = {year: ratio / ratios[to] for year, ratio in ratios.items()}
        return Deflator(base=to, factors=factors, method="implied", origin=origin, rows=own)
    index, links = fiscal_index(ledger, indexes, year_kind=kind)
    printed = tuple(row.row for key in indexes for row in observations(ledger, indicator=key))
    if to not in index:
        have = f"{min(index)}-{max(index)}" if index else "none"
        raise MissingDeflatorError(
            f"no deflator for {to}: the index {', '.join(indexes)} gives years {have}; choose one of them"
        )
    base = next((year for year, ratio in ratios.items() if abs(ratio - 1) < _BASE_TOLERANCE), None)
    if base is not None and base in index:
        step = index[to] / index[base]
        joined = Link(source=f"{origin} {base}", target=str(to), factor=step, periods=1, low=step, high=step)
        return Deflator(
            base=to,
            factors={year: ratio * step for year, ratio in ratios.items()},
            method="implied",
            origin=origin,
            links=(*links, joined),
            rows=own + printed,
        )
    return Deflator(
        base=to,
        factors={year: index[to] / value for year, value in index.items()},
        method="fiscal-quarters" if kind == "us-fiscal" else "calendar-quarters",
        origin=indexes[0],
        links=links,
        rows=printed,
    )


def at_prices(rows: Sequence[Flow], priced: Deflator) -> list[float]:
    """Return the amounts of `rows`, which must be current, at the prices of ``priced.base``.

    Raises
    ------
    MissingDeflatorError
        If a row's year has no factor; all such years are named.
    ValueError
        If a row is already at constant prices.
    """
    constant = sorted({row.row for row in rows if row.price_base is not None})
    if constant:
        raise ValueError(f"rows already at constant prices, first {constant[0]}; give current amounts")
    missing = sorted({row.year for row in rows} - priced.factors.keys())
    if missing:
        raise MissingDeflatorError(
            f"no deflator for the years {', '.join(map(str, missing))} in {priced.origin}; "
            f"it gives {min(priced.factors)}-{max(priced.factors)}"
        )
    return [row.amount * priced.factors[row.year] for row in rows]
