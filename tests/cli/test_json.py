"""The shapes of `--json` are those of the reference page: every key, in order, and no other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.cli.running import run
from tests.houserules.tree import ROOT

PAGE = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
EXAMPLES: dict[str, dict[str, Any]] = {
    name: json.loads(text)
    for name, text in re.findall(
        r"^## `ayni (\w+)`\n.*?```json\n(.*?)```", PAGE, flags=re.MULTILINE | re.DOTALL
    )
}
# Objects whose keys are names of the dossier's own: only their values have a shape.
MAPS = ("settings", "factors")
LINES = [
    ("claims", "us-peru"),
    ("claims", "us-peru", "--only", "holds"),
    ("effect", "us-peru", "area-2024"),
    ("effect", "us-peru", "cocaine-account-2024"),
    ("effect", "us-peru", "cocaine-2024", "--design", "curve"),
    ("flows", "us-peru"),
    ("flows", "us-peru", "--by", "vintage"),
    ("flows", "us-peru", "--by", "programme", "--release", "all", "--stage", "committed"),
    ("series", "us-peru", "coca-area"),
    ("sql", "us-peru", "SELECT * FROM indicators LIMIT 3"),
    ("why", "us-peru", "money-total"),
    ("why", "us-peru", "potential-822"),
    ("why", "us-peru", "area-2024"),
    ("why", "us-peru", "us-money.presence"),
    ("why", "us-peru", "figures/claimed.csv:12"),
    ("why", "us-peru", "article-masias"),
    ("list",),
]


def differences(example: Any, found: Any, where: str) -> list[str]:
    """Return where what was found has another shape than the example; null stands for anything."""
    if example is None or found is None:
        return []
    if isinstance(example, dict) and isinstance(found, dict):
        if where.rpartition(".")[2] in MAPS:
            kind = next(iter(example.values()), None)
            return [d for key, value in found.items() for d in differences(kind, value, f"{where}[{key}]")]
        if list(example) != list(found):
            return [f"{where}: {list(found)}, documented {list(example)}"]
        return [d for key in example for d in differences(example[key], found[key], f"{where}.{key}")]
    if isinstance(example, list) and isinstance(found, list):
        return [d for one in found for d in (differences(example[0], one, f"{where}[]") if example else [])]
    number = (int, float)
    same = type(example) is type(found) or (
        isinstance(example, number)
        and isinstance(found, number)
        and not isinstance(example, bool)
        and not isinstance(found, bool)
    )
    return [] if same else [f"{where}: {found!r}, documented {example!r}"]


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_answers_have_the_documented_shape(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]):
    found = run(capsys, *words, "--json")
    assert found.out.endswith("}\n")
    assert differences(EXAMPLES[words[0]], found.json, words[0]) == []


def test_every_list_of_the_page_shows_what_it_holds():
    def empty(what: Any, where: str) -> list[str]:
        if isinstance(what, dict):
            return [e for key, value in what.items() for e in empty(value, f"{where}.{key}")]
        if isinstance(what, list):
            return [e for one in what for e in empty(one, where)] if what else [where]
        return []

    found = [e for name, example in EXAMPLES.items() for e in empty(example, name)]
    # Lists of plain years and names, whose kind the page says in words.
    # A file with a mapping is at fault in another way than a row.
    allowed = {"flows.totals.unpriced", "flows.totals.incomplete", "ingest.files.problems"}
    assert set(found) <= allowed


def test_every_command_with_json_is_on_the_page():
    from ayni.cli.arguments import COMMANDS

    assert set(EXAMPLES) == {name for name, has in COMMANDS.items() if any(a.name == "--json" for a in has)}


def test_the_schema_is_named_after_the_command():
    assert {name: e["schema"] for name, e in EXAMPLES.items()} == {
        name: f"ayni.{name}/1" for name in EXAMPLES
    }
