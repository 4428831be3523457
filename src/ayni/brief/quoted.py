"""The claim everyone quotes: every line that could stand for "without", and where published figures fall."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from ayni.brief.charts import Fan, Level, LineChart, SpecificationCurve
from ayni.brief.charts import Specification as Point
from ayni.brief.charts.headings import Table
from ayni.brief.designed import design_words
from ayni.brief.pictures import Picture, alt, headings, picture, tick, year_tick
from ayni.brief.plan import Edition, Pinned, Reproduced
from ayni.brief.printed import anchor, figure, link, plain, printed, said
from ayni.brief.series_lines import marks, origins_of, pins, status_words, trace
from ayni.claims.naming import indicator_name, name_of, place_name, publisher
from ayni.claims.numbers import curve, number
from ayni.designs.projection import Conversion
from ayni.designs.records import Effect
from ayni.designs.specification import Specification, Standing, averted, reproducing, run, standings
from ayni.language import message, percent, unit_word
from ayni.language import number as digits
from ayni.units import Quantity, convert

_RULES_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What a curve's estimates span."""

    smallest: Quantity
    median: Quantity
    largest: Quantity
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Percentiles of the published figures when one family is left out, or none."""

    without: str
    count: int
    percentiles: tuple[Markup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placings:
    """Where published figures fall: one column each, one row per family left out."""

    heads: tuple[Markup, ...]
    rows: tuple[Placing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A published figure and the rules that give it."""

    name: Markup
    amount: Markup
    year: Markup
    rules: tuple[str, ...]
    more: int
    verdict: str


def answers(edition: Edition, key: str) -> tuple[Effect, ...]:
    """Return the specifications of a list that give an answer."""
    return tuple(e for e in curve(edition.dossier.case, key) if e.difference is not None)


def span(effects: Sequence[Effect], *, without: bool = False) -> Spread:
    """Return smallest, median and largest of the averted amounts, or of the levels without the cause."""
    values = [e.counterfactual.value if without and e.counterfactual else averted(e) for e in effects]
    unit = effects[0].difference.unit if effects[0].difference else "ratio"
    made = [Quantity(value=pick(values), unit=unit) for pick in (min, statistics.median, max)]
    return Spread(smallest=made[0], median=made[1], largest=made[2], count=len(values))


def fan_picture(edition: Edition) -> Picture | None:
    """Return the observed series against every line of the frozen list."""
    plan, language = edition.plan.quoted, edition.language
    case = edition.dossier.case
    if not plan.area:
        return None
    found = answers(edition, plan.area)
    year = found[0].question.year
    reach = span(found, without=True)
    ident = anchor("spec", plan.area)
    told: dict[str, object] = {
        end: printed(f"curve/{plan.area}/without/{end}", getattr(reach, end), edition, ident)
        for end in ("smallest", "largest")
    }
    seen = found[0].observed or reach.median
    told |= {"year": year, "observed": printed(f"curve/{plan.area}/observed", seen, edition, ident)}
    title = said(edition, "page.fan.title", told)
    traced = [t for t in (trace(edition, d, to=reach.median.unit) for d in plan.observed) if t is not None]
    subtitle = message(
        language,
        "page.fan.subtitle",
        indicator=indicator_name(case.ledger, found[0].question.indicator, language),
        place=place_name(case.ledger, found[0].question.place, language),
        count=reach.count,
        since=int(min(t.line.xs[0] for t in traced)),
        until=year,
    )
    xs = tuple(float(y) for y in range(year - _back(found), year + 1))
    chart = LineChart(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(reach.median.unit, language),
        series=tuple(t.line for t in traced),
        bands=tuple(t.band for t in traced if t.band is not None),
        fans=(Fan(label=message(language, "page.fan.label"), xs=xs, lines=_lines(found, xs)),),
        pins=pins(edition, plan.area_pin, reach.median.unit),
        marks=marks(edition, plan.observed, [float(plan.since or year), float(year)]),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition, status=True),
        zero=True,
        status_labels=status_words(language),
        gap_label=message(language, "page.chart.gap"),
    )
    pinned = [row for p in plan.area_pin for row in number(case, p.number).rows]
    origins = dict.fromkeys((*(r.origin for t in traced for r in t.rows), *origins_of(edition, pinned)))
    return picture(
        edition, chart, key="g-fan", title=title, origins=origins, note=said(edition, "page.fan.note")
    )


def _back(found: Sequence[Effect]) -> int:
    """Return how many years before the year asked about the earliest window ends."""
    return max(e.question.year - int(dict(e.settings)["until"]) for e in found)


def _lines(found: Sequence[Effect], xs: tuple[float, ...]) -> tuple[tuple[float | None, ...], ...]:
    lines: dict[tuple[float | None, ...], None] = {}
    for effect in found:
        if effect.path is not None:
            known = dict(zip(effect.path.years, effect.path.counterfactual, strict=True))
            lines[tuple(known.get(int(x)) for x in xs)] = None
    return tuple(lines)


def curve_picture(edition: Edition) -> Picture | None:
    """Return the specification curve in the unit that is quoted, with the published figures on it."""
    plan, language = edition.plan.quoted, edition.language
    if not plan.amounts:
        return None
    found = answers(edition, plan.amounts)
    reach = span(found)
    ident = anchor("spec", plan.amounts)
    told: dict[str, object] = {
        end: printed(f"curve/{plan.amounts}/{end}", getattr(reach, end), edition, ident)
        for end in ("smallest", "median", "largest")
    }
    below = sum(averted(e) <= 0 for e in found)
    share = 100 * below / len(found)
    told["none"] = link(
        f"curve/{plan.amounts}/not-positive", share, percent(share, language, digits=0), ident
    )
    title = said(edition, "page.curve.title", told)
    subtitle = message(
        language, "page.curve.subtitle", count=digits(reach.count, language), year=found[0].question.year
    )
    chart = SpecificationCurve(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(reach.median.unit, language),
        points=tuple(_point(edition, e) for e in sorted(found, key=_length)),
        pins=tuple(_level(edition, p, reach.median.unit) for p in plan.pin),
        tick=tick(language),
        headings=headings(edition),
        shade_label=message(language, "page.curve.shade"),
    )
    rows = (row for e in found for row in e.inputs)
    pinned = (row for p in plan.pin for row in number(edition.dossier.case, p.number).rows)
    return picture(
        edition,
        chart,
        key="g-curve",
        title=title,
        origins=origins_of(edition, (*rows, *pinned)),
        shown=_table(edition, found),
    )


def _table(edition: Edition, found: Sequence[Effect]) -> Table:
    """Return one row per rule and window, with a column for each yield."""
    language = edition.language
    across = list(dict.fromkeys(dict(e.settings)["conversion"] for e in found))
    held: dict[tuple[str, str], dict[str, float]] = {}
    for effect in found:
        told = dict(effect.settings)
        window = told["since"] if told["since"] == told["until"] else f"{told['since']}–{told['until']}"
        held.setdefault((_rule_word(told, language), window), {})[told["conversion"]] = averted(effect)
    heads = [message(language, f"page.curve.{key}") for key in ("rule", "window")]
    names = [_short(edition, name) if name else message(language, "page.column.value") for name in across]
    return (*heads, *names), tuple(
        (*key, *(values.get(name) for name in across)) for key, values in held.items()
    )


def _point(edition: Edition, effect: Effect) -> Point:
    language, told = edition.language, dict(effect.settings)
    choices = {
        message(language, "page.curve.rule"): _rule_word(told, language),
        message(language, "page.curve.window"): _length_word(told, language),
        message(language, "page.curve.end"): told["until"],
    }
    if told["conversion"]:
        choices[message(language, "page.curve.conversion")] = _short(edition, told["conversion"])
    return Point(value=averted(effect), choices=choices)


def _length(effect: Effect) -> int:
    told = dict(effect.settings)
    return int(told["until"]) - int(told["since"]) + 1


def _rule_word(told: dict[str, str], language: str) -> str:
    raw = told["parameter"]
    said_so = percent(100 * float(raw), language) if raw and told["rule"] == "constant-rate" else raw
    return message(language, f"page.rule.{told['rule']}", parameter=said_so)


def _length_word(told: dict[str, str], language: str) -> str:
    length = int(told["until"]) - int(told["since"]) + 1
    for most in (1, 4, 7):
        if length <= most:
            return message(language, f"page.curve.years-{most}")
    return message(language, "page.curve.years-more")


def _short(edition: Edition, name: str) -> str:
    what = number(edition.dossier.case, name).quantity
    value = digits(what.value, edition.language, digits=2)
    return f"{value} {unit_word(what.unit, edition.language)}"


def _level(edition: Edition, pinned: Pinned, unit: str) -> Level:
    what = number(edition.dossier.case, pinned.number).quantity
    return Level(
        value=convert(what, unit).value,
        label=pinned.es if edition.language == "es" else pinned.en,
        href="#" + anchor("n", pinned.number),
    )


def placings(edition: Edition) -> Placings | None:
    """Return the percentile of each published figure, among all rules and without each family."""
    plan, language = edition.plan.quoted, edition.language
    if not plan.amounts or not plan.pin:
        return None
    found = answers(edition, plan.amounts)
    unit = found[0].difference.unit if found[0].difference else "ratio"
    columns = [
        standings(convert(number(edition.dossier.case, p.number).quantity, unit).value, found)
        for p in plan.pin
    ]
    rows = tuple(
        Placing(
            without=_left_out(standing.without, language),
            count=standing.of,
            percentiles=tuple(
                _percentile(edition, p, column[at]) for p, column in zip(plan.pin, columns, strict=True)
            ),
        )
        for at, standing in enumerate(columns[0])
    )
    heads = tuple(
        Markup("{} ({})").format(p.es if language == "es" else p.en, figure(edition, p.number))
        for p in plan.pin
    )
    return Placings(heads=heads, rows=rows)


def _left_out(family: str, language: str) -> str:
    if not family:
        return message(language, "page.curve.all-rules")
    return message(language, "page.curve.without", family=message(language, f"page.family.{family}"))


def _percentile(edition: Edition, pinned: Pinned, standing: Standing) -> Markup:
    name = f"standing/{pinned.number}/{standing.without or 'all'}"
    text = digits(standing.percentile, edition.language, digits=1)
    return link(name, standing.percentile, text, anchor("spec", edition.plan.quoted.amounts))


def made(edition: Edition) -> tuple[Made, ...]:
    """Return which published figures a rule of the frozen lists gives, and which none does."""
    return tuple(_made(edition, wanted) for wanted in edition.plan.quoted.reproduce)


def _made(edition: Edition, wanted: Reproduced) -> Made:
    case, language = edition.dossier.case, edition.language
    found = number(case, wanted.number)
    value = found.quantity.value
    fitting = reproducing(
        value,
        _run(edition, wanted),
        rounding=wanted.rounding,
        at_least=wanted.at_least,
        without=wanted.level == "without",
    )
    words = list(dict.fromkeys(_with_yield(edition, e) for e in fitting))
    verdict = "made" if words else "not-made"
    who = publisher(case.ledger, origins_of(edition, found.rows)[0], language)
    return Made(
        name=Markup('<a href="#{}">{}</a>, {}').format(
            anchor("n", wanted.number), name_of(case, wanted.number, language), who
        ),
        amount=figure(edition, wanted.number),
        year=figure(edition, wanted.number, "year"),
        rules=tuple(words[:_RULES_NAMED]),
        more=len(words[_RULES_NAMED:]),
        verdict=message(language, f"page.made-by.{verdict}"),
    )


def _with_yield(edition: Edition, effect: Effect) -> str:
    told = dict(effect.settings)
    words = design_words(effect, edition.language)
    if not told["conversion"]:
        return words
    return message(
        edition.language, "page.curve.times", rule=words, factor=_short(edition, told["conversion"])
    )


def _run(edition: Edition, wanted: Reproduced) -> tuple[Effect, ...]:
    case = edition.dossier.case
    held = case.specifications[wanted.specification]
    if not wanted.conversion or not isinstance(held, Specification):
        return answers(edition, wanted.specification)
    ratio = number(case, wanted.conversion)
    rate = Conversion(key=wanted.conversion, ratio=ratio.quantity, to="t", rows=ratio.rows)
    listed: Specification = replace(held, conversions=(wanted.conversion,))
    return run(listed, case.questions[held.question], case.ledger, {wanted.conversion: rate})
