"""United States fiscal years, their price index, days, and the releases of ForeignAssistance.gov."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from tests.made.draw import Ints

# The 81 years of the files in order: 1946 … 1976, the transition quarter, 1977 … 2025.
YEARS: tuple[str, ...] = (*map(str, range(1946, 1977)), "1976tq", *map(str, range(1977, 2026)))
QUARTER = YEARS.index("1976tq")
SLOT = {year: slot for slot, year in enumerate(YEARS)}
FIRST_DETAILED = SLOT["2001"]  # before it only rows of the Greenbook

# Prices of each fiscal year, 2023 = 1,000,000: constant over current obligations of the country summary of
# April 2025, summed over all recipients.
PRICES: Ints = np.asarray(
    """
    79708 88392 96748 100025 98632 103957 108135 110101 111411 112231 115098 119440 123044 124928 126649
    128369 129680 131236 132793 135086 138036 142213 147211 153928 162120 170394 178504 186205 199476 220120
    235439 242484 252478 269436 291226 316622 347669 371836 388056 401982 415417 424756 434259 448349 466454
    483493 500778 513312 525354 536823 548210 558532 568444 575571 582698 594823 609241 618825 630704 646105
    665766 687392 706316 720980 728353 734660 749406 763005 776849 791022 799214 805603 819202 837388 852871
    864012 893749 956255 1000000 1026706 1049234
    """.split(),
    dtype=np.int64,
)


def at_prices(current: Ints, slot: Ints, base: Ints) -> Ints:
    """Return whole dollars at the prices of year `base`, half a dollar rounded away from nought.

    Parameters
    ----------
    current : (N,) int64, dollars
    slot, base : (N,) int64
        Positions in `YEARS`.
    """
    whole = np.abs(current) * PRICES[base]
    rounded = (2 * whole + PRICES[slot]) // (2 * PRICES[slot])
    return np.where(current < 0, -rounded, rounded)


# --- days ----------------------------------------------------------------------------------------

_FIRST_DAY = dt.date(1999, 10, 1)
_DAYS = [_FIRST_DAY + dt.timedelta(days=n) for n in range((dt.date(2026, 12, 31) - _FIRST_DAY).days + 1)]
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
# For each day since 1 October 1999: as the complete file prints it, and as it prints activity dates.
PRINTED_DAYS = [f"{day.day:02d}{_MONTHS[day.month - 1]}{day.year}" for day in _DAYS]
ISO_DAYS = [day.isoformat() for day in _DAYS]
YEAR_OF_DAY: Ints = np.asarray([day.year + (day.month >= 10) for day in _DAYS], dtype=np.int64)
LAST_DAY = (dt.date(2025, 9, 30) - _FIRST_DAY).days


def day_number(day: str) -> int:
    """Return an ISO date as a number of days since 1 October 1999; it may lie before."""
    return (dt.date.fromisoformat(day) - _FIRST_DAY).days


def _quarter_end(day: dt.date) -> int:
    month = (day.month + 2) // 3 * 3
    after = dt.date(day.year + month // 12, month % 12 + 1, 1)
    return (after - _FIRST_DAY).days - 1


# The last day of each day's quarter: some agencies report no other.
QUARTER_END: Ints = np.asarray([_quarter_end(day) for day in _DAYS], dtype=np.int64)


def slot_of_year(year: Ints) -> Ints:
    """Return the position in `YEARS` of fiscal years after 1976."""
    return year - 1945


# --- releases ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What sets a release of ForeignAssistance.gov apart.

    Attributes
    ----------
    date : str
        ISO.
    base : int
        Year whose prices constant obligations and disbursements are in.
    budget_base : int
        The same for the budget's types; nothing in the files says that it differs.
    budgets : bool
        Whether the budget's types are in it.
    allocations : bool
        Whether some of them are called Initial Allocations.
    """

    date: str
    base: int
    budget_base: int
    budgets: bool = True
    allocations: bool = False


# Base years as found in files of these dates: the year in which constant equals current.
RELEASES = {
    one.date: one
    for one in (
        Release(date="2021-04-18", base=2019, budget_base=2019, budgets=False),
        Release(date="2023-10-21", base=2021, budget_base=2019, allocations=True),
        Release(date="2024-12-22", base=2022, budget_base=2022),
        Release(date="2025-04-02", base=2023, budget_base=2022),
        Release(date="2025-11-29", base=2024, budget_base=2022),
    )
}
LATEST = "2025-11-29"
