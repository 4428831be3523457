"""Killed, starved, watched and overfed: the ledger holds all of a file or nothing of it."""

from __future__ import annotations

import ast
import errno
import gzip
import multiprocessing as mp
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import ayni
from ayni.intake.ingest import StoppedError
from ayni.ledger.drafts import BusyLedgerError, drafting
from ayni.ledger.store import MANIFEST, PARTS, frame, open_ledger
from tests.intake import hostile
from tests.intake.taking import by_stage, by_stage_summed, country, held, outcomes, put, take
from tests.made import damage, foreign_assistance
from tests.made.truth import Made

ROOT = Path(__file__).parents[2]
# Of kills; another seed is another loop, and each takes about a tenth of a second.
SEED, ROUNDS = 20261124, 40


@cache
def _server() -> Any:
    """Return what starts processes in which everything is imported already."""
    served = mp.get_context("forkserver")
    served.set_forkserver_preload(["tests.intake.hostile"])
    return served


def start(work: Callable[..., None], *given: object) -> BaseProcess:
    process: BaseProcess = _server().Process(target=work, args=given, daemon=True)
    process.start()
    return process


def complete(seed: int, rows: int = 3000) -> Made:
    return foreign_assistance.complete_csv(foreign_assistance.Complete(rows=rows, seed=seed))


def whole(into: Path, made: dict[str, Made]) -> list[str]:
    """Return the files of a ledger, having seen that each is there whole, and nothing else."""
    if not (into / MANIFEST).is_file():
        return []
    ledger = open_ledger(into)
    files = frame(ledger, "ingests")["file"].to_list()
    totals: dict[tuple[str, ...], int] = {}
    for file in files:
        for key, amount in made[file].truth.by("stage").items():
            totals[key] = totals.get(key, 0) + amount
    if files:
        assert by_stage(into) == totals
        assert by_stage_summed(into) == totals
        assert frame(ledger, "flows").height == sum(made[file].truth.rows for file in files)
    assert len(files) == len(set(files)) == frame(ledger, "origins").height
    return files


def swept(into: Path) -> bool:
    """Return whether a ledger's folder holds the parts that count and no others."""
    return {path.name for path in (into / PARTS).iterdir()} == {part.file for part in open_ledger(into).parts}


# --- killed --------------------------------------------------------------------------------------


def test_whoever_is_killed_at_any_moment_leaves_all_of_a_file_or_nothing(tmp_path):
    made = {f"{n}.csv": complete(n) for n in range(1, 6)}
    paths = {name: put(tmp_path / name, one.data) for name, one in made.items()}
    seconds = 0.0
    for trial in ("first", "second"):
        # The first one waits until the server has imported everything.
        begun = time.monotonic()
        process = start(hostile.read_in, str(tmp_path / trial), [str(paths["1.csv"])])
        process.join()
        assert process.exitcode == 0
        seconds = time.monotonic() - begun
    choose, into, killed, kept = random.Random(SEED), tmp_path / "L", 0, 0
    left = list(paths.values())
    for n in range(ROUNDS):
        if not left:
            left, into = list(paths.values()), tmp_path / f"L{n}"
        process = start(hostile.read_in, str(into), [str(left[0])])
        if n % 3:
            time.sleep(choose.uniform(0, seconds))
        else:
            # Close to the moment that counts: the last part is there, the manifest is not.
            await_part(into / PARTS, "ingests-", process, before=kept)
            time.sleep(choose.uniform(0, 0.01))
        killed += kill(process)
        files = whole(into, made)
        if left[0].name in files:
            left.pop(0)
        assert files == [path.name for path in paths.values() if path not in left]
        kept = len(files) if left else 0
    assert killed > ROUNDS // 2
    told = outcomes(take(into, *paths.values()))
    assert set(told.values()) <= {"new", "known"}
    assert sorted(whole(into, made)) == sorted(made)
    assert swept(into)
    before = held(into)
    assert set(outcomes(take(into, *paths.values())).values()) == {"known"}
    assert held(into) == before


def kill(process: BaseProcess) -> bool:
    """Kill a process as ``kill -9`` does, and return whether it still ran."""
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def await_part(parts: Path, begin: str, process: BaseProcess, *, before: int) -> None:
    """Wait until there is one more part of a table than before."""
    while process.is_alive():
        if parts.is_dir() and sum(1 for _ in parts.glob(f"{begin}*")) > before:
            return
        time.sleep(0.0005)


# --- starved -------------------------------------------------------------------------------------


@contextmanager
def failing(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, at: int, fault: BaseException
) -> Iterator[None]:
    """Let the call of that number fail."""
    really, calls = getattr(owner, name), iter(range(1 << 20))

    def sometimes(*given: object, **named: object) -> object:
        if next(calls) == at:
            raise fault
        return really(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, sometimes)
        yield


@pytest.mark.parametrize(
    ("owner", "name"),
    [(os, "fsync"), (Path, "replace"), (Path, "write_bytes"), (pl.DataFrame, "write_parquet"), (os, "open")],
    ids=["fsync", "rename", "write", "part", "open"],
)
@pytest.mark.parametrize("interrupted", [False, True], ids=["full", "interrupted"])
def test_a_disk_that_is_full_at_any_write_leaves_the_ledger_as_it_was(
    tmp_path, monkeypatch, owner, name, interrupted
):
    made = {"old.csv": country(rows=30, seed=1), "new.csv": country(rows=30, seed=2)}
    old, new = (put(tmp_path / file, one.data) for file, one in made.items())
    fault = KeyboardInterrupt() if interrupted else OSError(errno.ENOSPC, "No space left on device")
    failed, into = 0, tmp_path
    for at in range(100):
        into = tmp_path / str(at)
        take(into, old)
        before = held(into)
        stopped: BaseException | None = None
        with failing(monkeypatch, owner, name, at, fault):
            try:
                take(into, new)
            except (StoppedError, KeyboardInterrupt, OSError) as error:
                stopped = error
        if stopped is None:
            break
        failed += 1
        if isinstance(stopped, StoppedError):
            assert (stopped.file, stopped.why) == ("new.csv", "No space left on device")
        files = whole(into, made)
        # Only if the folder itself could not be told of the rename are both there.
        assert files == ["old.csv"] or (name in ("fsync", "open") and files == ["old.csv", "new.csv"])
        if files == ["old.csv"]:
            assert held(into)[0] == before[0]
        assert swept(into)
        assert set(outcomes(take(into, new)).values()) <= {"new", "known"}
        assert whole(into, made) == ["old.csv", "new.csv"]
    assert failed > 0
    assert whole(into, made) == ["old.csv", "new.csv"], "the last round failed nowhere"


def test_no_room_for_a_file_of_any_size_leaves_the_ledger_as_it_was(tmp_path):
    # A limit of the operating system on the size of files, which fails a write as a full disk does.
    made = {"old.csv": country(rows=30, seed=1), "new.csv": complete(2, rows=2000)}
    old, new = (put(tmp_path / file, one.data) for file, one in made.items())
    into = tmp_path / "L"
    take(into, old)
    before = held(into)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    told: set[tuple[str, str]] = set()
    refused = 0
    for room in (0, 1, 100, 1_000, 3_000, 5_000, 10_000, 20_000, 50_000, 100_000, 1 << 30):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
        try:
            take(into, new)
        except StoppedError as error:
            told.add((error.file, error.why))
            refused += 1
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        if "new.csv" in whole(into, made):
            break
        assert held(into) == before
    assert refused > 5
    assert told == {("new.csv", "File too large")}
    assert whole(into, made) == ["old.csv", "new.csv"]


def test_parts_left_behind_are_swept_by_the_next_writer(tmp_path):
    into = tmp_path / "L"
    take(into, put(tmp_path / "a.csv", country(rows=30).data))
    put(into / PARTS / "flows-0123456789abcdef.parquet", b"left behind")
    put(into / PARTS / "77-1.draft", b"left behind")
    put(into / f".{MANIFEST}.77.draft", b"left behind")
    put(into / PARTS / "folder" / "of-somebody", b"not ours")
    assert outcomes(take(into, tmp_path / "a.csv")) == {"a.csv": "known"}
    assert {path.name for path in into.iterdir()} == {PARTS, MANIFEST, "writing.lock"}
    assert (into / PARTS / "folder" / "of-somebody").is_file()


# --- watched -------------------------------------------------------------------------------------


def test_readers_always_see_some_number_of_whole_files(tmp_path):
    into, until = tmp_path / "L", tmp_path / "done"
    readers = [start(hostile.watch, str(into), str(until), str(tmp_path / f"seen{n}")) for n in range(2)]
    paths = [put(tmp_path / f"{n}.csv", country(rows=200, seed=n).data) for n in range(20)]
    try:
        for path in paths:
            assert outcomes(take(into, path)) == {path.name: "new"}
    finally:
        until.touch()
        for reader in readers:
            reader.join(60)
    assert [reader.exitcode for reader in readers] == [0, 0]
    for n in range(2):
        seen = [int(count) for count in (tmp_path / f"seen{n}").read_text().split()]
        assert seen == sorted(seen), "no file vanishes"
        assert seen[-1] == 20
        assert len(set(seen)) > 2, "it looked while files came"


def test_a_second_writer_is_told_that_the_first_is_writing(tmp_path):
    path = put(tmp_path / "a.csv", country(rows=30).data)
    with drafting(tmp_path / "L"), pytest.raises(BusyLedgerError, match="another process"):
        take(tmp_path / "L", path)
    assert outcomes(take(tmp_path / "L", path)) == {"a.csv": "new"}


def test_a_writer_that_was_killed_locks_nobody_out(tmp_path):
    path = put(tmp_path / "a.csv", complete(1).data)
    process = start(hostile.read_in, str(tmp_path / "L"), [str(path)])
    await_part(tmp_path / "L" / PARTS, "", process, before=0)
    kill(process)
    assert set(outcomes(take(tmp_path / "L", path)).values()) <= {"new", "known"}


# --- overfed -------------------------------------------------------------------------------------


def weighed(into: Path, path: Path) -> list[Any]:
    """Read a file in a process of its own, and return what it says of that."""
    script = "import sys; from tests.intake.hostile import weigh; weigh(*sys.argv[1:])"
    search = os.pathsep.join([str(Path(ayni.__file__).parents[1]), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-c", script, str(into), str(path)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": search},
        check=True,
        timeout=60,
    )
    told: list[Any] = ast.literal_eval(ran.stdout)
    return told


def test_a_line_of_a_gigabyte_costs_one_row_and_little_memory(tmp_path):
    made = complete(1, rows=20)
    header, *rows = made.data.split(b"\n")
    path = tmp_path / "a.csv"
    told = damage.write_long_line(b"\n".join([header, *rows[:1]]), path)
    begin = path.stat().st_size
    with path.open("ab") as out:
        out.write(b"\n" + rows[1] + b"\n")
    code, kept, faulty, most, seconds = weighed(tmp_path / "L", path)
    assert told.faults[0].codes == ("too-long",)
    assert (code, kept, [(fault[0], fault[1]) for fault in faulty]) == ("new", 2, [(3, "too-long")])
    assert abs(int(faulty[0][2]) - begin) < 100_000, "the length of the line is told"
    assert most < 500
    assert seconds < 15


def test_a_packed_line_of_a_gigabyte_costs_little_memory(tmp_path):
    made = complete(1, rows=20)
    header, first, *_ = made.data.split(b"\n")
    piece = gzip.compress(b"x" * (1 << 20), mtime=0)
    begin, end = (gzip.compress(text, mtime=0) for text in (header + b"\n" + first + b'\n1,"', b"\n" + first))
    path = put(tmp_path / "a.gz", begin + piece * 1024 + end)
    assert path.stat().st_size < 2_000_000
    code, kept, faulty, most, seconds = weighed(tmp_path / "L", path)
    assert (code, kept, [(fault[0], fault[1]) for fault in faulty]) == ("new", 2, [(3, "too-long")])
    assert most < 500
    assert seconds < 15


def test_very_many_columns_are_read(tmp_path):
    made = country(rows=20)
    header, *rows = made.data.decode().split("\n")
    extra = ",".join(f"extra {n}" for n in range(5_000))
    cells = "," * 5_000
    text = "\n".join([f"{header},{extra}", *(row + cells for row in rows if row), ""])
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.csv", text))
    assert (taken.outcome, taken.kept) == ("new", made.truth.rows)
    assert by_stage(tmp_path / "L") == made.truth.by("stage")


_ITEM = '{"year":2020,"coo_iso":"PER","coa_iso":"CHL","refugees":5,"asylum_seekers":7}'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"items":[' + _ITEM + ',{"x":' + "[" * 100_000, "not-json"),
        ('{"items":[' + _ITEM + ',{"year":"\\ud800"}]}', "not-json"),
        ('{"items":[' + _ITEM + "]", "not-json"),
        (
            '[{"page":1,"lastupdated":"2024-01-01"},[{"indicator":{"id":"A"},"countryiso3code":'
            + "[" * 100_000,
            "not-json",
        ),
        (
            '[{"page":1},[{"indicator":{"id":"A"},"countryiso3code":"PER","date":' + "1" * 5000 + "}]]",
            "not-json",
        ),
        ('[{"page":1},[{"indicator":{"id":"\\udfff"},"countryiso3code":"PER","date":"2020"}]]', "not-json"),
    ],
    ids=["deep", "half-sign", "cut", "deep-page", "long-number", "half-sign-page"],
)
def test_json_that_cannot_be_followed_is_told(tmp_path, text, code):
    assert outcomes(take(tmp_path / "L", put(tmp_path / "a.json", text))) == {"a.json": code}


def test_json_in_another_encoding_is_told_and_not_replaced(tmp_path):
    text = '{"items":[' + _ITEM.replace("PER", "PER").replace('"year"', '"name":"Perú",\n"year"') + "]}"
    (taken,) = take(tmp_path / "L", put(tmp_path / "a.json", text.encode("cp1252")))
    assert taken.fault is not None
    assert (taken.fault.code, taken.fault.line, taken.fault.found) == ("encoding-json", 1, "0xfa")
    assert outcomes(take(tmp_path / "L", put(tmp_path / "a.json", text.encode("utf-16")))) == {
        "a.json": "new"
    }


def test_json_without_an_end_is_not_read_to_it(tmp_path):
    begin, piece = (
        gzip.compress(t.encode(), mtime=0) for t in ('{"items":[' + _ITEM, "," + " " * ((1 << 20) - 1))
    )
    path = put(tmp_path / "a.gz", begin + piece * 200)
    assert outcomes(take(tmp_path / "L", path)) == {"a.gz/a": "json-too-long"}
