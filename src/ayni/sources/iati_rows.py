"""Activities and records of an IATI file as rows of the ledger: flows, details, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from ayni.sources.contract import FLOW_ROWS, REFUSED, Rows
from ayni.sources.iati_blocks import Block
from ayni.sources.iati_codes import BUDGETS, INCOMING, PLANS, TRANSACTIONS, form_of, giver_of
from ayni.sources.iati_flatten import Flat
from ayni.sources.iati_parts import Chosen, apportion, counted, spread
from ayni.sources.iati_shares import Cut, cut_places, cut_sectors
from ayni.sources.iati_sheet import ACTIVITY, BUDGET, CELL_GAP, ITEM_GAP, TRANSACTION

# So many characters of a refused element are kept.
_SHOWN = 4000
# Flows in one batch: what an activity with hundreds of recipients and sectors is cut into.
_BATCH_FLOWS = 500_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_AMOUNT = r"^[+-]?(\d+\.?\d*|\.\d+)$"
# xsd:date may have a time zone, and publishers add a time of day.
_DATE = r"^(\d{4}-\d{2}-\d{2})(?:T[0-9:.]+)?(?:Z|[+-]\d{2}:\d{2})?$"
_CURRENCY = r"^[A-Z]{3}$"
_TRUE = ("1", "true")
_TYPES = ", ".join(code for code in TRANSACTIONS if code.isdecimal())

_Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """What makes a record unreadable; the first that holds is told."""

    wrong: pl.Expr
    code: str
    column: str
    found: pl.Expr
    expected: str


def _faults() -> tuple[_Fault, ...]:
    nothing = pl.lit("")
    value, start, end = pl.col("value"), pl.col("start"), pl.col("end")
    day = "YYYY-MM-DD, 1900-2100"
    missing_start = start.is_null()
    return (
        _Fault(
            wrong=pl.col("repeated"),
            code="repeated-element",
            column="value, transaction-type, transaction-date, period-start, period-end",
            found=value.fill_null(""),
            expected="1",
        ),
        _Fault(
            wrong=(pl.col("element") == TRANSACTION) & pl.col("type").is_null(),
            code="missing-value",
            column="transaction-type",
            found=nothing,
            expected=_TYPES,
        ),
        _Fault(
            wrong=(pl.col("element") == TRANSACTION) & pl.col("stage").is_null(),
            code="unknown-stage",
            column="transaction-type",
            found=pl.col("type"),
            expected=_TYPES,
        ),
        _Fault(
            wrong=pl.col("stage").is_null(),
            code="unknown-code",
            column="type",
            found=pl.col("type"),
            expected=", ".join(BUDGETS),
        ),
        _Fault(
            wrong=value.is_null(), code="missing-value", column="value", found=nothing, expected="-77000.00"
        ),
        _Fault(
            wrong=pl.col("amount").is_null(),
            code="not-a-number",
            column="value",
            found=value,
            expected="-77000.00",
        ),
        _Fault(wrong=missing_start, code="missing-value", column="date", found=nothing, expected=day),
        _Fault(wrong=pl.col("day").is_null(), code="not-a-date", column="date", found=start, expected=day),
        _Fault(
            wrong=end.is_not_null() & pl.col("last_day").is_null(),
            code="not-a-date",
            column="period-end",
            found=end,
            expected=day,
        ),
        _Fault(
            wrong=pl.col("money").is_null(),
            code="missing-value",
            column="currency, default-currency",
            found=nothing,
            expected="USD",
        ),
        _Fault(
            wrong=~pl.col("money").str.contains(_CURRENCY),
            code="unknown-code",
            column="currency",
            found=pl.col("money"),
            expected="USD",
        ),
    )


def rows_of(flat: Flat, block: Block, *, caveat: str = "") -> Iterator[Rows]:
    """Give the rows of a block's activities: as a rule at once, in parts where its money is much divided.

    Parameters
    ----------
    flat : Flat
        Of the block.
    block : Block
        Whose bytes give the text of refused elements.
    caveat : str
        What every flow of the file is to be warned of; empty for nothing.
    """
    read = _read(flat, caveat)
    bad = read.filter(pl.col("fault").is_not_null())
    good = read.filter(pl.col("fault").is_null())
    places = _chosen(good, flat.activities, "places", cut_places)
    sectors = _chosen(good, flat.activities, "sectors", cut_sectors)
    parts = counted(places, sectors)
    slices = _slices(parts)
    details = _details(flat)
    refused = _refused(bad, block)
    for number, (since, until) in enumerate(slices):
        first = number == 0
        yield Rows(
            read=until - since + (bad.height if first else 0),
            kept=until - since,
            flows=_flows(good[since:until], places.between(since, until), sectors.between(since, until)),
            details=details if first else None,
            refused=refused if first and not refused.is_empty() else None,
        )


def _slices(parts: _Integers) -> list[tuple[int, int]]:
    """Return from where to where records are taken together, for about a batch of flows each time."""
    batch = np.cumsum(parts) // _BATCH_FLOWS
    bounds = [0, *(np.flatnonzero(np.diff(batch)) + 1).tolist(), len(parts)]
    return list(pairwise(bounds))


def _read(flat: Flat, caveat: str) -> pl.DataFrame:
    """Return the records with what their activities say, typed, and with the number of their first fault."""
    of_activity = flat.activities.select(
        "activity",
        "default_currency",
        "hierarchy",
        "reporter",
        "reporter_name",
        "secondary",
        pl.col("finance").alias("default_finance"),
        pl.col("sectors").alias("activity_sectors"),
        pl.col("places").alias("activity_places"),
    )[flat.records["number"]]
    read = pl.concat([flat.records, of_activity], how="horizontal").with_columns(
        stage=_stage(),
        amount=_amount(),
        day=_day("start"),
        last_day=_day("end"),
        money=pl.coalesce("currency", "default_currency").str.to_uppercase(),
    )
    faults = _faults()
    codes = pl.coalesce(pl.when(fault.wrong).then(pl.lit(number)) for number, fault in enumerate(faults))
    return read.with_columns(fault=codes, caveats=_caveats(caveat))


def _amount() -> pl.Expr:
    told = pl.when(pl.col("value").str.contains(_AMOUNT)).then("value").cast(pl.Float64, strict=False)
    # What is too large to be held would be infinite.
    return pl.when(told.is_finite()).then(told)


def _stage() -> pl.Expr:
    kind = pl.col("type")
    element = pl.col("element")
    planned = kind.fill_null("1")
    return (
        pl.when(element == TRANSACTION)
        .then(kind.replace_strict(TRANSACTIONS, default=None, return_dtype=pl.String()))
        .when(element == BUDGET)
        .then(planned.replace_strict(BUDGETS, default=None, return_dtype=pl.String()))
        .otherwise(planned.replace_strict(PLANS, default=None, return_dtype=pl.String()))
    )


def _day(column: str) -> pl.Expr:
    """Return printed days as dates; each that differs is read once, for many share one."""

    def every(printed: pl.Series) -> pl.Series:
        texts = printed.drop_nulls().unique()
        days = texts.to_frame("text").select(_date(pl.col("text"))).to_series()
        return printed.replace_strict(texts, days, default=None, return_dtype=pl.Date())

    return pl.col(column).map_batches(every, return_dtype=pl.Date())


def _date(printed: pl.Expr) -> pl.Expr:
    day = printed.str.extract(_DATE).str.to_date("%Y-%m-%d", strict=False)
    return pl.when(day.dt.year().is_between(_FIRST_YEAR, _LAST_YEAR)).then(day)


def _caveats(caveat: str) -> pl.Expr:
    """Return what a record's flows are to be warned of, whatever they are divided into; empty for nothing."""
    element = pl.col("element")
    hierarchy = pl.col("hierarchy").fill_null("1")
    plan = element != TRANSACTION
    years = pl.col("last_day") > pl.col("day").dt.offset_by("1y")
    both = pl.col("sectors").is_not_null() & pl.col("activity_sectors").is_not_null()
    places = pl.col("places").is_not_null() & pl.col("activity_places").is_not_null()
    told = (
        pl.when(pl.lit(bool(caveat))).then(pl.lit(caveat)),
        pl.when(pl.col("secondary").is_in(_TRUE)).then(pl.lit("secondary-publisher")),
        pl.when(plan | (hierarchy != "1")).then(pl.lit("hierarchy:") + hierarchy.str.replace_all(";", ",")),
        pl.when(plan & years).then(pl.lit("period-over-a-year")),
        pl.when(plan & (pl.col("last_day") < pl.col("day"))).then(pl.lit("period-backwards")),
        pl.when(places).then(pl.lit("recipient-at-both-levels")),
        pl.when(both).then(pl.lit("sector-at-both-levels")),
    )
    return pl.concat_str(told, separator=";", ignore_nulls=True)


def _chosen(good: pl.DataFrame, activities: pl.DataFrame, column: str, cut: Callable[..., Cut]) -> Chosen:
    """Return how records are divided by one of their lists, or by their activity's where they have none."""
    own = good[column]
    texts = pl.DataFrame({column: own.drop_nulls().unique(maintain_order=True)}).with_row_index("which")
    cuts = [cut(text, own=True) for text in texts[column]]
    which = own.to_frame().join(texts, on=column, how="left", maintain_order="left")["which"]
    numbers = good["number"].to_numpy()
    has_none = own.is_null().to_numpy()
    of_activities = activities[column].to_list()
    known: dict[str, int] = {}
    of_activity = np.zeros(activities.height, dtype=np.int64)
    for number in np.unique(numbers[has_none]).tolist():
        text = of_activities[number] or ""
        if text not in known:
            known[text] = len(cuts)
            cuts.append(cut(text, own=False))
        of_activity[number] = known[text]
    of_own = which.fill_null(0).to_numpy().astype(np.int64)
    return Chosen.of(cuts, np.where(has_none, of_activity[numbers], of_own))


def _flows(good: pl.DataFrame, places: Chosen, sectors: Chosen) -> pl.DataFrame:
    """Return one flow for each part of each record, in the order of the file."""
    laid = spread(places, sectors)
    of_places, of_sectors = places.caveats(), sectors.caveats()
    given = good.select(
        "line",
        "stage",
        "amount",
        year=pl.col("day").dt.year().cast(pl.Int64),
        until=_until(),
        date=pl.col("day"),
        form=_mapped(pl.coalesce("finance", "default_finance").fill_null(""), form_of),
        provider=_provider(),
        agency=pl.coalesce("reporter", "reporter_name").fill_null(""),
        channel=pl.coalesce("receiver", "receiver_name").fill_null(""),
        currency=pl.col("money"),
        activity=pl.col("activity").fill_null(""),
        caveats=pl.concat_str(
            pl.when(pl.col("caveats") != "").then("caveats"),
            of_places,
            pl.when((of_sectors != of_places).fill_null(True)).then(of_sectors),
            separator=";",
            ignore_nulls=True,
        ),
    )
    flows = given[laid.record].with_columns(
        amount=pl.Series(apportion(good["value"], good["amount"].to_numpy(), places, sectors, laid)),
        recipient=places.keys().gather(laid.place),
        purposes=sectors.keys().gather(laid.sector),
        year_kind=pl.lit("calendar"),
        account=pl.lit(""),
        price_base=pl.lit(None),
        constant=pl.lit(None),
        status=pl.lit("counted"),
        note=pl.lit(""),
    )
    return flows.select(pl.col(name).cast(kind) for name, kind in FLOW_ROWS.items())


def _until() -> pl.Expr:
    last = pl.col("last_day").dt.year().cast(pl.Int64)
    return pl.when((pl.col("element") != TRANSACTION) & (last > pl.col("day").dt.year())).then(last)


def _provider() -> pl.Expr:
    """Return who gave: the organisation named, else the publisher, unless the money came to it."""
    reporter = pl.coalesce(_named("reporter", "reporter_name"), pl.lit("org:unknown"))
    named = _named("provider", "provider_name")
    return (
        pl.when(pl.col("stage").is_in(INCOMING))
        .then(pl.coalesce(named, pl.lit("org:unknown")))
        .when(pl.col("provider").is_not_null())
        .then(named)
        .otherwise(reporter)
    )


def _named(ref: str, name: str) -> pl.Expr:
    return pl.coalesce(_mapped(pl.col(ref), giver_of), pl.lit("org-name:") + pl.col(name))


def _mapped(texts: pl.Expr, word: Callable[[str], str]) -> pl.Expr:
    """Return texts put through a function, which is called once for each that differs."""

    def every(series: pl.Series) -> pl.Series:
        known = {text: word(text) for text in series.drop_nulls().unique()}
        return series.replace_strict(known, default=None, return_dtype=pl.String()) if known else series

    return texts.map_batches(every, return_dtype=pl.String())


def _refused(bad: pl.DataFrame, block: Block) -> pl.DataFrame:
    """Return the records that have a fault, with the text of their elements."""
    if bad.is_empty():
        return pl.DataFrame(schema=REFUSED)
    found = []
    for number, fault in enumerate(_faults()):
        these = bad.filter(pl.col("fault") == number)
        found.append(
            these.select(
                "line",
                "begin",
                "element",
                code=pl.lit(fault.code),
                column=pl.lit(fault.column),
                found=fault.found,
                expected=pl.lit(fault.expected),
            )
        )
    told = pl.concat(found).sort("begin")
    texts = [_printed(block, begin, name) for begin, name in told.select("begin", "element").iter_rows()]
    return told.with_columns(text=pl.Series(texts, dtype=pl.String())).select(
        pl.col(name).cast(kind) for name, kind in REFUSED.items()
    )


def _printed(block: Block, begin: int, element: str) -> str:
    """Return an element's text as it stands in the file, cut where it is long."""
    # A character has at most four bytes.
    text = block.data[begin : begin + 4 * _SHOWN].decode(block.head.encoding, "replace")
    end = f"</{block.head.prefix.decode()}{element}"
    close = text.find(">", text.find(end)) if end in text else -1
    return text[: close + 1 or None][:_SHOWN]


def _details(flat: Flat) -> pl.DataFrame:
    """Return what else the file prints: a row for each activity, and one for each of its records."""
    lists = (
        pl.col("sectors", "places")
        .str.replace_all(CELL_GAP, "|", literal=True)
        .str.replace_all(ITEM_GAP, " ", literal=True)
    )
    activities = flat.activities.with_columns(lists, element=pl.lit(ACTIVITY))
    records = flat.records.drop("number", "begin", "repeated").with_columns(
        lists, activity=flat.activities["activity"].gather(flat.records["number"])
    )
    return pl.concat([activities, records], how="diagonal").sort("line", maintain_order=True)
