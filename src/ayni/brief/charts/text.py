"""Text as boxes: how wide a word is, where a line breaks, what a label covers."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from ayni.brief.charts.svg import element, escape, link, number

Anchor = Literal["start", "middle", "end"]

# Widths in ems: the wider of Arial's and DejaVu Sans's, so that every letter stays in view on systems
# whose sans is wide.
_EMS = (
    ("iIjl'|!`·’‘", 0.30),
    (" .,:;f", 0.36),
    ('t()[]{}/\\-r"°“”', 0.43),
    ("*", 0.50),
    ("ckszJvxy", 0.60),
    ("abdeghnopqu0123456789_?$€L–", 0.64),
    ("#+=~^≥≤±−×<>", 0.84),
    ("FETPSXYZABKRV&", 0.73),
    ("CDGHNUOQw", 0.82),
    ("mM", 0.98),
    ("W@%—…→", 1.02),
)
_WIDTHS = {letter: em for letters, em in _EMS for letter in letters}
_OTHER, _WIDE = 0.72, 1.05
_LEADING = 1.25
_BOLD = 1.07
_BREAKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Lines of text with a place: `x` at the anchor, `top` at the upper edge of the first line."""

    lines: tuple[str, ...]
    x: float
    top: float
    size: float
    anchor: Anchor = "start"
    look: str = ""
    href: str = ""


def text_width(text: str, size: float) -> float:
    """Estimated width of the text in pixels, rather too wide than too narrow."""
    return size * sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> float:
    plain = unicodedata.normalize("NFD", letter)[0]
    if plain in _WIDTHS:
        return _WIDTHS[plain]
    if unicodedata.combining(plain):
        return 0.0
    return _WIDE if unicodedata.east_asian_width(plain) in "WF" else _OTHER


def line_height(size: float) -> float:
    """Distance between baselines in pixels."""
    return size * _LEADING


def wrap(text: str, width: float, size: float) -> tuple[str, ...]:
    """Break the text in lines no wider than `width`; a word that does not fit is cut."""
    lines: list[str] = []
    line = ""
    for word in _words(text):
        joined = f"{line} {word}" if line else word
        if text_width(joined, size) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width, size)
        lines.extend(full)
    return (*lines, line) if line else tuple(lines)


def _words(text: str) -> list[str]:
    """Split where a line may break, which a no-break space forbids."""
    return [word for word in _BREAKS.split(text) if word.strip()]


def _cut(word: str, width: float, size: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def longest_word(text: str, size: float) -> float:
    """Width in pixels of the widest word, below which a label must cut."""
    return max((text_width(word, size) for word in _words(text)), default=0.0)


def block_width(lines: tuple[str, ...], size: float) -> float:
    """Width of the widest line in pixels."""
    return max((text_width(line, size) for line in lines), default=0.0)


def block_height(lines: tuple[str, ...], size: float) -> float:
    """Height of the lines in pixels."""
    return len(lines) * line_height(size)


def box_of(label: Label) -> Box:
    """Measure the rectangle the label is estimated to cover."""
    width = block_width(label.lines, label.size) * (_BOLD if "strong" in label.look.split() else 1.0)
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
    left = label.x - shift * width
    bottom = label.top + block_height(label.lines, label.size)
    return Box(left=left, top=label.top, right=left + width, bottom=bottom)


def write(label: Label) -> str:
    """Write the label as a `<text>` element, one tspan a line when there are several."""
    if not label.lines:
        return ""
    first = label.top + label.size * (0.8 + (_LEADING - 1.0) / 2.0)
    attributes: dict[str, str | float] = {
        "class": label.look,
        "x": label.x,
        "y": first,
        "font-size": label.size,
        "text-anchor": "" if label.anchor == "start" else label.anchor,
    }
    if len(label.lines) == 1:
        return link(element("text", attributes, escape(label.lines[0]) or " "), label.href)
    step = number(line_height(label.size))
    spans = "".join(
        element("tspan", {"x": label.x, "dy": "" if place == 0 else step}, escape(line + " ").rstrip() or " ")
        + (" " if place + 1 < len(label.lines) else "")
        for place, line in enumerate(label.lines)
    )
    return link(element("text", attributes, spans), label.href)


def clamped(x: float, width: float, low: float, high: float) -> float:
    """Find the centre nearest to `x` that keeps a text of this width between `low` and `high`."""
    return max(low + width / 2.0, min(high - width / 2.0, x))
