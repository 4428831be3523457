"""A plain table with a mapping beside it: read as it says, or every fault of the mapping told at its line."""

# mypy: disable-error-code="arg-type, index, union-attr"
from __future__ import annotations

import datetime as dt
import textwrap
from pathlib import Path

import polars as pl
import pytest

from ayni.problems import ProblemsError, sentence
from ayni.sources import tidy
from ayni.sources.contract import FLOW_ROWS, OBSERVATION_ROWS, Rows
from tests.sources.reading import faults, known_as, rows_of, sample_of

# Copied by hand: what APCI counted in 2017, in millions of dollars.
TABLE = """\
Donante;Año;Millones;Etapa;Fecha
Estados Unidos;2017;28.4;ejecutado;2018-03-01
Canadá;2017;31.4;ejecutado;
"""
MAPPING = """\
rows = "flows"

[origin]
publisher = "APCI"
title = "Cooperación por fuente"
licence = "not-stated"
url = "https://example.org/apci"
vintage = "2018"

[columns]
provider = "Donante"
year = "Año"
amount = "Millones"
stage = "Etapa"
date = "Fecha"

[constants]
recipient = "PER"
currency = "USD"

[values.provider]
"Estados Unidos" = "USA"
"Canadá" = "CAN"

[values.stage]
ejecutado = "disbursed"

[scale]
amount = 1000000
"""
OBSERVED = """\
rows = "observations"
dataset = "coca-area"

[origin]
publisher = "UNODC"
title = "Coca"
licence = "not-stated"

[columns]
year = "year"
value = "hectares"
low = "from"
high = "to"

[constants]
indicator = "coca-area-un"
place = "PER"
unit = "ha"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "apci.csv.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def read(mapping: Path, table: str) -> Rows:
    return rows_of(tidy.source(mapping), table)


def told(mapping: Path, text: str) -> list[tuple[str, int, str]]:
    mapping.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as error:
        tidy.source(mapping)
    for problem in error.value.problems:
        assert problem.file == mapping.name
        for language in ("es", "en"):
            assert sentence(problem, language)
    return [(problem.code, problem.line, problem.where) for problem in error.value.problems]


def test_a_table_is_read_as_its_mapping_says(mapping: Path):
    rows = read(mapping, TABLE)
    columns = "line provider recipient year year_kind stage amount currency date status".split()
    assert rows.flows.select(columns).rows() == [
        (2, "USA", "PER", 2017, "calendar", "disbursed", 28_400_000.0, "USD", dt.date(2018, 3, 1), "counted"),
        (3, "CAN", "PER", 2017, "calendar", "disbursed", 31_400_000.0, "USD", None, "counted"),
    ]
    assert dict(rows.flows.schema) == FLOW_ROWS
    assert rows.observations is None
    assert (rows.read, faults(rows)) == (2, [])


def test_the_origin_is_the_mappings(mapping: Path):
    source, known = tidy.source(mapping), known_as(tidy.source(mapping), TABLE)
    assert (source.publisher, source.licence, source.url) == (
        "APCI",
        "not-stated",
        "https://example.org/apci",
    )
    assert (known.title, known.vintage, known.dataset) == ("Cooperación por fuente", "2018", "tidy-apci")


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace(";", ","),
        TABLE.replace(";", "\t"),
        (
            '"Donante","AÑO","millones","Etapa","Fecha","Nota"\n'
            'Estados Unidos,2017.0," 28.4 ",ejecutado,2018-03-01,"a, b"\n'
            "Canadá,2017,31.40,ejecutado,,\n"
        ),
        "Cooperación internacional;;;;\n\n" + TABLE,
        "\ufeff" + TABLE.replace("\n", "\r\n"),
    ],
)
def test_other_ways_of_saving_the_table_give_the_same_rows(mapping: Path, table: str):
    plain, other = read(mapping, TABLE), read(mapping, table)
    assert other.flows.drop("line").equals(plain.flows.drop("line"))


def test_a_key_that_stands_in_the_table_already_needs_no_word(mapping: Path):
    rows = read(mapping, TABLE.replace("Canadá", "CAN").replace("Estados Unidos", "USA"))
    assert rows.flows["provider"].to_list() == ["USA", "CAN"]


def test_observations_have_their_ranges(tmp_path: Path):
    path = tmp_path / "coca.csv.toml"
    path.write_text(OBSERVED, encoding="utf-8")
    rows = read(path, "year,hectares,from,to\n2022,95008,90000,100000\n2023,92784,,\n")
    columns = "indicator place year value unit low high".split()
    assert rows.observations.select(columns).rows() == [
        ("coca-area-un", "PER", 2022, 95_008.0, "ha", 90_000.0, 100_000.0),
        ("coca-area-un", "PER", 2023, 92_784.0, "ha", None, None),
    ]
    assert dict(rows.observations.schema) == OBSERVATION_ROWS
    assert known_as(tidy.source(path), "year,hectares,from,to\n").dataset == "coca-area"


def test_rows_that_do_not_fit_are_refused_with_their_lines_and_nothing_is_guessed(mapping: Path):
    rows = read(
        mapping,
        TABLE
        + "Suecia;2017;1;ejecutado;\n"
        + "Canadá;17;1;ejecutado;\n"
        + "Canadá;2017;1,5;ejecutado;\n"
        + "Canadá;2017;;ejecutado;\n"
        + "Canadá;2017;1;prometido;\n"
        + "Canadá;2017;1;ejecutado;marzo\n"
        + "Canadá;2017;1;ejecutado\n"
        + ";2017;-1;ejecutado;\n",
    )
    assert faults(rows) == [
        (4, "unknown-code", "donante", "Suecia"),
        (5, "not-a-year", "año", "17"),
        (6, "not-a-number", "millones", "1,5"),
        (7, "missing-value", "millones", ""),
        (8, "unknown-code", "etapa", "prometido"),
        (9, "not-a-date", "fecha", "marzo"),
        (10, "ragged", "", "4"),
        (11, "missing-value", "donante", ""),
    ]
    assert rows.read == 10
    assert rows.flows["line"].to_list() == [2, 3]


def test_a_negative_amount_is_kept(mapping: Path):
    assert read(mapping, TABLE.replace("31.4", "-31.4")).flows["amount"][1] == -31_400_000.0


def test_a_scale_moves_the_decimal_point_and_does_not_multiply_floats(mapping: Path):
    # 4.35 * 1000000 is 4349999.999999999 or 4350000, by how it is multiplied.
    assert read(mapping, TABLE.replace("28.4", "4.35")).flows["amount"][0] == 4_350_000.0


def test_the_mapping_lies_beside_its_table(mapping: Path):
    assert tidy.mapping_beside(mapping.parent / "apci.csv") == mapping
    assert tidy.mapping_beside(mapping.parent / "other.csv") is None


def test_every_fault_of_a_mapping_is_told_at_its_line(mapping: Path):
    text = (
        MAPPING.replace('rows = "flows"', 'rows = "money"')
        .replace('publisher = "APCI"\n', "")
        .replace('vintage = "2018"', 'vintage = "last year"')
        .replace("[scale]\n", "[scales]\n")
        .replace('year = "Año"', "year = 2")
    )
    assert told(mapping, text) == [
        ("bad-value", 1, "rows"),
        ("missing-key", 3, "origin.publisher"),
        ("bad-value", 7, "origin.vintage"),
        ("bad-value", 11, "columns.year"),
        ("unknown-key", 27, "scales"),
    ]


def test_every_fault_of_meaning_is_told_at_its_line(mapping: Path):
    text = (
        MAPPING.replace('stage = "Etapa"\n', 'giver = "Donante"\n')
        .replace("amount = 1000000", "amount = 1500")
        .replace('currency = "USD"', 'year = "1990"\nyear_kind = "lunar"')
        .replace("[values.provider]", "[values.recipient]")
    )
    assert told(mapping, text) == [
        ("missing-key", 10, "columns.stage"),
        ("missing-key", 10, "columns.currency"),
        ("unknown-key", 14, "columns.giver"),
        ("duplicate-key", 19, "constants.year"),
        ("bad-value", 20, "constants.year_kind"),
        ("unknown-key", 22, "values.recipient"),
        ("unknown-key", 26, "values.stage"),
        ("bad-value", 30, "scale.amount"),
    ]


def test_columns_that_the_table_lacks_are_told_all_at_once(mapping: Path):
    with pytest.raises(ProblemsError) as error:
        tidy.recognised(mapping, sample_of("Donante;Year;Monto;Etapa;Fecha\n"))
    assert [(p.code, p.line, p.found) for p in error.value.problems] == [
        ("missing-column", 12, "Año"),
        ("missing-column", 13, "Millones"),
    ]


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b'rows = "flows"\nrows = 1 =\n', "not-toml", 2),
        ('[origin]\ntitle = "Año"'.encode("latin-1"), "not-utf8", 0),
    ],
)
def test_a_file_that_is_no_toml_is_told(mapping: Path, data: bytes, code: str, line: int):
    mapping.write_bytes(data)
    with pytest.raises(ProblemsError) as error:
        tidy.source(mapping)
    assert [(p.code, p.line) for p in error.value.problems] == [(code, line)]


def test_the_mapping_shown_at_the_head_of_the_module_is_one(tmp_path: Path):
    shown = (tidy.__doc__ or "").partition(".. code-block:: toml\n")[2].partition("\nHow to get")[0]
    path = tmp_path / "data.csv.toml"
    path.write_text("\n".join(line[3:] for line in shown.splitlines()), encoding="utf-8")
    rows = read(path, "Donante,Año,Millones de dólares\nEstados Unidos,2017,28.4\n")
    assert rows.flows.select("provider", "amount").rows() == [("USA", 28_400_000.0)]


def test_the_mapping_of_the_how_to_is_one(tmp_path: Path):
    page = Path(__file__).parents[2] / "docs" / "how-to" / "ingest-any-table.md"
    shown = page.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    path = tmp_path / "data.csv.toml"
    path.write_text(textwrap.dedent(shown), encoding="utf-8")
    rows = read(path, "Donante,Año,Millones de dólares\nCanadá,2017,31.4\n")
    assert rows.flows.select("provider", "year", "amount").rows() == [("CAN", 2017, 31_400_000.0)]


def test_typed_columns_of_parquet_and_workbooks_give_the_same_rows(mapping: Path):
    known = known_as(tidy.source(mapping), TABLE)
    assert known.table is not None
    frame = pl.DataFrame(
        {
            "donante": ["Estados Unidos", "Canadá"],
            "año": [2017, 2017],
            "millones": [28.4, 31.4],
            "etapa": ["ejecutado", "ejecutado"],
            "fecha": [dt.date(2018, 3, 1), None],
            "line": [2, 3],
        }
    )
    assert known.table(frame).flows.equals(read(mapping, TABLE).flows)
