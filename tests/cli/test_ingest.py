"""``ayni ingest`` and ``ayni quarantine``: what is said, exit codes, and the way back of a damaged row."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ayni
from ayni.language import LANGUAGES
from ayni.ledger.drafts import drafting
from ayni.ledger.store import MANIFEST, PARTS
from ayni.sources.delimited_cells import delimited_line, split_cells
from tests.cli.running import Ran, run
from tests.intake.taking import by_stage, country, held, put, put_zip
from tests.intake.test_ingest import REFUGEES, TIDY
from tests.made import damage

HEADER = "Country Code,Country Name,Transaction Type Name,Fiscal Year,current_amount"
SOUND = f"{HEADER}\nPER,Peru,Obligations,2020,100\nPER,Peru,Obligations,2021,-7\n"
DAMAGED = SOUND + "PER,Peru,Obligations,2022,many\nPER,Peru,Obligations\n"
ORIGIN = "fagov-country-2024-12-22"


@pytest.fixture
def ingest(capsys, tmp_path):
    """Run ``ayni ingest`` into the ledger L."""

    def ran(*words: object, into: str = "L") -> Ran:
        return run(capsys, "ingest", *map(str, words), "--into", str(tmp_path / into))

    return ran


@pytest.fixture
def quarantine(capsys, tmp_path):
    def ran(*words: object) -> Ran:
        return run(capsys, "quarantine", *map(str, words), "--ledger", str(tmp_path / "L"))

    return ran


def plain(text: str) -> str:
    return " ".join(text.split())


# --- said ----------------------------------------------------------------------------------------


def test_a_sound_file_is_told_with_its_totals_and_ends_well(ingest, tmp_path):
    told = ingest(put(tmp_path / "a 2024-12-22.csv", SOUND))
    assert (told.code, told.err) == (0, "")
    assert f"now in the ledger as {ORIGIN}." in plain(told.out)
    assert "Rows: 2 read, 2 kept, 0 set aside." in told.out
    assert re.search(r"Obligated +2020–2021 +fiscal +2 +USD 93\n", told.out)


def test_damaged_rows_are_told_with_line_reason_and_where_they_all_are(ingest, tmp_path):
    told = ingest(put(tmp_path / "a 2024-12-22.csv", DAMAGED))
    assert told.code == 1
    said = plain(told.out)
    assert "Rows: 4 read, 2 kept, 2 set aside." in said
    assert "line 4: current_amount: many is not a number" in said
    assert "line 5: the row has 3 cells, the header has 5" in said
    assert f"ayni quarantine --release {ORIGIN}" in said


def test_a_cell_set_aside_and_rows_without_figures_are_told(ingest, tmp_path):
    text = (
        REFUGEES + "2020,Peru,PER,Chile,CHL,*,12\n2021,Peru,PER,Chile,CHL,-,-\n2022,Peru,PER,Chile,CHL,1,2\n"
    )
    told = ingest(put(tmp_path / "a.csv", text))
    assert told.code == 1
    said = plain(told.out)
    assert "Rows: 3 read, 2 kept, 0 set aside." in said
    assert "Rows kept of which a cell was set aside: 1." in said
    assert "Rows without any figure: 1." in said


def test_a_file_that_is_known_is_told_and_ends_well(ingest, tmp_path):
    path = put(tmp_path / "a 2024-12-22.csv", DAMAGED)
    ingest(path)
    before = held(tmp_path / "L")
    told = ingest(path)
    assert (told.code, held(tmp_path / "L")) == (0, before)
    assert f"in the ledger already, as {ORIGIN}" in plain(told.out)


def test_a_folder_is_told_file_by_file_and_one_fault_is_enough_for_exit_code_one(ingest, tmp_path):
    put(tmp_path / "in" / "a 2024-12-22.csv", SOUND)
    put(tmp_path / "in" / "b.gz", b"\x1f\x8b\x08")
    put(tmp_path / "in" / "c.txt", "hello")
    told = ingest(tmp_path / "in")
    said = plain(told.out)
    assert told.code == 1
    assert "a 2024-12-22.csv: fagov-country" in said
    assert "b.gz/b: not read: the file ends too early" in said
    assert "c.txt: passed over, no source knows it." in said


def test_a_faulty_mapping_is_told_with_file_and_line(ingest, tmp_path):
    put(tmp_path / "in" / "a.csv.toml", TIDY.replace('"Monto"', '"Montante"'))
    put(tmp_path / "in" / "a.csv", "Donante,Año,Monto\nUSA,2024,5\n")
    put(tmp_path / "in" / "b 2024-12-22.csv", SOUND)
    told = ingest(tmp_path / "in")
    said = plain(told.out)
    assert told.code == 1
    assert "a.csv: not read: its mapping is at fault in 1 places" in said
    assert 'a.csv.toml:11: The column "Montante" is missing.' in said
    assert "b 2024-12-22.csv: fagov-country" in said
    told = ingest(tmp_path / "in", "--json")
    problem = told.json["files"][0]["problems"][0]
    assert (problem["file"], problem["line"], problem["code"]) == ("a.csv.toml", 11, "missing-column")


def test_json_tells_the_same(ingest, tmp_path):
    told = ingest(put(tmp_path / "a 2024-12-22.csv", DAMAGED), "--json")
    (file,) = told.json["files"]
    assert told.code == 1
    counts = [file[name] for name in ("read", "kept", "partly", "quarantined")]
    assert counts == [4, 2, 0, 2]
    assert [(row["line"], row["code"]) for row in file["faulty"]] == [(4, "not-a-number"), (5, "ragged")]
    assert [(one["year"], one["amount"]) for one in file["sums"]] == [(2020, 100.0), (2021, -7.0)]


def test_signs_of_a_file_cannot_order_a_terminal_about(ingest, tmp_path):
    text = (
        SOUND + 'PER,Peru,Obligations,2022,"\x1b[2J\x07boo\nboo"\n' + f"PER,Peru,Obligations,{'9' * 5000},1\n"
    )
    told = ingest(put(tmp_path / "a 2024-12-22.csv", text))
    assert told.code == 1
    assert "·[2J··boo·boo" in told.out.replace("·[2J·boo", "·[2J··boo")
    assert "\x1b" not in told.out
    assert len(told.out) < 4000


# --- could not run -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_cannot_run_says_why_with_exit_code_two(ingest, tmp_path, monkeypatch, language):
    path = put(tmp_path / "a.csv", SOUND)
    said = ["--lang", language]

    def refused(*words: object, into: str = "L") -> str:
        told = ingest(*words, *said, into=into)
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("ayni: ")
        return plain(told.err)

    es = language == "es"
    assert ("no existe ese archivo" if es else "no such file") in refused(tmp_path / "nothing.csv")
    assert ("ninguna codificación" if es else "no encoding of text") in refused(path, "--encoding", "klingon")
    for name in ("hex", "undefined", "rot13"):
        assert name in refused(path, "--encoding", name)
    assert "nothing" in refused(path, "--mends", "nothing")
    with drafting(tmp_path / "L"):
        assert ("otro proceso está escribiendo" if es else "another process is writing") in refused(path)
    put(tmp_path / "no-folder", "a file")
    assert "no-folder" in refused(path, into="no-folder")
    put(tmp_path / "broken" / MANIFEST, "{")
    assert MANIFEST in refused(path, into="broken")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_disk_is_told_with_the_file_that_was_being_read(ingest, tmp_path, monkeypatch, language):
    import errno

    put(tmp_path / "in" / "a 2024-12-22.csv", SOUND)
    put(tmp_path / "in" / "b 2024-12-22.csv", SOUND + "PER,Peru,Obligations,2022,3\n")
    really, syncs = os.fsync, iter(range(100))

    def full(descriptor):
        if next(syncs) == 14:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    told = ingest(tmp_path / "in", "--lang", language)
    assert told.code == 2
    assert "b 2024-12-22.csv" in plain(told.err)
    assert "No space left on device" in plain(told.err)
    assert "a 2024-12-22.csv: fagov-country" in plain(told.out)
    assert by_stage(tmp_path / "L") == {("obligated",): 93}


def test_a_second_writer_in_another_process_is_told(tmp_path):
    path = put(tmp_path / "a.csv", SOUND)
    words = [sys.executable, "-m", "ayni", "ingest", str(path), "--into", str(tmp_path / "L"), "--lang", "en"]
    search = {"PYTHONPATH": str(Path(ayni.__file__).parents[1])}
    with drafting(tmp_path / "L"):
        ran = subprocess.run(words, capture_output=True, text=True, env=os.environ | search, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert plain(ran.stderr).startswith("ayni: another process is writing into")
    assert list((tmp_path / "L" / PARTS).iterdir()) == []


# --- mended --------------------------------------------------------------------------------------


def _original(data: bytes, line: int) -> str:
    return data.decode().split("\n")[line - 1]


def mended(
    ingest, quarantine, tmp_path: Path, damaged: bytes, mend: Callable[[int, str], str | None], delimiter=","
):
    """Read a damaged file, write down what was set aside, mend it line by line and read that."""
    told = ingest(put(tmp_path / "damaged 2024-12-22.csv", damaged))
    if told.code == 0:
        return
    assert told.code == 1
    out = tmp_path / "fixed.csv"
    told = quarantine("--release", ORIGIN, "--out", out)
    assert told.code == 0
    assert f"--mends {ORIGIN}" in plain(told.out)
    header, *rows = out.read_text().removesuffix("\n").split("\n")
    fixed = [header]
    for row in rows:
        line, _, text = row.partition(delimiter)
        new = mend(int(line), text)
        if new is not None:
            fixed.append(f"{line}{delimiter}{new}")
    out.write_text("\n".join(fixed) + "\n")
    told = ingest(out, "--mends", ORIGIN)
    assert told.code == 0, told.out
    assert f"its rows added to {ORIGIN}" in plain(told.out)


# Amounts as a spreadsheet writes them are other amounts, which nobody could mend.
@pytest.mark.parametrize("name", sorted(damage.ROWS.keys() - {"spreadsheet-amounts"}))
def test_damaged_rows_are_mended_to_the_dollar(ingest, quarantine, tmp_path, name):
    made = country(rows=600)
    # Without any accent, one row in Windows' encoding would make it a file in that.
    sound = made.data.replace(b",Peru,", ",Perú,".encode())
    assert sound != made.data
    damaged = damage.ROWS[name](sound)
    told = ingest(put(tmp_path / "damaged 2024-12-22.csv", damaged.data), "--json", into="told")
    found = {row["line"]: row["code"] for row in told.json["files"][0]["faulty"]}
    must = {fault.line: fault.codes for fault in damaged.faults if fault.must}
    assert must.keys() <= found.keys()
    assert all(not codes or found[line] in codes for line, codes in must.items())
    again = name == "repeated-header"
    inserted = damaged.faults[0].line if again else len(damaged.data)

    def mend(line: int, _: str) -> str | None:
        return None if again and line == inserted else _original(sound, line - (line > inserted))

    if again:
        # A header in the middle is no row: taken out, nothing is left to be read.
        assert found == {inserted: found[inserted]}
        ingest(tmp_path / "damaged 2024-12-22.csv")
    else:
        mended(ingest, quarantine, tmp_path, damaged.data, mend)
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_mended_to_the_dollar(ingest, quarantine, tmp_path, delimiter):
    made = country(rows=400, style="quoted")
    rows = [split_cells(line, ",") or [] for line in made.data.decode().rstrip("\n").split("\n")]
    # A cell that holds every delimiter, and a line end.
    rows[5][1] = 'Peru; "the\tcountry" | all, of it'
    lines = [delimited_line(row, delimiter) for row in rows]
    damaged = list(lines)
    damaged[7] = delimiter.join(rows[7][:-3])
    damaged[5] = damaged[5].replace(rows[5][8], "20x1", 1)
    damaged[9] = damaged[9] + delimiter + "more"
    damaged[11] = '"' + damaged[11].replace('"', "")

    def mend(line: int, text: str) -> str:
        assert text == damaged[line - 1]
        return lines[line - 1]

    data = "\n".join([*damaged, ""]).encode()
    mended(ingest, quarantine, tmp_path, data, mend, delimiter)
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


def test_rows_of_another_encoding_come_back_as_they_were_meant(ingest, quarantine, tmp_path):
    put(tmp_path / "damaged.csv.toml", TIDY + '[values.provider]\n"España" = "ESP"\n')
    data = "Donante,Año,Monto\nEspaña,2020,1\n".encode() + "España,2021,2\n".encode("cp1252")
    assert ingest(put(tmp_path / "damaged.csv", data)).code == 1
    out = tmp_path / "fixed.csv"
    told = quarantine("--out", out)
    assert out.read_text() == "ayni_line,Donante,Año,Monto\n3,España,2021,2\n"
    assert "lay a copy of it beside the file, as" in plain(told.out)
    (tmp_path / "damaged.csv.toml").rename(tmp_path / "fixed.csv.toml")
    assert ingest(out, "--mends", "tidy-damaged-2024").code == 0
    assert by_stage(tmp_path / "L") == {("disbursed",): 3}


def test_what_is_open_and_what_was_mended_are_told(ingest, quarantine, tmp_path):
    ingest(put(tmp_path / "a 2024-12-22.csv", DAMAGED))
    told = plain(quarantine().out)
    assert told.startswith("Rows set aside: 2")
    assert "many is not a number" in told
    fixed = put(tmp_path / "fixed.csv", f"ayni_line,{HEADER}\n4,PER,Peru,Obligations,2022,7\n")
    ingest(fixed, "--mends", ORIGIN)
    told = plain(quarantine().out)
    assert told.startswith("Rows set aside: 1")
    assert "many is not a number" not in told
    assert f"fixed.csv mended 1 rows of {ORIGIN}." in told
    rows = quarantine("--json").json["rows"]
    assert [(row["line"], row["state"], row["mended_by"]) for row in rows] == [
        (4, "mended", "fixed.csv"),
        (5, "open", ""),
    ]
    assert quarantine("--csv").out.startswith("origin,file,line,state,mended_by,why,text\n")
    out = tmp_path / "rest.csv"
    quarantine("--release", ORIGIN, "--out", out)
    assert out.read_text() == f"ayni_line,{HEADER}\n5,PER,Peru,Obligations\n"


def test_a_row_with_several_faults_is_written_once(ingest, quarantine, tmp_path):
    ingest(
        put(tmp_path / "a.csv", REFUGEES + "2020,Peru,PER,Chile,CHL,many,more\n2021,Peru,PER,Chile,CHL,1,2\n")
    )
    assert plain(quarantine().out).startswith("Rows set aside: 1")
    out = tmp_path / "fixed.csv"
    quarantine("--out", out)
    assert out.read_text() == f"ayni_line,{REFUGEES}2,2020,Peru,PER,Chile,CHL,many,more\n"


def test_cells_set_aside_are_listed_apart_and_not_written(ingest, quarantine, tmp_path):
    ingest(put(tmp_path / "a.csv", REFUGEES + "2020,Peru,PER,Chile,CHL,*,12\n"))
    told = plain(quarantine().out)
    assert told.startswith("No row is set aside. Cells set aside of rows that are kept: 1")
    assert "hides a small number" in told
    assert plain(quarantine("--out", tmp_path / "fixed.csv").out) == "No row is set aside."
    assert not (tmp_path / "fixed.csv").exists()


def test_what_is_still_wrong_in_a_file_that_mends_is_told(ingest, quarantine, tmp_path):
    ingest(put(tmp_path / "a 2024-12-22.csv", DAMAGED))
    fixed = f"ayni_line,{HEADER}\n4,PER,Peru,Obligations,2022,lots\n5,PER,Peru,Obligations,2023,1\n"
    told = ingest(put(tmp_path / "fixed.csv", fixed), "--mends", ORIGIN)
    assert told.code == 1
    assert "line 2: current_amount: lots is not a number" in plain(told.out)
    assert f"What could not be read stays set aside in {ORIGIN} as it was." in plain(told.out)


def test_records_of_xml_are_reported_and_mended_in_their_file(ingest, quarantine, tmp_path):
    record = (
        '<transaction><transaction-type code="3"/><transaction-date iso-date="2020-01-01"/>'
        "<value>{}</value></transaction>"
    )
    text = (
        '<iati-activities version="2.03"><iati-activity default-currency="USD">'
        '<iati-identifier>X</iati-identifier><recipient-country code="PE"/>'
        f"{record.format(5)}\n{record.format('five')}</iati-activity></iati-activities>"
    )
    assert ingest(put(tmp_path / "a.xml", text)).code == 1
    out = tmp_path / "report.csv"
    told = plain(quarantine("--out", out).out)
    assert "Rows of JSON and XML cannot be mended apart from their file" in told
    assert "a copy of a.xml" in told
    assert out.read_text().startswith("file,line,why,text\na.xml,2,value: five is not a number")


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_that_cannot_be_answered_say_why(quarantine, ingest, tmp_path, language):
    said = ("--lang", language)
    assert quarantine(*said).code == 2
    assert str(tmp_path / "L") in quarantine(*said).err.replace("\n", "")
    ingest(put(tmp_path / "a 2024-12-22.csv", DAMAGED))
    told = quarantine("--release", "fagov-country-2024-12-21", *said)
    assert told.code == 2
    assert ORIGIN in told.err.replace("\n", " ")
    put(tmp_path / "there.csv", "mine")
    assert quarantine("--out", tmp_path / "there.csv", *said).code == 2
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert quarantine("--out", tmp_path / "no" / "folder.csv", *said).code == 2
    ingest(put(tmp_path / "b.csv", DAMAGED + "PER,Peru,Obligations,2024,1\n"))
    assert quarantine("--out", tmp_path / "both.csv", *said).code == 2


def test_archives_inside_archives_are_told_in_both_languages(ingest, tmp_path):
    inner = put_zip(tmp_path / "inner.zip", {"a.csv": SOUND.encode()}).read_bytes()
    put_zip(tmp_path / "outer.zip", {"inner.zip": inner})
    assert "an archive inside an archive" in plain(ingest(tmp_path / "outer.zip").out)
    assert "un comprimido dentro de otro" in plain(ingest(tmp_path / "outer.zip", "--lang", "es").out)


def test_json_is_json_even_of_strange_files(ingest, tmp_path):
    put(tmp_path / "in" / "\x1b a.csv", SOUND + "\x00\x01,\x02\n")
    put(tmp_path / "in" / "b.csv", b"\xff\xfe\x00")
    told = ingest(tmp_path / "in", "--json")
    assert [file["file"] for file in json.loads(told.out)["files"]] == ["\ufffd a.csv", "b.csv"]
