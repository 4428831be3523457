"""The prose of a dossier: sections of Markdown with numbers by name, never typed in.

A section starts with a line ``# key``. ``{{ name }}`` prints the number `name` with its
unit; ``{{ name : year }}``, ``: low``, ``: high``, ``: range`` and ``: value`` print its year, an end of its
range, the range, or the bare value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ayni.problems import Problem

REFERENCE = re.compile(r"\{\{\s*([a-z0-9.\-]+)\s*(?::\s*([a-z]+)\s*)?\}\}")
FORMS = ("", "year", "low", "high", "range", "value", "size")
_SECTION = re.compile(r"^# ([a-z0-9.\-]+)\s*$")
# Figures that prose may hold: years, fiscal years and ordinals of centuries are words, not results.
_TYPED = re.compile(r"(?<![\w{])\d+(?:[.,\u202f]\d+)*")
_YEAR = re.compile(r"(1[89]|20)\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A piece of prose.

    Attributes
    ----------
    key : str
        Its name.
    markdown : str
        Its text.
    line : int
        Line of its heading.
    begins : int
        Line on which its text begins.
    """

    key: str
    markdown: str
    line: int
    begins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The prose of one language.

    Attributes
    ----------
    file : str
        Its file.
    sections : dict of str to Section
        By key, in order.
    """

    file: str
    sections: dict[str, Section]


def read_text(folder: Path, language: str, problems: list[Problem]) -> Text:
    """Return the sections of ``text.<language>.md``; faults go to `problems`."""
    name = f"text.{language}.md"
    try:
        lines = (folder / name).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        problems.append(Problem(code="missing-file", file=name))
        return Text(file=name, sections={})
    except UnicodeDecodeError as error:
        problems.append(Problem(code="not-utf8", file=name, found=hex(error.object[error.start])))
        return Text(file=name, sections={})
    sections: dict[str, Section] = {}
    key, start, held = "", 0, []
    for at, line in enumerate([*lines, "# end"], 1):
        heading = _SECTION.match(line)
        if heading is None:
            held.append(line)
            continue
        if key:
            if key in sections:
                problems.append(Problem(code="duplicate-key", file=name, line=start, found=key))
            blank = next((i for i, text in enumerate(held) if text.strip()), 0)
            markdown = "\n".join(held).strip()
            sections[key] = Section(key=key, markdown=markdown, line=start, begins=start + 1 + blank)
        key, start, held = heading[1], at, []
    _refuse_typed(name, lines, problems)
    return Text(file=name, sections=sections)


def _refuse_typed(name: str, lines: list[str], problems: list[Problem]) -> None:
    """Tell every figure typed into prose: it would not move with its source."""
    for at, line in enumerate(lines, 1):
        if line.startswith("# "):
            continue
        plain = re.sub(r"\]\([^)]*\)", "]", REFERENCE.sub("", line))
        problems += [
            Problem(code="typed-figure", file=name, line=at, found=found)
            for found in _TYPED.findall(plain)
            if not _YEAR.fullmatch(found) and not re.fullmatch(r"\d", found)
        ]
