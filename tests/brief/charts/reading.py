"""Read a drawn chart back: its texts as boxes, its paths by class.

Widths are Helvetica's own (Adobe Font Metrics, 1989), so that what the charts estimate is checked against
something they did not make.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

SVG = "{http://www.w3.org/2000/svg}"
HELVETICA = dict(
    zip(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "abcdefghijklmnopqrstuvwxyz{|}~",
        (
            278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
            556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015,
            667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722,
            667, 611,
            722, 667, 944, 667, 667, 611,
            556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333,
            500, 278,
            556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
        ),
        strict=True,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One line of text where a reader finds it."""

    text: str
    size: float
    left: float
    top: float
    right: float
    bottom: float


def helvetica(text, size):
    return sum(HELVETICA.get(letter, 556) for letter in text) * size / 1000.0


def tree(svg):
    return ET.fromstring(svg)


def view(root):
    left, top, width, height = (float(part) for part in root.get("viewBox").split())
    assert (left, top) == (0.0, 0.0)
    return width, height


def texts(root):
    """Every line of text with its box in the coordinates of the viewBox."""
    return list(_texts(root, 0.0, 0.0))


def _texts(node, dx, dy):
    if moved := re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", node.get("transform", "")):
        dx, dy = dx + float(moved[1]), dy + float(moved[2])
    if node.tag != f"{SVG}text":
        for child in node:
            yield from _texts(child, dx, dy)
        return
    size, anchor = float(node.get("font-size")), node.get("text-anchor", "start")
    y = float(node.get("y"))
    for line in list(node) or [node]:
        y += float(line.get("dy", "0"))
        width = helvetica(line.text or "", size)
        left = float(line.get("x")) + dx - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
        yield Seen(
            text=line.text or "",
            size=size,
            left=left,
            right=left + width,
            top=y + dy - 0.75 * size,
            bottom=y + dy + 0.22 * size,
        )


def paths(root, look):
    """Data of the paths that carry this class."""
    return [node.get("d") for node in root.iter(f"{SVG}path") if look in node.get("class", "").split()]


def said(root):
    return " ".join("".join(node.itertext()) for node in root.iter(f"{SVG}text"))


def starts(data):
    """Where the pieces of a path begin."""
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", data)]


def outside(root):
    width, height = view(root)
    return [
        seen
        for seen in texts(root)
        if seen.left < -0.6 or seen.right > width + 0.6 or seen.top < -0.6 or seen.bottom > height + 0.6
    ]


def collisions(root):
    found = texts(root)
    return [
        (one.text, two.text)
        for at, one in enumerate(found)
        for two in found[:at]
        if one.left < two.right - 0.5
        and two.left < one.right - 0.5
        and one.top < two.bottom - 0.5
        and two.top < one.bottom - 0.5
    ]
