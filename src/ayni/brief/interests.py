"""One section per interest: what was claimed, what happened, what would have been, what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from ayni.brief.answers import main_claim
from ayni.brief.charts import Rank, RankBars
from ayni.brief.findings import Answered, answered
from ayni.brief.judged import Judged, judged
from ayni.brief.money import theatre, who
from ayni.brief.moves import moves_picture
from ayni.brief.pictures import Picture, alt, headings, picture, tick
from ayni.brief.plan import Charted, Edition
from ayni.brief.printed import anchor, plain, said
from ayni.brief.prose import chosen, section
from ayni.brief.series_lines import line_picture, origins_of
from ayni.claims.numbers import number
from ayni.claims.verdicts import verdicts
from ayni.language import quantity, unit_word

_SIDES: tuple[Literal["provider", "recipient"], ...] = ("provider", "recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an interest's findings mean for one side."""

    who: str
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """A section of the page."""

    key: str
    name: str
    theatre: str
    claims: tuple[Judged, ...]
    happened: Markup
    pictures: tuple[Picture, ...]
    without: Markup
    answers: tuple[Answered, ...]
    meanings: tuple[Meaning, ...]
    turning: tuple[Markup, ...]


def interests(edition: Edition) -> tuple[Interest, ...]:
    """Return the sections, in the dossier's order."""
    return tuple(_interest(edition, key) for key in edition.dossier.about.interests)


def _interest(edition: Edition, key: str) -> Interest:
    about, case, language = edition.dossier.about, edition.dossier.case, edition.language
    own = about.interests[key]
    found = tuple(judged(edition, v) for v in verdicts(case) if v.claim.interest == key)
    return Interest(
        key=key,
        name=own.es if language == "es" else own.en,
        theatre=theatre(edition, own.theatre),
        claims=found,
        happened=section(edition, f"{key}.happened"),
        pictures=pictures_of(edition, key),
        without=section(edition, f"{key}.without"),
        answers=tuple(answered(edition, q) for q in case.questions.values() if q.interest == key),
        meanings=tuple(
            Meaning(who=who(edition, side), text=section(edition, f"{key}.{side}")) for side in _SIDES
        ),
        turning=_turning(edition, key),
    )


def _turning(edition: Edition, key: str) -> tuple[Markup, ...]:
    """Return what would change our mind: the pivots of the main claim, and its links without evidence."""
    main = main_claim(edition, key)
    if main is None:
        return ()
    language, chain = edition.language, edition.dossier.case.chain
    turned = judged(edition, main).pivots
    silent = [r.partition(":")[2] for r in main.reasons if r.startswith("link-silent:")]
    wanted = tuple(
        said(
            edition,
            "page.turning.silent",
            {
                "link": Markup('<a href="#{}">{}</a>').format(
                    anchor("l", name),
                    (chain.links[name].es if language == "es" else chain.links[name].en).rstrip("."),
                )
            },
        )
        for name in silent
    )
    return (*turned, *wanted, said(edition, "page.turning.design"))


def pictures_of(edition: Edition, section_key: str) -> tuple[Picture, ...]:
    """Return the charts that the plan puts in a section."""
    made = (_picture_of(edition, c) for c in edition.plan.chart if c.section == section_key)
    return tuple(p for p in made if p is not None)


def _picture_of(edition: Edition, wanted: Charted) -> Picture | None:
    if wanted.moves is not None:
        return moves_picture(edition, wanted, wanted.moves)
    return bar_picture(edition, wanted) if wanted.bar else line_picture(edition, wanted)


def bar_picture(edition: Edition, wanted: Charted) -> Picture:
    """Return numbers side by side as bars."""
    case, language = edition.dossier.case, edition.language
    title = chosen(edition, wanted.title)
    subtitle = wanted.es if language == "es" else wanted.en
    found = [(bar, number(case, bar.number)) for bar in wanted.bar]
    chart = RankBars(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(found[0][1].quantity.unit, language),
        ranks=tuple(
            Rank(
                label=bar.es if language == "es" else bar.en,
                value=n.quantity.value,
                low=n.quantity.low if n.quantity.high is not None else None,
                high=n.quantity.high if n.quantity.low is not None else None,
                text=quantity(n.quantity, language),
                highlighted=bar.number in wanted.main,
                href="#" + anchor("n", bar.number),
            )
            for bar, n in found
        ),
        tick=tick(language),
        headings=headings(edition),
    )
    rows = (row for _, n in found for row in n.rows)
    return picture(edition, chart, key=f"g-{wanted.key}", title=title, origins=origins_of(edition, rows))
