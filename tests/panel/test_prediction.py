"""Prediction intervals: ends by brute force and by their dual, another program's, and refusals."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from ayni.panel import PanelError, panel, synthetic_control
from ayni.panel.prediction import _extremes, prediction
from ayni.panel.simplex import fitted
from tests.panel.textbook import textbook, walks


def problem(seed, controls, periods):
    generator = np.random.default_rng(seed)
    Z = generator.normal(size=(controls, periods)).cumsum(axis=1) + 5
    z = generator.dirichlet(np.ones(controls)) @ Z + 0.3 * generator.normal(size=periods)
    noise = 0.4 * generator.normal(size=(4, periods))
    return Z, fitted(Z, z).weights, noise, Z[:, -1] + generator.normal(size=(2, controls))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("threshold", [0.0, 0.3])
def test_three_controls_on_a_fine_grid(seed, threshold):
    Z, w, noise, P = problem(seed, 3, 10)
    floor = np.where(w < threshold, w, 0.0)
    least, largest = _extremes(Z, w, floor, noise, P)
    steps = 400
    grid = np.array([(i, j, steps - i - j) for i in range(steps + 1) for j in range(steps + 1 - i)]) / steps
    grid = np.vstack([floor + (1 - floor.sum()) * grid, w])
    for r, g in enumerate(noise):
        # The constraint as the paper writes it.
        way = (grid - w) @ Z
        grid_near = grid[np.square(way).sum(axis=1) - 2 * way @ g <= 1e-9]
        for k, p in enumerate(P):
            errors = (w - grid_near) @ p
            room = 3 * np.ptp(p) / steps
            assert errors.min() - room <= least[k, r] <= errors.min() + 1e-9
            assert errors.max() - 1e-9 <= largest[k, r] <= errors.max() + room


@pytest.mark.parametrize("shape", [(8, 20), (25, 10), (40, 30), (2, 6)])
def test_no_end_is_beaten_and_each_is_reached(shape):
    """Random feasible weights never pass an end; a penalty large enough comes near to it from inside."""
    Z, w, noise, P = problem(7, *shape)
    least, largest = _extremes(Z, w, np.zeros(len(w)), noise, P)
    generator = np.random.default_rng(8)
    some = generator.dirichlet(np.ones(len(w)) / 4, size=4000)
    for r, g in enumerate(noise):
        way = (some - w) @ Z
        square, linear = np.square(way).sum(axis=1), 2 * way @ g
        # As far towards each as the constraint allows.
        part = np.clip(linear / square, 0, 1)[:, None]
        near = w + part * (some - w)
        for k, p in enumerate(P):
            errors = (w - near) @ p
            assert least[k, r] <= errors.min() + 1e-7
            assert largest[k, r] >= errors.max() - 1e-7
            # Aims that go away, fitted as any other target: each that is still near enough lies within.
            for sign, end in ((1, least[k, r]), (-1, largest[k, r])):
                best = 0.0
                for aim in sign * np.geomspace(0.01, 1e4, 400):
                    stretched = np.column_stack([Z, p])
                    x = fitted(stretched, np.append(w @ Z + g, w @ p + aim)).weights
                    if np.square((x - w) @ Z - g).sum() <= g @ g:
                        best = max(best, sign * (x - w) @ p)
                assert best <= sign * -end + 1e-7
                assert sign * -end - best <= 0.03 * np.ptp(p)


# What scpi 4.0.0 (Python) says of West Germany before 1990, outcomes alone, simplex, moments of order 0, HC1,
# 1,000 draws: where the weights alone let the counterfactual be, with its `rho` next to 0 and of 0.1.
SCPI = {
    0.0: {1996: (23680.312478, 25309.07096421), 2003: (30129.38956353, 33843.11558992)},
    0.1: {
        1990: (19932.40757594, 20362.51521032),
        1996: (24285.71703356, 25237.22829388),
        2003: (31179.23929992, 33242.37710472),
    },
}


@pytest.mark.parametrize("threshold", [0.0, 0.1])
def test_the_uncertainty_of_weights_is_that_of_another_program(threshold):
    own = textbook("germany")
    found = prediction(own, threshold=threshold, draws=1000, seed=3)
    treated = own.Y[own.units.index("West Germany")]
    for year, (low, high) in SCPI[threshold].items():
        at = found.periods.index(year)
        counterfactual = treated[own.periods.index(year)] - found.effects[at]
        # Quantiles at a fortieth of so many draws of both programs.
        assert counterfactual + found.weights_low[at] == pytest.approx(low, abs=0.08 * (high - low))
        assert counterfactual + found.weights_high[at] == pytest.approx(high, abs=0.08 * (high - low))


@pytest.mark.parametrize("spread", ["sub-gaussian", "residuals"])
def test_the_period_adds_what_residuals_before_say(spread):
    own = textbook("prop99")
    found = prediction(own, draws=50, spread=spread, level=0.8)
    cohort = synthetic_control(own).cohorts[0]
    rest = cohort.difference[:19]
    weights = int((cohort.unit_weights > 1e-6).sum())
    deviation = np.sqrt(np.square(rest - rest.mean()).sum() / (19 - weights))
    if spread == "sub-gaussian":
        down, up = -deviation * np.sqrt(2 * np.log(2 / 0.1)), deviation * np.sqrt(2 * np.log(2 / 0.1))
    else:
        down, up = np.quantile(rest - rest.mean(), [0.05, 0.95]) * deviation / rest.std()
    assert found.effects == pytest.approx(cohort.difference[19:])
    assert found.low == pytest.approx(found.effects - found.weights_high - rest.mean() - up)
    assert found.high == pytest.approx(found.effects - found.weights_low - rest.mean() - down)
    assert found.interval.estimate == pytest.approx(-19.5136314, abs=1e-6)
    assert (found.interval.kind, found.periods) == ("prediction", tuple(range(1989, 2001)))


def test_of_one_period_the_mean_is_the_period():
    found = prediction(walks(1, starts={0: 19}), draws=50)
    assert (found.interval.low, found.interval.high) == pytest.approx((found.low[0], found.high[0]))
    assert len(found.interval.draws) == 100


def test_the_seed_decides_and_units_of_measurement_do_not():
    own = walks(2, starts={0: 16, 5: 16})
    one, two, other = (prediction(own, draws=60, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.low, two.low)
    assert not np.array_equal(one.low, other.low)
    scaled = prediction(replace(own, Y=1000 * own.Y), draws=60, seed=1)
    assert scaled.low == pytest.approx(1000 * one.low, rel=1e-4)
    order = np.r_[0, 5, 11:5:-1, 4:0:-1]
    turned = prediction(panel(own.Y[order], own.treated[order]), draws=60, seed=1)
    assert turned.high == pytest.approx(one.high, rel=1e-4)
    period = prediction(replace(own, Y=own.Y + np.linspace(-40, 90, 20)), draws=60, seed=1)
    assert period.high == pytest.approx(one.high, rel=1e-4)


def test_a_threshold_and_a_lower_level_narrow_it():
    own = textbook("basque")
    whole = prediction(own, draws=100)
    bound, less = prediction(own, draws=100, threshold=0.3), prediction(own, draws=100, level=0.5)
    for narrow in (bound, less):
        assert (narrow.weights_low >= whole.weights_low - 1e-9).all()
        assert (narrow.weights_high <= whole.weights_high + 1e-9).all()
    assert (whole.weights_low <= 0).all()
    assert (whole.weights_high >= 0).all()


def test_controls_that_are_alike_are_no_trouble():
    own = walks(3, units=8, starts={0: 15})
    outcomes = own.Y.copy()
    outcomes[2], outcomes[3] = outcomes[1], (outcomes[1] + outcomes[4]) / 2
    found = prediction(replace(own, Y=outcomes), draws=40)
    assert np.isfinite([found.low, found.high]).all()
    # All controls at one value: weights are nothing to be uncertain of.
    flat = np.where(own.treated.any(axis=1, keepdims=True), own.Y, 2.0)
    assert prediction(replace(own, Y=flat), draws=40).weights_low == pytest.approx(0, abs=1e-9)


def test_refusals():
    own = walks(1)
    with pytest.raises(
        PanelError, match=r"the level is 2.*'normal', expected one of sub.*0 draws.*seed is -1"
    ):
        prediction(own, level=2, spread="normal", draws=0, seed=-1)
    with pytest.raises(PanelError, match=r"the threshold is -0\.1"):
        prediction(own, threshold=-0.1)
    with pytest.raises(PanelError, match="different periods on"):
        prediction(walks(1, starts={0: 8, 1: 12}))
    with pytest.raises(PanelError, match="there is one control"):
        prediction(walks(1, units=2))
    with pytest.raises(PanelError, match="weights fitted to 2 periods before 2 leave nothing"):
        prediction(walks(4, units=40, periods=6, starts={0: 2}))
    outcomes = own.Y.copy()
    outcomes[0, :12] = outcomes[1:3, :12].mean(axis=0)
    with pytest.raises(PanelError, match="the fit before 12 is perfect"):
        prediction(replace(own, Y=outcomes))
    with pytest.raises(PanelError, match="needs every outcome"):
        prediction(replace(own, Y=np.where(np.arange(20) == 3, np.nan, own.Y)))


def test_the_kernels_give_the_same_without_numba(monkeypatch):
    Z, w, noise, P = problem(9, 6, 12)
    compiled = _extremes(Z, w, np.zeros(6), noise, P)
    # The module, whose name in the package is that of its function.
    module = import_module("ayni.panel.prediction")
    kernels = [
        name for name, one in vars(module).items() if hasattr(one, "py_func") and name != "minimum_norm"
    ]
    assert len(kernels) == 5
    for name in kernels:
        monkeypatch.setattr(module, name, getattr(module, name).py_func)
    for one, two in zip(_extremes(Z, w, np.zeros(6), noise, P), compiled, strict=True):
        assert one == pytest.approx(two, abs=1e-9)
