"""How one printed amount is divided among recipients and sectors, without a cent lost or made.

**Which list divides.** Places: a lone country or region is all of it; countries that add to 100 stand by
themselves (a region beside them says where they lie); else countries and the regions of one vocabulary
together, by the OECD's before the UN's before others. Sectors: one vocabulary divides, the five-digit
purposes of the OECD before its three-digit sectors before others; every other vocabulary is a second
view of the same money, and is carried along only where it has a single code.

**What the percentages say.** A lone code may leave its percentage out: it has all. Where one of several
has none, nothing is divided (``percentages-missing``, code ``unsplit``): a missing percentage is not 0.
Where they do not add to 100, each keeps its printed share and what is left, more or less than nothing, is
a row of its own (``percentages-not-100``, code ``unallocated``). Shares that are rounded to two decimals
may miss 100 by half a hundredth each, and by a hundredth in any case: these are taken as the whole.

**How the cents fall** (`apportion`). Largest remainder: the amount's size is counted in its smallest
printed unit, but at least in cents; each share is rounded down; the units left over go one by one to the
shares with the largest fraction cut off, among equals to the first by place and purpose. The sign is put
back last, so that a de-obligation is divided exactly as what it undoes. All of it is done in whole
numbers. The sum of the parts is the amount, whatever the percentages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from ayni.sources.iati_codes import country, purpose, region
from ayni.sources.iati_sheet import COUNTRY

UNSTATED = "iati:unstated"
_UNSPLIT, _UNALLOCATED = "unsplit", "unallocated"
_PERCENT = re.compile(r"\+?(\d{1,9}(?:\.\d{0,18})?|\.\d{1,18})%?")
_DECIMALS = r"\.(\d*)$"
_NUMBERED = re.compile(r"[0-9]{1,4}")
# Publishers' own vocabularies, which a transaction may print twice as two views.
_OWN = ("98", "99")
# Products of whole numbers stay within 64 bits while shares, their whole and amounts stay below these.
_SAFE_SHARE = 1 << 31
_SAFE_TIMES = 1 << 10
_SAFE_UNITS = 1 << 52


class _Item(NamedTuple):
    """A printed sector or place: vocabulary (or `COUNTRY`), code, percentage, address of the vocabulary."""

    vocabulary: str
    code: str
    percent: Fraction | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How one list divides an amount: keys with their shares of `whole`, and what to warn of."""

    keys: tuple[str, ...]
    shares: tuple[int, ...]
    whole: int
    caveats: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the printed percentages say all that is needed."""
        return not {"percentages-missing", "percentages-not-100"} & set(self.caveats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How an amount is divided among recipients and purposes together.

    Attributes
    ----------
    recipients, purposes : tuple of str
        Of each part.
    shares : tuple of int
        Of each part, out of `whole`; they add to it.
    caveats : tuple of str
        Codes.
    """

    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    shares: tuple[int, ...]
    whole: int
    caveats: tuple[str, ...]


def divide(places: str, sectors: str, *, places_own: bool, sectors_own: bool) -> Division:
    """Return how an amount is divided.

    Parameters
    ----------
    places, sectors : str
        Items ``vocabulary|code|percentage|address`` with a space between two, as `iati_sheet` writes them.
    places_own, sectors_own : bool
        Whether they stand at the transaction itself, where the standard knows no percentages.
    """
    by_place = _places(_items(places), own=places_own)
    by_sector = _sectors(_items(sectors), own=sectors_own)
    parts = sorted(
        (place, aim, one * other)
        for place, one in zip(by_place.keys, by_place.shares, strict=True)
        for aim, other in zip(by_sector.keys, by_sector.shares, strict=True)
    )
    whole = by_place.whole * by_sector.whole
    common = gcd(whole, *(share for _, _, share in parts))
    return Division(
        recipients=tuple(place for place, _, _ in parts),
        purposes=tuple(aim for _, aim, _ in parts),
        shares=tuple(share // common for _, _, share in parts),
        whole=whole // common,
        caveats=tuple(dict.fromkeys((*by_place.caveats, *by_sector.caveats))),
    )


def _items(text: str) -> list[_Item]:
    """Return the printed items in an order that does not depend on how they were printed."""
    found = []
    for word in text.split():
        vocabulary, code, percent, address = [*word.split("|"), "", "", ""][:4]
        found.append(_Item(vocabulary or "1", code.replace(";", ","), _percent(percent), address))
    return sorted(found, key=lambda item: (item.vocabulary, item.code, item.address))


def _percent(text: str) -> Fraction | None:
    printed = _PERCENT.fullmatch(text)
    return Fraction(Decimal(printed[1])) if printed else None


def _rank(vocabulary: str) -> tuple[int, int, str]:
    """Return what vocabularies are sorted by: those with numbers first."""
    return (0, int(vocabulary), "") if _NUMBERED.fullmatch(vocabulary) else (1, 0, vocabulary)


def _cut(items: Sequence[tuple[str, Fraction | None]], scheme: str) -> Cut:
    """Return how keys with percentages divide an amount; a key that is printed twice counts once."""
    percents: dict[str, Fraction | None] = {}
    for key, percent in items:
        known = percents.get(key)
        percents[key] = percent if known is None else known + (percent or 0)
    given = [percent for percent in percents.values() if percent is not None]
    if len(percents) == 1 and not given:
        return Cut(keys=tuple(percents), shares=(1,), whole=1)
    if len(given) < len(percents):
        return Cut(keys=(f"{scheme}:{_UNSPLIT}",), shares=(1,), whole=1, caveats=("percentages-missing",))
    total = sum(given, Fraction(0))
    slack = max(Fraction(1, 100), Fraction(len(given), 200))
    whole, caveats = (total, ()) if abs(total - 100) <= slack else (Fraction(100), ("percentages-not-100",))
    shares: dict[str, Fraction] = {key: percent for key, percent in percents.items() if percent}
    if whole != total:
        shares[f"{scheme}:{_UNALLOCATED}"] = whole - total
    unit = lcm(whole.denominator, *(share.denominator for share in shares.values()))
    return Cut(
        keys=tuple(shares),
        shares=tuple(int(share * unit) for share in shares.values()),
        whole=int(whole * unit),
        caveats=caveats,
    )


def _by_vocabulary(items: Iterable[_Item]) -> dict[tuple[str, str], list[_Item]]:
    """Return items by vocabulary; two addresses are two vocabularies of a publisher's own."""
    groups: dict[tuple[str, str], list[_Item]] = {}
    for item in items:
        name = (item.vocabulary, item.address if item.vocabulary in _OWN else "")
        groups.setdefault(name, []).append(item)
    return dict(sorted(groups.items(), key=lambda entry: (_rank(entry[0][0]), entry[0][1])))


def _places(items: Sequence[_Item], *, own: bool) -> Cut:
    countries = [(country(item.code), item.percent) for item in items if item.vocabulary == COUNTRY]
    groups = _by_vocabulary(item for item in items if item.vocabulary != COUNTRY)
    regions = [[(region(i.vocabulary, i.code), i.percent) for i in group] for group in groups.values()]
    if not items:
        return Cut(keys=(UNSTATED,), shares=(1,), whole=1, caveats=("recipient-missing",))
    if not countries:
        return _cut(regions[0], "iati")
    alone = _cut(countries, "iati")
    if not regions:
        return alone
    # At a transaction one country is all of it; among an activity's only if it says so.
    if alone.complete and (own or any(percent is not None for _, percent in countries)):
        return _warned(alone, "region-beside-country")
    together = [_cut(countries + group, "iati") for group in regions]
    return next((cut for cut in together if cut.complete), together[0])


def _sectors(items: Sequence[_Item], *, own: bool) -> Cut:
    groups = _by_vocabulary(items)
    cuts: list[tuple[str, Cut]] = []
    for (vocabulary, _), group in groups.items():
        codes = [(purpose(vocabulary, item.code), item.percent) for item in group]
        if own and vocabulary in _OWN and all(percent is None for _, percent in codes):
            cuts += [(vocabulary, _cut([code], "")) for code in dict.fromkeys(codes)]
        else:
            cuts.append((vocabulary, _cut(codes, purpose(vocabulary, "-").removesuffix(":-"))))
    if not cuts:
        return Cut(keys=("",), shares=(1,), whole=1)
    first = cuts[0]
    if first[0] not in ("1", "2"):
        first = next((entry for entry in cuts if entry[1].complete), first)
    others = [c.keys[0] for _, c in cuts if c is not first[1] and c.complete and len(c.keys) == 1]
    return Cut(
        keys=tuple(";".join((key, *others)) for key in first[1].keys),
        shares=first[1].shares,
        whole=first[1].whole,
        caveats=first[1].caveats,
    )


def _warned(cut: Cut, caveat: str) -> Cut:
    return Cut(keys=cut.keys, shares=cut.shares, whole=cut.whole, caveats=(*cut.caveats, caveat))


def apportion(
    amounts: pl.Series, values: npt.NDArray[np.float64], division: Division
) -> npt.NDArray[np.float64]:
    """Return the parts of each amount.

    Parameters
    ----------
    amounts : (N,) Series of str
        As printed, decimal numbers.
    values : (N,) float
        The same as numbers.
    division : Division
        Into K parts.

    Returns
    -------
    (N, K) float
        Each row adds to its amount in the smallest unit printed, but at least in cents.
    """
    decimals = amounts.str.extract(_DECIMALS).str.len_bytes().fill_null(0).to_numpy()
    cents = np.rint(values * 100.0)
    quick = (decimals <= 2) & (np.abs(cents) < _SAFE_UNITS) & _is_small(division)  # noqa: PLR2004 - cents
    parts = np.empty((len(amounts), len(division.shares)))
    if quick.any():
        parts[quick] = _quickly(cents[quick].astype(np.int64), division) / 100.0
    for number in np.flatnonzero(~quick).tolist():
        parts[number] = _exactly(Decimal(amounts[number]), division)
    return parts


def _is_small(division: Division) -> bool:
    largest = max(division.whole, *(abs(share) for share in division.shares))
    return largest < _SAFE_SHARE and largest <= _SAFE_TIMES * division.whole


def _quickly(units: npt.NDArray[np.int64], division: Division) -> npt.NDArray[np.int64]:
    """Return whole parts of whole amounts; with a = qW + r, a share is qs + rs/W, and rs stays below 2^62."""
    shares = np.array(division.shares, dtype=np.int64)
    quotient, rest = np.divmod(np.abs(units), division.whole)
    floors, fractions = np.divmod(rest[:, None] * shares, division.whole)
    parts: npt.NDArray[np.int64] = quotient[:, None] * shares + floors
    left = np.abs(units) - parts.sum(axis=1)
    rank = np.argsort(np.argsort(-fractions, axis=1, kind="stable"), axis=1, kind="stable")
    parts += rank < left[:, None]
    return parts * np.sign(units)[:, None]


def _exactly(amount: Decimal, division: Division) -> list[float]:
    """Return the parts of one amount in unbounded whole numbers, for what `_quickly` cannot hold."""
    exponent = min(int(amount.as_tuple().exponent), -2)
    units = int(Fraction(abs(amount)) / Fraction(10) ** exponent)
    floors = [divmod(units * share, division.whole) for share in division.shares]
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
