"""Drafts of a ledger: all of one counts or nothing, and what counts is never taken away."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import polars as pl
import pytest

from ayni.ledger import drafts, store
from ayni.ledger.drafts import LOCK, BusyLedgerError, drafting
from ayni.ledger.schemas import DETAILS
from ayni.ledger.store import MANIFEST, PARTS, LedgerError, frame, open_ledger
from tests.ledger.samples import observation, table


def seen(value: float) -> pl.DataFrame:
    return table("observations", [observation(value=value)])


def parts(path: Path) -> set[str]:
    return {one.name for one in (path / PARTS).iterdir()}


def counting(path: Path) -> set[str]:
    return {part.file for part in open_ledger(path).parts}


def test_what_was_added_counts_when_it_is_committed_and_not_before(tmp_path):
    with drafting(tmp_path) as draft:
        draft.add("observations", seen(1))
        assert not (tmp_path / MANIFEST).exists()
        draft.commit()
        draft.add("observations", seen(2))
        assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1]
    assert parts(tmp_path) == counting(tmp_path)
    assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1]


def test_what_was_discarded_is_gone_and_what_counts_stays(tmp_path):
    with drafting(tmp_path) as draft:
        draft.add("observations", seen(1))
        draft.commit()
        # The very same rows again: their part is the one that counts.
        draft.add("observations", seen(1))
        draft.add("observations", seen(2))
        draft.discard()
        assert parts(tmp_path) == counting(tmp_path)
        draft.commit()
    assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1]


def test_a_fault_after_the_manifest_was_renamed_takes_nothing_away(tmp_path, monkeypatch):
    really = store.sync

    def failing(path: Path) -> None:
        if path == tmp_path:
            raise OSError(errno.EIO, "Input/output error")
        really(path)

    with drafting(tmp_path) as draft:
        draft.add("observations", seen(1))
        monkeypatch.setattr(drafts, "sync", failing)
        with pytest.raises(OSError, match="Input/output"):
            draft.commit()
    assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1]


def test_an_interruption_right_after_the_rename_takes_nothing_away(tmp_path, monkeypatch):
    really = store.replace_file

    def interrupted(path: Path, content: bytes) -> None:
        really(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(drafts, "replace_file", interrupted)
    with drafting(tmp_path) as draft:
        draft.add("observations", seen(1))
        with pytest.raises(KeyboardInterrupt):
            draft.commit()
    assert parts(tmp_path) == counting(tmp_path)
    assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1]


def test_a_part_that_cannot_be_written_leaves_nothing_behind(tmp_path, monkeypatch):
    def half(self: pl.DataFrame, path: Path, **_: object) -> None:
        path.write_bytes(b"PAR1 and then no room")
        raise pl.exceptions.ComputeError("parquet: IO error: No space left on device (os error 28)")

    with drafting(tmp_path) as draft:
        monkeypatch.setattr(pl.DataFrame, "write_parquet", half)
        with pytest.raises(OSError, match="No space left") as told:
            draft.add("observations", seen(1))
        assert told.value.errno == errno.ENOSPC
        assert parts(tmp_path) == set()


def test_what_polars_says_of_itself_is_not_said_of_the_disk(tmp_path, monkeypatch):
    def failing(self: pl.DataFrame, path: Path, **_: object) -> None:
        raise pl.exceptions.ComputeError("this type cannot be written")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", failing)
    with drafting(tmp_path) as draft, pytest.raises(pl.exceptions.ComputeError):
        draft.add("observations", seen(1))


def test_threads_may_add_at_the_same_time(tmp_path):
    with drafting(tmp_path) as draft:
        adding = [threading.Thread(target=draft.add, args=("observations", seen(n))) for n in range(20)]
        for one in adding:
            one.start()
        for one in adding:
            one.join()
        draft.commit()
    assert sorted(frame(open_ledger(tmp_path), "observations")["value"]) == list(range(20))


def test_tables_must_have_their_columns_but_details_are_as_the_file_prints_them(tmp_path):
    with drafting(tmp_path) as draft:
        with pytest.raises(LedgerError, match="has columns"):
            draft.add("observations", seen(1).drop("value"))
        with pytest.raises(LedgerError, match="has columns"):
            draft.add("nothing", seen(1))
        draft.add(f"{DETAILS}anything", pl.DataFrame({"origin": ["a"], "whatever": [1]}))


def test_writers_take_turns(tmp_path):
    with drafting(tmp_path), pytest.raises(BusyLedgerError), drafting(tmp_path, wait=False):
        pass
    with drafting(tmp_path, wait=False) as draft:
        draft.add("observations", seen(1))
    assert (tmp_path / LOCK).is_file()


def test_a_draft_of_a_broken_ledger_is_refused_and_sweeps_nothing(tmp_path):
    with drafting(tmp_path) as draft:
        draft.add("observations", seen(1))
        draft.commit()
    (part,) = parts(tmp_path)
    left = tmp_path / PARTS / "flows-left.parquet"
    left.write_bytes(b"?")
    (tmp_path / PARTS / part).rename(tmp_path / part)
    with pytest.raises(LedgerError, match="missing"), drafting(tmp_path):
        pass
    assert left.exists(), "somebody may be about to put the parts back"


def test_a_folder_that_cannot_be_a_ledger_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(OSError, match="file"), drafting(path):
        pass
    assert list(tmp_path.iterdir()) == [path]
