"""Which interest each purpose serves, by a table that gives every code exactly one, with its reason.

A row may say what it was for in several frameworks at once: the DAC's purposes and the sectors of the United
States State Department. One framework decides, never both, and within it the finest scheme that the row
fills. A code that the table lacks is `UNMAPPED`: shown with its amount, never dropped.

References
----------
DAC and CRS code lists, OECD; the list of sectors as IATI repeats it (vocabulary 1 and 2), June 2026. Sectors
of the United States: ForeignAssistance.gov, summary by US sector of April 2025.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

INTERESTS = ("drugs", "institutions", "terrorism", "migration", "influence")
NONE, UNMAPPED = "none", "unmapped"
# The schemes of a framework, the finest first; `account` is a flow's own column.
FRAMEWORKS: dict[str, tuple[str, ...]] = {
    "us": ("us-sector", "account", "greenbook-row", "us-category"),
    "dac": ("dac", "dac-sector"),
}
_SECTORS = {"us": "us-sector", "dac": "dac-sector"}
_DAC_SECTOR_DIGITS = 3
# What can be read from the purposes of a row.
READINGS = ("interest", "purpose", "sector", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One code and the interest that it serves.

    Attributes
    ----------
    scheme, code : str
        Such as ``dac`` and ``16063``.
    interest : str
        One of `INTERESTS`; ``none`` of them; or ``unmapped``, where the code does not tell.
    reason : str
        Why: ``interest-reason.<reason>`` in the catalogue.
    es, en : str
        What the code stands for, in our words.
    """

    scheme: str
    code: str
    interest: str
    reason: str
    es: str
    en: str


@cache
def mapping() -> tuple[Mapped, ...]:
    """Return the whole table, as ``interests.csv`` gives it."""
    text = files("ayni.ledger").joinpath("interests.csv").read_text(encoding="utf-8")
    return tuple(Mapped(**row) for row in csv.DictReader(text.splitlines()))


@cache
def interest_of(scheme: str, code: str) -> str:
    """Return the interest of one code; `UNMAPPED` where the table lacks it."""
    return _by_code().get((scheme, code), UNMAPPED)


@cache
def _by_code() -> dict[tuple[str, str], str]:
    return {(one.scheme, one.code): one.interest for one in mapping()}


@cache
def named(item: str) -> Mapped | None:
    """Return what a ``scheme:code`` item stands for; None where the table lacks it."""
    scheme, _, code = item.partition(":")
    return next((one for one in mapping() if (one.scheme, one.code) == (scheme, code)), None)


@cache
def telling_accounts() -> tuple[str, ...]:
    """Return the accounts that say which interest their money serves."""
    return tuple(one.code for one in mapping() if one.scheme == "account")


def deciding(purposes: str, account: str, framework: str) -> tuple[str, ...]:
    """Return the items of a row that decide in a framework: those of its finest scheme.

    An account decides only where the table names it, for most accounts pay for several things.
    """
    items = [item for item in purposes.split(";") if item]
    for scheme in FRAMEWORKS[framework]:
        if scheme == "account":
            if account and ("account", account) in _by_code():
                return (f"account:{account}",)
            continue
        found = tuple(item for item in items if item.partition(":")[0] == scheme)
        if found:
            return found
    return ()


def interest(purposes: str, account: str, framework: str) -> str:
    """Return the interest that a row serves; `UNMAPPED` where no item decides or several disagree."""
    decided = {
        interest_of(scheme, code)
        for scheme, _, code in (item.partition(":") for item in deciding(purposes, account, framework))
    }
    return decided.pop() if len(decided) == 1 else UNMAPPED


def purpose(purposes: str, framework: str) -> str:
    """Return the item by which a row says what it was for; several are joined, as the row has them."""
    return ";".join(deciding(purposes, "", framework))


def sector(purposes: str, framework: str) -> str:
    """Return the sector of a row, of a DAC purpose its first three digits; empty where it has none."""
    scheme = _SECTORS[framework]
    items = [item for item in purposes.split(";") if item.partition(":")[0] == scheme]
    if not items and framework == "dac":
        items = [
            f"{scheme}:{item.partition(':')[2][:_DAC_SECTOR_DIGITS]}"
            for item in purposes.split(";")
            if item.startswith("dac:")
        ]
    return ";".join(dict.fromkeys(items))


def category(purposes: str) -> str:
    """Return the category of a row in the framework of the United States; empty where it has none."""
    return ";".join(item for item in purposes.split(";") if item.startswith("us-category:"))


def reading(name: str, purposes: str, account: str, framework: str) -> str:
    """Return what one of `READINGS` says of a row; of ``decided``, whether a purpose says its interest."""
    if name == "interest":
        return interest(purposes, account, framework)
    if name == "purpose":
        return purpose(purposes, framework)
    if name == "decided":
        return "yes" if deciding(purposes, account, framework) else ""
    return sector(purposes, framework) if name == "sector" else category(purposes)


def read(rows: pl.DataFrame, wanted: Iterable[str], framework: str) -> pl.DataFrame:
    """Return rows with columns read from their purposes; each distinct set of purposes is read once.

    Parameters
    ----------
    rows : DataFrame
        With the columns ``purposes`` and ``account``.
    wanted : iterable of str
        Keys of `READINGS`.
    """
    names = list(wanted)
    if not names:
        return rows
    distinct = rows.select("purposes", "account").unique()
    pairs = list(distinct.iter_rows())
    told = distinct.with_columns(
        pl.Series(name, [reading(name, one, account, framework) for one, account in pairs], dtype=pl.String)
        for name in names
    )
    return rows.join(told, on=["purposes", "account"], how="left", nulls_equal=True)
