"""Checks of what a chart is given; each complains in one sentence."""

import itertools
import math
import re
from collections.abc import Sequence

_IDENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")
_SCHEMES = ("http", "https", "mailto")
_LARGEST = 1e100


def check_ident(ident: str) -> None:
    """Refuse an id prefix that HTML and CSS could not carry."""
    if not _IDENT.fullmatch(ident):
        raise ValueError(
            f"chart ident: found {ident!r}, expected a letter, then letters, digits, '-' or '_'."
        )


def check_number(value: float | None, where: str) -> None:
    """Refuse NaN, infinities and numbers too large to scale; None means missing and passes."""
    if value is not None and not abs(value) <= _LARGEST:
        raise ValueError(f"{where}: found {value}, expected a finite number or None for missing; correct it.")


def check_numbers(values: Sequence[float | None], where: str) -> None:
    """Refuse a sequence that holds anything but finite numbers and None."""
    for place, value in enumerate(values):
        check_number(value, f"{where}, place {place}")


def check_same_length(found: Sequence[object], expected: Sequence[object], where: str) -> None:
    """Refuse two sequences that should run side by side and do not."""
    if len(found) != len(expected):
        raise ValueError(
            f"{where}: found {len(found)} values, expected {len(expected)}, one for each x; "
            "write None where one is missing."
        )


def check_some(values: Sequence[object], where: str) -> None:
    """Refuse an empty sequence."""
    if not values:
        raise ValueError(
            f"{where}: found nothing to draw, expected at least one; leave the chart out instead."
        )


def check_increasing(xs: Sequence[float], where: str) -> None:
    """Refuse xs that do not grow."""
    for before, after in itertools.pairwise(xs):
        if not before < after:
            raise ValueError(
                f"{where}: found {after} after {before}, expected each x above the last; sort them."
            )


def check_range(low: float | None, high: float | None, where: str) -> None:
    """Refuse a range that is upside down or has one end only."""
    check_number(low, f"{where}, low")
    check_number(high, f"{where}, high")
    if (low is None) != (high is None):
        raise ValueError(
            f"{where}: found low {low} and high {high}, expected both or neither; complete the range."
        )
    if low is not None and high is not None and low > high:
        raise ValueError(
            f"{where}: found low {low} above high {high}, expected low <= high; swap or correct them."
        )


def check_positive(value: float, where: str) -> None:
    """Refuse a step or a count that is not above zero."""
    if not 0 < value < math.inf:
        raise ValueError(f"{where}: found {value}, expected a number above zero; correct it.")


def check_href(href: str, where: str) -> None:
    """Refuse an address a reader's browser might run instead of open."""
    found = _SCHEME.match(href)
    if found and found.group(1).lower() not in _SCHEMES:
        raise ValueError(
            f"{where}: found the address {href!r}, expected http, https, mailto or a place on the page."
        )
