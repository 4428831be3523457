"""What the designs find: each effect with its interval and checks in words, drawn against what was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from ayni.brief.charts import Band, Line, LineChart, Pin
from ayni.brief.designed import design_words, short_words
from ayni.brief.panel_curves import panel_curves
from ayni.brief.pictures import Picture, alt, headings, picture, sources, tick, year_tick
from ayni.brief.plan import Drawn, Edition
from ayni.brief.printed import anchor, plain, printed, said, spread, without_range
from ayni.brief.series_lines import marks, origins_of, status_words, trace
from ayni.claims.naming import indicator_name, place_name
from ayni.claims.numbers import effects
from ayni.claims.rules import reading
from ayni.claims.verdicts import read_effect
from ayni.designs.records import Check, Effect, Question
from ayni.language import message, percent, unit_word
from ayni.units import Quantity

_EARLIER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check, as printed."""

    passed: str
    outcome: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An effect, as printed."""

    ident: str
    design: str
    sentence: Markup
    power: Markup
    checks: tuple[Checked, ...]
    assumptions: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with every answer to it."""

    ident: str
    text: str
    began: Markup
    big: Markup
    findings: tuple[Finding, ...]
    shared: tuple[Checked, ...]
    picture: Picture | None
    curves: tuple[Picture, ...]


def answered(edition: Edition, question: Question) -> Answered:
    """Return a question of the dossier with what every design finds."""
    language = edition.language
    found = effects(edition.dossier.case, question.key)
    unit = next((e.difference.unit for e in found if e.difference is not None), "")
    ident = anchor("q", question.key)
    findings = [_finding(edition, e) for e in found]
    answering = [f.ident for f, e in zip(findings, found, strict=True) if e.difference is not None]
    shared = _shared([f.checks for f in findings if f.ident in answering])
    big = Markup("")
    if unit:
        from_units = printed(f"{question.key}:big", Quantity(value=question.big, unit=unit), edition, ident)
        big = said(edition, "page.effect.big", {"big": from_units})
    return Answered(
        ident=ident,
        text=question.es if language == "es" else question.en,
        began=_began(edition, question),
        big=big,
        findings=tuple(_less(f, shared) if f.ident in answering else f for f in findings),
        shared=shared,
        picture=_drawn(edition, question, found),
        curves=panel_curves(edition, question.key),
    )


def _less(finding: Finding, shared: tuple[Checked, ...]) -> Finding:
    return replace(finding, checks=tuple(c for c in finding.checks if c not in shared))


def _shared(checks: list[tuple[Checked, ...]]) -> tuple[Checked, ...]:
    """Return the checks that come out alike for every design that answers, where there are several."""
    if len(checks) < 2:  # noqa: PLR2004 - one shares nothing
        return ()
    return tuple(check for check in checks[0] if all(check in others for others in checks[1:]))


def _began(edition: Edition, question: Question) -> Markup:
    """Return when what is asked about began, and who dates it."""
    if not question.dated:
        return Markup("")
    return said(
        edition,
        "page.effect.began",
        {"year": question.since, "source": sources(edition, [question.dated])},
    )


def _finding(edition: Edition, effect: Effect) -> Finding:
    language = edition.language
    key = f"{effect.question.key} {effect.design}"
    return Finding(
        ident=anchor("e", key),
        design=design_words(effect, language),
        sentence=_sentence(edition, effect, anchor("e", key)),
        power=_power(edition, effect, anchor("e", key)),
        checks=tuple(_checked(check, language) for check in effect.checks),
        assumptions=tuple(message(language, f"assumption.{a}") for a in effect.assumptions),
        rows=len(effect.inputs),
    )


def _checked(check: Check, language: str) -> Checked:
    outcome = {True: "passed", False: "failed", None: "none"}[check.passed]
    return Checked(
        passed=outcome,
        outcome=message(language, f"page.check.{outcome}"),
        name=message(language, f"check.{check.key}.name"),
        text=check.es if language == "es" else check.en,
    )


def _sentence(edition: Edition, effect: Effect, ident: str) -> Markup:
    name = f"effect/{effect.question.key}/{effect.design}"
    if effect.difference is None or effect.observed is None or effect.counterfactual is None:
        return said(edition, "page.effect.refused", {"why": message(edition.language, effect.refused)})
    told: dict[str, object] = {
        field: printed(f"{name}/{field}", without_range(what), edition, ident)
        for field, what in (
            ("observed", effect.observed),
            ("counterfactual", effect.counterfactual),
            ("difference", effect.difference),
        )
    }
    text = said(edition, "page.effect.found", told)
    if effect.difference.low is None:
        return text + Markup(" ") + said(edition, "page.effect.no-interval")
    reach = {
        "ends": spread(f"{name}/difference", effect.difference, edition, ident),
        "kind": message(edition.language, f"page.interval.{effect.interval_kind}"),
        "level": percent(100 * effect.level, edition.language, digits=0) if effect.level else "",
    }
    return (
        text
        + Markup(" ")
        + said(edition, "page.effect.interval" if effect.level else "page.effect.bounds", reach)
    )


def _power(edition: Edition, effect: Effect, ident: str) -> Markup:
    """Return what the design could tell, and how its interval is read."""
    name, parts = f"effect/{effect.question.key}/{effect.design}", []
    told = dict(effect.settings)
    if told.get("money"):
        money = Quantity(value=float(told["money"]), unit=told["currency"])
        at = message(edition.language, "page.made.at-prices", at=told["price_base"])
        given = printed(f"{name}/money", money, edition, ident)
        parts += [said(edition, "page.effect.money", {"money": given}), Markup.escape(at)]
    if effect.detectable is not None and effect.difference is not None:
        least = Quantity(value=effect.detectable, unit=effect.difference.unit)
        shown = printed(f"{name}/detectable", least, edition, ident)
        parts.append(said(edition, "page.effect.detectable", {"detectable": shown}))
        parts.append(said(edition, f"page.reading.{reading(read_effect(effect))}"))
    return Markup(" ").join(parts)


def _drawn(edition: Edition, question: Question, found: tuple[Effect, ...]) -> Picture | None:
    """Draw what was seen and what each design puts in its place, in the outcome's own unit."""
    shown = [e for e in found if e.path and e.difference and e.difference.unit == e.path.unit]
    lines = [e for e in shown if e.path and len(e.path.years) > 1]
    if not lines:
        return None
    language = edition.language
    first = min(e.path.years[0] for e in lines if e.path)
    drawn = Drawn(
        es=message("es", "page.effect.observed"),
        en=message("en", "page.effect.observed"),
        indicators=[question.indicator],
        place=question.place,
        counterpart=question.counterpart,
        role="observed",
        since=min(first, question.year - _EARLIER),
    )
    seen = trace(edition, drawn)
    if seen is None:
        return None
    title = said(edition, "page.effect.title", _spanned(edition, question, shown))
    subtitle = message(
        language,
        "page.effect.subtitle",
        indicator=indicator_name(edition.dossier.case.ledger, question.indicator, language),
        place=place_name(edition.dossier.case.ledger, question.place, language),
        since=int(seen.line.xs[0]),
        until=int(seen.line.xs[-1]),
    )
    chart = LineChart(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(seen.unit, language),
        series=(seen.line, *(_without(e, language) for e in lines)),
        bands=_wedge(lines, language),
        pins=tuple(_pin(e, language) for e in shown if e not in lines),
        marks=marks(edition, [drawn], seen.line.xs),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition, status=True),
        zero=min(y for y in seen.line.ys if y is not None) >= 0,
        status_labels=status_words(language),
        gap_label=message(language, "page.chart.gap"),
    )
    rows = (*(r.row for r in seen.rows), *(row for e in shown for row in e.inputs))
    return picture(
        edition, chart, key=anchor("g", f"q-{question.key}"), title=title, origins=origins_of(edition, rows)
    )


def _spanned(edition: Edition, question: Question, shown: list[Effect]) -> dict[str, object]:
    """Return what was seen, and the least and most that the designs put in its place, as links."""
    ident, key = anchor("q", question.key), question.key
    levels = sorted((e.counterfactual for e in shown if e.counterfactual), key=lambda q: q.value)
    seen = next(e.observed for e in shown if e.observed)
    told = (("observed", seen), ("least", levels[0]), ("most", levels[-1]))
    return {
        "year": question.year,
        **{
            name: printed(f"question/{key}/{name}", without_range(what), edition, ident)
            for name, what in told
        },
    }


def _without(effect: Effect, language: str) -> Line:
    path = effect.path
    assert path is not None
    known = [(y, v) for y, v in zip(path.years, path.counterfactual, strict=True) if v is not None]
    return Line(
        label=short_words(effect, language),
        xs=tuple(float(y) for y, _ in known),
        ys=tuple(v for _, v in known),
        role="counterfactual",
        status="modelled",
    )


def _wedge(lines: list[Effect], language: str) -> tuple[Band, ...]:
    """Return the interval of the first design that has one, opening from the last year of its window."""
    for effect in lines:
        path = effect.path
        if path is None or path.low[-1] is None or path.high[-1] is None:
            continue
        # A comparison is drawn beside the years before, too: it opens from the last of them.
        opens = effect.question.since - 1
        known = [(y, v) for y, v in zip(path.years, path.counterfactual, strict=True) if v is not None]
        start, value = next((pair for pair in known if pair[0] == opens), known[0])
        end = path.years[-1]
        label = message(language, "page.effect.wedge", design=short_words(effect, language))
        return (
            Band(
                label=label,
                xs=(float(start), float(end)),
                lows=(value, path.low[-1]),
                highs=(value, path.high[-1]),
                step=float(end - start),
            ),
        )
    return ()


def _pin(effect: Effect, language: str) -> Pin:
    path = effect.path
    assert path is not None and path.counterfactual[-1] is not None  # noqa: PT018
    return Pin(
        x=float(path.years[-1]),
        y=path.counterfactual[-1],
        label=short_words(effect, language),
        href="#" + anchor("e", f"{effect.question.key} {effect.design}"),
    )
