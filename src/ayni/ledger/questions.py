"""Questions to a ledger of official files: who gave what to whom, cut and priced, never wrongly added.

Amounts are added only within one release, stage, kind of year and currency. One dataset answers, and the
others that could are named; of its releases the latest. Rows that print other rows' money again are left out
and counted. What a region's recipients may hold for the country is told beside the answer, never added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ayni.ledger.bases import BaseYear, bases, several
from ayni.ledger.calendar_years import QUARTERS, Turned, turn
from ayni.ledger.deflating import Amounts, Prices, Pricing, pricing
from ayni.ledger.holdings import PARTIAL, WHOLE, Holding, datasets, holdings, latest, named
from ayni.ledger.records import STAGES
from ayni.ledger.regions import could_contain
from ayni.ledger.result_keys import key_column
from ayni.ledger.selecting import APART, Asked, asked_about, carries, chosen, column_of, heaps
from ayni.ledger.store import Ledger, part_files, scan

__all__ = ["Answer", "Asked", "Remark", "UnknownNameError", "ask"]

EVERY = "all"
_HEAP = (*APART, "until", "calendar")


class UnknownNameError(LookupError):
    """A dataset or release that the ledger does not hold; `known` are those it holds."""

    def __init__(self, option: str, found: str, known: Iterable[str]) -> None:
        self.option, self.found, self.known = option, found, tuple(known)
        super().__init__(f"{option} {found!r} is not held; known: {', '.join(self.known) or 'none'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something to know about an answer; worded in the catalogue as ``cli.remark.<code>``.

    Attributes
    ----------
    code : str
        What it is.
    particulars : tuple of (str, str, int or float)
        Names and values that the sentence needs.
    """

    code: str
    particulars: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a ledger answers.

    Attributes
    ----------
    asked : Asked
        The question.
    frame : DataFrame
        The columns of the cuts; then ``origin``, ``stage``, ``year_kind``, ``currency``; ``amount`` in whole
        units of the currency; ``constant``, at the prices asked for, null where none were; ``rows``, how many
        were added; ``until`` where rows span years; ``key``, which `ayni why` takes.
    used : tuple of Holding
        The releases that answer.
    others : tuple of str
        Datasets that have rows for the question as well.
    pricings : tuple of Pricing
        What made constant amounts.
    bases : tuple of BaseYear
        The base years of the files' own constant amounts.
    turned : tuple of Turned
        How fiscal years were turned into calendar years.
    wider : DataFrame
        Amounts of regions that may hold money for the recipient: ``recipient``, then as `frame`.
    remarks : tuple of Remark
        What else to know.
    """

    asked: Asked
    frame: pl.DataFrame
    used: tuple[Holding, ...]
    others: tuple[str, ...]
    pricings: tuple[Pricing, ...]
    bases: tuple[BaseYear, ...]
    turned: tuple[Turned, ...]
    wider: pl.DataFrame
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one release answers; `by_year` is what its heaps add up to by year and all that stays apart."""

    held: Holding
    frame: pl.DataFrame
    by_year: pl.DataFrame
    carried: bool
    pricings: tuple[Pricing, ...]
    turned: tuple[Turned, ...]
    wider: pl.DataFrame
    remarks: tuple[Remark, ...]


def ask(ledger: Ledger, asked: Asked) -> Answer:
    """Return what the ledger answers to a question.

    Raises
    ------
    UnknownNameError
        If the dataset or the release is not held.
    MissingYearsError
        If a year lacks a deflator or an exchange rate; all are named.
    UnpriceableError
        If the prices asked for cannot be had for this money.
    """
    groups = _groups(ledger, asked)
    chosen_parts: list[_Part] = []
    waiting: list[_Part] = []
    for group in groups:
        parts = [part for held in group if (part := _part(ledger, held, asked)) is not None]
        carried = [part for part in parts if part.carried]
        waiting = waiting or parts
        if asked.dataset == EVERY:
            chosen_parts += parts
        elif carried:
            chosen_parts = parts
            break
    # Where nobody has the cut, the amount is shown all the same, as not cut.
    chosen_parts = chosen_parts or waiting
    chosen_parts = [_priced(ledger, part, asked) for part in chosen_parts]
    used = tuple(part.held for part in chosen_parts)
    rest = [group for group in groups if group[0].dataset not in {one.dataset for one in used}]
    others = tuple(group[0].dataset for group in rest if any(_has_rows(ledger, one, asked) for one in group))
    found_bases = tuple(base for held in used for base in bases(ledger, held.origin)) if asked.at else ()
    return Answer(
        asked=asked,
        frame=_ordered(_joined([part.frame for part in chosen_parts]), asked),
        used=used,
        others=others,
        pricings=tuple(one for part in chosen_parts for one in part.pricings),
        bases=found_bases,
        turned=tuple(one for part in chosen_parts for one in part.turned),
        wider=_joined([part.wider for part in chosen_parts]),
        remarks=(
            *(remark for part in chosen_parts for remark in part.remarks),
            *_beside(ledger, chosen_parts, asked),
            *_two_bases(found_bases),
        ),
    )


def _groups(ledger: Ledger, asked: Asked) -> list[tuple[Holding, ...]]:
    """Return the releases that may answer, by dataset in order of preference."""
    held = holdings(ledger)
    if asked.dataset not in ("", EVERY):
        own = tuple(one for one in held if one.dataset == asked.dataset)
        if not own:
            raise UnknownNameError("--dataset", asked.dataset, [*datasets(held), EVERY])
        held = own
    if asked.release:
        own = named(held, asked.release)
        if not own:
            raise UnknownNameError("--release", asked.release, [one.origin for one in held])
        return [tuple(one for one in own if one.dataset == name) for name in datasets(own)]
    return [latest([one for one in held if one.dataset == name]) for name in datasets(held)]


def _part(ledger: Ledger, held: Holding, asked: Asked) -> _Part | None:
    """Return the heaps of one release; None where it has nothing of what is asked."""
    regions = could_contain(asked.recipient) if asked.recipient else ()
    rows = heaps(ledger, held, asked, regions)
    if rows.is_empty():
        return None
    own = rows.filter(pl.col("recipient") == asked.recipient) if asked.recipient else rows
    around = rows.filter(pl.col("recipient") != asked.recipient) if asked.recipient else rows.clear()
    if own.is_empty():
        return None
    remarks = [*_left_out(own, held)]
    carried = carries(own, asked)
    if not carried:
        remarks.append(_remark("not-carried", dataset=held.dataset, cuts=", ".join(asked.by)))
    if "interest" in asked.by and (asked.framework or held.framework) == "dac":
        remarks.append(_remark("dac-terrorism"))
    added = own.filter(pl.col("left_out") == "")
    return _Part(
        held=held,
        frame=added,
        by_year=_by_year(added),
        carried=carried,
        pricings=(),
        turned=(),
        # A question by calendar year reads one fiscal year more.
        wider=around.filter(pl.col("left_out") == "", pl.col("year") <= (asked.until or pl.col("year"))),
        remarks=tuple(remarks),
    )


def _left_out(rows: pl.DataFrame, held: Holding) -> Iterable[Remark]:
    out = (
        rows.filter(pl.col("left_out") != "")
        .group_by("left_out", "stage", "currency")
        .agg(pl.col("amount", "rows").sum())
        .sort("left_out", "stage", "currency")
    )
    for code, stage, currency, amount, count in out.iter_rows():
        yield _remark(
            f"left-out-{code}",
            dataset=held.dataset,
            stage=stage,
            currency=currency,
            amount=amount,
            rows=count,
        )


def _remark(code: str, **particulars: str | float) -> Remark:
    return Remark(code=code, particulars=tuple(particulars.items()))


def _priced(ledger: Ledger, part: _Part, asked: Asked) -> _Part:
    """Return a part with constant amounts, its years turned, and its lines added up."""
    rows, pricings = _with_constant(ledger, part.held, part.frame, asked)
    turned: tuple[Turned, ...] = ()
    rows = rows.with_columns(pl.lit("").alias("calendar"))
    if asked.calendar:
        rows, turned = turn(rows.drop("calendar"))
        rows = _within(rows, asked)
    cuts = [column for column in asked.columns if column not in APART]
    added = (
        rows.group_by([*dict.fromkeys([*cuts, *_HEAP])])
        .agg(pl.col("amount").sum(), pl.col("constant").sum(), pl.col("rows").sum())
        .with_columns(pl.when(pl.lit(asked.at is not None)).then(pl.col("constant")).alias("constant"))
        .with_columns(key_column(asked, asked.framework or part.held.framework).alias("key"))
    )
    wider = (
        part.wider
        if not asked.recipient
        else (
            part.wider.group_by("recipient", *APART)
            .agg(pl.col("amount", "rows").sum())
            .sort("recipient", *APART)
        )
    )
    remarks = [*part.remarks, *(remark for one in turned for remark in _turned_told(one))]
    return _Part(
        held=part.held,
        frame=added,
        by_year=part.by_year,
        carried=part.carried,
        pricings=pricings,
        turned=turned,
        wider=wider,
        remarks=tuple(remarks),
    )


def _within(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return the calendar years asked for: those of which only the wider reading gave a part go."""
    if asked.since is not None:
        rows = rows.filter(pl.col("year") >= asked.since)
    return rows if asked.until is None else rows.filter(pl.col("year") <= asked.until)


def _turned_told(one: Turned) -> Iterable[Remark]:
    yield _remark(f"calendar-{one.way}", stage=one.stage, rows=one.rows, dated=one.dated, outside=one.outside)
    if one.way == QUARTERS and one.partial:
        yield _remark("calendar-partial", stage=one.stage, first=one.partial[0], last=one.partial[1])


def _with_constant(
    ledger: Ledger, held: Holding, rows: pl.DataFrame, asked: Asked
) -> tuple[pl.DataFrame, tuple[Pricing, ...]]:
    if asked.at is None:
        return rows.with_columns(pl.lit(None, dtype=pl.Float64).alias("constant")), ()
    prices = Prices(at=asked.at, money=asked.money, way=asked.deflator)
    found = []
    for (stage, kind, currency), own in rows.group_by("stage", "year_kind", "currency", maintain_order=True):
        of = Amounts(
            origin=held.origin,
            stage=str(stage),
            year_kind=str(kind),
            currency=str(currency),
            years=tuple(sorted(own["year"].unique().to_list())),
        )
        found.append(pricing(ledger, prices, of))
    factors = pl.DataFrame(
        [
            (one.amounts.stage, one.amounts.year_kind, one.amounts.currency, year, factor)
            for one in found
            for year, factor in one.factors.items()
        ],
        schema={
            "stage": pl.String(),
            "year_kind": pl.String(),
            "currency": pl.String(),
            "year": pl.Int64(),
            "factor": pl.Float64(),
        },
        orient="row",
    )
    joined = rows.join(factors, on=["stage", "year_kind", "currency", "year"], how="left")
    priced = joined.with_columns((pl.col("amount") * pl.col("factor")).alias("constant")).drop("factor")
    found.sort(key=lambda one: (STAGES.index(one.amounts.stage), one.amounts.year_kind))
    return priced, tuple(found)


def _has_rows(ledger: Ledger, held: Holding, asked: Asked) -> bool:
    if part_files(ledger, "pairs", [held.origin]):
        rows = asked_about(scan(ledger, "pairs", [held.origin]), asked, ())
    else:
        rows = chosen(ledger, held, asked)
    return rows.select("year").head(1).collect().height > 0


def _joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame()


def _ordered(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return lines in order: by the cuts, then by stage; columns that hold nothing are dropped."""
    cuts = [column_of(one) for one in asked.by]
    if not rows.columns:
        names = list(dict.fromkeys([*cuts, *APART, "amount", "constant", "rows", "key"]))
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    place = pl.col("stage").replace_strict(
        list(STAGES), range(len(STAGES)), default=len(STAGES), return_dtype=pl.Int64
    )
    spans = ["until"] if rows["until"].is_not_null().any() else []
    turned = ["calendar"] if asked.calendar else []
    rest = [name for name in ("origin", "stage", "year_kind", "currency") if name not in cuts]
    names = [*cuts, *spans, *rest, *turned, "amount", "constant", "rows", "key"]
    order = [place if one == "stage" else pl.col(column_of(one)) for one in asked.by]
    by = [*order, place, *(pl.col(name) for name in ("year_kind", "currency", "origin", "until"))]
    return rows.sort(by, nulls_last=True).select(names)


def _by_year(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("stage", "year_kind", "currency", "year").agg(pl.col("amount").sum())


def _beside(ledger: Ledger, parts: Sequence[_Part], asked: Asked) -> Iterable[Remark]:
    """Yield, for a file that prints only parts, the total that another prints for the same years."""
    plain = replace(asked, by=("year",), calendar=False, at=None)
    for part in parts:
        held = part.held
        wholes = [one for one in holdings(ledger) if one.dataset in WHOLE and one.vintage == held.vintage]
        if held.dataset not in PARTIAL or not wholes:
            continue
        printed = _by_year(heaps(ledger, wholes[0], plain).filter(pl.col("left_out") == ""))
        both = part.by_year.join(
            printed.rename({"amount": "whole"}), on=["stage", "year_kind", "currency", "year"]
        )
        sums = (
            both.group_by("stage", "currency").agg(pl.col("amount", "whole").sum()).sort("stage", "currency")
        )
        for stage, currency, amount, whole in sums.iter_rows():
            yield _remark(
                "parts",
                dataset=held.dataset,
                other=wholes[0].origin,
                stage=stage,
                currency=currency,
                amount=amount,
                whole=whole,
                missing=whole - amount,
            )


def _two_bases(found: Iterable[BaseYear]) -> Iterable[Remark]:
    by_origin: dict[str, list[BaseYear]] = {}
    for one in found:
        by_origin.setdefault(one.origin, []).append(one)
    for origin, own in by_origin.items():
        years = several(own)
        if years:
            yield _remark("two-bases", origin=origin, years=", ".join(map(str, years)))
