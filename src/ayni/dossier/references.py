"""Every name that one file of a dossier uses and another must hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from ayni.claims.case import Case
from ayni.claims.grades import METHODS
from ayni.claims.naming import words
from ayni.claims.numbers import number
from ayni.claims.pointers import PointerError
from ayni.claims.records import Claim
from ayni.claims.results import circle
from ayni.designs.panel_specification import PanelSpecification
from ayni.designs.specification import digest
from ayni.designs.table import designs
from ayni.dossier.files import Source
from ayni.dossier.schemas import DossierFile
from ayni.dossier.text import FORMS, REFERENCE, Text
from ayni.ledger.prices import MissingDeflatorError, deflator
from ayni.problems import Problem
from ayni.units import UnitError, same_kind, unit


def dangling(
    case: Case,
    about: DossierFile | None,
    sources: Mapping[str, Source],
    text: Mapping[str, Text],
    *,
    whole: bool = True,
) -> list[Problem]:
    """Return a problem for every name that leads nowhere, and for every circle.

    Parameters
    ----------
    whole : bool
        Whether the tables and ``dossier.toml`` are whole. Where rows are missing because
        they are faulty, numbers are not worked out: what they lack would be told twice.
    """
    problems: list[Problem] = []
    for source in sources.values():
        source.problems = problems
    _numbers(case, sources["numbers.toml"], worked_out=whole)
    _questions(case, sources["questions.toml"])
    _specifications(case, sources["specifications.toml"])
    _results(case, sources["results.toml"])
    _claims(case, sources["claims.toml"])
    if about is not None:
        _interests(case, about, sources)
        _about(case, about, sources["dossier.toml"])
    if about is not None and whole:
        _prices(case, about, sources["dossier.toml"])
    problems += _prose(case, text)
    return problems


def _told(source: Source, known: Iterable[str], name: str, code: str, *place: str | int) -> None:
    if name and name not in set(known):
        near = ", ".join(difflib.get_close_matches(name, list(known), n=2))
        source.problem(code, *place, found=name, expected=near)


def _numbers(case: Case, source: Source, *, worked_out: bool) -> None:
    for name, pointer in case.pointers.items():
        missing = [part for part in pointer.of if part not in case.pointers]
        for part in missing:
            lost = PointerError("no-number", {"name": part})
            source.problem("dangling-number", name, found=part, words=(lost.said("es"), lost.said("en")))
        if missing or not worked_out:
            continue
        try:
            number(case, name)
        except PointerError as error:
            source.problem(
                "dangling-number", name, found=error.code, words=(error.said("es"), error.said("en"))
            )
        except (ArithmeticError, ValueError, LookupError) as error:
            source.problem("dangling-number", name, found=str(error).strip("'\""))


def _questions(case: Case, source: Source) -> None:
    indicators, places = words(case.ledger, "indicators"), words(case.ledger, "places")
    for key, question in case.questions.items():
        cause = question.cause
        _told(source, indicators, question.indicator, "unknown-indicator", key, "indicator")
        for claimed in question.claimed:
            _told(source, indicators, claimed, "unknown-indicator", key, "claimed")
        for column in ("place", "counterpart"):
            _told(source, places, getattr(question, column), "unknown-place", key, column)
        for column in ("provider", "recipient"):
            _told(source, places, getattr(cause, column), "unknown-place", key, "cause", column)
        _told(source, words(case.ledger, "origins"), cause.origin, "unknown-origin", key, "cause", "origin")
        _told(source, words(case.ledger, "origins"), question.dated, "unknown-origin", key, "dated")
        if question.since and not question.dated:
            source.problem("missing-key", key, "dated")
        for position, asked in enumerate(case.asked[key]):
            place = (key, "design", position)
            _told(source, designs(), asked.design, "unknown-design", *place, "design")
            _told(source, case.pointers, asked.conversion, "unknown-number", *place, "conversion")
            for column, listed in asked.settings:
                if column in ("controls", "without", "places"):
                    _listed_places(case, source, listed, *place, "settings", column)


def _listed_places(case: Case, source: Source, listed: str, *place: str | int) -> None:
    """Tell a part of a list of places that names none; see `ayni.designs.places.named`."""
    places = words(case.ledger, "places")
    for part in filter(None, listed.split("+")):
        beginning = part[:-1] if part.endswith("*") else ""
        if not beginning or not any(key.startswith(beginning) for key in places):
            _told(source, places, part.removeprefix("@"), "unknown-place", *place)


def _specifications(case: Case, source: Source) -> None:
    for key, listed in case.specifications.items():
        _told(source, case.questions, listed.question, "unknown-question", key, "question")
        if isinstance(listed, PanelSpecification):
            for position, pool in enumerate(listed.pools):
                for column in ("places", "without"):
                    _listed_places(case, source, getattr(pool, column), key, "pool", position, column)
        else:
            for name in listed.conversions:
                _told(source, case.pointers, name, "unknown-number", key, "conversions")
        now = digest(listed)
        if now != listed.digest:
            source.problem("list-not-frozen", key, "digest", found=listed.digest, expected=now)


def _results(case: Case, source: Source) -> None:
    chain = case.chain
    for position, link in enumerate(chain.links.values()):
        for end in ("source", "target"):
            _told(source, chain.nodes, getattr(link, end), "unknown-node", "link", position, end)
        for at, item in enumerate(link.items):
            place = ("link", position, "item", at)
            _told(source, case.pointers, item.number, "unknown-number", *place, "number")
            _told(source, words(case.ledger, "origins"), item.document, "unknown-origin", *place, "document")
            _told(source, METHODS, item.method, "unknown-method", *place, "method")
    found = circle(chain)
    if found:
        source.problem("circle", "link", found=" > ".join(found))


def _claims(case: Case, source: Source) -> None:
    indicators = words(case.ledger, "indicators").values()
    concepts = {row["concept"] for row in indicators}
    for position, claim in enumerate(case.claims.values()):
        place = ("claim", position)
        _told(source, words(case.ledger, "origins"), claim.speaker, "unknown-origin", *place, "speaker")
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
        _claim_unit(case, claim, source, position)
    for position, claim in enumerate(case.claims.values()):
        if claim.key in _parts_of(case, claim.key, set()):
            source.problem("circle", "claim", position, "parts", found=claim.key)


def _claim_unit(case: Case, claim: Claim, source: Source, position: int) -> None:
    """Tell a unit that is missing, not known, or measures something else than what it is held against."""
    place = ("claim", position)
    if claim.kind not in ("quantity", "share") or (not claim.inputs and not claim.concept):
        return
    if not claim.unit:
        source.problem("missing-key", *place, "unit")
        return
    try:
        unit(claim.unit)
    except UnitError:
        source.problem("unknown-unit", *place, "unit", found=claim.unit)
        return
    for name in (n for group in claim.inputs for n in group):
        with suppress(PointerError, KeyError, ValueError, LookupError):  # told where the number is declared
            own = number(case, name).quantity.unit
            if not same_kind(own, claim.unit):
                source.problem("unit-mismatch", *place, "unit", found=claim.unit, expected=own)
    rows = words(case.ledger, "indicators").values()
    for own in {row["unit"] for row in rows if row["concept"] == claim.concept}:
        with suppress(UnitError):
            if not same_kind(own, claim.unit):
                source.problem("unit-mismatch", *place, "unit", found=claim.unit, expected=own)


def _parts_of(case: Case, key: str, seen: set[str]) -> set[str]:
    """Return every claim below one, itself too where it leads back to itself."""
    claim = case.claims.get(key)
    for part in claim.parts if claim else ():
        if part not in seen:
            seen.add(part)
            _parts_of(case, part, seen)
    return seen


def _interests(case: Case, about: DossierFile, sources: Mapping[str, Source]) -> None:
    known, code = about.interests, "unknown-interest"
    for key, question in case.questions.items():
        _told(sources["questions.toml"], known, question.interest, code, key, "interest")
    for at, node in enumerate(case.chain.nodes.values()):
        _told(sources["results.toml"], known, node.interest, code, "node", at, "interest")
    for at, claim in enumerate(case.claims.values()):
        _told(sources["claims.toml"], known, claim.interest, code, "claim", at, "interest")


def _about(case: Case, about: DossierFile, source: Source) -> None:
    for name, interest in about.interests.items():
        _told(source, case.pointers, interest.headline, "unknown-number", "interests", name, "headline")
    for place in ("provider", "recipient"):
        _told(source, words(case.ledger, "places"), getattr(about, place), "unknown-place", place)
    for name in about.indexes:
        _told(source, words(case.ledger, "indicators"), name, "unknown-indicator", "indexes")
    for name in ("totals", "accounts"):
        _told(
            source,
            words(case.ledger, "origins"),
            getattr(about.release, name),
            "unknown-origin",
            "release",
            name,
        )


def _prices(case: Case, about: DossierFile, source: Source) -> None:
    """Tell a year of prices that the releases and indexes at hand cannot reach."""
    release = about.release
    for origin, stage in ((release.totals, release.stage), (release.accounts, release.account_stage)):
        try:
            deflator(case.ledger, origin=origin, stage=stage, to=about.price_base, indexes=case.indexes)
        except MissingDeflatorError as error:
            source.problem("bad-value", "price_base", found=str(about.price_base), expected=str(error))
            return


def _prose(case: Case, text: Mapping[str, Text]) -> Iterator[Problem]:
    for said in text.values():
        for section in said.sections.values():
            for at, line in enumerate(section.markdown.splitlines(), section.begins):
                for name, form in REFERENCE.findall(line):
                    if name not in case.pointers:
                        yield Problem(code="unknown-number", file=said.file, line=at, found=name)
                    if form not in FORMS:
                        wanted = ", ".join(FORMS[1:])
                        yield Problem(
                            code="unknown-form", file=said.file, line=at, found=form, expected=wanted
                        )
                if "{{" in REFERENCE.sub("", line) or "}}" in REFERENCE.sub("", line):
                    yield Problem(code="bad-reference", file=said.file, line=at, found=line.strip()[:80])
