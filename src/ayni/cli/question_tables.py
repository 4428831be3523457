"""Answers of a ledger of official files as tables for a terminal, with what must be known told below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.questions import remark_told
from ayni.cli.shelf import amount, licence_words, stage_word
from ayni.cli.terminal import paragraph, table
from ayni.language import join, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ayni.ledger.deflating import Pricing
    from ayni.ledger.questions import Answer

# What every answer tells; shown as a column only where lines differ in it.
_APART = ("origin", "stage", "year_kind", "currency")
_ITEMS = ("purpose", "sector", "category")
# So many regions are named at most; the rest are counted.
_REGIONS = 4


def page(found: Answer, language: str) -> str:
    """Return the whole answer as text."""
    if not found.used:
        return paragraph(message(language, "cli.answer.nothing"))
    foot = "\n".join(paragraph(one) for one in (*notes(found, language), *_ways_on(found, language)))
    return "\n\n".join([paragraph(_heading(found, language)), _lines(found, language), foot])


def notes(found: Answer, language: str) -> tuple[str, ...]:
    """Return what must be known about an answer, as sentences."""
    return tuple(_notes(found, language))


def _notes(found: Answer, language: str) -> Iterator[str]:
    for held in found.used:
        yield message(
            language,
            "cli.answer.source",
            title=held.title or held.dataset,
            publisher=held.publisher,
            vintage=held.vintage,
            origin=held.origin,
            licence=licence_words(held.licence, language),
        )
        for code in held.cautions:
            yield message(language, f"caution.{code}")
        if not held.verified:
            yield message(language, "cli.answer.unverified", dataset=held.dataset)
    if found.others:
        yield message(language, "cli.answer.also", datasets=", ".join(found.others))
    yield from _priced(found.pricings, language)
    yield from dict.fromkeys(remark_told(one, language) for one in found.remarks)
    yield from _wider(found, language)


def _heading(found: Answer, language: str) -> str:
    asked = found.asked
    stages = dict.fromkeys(found.frame["stage"].to_list())
    kinds = dict.fromkeys(found.frame["year_kind"].to_list())
    return message(
        language,
        "cli.answer.heading",
        provider=asked.provider or message(language, "cli.answer.any-provider"),
        recipient=asked.recipient or message(language, "cli.answer.any-recipient"),
        stages=join([stage_word(one, language, inside=True) for one in stages], language),
        by=join([message(language, f"cli.by.{one}") for one in asked.by], language),
        kinds=join([message(language, f"cli.year-kind.{one}") for one in kinds], language),
    )


def _lines(found: Answer, language: str) -> str:
    frame, asked = found.frame, found.asked
    cuts = [one.replace("-", "_") for one in asked.by]
    more = [name for name in ("until", "calendar") if name in frame.columns]
    apart = [name for name in _APART if name not in cuts and frame[name].n_unique() > 1]
    shown = [*cuts, *more, *apart]
    heads = [message(language, f"cli.by.{name.replace('_', '-')}").capitalize() for name in shown]
    heads.append(message(language, "cli.head.current"))
    money = found.pricings[0].money if found.pricings else ""
    if asked.at is not None:
        heads.append(message(language, "cli.head.priced", at=asked.at, money=money))
    heads.append(message(language, "cli.head.rows"))
    rows = []
    for line in frame.iter_rows(named=True):
        cells = [value_told(name, line[name], language) for name in shown]
        cells.append(amount(line["amount"], line["currency"], language))
        if asked.at is not None:
            cells.append(amount(line["constant"], asked.money or line["currency"], language))
        rows.append([*cells, str(line["rows"])])
    rows += _sum(found, len(shown), language)
    numbers = range(len(shown), len(heads))
    return table(heads, rows, right=tuple(numbers))


def _sum(found: Answer, texts: int, language: str) -> list[list[str]]:
    """Return the line of the sum, where all lines may be added."""
    frame = found.frame
    spans = "until" in frame.columns and frame["until"].is_not_null().any()
    if frame.height < 2 or spans or frame.select(_APART).n_unique() > 1:  # noqa: PLR2004 - a sum needs two
        return []
    cells = [message(language, "cli.answer.sum"), *[""] * (texts - 1)] if texts else []
    currency = frame["currency"][0]
    cells.append(amount(float(frame["amount"].sum()), currency, language))
    if found.asked.at is not None:
        cells.append(amount(float(frame["constant"].sum()), found.asked.money or currency, language))
    return [[*cells, str(frame["rows"].sum())]]


def value_told(column: str, value: object, language: str) -> str:
    """Return what a cell of a cut says."""
    if value in (None, ""):
        return message(language, "cli.answer.unsaid") if column not in ("until", "calendar") else ""
    text = str(value)
    if column == "stage":
        return stage_word(text, language)
    if column == "year_kind":
        return message(language, f"cli.year-kind.{text}")
    if column == "interest":
        return message(language, f"cli.interest.{text}")
    if column == "calendar":
        return message(language, f"cli.calendar.{text}")
    if column in _ITEMS:
        return "; ".join(_item(one, language) for one in text.split(";"))
    return text


def _item(item: str, language: str) -> str:
    from ayni.ledger.purposes import named

    mapped = named(item)
    if mapped is None:
        return item
    return f"{mapped.es if language == 'es' else mapped.en} [{item}]"


def _priced(pricings: Sequence[Pricing], language: str) -> Iterator[str]:
    """Tell how prices were made, each way once."""
    ways: dict[tuple[object, ...], list[Pricing]] = {}
    for one in pricings:
        ways.setdefault((one.method, one.index, one.rate, one.sources, one.base, one.money), []).append(one)
    for same in ways.values():
        first = same[0]
        sources = [f"{key} ({vintage})" for key, vintage in zip(first.sources, first.vintages, strict=True)]
        yield message(
            language,
            f"cli.priced.{first.method}",
            at=first.at,
            money=first.money,
            currency=first.amounts.currency,
            index=first.index,
            rate=first.rate,
            source=join(sources, language),
            base=first.base if first.base is not None else "\u2013",
            stages=", ".join(
                dict.fromkeys(stage_word(one.amounts.stage, language, inside=True) for one in same)
            ),
        )
        if first.method != "implied" and any(one.amounts.year_kind == "us-fiscal" for one in same):
            yield message(language, "cli.priced.fiscal")


def _wider(found: Answer, language: str) -> Iterator[str]:
    """Tell what regions got that may hold money for the recipient."""
    if not found.asked.recipient or found.wider.is_empty():
        return
    told = [
        message(
            language,
            "cli.answer.region",
            region=row["recipient"],
            stage=stage_word(row["stage"], language, inside=True),
            amount=amount(row["amount"], row["currency"], language),
        )
        for row in found.wider.iter_rows(named=True)
    ]
    more = len(told) - _REGIONS
    listed = told[:_REGIONS] + (
        [message(language, "cli.answer.more-regions", count=more)] if more > 0 else []
    )
    yield message(language, "cli.answer.wider", recipient=found.asked.recipient, regions="; ".join(listed))


def _ways_on(found: Answer, language: str) -> Iterator[str]:
    yield message(language, "cli.flows.apart")
    yield message(language, "cli.answer.why", line=found.frame["key"][0] if found.frame.height else "KEY")
