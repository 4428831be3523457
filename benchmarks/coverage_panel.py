"""Measure how often intervals of `ayni.panel` cover the effect that was put in: 2,000 seeded panels a line.

Panels are 30 by 20, effects constant. *noise*: constants of units and periods, one factor with random
loadings, and independent noise. *AR(1)*: the same with errors that keep 0.7 of themselves. Prints a table.

    python -m benchmarks.coverage_panel [--draws 2000]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from ayni.panel import (
    Interval,
    Panel,
    conformal,
    difference_in_differences,
    group_time,
    imputation,
    jackknife,
    panel,
    placebos,
    synthetic_control,
    synthetic_difference_in_differences,
)

_LEVEL = 0.9
_EFFECT = 1.5
_UNITS, _PERIODS, _KEPT = 30, 20, 0.7
_BURNT = 30


def drawn(generator: np.random.Generator, treated: int, since: int, kept: float) -> Panel:
    """Return a panel with the effect, treated units chosen at random."""
    errors = generator.normal(size=(_UNITS, _PERIODS + _BURNT))
    for t in range(1, errors.shape[1]):
        errors[:, t] += kept * errors[:, t - 1]
    factor = generator.normal(size=_PERIODS).cumsum() / 3
    loadings, constants = generator.normal(size=(_UNITS, 1)), generator.normal(size=(_UNITS, 1))
    outcomes = constants + generator.normal(size=_PERIODS) + loadings * factor + errors[:, _BURNT:]
    flags = np.zeros(outcomes.shape, bool)
    flags[generator.choice(_UNITS, treated, replace=False), since:] = True
    return panel(outcomes + _EFFECT * flags, flags)


def _imputed(own: Panel) -> Interval:
    interval = imputation(own, level=_LEVEL).interval
    assert interval is not None
    return interval


def _placebo(method: Callable[..., object], most: int = 5_000) -> Callable[[Panel], Interval]:
    return lambda own: placebos(own, method, most=most).interval(_LEVEL)  # type: ignore[arg-type]


# Kind, method, treated units, position of the first treated period, interval.
LINES: tuple[tuple[str, str, int, int, Callable[[Panel], Interval]], ...] = (
    ("placebo", "synthetic control", 1, 14, _placebo(synthetic_control)),
    ("placebo", "synthetic DiD", 1, 14, _placebo(synthetic_difference_in_differences)),
    ("placebo", "DiD", 1, 14, _placebo(difference_in_differences)),
    ("placebo, 200 drawn", "DiD", 5, 14, _placebo(difference_in_differences, 200)),
    ("jackknife", "synthetic DiD", 8, 14,
     lambda own: jackknife(own, synthetic_difference_in_differences(own), _LEVEL)),
    ("jackknife", "DiD", 8, 14, lambda own: jackknife(own, difference_in_differences(own), _LEVEL)),
    ("clustered", "imputation", 8, 14, _imputed),
    ("influence", "group-time, simple", 8, 14, lambda own: group_time(own, level=_LEVEL).simple),
    ("conformal", "DiD", 1, 17, lambda own: conformal(own, difference_in_differences, level=_LEVEL)),
)  # fmt: skip


def main() -> None:
    """Draw, count, print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--draws", type=int, default=2000)
    draws = asked.parse_args().draws
    print(f"{draws} draws, level {_LEVEL:.0%}\n")
    print("| interval | method | treated | errors | coverage, % | standard error, points | mean width |")
    print("| --- | --- | ---: | --- | ---: | ---: | ---: |")
    for kind, method, treated, since, interval in LINES:
        for errors, kept in (("noise", 0.0), ("AR(1)", _KEPT)):
            covered, width = 0, 0.0
            for seed in range(draws):
                found = interval(drawn(np.random.default_rng(seed), treated, since, kept))
                covered += found.low <= _EFFECT <= found.high
                width += (found.high - found.low) / draws
            share = covered / draws
            error = (share * (1 - share) / draws) ** 0.5
            counted = f"{100 * share:.1f} | {100 * error:.1f} | {width:.2f}"
            print(f"| {kind} | {method} | {treated} | {errors} | {counted} |", flush=True)


if __name__ == "__main__":
    main()
