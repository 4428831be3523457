r"""How well chains of draws agree, and how many independent draws they are worth.

Each chain is cut in halves, and draws are replaced by normal scores of their ranks, so that neither heavy
tails nor infinite variances hide anything. :math:`\hat R` compares the variance between halves with that
within; the effective number of draws is their number over one plus twice the sum of autocorrelations, summed
as long as neighbouring pairs are positive and falling.

References
----------
Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Bürkner, P.-C., 2021, Bayesian Analysis 16(2):
with the limits 1.01 and 400.
Geyer, C., 1992, Statistical Science 7(4), section 3.3: the initial monotone sequence.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from ayni.panel.records import Floats

# A half with fewer draws has no variance worth the name.
_LEAST = 4


def halves(chains: Floats) -> Floats:
    """Return chains (C, M) cut in halves: (2 C, M // 2); the odd draw in the middle is left out."""
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, -half:]])


@lru_cache(maxsize=8)
def _normal_scores(count: int) -> Floats:
    quantile = NormalDist().inv_cdf
    return np.array([quantile((rank - 3 / 8) / (count + 1 / 4)) for rank in range(1, count + 1)])


def scores(chains: Floats) -> Floats:
    """Return the normal scores of the ranks of all draws; those that are alike share the mean of theirs."""
    _, inverse, counts = np.unique(chains, return_inverse=True, return_counts=True)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    made = np.add.reduceat(_normal_scores(chains.size), first) / counts
    shared: Floats = made[inverse].reshape(chains.shape)
    return shared


def split_r_hat(chains: Floats) -> float:
    r"""Return :math:`\hat R` of chains (C, M): the larger of that of location and of spread.

    1 where all draws are alike, NaN with fewer than eight draws a chain.
    """
    if chains.shape[1] < 2 * _LEAST:
        return np.nan
    cut = halves(chains)
    folded = np.abs(cut - np.median(cut))
    return max(_r_hat(scores(cut)), _r_hat(scores(folded)))


def _r_hat(chains: Floats) -> float:
    length = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1))
    if within <= 0:
        return 1.0 if between <= 0 else np.inf
    return float(np.sqrt((length - 1) / length + between / within))


def effective_draws(chains: Floats) -> float:
    """Return how many independent draws chains (C, M) are worth for the middle of a distribution.

    At most their number times its logarithm to base 10; all where draws are alike; NaN with fewer than eight
    draws a chain.
    """
    if chains.shape[1] < 2 * _LEAST:
        return np.nan
    cut = scores(halves(chains))
    count, length = cut.shape
    total = count * length
    centred = cut - cut.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length, axis=1)
    covariances = np.fft.irfft(np.square(np.abs(spectrum)), axis=1)[:, :length] / length
    within = float(covariances[:, 0].mean()) * length / (length - 1)
    if within <= 0:
        return float(total)
    variance = within * (length - 1) / length + float(cut.mean(axis=1).var(ddof=1))
    correlations = 1.0 - (within - covariances.mean(axis=0)) / variance
    correlations[0] = 1.0
    even = length // 2 * 2
    pairs = correlations[:even:2] + correlations[1:even:2]
    negative = np.flatnonzero(pairs < 0)
    pairs = np.minimum.accumulate(pairs[: negative[0]] if negative.size else pairs)
    # The first of the pair that fell below is still worth its half.
    beyond = max(float(correlations[2 * negative[0]]), 0.0) if negative.size else 0.0
    time = max(-1.0 + 2.0 * float(pairs.sum()) + beyond, 1.0 / np.log10(total))
    return float(total / time)
