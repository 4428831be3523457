"""Who rose and who fell most between two years, as bars."""

from __future__ import annotations

from ayni.brief.charts import Rank, RankBars
from ayni.brief.pictures import Picture, alt, headings, picture, tick
from ayni.brief.plan import Charted, Edition, Moved
from ayni.brief.printed import plain
from ayni.brief.prose import chosen
from ayni.brief.series_lines import origins_of
from ayni.claims.moves import moves
from ayni.claims.naming import place_name
from ayni.language import quantity, unit_word
from ayni.units import Quantity


def moves_picture(edition: Edition, wanted: Charted, asked: Moved) -> Picture:
    """Return the largest falls, then the largest rises, as many of each as are asked for."""
    case, language = edition.dossier.case, edition.language
    found = moves(case, asked.indicator, asked.places, asked.since, asked.until)
    pairs = list(zip(found.places, map(float, found.change), strict=True))
    falls = [pair for pair in pairs if pair[1] < 0][: asked.most]
    rises = [pair for pair in pairs if pair[1] > 0][-asked.most :]
    title = chosen(edition, wanted.title)
    subtitle = wanted.es if language == "es" else wanted.en
    chart = RankBars(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        unit=unit_word(found.unit, language),
        ranks=tuple(
            Rank(
                label=place_name(case.ledger, place, language),
                value=change,
                text=quantity(Quantity(value=change, unit=found.unit), language),
                highlighted=place in wanted.main,
            )
            for place, change in (*falls, *rises)
        ),
        tick=tick(language),
        headings=headings(edition),
    )
    return picture(
        edition, chart, key=f"g-{wanted.key}", title=title, origins=origins_of(edition, found.rows)
    )
