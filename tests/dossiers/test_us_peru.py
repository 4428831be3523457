"""Every published number of the first case, against those of the last edition."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ayni.brief.results import published
from ayni.claims.case import over
from ayni.claims.numbers import number
from ayni.dossier.opening import Dossier, open_dossier
from ayni.ledger.store import revised

FOLDER = Path(__file__).resolve().parents[2] / "dossiers" / "us-peru"
# Twelve significant digits are kept; linear algebra differs in the last of them between machines.
RELATIVE = 1e-9
REMEDY = "if the change is meant, run `make expected`, read the diff and commit it"


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return open_dossier(FOLDER, cache=tmp_path_factory.mktemp("cache"))


def leaves(value: object, path: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in leaves(inner, f"{path}/{key}").items()}
    if isinstance(value, list):
        return {k: v for i, inner in enumerate(value) for k, v in leaves(inner, f"{path}/{i}").items()}
    return {path: value}


def test_every_published_number_is_that_of_the_last_edition(dossier):
    expected = leaves(json.loads((FOLDER / "expected.json").read_text(encoding="utf-8")))
    now = leaves(json.loads(json.dumps(published(dossier))))
    assert sorted(now) == sorted(expected), REMEDY
    changed = {
        path: (expected[path], value) for path, value in now.items() if not same(expected[path], value)
    }
    assert changed == {}, REMEDY


def same(before: object, after: object) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return after == pytest.approx(before, rel=RELATIVE)
    return before == after


def test_changing_one_figure_changes_what_is_published(dossier):
    name = number(dossier.case, "coca-2024")
    moved = revised(dossier.case.ledger, name.rows[0], name.quantity.value + 1)
    moved_dossier = replace(dossier, case=over(dossier.case, moved))
    before, after = leaves(published(dossier)), leaves(published(moved_dossier))
    changed = {path for path in before if before[path] != after.get(path)}
    assert "/numbers/coca-2024/value" in changed
    assert any(path.startswith("/curves/") for path in changed)
    assert "/numbers/coca-2022/value" not in changed
