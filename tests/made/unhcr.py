"""UNHCR's refugee statistics: today's table with its preamble, the API's answer, and the older time series.

``*`` in the older series stands for 1 to 4 persons; ``-`` for no figure, or for all origins together; the API
mixes numbers with texts of numbers; and UNHCR's own codes look like ISO's and are not (GFR is Germany).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import polars as pl

from tests.made.draw import Ints, below
from tests.made.places import Place, countries
from tests.made.truth import Made, Tally, Truth, in_memory

STYLES = ("table", "api", "series")
KEYS = ("kind", "year", "asylum", "origin")
FIELDS = (
    ("refugees", "Refugees under UNHCR's mandate"),
    ("asylum_seekers", "Asylum-seekers"),
    ("idps", "IDPs of concern to UNHCR"),
    ("oip", "Other people in need of international protection"),
    ("stateless", "Stateless persons"),
    ("hst", "Host Community"),
    ("ooc", "Others of concern"),
)
_SERIES_HEADER = (
    "Year",
    "Country / territory of asylum/residence",
    "Origin",
    "Refugees (incl. refugee-like situations)",
    "Asylum-seekers (pending cases)",
    "Internally displaced persons (IDPs)",
    "Stateless persons",
    "Others of concern",
)
_SERIES_FIELDS = ("refugees", "asylum_seekers", "idps", "stateless", "ooc")
# Lines above today's table.
_PREAMBLE = (
    "Extracted from the UNHCR Population Statistics Reference Database",
    "United Nations High Commissioner for Refugees",
    "Made for tests: not published figures",
    "",
)
_OWN_CODES = {"DEU": "GFR", "AUT": "AUS", "AUS": "AUL", "DZA": "ALG"}
# How UNHCR writes names that the United States write otherwise, by code.
_NAMES = {
    "BOL": "Bolivia (Plurinational State of)",
    "BRN": "Brunei Darussalam",
    "CHN": "China",
    "CIV": "Côte d'Ivoire",
    "COD": "Dem. Rep. of the Congo",
    "COG": "Congo",
    "FSM": "Micronesia (Federated States of)",
    "HKG": "China, Hong Kong SAR",
    "IRN": "Iran (Islamic Rep. of)",
    "KIR": "Kiribati",
    "KOR": "Rep. of Korea",
    "LAO": "Lao People's Dem. Rep.",
    "MAC": "China, Macao SAR",
    "MDA": "Rep. of Moldova",
    "MMR": "Myanmar",
    "PRK": "Dem. People's Rep. of Korea",
    "RUS": "Russian Federation",
    "SRB": "Serbia and Kosovo: S/RES/1244 (1999)",
    "SVK": "Slovakia",
    "SYR": "Syrian Arab Rep.",
    "TUR": "Türkiye",
    "TZA": "United Rep. of Tanzania",
    "VEN": "Venezuela (Bolivarian Republic of)",
    "VNM": "Viet Nam",
}
# Places that are in no table of UNHCR under a name that is known here.
_LEFT_OUT = frozenset({"GRL", "IOT", "KNA", "LCA", "PSE", "TWN", "VCT"})
_BATCH = 20_000  # rows at a time
_FIRST_YEAR, _YEARS = 1990, 35
_HIDDEN = 5  # fewer persons than this are not told in the older series


@dataclass(frozen=True, slots=True, kw_only=True)
class Refugees:
    """A file to make: so many rows, of one of `STYLES`."""

    rows: int
    seed: int = 1
    style: str = "table"


def refugees(wish: Refugees) -> Made:
    """Return a file."""
    return in_memory(write_refugees, wish)


def write_refugees(wish: Refugees, out: BinaryIO) -> Truth:
    """Write a file and return what it holds, in persons; what is hidden is not counted in the sums."""
    if wish.style not in STYLES:
        raise ValueError(f"style {wish.style!r}: expected one of {', '.join(STYLES)}")
    tally = Tally()
    if wish.style == "api":
        _api(wish, out, tally)
    else:
        _delimited(wish, out, tally)
    return tally.told("unhcr", KEYS, "person", {"style": wish.style})


def _batches(wish: Refugees) -> Iterator[pl.DataFrame]:
    """Yield year, asylum and origin (positions in `_where`; -1 for all origins together) and persons."""
    places = len(_where())
    for start in range(0, wish.rows, _BATCH):
        row: Ints = np.arange(start, min(wish.rows, start + _BATCH), dtype=np.int64)
        pair = row // _YEARS
        told = {
            "year": _FIRST_YEAR + row % _YEARS,
            "asylum": pair % places,
            "origin": np.where(pair % 12 == 5, -1, (pair * 7 + 1 + pair // places) % places),
        }
        frame = pl.DataFrame(told)
        for name, _ in FIELDS:
            size = below(wish.seed, name, row, 1_000)
            lift = below(wish.seed, f"{name} lift", row, 5)
            persons = np.where(lift == 0, size * 211, np.where(lift == 1, size, size % 12))
            none = below(wish.seed, f"{name} none", row, 3) == 0
            frame = frame.with_columns(pl.Series(name, persons).set(pl.Series(none), None))
        yield frame


@functools.cache
def _where() -> tuple[Place, ...]:
    """Return the countries, those with telling codes first."""
    first = {"PER", "VEN", "COL", "DEU", "AUT", "AUS"}
    told = [
        replace(one, name=_NAMES.get(one.code, one.name)) for one in countries() if one.code not in _LEFT_OUT
    ]
    return tuple(sorted(told, key=lambda one: (one.code not in first, one.code)))


def _count(tally: Tally, frame: pl.DataFrame, names: Sequence[str]) -> None:
    """Add what is printed to a tally."""
    codes = [one.code for one in _where()] + [""]
    for name in names:
        known = frame.filter(pl.col(name).is_not_null())
        sums = known.group_by("year", "asylum", "origin").agg(pl.col(name).sum(), pl.len())
        for year, asylum, origin, persons, count in sums.sort("year", "asylum", "origin").iter_rows():
            tally.add((name, str(year), codes[asylum], codes[origin]), persons, count=count)
        tally.quirks["gap"] += frame.height - known.height
    tally.rows += frame.height
    tally.quirks["no-origin"] += frame.filter(pl.col("origin") < 0).height


def _rounded(tally: Tally, frame: pl.DataFrame) -> pl.DataFrame:
    """Return persons as today's tables print them: 0 or 5 for what would tell of single persons."""
    for name, _ in FIELDS:
        few = pl.col(name).is_between(1, _HIDDEN - 1)
        tally.quirks["rounded"] += frame.filter(few).height
        told = (
            pl.when(few).then(pl.when(pl.col(name) <= 2).then(0).otherwise(_HIDDEN)).otherwise(pl.col(name))
        )
        frame = frame.with_columns(told.cast(pl.Int64).alias(name))
    return frame


def _named(frame: pl.DataFrame, side: str, words: Sequence[str]) -> pl.Series:
    """Return a text for the place on one side of each row; the last of `words` stands for no place."""
    at = frame[side].to_numpy()
    return pl.Series(side, words)[np.where(at < 0, len(words) - 1, at)]


def _delimited(wish: Refugees, out: BinaryIO, tally: Tally) -> None:
    series = wish.style == "series"
    fields = _SERIES_FIELDS if series else tuple(name for name, _ in FIELDS)
    header = ["Year", "Country of Origin", "Country of Origin (ISO)", "Country of Asylum"]
    header += ["Country of Asylum (ISO)", *(printed for _, printed in FIELDS)]
    lines = [f'"{line}"' if line else "" for line in _PREAMBLE]
    out.write(("\n".join([*lines, ",".join(_SERIES_HEADER if series else header)]) + "\n").encode())
    names = [one.name for one in _where()]
    codes = [one.code for one in _where()]
    for found in _batches(wish):
        frame = found if series else _rounded(tally, found)
        if series:
            hidden = frame.with_columns(_hidden(name) for name in fields)
            tally.quirks["redacted"] += sum(int((hidden[name] == "*").sum()) for name in fields)
            asylum = [_named(frame, "asylum", [*names, ""]).alias("name")]
            origin = [_named(frame, "origin", [*names, "Various/Unknown"]).alias("origin name")]
            told = hidden.select("year", *asylum, *origin, *fields)
            kept = frame.with_columns(
                pl.when(pl.col(name).is_between(1, _HIDDEN - 1))
                .then(None)
                .otherwise(pl.col(name))
                .alias(name)
                for name in fields
            )
            gaps = tally.quirks["gap"] + sum(int(frame[name].null_count()) for name in fields)
            _count(tally, kept, fields)
            tally.quirks["gap"] = gaps
        else:
            told = frame.select(
                "year",
                _named(frame, "origin", [*names, "-"]).alias("origin name"),
                _named(frame, "origin", [*codes, "-"]).alias("origin code"),
                _named(frame, "asylum", [*names, ""]).alias("asylum name"),
                _named(frame, "asylum", [*codes, ""]).alias("asylum code"),
                *(pl.col(name).cast(pl.String).fill_null("-") for name in fields),
            )
            _count(tally, frame, fields)
        told.write_csv(out, include_header=False)


def _hidden(name: str) -> pl.Expr:
    few = pl.col(name).is_between(1, _HIDDEN - 1)
    return pl.when(few).then(pl.lit("*")).otherwise(pl.col(name).cast(pl.String)).alias(name)


def _place_json(side: str) -> list[str]:
    told = [
        {
            f"{side}_id": place.number,
            f"{side}_name": place.name,
            side: _OWN_CODES.get(place.code, place.code),
            f"{side}_iso": place.code,
        }
        for place in _where()
    ]
    nobody: dict[str, int | str] = dict.fromkeys((f"{side}_id", f"{side}_name", side, f"{side}_iso"), "-")
    return [json.dumps(one, ensure_ascii=False, separators=(",", ":"))[1:-1] for one in [*told, nobody]]


def _api(wish: Refugees, out: BinaryIO, tally: Tally) -> None:
    out.write(b'{"page":1,"short-url":"","maxPages":1,"total":[],"items":[\n')
    odd = [n for n, one in enumerate(_where()) if one.code in _OWN_CODES]
    for found in _batches(wish):
        frame = _rounded(tally, found)
        if tally.rows:
            out.write(b",\n")
        # Nought and nothing come as texts, all else as numbers.
        fields = [
            pl.concat_str(
                pl.lit(f',"{name}":'),
                pl.when(pl.col(name).is_null())
                .then(pl.lit('"-"'))
                .when(pl.col(name) == 0)
                .then(pl.lit('"0"'))
                .otherwise(pl.col(name).cast(pl.String)),
            )
            for name, _ in FIELDS
        ]
        comma = pl.lit(",")
        origin = _named(frame, "origin", _place_json("coo")).alias("o")
        asylum = _named(frame, "asylum", _place_json("coa")).alias("a")
        told = frame.select(
            pl.concat_str(
                pl.lit('{"year":'), "year", comma, pl.lit(origin), comma, pl.lit(asylum), *fields, pl.lit("}")
            )
        ).to_series()
        out.write(",\n".join(told.to_list()).encode())
        names = [name for name, _ in FIELDS]
        tally.quirks["text-nought"] += sum(int((frame[name] == 0).sum()) for name in names)
        for side in ("asylum", "origin"):
            tally.quirks["own-code"] += int(frame[side].is_in(odd).sum())
        _count(tally, frame, names)
    out.write(b"]}")
