"""The quarterly panels of `data/`: a row for each unit, a column for each quarter: 19931 is 1993 Q1."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np

from ayni.panel import Panel, panel
from tests.panel.textbook import DATA


@cache
def quarterly(name: str, treated: str, since: int) -> Panel:
    """A panel with its one treated unit."""
    with (DATA / f"{name}.csv").open(encoding="utf-8") as stream:
        (_, *quarters), *rows = csv.reader(stream)
    units, periods = [row[0] for row in rows], [int(quarter) for quarter in quarters]
    outcomes = np.array([[float(value) for value in row[1:]] for row in rows])
    flags = np.zeros(outcomes.shape, bool)
    flags[units.index(treated), periods.index(since) :] = True
    return panel(outcomes, flags, units=units, periods=periods)
