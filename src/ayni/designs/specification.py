"""The specification curve: every defensible choice, listed before any is run.

A `Specification` names rules, windows and end years, and the combinations left out with
the reason for each. The list is frozen by a digest kept in the dossier: a list edited
after the fact no longer matches its digest and is refused.

References
----------
Simonsohn, U., Simmons, J. P. and Nelson, L. D., 2020, Specification curve analysis,
Nature Human Behaviour 4: list, run and show all defensible specifications.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from ayni.designs.panel_specification import PanelSpecification, panel_designs, panel_listed
from ayni.designs.projection import Conversion, Projection
from ayni.designs.records import Effect, Question
from ayni.ledger.store import Ledger
from ayni.trends import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Combinations left out, with the reason.

    Attributes
    ----------
    rule : str
        The rule concerned; empty for all.
    shortest : int
        Windows with fewer years than this are left out; rules of one year are not windows.
    before : int
        Windows that start before this year are left out.
    es, en : str
        Why.
    """

    es: str
    en: str
    rule: str = ""
    shortest: int = 1
    before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """A frozen list of projections.

    Attributes
    ----------
    key, question : str
        Its name and the question that it answers.
    rules : tuple of (str, float or None)
        Rules with their parameters.
    starts, ends : tuple of int
        First and last years of windows.
    conversions : tuple of str
        Names of the yields to multiply by; empty for the outcome itself.
    exclusions : tuple of Exclusion
        What is left out and why.
    frozen : str
        Date on which the list was closed.
    digest : str
        Of the list on that date.
    """

    key: str
    question: str
    rules: tuple[tuple[str, float | None], ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    conversions: tuple[str, ...]
    exclusions: tuple[Exclusion, ...]
    frozen: str
    digest: str


Frozen = Specification | PanelSpecification


def listed(specification: Specification) -> tuple[tuple[str, float | None, int, int, str], ...]:
    """Return every combination that is run: rule, parameter, start, end, conversion."""
    kept = []
    for rule, parameter in specification.rules:
        windows = rule not in _ONE_YEAR
        limits = [e for e in specification.exclusions if e.rule in ("", rule)]
        first = max((e.before for e in limits), default=0)
        shortest = max([RULES[rule].shortest, *(e.shortest for e in limits if windows)])
        for end in specification.ends:
            starts = specification.starts if windows else (end,)
            kept += [
                (rule, parameter, start, end, conversion)
                for start in starts
                for conversion in specification.conversions or ("",)
                if start >= first and end - start + 1 >= shortest
            ]
    return tuple(kept)


# Rules that look at the last year only: one window, of that year, instead of equal copies.
_ONE_YEAR = frozenset({"last-value", "constant-rate"})


def digest(specification: Frozen) -> str:
    """Return the digest of the list, to be kept in the dossier when it is frozen."""
    combinations: Sequence[object] = (
        panel_listed(specification)
        if isinstance(specification, PanelSpecification)
        else listed(specification)
    )
    lines = [specification.question, *map(repr, combinations)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def run(
    specification: Frozen, question: Question, ledger: Ledger, conversions: dict[str, Conversion]
) -> tuple[Effect, ...]:
    """Return the effect of every combination, in the list's order, refusals included."""
    if isinstance(specification, PanelSpecification):
        return tuple(design.answer(question, ledger) for design in panel_designs(specification))
    return tuple(
        Projection(
            rule=rule,
            since=start,
            until=end,
            parameter=parameter,
            conversion=conversions[conversion] if conversion else None,
        ).answer(question, ledger)
        for rule, parameter, start, end, conversion in listed(specification)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a published figure falls among the specifications.

    Attributes
    ----------
    without : str
        The family left out; empty when all are in.
    percentile : float
        Percent of specifications whose amount is below the figure, ties half.
    reached : float
        Percent of specifications whose amount is at least the figure.
    of : int
        How many specifications.
    """

    without: str
    percentile: float
    reached: float
    of: int


def standings(figure: float, effects: Sequence[Effect]) -> tuple[Standing, ...]:
    """Return where `figure`, an averted amount, falls: among all, and without each family.

    Parameters
    ----------
    figure : float
        Averted amount (counterfactual less observed) in the effects' unit.
    """
    families = sorted({e.family for e in effects})
    return tuple(_standing(figure, effects, leave) for leave in ("", *families))


def averted(effect: Effect) -> float:
    """Return counterfactual less observed, NaN where the design refused."""
    return math.nan if effect.difference is None else -effect.difference.value


def _standing(figure: float, effects: Sequence[Effect], without: str) -> Standing:
    values = [averted(e) for e in effects if e.family != without and e.difference is not None]
    if not values:
        return Standing(without=without, percentile=math.nan, reached=math.nan, of=0)
    below = sum(v < figure for v in values) + sum(v == figure for v in values) / 2
    reached = sum(v >= figure for v in values)
    return Standing(
        without=without,
        percentile=100 * below / len(values),
        reached=100 * reached / len(values),
        of=len(values),
    )


def reproducing(
    figure: float,
    effects: Sequence[Effect],
    *,
    rounding: float,
    at_least: bool = False,
    without: bool = False,
) -> tuple[Effect, ...]:
    """Return the specifications whose amount rounds to `figure`.

    Parameters
    ----------
    without : bool
        Compare the level without the cause instead of the averted amount.
    rounding : float
        The unit to which the figure was rounded when published (1 for whole tonnes).
    at_least : bool
        The figure was published as *more than*: an amount above it by less than one part
        in a hundred counts too.
    """
    room = figure * 0.01 if at_least else 0.0
    return tuple(
        e
        for e in effects
        if e.counterfactual
        and -rounding / 2
        <= (e.counterfactual.value if without else averted(e)) - figure
        <= rounding / 2 + room
    )
