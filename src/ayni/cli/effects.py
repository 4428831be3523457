"""Effects as text and as JSON: answers side by side, then checks and assumptions, each said once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.cases import quantity_json
from ayni.cli.terminal import paragraph, table
from ayni.cli.wording import MARKS, ranged
from ayni.language import message, percent, quantity
from ayni.units import Quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ayni.designs.records import Check, Effect, Path
    from ayni.dossier.opening import Dossier


def effects_page(dossier: Dossier, found: Sequence[Effect], language: str) -> str:
    """Return the answers to one question as text."""
    parts = [
        paragraph(_heading(dossier, found, language)),
        _answers(found, language),
        _told(message(language, "cli.effect.checks"), _checks(found, language)),
    ]
    read = _readings(found, language)
    parts += [_told(message(language, "cli.effect.readings"), read)] if read else []
    assumed = _assumptions(found, language)
    parts += [_told(message(language, "cli.effect.assumptions"), assumed)] if assumed else []
    parts.append(paragraph(message(language, "cli.effect.foot")))
    return "\n\n".join(parts)


def _heading(dossier: Dossier, found: Sequence[Effect], language: str) -> str:
    from ayni.claims.naming import indicator_name, place_name

    question, ledger = found[0].question, dossier.case.ledger
    observed = next((e.observed for e in found if e.observed is not None), None)
    outcome = message(
        language,
        "naming.number",
        indicator=indicator_name(ledger, question.indicator, language),
        place=place_name(ledger, question.place, language),
        year=question.year,
    )
    said = quantity(observed, language) if observed else "\u2013"
    asked = question.es if language == "es" else question.en
    return f"{asked}\n{message(language, 'cli.effect.outcome', outcome=outcome, observed=said)}"


def _answers(found: Sequence[Effect], language: str) -> str:
    heads = ["", *(message(language, f"cli.head.{n}") for n in ("design", "without", "difference", "checks"))]
    rows = []
    for position, effect in enumerate(found, 1):
        passed = sum(check.passed is True for check in effect.checks)
        rows.append(
            [
                str(position),
                effect.design,
                quantity(effect.counterfactual, language) if effect.counterfactual else "\u2013",
                _difference(effect, language),
                f"{passed}/{len(effect.checks)}",
            ]
        )
    return table(heads, rows)


def _difference(effect: Effect, language: str) -> str:
    if effect.difference is None:
        return message(language, effect.refused)
    told = ranged(effect.difference, language)
    kind = message(language, f"cli.interval.{effect.interval_kind}")
    level = f", {percent(100 * effect.level, language, digits=0)}" if effect.level is not None else ""
    return f"{told} ({kind}{level})"


def _checks(found: Sequence[Effect], language: str) -> list[str]:
    said: dict[str, list[int]] = {}
    for position, effect in enumerate(found, 1):
        for check in effect.checks:
            name = message(language, f"check.{check.key}.name")
            sentence = check.es if language == "es" else check.en
            said.setdefault(f"{MARKS[check.passed]} {name}. {sentence}", []).append(position)
    return _numbered(said, len(found))


def _readings(found: Sequence[Effect], language: str) -> list[str]:
    """Return what each design could tell, and how its interval is read."""
    from ayni.claims.rules import reading
    from ayni.claims.verdicts import read_effect

    said: dict[str, list[int]] = {}
    for position, effect in enumerate(found, 1):
        if effect.detectable is None or effect.difference is None:
            continue
        least = quantity(Quantity(value=effect.detectable, unit=effect.difference.unit), language)
        told = message(language, "page.effect.detectable", detectable=least)
        read = message(language, f"page.reading.{reading(read_effect(effect))}")
        said.setdefault(f"{told} {read}", []).append(position)
    return _numbered(said, len(found))


def _assumptions(found: Sequence[Effect], language: str) -> list[str]:
    said: dict[str, list[int]] = {}
    for position, effect in enumerate(found, 1):
        for key in effect.assumptions:
            said.setdefault(message(language, f"assumption.{key}"), []).append(position)
    return _numbered(said, len(found))


def _numbered(said: dict[str, list[int]], count: int) -> list[str]:
    """Return sentences with the numbers of the designs that they hold for, where not all do."""
    return [
        text if len(positions) == count else f"{text} [{', '.join(map(str, positions))}]"
        for text, positions in said.items()
    ]


def _told(head: str, sentences: Sequence[str]) -> str:
    return "\n".join([head, *(paragraph(sentence, "  ", "  ") for sentence in sentences)])


def effect_json(effect: Effect) -> dict[str, object]:
    """Return an effect for JSON."""
    return {
        "question": effect.question.key,
        "design": effect.design,
        "family": effect.family,
        "settings": dict(effect.settings),
        "estimand": effect.estimand,
        "observed": quantity_json(effect.observed),
        "counterfactual": quantity_json(effect.counterfactual),
        "difference": quantity_json(effect.difference),
        "interval_kind": effect.interval_kind,
        "level": effect.level,
        "detectable": effect.detectable,
        "refused": effect.refused or None,
        "assumptions": list(effect.assumptions),
        "checks": [_check_json(check) for check in effect.checks],
        "path": _path_json(effect.path),
        "inputs": list(effect.inputs),
    }


def _check_json(check: Check) -> dict[str, object]:
    return {
        "key": check.key,
        "passed": check.passed,
        "value": check.value,
        "limit": check.limit,
        "es": check.es,
        "en": check.en,
        "rows": list(check.rows),
    }


def _path_json(path: Path | None) -> dict[str, object] | None:
    if path is None:
        return None
    lines = {
        name: list(getattr(path, name)) for name in ("years", "observed", "counterfactual", "low", "high")
    }
    return {"unit": path.unit, **lines}
