"""Observations as yearly series, with every disagreement kept beside the chosen value.

Choosing is a rule, not a judgement: whole years before parts of a year; then counted,
estimated, modelled, revised, reported in that order; then the latest vintage; then the
first row of the table. What was not chosen and differs is returned as a conflict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ayni.ledger.records import STATUSES, Break, Flow, Observation
from ayni.ledger.store import Ledger, frame
from ayni.remember import remember
from ayni.units import Quantity, convert, unit

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One indicator in one place, year by year.

    Attributes
    ----------
    indicator, place, counterpart, unit : str
        What it is.
    rows : tuple of Observation
        The chosen row of each year, by year; years may be missing.
    conflicts : tuple of tuple of Observation
        For each year in which rows differ, all rows of that year.
    """

    indicator: str
    place: str
    counterpart: str
    unit: str
    rows: tuple[Observation, ...]
    conflicts: tuple[tuple[Observation, ...], ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Years with a chosen row, ascending."""
        return tuple(row.year for row in self.rows)

    @property
    def values(self) -> tuple[float, ...]:
        """Values of the chosen rows, in `unit`."""
        return tuple(value_in(row, self.unit) for row in self.rows)

    def at(self, year: int) -> Observation | None:
        """Return the chosen row of `year`, or None where there is none."""
        return next((row for row in self.rows if row.year == year), None)


def value_in(row: Observation, to: str) -> float:
    """Return the value of `row` in the unit `to`."""
    if row.unit == to:
        return row.value
    return convert(Quantity(value=row.value, unit=row.unit), to).value


def observations(
    ledger: Ledger, *, indicator: str | None = None, place: str | None = None, counterpart: str | None = None
) -> list[Observation]:
    """Return the observations that match every argument given, in the tables' order."""
    index = _index(ledger, "observations", Observation, "indicator")
    rows = (
        index.get(indicator, [])
        if indicator is not None
        else [row for rows in index.values() for row in rows]
    )
    return [
        row
        for row in rows
        if (place is None or row.place == place) and (counterpart is None or row.counterpart == counterpart)
    ]


def flows(
    ledger: Ledger,
    *,
    provider: str | None = None,
    recipient: str | None = None,
    stage: str | None = None,
    origin: str | None = None,
) -> list[Flow]:
    """Return the flows that match every argument given, in the tables' order."""
    index = _index(ledger, "flows", Flow, "origin")
    rows = index.get(origin, []) if origin is not None else [row for rows in index.values() for row in rows]
    return [
        row
        for row in rows
        if (provider is None or row.provider == provider)
        and (recipient is None or row.recipient == recipient)
        and (stage is None or row.stage == stage)
    ]


def _index(ledger: Ledger, table: str, record: type[R], column: str) -> dict[str, list[R]]:
    """Return the records of a table by one column, made once per open ledger."""

    def make() -> dict[str, list[R]]:
        index: dict[str, list[R]] = defaultdict(list)
        for row in frame(ledger, table).iter_rows(named=True):
            index[row[column]].append(record(**row))
        return index

    return remember(ledger.kept, f"{table} by {column}", make)


def preference(row: Observation) -> tuple[bool, int, str]:
    """Return a sort key: the row with the smallest key is the one a series chooses."""
    inverted = "".join(chr(0x10FFFF - ord(c)) for c in row.vintage) if row.vintage else chr(0x10FFFF)
    return (bool(row.part_year), STATUSES.index(row.status), inverted)


def series(
    ledger: Ledger, indicator: str, place: str, *, counterpart: str = "", to: str | None = None
) -> Series:
    """Return one indicator in one place as a yearly series.

    Spans of several years are left out. Rows in another unit of the same dimension are
    converted to `to`, or to the unit of the first row.
    """

    def make() -> Series:
        rows = observations(ledger, indicator=indicator, place=place, counterpart=counterpart)
        single = [row for row in rows if row.until is None]
        return series_of(single, indicator=indicator, place=place, counterpart=counterpart, to=to)

    return remember(ledger.kept, ("series", indicator, place, counterpart, to), make)


def breaks(ledger: Ledger, indicator: str, place: str) -> list[Break]:
    """Return the years in which a series changes its method or coverage, in order."""
    index = _index(ledger, "breaks", Break, "indicator")
    return sorted((b for b in index.get(indicator, []) if b.place == place), key=lambda b: b.year)


def rivals(ledger: Ledger, indicator: str) -> tuple[str, ...]:
    """Return the other indicators of the same concept, in the table's order."""

    def make() -> dict[str, str]:
        return dict(frame(ledger, "indicators").select("key", "concept").iter_rows())

    concepts = remember(ledger.kept, "concepts", make)
    own = concepts.get(indicator)
    return tuple(key for key, concept in concepts.items() if concept == own and key != indicator)


def series_of(
    rows: Iterable[Observation], *, indicator: str, place: str, counterpart: str = "", to: str | None = None
) -> Series:
    """Return the series that the given rows make; see `series`."""
    by_year: dict[int, list[Observation]] = defaultdict(list)
    for row in rows:
        by_year[row.year].append(row)
    first = next(iter(by_year.values()), [])
    key = to or (min(first, key=preference).unit if first else "ratio")
    unit(key)
    chosen, conflicts = [], []
    for _, same in sorted(by_year.items()):
        best = min(same, key=preference)
        chosen.append(best)
        if len({value_in(row, key) for row in same}) > 1:
            conflicts.append(tuple(same))
    return Series(
        indicator=indicator,
        place=place,
        counterpart=counterpart,
        unit=key,
        rows=tuple(chosen),
        conflicts=tuple(conflicts),
    )
