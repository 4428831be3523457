"""How often intervals of slopes on a dose hold the true one.

Doses are 0 in about half the cells and keep 0.7 of themselves; where there is an instrument they answer to
the errors as well. Panels are as many units as clusters, or 100 units exposed to as many shocks, by 10
periods. *noise*: independent errors. *AR(1)*: errors that keep 0.7 of themselves. Prints a table.

    python -m benchmarks.coverage_doses [--draws 2000]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np

from ayni.panel.doses import poisson, two_way_fixed_effects
from ayni.panel.records import Floats
from ayni.panel.shift_share import shift_share
from ayni.panel.slopes import Slope
from ayni.panel.weak_instruments import instrumental_variables

_LEVEL = 0.9
_EFFECT = 1.5
_KEPT, _BURNT = 0.7, 30


def _kept(generator: np.random.Generator, shape: tuple[int, int], kept: float) -> Floats:
    """Return errors of variance one that keep so much of themselves."""
    errors = generator.normal(size=(shape[0], shape[1] + _BURNT))
    for t in range(1, errors.shape[1]):
        errors[:, t] = kept * errors[:, t - 1] + np.sqrt(1 - kept**2) * errors[:, t]
    return errors[:, _BURNT:]


def _constants(generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
    both: Floats = generator.normal(size=(shape[0], 1)) + generator.normal(size=shape[1])
    return both


def _dosed(generator: np.random.Generator, kept: float, units: int, kind: str) -> Slope:
    shape = (units, 10)
    dose = np.maximum(_kept(generator, shape, _KEPT), 0)
    outcome = _EFFECT * dose + _constants(generator, shape) + (1 + dose / 2) * _kept(generator, shape, kept)
    return two_way_fixed_effects(outcome, dose, kind=kind, level=_LEVEL)


def _counted(generator: np.random.Generator, kept: float, units: int, kind: str) -> Slope:
    shape = (units, 10)
    dose = np.maximum(_kept(generator, shape, _KEPT), 0)
    scale = np.exp(_constants(generator, shape) / 2 + _kept(generator, shape, kept) / 2)
    outcome = generator.poisson(np.exp(_EFFECT * dose) * scale).astype(float)
    return poisson(outcome, dose, kind=kind, level=_LEVEL)


def _instrumented(generator: np.random.Generator, kept: float, units: int, pull: float) -> Slope:
    shape = (units, 10)
    instrument, errors = _kept(generator, shape, _KEPT), _kept(generator, shape, kept)
    dose = pull * instrument + 0.8 * errors + 0.6 * generator.normal(size=shape)
    return instrumental_variables(
        _EFFECT * dose + _constants(generator, shape) + errors, dose, instrument, level=_LEVEL
    )


def _exposed(generator: np.random.Generator, kept: float, shocks: int, *, by_unit: bool) -> Slope:
    shape = (100, 10)
    shares = generator.dirichlet(np.full(shocks, 0.3), size=shape[0])
    moves, common = _kept(generator, (shocks, 10), _KEPT).T, _kept(generator, (shocks, 10), kept).T
    dose = shares @ moves.T + 0.2 * generator.normal(size=shape)
    outcome = (
        _EFFECT * dose
        + _constants(generator, shape)
        + shares @ common.T
        + 0.2 * _kept(generator, shape, kept)
    )
    if by_unit:
        return instrumental_variables(outcome, dose, shares @ moves.T, level=_LEVEL)
    return shift_share(outcome, dose, shares, moves, level=_LEVEL)


# Kind, method, clusters, how it is drawn, and whether the region of weak instruments is what is counted.
DOSES: tuple[tuple[str, str, int, Callable[[np.random.Generator, float], Slope], bool], ...] = (
    ("clustered", "two-way fixed effects", 100, lambda g, kept: _dosed(g, kept, 100, "clustered"), False),
    ("clustered", "two-way fixed effects", 30, lambda g, kept: _dosed(g, kept, 30, "clustered"), False),
    ("clustered", "two-way fixed effects", 10, lambda g, kept: _dosed(g, kept, 10, "clustered"), False),
    ("jackknife", "two-way fixed effects", 30, lambda g, kept: _dosed(g, kept, 30, "jackknife"), False),
    ("jackknife", "two-way fixed effects", 10, lambda g, kept: _dosed(g, kept, 10, "jackknife"), False),
    ("clustered", "Poisson", 30, lambda g, kept: _counted(g, kept, 30, "clustered"), False),
    ("jackknife", "Poisson", 30, lambda g, kept: _counted(g, kept, 30, "jackknife"), False),
    ("clustered", "strong instrument", 30, lambda g, kept: _instrumented(g, kept, 30, 0.8), False),
    ("Anderson-Rubin", "strong instrument", 30, lambda g, kept: _instrumented(g, kept, 30, 0.8), True),
    ("clustered", "weak instrument", 30, lambda g, kept: _instrumented(g, kept, 30, 0.1), False),
    ("Anderson-Rubin", "weak instrument", 30, lambda g, kept: _instrumented(g, kept, 30, 0.1), True),
    ("exposure-robust", "shift-share", 40, lambda g, kept: _exposed(g, kept, 40, by_unit=False), False),
    ("exposure-robust", "shift-share", 12, lambda g, kept: _exposed(g, kept, 12, by_unit=False), False),
    ("clustered by unit", "shift-share", 40, lambda g, kept: _exposed(g, kept, 40, by_unit=True), False),
)


def main() -> None:
    """Draw, count, print."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--draws", type=int, default=2000)
    draws = told.parse_args().draws
    print(f"{draws} draws, level {_LEVEL:.0%}\n")
    print("| interval | method | clusters | errors | coverage, % | standard error, points | median width |")
    print("| --- | --- | ---: | --- | ---: | ---: | ---: |")
    for kind, method, clusters, draw, by_region in DOSES:
        for errors, kept in (("noise", 0.0), ("AR(1)", _KEPT)):
            covered, widths = 0, []
            for seed in range(draws):
                found = draw(np.random.default_rng(seed), kept)
                parts = found.region.parts if by_region and found.region else ((found.low, found.high),)
                covered += any(low <= _EFFECT <= high for low, high in parts)
                widths.append(sum(high - low for low, high in parts))
            share = covered / draws
            error = 100 * (share * (1 - share) / draws) ** 0.5
            counted = f"{100 * share:.1f} | {error:.1f} | {float(np.median(widths)):.2f}"
            print(f"| {kind} | {method} | {clusters} | {errors} | {counted} |", flush=True)


if __name__ == "__main__":
    main()
