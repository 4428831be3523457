"""World Development Indicators: one figure in each shape the Bank prints it in, no region as a country."""

# mypy: disable-error-code="union-attr, index, type-arg"
from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.sources.contract import FLOW_ROWS, OBSERVATION_ROWS, Rows, UnreadableError
from ayni.sources.world_bank import SOURCE
from tests.sources.reading import faults, known_as, rows_of, sample_of

# Copied by hand: net bilateral aid flows to Peru, current US$, as WDI printed them at the end of 2025.
USA, JPN, TOTAL = "DC.DAC.USAL.CD", "DC.DAC.JPNL.CD", "DC.DAC.TOTL.CD"
PRINTED = {
    (USA, 1990): "79000000",
    (USA, 1998): "120959999.08447",
    (JPN, 2021): "-24871244.43054",
    (TOTAL, 1990): "372329997.00308",
}
NAMES = {
    USA: "Net bilateral aid flows from DAC donors, United States (current US$)",
    JPN: "Net bilateral aid flows from DAC donors, Japan (current US$)",
    TOTAL: "Net bilateral aid flows from DAC donors, Total (current US$)",
}
YEARS = (1990, 1998, 2021)


def wide(*, head: str = "", country: str = "PER", trailing: str = "") -> str:
    lines = [f"{head}Country Name,Country Code,Indicator Name,Indicator Code,1990,1998,2021{trailing}"]
    for code, name in NAMES.items():
        cells = ",".join(PRINTED.get((code, year), "") for year in YEARS)
        lines.append(f'Peru,{country},"{name}",{code},{cells}{trailing}')
    return "\n".join(lines) + "\n"


def download() -> str:
    return wide(
        head='"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-10-07",\n\n',
        trailing=",",
    )


def databank() -> str:
    lines = ["Series Name,Series Code,Country Name,Country Code,1990 [YR1990],1998 [YR1998],2021 [YR2021]"]
    for code, name in NAMES.items():
        cells = ",".join(PRINTED.get((code, year), "..") for year in YEARS)
        lines.append(f'"{name}",{code},Peru,PER,{cells}')
    return "\n".join(lines) + "\n"


def ddf() -> str:
    lines = ["indicator,geo,time,value"]
    lines += [f"{code.lower().replace('.', '_')},per,{year},{v}" for (code, year), v in PRINTED.items()]
    return "\n".join(lines) + "\n"


def page(*, first: int = 0, last: int = 99, pages: int = 1, number: int = 1) -> str:
    records = [
        {
            "indicator": {"id": code, "value": NAMES[code]},
            "country": {"id": "PE", "value": "Peru"},
            "countryiso3code": "PER",
            "date": str(year),
            "value": float(PRINTED[code, year]) if (code, year) in PRINTED else None,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for code in NAMES
        for year in YEARS
    ][first:last]
    told = {
        "page": number,
        "pages": pages,
        "per_page": 50,
        "total": 9,
        "sourceid": "2",
        "lastupdated": "2025-10-07",
    }
    return json.dumps([told, records])


SHAPES: dict[str, Callable[[], str]] = {
    "bulk": wide,
    "bulk with a trailing column": lambda: wide(trailing=","),
    "download of an indicator": download,
    "DataBank": databank,
    "DDF": ddf,
    "API": page,
    "API, two pages in one file": lambda: page(last=4, pages=2) + "\n" + page(first=4, pages=2, number=2),
}


def figures(rows: Rows) -> set[tuple[object, ...]]:
    columns = "indicator place year part_year value unit year_kind status caveats".split()
    return set(rows.observations.select(columns).rows())


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_the_file_gives_the_same_figures(shape: str):
    rows = rows_of(SOURCE, SHAPES[shape]())
    expected = {
        (code, "PER", year, "", float(value), "USD", "calendar", "estimated", "")
        for (code, year), value in PRINTED.items()
    }
    assert figures(rows) == expected
    assert rows.observations.height == len(expected)
    assert faults(rows) == []
    assert dict(rows.observations.schema) == OBSERVATION_ROWS
    assert dict(rows.flows.schema) == FLOW_ROWS


@pytest.mark.parametrize("shape", SHAPES)
def test_net_aid_of_one_provider_is_a_flow_too_and_the_sum_of_all_is_not(shape: str):
    flows = rows_of(SOURCE, SHAPES[shape]()).flows
    told = flows.select("provider", "recipient", "year", "amount", "stage", "currency", "caveats").sort(
        "year"
    )
    assert told.rows() == [
        ("USA", "PER", 1990, 79_000_000.0, "net", "USD", "net-of-repayments"),
        ("USA", "PER", 1998, 120_959_999.08447, "net", "USD", "net-of-repayments"),
        ("JPN", "PER", 2021, -24_871_244.43054, "net", "USD", "net-of-repayments"),
    ]


def test_an_empty_cell_is_no_row_and_the_count_of_rows_stays_that_of_the_file():
    rows = rows_of(SOURCE, wide())
    assert rows.read == 3
    assert rows.observations["line"].to_list() == [2, 2, 3, 4]


@pytest.mark.parametrize("shape", ["download of an indicator", "API"])
def test_the_release_is_the_day_that_the_file_was_last_updated(shape: str):
    assert known_as(SOURCE, SHAPES[shape]()).vintage == "2025-10-07"


def test_lines_are_those_of_the_file_below_its_preamble():
    assert rows_of(SOURCE, download()).observations["line"].to_list() == [6, 6, 7, 8]


def test_only_the_copy_in_ddf_was_seen_as_a_real_file():
    verified = {shape: known_as(SOURCE, text()).verified for shape, text in SHAPES.items()}
    assert [shape for shape, seen in verified.items() if seen] == ["DDF"]


def test_ddf_may_name_the_indicator_in_its_header():
    rows = rows_of(
        SOURCE, "geo,time,ag_lnd_irig_ag_zs\nafg,2001,5.66212\nalb,2007,17.42627\nchanisl,2001,9.3\n"
    )
    assert rows.observations.select("indicator", "place", "year", "value").rows() == [
        ("AG.LND.IRIG.AG.ZS", "AFG", 2001, 5.66212),
        ("AG.LND.IRIG.AG.ZS", "ALB", 2007, 17.42627),
        ("AG.LND.IRIG.AG.ZS", "wb-region:CHI", 2001, 9.3),
    ]


# Every group of WDI, as its table of countries lists them (2020 to 2025), and the Channel Islands.
GROUPS = (
    "AFE AFW ARB CEB CHI CSS EAP EAR EAS ECA ECS EMU EUU FCS HIC HPC IBD IBT IDA IDB IDX INX LAC LCN LDC LIC "
    "LMC LMY LTE MEA MIC MNA NAC OED OSS PRE PSS PST SAS SSA SSF SST TEA TEC TLA TMN TSA TSS UMC WLD"
).split()


@pytest.mark.parametrize("group", GROUPS)
def test_no_group_of_countries_is_taken_for_one(group: str):
    rows = rows_of(SOURCE, wide(country=group))
    assert rows.observations["place"].unique().to_list() == [f"wb-region:{group}"]
    assert rows.flows.is_empty()


@pytest.mark.parametrize(("old", "today"), [("ROM", "ROU"), ("ZAR", "COD"), ("KSV", "XKX"), ("XKX", "XKX")])
def test_codes_that_the_bank_has_withdrawn_are_those_of_today(old: str, today: str):
    assert rows_of(SOURCE, wide(country=old)).observations["place"].unique().to_list() == [today]


def test_a_zero_exchange_rate_is_kept_with_a_caveat():
    text = (
        "Country Name,Country Code,Indicator Name,Indicator Code,1984,1985\n"
        'Peru,PER,"Official exchange rate (LCU per US$, period average)",PA.NUS.FCRF,0,1.1E-08\n'
    )
    told = rows_of(SOURCE, text).observations.select("year", "value", "unit", "caveats").rows()
    unit = "LCU per US$, period average"
    assert told == [(1984, 0.0, unit, "zero-rate"), (1985, 1.1e-08, unit, "")]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("GDP (current US$)", "USD"),
        ("Foreign direct investment, net inflows (BoP, current US$)", "USD"),
        ("GDP growth (annual %)", "percent"),
        ("Unemployment, total (% of total labor force) (modeled ILO estimate)", "percent"),
        ("Labor force participation (modeled ILO estimate)", ""),
        ("Intentional homicides (per 100,000 people)", "per-100000"),
        ("GDP (constant 2015 US$)", "constant 2015 US$"),
        ("Population, total", ""),
    ],
)
def test_the_unit_is_what_the_name_holds_in_brackets(name: str, unit: str):
    text = f'Country Name,Country Code,Indicator Name,Indicator Code,2000\nPeru,PER,"{name}",X.Y,1\n'
    assert rows_of(SOURCE, text).observations["unit"].to_list() == [unit]


def test_a_row_with_a_cell_that_is_no_number_is_refused_whole_with_its_line_and_text():
    text = wide().replace("120959999.08447", "120 959 999").replace(f",{JPN},", ",,")
    rows = rows_of(SOURCE, text)
    assert faults(rows) == [
        (2, "not-a-number", "1998", "120 959 999"),
        (3, "missing-value", "indicator_code", ""),
    ]
    assert rows.read == 3
    assert rows.observations["line"].to_list() == [4]
    assert rows.refused["text"][0].startswith("Peru,PER,")
    mended = text.splitlines()[0] + "\n" + rows.refused["text"][0].replace("120 959 999", "120959999.08447")
    assert figures(rows_of(SOURCE, mended)) == {f for f in figures(rows_of(SOURCE, wide())) if f[0] == USA}


def test_a_row_of_ddf_without_a_year_is_refused():
    assert faults(rows_of(SOURCE, ddf() + "dc_dac_usal_cd,per,19990,5\n,per,1999,x\n")) == [
        (6, "not-a-year", "time", "19990"),
        (7, "not-a-number", "value", "x"),
    ]


def test_a_record_of_the_api_that_lacks_its_country_is_refused_with_its_own_text():
    records = json.loads(page())
    records[1][0] |= {"countryiso3code": "", "country": None}
    records[1][1] |= {"date": "soon"}
    rows = rows_of(SOURCE, json.dumps(records))
    assert faults(rows) == [(1, "missing-value", "code", ""), (2, "not-a-year", "year", "soon")]
    assert json.loads(rows.refused.sort("line")["text"][0]) == records[1][0]
    assert rows.read == 9


def test_a_group_without_a_code_of_three_letters_keeps_the_one_of_two():
    records = json.loads(page())
    records[1][0] |= {"countryiso3code": "", "country": {"id": "ZJ", "value": "Latin America & Caribbean"}}
    assert rows_of(SOURCE, json.dumps(records)).observations["place"][0] == "wb-region:ZJ"


def test_a_forecast_is_marked():
    records = json.loads(page())
    records[1][0]["obs_status"] = "F"
    assert rows_of(SOURCE, json.dumps(records)).observations["caveats"].to_list() == ["forecast", "", "", ""]


def test_one_page_of_several_is_told():
    assert known_as(SOURCE, page(pages=3)).caution == ("several-pages",)
    assert known_as(SOURCE, page()).caution == ()


@pytest.mark.parametrize(
    ("text", "line"), [(page()[:-40], 1), (page() + "\n[{]", 2), (page() + "\n" + '{"a": 1}', 0)]
)
def test_json_that_is_cut_off_or_of_another_kind_is_unreadable(text: str, line: int):
    with pytest.raises(UnreadableError) as told:
        rows_of(SOURCE, text)
    assert (told.value.code, told.value.line) == ("not-json", line)


@pytest.mark.parametrize(
    "text",
    [
        "Country Code,Short Name,Table Name,Long Name\nPER,Peru,Peru,Republic of Peru\n",
        "Series Code,Topic,Indicator Name\nNY.GDP.MKTP.CD,Economy,GDP\n",
        "CountryCode,SeriesCode,Year,Description\nPER,X,YR2000,note\n",
        "geo,time,population\nper,2000,1\n",
        '{"page": 1, "items": []}',
    ],
)
def test_what_lies_beside_the_data_in_the_archive_is_not_taken_for_it(text: str):
    assert SOURCE.recognise(sample_of(text)) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["PER", "USA", "LCN", "BOL"]),
            st.lists(
                st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=3, max_size=3
            ),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(60, 400),
)
def test_wide_rows_are_those_of_a_plain_loop_however_the_file_is_cut(table: list, block: int):
    lines = ["Country Name,Country Code,Indicator Name,Indicator Code,1990,1991,1992"]
    expected = []
    for position, (code, values) in enumerate(table, 2):
        lines.append(f"x,{code},x,A.B," + ",".join("" if v is None else repr(v) for v in values))
        place = "wb-region:LCN" if code == "LCN" else code
        expected += [(position, place, 1990 + i, v) for i, v in enumerate(values) if v is not None]
    rows = rows_of(SOURCE, "\n".join(lines) + "\n", block_bytes=block)
    assert rows.observations.select("line", "place", "year", "value").rows() == expected
    assert rows.read == len(table)
    assert rows.details.height == len(table)
    assert rows.details.columns == ["line", "country_name", "indicator_name"]
    assert isinstance(rows.details.schema["line"], pl.Int64)
