"""ForeignAssistance.gov: what the United States gave, to whom, by fiscal year and stage.

Publisher
    United States Department of State (until 2025 with USAID), ForeignAssistance.gov.
What a row means
    Dollars at one stage in one fiscal year: of one transaction in the complete file; summed by recipient,
    sector, account or agency in the summaries, which repeat the complete file's money: never add the two.
Known traps
    Obligations, disbursements, appropriations and requests are stages of the same money. Constant dollars
    have one base year for obligations and disbursements and another for budgets, and neither is stated. Codes
    of regions look like ISO 3166-1, and six former states have none at all (`ayni.sources.us_names`). The
    quarter of July to September 1976 is a year of its own. Negative amounts are de-obligations. The last two
    or three years are incomplete in every release. Headers change from one release to the next
    (`ayni.sources.foreign_assistance_columns`).
How to get a new copy
    https://foreignassistance.gov/data, "Download"; each release replaces all years.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl

from ayni.ledger.regions import US_REGION_CODES
from ayni.sources import us_names
from ayni.sources.contract import FLOW_ROWS, Recognised, Rows, Sample, Source
from ayni.sources.distinct import (
    BETWEEN,
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
from ayni.sources.foreign_assistance_columns import Printed, printed
from ayni.sources.readings import read_date
from ayni.sources.us_years import FISCAL, TRANSITION, quick_year, years

# Kinds of transaction: number, printed name, stage.
_KINDS = (
    ("2", "Obligations", "obligated"),
    ("3", "Disbursements", "disbursed"),
    ("1", "Appropriated and Planned", "appropriated"),
    ("18", "President's Budget Requests", "requested"),
    ("19", "Initial Allocations", "allocated"),
)
_BY_NUMBER = {number: stage for number, _, stage in _KINDS}
# By name as `us_names.key_of` writes it, singular forms too: other copies and releases have them.
_BY_NAME = {us_names.key_of(name): stage for _, name, stage in _KINDS} | {
    "obligation": "obligated",
    "disbursement": "disbursed",
    "appropriated": "appropriated",
    "planned": "appropriated",
    "requested": "requested",
    "presidents-budget-request": "requested",
    "initial-allocation": "allocated",
}
# The complete file has the first two alone; each more would cost it a tenth of its time.
_QUICK_KINDS = 2
_ISO3_LENGTH = 3
# Columns that a program with gaps to fill would keep as floats.
_WHOLE = (
    *(
        "fiscal_year",
        "current_amount",
        "constant_amount",
        "transaction_type_id",
        "international_purpose_code",
    ),
    *("international_sector_code", "us_sector_id", "us_category_id", "aid_type_id", "activity_id"),
)


def recognise(sample: Sample) -> Recognised | None:
    """Return which of ForeignAssistance.gov's files this is; None if it is none."""
    if sample.kind not in ("delimited", "parquet", "workbook"):
        return None
    for header in sample.headers:
        known = printed(header)
        if known:
            plan = _plan(known)
            return Recognised(
                dataset=known.file.dataset,
                title=known.file.title,
                verified=known.file.verified,
                header=header,
                untouched=_untouched(known, plan),
                table=partial(table, plan=plan),
                caution=("two-base-years", "recent-years-incomplete"),
            )
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a file's columns become rows, worked out once: a large file comes in thousands of blocks.

    Attributes
    ----------
    quick : tuple of Expr
        The flow's columns as the publisher prints them; null where a cell is printed otherwise.
    account, agency : str
        The columns that become keys; empty where the file has none.
    schemes : tuple of (str, str)
        What money was for: scheme and column.
    details : tuple of Expr
        What a flow does not carry.
    whole : tuple of str
        Columns of whole numbers.
    rests : tuple of Rest
        How the cells are read that are printed otherwise, gravest fault first.
    """

    quick: tuple[pl.Expr, ...]
    account: str
    agency: str
    schemes: tuple[tuple[str, str], ...]
    details: tuple[pl.Expr, ...]
    whole: tuple[str, ...]
    rests: tuple[Rest, ...]


def table(frame: pl.DataFrame, plan: Plan) -> Rows:
    """Return the rows of a frame of strings.

    Parameters
    ----------
    frame : DataFrame
        The file's columns under their own plain names, and ``line``.
    plan : Plan
        How they become rows.
    """
    clean = unfloated(strings(frame), plan.whole)
    account = keyed(clean, plan.account, us_names.key_of).alias("account")
    agency = keyed(clean, plan.agency, us_names.agency_of).alias("agency")
    quick = typed = clean.select(*plan.quick, account, agency)
    faults: list[Fault] = []
    for rest in plan.rests:
        typed = read_rest(clean, typed, rest, faults)
    if typed is not quick:
        typed = typed.with_columns(_caveats())
    typed = _purposes_of_some(clean, typed, plan).select(*FLOW_ROWS)
    details = clean.select(*plan.details)
    bad = refused(frame, faults)
    if not bad.is_empty():
        kept = pl.col("line").is_in(bad["line"].implode()).not_()
        typed, details = typed.filter(kept), details.filter(kept)
    return Rows(read=frame.height, flows=typed, details=details, refused=bad)


def _plan(known: Printed) -> Plan:
    purpose = known.first("international_purpose_code")
    pairs = (
        ("dac", purpose),
        ("dac-sector", "" if purpose else known.first("international_sector_code")),
        ("us-sector", known.first("us_sector_id")),
        ("us-category", known.first("us_category_id")),
    )
    schemes = tuple((scheme, own) for scheme, own in pairs if own)
    return Plan(
        quick=tuple(expression.alias(name) for name, expression in _quick(known, schemes).items()),
        account=known.first("funding_account_name", "funding_account_id"),
        agency=known.first("managing_agency_name", "managing_agency_acronym", "funding_agency_name"),
        schemes=schemes,
        details=(pl.col("line"), *(pl.col(own).alias(name) for name, own in known.details())),
        whole=tuple(known.columns[name] for name in _WHOLE if name in known.columns),
        rests=tuple(_rests(known)),
    )


def _untouched(known: Printed, plan: Plan) -> tuple[str, ...]:
    """Return the columns that only go to the details, but for long texts, of which few are alike."""
    read = {name for expression in plan.quick for name in expression.meta.root_names()}
    read |= {own for rest in plan.rests for own in rest.own} | {own for _, own in plan.schemes}
    read |= {plan.account, plan.agency, *plan.whole, known.columns.get("activity_description", "")}
    return tuple(own for _, own in known.details() if own not in read)


def _quick(known: Printed, schemes: tuple[tuple[str, str], ...]) -> dict[str, pl.Expr]:
    own = known.columns.get
    constant, date = own("constant_amount"), own("transaction_date")
    recipient = _quick_recipient(own("country_code"), own("country_name"))
    purposes = ";".join(f"{scheme}:{{}}" for scheme, _ in schemes)
    return {
        "provider": pl.lit("USA"),
        "recipient": recipient,
        "year": quick_year(known.columns["fiscal_year"]),
        "until": pl.lit(None, dtype=pl.Int64),
        "year_kind": pl.lit(FISCAL),
        "stage": _quick_stage(own("transaction_type_id"), own("transaction_type_name")),
        "form": _text(own("aid_type_id")),
        "purposes": pl.format(purposes, *(pl.col(code) for _, code in schemes)) if schemes else pl.lit(""),
        "channel": _text(known.first("implementing_partner_name", "implementing_partner_id")),
        "amount": whole_number(known.columns["current_amount"]),
        "currency": pl.lit("USD"),
        "price_base": pl.lit(None, dtype=pl.Int64),
        "status": pl.lit("counted"),
        "caveats": _region(recipient).otherwise(pl.lit("")),
        "note": pl.lit(""),
        "constant": whole_number(constant) if constant else pl.lit(None, dtype=pl.Float64),
        "date": pl.col(date).str.to_date("%d%b%Y", strict=False) if date else pl.lit(None, dtype=pl.Date),
        "activity": _text(own("activity_id")),
        "line": pl.col("line"),
    }


def _text(own: str | None) -> pl.Expr:
    return pl.col(own).fill_null("") if own else pl.lit("")


def _quick_recipient(code: str | None, name: str | None) -> pl.Expr:
    if code is None:
        return pl.lit(None if name else us_names.EVERYBODY, dtype=pl.String)
    regions = sorted(US_REGION_CODES)
    region = pl.col(code).replace_strict(regions, [us_names.REGION + one for one in regions], default=None)
    plain = pl.col(code).str.len_bytes() == _ISO3_LENGTH
    if name:
        plain &= pl.col(name).str.ends_with(" Region").not_().fill_null(value=True)
    return pl.coalesce(region, pl.when(plain).then(pl.col(code)))


def _quick_stage(number: str | None, name: str | None) -> pl.Expr:
    chain: Any = pl
    for printed_number, printed_name, stage in _KINDS[:_QUICK_KINDS]:
        same = [pl.col(number) == printed_number] if number else []
        same += [pl.col(name) == printed_name] if name else []
        chain = chain.when(*same).then(pl.lit(stage))
    expression: pl.Expr = chain.otherwise(pl.lit(None, dtype=pl.String))
    return expression


def _purposes_of_some(frame: pl.DataFrame, typed: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the rows with purposes where a code is missing, too: those codes that are there."""
    lacking = typed["purposes"].is_null()
    if not lacking.any():
        return typed
    parts = (
        pl.when(pl.col(own) != "").then(pl.concat_str(pl.lit(f"{scheme}:"), pl.col(own)))
        for scheme, own in plan.schemes
    )
    rest = frame.filter(lacking).select(pl.concat_str(*parts, separator=";", ignore_nulls=True)).to_series()
    return typed.with_columns(typed["purposes"].scatter(lacking.arg_true(), rest))


def _region(recipient: pl.Expr) -> Any:  # noqa: ANN401 - polars names no type for an open chain
    # Money for a region may be for any country in it (`ayni.ledger.regions`).
    chain = pl.when(recipient == us_names.EVERYBODY).then(pl.lit("all-recipients"))
    return chain.when(recipient.str.starts_with(us_names.REGION)).then(pl.lit("recipient-is-region"))


def _caveats() -> pl.Expr:
    """Return the caveats of each row, joined by semicolons."""
    quarter = pl.when(pl.col("year_kind") == TRANSITION).then(pl.lit("transition-quarter"))
    unclear = pl.when(pl.col("note") != "").then(pl.lit("date-unclear"))
    every = (_region(pl.col("recipient")), quarter, unclear)
    return pl.concat_str(*every, separator=";", ignore_nulls=True).alias("caveats")


def _rests(known: Printed) -> list[Rest]:
    """Return how cells are read that are not as the publisher prints them, gravest fault first."""
    own = known.columns.get
    stage = tuple(filter(None, (own("transaction_type_id"), own("transaction_type_name"))))
    recipient = tuple(filter(None, (own("country_code"), own("country_name"))))
    rests = [
        amounts("amount", known.columns["current_amount"]),
        years(known.columns["fiscal_year"]),
        Rest(into="stage", own=stage, read=partial(_read_stage, known=known), expected=_stages_expected()),
    ]
    if recipient:
        read = partial(_read_recipient, coded=own("country_code") is not None)
        rests.append(Rest(into="recipient", own=recipient, read=read, expected="PER"))
    if own("constant_amount"):
        rests.append(amounts("constant", known.columns["constant_amount"], optional=True))
    if own("transaction_date"):
        date = known.columns["transaction_date"]
        rests.append(Rest(into="date", own=(date,), read=_read_date, expected="01SEP2024", optional=True))
    return rests


def _stages_expected() -> str:
    return ", ".join(f"{number} {name}" for number, name, _ in _KINDS)


def _read_stage(text: str, known: Printed) -> Read:
    """Read number and name of a kind of transaction; if they contradict each other, neither counts."""
    cells = text.split(BETWEEN)
    number = cells[0].strip() if "transaction_type_id" in known.columns else ""
    name = us_names.key_of(cells[-1]) if "transaction_type_name" in known.columns else ""
    named, numbered = _BY_NAME.get(name), _BY_NUMBER.get(number.removesuffix(".0"))
    stage = named or ("" if name else numbered)
    if not stage or (numbered and numbered != stage):
        return Read(values={"stage": None}, code="unknown-stage")
    return Read(values={"stage": stage})


def _read_recipient(text: str, *, coded: bool) -> Read:
    code, _, name = text.partition(BETWEEN) if coded else ("", "", text)
    recipient = us_names.recipient_of(code, name)
    return Read(values={"recipient": recipient or None}, code="" if recipient else "missing-value")


def _read_date(text: str) -> Read:
    # A day that cannot be told costs no money: the row stays, its cell as printed goes to the note.
    day = read_date(text)
    return Read(values={"date": day, "note": "" if day else f"transaction date {text}"})


SOURCE = Source(
    key="foreign-assistance",
    publisher="United States Department of State, ForeignAssistance.gov",
    url="https://foreignassistance.gov/data",
    licence="us-gov-public-domain",
    recognise=recognise,
)
