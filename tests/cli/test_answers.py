"""What the commands print: figures of the tables, the same in both languages, in every format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.claims.numbers import OPERATIONS
from ayni.claims.records import LABELS
from ayni.language import message
from tests.cli.running import run

FIGURE = re.compile(r"[\u2212-]?\d[\d.,\u202f]*")
RELEASE = "fagov-2025-11-29"


def rows_of(folder: Path, name: str, **wanted: str) -> Iterator[dict[str, str]]:
    with (folder / "figures" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if all(row[column] == value for column, value in wanted.items()):
                yield row


def figures(text: str) -> list[float]:
    """Every figure of a text, however its language groups it."""
    plain = text.replace("\u2212", "-")
    return sorted(float(re.sub(r"[,\u202f]", "", found).rstrip(".")) for found in FIGURE.findall(plain))


@pytest.mark.parametrize(
    "words",
    [
        ["claims", "us-peru"],
        ["effect", "us-peru", "area-2024"],
        ["effect", "us-peru", "cocaine-2024", "--design", "curve"],
        ["flows", "us-peru"],
        ["flows", "us-peru", "--by", "account"],
        ["flows", "us-peru", "--by", "vintage"],
        ["flows", "us-peru", "--by", "stage", "--at", "2015"],
        ["flows", "us-peru", "--by", "provider"],
        ["series", "us-peru", "coca-area-un"],
        ["why", "us-peru", "coca-2024"],
    ],
)
def test_both_languages_tell_the_same_numbers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
):
    monkeypatch.setenv("COLUMNS", "400")
    es, en = (run(capsys, *words, "--lang", language) for language in ("es", "en"))
    assert es.code == en.code == 0
    # Names differ between languages; figures that stand in names (laws, titles) are few and the same.
    assert figures(numbers_only(es.out)) == figures(numbers_only(en.out))
    assert es.out != en.out


def numbers_only(text: str) -> str:
    """Leave out words with digits in them, such as keys, and what prose writes with hyphens."""
    return re.sub(r"\S*[A-Za-z_\[\]/:][\w./:-]*\d\S*|\S*\d\S*[A-Za-z]\S*", " ", text)


@pytest.mark.parametrize(
    "words",
    [
        ["claims", "us-peru"],
        ["effect", "us-peru", "area-2024"],
        ["flows", "us-peru", "--by", "account"],
        ["series", "us-peru", "coca-area-un"],
        ["sql", "us-peru", "SELECT * FROM origins LIMIT 2"],
        ["why", "us-peru", "coca-2024"],
        ["list"],
    ],
)
def test_json_is_the_same_in_both_languages_and_ends_with_a_newline(
    capsys: pytest.CaptureFixture[str], words: list[str]
):
    es, en = (run(capsys, *words, "--json", "--lang", language).out for language in ("es", "en"))
    assert es == en
    assert es.endswith("}\n")


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize(
    "words",
    [
        ["claims", "us-peru"],
        ["effect", "us-peru", "area-2024"],
        ["flows", "us-peru", "--by", "programme"],
        ["flows", "us-peru", "--by", "vintage"],
        ["series", "us-peru", "coca-area"],
        ["sql", "us-peru", "SELECT * FROM flows LIMIT 3"],
        ["list"],
    ],
)
def test_tables_fit_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, words: list[str]
):
    monkeypatch.setenv("COLUMNS", str(width))
    for language in ("es", "en"):
        lines = run(capsys, *words, "--lang", language).out.splitlines()
        assert [line for line in lines if len(line) > width and "://" not in line] == []


# -- flows ---------------------------------------------------------------------------------


def test_flows_by_year_are_the_rows_of_the_table(capsys: pytest.CaptureFixture[str], us_peru: Path):
    found = run(capsys, "flows", "us-peru", "--json").json
    wanted = rows_of(us_peru, "flows-totals", origin=RELEASE, stage="obligated", price_base="")
    assert {t["code"]: t["amount"] for t in found["totals"]} == {
        r["year"]: float(r["amount"]) for r in wanted
    }
    assert found["prices"]["at"] == 2024


def test_flows_as_csv_hold_the_same(capsys: pytest.CaptureFixture[str]):
    words = ("flows", "us-peru", "--by", "account", "--at", "2020")
    told = run(capsys, *words, "--json").json["totals"]
    rows = list(csv.DictReader(io.StringIO(run(capsys, *words, "--csv").out)))
    assert [float(row["constant"]) for row in rows] == [t["constant"] for t in told]
    assert [row["rows"].split() for row in rows] == [t["rows"] for t in told]


@pytest.mark.parametrize("at", [2010, 2015, 2024])
def test_factors_of_a_release_are_its_own(capsys: pytest.CaptureFixture[str], us_peru: Path, at: int):
    """The implied deflator by hand: constant over current of the total, between two years."""
    found = run(capsys, "flows", "us-peru", "--at", str(at), "--json").json
    (priced,) = found["prices"]["deflators"]
    ratio: dict[int, list[float]] = {}
    for row in rows_of(us_peru, "flows-totals", origin=RELEASE, stage="obligated"):
        pair = ratio.setdefault(int(row["year"]), [0.0, 0.0])
        pair[bool(row["price_base"])] = float(row["amount"])
    for year in (1995, 2008, 2020):
        by_hand = (ratio[year][1] / ratio[year][0]) / (ratio[at][1] / ratio[at][0])
        assert priced["factors"][str(year)] == pytest.approx(by_hand, rel=1e-12)
    assert (priced["method"], priced["base"]) == ("implied", at)


def test_every_linking_factor_is_printed(capsys: pytest.CaptureFixture[str]):
    words = ("flows", "us-peru", "--by", "account")
    (priced,) = run(capsys, *words, "--json").json["prices"]["deflators"]
    shown = " ".join(run(capsys, *words).out.split())
    assert priced["links"]
    for link in priced["links"]:
        assert f"{link['source']} → {link['target']}: × {link['factor']:.6f}" in shown


def test_by_vintage_shows_every_release_of_every_year(capsys: pytest.CaptureFixture[str], us_peru: Path):
    found = run(capsys, "flows", "us-peru", "--by", "vintage", "--json").json
    told = {(t["release"], t["code"]): t["amount"] for t in found["totals"]}
    for row in rows_of(us_peru, "flows-totals", stage="obligated", price_base=""):
        assert told[row["origin"], row["year"]] == float(row["amount"])
    (last,) = (c for c in found["conflicts"] if c["year"] == 2022)
    low, high = last["low"], last["high"]
    assert last["spread_percent"] == pytest.approx(100 * (high - low) / high)
    assert "7.89%" in run(capsys, "flows", "us-peru", "--by", "vintage").out


def test_incomplete_years_are_marked(capsys: pytest.CaptureFixture[str]):
    shown = run(capsys, "flows", "us-peru").out
    assert re.search(r"^2025 .*\*$", shown, re.MULTILINE)
    assert re.search(r"^2022 .*≠$", shown, re.MULTILINE)
    assert not re.search(r"^1995 .*[*≠]$", shown, re.MULTILINE)


def test_nothing_found_says_what_there_is(capsys: pytest.CaptureFixture[str]):
    found = run(capsys, "flows", "us-peru", "--stage", "committed")
    assert found.code == 0
    assert RELEASE in found.out.replace("\n", " ")


# -- series, sql, claims, effect -----------------------------------------------------------


def test_series_returns_every_row(capsys: pytest.CaptureFixture[str], us_peru: Path):
    told = run(capsys, "series", "us-peru", "cocaine-averted-trend-claimed", "--json").json["rows"]
    wanted = list(rows_of(us_peru, "claimed", indicator="cocaine-averted-trend-claimed", place="PER"))
    assert sorted(r["value"] for r in told) == sorted(float(r["value"]) for r in wanted)
    assert {r["conflict"] for r in told if r["year"] == 2024} == {True}
    assert sum(r["chosen"] for r in told if r["year"] == 2024) == 1


def test_quarters_of_a_year_do_not_conflict(capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "series", "us-peru", "us-gdp-deflator-2017", "--place", "USA", "--json").json["rows"]
    assert not any(r["conflict"] for r in told)


def test_a_concept_gives_all_its_indicators(capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "series", "us-peru", "coca-area", "--json").json["rows"]
    assert {"coca-area-un", "coca-area-us"} <= {r["indicator"] for r in told}


def test_sql_sees_the_tables(capsys: pytest.CaptureFixture[str], us_peru: Path):
    found = run(capsys, "sql", "us-peru", "SELECT count(*) AS n FROM licences", "--json").json
    assert found["columns"] == ["n"]
    assert found["rows"] == [[sum(1 for _ in rows_of(us_peru, "licences"))]]
    assert run(capsys, "sql", "us-peru", "SELECT 1 AS a, 'x' AS b", "--csv").out == "a,b\n1,x\n"


def test_only_one_label(capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "claims", "us-peru", "--only", "contested", "--json").json
    assert told["claims"]
    assert {c["label"] for c in told["claims"]} == {"contested"}
    assert run(capsys, "claims", "us-peru", "--only", "en disputa", "--json").json == told


def test_effect_takes_the_beginning_of_a_design(capsys: pytest.CaptureFixture[str]):
    told = run(capsys, "effect", "us-peru", "area-2024", "--design", "projection/linear", "--json").json
    assert [e["design"] for e in told["effects"]] == ["projection/linear/2011-2022"]
    assert told["curves"] == []


def test_effects_print_every_check_failed_or_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "2000")
    told = run(capsys, "effect", "us-peru", "area-2024", "--json").json
    shown = run(capsys, "effect", "us-peru", "area-2024").out
    assert all(check["en"] in shown for effect in told["effects"] for check in effect["checks"])


def test_a_frozen_list_gives_its_curve_with_standings(capsys: pytest.CaptureFixture[str]):
    (curve,) = run(capsys, "effect", "us-peru", "cocaine-2024", "--json", "--design", "curve").json["curves"]
    amounts = [-s["difference"]["value"] for s in curve["specifications"] if s["difference"]]
    assert curve["count"] == len(amounts)
    figure = next(p for p in curve["published"] if p["value"] == 329)
    below = sum(a < 329 for a in amounts) + sum(a == 329 for a in amounts) / 2
    assert figure["standings"][0]["percentile"] == pytest.approx(100 * below / len(amounts))
    assert {s["without"] for s in figure["standings"]} == {
        "",
        *(s["family"] for s in curve["specifications"]),
    }


# -- why -----------------------------------------------------------------------------------


def test_why_leads_from_a_number_to_its_source(capsys: pytest.CaptureFixture[str]):
    (found,) = run(capsys, "why", "us-peru", "averted-2024-devida", "--json").json["found"]
    assert found["kind"] == "number"
    assert found["figure"]["value"] == 329
    (row,) = found["rows"]
    assert row["row"].startswith("figures/claimed.csv:")
    (origin,) = found["origins"]
    assert origin["url"].startswith("https://")
    shown = run(capsys, "why", "us-peru", "averted-2024-devida", "--lang", "es").out
    assert row["row"] in shown
    assert origin["url"] in shown
    assert "Licencia" in shown


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("potential-822", ["claim"]),
        ("claim:potential-822", ["claim"]),
        ("area-2024", ["question"]),
        ("effect:area-2024", ["question"]),
        ("figures/claimed.csv:12", ["row"]),
        ("row:figures/claimed.csv:12", ["row"]),
        ("claimed.csv:12", ["row"]),
        ("figures/flows-totals.csv:12", ["row"]),
        ("article-masias", ["origin"]),
        ("document:article-masias", ["origin"]),
        ("us-money.presence", ["link"]),
    ],
)
def test_why_knows_every_kind_of_name(capsys: pytest.CaptureFixture[str], name: str, kinds: list[str]):
    assert [f["kind"] for f in run(capsys, "why", "us-peru", name, "--json").json["found"]] == kinds
    assert run(capsys, "why", "us-peru", name).code == 0


def test_every_name_can_be_traced_in_both_languages(capsys: pytest.CaptureFixture[str], us_peru: Path):
    from ayni.cli.traces import find, names
    from ayni.dossier import opening

    dossier = opening.open_dossier(us_peru)
    for name in names(dossier):
        es, en = (find(dossier, name, language) for language in ("es", "en"))
        assert es
        assert [t.figure for t in es] == [t.figure for t in en]
        assert [[f.key for f in t.facts] for t in es] == [[f.key for f in t.facts] for t in en]


def test_every_operation_and_label_has_its_words():
    for language in ("es", "en"):
        assert all(message(language, f"cli.op.{op}") for op in OPERATIONS)
        assert all(message(language, f"label.{label}") for label in LABELS)
