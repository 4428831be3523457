"""The Greenbook: what the United States obligated, to whom and by which account, from 1946 to 2020.

Publisher
    United States Agency for International Development, "U.S. Overseas Loans and Grants", Greenbook.
What a row means
    Dollars obligated to one recipient in one fiscal year by one funding account: obligations alone.
Known traps
    Recipients are names, some unlike those of ForeignAssistance.gov ("Korea, South"). Accounts called
    INACTIVE hold programmes that have ended, and negative adjustments that offset other rows: only their sum
    is right. The quarter of July to September 1976 is printed ``1976.9``. Constant dollars are those of 2020.
    It ends in 2020; for Peru it differs from ForeignAssistance.gov in 2013, 2015, 2016, 2019 and 2020. Five
    lines and a blank stand before the header.
How to get a new copy
    https://foreignassistance.gov/reports, "Greenbook"; the copy known here is of 9 August 2022.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial

import polars as pl

from ayni.sources import us_names
from ayni.sources.contract import FLOW_ROWS, Header, Recognised, Rows, Sample, Source
from ayni.sources.distinct import (
    Fault,
    Read,
    Rest,
    amounts,
    keyed,
    read_rest,
    refused,
    strings,
    unfloated,
    whole_number,
)
from ayni.sources.us_years import FISCAL, TRANSITION, quick_year, years

# Our name of each column to the plain names under which copies print it.
_COLUMNS = {
    "year": ("fiscal_year",),
    "country": ("country", "country_name"),
    "category": ("assistance_category",),
    "row": ("publication_row",),
    "agency": ("funding_agency", "funding_agency_name"),
    "account": ("funding_account_name", "funding_account"),
    "amount": ("obligations_historical_dollars", "obligations_current_dollars"),
    "constant": ("obligations_constant_dollars",),
}
_REQUIRED = ("year", "country", "category", "account", "amount")
_PREPARED = re.compile(r"[Pp]repared by .*?on ([A-Z][a-z]+ \d{1,2}, \d{4})")
# What a flow carries whole; names that become a key stay among the details as printed.
_CARRIED = ("year", "amount", "constant")


def recognise(sample: Sample) -> Recognised | None:
    """Return that this is the Greenbook, as a workbook or as delimited text; None if it is not."""
    if sample.kind not in ("delimited", "parquet", "workbook"):
        return None
    for header in sample.headers:
        known = _known(header)
        if known:
            return Recognised(
                dataset="greenbook",
                title="U.S. Overseas Loans and Grants (Greenbook)",
                vintage=_vintage(sample),
                verified=True,
                header=header,
                table=partial(table, known=known),
                caution=("obligations-only",),
            )
    return None


def _known(header: Header) -> dict[str, str] | None:
    found = {
        name: next((own for own in printed if own in header.columns), "")
        for name, printed in _COLUMNS.items()
    }
    known = {name: own for name, own in found.items() if own}
    return known if all(name in known for name in _REQUIRED) else None


def _vintage(sample: Sample) -> str:
    """Return the day on which the publisher prepared the copy, as one of the banner lines tells it."""
    banners = [sample.head, *(" ".join(header.printed) for header in sample.headers)]
    told = next((found[1] for found in map(_PREPARED.search, banners) if found), "")
    try:
        return datetime.strptime(told, "%B %d, %Y").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def table(frame: pl.DataFrame, known: dict[str, str]) -> Rows:
    """Return the rows of a frame of strings.

    Parameters
    ----------
    frame : DataFrame
        The file's columns under their own plain names, and ``line``.
    known : dict of str to str
        Our name of each column to the file's own.
    """
    whole = [known[name] for name in _CARRIED if name in known]
    clean = unfloated(strings(frame), whole)
    typed = clean.select(_quick(clean, known))
    faults: list[Fault] = []
    for rest in _rests(known):
        typed = read_rest(clean, typed, rest, faults)
    region = pl.when(pl.col("recipient").str.starts_with(us_names.REGION)).then(pl.lit("recipient-is-region"))
    quarter = pl.when(pl.col("year_kind") == TRANSITION).then(pl.lit("transition-quarter"))
    typed = typed.with_columns(caveats=pl.concat_str(region, quarter, separator=";", ignore_nulls=True))
    details = clean.drop(whole)
    bad = refused(frame, faults)
    kept = pl.col("line").is_in(bad["line"].implode()).not_()
    return Rows(read=frame.height, flows=typed.filter(kept), details=details.filter(kept), refused=bad)


def _quick(frame: pl.DataFrame, known: dict[str, str]) -> list[pl.Expr]:
    own = known.get
    row = own("row")
    category = pl.concat_str(pl.lit("us-category:"), keyed(frame, known["category"], us_names.key_of))
    constant = own("constant")
    columns = {
        "provider": pl.lit("USA"),
        "recipient": pl.lit(None, dtype=pl.String),
        "year": quick_year(known["year"]),
        "until": pl.lit(None, dtype=pl.Int64),
        "year_kind": pl.lit(FISCAL),
        "stage": pl.lit("obligated"),
        "form": pl.lit(""),
        "purposes": pl.concat_str(category, pl.lit(";greenbook-row:"), keyed(frame, row, us_names.key_of))
        if row
        else category,
        "account": keyed(frame, known["account"], us_names.key_of),
        "agency": keyed(frame, own("agency", ""), us_names.agency_of),
        "channel": pl.lit(""),
        "amount": whole_number(known["amount"]),
        "currency": pl.lit("USD"),
        "price_base": pl.lit(None, dtype=pl.Int64),
        "status": pl.lit("counted"),
        "caveats": pl.lit(""),
        "note": pl.lit(""),
        "constant": whole_number(constant) if constant else pl.lit(None, dtype=pl.Float64),
        "date": pl.lit(None, dtype=pl.Date),
        "activity": pl.lit(""),
        "line": pl.col("line"),
    }
    return [columns[name].alias(name) for name in FLOW_ROWS]


def _rests(known: dict[str, str]) -> list[Rest]:
    rests = [
        amounts("amount", known["amount"]),
        years(known["year"]),
        Rest(into="recipient", own=(known["country"],), read=_read_recipient, expected="Peru"),
    ]
    if "constant" in known:
        rests.append(amounts("constant", known["constant"], optional=True))
    return rests


def _read_recipient(text: str) -> Read:
    recipient = us_names.recipient_named(text)
    return Read(values={"recipient": recipient or None}, code="" if recipient else "missing-value")


GREENBOOK = Source(
    key="greenbook",
    publisher="United States Agency for International Development, Greenbook",
    url="https://foreignassistance.gov/reports",
    licence="us-gov-public-domain",
    recognise=recognise,
)
