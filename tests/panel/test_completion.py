"""Matrix completion: a slow second implementation, its optimum, invariances, holes, and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError, imputation, matrix_completion, panel
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


def test_refusals():
    with pytest.raises(PanelError, match="the penalty is -1, expected more than 0"):
        matrix_completion(STAGGERED, penalty=-1.0)
    with pytest.raises(PanelError, match=r"1 folds of \d+ cells; expected 2 to"):
        matrix_completion(STAGGERED, folds=1)
    blind = STAGGERED.Y.copy()
    blind[0, :8] = np.nan
    with pytest.raises(PanelError, match="matrix completion: 0: never observed before treatment"):
        matrix_completion(replace(STAGGERED, Y=blind))
