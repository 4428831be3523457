"""Matrix completion: a slow second implementation, its optimum, invariances, holes, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError, difference_in_differences, imputation, matrix_completion, panel
from ayni.panel import completion as own_module
from ayni.panel.constants import Constants
from tests.panel.textbook import textbook, walks

STAGGERED = walks(3, starts={0: 8, 3: 12, 5: 12})


def with_holes(own, seed=1, share=0.1):
    holes = np.random.default_rng(seed).random(own.Y.shape) < share
    return replace(own, Y=np.where(holes, np.nan, own.Y))


def slowly(own, penalty):
    """Plain steps of one: constants by sweeping units and periods, singular values by LAPACK."""
    cells = ~np.isnan(own.Y) & ~own.treated
    outcomes = np.where(cells, own.Y, 0.0)
    low = np.zeros_like(outcomes)
    alpha, beta = np.zeros((len(outcomes), 1)), np.zeros((1, outcomes.shape[1]))
    for _ in range(4000):
        for _ in range(3):
            alpha = ((outcomes - low - beta) * cells).sum(axis=1, keepdims=True) / cells.sum(
                axis=1, keepdims=True
            )
            beta = ((outcomes - low - alpha) * cells).sum(axis=0, keepdims=True) / cells.sum(
                axis=0, keepdims=True
            )
        u, s, v = np.linalg.svd(low + (outcomes - low - alpha - beta) * cells, full_matrices=False)
        low = u * np.maximum(s - penalty, 0) @ v
    effects = (own.Y - low - alpha - beta)[own.treated & ~np.isnan(own.Y)]
    return effects.mean()


@pytest.mark.parametrize(
    "own", [walks(1), STAGGERED, with_holes(STAGGERED)], ids=["one", "staggered", "holes"]
)
@pytest.mark.parametrize("penalty", [0.5, 3.0])
def test_plain_steps_end_at_the_same_effect(own, penalty):
    assert matrix_completion(own, penalty=penalty).att == pytest.approx(slowly(own, penalty), abs=2e-4)


@pytest.mark.parametrize("name", ["prop99", "basque", "germany"])
def test_the_fit_is_optimal(name):
    assert matrix_completion(textbook(name)).cohorts[0].gap <= 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_california_is_about_the_published_effect(seed):
    """Arkhangelsky and others, 2021, Table 1: -20.2; it varies with the parts of the cross-validation."""
    assert matrix_completion(textbook("prop99"), seed=seed).att == pytest.approx(-20.2, abs=1.5)


def test_a_penalty_that_leaves_no_pattern_is_imputation():
    for own in (STAGGERED, with_holes(STAGGERED)):
        found = matrix_completion(own, penalty=1e6)
        assert found.att == pytest.approx(imputation(own).estimate.att, abs=1e-9)
        assert dict(found.settings)["rank"] == 0


def test_constants_and_scale():
    generator = np.random.default_rng(2)
    shift = generator.normal(size=(12, 1)) * 10 + generator.normal(size=20) * 10
    own = matrix_completion(STAGGERED, penalty=2.0).att
    assert matrix_completion(replace(STAGGERED, Y=STAGGERED.Y + shift), penalty=2.0).att == pytest.approx(
        own, abs=1e-4
    )
    scaled = matrix_completion(replace(STAGGERED, Y=STAGGERED.Y * 50), penalty=100.0).att
    assert scaled == pytest.approx(50 * own, rel=1e-4)


def test_a_pattern_of_rank_one_is_found():
    """Forty units with one pattern and little noise: parallel trends miss what the pattern does to unit 0."""
    generator = np.random.default_rng(3)
    pattern, loadings = np.linspace(0, 1, 30) ** 2 * 10, generator.normal(size=40)
    loadings[0] = 3
    outcomes = np.outer(loadings, pattern) + generator.normal(size=(40, 30)) * 0.1
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 24:] = True
    own = panel(outcomes + 5.0 * treated, treated)
    assert matrix_completion(own).att == pytest.approx(5, abs=1.2)
    assert abs(imputation(own).estimate.att - 5) > 8


def test_the_seed_decides_and_nothing_else():
    one, two = matrix_completion(STAGGERED, seed=7), matrix_completion(STAGGERED, seed=7)
    assert (one.att, one.settings) == (two.att, two.settings)


def test_outcomes_that_only_differ_by_constants_need_no_pattern():
    outcomes = np.arange(6.0)[:, None] + np.arange(8.0)
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 5:] = True
    found = matrix_completion(panel(outcomes + 2.0 * treated, treated))
    assert found.att == pytest.approx(2, abs=1e-9)


def solved(own, penalty):
    """The untreated outcomes, their cells, and the matrix of low rank."""
    cells = ~np.isnan(own.Y) & ~own.treated
    constants = Constants(cells[None])
    centred = constants.residual(np.where(cells, own.Y, 0.0)[None])
    low = own_module._solved(centred, constants, penalty, np.zeros_like(centred), own_module._CLOSE)
    return centred[0], cells, constants, low.matrix[0]


@pytest.mark.parametrize("own", [walks(1, units=30), with_holes(walks(1, units=30))], ids=["full", "holes"])
@pytest.mark.parametrize("penalty", [0.5, 3.0])
def test_what_is_left_is_a_subgradient_of_the_nuclear_norm(own, penalty):
    """By LAPACK: singular values at most the penalty, aligned with the pattern, and without constants."""
    outcomes, cells, constants, low = solved(own, penalty)
    rest = constants.residual((outcomes - low)[None])[0]
    nuclear = np.linalg.svd(low, compute_uv=False).sum()
    assert np.linalg.svd(rest, compute_uv=False).max() <= penalty * (1 + 1e-4)
    assert (rest * low).sum() == pytest.approx(penalty * nuclear, rel=1e-4)
    assert np.abs(rest.sum(axis=0)).max() < 1e-10
    assert np.abs(rest.sum(axis=1)).max() < 1e-10
    assert not rest[~cells].any()


@pytest.mark.parametrize("level", [0.0, 1e3, 1e7])
def test_the_gap_is_no_rounding_of_the_level(level):
    """Where the level takes all digits of the objective, a gap would come out as 0 by accident."""
    found = matrix_completion(replace(STAGGERED, Y=STAGGERED.Y + level), penalty=2.0)
    assert 0 < found.cohorts[0].gap <= 1e-6
    assert found.att == pytest.approx(matrix_completion(STAGGERED, penalty=2.0).att, abs=1e-4)


def error_slowly(outcomes, cells, left_out, penalties, rounds):
    """Plain steps along falling penalties, a dummy for each constant; squared errors where left out."""
    n, length = outcomes.shape
    dummies = np.hstack([np.kron(np.eye(n), np.ones((length, 1))), np.kron(np.ones((n, 1)), np.eye(length))])
    project = np.linalg.pinv(dummies[cells.ravel()])
    low, errors = np.zeros_like(outcomes), []

    def constants():
        return (dummies @ (project @ (outcomes - low)[cells])).reshape(n, length)

    for penalty in penalties:
        for _ in range(rounds):
            u, s, v = np.linalg.svd(low + (outcomes - low - constants()) * cells, full_matrices=False)
            low = u * np.maximum(s - penalty, 0) @ v
        errors.append(np.square((outcomes - low - constants())[left_out]).sum())
    return np.array(errors)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_penalty_chosen_is_at_the_least_error_of_fits_that_converged(seed):
    own = walks(6, units=10, periods=12, starts={0: 8, 1: 10})
    settings = dict(matrix_completion(own, seed=seed).settings)
    cells = ~own.treated
    outcomes, _, constants, _ = solved(own, 1.0)
    largest = np.linalg.svd(constants.residual(outcomes[None])[0], compute_uv=False)[0]
    penalties = largest * np.geomspace(1, 1e-3, 16)
    parts = np.array_split(np.random.default_rng(seed).permutation(np.flatnonzero(cells)), 5)
    errors = np.zeros(16)
    for part in parts:
        left_out = np.isin(np.arange(cells.size), part).reshape(cells.shape)
        errors += error_slowly(outcomes, cells & ~left_out, left_out, penalties, 300)
    at = int(np.argmin(np.abs(penalties - settings["penalty"])))
    assert penalties[at] == pytest.approx(settings["penalty"], rel=1e-9)
    assert errors[at] <= errors.min() * 1.002
    assert settings["smallest-tried"] <= settings["penalty"]


@pytest.mark.parametrize("factor", [1e-3, -2.5, 1e4])
def test_constants_and_scale_leave_the_cross_validation_alone(factor):
    generator = np.random.default_rng(5)
    own = with_holes(STAGGERED)
    shift = generator.normal(size=(12, 1)) * 100 + generator.normal(size=20) * 100
    one, two = matrix_completion(own), matrix_completion(replace(own, Y=factor * (own.Y + shift)))
    assert two.att == pytest.approx(factor * one.att, rel=1e-4)
    assert dict(two.settings)["penalty"] == pytest.approx(abs(factor) * dict(one.settings)["penalty"])


def test_the_order_of_units_does_not_matter_to_one_penalty():
    order = np.random.default_rng(3).permutation(12)
    own = with_holes(STAGGERED)
    other = replace(own, Y=own.Y[order], treated=own.treated[order], units=tuple(own.units[i] for i in order))
    found = matrix_completion(other, penalty=2.0).att
    assert found == pytest.approx(matrix_completion(own, penalty=2.0).att, abs=1e-8)


def test_an_effect_that_is_added_is_found_on_top():
    added = matrix_completion(replace(STAGGERED, Y=STAGGERED.Y + 3.0 * STAGGERED.treated)).att
    assert added == pytest.approx(matrix_completion(STAGGERED).att + 3, abs=1e-9)


@pytest.mark.parametrize("shape", [(30, 8), (8, 30)], ids=["tall", "wide"])
def test_more_units_than_periods_or_fewer(shape):
    own = walks(4, units=shape[0], periods=shape[1], starts={0: 5, 1: 6})
    assert matrix_completion(own, penalty=1.0).att == pytest.approx(slowly(own, 1.0), abs=2e-4)
    assert matrix_completion(own).cohorts[0].gap <= 1e-6


@pytest.mark.parametrize("penalty", [None, 2.0])
def test_a_unit_that_was_never_observed_says_nothing(penalty):
    blind = STAGGERED.Y.copy()
    blind[7] = np.nan
    names = tuple(name for name in STAGGERED.units if name != "7")
    without = replace(
        STAGGERED, Y=np.delete(blind, 7, 0), treated=np.delete(STAGGERED.treated, 7, 0), units=names
    )
    found = matrix_completion(replace(STAGGERED, Y=blind), penalty=penalty).att
    assert found == pytest.approx(matrix_completion(without, penalty=penalty).att, abs=1e-6)


@pytest.mark.parametrize(
    "outcomes", [np.full((5, 8), 1e6 / 3), np.add.outer(np.arange(6) / 7, np.arange(8) / 3), np.zeros((4, 6))]
)
@pytest.mark.parametrize("penalty", [None, 1.0])
def test_where_constants_are_all_there_is_the_fit_is_optimal_and_has_no_pattern(outcomes, penalty):
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 5:] = True
    found = matrix_completion(panel(outcomes + 2.0 * treated, treated), penalty=penalty)
    assert found.att == pytest.approx(2, abs=1e-8)
    assert dict(found.settings)["rank"] == 0
    assert found.cohorts[0].gap <= 1e-6


@pytest.mark.parametrize(
    "own", [walks(1, units=2), walks(1, starts={0: 1})], ids=["one control", "one period before"]
)
def test_little_data_is_fitted_all_the_same(own):
    found = matrix_completion(own)
    assert np.isfinite(found.att)
    assert found.cohorts[0].gap <= 1e-6
    largest = matrix_completion(own, penalty=1e9)
    assert largest.att == pytest.approx(difference_in_differences(own).att, abs=1e-9)


def test_refusals():
    with pytest.raises(PanelError, match="the penalty is -1, expected more than 0"):
        matrix_completion(STAGGERED, penalty=-1.0)
    with pytest.raises(PanelError, match=r"1 folds of \d+ cells; expected 2 to"):
        matrix_completion(STAGGERED, folds=1)
    blind = STAGGERED.Y.copy()
    blind[0, :8] = np.nan
    with pytest.raises(PanelError, match="matrix completion: 0: never observed before treatment"):
        matrix_completion(replace(STAGGERED, Y=blind))
    with pytest.raises(PanelError, match="the penalty is inf, expected more than 0, and finite"):
        matrix_completion(STAGGERED, penalty=np.inf)
    with pytest.raises(PanelError, match="the seed is -1, expected 0 or more"):
        matrix_completion(STAGGERED, seed=-1)


def test_a_penalty_too_small_for_the_digits_is_refused(monkeypatch):
    """With fewer steps than usual, so that the test ends soon."""
    monkeypatch.setattr(own_module, "_MOST", 200)
    with pytest.raises(
        PanelError, match=r"ended .* of its objective from the optimum, expected 1e-06 at most"
    ):
        matrix_completion(STAGGERED, penalty=1e-9)
