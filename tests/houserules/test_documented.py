"""What a reader may use is written down: every command, every design, every source.

A room that does not exist yet must have no pages either, so that these tests never pass over a page
that nothing stands behind.
"""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Iterator

import pytest

from tests.houserules.tree import ROOT, SOURCE

CLI_PAGE = ROOT / "docs" / "reference" / "cli.md"
CARDS = ROOT / "docs" / "cards"


def exists(room: str) -> bool:
    return (SOURCE / f"{room}.py").exists() or (SOURCE / room / "__init__.py").exists()


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str | None]]:
    """Every command with its parser and its line of help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            help_of = {choice.dest: choice.help for choice in action._choices_actions}
            for name, child in action.choices.items():
                yield child.prog, child, help_of.get(name)
                yield from commands(child)


def options(parser: argparse.ArgumentParser) -> list[str]:
    """The long options of a command, without --help."""
    return [
        name
        for action in parser._actions
        for name in action.option_strings
        if name.startswith("--") and name != "--help" and action.help != argparse.SUPPRESS
    ]


def undocumented(parser: argparse.ArgumentParser, page: str) -> list[str]:
    """What of a command line the page does not tell: each command has a heading, and its options below it."""
    sections = dict(
        re.findall(r"^#+ `?([^`\n]+?)`?\s*\n(.*?)(?=^#|\Z)", page, flags=re.MULTILINE | re.DOTALL)
    )
    missing = []
    for name, child, line in commands(parser):
        if not line:
            missing.append(f"{name}: no line of help in the parser")
        if name not in sections:
            missing.append(f"{name}: no heading")
            continue
        missing += [f"{name} {option}" for option in options(child) if option not in sections[name]]
    known = {name for name, _, _ in commands(parser)}
    return missing + [
        f"{name}: no such command" for name in sections if name.startswith("ayni ") and name not in known
    ]


def test_every_command_is_documented():
    if not exists("cli"):
        assert not CLI_PAGE.exists(), "a page about commands, and no commands"
        return
    door = importlib.import_module("ayni.cli")
    assert hasattr(door, "parser"), "ayni.cli.parser() must give the argparse parser, so that it can be read"
    assert CLI_PAGE.exists(), "docs/reference/cli.md is missing: one heading per command"
    assert undocumented(door.parser(), CLI_PAGE.read_text("utf-8")) == []


def test_the_rule_sees_what_is_missing():
    parser = argparse.ArgumentParser(prog="ayni")
    below = parser.add_subparsers()
    brief = below.add_parser("brief", help="build")
    brief.add_argument("--out")
    below.add_parser("mute")
    page = "# Commands\n\n## `ayni brief`\n\nBuilds.\n\n## `ayni gone`\n\nWas.\n"
    assert undocumented(parser, page) == [
        "ayni brief --out",
        "ayni mute: no line of help in the parser",
        "ayni mute: no heading",
        "ayni gone: no such command",
    ]


@pytest.mark.parametrize(("room", "table"), [("designs", "DESIGNS"), ("sources", "SOURCES")])
def test_every_entry_of_a_table_has_a_card(room: str, table: str):
    cards = {path.stem for path in (CARDS / room).glob("*.md") if path.stem != "README"}
    if not exists(room):
        assert not cards, f"cards of {room}, and no {room}"
        return
    name = f"ayni.{room}.table" if (SOURCE / room / "table.py").exists() else f"ayni.{room}"
    home = importlib.import_module(name)
    assert hasattr(home, table), (
        f"{name}.{table} must be the table of its keys (a mapping, or a list of keys)"
    )
    keys = {*getattr(home, table), *getattr(home, "BESIDE", ())}
    assert sorted(keys - cards) == [], f"docs/cards/{room}/<key>.md is missing"
    assert sorted(cards - keys) == [], "cards of what is not in the table"


def test_every_card_begins_with_its_title():
    assert [
        path.name for path in CARDS.rglob("*.md") if not path.read_text("utf-8").lstrip().startswith("# ")
    ] == []
