"""Measure how often intervals of `ayni.panel` cover the effect that was put in: 2,000 seeded panels a line.

Panels are 30 by 20, effects constant. *noise*: constants of units and periods, one factor with random
loadings, and independent noise. *AR(1)*: the same with errors that keep 0.7 of themselves. Prints a table.

    python -m benchmarks.coverage_panel [--draws 2000] [--only bootstrap]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from ayni.panel import (
    Estimate,
    Interval,
    Panel,
    conformal,
    demeaned_synthetic_control,
    difference_in_differences,
    group_time,
    imputation,
    jackknife,
    panel,
    placebos,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.augmented import augmented_synthetic_control
from ayni.panel.bootstrap import bootstrap
from ayni.panel.controls_regression import controls_regression
from ayni.panel.event_study import event_study
from ayni.panel.in_time import placebos_in_time
from ayni.panel.interrupted import interrupted_time_series
from ayni.panel.prediction import prediction
from ayni.panel.sensitivity import event_coefficients, relative_magnitudes, smoothness
from ayni.panel.structural import SHORT_PAST, Priors, Sampling, structural_time_series

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


def _structural(own: Panel, priors: Priors) -> Interval:
    row, start = int(np.argmin(own.controls)), int(own.starts.min())
    asked = Sampling(draws=500, burnt=250, chains=2)
    controls = own.Y[own.controls]
    return structural_time_series(
        own.Y[row], start, controls=controls, priors=priors, sampling=asked, level=_LEVEL
    ).interval


def _interrupted(own: Panel, lags: int | None) -> Interval:
    row, start = int(np.argmin(own.controls)), int(own.starts.min())
    return interrupted_time_series(own.Y[row], start, lags=lags, level=_LEVEL).interval


def _placebo(method: Callable[..., object], most: int = 5_000) -> Callable[[Panel], Interval]:
    return lambda own: placebos(own, method, most=most).interval(_LEVEL)  # type: ignore[arg-type]


def _jackknife(method: Callable[[Panel], Estimate]) -> Callable[[Panel], Interval]:
    return lambda own: jackknife(own, method(own), _LEVEL)


def _bootstrap(method: Callable[[Panel], Estimate]) -> Callable[[Panel], Interval]:
    return lambda own: bootstrap(own, method, level=_LEVEL)


def _in_time(method: Callable[[Panel], Estimate]) -> Callable[[Panel], Interval]:
    return lambda own: placebos_in_time(own, method).interval(_LEVEL)


def _predicted(own: Panel, most: int, controls: int | None = None) -> Interval:
    """Return the interval of a regression on up to `most` controls, of the first so many or of all."""
    if controls is not None:
        kept = ~own.controls
        kept[np.flatnonzero(own.controls)[:controls]] = True
        own = own.part(kept, np.ones(len(own.periods), bool))
    return controls_regression(own, most=most, level=_LEVEL).interval


# Kind, method, treated units, position of the first treated period, interval.
LINES: tuple[tuple[str, str, int, int, Callable[[Panel], Interval]], ...] = (
    ("placebo", "synthetic control", 1, 14, _placebo(synthetic_control)),
    ("placebo", "synthetic DiD", 1, 14, _placebo(synthetic_difference_in_differences)),
    ("placebo", "DiD", 1, 14, _placebo(difference_in_differences)),
    ("placebo, 200 drawn", "DiD", 5, 14, _placebo(difference_in_differences, 200)),
    ("placebo in time, 1 after", "synthetic control", 1, 19, _in_time(synthetic_control)),
    ("placebo in time, 1 after", "DiD", 1, 19, _in_time(difference_in_differences)),
    ("placebo in time, 3 after", "synthetic control", 1, 17, _in_time(synthetic_control)),
    ("placebo in time, 3 after", "DiD", 1, 17, _in_time(difference_in_differences)),
    ("jackknife", "synthetic DiD", 8, 14, _jackknife(synthetic_difference_in_differences)),
    ("jackknife", "DiD", 8, 14, _jackknife(difference_in_differences)),
    ("jackknife", "synthetic control", 8, 14, _jackknife(synthetic_control)),
    ("jackknife", "demeaned synthetic control", 8, 14, _jackknife(demeaned_synthetic_control)),
    ("bootstrap, 200", "synthetic DiD", 8, 14, _bootstrap(synthetic_difference_in_differences)),
    ("bootstrap, 200", "DiD", 8, 14, _bootstrap(difference_in_differences)),
    ("bootstrap, 200", "synthetic control", 8, 14, _bootstrap(synthetic_control)),
    ("bootstrap, 200", "demeaned synthetic control", 8, 14, _bootstrap(demeaned_synthetic_control)),
    ("clustered", "imputation", 8, 14, _imputed),
    ("influence", "group-time, simple", 8, 14, lambda own: group_time(own, level=_LEVEL).simple),
    ("smoothness, bound 0", "event study", 8, 14,
     lambda own: smoothness(event_coefficients(own), 0.0, level=_LEVEL).interval),
    ("relative magnitudes, bound 0.5", "event study", 8, 14,
     lambda own: relative_magnitudes(event_coefficients(own), 0.5, level=_LEVEL).interval),
    ("prediction, sub-Gaussian", "synthetic control", 1, 19,
     lambda own: prediction(own, level=_LEVEL, draws=200).interval),
    ("prediction, residuals", "synthetic control", 1, 19,
     lambda own: prediction(own, level=_LEVEL, draws=200, spread="residuals").interval),
    ("placebo", "augmented synthetic control", 1, 14, _placebo(augmented_synthetic_control)),
    ("jackknife", "augmented synthetic control", 8, 14,
     lambda own: jackknife(own, augmented_synthetic_control(own), _LEVEL)),
    ("prediction", "controls regression, one control", 1, 14, lambda own: _predicted(own, 1, 1)),
    ("prediction", "controls regression, of 3 controls", 1, 14, lambda own: _predicted(own, 3, 3)),
    ("prediction", "controls regression, 3 of 29 at most", 1, 14, lambda own: _predicted(own, 3)),
    ("placebo", "controls regression, 2 of 29 at most", 1, 14,
     _placebo(lambda own: controls_regression(own, most=2).estimate)),
    ("jackknife", "event study", 8, 14, lambda own: event_study(own, level=_LEVEL).interval),
    ("jackknife", "event study", 3, 14, lambda own: event_study(own, level=_LEVEL).interval),
    ("posterior", "structural time series", 1, 14, lambda own: _structural(own, Priors())),
    ("posterior", "structural, SHORT_PAST", 1, 14, lambda own: _structural(own, SHORT_PAST)),
    ("autoregressive", "interrupted time series", 1, 12, lambda own: _interrupted(own, None)),
    ("hac", "interrupted time series, 2 lags", 1, 12, lambda own: _interrupted(own, 2)),
    ("conformal", "DiD", 1, 17, lambda own: conformal(own, difference_in_differences, level=_LEVEL)),
)  # fmt: skip


def main() -> None:
    """Draw, count, print."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--draws", type=int, default=2000)
    told.add_argument("--only", default="", help="lines whose interval begins so")
    asked = told.parse_args()
    draws = asked.draws
    print(f"{draws} draws, level {_LEVEL:.0%}\n")
    print("| interval | method | treated | errors | coverage, % | standard error, points | mean width |")
    print("| --- | --- | ---: | --- | ---: | ---: | ---: |")
    for kind, method, treated, since, interval in LINES:
        if not kind.startswith(asked.only):
            continue
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
