"""The same bytes count once, under whatever name; other bytes stand beside them."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.intake.ingest import ingest
from ayni.ledger.store import frame, open_ledger
from tests.intake.taking import by_stage, country, held, outcomes, put, put_gz, put_zip, take


def test_reading_a_file_again_does_not_touch_the_ledger(tmp_path):
    path = put(tmp_path / "a.csv", country().data)
    take(tmp_path / "L", path)
    before = held(tmp_path / "L")
    times = (tmp_path / "L" / "manifest.json").stat().st_mtime_ns
    (again,) = take(tmp_path / "L", path)
    assert (again.outcome, again.kept) == ("known", country().truth.rows)
    assert held(tmp_path / "L") == before
    assert (tmp_path / "L" / "manifest.json").stat().st_mtime_ns == times


@pytest.mark.parametrize("first", ["plain", "zip", "gz"])
def test_the_same_bytes_are_known_under_another_name_and_in_an_archive(tmp_path, first):
    made = country()
    folder = tmp_path / "in"
    folder.mkdir()
    ways = {
        "plain": put(folder / "a.csv", made.data),
        "other": put(folder / "2020-01-01 other.csv", made.data),
        "zip": put_zip(folder / "a.zip", {"2019.csv": made.data}),
        "gz": put_gz(folder / "a.csv.gz", made.data),
    }
    take(tmp_path / "L", ways.pop(first))
    before = held(tmp_path / "L")
    assert {one.outcome for one in take(tmp_path / "L", *ways.values())} == {"known"}
    assert held(tmp_path / "L") == before
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


def test_a_folder_with_one_file_twice_counts_it_once(tmp_path):
    made = country()
    put(tmp_path / "in" / "a.csv", made.data)
    put(tmp_path / "in" / "copy" / "a.csv", made.data)
    assert [one.outcome for one in take(tmp_path / "L", tmp_path / "in")] == ["new", "known"]
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


@given(order=st.permutations(["a.csv", "a.csv.gz", "a.zip", "b.csv"]), twice=st.booleans())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_in_which_files_come_changes_no_total(tmp_path_factory, order, twice):
    tmp_path = tmp_path_factory.mktemp("order")
    one, two = country(rows=60, seed=1), country(rows=60, seed=2)
    put(tmp_path / "a.csv", one.data)
    put_gz(tmp_path / "a.csv.gz", one.data)
    put_zip(tmp_path / "a.zip", {"x/a.csv": one.data, "b.csv": two.data})
    put(tmp_path / "b.csv", two.data)
    for name in order * (1 + twice):
        take(tmp_path / "L", tmp_path / name)
    both = [made.truth.by("stage") for made in (one, two)]
    expected = {key: sum(totals.get(key, 0) for totals in both) for key in both[0] | both[1]}
    assert by_stage(tmp_path / "L") == expected
    assert frame(open_ledger(tmp_path / "L"), "origins").height == 2


def test_a_new_release_of_the_same_name_stands_beside_the_old_one(tmp_path):
    old, new = country(release="2023-10-21"), country(release="2025-11-29")
    path = put(tmp_path / "us_foreign_aid_country.csv", old.data)
    (first,) = take(tmp_path / "L", path, vintage="2023-10-21")
    put(path, new.data)
    (second,) = take(tmp_path / "L", path, vintage="2025-11-29")
    assert first.origin != second.origin
    assert by_stage(tmp_path / "L", first.origin) == old.truth.by("stage")
    assert by_stage(tmp_path / "L", second.origin) == new.truth.by("stage")
    assert frame(open_ledger(tmp_path / "L"), "origins")["vintage"].to_list() == ["2023-10-21", "2025-11-29"]


def test_two_files_that_claim_one_release_are_both_kept_apart(tmp_path):
    one, two = country(seed=1), country(seed=2)
    put(tmp_path / "in" / "a 2024-12-22.csv", one.data)
    put(tmp_path / "in" / "b 2024-12-22.csv", two.data)
    first, second = take(tmp_path / "L", tmp_path / "in")
    assert (first.vintage, second.vintage) == ("2024-12-22", "2024-12-22")
    assert (first.origin, second.origin) == ("fagov-country-2024-12-22", "fagov-country-2024-12-22-2")
    assert by_stage(tmp_path / "L", first.origin) == one.truth.by("stage")
    assert by_stage(tmp_path / "L", second.origin) == two.truth.by("stage")


def test_another_file_of_the_same_size_is_another_file(tmp_path):
    data = country().data
    path = put(tmp_path / "a.csv", data)
    take(tmp_path / "L", path)
    at = data.index(b"\n", 500) - 1
    put(path, data[:at] + (b"7" if data[at : at + 1] != b"7" else b"8") + data[at + 1 :])
    (taken,) = take(tmp_path / "L", path)
    assert (taken.outcome, taken.size_bytes) == ("new", len(data))


# --- changed while it is read --------------------------------------------------------------------


@pytest.mark.parametrize("change", ["longer", "shorter", "replaced", "gone"])
def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path, change):
    # A download may still be running.
    data = country(rows=2000).data
    path = put(tmp_path / "a.csv", data)
    told: list[str] = []

    def tell(file, size, whole):
        if told or not size:
            return
        told.append(file)
        if change == "longer":
            with path.open("ab") as more:
                more.write(b"PER,Peru\n")
        elif change == "shorter":
            os.truncate(path, len(data) // 2)
        elif change == "replaced":
            put(tmp_path / "new.csv", data).replace(path)
        else:
            path.unlink()

    (taken,) = ingest([path], tmp_path / "L", tell=tell)
    assert told == ["a.csv"]
    assert outcomes([taken]) == {"a.csv": "changed"}
    assert held(tmp_path / "L") == (b"", frozenset())


def test_a_file_that_grew_is_another_file_when_it_is_complete(tmp_path):
    data = country(rows=2000).data
    half = data[: data.index(b"\n", len(data) // 2) + 1]
    path = put(tmp_path / "a.csv", half)
    take(tmp_path / "L", path)
    put(path, data)
    (taken,) = take(tmp_path / "L", path)
    assert (taken.outcome, taken.kept) == ("new", country(rows=2000).truth.rows)
