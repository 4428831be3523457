"""The money by the interest it serves, as far as published tables tell, and the rest as unmapped.

Two frameworks say what money was for, and they cut the same money: the funding accounts of the Greenbook, and
the sectors of ForeignAssistance.gov. Each has its own chart, of one release and one stage; they are never
mixed or added. Which interest an account or a sector serves is read from `ayni.ledger.purposes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ayni.brief.charts import Stack, StackedBars
from ayni.brief.charts.style import STACKS
from ayni.brief.money import money_by_year, money_flows, priced
from ayni.brief.pictures import Picture, alt, headings, picture, tick, year_tick
from ayni.brief.plan import AccountCut, Edition, SectorCut
from ayni.brief.printed import NOTHING, link, plain, said
from ayni.brief.prose import chosen, sentence
from ayni.claims.naming import place_name
from ayni.claims.serving import OTHER, served
from ayni.language import message, money
from ayni.ledger.prices import Deflator
from ayni.ledger.purposes import UNMAPPED
from ayni.ledger.records import Flow

# Money of which only the total is published, in the release of totals.
_UNSPLIT = "unsplit"
# In both charts an interest has the same colour. Other purposes have that of food in the chart of accounts,
# which they mostly are; what is unmapped is grey, and what is not split is an outline.
_COLOURS = {
    "drugs": 1,
    "institutions": 6,
    "terrorism": 5,
    "migration": 4,
    "influence": 3,
    OTHER: 2,
    UNMAPPED: STACKS,
    _UNSPLIT: STACKS,
}
# Accounts and totals are each rounded to whole dollars; some forty accounts of a year cannot differ by more.
_ROUNDING_USD = 50.0

Parts = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """One way of cutting the money: millions at constant prices, by kind and year, and what is said of it."""

    key: str
    parts: Parts
    title: Markup
    subtitle: str
    note: Markup
    origins: tuple[str, ...]


def interest_pictures(edition: Edition) -> tuple[Picture, ...]:
    """Return the charts by interest that the plan asks for: by account, and by sector."""
    plan = edition.plan.money
    made = []
    if plan.by_account is not None:
        made.append(_drawn(edition, _by_account(edition, plan.by_account)))
    if plan.by_sector is not None:
        made.append(_drawn(edition, _by_sector(edition, plan.by_sector)))
    return tuple(made)


def _within(edition: Edition, rows: Iterable[Flow]) -> list[Flow]:
    about = edition.dossier.about
    return [row for row in rows if about.since <= row.year <= about.until]


def _split(rows: Iterable[Flow], prices: Deflator) -> dict[str, dict[int, float]]:
    heaps: dict[str, list[Flow]] = defaultdict(list)
    for row in rows:
        heaps[served(row)].append(row)
    return {key: money_by_year(heap, prices) for key, heap in heaps.items()}


def _by_account(edition: Edition, cut: AccountCut) -> _Cut:
    """Return the cut by account; of later years only the total is known, from the release of totals."""
    plan, release = edition.plan.money, edition.dossier.about.release
    accounts = money_flows(edition, plan.table, release.accounts, release.account_stage)
    rows = _within(edition, accounts)
    whole = _within(edition, money_flows(edition, plan.totals_table, release.totals, release.stage))
    until = max(row.year for row in rows)
    parts = _split(rows, priced(edition, release.accounts, release.account_stage))
    later = [row for row in whole if row.year > until]
    parts[_UNSPLIT] = money_by_year(later, priced(edition, release.totals, release.stage))
    return _Cut(
        key="g-interests",
        parts=parts,
        title=chosen(edition, cut.title),
        subtitle=_subtitle(edition, "account", parts, until=until, after=until + 1),
        note=Markup(" ").join((_note(edition, cut), _gap(edition, rows, whole))),
        origins=(release.accounts, release.totals),
    )


def _by_sector(edition: Edition, cut: SectorCut) -> _Cut:
    """Return the cut by sector; what the same release gives beyond the sectors gathered is unmapped."""
    stage, table = edition.dossier.about.release.stage, edition.plan.money.totals_table
    rows = _within(edition, money_flows(edition, cut.table, cut.origin, stage))
    whole = _within(edition, money_flows(edition, table, cut.totals, stage))
    parts = _split(rows, priced(edition, cut.origin, stage))
    first = min(row.year for row in rows)
    totals = money_by_year((row for row in whole if row.year >= first), priced(edition, cut.totals, stage))
    told = [part for kind, part in parts.items() if kind != UNMAPPED]
    parts[UNMAPPED] = {year: t - sum(part.get(year, 0.0) for part in told) for year, t in totals.items()}
    return _Cut(
        key="g-interests-sectors",
        parts=parts,
        title=chosen(edition, cut.title),
        subtitle=_subtitle(edition, "sector", parts, count=len({row.purposes for row in rows})),
        note=_note(edition, cut),
        origins=(cut.origin, cut.totals),
    )


def _years(parts: Parts) -> list[int]:
    return sorted({year for part in parts.values() for year in part})


def _subtitle(edition: Edition, name: str, parts: Parts, **particulars: int) -> str:
    about, language = edition.dossier.about, edition.language
    years = _years(parts)
    return message(
        language,
        f"page.money.interests.{name}",
        provider=place_name(edition.dossier.case.ledger, about.provider, language),
        recipient=place_name(edition.dossier.case.ledger, about.recipient, language),
        first=years[0],
        last=years[-1],
        base=about.price_base,
        **particulars,
    )


def _note(edition: Edition, cut: AccountCut | SectorCut) -> Markup:
    if cut.note is None:
        return NOTHING
    return sentence(edition, cut.note.es if edition.language == "es" else cut.note.en)


def _gap(edition: Edition, accounts: Iterable[Flow], whole: Iterable[Flow]) -> Markup:
    """Return how far the accounts of a year lie from the total that the other release gives it."""
    sums: dict[int, float] = defaultdict(float)
    for row in accounts:
        sums[row.year] += row.amount
    totals = {row.year: row.amount for row in whole if row.year in sums}
    gaps = {year: sums[year] - total for year, total in totals.items()}
    apart = {year: gap for year, gap in gaps.items() if abs(gap) > _ROUNDING_USD}
    told: dict[str, object] = {"years": len(gaps), "alike": len(gaps) - len(apart)}
    if not apart:
        return said(edition, "page.money.interests.alike", told)
    most = max(apart, key=lambda year: abs(apart[year]))
    size = abs(apart[most])
    shown = money(size, edition.dossier.about.currency, edition.language)
    way = "less" if apart[most] < 0 else "more"
    told |= {"most": link("g-interests/gap", size, shown, "g-interests"), "year": most}
    return said(edition, f"page.money.interests.{way}", told)


def _drawn(edition: Edition, cut: _Cut) -> Picture:
    language, base = edition.language, edition.dossier.about.price_base
    years = _years(cut.parts)
    incomplete = frozenset(float(y) for y in years if y >= edition.plan.money.incomplete_since)
    chart = StackedBars(
        title=plain(cut.title),
        subtitle=cut.subtitle,
        alt=alt(cut.title, cut.subtitle),
        unit=message(language, "page.money.unit", base=base),
        xs=tuple(float(y) for y in years),
        stacks=tuple(
            Stack(
                label=_label(edition, kind, min(cut.parts[kind])),
                values=tuple(_rounded(cut.parts[kind].get(year)) for year in years),
                colour=colour,
                open=kind == _UNSPLIT,
            )
            for kind, colour in _COLOURS.items()
            if cut.parts.get(kind)
        ),
        hatched=incomplete,
        hatch_label=message(language, "page.money.incomplete"),
        x_tick=year_tick,
        y_tick=tick(language),
        headings=headings(edition),
    )
    return picture(edition, chart, key=cut.key, title=cut.title, origins=cut.origins, note=cut.note)


def _rounded(value: float | None) -> float | None:
    """Return a difference of sums without the last digits that floats leave where nothing is left."""
    return None if value is None else round(value, 9) + 0.0


def _label(edition: Edition, kind: str, since: int) -> str:
    if kind == _UNSPLIT:
        return message(edition.language, "page.money.interests.unsplit", since=since)
    own = edition.dossier.about.interests.get(kind)
    if own is None:
        return message(edition.language, f"page.money.interests.{kind}")
    return own.es if edition.language == "es" else own.en
