"""The Greenbook: obligations of the same world by recipient, account and fiscal year, 1946 to 2020.

A recipient is a name without a code, regions have other names than in the csv files, the transition quarter
is the year 1976.9, closed programmes are marked INACTIVE, and constant amounts are in dollars of 2020.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from tests.made.fiscal import QUARTER, SLOT, YEARS
from tests.made.places import places
from tests.made.truth import Made, Tally, Truth, in_memory
from tests.made.us_lists import accounts, agencies
from tests.made.us_summaries import added_up, deflated
from tests.made.us_world import OBLIGATION, World

BASE = "2020"
SHEET = "Economic and Military Aid"
COLUMNS = (
    "Fiscal Year",
    "Region",
    "Country",
    "Assistance Category",
    "Publication Row",
    "Funding Agency",
    "Funding Account Name",
    "Obligations (Historical Dollars)",
    "Obligations (Constant Dollars)",
)
# Five lines and an empty one stand above the header.
BANNER = (
    "U.S. Overseas Loans and Grants: Obligations and Loan Authorizations",
    "July 1, 1945 - September 30, 2020",
    "Made for tests: not published figures",
    "Constant dollars: 2020",
    "In U.S. dollars",
    "",
)
_REGIONS = {
    1: "Asia",
    2: "Eastern Europe",
    3: "Middle East and North Africa",
    4: "Asia",
    5: "Sub-Saharan Africa",
    6: "Latin America and Caribbean",
    7: "World Not Specified",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Greenbook(World):
    """A Greenbook to make: a world, whose `rows` are those added up.

    Attributes
    ----------
    banner : bool
        Whether the lines above the header are there; a workbook always has them.
    """

    banner: bool = True


def greenbook_csv(wish: World) -> Made:
    """Return the Greenbook's sheet as a csv file."""
    return in_memory(write_csv, wish)


def greenbook_xlsx(wish: World) -> Made:
    """Return the Greenbook as a workbook; needs the package xlsxwriter."""
    return in_memory(write_xlsx, wish)


def write_csv(wish: World, out: BinaryIO) -> Truth:
    """Write the Greenbook's sheet as a csv file and return what it holds."""
    tally = Tally()
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\n")
    if not isinstance(wish, Greenbook) or wish.banner:
        rows.writerows([line] + [""] * (len(COLUMNS) - 1) for line in BANNER)
    rows.writerow(COLUMNS)
    rows.writerows(_rows(wish, tally))
    text.detach()
    return _told(wish, tally)


def write_xlsx(wish: World, out: BinaryIO) -> Truth:
    """Write the Greenbook as a workbook and return what it holds."""
    import xlsxwriter  # type: ignore[import-untyped]

    tally = Tally()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True})
    # Without a fixed date the same seed would give other bytes each time.
    book.set_properties({"created": datetime(2021, 12, 1)})  # noqa: DTZ001 - the format knows no zones
    sheet = book.add_worksheet(SHEET)
    lines = [*((line,) for line in BANNER), COLUMNS]
    for n, line in enumerate(lines):
        sheet.write_row(n, 0, line)
    for n, row in enumerate(_rows(wish, tally), len(lines)):
        sheet.write_row(n, 0, [float(row[0]) if row[0] == "1976.9" else int(row[0]), *row[1:]])
    book.close()
    return _told(wish, tally)


def _rows(wish: World, tally: Tally) -> Iterator[tuple[str | int, ...]]:
    agency = {one.number: one.name for one in agencies()}
    order = ["slot", "place", "account", "type"]
    for keys, current in added_up(wish, ["place", "account"], order=order):
        place, account, kind, slot = keys
        if kind != OBLIGATION or slot > SLOT[BASE]:
            continue
        constant = deflated(current, slot, SLOT[BASE])
        where, one = places()[place], accounts()[account]
        year = "1976.9" if slot == QUARTER else YEARS[slot]
        tally.rows += 1
        tally.add(("obligated", YEARS[slot], where.name), current, constant)
        tally.quirks["negative"] += current < 0
        tally.quirks["transition-quarter"] += slot == QUARTER
        tally.quirks["inactive"] += one.inactive
        tally.quirks["adjustment"] += "adjustment" in one.name
        row = "Inactive Programs" if one.inactive and one.agency == 99 else one.name
        category = "Military" if one.military else "Economic"
        region = _REGIONS[where.region]
        yield (year, region, where.name, category, row, agency[one.agency], one.name, current, constant)


def _told(wish: World, tally: Tally) -> Truth:
    facts = {"release": wish.release, "base": BASE, "sheet": SHEET}
    return tally.told("greenbook", ("stage", "year", "recipient"), "USD", facts)
