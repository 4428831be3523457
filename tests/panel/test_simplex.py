"""Simplex weights: a slow second implementation, degenerate pools, and the kernels without numba."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.panel import simplex
from ayni.panel.simplex import fitted, minimum_norm


def slowly(A: np.ndarray, b: np.ndarray, ridge: float) -> float:
    """The least objective over all supports, each solved by itself under the sum alone."""
    best = np.inf
    for size in range(1, len(A) + 1):
        for support in map(list, combinations(range(len(A)), size)):
            rows = A[support]
            square = np.block([
                [2 * (rows @ rows.T + ridge * np.eye(size)), np.ones((size, 1))],
                [np.ones((1, size)), np.zeros((1, 1))],
            ])  # fmt: skip
            w = np.linalg.lstsq(square, np.append(2 * rows @ b, 1.0), rcond=None)[0][:size]
            if w.min() >= -1e-12 and abs(w.sum() - 1) < 1e-9:
                off = w @ rows - b
                best = min(best, float(off @ off + ridge * w @ w))
    return best


@pytest.mark.parametrize("ridge", [0.0, 0.3, 50.0])
@pytest.mark.parametrize("shape", [(2, 5), (5, 3), (6, 9), (7, 2)])
def test_no_support_does_better(shape, ridge):
    generator = np.random.default_rng([*shape, int(ridge)])
    for _ in range(20):
        A, b = generator.normal(size=shape), generator.normal(size=shape[1])
        found = fitted(A, b, ridge)
        assert found.weights.min() >= 0
        assert found.weights.sum() == pytest.approx(1, abs=1e-12)
        assert found.objective == pytest.approx(slowly(A, b, ridge), rel=1e-8, abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 60),
    st.integers(1, 40),
    st.sampled_from([0.0, 1e-6, 1.0]),
    st.sampled_from(["walk", "round", "twins", "constant", "flat"]),
    st.integers(0, 2**32 - 1),
)
def test_weights_are_optimal_however_degenerate_the_pool(n, length, ridge, kind, seed):
    generator = np.random.default_rng(seed)
    A = generator.normal(size=(n, length)).cumsum(axis=1)
    if kind == "round":
        A = A.round()
    elif kind == "twins":
        A = np.repeat(A, 2, axis=0)[:n]
    elif kind == "constant":
        A[:] = A[0]
    elif kind == "flat":
        A = np.outer(A[:, 0], np.ones(length))
    b = 1.5 * A.mean(axis=0) + generator.normal(size=length)
    found = fitted(A, b, ridge)
    assert found.weights.min() >= 0
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    assert found.gap <= 1e-9


def test_a_target_inside_the_hull_is_met():
    generator = np.random.default_rng(1)
    A = generator.normal(size=(30, 6))
    found = fitted(A, np.full(30, 1 / 30) @ A)
    assert found.objective <= 1e-24
    assert np.abs(found.weights @ A - A.mean(axis=0)).max() < 1e-12


def test_a_level_a_million_times_the_differences_loses_no_digits():
    generator = np.random.default_rng(2)
    A, b = generator.normal(size=(20, 15)), generator.normal(size=15)
    assert fitted(A + 1e6, b + 1e6).weights == pytest.approx(fitted(A, b).weights, abs=1e-8)


def test_where_nobody_is_allowed_nothing_is_weighed():
    w = np.ones(3)
    assert minimum_norm(np.eye(3), np.zeros(3), 0.0, 0.0, np.zeros(3, bool), w) == -1
    assert not w.any()


def test_the_kernels_give_the_same_without_numba(monkeypatch):
    generator = np.random.default_rng(3)
    A, b = generator.normal(size=(25, 12)).cumsum(axis=1), generator.normal(size=12)
    compiled = fitted(A, b, 0.5).weights
    kernels = [name for name, one in vars(simplex).items() if hasattr(one, "py_func")]
    assert len(kernels) == 11
    for name in kernels:
        monkeypatch.setattr(simplex, name, getattr(simplex, name).py_func)
    assert fitted(A, b, 0.5).weights == pytest.approx(compiled, abs=1e-13)
