"""The OECD's tables of totals: DAC1 (by donor) and DAC2a (by donor and recipient), as bulk text files.

Both pair each code with its name. Headline aid is net flows (aid type 1010, flow 1140) up to 2017 and grant
equivalent (11010, 1160) from 2018; loans being repaid make some net flows negative; rows for groups of
donors repeat what their members have; amounts come in current and in constant prices, told by a letter.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tests.made.draw import Ints, below
from tests.made.oecd_lists import DONORS, RECIPIENTS, Party
from tests.made.truth import Made, Tally, Truth, in_memory

GROUP = Party(code=20001, iso3="", name="DAC Countries, Total", weight=1)
_LAST_MEMBER = 742  # codes up to it are countries; above are multilaterals
_BASE = 2023
_FIRST_GRANT_EQUIVALENT = 2018
# code and name of each kind of amount; N is printed in DAC1 alone.
_CURRENT = ("A", "Current Prices (USD millions)")
_CONSTANT = ("D", f"Constant Prices ({_BASE} USD millions)")
_HUNDREDTHS = 100
_FIRST_YEAR, _LAST_YEAR = 1960, 2024


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A table to make.

    Attributes
    ----------
    rows : int
        At most: the table ends where its years, 1960 to 2024, do.
    seed : int
    first_year : int
        Where it begins; earlier years follow after 2024.
    """

    rows: int
    seed: int = 1
    first_year: int = 2008


def dac1_csv(wish: Totals) -> Made:
    """Return table DAC1."""
    return in_memory(write_dac1, wish)


def dac2a_csv(wish: Totals) -> Made:
    """Return table DAC2a."""
    return in_memory(write_dac2a, wish)


def write_dac1(wish: Totals, out: BinaryIO) -> Truth:
    """Write table DAC1 and return what it holds, in hundredths of a million dollars."""
    header = ["DONOR", "Donor", "PART", "Part", "AIDTYPE", "Aid type", "FLOWS", "Fund flows"]
    header += ["AMOUNTTYPE", "Amount type", "TIME", "Year", "Value", "Flags"]
    return _write(wish, out, "oecd-dac1", header, _dac1(wish))


def write_dac2a(wish: Totals, out: BinaryIO) -> Truth:
    """Write table DAC2a and return what it holds, in hundredths of a million dollars."""
    header = ["RECIPIENT", "Recipient", "DONOR", "Donor", "PART", "Part", "AIDTYPE", "Aid type"]
    header += ["DATATYPE", "Amount type", "TIME", "Year", "Value", "Flags"]
    return _write(wish, out, "oecd-dac2a", header, _dac2a(wish))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A row before it is written: a value with what it is of."""

    cells: tuple[str | int, ...]
    stage: str
    year: int
    recipient: str
    donor: str
    value: int
    amount: tuple[str, str]


def _write(wish: Totals, out: BinaryIO, kind: str, header: list[str], rows: Iterator[_Cell]) -> Truth:
    tally = Tally()
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(header)
    for row in rows:
        if tally.rows == wish.rows:
            break
        value = _decimal(row.value)
        lines.writerow([*row.cells, *row.amount, row.year, row.year, value, ""])
        tally.rows += 1
        tally.add((row.stage, str(row.year), row.recipient, row.donor, row.amount[0]), row.value)
        tally.quirks["negative"] += row.value < 0
        tally.quirks["group-of-donors"] += row.donor == str(GROUP.code)
        tally.quirks["grant-equivalent"] += row.stage == "grant-equivalent"
    text.detach()
    keys = ("stage", "year", "recipient", "donor", "amount-type")
    return tally.told(kind, keys, "USD 10000", {"base": str(_BASE)})


def _decimal(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    whole, rest = divmod(abs(hundredths), _HUNDREDTHS)
    return f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".")


def _years(wish: Totals) -> Iterator[int]:
    yield from range(wish.first_year, _LAST_YEAR + 1)
    yield from range(_FIRST_YEAR, wish.first_year)


def _constant(value: int, year: int) -> int:
    prices = 1_000 + 22 * (_BASE - year)
    scaled = abs(value) * prices // 1_000
    return -scaled if value < 0 else scaled


def _drawn(seed: int, field: str, year: int, count: int) -> list[int]:
    index: Ints = np.arange(count, dtype=np.int64) + 10_000 * year
    return [int(one) for one in below(seed, field, index, 500_000)]


_AID_1 = (
    ("net", (1010, "I. Official Development Assistance (ODA) (I.A + I.B)"), (1140, "Net Disbursements")),
    (
        "net",
        (1015, "I.A. Bilateral Official Development Assistance by types of aid"),
        (1140, "Net Disbursements"),
    ),
    ("net", (2000, "I.B. Multilateral Official Development Assistance"), (1140, "Net Disbursements")),
    (
        "grant-equivalent",
        (11010, "I. Official Development Assistance, grant equivalent measure"),
        (1160, "Grant equivalents"),
    ),
)


def _dac1(wish: Totals) -> Iterator[_Cell]:
    for year in _years(wish):
        equivalent = year >= _FIRST_GRANT_EQUIVALENT
        for stage, aid, flow in _AID_1:
            if stage == "grant-equivalent" and not equivalent:
                continue
            values = _drawn(wish.seed, f"dac1 {aid[0]}", year, len(DONORS))
            members = 0
            for donor, value in [*zip(DONORS, values, strict=True), (GROUP, -1)]:
                amount = members if donor is GROUP else value - 2_000
                members += amount if donor.code <= _LAST_MEMBER else 0
                for kind in (_CURRENT, _CONSTANT):
                    told = amount if kind == _CURRENT else _constant(amount, year)
                    cells = (donor.code, donor.name, 1, "1 : Part I - Developing Countries", *aid, *flow)
                    yield _Cell(
                        cells=cells,
                        stage=stage,
                        year=year,
                        recipient="",
                        donor=str(donor.code),
                        value=told,
                        amount=kind,
                    )


_AID_2A = (
    ("net", 206, "ODA: Total Net"),
    ("disbursed", 240, "ODA: Total Gross"),
    ("repaid", 205, "Loans repayments"),
)


def _dac2a(wish: Totals) -> Iterator[_Cell]:
    for year in _years(wish):
        gross_of = _drawn(wish.seed, "dac2a", year, len(DONORS) * len(RECIPIENTS))
        repaid_of = _drawn(wish.seed, "dac2a repaid", year, len(DONORS) * len(RECIPIENTS))
        for n, recipient in enumerate(RECIPIENTS):
            members = dict.fromkeys(_AID_2A, 0)
            for m, donor in enumerate([*DONORS, GROUP]):
                at = n * len(DONORS) + min(m, len(DONORS) - 1)
                # A fifth of all pairs repay loans, some more than they get: net flows below nought.
                gross, repaid = gross_of[at] // 100, repaid_of[at] // 60 if at % 5 == 0 else 0
                for aid in _AID_2A:
                    amount = {"net": gross - repaid, "disbursed": gross, "repaid": -repaid}[aid[0]]
                    amount = members[aid] if donor is GROUP else amount
                    members[aid] += amount if donor.code <= _LAST_MEMBER else 0
                    for kind in (_CURRENT, _CONSTANT):
                        yield _Cell(
                            cells=(
                                *(recipient.code, recipient.name, donor.code, donor.name),
                                *(1, "1 : Part I - Developing Countries", aid[1], aid[2]),
                            ),
                            stage=aid[0],
                            year=year,
                            recipient=str(recipient.code),
                            donor=str(donor.code),
                            value=amount if kind == _CURRENT else _constant(amount, year),
                            amount=kind,
                        )
