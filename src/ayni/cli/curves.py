"""Specification curves: every rule and window of a frozen list, and where published figures stand."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ayni.cli.cases import quantity_json
from ayni.cli.terminal import paragraph, table
from ayni.language import message, percent, quantity
from ayni.units import Quantity, UnitError, convert

if TYPE_CHECKING:
    from ayni.designs.records import Effect
    from ayni.designs.specification import Frozen, Standing
    from ayni.dossier.opening import Dossier
    from ayni.ledger.records import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure that somebody published, as an averted amount, and where it stands.

    Attributes
    ----------
    row : Observation
        The figure as published.
    averted : float
        The amount it says was averted, in the curve's unit.
    standings : tuple of Standing
        Among all specifications, and without each family.
    """

    row: Observation
    averted: float
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A frozen list with what it gave.

    Attributes
    ----------
    listed : Specification or PanelSpecification
        The list.
    effects : tuple of Effect
        In its order, refusals included.
    unit : str
        Of the amounts.
    published : tuple of Published
        Figures that claim an answer.
    """

    listed: Frozen
    effects: tuple[Effect, ...]
    unit: str
    published: tuple[Published, ...]

    @property
    def amounts(self) -> list[float]:
        """Averted amounts of the specifications that answered, ascending."""
        return sorted(-e.difference.value for e in self.effects if e.difference is not None)


def curve_of(dossier: Dossier, key: str) -> Curve:
    """Return the curve of the frozen list `key` with the published figures that it speaks to."""
    from ayni.claims.numbers import curve
    from ayni.ledger.series import observations

    case = dossier.case
    listed = case.specifications[key]
    found = curve(case, key)
    unit = next((e.difference.unit for e in found if e.difference is not None), "ratio")
    question = case.questions[listed.question]
    rows = [
        row
        for indicator in question.claimed
        for row in observations(case.ledger, indicator=indicator, place=question.place)
        if row.year == question.year and row.until is None and not row.part_year
    ]
    published = (_published(dossier, row, found, unit) for row in rows)
    return Curve(listed=listed, effects=found, unit=unit, published=tuple(p for p in published if p))


def _published(dossier: Dossier, row: Observation, found: tuple[Effect, ...], unit: str) -> Published | None:
    """Return the figure as an averted amount; a projected level is taken less the observed one."""
    from ayni.claims.naming import words
    from ayni.designs.specification import standings

    try:
        value = convert(Quantity(value=row.value, unit=row.unit), unit).value
    except UnitError:
        return None
    concept = words(dossier.case.ledger, "indicators")[row.indicator]["concept"]
    if "averted" not in concept:
        observed = {e.observed.value for e in found if e.observed is not None}
        if len(observed) != 1:
            return None
        value -= observed.pop()
    return Published(row=row, averted=value, standings=standings(value, found))


def curve_page(dossier: Dossier, curve: Curve, language: str, *, whole: bool) -> str:
    """Return the curve as text: its middle and ends, the published figures, and, if `whole`, every line."""
    amounts = curve.amounts
    told = [
        paragraph(
            message(
                language,
                "cli.curve.heading",
                name=curve.listed.key,
                count=len(amounts),
                refused=len(curve.effects) - len(amounts),
                frozen=curve.listed.frozen,
                digest=curve.listed.digest,
            )
        )
    ]
    if amounts:
        ends = {"low": amounts[0], "median": statistics.median(amounts), "high": amounts[-1]}
        said = {name: quantity(Quantity(value=v, unit=curve.unit), language) for name, v in ends.items()}
        told.append(paragraph(message(language, "cli.curve.spread", **said)))
    if curve.published:
        told.append(_standings(dossier, curve, language))
    if whole:
        told.append(_lines(curve, language))
    else:
        told.append(
            paragraph(message(language, "cli.curve.more", case=dossier.about.key, name=curve.listed.question))
        )
    for exclusion in getattr(curve.listed, "exclusions", ()) if whole else ():
        said_out = exclusion.es if language == "es" else exclusion.en
        told.append(paragraph(message(language, "cli.curve.left-out", why=said_out)))
    return "\n\n".join(told)


def _standings(dossier: Dossier, curve: Curve, language: str) -> str:
    from ayni.claims.naming import publisher

    heads = [
        message(language, f"cli.head.{n}")
        for n in ("published", "averted", "left-out", "percentile", "reached", "of")
    ]
    rows = []
    for one in curve.published:
        for position, standing in enumerate(one.standings):
            who = publisher(dossier.case.ledger, one.row.origin, language) if position == 0 else ""
            amount = quantity(Quantity(value=one.averted, unit=curve.unit), language) if position == 0 else ""
            rows.append(
                [
                    who,
                    amount,
                    standing.without or message(language, "cli.curve.none-out"),
                    percent(standing.percentile, language, digits=1) if standing.of else "\u2013",
                    percent(standing.reached, language, digits=1) if standing.of else "\u2013",
                    str(standing.of),
                ]
            )
    return table(heads, rows, right=(3, 4, 5))


def _lines(curve: Curve, language: str) -> str:
    heads = [message(language, f"cli.head.{n}") for n in ("specification", "without", "averted")]
    rows = []
    ordered = sorted(curve.effects, key=lambda e: -e.difference.value if e.difference else float("inf"))
    for effect in ordered:
        without, difference = effect.counterfactual, effect.difference
        rows.append(
            [
                effect.design,
                quantity(without, language) if without else "\u2013",
                quantity(Quantity(value=-difference.value, unit=difference.unit), language)
                if difference
                else message(language, effect.refused),
            ]
        )
    return table(heads, rows)


def curve_json(curve: Curve) -> dict[str, object]:
    """Return a curve for JSON."""
    amounts = curve.amounts
    return {
        "key": curve.listed.key,
        "question": curve.listed.question,
        "frozen": curve.listed.frozen,
        "digest": curve.listed.digest,
        "unit": curve.unit,
        "count": len(amounts),
        "refused": len(curve.effects) - len(amounts),
        "smallest": amounts[0] if amounts else None,
        "median": statistics.median(amounts) if amounts else None,
        "largest": amounts[-1] if amounts else None,
        "published": [_published_json(one) for one in curve.published],
        "specifications": [
            {
                "design": e.design,
                "family": e.family,
                "settings": dict(e.settings),
                "counterfactual": quantity_json(e.counterfactual),
                "difference": quantity_json(e.difference),
                "refused": e.refused or None,
            }
            for e in curve.effects
        ],
    }


def _published_json(one: Published) -> dict[str, object]:
    return {
        "row": one.row.row,
        "origin": one.row.origin,
        "indicator": one.row.indicator,
        "value": one.row.value,
        "unit": one.row.unit,
        "averted": one.averted,
        "standings": [asdict(s) for s in one.standings],
    }
