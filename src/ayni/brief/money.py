"""The money: what was given by account and release, what others gave, what each side put in and bore."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ayni.brief.appendix import caveat_words
from ayni.brief.charts import Line, LineChart, Stack, StackedBars
from ayni.brief.pictures import Picture, alt, headings, picture, tick, year_tick
from ayni.brief.plan import Edition, Weighed
from ayni.brief.printed import anchor, figure, link, plain, said
from ayni.brief.prose import sentence
from ayni.claims.naming import name_of, place_name, words
from ayni.claims.numbers import money_rows, number
from ayni.language import join, message, money
from ayni.language import number as digits
from ayni.ledger.prices import Deflator, at_prices, deflator
from ayni.ledger.records import Flow
from ayni.ledger.series import flows

_MILLION = 1e6
_COUNTED_FROM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table of both sides: what it is, whose, how much, when."""

    what: Markup
    side: str
    amount: Markup
    year: Markup
    caveat: str


def priced(edition: Edition, origin: str, stage: str) -> Deflator:
    """Return the deflator of a release to the dossier's price base."""
    case = edition.dossier.case
    return deflator(
        case.ledger, origin=origin, stage=stage, to=edition.dossier.about.price_base, indexes=case.indexes
    )


def money_flows(edition: Edition, table: str, origin: str, stage: str) -> list[Flow]:
    """Return the flows between the two sides that one table gives of one release and stage."""
    about = edition.dossier.about
    wanted = {
        "provider": about.provider,
        "recipient": about.recipient,
        "table": table,
        "origin": origin,
        "stage": stage,
    }
    return money_rows(edition.dossier.case, wanted)


def money_by_year(rows: Iterable[Flow], prices: Deflator) -> dict[int, float]:
    """Return flows added by year, in millions at the prices of the deflator's base."""
    kept = [row for row in rows if row.year in prices.factors]
    totals: dict[int, float] = defaultdict(float)
    for row, amount in zip(kept, at_prices(kept, prices), strict=True):
        totals[row.year] += amount / _MILLION
    return totals


def bars(edition: Edition) -> Picture | None:
    """Return the stacked bars of accounts, with the years whose split is not published as totals."""
    plan, about = edition.plan.money, edition.dossier.about
    release = about.release
    if not plan.table:
        return None
    accounts = money_flows(edition, plan.table, release.accounts, release.account_stage)
    totals = money_by_year(
        money_flows(edition, plan.totals_table, release.totals, release.stage),
        priced(edition, release.totals, release.stage),
    )
    prices = priced(edition, release.accounts, release.account_stage)
    split_until = max(row.year for row in accounts)
    years = sorted({row.year for row in accounts} | set(totals))
    language = edition.language
    first, first_origins = _first_editions(edition, years)
    incomplete = frozenset(float(y) for y in years if y >= plan.incomplete_since)
    title = said(edition, "page.money.title", _title_numbers(edition, totals))
    subtitle = message(
        language,
        "page.money.subtitle",
        provider=place_name(edition.dossier.case.ledger, about.provider, language),
        recipient=place_name(edition.dossier.case.ledger, about.recipient, language),
        since=years[0],
        until=years[-1],
        split=split_until,
        base=about.price_base,
        incomplete=plan.incomplete_since,
    )
    chart = StackedBars(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=message(language, "page.money.unit", base=about.price_base),
        xs=tuple(float(y) for y in years),
        stacks=(*_stacks(edition, accounts, prices, years), _whole(edition, totals, years, split_until)),
        hatched=incomplete,
        hatch_label=message(language, "page.money.incomplete"),
        vintage=tuple(first.get(y) for y in years),
        vintage_label=message(language, "page.money.first-edition"),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition),
    )
    note = sentence(edition, plan.note.es if language == "es" else plan.note.en) if plan.note else Markup("")
    origins = (release.accounts, release.totals, *first_origins)
    return picture(edition, chart, key="g-money", title=title, origins=origins, note=note)


def _title_numbers(edition: Edition, totals: Mapping[int, float]) -> dict[str, object]:
    plan, base = edition.plan.money, edition.dossier.about.price_base
    complete = {y: v for y, v in totals.items() if y < plan.incomplete_since}
    most = max(complete, key=lambda y: complete[y])
    last = max(complete)

    def said_amount(year: int) -> Markup:
        amount = complete[year] * _MILLION
        currency = edition.dossier.about.currency
        return link(f"money/{year}", amount, money(amount, currency, edition.language, digits=0), "g-money")

    return {"most": said_amount(most), "year": most, "last": said_amount(last), "until": last, "base": base}


def _stacks(edition: Edition, rows: list[Flow], prices: Deflator, years: list[int]) -> list[Stack]:
    groups = edition.plan.money.group
    named = {account: at for at, group in enumerate(groups) for account in group.accounts}
    parts: dict[int, list[Flow]] = defaultdict(list)
    for row in rows:
        parts[named.get(row.account, len(groups))].append(row)
    labels = [g.es if edition.language == "es" else g.en for g in groups]
    labels.append(message(edition.language, "page.money.other"))
    made = []
    for at, label in enumerate(labels):
        by_year = money_by_year(parts[at], prices)
        split = {row.year for row in rows}
        made.append(
            Stack(label=label, values=tuple(by_year.get(y, 0.0) if y in split else None for y in years))
        )
    return made


def _whole(edition: Edition, totals: Mapping[int, float], years: list[int], split_until: int) -> Stack:
    return Stack(
        label=message(edition.language, "page.money.no-split", since=split_until + 1),
        values=tuple(totals.get(y) if y > split_until else None for y in years),
        open=True,
    )


def _first_editions(edition: Edition, years: list[int]) -> tuple[dict[int, float], tuple[str, ...]]:
    """Return, for each year, what the first release gathered that prints it gave, at the base's prices."""
    plan, release = edition.plan.money, edition.dossier.about.release
    case = edition.dossier.case
    about = edition.dossier.about
    wanted = {
        "provider": about.provider,
        "recipient": about.recipient,
        "table": plan.totals_table,
        "stage": release.stage,
    }
    rows = money_rows(case, wanted)
    dated = words(case.ledger, "origins")
    when = {o: dated[o]["vintage"] or dated[o]["published"] or o for o in {row.origin for row in rows}}
    first: dict[int, Flow] = {}
    for row in sorted(rows, key=lambda r: when[r.origin]):
        if row.year in years:
            first.setdefault(row.year, row)
    prices = priced(edition, release.totals, release.stage)
    shown = {y: r for y, r in first.items() if y >= years[-1] - 4 and r.origin != release.totals}
    values = {y: r.amount * prices.factors[y] / _MILLION for y, r in shown.items() if y in prices.factors}
    return values, tuple(dict.fromkeys(r.origin for r in shown.values()))


def providers(edition: Edition) -> Picture | None:
    """Return net aid by provider, with how often the dossier's provider gave most."""
    plan, about, language = edition.plan.money, edition.dossier.about, edition.language
    case = edition.dossier.case
    found: dict[str, dict[int, float]] = {}
    origins: dict[str, None] = {}
    for provider in plan.providers:
        wanted = {
            "provider": provider,
            "recipient": about.recipient,
            "table": plan.providers_origin_table,
            "stage": "net",
        }
        rows = money_rows(case, wanted)
        found[provider] = {row.year: row.amount / _MILLION for row in rows}
        origins |= dict.fromkeys(row.origin for row in rows)
    if not found:
        return None
    years = sorted(set.intersection(*(set(v) for v in found.values())))
    first = sum(max(found, key=lambda p: found[p][y]) == about.provider for y in years)
    count = link("providers/first", first, digits(first, language), "g-providers")
    title = said(
        edition,
        "page.money.providers.title",
        {"first": count, "years": len(years), "provider": who(edition, "provider")},
    )
    subtitle = message(
        language,
        "page.money.providers.subtitle",
        recipient=place_name(case.ledger, about.recipient, language),
        since=years[0],
        until=years[-1],
    )
    chart = LineChart(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=message(language, "page.money.providers.unit"),
        series=tuple(
            Line(
                label=place_name(case.ledger, p, language),
                xs=tuple(float(y) for y in sorted(v)),
                ys=tuple(v[y] for y in sorted(v)),
                role="observed" if p == about.provider else "context",
            )
            for p, v in found.items()
        ),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition),
        zero=True,
    )
    return picture(edition, chart, key="g-providers", title=title, origins=origins)


def both_sides(edition: Edition, listed: Iterable[Weighed]) -> tuple[Row, ...]:
    """Return numbers as lines of a table of both sides."""
    return tuple(
        Row(
            what=Markup('<a href="#{}">{}</a>').format(
                anchor("n", w.number), name_of(edition.dossier.case, w.number, edition.language)
            ),
            side=side_name(edition, w.side),
            amount=figure(edition, w.number),
            year=figure(edition, w.number, "year"),
            caveat=caveat_words(edition, number(edition.dossier.case, w.number).rows),
        )
        for w in listed
    )


def side_name(edition: Edition, side: str) -> str:
    """Return the name of a side: a place, or words for both."""
    about = edition.dossier.about
    place = {"provider": about.provider, "recipient": about.recipient}.get(side)
    if place is None:
        return message(edition.language, "page.side.both")
    return place_name(edition.dossier.case.ledger, place, edition.language)


def who(edition: Edition, side: Literal["provider", "recipient"]) -> str:
    """Return a side as sentences name it: with its article where the language gives it one."""
    named = edition.plan.answers.get(side)
    if named is not None:
        return named.who_es if edition.language == "es" else named.who_en
    return side_name(edition, side)


def theatre(edition: Edition, where: str) -> str:
    """Return where a threat is said to be prevented."""
    return message(edition.language, f"page.theatre.{where}", provider=side_name(edition, "provider"))


def price_links(edition: Edition) -> tuple[Markup, ...]:
    """Return every factor that joins two price bases, as a sentence with its number."""
    release = edition.dossier.about.release
    made = []
    for origin, stage in ((release.totals, release.stage), (release.accounts, release.account_stage)):
        prices = priced(edition, origin, stage)
        told = {
            "origin": Markup('<a href="#{}">{}</a>').format(anchor("o", origin), origin),
            "base": prices.base,
        }
        made.append(said(edition, f"page.prices.{prices.method}", told))
        for joined in prices.links:
            factor = link(
                f"price-link/{joined.source}",
                joined.factor,
                digits(joined.factor, edition.language, digits=4),
                "prices",
            )
            ends = join(
                [
                    digits(joined.low, edition.language, digits=4),
                    digits(joined.high, edition.language, digits=4),
                ],
                edition.language,
            )
            made.append(
                said(
                    edition,
                    "page.prices.link",
                    {
                        "source": joined.source,
                        "target": joined.target,
                        "factor": factor,
                        "periods": joined.periods,
                        "ends": ends,
                    },
                )
            )
    return tuple(made)


def incomplete_words(edition: Edition) -> str:
    """Return the span of years whose reporting is incomplete; empty where there is none."""
    plan = edition.plan.money
    release = edition.dossier.about.release
    rows = flows(edition.dossier.case.ledger, origin=release.totals)
    last = max((row.year for row in rows), default=0)
    return "" if plan.incomplete_since > last else f"{plan.incomplete_since}–{last}"
