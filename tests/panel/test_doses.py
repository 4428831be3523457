"""Slopes on a dose: textbooks, dummies for everything, units of measurement, and refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.doses import poisson, two_way_fixed_effects
from ayni.panel.separation import separated
from tests.panel.dosed import drawn, factor, grunfeld, rows_of, slow_least_squares, slow_poisson


def check(slope, code):
    return next(one for one in slope.checks if one.code == code)


def counts(seed, units=25, periods=6):
    """Amounts that are not negative, many of them 0, and what they depend on."""
    _, D, _, X = drawn(seed, units, periods)
    generator = np.random.default_rng(seed + 1000)
    level = np.exp(0.3 * D + 0.2 * X + generator.normal(size=(units, 1)) / 2)
    return generator.poisson(level).astype(float), D, X


@pytest.mark.parametrize(
    ("dose", "other", "slope", "plain"),
    [("value", "capital", 0.117716, 0.01375), ("capital", "value", 0.357916, 0.02272)],
)
def test_grunfelds_slopes_are_the_published_ones(dose, other, slope, plain):
    """R package plm, two-way within; Baltagi 2008, Table 3.1: .118 and .358."""
    own = grunfeld()
    found = two_way_fixed_effects(own["invest"], own[dose], covariates={other: own[other]})
    assert found.effect == pytest.approx(slope, abs=5e-7)
    assert (found.cells, found.units, found.periods, found.clusters, found.dropped) == (200, 10, 20, 10, 0)
    assert not check(found, "clusters").passed


@pytest.mark.parametrize(
    ("dose", "other", "error"), [("value", "capital", 0.01110892), ("capital", "value", 0.04910594)]
)
def test_grunfelds_clustered_errors_are_those_of_another_program(dose, other, error):
    """linearmodels 7.1, PanelOLS with group_debias, which counts the ten constants of firms as well."""
    own = grunfeld()
    found = two_way_fixed_effects(own["invest"], own[dose], covariates={other: own[other]})
    counted = np.sqrt((200 - 2 - 20) / (200 - 2 - 29))
    assert found.standard_error * counted * np.sqrt(200 / 200) == pytest.approx(error, abs=5e-9)


@pytest.mark.parametrize("by_three", [False, True])
@pytest.mark.parametrize("holes", [0.0, 0.25])
def test_it_is_least_squares_with_a_dummy_for_everything(holes, by_three):
    Y, D, _, X = drawn(1, holes=holes)
    clusters = np.arange(30) // 3 if by_three else None
    found = two_way_fixed_effects(Y, D, covariates={"x": X}, clusters=clusters, level=0.9)
    used = ~np.isnan(Y)
    groups = rows_of(used) // 3 if by_three else rows_of(used)
    slopes, covariance = slow_least_squares(Y[used], [D[used], X[used]], used, groups)
    scale = factor(len(np.unique(groups)), used.sum(), 2, 8)
    assert found.effect == pytest.approx(slopes[0], rel=1e-9)
    assert found.standard_error == pytest.approx(np.sqrt(scale * covariance[0, 0]), rel=1e-9)
    assert np.square(found.interval.draws).sum() == pytest.approx(found.standard_error**2, rel=1e-12)
    assert found.interval.draws.shape == (found.clusters,)


def test_poisson_is_newtons_method_with_a_dummy_for_everything():
    Y, D, X = counts(2)
    Y[np.random.default_rng(3).random(Y.shape) < 0.1] = np.nan
    found = poisson(Y, D, covariates={"x": X})
    used = ~np.isnan(Y)
    assert found.cells == used.sum()
    slopes, covariance = slow_poisson(Y[used], [D[used], X[used]], used, rows_of(used))
    assert found.effect == pytest.approx(slopes[0], rel=1e-7)
    assert found.standard_error == pytest.approx(
        np.sqrt(factor(25, used.sum(), 2, 6) * covariance[0, 0]), rel=1e-6
    )


def test_poisson_with_two_periods_is_a_logit_of_the_second_periods_share():
    """Wooldridge 2010, section 18.7.4: given each unit's sum, its constant is gone."""
    Y, D, _ = counts(4, units=60, periods=2)
    found = poisson(Y, D)
    kept = Y.sum(axis=1) > 0
    y, d = Y[kept], np.diff(D[kept], axis=1)[:, 0]
    design = np.column_stack([d, np.ones(len(d))])
    fit = np.zeros(2)
    for _ in range(50):
        share = 1 / (1 + np.exp(-design @ fit))
        sums = y.sum(axis=1)
        fit = fit + np.linalg.solve(
            (design * (sums * share * (1 - share))[:, None]).T @ design, design.T @ (y[:, 1] - sums * share)
        )
    assert found.effect == pytest.approx(fit[0], rel=1e-7)
    assert check(found, "separated").value == 2 * (~kept).sum() == found.dropped > 0


def test_cells_without_a_finite_fit_are_dropped_and_told():
    Y, D, _ = counts(5)
    Y[3], Y[:, 2] = 0.0, 0.0
    found = poisson(Y, D)
    kept = np.ones(Y.shape, bool)
    kept[3], kept[:, 2] = False, False
    alone = poisson(np.where(kept, Y, np.nan), D)
    assert found.effect == pytest.approx(alone.effect, rel=1e-9)
    assert check(found, "separated").value == Y.size - kept.sum()
    assert not check(found, "separated").passed
    assert check(alone, "separated").passed


def test_a_dose_or_covariate_that_foretells_zeros_has_no_finite_slope():
    """Wherever the mark is 1 the outcome is 0: its slope would be minus infinity."""
    Y, D, _ = counts(6)
    mark = np.zeros(Y.shape)
    mark[4, 1] = mark[9, 3] = 1
    Y[4, 1] = Y[9, 3] = 0
    Y[4, 0] = Y[9, 0] = 3
    with pytest.raises(PanelError, match="zeros alone would tell a slope"):
        poisson(Y, D, covariates={"mark": mark})
    with pytest.raises(PanelError, match="zeros alone would tell a slope"):
        poisson(Y, mark, covariates={"d": D})


def test_zeros_that_no_pair_of_periods_bounds_are_dropped():
    """Half the units end, the others begin then: only zeros would say how the periods compare."""
    Y, D, _ = counts(6, units=20, periods=6)
    Y += 1
    Y[:10, 3:] = 0
    Y[10:, :3] = np.nan
    found = poisson(Y, D)
    assert check(found, "separated").value == 30
    assert found.dropped == 30
    alone = poisson(np.where(Y == 0, np.nan, Y), D)
    assert found.effect == pytest.approx(alone.effect, rel=1e-9)
    assert found.standard_error == pytest.approx(alone.standard_error, rel=1e-9)


@pytest.mark.parametrize("method", [two_way_fixed_effects, poisson])
def test_units_of_measurement_change_nothing(method):
    Y, D, X = counts(7)
    one = method(Y, D, covariates={"x": X})
    two = method(Y * 1e6, D * 1e-9, covariates={"x": X * 1e7})
    scale = 1e9 * (1e6 if method is two_way_fixed_effects else 1)
    assert two.effect == pytest.approx(one.effect * scale, rel=1e-8)
    assert two.standard_error == pytest.approx(one.standard_error * scale, rel=1e-7)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-5)
    assert [c.value for c in two.checks] == pytest.approx([c.value for c in one.checks], rel=1e-9)


def test_constants_of_units_and_periods_change_nothing():
    Y, D, _, X = drawn(8)
    generator = np.random.default_rng(9)
    shift = 1e3 * (generator.normal(size=(30, 1)) + generator.normal(size=8))
    one, two = (two_way_fixed_effects(y, D, covariates={"x": x}) for y, x in ((Y, X), (Y + shift, X - shift)))
    assert two.effect == pytest.approx(one.effect, rel=1e-8)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-8)


@pytest.mark.parametrize("method", [two_way_fixed_effects, poisson])
def test_the_order_of_units_changes_nothing(method):
    Y, D, X = counts(10)
    order = np.random.default_rng(11).permutation(25)
    one, two = method(Y, D, covariates={"x": X}), method(Y[order], D[order], covariates={"x": X[order]})
    assert two.effect == pytest.approx(one.effect, rel=1e-9)
    assert two.interval.draws[np.argsort(order)] == pytest.approx(one.interval.draws, rel=1e-5, abs=1e-9)


def test_the_same_call_gives_the_same_numbers():
    Y, D, _, X = drawn(12)
    one, two = (two_way_fixed_effects(Y, D, covariates={"x": X}) for _ in range(2))
    assert str(one) == str(two)
    assert replace(one, interval=two.interval) == two


def test_cells_alone_in_their_unit_are_left_out_and_told():
    Y, D, _, _ = drawn(13, holes=0.0)
    Y[0, 1:] = np.nan
    Y[1:, 0] = np.nan
    found = two_way_fixed_effects(Y, D)
    assert (found.dropped, found.units, found.periods, found.cells) == (1, 29, 7, 203)
    assert found.effect == pytest.approx(two_way_fixed_effects(Y[1:, 1:], D[1:, 1:]).effect, rel=1e-12)


def test_the_negative_weights_are_those_of_the_paper():
    """By linearity: a cell's weight is what the slope moves by when its own effect per unit of dose does."""
    Y, D, _, X = drawn(14, units=8, periods=4, holes=0.1)
    found = two_way_fixed_effects(Y, D, covariates={"x": X})
    weights = []
    for cell in zip(*np.nonzero(~np.isnan(Y) & (D > 0)), strict=True):
        moved = Y.copy()
        moved[cell] += D[cell]
        weights.append(two_way_fixed_effects(moved, D, covariates={"x": X}).effect - found.effect)
    weighed = np.array(weights)
    assert weighed.sum() == pytest.approx(1, rel=1e-8)
    share = -weighed[weighed < 0].sum() / np.abs(weighed).sum()
    assert check(found, "negative-weights").value == pytest.approx(share, rel=1e-7)
    assert 0 < share < 0.5
    assert not check(found, "negative-weights").passed


def test_a_design_of_two_by_two_has_no_negative_weights():
    D = np.zeros((6, 4))
    D[:3, 2:] = 1
    Y = np.random.default_rng(15).normal(size=D.shape)
    found = two_way_fixed_effects(Y, D)
    assert check(found, "negative-weights").passed
    by_hand = (Y[:3, 2:].mean() - Y[:3, :2].mean()) - (Y[3:, 2:].mean() - Y[3:, :2].mean())
    assert found.effect == pytest.approx(by_hand, rel=1e-12)


def test_money_everywhere_in_every_year_fails_its_check():
    Y, D, _, _ = drawn(16)
    assert check(two_way_fixed_effects(Y, D), "undosed").value == pytest.approx((D[~np.isnan(Y)] == 0).mean())
    assert not check(two_way_fixed_effects(Y, D + 1), "undosed").passed


def spoilt(change):
    Y, D, _, X = drawn(17, holes=0.0)
    arguments = {"Y": Y, "D": D, "covariates": {"x": X}, "clusters": None}
    change(arguments)
    return arguments


def unit_and_period(shape):
    return np.arange(shape[0])[:, None] + np.arange(shape[1]) ** 2.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a: a.update(D=a["D"][:, :1] * np.ones(8)), "the dose never changes within a unit"),
        (
            lambda a: a.update(D=unit_and_period((30, 8))),
            "the dose is a constant of the unit and one of the period",
        ),
        (
            lambda a: a.update(D=2 * a["covariates"]["x"] + unit_and_period((30, 8))),
            "the dose is a sum of covariates",
        ),
        (lambda a: a.update(Y=np.ones((30, 8))), "the outcome never changes within a unit"),
        (
            lambda a: a["covariates"].update(z=3 * a["covariates"]["x"] + 1),
            "covariate z is nothing but constants.*before it",
        ),
        (lambda a: a["covariates"].update(z=np.ones((30, 8)) * 5), "covariate z is nothing but constants"),
        (
            lambda a: a["covariates"].update(z=np.full((30, 8), np.nan)),
            "no unit and period are left of 0 complete",
        ),
        (
            lambda a: a["covariates"].update(z=np.ones((30, 7))),
            r"covariate z has shape \(30, 7\), expected that of Y",
        ),
        (lambda a: a.update(D=a["D"][:, 1:]), r"D has shape \(30, 7\), expected that of Y"),
        (lambda a: a.update(Y=a["Y"][0]), r"Y has shape \(8,\), expected units by periods"),
        (lambda a: a["D"].__setitem__((2, 3), np.inf), r"D\[2, 3\] is infinite"),
        (lambda a: a.update(clusters=np.zeros(30)), "1 cluster, expected two or more"),
        (lambda a: a.update(clusters=np.arange(8)), r"clusters has shape \(8,\), expected \(30,\)"),
        (lambda a: a.update(clusters=np.where(np.arange(30) == 4, np.nan, 1)), r"clusters\[4\] is missing"),
        (
            lambda a: a["Y"].__setitem__((slice(None), slice(1, None)), np.nan),
            "no unit and period are left of 30",
        ),
        (lambda a: a["Y"].__setitem__((slice(2, None), slice(None)), np.nan), None),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_reason(change, sentence):
    arguments = spoilt(change)
    if sentence is None:
        assert two_way_fixed_effects(**arguments).units == 2
    else:
        with pytest.raises(PanelError, match=sentence):
            two_way_fixed_effects(**arguments)


def test_more_unknowns_than_cells_are_refused():
    Y, D, _, X = drawn(18, units=3, periods=2, holes=0)
    with pytest.raises(PanelError, match="6 cells for as many unknowns or more"):
        two_way_fixed_effects(Y, D, covariates={"x": X})


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level):
    Y, D, _, _ = drawn(19)
    with pytest.raises(PanelError, match="expected a share between 0 and 1"):
        two_way_fixed_effects(Y, D, level=level)


def test_poisson_refuses_negative_outcomes_and_nothing_but_zeros():
    Y, D, _ = counts(20)
    Y[1, 2] = -1
    with pytest.raises(PanelError, match=r"Y\[1, 2\] is -1, expected no negative outcome"):
        poisson(Y, D)
    with pytest.raises(PanelError, match="the outcome never changes"):
        poisson(np.zeros(Y.shape), D)


def test_more_periods_than_units_and_huge_constants_are_no_trouble():
    Y, D, _, _ = drawn(21, units=5, periods=40)
    one, two = two_way_fixed_effects(Y, D), two_way_fixed_effects(Y + 1e9 * np.arange(5)[:, None], D)
    assert two.effect == pytest.approx(one.effect, rel=1e-5)


def test_without_the_extra_the_sentence_names_it():
    code = (
        "import sys; sys.modules['pyfixest'] = None\n"
        "import numpy as np\n"
        "from ayni.panel.doses import two_way_fixed_effects\n"
        "assert not {'pandas', 'scipy.stats', 'narwhals', 'matplotlib'} & set(sys.modules)\n"
        "g = np.random.default_rng(1)\n"
        "two_way_fixed_effects(g.normal(size=(9, 5)), g.normal(size=(9, 5)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "ayni[doses]"' in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize("seed", range(6))
def test_separated_zeros_are_those_whose_fit_falls_for_ever(seed):
    """The likelihood is climbed by its own slow steps; a mean that has a limit stays far from 0."""
    generator = np.random.default_rng(seed)
    used = generator.random((9, 6)) < 0.75
    Y = np.where(used & (generator.random((9, 6)) < 0.3), 1.0 + generator.integers(0, 3, (9, 6)), 0.0)
    means = np.where(used, Y.sum() / used.sum(), 0.0)
    for _ in range(4000):
        for axis in (1, 0):
            sums = means.sum(axis=axis, keepdims=True)
            means = means * np.divide(
                Y.sum(axis=axis, keepdims=True), sums, out=np.zeros(sums.shape), where=sums > 0
            )
    assert (separated(used, Y > 0) == (used & (means < 5e-4))).all()


def test_a_fit_that_runs_out_of_steps_is_refused(monkeypatch):
    """pyfixest 0.60 returns such a fit without a word."""
    Y, D, X = counts(22)
    monkeypatch.setattr("ayni.panel.regressions._STEPS", 2)
    with pytest.raises(PanelError, match="the fit does not converge"):
        poisson(Y, D * 3, covariates={"x": X})


@pytest.mark.parametrize("method", [two_way_fixed_effects, poisson])
def test_the_jackknife_leaves_each_cluster_out_in_turn(method):
    Y, D, X = counts(23, units=12, periods=5)
    Y[np.random.default_rng(24).random(Y.shape) < 0.1] = np.nan
    clusters = np.arange(12) // 2
    found = method(Y, D, covariates={"x": X}, clusters=clusters, kind="jackknife")
    without = []
    for group in range(6):
        kept = clusters != group
        without.append(method(Y[kept], D[kept], covariates={"x": X[kept]}).effect)
    gaps = np.array(without) - method(Y, D, covariates={"x": X}).effect
    assert found.interval.kind == "jackknife"
    assert found.interval.draws == pytest.approx(gaps * np.sqrt(5 / 6), rel=1e-6)
    assert found.standard_error == pytest.approx(np.sqrt(5 / 6 * np.square(gaps).sum()), rel=1e-6)


def test_a_slope_that_one_cluster_carries_has_no_jackknife():
    Y = np.random.default_rng(25).normal(size=(6, 5))
    D = np.zeros(Y.shape)
    D[2, 3:] = 1
    assert np.isfinite(two_way_fixed_effects(Y, D).effect)
    with pytest.raises(PanelError, match="without cluster 2, counted from 0, nothing is left of the dose"):
        two_way_fixed_effects(Y, D, kind="jackknife")
    with pytest.raises(PanelError, match="the kind of interval is bayes, expected clustered or jackknife"):
        two_way_fixed_effects(Y, D, kind="bayes")


@pytest.mark.parametrize("method", [two_way_fixed_effects, poisson])
def test_an_outcome_that_the_dose_explains_whole_has_no_error(method):
    _, D, _, _ = drawn(26, units=10)
    found = method(np.exp(D / 2) if method is poisson else 0.5 * D, D)
    assert (found.effect, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5), rel=1e-6)
