"""A Dask cluster of worker processes does the work of curves and of draws, and may lose one of them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from distributed import Client, LocalCluster

from ayni.panel import synthetic_control, synthetic_difference_in_differences
from ayni.panel.bootstrap import bootstrap
from ayni.panel.curve import combinations, run
from tests.panel.textbook import textbook, walks

CALIFORNIA = textbook("prop99")
POOLS = {"all": CALIFORNIA.units, "half": CALIFORNIA.units[::2]}
WINDOWS = tuple((first, last) for first in range(1970, 1980) for last in range(1991, 2001))
OWN = "one-that-stops"
EVERY = combinations(["packs"], ["synthetic-control", "difference-in-differences", OWN], list(POOLS), WINDOWS)
WAITS = 60.0


@pytest.fixture(scope="module")
def cluster():
    # Loopback only, without pages about the workers.
    with (
        LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as made,
        Client(made) as client,
    ):
        yield client


def stopping(marker: Path):
    """A method whose first call, in whichever process, says who it is and never comes back."""

    def method(one):
        try:
            place = os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return synthetic_control(one)
        os.write(place, f"{os.getpid()}\n".encode())
        os.close(place)
        time.sleep(WAITS)
        raise AssertionError("was to be killed")

    return method


def kill_who_stopped(marker: Path, workers: set[int], killed: list[int]):
    until = time.monotonic() + WAITS
    while time.monotonic() < until:
        text = marker.read_text() if marker.exists() else ""
        if text.endswith("\n"):
            # Nobody but a worker of this cluster.
            if int(text) in workers:
                os.kill(int(text), signal.SIGKILL)
                killed.append(int(text))
            return
        time.sleep(0.01)


def figures(rows):
    return {row.specification.key: (row.att, row.pre_rmspe, row.refused) for row in rows}


def test_a_curve_is_the_same_though_a_worker_is_lost(cluster, tmp_path):
    marker = tmp_path / "who"
    killed: list[int] = []
    workers = set(cluster.run(os.getpid).values())
    assert len(workers) == 3
    watch = Thread(target=kill_who_stopped, args=(marker, workers, killed))
    watch.start()
    methods = {OWN: stopping(marker)}
    rows = list(
        run({"packs": CALIFORNIA}, POOLS, EVERY, executor=cluster.get_executor(pure=False), methods=methods)
    )
    watch.join()
    assert len(killed) == 1
    assert killed[0] not in cluster.run(os.getpid).values()
    assert len(rows) == len(EVERY) == 600
    # Now that it was killed the method is any other: the same by one process, in order.
    alone = list(run({"packs": CALIFORNIA}, POOLS, EVERY, methods=methods))
    assert figures(rows) == figures(alone)
    assert {row.refused for row in rows} == {""}


def test_draws_are_the_same_as_by_one_process(cluster):
    own = walks(7, units=20, starts={0: 12, 1: 12, 4: 12})
    alone = bootstrap(own, synthetic_difference_in_differences, draws=300, seed=2)
    shared = bootstrap(
        own,
        synthetic_difference_in_differences,
        draws=300,
        seed=2,
        executor=cluster.get_executor(pure=False),
    )
    assert np.array_equal(shared.draws, alone.draws)
    assert shared.standard_error == alone.standard_error
