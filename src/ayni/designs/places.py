"""Outcomes and doses of many places as arrays, with the rows they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ayni.designs.records import Cause
from ayni.ledger.records import Flow
from ayni.ledger.series import flows, observations, series, value_in
from ayni.ledger.store import Ledger, frame
from ayni.panel.records import Floats
from ayni.remember import remember


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One indicator in several places over some years.

    Attributes
    ----------
    places : tuple of str
        N place keys.
    years : tuple of int
        T years, ascending.
    values : (N, T) float, in `unit`
        NaN where the ledger has no figure.
    unit : str
    rows : tuple of str
        The rows they come from.
    caveats : frozenset of str
        Of those rows.
    """

    places: tuple[str, ...]
    years: tuple[int, ...]
    values: Floats
    unit: str
    rows: tuple[str, ...]
    caveats: frozenset[str]


def named(ledger: Ledger, listed: str, indicator: str) -> tuple[str, ...]:
    """Return the places that a list names and of which the ledger has the indicator.

    Parameters
    ----------
    listed : str
        Parts joined by ``+``: a place key, the beginning of keys followed by ``*``, or ``@`` and the key of
        a place that they belong to.
    """
    known = _with(ledger, indicator)
    parents = _parents(ledger)
    found: dict[str, None] = {}
    for part in filter(None, listed.split("+")):
        if part.startswith("@"):
            some = [place for place in known if parents.get(place) == part[1:]]
        elif part.endswith("*"):
            some = [place for place in known if place.startswith(part[:-1])]
        else:
            some = [part] if part in known else []
        found |= dict.fromkeys(some)
    return tuple(found)


def gathered(
    ledger: Ledger, indicator: str, places: Sequence[str], years: Sequence[int], counterpart: str = ""
) -> Gathered:
    """Return the figures of some places in some years, in the unit of the first place."""
    values = np.full((len(places), len(years)), np.nan)
    rows: list[str] = []
    caveats: set[str] = set()
    to = ""
    for i, place in enumerate(places):
        line = series(ledger, indicator, place, counterpart=counterpart)
        to = to or line.unit
        for t, year in enumerate(years):
            row = line.at(year)
            if row is not None:
                values[i, t] = value_in(row, to)
                rows.append(row.row)
                caveats |= set(filter(None, row.caveats.split(";")))
    return Gathered(
        places=tuple(places),
        years=tuple(years),
        values=values,
        unit=to,
        rows=tuple(rows),
        caveats=frozenset(caveats),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doses:
    """What a provider gave to several places, year by year.

    Attributes
    ----------
    values : (N, T) float
        Currency at the publisher's constant prices; NaN where no flow is in the ledger: silence is not zero.
    currency : str
    price_base : int or None
        None where amounts are at the prices of several years, and do not compare.
    rows : tuple of str
    """

    values: Floats
    currency: str
    price_base: int | None
    rows: tuple[str, ...]


def doses(ledger: Ledger, cause: Cause, places: Sequence[str], years: Sequence[int]) -> Doses:
    """Return the flows of a cause to some places, at the constant prices of their release."""
    values = np.full((len(places), len(years)), np.nan)
    rows: list[str] = []
    currencies: set[str] = set()
    prices: set[int] = set()
    at = {year: t for t, year in enumerate(years)}
    for i, place in enumerate(places):
        for row in _flows(ledger, cause, place):
            if row.price_base is not None and row.year in at:
                there = values[i, at[row.year]]
                values[i, at[row.year]] = row.amount + (0.0 if np.isnan(there) else there)
                currencies.add(row.currency)
                prices.add(row.price_base)
                rows.append(row.row)
    alike = len(prices) == len(currencies) == 1
    return Doses(
        values=values,
        currency=next(iter(currencies), ""),
        price_base=prices.pop() if alike else None,
        rows=tuple(rows),
    )


def paid(ledger: Ledger, cause: Cause, place: str, since: int, until: int) -> tuple[int, tuple[str, ...]]:
    """Return in how many years the cause paid in a place, and the rows that tell."""
    rows = [
        row for row in _flows(ledger, cause, place) if row.price_base is None and since <= row.year <= until
    ]
    return len({row.year for row in rows if row.amount > 0}), tuple(row.row for row in rows)


def _flows(ledger: Ledger, cause: Cause, place: str) -> list[Flow]:
    """Return the flows of a cause to a place; by place they are put in order once per ledger."""

    def make() -> dict[str, list[Flow]]:
        by_place: dict[str, list[Flow]] = defaultdict(list)
        for row in flows(ledger, provider=cause.provider, stage=cause.stage, origin=cause.origin):
            if not cause.purpose or cause.purpose in row.purposes.split(";"):
                by_place[row.recipient].append(row)
        return dict(by_place)

    key = ("flows by place", cause.provider, cause.stage, cause.origin, cause.purpose)
    return remember(ledger.kept, key, make).get(place, [])


def _with(ledger: Ledger, indicator: str) -> tuple[str, ...]:
    return remember(
        ledger.kept,
        ("places with", indicator),
        lambda: tuple(dict.fromkeys(row.place for row in observations(ledger, indicator=indicator))),
    )


def _parents(ledger: Ledger) -> dict[str, str]:
    return remember(
        ledger.kept, "parents", lambda: dict(frame(ledger, "places").select("key", "parent").iter_rows())
    )
