"""SDMX-CSV: every layout of the standard gives the same rows, through the library and without its losses."""

# mypy: disable-error-code="union-attr, index"
from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysdmx.io import read_sdmx

from ayni.sources import sdmx
from ayni.sources.contract import OBSERVATION_ROWS, Rows, UnreadableError
from ayni.sources.sdmx import SOURCE
from tests.sources.reading import faults, known_as, rows_of, sample_of

# ODA of DAC countries in 2015, net: 131,585.51 million US dollars, as OECD's service prints it.
FLOW = "OECD.DCD.FSD:DSD_DAC1@DF_DAC1(1.7)"
ROWS = (
    ("DAC", "1010", "USD", "2015", "131585.51", "A", "6"),
    ("USA", "0020", "USD", "2015-Q1", "30986.40", "E", "6"),
    ("PER", "1010", "XDC", "2016-07", "-0.5", "", "0"),
    ("PE", "1010", "XDC", "2017", "", "M", ""),
)
NAMES = {
    "DONOR": "Donor",
    "MEASURE": "Measure",
    "UNIT_MEASURE": "Unit of measure",
    "TIME_PERIOD": "Time period",
    "OBS_VALUE": "Observation value",
    "OBS_STATUS": "Observation status",
    "UNIT_MULT": "Unit multiplier",
}


def written(header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def first() -> str:
    return written(["DATAFLOW", *NAMES], [[FLOW, *row] for row in ROWS])


def second(action: str = "I") -> str:
    head = ["STRUCTURE", "STRUCTURE_ID", "ACTION", *NAMES]
    return written(head, [["dataflow", FLOW, action, *row] for row in ROWS])


def both(separator: str = ": ") -> str:
    head = ["STRUCTURE", "STRUCTURE_ID", "ACTION", *(f"{k}{separator}{v}" for k, v in NAMES.items())]
    named = ({"DAC": "DAC: DAC countries", "A": "A: Normal value", "1010": "1010: ODA"},)
    rows = [[named[0].get(cell, cell) for cell in row] for row in ROWS]
    return written(head, [["dataflow", f"{FLOW}: DAC1", "I", *row] for row in rows])


def named() -> str:
    head = ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION"]
    head += [cell for pair in NAMES.items() for cell in pair]
    return written(
        head,
        [["DATAFLOW", FLOW, "DAC1", "I", *(c for cell in row for c in (cell, "a name"))] for row in ROWS],
    )


LAYOUTS: dict[str, Callable[[], str]] = {
    "1.0": first,
    "2.0": second,
    "2.0, codes with labels": both,
    "2.0, codes with labels as BIS writes them": lambda: both(":"),
    "2.0, labels in columns of their own": named,
}


def figures(rows: Rows) -> list[tuple[object, ...]]:
    columns = "line indicator place year part_year value unit status caveats".split()
    return rows.observations.select(columns).rows()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_observations(layout: str):
    rows = rows_of(SOURCE, LAYOUTS[layout]())
    flow = "DSD_DAC1@DF_DAC1"
    assert figures(rows) == [
        (2, f"{flow}/1010.USD", "sdmx-area:DAC", 2015, "", 131_585_510_000.0, "USD", "counted", ""),
        (3, f"{flow}/0020.USD", "USA", 2015, "Q1", 30_986_400_000.0, "USD", "estimated", ""),
        (4, f"{flow}/1010.XDC", "PER", 2016, "M07", -0.5, "XDC", "counted", ""),
    ]
    assert rows.read == 4
    assert faults(rows) == []
    assert dict(rows.observations.schema) == OBSERVATION_ROWS
    assert rows.details.select("line", "value", "unit_mult").rows()[0] == (2, "131585.51", "6")


def slowly(text: str) -> list[tuple[object, ...]]:
    """Read plain SDMX-CSV 1.0 row by row with nothing but the standard library."""
    found: list[tuple[object, ...]] = []
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        if row["OBS_VALUE"]:
            scale = Decimal(10) ** int(row["UNIT_MULT"] or 0)
            flow = row["DATAFLOW"].split(":")[1].split("(")[0]
            year, _, part = row["TIME_PERIOD"].partition("-")
            value = float(Decimal(row["OBS_VALUE"]) * scale)
            key = f"{flow}/{row['ACTIVITY']}"
            found.append((line, key, row["REF_AREA"], int(year), part and f"M{part}", value))
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["PER", "USA", "NAM"]),
            st.sampled_from(["0020", "20", "1.0", "1.10", "NA", "null", "true", "1e3", "", "_Z", "x,y"]),
            st.sampled_from(["1999", "2024-01", "2024-12"]),
            st.decimals(-(10**9), 10**9, places=5, allow_nan=False).map(str) | st.just(""),
            st.sampled_from(["0", "3", "6", "-2", ""]),
        ),
        min_size=1,
        max_size=40,
    ),
    st.integers(100, 1000),
)
def test_rows_are_those_of_a_slow_reader_with_every_code_as_printed(table: list[tuple[str, ...]], block: int):
    head = ["DATAFLOW", "REF_AREA", "ACTIVITY", "TIME_PERIOD", "OBS_VALUE", "UNIT_MULT"]
    text = written(head, [["A:F(1.0)", *row] for row in table])
    rows = rows_of(SOURCE, text, block_bytes=block)
    columns = "line indicator place year part_year value".split()
    assert rows.observations.select(columns).rows() == slowly(text)


def test_the_library_alone_reads_the_same_values_and_loses_leading_zeros():
    text = "DATAFLOW,REF_AREA,ACTIVITY,TIME_PERIOD,OBS_VALUE\n" + "".join(
        f"IT1:F(1.0),ITA,0020,{year},{year - 1990}.50\n" for year in range(2000, 2010)
    )
    alone = read_sdmx(text).get_dataset("Dataflow=IT1:F(1.0)").data
    ours = rows_of(SOURCE, text).observations
    assert ours["value"].to_list() == [float(value) for value in alone["OBS_VALUE"]]
    assert ours["year"].to_list() == [int(period) for period in alone["TIME_PERIOD"]]
    # Should this fail, the library has been mended and the guard row can go.
    assert set(alone["ACTIVITY"]) == {"20"}
    assert set(ours["indicator"]) == {"F/0020"}


def test_codes_keep_their_zeros_through_many_batches(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sdmx, "_BATCH_CELLS", 30)
    text = "DATAFLOW,REF_AREA,ACTIVITY,TIME_PERIOD,OBS_VALUE\n" + "".join(
        f"IT1:F{number % 3}(1.0),ITA,0020,2000,{number}\n" for number in range(100)
    )
    observed = rows_of(SOURCE, text).observations
    assert observed["value"].to_list() == list(range(100))
    assert observed["line"].to_list() == list(range(2, 102))
    assert observed["indicator"].to_list() == [f"F{number % 3}/0020" for number in range(100)]


def test_codes_keep_their_zeros_in_a_wide_table_of_the_size_of_a_batch():
    many = [f"D{number}" for number in range(60)]
    row = ",".join(["007"] * 60)
    text = ",".join(["DATAFLOW", "REF_AREA", *many, "TIME_PERIOD", "OBS_VALUE"]) + "\n"
    text += f"A:F(1.0),PER,{row},2000,1\n" * 5000
    indicators = rows_of(SOURCE, text).observations["indicator"]
    assert indicators.unique().to_list() == ["F/" + ".".join(["007"] * 60)]


@pytest.mark.parametrize(
    ("period", "year", "part"),
    [
        ("2024", 2024, ""),
        ("2024-A1", 2024, ""),
        ("2024-Q3", 2024, "Q3"),
        ("2024Q3", 2024, "Q3"),
        ("2024-S2", 2024, "S2"),
        ("2024-02", 2024, "M02"),
        ("2024-M02", 2024, "M02"),
        ("2024-W05", 2024, "W05"),
        ("2024-02-15", 2024, "D02-15"),
    ],
)
def test_periods_are_years_and_parts_of_years(period: str, year: int, part: str):
    text = f"DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nA:F(1.0),PER,{period},1\n"
    assert rows_of(SOURCE, text).observations.select("year", "part_year").rows() == [(year, part)]


@pytest.mark.parametrize(
    ("area", "place"),
    [("PER", "PER"), ("PE", "PER"), ("EL", "GRC"), ("EA20", "sdmx-area:EA20"), ("U2", "sdmx-area:U2")],
)
def test_only_countries_stand_without_a_prefix(area: str, place: str):
    text = f"DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE\nA:F(1.0),{area},2000,1\n"
    assert rows_of(SOURCE, text).observations["place"].to_list() == [place]


def test_the_other_area_of_a_pair_is_the_counterpart():
    text = "DATAFLOW,DONOR,RECIPIENT,MEASURE,TIME_PERIOD,OBS_VALUE\nA:F(1.0),USA,PER,206,2000,1\n"
    told = rows_of(SOURCE, text).observations.select("indicator", "place", "counterpart").rows()
    assert told == [("F/206", "USA", "PER")]


@pytest.mark.parametrize(
    ("letter", "status", "caveats"),
    [
        ("A", "counted", ""),
        ("E", "estimated", ""),
        ("I", "estimated", ""),
        ("F", "modelled", "forecast"),
        ("P", "counted", "provisional"),
        ("be", "estimated", "method-break"),
        ("R", "revised", ""),
        ("Y", "counted", "obs-status-y"),
    ],
)
def test_the_status_of_an_observation_is_kept(letter: str, status: str, caveats: str):
    text = f"DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nA:F(1.0),PER,2000,1,{letter}\n"
    assert rows_of(SOURCE, text).observations.select("status", "caveats").rows() == [(status, caveats)]


def test_eurostats_columns_and_its_day_of_update_are_known():
    text = (
        "DATAFLOW,LAST UPDATE,freq,unit,na_item,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        "ESTAT:NAMA_10_GDP(1.0),24/10/25 11:00:00,A,CP_MEUR,B1GQ,EL,2024,237573.5,p,F\n"
    )
    known = known_as(SOURCE, text)
    assert (known.vintage, known.title) == ("2025-10-24", "ESTAT:NAMA_10_GDP(1.0)")
    rows = rows_of(SOURCE, text)
    assert figures(rows) == [
        (2, "NAMA_10_GDP/A.CP_MEUR.B1GQ", "GRC", 2024, "", 237_573.5, "CP_MEUR", "counted", "provisional")
    ]
    assert rows.details["attributes"].to_list() == ["OBS_FLAG=p; CONF_STATUS=F"]


def test_what_is_no_observation_is_refused_with_its_line():
    text = (
        "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
        "dataflow,A:F(1.0),I,PER,2000,1,0\n"
        "dataflow,A:F(1.0),D,PER,2001,1,0\n"
        "metadata,A:F(1.0),I,PER,2002,1,0\n"
        "dataflow,A:F(1.0),I,,2003,1,0\n"
        "dataflow,A:F(1.0),I,PER,2004-13,1,0\n"
        'dataflow,A:F(1.0),I,PER,2005,"1,5",0\n'
        "dataflow,A:F(1.0),I,PER,2006,1,million\n"
        "dataflow,A:F(1.0),I,PER,2007,1\n"
        "dataflow,A:F(1.0),I,PER,2008,NaN,0\n"
    )
    rows = rows_of(SOURCE, text)
    assert faults(rows) == [
        (3, "unknown-code", "action", "D"),
        (4, "unknown-code", "structure", "metadata"),
        (5, "missing-value", "ref_area", ""),
        (6, "not-a-year", "time_period", "2004-13"),
        (7, "not-a-number", "obs_value", "1,5"),
        (8, "not-a-number", "unit_mult", "million"),
        (9, "ragged", "", "6"),
    ]
    assert rows.read == 9
    assert rows.observations["line"].to_list() == [2]


def test_a_power_of_ten_is_applied_to_the_decimal_and_not_to_the_float():
    text = "DATAFLOW,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT\n"
    text += "A:F(1.0),PER,2000,4.35,2\nA:F(1.0),PER,2000,1.1e1,-1\n"
    assert 4.35 * 100 != 435
    assert rows_of(SOURCE, text).observations["value"].to_list() == [435.0, 1.1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_without_the_library_it_is_said_how_to_install_it(layout: str, monkeypatch: pytest.MonkeyPatch):
    for version in ("sdmx10", "sdmx20"):
        monkeypatch.setitem(sys.modules, f"pysdmx.io.csv.{version}.reader", None)
    with pytest.raises(UnreadableError) as told:
        rows_of(SOURCE, LAYOUTS[layout]())
    assert (told.value.code, told.value.expected) == ("needs-extra", 'pip install "ayni[sdmx]"')


@pytest.mark.parametrize(
    "text",
    [
        "DATAFLOW,REF_AREA,TIME_PERIOD\nA:F(1.0),PER,2000\n",
        "STRUCTURE,REF,VALUE\na,b,c\n",
        "REF_AREA,TIME_PERIOD,OBS_VALUE\nPER,2000,1\n",
    ],
)
def test_what_lacks_the_marks_of_the_standard_is_not_taken_for_it(text: str):
    assert SOURCE.recognise(sample_of(text)) is None
