"""Rows set aside, mended and read again: each counts once, whatever a person does with the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.ledger.aside import MENDED, OPEN, PARTLY, as_ranges, aside, from_ranges, open_lines
from ayni.ledger.store import frame, open_ledger
from tests.intake.taking import by_stage, by_stage_summed, country, held, outcomes, put, take
from tests.intake.test_ingest import REFUGEES

HEADER = "Country Code,Country Name,Transaction Type Name,Fiscal Year,current_amount"
DAMAGED = f"""{HEADER}
PER,Peru,Obligations,2020,100
PER,Peru,Obligations,2021,many
PER,Peru,Obligations,2022
PER,"Peru,Obligations,2023,300
PER,Peru,Obligations,2024,400
"""
MEND = f"ayni_line,{HEADER}\n"


def origin_of(tmp_path, text=DAMAGED):
    (taken,) = take(tmp_path / "L", put(tmp_path / "damaged.csv", text))
    assert (taken.kept, taken.quarantined) == (2, 3)
    return taken.origin


def mend(tmp_path, origin, text, name="fixed.csv"):
    (taken,) = take(tmp_path / "L", put(tmp_path / name, text), mends=origin)
    return taken


def total(tmp_path):
    assert by_stage(tmp_path / "L") == by_stage_summed(tmp_path / "L")
    return by_stage(tmp_path / "L")[("obligated",)]


# --- mended --------------------------------------------------------------------------------------


def test_mended_rows_join_those_of_their_origin(tmp_path):
    origin = origin_of(tmp_path)
    text = "3,PER,Peru,Obligations,2021,7\n4,PER,Peru,Obligations,2022,20\n5,PER,Peru,Obligations,2023,300\n"
    taken = mend(tmp_path, origin, MEND + text)
    assert (taken.outcome, taken.origin, taken.read, taken.kept) == ("new", origin, 3, 3)
    assert total(tmp_path) == 827
    flows = frame(open_ledger(tmp_path / "L"), "flows")
    assert set(flows["origin"]) == {origin}
    assert sorted(flows["row"]) == [
        "damaged.csv:2",
        "damaged.csv:6",
        "fixed.csv:2",
        "fixed.csv:3",
        "fixed.csv:4",
    ]
    assert open_lines(open_ledger(tmp_path / "L"), origin) == frozenset()
    assert frame(open_ledger(tmp_path / "L"), "origins").height == 1


def test_what_is_still_wrong_stays_open_as_it_was(tmp_path):
    origin = origin_of(tmp_path)
    taken = mend(
        tmp_path, origin, MEND + "3,PER,Peru,Obligations,2021,lots\n4,PER,Peru,Obligations,2022,20\n"
    )
    assert (taken.kept, taken.quarantined) == (1, 1)
    assert [(one.line, one.code) for one in taken.faulty] == [(2, "not-a-number")]
    faults = aside(open_ledger(tmp_path / "L"), origin)
    assert faults.select("line", "state", "mended_by", "file").rows() == [
        (3, OPEN, "", "damaged.csv"),
        (4, MENDED, "fixed.csv", "damaged.csv"),
        (5, OPEN, "", "damaged.csv"),
    ]


def test_rows_can_be_mended_one_after_another(tmp_path):
    origin = origin_of(tmp_path)
    for line, year, amount in ((4, 2022, 20), (3, 2021, 7), (5, 2023, 300)):
        mend(tmp_path, origin, f"{MEND}{line},PER,Peru,Obligations,{year},{amount}\n", f"fixed{line}.csv")
    assert total(tmp_path) == 827


def test_no_row_is_mended_twice_however_the_file_was_changed(tmp_path):
    origin = origin_of(tmp_path)
    row = "4,PER,Peru,Obligations,2022,20\n"
    mend(tmp_path, origin, MEND + row)
    before = held(tmp_path / "L")
    assert outcomes([mend(tmp_path, origin, MEND + row)]) == {"fixed.csv": "known"}
    again = mend(tmp_path, origin, MEND + "3,PER,Peru,Obligations,2021,7\n" + row.replace("20\n", "21\n"))
    assert again.fault is not None
    assert (again.fault.code, again.fault.line, again.fault.found) == ("not-aside", 3, "4")
    assert held(tmp_path / "L") == before
    assert total(tmp_path) == 520


def test_one_line_may_hold_several_rows(tmp_path):
    origin = origin_of(tmp_path)
    rows = "4,PER,Peru,Obligations,2022,20\n4,CHL,Chile,Obligations,2022,1\n"
    assert mend(tmp_path, origin, MEND + rows).kept == 2
    assert total(tmp_path) == 521


def test_rows_that_were_left_out_stay_open(tmp_path):
    origin = origin_of(tmp_path)
    mend(tmp_path, origin, MEND + "4,PER,Peru,Obligations,2022,20\n")
    assert open_lines(open_ledger(tmp_path / "L"), origin) == {3, 5}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{HEADER}\nPER,Peru,Obligations,2022,20\n", "no-lines"),
        (MEND + "2,PER,Peru,Obligations,2022,20\n", "not-aside"),
        (MEND + ",PER,Peru,Obligations,2022,20\n", "not-aside"),
        (MEND + "four,PER,Peru,Obligations,2022,20\n", "not-aside"),
        (MEND + "-4,PER,Peru,Obligations,2022,20\n", "not-aside"),
        (MEND + f"{4 * 10**30},PER,Peru,Obligations,2022,20\n", "not-aside"),
        (MEND + "4,PER,Peru,Obligations,2022\n", "no-rows"),
        (f"ayni_line,{REFUGEES}4,2020,Peru,PER,Chile,CHL,7,12\n", "other-dataset"),
        ("ayni_line,a,b\n4,5,6\n", "unknown"),
        ('{"ayni_line": 4}', "no-lines"),
    ],
)
def test_a_file_that_cannot_mend_changes_nothing(tmp_path, text, code):
    origin = origin_of(tmp_path)
    before = held(tmp_path / "L")
    assert outcomes([mend(tmp_path, origin, text)]) == {"fixed.csv": code}
    assert held(tmp_path / "L") == before


def test_rows_swallowed_by_a_quote_are_told(tmp_path):
    # Two quotes left as they were, one at the begin and one at the end of a cell, make a pair side by side.
    origin = origin_of(tmp_path)
    text = MEND + '3,PER,"Peru,Obligations,2021,7\n4,PER,Peru",Obligations,2022,20\n'
    taken = mend(tmp_path, origin, text)
    assert taken.fault is not None
    assert (taken.fault.code, taken.fault.line) == ("swallowed", 2)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_file_that_mends_may_come_back_with_another_delimiter(tmp_path, delimiter):
    # Spreadsheets write the one of their country.
    origin = origin_of(tmp_path)
    text = (MEND + "4,PER,Peru,Obligations,2022,20\n").replace(",", delimiter)
    assert mend(tmp_path, origin, text).kept == 1
    assert total(tmp_path) == 520


def test_a_cell_set_aside_cannot_be_mended_apart_from_its_row(tmp_path):
    # The rest of the row counts already: mended as a row, it would count twice.
    text = REFUGEES + "2020,Peru,PER,Chile,CHL,*,12\n20x1,Peru,PER,Chile,CHL,7,8\n"
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", text))
    assert open_lines(open_ledger(tmp_path / "L"), taken.origin) == {3}
    told = mend(tmp_path, taken.origin, f"ayni_line,{REFUGEES}2,2020,Peru,PER,Chile,CHL,3,12\n")
    assert outcomes([told]) == {"fixed.csv": "not-aside"}


def test_a_cell_set_aside_while_mending_is_recorded(tmp_path):
    text = REFUGEES + "2020,Peru,PER,Chile,CHL,3,12\n20x1,Peru,PER,Chile,CHL,7,8\n"
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", text))
    fixed = mend(tmp_path, taken.origin, f"ayni_line,{REFUGEES}3,2021,Peru,PER,Chile,CHL,*,8\n")
    assert (fixed.kept, fixed.partly, fixed.quarantined) == (1, 1, 0)
    told = aside(open_ledger(tmp_path / "L")).select("file", "line", "state").rows()
    assert told == [("a.csv", 3, MENDED), ("fixed.csv", 2, PARTLY)]


def test_origins_are_mended_apart(tmp_path):
    first = origin_of(tmp_path)
    (other,) = take(tmp_path / "L", put(tmp_path / "other.csv", DAMAGED + "PER,Peru,Obligations,2025,1\n"))
    mend(tmp_path, first, MEND + "4,PER,Peru,Obligations,2022,20\n")
    ledger = open_ledger(tmp_path / "L")
    assert open_lines(ledger, first) == {3, 5}
    assert open_lines(ledger, other.origin) == {3, 4, 5}


def test_thousands_of_damaged_rows_are_mended_to_the_dollar(tmp_path):
    made = country(rows=4000)
    header, *rows = made.data.decode().rstrip("\n").split("\n")
    bad = {n for n in range(len(rows)) if n % 7 == 0}
    damaged = [row.rpartition(",")[0] if n in bad else row for n, row in enumerate(rows)]
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", "\n".join([header, *damaged, ""])))
    assert taken.quarantined == len(bad)
    mended = [f"{n + 2},{rows[n]}" for n in sorted(bad)]
    mend(tmp_path, taken.origin, "\n".join([f"ayni_line,{header}", *mended, ""]))
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


# --- ranges --------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 60)))
@settings(max_examples=100)
def test_ranges_read_back(lines):
    assert set(from_ranges(as_ranges(lines))) == lines


def test_ranges_are_short():
    assert as_ranges([3, 1, 2, 2, 9, 11, 12]) == "1-3;9;11-12"
    assert as_ranges(range(2, 400_002)) == "2-400001"
