"""What stands behind a name: a number, a row, a claim, a link, a question or an origin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ayni.cli.rows import Fact, figure_rows, origin_facts, row_facts, row_told
from ayni.cli.wording import factor_told, named, reason
from ayni.language import message, quantity, years
from ayni.units import Quantity

if TYPE_CHECKING:
    from ayni.claims.case import Case
    from ayni.claims.records import Number, Verdict
    from ayni.designs.records import Check, Effect
    from ayni.dossier.opening import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What it is made of, or what speaks to it.

    Attributes
    ----------
    pointer : str
        A name that can be traced in its turn.
    stance : str
        ``for``, ``against``, ``neither``, or empty where there are no sides.
    figure : Quantity or None
        Its value.
    told : str
        What it is.
    """

    pointer: str
    stance: str
    figure: Quantity | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything behind one name, said in one language.

    Attributes
    ----------
    kind : str
        number, claim, link, question, row or origin.
    key, told : str
        Its name and what it is.
    figure : Quantity or None
        Its value, where it is a number.
    facts : tuple of Fact
        How it was made or judged.
    pieces : tuple of Piece
        What it is made of, or the evidence.
    checks : tuple of Check
        Diagnostics of the effects in it.
    rows : tuple of str
        Every row below it.
    used : tuple of str
        Names that use it.
    """

    kind: str
    key: str
    told: str
    figure: Quantity | None = None
    facts: tuple[Fact, ...] = ()
    pieces: tuple[Piece, ...] = ()
    checks: tuple[Check, ...] = ()
    rows: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


def find(dossier: Dossier, name: str, language: str) -> tuple[Trace, ...]:
    """Return a trace of everything that bears the name: a key may name a number and a claim."""
    kind, _, rest = name.partition(":")
    if kind in _ALIASES and rest:
        found = _FINDERS[_ALIASES[kind]](dossier, rest, language)
        return (found,) if found else ()
    traces = (finder(dossier, name, language) for finder in _FINDERS.values())
    return tuple(trace for trace in traces if trace is not None)


def names(dossier: Dossier) -> list[str]:
    """Return every name that can be traced, rows left out."""
    from ayni.claims.naming import words

    case = dossier.case
    origins = words(case.ledger, "origins")
    return [*case.pointers, *case.claims, *case.chain.links, *case.questions, *origins]


# -- numbers -------------------------------------------------------------------------------


def _number(dossier: Dossier, name: str, language: str) -> Trace | None:
    from ayni.claims.naming import name_of
    from ayni.claims.numbers import number

    case = dossier.case
    if name not in case.pointers:
        return None
    found = number(case, name)
    effect = _effect_of(case, found)
    pieces = [
        Piece(pointer=p, stance="", figure=number(case, p).quantity, told=name_of(case, p, language))
        for p in found.of
    ]
    return Trace(
        kind="number",
        key=name,
        told=name_of(case, name, language),
        figure=found.quantity,
        facts=tuple(_number_facts(dossier, found, effect, language)),
        pieces=tuple(pieces),
        checks=effect.checks if effect else (),
        rows=found.rows,
        used=tuple(_users(case, name)),
    )


def _effect_of(case: Case, found: Number) -> Effect | None:
    from ayni.claims.numbers import effects

    question, _, design = found.effect.partition(" ")
    if question not in case.questions or not design:
        return None
    return next((e for e in effects(case, question) if e.design == design), None)


def _number_facts(dossier: Dossier, found: Number, effect: Effect | None, language: str) -> Iterator[Fact]:
    yield Fact(key="method", told=message(language, f"cli.op.{found.op}"))
    if found.year:
        yield Fact(key="year", told=years(found.year, found.until, language, fiscal=found.fiscal))
    if found.at:
        yield from _pricing(dossier, found, found.at, language)
    if effect is not None:
        yield Fact(key="effect", told=found.effect)
        for key in effect.assumptions:
            yield Fact(key="assumption", told=message(language, f"assumption.{key}"))
    elif found.effect in dossier.case.specifications:
        listed = dossier.case.specifications[found.effect]
        told = message(
            language, "cli.trace.list", name=listed.key, frozen=listed.frozen, digest=listed.digest
        )
        yield Fact(key="list", told=told)


def _pricing(dossier: Dossier, found: Number, at: int, language: str) -> Iterator[Fact]:
    """Tell how money was brought to the prices of one year, with every linking factor."""
    from ayni.ledger.prices import deflator

    row = figure_rows(dossier).get(found.rows[0]) if found.rows else None
    stage = getattr(row, "stage", "")
    if row is None or not stage or found.op != "money":
        yield Fact(key="prices", told=message(language, "cli.trace.prices", at=at))
        return
    case = dossier.case
    priced = deflator(case.ledger, origin=row.origin, stage=stage, to=at, indexes=case.indexes)
    said = message(
        language, f"cli.prices.{priced.method}", at=at, source=priced.origin, stages=stage, links=""
    )
    yield Fact(key="prices", told=said)
    for link in priced.links:
        yield Fact(key="factor", told=factor_told(link, language))


def _users(case: Case, name: str) -> Iterator[str]:
    """Yield the names that a number speaks to: other numbers, claims, links and curves."""
    yield from (key for key, pointer in case.pointers.items() if name in pointer.of)
    yield from (f"claim:{key}" for key, c in case.claims.items() if any(name in group for group in c.inputs))
    for key, link in case.chain.links.items():
        if any(item.number == name for item in link.items):
            yield f"link:{key}"
    yield from (
        f"effect:{key}" for key, asked in case.asked.items() if any(name == a.conversion for a in asked)
    )


# -- claims, links, questions --------------------------------------------------------------


def _claim(dossier: Dossier, name: str, language: str) -> Trace | None:
    from ayni.claims.verdicts import verdict

    case = dossier.case
    if name not in case.claims:
        return None
    judged = verdict(case, name)
    claim = judged.claim
    pieces = tuple(
        Piece(
            pointer=e.pointer,
            stance=e.stance,
            figure=e.quantity,
            told=e.es if language == "es" else e.en,
        )
        for e in judged.evidence
    )
    value = None
    if claim.value is not None and claim.unit:
        value = Quantity(value=claim.value, unit=claim.unit)
    return Trace(
        kind="claim",
        key=name,
        told=claim.es if language == "es" else claim.en,
        figure=value,
        facts=tuple(_claim_facts(case, judged, language)),
        pieces=pieces,
        rows=tuple(
            dict.fromkeys(row for e in judged.evidence for row in e.rows if not row.startswith("document:"))
        ),
        used=tuple(f"claim:{key}" for key, other in case.claims.items() if name in other.parts),
    )


def _claim_facts(case: Case, judged: Verdict, language: str) -> Iterator[Fact]:
    from ayni.claims.naming import publisher

    claim = judged.claim
    label = message(language, f"label.{judged.label}")
    yield Fact(key="verdict", told=f"{label}. {message(language, f'label-means.{judged.label}')}")
    for code in judged.reasons:
        yield Fact(key="because", told=reason(case, code, language))
    yield Fact(key="confidence", told=message(language, f"certainty.{judged.confidence}"))
    yield Fact(key="kind", told=message(language, f"kind.{claim.kind}"))
    who = publisher(case.ledger, claim.speaker, language)
    yield Fact(
        key="said", told=message(language, "cli.trace.said", who=who, origin=claim.speaker, span=claim.span)
    )
    reading = claim.reading_es if language == "es" else claim.reading_en
    if reading:
        yield Fact(key="reading", told=reading)
    for pivot in judged.pivots[:3]:
        told = message(
            language,
            "cli.trace.pivot-above" if pivot.above else "cli.trace.pivot-below",
            what=named(case, pivot.pointer, language),
            at=_at(pivot.at, pivot.unit, language),
            becomes=message(language, f"label.{pivot.becomes}"),
        )
        yield Fact(key="would-change", told=told)
    if not judged.pivots:
        for code in judged.reasons:
            key, _, _ = code.partition(":")
            if key in _NEEDS:
                yield Fact(key="would-change", told=reason(case, code, language, table="need"))


# Reasons for which the catalogue says what would be needed to change the verdict.
_NEEDS = frozenset(
    "link-refuted link-silent link-doubtful no-design design-refused no-interval wrong-way shown-small "
    "no-power checks-failed weakest-part no-source links-evidenced".split()
)


def _at(value: float, unit: str, language: str) -> str:
    return quantity(Quantity(value=value, unit=unit or "ratio"), language)


def _link(dossier: Dossier, name: str, language: str) -> Trace | None:
    from ayni.claims.grades import grade, spoken

    case = dossier.case
    if name not in case.chain.links:
        return None
    link = case.chain.links[name]
    graded = grade(case, link)
    ends = (case.chain.nodes[end] for end in (link.source, link.target))
    certainty = message(language, f"certainty.{graded.certainty}")
    facts = [
        Fact(key="joins", told=" \u2192 ".join(node.es if language == "es" else node.en for node in ends)),
        Fact(key="certainty", told=f"{certainty}, {message(language, f'balance.{graded.balance}')}"),
        *(Fact(key="step", told=message(language, f"grade.{step}")) for step in graded.steps),
    ]
    pieces = []
    for weighed in graded.weighed:
        said = spoken(weighed)
        method = message(language, f"method.{weighed.item.method}")
        text = said.es if language == "es" else said.en
        told = message(language, "cli.trace.item", text=text, method=method, level=weighed.level)
        pieces.append(Piece(pointer=said.pointer, stance=said.stance, figure=said.quantity, told=told))
    return Trace(
        kind="link",
        key=name,
        told=link.es if language == "es" else link.en,
        facts=tuple(facts),
        pieces=tuple(pieces),
        rows=tuple(dict.fromkeys(r for w in graded.weighed for r in w.rows if not r.startswith("document:"))),
        used=tuple(f"claim:{key}" for key, claim in case.claims.items() if name in claim.links),
    )


def _question(dossier: Dossier, name: str, language: str) -> Trace | None:
    from ayni.claims.naming import indicator_name, place_name
    from ayni.claims.numbers import effects

    case = dossier.case
    if name not in case.questions:
        return None
    question = case.questions[name]
    found = effects(case, name)
    unit = next((e.difference.unit for e in found if e.difference), "ratio")
    outcome = f"{indicator_name(case.ledger, question.indicator, language)} [{question.indicator}]"
    facts = (
        Fact(key="outcome", told=f"{outcome}, {place_name(case.ledger, question.place, language)}"),
        Fact(key="year", told=str(question.year)),
        Fact(key="big", told=_at(question.big, unit, language)),
    )
    pieces = tuple(
        Piece(
            pointer=e.design,
            stance="",
            figure=e.difference,
            told=message(language, e.refused) if e.refused else e.estimand,
        )
        for e in found
    )
    checks = {(c.key, c.es): c for e in found for c in e.checks}
    return Trace(
        kind="question",
        key=name,
        told=question.es if language == "es" else question.en,
        facts=facts,
        pieces=pieces,
        checks=tuple(checks.values()),
        rows=tuple(dict.fromkeys(row for e in found for row in e.inputs)),
        used=tuple(f"claim:{key}" for key, claim in case.claims.items() if name in claim.effects),
    )


# -- rows and origins ----------------------------------------------------------------------


def _row(dossier: Dossier, name: str, language: str) -> Trace | None:
    rows = figure_rows(dossier)
    row = next((rows[n] for n in (name, f"figures/{name}") if n in rows), None)
    if row is None:
        return None
    told, what = row_told(dossier, row, language)
    return Trace(
        kind="row",
        key=row.row,
        told=told,
        figure=what,
        facts=tuple(row_facts(dossier, row, language)),
        rows=(row.row,),
        used=tuple(_numbers_over(dossier.case, row.row)),
    )


def _numbers_over(case: Case, row: str) -> Iterable[str]:
    from ayni.claims.numbers import number

    return (name for name in case.pointers if row in number(case, name).rows)


def _origin(dossier: Dossier, name: str, language: str) -> Trace | None:
    from ayni.claims.naming import origin_of, publisher, words

    ledger = dossier.case.ledger
    about = words(ledger, "origins").get(name)
    if about is None:
        return None
    rows = tuple(row for row, origin in origin_of(ledger).items() if origin == name)
    facts = tuple(origin_facts(dossier, name, language))
    speaks = tuple(f"claim:{key}" for key, claim in dossier.case.claims.items() if claim.speaker == name)
    return Trace(
        kind="origin", key=name, told=publisher(ledger, name, language), facts=facts, rows=rows, used=speaks
    )


_Finder = Callable[["Dossier", str, str], "Trace | None"]
_FINDERS: dict[str, _Finder] = {
    "number": _number,
    "claim": _claim,
    "link": _link,
    "question": _question,
    "row": _row,
    "origin": _origin,
}
# How evidence writes its pointers, and the kinds by their own names.
_ALIASES = {**{kind: kind for kind in _FINDERS}, "effect": "question", "document": "origin"}
