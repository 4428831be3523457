"""Hard pools: hundreds share the weight, ties, circles; slow second implementations and proofs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ayni.panel import simplex
from ayni.panel.pivoting import pivoted
from ayni.panel.sharing import every_omission, every_weight
from ayni.panel.simplex import FEW, fitted, improved, minimum_norm

KINDS = ["walks", "alike", "mean", "twins", "collinear", "levels", "lattice", "constant", "inside"]


def pool(kind: str, n: int, length: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Controls and a target, of one kind."""
    g = np.random.default_rng([seed, n, length])
    own, common = g.normal(size=(n + 1, length)), g.normal(size=(3, length)).cumsum(axis=1)
    loadings = g.normal(size=(n + 1, 3))
    if kind == "walks":
        Y = loadings @ common + own.cumsum(axis=1)
    elif kind == "collinear":
        Y = loadings @ common
    else:
        Y = (1 + 0.1 * loadings) @ common + own
    if kind == "mean":
        Y[0] = Y[1:].mean(axis=0) + 0.1 * own[0]
    elif kind == "twins":
        Y[1:] = np.repeat(Y[1:], 2, axis=0)[:n]
    elif kind == "levels":
        Y += 1e7
    elif kind == "lattice":
        Y = own.round()
    elif kind == "constant":
        Y[1:] = Y[1]
    elif kind == "inside":
        Y[0] = g.dirichlet(np.ones(n)) @ Y[1:]
    return Y[1:].copy(), Y[0].copy()


def proved(A: np.ndarray, b: np.ndarray, ridge: float, w: np.ndarray) -> None:
    """The duality gap of weights, worked out here, is nothing beside what could be lost."""
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1, abs=1e-12)
    middle = A.mean(axis=0)
    A, b = A - middle, b - middle
    off = w @ A - b
    slope, objective = A @ off + ridge * w, off @ off + ridge * w @ w
    furthest = np.square(A - b).sum(axis=1).max() + ridge
    assert 2 * (w @ slope - slope.min()) <= 1e-9 * max(objective, 1e-5 * furthest) + 1e-300


def one_by_one(A: np.ndarray, b: np.ndarray, ridge: float) -> float:
    """The least objective by Wolfe's method as in his paper: one point at a time, each corral solved anew."""
    points = np.hstack([A - b, np.sqrt(ridge) * np.eye(len(A))])
    corral, x = [int(np.square(points).sum(axis=1).argmin())], np.ones(1)
    for _ in range(20 * len(A)):
        at = x @ points[corral]
        inner = points @ at
        entering = int(inner.argmin())
        if at @ at - inner[entering] <= 1e-12 * (at @ at) or entering in corral:
            break
        corral, x = [*corral, entering], np.append(x, 0.0)
        while True:
            rows = points[corral]
            square = np.block([[rows @ rows.T, np.ones((len(x), 1))], [np.ones((1, len(x))), 0]])
            v = np.linalg.lstsq(square, np.append(np.zeros(len(x)), 1.0), rcond=None)[0][:-1]
            if v.min() > 1e-14:
                x = v
                break
            falling = v <= 1e-14
            theta = min(1.0, float((x[falling] / np.maximum(x[falling] - v[falling], 1e-300)).min()))
            x = theta * v + (1 - theta) * x
            left = x > 1e-14
            corral, x = [j for j, stays in zip(corral, left, strict=True) if stays], x[left] / x[left].sum()
    return float(np.square(x @ points[corral]).sum())


def nearest_weights(q: np.ndarray) -> np.ndarray:
    """The nearest weights to any numbers, by sorting."""
    ordered = np.sort(q)[::-1]
    sums = ordered.cumsum() - 1
    kept = np.flatnonzero(ordered * np.arange(1, len(q) + 1) > sums)[-1]
    w: np.ndarray = np.maximum(q - sums[kept] / (kept + 1), 0)
    return w


def downhill(A: np.ndarray, b: np.ndarray, ridge: float) -> np.ndarray:
    """Weights by projected gradients with momentum."""
    steepest = np.linalg.norm(A, 2) ** 2 + ridge
    pace = (1 - np.sqrt(ridge / steepest)) / (1 + np.sqrt(ridge / steepest))
    w = last = np.full(len(A), 1 / len(A))
    for _ in range(1500):
        at = w + pace * (w - last)
        last, w = w, nearest_weights(at - (A @ (at @ A - b) + ridge * at) / steepest)
    return w


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_proved_optimal_on_every_kind_of_pool(kind):
    """With and without a ridge, fewer controls than periods and more: 9 times 50 problems and more."""
    shapes = [(1, 5), (5, 1), (30, 40), (90, 8), (90, 120), (200, 30), (520, 40), (700, 90)]
    for (n, length), seed in product(shapes, range(2)):
        A, b = pool(kind, n, length, seed)
        furthest = np.square(A - b).sum(axis=1).max()
        for share in (0.0, 1e-8, 1e-4, 0.05, 3.0):
            proved(A, b, share * furthest, fitted(A, b, share * furthest).weights)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "levels"])
@pytest.mark.parametrize("share", [0.0, 1e-3, 0.5])
def test_one_point_at_a_time_finds_the_same(kind, share):
    for n, length in ((40, 12), (30, 45), (80, 30)):
        A, b = pool(kind, n, length, 1)
        furthest = float(np.square(A - b).sum(axis=1).max())
        slow = one_by_one(A, b, share * furthest)
        assert fitted(A, b, share * furthest).objective == pytest.approx(slow, rel=1e-8, abs=1e-11 * furthest)


@pytest.mark.parametrize("kind", ["alike", "mean", "lattice", "twins"])
def test_projected_gradients_find_the_same(kind):
    A, b = pool(kind, 300, 60, 2)
    A, b = A - A.mean(axis=0), b - A.mean(axis=0)
    ridge = 3.0 * float(np.square(A - b).sum(axis=1).max())
    found = fitted(A, b, ridge).weights
    assert (found > 0).sum() > FEW
    assert found == pytest.approx(downhill(A, b, ridge), abs=1e-9)


@pytest.mark.parametrize("kind", ["alike", "mean", "lattice", "twins", "walks"])
def test_pivoting_gives_what_wolfe_gives(kind):
    for n, length in ((150, 40), (150, 200)):
        A, b = pool(kind, n, length, 3)
        A, b = A - A.mean(axis=0), b - A.mean(axis=0)
        ridge = 0.3 * float(np.square(A - b).sum(axis=1).max())
        w = np.zeros(n)
        minimum_norm(A @ A.T, A @ b, float(b @ b), ridge, np.ones(n, bool), w)
        for start in (np.full(n, 1 / n), np.eye(n)[0]):
            assert pivoted(A, b, ridge, start) == pytest.approx(w, abs=1e-11)


def test_pivoting_gives_up_where_it_would_go_in_circles():
    """A ridge of nearly nothing and few that share the weight: Newton's steps overshoot, the dual falls."""
    gave_up = 0
    for seed in range(20):
        A, b = pool("walks", 120, 30, seed)
        ridge = 1e-6 * float(np.square(A - b).sum(axis=1).max())
        start = np.full(len(A), 1 / len(A))
        gave_up += pivoted(A - A.mean(axis=0), b - A.mean(axis=0), ridge, start) is None
        proved(A, b, ridge, fitted(A, b, ridge).weights)
    assert gave_up >= 10


@pytest.mark.parametrize("ridge", [1e-14, 1e-250])
def test_a_ridge_below_rounding_is_none(ridge):
    A, b = pool("alike", 150, 20, 11)
    proved(A, b, ridge, fitted(A, b, ridge).weights)
    start = np.full(len(A), 1 / len(A))
    found = pivoted(A - A.mean(axis=0), b - A.mean(axis=0), ridge, start)
    assert found is None or found.sum() == pytest.approx(1)


@pytest.mark.parametrize("ridge", [0.0, 1e-9, 1.0])
def test_ties_of_all_with_all_end(ridge):
    """Every corner of a cube is as far from its middle as every other; from other points, many are."""
    corners = np.array(list(product([-1.0, 1.0], repeat=8)))
    for b in (np.zeros(8), np.eye(8)[0], np.full(8, 0.5), np.full(8, 3.0)):
        w = np.zeros(len(corners))
        every = np.ones(len(w), bool)
        steps = minimum_norm(corners @ corners.T, corners @ b, float(b @ b), ridge, every, w)
        assert 0 <= steps <= 2 * len(w)
        proved(corners, b, ridge, w)
        proved(corners, b, ridge, fitted(corners, b, ridge).weights)


@pytest.mark.parametrize("kind", ["walks", "alike", "levels"])
@pytest.mark.parametrize("share", [0.0, 0.01, 1.0])
def test_few_at_a_time_find_what_all_inner_products_find(kind, share, monkeypatch):
    A, b = pool(kind, 900, 50, 4)
    ridge = share * float(np.square(A - b).sum(axis=1).max())
    sifted = fitted(A, b, ridge).weights
    monkeypatch.setattr(simplex, "_MANY", len(A))
    assert fitted(A, b, ridge).weights == pytest.approx(sifted, abs=1e-8)


@pytest.mark.parametrize("kind", ["walks", "alike", "mean", "twins"])
def test_neither_order_nor_unit_nor_level_matters_to_many(kind):
    A, b = pool(kind, 600, 40, 5)
    ridge = float(np.square(A - b).sum(axis=1).max())
    found = fitted(A, b, ridge).weights
    order = np.random.default_rng(5).permutation(len(A))
    assert fitted(A[order], b, ridge).weights == pytest.approx(found[order], abs=1e-11)
    assert fitted(-1e4 * A, -1e4 * b, 1e8 * ridge).weights == pytest.approx(found, abs=1e-11)
    assert fitted(A + 1e6, b + 1e6, ridge).weights == pytest.approx(found, abs=1e-8)
    assert np.array_equal(fitted(A, b, ridge).weights, found)


def test_placebos_that_many_share_are_single_fits():
    A, _ = pool("alike", 130, 40, 6)
    A = A - A.mean(axis=0)
    ridge = 5.0 * float(np.square(A).sum(axis=1).max())
    W = every_weight(A, ridge)
    assert ((W > 0).sum(axis=1) > FEW).sum() > 100
    for i in range(0, 130, 10):
        w = np.delete(W[i], i)
        assert W[i, i] == 0
        assert w == pytest.approx(fitted(np.delete(A, i, 0), A[i], ridge).weights, abs=1e-11)


def test_leaving_one_out_begins_with_the_rest_and_ends_at_the_optimum():
    A, b = pool("alike", 60, 20, 7)
    A, b = A - A.mean(axis=0), b - A.mean(axis=0)
    w, W = np.zeros(60), np.zeros((60, 60))
    G, c, bb = A @ A.T, A @ b, float(b @ b)
    minimum_norm(G, c, bb, 0.0, np.ones(60, bool), w)
    every_omission(G, c, bb, 0.0, w, W)
    for i in np.flatnonzero(w):
        assert W[i, i] == 0
        proved(np.delete(A, i, 0), b, 0.0, np.delete(W[i], i))


@pytest.mark.parametrize("kind", ["walks", "alike", "twins", "collinear"])
def test_any_beginning_ends_at_the_same_objective(kind):
    A, b = pool(kind, 70, 25, 8)
    A, b = A - A.mean(axis=0), b - A.mean(axis=0)
    G, c, bb, every = A @ A.T, A @ b, float(b @ b), np.ones(70, bool)
    for start in np.random.default_rng(8).dirichlet(np.full(70, 0.1), size=5):
        w = start.copy()
        assert improved(G, c, bb, 0.0, every, w, 70) >= 0
        proved(A, b, 0.0, w)


def test_a_corral_that_may_not_grow_leaves_weights_that_are_good_to_begin_with():
    A, b = pool("mean", 200, 60, 9)
    A, b = A - A.mean(axis=0), b - A.mean(axis=0)
    G, c, bb, every, w = A @ A.T, A @ b, float(b @ b), np.ones(200, bool), np.zeros(200)
    assert improved(G, c, bb, 1.0, every, w, 20) == -1
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1)
    assert np.square(w @ A - b).sum() + w @ w < np.square(A - b).sum(axis=1).min()
    assert improved(G, c, bb, 1.0, every, w, 200) >= 0
    proved(A, b, 1.0, w)


def test_the_factor_follows_what_enters_and_leaves():
    g = np.random.default_rng(10)
    X = g.normal(size=(12, 15))
    whole = X @ X.T + 1
    factor, half, column = np.zeros((12, 12)), np.zeros(12), np.zeros(12)
    inside: list[int] = []
    for _ in range(200):
        outside = [j for j in range(12) if j not in inside]
        if outside and (len(inside) < 2 or g.random() < 0.55):
            inside.append(int(g.choice(outside)))
            column[: len(inside)] = whole[inside, inside[-1]]
            assert simplex._extended(factor, half, column, len(inside) - 1)
        else:
            place = int(g.integers(len(inside)))
            simplex._shortened(factor, half, len(inside), place)
            del inside[place]
        size = len(inside)
        R = np.triu(factor[:size, :size])
        assert np.abs(R.T @ R - whole[np.ix_(inside, inside)]).max() < 1e-10
        assert R.T @ half[:size] == pytest.approx(np.ones(size), abs=1e-9)
