"""Tables and paragraphs by display width; progress on a terminal only."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.cli import terminal
from ayni.cli.terminal import Progress, paragraph, records, table, width, wrap


def test_width_counts_cells_and_not_signs():
    assert width("año") == 3
    assert width("an\u0303o") == 3
    assert width("漢字") == 4
    assert width("US$\u202f1") == 5


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=200), st.integers(2, 60))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int):
    lines = wrap(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_addresses_stay_whole_in_paragraphs():
    address = "https://example.org/" + "long/" * 40
    assert address in paragraph(f"See {address}", "  ").split()


def test_numbers_line_up_on_the_right(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = table(["Año", "US$"], [["2020", "1"], ["2021", "1 000"]], right=(1,)).splitlines()
    assert lines == ["Año     US$", "----  -----", "2020      1", "2021  1 000"]


def test_a_column_without_anything_is_left_out():
    assert table(["A", ""], [["1", ""], ["2", ""]]).splitlines()[0] == "A"


def test_a_table_too_wide_to_read_becomes_records(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    heads = [f"head-{n}" for n in range(9)]
    shown = table(heads, [["some words of a cell"] * 9])
    assert shown == records(heads, [["some words of a cell"] * 9])
    assert max(map(width, shown.splitlines())) <= 40


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("quiet", "speaks"), [(0.0, True), (30.0, False)])
def test_progress_speaks_only_after_a_while(monkeypatch: pytest.MonkeyPatch, quiet: float, speaks: bool):
    monkeypatch.setattr(terminal, "_QUIET_SECONDS", quiet)
    monkeypatch.setattr(terminal, "_TICK_SECONDS", 0.01)
    stream = _Terminal()
    told = Progress(stream)
    told("opening")
    told.start()
    time.sleep(0.1)
    told.stop()
    assert ("opening" in stream.getvalue()) is speaks
    assert not speaks or stream.getvalue().endswith("\r")


def test_progress_is_silent_without_a_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(terminal, "_QUIET_SECONDS", 0.0)
    stream = io.StringIO()
    told = Progress(stream)
    told.start()
    time.sleep(0.05)
    told.stop()
    assert stream.getvalue() == ""
