"""What a file is, from its first bytes: encoding, header, kind; nothing replaced without a word."""

from __future__ import annotations

import ast
import gzip
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.sources.containers import Found
from ayni.sources.contract import UnreadableError, plain_name
from ayni.sources.recognition import HEAD_BYTES, Looked, is_windows, look, recognise, with_headers
from ayni.sources.table import SOURCES
from tests.houserules.tree import ROOT

ACCENTS = "país,año\nPerú,2024\nEspaña,2023\n"


def found_of(data: bytes, name: str = "a.csv") -> Found:
    return Found(
        name=name, container="", path=None, size_bytes=len(data), open=lambda: io.BytesIO(data), modified=0.0
    )


def looked(data: bytes, encoding: str = "") -> Looked:
    return look(found_of(data), encoding=encoding)


def refusal(data: bytes, encoding: str = "") -> tuple[str, str, str]:
    with pytest.raises(UnreadableError) as told:
        looked(data, encoding)
    return told.value.code, told.value.found, told.value.expected


# --- encoding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_how_a_text_is_written_is_found_out(written, spoken):
    told = looked(ACCENTS.encode(written))
    assert (told.encoding, told.assumed) == (spoken, False)
    assert told.sample.head == ACCENTS


def test_utf16_is_known_by_its_mark_in_either_order():
    for mark, order in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert looked(mark + ACCENTS.encode(order)).sample.head == ACCENTS


def test_one_damaged_row_does_not_make_a_file_windows():
    data = ACCENTS.encode() + "Perú\n".encode("cp1252") * 3
    assert looked(data).encoding == "utf-8"


def test_a_last_line_without_an_end_counts_as_well():
    assert looked(b"a,b\n" + "Perú,1".encode("cp1252")).encoding == "cp1252"


def test_a_text_that_the_sample_cuts_in_the_middle_of_a_sign_is_utf8():
    assert looked(b"x" + "é".encode() * HEAD_BYTES).encoding == "utf-8"


def test_a_text_without_accents_is_only_likely_to_be_utf8():
    assert looked(b"a,b\n1,2\n").assumed
    assert not looked(b"a,b\n1,2\n", "cp1252").assumed


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "mac_roman"])
def test_a_wrong_name_for_utf8_is_refused_because_it_would_spoil_every_accent(encoding):
    assert refusal(ACCENTS.encode(), encoding) == ("is-utf8", encoding, "UTF-8")


@pytest.mark.parametrize(
    ("written", "named", "byte"),
    [("cp1252", "ascii", "0xed"), ("utf-8", "utf-16-le", ""), ("cp1252", "cp932", "0xfa")],
)
def test_an_encoding_that_the_beginning_contradicts_is_refused(written, named, byte):
    text = ACCENTS + ("\ud83d" if named == "utf-16-le" else "")
    code, found, expected = refusal(text.encode(written, "surrogatepass") + b"\x00\xd8a\x00", named)
    assert (code, expected) == ("encoding", named)
    assert found.startswith(byte or "0x")


def test_naming_the_right_encoding_is_no_fault():
    for encoding in ("cp1252", "latin-1", "utf-16", "utf-8"):
        assert looked(ACCENTS.encode(encoding), encoding).sample.head == ACCENTS


@given(st.lists(st.sampled_from(["a", "Perú", "—"]), max_size=5), st.booleans())
@settings(max_examples=60)
def test_lines_are_windows_only_if_some_have_accents_and_none_is_utf8(words, windows):
    lines = [word.encode("cp1252" if windows else "utf-8") for word in words]
    accented = any(not word.isascii() for word in words)
    assert is_windows(lines) == (windows and accented)


# --- header --------------------------------------------------------------------------------------


def test_a_header_below_a_long_preamble_is_found():
    # UNHCR's downloads begin with fourteen lines.
    text = "".join(f"line {n} of a preamble, with a comma\n" for n in range(20)) + "a;b;c;d\n1;2;3;4\n"
    headers = looked(text.encode()).sample.headers
    assert (headers[0].line, headers[0].printed, headers[0].delimiter) == (21, ("a", "b", "c", "d"), ";")


def test_columns_of_one_name_are_told_apart():
    (header,) = looked(b"A a,a_A,,b!,\n").sample.headers
    assert header.columns == ("a_a", "a_a_2", "column_3", "b", "column_5")


def test_a_header_of_very_many_columns_is_read():
    wide = ",".join(f"c{n}" for n in range(20_000))
    assert len(looked(wide.encode() + b"\n").sample.headers[0].columns) == 20_000


def test_lines_that_end_with_a_carriage_return_alone_are_seen():
    told = looked(b"a,b\r1,2\r")
    assert told.returns
    assert {header.line for header in told.sample.headers} == {1, 2}
    assert not looked(b"a,b\r\n1,2\r\n").returns


@given(st.text(max_size=40))
@settings(max_examples=100)
def test_any_text_is_looked_at_without_a_fault(text):
    data = text.encode("utf-8", "surrogatepass")
    if data:
        told = looked(data)
        for header in told.sample.headers:
            assert len(set(header.columns)) == len(header.columns) > 1
            assert all(plain_name(name) == name for name in header.columns)


@given(st.binary(min_size=1, max_size=60), st.sampled_from(["", "utf-8", "cp1252", "utf-16"]))
@settings(max_examples=150)
def test_any_bytes_are_looked_at_or_refused_in_words(data, encoding):
    code = ""
    try:
        told = looked(data, encoding)
        assert recognise(told.sample, SOURCES.values()) is None
    except UnreadableError as error:
        code = error.code
    assert code in {"", "nested", "encoding", "is-utf8"}


# --- kind ----------------------------------------------------------------------------------------


def test_an_empty_file_is_told():
    assert refusal(b"")[0] == "empty"


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b'<?xml version="1.0"?>', "xml"),
        (b"\n  <iati-activities>", "xml"),
        (b'\xef\xbb\xbf[{"page": 1}]', "json"),
        (b" {}", "json"),
        (b"PAR1", "parquet"),
        (b"PK\x03\x04", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        (b"\x00\x01", "unknown"),
        (b"  \n ", "unknown"),
        (b"a,b", "delimited"),
    ],
)
def test_what_a_file_is_is_told_by_its_first_bytes(begin, kind):
    assert looked(begin).sample.kind == kind


def test_archives_inside_archives_are_told(tmp_path):
    assert refusal(gzip.compress(b"a"))[0] == "nested"
    path = tmp_path / "unpacked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", ACCENTS)
    data = path.read_bytes()
    with pytest.raises(UnreadableError) as told:
        with_headers(looked(data), replace(found_of(data, "outer.zip/inner.zip"), path=path))
    assert (told.value.code, told.value.found) == ("nested", "outer.zip/inner.zip")


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"PK\x03\x04" + bytes(30)])
def test_a_damaged_table_is_told(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(UnreadableError) as told:
        with_headers(looked(data), replace(found_of(data), path=path))
    assert told.value.code in ("damaged", "damaged-archive")


# --- words ---------------------------------------------------------------------------------------

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Codes that are names of their own in a list of checks begin like this.
_TELLING = re.compile(r"(not|unknown|missing|too|broken|digits|repeated|no|bad)-[a-z0-9-]+")
# Written so where they mean something else.
_NO_CODES = {"not-stated", "no-date", "not-significant"}


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("sources", "intake"):
        for path in sorted((ROOT / "src" / "ayni" / folder).glob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _texts(node: ast.AST | None) -> set[str]:
    """Return every text that could come out of an expression."""
    if node is None:
        return set()
    return {
        one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def _argument(call: ast.Call, position: int, name: str) -> ast.AST | None:
    named = next((one.value for one in call.keywords if one.arg == name), None)
    return call.args[position] if len(call.args) > position else named


# Which argument of which call is a code, and of which table.
_CALLS = {
    "UnreadableError": (0, "code", "unreadable"),
    "Fault": (9, "code", "unreadable"),
    "refuse": (2, "code", "refused"),
    "refused_rows": (1, "code", "refused"),
    "_refusal": (1, "code", "refused"),
    "_Fault": (9, "code", "refused"),
    "Recognised": (9, "caution", "caution"),
}
# In these modules `Fault` is of a row.
_ROW_FAULTS = ("distinct.py", "foreign_assistance.py", "greenbook.py", "readings.py", "us_years.py")


def codes_told() -> dict[str, set[str]]:
    """Return the codes that sources and intake give, by the table that holds their sentences."""
    told: dict[str, set[str]] = {"refused": set(), "unreadable": set(), "caution": set()}
    for path, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in _CALLS:
                continue
            position, keyword, table = _CALLS[name]
            if name == "Fault" and path.name in _ROW_FAULTS:
                table = "refused"
            told[table] |= {
                text for text in _texts(_argument(node, position, keyword)) if _CODE.fullmatch(text)
            }
    return told


def sentences(language: str) -> dict[str, dict[str, str]]:
    text = (ROOT / "src" / "ayni" / "language" / f"intake.{language}.toml").read_text(encoding="utf-8")
    told: dict[str, dict[str, str]] = tomllib.loads(text)
    return told


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("table", ["refused", "unreadable", "caution"])
def test_every_code_has_its_sentence(language, table):
    told = codes_told()[table]
    assert len(told) > 2, "the rule sees the codes"
    assert sorted(told - sentences(language)[table].keys()) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_text_that_looks_like_a_code_has_its_sentence(language):
    texts = {text for _, tree in _trees() for text in _texts(tree) if _TELLING.fullmatch(text)} - _NO_CODES
    spoken = sentences(language)
    known = spoken["refused"].keys() | spoken["unreadable"].keys()
    messages = tomllib.loads((ROOT / "src/ayni/language" / f"messages.{language}.toml").read_text("utf-8"))
    known |= messages["problem"].keys()
    assert {"not-a-number", "not-utf8", "unknown-code"} <= texts
    assert sorted(texts - known) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_sentence_needs_nothing_that_a_fault_does_not_tell(language):
    spoken = sentences(language)
    for table, given_names in (
        ("refused", ("column", "found", "expected")),
        ("unreadable", ("line", "found", "expected")),
    ):
        for code, text in spoken[table].items():
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(given_names), code
    assert all("{" not in text for text in spoken["caution"].values())
