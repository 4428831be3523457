"""Panels of doses for tests, and regressions with a dummy for everything as a second implementation."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
from numpy.typing import NDArray

from tests.panel.textbook import DATA


@cache
def grunfeld() -> dict[str, NDArray[np.float64]]:
    """Grunfeld's ten firms over twenty years: invest, value and capital, (10, 20) each."""
    with (DATA / "grunfeld.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {
        name: np.array([float(row[name]) for row in rows]).reshape(10, 20)
        for name in ("invest", "value", "capital")
    }


def drawn(seed: int, units: int = 30, periods: int = 8, holes: float = 0.1, effect: float = 2.0):
    """Outcomes, doses of which four in ten are 0, an instrument for them, and a covariate."""
    generator = np.random.default_rng(seed)
    shape = (units, periods)
    X, Z = generator.normal(size=shape), generator.normal(size=shape)
    D = np.where(
        generator.random(shape) < 0.6, np.exp(0.4 * Z + 0.3 * X + generator.normal(size=shape) / 2), 0
    )
    noise = generator.normal(size=shape) + 0.7 * generator.normal(size=(units, 1)) * generator.normal(
        size=periods
    )
    Y = effect * D + X + noise + generator.normal(size=(units, 1)) + generator.normal(size=periods)
    Y[generator.random(shape) < holes] = np.nan
    return Y, D, Z, X


def dummies(used):
    """Columns for the units and the periods of the used cells, one period left out."""
    units, periods = np.nonzero(used)
    return np.column_stack(
        [units[:, None] == np.unique(units), periods[:, None] == np.unique(periods)[1:]]
    ).astype(float)


def factor(groups, n, slopes, periods):
    """The small-sample factor: constants of units lie within clusters and are not counted."""
    return groups / (groups - 1) * (n - 1) / (n - slopes - periods)


def slow_least_squares(y, regressors, used, clusters, weights=None):
    """Slopes and covariance of the regressors, (n,) each, with dummies and a sandwich by cluster."""
    design = np.column_stack([*regressors, dummies(used)])
    weights = np.ones(len(y)) if weights is None else weights
    bread = np.linalg.pinv(design.T @ (design * weights[:, None]))
    fit = bread @ design.T @ (weights * y)
    return fit[: len(regressors)], sandwich(design, weights * (y - design @ fit), bread, clusters)[
        : len(regressors), : len(regressors)
    ]


def slow_instrument(y, d, z, controls, used, clusters):
    """Two stages, with dummies: slope and variance."""
    others = np.column_stack([*controls, dummies(used)])
    first = np.column_stack([z, others])
    fitted = first @ np.linalg.lstsq(first, d, rcond=None)[0]
    design, second = np.column_stack([d, others]), np.column_stack([fitted, others])
    bread = np.linalg.pinv(second.T @ second)
    fit = bread @ second.T @ y
    return fit[0], sandwich(second, y - design @ fit, bread, clusters)[0, 0]


def slow_poisson(y, regressors, used, clusters):
    """Newton's steps on the likelihood, with dummies: slopes and covariance."""
    design = np.column_stack([*regressors, dummies(used)])
    fit = np.linalg.lstsq(design, np.log(y + y.mean()), rcond=None)[0]
    for _ in range(100):
        means = np.exp(design @ fit)
        fit = fit + np.linalg.solve(design.T @ (design * means[:, None]), design.T @ (y - means))
    means = np.exp(design @ fit)
    bread = np.linalg.inv(design.T @ (design * means[:, None]))
    k = len(regressors)
    return fit[:k], sandwich(design, y - means, bread, clusters)[:k, :k]


def sandwich(design, noise, bread, clusters):
    """Without the small-sample factor."""
    scores = np.array([(design * noise[:, None])[clusters == g].sum(axis=0) for g in np.unique(clusters)])
    return bread @ scores.T @ scores @ bread


def rows_of(used):
    """The unit of each used cell."""
    return np.nonzero(used)[0]
