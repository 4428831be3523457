"""One printed amount as parts, by place and sector, without a cent lost or made.

Largest remainder: the amount's size is counted in its smallest printed unit, but at least in cents; each
share is rounded down; the units left over go one by one to the parts with the largest fraction cut off,
among equals to the first by place and purpose. The sign is put back last, so that a de-obligation is
divided exactly as what it undoes. All of it is done in whole numbers. The sum of the parts is the amount,
whatever the percentages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from ayni.sources.iati_shares import Cut

_Integers = npt.NDArray[np.int64]
_DECIMALS = r"\.(\d*)$"
# Products of whole numbers stay within 64 bits while shares, their whole and amounts stay below these.
_SAFE_SHARE = 1 << 31
_SAFE_TIMES = 1 << 10
_SAFE_UNITS = 1 << 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The ways in which lists divide, and which of them each of N amounts is divided in.

    Attributes
    ----------
    cuts : tuple of Cut
    which : (N,) int
    sizes : int array
        How many keys each cut has.
    """

    cuts: tuple[Cut, ...]
    which: _Integers
    sizes: _Integers

    @classmethod
    def of(cls, cuts: Sequence[Cut], which: _Integers) -> Chosen:
        """Return the ways, with their sizes."""
        sizes = np.array([len(cut.keys) for cut in cuts], dtype=np.int64)
        return cls(cuts=tuple(cuts), which=which, sizes=sizes)

    def between(self, since: int, until: int) -> Chosen:
        """Return the same of some of the amounts."""
        return replace(self, which=self.which[since:until])

    def keys(self) -> pl.Series:
        """Return the keys of all cuts, one after the other."""
        return pl.Series([key for cut in self.cuts for key in cut.keys], dtype=pl.String())

    def caveats(self) -> pl.Series:
        """Return what each amount is to be warned of, null for nothing."""
        told = pl.Series([";".join(cut.caveats) or None for cut in self.cuts], dtype=pl.String())
        return told.gather(self.which)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where the parts of N amounts stand among the P parts of all of them, amount by amount.

    Attributes
    ----------
    record : (P,) int
        Which amount each part is of.
    place, sector : (P,) int
        Which of `Chosen.keys` each part has.
    counts, firsts : (N,) int
        How many parts each amount has, and which is its first.
    """

    record: _Integers
    place: _Integers
    sector: _Integers
    counts: _Integers
    firsts: _Integers


def counted(places: Chosen, sectors: Chosen) -> _Integers:
    """Return how many parts each amount has."""
    return places.sizes[places.which] * sectors.sizes[sectors.which]


def spread(places: Chosen, sectors: Chosen) -> Spread:
    """Return where the parts stand: by place, then by sector."""
    counts = counted(places, sectors)
    firsts = np.cumsum(counts) - counts
    record = np.repeat(np.arange(len(counts)), counts)
    number = np.arange(len(record)) - firsts[record]
    by_place, by_sector = np.divmod(number, sectors.sizes[sectors.which][record])
    of_place = np.cumsum(places.sizes) - places.sizes
    of_sector = np.cumsum(sectors.sizes) - sectors.sizes
    return Spread(
        record=record,
        place=of_place[places.which][record] + by_place,
        sector=of_sector[sectors.which][record] + by_sector,
        counts=counts,
        firsts=firsts,
    )


def apportion(
    amounts: pl.Series, values: npt.NDArray[np.float64], places: Chosen, sectors: Chosen, laid: Spread
) -> npt.NDArray[np.float64]:
    """Return the parts of each amount.

    Parameters
    ----------
    amounts : (N,) Series of str
        As printed, decimal numbers.
    values : (N,) float
        The same as numbers.
    places, sectors : Chosen
        How each is divided.
    laid : Spread
        Where their parts stand.

    Returns
    -------
    (P,) float
        Those of one amount add to it in the smallest unit printed, but at least in
        cents; an amount that has one part is it.
    """
    parts = values[laid.record]
    divided = laid.counts > 1
    if not divided.any():
        return parts
    by_place, by_sector = _Numbers.of(places), _Numbers.of(sectors)
    wholes = by_place.wholes * by_sector.wholes
    largest = by_place.largest * by_sector.largest
    decimals = amounts.str.extract(_DECIMALS).str.len_bytes().fill_null(0).to_numpy()
    cents = np.rint(values * 100.0)
    quick = (
        (largest > 0)
        & (largest < _SAFE_SHARE)
        & (largest <= _SAFE_TIMES * wholes)
        & (decimals <= 2)  # noqa: PLR2004 - cents
        & (np.abs(cents) < _SAFE_UNITS)
    )
    chosen = np.flatnonzero(divided & quick)
    these = np.flatnonzero((divided & quick)[laid.record])
    shares = by_place.shares[laid.place[these]] * by_sector.shares[laid.sector[these]]
    units = cents[chosen].astype(np.int64)
    parts[these] = _quickly(units, wholes[chosen], shares, laid.counts[chosen]) / 100.0
    for number in np.flatnonzero(divided & ~quick).tolist():
        first = laid.firsts[number]
        place, sector = places.cuts[places.which[number]], sectors.cuts[sectors.which[number]]
        exact = _exactly(Decimal(amounts[number]), place, sector)
        parts[first : first + len(exact)] = exact
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """Cuts in 64 bits; a cut that does not fit has the largest share 0.

    Attributes
    ----------
    shares : (K,) int
        Of all keys of all cuts.
    wholes, largest : (N,) int
        Of each amount: what its shares add to, and the largest of them or of that.
    """

    shares: _Integers
    wholes: _Integers
    largest: _Integers

    @classmethod
    def of(cls, chosen: Chosen) -> _Numbers:
        """Return the numbers of all cuts."""
        tops = [max(cut.whole, *map(abs, cut.shares)) for cut in chosen.cuts]
        fits = [top < _SAFE_SHARE for top in tops]
        both = list(zip(chosen.cuts, fits, strict=True))
        shares = [share if fit else 0 for cut, fit in both for share in cut.shares]
        wholes = [cut.whole if fit else 1 for cut, fit in both]
        largest = [top if fit else 0 for top, fit in zip(tops, fits, strict=True)]
        return cls(
            shares=np.array(shares, dtype=np.int64),
            wholes=np.array(wholes, dtype=np.int64)[chosen.which],
            largest=np.array(largest, dtype=np.int64)[chosen.which],
        )


def _quickly(units: _Integers, wholes: _Integers, shares: _Integers, counts: _Integers) -> _Integers:
    """Return whole parts of whole amounts; with a = qW + r, a share is qs + rs/W, and rs stays below 2^62.

    Parameters
    ----------
    units, wholes, counts : (N,) int
        Amounts; what the shares of each add to; how many shares each has.
    shares : (P,) int
        Of the first amount, then of the second.
    """
    if not len(units):
        return shares
    record = np.repeat(np.arange(len(units)), counts)
    firsts = np.cumsum(counts) - counts
    quotient, rest = np.divmod(np.abs(units), wholes)
    floors, fractions = np.divmod(rest[record] * shares, wholes[record])
    parts: _Integers = quotient[record] * shares + floors
    left = np.abs(units) - np.add.reduceat(parts, firsts)
    # Within each amount by fraction, the largest first, equal ones as they stand.
    order = np.lexsort((-fractions, record))
    parts[order] += np.arange(len(parts)) - firsts[record] < left[record]
    return parts * np.sign(units)[record]


def _exactly(amount: Decimal, place: Cut, sector: Cut) -> list[float]:
    """Return the parts of one amount in unbounded whole numbers, for what `_quickly` cannot hold."""
    exponent = min(int(amount.as_tuple().exponent), -2)
    units = int(Fraction(abs(amount)) / Fraction(10) ** exponent)
    whole = place.whole * sector.whole
    floors = [divmod(units * one * other, whole) for one in place.shares for other in sector.shares]
    left = units - sum(floor for floor, _ in floors)
    order = sorted(range(len(floors)), key=lambda number: -floors[number][1])
    sign = -1 if amount < 0 else 1
    parts = [
        floor + (1 if rank < left else 0) for (floor, _), rank in zip(floors, _ranks(order), strict=True)
    ]
    return [float(sign * part * Fraction(10) ** exponent) for part in parts]


def _ranks(order: Sequence[int]) -> list[int]:
    ranks = [0] * len(order)
    for rank, number in enumerate(order):
        ranks[number] = rank
    return ranks
