"""The money by the interest it serves, as far as published tables tell, and the rest as not told.

Two frameworks say what money was for, and they cut the same money: the funding accounts of the Greenbook, and
the sectors of ForeignAssistance.gov. Each has its own chart; they are never mixed or added. Which interest an
account or a sector serves is read from `ayni.ledger.purposes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from markupsafe import Markup

from ayni.brief.charts import Stack, StackedBars
from ayni.brief.charts.style import STACKS
from ayni.brief.money import money_by_year, money_flows, priced
from ayni.brief.pictures import Picture, alt, headings, picture, tick, year_tick
from ayni.brief.plan import Edition
from ayni.brief.printed import link, plain, said
from ayni.claims.naming import place_name
from ayni.language import message, money, percent
from ayni.ledger.prices import Deflator
from ayni.ledger.purposes import INTERESTS, NONE, UNMAPPED, deciding, interest, named
from ayni.ledger.records import Flow

_MILLION = 1e6
# Money for something else than the five interests, and reasons for which nothing is told at all.
_OTHER = "other"
_SAYS_NOTHING = ("several", "unnamed", "costs")
# In both charts an interest has the same colour; what is not told is grey.
_COLOURS = {kind: at for at, kind in enumerate((*INTERESTS, _OTHER), start=1)} | {UNMAPPED: STACKS}

Parts = Mapping[str, Mapping[int, float]]


def interest_pictures(edition: Edition) -> tuple[Picture, ...]:
    """Return the charts by interest: by account, and by sector; none where the plan names no tables."""
    if not edition.plan.money.table:
        return ()
    made = [_by_account(edition)]
    if edition.plan.money.sectors_table:
        made.append(_by_sector(edition))
    return tuple(made)


def served(row: Flow) -> str:
    """Return the interest that a flow serves; `other` for none of the five, `unmapped` where none is told."""
    found = interest(row.purposes, row.account, "us")
    if found != NONE:
        return found
    reasons = {one.reason for item in deciding(row.purposes, row.account, "us") if (one := named(item))}
    return UNMAPPED if reasons & set(_SAYS_NOTHING) else _OTHER


def _split(rows: Iterable[Flow], prices: Deflator) -> dict[str, dict[int, float]]:
    heaps: dict[str, list[Flow]] = defaultdict(list)
    for row in rows:
        heaps[served(row)].append(row)
    return {key: money_by_year(heap, prices) for key, heap in heaps.items()}


def _by_account(edition: Edition) -> Picture:
    """Return the chart by account; years without a published split are not told."""
    plan, release = edition.plan.money, edition.dossier.about.release
    rows = money_flows(edition, plan.table, release.accounts, release.account_stage)
    parts = _split(rows, priced(edition, release.accounts, release.account_stage))
    until = max(row.year for row in rows)
    whole = money_flows(edition, plan.totals_table, release.totals, release.stage)
    later = money_by_year(whole, priced(edition, release.totals, release.stage))
    untold = dict(parts.get(UNMAPPED, {})) | {y: v for y, v in later.items() if y > until}
    told = {**parts, UNMAPPED: untold}
    words = {"until": until, "since": until + 1}
    return _drawn(edition, told, key="g-interests", name="account", words=words, origins=_origins(edition))


def _origins(edition: Edition) -> tuple[str, ...]:
    release = edition.dossier.about.release
    return release.accounts, release.totals


def _by_sector(edition: Edition) -> Picture:
    """Return the chart by sector; what the same release gives beyond the sectors tabled is not told."""
    plan, release = edition.plan.money, edition.dossier.about.release
    rows = money_flows(edition, plan.sectors_table, plan.sectors_origin, release.stage)
    parts = _split(rows, priced(edition, plan.sectors_origin, release.stage))
    whole = money_flows(edition, plan.totals_table, plan.sectors_totals, release.stage)
    totals = money_by_year(whole, priced(edition, plan.sectors_totals, release.stage))
    first = min(row.year for row in rows)
    rest = {
        year: total - sum(part.get(year, 0.0) for part in parts.values())
        for year, total in totals.items()
        if year >= first
    }
    words = {"count": len({row.purposes for row in rows})}
    origins = (plan.sectors_origin, plan.sectors_totals)
    told = {**parts, UNMAPPED: rest}
    return _drawn(edition, told, key="g-interests-sectors", name="sector", words=words, origins=origins)


def _drawn(
    edition: Edition,
    parts: Parts,
    *,
    key: str,
    name: str,
    words: Mapping[str, object],
    origins: tuple[str, ...],
) -> Picture:
    about, language = edition.dossier.about, edition.language
    years = sorted({year for part in parts.values() for year in part})
    title = said(edition, f"page.money.interests.{name}.title", _numbers(edition, parts, key))
    subtitle = message(
        language,
        f"page.money.interests.{name}.subtitle",
        provider=place_name(edition.dossier.case.ledger, about.provider, language),
        recipient=place_name(edition.dossier.case.ledger, about.recipient, language),
        first=years[0],
        last=years[-1],
        base=about.price_base,
        **words,
    )
    kinds = {kind: colour for kind, colour in _COLOURS.items() if kind in parts}
    incomplete = frozenset(float(y) for y in years if y >= edition.plan.money.incomplete_since)
    chart = StackedBars(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=message(language, "page.money.unit", base=about.price_base),
        xs=tuple(float(y) for y in years),
        stacks=tuple(
            Stack(
                label=_label(edition, kind),
                values=tuple(_rounded(parts[kind].get(year)) for year in years),
                colour=colour,
            )
            for kind, colour in kinds.items()
        ),
        hatched=incomplete,
        hatch_label=message(language, "page.money.incomplete"),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition),
    )
    note = Markup("{}").format(message(language, f"page.money.interests.{name}.note"))
    return picture(edition, chart, key=key, title=title, origins=origins, note=note)


def _rounded(value: float | None) -> float | None:
    """Return a difference of sums without the last digits that floats leave where nothing is left."""
    return None if value is None else round(value, 9) + 0.0


def _label(edition: Edition, kind: str) -> str:
    own = edition.dossier.about.interests.get(kind)
    if own is None:
        return message(edition.language, f"page.money.interests.{kind}")
    return own.es if edition.language == "es" else own.en


def _numbers(edition: Edition, parts: Parts, key: str) -> dict[str, object]:
    """Return what the title says: how much is told by interest, of how much, and the largest of them."""
    language, currency = edition.language, edition.dossier.about.currency
    sums = {kind: sum(part.values()) for kind, part in parts.items()}
    told = {kind: amount for kind, amount in sums.items() if kind in INTERESTS}
    most = max(told, key=lambda kind: told[kind])
    total = sum(sums.values())
    share = 100 * sum(told.values()) / total

    def amount(name: str, value: float) -> Markup:
        shown = money(value * _MILLION, currency, language, digits=0)
        return link(f"{key}/{name}", value * _MILLION, shown, key)

    return {
        "total": amount("total", total),
        "most": amount(most, told[most]),
        "interest": _label(edition, most).lower(),
        "share": link(f"{key}/share", share, percent(share, language), key),
    }
