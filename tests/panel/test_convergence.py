"""Agreement of chains, and what draws are worth: ArviZ's numbers, theory, and what must not change."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from ayni.panel.convergence import effective_draws, split_r_hat


def chains(kept, seed=1, count=4, length=1000):
    generator = np.random.default_rng(seed)
    made = generator.normal(size=(count, length))
    for t in range(1, length):
        made[:, t] += kept * made[:, t - 1]
    return made


def by_pairs(own):
    """The effective number without Fourier transforms, in the order of the paper."""
    half = own.shape[1] // 2
    cut = np.vstack([own[:, :half], own[:, -half:]])
    order = cut.ravel().argsort().argsort().reshape(cut.shape)
    z = np.vectorize(NormalDist().inv_cdf)((order + 1 - 3 / 8) / (cut.size + 1 / 4))
    within = z.var(axis=1, ddof=1).mean()
    variance = (half - 1) / half * within + z.mean(axis=1).var(ddof=1)
    rho = [1.0]
    for lag in range(1, half):
        pairs = [(row[lag:] - row.mean()) @ (row[: half - lag] - row.mean()) / half for row in z]
        rho.append(1 - (within - np.mean(pairs)) / variance)
    total, least = -1.0, np.inf
    for k in range(half // 2):
        pair = rho[2 * k] + rho[2 * k + 1]
        if pair < 0:
            total += max(rho[2 * k], 0)
            break
        least = min(least, pair)
        total += 2 * least
    return z.size / total


def test_numbers_are_those_of_arviz():
    """arviz-stats 0.8.0, rank r-hat and bulk size, of the same draws."""
    generator = np.random.default_rng(1)
    own = generator.normal(size=(4, 1000))
    assert split_r_hat(own) == pytest.approx(1.001569927811536, rel=1e-12)
    assert effective_draws(own) == pytest.approx(4039.146787452132, rel=1e-12)
    own = generator.normal(size=(4, 1000))
    for t in range(1, 1000):
        own[:, t] += 0.9 * own[:, t - 1]
    assert split_r_hat(own) == pytest.approx(1.0296223938439961, rel=1e-12)
    assert effective_draws(own) == pytest.approx(257.52588260656887, rel=1e-9)


@pytest.mark.parametrize("kept", [0.0, 0.6, -0.4])
def test_the_slow_way_gives_the_same(kept):
    own = chains(kept, length=300)
    assert effective_draws(own) == pytest.approx(by_pairs(own), rel=1e-9)


def test_draws_that_keep_a_share_are_worth_what_theory_says():
    own = chains(0.7, length=20_000)
    assert effective_draws(own) == pytest.approx(own.size * 0.3 / 1.7, rel=0.1)


def test_neither_scale_nor_a_monotone_change_matters():
    own = chains(0.5)
    assert split_r_hat(np.exp(own)) == pytest.approx(split_r_hat(own), abs=0.02)
    assert effective_draws(np.exp(own)) == pytest.approx(effective_draws(own))
    assert split_r_hat(-3 * own + 7) == pytest.approx(split_r_hat(own))


def test_a_chain_elsewhere_and_a_chain_too_wide_are_seen():
    away, wide = chains(0.0), chains(0.0)
    away[0] += 1
    wide[0] *= 3
    assert split_r_hat(away) > 1.05
    assert split_r_hat(wide) > 1.05


def test_draws_that_are_all_alike_or_too_few():
    assert (split_r_hat(np.ones((4, 50))), effective_draws(np.ones((4, 50)))) == (1.0, 200.0)
    assert np.isnan(split_r_hat(chains(0.0, length=7)))
    assert np.isnan(effective_draws(chains(0.0, length=7)))
