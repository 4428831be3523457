"""Answers as files carry their sources with them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from ayni.ledger import exports
from ayni.ledger.exports import NotWritableError, export
from ayni.ledger.questions import Answer, Asked, ask
from ayni.ledger.store import Ledger
from tests.ledger.official import File, fiscal, ledger_with

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Ledger, Answer]:
    rows = [
        fiscal(2020, 10.5, channel="=1+1", ratio=1.1),
        fiscal(2021, -3.0, channel="Ñuñoa"),
        fiscal(2021, 4.0, ratio=1.0),
    ]
    ledger = ledger_with(
        tmp_path / "ledger", File(dataset="fagov-complete", flows=rows, cautions="two-base-years")
    )
    return ledger, ask(ledger, Asked(by=("year", "channel"), at=2021))


def cells(path: Path, sheet: int) -> list[list[str]]:
    """The cells of a sheet, read without the package that wrote them."""
    with zipfile.ZipFile(path) as book:
        tree = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [["".join(cell.itertext()) for cell in row.iter(f"{MAIN}c")] for row in tree.iter(f"{MAIN}row")]


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as book:
        tree = ET.fromstring(book.read("xl/workbook.xml"))
    return [sheet.attrib["name"] for sheet in tree.iter(f"{MAIN}sheet")]


def test_parquet_holds_the_question_and_the_sources_among_its_metadata(asked, tmp_path: Path):
    ledger, answer = asked
    (path,) = export(ledger, answer, tmp_path / "a.parquet", told=["a sentence"])
    told = pl.read_parquet_metadata(path)
    assert json.loads(told["question"])["by"] == ["year", "channel"]
    (source,) = json.loads(told["sources"])
    assert source["sha256"] == answer.used[0].sha256[0]
    assert source["licence"] == "us-gov-public-domain"
    assert json.loads(told["licences"]) == ["us-gov-public-domain"]
    assert json.loads(told["prices"])[0]["method"] == "implied"
    assert json.loads(told["notes"]) == ["a sentence"]
    assert pl.read_parquet(path).equals(answer.frame)


@pytest.mark.parametrize(("language", "first"), [("en", ["Sources", "Data"]), ("es", ["Fuentes", "Datos"])])
def test_a_workbook_opens_with_a_sheet_of_sources(asked, tmp_path: Path, language: str, first: list[str]):
    ledger, answer = asked
    (path,) = export(ledger, answer, tmp_path / "a.xlsx", language=language, told=["a sentence"])
    assert names(path) == first
    sources = cells(path, 1)
    assert answer.used[0].sha256[0] in sources[1]
    assert "two-base-years" in sources[1]
    assert ["a sentence"] in sources
    data = cells(path, 2)
    assert data[0] == answer.frame.columns
    assert len(data) == 1 + answer.frame.height
    assert [float(row[data[0].index("amount")]) for row in data[1:]] == answer.frame["amount"].to_list()


def test_a_text_that_looks_like_a_formula_is_a_text(asked, tmp_path: Path):
    ledger, answer = asked
    (path,) = export(ledger, answer, tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    assert "=1+1" in sheet
    assert "<f>" not in sheet


def test_csv_has_its_sources_beside_it(asked, tmp_path: Path):
    ledger, answer = asked
    written = export(ledger, answer, tmp_path / "a.csv")
    assert [one.name for one in written] == ["a.csv", "a.sources.csv"]
    assert pl.read_csv(written[0])["amount"].to_list() == answer.frame["amount"].to_list()
    assert pl.read_csv(written[1])["origin"].to_list() == ["fagov-complete-2025-04-02"]


def test_a_file_appears_whole_or_not_at_all(asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ledger, answer = asked
    path = tmp_path / "a.parquet"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "sync", full)
    with pytest.raises(OSError, match="space"):
        export(ledger, answer, path)
    assert path.read_text() == "before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.parquet", "ledger"]


def test_other_endings_are_refused(asked, tmp_path: Path):
    with pytest.raises(NotWritableError) as error:
        export(asked[0], asked[1], tmp_path / "a.ods")
    assert error.value.code == "ending"


def test_more_lines_than_a_sheet_has_are_refused(asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "_SHEET_ROWS", 2)
    with pytest.raises(NotWritableError) as error:
        export(asked[0], asked[1], tmp_path / "a.xlsx")
    assert error.value.code == "long"
