r"""Prediction intervals of a synthetic control: what its weights and what a single period leave uncertain.

Question
    Between which bounds would the treated unit have been, in each period after?
Estimand
    :math:`\tau_t = Y_t - Y_t(0)`, a random number rather than a mean, so that the interval is one of
    prediction.
Formula
    With :math:`Y_t(0) = x_t'w_0 + e_t` and weights :math:`\hat w` fitted before,
    :math:`Y_t(0) - x_t'\hat w = x_t'(w_0 - \hat w) + e_t`.

    *The first part*, of the weights: :math:`G` is drawn as the sum of the controls' outcomes before times
    normal numbers with the residuals' own variances. The least and the largest
    :math:`x_t'(\hat w - w)` over weights :math:`w`, not negative and adding to one, with
    :math:`(w - \hat w)' Q (w - \hat w) \le 2 G'(w - \hat w)` bound it; their quantiles over draws are taken,
    at a quarter of the error each.

    *The second part*, of the period: :math:`\bar u \pm \hat\sigma \sqrt{2 \log(2/\alpha)}` for errors that
    are sub-Gaussian, or the residuals' own quantiles; at half the error.
What carries the weight
    That errors after are as those before: the same mean and variance, nearly independent of each other. That
    weights with these constraints could have made the treated unit.
When not to use it
    Where the fit before is perfect or has no more periods than weights, so that nothing is known of errors;
    where errors depend on the last one much, of which the draws know nothing.

References
----------
Cattaneo, M., Feng, Y. and Titiunik, R., 2021, JASA 116(536): sections 3 to 5.
Cattaneo, M., Feng, Y., Palomba, F. and Titiunik, R., 2025, Journal of Statistical Software 113(1): scpi, here
with the simplex, outcomes alone, and moments of errors that are constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks
from ayni.panel.compiled import compiled
from ayni.panel.intervals import level_faults
from ayni.panel.records import Floats, Interval, Panel, PanelError
from ayni.panel.simplex import fitted, minimum_norm

SPREADS = ("sub-gaussian", "residuals")
DRAWS = 500
# A weight that is none.
_NOTHING = 1e-6
# A residual that is rounding, relative to the outcome.
_PERFECT = 1e-9
# An end is found when it is so near to what none can be above, as a share of how far controls are apart.
_CLOSE, _MOST_STEPS, _MOST_DOUBLINGS = 1e-7, 60, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Effects with prediction intervals.

    Attributes
    ----------
    periods : tuple of int
        T1 treated periods.
    effects, low, high : (T1,) float, unit of the outcome
        Of each period; each interval holds by itself, not all at once.
    weights_low, weights_high : (T1,) float, unit of the outcome
        The part of the interval that is the weights': how far the counterfactual may be below and above.
    interval : Interval
        Of their mean. It assumes nothing of how errors of periods go together. Its draws are the least and
        then the largest errors of the weights.
    """

    periods: tuple[int, ...]
    effects: Floats
    low: Floats
    high: Floats
    weights_low: Floats
    weights_high: Floats
    interval: Interval


def prediction(
    panel: Panel,
    *,
    level: float = 0.9,
    spread: str = "sub-gaussian",
    threshold: float = 0.0,
    draws: int = DRAWS,
    seed: int = 0,
) -> Prediction:
    """Return the effects of `ayni.panel.synthetic_control` with prediction intervals.

    Parameters
    ----------
    level : float
        Half of what is left to one is for the weights, half for the period; the interval holds at least so
        much where its assumptions do.
    spread : str
        One of `SPREADS`: how errors of a period are bounded.
    threshold : float
        Weights below it may only grow in the draws, as weights that are truly 0 would; 0 lets every
        weight fall to 0, which is the widest.
    draws : int
        Two or more.
    seed : int

    Raises
    ------
    PanelError
        If an outcome is missing, units are treated from different periods on, there is one control, the fit
        is perfect or has no more periods than weights, or a setting is none.
    """
    _refuse(level, spread, threshold, draws, seed)
    block, *more = blocks(panel, "prediction intervals")
    if more:
        raise PanelError("prediction intervals: units are treated from different periods on; take one cohort")
    start, outcomes, own = block.start, block.control_outcomes, block.treated_mean
    w = fitted(outcomes[:, :start], own[:start]).weights
    rest = own[:start] - w @ outcomes[:, :start]
    free = int((w > _NOTHING).sum())
    _refuse_fit(block, free, rest)
    # Each period, and their mean.
    after = np.column_stack([outcomes[:, start:], outcomes[:, start:].mean(axis=1)])
    effects = np.append(own[start:], own[start:].mean()) - w @ after
    share = (1 - level) / 2
    noise = np.abs(rest - rest.mean()) * np.sqrt(start / (start - free + 1))
    noise = noise * np.random.default_rng(seed).normal(size=(draws, start))
    least, largest = _extremes(outcomes[:, :start], w, np.where(w < threshold, w, 0.0), noise, after.T)
    below, above = np.quantile(least, share / 2, axis=1), np.quantile(largest, 1 - share / 2, axis=1)
    down, up = _bounds(rest, free, share, spread)
    low, high = effects - above - up, effects - below - down
    return Prediction(
        periods=panel.periods[start:],
        effects=effects[:-1],
        low=low[:-1],
        high=high[:-1],
        weights_low=below[:-1],
        weights_high=above[:-1],
        interval=Interval(
            kind="prediction",
            estimate=float(effects[-1]),
            standard_error=np.nan,
            low=float(low[-1]),
            high=float(high[-1]),
            level=level,
            p_value=np.nan,
            draws=np.concatenate([least[-1], largest[-1]]),
            exact=False,
        ),
    )


def _refuse(level: float, spread: str, threshold: float, draws: int, seed: int) -> None:
    faults = []
    faults += level_faults(level)
    if spread not in SPREADS:
        faults.append(f"the spread is {spread!r}, expected one of {', '.join(SPREADS)}")
    if not 0 <= threshold <= 1:
        faults.append(f"the threshold is {threshold:g}, expected a weight")
    if draws < 2:  # noqa: PLR2004 - quantiles need two
        faults.append(f"{draws} draws, expected two or more")
    if seed < 0:
        faults.append(f"the seed is {seed}, expected 0 or more")
    if faults:
        raise PanelError("prediction intervals: " + "; ".join(faults))


def _refuse_fit(block: Block, free: int, rest: Floats) -> None:
    start, since = block.start, block.panel.periods[block.start]
    if len(block.controls) < 2:  # noqa: PLR2004 - one has all the weight
        raise PanelError("prediction intervals: there is one control, whose weight is certain; expected more")
    if start <= free:
        raise PanelError(
            f"prediction intervals: {free} weights fitted to {start} periods before {since} leave nothing to"
            " tell errors from; expected more periods than weights"
        )
    if float(np.abs(rest).max()) <= _PERFECT * max(float(np.abs(block.treated_mean).max()), 1e-300):
        raise PanelError(
            f"prediction intervals: the fit before {since} is perfect, so that nothing is known of errors"
            " after"
        )


def _bounds(rest: Floats, free: int, share: float, spread: str) -> tuple[float, float]:
    """Return between which an error of one period is, but for a share of the cases."""
    mean = float(rest.mean())
    centred = rest - mean
    # Residuals are smaller than errors by what was fitted to them.
    deviation = float(np.sqrt(np.square(centred).sum() / (len(rest) - free)))
    if spread == "sub-gaussian":
        reach = deviation * float(np.sqrt(2 * np.log(2 / share)))
        return mean - reach, mean + reach
    scale = deviation / float(np.sqrt(np.square(centred).mean()))
    low, high = np.quantile(centred, [share / 2, 1 - share / 2])
    return mean + scale * float(low), mean + scale * float(high)


def _extremes(Z: Floats, w: Floats, floor: Floats, noise: Floats, targets: Floats) -> tuple[Floats, Floats]:
    r"""Return the least and largest :math:`p'(\hat w - x)` for each target p and draw: twice (K, R) float.

    Over weights x, none below its floor, whose distance from :math:`Z'\hat w + g` is at most that of
    :math:`\hat w`, which is :math:`|g|`: the constraint of the module with the square completed.
    """
    Z = Z - Z.mean(axis=0)
    targets = targets - targets.mean(axis=1, keepdims=True)
    room = 1.0 - float(floor.sum())
    shifted = noise + (w - floor) @ Z
    found = np.zeros((2, len(targets), len(noise)))
    if room > _NOTHING:
        every_extreme(
            room**2 * (Z @ Z.T),
            room * (shifted @ Z.T),
            np.square(shifted).sum(axis=1),
            np.square(noise).sum(axis=1),
            room * targets,
            targets @ (w - floor),
            found,
        )
    return found[0], found[1]


@compiled
def every_extreme(
    G: Floats, C: Floats, bb: Floats, radius: Floats, P: Floats, start: Floats, found: Floats
) -> None:
    """Write how far below and above its start each linear function can be, for each draw.

    Parameters
    ----------
    G : (N, N) float
        Inner products of the points.
    C : (M, N) float, bb : (M,) float
        Inner products of each draw's centre with the points, and with itself.
    radius : (M,) float
        Squared distance from the centre that a mixture of points may have.
    P : (K, N) float
        Values of each function at the points.
    start : (K,) float
        Its value at a mixture that is near enough to every centre.
    found : (2, K, M) float
        Is overwritten: start less the largest value, and less the least.
    """
    n = G.shape[0]
    spread = 0.0
    for j in range(n):
        spread += G[j, j] / n
    H, p = np.empty((n, n)), np.empty(n)
    for k in range(P.shape[0]):
        squares = 0.0
        for j in range(n):
            squares += P[k, j] * P[k, j] / n
        if squares <= 0.0 or spread <= 0.0:
            continue
        kappa = spread / squares
        for i in range(n):
            for j in range(n):
                H[i, j] = G[i, j] + kappa * P[k, i] * P[k, j]
        for side in range(2):
            sign = 1.0 - 2.0 * side
            for j in range(n):
                p[j] = sign * P[k, j]
            for r in range(C.shape[0]):
                value = _furthest(G, H, C[r], bb[r], radius[r], p, kappa, sign * start[k])
                found[side, k, r] = start[k] - sign * value


@compiled
def _furthest(
    G: Floats, H: Floats, c: Floats, bb: float, radius: float, p: Floats, kappa: float, start: float
) -> float:
    """Return the largest value of a linear function over mixtures near enough to a centre.

    The mixture nearest to the centre, and in one more direction to an aim for the value, moves along straight
    pieces as the aim moves away; so the end is on a chord between two aims, exactly so once both are on one
    piece.
    """
    n = len(p)
    best, reach = 0, 0.0
    for j in range(n):
        if p[j] > p[best]:
            best = j
        reach = max(reach, abs(p[j] - start))
    if G[best, best] - 2.0 * c[best] + bb <= radius:
        return float(p[best])
    near, far, new = np.empty(n), np.empty(n), np.empty(n)
    _aimed(H, c, bb, p, kappa, start, near)
    low, high = start, start + reach
    for _ in range(_MOST_DOUBLINGS):
        _aimed(H, c, bb, p, kappa, high, far)
        if _distance(G, c, bb, far, far) > radius:
            break
        near[:] = far
        low, high = high, high + 2.0 * (high - start)
    value, top = start, np.inf
    for step in range(_MOST_STEPS):
        part = _crossing(G, c, bb, radius, near, far)
        value = 0.0
        for j in range(n):
            value += p[j] * (near[j] + part * (far[j] - near[j]))
        if top - value <= _CLOSE * reach:
            break
        # Every other time the middle, lest one end stays where it is.
        aim = low + (part if step % 2 == 0 else 0.5) * (high - low)
        _aimed(H, c, bb, p, kappa, aim, new)
        distance, there = _distance(G, c, bb, new, new), 0.0
        for j in range(n):
            there += p[j] * new[j]
        if aim > there:
            # What no mixture within the radius is above: the dual of the problem.
            top = min(top, there + (radius - distance) / (2.0 * kappa * (aim - there)))
        if distance <= radius:
            low = aim
            near[:] = new
        else:
            high = aim
            far[:] = new
    return max(value, start)


@compiled
def _aimed(H: Floats, c: Floats, bb: float, p: Floats, kappa: float, aim: float, w: Floats) -> None:
    """Write the mixture that is nearest to the centre and to an aim for the value."""
    minimum_norm(H, c + kappa * aim * p, bb + kappa * aim * aim, 0.0, np.ones(len(c), np.bool_), w)


@compiled
def _distance(G: Floats, c: Floats, bb: float, v: Floats, w: Floats) -> float:
    """Return the inner product of two mixtures' differences from the centre."""
    total = bb
    for i in range(len(c)):
        total -= c[i] * (v[i] + w[i])
        if v[i] != 0.0:
            for j in range(len(c)):
                total += v[i] * G[i, j] * w[j]
    return total


@compiled
def _crossing(G: Floats, c: Floats, bb: float, radius: float, near: Floats, far: Floats) -> float:
    """Return which part of the way from a near mixture to a far one is within the radius."""
    inside, across = _distance(G, c, bb, near, near), _distance(G, c, bb, near, far)
    outside = _distance(G, c, bb, far, far)
    square, linear = inside - 2.0 * across + outside, across - inside
    if square <= 0.0:
        return 0.0
    root = np.sqrt(max(linear * linear + square * (radius - inside), 0.0))
    return float(min(max((root - linear) / square, 0.0), 1.0))
