"""The frozen lists of specifications, as printed: rules, windows, what is left out and why."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ayni.brief.panel_curves import spread_told
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, link, printed, said
from ayni.brief.quoted import answers, span
from ayni.claims.numbers import curve
from ayni.designs.panel_specification import PanelSpecification
from ayni.designs.specification import Frozen
from ayni.language import message, number, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A frozen list, as printed."""

    ident: str
    question: str
    summary: Markup
    rules: tuple[str, ...]
    windows: str
    exclusions: tuple[str, ...]
    frozen: str


def frozen_lists(edition: Edition) -> tuple[Listed, ...]:
    """Return every frozen list of the dossier with what it found."""
    return tuple(_listed(edition, each) for each in edition.dossier.case.specifications.values())


def _listed(edition: Edition, held: Frozen) -> Listed:
    if isinstance(held, PanelSpecification):
        return _panel_listed(edition, held)
    language, ident = edition.language, anchor("spec", held.key)
    question = edition.dossier.case.questions[held.question]
    found = answers(edition, held.key)
    reach = span(found)
    told: dict[str, object] = {
        end: printed(f"curve/{held.key}/{end}:list", getattr(reach, end), edition, ident)
        for end in ("smallest", "median", "largest")
    }
    told["count"] = link(f"curve/{held.key}/count", reach.count, number(reach.count, language), ident)
    return Listed(
        ident=ident,
        question=question.es if language == "es" else question.en,
        summary=said(edition, "page.list.summary", told),
        rules=tuple(_rule(rule, parameter, language) for rule, parameter in held.rules),
        windows=message(
            language,
            "page.list.windows",
            first=held.starts[0],
            last=held.starts[-1],
            ends=", ".join(str(y) for y in held.ends),
        ),
        exclusions=tuple(e.es if language == "es" else e.en for e in held.exclusions),
        frozen=message(language, "page.list.frozen", date=held.frozen, digest=held.digest),
    )


def _panel_listed(edition: Edition, held: PanelSpecification) -> Listed:
    language, case = edition.language, edition.dossier.case
    question = case.questions[held.question]
    everything = curve(case, held.key)
    found = [e for e in everything if e.difference is not None]
    refused = number(len(everything) - len(found), language)
    first = message(language, "page.curve.first-year")
    return Listed(
        ident=anchor("spec", held.key),
        question=question.es if language == "es" else question.en,
        summary=said(
            edition,
            "page.list.span",
            {**spread_told(edition, held.key, found, ":list"), "refused": refused},
        )
        if found
        else Markup(""),
        rules=tuple(message(language, f"page.method.{method}") for method in held.methods)
        + tuple(p.es if language == "es" else p.en for p in held.pools),
        windows=message(
            language,
            "page.list.panel",
            pools=len(held.pools),
            starts=", ".join(str(y) if y else first for y in held.starts),
        ),
        exclusions=(),
        frozen=message(language, "page.list.frozen", date=held.frozen, digest=held.digest),
    )


def _rule(rule: str, parameter: float | None, language: str) -> str:
    shown = (
        ""
        if parameter is None
        else percent(100 * parameter, language)
        if rule == "constant-rate"
        else f"{parameter:g}"
    )
    return message(language, f"page.rule.{rule}", parameter=shown)
