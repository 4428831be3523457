"""The frozen lists of comparisons and doses: every difference in order, and the choices behind each."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from ayni.brief.charts import Specification as Point
from ayni.brief.charts import SpecificationCurve
from ayni.brief.charts.headings import Table
from ayni.brief.pictures import Picture, alt, headings, picture, tick
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, link, plain, printed, said
from ayni.brief.series_lines import origins_of
from ayni.claims.numbers import curve
from ayni.designs.panel_specification import PanelSpecification, Pool
from ayni.designs.records import Effect
from ayni.language import message, number, percent, unit_word
from ayni.units import Quantity


def panel_curves(edition: Edition, question: str) -> tuple[Picture, ...]:
    """Return the curve of every frozen list of comparisons or doses about a question."""
    lists = (
        held
        for held in edition.dossier.case.specifications.values()
        if isinstance(held, PanelSpecification) and held.question == question
    )
    drawn = (_curve(edition, held) for held in lists)
    return tuple(one for one in drawn if one is not None)


def spread_told(edition: Edition, key: str, found: Sequence[Effect], tail: str = "") -> dict[str, object]:
    """Return least, middle and largest difference and their number, as links.

    Parameters
    ----------
    found : sequence of Effect
        Those with an answer; one at least.
    tail : str
        What tells the place on the page from another that prints the same.
    """
    ident = anchor("spec", key)
    values = [e.difference.value for e in found if e.difference is not None]
    unit = found[0].difference.unit if found[0].difference else "ratio"
    ends = {"smallest": min(values), "median": statistics.median(values), "largest": max(values)}
    told: dict[str, object] = {
        end: printed(f"curve/{key}/difference/{end}{tail}", Quantity(value=value, unit=unit), edition, ident)
        for end, value in ends.items()
    }
    count = number(len(values), edition.language)
    told["count"] = link(f"curve/{key}/count{tail}", len(values), count, ident)
    return told


def _curve(edition: Edition, held: PanelSpecification) -> Picture | None:
    language = edition.language
    found = [e for e in curve(edition.dossier.case, held.key) if e.difference is not None]
    if not found or found[0].difference is None:
        return None
    below = 100 * sum(e.difference.value < 0 for e in found if e.difference) / len(found)
    told = spread_told(edition, held.key, found)
    told["below"] = link(
        f"curve/{held.key}/below",
        below,
        percent(below, language),
        anchor("spec", held.key),
    )
    title = said(edition, "page.curve.panel-title", told)
    subtitle = message(language, "page.curve.panel-subtitle", year=found[0].question.year)
    chart = SpecificationCurve(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(found[0].difference.unit, language),
        points=tuple(_point(held, e, language) for e in found),
        tick=tick(language),
        headings=headings(edition),
        shade_label=message(language, "page.curve.shade"),
    )
    rows = (row for e in found for row in e.inputs)
    return picture(
        edition,
        chart,
        key=anchor("g", f"curve-{held.key}"),
        title=title,
        origins=origins_of(edition, rows),
        shown=_table(chart, language),
    )


def _table(chart: SpecificationCurve, language: str) -> Table:
    """Return how many estimates each choice has, and their least, middle and largest."""
    held: dict[tuple[str, str], list[float]] = {}
    for point in chart.points:
        for choice in point.choices.items():
            held.setdefault(choice, []).append(point.value)
    heads = [message(language, f"page.curve.{key}") for key in ("choice", "option", "count")]
    heads += [message(language, f"page.curve.{key}") for key in ("smallest", "median", "largest")]
    return tuple(heads), tuple(
        (name, option, float(len(values)), min(values), statistics.median(values), max(values))
        for (name, option), values in held.items()
    )


def _point(held: PanelSpecification, effect: Effect, language: str) -> Point:
    """Return one estimate with those of its choices that differ within the list."""
    told = dict(effect.settings)

    def word(key: str) -> str:
        return message(language, f"page.curve.{key}")

    choices: dict[str, str] = {}
    if len(held.methods) > 1:
        choices[word("method")] = message(language, f"page.method.{told['method']}")
    if len(held.pools) > 1:
        pool = _pool(held, told)
        choices[word("pool")] = pool.es if language == "es" else pool.en
    if len(held.starts) > 1:
        start = told["from"] if held.design == "comparison" else told["since"]
        choices[word("start")] = word("first-year") if start == "0" else start
    if len(held.floors) > 1:
        choices[word("floor")] = number(float(told["floor"]), language)
    if len(held.lags) > 1:
        choices[word("lag")] = told["lag"]
    if len(held.transforms) > 1:
        choices[word("transform")] = word(told["transform"])
    return Point(value=effect.difference.value if effect.difference else 0.0, choices=choices)


def _pool(held: PanelSpecification, told: dict[str, str]) -> Pool:
    places = told.get("controls", told.get("places", ""))
    return next(p for p in held.pools if p.places == places and p.without == told.get("without", ""))
