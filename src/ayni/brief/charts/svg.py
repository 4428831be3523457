"""SVG written by hand: escaping, numbers, elements and the frame every chart shares."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ayni.brief.charts.inputs import check_ident

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LEAST_WIDTH = 200
NARROW_BELOW = 480
"""Width in pixels under which a chart takes its phone layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The space and the type sizes a chart is given, all in pixels."""

    width: float
    size: float
    small: float
    ident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A finished body of SVG elements and the rectangle it fills, in pixels."""

    width: float
    height: float
    body: str


def room_for(width: int, ident: str) -> Room:
    """Room for a chart `width` pixels wide: 13 and 12 px type, or 12 and 11 px on a phone."""
    check_ident(ident)
    if width < LEAST_WIDTH:
        raise ValueError(f"chart {ident!r}: found a width of {width} px, expected {LEAST_WIDTH} or more.")
    wide = width >= NARROW_BELOW
    return Room(width=float(width), size=13.0 if wide else 12.0, small=12.0 if wide else 11.0, ident=ident)


def is_narrow(room: Room) -> bool:
    """Whether the phone layout applies."""
    return room.width < NARROW_BELOW


def escape(text: str) -> str:
    """Text safe inside an element or a double-quoted attribute; characters XML forbids are dropped."""
    clean = _NOT_XML.sub("", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def number(value: float) -> str:
    """Write a coordinate rounded to one decimal, in as few characters as it takes."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def element(name: str, attributes: Mapping[str, str | float], content: str = "") -> str:
    """One element; numbers are rounded, strings escaped, empty strings left out."""
    written = "".join(
        f' {key}="{escape(value) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Path data through the points; after the first pair the line command is implied."""
    return "M" + " ".join(f"{number(x)} {number(y)}" for x, y in points)


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Path data of zero-length strokes, which round or square caps turn into dots."""
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in points)


def rectangles(boxes: Iterable[tuple[float, float, float, float]]) -> str:
    """Path data of boxes given as left, top, width and height."""
    return "".join(f"M{number(x)} {number(y)}h{number(w)}v{number(h)}h{number(-w)}z" for x, y, w, h in boxes)


def path(data: str, look: str) -> str:
    """Write a path with its class, or nothing when there is no data."""
    return element("path", {"class": look, "d": data}) if data else ""


def link(content: str, href: str, label: str = "") -> str:
    """Wrap the content in an anchor, or left alone when there is no address."""
    return element("a", {"href": href, "aria-label": label}, content) if href and content else content


def document(drawing: Drawing, *, ident: str, title: str, alt: str, subtitle: str, source: str) -> str:
    """Write the whole `<svg>` element, named by its title and description.

    An image hides its children from assistive software, so a chart with links inside is a group.
    """
    role = "group" if "<a " in drawing.body else "img"
    head = element("title", {"id": f"{ident}-t"}, escape(title) or " ")
    head += element("desc", {"id": f"{ident}-d"}, escape(alt) or " ")
    attributes: dict[str, str | float] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "ayni-chart",
        "viewBox": f"0 0 {number(drawing.width)} {number(drawing.height)}",
        "fill": "none",
        "role": role,
        "aria-labelledby": f"{ident}-t {ident}-d",
        "data-subtitle": subtitle,
        "data-source": source,
    }
    return element("svg", attributes, head + drawing.body)
