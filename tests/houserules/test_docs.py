"""The pages say what is so: links lead somewhere, tables are whole, what is shown runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ayni.claims.numbers import OPERATIONS
from ayni.claims.records import LABELS
from ayni.designs.table import DESIGNS
from ayni.language import LANGUAGES, message
from ayni.ledger.schemas import TABLES
from tests.houserules import shown
from tests.houserules.tree import ROOT, files, relative

DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
# Prose of a dossier and what a build leaves are not pages of ours.
PAGES = [path for path in files() if path.suffix == ".md" and not path.is_relative_to(ROOT / "dossiers")]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def prose(path: Path) -> str:
    """Return a page without its code."""
    return re.sub(r"`[^`\n]*`", "``", shown.FENCE.sub("", path.read_text("utf-8")))


def anchors(path: Path) -> set[str]:
    """Return the anchors that a page's headings make, as GitHub names them."""
    headings = _HEADING.findall(shown.FENCE.sub("", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in headings}


def broken(path: Path) -> list[str]:
    """Return the links of a page that lead nowhere."""
    wrong = []
    for target in _LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        where = (path.parent / name).resolve() if name else path
        if not where.exists() or (anchor and where.suffix == ".md" and anchor not in anchors(where)):
            wrong.append(f"{path.name}: {target}")
    return wrong


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_every_relative_link_leads_somewhere(path: Path):
    assert broken(path) == []


def test_a_broken_link_is_seen(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# One thing\n\n[a](gone.md) [b](#one-thing) [c](#two) `[d](e)`\n", "utf-8")
    assert broken(page) == ["page.md: gone.md", "page.md: #two"]


def test_every_page_can_be_reached_from_the_index():
    reached: set[Path] = set()
    ahead = {DOCS / "index.md"}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        targets = {
            (page.parent / target.partition("#")[0]).resolve() for target in _LINK.findall(prose(page))
        }
        ahead |= {path for path in PAGES if path in targets} - reached
    assert [relative(path) for path in PAGES if path.is_relative_to(DOCS) and path not in reached] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_is_in_the_words(language: str):
    page = (REFERENCE / "words.md").read_text("utf-8")
    cells = {cell.strip() for line in page.splitlines() if line.startswith("|") for cell in line.split("|")}
    assert [label for label in LABELS if message(language, f"label.{label}") not in cells] == []


def test_every_operation_of_numbers_has_an_example():
    page = (REFERENCE / "dossier.md").read_text("utf-8")
    assert [op for op in OPERATIONS if not re.search(rf"^`?{op} = |\| `{op} = ", page, re.MULTILINE)] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_the_ledger_is_described(table: str):
    page = (REFERENCE / "ledger.md").read_text("utf-8").partition("## Which row")[0]
    sections = re.split(r"^### ", page, flags=re.MULTILINE)
    own = next(s for s in sections if f"`{table}`" in s.partition("\n")[0])
    assert [column for column in TABLES[table] if f"`{column}`" not in own] == []


def test_every_design_has_a_card_and_the_index_links_it():
    index = (DOCS / "index.md").read_text("utf-8")
    assert [key for key in DESIGNS if f"(cards/designs/{key}.md)" not in index] == []


# --- what is shown runs --------------------------------------------------------------------------


def test_the_page_about_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(ROOT)
    page = (REFERENCE / "python.md").read_text("utf-8")
    blocks = [match["body"] for match in shown.FENCE.finditer(page) if match["head"] == "python"]
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/reference/python.md", "exec"), names)


@pytest.mark.parametrize("path", shown.PAGES, ids=relative)
def test_every_command_shown_works_and_says_what_is_shown(path: Path, tmp_path: Path):
    told = shown.followed(path.read_text("utf-8"), tmp_path, shown.PAGES[path])
    assert told, "the page shows no command"
    assert [(one.line, one.code, one.errors) for one in told if one.code] == []
    stale = [f"$ {one.line}\n{one.now}" for one in told if not one.agrees]
    assert stale == [], "python -m tests.houserules.shown writes today's outputs into the pages"


def test_an_output_may_be_shown_in_part():
    one = shown.Shown(line="ayni x", shown="a\n…\nd\n", now="a\nb\nc\nd\n", code=0, errors="")
    assert one.agrees
    assert not replace(one, now="a\nb\n").agrees
    assert not replace(one, shown="a\nd\n").agrees
