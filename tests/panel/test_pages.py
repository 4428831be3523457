"""The pages about panels: what is shown runs, and every number of the published tables is computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import floor, log10
from pathlib import Path

import pytest

from tests.houserules import shown
from tests.houserules.tree import ROOT

HOW_TO = ROOT / "docs" / "how-to"
REFERENCE = ROOT / "docs" / "reference"


def ran(page: Path) -> dict[str, object]:
    """Run the Python of a page in its order, and return what it leaves."""
    names: dict[str, object] = {}
    blocks = [one["body"] for one in shown.FENCE.finditer(page.read_text("utf-8")) if one["head"] == "python"]
    assert blocks
    for block in blocks:
        exec(compile(block, page.name, "exec"), names)
    return names


def table(page: Path) -> list[dict[str, str]]:
    """Rows of the table whose columns are named below, by column."""
    lines = [line for line in page.read_text("utf-8").splitlines() if line.startswith("|")]
    head = next(i for i, line in enumerate(lines) if "| published | here |" in line)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[head:]]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def value(cell: str) -> float:
    return float(cell.removeprefix("about ").replace("−", "-"))


def decimals(cell: str) -> int:
    return len(cell.partition(".")[2])


def wrong(row: Mapping[str, str], found: float) -> list[str]:
    """What of a row is not so."""
    published, here = row["published"], row["here"]
    faults = []
    if round(found, decimals(here)) != value(here):
        faults.append(f"here: {found}")
    if decimals(here) <= decimals(published) and not published.startswith("about"):
        faults.append("here: fewer digits than published tell nothing")
    difference = value(here) - value(published)
    if abs(difference - value(row["difference"])) > 0.5 * 10.0 ** -decimals(here):
        faults.append(f"difference: {difference}")
    digits = decimals(published)
    if published.startswith("about"):
        digits = 1 - floor(log10(abs(found)))
    if ("yes" if round(found, digits) == value(published) else "no") != row["agrees"]:
        faults.append(f"agrees: {round(found, digits)}")
    return faults


def test_every_number_of_the_published_tables_is_computed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    page = HOW_TO / "published-tables.md"
    ours = ran(page)["ours"]
    assert isinstance(ours, dict)
    rows = table(page)
    assert len(rows) > 30
    assert {row["figure"]: wrong(row, ours[row["figure"]]) for row in rows} == {
        row["figure"]: [] for row in rows
    }


def test_a_wrong_row_is_seen():
    row = {"published": "−19.6", "here": "−19.514", "difference": "+0.086", "agrees": "no"}
    assert wrong(row, -19.5136) == []
    assert wrong({**row, "here": "−19.515"}, -19.5136)[0] == "here: -19.5136"
    assert wrong({**row, "agrees": "yes"}, -19.5136) == ["agrees: -19.5"]
    assert wrong({**row, "difference": "+0.09"}, -19.5136) != []
    about = {"published": "about −1600", "here": "−1588", "difference": "+12", "agrees": "yes"}
    assert wrong(about, -1587.77) == []
    assert wrong(about, -1540.0) != []


@pytest.mark.parametrize(
    "page", [HOW_TO / "the-same-in-r-and-stata.md", REFERENCE / "panel.md"], ids=lambda page: page.stem
)
def test_what_is_shown_runs(page: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    ran(page)


def test_every_function_that_is_named_beside_r_and_stata_is_there():
    import ayni.panel

    page = (HOW_TO / "the-same-in-r-and-stata.md").read_text("utf-8").partition("## The data")[0]
    column = [re.split(r"(?<!\\)\|", line)[3] for line in page.splitlines() if line.startswith("| ")]
    named = re.findall(r"`([a-z_]+)`", " ".join(column))
    assert len(named) > 15
    assert [name for name in named if not hasattr(ayni.panel, name)] == []
