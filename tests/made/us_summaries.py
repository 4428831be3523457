"""The smaller files of ForeignAssistance.gov: the same world added up, and the budget's lines.

The order of columns is as in published files for the country and sector summaries; for the others it was
not known and is a guess. Constant amounts are the sum deflated, as published: not the sum of the rounded
rows of the complete file, from which they differ by some dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from tests.made.draw import Ints
from tests.made.fiscal import FIRST_DETAILED, QUARTER, SLOT, YEARS, at_prices
from tests.made.foreign_assistance import (
    JUNK_CELLS,
    cell,
    cells,
    grouped,
    header,
    pieces,
    recipient_key,
)
from tests.made.places import INCOMES, REGIONS, places
from tests.made.purposes import purposes
from tests.made.truth import Made, Tally, Truth, in_memory
from tests.made.us_lists import accounts, agencies, us_sectors
from tests.made.us_world import APPROPRIATION, STAGES, TYPES, Transactions, World, transactions
from tests.made.words import titles

# plain: as in 2023; quoted: names in quotes, as in 2025; snake: as in 2021; retyped: the header of a public
# copy, `income_roup` and all; junk: three more columns, as a spreadsheet left them in another.
STYLES = ("quoted", "plain", "snake", "retyped", "junk")
_RETYPED = (
    "country_code,country_name,region_id,Region Name,income_roup,income_group_name,transaction_type_id,"
    "transaction_type_name,fiscal_year,current_amount,constant_amount\n"
)
_TYPE = ("Transaction Type ID", "Transaction Type Name", "Fiscal Year", "current_amount", "constant_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(World):
    """A summary to make: a world, whose `rows` are those added up, and `style`, one of `STYLES`."""

    style: str = "quoted"


def country_csv(wish: World) -> Made:
    """Return a country summary: recipient by type by fiscal year."""
    return in_memory(write_country, wish)


def sector_csv(wish: World) -> Made:
    """Return a summary by US sector and recipient, from 2001."""
    return in_memory(write_sector, wish)


def funding_csv(wish: World) -> Made:
    """Return a summary by funding account and recipient."""
    return in_memory(write_funding, wish)


def implementing_csv(wish: World) -> Made:
    """Return a summary by managing agency and recipient."""
    return in_memory(write_implementing, wish)


def dac_sector_csv(wish: World) -> Made:
    """Return a summary by DAC sector, all recipients together, from 2001."""
    return in_memory(write_dac_sector, wish)


def budget_csv(wish: World) -> Made:
    """Return the budget's lines, from 2004."""
    return in_memory(write_budget, wish)


def write_country(wish: World, out: BinaryIO) -> Truth:
    """Write a country summary and return what it holds."""
    columns = (
        "Country Code",
        "Country Name",
        "Region ID",
        "Region Name",
        "Income Group Acronym",
        "Income Group Name",
        *_TYPE,
    )

    def told(place: int) -> str:
        one = places()[place]
        income = (one.income or "NULL", INCOMES[one.income][1])
        return cells(one.code, one.name, one.region, REGIONS[one.region], *income)

    return _summary(wish, out, "fagov-country", columns, (("place", told),))


def write_sector(wish: World, out: BinaryIO) -> Truth:
    """Write a summary by US sector and return what it holds."""
    columns = (
        "US Category ID",
        "US Category Name",
        "US Sector ID",
        "US Sector Name",
        "Country Code",
        "Country Name",
        *_TYPE,
    )
    parts = (("sector", lambda n: cells(*us_sectors()[n])), ("place", _code_and_name))
    return _summary(wish, out, "fagov-sector", columns, parts)


def write_funding(wish: World, out: BinaryIO) -> Truth:
    """Write a summary by funding account and return what it holds."""
    columns = (
        "Funding Agency ID",
        "Funding Agency Name",
        "Funding Agency Acronym",
        "Funding Account ID",
        "Funding Account Name",
        "Country Code",
        "Country Name",
        *_TYPE,
    )
    agency = {one.number: one for one in agencies()}

    def told(n: int) -> str:
        one = accounts()[n]
        owner = agency[one.agency]
        return cells(owner.number, owner.name, owner.acronym, one.symbol, one.name)

    return _summary(wish, out, "fagov-funding", columns, (("account", told), ("place", _code_and_name)))


def write_implementing(wish: World, out: BinaryIO) -> Truth:
    """Write a summary by managing agency, bureaus together, and return what it holds."""
    columns = (
        "Managing Agency ID",
        "Managing Agency Acronym",
        "Managing Agency Name",
        "Country Code",
        "Country Name",
        *_TYPE,
    )
    named = {one.number: cells(one.number, one.acronym, one.name) for one in agencies()}
    parts = (("agency", lambda number: named[number]), ("place", _code_and_name))
    return _summary(wish, out, "fagov-implementing", columns, parts)


def write_dac_sector(wish: World, out: BinaryIO) -> Truth:
    """Write a summary by DAC sector and return what it holds."""
    columns = ("International Sector Code", "International Sector Name", *_TYPE)
    named = {int(one.sector): cells(one.sector, one.sector_name) for one in purposes()}
    return _summary(wish, out, "fagov-dac-sector", columns, (("purpose", lambda code: named[code]),))


# --- adding up -----------------------------------------------------------------------------------

_Part = tuple[str, Callable[[int], str]]


def _code_and_name(place: int) -> str:
    return cells(places()[place].code, places()[place].name)


def _parts_of(some: Transactions, name: str) -> Ints:
    """Return what rows are added up by; below nought where a row has no such thing."""
    own = some.of_activity(name)
    if name == "agency":
        return np.asarray([one.number for one in agencies()], dtype=np.int64)[own]
    if name == "purpose":
        return np.asarray([*(int(one.sector) for one in purposes()), -1], dtype=np.int64)[own]
    if name == "sector":
        return np.where(own == len(us_sectors()), -1, own)
    return own


def _summary(wish: World, out: BinaryIO, kind: str, columns: Sequence[str], parts: Sequence[_Part]) -> Truth:
    style = wish.style if isinstance(wish, Summary) else "quoted"
    if style not in STYLES:
        raise ValueError(f"style {style!r}: expected one of {', '.join(STYLES)}")
    retyped = style == "retyped" and kind == "fagov-country"
    out.write((_RETYPED if retyped else header(style, columns)).encode())
    tail = JUNK_CELLS if style == "junk" else ""
    tally = Tally()
    names = [name for name, _ in parts]
    for keys, current, constant in _added(wish, names):
        told = ",".join(say(key) for (_, say), key in zip(parts, keys, strict=False))
        stage, slot = keys[len(parts)], keys[len(parts) + 1]
        line = f"{told},{cells(*TYPES[stage])},{YEARS[slot]},{current},{constant}{tail}\n"
        out.write(line.encode())
        recipient = recipient_key(keys[names.index("place")]) if "place" in names else ""
        tally.rows += 1
        tally.add((STAGES[stage], YEARS[slot], recipient), current, constant)
        for name in _quirks(current, slot, stage, keys[names.index("place")] if "place" in names else -1):
            tally.quirks[name] += 1
    facts = {"release": wish.release, "style": style, "base": str(wish.about.base)}
    facts["budget_base"] = str(wish.about.budget_base)
    return tally.told(kind, ("stage", "year", "recipient"), "USD", facts)


def _added(wish: World, names: Sequence[str]) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Yield each combination in the order of the file, with its current and constant total."""
    about = wish.about
    for keys, current in added_up(wish, names):
        stage, slot = keys[-2:]
        base = about.base if stage < APPROPRIATION else about.budget_base
        yield keys, current, deflated(current, slot, SLOT[str(base)])


def deflated(current: int, slot: int, base: int) -> int:
    """Return an amount at constant prices; see `at_prices`."""
    return int(at_prices(*(np.asarray([one], dtype=np.int64) for one in (current, slot, base)))[0])


def added_up(
    wish: World, names: Sequence[str], *, order: Sequence[str] = ()
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Yield the sum over each combination of `names`, type and year.

    Parameters
    ----------
    names : sequence of str
        Fields of an activity: place, account, agency, purpose (by its sector), sector.
    order : sequence of str
        What to sort by: names, ``type`` and ``slot``; by default all of them in this order.
    """
    keys = [*names, "kind", "slot"]
    frames = []
    for some in transactions(wish):
        parts = [_parts_of(some, name) for name in names]
        told = [
            (*found, current)
            for found, current, _, _ in grouped(some, [*parts, some.kind, some.slot])
            if min(found) >= 0
        ]
        frames.append(pl.DataFrame(told, schema=dict.fromkeys([*keys, "current"], pl.Int64), orient="row"))
    number = pl.Series([int(number) for number, _ in TYPES])
    added = pl.concat(frames).group_by(keys).agg(pl.col("current").sum())
    added = added.with_columns(type=number[added["kind"].to_numpy()])
    for row in added.sort(order or [*names, "type", "slot"]).iter_rows():
        yield row[: len(keys)], row[len(keys)]


def _quirks(current: int, slot: int, stage: int, place: int) -> Iterator[str]:
    if current < 0:
        yield "negative"
    if slot == QUARTER:
        yield "transition-quarter"
    if slot < FIRST_DETAILED:
        yield "before-2001"
    if stage >= APPROPRIATION:
        yield "budget-type"
    if place >= 0 and places()[place].is_region:
        yield "region"
    if place >= 0 and places()[place].former:
        yield "former-state"
    if place >= 0 and places()[place].code == "NULL":
        yield "null-code"


# --- the budget ----------------------------------------------------------------------------------

_BUDGET_COLUMNS = (
    "Fiscal Year|Transaction Type ID|Transaction Type Name|Country ID|Country Code|Country Name|Region ID|"
    "Region Name|Income Group ID|Income Group Name|Income Group Acronym|Managing Sub-agency or Bureau ID|"
    "Managing Sub-agency or Bureau Acronym|Managing Sub-agency or Bureau Name|Operating Unit|"
    "Funding Account ID|Funding Account Name|Funding Agency ID|Funding Agency Name|Funding Agency Acronym|"
    "International Category ID|International Category Name|International Sector Code|"
    "International Sector Name|International Purpose Code|International Purpose Name|US Category ID|"
    "US Category Name|US Sector ID|US Sector Name|OCO Flag|Activity ID|Activity Name|Activity Description|"
    "current_amount|constant_amount"
).split("|")


def write_budget(wish: World, out: BinaryIO) -> Truth:
    """Write the world's appropriations and requests, line by line, and return what they are."""
    out.write(header("plain", _BUDGET_COLUMNS).encode())
    tally = Tally()
    made = pieces()
    bureau = [cells(*one.bureau) for one in agencies()]
    for some in transactions(wish):
        place = some.of_activity("place")
        number = some.activities.number
        for n in np.flatnonzero(some.kind >= APPROPRIATION):
            a, stage, slot = int(some.activity[n]), int(some.kind[n]), int(some.slot[n])
            told = some.activities
            account = accounts()[told.account[a]]
            line = [
                YEARS[slot],
                cells(*TYPES[stage]),
                made.place[int(place[n])],
                bureau[told.agency[a]],
                cell(places()[place[n]].name),
                cells(account.symbol, account.name),
                made.account_rest[int(told.account[a])].rsplit(",", 2)[0],
                made.purpose[int(told.purpose[a])],
                made.sector[int(told.sector[a])],
                "1" if account.symbol.endswith("-OCO") else "NULL",
                cells(int(number[a]), titles()[number[a] % len(titles())], "NULL"),
                f"{some.current[n]},{some.constant[n]}\n",
            ]
            out.write(",".join(line).encode())
            tally.rows += 1
            key = (STAGES[stage], YEARS[slot], recipient_key(int(place[n])))
            tally.add(key, int(some.current[n]), int(some.constant[n]))
    facts = {"release": wish.release, "budget_base": str(wish.about.budget_base)}
    return tally.told("fagov-budget", ("stage", "year", "recipient"), "USD", facts)
