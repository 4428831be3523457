"""The ledger on disk: what goes in comes out, whole or not at all, whoever is killed or reads meanwhile."""

# mypy: disable-error-code="operator"
from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ayni
from ayni.ledger.drafts import write
from ayni.ledger.schemas import OBSERVATIONS, TABLES
from ayni.ledger.store import MANIFEST, LedgerError, frame, open_ledger, revised, sql
from tests.ledger.samples import flow, ledger_of, line, observation, table

SOURCE = Path(ayni.__file__).parents[1]
WRITER = """
import sys
from pathlib import Path
import polars as pl
from ayni.ledger.drafts import write
from tests.ledger.samples import flow, observation, table
path, batches, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
money = table("flows", [flow(2000, i) for i in range(rows)])
seen = table("observations", [observation(value=i) for i in range(rows)])
print("ready", flush=True)
for n in range(batches):
    note = pl.lit(str(n))
    write(path, {"flows": money.with_columns(note=note), "observations": seen.with_columns(note=note)})
print("done", flush=True)
"""
ROWS = 20


def start_writer(path: Path, batches: int) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(batches), str(ROWS)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{SOURCE}{os.pathsep}{root}", "POLARS_MAX_THREADS": "1"},
    )


def await_word(writer: subprocess.Popen[str], word: str) -> None:
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == word


def whole_batches(path: Path) -> int:
    """How many batches the ledger holds; fails unless it holds all of each or none."""
    ledger = open_ledger(path)
    counts = [
        dict(frame(ledger, name).group_by("note").len().iter_rows()) for name in ("flows", "observations")
    ]
    assert counts[0] == counts[1]
    assert set(counts[0].values()) <= {ROWS}
    assert set(counts[0]) == {str(n) for n in range(len(counts[0]))}
    return len(counts[0])


# --- there and back ------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
optional = st.none() | st.floats(-1e12, 1e12)


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            observation,
            indicator=texts,
            place=texts,
            year=st.integers(1800, 2099),
            value=st.floats(-1e15, 1e15),
            until=st.none() | st.integers(1800, 2099),
            low=optional,
            high=optional,
            note=texts,
        ),
        max_size=8,
    )
)
def test_what_is_written_is_what_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("ledger")
    wanted = table("observations", rows)
    write(path, {"observations": wanted})
    assert frame(open_ledger(path), "observations").equals(wanted)


def test_two_writes_are_read_one_after_the_other(tmp_path):
    first, second = (table("observations", [observation(value=v)]) for v in (1, 2))
    write(tmp_path, {"observations": first})
    ledger = write(tmp_path, {"observations": second})
    assert frame(ledger, "observations")["value"].to_list() == [1, 2]
    assert frame(open_ledger(tmp_path), "observations")["value"].to_list() == [1, 2]


def test_a_ledger_that_is_open_stays_as_it_was_when_opened(tmp_path):
    write(tmp_path, {"observations": table("observations", [observation(value=1)])})
    before = open_ledger(tmp_path)
    write(tmp_path, {"observations": table("observations", [observation(value=2)])})
    assert frame(before, "observations")["value"].to_list() == [1]


def test_writing_the_same_again_changes_nothing(tmp_path):
    rows = {
        "observations": table("observations", line("area", {2020: 1, 2021: 2})),
        "flows": table("flows", []),
    }
    first = write(tmp_path, rows)
    files = sorted(p.name for p in (tmp_path / "parts").iterdir())
    again = write(tmp_path, rows)
    assert again.parts == first.parts
    assert again.digest == first.digest
    assert sorted(p.name for p in (tmp_path / "parts").iterdir()) == files


def test_parts_never_change_once_they_are_written(tmp_path):
    write(tmp_path, {"observations": table("observations", [observation(value=1)])})
    before = {p.name: p.read_bytes() for p in (tmp_path / "parts").iterdir()}
    write(tmp_path, {"observations": table("observations", [observation(value=2)])})
    assert {name: (tmp_path / "parts" / name).read_bytes() for name in before} == before


def test_other_rows_make_another_digest(tmp_path):
    one = write(tmp_path / "a", {"observations": table("observations", [observation(value=1, row="x:2")])})
    same = write(tmp_path / "b", {"observations": table("observations", [observation(value=1, row="x:2")])})
    other = write(tmp_path / "c", {"observations": table("observations", [observation(value=2, row="x:2")])})
    assert one.digest == same.digest != other.digest


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("observations", lambda t: t.drop("unit")),
        ("observations", lambda t: t.with_columns(extra=pl.lit(1))),
        ("observations", lambda t: t.with_columns(pl.col("year").cast(pl.String()))),
        ("observations", lambda t: t.rename({"unit": "units"})),
        ("observation", lambda t: t),
        ("flows", lambda t: t),
    ],
)
def test_a_table_of_another_shape_is_refused_and_nothing_is_written(tmp_path, name, spoil):
    good = table("observations", [observation()])
    with pytest.raises(LedgerError, match=name):
        write(tmp_path, {"places": pl.DataFrame(schema=TABLES["places"]), name: spoil(good)})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_manifest_is_not_a_ledger(tmp_path):
    with pytest.raises(LedgerError, match=MANIFEST):
        open_ledger(tmp_path)


def test_a_missing_part_is_told_by_name(tmp_path):
    ledger = write(tmp_path, {"observations": table("observations", [observation()])})
    (tmp_path / "parts" / ledger.parts[0].file).unlink()
    with pytest.raises(LedgerError, match=ledger.parts[0].file):
        open_ledger(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"format": 1}',
        b'{"format": 1, "parts": 3}',
        b'{"format": 1, "parts": [{}]}',
        b'{"format": 1, "parts": [{"table": "flows"}]}',
        b'{"format": 99, "parts": []}',
    ],
)
def test_a_manifest_that_is_none_is_told_with_its_file(tmp_path, content):
    write(tmp_path, {"observations": table("observations", [observation()])})
    (tmp_path / MANIFEST).write_bytes(content)
    with pytest.raises(LedgerError, match=MANIFEST):
        open_ledger(tmp_path)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_damaged_part_is_told_by_name(tmp_path, keep):
    ledger = write(tmp_path, {"observations": table("observations", line("area", {2020: 1, 2021: 2}))})
    part = tmp_path / "parts" / ledger.parts[0].file
    part.write_bytes(part.read_bytes()[:keep])
    with pytest.raises(LedgerError, match=part.name):
        frame(open_ledger(tmp_path), "observations")


# --- kills and readers ---------------------------------------------------------------------------


def test_a_writer_killed_at_any_moment_leaves_all_or_nothing_of_each_write(tmp_path):
    draw = random.Random(20261123)
    seen = []
    for turn in range(5):
        paths = [tmp_path / f"{turn}-{i}" for i in range(4)]
        writers = [start_writer(path, batches=60) for path in paths]
        try:
            for writer in writers:
                await_word(writer, "ready")
                time.sleep(draw.uniform(0, 0.06))
                os.kill(writer.pid, signal.SIGKILL)
        finally:
            for writer in writers:
                writer.kill()
                writer.communicate()
        for path in paths:
            seen.append(whole_batches(path) if (path / MANIFEST).is_file() else 0)
            # and the ledger takes the next write as if nothing had happened
            ledger = write(
                path, {"observations": table("observations", [observation(value=-1, note="after")])}
            )
            assert frame(ledger, "observations").filter(note="after").height == 1
            assert sql(ledger, "SELECT count(*) FROM observations").item() == seen[-1] * ROWS + 1
    assert len(set(seen)) > 3, f"the kills fell too close together to mean anything: {seen}"


def test_readers_during_writes_see_whole_batches_and_never_fewer(tmp_path):
    writer = start_writer(tmp_path, batches=25)
    try:
        await_word(writer, "ready")
        seen, deadline = [0], time.monotonic() + 30
        while writer.poll() is None and time.monotonic() < deadline:
            if (tmp_path / MANIFEST).is_file():
                seen.append(whole_batches(tmp_path))
        await_word(writer, "done")
    finally:
        writer.kill()
        writer.communicate()
    assert seen == sorted(seen)
    assert len(set(seen)) > 2, "the reader never met the writer"
    assert whole_batches(tmp_path) == 25


# --- queries -------------------------------------------------------------------------------------


def test_a_query_gives_what_the_frames_hold(tmp_path):
    rows = line("area", {2020: 1.5, 2021: 2.5}) + line("price", {2020: 7})
    ledger = write(
        tmp_path, {"observations": table("observations", rows), "flows": table("flows", [flow(2020, 9)])}
    )
    write_more = write(tmp_path, {"observations": table("observations", line("area", {2022: 4}))})
    got = sql(write_more, "SELECT indicator, sum(value) FROM observations GROUP BY 1 ORDER BY 1")
    assert list(got.iter_rows()) == [("area", 8.0), ("price", 7.0)]
    assert sql(write_more, "SELECT * FROM flows").equals(frame(ledger, "flows"))


def test_a_folder_with_a_quote_in_its_name_is_queried_like_any_other(tmp_path):
    path = tmp_path / "d'Ayni's; DROP"
    ledger = write(path, {"observations": table("observations", [observation(value=3)])})
    assert sql(ledger, "SELECT value FROM observations").item() == 3


@pytest.mark.parametrize(
    "query", ["SELEC 1", "SELECT nothing FROM observations", "SELECT * FROM nowhere", ""]
)
def test_a_query_that_is_wrong_is_told_as_a_ledger_error(tmp_path, query):
    ledger = write(tmp_path, {"observations": table("observations", [observation()])})
    with pytest.raises(LedgerError):
        sql(ledger, query)


@pytest.mark.parametrize(
    "query",
    [
        "DROP VIEW observations",
        "DELETE FROM observations",
        "INSERT INTO observations SELECT * FROM observations",
        "UPDATE observations SET value = 0",
        "COPY (SELECT 1) TO '{part}' (FORMAT parquet)",
        "COPY (SELECT 1) TO '{beside}'",
        "ATTACH '{beside}' AS other; CREATE TABLE other.t AS SELECT 1",
        "EXPORT DATABASE '{beside}'",
    ],
)
def test_no_query_writes(tmp_path, query):
    path = tmp_path / "ledger"
    ledger = write(path, {"observations": table("observations", [observation(value=5)])})
    part = path / "parts" / ledger.parts[0].file
    before = part.read_bytes()
    with pytest.raises(LedgerError):
        sql(ledger, query.format(part=part, beside=tmp_path / "beside"))
    assert part.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["ledger"]
    assert sql(open_ledger(path), "SELECT value FROM observations").item() == 5


def test_no_query_reads_other_files(tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    ledger = write(tmp_path / "ledger", {"observations": table("observations", [observation()])})
    with pytest.raises(LedgerError):
        sql(ledger, f"SELECT * FROM read_csv('{tmp_path}/secret.csv')")


# --- what if -------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(0, 5), st.floats(-1e6, 1e6))
def test_a_revised_ledger_differs_in_one_row_only(which, value):
    rows = [observation(year=2000 + i, value=10 * i, low=10 * i - 1, high=10 * i + 2) for i in range(6)]
    before = ledger_of(rows, [flow(2000, 3)])
    after = revised(before, rows[which].row, value)
    for got, was in zip(frame(after, "observations").iter_rows(named=True), rows, strict=True):
        moved = value - was.value if was.row == rows[which].row else 0
        assert got["value"] == pytest.approx(was.value + moved, abs=1e-9)
        assert (got["low"], got["high"]) == pytest.approx((was.low + moved, was.high + moved), abs=1e-9)
        kept = OBSERVATIONS.keys() - {"value", "low", "high"}
        assert {k: got[k] for k in kept} == {k: getattr(was, k) for k in kept}
    assert frame(after, "flows").equals(frame(before, "flows"))
    assert frame(before, "observations")["value"].to_list() == [r.value for r in rows]


def test_revising_forgets_what_had_been_worked_out_from_the_old_figure():
    from ayni.ledger.series import series

    rows = line("area", {2020: 1, 2021: 2})
    before = ledger_of(rows)
    assert series(before, "area", "PER").values == (1, 2)
    after = revised(before, rows[1].row, 50)
    assert series(after, "area", "PER").values == (1, 50)
    assert series(before, "area", "PER").values == (1, 2)
    assert series(revised(after, rows[0].row, 9), "area", "PER").values == (9, 50)


def test_a_flow_is_revised_by_its_amount():
    rows = [flow(2020, 5), flow(2021, 6)]
    after = revised(ledger_of([], rows), rows[0].row, 7)
    assert frame(after, "flows")["amount"].to_list() == [7, 6]


def test_revising_a_row_that_is_not_there_is_refused():
    with pytest.raises(KeyError, match="file:line"):
        revised(ledger_of([observation()]), "figures/none.csv:2", 1)


def test_the_manifest_names_every_part_with_its_hash(tmp_path):
    import hashlib

    write(tmp_path, {"observations": table("observations", [observation()])})
    told = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    for part in told["parts"]:
        assert hashlib.sha256((tmp_path / "parts" / part["file"]).read_bytes()).hexdigest() == part["sha256"]
