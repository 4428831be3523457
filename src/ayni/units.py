"""Quantities that know their unit.

A unit key is one name (``ha``), or two joined by a slash (``kg/ha``). Only units of one
dimension convert into each other: hectares and acres do; tonnes and dollars, dollars and
soles, or deaths and incidents do not. Prices of different years are kept apart by the
ledger (`ayni.ledger.prices`), not by the unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of measure.

    Attributes
    ----------
    key : str
        How the unit is written in tables, for example ``kg/ha``.
    factor : float
        How many of the dimension's base unit one of this unit is.
    dimension : tuple of (str, int)
        Base dimensions with their exponents, sorted by name.
    """

    key: str
    factor: float
    dimension: tuple[tuple[str, int], ...]


# One row per unit: key, factor to the base unit of its dimension, dimension.
# The acre is the international acre: 0.9144 m yard (1959), 4,840 square yards.
_SIMPLE: dict[str, tuple[float, str]] = {
    "kg": (1.0, "mass"),
    "g": (1e-3, "mass"),
    "t": (1e3, "mass"),
    "ha": (1.0, "area"),
    "acre": (0.40468564224, "area"),
    "km": (1.0, "length"),
    "USD": (1.0, "USD"),
    "PEN": (1.0, "PEN"),
    "EUR": (1.0, "EUR"),
    "ratio": (1.0, ""),
    "percent": (1e-2, ""),
    "percentage-point": (1e-2, ""),
    "per-100000": (1e-5, ""),
    "point": (1.0, "point"),
    "index": (1.0, "index"),
    "rank": (1.0, "rank"),
    "year": (1.0, "time"),
    "day": (1 / 365.25, "time"),
}
# Counted things: each is its own dimension, so that deaths are never added to incidents. The arroba
# is counted too: its weight differs from valley to valley.
_COUNTED = (
    "person household death act incident complaint inmate encounter application decision aircraft "
    "airstrip laboratory dose course student family event zone district project community title teu arroba"
).split()


class UnitError(ValueError):
    """A unit that is not known, or two that do not go together."""


def known_units() -> tuple[str, ...]:
    """Return every simple unit key, sorted; ``a/b`` of any two is known too."""
    return tuple(sorted([*_SIMPLE, *_COUNTED]))


@cache
def unit(key: str) -> Unit:
    """Return the unit written `key`.

    Raises
    ------
    UnitError
        If `key`, or a part of it around a slash, is not a known unit.
    """
    over, slash, under = key.partition("/")
    top = _simple(over, key)
    if not slash:
        return top
    bottom = _simple(under, key)
    return Unit(
        key=key,
        factor=top.factor / bottom.factor,
        dimension=_combine(top.dimension, bottom.dimension, -1),
    )


def same_kind(left: str, right: str) -> bool:
    """Return whether two units measure the same thing, so that one converts into the other."""
    return unit(left).dimension == unit(right).dimension


def _simple(part: str, whole: str) -> Unit:
    if part in _SIMPLE:
        factor, name = _SIMPLE[part]
        return Unit(key=part, factor=factor, dimension=((name, 1),) if name else ())
    if part in _COUNTED:
        return Unit(key=part, factor=1.0, dimension=((part, 1),))
    raise UnitError(f"unknown unit {whole!r}; known: {', '.join(known_units())}, or two of them with a slash")


def _combine(
    left: tuple[tuple[str, int], ...], right: tuple[tuple[str, int], ...], sign: int
) -> tuple[tuple[str, int], ...]:
    exponents = dict(left)
    for name, power in right:
        exponents[name] = exponents.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in exponents.items() if power))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its unit and, where a source gives one, its range.

    Attributes
    ----------
    value : float
        In `unit`.
    unit : str
        A unit key.
    low, high : float or None
        Ends of the range in `unit`; None where none is given.
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        unit(self.unit)
        ends = [x for x in (self.low, self.value, self.high) if x is not None]
        if any(math.isnan(x) for x in ends):
            raise ValueError(f"not a number in {self!r}; leave the figure out instead")
        if (self.low is not None and self.high is not None) and self.low > self.high:
            raise ValueError(f"low {self.low} above high {self.high}; exchange them")

    @property
    def ends(self) -> tuple[float, float]:
        """The range, with the value itself standing in for an end that is not given."""
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return min(low, self.value), max(high, self.value)


def convert(quantity: Quantity, to: str) -> Quantity:
    """Return `quantity` in the unit `to`.

    Raises
    ------
    UnitError
        If the two units measure different things.
    """
    if quantity.unit == to:
        return quantity
    here, there = unit(quantity.unit), unit(to)
    if here.dimension != there.dimension:
        raise UnitError(f"cannot convert {quantity.unit} to {to}: they measure different things")
    scale = here.factor / there.factor
    return Quantity(
        value=quantity.value * scale,
        unit=to,
        low=None if quantity.low is None else quantity.low * scale,
        high=None if quantity.high is None else quantity.high * scale,
    )


def add(left: Quantity, right: Quantity, *, sign: int = 1) -> Quantity:
    """Return ``left + sign * right`` in the unit of `left`; ranges add end to end."""
    other = convert(right, left.unit)
    return _with_range(
        left.value + sign * other.value,
        [a + sign * b for a in left.ends for b in other.ends],
        left.unit,
        ranged=_ranged(left) or _ranged(other),
    )


def multiply(left: Quantity, right: Quantity, *, to: str) -> Quantity:
    """Return the product in the unit `to`; the range is that of all products of ends.

    Raises
    ------
    UnitError
        If the product does not measure what `to` measures.
    """
    scale = _scale(left, right, to, 1)
    return _with_range(
        left.value * right.value * scale,
        [a * b * scale for a in left.ends for b in right.ends],
        to,
        ranged=_ranged(left) or _ranged(right),
    )


def divide(left: Quantity, right: Quantity, *, to: str) -> Quantity:
    """Return the quotient in the unit `to`; the range is that of all quotients of ends.

    Raises
    ------
    UnitError
        If the quotient does not measure what `to` measures.
    ZeroDivisionError
        If `right` is zero or its range covers zero.
    """
    low, high = right.ends
    if low <= 0 <= high:
        raise ZeroDivisionError(
            f"cannot divide by {right.value} {right.unit}: it is, or its range covers, zero"
        )
    scale = _scale(left, right, to, -1)
    return _with_range(
        left.value / right.value * scale,
        [a / b * scale for a in left.ends for b in right.ends],
        to,
        ranged=_ranged(left) or _ranged(right),
    )


def _ranged(quantity: Quantity) -> bool:
    return quantity.low is not None or quantity.high is not None


def _scale(left: Quantity, right: Quantity, to: str, sign: int) -> float:
    a, b, c = unit(left.unit), unit(right.unit), unit(to)
    if _combine(a.dimension, b.dimension, sign) != c.dimension:
        word = "times" if sign > 0 else "over"
        raise UnitError(f"{left.unit} {word} {right.unit} is not {to}; check the units of the two figures")
    return a.factor * (b.factor if sign > 0 else 1 / b.factor) / c.factor


def _with_range(value: float, ends: list[float], key: str, *, ranged: bool) -> Quantity:
    return Quantity(
        value=value, unit=key, low=min(ends) if ranged else None, high=max(ends) if ranged else None
    )
