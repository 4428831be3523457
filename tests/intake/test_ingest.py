"""Files into a ledger: what they add up to, what is told of them, and that one does not stop the others."""

from __future__ import annotations

import io
import os
from pathlib import Path

import polars as pl
import pytest

from ayni.intake.ingest import _Intake, ingest
from ayni.intake.records import Settings
from ayni.ledger.store import LedgerError, frame, open_ledger
from ayni.sources import foreign_assistance
from tests.intake.taking import by_stage, by_stage_summed, country, held, outcomes, put, put_gz, put_zip, take

TIDY = """
rows = "flows"
[origin]
publisher = "APCI"
title = "Cooperation"
licence = "not-stated"
vintage = "2024"
[columns]
provider = "Donante"
year = "Año"
amount = "Monto"
[constants]
recipient = "PER"
stage = "disbursed"
currency = "USD"
"""
REFUGEES = (
    "Year,Country of origin,Country of origin (ISO),Country of asylum,Country of asylum (ISO),"
    "Refugees under UNHCR's mandate,Asylum-seekers\n"
)


# --- totals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["quoted", "plain", "snake", "retyped", "junk"])
def test_a_file_adds_up_to_what_it_was_made_of(tmp_path, style):
    made = country(style=style)
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", made.data))
    expected = {stage: total for stage, total in made.truth.by("stage").items() if total}
    assert {k: v for k, v in by_stage(tmp_path / "L").items() if v} == expected
    assert by_stage_summed(tmp_path / "L") == by_stage(tmp_path / "L")
    assert (taken.outcome, taken.read, taken.kept, taken.quarantined) == (
        "new",
        made.truth.rows,
        made.truth.rows,
        0,
    )
    assert taken.size_bytes == len(made.data)


def test_archives_and_folders_add_up_like_their_files(tmp_path):
    one, two, three = country(seed=1), country(seed=2), country(seed=3)
    (tmp_path / "in" / "deep").mkdir(parents=True)
    put_zip(tmp_path / "in" / "deep" / "a.zip", {"x.csv": one.data, "y.csv": two.data, "notes.txt": b"hello"})
    put_gz(tmp_path / "in" / "b.csv.gz", three.data)
    put(tmp_path / "in" / "readme.md", "# Hello, all\n")
    taken = take(tmp_path / "L", tmp_path / "in")
    assert outcomes(taken) == {
        "b.csv.gz/b.csv": "new",
        "a.zip/x.csv": "new",
        "a.zip/y.csv": "new",
        "a.zip/notes.txt": "unknown",
        "readme.md": "unknown",
    }
    assert {one.outcome for one in taken if one.fault} == {"skipped"}
    total = {
        key: sum(m.truth.by("stage").get(key, 0) for m in (one, two, three)) for key in one.truth.by("stage")
    }
    assert by_stage(tmp_path / "L") == total


def test_a_file_that_no_source_knows_is_told_when_it_was_named_itself(tmp_path):
    (taken,) = take(tmp_path / "L", put(tmp_path / "readme.md", "# Hello, all\n"))
    assert (taken.outcome, taken.fault.code if taken.fault else "") == ("unreadable", "unknown")


def test_every_row_says_where_it_stands(tmp_path):
    made = country(rows=40)
    take(tmp_path / "L", put(tmp_path / "a.csv", made.data))
    flows = frame(open_ledger(tmp_path / "L"), "flows")
    lines = made.data.decode().split("\n")
    assert flows.height == made.truth.rows
    for row, amount in flows.select("row", "amount").rows():
        file, _, line = row.rpartition(":")
        assert file == "a.csv"
        assert float(lines[int(line) - 1].split(",")[-2]) == amount


# --- what is counted -----------------------------------------------------------------------------


def test_rows_kept_in_part_are_kept_and_their_cell_is_set_aside(tmp_path):
    # UNHCR hides 1 to 4 persons behind a star: no figure is made of it, the others in the row stay.
    text = REFUGEES + (
        "2020,Peru,PER,Chile,CHL,*,12\n"
        "2021,Peru,PER,Chile,CHL,7,*\n"
        "2022,Peru,PER,Chile,CHL,*,*\n"
        "2023,Peru,PER,Chile,CHL,-,-\n"
        "2024,Peru,PER,Chile,CHL,5,6\n"
        "20x5,Peru,PER,Chile,CHL,5,6\n"
    )
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", text))
    assert (taken.read, taken.kept, taken.partly, taken.quarantined) == (6, 3, 2, 2)
    ledger = open_ledger(tmp_path / "L")
    assert frame(ledger, "observations").select("row", "value").rows() == [
        ("a.csv:2", 12.0),
        ("a.csv:3", 7.0),
        ("a.csv:6", 5.0),
        ("a.csv:6", 6.0),
    ]
    aside = frame(ledger, "quarantine").select("line", "partly", "code").rows()
    assert sorted(aside) == [
        (2, True, "redacted"),
        (3, True, "redacted"),
        (4, False, "redacted"),
        (4, False, "redacted"),
        (7, False, "not-a-year"),
    ]
    (row,) = frame(ledger, "ingests").select("read", "kept", "quarantined").rows()
    assert row == (6, 3, 2)


def test_records_on_one_line_are_each_counted(tmp_path):
    record = (
        '<transaction><transaction-type code="3"/><transaction-date iso-date="2020-01-0{n}"/>'
        '<value value-date="2020-01-01">{value}</value></transaction>'
    )
    records = "".join(record.format(n=n, value=f"{n}00" if n != 4 else "four") for n in range(1, 8))
    text = (
        '<iati-activities version="2.03"><iati-activity default-currency="USD"><iati-identifier>X-1'
        '</iati-identifier><reporting-org ref="US-GOV-1" type="10"><narrative>A</narrative></reporting-org>'
        f'<recipient-country code="PE"/>{records}</iati-activity></iati-activities>'
    )
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.xml", text))
    assert (taken.read, taken.kept, taken.partly, taken.quarantined) == (7, 6, 0, 1)
    assert by_stage(tmp_path / "L") == {("disbursed",): 2400}


def test_a_file_without_any_row_is_in_the_ledger_and_adds_nothing(tmp_path):
    header = country(rows=10).data.split(b"\n")[0] + b"\n"
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", header))
    assert (taken.outcome, taken.read, taken.sums) == ("new", 0, ())
    assert outcomes(take(tmp_path / "L", tmp_path / "a.csv")) == {"a.csv": "known"}


def test_a_file_of_which_no_row_can_be_read_leaves_nothing(tmp_path):
    header = country(rows=10).data.split(b"\n")[0]
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", header + b"\n1,2\n3,4\n"))
    assert outcomes([taken]) == {"a.csv": "no-rows"}
    assert [fault.line for fault in taken.faulty] == [2, 3]
    assert held(tmp_path / "L") == (b"", frozenset())


# --- one file and the others ---------------------------------------------------------------------


def test_a_faulty_mapping_is_told_whole_and_the_rest_of_the_folder_is_read(tmp_path):
    folder = tmp_path / "in"
    put(folder / "a.csv", "Donante,Año,Monto\nUSA,2024,5\n")
    put(folder / "a.csv.toml", TIDY.replace('"Monto"', '"Montante"').replace('year = "Año"', 'year = "Anno"'))
    put(folder / "b.csv", "Donante,Año,Monto\nUSA,2024,5\n")
    put(folder / "b.csv.toml", "rows = 7\n[origin\n")
    put(folder / "c.csv", "Donante,Año,Monto\nUSA,2024,5\nESP,2023,7\n")
    put(folder / "c.csv.toml", TIDY)
    taken = take(tmp_path / "L", folder)
    assert outcomes(taken) == {"a.csv": "mapping", "b.csv": "mapping", "c.csv": "new"}
    told = {(one.file, problem.file, problem.line, problem.code) for one in taken for problem in one.problems}
    assert told == {
        ("a.csv", "a.csv.toml", 10, "missing-column"),
        ("a.csv", "a.csv.toml", 11, "missing-column"),
        ("b.csv", "b.csv.toml", 2, "not-toml"),
    }
    assert by_stage(tmp_path / "L") == {("disbursed",): 12}


@pytest.mark.parametrize(
    "fault", [KeyError("a defect"), MemoryError(), pl.exceptions.PanicException("panicked")]
)
def test_a_defect_of_a_source_costs_that_file_alone(tmp_path, monkeypatch, fault):
    made = country(rows=20)
    put(tmp_path / "in" / "a.csv", made.data)
    put(tmp_path / "in" / "b.csv", country(rows=20, seed=2).data)
    really = foreign_assistance.table

    def failing(frame, plan):
        if frame.height == made.truth.rows:
            raise fault
        return really(frame, plan)

    monkeypatch.setattr(foreign_assistance, "table", failing)
    assert country(rows=20, seed=2).truth.rows != made.truth.rows, "the files are told apart by their rows"
    taken = take(tmp_path / "L", tmp_path / "in")
    assert outcomes(taken) == {"a.csv": "defect", "b.csv": "new"}
    assert taken[0].fault is not None
    assert type(fault).__name__ in taken[0].fault.found
    assert by_stage(tmp_path / "L") == country(rows=20, seed=2).truth.by("stage")


def test_an_interruption_is_nobodys_defect(tmp_path, monkeypatch):
    monkeypatch.setattr(_Intake, "_looked", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        take(tmp_path / "L", put(tmp_path / "a.csv", country(rows=10).data))


def test_what_was_read_before_a_file_that_cannot_be_read_stays(tmp_path):
    good, bad = country(seed=5), country(seed=6)
    put(tmp_path / "in" / "a.csv", good.data)
    put(tmp_path / "in" / "b.csv.gz", b"\x1f\x8b\x08\x00" + bytes(20))
    put_gz(tmp_path / "in" / "c.gz", bad.data)
    packed = (tmp_path / "in" / "c.gz").read_bytes()
    put(tmp_path / "in" / "c.gz", packed[: len(packed) // 2])
    told = outcomes(take(tmp_path / "L", tmp_path / "in"))
    assert told["a.csv"] == "new"
    assert set(told.values()) <= {"new", "truncated", "damaged-archive"}
    assert by_stage(tmp_path / "L") == good.truth.by("stage")


def test_a_pipe_in_a_folder_does_not_stop_the_reading(tmp_path):
    made = country(rows=20)
    put(tmp_path / "in" / "b.csv", made.data)
    os.mkfifo(tmp_path / "in" / "a")
    assert outcomes(take(tmp_path / "L", tmp_path / "in")) == {"a": "not-a-file", "b.csv": "new"}


def test_a_zip_in_a_zip_is_told_and_not_passed_over(tmp_path):
    inner = put_zip(tmp_path / "inner.zip", {"a.csv": country(rows=20).data})
    outer = put_zip(tmp_path / "outer.zip", {"inner.zip": inner.read_bytes(), "b.csv": country(rows=20).data})
    assert outcomes(take(tmp_path / "L", outer)) == {
        "outer.zip/inner.zip": "nested",
        "outer.zip/b.csv": "new",
    }


def test_members_are_unpacked_nowhere_but_where_they_vanish(tmp_path, monkeypatch):
    rows = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(rows)
    names = ["../../evil.parquet", "/evil.parquet", "..", "a/.."]
    archive = put_zip(tmp_path / "a.zip", dict.fromkeys(names, rows.getvalue()))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    told = take(tmp_path / "L", archive)
    assert {one.fault.code for one in told if one.fault} == {"unknown"}
    assert len(told) == 4
    assert list((tmp_path / "tmp").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["L", "a.zip", "tmp"]


# --- encodings -----------------------------------------------------------------------------------

SPANISH = "Donante,Año,Monto\nEspaña,2024,5\nPerú,2023,7\n"
SPANISH_MAPPING = TIDY + '[values.provider]\n"España" = "ESP"\n"Perú" = "PER"\n'


@pytest.mark.parametrize(
    ("written", "named", "recorded"),
    [
        ("utf-8", "", "utf-8"),
        ("utf-8-sig", "", "utf-8"),
        ("utf-16", "", "utf-16"),
        ("cp1252", "", "cp1252"),
        ("mac_roman", "mac-roman", "mac-roman"),
    ],
)
def test_accents_arrive_in_every_encoding_and_it_is_recorded(tmp_path, written, named, recorded):
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING)
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", SPANISH.encode(written)), encoding=named)
    assert (taken.encoding, taken.quarantined) == (recorded, 0)
    assert frame(open_ledger(tmp_path / "L"), "flows")["provider"].to_list() == ["ESP", "PER"]


def test_one_damaged_row_of_utf8_is_set_aside_with_a_guess(tmp_path):
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING)
    data = SPANISH.encode() + "España,2022,9\n".encode("cp1252") + "España,2021,2\n".encode()
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", data))
    assert [(one.line, one.code, one.found, one.text) for one in taken.faulty] == [
        (4, "not-utf8", "0xf1", "España,2022,9")
    ]
    assert by_stage(tmp_path / "L") == {("disbursed",): 14}


def test_windows_text_is_found_out_however_late_its_first_accent_comes(tmp_path):
    # The beginning is the same in UTF-8 and in Windows' encoding; the rest tells.
    plain = "USA,2024,1\n" * 40_000
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING + '"USA" = "USA"\n')
    text = SPANISH[: SPANISH.index("\n") + 1].replace("Año", "Year") + plain + "España,2020,5\n"
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING.replace('"Año"', '"Year"') + '"USA" = "USA"\n')
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", text.encode("cp1252")))
    assert (taken.encoding, taken.read, taken.kept) == ("cp1252", 40_001, 40_001)
    assert by_stage(tmp_path / "L") == {("disbursed",): 40_005}


def test_damaged_rows_of_utf8_stay_damaged_however_late_they_come(tmp_path):
    plain = "USA,2024,1\n" * 40_000
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING.replace('"Año"', '"Year"') + '"USA" = "USA"\n')
    text = "Donante,Year,Monto\n" + plain
    data = text.encode() + "España,2020,5\n".encode("cp1252") + "España,2020,5\n".encode()
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", data))
    assert (taken.encoding, taken.kept, taken.quarantined) == ("utf-8", 40_001, 1)


def test_a_wrong_encoding_is_told(tmp_path):
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING)
    path = put(tmp_path / "a.csv", SPANISH)
    assert outcomes(take(tmp_path / "L", path, encoding="cp1252")) == {"a.csv": "is-utf8"}
    assert outcomes(take(tmp_path / "L", path, encoding="utf-16-le")) == {"a.csv": "is-utf8"}
    assert outcomes(take(tmp_path / "L", path, encoding="ascii")) == {"a.csv": "encoding"}
    put(tmp_path / "b.csv", country(rows=10).data[:400].rstrip())
    assert outcomes(take(tmp_path / "L", tmp_path / "b.csv", encoding="utf-16-le")) == {"b.csv": "unknown-as"}
    assert held(tmp_path / "L") == (b"", frozenset())


def test_the_same_bytes_in_another_encoding_are_another_reading(tmp_path):
    put(tmp_path / "a.csv.toml", SPANISH_MAPPING.replace('"Año"', '"Year"') + '"USA" = "USA"\n')
    path = put(tmp_path / "a.csv", (SPANISH.replace("Año", "Year") + "USA,2024,1\n").encode("mac_roman"))
    (first,) = take(tmp_path / "L", path)
    assert (first.encoding, first.kept, first.quarantined) == ("cp1252", 1, 2)
    (second,) = take(tmp_path / "L", path, encoding="mac-roman")
    assert (second.outcome, second.kept, second.origin) == ("new", 3, f"{first.origin}-2")
    assert outcomes(take(tmp_path / "L", path, encoding="mac-roman")) == {"a.csv": "known"}
    assert outcomes(take(tmp_path / "L", path)) == {"a.csv": "known"}


# --- where it goes -------------------------------------------------------------------------------


def test_a_folder_with_a_broken_manifest_is_refused_and_left_as_it_is(tmp_path):
    put(tmp_path / "L" / "manifest.json", "{}")
    with pytest.raises(LedgerError, match="manifest"):
        list(ingest([put(tmp_path / "a.csv", country(rows=10).data)], tmp_path / "L"))
    assert (tmp_path / "L" / "manifest.json").read_text() == "{}"


def test_an_origin_that_is_not_there_cannot_be_mended(tmp_path):
    with pytest.raises(LedgerError, match="no origin"):
        list(ingest([tmp_path], tmp_path / "L", Settings(mends="nothing")))


def test_a_file_that_is_not_there_is_the_callers_fault(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        take(tmp_path / "L", tmp_path / "nothing.csv")
