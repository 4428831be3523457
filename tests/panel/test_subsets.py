"""The best subset of columns against a list of all, and Student's quantiles against another program."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.student import inside, reach
from ayni.panel.subsets import best_subset, grown

PLENTY = 10**6


def costs_of(most, length, corrected=True):
    k = np.arange(most + 1) + 2.0
    return 2 * k + (2 * k * (k + 1) / (length - k - 1) if corrected else 0.0)


def drawn(seed):
    """Few observations of few columns, some of which are twins, sums of others, constant, or far from 0."""
    generator = np.random.default_rng(seed)
    length, count = int(generator.integers(6, 20)), int(generator.integers(1, 9))
    X = generator.normal(size=(length, count))
    if seed % 5 == 1 and count > 2:
        X[:, 2] = X[:, 0]
    if seed % 5 == 2 and count > 3:
        X[:, 3] = X[:, 0] - 2 * X[:, 1]
    if seed % 5 == 3:
        X[:, 0] = 1e5 / 3
    y = X[:, :2] @ generator.normal(size=min(2, count)) + generator.normal(size=length) / 2
    return X + generator.normal(size=count) * (100 if seed % 2 else 0), y, min(count, length - 4)


def listed(X, y, costs):
    """The least criterion of all subsets without one that depends on others, and the subset."""
    best, columns = np.inf, []
    for size in range(1, len(costs)):
        for subset in combinations(range(X.shape[1]), size):
            design = np.column_stack([np.ones(len(y)), X[:, subset]])
            if np.linalg.matrix_rank(design) == size + 1:
                off = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
                own = len(y) * np.log(off @ off / len(y)) + costs[size]
                if own < best - 1e-9:
                    best, columns = own, list(subset)
    return best, columns


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("corrected", [True, False])
def test_it_is_the_best_of_all_subsets(seed, corrected):
    X, y, most = drawn(seed)
    costs = costs_of(most, len(y), corrected)
    found, (criterion, columns) = best_subset(X, y, costs, PLENTY), listed(X, y, costs)
    assert found.criterion == pytest.approx(criterion, abs=1e-6)
    # Twins and sums of others leave the choice open.
    if seed % 5 not in (1, 2):
        assert found.columns.tolist() == columns
    assert grown(X, y, costs).criterion >= found.criterion - 1e-9


@pytest.mark.parametrize("most", [1, 2, 3])
def test_more_columns_than_observations_are_searched_too(most):
    generator = np.random.default_rng(most)
    X, y = generator.normal(size=(9, 14)), generator.normal(size=9)
    costs = costs_of(most, 9)
    found, (criterion, columns) = best_subset(X, y, costs, PLENTY), listed(X, y, costs)
    assert found.columns.tolist() == columns
    assert found.criterion == pytest.approx(criterion)


def test_growing_misses_a_pair_that_only_tells_together():
    """The target is the difference of two columns that hardly differ; a third goes with it somewhat."""
    generator = np.random.default_rng(0)
    common, y = generator.normal(size=30) * 10, generator.normal(size=30)
    X = np.column_stack([common, common + y, y + generator.normal(size=30)])
    costs = costs_of(2, 30)
    assert best_subset(X, y + generator.normal(size=30) / 100, costs, PLENTY).columns.tolist() == [0, 1]
    assert 2 in grown(X, y, costs).columns


def test_a_perfect_fit_takes_the_fewest_columns():
    generator = np.random.default_rng(1)
    X = generator.normal(size=(15, 6))
    found = best_subset(X, 3 * X[:, 4] - 2 * X[:, 1] + 7, costs_of(6, 15), PLENTY)
    assert found.columns.tolist() == [1, 4]


def test_where_no_column_moves_there_is_no_subset():
    X, y, costs = np.full((8, 3), 1e6 / 3), np.arange(8.0), costs_of(3, 8)
    for found in (best_subset(X, y, costs, PLENTY), grown(X, y, costs)):
        assert (found.columns.tolist(), found.criterion) == ([], np.inf)


def test_a_search_that_is_too_long_is_broken_off_or_not_begun():
    generator = np.random.default_rng(2)
    X, y = generator.normal(size=(40, 20)), generator.normal(size=40)
    assert best_subset(X, y, costs_of(20, 40), 50).factors == 51
    assert best_subset(X[:12], y[:12], costs_of(8, 12), 1000).factors > 1000


@pytest.mark.parametrize(
    ("level", "freedom", "t"),
    [
        (0.9, 1, 6.313751514675037),
        (0.95, 2, 4.302652729749462),
        (0.5, 4, 0.7406970841126829),
        (0.9, 7, 1.8945786050900062),
        (0.95, 37, 2.0261924630291093),
        (0.99, 120, 2.6174211451068654),
    ],
)
def test_quantiles_are_those_of_scipy(level, freedom, t):
    assert reach(level, freedom) == pytest.approx(t, rel=1e-12)
    assert inside(t, freedom) == pytest.approx(level, rel=1e-12)


def test_a_level_that_is_no_share_is_refused():
    with pytest.raises(PanelError, match="the level is 1, expected a share between 0 and 1"):
        reach(1.0, 5)
