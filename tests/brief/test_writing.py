"""A brief is written whole or not at all."""

from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path

import pytest

from ayni.brief import writing
from ayni.brief.plan import FILE, Plan, read_plan
from ayni.dossier.opening import Dossier
from ayni.problems import ProblemsError, sentence


def brief_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.parent.iterdir() if path != folder]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of one line, so that a test of writing waits for none."""
    monkeypatch.setattr(writing, "page", lambda edition, languages: f"new {edition.language} {languages}")


def test_pages_and_an_index_are_written(dossier: Dossier, tmp_path: Path, quick: None):
    out = tmp_path / "out"
    paths = writing.write_brief(dossier, out, languages=("es", "en"))
    assert [path.name for path in paths] == ["index.html", "es.html", "en.html"]
    assert set(brief_in(out)) == {"index.html", "es.html", "en.html"}
    assert left_over(out) == []


def test_progress_is_told_in_the_first_language(dossier: Dossier, tmp_path: Path, quick: None):
    told: list[str] = []
    writing.write_brief(dossier, tmp_path / "out", languages=("es", "en"), progress=told.append)
    assert told == ["Escribo es.html", "Escribo en.html"]


def test_a_failure_in_the_second_language_leaves_the_old_brief(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    out = tmp_path / "out"
    out.mkdir()
    old = {"index.html": "old", "es.html": "old", "en.html": "old"}
    for name, text in old.items():
        (out / name).write_text(text, "utf-8")

    def fail(edition, languages):
        if edition.language == "en":
            raise RuntimeError("no words")
        return "new"

    monkeypatch.setattr(writing, "page", fail)
    with pytest.raises(RuntimeError, match="no words"):
        writing.write_brief(dossier, out, languages=("es", "en"))
    assert brief_in(out) == old
    assert left_over(out) == []


def test_a_failure_of_the_disk_leaves_the_old_brief(
    dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: None
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "es.html").write_text("old", "utf-8")
    write = Path.write_text

    def full(self, *arguments, **settings):
        if self.name == "en.html":
            raise OSError(28, "No space left on device")
        return write(self, *arguments, **settings)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        writing.write_brief(dossier, out, languages=("es", "en"))
    assert brief_in(out) == {"es.html": "old"}
    assert left_over(out) == []


def test_what_else_is_in_the_folder_stays(dossier: Dossier, tmp_path: Path, quick: None):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("mine", "utf-8")
    (out / "es.html").write_text("old", "utf-8")
    writing.write_brief(dossier, out, languages=("es",))
    assert brief_in(out)["notes.txt"] == "mine"
    assert brief_in(out)["es.html"].startswith("new es")
    assert left_over(out) == []


def test_the_index_leads_to_each_language_without_script(folder: Path):
    index = (folder / "index.html").read_text("utf-8")
    assert re.findall(r'<a href="(\w+\.html)" hreflang="(\w+)">', index) == [
        ("es.html", "es"),
        ("en.html", "en"),
    ]
    assert "default-src 'none'" in html.unescape(index)


def test_writing_twice_gives_the_same_bytes(dossier: Dossier, folder: Path, tmp_path: Path):
    writing.write_brief(dossier, tmp_path / "again", languages=("es", "en"))
    assert brief_in(tmp_path / "again") == brief_in(folder)


def test_a_dossier_without_a_plan_has_the_page_without_charts_of_its_own(dossier: Dossier, tmp_path: Path):
    bare = dataclasses.replace(dossier, folder=tmp_path)
    assert read_plan(bare) == Plan()
    writing.write_brief(bare, tmp_path / "out", languages=("en",))
    text = (tmp_path / "out" / "en.html").read_text("utf-8")
    assert 'id="g-chain"' in text
    assert 'id="g-money"' not in text


def test_every_fault_of_a_plan_is_told_at_once(dossier: Dossier, tmp_path: Path):
    plan = """
[quoted]
area = "no-such-list"

[[money.own]]
number = "no-such-number"
side = "provider"

[[chart]]
key = "x"
section = "drugs"
es = "x"
en = "x"
[[chart.title]]
es = "x"
en = "{{ nothing-here }}"
[[chart.line]]
es = "x"
en = "x"
indicators = ["no-such-indicator"]
place = "NOWHERE"
"""
    (tmp_path / FILE).write_text(plan, "utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_plan(dataclasses.replace(dossier, folder=tmp_path))
    told = {(one.code, one.found, one.line) for one in caught.value.problems}
    assert told == {
        ("unknown-specification", "no-such-list", 3),
        ("unknown-number", "no-such-number", 6),
        ("unknown-number", "nothing-here", 16),
        ("unknown-indicator", "no-such-indicator", 20),
        ("unknown-place", "NOWHERE", 21),
    }
    assert all(sentence(one, language) for one in caught.value.problems for language in ("es", "en"))


def test_a_plan_that_is_misspelt_names_the_line(dossier: Dossier, tmp_path: Path):
    (tmp_path / FILE).write_text('[money]\ntabel = "flows-accounts"\n', "utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_plan(dataclasses.replace(dossier, folder=tmp_path))
    assert [(one.code, one.file, one.line) for one in caught.value.problems] == [("unknown-key", FILE, 2)]
