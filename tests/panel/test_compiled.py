"""Kernels kept on disk: dropped when a file with kernels changed, kept otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.panel.compiled import drop_stale


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.py").write_text("@compiled\ndef one(): ...\n")
    (tmp_path / "two.py").write_text("def two(): ...\n")
    drop_stale(tmp_path)
    return tmp_path


def kernels(folder: Path) -> list[str]:
    return sorted(p.name for p in (folder / "__pycache__").glob("*.nb*"))


def keep(folder: Path) -> None:
    for name in ("one-1.py311.nbi", "one-1.py311.1.nbc"):
        (folder / "__pycache__" / name).write_bytes(b"code")


def test_kernels_stay_while_their_files_are_the_same(folder):
    keep(folder)
    drop_stale(folder)
    assert len(kernels(folder)) == 2


def test_kernels_go_when_a_file_with_kernels_changes_and_only_then(folder):
    keep(folder)
    (folder / "two.py").write_text("def two(): return 2\n")
    drop_stale(folder)
    assert len(kernels(folder)) == 2
    (folder / "one.py").write_text("@compiled\ndef one(): return 1\n")
    drop_stale(folder)
    assert kernels(folder) == []
    keep(folder)
    drop_stale(folder)
    assert len(kernels(folder)) == 2


def test_no_half_written_stamp_stays(folder):
    assert [p.name for p in (folder / "__pycache__").iterdir()] == ["kernels.stamp"]
