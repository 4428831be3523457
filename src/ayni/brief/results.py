"""Everything the brief publishes, by name: numbers, effects, verdicts, grades, standings."""

from __future__ import annotations

import math
from typing import Any

from ayni.brief.plan import Edition, Plan, read_plan
from ayni.brief.quoted import answers, span
from ayni.claims.grades import grade
from ayni.claims.numbers import effects, number
from ayni.claims.verdicts import verdicts
from ayni.designs.records import Effect
from ayni.designs.specification import standings
from ayni.dossier.opening import Dossier
from ayni.units import Quantity, convert

_DIGITS = 12


def published(dossier: Dossier, plan: Plan | None = None) -> dict[str, Any]:
    """Return what the brief publishes, sorted, in the shape in which ``expected.json`` keeps it.

    Floats are rounded to twelve significant digits: the last bits differ between machines.

    Parameters
    ----------
    plan : Plan, optional
        Of the page; the dossier's own where it is not given.
    """
    case, plan = dossier.case, plan or read_plan(dossier)
    return {
        "numbers": {name: _quantity(number(case, name).quantity) for name in sorted(case.pointers)},
        "effects": {
            f"{key} {effect.design}": _effect(effect)
            for key in sorted(case.questions)
            for effect in effects(case, key)
        },
        "verdicts": {
            v.claim.key: {"label": v.label, "reasons": list(v.reasons)}
            for v in sorted(verdicts(case), key=lambda v: v.claim.key)
        },
        "grades": {
            key: {"certainty": g.certainty, "balance": g.balance, "steps": list(g.steps)}
            for key, g in sorted((k, grade(case, held)) for k, held in case.chain.links.items())
        },
        "curves": {key: _curve(dossier, plan, key) for key in sorted(case.specifications)},
        "standings": _standings(dossier, plan),
    }


def rounded(value: float | None) -> float | None:
    """Return a value with twelve significant digits; None for what is not a number."""
    if value is None or math.isnan(value):
        return None
    return float(f"{value:.{_DIGITS}g}")


def _quantity(what: Quantity | None) -> dict[str, Any] | None:
    if what is None:
        return None
    return {
        "value": rounded(what.value),
        "low": rounded(what.low),
        "high": rounded(what.high),
        "unit": what.unit,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "observed": _quantity(effect.observed),
        "counterfactual": _quantity(effect.counterfactual),
        "difference": _quantity(effect.difference),
        "interval": effect.interval_kind,
        "level": rounded(effect.level),
        "refused": effect.refused,
        "checks": {c.key: {"passed": c.passed, "value": rounded(c.value)} for c in effect.checks},
    }


def _curve(dossier: Dossier, plan: Plan, key: str) -> dict[str, Any]:
    found = answers(Edition(dossier=dossier, plan=plan, language="en"), key)
    if not found:
        return {"count": 0}
    reach = span(found)
    return {
        "count": reach.count,
        "smallest": _quantity(reach.smallest),
        "median": _quantity(reach.median),
        "largest": _quantity(reach.largest),
    }


def _standings(dossier: Dossier, plan: Plan) -> dict[str, Any]:
    if not plan.quoted.amounts:
        return {}
    found = answers(Edition(dossier=dossier, plan=plan, language="en"), plan.quoted.amounts)
    unit = found[0].difference.unit if found[0].difference else "ratio"
    return {
        pinned.number: {
            standing.without or "all": {
                "percentile": rounded(standing.percentile),
                "reached": rounded(standing.reached),
                "of": standing.of,
            }
            for standing in standings(
                convert(number(dossier.case, pinned.number).quantity, unit).value, found
            )
        }
        for pinned in plan.quoted.pin
    }
