"""A page as a test reads it: ids, links, what it would load, and its printed numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

# What a browser fetches by itself; a link that a reader follows is not among them.
LOADING = {
    ("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"),
    ("video", "src"), ("audio", "src"), ("object", "data"), ("embed", "src"), ("form", "action"),
    ("use", "href"), ("image", "href"), ("base", "href"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A number as printed: its name, its exact value, its digits, where it leads."""

    name: str
    value: float
    text: str
    href: str


@dataclass(slots=True, kw_only=True)
class Sheet:
    """What a page holds."""

    text: str
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    numbers: list[Printed] = field(default_factory=list)


def read(path: Path) -> Sheet:
    """Return what the page at `path` holds."""
    text = path.read_text("utf-8")
    reader = _Reader(text)
    reader.feed(text)
    return reader.sheet


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.sheet = Sheet(text=text)
        self._open: dict[str, str] | None = None
        self._digits = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if "id" in held:
            self.sheet.ids.append(held["id"])
        self.sheet.loads += [held[name] for name in held if (tag, name) in LOADING]
        if tag == "a" and "href" in held:
            self.sheet.links.append(held["href"])
            if "data-n" in held:
                self._open, self._digits = held, ""

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._digits += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            held = self._open
            self.sheet.numbers.append(
                Printed(
                    name=held["data-n"], value=float(held["data-v"]), text=self._digits, href=held["href"]
                )
            )
            self._open = None
