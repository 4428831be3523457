"""Files in folders and archives: all of them are given or told, and what ends too early is never believed."""

from __future__ import annotations

import errno
import gzip
import io
import os
import socket
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.sources.containers import Found, files_in, holds_workbook, printable
from ayni.sources.contract import UnreadableError

TEXT = b"year,amount\n" + b"".join(b"%d,%d\n" % (year, year * 7) for year in range(1900, 2100))


def read(found: Found) -> bytes | str:
    """Return what a file holds, or the code of why it cannot be read."""
    try:
        stream = found.open()
        pieces = []
        try:
            while piece := stream.read(1000):
                pieces.append(piece)
        finally:
            stream.close()
    except UnreadableError as error:
        return error.code
    return b"".join(pieces)


def all_in(path: Path) -> dict[str, bytes | str]:
    found = list(files_in(path))
    told = {one.name: read(one) for one in found}
    assert len(told) == len(found), "two files of one name"
    return told


def a_zip(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


# --- whole ---------------------------------------------------------------------------------------


def test_a_file_alone_is_given_as_it_lies(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    (found,) = files_in(path)
    assert (found.name, found.container, found.path, found.size_bytes) == ("a.csv", "", path, len(TEXT))
    assert read(found) == TEXT


@pytest.mark.parametrize("size", [1, 70_000, 1 << 22, -1])
def test_a_file_is_read_to_its_end_in_pieces_of_any_size(tmp_path, size):
    # Large pieces end at line ends; one line here is longer than what is looked back over.
    data = TEXT + b"x" * 200_000 + b"\n" + TEXT * 100 + b"the end"
    path = tmp_path / "a.csv"
    path.write_bytes(data if size > 1 or size < 0 else TEXT)
    (found,) = files_in(path)
    stream = found.open()
    pieces = []
    while piece := stream.read(size):
        assert size < 0 or len(piece) <= size
        pieces.append(piece)
    stream.close()
    assert b"".join(pieces) == path.read_bytes()


def test_folders_give_their_files_in_order_whatever_their_depth(tmp_path):
    for name in ("b.csv", "a/2.csv", "a/10/x.csv", "c/.hidden/x.csv", ".DS_Store"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "c" / "x.csv").write_bytes(b"c")
    assert [read(one) for one in files_in(tmp_path)] == [b"a/10/x.csv", b"a/2.csv", b"b.csv", b"c"]


def test_archives_give_what_they_hold_under_their_own_name_before_it(tmp_path):
    a_zip(tmp_path / "two.zip", **{"in/b.csv": b"b", "a.csv": b"a", "__MACOSX/._a.csv": b"junk", ".x": b"y"})
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]))
    assert all_in(tmp_path) == {"one.csv.gz/one.csv": TEXT, "two.zip/a.csv": b"a", "two.zip/in/b.csv": b"b"}
    assert {one.container for one in files_in(tmp_path)} == {"one.csv.gz", "two.zip"}
    assert {one.path for one in files_in(tmp_path)} == {None}


@pytest.mark.parametrize("method", ["ZIP_STORED", "ZIP_DEFLATED", "ZIP_BZIP2", "ZIP_LZMA"])
def test_every_way_of_packing_is_read(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", getattr(zipfile, method)) as archive:
        archive.writestr("a.csv", TEXT)
    assert all_in(tmp_path / "a.zip") == {"a.zip/a.csv": TEXT}


def test_what_a_file_is_does_not_hang_on_its_name(tmp_path):
    (tmp_path / "a.csv").write_bytes(gzip.compress(TEXT))
    a_zip(tmp_path / "b.txt", x=TEXT)
    (tmp_path / "c.gz").write_bytes(TEXT)
    assert all_in(tmp_path) == {"a.csv/a.csv": TEXT, "b.txt/x": TEXT, "c.gz": TEXT}


@pytest.mark.parametrize(
    "members",
    [
        {"[Content_Types].xml": b"", "xl/workbook.xml": b"<workbook/>"},
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""},
    ],
)
def test_workbooks_are_files_and_not_archives(tmp_path, members):
    path = a_zip(tmp_path / "a.xlsx", **members)
    assert [one.path for one in files_in(path)] == [path]
    assert holds_workbook(path)
    assert not holds_workbook(a_zip(tmp_path / "b.zip", **{"x/xl/workbook.xml": b"", "mimetype": b"text"}))


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "C:\\evil.csv"])
def test_a_name_that_points_outside_is_only_a_name(tmp_path, name):
    within = tmp_path / "within"
    within.mkdir()
    a_zip(within / "a.zip", **{name: TEXT})
    assert list(all_in(within / "a.zip").values()) == [TEXT]
    assert sorted(tmp_path.rglob("*")) == [within, within / "a.zip"]


def test_names_cannot_order_a_terminal_about(tmp_path):
    a_zip(tmp_path / "a.zip", **{"\x1b[2Jevil\n.csv": TEXT})
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/not-utf8-\xff.csv"))
    path.write_bytes(TEXT)
    assert all_in(tmp_path) == {"a.zip/\ufffd[2Jevil\ufffd.csv": TEXT, "not-utf8-\ufffd.csv": TEXT}


def test_names_that_people_use_are_left_alone():
    assert printable("Cooperación (año 2024) – «USA».csv") == "Cooperación (año 2024) – «USA».csv"


def test_two_members_of_one_name_are_two_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.csv", b"first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("x.csv", b"second")
    assert [read(one) for one in files_in(tmp_path / "a.zip")] == [b"first", b"second"]


# --- told, not read ------------------------------------------------------------------------------


def test_nothing_is_told_as_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    a_zip(tmp_path / "empty.zip")
    a_zip(tmp_path / "hidden.zip", **{".x": b"y"})
    assert all_in(tmp_path) == dict.fromkeys(["empty.zip", "folder", "hidden.zip"], "no-files")


def test_one_damaged_archive_does_not_hide_the_files_behind_it(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and nothing else")
    (tmp_path / "b.csv").write_bytes(TEXT)
    assert all_in(tmp_path) == {"a.zip": "damaged-archive", "b.csv": TEXT}


@pytest.mark.parametrize("kept", [3, 10, 18, 200, -9, -1])
def test_a_gz_that_is_cut_off_is_truncated_wherever_it_ends(tmp_path, kept):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(TEXT)[:kept])
    assert all_in(path) == {"a.gz/a": "truncated"}


def test_a_gz_with_a_wrong_check_sum_is_damaged(tmp_path):
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    (tmp_path / "a.gz").write_bytes(packed)
    assert all_in(tmp_path) == {"a.gz/a": "damaged-archive"}


@pytest.mark.parametrize("kept", [4, 100, -30, -1])
def test_a_zip_that_is_cut_off_is_damaged_wherever_it_ends(tmp_path, kept):
    path = a_zip(tmp_path / "a.zip", x=TEXT)
    path.write_bytes(path.read_bytes()[:kept])
    assert all_in(path) == {"a.zip": "damaged-archive"}


def test_a_zip_with_a_wrong_check_sum_is_damaged_in_that_member_alone(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a", TEXT)
        archive.writestr("b", TEXT)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1950,", b"1951,", 1))
    assert all_in(path) == {"a.zip/a": "damaged-archive", "a.zip/b": TEXT}


def test_a_member_with_a_password_is_locked(tmp_path):
    path = a_zip(tmp_path / "a.zip", x=TEXT)
    data = bytearray(path.read_bytes())
    # Bit 0 of the flags, in the member's own head and in the list of members.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert all_in(path) == {"a.zip/x": "locked"}


def test_a_way_of_packing_that_nobody_knows_is_told(tmp_path):
    path = a_zip(tmp_path / "a.zip", x=TEXT)
    data = bytearray(path.read_bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 99
    path.write_bytes(data)
    assert all_in(path) == {"a.zip/x": "damaged-archive"}


def test_pipes_and_sockets_do_not_stop_the_reading(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "z.csv").write_bytes(TEXT)
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(tmp_path)  # a socket's name must be short
        try:
            made.bind("socket")
        finally:
            os.chdir(here)
        assert all_in(tmp_path) == {"pipe": "not-a-file", "socket": "not-a-file", "z.csv": TEXT}
    assert [read(one) for one in files_in(tmp_path / "pipe")] == ["not-a-file"]
    assert [read(one) for one in files_in(Path("/dev/zero"))] == ["not-a-file"]


def test_links_in_a_circle_end(tmp_path):
    (tmp_path / "a.csv").write_bytes(TEXT)
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "other.csv").symlink_to("a.csv")
    told = all_in(tmp_path)
    assert told == {
        "a.csv": TEXT,
        "again": "link",
        "gone": "cannot-read",
        "itself": "cannot-read",
        "other.csv": TEXT,
    }


def test_what_may_not_be_read_is_told_and_the_rest_is_read(tmp_path, monkeypatch):
    # Whoever runs the tests may be allowed to read everything, so the refusal is played.
    (tmp_path / "a.csv").write_bytes(TEXT)
    (tmp_path / "b").mkdir()
    (tmp_path / "c.csv").write_bytes(TEXT)
    really_open, really_list = Path.open, Path.iterdir

    def refused(path, *args, **named):
        if path.name in ("a.csv", "b"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really_list(path) if not args and not named else really_open(path, *args, **named)

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "iterdir", refused)
    assert all_in(tmp_path) == {"a.csv": "cannot-read", "b": "cannot-read", "c.csv": TEXT}


def test_a_disk_that_fails_while_reading_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_bytes(TEXT)
    (found,) = files_in(tmp_path)

    def failing(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", failing)
    assert read(found) == "cannot-read"


def test_a_file_that_is_not_there_is_the_callers_fault(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(files_in(tmp_path / "nothing"))


# --- changed meanwhile ---------------------------------------------------------------------------


def test_a_file_knows_that_it_was_changed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    packed = a_zip(tmp_path / "b.zip", x=TEXT)
    for one, change in ((path, lambda: path.write_bytes(TEXT + b"1,2\n")), (packed, packed.unlink)):
        (found,) = files_in(one)
        assert not found.changed()
        change()
        assert found.changed()


# --- anything ------------------------------------------------------------------------------------

_ZIP = io.BytesIO()
with zipfile.ZipFile(_ZIP, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("a.csv", TEXT)
    _archive.writestr("b/c.csv", TEXT[::-1])
_GZ = gzip.compress(TEXT, mtime=0)
_SEEDS = [_ZIP.getvalue(), _GZ, b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x1f\x8b", TEXT]


@given(
    seed=st.sampled_from(_SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 1 << 12), st.integers(0, 255)), max_size=6),
    cut=st.none() | st.integers(0, 1 << 12),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_gives_its_files_or_says_why_not(tmp_path, seed, changes, cut):
    data = bytearray(seed[: cut if cut is None else cut % (len(seed) + 1)])
    for at, value in changes:
        if data:
            data[at % len(data)] = value
    path = tmp_path / "anything"
    path.write_bytes(data)
    codes = {"truncated", "damaged-archive", "locked", "no-files", "needs-extra", "cannot-read"}
    for found in files_in(path):
        told = read(found)
        assert isinstance(told, bytes) or told in codes
        if found.container and isinstance(told, bytes) and data[:2] == b"\x1f\x8b":
            assert told == TEXT, "a check sum vouches for what was read"
