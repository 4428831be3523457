"""How a claim that a checker found is held against the gold set: which belongs to which, and is it right.

Pure functions, used by `benchmarks.score_check`. The rules are told in ``benchmarks/gold/README.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ayni.units import Quantity, UnitError, convert, same_kind, unit
from benchmarks.gold_set import GoldClaim, GoldText

# Thirds are written with ten places in the gold set; no two numbers of a text are as near as this.
TOLERANCE = 1e-6
# Claims of these kinds have no number of their own, or a sign in its place.
_WITHOUT = ("cause", "conclusion")
_SIGNED = ("trend", "comparison", "opinion", "forecast")
_MEASURES = frozenset({"mass", "area", "length", "USD", "PEN", "EUR", "point", "index", "rank", "time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A claim as a checker reports it; `comparator` is None where the report does not say."""

    start: int
    end: int
    text: str
    kind: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    comparator: str | None = None
    indicator: str = ""
    year: int | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One text with the found claim of each gold claim, and the found claims that have none.

    Attributes
    ----------
    gold : GoldText
        The text.
    by_claim : tuple of Found or None
        Per gold claim, what was found for it.
    spurious : tuple of Found
        Found, and not in the gold set.
    """

    gold: GoldText
    by_claim: tuple[Found | None, ...]
    spurious: tuple[Found, ...]


def reads_right(found: Found, gold: GoldClaim) -> bool:
    """Return whether the number was read as the text has it: value or range, comparator, measure."""
    if gold.comparator in ("=", ">=", "<=") and found.comparator not in (None, "", gold.comparator):
        return False
    read = [in_unit(x, found.unit, gold.unit) for x in (found.value, found.low, found.high)]
    if any(x is None and y is not None for x, y in zip(read, numbers(found), strict=True)):
        return False
    value, low, high = read
    if gold.value is None:
        return near(low, gold.low) and near(high, gold.high)
    if gold.kind == "trend" and value is not None:
        value = math.copysign(value, gold.value)
    if not near(value, gold.value):
        return False
    room = TOLERANCE * abs(gold.value)
    signed = gold.kind == "trend"
    return signed or (
        (low is None or low <= gold.value + room) and (high is None or high >= gold.value - room)
    )


def numbers(found: Found) -> tuple[float | None, float | None, float | None]:
    """Return value, low and high."""
    return found.value, found.low, found.high


def near(one: float | None, other: float | None) -> bool:
    """Return whether two numbers are the same, or both missing."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12)


def in_unit(number: float | None, has: str, wanted: str) -> float | None:
    """Return a number in the wanted unit; None where it measures something else.

    Counted things are not measured: that 28 are villagers and not deaths is a matter of the unit, and
    the number is right. The rate of a measure may leave out what it is per (dollars for dollars a kilo).
    """
    if number is None:
        return None
    if has == wanted or not wanted or (_counted(has) and _counted(wanted)):
        return number
    if "percentage-point" in (has, wanted):
        return None
    if ("/" in has) != ("/" in wanted):
        has, wanted = has.partition("/")[0], wanted.partition("/")[0]
    try:
        return convert(Quantity(value=number, unit=has), wanted).value
    except UnitError:
        return None


def _counted(name: str) -> bool:
    """Return whether a unit counts things, or is none."""
    if not name:
        return True
    try:
        dimension = unit(name).dimension
    except UnitError:
        return False
    return bool(dimension) and not any(part in _MEASURES for part, _ in dimension)


def unit_right(found: Found, gold: GoldClaim) -> bool:
    """Return whether the unit measures the very thing."""
    if found.unit == gold.unit:
        return True
    if "percentage-point" in (found.unit, gold.unit):
        return False
    try:
        return same_kind(found.unit, gold.unit)
    except UnitError:
        return False


# -- one text --------------------------------------------------------------------------------------------


def match(found: Sequence[Found], gold: GoldText) -> Matched:
    """Give each gold claim at most one of the found claims that overlap it, the best first.

    A found claim may span a number or its sentence: among those that overlap, one that reads the number
    right goes before one that does not, and the tighter span before the wider. A span over several gold
    claims counts for none that it does not read right. What is left over is spurious, unless it repeats
    a claim (a figure is told as a quantity and again as a sum) or stands where the gold set leaves it
    open.
    """
    named = [one for one in found if _has_number(one)]
    ranked = sorted(
        (
            (not reads_right(one, claim), -_overlap(one, claim) / _width(one, claim), i, j)
            for i, one in enumerate(named)
            for j, claim in enumerate(gold.claims)
            if _overlap(one, claim) > 0 and (reads_right(one, claim) or _alone(one, gold))
        ),
    )
    taken: dict[int, int] = {}
    given: set[int] = set()
    for _, _, i, j in ranked:
        if i not in given and j not in taken:
            taken[j] = i
            given.add(i)
    by_claim = tuple(named[taken[j]] if j in taken else None for j in range(len(gold.claims)))
    left = [one for i, one in enumerate(named) if i not in given]
    return Matched(gold=gold, by_claim=by_claim, spurious=tuple(x for x in left if _blamed(x, gold)))


def _alone(found: Found, gold: GoldText) -> bool:
    return sum(_overlap(found, claim) > 0 for claim in gold.claims) == 1


def _has_number(found: Found) -> bool:
    return found.kind not in _WITHOUT and any(x is not None for x in numbers(found))


def _blamed(found: Found, gold: GoldText) -> bool:
    over = [claim for claim in gold.claims if _overlap(found, claim) > 0]
    if any(reads_right(found, claim) for claim in over):
        return False
    if found.kind in _SIGNED and not found.unit and found.value in (None, -1.0, 0.0, 1.0):
        return False
    return bool(over) or not any(min(found.end, one.end) > max(found.start, one.start) for one in gold.either)


def _overlap(found: Found, claim: GoldClaim) -> int:
    return min(found.end, claim.end) - max(found.start, claim.start)


def _width(found: Found, claim: GoldClaim) -> int:
    return max(found.end, claim.end) - min(found.start, claim.start)
