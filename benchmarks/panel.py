"""Measure the kernels of `ayni.panel` on one thread, against limits of their own and beside other packages.

Warm kernels get arrays and Gram matrices; what has to be made before them stands beside. Fits from outcomes
make what they need. Whole calls take a `Panel` and return a record. Every fit's duality gap is printed. Large
panels are easy and hard ones: see `KINDS`. First calls are those of a fresh process, with the kernels on disk
and without. Other packages are measured in an environment of their own, their frames made beforehand.

    python -m benchmarks.panel [--repeats 200] [--peers VENV/bin/python]

The exit code is 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from ayni.panel import (
    Estimate,
    Panel,
    jackknife,
    leave_one_out,
    matrix_completion,
    panel,
    placebos,
    synthetic_control,
    synthetic_control_with_predictors,
    synthetic_difference_in_differences,
)
from ayni.panel.cohorts import blocks
from ayni.panel.records import Floats
from ayni.panel.sharing import every_fit, every_omission, synthetic_differences
from ayni.panel.simplex import fitted, minimum_norm, weighed
from ayni.panel.weighting import noise_of, time_problem, time_ridge, unit_ridge
from benchmarks.panel_peers import peers, python_run
from tests.panel.textbook import textbook
from tests.panel.traits import california as predictors_of_california

_FRESH = """
import time
start = time.perf_counter()
from tests.panel.textbook import textbook
from ayni.panel import synthetic_difference_in_differences
synthetic_difference_in_differences(textbook("prop99"))
print(time.perf_counter() - start)
"""
_FIRST_CALL_S = 1.0
_FEW = 5
_QUICK_MS = 10.0
_NO_MS = 1e-3
# Only where one fit is cheap are all units fitted.
_EVERY_PLACEBO_UNDER_MS = 10.0


# Random walks with common ones, where few controls share the weight; units much alike, where hundreds do; and
# the same with a target near the mean of all, where nearly every one does.
KINDS = ("walks", "alike", "mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One kernel.

    Attributes
    ----------
    name : str
    run : callable
        The kernel, warm.
    limit_ms : float
        NaN where none was set.
    before : callable
        What makes its arrays.
    gap : callable
        The duality gap of what it found.
    """

    name: str
    run: Callable[[], object]
    limit_ms: float
    before: Callable[[], object]
    gap: Callable[[], float]


def median_ms(run: Callable[[], object], repeats: int) -> float:
    """Return the median of the times of some runs, the first left out."""
    run()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1e3


def large(units: int, kind: str) -> Floats:
    """Return outcomes before treatment, 200 periods, the first unit's being the target; see `KINDS`."""
    generator = np.random.default_rng(units)
    own = generator.normal(size=(units, 200))
    common = generator.normal(size=(3, 200)).cumsum(axis=1)
    loadings = generator.normal(size=(units, 3))
    outcomes: Floats = (loadings if kind == "walks" else 1 + 0.1 * loadings) @ common
    outcomes += own.cumsum(axis=1) if kind == "walks" else own
    if kind == "mean":
        outcomes[0] = outcomes[1:].mean(axis=0) + 0.1 * own[0]
    return outcomes


def fit(outcomes: Floats, target: int, ridge: float, name: str, limit_ms: float) -> Task:
    """Return the task of fitting one unit by all others."""
    Y = outcomes - outcomes.mean(axis=0)  # noqa: N806
    G = Y @ Y.T  # noqa: N806
    allowed = np.arange(len(Y)) != target
    w = np.zeros(len(Y))
    bb = float(G[target, target])

    def gap() -> float:
        return weighed(Y[allowed], Y[target], ridge, w[allowed]).gap

    return Task(
        name=name,
        run=lambda: minimum_norm(G, G[target], bb, ridge, allowed, w),
        limit_ms=limit_ms,
        before=lambda: Y @ Y.T,
        gap=gap,
    )


def fit_from_outcomes(outcomes: Floats, ridge: float, name: str, limit_ms: float) -> Task:
    """Return the task of fitting the first unit by all others, inner products and proof included."""
    A, b = outcomes[1:].copy(), outcomes[0].copy()  # noqa: N806
    return Task(
        name=name,
        run=lambda: fitted(A, b, ridge),
        limit_ms=limit_ms,
        before=lambda: None,
        gap=lambda: fitted(A, b, ridge).gap,
    )


def california() -> list[Task]:
    """Return the tasks on the panel of California."""
    own = textbook("prop99")
    (block,) = blocks(own, "")
    order = [*block.controls, *block.treated]
    before = own.Y[order, : block.start]
    single = fit(before, len(order) - 1, 0.0, "synthetic control, California", 0.1)
    Y = before - before.mean(axis=0)  # noqa: N806
    G, controls = Y @ Y.T, np.arange(len(Y)) < len(Y) - 1  # noqa: N806
    W = np.zeros_like(G)  # noqa: N806
    A, b = Y[:-1], Y[-1]  # noqa: N806
    K, c, bb, w = A @ A.T, A @ b, float(b @ b), np.zeros(len(A))  # noqa: N806
    minimum_norm(K, c, bb, 0.0, np.ones(len(A), bool), w)
    V = np.zeros_like(K)  # noqa: N806
    noise = noise_of(block)
    shape = before - before.mean(axis=1, keepdims=True)
    shape = shape - shape.mean(axis=0)
    S, x, y = shape @ shape.T, *time_problem(block)  # noqa: N806
    x, y = x - x.mean(axis=0), y - x.mean(axis=0)
    H, h, hh, w2, lam = x @ x.T, x @ y, float(y @ y), np.zeros(len(S)), np.zeros(len(x))  # noqa: N806
    penalties = unit_ridge(block, noise), time_ridge(len(A), noise)
    everywhere = np.ones(len(x), bool)

    def sdid() -> None:
        minimum_norm(S, S[-1], float(S[-1, -1]), penalties[0], controls, w2)
        minimum_norm(H, h, hh, penalties[1], everywhere, lam)

    def worst() -> float:
        every_fit(G, 0.0, controls, W, len(G))
        rows = range(len(A))
        return max(weighed(np.delete(A, i, 0), A[i], 0.0, np.delete(W[i, :-1], i)).gap for i in rows)

    def omitted() -> float:
        every_omission(K, c, bb, 0.0, w, V)
        return max(weighed(np.delete(A, i, 0), b, 0.0, np.delete(V[i], i)).gap for i in np.flatnonzero(w))

    return [
        single,
        Task(name="all 38 placebos of it", run=lambda: every_fit(G, 0.0, controls, W, len(G)), limit_ms=0.5,
             before=lambda: Y @ Y.T, gap=worst),
        Task(name="leave-one-out of it", run=lambda: every_omission(K, c, bb, 0.0, w, V), limit_ms=0.5,
             before=lambda: (A @ A.T, A @ b), gap=omitted),
        Task(name="synthetic difference in differences, California", run=sdid, limit_ms=0.2,
             before=lambda: (shape @ shape.T, x @ x.T),
             gap=lambda: max(weighed(shape[:-1], shape[-1], penalties[0], w2[:-1]).gap,
                             weighed(x, y, penalties[1], lam).gap)),
        Task(name="all 38 placebos of it, from outcomes", limit_ms=4.0, before=lambda: None,
             gap=lambda: np.nan,
             run=lambda: synthetic_differences(block.control_outcomes, block.start, *penalties)),
    ]  # fmt: skip


def everyone(outcomes: Floats, name: str) -> Task:
    """Return the task of fitting every unit by all others."""
    Y = outcomes - outcomes.mean(axis=0)  # noqa: N806
    G, W = Y @ Y.T, np.zeros((len(Y), len(Y)))  # noqa: N806
    units = np.ones(len(Y), bool)
    return Task(
        name=name,
        run=lambda: every_fit(G, 0.0, units, W, len(G)),
        limit_ms=500.0,
        before=lambda: Y @ Y.T,
        gap=lambda: np.nan,
    )


def everyone_shaped(outcomes: Floats, ridge: float, name: str) -> Task:
    """Return the task of synthetic difference in differences for every unit, the last tenth being after."""
    start = 180
    return Task(
        name=name,
        run=lambda: synthetic_differences(outcomes, start, ridge, 1e-9),
        limit_ms=np.nan,
        before=lambda: None,
        gap=lambda: np.nan,
    )


def hundred() -> tuple[Panel, Estimate]:
    """Return a panel of 100 by 100 with 20 treated, and its estimate."""
    generator = np.random.default_rng(5)
    outcomes = generator.normal(size=(100, 100)).cumsum(axis=1)
    treated = np.zeros(outcomes.shape, bool)
    treated[:20, 60:] = True
    own = panel(outcomes, treated)
    return own, synthetic_difference_in_differences(own)


def whole(name: str, limit_ms: float, run: Callable[[], Estimate]) -> Task:
    """Return a whole call as a task."""
    return Task(
        name=f"{name}, whole call",
        run=run,
        limit_ms=limit_ms,
        before=lambda: None,
        gap=lambda: max(one.gap for one in run().cohorts),
    )


def completed(name: str, outcomes: Floats) -> Task:
    """Return matrix completion of 1,000 by 200, ten units treated in the last fifty periods."""
    treated = np.zeros(outcomes.shape, bool)
    treated[:10, 150:] = True
    own = panel(outcomes, treated)
    return whole(f"matrix completion, 1,000 x 200, {name}", 5000.0, lambda: matrix_completion(own))


def kernels() -> list[Task]:
    """Return every task with a limit."""
    own, estimate = hundred()
    tasks = california()
    tobacco, traits = textbook("prop99"), predictors_of_california()
    generator = np.random.default_rng(6)
    noise = generator.normal(size=(1000, 200))
    factors = generator.normal(size=(1000, 4)) @ generator.normal(size=(4, 200)) + noise
    tasks += [
        whole("nested V, California", 100.0, lambda: synthetic_control_with_predictors(tobacco, traits)),
        whole("matrix completion, California", 30.0, lambda: matrix_completion(tobacco)),
        completed("factors", factors),
        completed("walks", noise.cumsum(axis=1)),
    ]
    tasks.append(
        Task(
            name="jackknife, 100 x 100, 20 treated, whole call",
            run=lambda: jackknife(own, estimate),
            limit_ms=1.0,
            before=lambda: None,
            gap=lambda: np.nan,
        )
    )
    for units, limit, ridge_limit in ((1000, 2.0, 20.0), (5000, 15.0, 500.0)):
        for kind in KINDS:
            outcomes = large(units, kind)
            size = f"{units:,} x 200, {kind}"
            tasks.append(fit(outcomes, 0, 0.0, f"synthetic control, {size}", limit))
            tasks.append(fit_from_outcomes(outcomes, 0.0, "the same, from outcomes", np.nan))
            steps = np.diff(outcomes, axis=1)
            ridge = 200 * float(np.sqrt(10)) * float(steps.var(ddof=1))
            shape = outcomes - outcomes.mean(axis=1, keepdims=True)
            name = f"weights with the ridge, {size}, from outcomes"
            tasks.append(fit_from_outcomes(shape, ridge, name, ridge_limit))
            if limit < _EVERY_PLACEBO_UNDER_MS:
                tasks.append(everyone(outcomes, f"all placebos, {size}"))
                tasks.append(everyone_shaped(outcomes, ridge, f"all placebos with the ridge, {size}"))
    return tasks


def calls(repeats: int) -> None:
    """Print what whole calls on California take."""
    own = textbook("prop99")
    print("\n| whole call, California | ms |\n| --- | ---: |")
    for name, run in (
        ("synthetic_control", lambda: synthetic_control(own)),
        ("placebos of it", lambda: placebos(own, synthetic_control)),
        ("leave_one_out of it", lambda: leave_one_out(own, synthetic_control)),
        ("synthetic_difference_in_differences", lambda: synthetic_difference_in_differences(own)),
        ("placebos of it", lambda: placebos(own, synthetic_difference_in_differences)),
    ):
        print(f"| `{name}` | {median_ms(run, repeats):.3f} |")


def first_calls() -> bool:
    """Print what the first call of a fresh process takes; return whether the warm one keeps to its limit."""
    with tempfile.TemporaryDirectory(prefix="ayni-") as folder:
        there = os.environ | {"NUMBA_CACHE_DIR": folder}
        cold, warm = (float(python_run(sys.executable, _FRESH, there)) for _ in range(2))
    print(f"\nFirst call of a fresh process, imports included: {warm:.2f} s with kernels on disk", end="")
    print(f" (limit {_FIRST_CALL_S:g} s), {cold:.1f} s without")
    return warm <= _FIRST_CALL_S


def main() -> int:
    """Run, print, and tell whether the limits were kept."""
    wishes = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    wishes.add_argument("--repeats", type=int, default=200)
    wishes.add_argument("--peers", help="Python of an environment that has the other packages")
    found = wishes.parse_args()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; medians\n")
    print("| kernel, one thread, warm | ms | limit | of the limit | arrays before, ms | gap |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    within = True
    for task in kernels():
        repeats = found.repeats if task.limit_ms < _QUICK_MS else _FEW
        taken, before = median_ms(task.run, repeats), median_ms(task.before, _FEW)
        gap, limit = task.gap(), task.limit_ms
        cells = [task.name, f"{taken:.3f}"]
        cells += ["", ""] if np.isnan(limit) else [f"{limit:g}", f"{taken / limit:.2f}"]
        cells += [f"{before:.3f}" if before > _NO_MS else "", "" if np.isnan(gap) else f"{gap:.0e}"]
        print(f"| {' | '.join(cells)} |", flush=True)
        within = within and not taken > limit
    calls(found.repeats)
    within = first_calls() and within
    peers(found.peers)
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
