"""The Creditor Reporting System: aid activity by activity, as the OECD gives it in bulk.

Publisher
    OECD Development Assistance Committee.
What a row means
    One activity of one provider in one recipient and calendar year, with all its amounts side by side in
    millions of US dollars, at the prices of the year and (``_defl``) at those of the release's base year.
    Each amount that is printed and is not zero becomes a flow of its own stage.
Known traps
    Column names change from release to release; they are matched without case and underscores. The base year
    of ``_defl`` moves every year. Regional recipients have codes of their own. ``usd_received`` is what came
    back, printed as a positive number, and stays so: its stage says what it is. Text files use four different
    delimiters, and long descriptions hold line ends.
How to get a new copy
    The bulk download of the CRS on the OECD's data explorer; the zip may be compressed by Deflate64.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from ayni.sources import oecd
from ayni.sources.contract import Recognised, Rows, Sample, Source, refused_rows
from ayni.sources.distinct import Fault, refused
from ayni.sources.oecd_codes import parties
from ayni.sources.series import A_NUMBER, A_YEAR, flows, together, year

_NEEDED = frozenset(("year", "donorcode", "recipientcode", "purposecode", "usdcommitment", "usddisbursement"))
# Stage, and the columns of its current and constant amount.
_AMOUNTS = (
    ("committed", "usdcommitment", "usdcommitmentdefl"),
    ("disbursed", "usddisbursement", "usddisbursementdefl"),
    ("repaid", "usdreceived", "usdreceiveddefl"),
    ("grant-equivalent", "usdgrantequiv", ""),
    ("interest", "usdinterest", ""),
)
# Families of the code list of types of finance.
_LOANS, _GRANTS, _EQUITY = ("4",), ("1", "2"), ("5",)
# The amounts stay in the details as well: a printed zero, or a constant amount alone, gives no flow.
_CARRIED = ("year", "purposecode", "sectorcode", "channelcode", "crsid")


def recognise(sample: Sample) -> Recognised | None:
    """Return that this is the bulk file of the CRS; None if it is not."""
    found = oecd.header_with(sample, _NEEDED)
    if found is None:
        return None
    header, columns = found
    return Recognised(
        dataset="oecd-crs",
        title="Creditor Reporting System, bulk",
        verified=False,
        header=header,
        nulls=("NULL", "NA", "nan"),
        table=partial(table, columns=columns),
        caution=("oecd-base-year-moves",),
    )


def table(frame: pl.DataFrame, columns: dict[str, str]) -> Rows:
    """Return the rows of a frame whose columns have the names that `columns` gives."""
    faults: list[Fault] = []
    own = columns.get
    typed = frame.with_columns(
        year(oecd.code(columns["year"])).alias("_year"),
        *(oecd.millions(columns[name]).alias(f"_{name}") for name in _printed(columns)),
        parties(frame, columns["donorcode"], own("dedonorcode", ""), faults).alias("_provider"),
        parties(frame, columns["recipientcode"], own("derecipientcode", ""), faults).alias("_recipient"),
    )
    bad = together([*_faults(typed, columns), refused(frame, faults)])
    kept = typed if bad is None else typed.filter(pl.col("line").is_in(bad["line"].implode()).not_())
    parts = [_flows(kept, columns, *one) for one in _AMOUNTS if one[1] in columns]
    some = [part for part in parts if not part.is_empty()]
    details = [pl.col("line"), *(pl.col(own) for name, own in columns.items() if name not in _CARRIED)]
    return Rows(
        read=frame.height,
        flows=pl.concat(some).sort("line", maintain_order=True) if some else None,
        details=kept.select(details),
        refused=bad,
    )


def _printed(columns: dict[str, str]) -> list[str]:
    return [name for _, *names in _AMOUNTS for name in names if name in columns]


def _faults(typed: pl.DataFrame, columns: dict[str, str]) -> list[pl.DataFrame]:
    faults = [_told(typed, pl.col("_year").is_null(), "not-a-year", columns["year"], A_YEAR)]
    for name in _printed(columns):
        own = columns[name]
        wrong = pl.col(f"_{name}").is_null() & (oecd.text(own) != "")
        faults.append(_told(typed, wrong, "not-a-number", own, A_NUMBER))
    return faults


def _told(typed: pl.DataFrame, wrong: pl.Expr, code: str, column: str, expected: str) -> pl.DataFrame:
    shown = typed.filter(wrong).select(pl.exclude("^_.*$"))
    return refused_rows(shown, code, column=column, expected=expected)


def _flows(kept: pl.DataFrame, columns: dict[str, str], stage: str, now: str, then: str) -> pl.DataFrame:
    """Return the flows of one stage: the rows that print an amount of it."""
    own = columns.get
    rows = kept.filter((pl.col(f"_{now}") != 0).fill_null(value=False))
    return flows(
        rows,
        {
            "provider": pl.col("_provider"),
            "recipient": pl.col("_recipient"),
            "year": pl.col("_year"),
            "stage": pl.lit(stage),
            "form": _form(own("financet"), own("flowname")),
            "purposes": _purposes(own("purposecode"), own("sectorcode")),
            "agency": _prefixed("dac-agency", (oecd.code(own("donorcode")), oecd.code(own("agencycode")))),
            "channel": _prefixed("dac-channel", (oecd.code(own("channelcode")),)),
            "amount": pl.col(f"_{now}"),
            "constant": pl.col(f"_{then}") if then in columns else pl.lit(None),
            "caveats": oecd.whose("_provider", "_recipient").fill_null(""),
            "activity": oecd.text(own("crsid")),
        },
    )


def _form(finance: str | None, flow: str | None) -> pl.Expr:
    """Return grant, loan or equity by the type of finance, else by the name of the flow; else empty."""
    first, name = oecd.code(finance).str.slice(0, 1), oecd.text(flow).str.to_lowercase()
    return (
        pl.when(first.is_in(_LOANS) | name.str.contains("loan", literal=True))
        .then(pl.lit("loan"))
        .when(first.is_in(_EQUITY) | name.str.contains("equity", literal=True))
        .then(pl.lit("equity"))
        .when(first.is_in(_GRANTS) | name.str.contains("grant", literal=True))
        .then(pl.lit("grant"))
        .otherwise(pl.lit(""))
    )


def _purposes(purpose: str | None, sector: str | None) -> pl.Expr:
    parts = [
        pl.when(value != "").then(pl.concat_str(pl.lit(f"{scheme}:"), value))
        for scheme, value in (("dac", oecd.code(purpose)), ("dac-sector", oecd.code(sector)))
    ]
    return pl.concat_str(parts, separator=";", ignore_nulls=True)


def _prefixed(scheme: str, codes: tuple[pl.Expr, ...]) -> pl.Expr:
    """Return codes behind the name of their list; an agency's number counts within its provider."""
    told = pl.concat_str([pl.lit(f"{scheme}:"), pl.concat_str(codes, separator="-")])
    return pl.when(codes[-1] != "").then(told).otherwise(pl.lit(""))


SOURCE = Source(
    key="oecd-crs",
    publisher=oecd.PUBLISHER,
    url=oecd.URL,
    licence=oecd.LICENCE,
    recognise=recognise,
)
