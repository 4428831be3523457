"""The twenty seconds: sentences chosen by verdicts and filled with numbers; no conclusion is typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ayni.brief.charts import Headings, RangeStrip, draw
from ayni.brief.money import incomplete_words, theatre, who
from ayni.brief.pictures import headings
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, figure, link, plain, printed, said, spread, without_range
from ayni.brief.prose import sentence
from ayni.brief.steps import grades
from ayni.claims.naming import name_of
from ayni.claims.numbers import curve, effects, number
from ayni.claims.records import Verdict
from ayni.claims.rules import CAUSAL
from ayni.claims.verdicts import verdict, verdicts
from ayni.designs.specification import averted
from ayni.language import join, message, unit_word
from ayni.language import number as digits
from ayni.units import Quantity

_STRIP_PX = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side got, in a sentence."""

    who: str
    sentence: Markup
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """An interest on the first screen: its verdict and one number with its range."""

    key: str
    name: str
    label: str
    word: str
    claim: str
    what: str
    amount: Markup
    reach: Markup
    drawing: Markup
    theatre: str


def sides(edition: Edition) -> tuple[Side, Side]:
    """Return the answers for the provider and for the recipient."""
    return _side(edition, "provider"), _side(edition, "recipient")


def _conclusion(edition: Edition, side: str) -> Verdict | None:
    """Return the verdict on the conclusion that speaks of a side; None where none does."""
    claims = edition.dossier.case.claims.values()
    key = next((c.key for c in claims if c.kind == "conclusion" and c.side == side), None)
    return verdict(edition.dossier.case, key) if key else None


def _side(edition: Edition, side: Literal["provider", "recipient"]) -> Side:
    found = _conclusion(edition, side)
    label = found.label if found else "out-of-reach"
    parts = [verdict(edition.dossier.case, key).label for key in found.claim.parts] if found else []
    return Side(
        who=who(edition, side),
        sentence=answer(edition, side, label, parts),
        label=message(edition.language, f"label.{label}"),
    )


def answer(
    edition: Edition, side: Literal["provider", "recipient"], label: str, parts: Sequence[str]
) -> Markup:
    """Return one sentence for a side: by the label of its conclusion, the labels of its parts, its fact.

    Parameters
    ----------
    side : str
        ``provider`` or ``recipient``.
    label : str
        Of the conclusion.
    parts : sequence of str
        Labels of the effects that the conclusion is made of.
    """
    fact = edition.plan.answers.get(side)
    found = _conclusion(edition, side)
    target = anchor("c", found.claim.key) if found else "verdicts"
    told = {
        "tally": _tally(edition, parts),
        "count": link(f"answer/{side}/parts", len(parts), digits(len(parts), edition.language), target),
        "fact": sentence(edition, fact.es if edition.language == "es" else fact.en) if fact else Markup(""),
    }
    text = said(edition, f"page.answer.{label}", told)
    if fact:
        text += Markup("; ") + told["fact"]
    return text + Markup(".")


def _tally(edition: Edition, labels: Sequence[str]) -> str:
    language = edition.language
    counted = Counter(labels)
    ordered = [label for label in reversed(CAUSAL) if label in counted]
    ordered += [label for label in counted if label not in CAUSAL]
    if len(ordered) == 1 and len(labels) > 1:
        return message(language, f"page.tally-all.{ordered[0]}")
    return join(
        [
            message(
                language,
                f"page.tally-{'one' if counted[label] == 1 else 'many'}.{label}",
                count=counted[label],
            )
            for label in ordered
        ],
        language,
    )


def not_known(edition: Edition) -> Markup:
    """Return the one line of what is not known: links without evidence, years not complete."""
    graded = grades(edition)
    silent = [g.link for g in graded if g.balance == "none"]
    names = [
        Markup('<a href="#{}">{}</a>').format(
            anchor("l", held.key), (held.es if edition.language == "es" else held.en).rstrip(".")
        )
        for held in silent
    ]
    told: dict[str, object] = {
        "silent": link("chain/silent", len(silent), digits(len(silent), edition.language), "links"),
        "links": link("chain/links", len(graded), digits(len(graded), edition.language), "links"),
        "names": Markup("; ").join(names),
    }
    text = said(edition, "page.unknown.links" if silent else "page.unknown.no-silent", told)
    incomplete = incomplete_words(edition)
    if incomplete:
        text += Markup(" ") + said(edition, "page.unknown.years", {"years": incomplete})
    return text


def main_claim(edition: Edition, interest: str) -> Verdict | None:
    """Return the verdict on an interest's main causal claim: the first that a conclusion rests on."""
    case = edition.dossier.case
    parts = [key for c in case.claims.values() if c.kind == "conclusion" for key in c.parts]
    own = [c.key for c in case.claims.values() if c.interest == interest and c.kind == "cause"]
    key = next((p for p in parts if p in own), own[0] if own else None)
    return verdict(case, key) if key else None


def strips(edition: Edition) -> tuple[Strip, ...]:
    """Return the interests of the dossier as a strip."""
    return tuple(_strip(edition, key) for key in edition.dossier.about.interests)


def _strip(edition: Edition, key: str) -> Strip:
    about, language = edition.dossier.about.interests[key], edition.language
    found = main_claim(edition, key)
    label = found.label if found else "out-of-reach"
    what = _reach(edition, about.headline)
    claim = "" if found is None else found.claim.es if language == "es" else found.claim.en
    href = anchor("n", about.headline)
    return Strip(
        key=key,
        name=about.es if language == "es" else about.en,
        label=label,
        word=message(language, f"label.{label}"),
        claim=claim,
        what=name_of(edition.dossier.case, about.headline, language),
        amount=printed(about.headline, without_range(what), edition, href),
        reach=spread(f"{about.headline}:strip", what, edition, href),
        drawing=_drawing(edition, key, what),
        theatre=theatre(edition, about.theatre),
    )


def _reach(edition: Edition, name: str) -> Quantity:
    """Return a headline with its range: its own, else what all designs on its question span."""
    found = number(edition.dossier.case, name)
    what = found.quantity
    question, _, design = found.effect.partition(" ")
    case = edition.dossier.case
    if what.low is not None or what.high is not None or not question:
        return what
    answered = effects(case, question) if design else curve(case, question)
    # A curve spans its own estimates; a question, what the intervals of all its designs span.
    ends = [
        e.difference.ends if design else (averted(e), averted(e))
        for e in answered
        if e.difference is not None
    ]
    return Quantity(
        value=what.value,
        unit=what.unit,
        low=min([what.value, *(low for low, _ in ends)]),
        high=max([what.value, *(high for _, high in ends)]),
    )


def _drawing(edition: Edition, key: str, what: Quantity) -> Markup:
    if what.low is None and what.high is None:
        return Markup("")
    low, high = what.ends
    unit = "" if what.unit in ("ratio", "index", "rank") else unit_word(what.unit, edition.language)
    heads: Headings = headings(edition)
    chart = RangeStrip(
        title=edition.dossier.about.interests[key].es
        if edition.language == "es"
        else edition.dossier.about.interests[key].en,
        alt=plain(spread("strip", what, edition, "strip")),
        value=what.value,
        low=low,
        high=high,
        unit=unit,
        tick=lambda value: digits(value, edition.language),
        headings=heads,
    )
    return Markup(draw(chart, width=_STRIP_PX, ident=f"strip-{key}"))


def _claims_counted(edition: Edition) -> Markup:
    """Return how many claims were judged, and how many bear each label."""
    language = edition.language
    counted = Counter(v.label for v in verdicts(edition.dossier.case)).most_common()
    labels = join([f"{message(language, f'label.{label}')} ({{}})" for label, _ in counted], language)
    counts = [link(f"claims/{label}", count, digits(count, language), "verdicts") for label, count in counted]
    total = sum(count for _, count in counted)
    told = {
        "count": link("claims/count", total, digits(total, language), "verdicts"),
        "listed": Markup.escape(labels).format(*counts),
    }
    return said(edition, "page.summary.claims", told)


def summary(edition: Edition) -> tuple[Markup, ...]:
    """Return the summary: sentences by rule, in which every number leads to its evidence."""
    about, case, language = edition.dossier.about, edition.dossier.case, edition.language
    made = [
        said(edition, "page.summary.side", {"who": side.who, "sentence": side.sentence})
        for side in sides(edition)
    ]
    for key, interest in about.interests.items():
        found = main_claim(edition, key)
        if found is None:
            continue
        told = {
            "interest": interest.es if language == "es" else interest.en,
            "claim": (found.claim.es if language == "es" else found.claim.en).rstrip("."),
            "label": Markup('<a href="#{}">{}</a>').format(
                anchor("c", found.claim.key), message(language, f"label.{found.label}")
            ),
            "what": name_of(case, interest.headline, language),
            "amount": figure(edition, interest.headline),
            "reach": spread(
                f"{interest.headline}:summary",
                _reach(edition, interest.headline),
                edition,
                anchor("n", interest.headline),
            ),
        }
        made.append(said(edition, "page.summary.interest", told))
    made.append(_claims_counted(edition))
    made.append(not_known(edition))
    return tuple(made)
