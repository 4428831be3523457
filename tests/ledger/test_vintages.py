"""Releases beside one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.ledger.vintages import GONE, MOVED, SAME, counted, moved, vintages
from tests.ledger.official import File, fiscal, ledger_with
from tests.ledger.test_questions import OBLIGATED_2023, releases


def test_fiscal_year_2023_moves_from_release_to_release_by_what_was_published(tmp_path: Path):
    (found,) = vintages(ledger_with(tmp_path, *releases()), provider="USA", recipient="PER")
    changes = found.changes.filter(found.changes["year"] == 2023)
    amounts = list(OBLIGATED_2023.values())
    assert changes["old"].to_list() == amounts[:-1]
    assert changes["new"].to_list() == amounts[1:]
    assert changes["kind"].unique().to_list() == [MOVED]
    assert changes["percent"][0] == pytest.approx(100 * (158_848_229 / 60_406_113 - 1))
    assert changes["open"].all()
    still = found.changes.filter(found.changes["year"] == 2022)
    assert still["kind"].unique().to_list() == [SAME]


def test_whole_files_are_compared_by_their_sums_and_pairs_by_their_rows(tmp_path: Path):
    old = File(dataset="x", vintage="1", flows=[fiscal(2000, 10.0), fiscal(2000, 5.0, recipient="BOL")])
    new = File(dataset="x", vintage="2", flows=[fiscal(2000, 30.0), fiscal(2000, 5.0, recipient="BOL")])
    ledger = ledger_with(tmp_path, old, new)
    (whole,) = vintages(ledger)
    (pair,) = vintages(ledger, recipient="BOL")
    assert whole.changes.select("old", "new", "change").rows() == [(15.0, 35.0, 20.0)]
    assert moved(pair.changes).is_empty()


def test_rounding_is_no_change_and_what_is_dropped_is_gone(tmp_path: Path):
    # Obligations to Peru of 1996, releases of 2021 and 2025; initial allocations were dropped in 2024.
    old = [fiscal(1996, 105_549_946.0), fiscal(2019, 7.0e6, stage="allocated"), fiscal(2025, 1.0)]
    new = [fiscal(1996, 105_549_949.0), fiscal(2025, 1.0)]
    files = (File(dataset="x", vintage=vintage, flows=rows) for vintage, rows in (("1", old), ("2", new)))
    (found,) = vintages(ledger_with(tmp_path, *files))
    assert counted(found.changes) == {"same": 2, "moved": 0, "added": 0, "gone": 1}
    gone = moved(found.changes).row(0, named=True)
    assert (gone["kind"], gone["stage"], gone["open"]) == (GONE, "allocated", False)


def test_a_change_of_sign_has_a_percentage_of_the_size_it_had(tmp_path: Path):
    files = (
        File(dataset="x", vintage=vintage, flows=[fiscal(2012, amount)])
        for vintage, amount in (("1", -200.0), ("2", 100.0))
    )
    (found,) = vintages(ledger_with(tmp_path, *files))
    assert found.changes["percent"].to_list() == [150.0]


def test_files_of_one_release_are_not_compared(tmp_path: Path):
    files = (File(dataset="x", key=key, flows=[fiscal(2012, 5.0)]) for key in ("a", "b"))
    (found,) = vintages(ledger_with(tmp_path, *files))
    assert found.changes.is_empty()
    assert [one.origin for one in found.held] == ["a", "b"]
