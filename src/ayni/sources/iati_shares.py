"""How the places and the sectors that an activity prints divide an amount.

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

How the cents then fall is said in `iati_parts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from ayni.sources.iati_codes import country, purpose, region
from ayni.sources.iati_sheet import CELL_GAP, COUNTRY, ITEM_GAP

UNSTATED = "iati:unstated"
_UNSPLIT, _UNALLOCATED = "unsplit", "unallocated"
# A percentage is counted in units of its 18th decimal, so that it is a whole number.
_DECIMALS = 18
_PERCENT = re.compile(r"\+?(?=\.?\d)(\d{0,9})(?:\.(\d{0,18}))?%?")
_HUNDRED = 100 * 10**_DECIMALS
# By how much all of them may miss it, and each.
_SLACK, _SLACK_EACH = _HUNDRED // 10_000, _HUNDRED // 20_000
# Characters of a list that is worth remembering.
_SHORT = 500
_NUMBERED = re.compile(r"[0-9]{1,4}")
# Publishers' own vocabularies, which a transaction may print twice as two views.
_OWN = ("98", "99")


class _Item(NamedTuple):
    """A printed sector or place: vocabulary (or `COUNTRY`), code, percentage, address of the vocabulary."""

    vocabulary: str
    code: str
    percent: int | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How one list divides an amount.

    Attributes
    ----------
    keys : tuple of str
        Sorted, so that equal fractions of a cent do not depend on what was printed first.
    shares : tuple of int
        Of each key, out of `whole`; they add to it.
    caveats : tuple of str
        Codes.
    """

    keys: tuple[str, ...]
    shares: tuple[int, ...] = (1,)
    whole: int = 1
    caveats: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the printed percentages say all that is needed."""
        return not {"percentages-missing", "percentages-not-100"} & set(self.caveats)


def cut_places(text: str, *, own: bool) -> Cut:
    """Return how places divide an amount, from items as `iati_flatten` writes them.

    Parameters
    ----------
    own : bool
        Whether they stand at the transaction itself, where the standard knows no percentages.
    """
    return _cut_of(text, _places, own)


def cut_sectors(text: str, *, own: bool) -> Cut:
    """Return how sectors divide an amount; otherwise as `cut_places`."""
    return _cut_of(text, _sectors, own)


_Reading = Callable[[Sequence[_Item], bool], Cut]


def _cut_of(text: str, reading: _Reading, own: bool) -> Cut:
    """Return how a list divides; short lists come again and again."""
    if len(text) > _SHORT:
        return reading(_items(text), own)
    return _remembered(text, reading, own)


@lru_cache(maxsize=1 << 14)
def _remembered(text: str, reading: _Reading, own: bool) -> Cut:
    return reading(_items(text), own)


def _items(text: str) -> list[_Item]:
    """Return the printed items in an order that does not depend on how they were printed."""
    found = []
    for line in text.split(ITEM_GAP) if text else ():
        vocabulary, code, percent, address = line.split(CELL_GAP)
        found.append(_Item(vocabulary or "1", code.replace(";", ","), _percent(percent), address))
    return sorted(found, key=lambda item: (item.vocabulary, item.code, item.address))


def _percent(text: str) -> int | None:
    printed = _PERCENT.fullmatch(text)
    return int((printed[1] or "0") + (printed[2] or "").ljust(_DECIMALS, "0")) if printed else None


def _rank(vocabulary: str) -> tuple[int, int, str]:
    """Return what vocabularies are sorted by: those with numbers first."""
    return (0, int(vocabulary), "") if _NUMBERED.fullmatch(vocabulary) else (1, 0, vocabulary)


def _cut(items: Sequence[tuple[str, int | None]], scheme: str) -> Cut:
    """Return how keys with percentages divide an amount; a key that is printed twice counts once."""
    percents: dict[str, int | None] = {}
    for key, percent in items:
        known = percents.get(key)
        percents[key] = percent if known is None else known + (percent or 0)
    given = [percent for percent in percents.values() if percent is not None]
    if len(percents) == 1 and not given:
        return Cut(keys=tuple(percents))
    if len(given) < len(percents):
        return Cut(keys=(f"{scheme}:{_UNSPLIT}",), caveats=("percentages-missing",))
    total = sum(given)
    slack = max(_SLACK, _SLACK_EACH * len(given))
    whole, caveats = (total, ()) if abs(total - _HUNDRED) <= slack else (_HUNDRED, ("percentages-not-100",))
    shares: dict[str, int] = {key: percent for key, percent in percents.items() if percent}
    if whole != total:
        shares[f"{scheme}:{_UNALLOCATED}"] = whole - total
    keys = sorted(shares)
    common = gcd(whole, *shares.values())
    return Cut(
        keys=tuple(keys),
        shares=tuple(shares[key] // common for key in keys),
        whole=whole // common,
        caveats=caveats,
    )


def _by_vocabulary(items: Iterable[_Item]) -> dict[tuple[str, str], list[_Item]]:
    """Return items by vocabulary; two addresses are two vocabularies of a publisher's own."""
    groups: dict[tuple[str, str], list[_Item]] = {}
    for item in items:
        name = (item.vocabulary, item.address if item.vocabulary in _OWN else "")
        groups.setdefault(name, []).append(item)
    return dict(sorted(groups.items(), key=lambda entry: (_rank(entry[0][0]), entry[0][1])))


def _places(items: Sequence[_Item], own: bool) -> Cut:
    countries = [(country(item.code), item.percent) for item in items if item.vocabulary == COUNTRY]
    groups = _by_vocabulary(item for item in items if item.vocabulary != COUNTRY)
    regions = [[(region(i.vocabulary, i.code), i.percent) for i in group] for group in groups.values()]
    if not items:
        return Cut(keys=(UNSTATED,), caveats=("recipient-missing",))
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


def _sectors(items: Sequence[_Item], own: bool) -> Cut:
    if len({item.vocabulary for item in items}) == len(items) and all(i.percent is None for i in items):
        # As most transactions have it: one code in each vocabulary.
        ranked = sorted(items, key=lambda item: _rank(item.vocabulary))
        return Cut(keys=(";".join(purpose(item.vocabulary, item.code) for item in ranked),))
    groups = _by_vocabulary(items)
    cuts: list[tuple[str, Cut]] = []
    for (vocabulary, _), group in groups.items():
        codes = [(purpose(vocabulary, item.code), item.percent) for item in group]
        if own and vocabulary in _OWN and all(percent is None for _, percent in codes):
            cuts += [(vocabulary, _cut([code], "")) for code in dict.fromkeys(codes)]
        else:
            cuts.append((vocabulary, _cut(codes, purpose(vocabulary, "-").removesuffix(":-"))))
    if not cuts:
        return Cut(keys=("",))
    first = cuts[0]
    if first[0] not in ("1", "2"):
        first = next((entry for entry in cuts if entry[1].complete), first)
    others = [c.keys[0] for _, c in cuts if c is not first[1] and c.complete and len(c.keys) == 1]
    cut = first[1]
    keys = sorted((";".join((key, *others)), share) for key, share in zip(cut.keys, cut.shares, strict=True))
    return Cut(
        keys=tuple(key for key, _ in keys),
        shares=tuple(share for _, share in keys),
        whole=cut.whole,
        caveats=cut.caveats,
    )


def _warned(cut: Cut, caveat: str) -> Cut:
    return Cut(keys=cut.keys, shares=cut.shares, whole=cut.whole, caveats=(*cut.caveats, caveat))
