"""Questions to official files from the command line: what is printed, and what is refused with a sentence."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ayni.language import LANGUAGES
from tests.cli.running import run
from tests.cli.test_json import differences
from tests.houserules.tree import ROOT
from tests.ledger.official import File, fiscal, index, ledger_with


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger that AYNI_LEDGER names: two releases, a file of sectors, and prices."""
    ratios = {2021: 1.12, 2022: 1.05, 2023: 1.0}
    countries = [
        File(
            dataset="fagov-country",
            vintage=vintage,
            cautions="two-base-years",
            flows=[
                *(fiscal(year, 1e6 * factor, ratio=ratio) for year, ratio in ratios.items()),
                fiscal(2023, 5e5, recipient="us-region:SMN", ratio=1.0),
                fiscal(2023, 7e5, stage="requested", ratio=0.95),
            ],
        )
        for vintage, factor in (("2024-12-22", 1.0), ("2025-04-02", 1.1))
    ]
    sectors = File(
        dataset="fagov-sector",
        verified=False,
        flows=[
            fiscal(2023, 6e5, purposes="us-category:1;us-sector:4", ratio=1.0),
            fiscal(2023, -257.0, purposes="us-category:7;us-sector:37"),
            fiscal(2023, 1e5, purposes="us-sector:77", ratio=1.0),
        ],
        details={"us_sector_name": ["Counter-Narcotics", "Protection", "New"]},
    )
    told = {
        ("NY.GDP.DEFL.ZS", "PER"): {2020: 100.0, 2021: 104.0, 2022: 112.0, 2023: 116.0},
        ("PA.NUS.FCRF", "PER"): {2020: 3.5, 2021: 3.9, 2022: 3.8, 2023: 3.7},
    }
    prices = File(dataset="wdi", observations=[o for (key, at), v in told.items() for o in index(key, at, v)])
    folder = tmp_path / "shelf"
    ledger_with(folder, *countries, sectors, prices)
    monkeypatch.setenv("AYNI_LEDGER", str(folder))
    return folder


PAIR = ("--provider", "USA", "--recipient", "PER")


def test_money_by_year_at_constant_prices(shelf: Path, capsys: pytest.CaptureFixture[str]):
    found = run(capsys, "flows", *PAIR, "--stage", "disbursed", "--at", "2023")
    assert found.code == 0
    assert "US$1,100,000" in found.out
    assert "US$1,232,000" in found.out
    assert "fagov-country-2025-04-02" in found.out
    assert "us-region:SMN" in found.out
    assert "Also in: fagov-sector" in " ".join(found.out.split())


def test_json_tells_where_each_line_and_its_prices_come_from(shelf: Path, capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "flows", *PAIR, "--stage", "disbursed", "--at", "2023", "--in", "pen", "--json").json
    assert told["schema"] == "ayni.answer/1"
    assert told["asked"]["money"] == "PEN"
    (prices,) = told["prices"]
    assert (prices["method"], prices["sources"], prices["vintages"]) == (
        "converted",
        ["wdi-2025-04-02"],
        ["2025-04-02"],
    )
    line = next(one for one in told["lines"] if one["year"] == 2022)
    # Fiscal 2022: rate (3.9 + 3 * 3.8) / 4; prices of 2023, (112 + 3 * 116) / 4, over (104 + 3 * 112) / 4.
    assert line["constant"] == pytest.approx(1.1e6 * 3.825 * 115 / 110)
    assert told["used"][0]["sha256"][0]
    assert told["could_contain_more"][0]["amount"] == 5e5


def test_interests_show_what_is_unmapped_and_keep_negatives(shelf: Path, capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "flows", *PAIR, "--by", "year,interest", "--json").json
    assert {one["interest"]: one["amount"] for one in told["lines"]} == {
        "drugs": 6e5,
        "migration": -257.0,
        "unmapped": 1e5,
    }
    parts = next(one for one in told["remarks"] if one["code"] == "parts")
    assert parts["particulars"]["missing"] == pytest.approx(1.1e6 - 7e5 + 257)
    assert parts["es"] != parts["en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_wholly_worded_in_the_language_asked(
    shelf: Path, capsys: pytest.CaptureFixture[str], language: str
):
    shown = run(capsys, "flows", *PAIR, "--by", "interest,stage", "--at", "2023", "--lang", language)
    assert shown.code == 0
    words = {"es": ("Sin clasificar", "Desembolsado", "Suma"), "en": ("Unmapped", "Disbursed", "Sum")}[
        language
    ]
    assert all(word in shown.out for word in words)


def test_every_printed_key_walks_back_to_file_line_and_hash(shelf: Path, capsys: pytest.CaptureFixture[str]):
    listed = run(capsys, "flows", "--by", "recipient,interest,stage", "--dataset", "all", "--csv").out
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert len(rows) > 5
    for row in rows:
        told = run(capsys, "why", row["key"], "--json").json
        assert told["amount"] == pytest.approx(float(row["amount"]))
        assert len(told["rows"]) == int(row["rows"])
        assert all(one["row"].startswith("fagov-") for one in told["rows"])
        assert len(told["sources"][0]["sha256"][0]) == 64


def test_a_row_of_a_file_is_told_with_all_that_it_prints(shelf: Path, capsys: pytest.CaptureFixture[str]):
    shown = run(capsys, "why", "--ledger", str(shelf), "fagov-sector_2025-04-02.csv:2")
    assert shown.code == 0
    assert "Counter-Narcotics" in shown.out
    assert "US$600,000" in shown.out
    assert "US government work, public domain" in shown.out


def test_sql_adds_up_to_the_same(shelf: Path, capsys: pytest.CaptureFixture[str]):
    query = (
        "SELECT year, sum(amount) AS amount FROM flows WHERE origin = 'fagov-country-2025-04-02' "
        "AND provider = 'USA' AND recipient = 'PER' AND stage = 'disbursed' GROUP BY year ORDER BY year"
    )
    by_sql = run(capsys, "sql", "--ledger", str(shelf), query, "--json").json["rows"]
    lines = run(capsys, "flows", *PAIR, "--stage", "disbursed", "--json").json["lines"]
    assert by_sql == [[one["year"], one["amount"]] for one in lines]
    assert run(capsys, "sql", query).code == 0


def test_vintages_say_what_moved_and_by_how_much(shelf: Path, capsys: pytest.CaptureFixture[str]):
    shown = run(capsys, "vintages", "--dataset", "fagov-country", *PAIR)
    assert shown.code == 0
    assert "+10.0%" in shown.out
    told = run(capsys, "vintages", "--json").json
    countries = next(one for one in told["datasets"] if one["dataset"] == "fagov-country")
    moved = [one for one in countries["changes"] if one["kind"] == "moved"]
    assert [one["change"] for one in moved] == pytest.approx([1e5, 1e5, 1e5])
    assert run(capsys, "vintages", "--csv").out.startswith("dataset,before,after,stage")


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_an_answer_is_written_to_a_file(
    shelf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
):
    path = tmp_path / f"answer.{ending}"
    done = run(capsys, "flows", *PAIR, "--out", str(path))
    assert done.code == 0
    assert path.is_file()
    if ending == "parquet":
        assert pl.read_parquet(path).height == 4
        assert "sources" in pl.read_parquet_metadata(path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("flows", "--by", "year,colour"), "colour"),
        (("flows", "--stage", "given"), "given"),
        (("flows", "--dataset", "fagov-contry"), "fagov-country"),
        (("flows", "--release", "1999"), "fagov-country-2025-04-02"),
        (("flows", "--in", "PEN"), "--at"),
        (("flows", "--at", "2030", "--stage", "disbursed"), "2030"),
        (("flows", "--at", "2023", "--in", "XDR"), "XDR"),
        (("flows", "--at", "2023", "--in", "PEN", "--deflator", "implied"), "PEN"),
        (("flows", "--out", "answer.ods"), ".parquet"),
        (("flows", "--since", "2023", "--until", "2001"), "2001"),
        (("flows", "us-peru", "--dataset", "fagov-country"), "--dataset"),
        (("flows", "us-peru", "--by", "interest"), "interest"),
        (("why", "no/such/line"), "no/such/line"),
        (("why", "us-peru"), "NAME"),
        (("sql", "us-peru"), "QUERY"),
        (("sql",), "QUERY"),
        (("why", "--ledger", "x", "one", "two"), "--ledger"),
        (("sql", "DROP TABLE flows"), "SELECT"),
        (("vintages", "--dataset", "fagov"), "fagov-country"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(
    shelf: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
):
    for language in LANGUAGES:
        done = run(capsys, *words, "--lang", language)
        assert done.code == 2
        assert done.out == ""
        assert done.err.startswith("ayni: ")
        if language == "en":
            assert said in done.err


def test_missing_years_are_all_named(shelf: Path, capsys: pytest.CaptureFixture[str]):
    done = run(capsys, "flows", *PAIR, "--stage", "disbursed", "--at", "2023", "--deflator", "wdi")
    assert done.code == 2
    assert "2021\u20132023" in done.err


def test_a_ledger_that_is_not_there_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("AYNI_LEDGER", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    done = run(capsys, "flows", *PAIR)
    assert done.code == 2
    assert str(tmp_path / "ayni" / "ledger") in done.err
    assert "ayni ingest" in done.err


def test_nothing_found_is_said_and_is_no_error(shelf: Path, capsys: pytest.CaptureFixture[str]):
    done = run(capsys, "flows", "--recipient", "CHL")
    assert done.code == 0
    assert "nothing" in done.out
    assert run(capsys, "flows", "--recipient", "CHL", "--json").json["lines"] == []


@pytest.mark.parametrize("width", ["40", "60", "200"])
def test_tables_fit_the_terminal(
    shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str
):
    monkeypatch.setenv("COLUMNS", width)
    shown = run(capsys, "flows", *PAIR, "--by", "year,interest,sector", "--at", "2023").out
    table = shown.split("\n\n")[1]
    assert max(map(len, table.splitlines())) <= int(width)


def blocks() -> dict[str, Any]:
    page = (ROOT / "docs" / "reference" / "json.md").read_text("utf-8")
    told = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    return {one["schema"]: one for one in told}


@pytest.mark.parametrize(
    "words",
    [
        ("flows", *PAIR, "--stage", "disbursed", "--at", "2023", "--calendar"),
        ("flows", *PAIR, "--stage", "disbursed", "--at", "2023", "--in", "PEN", "--calendar"),
        ("why", "fagov-sector_2025-04-02.csv:2"),
        ("why", "wdi_2025-04-02.csv:2"),
        ("vintages",),
    ],
    ids=" ".join,
)
def test_answers_have_the_documented_shape(
    shelf: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
):
    found = run(capsys, *words, "--json").json
    example = blocks()[found["schema"]]
    # What a file prints beside is as the file has it, and remarks differ in their particulars.
    for one in (found, example):
        for row in one.get("rows", []):
            row["printed"] = None
        for remark in one.get("remarks", []):
            remark["particulars"] = None
    assert differences(example, found, found["schema"]) == []
