"""Measure a specification curve of 10,000 fits on two panels, in two processes and in one.

Half of the fits are synthetic controls, a quarter synthetic differences in differences, the rest differences
in differences and imputations. Pools of controls are drawn at random, seeded; every fit is one of a kind.
Seconds are those of a whole run, the workers' start and the kernels' loading included. Prints a table.

    python -m benchmarks.curve [--fits 10000] [--runs 3]

The exit code is 1 where two processes take longer than the limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from multiprocessing import get_context

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from ayni.panel import Panel, panel
from ayni.panel.curve import Specification, run
from tests.panel.textbook import textbook

LIMITS = {"130 x 9": 10.0, "California": 20.0}
# Of eight fits.
_SHARES = (
    *("synthetic-control",) * 4,
    *("synthetic-difference-in-differences",) * 2,
    "difference-in-differences",
    "imputation",
)
_TRANSFORMATIONS = ("level", "log", "index", "standardised")


def districts() -> Panel:
    """Return a panel of 130 places and 9 years, random walks with one treated place."""
    generator = np.random.default_rng(1)
    outcomes = generator.normal(size=(130, 9)).cumsum(axis=1) + 20
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 6:] = True
    return panel(outcomes, treated, periods=range(2012, 2021))


def asked(own: Panel, fits: int) -> tuple[dict[str, tuple[str, ...]], list[Specification]]:
    """Return pools and as many combinations as asked for, all different."""
    generator = np.random.default_rng(2)
    controls = [name for name, free in zip(own.units, own.controls, strict=True) if free]
    pools: dict[str, tuple[str, ...]] = {}
    specifications: list[Specification] = []
    treated = int(own.starts.min())
    while len(specifications) < fits:
        size = int(generator.integers(len(controls) // 2, len(controls) + 1))
        pool = f"pool {len(pools)}"
        pools[pool] = tuple(str(one) for one in generator.choice(controls, size, replace=False))
        for at in range(2):
            first, last = own.periods[at], own.periods[-1 if treated + 1 >= len(own.periods) else -1 - at % 2]
            specifications += [
                Specification(
                    outcome="y", method=method, pool=pool, window=(first, last), transformation=transformation
                )
                for method in dict.fromkeys(_SHARES)
                for transformation in _TRANSFORMATIONS[: _SHARES.count(method)]
            ]
    return pools, specifications[:fits]


def main() -> int:
    """Run, print, and tell whether the limits were kept."""
    wishes = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    wishes.add_argument("--fits", type=int, default=10_000)
    wishes.add_argument("--runs", type=int, default=3)
    found = wishes.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; medians of {found.runs}\n")
    print("| panel | fits | refused | two processes, s (all) | limit | alone, s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    within = True
    for name, own in (("130 x 9", districts()), ("California", textbook("prop99"))):
        pools, specifications = asked(own, found.fits)
        taken: dict[int, list[float]] = {2: [], 1: []}
        refused = 0
        for _ in range(found.runs):
            for workers, seconds in taken.items():
                start = time.perf_counter()
                spawned = get_context("spawn")
                with ProcessPoolExecutor(2, spawned) if workers > 1 else nullcontext() as executor:
                    rows = list(run({"y": own}, pools, specifications, executor=executor))
                seconds.append(time.perf_counter() - start)
                refused = sum(bool(row.refused) for row in rows)
        two = statistics.median(taken[2])
        every = ", ".join(f"{one:.1f}" for one in taken[2])
        alone = statistics.median(taken[1])
        print(
            f"| {name} | {len(specifications):,} | {refused} | {two:.1f} ({every}) | {LIMITS[name]:.0f} |"
            f" {alone:.1f} |"
        )
        within = within and two <= LIMITS[name]
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
