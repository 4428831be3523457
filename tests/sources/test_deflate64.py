"""Deflate64 against an archive that another program made, and against Python's own Deflate."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.sources.contract import UnreadableError
from ayni.sources.deflate64 import decode, open_deflate64

# The text is ours. The archive was made of it by 7-Zip 26.01, Debian's p7zip-full:
#   7z a -tzip -mm=Deflate64 -mx=9 -mtc=off deflate64.zip squares.txt
# It needs what Deflate lacks: the beginning comes again after 44 KB, and one sign is repeated 70,000 times.
SQUARES = "".join(f"{n * n}\n" for n in range(6_000)).encode()
TEXT = SQUARES + SQUARES[:9_000] + b"-" * 70_000 + "Perú y la coca\n".encode()
ARCHIVE = Path(__file__).with_name("deflate64.zip")


def info(path: Path) -> zipfile.ZipInfo:
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()[0]


def read(path: Path, size: int = -1, told: zipfile.ZipInfo | None = None) -> bytes:
    stream = open_deflate64(path, told or info(path))
    try:
        return b"".join(iter(lambda: stream.read(size), b""))
    finally:
        stream.close()


def compressed(path: Path = ARCHIVE) -> bytes:
    """The member's own bytes, without the zip around them."""
    data, told = path.read_bytes(), info(path)
    names = int.from_bytes(data[told.header_offset + 26 : told.header_offset + 28], "little")
    extra = int.from_bytes(data[told.header_offset + 28 : told.header_offset + 30], "little")
    start = told.header_offset + 30 + names + extra
    return data[start : start + told.compress_size]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return iter([data[at : at + size] for at in range(0, len(data), size)])


def raw_deflate(data: bytes, strategy: int, level: int = 9) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush()


def test_the_archive_is_compressed_by_method_nine_and_is_no_plain_deflate():
    assert info(ARCHIVE).compress_type == 9
    with pytest.raises(zlib.error):
        zlib.decompress(compressed(), -15)


def test_what_another_program_compressed_is_read_to_the_byte():
    assert len(SQUARES) > 32_768
    assert read(ARCHIVE) == TEXT


@pytest.mark.parametrize("size", [1, 1_000, 65_536, 1 << 24])
def test_how_much_is_asked_for_at_a_time_does_not_matter(size: int):
    assert read(ARCHIVE, size) == TEXT


@pytest.mark.parametrize("size", [1, 7, 1_000, 1 << 20])
def test_how_the_compressed_bytes_are_cut_does_not_matter(size: int):
    assert b"".join(decode(pieces(compressed(), size))) == TEXT


# Deflate without matches of 258 bytes, which Deflate64 writes in another way, is Deflate64 as well.
@given(data=st.binary(max_size=3_000), strategy=st.sampled_from([zlib.Z_HUFFMAN_ONLY, zlib.Z_FIXED]))
def test_deflate_without_its_longest_match_means_the_same_to_both(data: bytes, strategy: int):
    packed = raw_deflate(data, zlib.Z_HUFFMAN_ONLY if b"\x00" * 200 in data else strategy)
    assert b"".join(decode(pieces(packed, 100))) == data


@given(words=st.lists(st.sampled_from(["coca", "hoja", "Perú", "ayni", "302"]), max_size=60))
def test_matches_that_overlap_what_they_make_are_read_as_deflate_has_them(words: list[str]):
    data = " ".join(words).encode()[:250]
    assert b"".join(decode(iter([raw_deflate(data, zlib.Z_DEFAULT_STRATEGY)]))) == data


def test_blocks_that_are_only_stored_are_copied():
    data = bytes(range(256)) * 800
    assert b"".join(decode(pieces(raw_deflate(data, zlib.Z_DEFAULT_STRATEGY, level=0), 999))) == data


def test_many_pieces_are_given_so_that_a_long_member_needs_little_memory():
    data = SQUARES * 100
    sizes = [len(one) for one in decode(pieces(raw_deflate(data, zlib.Z_HUFFMAN_ONLY), 1 << 16))]
    assert sum(sizes) == len(data)
    assert len(sizes) > 2
    assert max(sizes) < 3 << 20


@pytest.mark.parametrize("left", [0, 1, 10, 1_000])
def test_compressed_bytes_that_end_too_early_are_told(left: int):
    with pytest.raises(EOFError):
        list(decode(iter([compressed()[:left]])))


def test_an_archive_that_ends_within_its_member_is_truncated(tmp_path: Path):
    cut = tmp_path / "cut.zip"
    cut.write_bytes(ARCHIVE.read_bytes()[:500])
    with pytest.raises(UnreadableError) as told:
        read(cut, told=info(ARCHIVE))
    assert told.value.code == "truncated"


@pytest.mark.parametrize("at", range(60, 4_000, 397))
def test_a_changed_byte_never_passes_for_the_file(tmp_path: Path, at: int):
    data = bytearray(ARCHIVE.read_bytes())
    data[at] ^= 0x55
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(data)
    with pytest.raises(UnreadableError) as told:
        read(damaged, told=info(ARCHIVE))
    assert told.value.code in ("damaged-archive", "truncated")


def test_a_wrong_check_sum_is_told(tmp_path: Path):
    told = info(ARCHIVE)
    told.CRC ^= 1
    with pytest.raises(UnreadableError) as error:
        read(ARCHIVE, told=told)
    assert (error.value.code, error.value.found) == ("damaged-archive", "squares.txt: CRC")


def test_more_bytes_than_the_archive_says_are_told_before_they_fill_the_memory():
    told = info(ARCHIVE)
    told.file_size = 10
    with pytest.raises(UnreadableError) as error:
        read(ARCHIVE, told=told)
    assert error.value.code == "damaged-archive"


@given(noise=st.binary(min_size=1, max_size=200))
def test_noise_is_refused_or_decoded_and_never_fails_otherwise(noise: bytes):
    out = io.BytesIO()
    try:
        for piece in decode(iter([noise])):
            out.write(piece)
    except (EOFError, UnreadableError):
        return
    assert out.getvalue() is not None
