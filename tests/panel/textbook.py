"""The textbook panels of `data/`, and panels made by hand."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from ayni.panel import Panel, panel

DATA = Path(__file__).parent / "data"
_TREATED = {
    "prop99": ("California", 1989),
    "basque": ("Basque Country (Pais Vasco)", 1970),
    "germany": ("West Germany", 1990),
}


@cache
def textbook(name: str) -> Panel:
    """A textbook panel with its one treated unit."""
    with (DATA / f"{name}.csv").open(encoding="utf-8") as stream:
        _, *rows = csv.reader(stream)
    units = list(dict.fromkeys(unit for unit, _, _ in rows))
    years = sorted({int(year) for _, year, _ in rows})
    outcomes = np.full((len(units), len(years)), np.nan)
    for unit, year, value in rows:
        outcomes[units.index(unit), years.index(int(year))] = float(value)
    unit, since = _TREATED[name]
    treated = np.zeros(outcomes.shape, bool)
    treated[units.index(unit), years.index(since) :] = True
    return panel(outcomes, treated, units=units, periods=years)


def walks(
    seed: int, units: int = 12, periods: int = 20, starts: dict[int, int] | None = None, effect: float = 0.0
) -> Panel:
    """Random walks with a common one, and units treated from some position on."""
    generator = np.random.default_rng(seed)
    outcomes = (
        generator.normal(size=(units, periods)).cumsum(axis=1) + generator.normal(size=periods).cumsum()
    )
    treated = np.zeros(outcomes.shape, bool)
    for unit, start in (starts or {0: 12}).items():
        treated[unit, start:] = True
    return panel(outcomes + effect * treated, treated)
