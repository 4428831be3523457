"""Slopes by an instrument, and the slopes that a weak one leaves."""

from __future__ import annotations

import numpy as np
import pytest

from ayni.panel import PanelError
from ayni.panel.doses import two_way_fixed_effects
from ayni.panel.lags import shifted
from ayni.panel.student import reach
from ayni.panel.weak_instruments import Scores, anderson_rubin, instrumental_variables, not_above_zero
from tests.panel.dosed import drawn, factor, grunfeld, rows_of, slow_instrument, slow_least_squares

INFINITY = float("inf")


def check(slope, code):
    return next(one for one in slope.checks if one.code == code)


def region(slope):
    assert slope.region is not None
    return slope.region


def slow_refused(Y, D, Z, slopes, level, covariates=()):
    """Which slopes a regression of Y - bD on Z, with a dummy for everything, refuses."""
    used = ~np.isnan(Y)
    scale = factor(len(Y), used.sum(), 1 + len(covariates), Y.shape[1])
    refused = []
    for slope in slopes:
        columns = [one[used] for one in (Z, *covariates)]
        fit, covariance = slow_least_squares((Y - slope * D)[used], columns, used, rows_of(used))
        refused.append(abs(fit[0]) > reach(level, len(Y) - 1) * np.sqrt(scale * covariance[0, 0]))
    return np.array(refused)


def test_grunfeld_by_last_years_value_is_as_in_another_program():
    """linearmodels 7.1, IV2SLS with dummies, errors clustered by firm without a small-sample factor."""
    own = grunfeld()
    found = instrumental_variables(
        own["invest"], own["value"], shifted(own["value"], 1), covariates={"capital": own["capital"]}
    )
    assert found.cells == 190
    assert found.effect == pytest.approx(0.2870708993, abs=5e-10)
    error = 0.1116615666 * np.sqrt(factor(10, 190, 2, 19))
    assert found.standard_error == pytest.approx(error, rel=1e-8)
    # Its first stage counts the constants of firms too.
    all_counted = 10 / 9 * 189 / (190 - 30)
    assert check(found, "first-stage").value == pytest.approx(
        7.064201 * all_counted / factor(10, 190, 2, 19), rel=1e-6
    )
    assert not check(found, "first-stage").passed


def test_cards_set_is_the_published_one():
    """Card 1995, Table 3 panel A (5): R packages ivmodel and ivpack give .0248048 to .2848236, F(1, 2994).

    The six sums of products are of his 3,010 men, without the fifteen exogenous columns. Errors there are
    alike, so that scores are those of the residual variance.
    """
    zz, zy, zd, yy, yd, dd = (
        487.77989651373235, 20.519884877791885, 156.04027189266617,
        478.12568539250276, 845.8547009777698, 11324.37927411526,
    )  # fmt: skip
    freedom = 2994
    products = np.array([[yy - zy * zy / zz, yd - zy * zd / zz], [yd - zy * zd / zz, dd - zd * zd / zz]])
    p, r = np.linalg.cholesky(products * zz / freedom)
    found = anderson_rubin(
        Scores(outcome=p, dose=r, whole_outcome=zy, whole_dose=zd, factor=1.0), 0.95, freedom
    )
    ((low, high),) = found.parts
    assert (low, high) == pytest.approx((0.0248048359651, 0.284823593339), abs=2e-7)
    assert found.p_value == pytest.approx(0.0200276297596, abs=1e-7)
    assert str(found) == "[0.0248048, 0.284823]"


@pytest.mark.parametrize("holes", [0.0, 0.2])
def test_it_is_two_stages_with_a_dummy_for_everything(holes):
    Y, D, Z, X = drawn(1, holes=holes)
    found = instrumental_variables(Y, D, Z, covariates={"x": X})
    used = ~np.isnan(Y)
    rows = rows_of(used)
    slope, variance = slow_instrument(Y[used], D[used], Z[used], [X[used]], used, rows)
    scale = factor(30, used.sum(), 2, 8)
    assert found.effect == pytest.approx(slope, rel=1e-9)
    assert found.standard_error == pytest.approx(np.sqrt(scale * variance), rel=1e-8)
    first, covariance = slow_least_squares(D[used], [Z[used], X[used]], used, rows)
    assert check(found, "first-stage").value == pytest.approx(
        first[0] ** 2 / covariance[0, 0] / scale, rel=1e-8
    )


def test_a_dose_that_is_its_own_instrument_gives_least_squares():
    Y, D, _, X = drawn(2)
    one, two = (
        instrumental_variables(Y, D, D, covariates={"x": X}),
        two_way_fixed_effects(Y, D, covariates={"x": X}),
    )
    assert (one.effect, one.standard_error) == pytest.approx((two.effect, two.standard_error), rel=1e-10)
    assert region(one).parts[0] == pytest.approx((two.low, two.high), rel=1e-9)
    assert check(one, "first-stage").value > 1e20


@pytest.mark.parametrize(("seed", "pull"), [(3, 0.0), (4, 0.0), (5, 0.05), (6, 0.1), (7, 0.15), (8, 0.4)])
def test_the_set_holds_what_a_grid_of_regressions_does_not_refuse(seed, pull):
    _, _, Z, X = drawn(seed, units=14, periods=5)
    generator = np.random.default_rng(seed + 50)
    D = pull * Z + generator.normal(size=Z.shape)
    Y = np.where(generator.random(Z.shape) < 0.1, np.nan, D + X + generator.normal(size=Z.shape))
    found = instrumental_variables(Y, D, Z, covariates={"x": X}, level=0.9)
    ends = [end for part in region(found).parts for end in part if abs(end) < INFINITY]
    around = [end + step for end in ends for step in (-1e-4, 1e-4)]
    slopes = np.concatenate([np.linspace(-12, 12, 60), around, [found.effect]])
    refused = slow_refused(Y, D, Z, slopes, 0.9, (X,))
    assert [slope in region(found) for slope in slopes] == (~refused).tolist()
    assert not refused[-1]


def test_all_kinds_of_sets_occur():
    kinds = set()
    for seed in range(20, 28):
        generator = np.random.default_rng(seed)
        Z = generator.normal(size=(14, 5))
        D = 0.15 * Z + generator.normal(size=Z.shape)
        Y = generator.normal(size=Z.shape) + 0.5 * D
        found = instrumental_variables(Y, D, Z)
        kinds.add((len(region(found).parts), region(found).bounded))
        assert region(found).bounded == (check(found, "first-stage").value > reach(0.95, 13) ** 2)
    assert kinds == {(1, True), (1, False), (2, False)}


@pytest.mark.parametrize(
    ("a", "b", "c", "parts"),
    [
        (1, -3, 2, ((1, 2),)),
        (1, 0, 1, ()),
        (1, -2, 1, ((1, 1),)),
        (-1, 3, -2, ((-INFINITY, 1), (2, INFINITY))),
        (-1, 0, -1, ((-INFINITY, INFINITY),)),
        (-1, 2, -1, ((-INFINITY, INFINITY),)),
        (0, 2, -4, ((-INFINITY, 2),)),
        (0, -2, -4, ((-2, INFINITY),)),
        (0, 0, -1, ((-INFINITY, INFINITY),)),
        (0, 0, 1, ()),
        (1, 0, 0, ((0, 0),)),
        (1, 1e8, 1, ((-1e8, -1e-8),)),
    ],
)
def test_a_quadratic_is_solved_wherever_it_lies(a, b, c, parts):
    found = not_above_zero(a, b, c)
    assert len(found) == len(parts)
    for one, two in zip(found, parts, strict=True):
        assert one == pytest.approx(two, rel=1e-12)


def test_sets_are_written_as_one_reads_them():
    scores = Scores(outcome=np.ones(2), dose=np.ones(2), whole_outcome=1.0, whole_dose=1.0, factor=1.0)
    assert str(anderson_rubin(scores, 0.9, 10)) == "(-inf, inf)"


def test_units_of_measurement_change_nothing():
    Y, D, Z, X = drawn(9)
    one = instrumental_variables(Y, D, Z, covariates={"x": X})
    two = instrumental_variables(Y * 1e-6, D * 1e9, Z * 1e5, covariates={"x": X * 1e3})
    assert two.effect == pytest.approx(one.effect * 1e-15, rel=1e-8)
    assert two.standard_error == pytest.approx(one.standard_error * 1e-15, rel=1e-8)
    assert region(two).parts[0] == pytest.approx(tuple(end * 1e-15 for end in region(one).parts[0]), rel=1e-7)
    assert check(two, "first-stage").value == pytest.approx(check(one, "first-stage").value, rel=1e-8)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda Z: Z[:, :1] * np.ones(8), "the instrument never changes within a unit"),
        (
            lambda _: np.ones(30)[:, None] * np.arange(8),
            "the instrument is a constant of the unit and one of the period",
        ),
        (lambda Z: Z[1:], r"Z has shape \(29, 8\), expected that of Y"),
        (lambda Z: np.where(Z.max() == Z, np.inf, Z), "is infinite"),
        (lambda Z: np.full(Z.shape, np.nan), "no unit and period are left"),
    ],
)
def test_an_instrument_that_is_none_is_refused(spoil, sentence):
    Y, D, Z, _ = drawn(10)
    with pytest.raises(PanelError, match=sentence):
        instrumental_variables(Y, D, spoil(Z))


def test_an_instrument_that_does_not_move_the_dose_is_refused():
    D, Z = np.zeros((4, 4)), np.zeros((4, 4))
    D[:2, :2] = D[2:, 2:] = 1
    Z[::2, ::2] = Z[1::2, 1::2] = 1
    Y = np.random.default_rng(11).normal(size=(4, 4))
    with pytest.raises(PanelError, match="does not move the dose at all"):
        instrumental_variables(Y, D, Z)
