"""A new dossier opens as it is, and says what in it is still an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.cli.arguments import COMMANDS
from ayni.dossier.new import MARK, TEMPLATE, examples
from tests.cli.running import run


@pytest.fixture
def made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    found = run(capsys, "new", "jp-bolivia")
    assert found.code == 0
    assert "ayni brief jp-bolivia" in found.out
    return tmp_path / "dossiers" / "jp-bolivia"


def test_it_is_listed(capsys: pytest.CaptureFixture[str], made: Path):
    assert "jp-bolivia" in {d["key"] for d in run(capsys, "list", "--json").json["dossiers"]}


@pytest.mark.parametrize(
    "words",
    [
        ["claims"],
        ["effect", "outcome-2023"],
        ["flows"],
        ["flows", "--by", "vintage"],
        ["series", "example-outcome"],
        ["sql", "SELECT * FROM flows"],
        ["why", "money-total"],
        ["why", "money-outcome"],
        ["why", "money-lowered-it"],
    ],
)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_command_works_on_it(
    capsys: pytest.CaptureFixture[str], made: Path, words: list[str], language: str
):
    command, *rest = words
    found = run(capsys, command, "jp-bolivia", *rest, "--lang", language)
    assert (found.code, found.err) == (0, "")
    assert found.out


def test_it_holds_a_figure_a_question_a_claim_a_link_and_both_languages(
    capsys: pytest.CaptureFixture[str], made: Path
):
    assert len(run(capsys, "claims", "jp-bolivia", "--json").json["claims"]) >= 1
    assert run(capsys, "why", "jp-bolivia", "money-outcome", "--json").json["found"][0]["kind"] == "link"
    for language in ("es", "en"):
        assert MARK in (made / f"text.{language}.md").read_text(encoding="utf-8")


def test_every_file_with_entries_is_marked():
    marked = {file for file, _ in examples(TEMPLATE)}
    files = {p.relative_to(TEMPLATE).as_posix() for p in TEMPLATE.rglob("*") if p.is_file()}
    assert files - marked == {"specifications.toml", "corrections.toml", "figures/breaks.csv"}


def test_the_brief_says_what_is_still_an_example(
    capsys: pytest.CaptureFixture[str], made: Path, tmp_path: Path
):
    found = run(capsys, "brief", "jp-bolivia", "--out", str(tmp_path / "out"))
    assert found.code == 0
    told = [line.split()[0] for line in found.err.splitlines() if line.startswith("  ")]
    assert told == [file for file, _ in examples(made)]
    assert told[0] == "dossier.toml"
    assert told[-1] == "text.en.md"


def test_what_is_there_is_never_overwritten(capsys: pytest.CaptureFixture[str], made: Path):
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    found = run(capsys, "new", "jp-bolivia")
    assert found.code == 2
    assert "is there already" in found.err
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before


def test_it_can_be_made_elsewhere(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    found = run(capsys, "new", "x", "--in", str(tmp_path / "shelf"))
    assert found.code == 0
    assert f"ayni brief {tmp_path / 'shelf' / 'x'}" in " ".join(found.out.split())
    assert run(capsys, "claims", str(tmp_path / "shelf" / "x")).code == 0


def test_the_table_of_commands_is_whole():
    assert list(COMMANDS) == [
        *("brief", "claims", "effect", "flows", "series", "sql", "why"),
        *("ingest", "quarantine", "vintages", "diff", "new", "list"),
    ]
