"""Help, languages, exit codes: what a newcomer meets at the door."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ayni
from ayni.cli import main, parser
from ayni.cli.arguments import COMMANDS
from ayni.language import LANGUAGES
from tests.cli.running import run
from tests.houserules.tree import ROOT

HEAVY = ("polars", "duckdb", "numpy", "pydantic", "jinja2", "markdown_it")


def outside(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the line in a process of its own."""
    code = "import sys; from ayni.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("words", [["--help"], [], ["--version"], ["flows", "--help"], ["nothing"]])
def test_help_imports_nothing_heavy(words: list[str]):
    code = (
        "import sys; from ayni.cli import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_line_alone_says_what_there_is(capsys: pytest.CaptureFixture[str]):
    found = run(capsys)
    assert found.code == 0
    assert all(re.search(rf"^  {name} ", found.out, re.MULTILINE) for name in COMMANDS)
    assert len(found.out.splitlines()) < 20


def test_version(capsys: pytest.CaptureFixture[str]):
    assert run(capsys, "--version").out == f"ayni {ayni.__version__}\n"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_wholly_in_the_language_asked(capsys: pytest.CaptureFixture[str], command: str):
    words = [command, "--help"] if command else ["--help"]
    es, en = (run(capsys, *words, "--lang", language).out for language in LANGUAGES)
    assert es.startswith("uso: ")
    assert en.startswith("usage: ")
    for english in ("usage", "options", "positional", "show this", "default", "commands"):
        assert english not in es
    assert "opciones:" in es
    assert "options:" in en


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_the_terminal(capsys: pytest.CaptureFixture[str], command: str):
    for language in LANGUAGES:
        shown = run(capsys, command, "--help", "--lang", language).out
        assert max(map(len, shown.splitlines())) <= 80


def test_the_parser_tells_every_command_and_option():
    made = parser("en")
    action = next(a for a in made._actions if isinstance(a, argparse._SubParsersAction))
    assert set(action.choices) == set(COMMANDS)
    for name, child in action.choices.items():
        known = {option for a in child._actions for option in a.option_strings}
        assert {a.name for a in COMMANDS[name] if a.name.startswith("-")} <= known
        assert "--lang" in known


@pytest.mark.parametrize("page", ["cli.md", "cli.es.md"])
def test_both_pages_tell_every_command_and_option(page: str):
    text = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `ayni (\w+)`\n(.*?)(?=^#|\Z)", text, flags=re.MULTILINE | re.DOTALL))
    assert list(sections) == list(COMMANDS)
    for name, arguments in COMMANDS.items():
        assert [a.name for a in arguments if a.name[:2] == "--" and a.name not in sections[name]] == []


@pytest.mark.parametrize(
    ("variables", "begins"),
    [
        ({"LC_ALL": "es_PE.UTF-8"}, "uso"),
        ({"LC_ALL": "", "LC_MESSAGES": "es_ES.UTF-8"}, "uso"),
        ({"LC_ALL": "", "LANG": "es"}, "uso"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "es"}, "usage"),
        ({"LC_ALL": "qu_PE.UTF-8"}, "usage"),
        ({"LC_ALL": "C"}, "usage"),
    ],
)
def test_the_machine_says_the_language(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    begins: str,
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run(capsys, "--help").out.startswith(f"{begins}: ")


@pytest.mark.parametrize(
    "words",
    [
        ["--lang", "es", "claims", "--help"],
        ["claims", "--lang", "es", "--help"],
        ["claims", "--help", "--lang=es"],
        ["--lang=en", "claims", "--help", "--lang", "es"],
    ],
)
def test_the_language_stands_anywhere_on_the_line(capsys: pytest.CaptureFixture[str], words: list[str]):
    assert run(capsys, *words).out.startswith("uso: ayni claims")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["breif", "us-peru"], "Did you mean brief?"),
        (["brief"], "KEY is missing"),
        (["why", "us-peru"], "NAME is missing"),
        (["brief", "us-pero"], "Did you mean us-peru?"),
        (["claims", "us-peru", "--jsno"], "Did you mean --json?"),
        (["claims", "us-peru", "--json=3"], "--json takes no value"),
        (["claims", "us-peru", "--only"], "--only needs a value"),
        (["claims", "us-peru", "--only", "holdz"], "Did you mean holds?"),
        (["claims", "us-peru", "more"], "one word too many"),
        (["flows", "us-peru", "--by", "acount"], "Did you mean account?"),
        (["flows", "us-peru", "--at", "20x"], 'not "20x"'),
        (["flows", "us-peru", "--at", "1930"], "the index gives"),
        (["flows", "us-peru", "--csv", "--json"], "exclude each other"),
        (["flows", "us-peru", "--since", "2010", "--until", "2000"], "exchange them"),
        (["flows", "us-peru", "--release", "fagov-2025-11-28"], "Did you mean fagov-2025-11-29"),
        (["flows", "us-peru", "--stage", "obligatd"], "Did you mean obligated"),
        (["series", "us-peru", "coca-aria-un"], "Did you mean coca-area-un"),
        (["series", "us-peru", "coca-area-un", "--place", "CHN"], "It has for: "),
        (["effect", "us-peru", "aera-2024"], "Did you mean area-2024"),
        (["effect", "us-peru", "area-2024", "--design", "synthetic"], "is not known"),
        (["why", "us-peru", "averted-2024-devda"], "Did you mean averted-2024-devida"),
        (["why", "us-peru", "claimd.csv:12"], "Did you mean figures/claimed.csv?"),
        (["sql", "us-peru", "SELEC 1"], "DuckDB"),
        (["new", "Not A Key"], "cannot be a key"),
        (["brief", "us-peru", "--out", os.devnull], "give --out a folder"),
        (["brief", "us-peru", "--out", f"{os.devnull}/x"], "nothing can be written"),
        (["list", "--lang", "fr"], 'not "fr"'),
        (["--frob"], "--frob is not known"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
):
    found = run(capsys, *words)
    assert found.code == 2
    assert says in found.err
    assert found.err.startswith("ayni: ")
    assert found.out == ""


def test_an_unknown_dossier_lists_the_known(capsys: pytest.CaptureFixture[str]):
    assert "us-peru" in run(capsys, "claims", "zzz").err
    assert "us-peru" in run(capsys, "claims", "zzz", "--lang", "es").err


def test_a_dossier_is_found_by_its_path(capsys: pytest.CaptureFixture[str], us_peru: Path):
    assert run(capsys, "claims", str(us_peru), "--only", "not-a-fact").code == 0


def test_an_interruption_is_a_clean_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(main_doors(), "list", interrupted)
    found = run(capsys, "list")
    assert found.code == 130
    assert found.err.strip() == "Interrupted; nothing was left half-written."


def main_doors() -> dict[str, object]:
    import importlib

    doors: dict[str, object] = importlib.import_module("ayni.cli.main")._DOORS
    return doors


def test_a_reader_that_leaves_early_is_no_error():
    code = "import sys; from ayni.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "flows", "us-peru", "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_no_traceback_where_the_cache_cannot_be_written():
    done = outside("claims", "us-peru", XDG_CACHE_HOME=os.devnull, LC_ALL="en_US.UTF-8")
    assert done.returncode == 2
    assert done.stderr.startswith("ayni: ")
    assert "Traceback" not in done.stderr


def test_an_old_terminal_gets_question_marks_instead_of_an_error():
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from ayni.cli import main; sys.exit(main())", "flows", "us-peru"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii", "LC_ALL": "es_PE"},
        capture_output=True,
        check=True,
    )
    assert b"?" in done.stdout


def test_nothing_is_told_of_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]):
    assert run(capsys, "claims", "us-peru").err == ""


def test_the_entry_point_is_callable_without_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["ayni", "--version"])
    assert main() == 0
