"""Predictors of the textbook panels, as their articles take them."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache

import numpy as np

from ayni.panel import Panel
from ayni.panel.predictors import Predictors, averages, predictors, together
from tests.panel.textbook import DATA, textbook

SCHOOLS = ["school_illit", "school_prim", "school_med", "school_high", "school_post_high"]
SECTORS = [
    "sec_agriculture",
    "sec_energy",
    "sec_industry",
    "sec_construction",
    "sec_services_venta",
    "sec_services_nonventa",
]


@cache
def california() -> Predictors:
    """Abadie, Diamond and Hainmueller, 2010: means over the 1980s, and sales of three years."""
    with (DATA / "prop99_predictors.csv").open(encoding="utf-8") as stream:
        (_, *names), *rows = csv.reader(stream)
    return predictors(
        np.array([list(map(float, row[1:])) for row in rows]).T, names=names, units=[row[0] for row in rows]
    )


def basque() -> Predictors:
    """Abadie, Diamond and Hainmueller, 2011."""
    panel, seen = textbook("basque"), covariates("basque")
    return together(
        averages(panel, {name: seen[name] for name in [*SCHOOLS, "invest"]}, range(1964, 1970)),
        averages(panel, {"gdpcap": panel.Y}, range(1960, 1970)),
        averages(panel, {name: seen[name] for name in SECTORS}, range(1961, 1970, 2)),
        averages(panel, {"popdens": seen["popdens"]}, [1969]),
    )


def germany(since: int, until: int, schooling: tuple[int, ...], invest: str) -> Predictors:
    """Abadie, Diamond and Hainmueller, 2015, of one decade."""
    panel, seen = textbook("germany"), covariates("germany")
    means = {"gdp": panel.Y, **{name: seen[name] for name in ("trade", "infrate", "industry")}}
    return together(
        averages(panel, means, range(since, until + 1)),
        averages(panel, {"schooling": seen["schooling"]}, schooling),
        averages(panel, {"invest": seen[invest]}, [1980]),
    )


def unification() -> Panel:
    """West Germany with 1990 before the treatment, as the article's periods of validation have it."""
    panel = textbook("germany")
    treated = panel.treated.copy()
    treated[:, panel.periods.index(1990)] = False
    return replace(panel, treated=treated)


@cache
def covariates(name: str) -> dict[str, np.ndarray]:
    panel = textbook(name)
    with (DATA / f"{name}_predictors.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = {column: np.full(panel.Y.shape, np.nan) for column in rows[0] if column not in ("unit", "year")}
    for row in rows:
        place = panel.units.index(row["unit"]), panel.periods.index(int(row["year"]))
        for column, values in found.items():
            if row[column]:
                values[place] = float(row[column])
    return found
