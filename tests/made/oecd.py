"""Files of the OECD's Creditor Reporting System: aid activity by activity, as text or Parquet.

>>> from tests.made.oecd import Crs, crs_text
>>> made = crs_text(Crs(rows=200, separator="|"))

Columns come in three fashions: ``old`` (the .Stat names of text releases), ``year`` (the files of one year
since 2024, with more columns) and ``snake`` (the one Parquet file). Amounts are millions of US dollars; the
truth counts whole dollars, so that sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from tests.made.draw import Ints, amounts, below, chance, weighted
from tests.made.oecd_lists import COLUMNS, DONORS, MARKERS, RECIPIENTS, defl_of, printed_columns
from tests.made.purposes import purposes
from tests.made.truth import Made, Tally, Truth, in_memory
from tests.made.words import sentences, titles

CHUNK = 50_000
FASHIONS = ("old", "year", "snake")
SEPARATORS = {",": "comma", "|": "pipe", "\t": "tab", ";": "semicolon"}
# Flow, its name, category, type of finance, bilateral or multilateral, and how often.
_FLOWS = (
    (11, "ODA Grants", 10, 110, 1, 80),
    (13, "ODA Loans", 10, 421, 1, 12),
    (14, "Other Official Flows (non Export Credit)", 21, 421, 1, 4),
    (19, "Equity Investment", 10, 510, 1, 2),
    (30, "Private Development Finance", 30, 110, 1, 2),
)
_LOAN = 1
# Prices of the donor's dollar by calendar year, 2023 = 1,000: made up, close to a GDP deflator.
_PRICES = {year: 1_000 - 22 * (2023 - year) for year in range(2000, 2025)}
_GRANT_EQUIVALENT_SINCE = 2018
_NOTHING = np.iinfo(np.int64).min  # stands for an empty cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Crs:
    """A file to make.

    Attributes
    ----------
    rows : int
    seed : int
    years : tuple of int
        First and last.
    fashion : str
        One of `FASHIONS`.
    separator : str
        One of `SEPARATORS`, for text.
    line_end : str
        For text.
    """

    rows: int
    seed: int = 1
    years: tuple[int, int] = (2006, 2023)
    fashion: str = "old"
    separator: str = ","
    line_end: str = "\n"


def crs_text(wish: Crs) -> Made:
    """Return a text file."""
    return in_memory(write_crs_text, wish)


def crs_parquet(wish: Crs) -> Made:
    """Return a Parquet file."""
    return in_memory(write_crs_parquet, wish)


def write_crs_text(wish: Crs, out: BinaryIO) -> Truth:
    """Write a text file and return what it holds."""
    if wish.separator not in SEPARATORS:
        raise ValueError(f"separator {wish.separator!r}: expected one of {list(SEPARATORS)}")
    names = printed_columns(wish.fashion)
    out.write((wish.separator.join(names.values()) + wish.line_end).encode())
    tally = Tally()
    for numbers, words in _chunks(wish, tally):
        frame = words.with_columns(_millions(name, dollars) for name, dollars in numbers.items())
        frame.select(list(names)).write_csv(
            out,
            include_header=False,
            separator=wish.separator,
            line_terminator=wish.line_end,
            quote_style="necessary",
        )
    return _told(wish, tally, SEPARATORS[wish.separator])


def write_crs_parquet(wish: Crs, out: BinaryIO) -> Truth:
    """Write a Parquet file, held in memory until it is whole, and return what it holds."""
    names = printed_columns(wish.fashion)
    tally = Tally()
    frames = []
    for numbers, words in _chunks(wish, tally):
        told = {
            name: pl.Series(np.where(dollars == _NOTHING, np.nan, dollars / 1_000_000)).fill_nan(None)
            for name, dollars in numbers.items()
        }
        whole = [name for name, kind in COLUMNS.items() if kind == "int" and name in names]
        frame = words.with_columns(**told).with_columns(pl.col(whole).cast(pl.Int64))
        frames.append(frame.select(list(names)).rename(names))
    pl.concat(frames).write_parquet(out, compression="zstd", statistics=False)
    return _told(wish, tally, "parquet")


def _told(wish: Crs, tally: Tally, form: str) -> Truth:
    facts = {"fashion": wish.fashion, "form": form, "base": "2023"}
    return tally.told("oecd-crs", ("stage", "year", "recipient", "donor"), "USD", facts)


def _chunks(wish: Crs, tally: Tally) -> Iterator[tuple[dict[str, Ints], pl.DataFrame]]:
    if wish.fashion not in FASHIONS:
        raise ValueError(f"fashion {wish.fashion!r}: expected one of {', '.join(FASHIONS)}")
    for start in range(0, wish.rows, CHUNK):
        row = np.arange(start, min(wish.rows, start + CHUNK), dtype=np.int64)
        first, last = wish.years
        # In order of the year, then by donor at random: as in the bulk file.
        year = first + row * (last - first + 1) // wish.rows
        flow = weighted(wish.seed, "flow", row, [one[-1] for one in _FLOWS])
        donor = weighted(wish.seed, "donor", row, [one.weight for one in DONORS])
        recipient = weighted(wish.seed, "recipient", row, [one.weight for one in RECIPIENTS])
        numbers = _numbers(wish.seed, row, year, flow)
        _count(tally, numbers, year, donor, recipient)
        yield numbers, _words(wish.seed, row, year, flow, donor, recipient)


# --- amounts -------------------------------------------------------------------------------------


def _numbers(seed: int, row: Ints, year: Ints, flow: Ints) -> dict[str, Ints]:
    """Return the columns of money in whole dollars."""
    amount = amounts(seed, "crs", row) * (1 + 9 * (flow == _LOAN))
    commitment = np.where(chance(seed, "no commitment", row, 350_000), _NOTHING, amount * 2)
    negative = chance(seed, "negative", row, 15_000)
    disbursement = np.where(negative, -amount, amount)
    disbursement = np.where(chance(seed, "no disbursement", row, 100_000), _NOTHING, disbursement)
    repaid = chance(seed, "repaid", row, 400_000) & (flow == _LOAN)
    received = np.where(repaid, amount // 3, _NOTHING)
    equivalent = np.where(flow == _LOAN, disbursement // 2, disbursement)
    equivalent = np.where((year < _GRANT_EQUIVALENT_SINCE) | (disbursement == _NOTHING), _NOTHING, equivalent)
    own = {
        "usd_commitment": commitment,
        "usd_disbursement": disbursement,
        "usd_received": received,
        "usd_grant_equiv": equivalent,
        "commitment_national": commitment,
        "disbursement_national": disbursement,
        "usd_amount_untied": np.where(commitment == _NOTHING, _NOTHING, commitment),
        "usd_interest": np.where(repaid, amount // 40, _NOTHING),
    }
    return own | {
        deflated: _deflated(own[name], year)
        for name, deflated in ((name, defl_of(name)) for name in own)
        if deflated
    }


def _deflated(dollars: Ints, year: Ints) -> Ints:
    prices = np.asarray([_PRICES.get(y, 1_000) for y in range(2000, 2030)], dtype=np.int64)[year - 2000]
    whole = np.abs(np.where(dollars == _NOTHING, 0, dollars)) * 1_000 // prices
    return np.where(dollars == _NOTHING, _NOTHING, np.where(dollars < 0, -whole, whole))


def _millions(name: str, dollars: Ints) -> pl.Series:
    """Return dollars as millions in decimal text, exactly; nothing as an empty cell."""
    size = np.abs(np.where(dollars == _NOTHING, 0, dollars))
    frame = pl.DataFrame({"whole": size // 1_000_000, "rest": size % 1_000_000})
    text = frame.select(
        pl.concat_str(
            pl.Series(np.where(dollars < 0, "-", "")),
            "whole",
            pl.lit("."),
            pl.col("rest").cast(pl.String).str.zfill(6),
        )
        .str.strip_chars_end("0")
        .str.strip_chars_end(".")
        .alias(name)
    ).to_series()
    return text.set(pl.Series(dollars == _NOTHING), None)


_STAGES = {
    "usd_commitment": "committed",
    "usd_disbursement": "disbursed",
    "usd_received": "repaid",
    "usd_grant_equiv": "grant-equivalent",
    "usd_interest": "interest",
}


def _count(tally: Tally, numbers: dict[str, Ints], year: Ints, donor: Ints, recipient: Ints) -> None:
    tally.rows += year.size
    for name, stage in _STAGES.items():
        deflated = numbers.get(f"{name}_defl", numbers[name])
        frame = pl.DataFrame(
            {"year": year, "to": recipient, "by": donor, "usd": numbers[name], "constant": deflated}
        ).filter(pl.col("usd") != _NOTHING)
        sums = frame.group_by("year", "to", "by").agg(pl.col("usd").sum(), pl.col("constant").sum(), pl.len())
        for y, to, by, usd, constant, count in sums.sort("year", "to", "by").iter_rows():
            key = (stage, str(y), str(RECIPIENTS[to].code), str(DONORS[by].code))
            tally.add(key, usd, constant if f"{name}_defl" in numbers else None, count=count)
        tally.quirks["negative"] += frame.filter(pl.col("usd") < 0).height
    tally.quirks["no-commitment"] += int((numbers["usd_commitment"] == _NOTHING).sum())
    regional = np.asarray([not one.iso3 for one in RECIPIENTS])
    tally.quirks["regional"] += int(regional[recipient].sum())


# --- everything else -----------------------------------------------------------------------------


def _words(seed: int, row: Ints, year: Ints, flow: Ints, donor: Ints, recipient: Ints) -> pl.DataFrame:
    """Return every column that is no money, as text; unknown ones are empty."""
    purpose = below(seed, "purpose", row, len(purposes()))
    short = below(seed, "short", row, len(titles()))
    long = below(seed, "long", row, len(sentences()))
    year_text = pl.Series(year).cast(pl.String)

    def pick(texts: list[str], at: Ints) -> pl.Series:
        return pl.Series(texts)[at]

    given = {
        "year": year_text,
        "donor_code": pick([str(one.code) for one in DONORS], donor),
        "de_donorcode": pick([one.iso3 for one in DONORS], donor),
        "donor_name": pick([one.name for one in DONORS], donor),
        "agency_code": pl.Series(1 + below(seed, "agency", row, 8)).cast(pl.String),
        "agency_name": pick([f"{one.name} - agency" for one in DONORS], donor),
        "crs_id": pl.select(pl.concat_str(year_text, pl.Series(900_000 + row // 3))).to_series(),
        "project_number": pl.Series(row // 3).cast(pl.String),
        "initial_report": pl.Series(1 + below(seed, "initial", row, 3)).cast(pl.String),
        "recipient_code": pick([str(one.code) for one in RECIPIENTS], recipient),
        "de_recipientcode": pick([one.iso3 for one in RECIPIENTS], recipient),
        "recipient_name": pick([one.name for one in RECIPIENTS], recipient),
        "region_code": pick([one.region[0] for one in RECIPIENTS], recipient),
        "region_name": pick([one.region[1] for one in RECIPIENTS], recipient),
        "flow_code": pick([str(one[0]) for one in _FLOWS], flow),
        "flow_name": pick([one[1] for one in _FLOWS], flow),
        "category": pick([str(one[2]) for one in _FLOWS], flow),
        "finance_t": pick([str(one[3]) for one in _FLOWS], flow),
        "bi_multi": pick([str(one[4]) for one in _FLOWS], flow),
        "aid_t": pick(["C01", "D02", "B01", "G01"], below(seed, "aid", row, 4)),
        "purpose_code": pick([one.code for one in purposes()], purpose),
        "purpose_name": pick([one.name for one in purposes()], purpose),
        "sector_code": pick([one.sector for one in purposes()], purpose),
        "sector_name": pick([one.sector_name for one in purposes()], purpose),
        "channel_code": pick(["11000", "21000", "41122", "51000"], below(seed, "channel", row, 4)),
        "channel_name": pick(
            ["Donor Government", "International NGO", "United Nations Children's Fund", "University"],
            below(seed, "channel", row, 4),
        ),
        "project_title": pick(list(titles()), short),
        "short_description": pick([one.upper() for one in titles()], short),
        "long_description": pick(list(sentences()), long),
        "currency_code": pick(["302", "918", "701", "12"], donor % 4),
        "expected_start_date": pl.select(pl.concat_str(year_text, pl.lit("-01-01"))).to_series(),
    }
    given |= {name: pl.Series(below(seed, name, row, 3)).cast(pl.String) for name in MARKERS}
    frame = pl.DataFrame(given)
    empty = [pl.lit(None, pl.String).alias(name) for name in COLUMNS if name not in given]
    return frame.with_columns(empty)
