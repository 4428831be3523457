"""Numbers as they stand in the page: digits of the language, a link to what is behind them.

Every printed number carries its name and its value (``data-n``, ``data-v``), so that a test can
hold the two languages against each other and every link against its target.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from ayni.brief.plan import Edition
from ayni.claims.numbers import number
from ayni.language import message, quantity, years
from ayni.units import Quantity

NOTHING = Markup("")
_NOT_ID = re.compile(r"[^A-Za-z0-9]+")
_TAG = re.compile(r"<[^>]*>")
# Private-use letters hold the places of particulars while a sentence is escaped.
_HELD = re.compile("\ue000([a-z]+)\ue001")


def anchor(kind: str, key: str) -> str:
    """Return the id under which something can be linked to."""
    return f"{kind}-{_NOT_ID.sub('-', key).strip('-')}"


def printed(name: str, what: Quantity, edition: Edition, href: str, *, digits: int | None = None) -> Markup:
    """Return a quantity as a link to `href`."""
    text = quantity(what, edition.language, digits=digits)
    return link(name, what.value, text, href)


def link(name: str, value: float, text: str, href: str) -> Markup:
    """Return printed digits as a link that says which number they are."""
    made = '<a class="n" href="#{}" data-n="{}" data-v="{}">{}</a>'
    return Markup(made).format(href, name, exact(value), text)


def exact(value: float) -> str:
    """Return a value in twelve significant digits."""
    return f"{value:.12g}"


def figure(edition: Edition, name: str, form: str = "") -> Markup:
    """Return the number called `name` in one of the forms of `ayni.dossier.text`."""
    found = number(edition.dossier.case, name)
    what, href = found.quantity, anchor("n", name)
    if form == "year":
        span = years(found.year or 0, found.until, edition.language) if found.year else ""
        return Markup(html.escape(span))
    if form == "range":
        return spread(name, what, edition, href)
    if form == "value":
        return link(f"{name}:value", what.value, bare(what, edition.language), href)
    if form == "size":
        return printed(f"{name}:size", Quantity(value=abs(what.value), unit=what.unit), edition, href)
    if form in ("low", "high"):
        end = what.ends[0 if form == "low" else 1]
        return printed(f"{name}:{form}", Quantity(value=end, unit=what.unit), edition, href)
    return printed(name, what, edition, href)


def bare(what: Quantity, language: str) -> str:
    """Return the digits of a quantity without its unit."""
    return quantity(Quantity(value=what.value, unit="index"), language)


def spread(name: str, what: Quantity, edition: Edition, href: str) -> Markup:
    """Return a range from end to end, or words saying that there is none."""
    if what.low is None and what.high is None:
        return Markup(html.escape(message(edition.language, "page.no-range")))
    open_end = "at-least" if what.high is None else "at-most" if what.low is None else ""
    if open_end:
        end = what.low if what.high is None else what.high
        shown = printed(f"{name}:{open_end}", Quantity(value=end or 0.0, unit=what.unit), edition, href)
        return said(edition, f"page.{open_end}", {"end": shown})
    low, high = what.ends
    ends = [
        printed(f"{name}:{end}", Quantity(value=value, unit=what.unit), edition, href)
        for end, value in (("low", low), ("high", high))
    ]
    return said(edition, "page.range", {"low": ends[0], "high": ends[1]})


def said(edition: Edition, key: str, particulars: Mapping[str, object] | None = None) -> Markup:
    """Return the sentence `key` with its particulars, those that are marked up kept so."""
    given = {name: Markup.escape(value) for name, value in (particulars or {}).items()}
    held = {name: f"\ue000{name}\ue001" for name in given}
    text = html.escape(message(edition.language, key, **held), quote=False)
    return Markup(_HELD.sub(lambda match: given[match[1]], text))


def plain(marked: str) -> str:
    """Return the words of a piece of the page without its tags."""
    return html.unescape(_TAG.sub("", marked))


def without_range(what: Quantity) -> Quantity:
    """Return a quantity without its range."""
    return replace(what, low=None, high=None)
