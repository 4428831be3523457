"""``ayni diff``: what it says of dossiers, editions and releases, in both languages and every format."""

from __future__ import annotations

import atexit
import csv
import io
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from ayni.cli import diff_shapes
from ayni.cli.arguments import read
from ayni.cli.diff import Answer, answer
from ayni.cli.diff_page import page
from tests.cli.running import run
from tests.cli.test_answers import figures, numbers_only
from tests.cli.test_json import EXAMPLES, differences
from tests.dossier.test_changes import APRIL, JUNE, MARCH, NOVEMBER, official
from tests.houserules.tree import ROOT
from tests.ledger.samples import flow

PERU = ROOT / "dossiers" / "us-peru"


@cache
def kept() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ayni-diff-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def edited() -> Path:
    """The dossier with one figure changed by hand: the area of 2024, 89,755 ha, to 70,000."""
    folder = kept() / "edited"
    shutil.copytree(PERU, folder)
    path = folder / "figures" / "coca-zones.csv"
    text = path.read_text("utf-8")
    assert text.count(",89755,") == 1
    path.write_text(text.replace(",89755,", ",70000,"), "utf-8")
    return folder


@cache
def mended() -> Path:
    """An edition in which the verdict on 822 tonnes was another, and a number by a hair."""
    content = json.loads((PERU / "expected.json").read_text("utf-8"))
    content["verdicts"]["potential-822"]["label"] = "holds"
    content["numbers"]["money-2023-last"]["value"] += 1.0
    path = kept() / "expected.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


@cache
def shelf() -> Path:
    """A ledger with two made releases, and one of what the United States obligated to Peru in 2023."""
    folder = kept() / "ledger"
    made = [flow(2023, 200_000_000.0, account="A"), flow(2023, -276_180.0, account="B"), flow(2027, 5.0)]
    official(folder, made_march=MARCH, made_june=JUNE, made_later=made)
    return folder


@cache
def asked(*words: str) -> Answer:
    return answer(read(["diff", *words], "en", chosen=True))


def lines() -> dict[str, tuple[str, ...]]:
    return {
        "dossiers": ("us-peru", str(edited())),
        "edition": (str(mended()), "us-peru"),
        "releases": (APRIL, NOVEMBER),
        "lacking": (NOVEMBER, "fagov-2021-04-18"),
        "ledger": ("made-march", "made-june", "--ledger", str(shelf())),
        "pair": ("made-march", "made-june", "--ledger", str(shelf()), "--case", "us-peru"),
        "both": (NOVEMBER, "made-later", "--ledger", str(shelf()), "--case", "us-peru"),
    }


NAMES = ("dossiers", "edition", "releases", "lacking", "ledger", "pair", "both")


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_tell_the_same_numbers_and_fit(name: str, monkeypatch: pytest.MonkeyPatch):
    found = asked(*lines()[name])
    said = {}
    for width in (80, 400):
        monkeypatch.setenv("COLUMNS", str(width))
        said = {language: page(found, language) for language in ("es", "en")}
        lines_of = [line for text in said.values() for line in text.splitlines()]
        assert [line for line in lines_of if len(line) > width] == []
    assert figures(numbers_only(said["es"])) == figures(numbers_only(said["en"]))
    assert said["es"] != said["en"]


@pytest.mark.parametrize("name", NAMES)
def test_json_has_the_documented_shape(name: str):
    documented = {key: held for key, held in EXAMPLES["diff"].items() if key not in ("schema", "ayni")}
    assert (
        differences(documented, json.loads(json.dumps(diff_shapes.body(asked(*lines()[name])))), name) == []
    )


@pytest.mark.parametrize("name", NAMES)
def test_csv_tells_the_changes_of_the_json(name: str):
    found = asked(*lines()[name])
    body = json.loads(json.dumps(diff_shapes.body(found)))
    told = [f["change"] for one in body["results"] for f in one["fields"]]
    told += [one["change"] for kind in ("totals", "figures") for one in body[kind]]
    rows = [dict(zip(diff_shapes.COLUMNS, row, strict=True)) for row in diff_shapes.rows(found)]
    assert [row["change"] for row in rows] == told
    assert told


def test_a_verdict_that_turned_is_first_and_its_cause_is_beside_it():
    shown = page(asked(*lines()["dossiers"]), "en")
    flat = " ".join(shown.split())
    assert (
        flat.index("VERDICTS potential-822: contested → off") < flat.index("EFFECTS") < flat.index("NUMBERS")
    )
    assert "89,755 ha → 70,000 ha (−22.0%) [figures/coca-zones.csv:8]" in flat
    verdict = diff_shapes.body(asked(*lines()["dossiers"]))["results"]
    assert isinstance(verdict, list)
    assert verdict[0]["rests_on"] == [{"old": "figures/coca-zones.csv:8", "new": "figures/coca-zones.csv:8"}]


def test_an_edition_tells_what_turned_and_that_figures_are_not_compared():
    flat = " ".join(page(asked(*lines()["edition"]), "en").split())
    assert "potential-822: holds → contested" in flat
    assert "Results that moved by no more than rounding: 1; --json lists them." in flat
    assert "Not compared, for one side does not keep them: figures." in flat


def test_two_releases_of_the_dossier_tell_the_revision_of_2023():
    """The dossier is found by its releases; figures of both, by hand from the two country files."""
    shown = page(asked(*lines()["releases"]), "en")
    (line,) = [line for line in shown.splitlines() if "US$193,448,638" in line]
    assert line.split()[-3:] == ["US$193,448,638", "US$193,724,818", "+0.143%"]
    assert "Figures equal but for rounding: 17." in shown
    assert "Results of us-peru that rest on fagov-2025-04-02: 17." in shown
    assert "prices of several years" in " ".join(shown.split())


def test_what_a_release_lacks_is_told_with_the_reason():
    flat = " ".join(page(asked(*lines()["lacking"]), "es").split())
    assert "money-2023-last: ya no se puede calcular" in flat
    assert "«money-2023-last» no halla fila" in flat
    assert "ahora son de 2019" in flat


def test_two_releases_of_a_ledger_are_compared_for_every_pair_or_for_the_dossiers():
    every, pair = (asked(*lines()[name]) for name in ("ledger", "pair"))
    assert len(every.changes.figures) == 5
    assert sorted(m.row.year for m in pair.changes.figures) == [2021, 2022, 2023, 2024]
    flat = " ".join(page(pair, "en").split())
    assert "USA → PER" in flat
    assert "us-peru has no release made-march" in flat


def test_a_release_of_the_ledger_stands_in_the_place_of_the_dossiers_own():
    """By hand: 200,000,000 less 276,180 obligated in fiscal 2023, where November printed 193,724,818."""
    found = asked(*lines()["both"])
    last = next(one for one in found.changes.results if one.key == "money-2023-last")
    assert [(f.name, f.old, f.new) for f in last.fields] == [("value", 193_724_818.0, 199_723_820.0)]
    (row,) = [diff_shapes.row_names(found, moved) for moved in last.rests]
    assert row[0] is not None
    assert row[0].startswith("figures/flows-totals.csv:")
    assert row[1] == "made-later.csv:2 +1"
    assert any(m.row.year == 2027 and m.how == "added" for m in found.changes.figures)


def test_the_same_twice_says_that_nothing_moved(capsys: pytest.CaptureFixture[str]):
    found = run(capsys, "diff", "us-peru", str(PERU))
    assert (found.code, found.err) == (0, "")
    assert "Nothing moved." in found.out
    assert "No se movió nada." in run(capsys, "diff", "us-peru", "us-peru", "--lang", "es").out


def test_the_formats_of_the_line(capsys: pytest.CaptureFixture[str]):
    words = ("diff", "made-march", "made-june", "--ledger", str(shelf()))
    told = run(capsys, *words, "--json").json
    assert told["schema"] == "ayni.diff/1"
    rows = list(csv.DictReader(io.StringIO(run(capsys, *words, "--csv").out)))
    assert [row["new"] for row in rows if row["kind"] == "figures" and row["year"] == "2023"] == ["1000000.5"]
    assert run(capsys, *words, "--json", "--lang", "es").json == told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["us-peru"], "NEW is missing"),
        (["us-pero", "us-peru"], "Did you mean us-peru?"),
        (["us-pero", "us-pera"], "Did you mean us-peru?"),
        (["fagov-2025-04-03", NOVEMBER], "Did you mean fagov-2025-04-02"),
        (["fagov-2025-04-03", NOVEMBER, "--case", "us-peru"], 'release: "fagov-2025-04-03" is not known'),
        (["us-peru", "us-peru", "--case", "us-peru"], "go with two releases"),
        ([APRIL, "us-peru"], "give two dossiers or two releases"),
        (["us-peru", str(PERU / "dossier.toml")], "is not the expected.json of an edition"),
        ([APRIL, NOVEMBER, "--ledger", "nowhere"], "nowhere"),
        ([APRIL, NOVEMBER, "--case", "us-pero"], "Did you mean us-peru?"),
        ([APRIL, NOVEMBER, "--csv", "--json"], "exclude each other"),
    ],
)
def test_what_cannot_be_compared_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
):
    monkeypatch.setenv("AYNI_LEDGER", str(kept() / "none"))
    found = run(capsys, "diff", *words)
    assert (found.code, found.out) == (2, "")
    assert says in found.err
    assert found.err.startswith("ayni: ")


def test_names_of_a_ledger_are_asked_of_the_ledger(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    ledger = str(shelf())
    assert "Did you mean made-march" in run(capsys, "diff", "made-mach", "made-june", "--ledger", ledger).err
    found = run(capsys, "diff", "made-later", NOVEMBER, "--ledger", ledger, "--case", "us-peru")
    assert "exchange them" in found.err
    monkeypatch.setenv("AYNI_LEDGER", ledger)
    assert run(capsys, "diff", "made-march", "made-june").code == 0
    assert "add --case us-peru" in run(capsys, "diff", APRIL, "made-june").err


def test_broken_dossiers_are_told_by_the_name_that_was_given(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "dossier.toml").write_text('key = "bare"\n', encoding="utf-8")
    found = run(capsys, "diff", "us-peru", str(tmp_path / "bare"))
    assert found.code == 1
    assert f"problems in {tmp_path / 'bare'}" in found.err


def test_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    before = {path: path.stat().st_mtime_ns for path in shelf().rglob("*")}
    run(capsys, "diff", "made-march", "made-june", "--ledger", str(shelf()))
    assert {path: path.stat().st_mtime_ns for path in shelf().rglob("*")} == before
    assert list(tmp_path.iterdir()) == []
