"""Spanish and English say the same things: the same keys, the same headings, the same numbers by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.houserules.tree import ROOT, files, relative

LANGUAGES = ("es", "en")
CATALOGUE = re.compile(r"^(?P<stem>.+)\.(?P<language>es|en)\.toml$")
PROSE = re.compile(r"^(?P<stem>.+)\.(?P<language>es|en)\.md$")
# Page names of the repository itself: README.es.md beside README.md is not a catalogue.
REFERENCE = re.compile(r"\{\{\s*(?P<name>[^{}|]+?)\s*(?:\|[^{}]*)?\}\}")
FIELD = re.compile(r"(?<!\{)\{(?P<name>[A-Za-z_][\w.]*)[^{}]*\}(?!\})")
HEADING = re.compile(r"^(?P<level>#+)\s+(?P<title>.+?)\s*(?:\{#(?P<key>[\w-]+)\})?\s*$", re.MULTILINE)


def pairs(pattern: re.Pattern[str], among: tuple[Path, ...]) -> dict[Path, dict[str, Path]]:
    found: dict[Path, dict[str, Path]] = {}
    for path in among:
        match = pattern.match(path.name)
        if match and not path.name.startswith("README"):
            found.setdefault(path.with_name(match["stem"]), {})[match["language"]] = path
    return found


CATALOGUES = pairs(CATALOGUE, files())
# The prose of a case; a page of the docs in Spanish stands beside an English one without a mark.
PROSES = pairs(PROSE, tuple(path for path in files() if path.is_relative_to(ROOT / "dossiers")))


def flat(table: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys and their texts; a list is one text, since languages may need more or fewer words."""
    if isinstance(table, dict):
        for name, value in table.items():
            yield from flat(value, f"{key}.{name}" if key else name)
    elif isinstance(table, list):
        yield key, " ".join(text for one in table for _, text in flat(one))
    else:
        yield key, str(table)


def references(text: str) -> set[str]:
    """Names that stand for a number or a word."""
    return {match["name"].strip() for match in REFERENCE.finditer(text)}


def fields(text: str) -> set[str]:
    return references(text) | {match["name"] for match in FIELD.finditer(text)}


def skeleton(text: str) -> list[tuple[int, str]]:
    """Levels of headings in order, each with its key: {#key}, or a title that is one."""
    return [
        (
            len(match["level"]),
            match["key"] or (match["title"] if re.fullmatch(r"[a-z0-9.-]+", match["title"]) else ""),
        )
        for match in HEADING.finditer(text)
    ]


def complete(kind: dict[Path, dict[str, Path]]) -> dict[str, tuple[str, str]]:
    """Both texts of each pair; one that stands alone is for another test."""
    return {
        relative(stem): (found["es"].read_text("utf-8"), found["en"].read_text("utf-8"))
        for stem, found in kind.items()
        if set(found) == set(LANGUAGES)
    }


@pytest.mark.parametrize("kind", [CATALOGUES, PROSES], ids=["catalogues", "proses"])
def test_no_language_stands_alone(kind: dict[Path, dict[str, Path]]):
    assert [relative(stem) for stem, found in kind.items() if set(found) != set(LANGUAGES)] == []


def test_every_case_has_its_prose_in_both_languages():
    cases = {
        path.parent
        for path in files()
        if path.name == "dossier.toml" and path.is_relative_to(ROOT / "dossiers")
    }
    assert [relative(case) for case in cases if case / "text" not in PROSES] == []


def test_catalogues_have_the_same_keys_and_fields():
    for stem, found in complete(CATALOGUES).items():
        es, en = (dict(flat(tomllib.loads(text))) for text in found)
        assert sorted(es.keys() ^ en.keys()) == [], f"{stem}: keys in one language only"
        differ = {key: (fields(es[key]), fields(en[key])) for key in es if fields(es[key]) != fields(en[key])}
        assert differ == {}, f"{stem}: fields differ"
        assert [key for key in es if not es[key].strip() or not en[key].strip()] == [], f"{stem}: no words"


def test_proses_have_the_same_sections_and_numbers():
    for stem, (es, en) in complete(PROSES).items():
        assert skeleton(es) == skeleton(en), f"{stem}: sections differ in order, level or key"
        assert references(es) ^ references(en) == set(), f"{stem}: numbers named in one language only"


def test_the_rule_sees_names_and_fields():
    assert references("a {{ coca.area | round }} b {{x}} {y}") == {"coca.area", "x"}
    assert fields("found {found!r}, {expected} and {{ more }}") == {"found", "expected", "more"}
    assert skeleton("# uno\n\n## Título largo {#dos}\n\n## Otro título\n") == [
        (1, "uno"),
        (2, "dos"),
        (2, ""),
    ]
    assert dict(flat({"a": {"b": "x", "c": ["y", "z"]}})) == {"a.b": "x", "a.c": "y z"}
