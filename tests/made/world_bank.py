"""World Development Indicators: the bulk file, the download of an indicator, and the API's answer.

Values carry float noise (120959999.08447), gaps are empty, groups of countries have codes like countries,
net aid can be negative, and the exchange rate of Peru is 0 before 1985.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from tests.made.draw import Ints, Truths, amounts, below
from tests.made.places import countries
from tests.made.truth import Made, Tally, Truth, in_memory

YEARS = range(1960, 2025)
UPDATED = "2025-07-01"
STYLES = ("bulk", "download", "api")
KEYS = ("indicator", "year")
_NET_AID, _RATE = 0, 1  # positions below
_BATCH = 1_000  # lines at a time
# Code, name, and what values are multiplied with.
_INDICATORS = (
    ("DC.DAC.USAL.CD", "Net bilateral aid flows from DAC donors, United States (current US$)", 1_000),
    ("PA.NUS.FCRF", "Official exchange rate (LCU per US$, period average)", 1),
    ("NY.GDP.MKTP.CD", "GDP (current US$)", 100_000),
    ("SP.POP.TOTL", "Population, total", 100),
    ("FP.CPI.TOTL", "Consumer price index (2010 = 100)", 1),
    ("DC.DAC.TOTL.CD", "Net bilateral aid flows from DAC donors, Total (current US$)", 5_000),
)
_GROUPS = (
    ("LCN", "ZJ", "Latin America & Caribbean"),
    ("WLD", "1W", "World"),
    ("SSF", "ZG", "Sub-Saharan Africa"),
    ("CHI", "JG", "Channel Islands"),
)
_RESTATED = 1985  # before it the rate of a currency that has been replaced rounds to nought
_NOISE = 100_000  # five decimals


@dataclass(frozen=True, slots=True, kw_only=True)
class Wdi:
    """A file to make.

    Attributes
    ----------
    rows : int
        Lines in the bulk file and the download, one for each place and indicator; values in the API's answer.
    seed : int
    style : str
        One of `STYLES`. The download holds one indicator only, so not more rows than places.
    indicator : int
        Which one the download holds, by position.
    """

    rows: int
    seed: int = 1
    style: str = "bulk"
    indicator: int = 0


def wdi(wish: Wdi) -> Made:
    """Return a file."""
    return in_memory(write_wdi, wish)


def write_wdi(wish: Wdi, out: BinaryIO) -> Truth:
    """Write a file and return what it holds, in hundred-thousandths of each indicator's unit."""
    if wish.style not in STYLES:
        raise ValueError(f"style {wish.style!r}: expected one of {', '.join(STYLES)}")
    tally = Tally()
    if wish.style == "api":
        _api(wish, out, tally)
    else:
        _side_by_side(wish, out, tally)
    return tally.told("wdi", KEYS, "0.00001", {"style": wish.style, "updated": UPDATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """Lines side by side.

    Attributes
    ----------
    place : (L,) int64
        Position among `_where`.
    indicator : (L,) int64
        Position among `_INDICATORS`.
    variant : (L,) int64
        Beyond nought an indicator is made up.
    values : (L, Y) int64, hundred-thousandths
    gaps : (L, Y) bool
    """

    place: Ints
    indicator: Ints
    variant: Ints
    values: Ints
    gaps: Truths


@functools.cache
def _where() -> tuple[tuple[str, str, str], ...]:
    """Return code, alpha-2 and name of each place: Peru first, so that the smallest file has it."""
    named = [(one.code, one.alpha2, one.name) for one in countries()]
    named.sort(key=lambda one: (one[0] != "PER", one[2]))
    return (named[0], *_GROUPS, *named[1:])


def _batches(wish: Wdi, lines: int) -> Iterator[_Lines]:
    if wish.style == "download":
        lines = min(lines, len(_where()))
    for start in range(0, lines, _BATCH):
        line: Ints = np.arange(start, min(lines, start + _BATCH), dtype=np.int64)
        if wish.style == "download":
            place, variant = line, line * 0
            indicator = line * 0 + wish.indicator
        else:
            # All indicators of a place, then the next place; then all over with variants.
            place = line // len(_INDICATORS) % len(_where())
            indicator = line % len(_INDICATORS)
            variant = line // (len(_INDICATORS) * len(_where()))
        values, gaps = _values(wish.seed, line, indicator, place)
        yield _Lines(place=place, indicator=indicator, variant=variant, values=values, gaps=gaps)


def _values(seed: int, line: Ints, indicator: Ints, place: Ints) -> tuple[Ints, Truths]:
    index = (line[:, None] * len(YEARS) + np.arange(len(YEARS), dtype=np.int64)).ravel()
    times = np.asarray([one[2] for one in _INDICATORS], dtype=np.int64)[indicator]
    value = amounts(seed, "wdi", index) * np.repeat(times, len(YEARS)) * _NOISE
    # A third of all values carry the noise of a computer's fractions.
    noisy = below(seed, "wdi noisy", index, 3) == 0
    value = np.where(noisy, value - below(seed, "wdi noise", index, _NOISE), value)
    gone = (below(seed, "wdi missing", index, 4) == 0).reshape(len(line), -1)
    aid = np.repeat(indicator == _NET_AID, len(YEARS))
    value = np.where(aid & (index % 9 == 4), -value, value).reshape(len(line), -1)
    early = np.asarray([year < _RESTATED for year in YEARS])
    restated = ((indicator == _RATE) & (place == 0))[:, None] & early
    return np.where(restated, 0, value), gone & ~restated


def _texts(lines: _Lines) -> pl.Series:
    """Return values in decimal text; null where there is none."""
    size, low = np.abs(lines.values.ravel()), lines.values.ravel() < 0
    frame = pl.DataFrame({"whole": size // _NOISE, "rest": size % _NOISE})
    text = frame.select(
        pl.concat_str(
            pl.Series(["", "-"])[low.astype(np.int64)],
            "whole",
            pl.lit("."),
            pl.col("rest").cast(pl.String).str.zfill(5),
        )
        .str.strip_chars_end("0")
        .str.strip_chars_end(".")
    ).to_series()
    return text.set(pl.Series(lines.gaps.ravel()), None)


def _code(indicator: int, variant: int) -> str:
    return f"XX.MADE.{variant:04d}.{indicator}" if variant else _INDICATORS[indicator][0]


def _name(indicator: int, variant: int) -> str:
    name = _INDICATORS[indicator][1]
    return f"{name}, variant {variant}" if variant else name


def _count(tally: Tally, lines: _Lines, told: int | None = None) -> None:
    """Add lines to a tally; of the API's answer only the first `told` values, each line's years backwards."""
    shape = lines.values.shape
    frame = pl.DataFrame(
        {
            "indicator": np.repeat(lines.indicator, shape[1]),
            "variant": np.repeat(lines.variant, shape[1]),
            "year": np.tile(np.asarray(YEARS, dtype=np.int64)[::-1], shape[0]),
            "value": lines.values[:, ::-1].ravel(),
            "gap": lines.gaps[:, ::-1].ravel(),
        }
    ).head(told if told is not None else shape[0] * shape[1])
    known = frame.filter(~pl.col("gap"))
    sums = known.group_by("indicator", "variant", "year").agg(pl.col("value").sum(), pl.len())
    for indicator, variant, year, value, count in sums.sort("variant", "indicator", "year").iter_rows():
        tally.add((_code(indicator, variant), str(year)), value, count=count)
    tally.quirks["gap"] += frame.height - known.height
    tally.quirks["negative"] += known.filter(pl.col("value") < 0).height
    tally.quirks["nought"] += known.filter(pl.col("value") == 0).height
    tally.quirks["noise"] += known.filter(pl.col("value") % _NOISE != 0).height


def _side_by_side(wish: Wdi, out: BinaryIO, tally: Tally) -> None:
    # The download begins with a mark of byte order, and each of its lines ends with a comma.
    download = wish.style == "download"
    end = ",\n" if download else "\n"
    if download:
        banner = f'"Data Source","World Development Indicators",\n\n"Last Updated Date","{UPDATED}",\n\n'
        out.write(b"\xef\xbb\xbf" + banner.encode())
    header = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *map(str, YEARS)]
    out.write((",".join(f'"{name}"' for name in header) + end).encode())
    for lines in _batches(wish, wish.rows):
        values = _texts(lines).fill_null("").reshape(lines.values.shape)
        for place, indicator, variant, told in zip(
            lines.place.tolist(),
            lines.indicator.tolist(),
            lines.variant.tolist(),
            values.arr.join('","').to_list(),
            strict=True,
        ):
            code, _, name = _where()[place]
            head = f'"{name}","{code}","{_name(indicator, variant)}","{_code(indicator, variant)}"'
            out.write(f'{head},"{told}"{end}'.encode())
        tally.rows += len(lines.place)
        _count(tally, lines)


def _api(wish: Wdi, out: BinaryIO, tally: Tally) -> None:
    meta: dict[str, int | str] = {"page": 1, "pages": 1, "per_page": wish.rows, "total": wish.rows}
    meta |= {"sourceid": "2", "lastupdated": UPDATED}
    out.write(f"[{json.dumps(meta)},[".encode())
    for lines in _batches(wish, -(-wish.rows // len(YEARS))):
        shape = lines.values.shape
        texts = _texts(lines).fill_null("null").to_list()
        told = min(wish.rows - tally.rows, shape[0] * shape[1])
        for n in range(-(-told // shape[1])):
            code, alpha2, name = _where()[lines.place[n]]
            key = int(lines.indicator[n]), int(lines.variant[n])
            indicator = json.dumps({"id": _code(*key), "value": _name(*key)})
            country = json.dumps({"id": alpha2, "value": name}, ensure_ascii=False)
            head = f'{{"indicator":{indicator},"country":{country},"countryiso3code":"{code}"'
            own = texts[n * shape[1] : (n + 1) * shape[1]][::-1][: told - n * shape[1]]
            items = ",".join(
                f'{head},"date":"{year}","value":{value},"unit":"","obs_status":"","decimal":0}}'
                for year, value in zip(reversed(YEARS), own, strict=False)
            )
            out.write((("," if tally.rows + n else "") + items).encode())
        tally.rows += told
        _count(tally, lines, told)
    out.write(b"]]")
