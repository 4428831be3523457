"""UNHCR's tables: kinds of population kept apart, codes that are not ISO never taken for it."""

# mypy: disable-error-code="union-attr, index"
from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ayni.sources.contract import OBSERVATION_ROWS, Rows, UnreadableError
from ayni.sources.places import ISO3
from ayni.sources.unhcr import SOURCE
from ayni.sources.unhcr_places import CODE_OF_NAME
from tests.sources.reading import faults, known_as, rows_of, sample_of

# Copied by hand from the tables of 2025: Venezuelans in Peru.
PRINTED = {
    (2023, "refugees"): 4906,
    (2023, "asylum_seekers"): 493_476,
    (2023, "oip"): 1_043_622,
    (2025, "refugees"): 4963,
    (2025, "asylum_seekers"): 538_328,
    (2025, "oip"): 1_098_014,
}
INDICATORS = {
    "refugees": "unhcr-refugees",
    "asylum_seekers": "unhcr-asylum-seekers",
    "returned_refugees": "unhcr-returned-refugees",
    "idps": "unhcr-idps",
    "returned_idps": "unhcr-returned-idps",
    "stateless": "unhcr-stateless",
    "ooc": "unhcr-others-of-concern",
    "oip": "unhcr-other-people-in-need",
    "hst": "unhcr-host-community",
}
HEADS = {
    "refugees": "Refugees under UNHCR's mandate",
    "asylum_seekers": "Asylum-seekers",
    "returned_refugees": "Returned refugees",
    "idps": "IDPs of concern to UNHCR",
    "returned_idps": "Returned IDPss",
    "stateless": "Stateless persons",
    "ooc": "Others of concern",
    "oip": "Other people in need of international protection",
    "hst": "Host Community",
}
PREAMBLE = (
    '"Extracted from the UNHCR Population Statistics Reference Database"\n'
    '"Date extracted: 2024-02-03 16:35:40 +02:00"\n\n'
)


def cells(year: int, none: str = "-") -> list[str]:
    return [str(PRINTED.get((year, kind), none)) for kind in INDICATORS]


def api() -> str:
    head = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso," + ",".join(INDICATORS)
    rows = [
        f"{year}.0,Venezuela (Bolivarian Republic of),VEN,VEN,Peru,PER,PER,{','.join(cells(year, ''))}"
        for year in (2023, 2025)
    ]
    return "\n".join([head, *rows]) + "\n"


def download(head: str = "") -> str:
    names = [
        "Year",
        "Country of origin",
        "Country of origin (ISO)",
        "Country of asylum",
        "Country of asylum (ISO)",
    ]
    header = ",".join(f'"{name}"' for name in [*names, *HEADS.values()])
    rows = [
        f'{year},"Venezuela (Bolivarian Republic of)",VEN,Peru,PER,{",".join(cells(year))}'
        for year in (2023, 2025)
    ]
    return head + "\n".join([header, *rows]) + "\n"


def humanitarian_exchange() -> str:
    kinds = ["Refugees", "Asylum seekers", "Other people in need of international protection"]
    names = (
        "Year,Country of Origin Code,Country of Asylum Code,Country of Origin Name,Country of Asylum Name,"
    )
    rows = [
        f"{year},VEN,PER,Venezuela (Bolivarian Republic of),Peru,"
        + ",".join(str(PRINTED[year, kind]) for kind in ("refugees", "asylum_seekers", "oip"))
        for year in (2023, 2025)
    ]
    return "\n".join([names + ",".join(kinds), *rows]) + "\n"


def long(value: str = "") -> str:
    kinds = {
        "refugees": "Refugees (incl. refugee-like situations)",
        "asylum_seekers": "Asylum-seekers",
        "oip": "Other people in need of international protection",
    }
    head = f"{PREAMBLE}Year;Country / territory of asylum/residence;Origin;Population type;Value"
    rows = [
        f"{year};Peru;Venezuela (Bolivarian Republic of);{kinds[kind]};{value or figure}"
        for (year, kind), figure in PRINTED.items()
    ]
    return "\n".join([head, *rows]) + "\n"


def page(*, pages: int = 1) -> str:
    items = [
        {
            "year": year,
            "coo_name": "Venezuela",
            "coo": "VEN",
            "coo_iso": "VEN",
            "coa_name": "Peru",
            "coa": "PER",
        }
        | {"coa_iso": "PER"}
        | dict(zip(INDICATORS, [int(c) if c.isdigit() else c for c in cells(year)], strict=True))
        for year in (2023, 2025)
    ]
    return json.dumps({"page": 1, "short-url": "x", "maxPages": pages, "total": [], "items": items})


SHAPES: dict[str, Callable[[], str]] = {
    "API, CSV": api,
    "API, JSON": page,
    "download": download,
    "download with a preamble": lambda: download(PREAMBLE),
    "HDX": humanitarian_exchange,
    "one figure a row": long,
}


def figures(rows: Rows) -> set[tuple[object, ...]]:
    columns = "indicator place counterpart year part_year value unit low high status caveats".split()
    return set(rows.observations.select(columns).rows())


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_the_table_gives_the_same_figures(shape: str):
    rows = rows_of(SOURCE, SHAPES[shape]())
    assert figures(rows) == {
        (INDICATORS[kind], "PER", "VEN", year, "", float(figure), "person", None, None, "estimated", "")
        for (year, kind), figure in PRINTED.items()
    }
    assert rows.observations.height == len(PRINTED)
    assert faults(rows) == []
    assert dict(rows.observations.schema) == OBSERVATION_ROWS


@pytest.mark.parametrize("shape", SHAPES)
def test_venezuelans_in_peru_at_the_end_of_2025_are_1_641_305_over_three_kinds(shape: str):
    observed = rows_of(SOURCE, SHAPES[shape]()).observations
    assert observed.filter(year=2025)["value"].sum() == 1_641_305


def test_only_what_was_seen_as_a_real_file_is_called_verified():
    verified = {shape: known_as(SOURCE, text()).verified for shape, text in SHAPES.items()}
    assert [shape for shape, seen in verified.items() if seen] == ["API, CSV"]


def test_the_release_is_the_day_of_extraction_where_the_file_says_so():
    assert known_as(SOURCE, download(PREAMBLE)).vintage == "2024-02-03"
    assert known_as(SOURCE, download()).vintage == ""


# Three pairs of UNHCR's codes and ISO's, copied by hand from the table: its AUS is Austria.
@pytest.mark.parametrize(("own", "iso"), [("GFR", "DEU"), ("AUS", "AUT"), ("AUL", "AUS"), ("SWI", "CHE")])
def test_the_column_of_iso_codes_is_read_and_not_unhcrs_own(own: str, iso: str):
    text = api().replace(",Peru,PER,PER,", f",x,{own},{iso},")
    assert rows_of(SOURCE, text).observations["place"].unique().to_list() == [iso]


def test_a_table_with_unhcrs_own_codes_alone_is_not_read_by_them():
    text = "year,coo,coa,refugees\n2020,AUS,GFR,5\n"
    assert SOURCE.recognise(sample_of(text)) is None


@pytest.mark.parametrize(
    ("code", "key"),
    [("UNK", "unhcr:UNK"), ("UKN", "unhcr:UNK"), ("XXA", "unhcr:XXA"), ("TIB", "unhcr:TIB"), ("-", "")],
)
def test_an_origin_that_is_no_country_cannot_be_taken_for_one(code: str, key: str):
    text = download().replace(",VEN,", f",{code},")
    assert rows_of(SOURCE, text).observations["counterpart"].unique().to_list() == [key]


def test_no_code_of_unhcr_beside_iso_is_a_country_of_iso():
    assert set(CODE_OF_NAME.values()) - ISO3 == {"UNK", "XXA", "TIB"}


def test_a_name_that_is_not_known_is_refused_and_not_guessed():
    text = long().replace("2023;Peru;", "2023;Perú;")
    rows = rows_of(SOURCE, text)
    assert [(line, code, found) for line, code, _, found in faults(rows)] == [
        (line, "unknown-code", "Perú") for line in (5, 6, 7)
    ]
    assert rows.read == 6
    assert rows.observations["line"].to_list() == [8, 9, 10]


def test_a_hidden_figure_is_refused_and_the_row_s_others_are_kept():
    text = download().replace("4963,", "*,")
    rows = rows_of(SOURCE, text)
    assert faults(rows) == [(3, "redacted", "refugees_under_unhcr_s_mandate", "*")]
    told = rows.observations.filter(year=2025).select("indicator", "value").rows()
    assert told == [("unhcr-asylum-seekers", 538_328.0), ("unhcr-other-people-in-need", 1_098_014.0)]


def test_of_a_table_of_hidden_figures_nothing_is_made_and_nothing_lost():
    rows = rows_of(SOURCE, long("*"))
    assert rows.observations.is_empty()
    assert [code for _, code, *_ in faults(rows)] == ["redacted"] * 6
    assert rows.read == 6


def test_a_figure_that_is_no_number_refuses_its_row_with_the_line():
    text = download().replace("493476", '"493,476"').replace("2025,", "25,")
    assert faults(rows_of(SOURCE, text)) == [
        (2, "not-a-number", "asylum_seekers", "493,476"),
        (3, "not-a-year", "year", "25"),
    ]


def test_figures_of_june_are_marked_where_the_preamble_says_so():
    rows = rows_of(SOURCE, download('"Mid-Year statistics"\n\n'))
    assert set(rows.observations["caveats"]) == {"mid-year"}


def test_months_are_parts_of_a_year():
    text = (
        "Country / territory of asylum/residence,Origin,Year,Month,Value\n"
        "Australia,Afghanistan,1999,January,8\nAustralia,Afghanistan,1999,Febuary,10\n"
    )
    rows = rows_of(SOURCE, text)
    assert rows.observations.select(
        "indicator", "place", "counterpart", "year", "part_year", "value"
    ).rows() == [("unhcr-asylum-applications", "AUS", "AFG", 1999, "M01", 8.0)]
    assert faults(rows) == [(3, "not-a-date", "month", "Febuary")]


def test_the_export_of_2016_is_read_with_its_names_and_sums():
    # The first rows of 1951, and one with two kinds, copied by hand from such an export.
    text = (
        'Year,"Country of asylum or residence",Origin,Refugees,"Asylum-seekers (pending cases)",'
        '"Returned refugees","Internally displaced persons (IDPs)","Returned IDPs",'
        '"Stateless persons","Others of concern","Total Population"\n'
        "1951,Australia,Various/Unknown,180000,,,,,,,180000\n"
        "1965,Burundi,Rwanda,52000,,4500,,,,,56500\n"
    )
    assert known_as(SOURCE, text).verified
    told = rows_of(SOURCE, text).observations.select("indicator", "place", "counterpart", "value").rows()
    assert told == [
        ("unhcr-refugees", "AUS", "unhcr:UNK", 180_000.0),
        ("unhcr-total-population", "AUS", "unhcr:UNK", 180_000.0),
        ("unhcr-refugees", "BDI", "RWA", 52_000.0),
        ("unhcr-returned-refugees", "BDI", "RWA", 4500.0),
        ("unhcr-total-population", "BDI", "RWA", 56_500.0),
    ]


def test_applications_keep_procedure_level_and_what_is_counted_in_the_indicator():
    # Copied by hand: applications of unknown origin in the United States.
    text = (
        "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,procedure_type,app_type,dec_level,app_pc,applied\n"
        "2024.0,Unknown,UKN,UNK,United States of America,USA,USA,G,N,IN,P,1488.0\n"
        "2024.0,Unknown,UKN,UNK,United States of America,USA,USA,G,A,AR,C,121.0\n"
    )
    assert known_as(SOURCE, text).dataset == "unhcr-asylum-applications"
    told = (
        rows_of(SOURCE, text).observations.select("indicator", "place", "counterpart", "value", "unit").rows()
    )
    assert told == [
        ("unhcr-asylum-applications/G.N.IN.P", "USA", "unhcr:UNK", 1488.0, "person"),
        ("unhcr-asylum-applications/G.A.AR.C", "USA", "unhcr:UNK", 121.0, "application"),
    ]


def test_decisions_are_observed_by_outcome():
    text = (
        "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,procedure_type,dec_level,dec_pc,dec_recognized,dec_other,"
        "dec_rejected,dec_closed,dec_total\n"
        "2024.0,Zimbabwe,ZIM,ZWE,United States of America,USA,USA,G,IN,P,16.0,0.0,0.0,19.0,35.0\n"
    )
    assert known_as(SOURCE, text).dataset == "unhcr-asylum-decisions"
    told = dict(rows_of(SOURCE, text).observations.select("indicator", "value").rows())
    assert told["unhcr-asylum-decisions-recognized/G.IN.P"] == 16
    assert told["unhcr-asylum-decisions-total/G.IN.P"] == sum(told.values()) / 2 == 35


def test_one_page_of_several_is_told():
    assert known_as(SOURCE, page(pages=7)).caution == ("several-pages",)
    assert known_as(SOURCE, page()).caution == ()


def test_json_that_is_cut_off_is_unreadable():
    with pytest.raises(UnreadableError) as told:
        rows_of(SOURCE, page()[:-10])
    assert told.value.code == "not-json"


def test_an_item_that_is_no_record_is_refused_by_its_position():
    told = json.loads(page())
    told["items"].insert(1, "PER")
    rows = rows_of(SOURCE, json.dumps(told))
    assert [(line, code) for line, code, *_ in faults(rows)][:1] == [(2, "not-a-year")]
    assert rows.read == 3
    assert rows.observations["line"].unique().sort().to_list() == [1, 3]
