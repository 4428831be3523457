"""Aid in total by provider (DAC1) and by provider and recipient (DAC2a), as the OECD gives it.

Publisher
    OECD Development Assistance Committee.
What a row means
    One provider, recipient (DAC2a), kind of aid, stage and calendar year, in millions, in one kind of amount.
Known traps
    Headline aid is net flows (kind 1010) up to 2017 and grant equivalent (11010) from 2018: two stages, never
    one series. Every other kind is a part of a headline and is left out of sums unless asked for (caveat
    ``part-of-total``). Groups of providers and recipients repeat their members. The same money stands in
    current and in constant dollars in separate rows, and in DAC1 in national currency too. Net flows go
    negative where loans are paid back.
How to get a new copy
    The bulk downloads of DAC1 and DAC2a, or a query of the OECD's data explorer saved as CSV.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from ayni.sources import oecd
from ayni.sources.contract import Recognised, Rows, Sample, Source, refused_rows
from ayni.sources.distinct import Fault, refused
from ayni.sources.oecd_codes import EVERYBODY, parties
from ayni.sources.series import A_NUMBER, A_YEAR, flows, shifted, together, year

# Columns of the bulk files and of the data explorer, by what they hold.
_NAMES = {
    "donor": ("donor", "donorcode"),
    "recipient": ("recipient", "recipientcode"),
    "kind": ("aidtype", "measure", "aidtypecode"),
    "stage": ("flows", "flowtype"),
    "amount_type": ("datatype", "amounttype", "pricebase"),
    "base": ("baseper", "baseperiod"),
    "year": ("time", "timeperiod", "year"),
    "value": ("value", "obsvalue"),
    "power": ("unitmult",),
    "unit": ("unitmeasure",),
    "sector": ("sector",),
    "tying": ("tyingstatus",),
}
_NEEDED = ("donor", "kind", "amount_type", "year", "value")
# Where the year of constant prices stands in words, beside the code: `Constant Prices (2023 USD millions)`.
_AMOUNT_NAMES = ("amounttype", "amounttype2", "pricebase2")
# Kinds of aid that are totals, by dataset, with the stage they have where no column tells it.
_TOTALS = {"oecd-dac1": ("1010", "11010"), "oecd-dac2a": ("206", "240", "205")}
_STAGE_OF_KIND = {"206": "net", "240": "disbursed", "205": "repaid"}
_STAGES = {
    "1140": "net",
    "1150": "committed",
    "1120": "disbursed",
    "1130": "repaid",
    "1160": "grant-equivalent",
    "C": "committed",
    "D": "disbursed",
    "115": "committed",
    "112": "disbursed",
}
_CURRENT, _CONSTANT, _NATIONAL = ("A", "V"), ("D", "Q"), ("N",)
# Units of the data explorer: dollars, the provider's own money, and what is no money at all.
_DOLLARS, _OWN_MONEY, _WHOLE = ("", "USD"), ("XDC",), ("", "_T", "_Z")
_MILLIONS = 6


def recognise(sample: Sample) -> Recognised | None:
    """Return which of the two tables this is; None if it is neither."""
    keys = (frozenset(("donor",)), frozenset(("donorcode",)))
    found = oecd.header_with(sample, keys[0]) or oecd.header_with(sample, keys[1])
    if found is None:
        return None
    header, printed = found
    columns = {name: own for name, aliases in _NAMES.items() if (own := _first(printed, aliases)) is not None}
    if not all(name in columns for name in _NEEDED):
        return None
    # Other tables of the data explorer cut the same money by sector and channel.
    if "channel" in printed or ("recipient" in columns and "sector" in columns):
        return None
    for own in header.columns:
        if oecd.squeezed(own) in _AMOUNT_NAMES and own != columns["amount_type"]:
            columns["amount_name"] = own
    dataset = "oecd-dac2a" if "recipient" in columns else "oecd-dac1"
    if dataset == "oecd-dac1" and "stage" not in columns:
        # Nothing tells at which stage its money is.
        return None
    return Recognised(
        dataset=dataset,
        title="Aid by provider and recipient" if "recipient" in columns else "Aid by provider",
        verified=False,
        header=header,
        table=partial(table, columns=columns, dataset=dataset),
        caution=("oecd-two-headlines",),
    )


def _first(printed: dict[str, str], aliases: tuple[str, ...]) -> str | None:
    return next((printed[name] for name in aliases if name in printed), None)


def table(frame: pl.DataFrame, columns: dict[str, str], dataset: str) -> Rows:
    """Return the rows of a frame whose columns have the names that `columns` gives."""
    own = columns.get
    faults: list[Fault] = []
    # The explorer prints areas, the bulk files the committee's numbers.
    donors = ("", columns["donor"]) if "unit" in columns else (columns["donor"], "")
    recipients = ("", own("recipient", "")) if "unit" in columns else (own("recipient", ""), "")
    power = oecd.code(own("power")).cast(pl.Int64, strict=False) if own("power") else pl.lit(_MILLIONS)
    kind = oecd.code(own("kind"))
    stage = oecd.code(own("stage")).replace_strict(_STAGES, default=None, return_dtype=pl.String())
    by_kind = kind.replace_strict(_STAGE_OF_KIND, default=None, return_dtype=pl.String())
    kinds = oecd.code(own("amount_type"))
    named = pl.coalesce(
        oecd.text(own("base")).str.extract(r"(\d{4})"), oecd.text(own("amount_name")).str.extract(r"(\d{4})")
    )
    typed = frame.with_columns(
        year(oecd.code(own("year"))).alias("_year"),
        shifted(oecd.text(own("value")), power).alias("_amount"),
        pl.coalesce(by_kind, stage, pl.lit("net" if dataset == "oecd-dac2a" else None)).alias("_stage"),
        kinds.alias("_type"),
        parties(frame, *donors, faults).alias("_provider"),
        (parties(frame, *recipients, faults) if any(recipients) else pl.lit(EVERYBODY)).alias("_recipient"),
        pl.when(kinds.is_in(_CONSTANT)).then(named.cast(pl.Int64, strict=False)).alias("_base"),
    )
    bad = together([*_faults(typed, columns), refused(frame, faults)])
    kept = typed if bad is None else typed.filter(pl.col("line").is_in(bad["line"].implode()).not_())
    money = oecd.text(own("unit")).is_in([*_DOLLARS, *_OWN_MONEY])
    given = kept.filter((oecd.text(own("value")) != "") & money)
    return Rows(
        read=frame.height,
        flows=_flows(given, columns, dataset),
        details=kept.select(pl.exclude("^_.*$")),
        refused=bad,
    )


def _faults(typed: pl.DataFrame, columns: dict[str, str]) -> list[pl.DataFrame]:
    known = pl.col("_type").is_in([*_CURRENT, *_CONSTANT, *_NATIONAL])
    unbased = pl.col("_type").is_in(_CONSTANT) & pl.col("_base").is_null()
    unread = pl.col("_amount").is_null() & (oecd.text(columns["value"]) != "")
    wanted = {
        "year": (pl.col("_year").is_null(), "not-a-year", A_YEAR),
        "value": (unread, "not-a-number", A_NUMBER),
        "amount_type": (known.not_() | unbased, "unknown-code", "A, D (Constant Prices, 2023), N"),
    }
    if "stage" in columns:
        wanted["stage"] = (pl.col("_stage").is_null(), "unknown-stage", ", ".join(_STAGES))
    told = []
    for name, (wrong, code, expected) in wanted.items():
        shown = typed.filter(wrong).select(pl.exclude("^_.*$"))
        told.append(refused_rows(shown, code, column=columns[name], expected=expected))
    return told


def _flows(given: pl.DataFrame, columns: dict[str, str], dataset: str) -> pl.DataFrame:
    own = columns.get
    kind = oecd.code(own("kind"))
    cut = oecd.text(own("sector")).is_in(_WHOLE).not_() | oecd.text(own("tying")).is_in(_WHOLE).not_()
    total = kind.is_in(_TOTALS[dataset]) & cut.not_()
    national = pl.col("_type").is_in(_NATIONAL) | oecd.text(own("unit")).is_in(_OWN_MONEY)
    told = {
        "part-of-total": total.not_(),
        "constant-prices": pl.col("_base").is_not_null(),
        "national-currency": national,
    }
    note = pl.concat_str(pl.lit(f"{dataset.removeprefix('oecd-')} "), kind)
    return flows(
        given,
        {
            "provider": pl.col("_provider"),
            "recipient": pl.col("_recipient"),
            "year": pl.col("_year"),
            "stage": pl.col("_stage"),
            "amount": pl.col("_amount"),
            "currency": pl.when(national).then(pl.lit("national")).otherwise(pl.lit("USD")),
            "price_base": pl.col("_base"),
            "caveats": oecd.caveats(oecd.whose("_provider", "_recipient"), told),
            "note": pl.when(total).then(pl.lit("")).otherwise(note),
        },
    )


SOURCE = Source(
    key="oecd-dac",
    publisher=oecd.PUBLISHER,
    url=oecd.URL,
    licence=oecd.LICENCE,
    recognise=recognise,
)
