"""The complete file of ForeignAssistance.gov, and the same rows as the website exports them.

>>> from tests.made.foreign_assistance import World, complete_csv
>>> made = complete_csv(World(rows=500, seed=3))
>>> made.truth.by("stage", "year")

A row of the text is put together from few long pieces: everything about an activity is one string that its
twelve rows share, so that gigabytes take seconds.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from tests.made.draw import Ints, Truths, below, chance, weighted
from tests.made.fiscal import FIRST_DETAILED, ISO_DAYS, PRINTED_DAYS, QUARTER, YEARS
from tests.made.places import INCOMES, REGIONS, places
from tests.made.purposes import purposes
from tests.made.truth import Made, Tally, Truth, in_memory
from tests.made.us_lists import accounts, agencies, aid_types, partners, us_sectors
from tests.made.us_world import STAGES, TYPES, Activities, Transactions, World, dealt_places, transactions
from tests.made.words import sentences, titles

__all__ = ["COLUMNS", "STYLES", "Complete", "World", "complete_csv", "write_complete"]

# The order of the release of December 2024; the last four are in another style than the rest.
COLUMNS = tuple(
    """
    Country ID|Country Code|Country Name|Region ID|Region Name|Income Group ID|Income Group Name|
    Income Group Acronym|Managing Agency ID|Managing Agency Acronym|Managing Agency Name|
    Managing Sub-agency or Bureau ID|Managing Sub-agency or Bureau Acronym|Managing Sub-agency or Bureau Name|
    Implementing Partner Category ID|Implementing Partner Category Name|Implementing Partner Sub-category ID|
    Implementing Partner Sub-category Name|
    Implementing Partner ID|Implementing Partner Name|
    International Category ID|International Category Name|International Sector Code|
    International Sector Name|
    International Purpose Code|International Purpose Name|US Category ID|US Category Name|US Sector ID|
    US Sector Name|Funding Account ID|Funding Account Name|Funding Agency ID|Funding Agency Name|
    Funding Agency Acronym|Foreign Assistance Objective ID|Foreign Assistance Objective Name|
    Aid Type Group ID|
    Aid Type Group Name|Activity ID|Submission ID|Activity Name|Activity Description|Activity Project Number|
    Activity Start Date|Activity End Date|Transaction Type ID|Transaction Type Name|Fiscal Year|
    Transaction Date|Current Dollar Amount|Constant Dollar Amount|aid_type_id|aid_type_name|
    activity_budget_amount|submission_activity_id
    """.replace("\n    ", "")
    .strip()
    .split("|")
)
# The website's own export: the submission comes earlier, no date, and a name is misspelt.
WEBSITE_COLUMNS = (
    *COLUMNS[:30],
    "Submission ID",
    "Funding Acount ID",
    *COLUMNS[31:40],
    *COLUMNS[41:49],
    "Current Dollar Amount",
    "Constant Dollar Amount",
)
# published: as above; quoted: every name of the header in quotes; snake: as in 2021;
# junk: three more columns, as a spreadsheet left them in a copy; website: the site's export.
STYLES = ("published", "quoted", "snake", "junk", "website")
JUNK_NAMES, JUNK_CELLS = ",,,ilte=", ",,,"
# How often a description has no, one, two … more sentences, in hundredths: 925 bytes a row on average, as in
# the publisher's file of 4 million rows and 3.7 GB.
_MORE_SENTENCES = (38, 27, 15, 10, 6, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(World):
    """A complete file to make: a world, and `style`, one of `STYLES`."""

    style: str = "published"


def complete_csv(wish: World) -> Made:
    """Return a complete file; a `Complete` may name a style."""
    return in_memory(write_complete, wish)


def write_complete(wish: World, out: BinaryIO) -> Truth:
    """Write a complete file to `out` and return what it holds; memory does not grow with its size."""
    style = wish.style if isinstance(wish, Complete) else "published"
    if style not in STYLES:
        raise ValueError(f"style {style!r}: expected one of {', '.join(STYLES)}")
    out.write(header(style).encode())
    tally = Tally()
    for some in transactions(wish):
        texts = _Texts.of(wish, some.activities)
        _lines(wish, some, texts, style).to_frame("row").write_csv(
            out, include_header=False, quote_style="never"
        )
        count(tally, some, texts)
    about = wish.about
    facts = {"release": wish.release, "style": style, "base": str(about.base)}
    facts["budget_base"] = str(about.budget_base)
    facts["recipients"] = " ".join(sorted({one.code for one in dealt_places(wish)}))
    return tally.told("fagov-complete", ("stage", "year", "recipient"), "USD", facts)


def header(style: str, columns: Sequence[str] = COLUMNS) -> str:
    """Return the first line of a file in a style."""
    match style:
        case "website":
            return ",".join(WEBSITE_COLUMNS) + "\n"
        case "quoted":
            return ",".join(f'"{name}"' for name in columns) + "\n"
        case "snake":
            return ",".join(snake(name) for name in columns) + "\n"
        case "junk":
            return ",".join(columns) + JUNK_NAMES + "\n"
    return ",".join(columns) + "\n"


def snake(name: str) -> str:
    """Return a column's name as the release of 2021 wrote it."""
    return name.lower().replace("sub-", "sub").replace(" ", "_")


def cell(text: str) -> str:
    """Return a cell as written in the files: quoted only where it must be."""
    if any(sign in text for sign in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def cells(*texts: str | int) -> str:
    """Return several cells side by side."""
    return ",".join(cell(str(text)) for text in texts)


# --- pieces --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Each list's entries as the cells that they fill; the last of some stands for nothing."""

    place: pl.Series
    agency: pl.Series
    partner: pl.Series
    purpose: pl.Series
    sector: pl.Series
    account: pl.Series
    account_rest: pl.Series
    aid_group: pl.Series
    aid_type: pl.Series


def _nulls(count: int) -> str:
    return ",".join(["NULL"] * count)


@functools.cache
def pieces() -> Pieces:
    """Return the cells of every list, once."""
    agency_of = {one.number: one for one in agencies()}
    # A category is known by the first two digits and named after its first sector.
    named = {one.code[:2]: one.sector_name.split(",")[0] for one in reversed(purposes())}
    numbered = {digits: n for n, digits in enumerate(sorted(named), 1)}
    objective = {False: "1,Economic", True: "2,Military"}
    return Pieces(
        place=pl.Series(
            cells(one.number, one.code, one.name, one.region, REGIONS[one.region], *_income(one.income))
            for one in places()
        ),
        agency=pl.Series(cells(one.number, one.acronym, one.name, *one.bureau) for one in agencies()),
        partner=pl.Series([*(cells(*one) for one in partners()), _nulls(6)]),
        purpose=pl.Series(
            [
                *(
                    cells(
                        numbered[one.code[:2]],
                        named[one.code[:2]],
                        one.sector,
                        one.sector_name,
                        one.code,
                        one.name,
                    )
                    for one in purposes()
                ),
                _nulls(6),
            ]
        ),
        sector=pl.Series([*(cells(*one) for one in us_sectors()), _nulls(4)]),
        account=pl.Series(cells(one.symbol, one.name) for one in accounts()),
        account_rest=pl.Series(
            cells(one.agency, agency_of[one.agency].name, agency_of[one.agency].acronym)
            + ","
            + objective[one.military]
            for one in accounts()
        ),
        aid_group=pl.Series(cells(*one[:2]) for one in aid_types()),
        aid_type=pl.Series(cells(*one[2:]) for one in aid_types()),
    )


def _income(key: str) -> tuple[str, str, str]:
    number, name = INCOMES[key]
    return (str(number), name, key) if key else ("NULL", "NULL", "NULL")


# --- activities ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """What activities print: cells before the accounts, the rest, and after the amounts."""

    before: pl.Series
    name: pl.Series
    description: pl.Series
    project: pl.Series
    begin: pl.Series
    end: pl.Series
    newline: Truths

    @classmethod
    def of(cls, world: World, told: Activities) -> _Texts:
        """Return the texts of activities."""
        made = pieces()
        old = told.history
        name, description, newline = _prose(world, told)
        before = pl.select(
            pl.concat_str(
                made.place[told.place],
                made.agency[told.agency],
                made.partner[told.partner],
                made.purpose[told.purpose],
                made.sector[told.sector],
                separator=",",
            )
        ).to_series()
        days = pl.Series([*ISO_DAYS, "NULL"])
        number = pl.Series(told.number)
        project = pl.select(
            pl.when(pl.Series(old))
            .then(pl.lit("NULL"))
            .otherwise(pl.concat_str(pl.lit("AID-"), number % 999, pl.lit("-A-"), number))
        ).to_series()
        # Nothing is written in two ways: the word NULL, and no text at all.
        project = project.set(pl.Series(told.number % 11 == 3), "")
        return cls(
            before=before,
            name=name,
            description=description,
            project=project,
            begin=days[np.where(old, len(ISO_DAYS), told.start)],
            end=days[np.where(old, len(ISO_DAYS), np.minimum(told.start + told.span, len(ISO_DAYS) - 1))],
            newline=newline,
        )


def _prose(world: World, told: Activities) -> tuple[pl.Series, pl.Series, Truths]:
    seed, number, old = world.seed, told.number, told.history
    pool = _quoted_pool()
    count = weighted(seed, "sentences", number, _MORE_SENTENCES)
    # Rare in a large file; a small one shows it too.
    newline = chance(seed, "newline", number, 2_000) | ((number < 512) & (number % 32 == 9))
    newline &= ~old & (count > 0)
    joint = pl.Series(np.where(newline, "\n", " "))
    parts: list[pl.Series] = [pool[below(seed, "s0", number, len(pool))]]
    for n in range(1, len(_MORE_SENTENCES)):
        chosen = pool[below(seed, f"s{n}", number, len(pool))]
        more = pl.select(pl.concat_str(joint, chosen)).to_series()
        parts.append(more.set(pl.Series(count < n), ""))
    text = pl.select(pl.concat_str(*parts)).to_series()
    must = text.str.contains(r'[,"\n]')
    quotes = pl.Series(["", '"'])[must.cast(pl.Int64)]
    description = pl.select(pl.concat_str(quotes, text, quotes)).to_series()
    name = _titles()[below(seed, "title", number, len(titles()))]
    return (
        name.set(pl.Series(old), "NULL"),
        description.set(pl.Series(old), "NULL"),
        np.asarray(newline, dtype=np.bool_),
    )


@functools.cache
def _quoted_pool() -> pl.Series:
    return pl.Series(one.replace('"', '""') for one in sentences())


@functools.cache
def _titles() -> pl.Series:
    return pl.Series(cell(one) for one in titles())


# --- rows ----------------------------------------------------------------------------------------


def _lines(world: World, some: Transactions, texts: _Texts, style: str) -> pl.Series:
    """Return the lines of some rows."""
    made, told = pieces(), some.activities
    number = pl.Series(told.number)
    submission = number % 400 + 1
    account, rest = made.account[told.account], made.account_rest[told.account]
    group = made.aid_group[told.aid_type]
    about = [texts.name, texts.description, texts.project, texts.begin, texts.end]
    if style == "website":
        own = [texts.before, submission, account, rest, group, number, *about]
    else:
        own = [texts.before, account, rest, group, number, submission, *about]
    head = pl.select(pl.concat_str(*own, separator=",")).to_series()
    cells_of_row = [
        head[some.activity],
        _types()[some.kind],
        pl.Series(YEARS)[some.slot],
        pl.Series([*PRINTED_DAYS, "NULL"])[np.where(some.day < 0, len(PRINTED_DAYS), some.day)],
        pl.Series(some.current),
        pl.Series(some.constant),
    ]
    if style == "website":
        del cells_of_row[3]
    else:
        cells_of_row.append(_after(world, told)[some.activity])
    if style == "junk":
        cells_of_row[-1] = pl.select(pl.concat_str(cells_of_row[-1], pl.lit(JUNK_CELLS))).to_series()
    return pl.select(pl.concat_str(*cells_of_row, separator=",")).to_series()


def _after(world: World, told: Activities) -> pl.Series:
    """Return the four cells after the amounts."""
    budget = pl.Series(below(world.seed, "activity budget", told.number, 9_000_000)).cast(pl.String)
    budget = budget.set(pl.Series(told.number % 6 != 1), "NULL")
    kind = pieces().aid_type[told.aid_type]
    return pl.select(pl.concat_str(kind, budget, pl.Series(told.number + 500_000), separator=",")).to_series()


@functools.cache
def _types() -> pl.Series:
    return pl.Series(cells(*one) for one in TYPES)


# --- what is in it -------------------------------------------------------------------------------


def count(tally: Tally, some: Transactions, texts: _Texts | None = None) -> None:
    """Add some rows to a tally: totals by stage, year and recipient, and how often each quirk occurs."""
    place = some.of_activity("place")
    tally.rows += some.number.size
    for keys, total, constant, rows in grouped(some, [some.kind, some.slot, place]):
        kind, slot, where = keys
        key = (STAGES[kind], YEARS[slot], recipient_key(where))
        tally.add(key, total, constant, count=rows)
    for name, true in _quirky(some, place, texts):
        tally.quirks[name] += int(np.count_nonzero(true))


def recipient_key(place: int) -> str:
    """Return how a truth names a recipient: its code, or its name where the file prints NULL."""
    one = places()[place]
    return one.name if one.code == "NULL" else one.code


def grouped(some: Transactions, keys: Sequence[Ints]) -> Iterator[tuple[tuple[int, ...], int, int, int]]:
    """Yield each combination of keys with its current and constant total and its number of rows."""
    names = [f"k{n}" for n in range(len(keys))]
    frame = pl.DataFrame(dict(zip(names, keys, strict=True))).with_columns(
        current=pl.Series(some.current), constant=pl.Series(some.constant)
    )
    sums = frame.group_by(names).agg(pl.col("current").sum(), pl.col("constant").sum(), pl.len())
    for row in sums.sort(names).iter_rows():
        yield row[: len(keys)], row[-3], row[-2], row[-1]


def _quirky(some: Transactions, place: Ints, texts: _Texts | None) -> Iterator[tuple[str, Truths]]:
    region = np.asarray([one.is_region for one in places()])
    former = np.asarray([one.former for one in places()])
    no_code = np.asarray([one.code == "NULL" for one in places()])
    yield "negative", some.current < 0
    yield "nought", some.current == 0
    yield "transition-quarter", some.slot == QUARTER
    yield "no-date", some.day < 0
    yield "before-2001", some.slot < FIRST_DETAILED
    yield "region", region[place]
    yield "former-state", former[place]
    yield "null-code", no_code[place]
    yield "budget-type", some.kind >= TYPES.index(("1", "Appropriated and Planned"))
    if texts is not None:
        yield "newline-in-cell", texts.newline[some.activity]
        accent = texts.description.str.contains("[^\\x00-\\x7f]").to_numpy()
        quote = texts.description.str.contains('""', literal=True).to_numpy()
        yield "accent", accent[some.activity]
        yield "doubled-quote", quote[some.activity]
