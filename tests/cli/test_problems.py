"""A broken dossier: every fault in one go, each with file and line; nothing is written."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.running import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A change to one file, where it must be told, and a word of what is told."""

    file: str
    change: Callable[[str], str]
    line: int
    says: str


def on_line(line: int, old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        assert old in lines[line - 1], (line, old, lines[line - 1])
        lines[line - 1] = lines[line - 1].replace(old, new, 1)
        return "".join(lines)

    return change


def cell(line: int, column: str, value: str) -> Callable[[str], str]:
    """Put `value` into one cell."""

    def change(text: str) -> str:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        rows[line - 1][rows[0].index(column)] = value
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return change


def without_column(name: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        rows = [row.split(",") for row in text.splitlines()]
        at = rows[0].index(name)
        return "".join(",".join(row[:at] + row[at + 1 :]) + "\n" for row in rows)

    return change


def twice(line: int) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join([*lines, lines[line - 1]])

    return change


def broken(us_peru: Path, tmp_path: Path, faults: list[Fault]) -> Path:
    folder = tmp_path / "broken"
    shutil.copytree(us_peru, folder)
    for fault in faults:
        path = folder / fault.file
        path.write_text(fault.change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def length(us_peru: Path, file: str) -> int:
    return len((us_peru / file).read_text(encoding="utf-8").splitlines())


def all_faults(us_peru: Path) -> list[Fault]:
    claims = (us_peru / "claims.toml").read_text(encoding="utf-8").splitlines()
    inputs = next(n for n, line in enumerate(claims, 1) if line.startswith('inputs = [["'))
    return [
        Fault(file="figures/gold.csv", change=without_column("status"), line=1, says='"status" is missing'),
        Fault(file="figures/coca-area.csv", change=cell(2, "unit", "hectares"), line=2, says='"hectares"'),
        Fault(
            file="figures/claimed.csv",
            change=twice(2),
            line=length(us_peru, "figures/claimed.csv") + 1,
            says="line 2 already",
        ),
        Fault(
            file="figures/flows-totals.csv",
            change=cell(3, "origin", "fagov-2023-10-22"),
            line=3,
            says="fagov-2023-10-21",
        ),
        Fault(file="figures/cocaine.csv", change=cell(2, "year", "in 2021"), line=2, says='"in 2021"'),
        Fault(
            file="claims.toml",
            change=on_line(inputs, '[["', '[["no-such-number", "'),
            line=inputs,
            says='"no-such-number"',
        ),
    ]


def test_all_problems_are_told_at_once_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str], us_peru: Path, tmp_path: Path
):
    faults = all_faults(us_peru)
    folder = broken(us_peru, tmp_path, faults)
    out = tmp_path / "out"
    for language, counted in (("en", "problems in"), ("es", "problemas en")):
        found = run(capsys, "brief", str(folder), "--out", str(out), "--lang", language)
        assert found.code == 1
        assert found.out == ""
        told = found.err.splitlines()
        for fault in faults:
            here = [line for line in told if line.startswith(f"{fault.file}:{fault.line}: ")]
            assert here, f"{fault.file}:{fault.line} is not told in:\n{found.err}"
            assert language == "es" or any(fault.says in line for line in here), here
        assert told[-1].startswith(f"{len(told) - 1} {counted}")
        assert not out.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken"]


@pytest.mark.parametrize("position", range(6))
def test_each_problem_alone_is_told(
    capsys: pytest.CaptureFixture[str], us_peru: Path, tmp_path: Path, position: int
):
    fault = all_faults(us_peru)[position]
    found = run(capsys, "claims", str(broken(us_peru, tmp_path, [fault])))
    assert found.code == 1
    assert re.search(
        rf"^{re.escape(fault.file)}:{fault.line}: .*{re.escape(fault.says)}", found.err, re.MULTILINE
    )


def test_a_folder_with_nothing_but_its_name_is_told_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "dossier.toml").write_text('key = "bare"\n', encoding="utf-8")
    found = run(capsys, "claims", str(tmp_path / "bare"))
    assert found.code == 1
    for file in ("dossier.toml", "claims.toml", "numbers.toml", "figures/origins.csv"):
        assert re.search(rf"^{re.escape(file)}(:\d+)?: ", found.err, re.MULTILINE), found.err
