"""Delimited text, whole and damaged: what polars reads is what stands there, and no line is lost."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ayni.sources import delimited_rows
from ayni.sources.contract import UnreadableError
from ayni.sources.delimited_blocks import RECORD_BYTES, Block, Layout, blocks
from ayni.sources.delimited_cells import delimited_line, guessed, redelimited, split_cells
from ayni.sources.delimited_rows import read_block, strictly

COLUMNS = ("one", "two", "three")
LAYOUT = Layout(columns=COLUMNS)
HEADER = "one,two,three\n"
Row = tuple[int, tuple[str | None, ...]]

# Cells that tempt a reader: signs that mean something, nothing at all, and what stands for nothing.
_SIGNS = 'ab,;\t"\n\r\x00\x1e ñ€\u2028\U0001f33d-1'
cells = st.one_of(st.text(alphabet=_SIGNS, max_size=5), st.sampled_from(["", "NULL", '"', "a,\nb", "1,234"]))
rows_of_cells = st.lists(st.tuples(cells, cells, cells), max_size=12)
sizes = st.sampled_from([1, 2, 3, 7, 16, 50, 1 << 20])


def read(data: bytes, layout: Layout = LAYOUT) -> tuple[list[Row], list[tuple[int, str]]]:
    """Return rows and refusals of a file, each with its line."""
    rows: list[Row] = []
    refused: list[tuple[int, str]] = []
    for block in blocks(io.BytesIO(data), layout):
        told = read_block(block, layout)
        assert told.frame.columns == [*layout.columns, "line"]
        rows += [(row[-1], tuple(row[:-1])) for row in told.frame.rows()]
        refused += told.refused.select("line", "code").rows()
    return rows, refused


def emptied(found: Sequence[str], nulls: Sequence[str] = ("NULL",)) -> tuple[str | None, ...]:
    return tuple(None if cell == "" or cell in nulls else cell for cell in found)


def slowly(text: str, delimiter: str) -> list[Row]:
    """Read a sound file with Python's own reader, row by row and whole."""
    told: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    line = 2
    for found in reader:
        if found:
            told.append((line, emptied(found)))
        # `line_num` counts carriage returns too, an editor the line feeds.
        line += 1 + sum(cell.count("\n") for cell in found)
    return told


def written(rows: Iterable[Sequence[str]], *, delimiter: str, quoting: int, end: str) -> str:
    out = io.StringIO(newline="")
    made = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)  # type: ignore[arg-type]
    made.writerow(COLUMNS)
    made.writerows(rows)
    return out.getvalue()


# --- sound files ---------------------------------------------------------------------------------


@given(
    rows=rows_of_cells,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    size=sizes,
    cut=st.booleans(),
)
@settings(max_examples=150)
@example(rows=[("a", "b", "")], delimiter=",", quoting=0, end="\n", size=1, cut=True)
@example(rows=[("a", "", ""), ("", "", "")], delimiter=",", quoting=1, end="\r\n", size=3, cut=False)
def test_a_sound_file_reads_as_pythons_own_reader_reads_it(rows, delimiter, quoting, end, size, cut):
    # Python writes a carriage return or a line feed without quotes where it is not in the line end.
    assume(quoting == csv.QUOTE_ALL or end == "\r\n" or not any("\r" in c for row in rows for c in row))
    text = written(rows, delimiter=delimiter, quoting=quoting, end=end)
    text = text.removesuffix(end) if cut and rows else text
    layout = Layout(columns=COLUMNS, delimiter=delimiter, block_bytes=size)
    found, refused = read(text.encode(), layout)
    assert refused == []
    assert found == slowly(text, delimiter)


@given(rows=rows_of_cells, untouched=st.sampled_from([("two",), ("three",), COLUMNS]))
@settings(max_examples=60)
def test_columns_that_are_only_handed_on_keep_their_texts(rows, untouched):
    text = written(rows, delimiter=",", quoting=csv.QUOTE_ALL, end="\n")
    layout = Layout(columns=COLUMNS, untouched=untouched)
    found, refused = read(text.encode(), layout)
    expected = [
        tuple(
            None if c == "" or (c == "NULL" and name not in untouched) else c
            for c, name in zip(row, COLUMNS, strict=True)
        )
        for row in rows
    ]
    assert ([row for _, row in found], refused) == (expected, [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_other_encodings_read_like_utf8(encoding, size):
    text = HEADER + 'Perú,"uno\ndos",¡ñ!\n,«x»,\n'
    layout = replace(LAYOUT, encoding=encoding, block_bytes=size)
    assert read(text.encode(encoding), layout) == read(text.encode())


def test_a_mark_of_order_in_front_is_no_part_of_the_first_cell():
    layout = Layout(columns=COLUMNS, header_line=0)
    assert read(b"\xef\xbb\xbfa,b,c\n", layout)[0] == [(1, ("a", "b", "c"))]


def test_a_mark_of_order_inside_the_file_stays():
    found, _ = read(HEADER.encode() + "\ufeffa,b,c\n".encode())
    assert found == [(2, ("\ufeffa", "b", "c"))]


def test_lines_that_end_with_a_carriage_return_alone_are_lines():
    layout = replace(LAYOUT, returns=True)
    assert read(b"one,two,three\ra,b,c\r\rd,e,f", layout)[0] == [(2, ("a", "b", "c")), (4, ("d", "e", "f"))]


def test_rows_keep_their_lines_below_a_preamble():
    layout = replace(LAYOUT, header_line=4)
    found, refused = read(b'Title,"with\nquotes"\n\none,two,three\n\na,b,c\nd,e\n', layout)
    assert (found, refused) == ([(6, ("a", "b", "c"))], [(7, "ragged")])


# --- quick and strict ----------------------------------------------------------------------------


def same_both_ways(data: bytes, layout: Layout) -> None:
    """What polars is believed is what reading record by record gives."""
    block = Block(data=data, line=1, lines=data.count(b"\n"))
    quick = delimited_rows._quickly(block, layout)
    if quick is None:
        return
    slow = strictly(block, layout)
    assert slow.refused.rows() == [], data
    assert quick.rows() == slow.frame.rows(), data
    assert quick.schema == slow.frame.schema


@pytest.mark.parametrize(
    ("alphabet", "length", "width"), [('a,"\n', 6, 2), ('a,"\n\r', 5, 2), (',"\n', 7, 3)]
)
def test_every_short_text_that_polars_is_believed_reads_the_same_strictly(alphabet, length, width):
    # Of ""a"" and of ",a"b" polars drops quotes; rows with too few cells get empty ones.
    layout = Layout(columns=COLUMNS[:width])
    for size in range(1, length + 1):
        for signs in itertools.product(alphabet, repeat=size):
            same_both_ways("".join(signs).encode().removesuffix(b"\n") + b"\n", layout)


_PIECES = (
    *("a", "1", "é", ",", ",", ",,", '"', '"', '""', '"a"', '"a,\nb"', "\n", "\n", "\r\n", "\r", "\x00"),
    *("NULL", "\ufeff", '","', '"\n"', "a,b,c\n", '"x","y","z"\n', ",,\n", '"",,""\n'),
)


@given(
    pieces=st.lists(
        st.sampled_from(_PIECES),
        max_size=25,
    ),
    untouched=st.sampled_from([(), ("three",), COLUMNS]),
)
@settings(max_examples=400)
def test_any_text_that_polars_is_believed_reads_the_same_strictly(pieces, untouched):
    same_both_ways("".join(pieces).encode() + b"\n", Layout(columns=COLUMNS, untouched=untouched))


def test_short_rows_do_not_hide_behind_rows_with_empty_ends():
    # One row lacks a delimiter; polars would give it an empty cell like those of its neighbours.
    found, refused = read(HEADER.encode() + b'1,2,\n1,2\n,,\n1,"a,\nb",\n"","",""\n')
    assert refused == [(3, "ragged")]
    assert [line for line, _ in found] == [2, 4, 5, 7]


def test_a_closed_quote_before_more_text_is_told_and_not_repaired():
    found, refused = read(HEADER.encode() + b'1,""a"",3\n1,2,3\n1,"a"b,3\n')
    assert (found, refused) == ([(3, ("1", "2", "3"))], [(2, "broken-quotes"), (4, "broken-quotes")])


# --- damage --------------------------------------------------------------------------------------


def lines_told(data: bytes, layout: Layout) -> list[int]:
    """Return the lines of which rows and refusals were made, one by one and in order."""
    rows, refused = read(data, layout)
    told = [line for line, _ in refused]
    for line, found in rows:
        told += range(line, line + 1 + sum((cell or "").count("\n") for cell in found))
    return sorted(told)


damaged_lines = st.lists(
    st.one_of(
        st.sampled_from([b"1,2,3", b'"1","2","3"', b'1,"a\nb",3', b"", b"\r", b",,", b"NULL,NULL,NULL"]),
        st.sampled_from([b"1,2", b"1,2,3,4", b"1", b'1,"2,3', b'1,2,"3', b'1"2,3', b'5" pipe,2,3']),
        st.sampled_from([b"1,\xff,3", b'"\xe9\n",2,3', b"\xc3", b'1,"x"y,3', b'"', b'1,2,3"', b"\x00,\x00,"]),
        st.binary(max_size=6).filter(lambda text: b"\n" not in text),
    ),
    max_size=14,
)


@given(lines=damaged_lines, size=sizes, end=st.booleans())
@settings(max_examples=300)
def test_every_line_of_a_damaged_file_is_in_a_row_refused_or_blank(lines, size, end):
    data = HEADER.encode() + b"\n".join(lines) + (b"\n" if end else b"")
    layout = replace(LAYOUT, block_bytes=size)
    told = lines_told(data, layout)
    assert len(told) == len(set(told)), "a line was told twice"
    printed = data.split(b"\n")
    missing = set(range(2, len(printed) + 1)) - set(told)
    assert [printed[line - 1] for line in missing if printed[line - 1].strip(b"\r")] == []


@given(lines=damaged_lines)
@settings(max_examples=100)
def test_a_refused_line_is_kept_as_it_stands(lines):
    data = HEADER.encode() + b"\n".join(lines) + b"\n"
    printed = data.split(b"\n")
    for block in blocks(io.BytesIO(data), LAYOUT):
        for line, text in read_block(block, LAYOUT).refused.select("line", "text").rows():
            own = printed[line - 1].removesuffix(b"\r")
            assert text == guessed(own)
            assert "\ufffd" not in text, "nobody could tell which sign it was"


@given(
    rows=st.lists(
        st.lists(st.sampled_from(["1", "é", "a,b", "x\ny", ""]), min_size=3, max_size=3), max_size=30
    ),
    at=st.integers(0, 30),
    bad=st.sampled_from(["1,2", "1,2,3,4", '1,"x"y,3']),
)
@settings(max_examples=80)
def test_a_damaged_row_takes_no_other_with_it(rows, at, bad):
    sound = [
        written([row], delimiter=",", quoting=csv.QUOTE_MINIMAL, end="\n")[len(HEADER) :] for row in rows
    ]
    at = min(at, len(sound))
    text = HEADER + "".join([*sound[:at], bad + "\n", *sound[at:]])
    found, refused = read(text.encode())
    assert [row for _, row in found] == [emptied(row) for row in rows]
    assert len(refused) == 1


def test_a_quote_that_is_never_closed_takes_one_row():
    # It is looked for to the end of the block, and what stands below is read all the same.
    text = HEADER + '1,"2,3\n' + "4,5,6\n" * 20_000
    found, refused = read(text.encode())
    assert (len(found), refused) == (20_000, [(2, "broken-quotes")])


def test_thousands_of_unclosed_quotes_cost_no_more_than_reading_them():
    # Each looks for its end among all lines below: done badly, this takes an hour.
    data = HEADER.encode() + b'1,"2,3\n4,5,6\n' * 8_000
    found, refused = read(data)
    assert (len(found), len(refused)) == (8_000, 8_000)


def test_signs_that_are_not_utf8_are_guessed_for_whoever_mends_them():
    # What is UTF-8 stays, what is not is read as Windows writes it, and what that leaves undefined stays too.
    assert guessed("Perú ".encode() + "España «€»".encode("cp1252") + b"\x81") == "Perú España «€»\x81"
    assert guessed("Perú".encode() + b"\xe2\x82") == "Perúâ‚"


def test_a_row_that_is_not_utf8_is_refused_with_the_byte_that_shows_it():
    block = Block(data=b"a,b,c\na,\xfa,c\n", line=7, lines=2)
    told = read_block(block, LAYOUT)
    assert told.frame.rows() == [("a", "b", "c", 7)]
    assert told.refused.select("line", "code", "found", "text").rows() == [(8, "not-utf8", "0xfa", "a,ú,c")]


# --- very long lines -----------------------------------------------------------------------------


class Endless:
    """A header, then one line of so many bytes, then one more row."""

    def __init__(self, size: int, *, begin: bytes = b"1,") -> None:
        self._left = size
        self._before, self._after = HEADER.encode() + begin, b"\n7,8,9\n"

    def read(self, size: int = -1, /) -> bytes:
        if self._before:
            piece, self._before = self._before, b""
        elif self._left:
            piece = b"x" * min(size, self._left)
            self._left -= len(piece)
        else:
            piece, self._after = self._after, b""
        return piece

    def close(self) -> None:
        pass


@pytest.mark.parametrize("begin", [b"1,", b'1,"'])
def test_a_line_that_is_too_long_is_told_with_its_size_and_the_next_one_read(begin):
    size = 40 << 20
    layout = replace(LAYOUT, block_bytes=1 << 20)
    told = [
        (block.line, len(block.data), read_block(block, layout))
        for block in blocks(Endless(size, begin=begin), layout)
    ]
    assert all(held <= RECORD_BYTES for _, held, _ in told)
    refused = pl.concat([one.refused for _, _, one in told])
    assert refused.select("line", "code", "found").rows() == [(2, "too-long", str(size + len(begin) + 1))]
    assert pl.concat([one.frame for _, _, one in told]).rows() == [("7", "8", "9", 3)]


def test_a_header_without_an_end_is_no_header():
    with pytest.raises(UnreadableError) as told:
        list(blocks(io.BytesIO(b"x" * (RECORD_BYTES + 1)), replace(LAYOUT, block_bytes=1 << 20)))
    assert (told.value.code, told.value.line) == ("too-long", 1)


def test_a_file_that_leaves_its_encoding_is_not_read_at_all():
    layout = replace(LAYOUT, encoding="utf-16-le")
    with pytest.raises(UnreadableError) as told:
        read("one,two,three\n".encode("utf-16-le") + b"\x00\xd8\x00\x00", layout)
    assert told.value.code == "encoding"


# --- lines written -------------------------------------------------------------------------------


@given(row=st.lists(cells, min_size=2, max_size=4), delimiter=st.sampled_from([",", ";", "\t", "|"]))
@settings(max_examples=100)
def test_a_line_that_is_written_reads_back(row, delimiter):
    assume("\r" not in "".join(row))
    assert split_cells(delimited_line(row, delimiter), delimiter) == row


@given(row=st.lists(cells, min_size=2, max_size=4), delimiter=st.sampled_from([";", "\t", "|"]))
@settings(max_examples=100)
def test_a_line_keeps_its_cells_under_another_delimiter(row, delimiter):
    line = delimited_line(row, ",")
    told = redelimited(pl.Series("text", [line, 'no,"cells']), delimiter)
    assert split_cells(told[0], delimiter) == row
    assert told[1] == delimited_line(['no,"cells'], delimiter), "what cannot be split stays in one cell"
