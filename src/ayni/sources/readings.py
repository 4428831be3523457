"""One printed cell to one value, where the text has exactly one reading.

A copy that went through a spreadsheet prints ``1,234,567``, ``(1,234)``, ``2016.0`` or ``9/30/2024`` for what
its publisher printed plainly. What can mean only one thing is read; what can mean two is refused, because a
guess would look like a figure.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

# Spaces that programs put between thousands, and the minus that is not a hyphen.
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t"), " ")
_CURRENCY = re.compile(r"US ?\$|USD|\$", re.IGNORECASE)
_DASHES = ("-", "–", "—")
_POWER = re.compile(r"(\d+)(?:[.,](\d+))?[eE]([+-]?\d{1,3})")
# Groups of three by a comma; by a dot where more follows that a fraction cannot have; by a space.
_COMMA_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DOT_GROUPS = re.compile(r"\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})")
_SPACE_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?")
# A thousand to one reader, one and a fraction to another.
_UNCLEAR = re.compile(r"[1-9]\d{0,2}\.\d{3}")

_YEAR = re.compile(r"(?:fy ?)?((?:19|20)\d\d)(?:\.0+)?")
_YEAR_GROUPED = re.compile(r"([12]),(\d{3})")
# In 1976 the fiscal year moved: July to September stand alone, as 1976tq, 1976TQ or 1976.9.
_TRANSITION = re.compile(r"(?:fy ?)?1976(?:\.90*| ?-?tq| ?transition quarter)")

_MONTHS = {
    month: number
    for number, names in enumerate(
        "jan ene,feb,mar,apr abr,may,jun,jul,aug ago,sep set sept,oct,nov,dec dic".split(","), 1
    )
    for month in names.split()
}
_NAMED_DATE = re.compile(r"(\d{1,2})[-/. ]?([a-z]{3,4})[-/. ]?(\d{4}|\d\d)")
_ISO_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[t ]00:00(?::00(?:\.0+)?)?(?:z|\+00:00)?)?")
_NUMBERED_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 0?0:00(?::00)?)?")
# Transaction dates begin in 2001: a year of two figures is of this century.
_CENTURY = 2000
_LAST_MONTH = 12
_TWO_FIGURES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a cell says.

    Attributes
    ----------
    value : float or None
        None where it cannot be read.
    code : str
        Why not (``refused.<code>``); empty where it can.
    """

    value: float | None
    code: str = ""


def read_amount(text: str) -> Reading:
    """Return the number that a cell prints.

    Parameters
    ----------
    text : str
        Possibly with thousands separated, a currency sign, spaces, or in parentheses for a negative.

    Returns
    -------
    Reading
        A lone dash is nil, as in the publisher's own tables. ``missing-value`` if there is nothing,
        ``digits-lost`` if a power of ten stands where digits should (``1.23E+09`` may have been any of ten
        million numbers), ``not-a-number`` for all else.
    """
    cell = " ".join(text.translate(_SPACES).replace("\N{MINUS SIGN}", "-").strip(" '\"").split())
    if not cell:
        return Reading(value=None, code="missing-value")
    bare = _CURRENCY.sub("", cell).strip()
    if bare in _DASHES:
        return Reading(value=0.0)
    negative = False
    if bare.startswith("(") and bare.endswith(")"):
        negative, bare = True, bare[1:-1].strip()
    elif bare.startswith(_DASHES):
        negative, bare = True, bare[1:].strip()
    read = _read_unsigned(bare)
    if read.value is not None and not math.isfinite(read.value):
        return Reading(value=None, code="not-a-number")
    if read.value is None or not negative:
        return read
    return Reading(value=-read.value)


def _read_unsigned(bare: str) -> Reading:
    power = _POWER.fullmatch(bare)
    if power:
        return _read_power(*power.groups())
    if _UNCLEAR.fullmatch(bare):
        return Reading(value=None, code="not-a-number")
    if _COMMA_GROUPS.fullmatch(bare):
        return Reading(value=float(bare.replace(",", "")))
    if _DOT_GROUPS.fullmatch(bare):
        return Reading(value=float(bare.replace(".", "").replace(",", ".")))
    if _SPACE_GROUPS.fullmatch(bare) or _PLAIN.fullmatch(bare):
        return Reading(value=float(bare.replace(" ", "").replace(",", ".")))
    return Reading(value=None, code="not-a-number")


def _read_power(whole: str, fraction: str | None, exponent: str) -> Reading:
    places = len(fraction or "")
    value = float(f"{whole}.{fraction or 0}e{exponent}")
    if value != 0 and int(exponent) > places:
        return Reading(value=None, code="digits-lost")
    return Reading(value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalYear:
    """A fiscal year of the United States as printed.

    Attributes
    ----------
    year : int or None
        The year it ends in; None where it cannot be read.
    transition : bool
        Whether it is the quarter of July to September 1976.
    """

    year: int | None
    transition: bool = False


def read_fiscal_year(text: str) -> FiscalYear:
    """Return the fiscal year that a cell prints, as in ``2016``, ``2016.0``, ``FY 2016``, ``1976tq``."""
    cell = " ".join(text.translate(_SPACES).strip(" '\"").lower().split())
    if _TRANSITION.fullmatch(cell):
        return FiscalYear(year=1976, transition=True)
    grouped = _YEAR_GROUPED.fullmatch(cell)
    found = _YEAR.fullmatch("".join(grouped.groups()) if grouped else cell)
    return FiscalYear(year=int(found[1]) if found else None)


def read_date(text: str) -> date | None:
    """Return the day that a cell prints, None where it prints none or could be two days (``9/1/2024``)."""
    cell = " ".join(text.translate(_SPACES).strip(" '\"").lower().split())
    named = _NAMED_DATE.fullmatch(cell)
    if named:
        year = int(named[3]) + (_CENTURY if int(named[3]) < _TWO_FIGURES else 0)
        return _date(year, _MONTHS.get(named[2], 0), int(named[1]))
    iso = _ISO_DATE.fullmatch(cell)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    numbered = _NUMBERED_DATE.fullmatch(cell)
    if numbered:
        first, second, year = map(int, numbered.groups())
        if first > _LAST_MONTH or first == second:
            return _date(year, second, first)
        if second > _LAST_MONTH:
            return _date(year, first, second)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
