"""Numbers, money, years and ranges in words and digits of a language.

Spanish is that of Peru: the point for decimals, and between thousands the narrow space
that the Academies recommend, from five digits on; so ``1135 t`` and ``109 259 ha`` can be
read in one way only, where the press of Peru writes both ``1,135`` and ``1.135``.
English groups with commas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from ayni.language.catalogue import message
from ayni.units import Quantity

NARROW = "\u202f"
MINUS = "\u2212"
_GROUPED_FROM = 5  # digits, in Spanish
_SIGNIFICANT = 3
_THOUSAND = 1000
_MILLION = 1e6
MONEY = {"USD": "US$", "PEN": "S/", "EUR": "€"}
# ODNI ICD 203: upper edge in percent, key of the word; at an edge the word nearer 50 %.
_ICD_203 = (
    (5, "almost-no-chance"),
    (20, "very-unlikely"),
    (45, "unlikely"),
    (55, "even"),
    (80, "likely"),
    (95, "very-likely"),
    (99, "almost-certain"),
)
_EVEN = 45  # up to here an edge belongs to the word above it, from here on to the word below


def number(value: float, language: str, *, digits: int | None = None, sign: bool = False) -> str:
    """Return `value` in digits as `language` writes them.

    Parameters
    ----------
    digits : int, optional
        Decimals to print; by default as many as three significant figures need, and
        never fewer than the units; a value that is exact with fewer decimals shows no zeros.
    sign : bool
        Whether a positive number shows its plus.
    """
    if digits is None:
        digits = _sensible_digits(value)
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    if language == "en":
        grouped = f"{int(whole):,}"
    else:
        grouped = f"{int(whole):,}".replace(",", NARROW) if len(whole) >= _GROUPED_FROM else whole
    mark = MINUS if exact < 0 else "+" if sign and exact > 0 else ""
    return mark + grouped + (f".{decimals}" if decimals else "")


def _sensible_digits(value: float) -> int:
    if math.isclose(value, round(value), abs_tol=1e-9):
        return 0
    exact = Decimal(repr(float(value))).normalize()
    rounded = Context(prec=_SIGNIFICANT, rounding=ROUND_HALF_UP).create_decimal(exact)
    return max(0, min(_SIGNIFICANT - 1 - rounded.adjusted(), -int(exact.as_tuple().exponent)))


def percent(value: float, language: str, *, digits: int | None = None, sign: bool = False) -> str:
    """Return `value`, in percent, with its sign as `language` sets it (Spanish: a space)."""
    text = number(value, language, digits=digits, sign=sign)
    return f"{text}{NARROW}%" if language == "es" else f"{text}%"


def money(
    value: float,
    currency: str,
    language: str,
    *,
    digits: int | None = None,
    sign: bool = False,
    whole: bool = False,
) -> str:
    """Return an amount with its currency, in millions from one million on.

    Thousands of millions stay millions in both languages: *billion* and *billón* differ
    by a factor of a thousand.

    Parameters
    ----------
    whole : bool
        Print every unit of the currency instead of millions.
    """
    symbol = MONEY[currency]
    space = NARROW if language == "es" or symbol == "S/" else ""
    size = abs(value)
    tail = ""
    if size >= _MILLION and not whole:
        size /= _MILLION
        if digits is None:
            exact = math.isclose(size, round(size), rel_tol=1e-12)
            digits = 0 if exact or round(size, 1) >= _THOUSAND else 1
        one = number(size, language, digits=digits) == "1"
        tail = f" {message(language, 'scale.million' if one else 'scale.millions')}"
    shown = number(size, language, digits=digits)
    mark = number(math.copysign(size, value), language, digits=digits, sign=sign).removesuffix(shown)
    return f"{mark}{symbol}{space}{shown}{tail}"


def unit_word(key: str, language: str, *, one: bool = False) -> str:
    """Return how a sentence names the unit `key`, in the plural unless `one`."""
    return message(language, f"unit.{key}.{'one' if one else 'many'}")


def quantity(what: Quantity, language: str, *, digits: int | None = None, sign: bool = False) -> str:
    """Return a quantity's value with its unit, without its range."""
    if what.unit in MONEY:
        return money(what.value, what.unit, language, digits=digits, sign=sign)
    if what.unit == "percent":
        return percent(what.value, language, digits=digits, sign=sign)
    if what.unit in ("ratio", "index", "rank"):
        return number(what.value, language, digits=digits, sign=sign)
    shown = number(what.value, language, digits=digits, sign=sign)
    return f"{shown}\u00a0{unit_word(what.unit, language, one=shown == '1')}"


def years(since: int, until: int | None, language: str, *, fiscal: bool = False) -> str:
    """Return a year or a span, marked as US fiscal where it is."""
    span = str(since) if until in (None, since) else f"{since}\u2013{until}"
    return message(language, "year.fiscal", span=span) if fiscal else span


def join(parts: Sequence[str], language: str) -> str:
    """Return the parts as a list in a sentence, with *y* turned to *e* before an i-sound."""
    if not parts[1:]:
        return "".join(parts)
    word = "and"
    if language == "es":
        start = parts[-1].lower()
        word = (
            "e" if start.startswith(("i", "hi", "í", "hí")) and not start.startswith(("hie", "hia")) else "y"
        )
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def probability_word(percentage: float, language: str) -> str:
    """Return the ICD 203 word for a probability in percent; outside 1 to 99, the number."""
    for edge, key in _ICD_203:
        if percentage >= 1 and (percentage < edge if edge <= _EVEN else percentage <= edge):
            return message(language, f"probability.{key}")
    return percent(percentage, language)
