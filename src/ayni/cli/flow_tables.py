"""Flows as tables for a terminal, with the prices, the gaps and the disagreements told below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.flows import code_name
from ayni.cli.terminal import paragraph, table
from ayni.cli.wording import factor_told
from ayni.language import join, message, money, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ayni.cli.flows import Answer
    from ayni.dossier.opening import Dossier
    from ayni.ledger.prices import Deflator
    from ayni.ledger.totals import Conflict, Total

_INCOMPLETE, _DISPUTED = "*", "\u2260"


def page(dossier: Dossier, found: Answer, language: str) -> str:
    """Return the whole answer as text."""
    if not found.totals:
        return paragraph(_nothing(dossier, found, language))
    body = _by_vintage(found, language) if found.by == "vintage" else _by_one(dossier, found, language)
    return "\n\n".join([paragraph(_heading(dossier, found, language)), body, _foot(dossier, found, language)])


def _nothing(dossier: Dossier, found: Answer, language: str) -> str:
    from ayni.ledger.totals import Asked, asked_rows

    rows = asked_rows(
        dossier.case.ledger, Asked(provider=found.asked.provider, recipient=found.asked.recipient)
    )
    known = sorted({f"{row.origin} ({row.stage})" for row in rows})
    return message(language, "cli.flows.nothing", known=", ".join(known) or "\u2013")


def _heading(dossier: Dossier, found: Answer, language: str) -> str:
    from ayni.claims.naming import label, place_name

    asked, ledger = found.asked, dossier.case.ledger
    stages = {t.stage for t in found.totals}
    releases = {t.origin for t in found.totals}
    return message(
        language,
        "cli.flows.heading",
        provider=place_name(ledger, asked.provider, language)
        if asked.provider
        else message(language, "cli.flows.any"),
        recipient=place_name(ledger, asked.recipient, language),
        stage=label(ledger, "stage", stages.pop(), language).lower()
        if len(stages) == 1
        else message(language, "cli.flows.stages"),
        release=releases.pop() if len(releases) == 1 else message(language, "cli.flows.releases"),
        by=message(language, f"cli.by.{found.by}"),
        kind=join(
            [
                message(language, f"cli.year-kind.{kind}")
                for kind in sorted({t.year_kind for t in found.totals})
            ],
            language,
        ),
    )


def _by_one(dossier: Dossier, found: Answer, language: str) -> str:
    several = [
        c
        for c in ("stage", "origin", "note")
        if len({getattr(t, c) for t in found.totals}) > 1 and c != found.by
    ]
    yearly = found.by == "year"
    disputed = {(c.year, c.stage) for c in found.conflicts}
    heads = [message(language, f"cli.by.{found.by}").capitalize()]
    heads += [message(language, f"cli.head.{c}") for c in several]
    heads += [] if yearly else [message(language, "cli.head.years")]
    heads += [
        message(language, "cli.head.current"),
        message(language, "cli.head.constant", at=found.at),
        "",
    ]
    rows = []
    for total in found.totals:
        marks = _INCOMPLETE if total.incomplete else ""
        marks += _DISPUTED if yearly and (total.since, total.stage) in disputed else ""
        name = _span(total) if yearly else code_name(dossier, found.by, total.code, language)
        rows.append(
            [
                name,
                *(str(getattr(total, c)) for c in several),
                *([] if yearly else [_span(total)]),
                amount(total.amount, total.currency, language),
                "\u2013" if total.constant is None else amount(total.constant, total.currency, language),
                marks,
            ]
        )
    rows += _sum(found, language, len(several)) if yearly else []
    return table(heads, rows, right=(len(heads) - 3, len(heads) - 2))


def _sum(found: Answer, language: str, several: int) -> list[list[str]]:
    """Return the line of the sum over years, where all years may be added and none lacks a factor."""
    same = {(t.origin, t.stage, t.provider, t.recipient, t.currency, t.year_kind) for t in found.totals}
    spans = any(t.since != t.until for t in found.totals)
    if len(same) > 1 or len(found.totals) == 1 or spans or any(t.constant is None for t in found.totals):
        return []
    currency = found.totals[0].currency
    name = f"{found.totals[0].since}\u2013{found.totals[-1].until}"
    current, constant = sum(t.amount for t in found.totals), sum(t.constant or 0.0 for t in found.totals)
    sums = [amount(current, currency, language), amount(constant, currency, language)]
    return [[name, *[""] * several, *sums, _INCOMPLETE if any(t.incomplete for t in found.totals) else ""]]


def _span(total: Total) -> str:
    return str(total.since) if total.since == total.until else f"{total.since}\u2013{total.until}"


def amount(value: float, currency: str, language: str) -> str:
    """Return an amount in whole units of its currency."""
    return money(value, currency, language, digits=0, whole=True)


def _by_vintage(found: Answer, language: str) -> str:
    spreads = {(c.year, c.stage): c for c in found.conflicts}
    heads = [message(language, f"cli.head.{name}") for name in ("year", "spread", "current")]
    heads += ["", message(language, "cli.head.releases")]
    rows: list[list[str]] = []
    for year, stage in dict.fromkeys((t.since, t.stage) for t in found.totals):
        same = [t for t in found.totals if (t.since, t.stage) == (year, stage)]
        conflict = spreads.get((year, stage))
        for position, alike in enumerate(_alike(same)):
            latest = max(alike, key=lambda t: t.vintage)
            rows.append(
                [
                    str(year) if position == 0 else "",
                    _spread(conflict, language) if position == 0 else "",
                    amount(latest.amount, latest.currency, language),
                    _INCOMPLETE if latest.incomplete else "",
                    message(language, "cli.flows.every", count=len(alike))
                    if len(alike) == len(same) > 1
                    else ", ".join(t.origin for t in alike),
                ]
            )
    return table(heads, rows, right=(1, 2))


def _spread(conflict: Conflict | None, language: str) -> str:
    return percent(conflict.spread_percent, language, digits=2) if conflict else ""


def _alike(same: Sequence[Total]) -> Iterator[list[Total]]:
    """Gather releases that give one amount, but for rounding; complete years apart from incomplete ones."""
    from ayni.ledger.totals import agree

    left = sorted(same, key=lambda t: (bool(t.incomplete), t.amount))
    while left:
        first = left[0]
        yield [t for t in left if _like(first, t, agree(first.amount, t.amount))]
        left = [t for t in left if not _like(first, t, agree(first.amount, t.amount))]


def _like(first: Total, other: Total, agreed: bool) -> bool:
    return agreed and bool(first.incomplete) == bool(other.incomplete) and first.provider == other.provider


def _foot(dossier: Dossier, found: Answer, language: str) -> str:
    told = []
    if any(t.incomplete for t in found.totals):
        told.append(message(language, "cli.flows.incomplete", mark=_INCOMPLETE))
    if found.by == "year" and found.conflicts:
        told.append(message(language, "cli.flows.disputed", mark=_DISPUTED, name=dossier.about.key))
    if found.by == "vintage":
        told.append(message(language, "cli.flows.spread"))
    else:
        told += _prices(found, language)
    unpriced = sorted({year for t in found.totals for year in t.unpriced})
    if unpriced:
        listed = join([str(year) for year in unpriced], language)
        told.append(message(language, "cli.flows.unpriced", at=found.at, years=listed))
    told.append(message(language, "cli.flows.apart"))
    return "\n".join(paragraph(one) for one in told)


def _prices(found: Answer, language: str) -> list[str]:
    """Tell method, base year and every linking factor, each way of pricing once."""
    ways: dict[tuple[object, ...], tuple[Deflator, list[str]]] = {}
    shown = {(t.origin, t.stage) for t in found.totals}
    for release, stage, priced in found.deflators:
        if (release, stage) in shown:
            own = tuple((k.source, k.target, k.factor) for k in priced.links)
            way = (priced.method, priced.origin, own)
            ways.setdefault(way, (priced, []))[1].append(stage)
    return [
        message(
            language,
            f"cli.prices.{priced.method}",
            at=priced.base,
            source=priced.origin,
            stages=", ".join(dict.fromkeys(stages)),
            links="".join(f" {factor_told(one, language)}" for one in priced.links),
        )
        for priced, stages in ways.values()
    ]
