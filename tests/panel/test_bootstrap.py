"""The bootstrap of units: copies one by one, all draws listed, whoever does the work, and refusals."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from multiprocessing import get_context

import numpy as np
import pytest

from ayni.panel import (
    PanelError,
    demeaned_synthetic_control,
    difference_in_differences,
    imputation,
    matrix_completion,
    panel,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.panel.bootstrap import bootstrap, drawn, every_draw, together
from ayni.panel.cohorts import blocks
from ayni.panel.simplex import fitted
from ayni.panel.weighting import noise_of
from tests.panel.textbook import textbook, walks

UNRIDGED = [difference_in_differences, synthetic_control, demeaned_synthetic_control]
WEIGHTED = [*UNRIDGED, synthetic_difference_in_differences]
STARTS = [{0: 12, 1: 12, 4: 12}, {0: 8, 1: 8, 4: 12, 5: 12, 6: 15}]


def copied(own, counts):
    """The panel with every unit as often as it was drawn."""
    rows = np.repeat(np.arange(len(counts)), counts)
    return panel(own.Y[rows], own.treated[rows])


def some_counts(own, many, seed=0):
    generator = np.random.default_rng(seed)
    size = len(own.units)
    found: list[np.ndarray] = []
    while len(found) < many:
        counts = np.bincount(generator.integers(0, size, size), minlength=size)
        if counts[own.controls].any() and counts[~own.controls].any():
            found.append(counts)
    return np.array(found)


@pytest.mark.parametrize("method", UNRIDGED)
@pytest.mark.parametrize("starts", STARTS)
def test_counting_units_is_copying_them(method, starts):
    own = walks(1, starts=starts)
    counts = some_counts(own, 40)
    slowly = [method(copied(own, one)).att for one in counts]
    assert together(own, counts, method) == pytest.approx(slowly, abs=1e-9)


@pytest.mark.parametrize("starts", STARTS)
def test_synthetic_differences_keep_the_penalties_of_the_panel(starts):
    """Eq. 2.1 to 2.5 on the copies, with zeta and eta of the panel, as the paper's own code has them."""
    # So many controls that periods are not fitted perfectly, where rounding would choose among weights.
    own = walks(2, units=36, starts=starts)
    counts = some_counts(own, 25)
    noises = {block.start: noise_of(block) for block in blocks(own, "")}
    sizes = {block.start: len(block.treated) for block in blocks(own, "")}
    slowly = []
    for one in counts:
        effects, cells = [], []
        for block in blocks(copied(own, one), ""):
            start, after = block.start, len(own.periods) - block.start
            noise = noises[start]
            zeta = (sizes[start] * after) ** 0.25 * noise
            Y, y = block.control_outcomes, block.treated_mean
            A, b = Y[:, :start], y[:start]
            omega = fitted(A - A.mean(1, keepdims=True), b - b.mean(), start * zeta**2).weights
            X, x = A - A.mean(0), Y[:, start:].mean(1)
            lambdas = fitted(X.T, x - x.mean(), len(Y) * (1e-6 * noise) ** 2).weights
            difference = y - omega @ Y
            effects.append(difference[start:].mean() - lambdas @ difference[:start])
            cells.append(len(block.treated) * after)
        slowly.append(np.average(effects, weights=cells))
    found = together(own, counts, synthetic_difference_in_differences)
    assert found == pytest.approx(slowly, abs=1e-8)


def test_a_panel_small_enough_to_list_every_draw():
    """Two treated, two controls: 256 draws, of which 224 have both; by hand, then by chance."""
    own = walks(3, units=4, periods=8, starts={0: 5, 2: 5})
    gain = own.Y[:, 5:].mean(axis=1) - own.Y[:, :5].mean(axis=1)
    listed = [draw for draw in product(range(4), repeat=4) if 0 < sum(i in (0, 2) for i in draw) < 4]
    assert len(listed) == 224
    effects = [
        gain[[i for i in draw if i in (0, 2)]].mean() - gain[[i for i in draw if i in (1, 3)]].mean()
        for draw in listed
    ]
    counts = np.array([np.bincount(draw, minlength=4) for draw in listed])
    assert together(own, counts, difference_in_differences) == pytest.approx(effects)
    found = bootstrap(own, difference_in_differences, draws=20_000, seed=5)
    # Three standard errors of a standard deviation, its kurtosis that of the list.
    exact = np.array(effects)
    spread = exact.std()
    kurtosis = ((exact - exact.mean()) ** 4).mean() / spread**4
    off = 3 * spread * np.sqrt((kurtosis - 1) / 4 / 20_000)
    assert found.standard_error == pytest.approx(spread, abs=off)
    assert set(np.round(found.draws, 9)) == set(np.round(exact, 9))


def test_with_many_units_it_is_the_two_sample_standard_error():
    own = walks(4, units=400, periods=10, starts=dict.fromkeys(range(0, 400, 4), 6))
    gain = own.Y[:, 6:].mean(axis=1) - own.Y[:, :6].mean(axis=1)
    treated = ~own.controls
    expected = np.sqrt(gain[treated].var() / treated.sum() + gain[~treated].var() / (~treated).sum())
    found = bootstrap(own, difference_in_differences, draws=4000)
    assert found.standard_error == pytest.approx(expected, rel=0.04)
    assert found.high - found.low == pytest.approx(2 * 1.959964 * found.standard_error, rel=1e-6)


@pytest.mark.parametrize("method", WEIGHTED)
def test_any_other_method_is_run_on_the_copies(method):
    own = walks(5, starts=STARTS[0])
    quickly = bootstrap(own, method, draws=30, seed=3)
    noise = noise_of(next(blocks(own, "")))

    def another(one):
        if method is not synthetic_difference_in_differences:
            return method(one)
        # Its ridge goes with the root of the treated drawn; here it is to be that of three.
        drawn_treated = int((~one.controls).sum())
        return method(one, noise=noise * (3 / drawn_treated) ** 0.25)

    singly = bootstrap(own, another, draws=30, seed=3)
    # Of time weights the ridge changes by as much, which is a millionth of nothing.
    assert quickly.draws == pytest.approx(singly.draws, abs=1e-5)


def imputed(one):
    return imputation(one).estimate


def completed(one):
    return matrix_completion(one, penalty=1.5)


@pytest.mark.parametrize("method", [imputed, completed])
def test_methods_without_weights_take_missing_outcomes(method):
    own = walks(6, starts=STARTS[1])
    outcomes = own.Y.copy()
    outcomes[3, 4] = outcomes[1, 18] = np.nan
    holes = replace(own, Y=outcomes)
    found = bootstrap(holes, method, draws=20)
    assert found.estimate == pytest.approx(method(holes).att)
    seeds = np.random.SeedSequence(0).spawn(20)
    counts = np.bincount(np.random.default_rng(seeds[3]).integers(0, 12, 12), minlength=12)
    assert found.draws[3] == pytest.approx(method(copied(holes, counts)).att)


@pytest.mark.parametrize("method", [synthetic_difference_in_differences, imputed])
def test_whoever_does_the_work_draws_are_the_same(method):
    own = walks(7, starts=STARTS[0])
    alone = bootstrap(own, method, draws=60, seed=11)
    for workers in (1, 2, 3):
        with ThreadPoolExecutor(workers) as threads:
            assert np.array_equal(
                bootstrap(own, method, draws=60, seed=11, executor=threads).draws, alone.draws
            )
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert np.array_equal(
            bootstrap(own, method, draws=60, seed=11, executor=processes).draws, alone.draws
        )


def test_the_seed_decides_and_each_draw_has_its_own():
    own = walks(8, starts=STARTS[0])
    one = bootstrap(own, synthetic_control, draws=40, seed=1)
    assert np.array_equal(one.draws, bootstrap(own, synthetic_control, draws=40, seed=1).draws)
    assert not np.array_equal(one.draws, bootstrap(own, synthetic_control, draws=40, seed=2).draws)
    # More draws begin with the same, but for rounding.
    assert bootstrap(own, synthetic_control, draws=90, seed=1).draws[:40] == pytest.approx(one.draws)
    seeds = np.random.SeedSequence(1).spawn(40)
    assert drawn(own, synthetic_control, seeds[7:8]) == pytest.approx(one.draws[7:8])


@pytest.mark.parametrize("method", WEIGHTED)
def test_units_of_measurement_and_unit_constants(method):
    own = walks(9, starts=STARTS[0])
    found = bootstrap(own, method, draws=50)
    scaled = bootstrap(replace(own, Y=1000.0 * own.Y), method, draws=50)
    assert scaled.standard_error == pytest.approx(1000 * found.standard_error, rel=1e-6)
    if method is not synthetic_control:
        constants = np.linspace(-50, 80, len(own.units))[:, None]
        moved = bootstrap(replace(own, Y=own.Y + constants), method, draws=50)
        assert moved.draws == pytest.approx(found.draws, abs=1e-6)


@pytest.mark.parametrize("method", WEIGHTED)
def test_constant_outcomes_and_a_single_control(method):
    treated = np.zeros((5, 8), bool)
    treated[:2, 6:] = True
    still = bootstrap(panel(np.ones((5, 8)), treated), method, draws=30)
    assert (still.estimate, still.standard_error) == (0.0, 0.0)
    treated[:4, 6:] = True
    outcomes = np.random.default_rng(1).normal(size=(5, 8))
    assert np.isfinite(bootstrap(panel(outcomes, treated), method, draws=30).draws).all()


def test_refusals():
    with pytest.raises(PanelError, match="California is the only treated unit"):
        bootstrap(textbook("prop99"), synthetic_difference_in_differences)
    own = walks(1, starts=STARTS[0])
    with pytest.raises(PanelError, match="1 draws have no spread"):
        bootstrap(own, synthetic_control, draws=1)
    with pytest.raises(PanelError, match="the seed is -1, expected 0 or more"):
        bootstrap(own, synthetic_control, seed=-1)
    with pytest.raises(PanelError, match="the level is 90"):
        bootstrap(own, synthetic_control, level=90)
    holes = replace(own, Y=np.where(np.arange(20) == 3, np.nan, own.Y))
    with pytest.raises(PanelError, match="needs every outcome"):
        bootstrap(holes, synthetic_control)


def test_the_kernel_gives_the_same_without_numba():
    own = walks(10, starts=STARTS[0])
    A = own.Y[own.controls, :12] - own.Y[own.controls, :12].mean(axis=0)
    counts, targets = some_counts(own, 6)[:, own.controls], own.Y[:6, :12]
    found = []
    for kernel in (every_draw, getattr(every_draw, "py_func", every_draw)):
        W = np.zeros(counts.shape)
        kernel(A @ A.T, targets @ A.T, np.square(targets).sum(axis=1), 3.0, counts, W)
        found.append(W)
    assert found[0] == pytest.approx(found[1], abs=1e-12)
