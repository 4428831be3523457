"""Claims with their verdicts, in words: reasons, evidence on both sides, what would change them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from ayni.brief.plan import Edition
from ayni.brief.printed import NOTHING, anchor, printed, said, without_range
from ayni.claims.naming import name_of, publisher, row_name
from ayni.claims.numbers import number
from ayni.claims.records import Claim, Evidence, Pivot, Verdict
from ayni.language import MONEY, message
from ayni.units import Quantity

_PIVOTS = 4
# Claims whose readings keep the unit of their figures; the others are judged in the claim's own.
_OWN_UNIT = ("quantity", "share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A piece of evidence as printed."""

    stance: str
    text: Markup
    amount: Markup = NOTHING
    how: Markup = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim with its verdict, as printed."""

    ident: str
    key: str
    label: str
    word: str
    means: str
    kind: str
    text: str
    reading: str
    speaker: Markup
    reasons: tuple[str, ...]
    evidence: tuple[tuple[str, tuple[Spoken, ...]], ...]
    pivots: tuple[Markup, ...]
    more_pivots: int
    interest: str


def own_words(said_of: Claim | Evidence, language: str) -> str:
    """Return the text of a claim or of evidence in a language."""
    return said_of.es if language == "es" else said_of.en


def judged(edition: Edition, verdict: Verdict) -> Judged:
    """Return a verdict in words."""
    claim, language = verdict.claim, edition.language
    case = edition.dossier.case
    source = Markup('<a href="#{}">{}</a>').format(
        anchor("o", claim.speaker), publisher(case.ledger, claim.speaker, language)
    )
    spoken = [_spoken(edition, each) for each in verdict.evidence]
    stances = tuple(
        (message(language, f"page.stance.{stance}"), kept)
        for stance in ("for", "against", "neither")
        if (kept := tuple(each for each in spoken if each.stance == stance))
    )
    pivots = tuple(_pivot(edition, claim, pivot) for pivot in verdict.pivots)
    return Judged(
        ident=anchor("c", claim.key),
        key=claim.key,
        label=verdict.label,
        word=message(language, f"label.{verdict.label}"),
        means=message(language, f"label-means.{verdict.label}"),
        kind=message(language, f"kind.{claim.kind}"),
        text=own_words(claim, language),
        reading=claim.reading_es if language == "es" else claim.reading_en,
        speaker=said(edition, "page.claim.speaker", {"speaker": source, "span": claim.span}),
        reasons=tuple(reason(edition, code) for code in verdict.reasons),
        evidence=stances,
        pivots=pivots[:_PIVOTS],
        more_pivots=len(pivots[_PIVOTS:]),
        interest=claim.interest,
    )


def reason(edition: Edition, code: str) -> str:
    """Return a reason in words, its particular named."""
    key, _, detail = code.partition(":")
    return message(edition.language, f"reason.{key}", detail=detail_words(edition, detail))


def detail_words(edition: Edition, detail: str) -> str:
    """Return what a reason points to, named as a reader knows it."""
    case, language = edition.dossier.case, edition.language
    if detail.startswith("row:"):
        row = detail.removeprefix("row:")
        return row_name(case.ledger, row, language) or row
    for table in (case.chain.links, case.questions, case.claims):
        held = table.get(detail)
        if held is not None:
            return str(held.es if language == "es" else held.en).rstrip(".")
    if detail in case.pointers:
        return name_of(case, detail, language)
    count, slash, total = detail.partition("/")
    if slash and count.isdigit():
        return message(language, "page.of", count=count, total=total)
    return _kind_word(detail, language)


def _kind_word(detail: str, language: str) -> str:
    try:
        return message(language, f"kind.{detail}")
    except KeyError:
        return detail


def target(pointer: str) -> str:
    """Return the id of what evidence points to."""
    kind, colon, rest = pointer.partition(":")
    if not colon:
        return anchor("n", pointer)
    return anchor({"row": "r", "effect": "q", "claim": "c", "document": "o"}.get(kind, "n"), rest)


def _spoken(edition: Edition, evidence: Evidence) -> Spoken:
    href = target(evidence.pointer)
    text = Markup('<a href="#{}">{}</a>').format(href, own_words(evidence, edition.language))
    amount = Markup("")
    if evidence.quantity is not None:
        amount = printed(evidence.pointer, without_range(evidence.quantity), edition, href)
    return Spoken(stance=evidence.stance, text=text, amount=amount)


def _pivot(edition: Edition, claim: Claim, pivot: Pivot) -> Markup:
    name = detail_words(edition, pivot.pointer.removeprefix("claim:"))
    unit = pivot.unit if claim.kind in _OWN_UNIT else _unit_of(edition, pivot)
    href = target(pivot.pointer)
    name_at = f"{pivot.pointer}:pivot:{claim.key}:{'above' if pivot.above else 'below'}"
    at = printed(
        name_at, Quantity(value=pivot.at, unit=unit), edition, href, digits=_decimals(pivot.at, unit)
    )
    told = {
        "name": Markup('<a href="#{}">{}</a>').format(href, name),
        "at": at,
        "label": message(edition.language, f"label.{pivot.becomes}"),
    }
    return said(edition, f"page.pivot.{'above' if pivot.above else 'below'}", told)


def _decimals(value: float, unit: str) -> int | None:
    """Return enough decimals to tell a threshold from the figure beside it."""
    if unit in MONEY:
        return None
    _, _, decimals = f"{value:.5g}".partition(".")
    return 0 if "e" in decimals else len(decimals)


def _unit_of(edition: Edition, pivot: Pivot) -> str:
    case = edition.dossier.case
    if pivot.pointer in case.pointers:
        return number(case, pivot.pointer).quantity.unit
    part = case.claims.get(pivot.pointer.removeprefix("claim:"))
    return (part.unit if part else pivot.unit) or "index"


def cited_rows(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Return the rows that verdicts cite by line, in order."""
    pointers = (
        pointer
        for verdict in verdicts
        for pointer in (*(e.pointer for e in verdict.evidence), *(p.pointer for p in verdict.pivots))
    )
    return tuple(dict.fromkeys(p.removeprefix("row:") for p in pointers if p.startswith("row:")))
