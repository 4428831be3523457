"""A dossier's Markdown as HTML, with numbers by name turned into links."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from ayni.brief.plan import Edition, Titled
from ayni.brief.printed import figure
from ayni.claims.numbers import number
from ayni.dossier.text import REFERENCE

# Private-use letters hold the places of numbers while Markdown is turned into HTML.
_PLACE = re.compile("\ue000(\\d+)\ue001")


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")


def section(edition: Edition, key: str) -> Markup:
    """Return the section `key` of the dossier's prose; empty where there is none."""
    held = edition.dossier.text[edition.language].sections.get(key)
    return rendered(edition, held.markdown) if held else Markup("")


def rendered(edition: Edition, markdown: str) -> Markup:
    """Return Markdown as HTML with its numbers printed."""
    return _filled(edition, markdown, inline=False)


def sentence(edition: Edition, text: str) -> Markup:
    """Return one line of prose, without a paragraph around it."""
    return _filled(edition, text, inline=True)


def _filled(edition: Edition, text: str, *, inline: bool) -> Markup:
    numbers: list[Markup] = []

    def hold(match: re.Match[str]) -> str:
        numbers.append(figure(edition, match[1], match[2] or ""))
        return f"\ue000{len(numbers) - 1}\ue001"

    held = REFERENCE.sub(hold, text)
    made = _markdown().renderInline(held) if inline else _markdown().render(held)
    return Markup(_PLACE.sub(lambda m: str(numbers[int(m[1])]), made))


def chosen(edition: Edition, wordings: list[Titled]) -> Markup:
    """Return the first wording whose condition holds on the numbers as they are."""
    for wording in wordings:
        if _holds(edition, wording):
            return sentence(edition, wording.es if edition.language == "es" else wording.en)
    return Markup("")


def _holds(edition: Edition, wording: Titled) -> bool:
    if not wording.number:
        return True
    low, high = number(edition.dossier.case, wording.number).quantity.ends
    return (wording.above is None or low > wording.above) and (wording.below is None or high < wording.below)
