"""Amounts of official files at the prices of one year, in the provider's money or the recipient's.

Three ways, each said in the result with its sources and their vintages:

- *implied*: the release prints current and constant amounts side by side; their ratio in each year and stage,
  from sums over the whole file, is its own deflator, divided by that of the wanted year.
- *index*: a yearly price index of the World Bank. A fiscal year of the United States from 1977 on has one
  quarter in the calendar year before and three in its own; before 1977 it began in July and has two and two;
  the quarter between belongs to 1976.
- *converted*: each year's amount at that year's exchange rate, then by the price index of the money it was
  turned into. Deflating first and converting at the wanted year's rate is another question (what the provider
  gave up, in today's other money) and gives another answer.

What a year lacks is an error that names it. A rate of zero is not a rate: the World Bank prints zeros where a
currency was restated, as for Peru before 1985.

References
----------
World Development Indicators, World Bank: NY.GDP.DEFL.ZS (GDP deflator), FP.CPI.TOTL (consumer prices),
PA.NUS.FCRF (official exchange rate, period average, national currency per US dollar).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from ayni.ledger.bases import bases
from ayni.ledger.prices import MissingDeflatorError
from ayni.ledger.store import Ledger, frame, scan

IMPLIED, WDI = "implied", "wdi"
DEFLATOR, CONSUMER_PRICES, RATE = "NY.GDP.DEFL.ZS", "FP.CPI.TOTL", "PA.NUS.FCRF"
# Who issues a currency, as the World Bank's tables name it; the dollar is what rates are per.
ISSUERS = {
    "USD": "USA",
    "PEN": "PER",
    "EUR": "EMU",
    "GBP": "GBR",
    "JPY": "JPN",
    "CAD": "CAN",
    "CHF": "CHE",
    "SEK": "SWE",
    "NOK": "NOR",
    "KRW": "KOR",
    "AUD": "AUS",
}
_DOLLAR = "USD"
# Not a rate, and not a year that has been.
_UNUSABLE = ("zero-rate", "forecast")
_QUARTER = "us-transition-quarter"
# The first fiscal year of the United States that runs from October to September.
OCTOBER_YEARS = 1977


class UnpriceableError(LookupError):
    """Amounts that cannot be brought to the money or the prices asked for; `code` says why."""

    def __init__(self, code: str, **particulars: object) -> None:
        self.code = code
        self.particulars = particulars
        super().__init__(f"{code}: {particulars}")


class MissingYearsError(MissingDeflatorError):
    """Years without a deflator, by name; `have` are those with one."""

    def __init__(self, what: str, years: Iterable[int], have: Iterable[int]) -> None:
        self.what = what
        self.years = tuple(sorted(years))
        self.have = tuple(sorted(have))
        reach = f"{self.have[0]}-{self.have[-1]}" if self.have else "none"
        super().__init__(f"no deflator for {', '.join(map(str, self.years))}: {what} gives {reach}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """At which prices amounts are wanted.

    Attributes
    ----------
    at : int
        The year.
    money : str
        Currency; empty for the one that amounts are printed in.
    way : str
        ``implied``, ``wdi`` or the key of a price index; empty for implied where the release prints constant
        amounts and no conversion is asked for, else the World Bank's.
    """

    at: int
    money: str = ""
    way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Which amounts are to be priced: those of one stage of one release.

    Attributes
    ----------
    origin, stage, year_kind, currency : str
        What they share.
    years : tuple of int
        Their years.
    """

    origin: str
    stage: str
    year_kind: str
    currency: str
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What turned amounts into amounts at the prices of one year.

    Attributes
    ----------
    amounts : Amounts
        Which ones.
    at : int
        The year of the prices, of the kind of the amounts' years.
    money : str
        The currency of the result.
    method : str
        ``implied``, ``index`` or ``converted``.
    index, rate : str
        Keys of the price index and of the exchange rate; empty where there is none.
    sources, vintages : tuple of str
        Origins that the factors rest on, and their releases.
    base : int or None
        Base year of the release's own constant amounts, where they were used.
    factors : dict of int to float
        For each year, what an amount is multiplied by.
    rows : tuple of str
        The rows of the index and the rate that were used.
    """

    amounts: Amounts
    at: int
    money: str
    method: str
    index: str
    rate: str
    sources: tuple[str, ...]
    vintages: tuple[str, ...]
    base: int | None
    factors: dict[int, float]
    rows: tuple[str, ...] = ()


def pricing(ledger: Ledger, asked: Prices, of: Amounts) -> Pricing:
    """Return the pricing of amounts for all of their years.

    Raises
    ------
    MissingYearsError
        If a year lacks a deflator or a rate; all such years are named.
    UnpriceableError
        If the money asked for, or the one printed, is of a country whose prices are not known here, or if the
        release's own deflator is asked for and it has none, or in another money.
    """
    money = asked.money or of.currency
    own = _implied(ledger, of, of.year_kind)
    if asked.way == IMPLIED:
        if money != of.currency:
            raise UnpriceableError("implied-converted", money=money)
        if not own:
            raise UnpriceableError("not-implied", origin=of.origin, stage=of.stage)
    if asked.way in ("", IMPLIED) and money == of.currency and own:
        return _by_release(ledger, asked, of, own)
    return _by_index(ledger, asked, of, money)


def _by_release(ledger: Ledger, asked: Prices, of: Amounts, own: Mapping[int, float]) -> Pricing:
    # The quarter of 1976 stands alone; the year of the prices is a whole fiscal year.
    whole = own if of.year_kind != _QUARTER else _implied(ledger, of, "us-fiscal")
    missing = {year for year in of.years if year not in own} | ({asked.at} - whole.keys())
    if missing:
        raise MissingYearsError(f"{of.origin} ({of.stage})", missing, own)
    found = next((one.base for one in bases(ledger, of.origin) if one.stage == of.stage), None)
    return Pricing(
        amounts=of,
        at=asked.at,
        money=of.currency,
        method="implied",
        index="",
        rate="",
        sources=(of.origin,),
        vintages=(_vintage(ledger, of.origin),),
        base=found,
        factors={year: own[year] / whole[asked.at] for year in of.years},
    )


def _by_index(ledger: Ledger, asked: Prices, of: Amounts, money: str) -> Pricing:
    for one in (of.currency, money):
        if one not in ISSUERS:
            raise UnpriceableError("money", found=one, known=", ".join(ISSUERS))
    key = DEFLATOR if asked.way in ("", WDI) else asked.way
    index = _yearly(ledger, key, money, of.year_kind)
    whole = index if of.year_kind != _QUARTER else _yearly(ledger, key, money, "us-fiscal")
    missing = {year for year in of.years if year not in index.values}
    missing |= {asked.at} - whole.values.keys()
    if missing:
        raise MissingYearsError(f"{key} {ISSUERS[money]}", missing, index.values)
    factors = {year: whole.values[asked.at] / index.values[year] for year in of.years}
    used = [index]
    if money != of.currency:
        for one, power in ((of.currency, -1), (money, 1)):
            if one != _DOLLAR:
                rates = _yearly(ledger, RATE, one, of.year_kind)
                lacking = [year for year in of.years if year not in rates.values]
                if lacking:
                    raise MissingYearsError(f"{RATE} {ISSUERS[one]}", lacking, rates.values)
                factors = {year: factor * rates.values[year] ** power for year, factor in factors.items()}
                used.append(rates)
    sources = tuple(dict.fromkeys(one.origin for one in used))
    return Pricing(
        amounts=of,
        at=asked.at,
        money=money,
        method="index" if money == of.currency else "converted",
        index=key,
        rate=RATE if money != of.currency else "",
        sources=sources,
        vintages=tuple(_vintage(ledger, one) for one in sources),
        base=None,
        factors=factors,
        rows=tuple(row for one in used for row in one.rows),
    )


def _implied(ledger: Ledger, of: Amounts, year_kind: str) -> dict[int, float]:
    """Return constant over current by year, from what the whole file adds up to."""
    sums = (
        scan(ledger, "sums", [of.origin])
        .filter(pl.col("stage") == of.stage, pl.col("year_kind") == year_kind)
        .filter(pl.col("currency") == of.currency)
        .group_by("year")
        .agg(pl.col("paired", "constant").sum())
        .filter(pl.col("paired") > 0, pl.col("constant") > 0)
        .collect()
    )
    years, paired, constant = (sums[name].to_list() for name in ("year", "paired", "constant"))
    return {year: c / p for year, p, c in zip(years, paired, constant, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Yearly:
    """A yearly indicator of one release, in the kind of years wanted."""

    origin: str
    values: dict[int, float]
    rows: tuple[str, ...]


def _yearly(ledger: Ledger, indicator: str, currency: str, year_kind: str) -> _Yearly:
    """Return an indicator of a currency's issuer by year, from the latest release that has it."""
    place = ISSUERS[currency]
    found = (
        scan(ledger, "observations")
        .filter(
            pl.col("indicator") == indicator,
            pl.col("place").is_in([place, f"wb-region:{place}"]),
            pl.col("part_year") == "",
            pl.col("value") > 0,
            *(pl.col("caveats").str.contains(code, literal=True).not_() for code in _UNUSABLE),
        )
        .sort("vintage", "origin", "year")
        .select("origin", "year", "value", "row")
        .collect()
    )
    if found.is_empty():
        return _Yearly(origin="", values={}, rows=())
    origin = str(found["origin"][-1])
    own = found.filter(pl.col("origin") == origin)
    by_year = dict(zip(own["year"].to_list(), own["value"].to_list(), strict=True))
    return _Yearly(origin=origin, values=fiscal(by_year, year_kind), rows=tuple(own["row"].to_list()))


def fiscal(by_year: Mapping[int, float], year_kind: str) -> dict[int, float]:
    """Return a calendar-year series in another kind of year: the mean of calendar years by their quarters.

    Parameters
    ----------
    by_year : mapping of int to float
        By calendar year.
    year_kind : str
        ``calendar``, ``us-fiscal`` or ``us-transition-quarter``.
    """
    if year_kind != "us-fiscal":
        return dict(by_year)
    found = {}
    for year, value in by_year.items():
        before = quarters_before(year) / 4
        if year - 1 in by_year:
            found[year] = before * by_year[year - 1] + (1 - before) * value
    return found


def quarters_before(fiscal_year: int) -> int:
    """Return how many quarters of a fiscal year of the United States lie in the calendar year before."""
    return 1 if fiscal_year >= OCTOBER_YEARS else 2


def _vintage(ledger: Ledger, origin: str) -> str:
    known = frame(ledger, "origins").filter(pl.col("key") == origin)
    return str(known["vintage"][0]) if known.height else ""
