"""From numbers to pixels: linear scales and round ticks."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

_FLAT = 1e-9
"""Share of its size below which a spread counts as none."""
_TINY = 1e-90
"""Spread below which logarithms and divisions lose their footing."""
_STEPS = (1.0, 2.0, 5.0, 10.0)
_LIMITS = tuple(math.sqrt(one * two) for one, two in pairwise(_STEPS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A straight line from the numbers `low`..`high` to the pixels `start`..`end`."""

    low: float
    high: float
    start: float
    end: float


def position(scale: Scale, value: float) -> float:
    """Where the value falls, in pixels."""
    share = (value - scale.low) / (scale.high - scale.low)
    return scale.start + share * (scale.end - scale.start)


def extent(values: Iterable[float], *, zero: bool, padding: float) -> tuple[float, float]:
    """Lowest and highest number to show.

    Parameters
    ----------
    values : iterable of float
        Everything that must be visible.
    zero : bool
        Whether zero must be visible and end the scale when all values lie on one side of it.
    padding : float
        Share of the span left free at each end that is not zero's.
    """
    listed = list(values)
    low, high = min(listed), max(listed)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    largest = max(abs(low), abs(high))
    if high - low <= _FLAT * largest or high - low < _TINY:
        half = max(largest / 20.0, 10.0 * _TINY) if largest else 1.0
        return (0.0 if zero and largest == 0 else low - half, high + half)
    free = padding * (high - low)
    return (low if zero and low == 0 else low - free, high if zero and high == 0 else high + free)


def ticks(low: float, high: float, count: int, least_step: float = 0.0) -> tuple[float, ...]:
    """Round numbers within low..high, about `count` of them, 1, 2 or 5 times a power of ten apart."""
    span = high - low
    rough = span / max(1, count)
    power = math.floor(math.log10(rough))
    step = 10.0**power * _STEPS[sum(rough / 10.0**power >= limit for limit in _LIMITS)]
    step = max(step, least_step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = 1 - math.floor(math.log10(step))
    return tuple(round(place * step, max(0, decimals)) for place in range(first, last + 1))
