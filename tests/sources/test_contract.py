"""What a source and the intake say to each other."""

from __future__ import annotations

import csv
import io

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ayni.sources.contract import REFUSED, plain_name, refuse, refused_rows

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_refused_row_reads_back_cell_by_cell(rows: list[list[str]]):
    frame = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.String), orient="row")
    told = refused_rows(frame.with_row_index("line"), "not-a-number", column="b", expected="1")
    read = [next(csv.reader(io.StringIO(text, newline=""), strict=True)) for text in told["text"]]
    assert read == rows
    assert told["found"].to_list() == [row[1] for row in rows]


def test_only_the_rows_at_fault_are_refused_with_their_lines():
    frame = pl.DataFrame({"a": ["1", "x", None], "line": [2, 3, 4]})
    told = refuse(frame, pl.col("a") == "x", "not-a-number", column="a", expected="12")
    assert told.rows() == [(3, "not-a-number", "a", "x", "12", "x")]
    assert dict(told.schema) == REFUSED


def test_names_are_plain_whatever_their_style():
    styles = ["Country Code", '"country_code"', " COUNTRY-code ", "\ufeffCountry  Code"]
    assert {plain_name(one) for one in styles} == {"country_code"}
    assert plain_name("Año") == "año"
