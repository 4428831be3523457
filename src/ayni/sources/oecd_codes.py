"""How the OECD's tables of aid name who gives and who gets, and the keys we give them.

Two lists name the same things. Bulk files and old tables print the DAC's own numbers (France 4, United
Kingdom 12, United States 302, Japan 701); the Data Explorer prints areas, which are ISO 3166-1 for countries.
Both are in ``oecd_areas.csv``, beside this module.

Traps: a widely read table of documentation gives 12 to the United States and 301 to the United Kingdom, which
are the United Kingdom and Canada. Numbers are neither ISO nor the United States' own. 361 was the Netherlands
Antilles and its area is now Sint Maarten. Groups of givers have numbers from 20000 on, groups of recipients
from 10000 to 10999: they print their members' money again.

References
----------
DAC and CRS code lists, OECD: members, other donors, multilaterals, private donors and recipients (October
2024), by which each country was checked by its name; the same lists with the areas of the Data Explorer (July
2026).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from ayni.sources.distinct import BETWEEN, Fault
from ayni.sources.iati_codes import form_of
from ayni.sources.places import ISO3

DAC = "dac:"
# Of a table that prints no recipient: all of them together.
EVERYBODY = f"{DAC}ALL"
_FIRST_GROUP_OF_GIVERS = 20_000
_GROUPS_OF_RECIPIENTS = range(10_000, 11_000)
_LONGEST_CODE = 5
# Money for a region that is spread over no country: the areas of such rows end so.
_UNALLOCATED = "_X"
_IATI_FINANCE, _FINANCE = "iati-finance:", "dac-finance:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """The list of codes.

    Attributes
    ----------
    iso3 : dict of str to str
        The DAC's code of a country to its ISO3.
    code : dict of str to str
        Area to the DAC's code; of two codes the recipient's or giver's own, not the group's.
    regions : frozenset of str
        Keys of regions without a country.
    """

    iso3: dict[str, str]
    code: dict[str, str]
    regions: frozenset[str]


@cache
def areas() -> Areas:
    """Return the list of codes, as ``oecd_areas.csv`` gives it."""
    text = resources.files("ayni.sources").joinpath("oecd_areas.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    code: dict[str, str] = {}
    for row in rows:
        code.setdefault(row["area"], row["code"])
    # 998 in the code list, 9998 in every table.
    code["DPGC_X"] = "9998"
    return Areas(
        iso3={row["code"]: row["iso3"] for row in rows if row["iso3"]},
        code=code,
        regions=frozenset(
            f"{DAC}{row['code']}"
            for row in rows
            if row["area"].endswith(_UNALLOCATED) and int(row["code"]) not in _GROUPS_OF_RECIPIENTS
        ),
    )


def key_of_code(code: str) -> str:
    """Return the key of one of the DAC's codes: ISO3 of a country, else ``dac:`` and the code."""
    return areas().iso3.get(code) or f"{DAC}{code}"


def key_of_area(area: str) -> str:
    """Return the key of an area of the Data Explorer: the same as that of its code; empty for none."""
    plain = area.strip().upper()
    code = areas().code.get(plain)
    if code:
        return key_of_code(code)
    return plain if plain in ISO3 or not plain else f"{DAC}{plain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who is meant.

    Attributes
    ----------
    key : str
        Empty where it cannot be told.
    code, expected : str
        Why not (``refused.<code>``), and what should stand there.
    """

    key: str
    code: str = ""
    expected: str = ""


def named(code: str, area: str) -> Named:
    """Return who is meant by a code and, where the file prints it too, the area.

    A country's area that is not the one of the code is refused: one of the two is wrong, and money would
    come from the wrong country.
    """
    number, place = code.strip().removesuffix(".0"), area.strip().upper()
    if not number and not place:
        return Named(key="", code="missing-value", expected="302")
    if not number:
        return Named(key=key_of_area(place))
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_CODE):
        # A copy with areas where codes should be.
        key = key_of_area(number)
        known = key in ISO3 or number.upper() in areas().code
        return Named(key=key) if known else Named(key="", code="unknown-code", expected="302")
    number = str(int(number))
    key = key_of_code(number)
    told = key_of_area(place) if place in ISO3 or place == "XKV" else ""
    if not told or told == key or areas().code.get(place) == number:
        return Named(key=key)
    if key.startswith(DAC) and number not in areas().code.values():
        return Named(key=told)
    return Named(key="", code="unknown-code", expected=f"{told} = {areas().code.get(place, '?')}")


def parties(frame: pl.DataFrame, code: str, area: str, faults: list[Fault]) -> pl.Series:
    """Return the keys of a frame's givers or recipients; what cannot be told goes to `faults`.

    Parameters
    ----------
    code, area : str
        The columns that name them; either may be empty for a file without it.
    """
    cells = [pl.col(name).cast(pl.String).fill_null("") if name else pl.lit("") for name in (code, area)]
    printed = frame.select(pl.concat_str(*cells, separator=BETWEEN).alias("printed")).to_series()
    found = {text: named(*text.split(BETWEEN)) for text in printed.unique()}
    bad = {(one.code, one.expected) for one in found.values() if one.code}
    for fault, expected in sorted(bad):
        texts = [text for text, one in found.items() if (one.code, one.expected) == (fault, expected)]
        lines = frame["line"].filter(printed.is_in(texts))
        faults.append(Fault(lines=lines, code=fault, column=code or area, expected=expected))
    return printed.replace_strict(list(found), [one.key for one in found.values()], return_dtype=pl.String)


def _group(key: pl.Expr) -> pl.Expr:
    return key.str.strip_prefix(DAC).cast(pl.Int64, strict=False)


def of_providers(key: pl.Expr) -> pl.Expr:
    """Return ``sum-of-providers`` for a group of givers, else null."""
    return pl.when(_group(key) >= _FIRST_GROUP_OF_GIVERS).then(pl.lit("sum-of-providers"))


def of_recipients(key: pl.Expr) -> pl.Expr:
    """Return ``sum-of-recipients`` for a group, ``recipient-is-region`` for a region, else null."""
    first, last = _GROUPS_OF_RECIPIENTS[0], _GROUPS_OF_RECIPIENTS[-1]
    return (
        pl.when(_group(key).is_between(first, last))
        .then(pl.lit("sum-of-recipients"))
        .when(key.is_in(sorted(areas().regions)))
        .then(pl.lit("recipient-is-region"))
        .when(key == EVERYBODY)
        .then(pl.lit("all-recipients"))
    )


def form_of_finance(finance: str) -> str:
    """Return the family of a type of finance, as IATI's list, which is the DAC's, has it."""
    return form_of(finance).replace(_IATI_FINANCE, _FINANCE)
