"""Every name that one file of a dossier uses and another must hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from ayni.claims.case import Case
from ayni.claims.grades import METHODS
from ayni.claims.naming import words
from ayni.claims.numbers import PointerError, number
from ayni.claims.results import circle
from ayni.designs.specification import digest
from ayni.designs.table import designs
from ayni.dossier.files import Source
from ayni.dossier.schemas import DossierFile
from ayni.dossier.text import FORMS, REFERENCE, Text
from ayni.problems import Problem
from ayni.units import UnitError, unit


def dangling(
    case: Case, about: DossierFile, sources: Mapping[str, Source], text: Mapping[str, Text]
) -> list[Problem]:
    """Return a problem for every name that leads nowhere, and for every circle."""
    problems: list[Problem] = []
    for source in sources.values():
        source.problems = problems
    _numbers(case, sources["numbers.toml"])
    _questions(case, about, sources["questions.toml"])
    _specifications(case, sources["specifications.toml"])
    _results(case, about, sources["results.toml"])
    _claims(case, about, sources["claims.toml"])
    _about(case, about, sources["dossier.toml"])
    problems += _prose(case, text)
    return problems


def _told(source: Source, known: Iterable[str], name: str, code: str, *place: str | int) -> None:
    if name and name not in set(known):
        near = ", ".join(difflib.get_close_matches(name, list(known), n=2))
        source.problem(code, *place, found=name, expected=near)


def _numbers(case: Case, source: Source) -> None:
    for name in case.pointers:
        try:
            number(case, name)
        except (PointerError, KeyError, ValueError, LookupError) as error:
            source.problem("dangling-number", name, found=str(error).strip("'\""))


def _questions(case: Case, about: DossierFile, source: Source) -> None:
    for key, question in case.questions.items():
        _told(
            source,
            words(case.ledger, "indicators"),
            question.indicator,
            "unknown-indicator",
            key,
            "indicator",
        )
        _told(source, words(case.ledger, "places"), question.place, "unknown-place", key, "place")
        _told(
            source,
            words(case.ledger, "origins"),
            question.cause.origin,
            "unknown-origin",
            key,
            "cause",
            "origin",
        )
        _told(source, about.interests, question.interest, "unknown-interest", key, "interest")
        for position, asked in enumerate(case.asked[key]):
            _told(source, designs(), asked.design, "unknown-design", key, "design", position, "design")
            _told(
                source,
                case.pointers,
                asked.conversion,
                "unknown-number",
                key,
                "design",
                position,
                "conversion",
            )


def _specifications(case: Case, source: Source) -> None:
    for key, listed in case.specifications.items():
        _told(source, case.questions, listed.question, "unknown-question", key, "question")
        for name in listed.conversions:
            _told(source, case.pointers, name, "unknown-number", key, "conversions")
        now = digest(listed)
        if now != listed.digest:
            source.problem("list-not-frozen", key, "digest", found=listed.digest, expected=now)


def _results(case: Case, about: DossierFile, source: Source) -> None:
    chain = case.chain
    for position, node in enumerate(chain.nodes.values()):
        _told(source, about.interests, node.interest, "unknown-interest", "node", position, "interest")
    for position, link in enumerate(chain.links.values()):
        for end in ("source", "target"):
            _told(source, chain.nodes, getattr(link, end), "unknown-node", "link", position, end)
        for item in link.items:
            _told(source, case.pointers, item.number, "unknown-number", "link", position, "item")
            _told(
                source,
                words(case.ledger, "origins"),
                item.document,
                "unknown-origin",
                "link",
                position,
                "item",
            )
            _told(source, METHODS, item.method, "unknown-method", "link", position, "item")
            if not item.number and not item.document:
                source.problem("no-pointer", "link", position, "item", found=item.key)
    found = circle(chain)
    if found:
        source.problem("circle", "link", found=" > ".join(found))


def _claims(case: Case, about: DossierFile, source: Source) -> None:
    indicators = words(case.ledger, "indicators").values()
    concepts = {row["concept"] for row in indicators}
    for position, claim in enumerate(case.claims.values()):
        place = ("claim", position)
        _told(source, words(case.ledger, "origins"), claim.speaker, "unknown-origin", *place, "speaker")
        _told(source, about.interests, claim.interest, "unknown-interest", *place, "interest")
        _told(source, concepts, claim.concept, "unknown-concept", *place, "concept")
        _told(source, words(case.ledger, "places"), claim.place, "unknown-place", *place, "place")
        for concept in claim.elsewhere:
            _told(source, concepts, concept, "unknown-concept", *place, "elsewhere")
        for name in (n for group in claim.inputs for n in group):
            _told(source, case.pointers, name, "unknown-number", *place, "inputs")
        for name in claim.links:
            _told(source, case.chain.links, name, "unknown-link", *place, "links")
        for name in claim.effects:
            _told(source, case.questions, name, "unknown-question", *place, "effects")
        for name in claim.parts:
            _told(source, case.claims, name, "unknown-claim", *place, "parts")
        if claim.unit:
            try:
                unit(claim.unit)
            except UnitError:
                source.problem("unknown-unit", *place, "unit", found=claim.unit)


def _about(case: Case, about: DossierFile, source: Source) -> None:
    for name, interest in about.interests.items():
        _told(source, case.pointers, interest.headline, "unknown-number", "interests", name, "headline")
    for place in ("provider", "recipient"):
        _told(source, words(case.ledger, "places"), getattr(about, place), "unknown-place", place)
    for name in ("totals", "accounts"):
        _told(
            source,
            words(case.ledger, "origins"),
            getattr(about.release, name),
            "unknown-origin",
            "release",
            name,
        )


def _prose(case: Case, text: Mapping[str, Text]) -> Iterator[Problem]:
    for said in text.values():
        for section in said.sections.values():
            for offset, line in enumerate(section.markdown.splitlines()):
                for name, form in REFERENCE.findall(line):
                    if name not in case.pointers:
                        yield Problem(
                            code="unknown-number", file=said.file, line=section.line + 1 + offset, found=name
                        )
                    if form not in FORMS:
                        yield Problem(
                            code="unknown-form",
                            file=said.file,
                            line=section.line + 1 + offset,
                            found=form,
                            expected=", ".join(FORMS[1:]),
                        )
