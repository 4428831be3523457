r"""Draws of a structural time series: a level that wanders, and a regression that chooses its controls.

With a standardised outcome :math:`y_t`, controls :math:`x_t` and independent normal errors,

.. math::

    y_t = \mu_t + x_t'\beta + \varepsilon_t, \qquad
    \mu_{t+1} = \mu_t + \delta_t + \eta_t, \qquad \delta_{t+1} = \delta_t + \zeta_t .

A sweep draws the levels given all else; the variances of :math:`\eta` and :math:`\zeta` given the levels; and
which controls are in, one after the other, with :math:`\beta` and the noise integrated out, then these two.
Levels of the periods after the treatment are no part of a sweep: they follow from it, as forecasts.

All chance is drawn beforehand, so that a seed gives the same numbers with and without numba.

References
----------
Brodersen, K., Gallusser, F., Koehler, J., Remy, N. and Scott, S., 2015, Annals of Applied Statistics 9(1),
section 2.
Durbin, J. and Koopman, S., 2002, Biometrika 89(3): drawing states by smoothing what a simulated series lacks.
George, E. and McCulloch, R., 1997, Statistica Sinica 7, section 3: the collapsed choice of controls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.records import Flags, Floats, Places


class Problem(NamedTuple):
    """Data and priors, in standard deviations of the outcome before treatment.

    Attributes
    ----------
    y : (T0,) float
        Of the periods before; 0 where missing.
    seen : (T0,) bool
    X : (K, T) float
        Controls of all periods.
    G, P : (K, K) float
        Inner products of the controls over the periods that were seen, and the prior precision of the
        coefficients, in units of one over the variance of the noise.
    odds : (K,) float
        Log prior odds that a control is in; infinite where that is certain.
    first : (2,) float
        Prior variances of the first level and slope.
    squares : (3,) float
        Prior sums of squares of noise, level and slope.
    shapes : (3,) float
        Shapes of the gamma distributions by which the three sums are divided: half of all degrees of freedom.
    trend : bool
        Whether there is a slope.
    """

    y: Floats
    seen: Flags
    X: Floats
    G: Floats
    P: Floats
    odds: Floats
    first: Floats
    squares: Floats
    shapes: Floats
    trend: bool


class Chance(NamedTuple):
    """All that is random, by sweep.

    Attributes
    ----------
    level, slope, noise : (S, T) float
        Normal. Without a trend the slope's are (S, 0).
    beta : (S, K) float
        Normal.
    choice : (S, K) float
        Logistic.
    gamma : (S, 3) float
        Gamma of `Problem.shapes`.
    """

    level: Floats
    slope: Floats
    noise: Floats
    beta: Floats
    choice: Floats
    gamma: Floats


class State(NamedTuple):
    """Where a chain is, and room to work in.

    Attributes
    ----------
    beta, inside : (K,) float, (K,) bool
        Coefficients, and whether the control is in.
    variances : (3,) float
        Of noise, level and slope.
    level, slope : (T,) float
        Drawn.
    ahead : (T,) float
        The expected outcome, given the outcomes before the period, coefficients and variances.
    fitted : (T,) float
        Controls times coefficients.
    scratch, products, solved, order, factors : arrays
        Room: (T0, 5), (K,), (K,), (K,), (2, K, K).
    """

    beta: Floats
    inside: Flags
    variances: Floats
    level: Floats
    slope: Floats
    ahead: Floats
    fitted: Floats
    scratch: Floats
    products: Floats
    solved: Floats
    order: Places
    factors: Floats


class Kept(NamedTuple):
    """What is kept of the sweeps.

    Attributes
    ----------
    paths : (M, T - T0) float
        Outcomes without treatment, drawn.
    ahead : (T,) float
        The mean of `State.ahead`.
    beta : (M, K) float
    variances : (M, 3) float
    """

    paths: Floats
    ahead: Floats
    beta: Floats
    variances: Floats


def drawn(problem: Problem, sweeps: int, generator: np.random.Generator) -> Chance:
    """Return the chance of so many sweeps."""
    controls, periods = problem.X.shape
    return Chance(
        level=generator.standard_normal((sweeps, periods)),
        slope=generator.standard_normal((sweeps, periods if problem.trend else 0)),
        noise=generator.standard_normal((sweeps, periods)),
        beta=generator.standard_normal((sweeps, controls)),
        choice=generator.logistic(size=(sweeps, controls)),
        gamma=generator.standard_gamma(problem.shapes, (sweeps, 3)),
    )


def begun(problem: Problem, generator: np.random.Generator) -> State:
    """Return the beginning of a chain: variances and controls from the prior, no coefficients."""
    controls, periods = problem.X.shape
    before = len(problem.y)
    freedom = problem.shapes - np.array([problem.seen.sum(), before - 1.0, before - 1.0]) / 2
    variances = problem.squares / 2 / np.maximum(generator.standard_gamma(np.maximum(freedom, 1.0)), 1e-3)
    variances[2] *= problem.trend
    return State(
        beta=np.zeros(controls),
        inside=generator.logistic(size=controls) < problem.odds,
        variances=variances,
        level=np.zeros(periods),
        slope=np.zeros(periods),
        ahead=np.zeros(periods),
        fitted=np.zeros(periods),
        scratch=np.zeros((before, 5)),
        products=np.zeros(controls),
        solved=np.zeros(controls),
        order=np.zeros(controls, np.int64),
        factors=np.zeros((2, controls, controls)),
    )


@compiled
def sample(problem: Problem, chance: Chance, state: State, kept: Kept, burnt: int) -> None:
    """Write the sweeps after the first `burnt` into `kept`."""
    periods, before = len(state.level), len(problem.y)
    for s in range(len(chance.gamma)):
        sweep(problem, chance, s, state)
        if s < burnt:
            continue
        m = s - burnt
        deviation = np.sqrt(state.variances[0])
        for t in range(periods):
            kept.ahead[t] += state.ahead[t] / len(kept.variances)
            if t >= before:
                kept.paths[m, t - before] = state.level[t] + state.fitted[t] + deviation * chance.noise[s, t]
        kept.beta[m] = state.beta
        kept.variances[m] = state.variances


@compiled
def sweep(problem: Problem, chance: Chance, s: int, state: State) -> None:
    """Draw everything once, with the chance of sweep `s`."""
    before = len(problem.y)
    _levels(problem, chance, s, state)
    steps = problem.squares[1]
    for t in range(1, before):
        step = state.level[t] - state.level[t - 1] - state.slope[t - 1]
        steps += step * step
    state.variances[1] = steps / (2.0 * chance.gamma[s, 1])
    if problem.trend:
        turns = problem.squares[2]
        for t in range(1, before):
            turn = state.slope[t] - state.slope[t - 1]
            turns += turn * turn
        state.variances[2] = turns / (2.0 * chance.gamma[s, 2])
    _forecast(problem, chance, s, state)
    _regression(problem, chance, s, state)


@compiled
def _levels(problem: Problem, chance: Chance, s: int, state: State) -> None:
    """Draw level and slope of the periods before, and write what was expected of each given those before it.

    A series is simulated; what the data have beside it is smoothed, and added to its level and slope.
    """
    before = len(problem.y)
    noise, drift, tilt = state.variances[0], state.variances[1], state.variances[2]
    scratch, level, slope, ahead = state.scratch, state.level, state.slope, state.ahead
    a0, a1, b0, b1 = 0.0, 0.0, 0.0, 0.0
    p00, p01, p11 = problem.first[0], 0.0, problem.first[1]
    level[0] = np.sqrt(p00) * chance.level[s, 0]
    slope[0] = np.sqrt(p11) * chance.slope[s, 0] if problem.trend else 0.0
    for t in range(before):
        if t > 0:
            level[t] = level[t - 1] + slope[t - 1] + np.sqrt(drift) * chance.level[s, t]
            slope[t] = slope[t - 1]
            if problem.trend:
                slope[t] += np.sqrt(tilt) * chance.slope[s, t]
        ahead[t] = b0 + state.fitted[t]
        rest = problem.y[t] - state.fitted[t]
        missed, spread, k0, k1 = 0.0, 1.0, 0.0, 0.0
        if problem.seen[t]:
            spread = p00 + noise
            k0, k1 = (p00 + p01) / spread, p01 / spread
            missed = rest - level[t] - np.sqrt(noise) * chance.noise[s, t] - a0
            error = rest - b0
            b0, b1 = b0 + b1 + k0 * error, b1 + k1 * error
        else:
            b0 = b0 + b1
        scratch[t, 0], scratch[t, 1], scratch[t, 2] = missed / spread, k0, k1
        a0, a1 = a0 + a1 + k0 * missed, a1 + k1 * missed
        p00, p01, p11 = (
            p00 + 2.0 * p01 + p11 + drift - k0 * k0 * spread,
            p01 + p11 - k0 * k1 * spread,
            p11 + tilt - k1 * k1 * spread,
        )
    for t in range(before, len(ahead)):
        ahead[t] = b0 + state.fitted[t]
        b0 += b1
    _corrected(problem, state)


@compiled
def _corrected(problem: Problem, state: State) -> None:
    """Add the smoothed rest to the simulated level and slope."""
    before, scratch = len(problem.y), state.scratch
    drift, tilt = state.variances[1], state.variances[2]
    r0, r1 = 0.0, 0.0
    for t in range(before - 1, -1, -1):
        # Of the periods after this one.
        scratch[t, 3], scratch[t, 4] = r0, r1
        r0, r1 = (
            scratch[t, 0] + (1.0 - scratch[t, 1]) * r0 - scratch[t, 2] * r1,
            r0 + r1,
        )
    a0, a1 = problem.first[0] * r0, problem.first[1] * r1
    for t in range(before):
        state.level[t] += a0
        state.slope[t] += a1
        a0, a1 = a0 + a1 + drift * scratch[t, 3], a1 + tilt * scratch[t, 4]


@compiled
def _forecast(problem: Problem, chance: Chance, s: int, state: State) -> None:
    """Draw level and slope of the periods after."""
    for t in range(len(problem.y), len(state.level)):
        state.level[t] = (
            state.level[t - 1] + state.slope[t - 1] + np.sqrt(state.variances[1]) * chance.level[s, t]
        )
        state.slope[t] = state.slope[t - 1]
        if problem.trend:
            state.slope[t] += np.sqrt(state.variances[2]) * chance.slope[s, t]


@compiled
def _regression(problem: Problem, chance: Chance, s: int, state: State) -> None:
    """Draw which controls are in, then the variance of the noise, then the coefficients."""
    whole = problem.squares[0]
    rest = state.scratch[:, 0]
    for t in range(len(problem.y)):
        rest[t] = (problem.y[t] - state.level[t]) * problem.seen[t]
        whole += rest[t] * rest[t]
    for k in range(len(state.products)):
        state.products[k] = 0.0
        for t in range(len(problem.y)):
            state.products[k] += problem.X[k, t] * rest[t]
    size, current = _evidence(problem, state, whole)
    for k in range(len(state.inside)):
        if np.isinf(problem.odds[k]):
            continue
        state.inside[k] = not state.inside[k]
        _, other = _evidence(problem, state, whole)
        gain = other - current + (problem.odds[k] if state.inside[k] else -problem.odds[k])
        if chance.choice[s, k] < gain:
            current = other
        else:
            state.inside[k] = not state.inside[k]
    size, _ = _evidence(problem, state, whole)
    solved, order, L = state.solved, state.order, state.factors[0]
    for i in range(size):
        whole -= solved[i] * solved[i]
    state.variances[0] = max(whole, problem.squares[0]) / (2.0 * chance.gamma[s, 0])
    state.beta[:] = 0.0
    for i in range(size - 1, -1, -1):
        value = solved[i] + np.sqrt(state.variances[0]) * chance.beta[s, order[i]]
        for j in range(i + 1, size):
            value -= L[j, i] * state.beta[order[j]]
        state.beta[order[i]] = value / L[i, i]
    state.fitted[:] = 0.0
    for i in range(size):
        for t in range(len(state.fitted)):
            state.fitted[t] += problem.X[order[i], t] * state.beta[order[i]]


@compiled
def _evidence(problem: Problem, state: State, whole: float) -> tuple[int, float]:
    """Return how many controls are in, and the log evidence for them, coefficients and noise integrated out.

    The factor of the posterior precision, and what it makes of the inner products, are left in `state`.
    """
    size, evidence, left = 0, 0.0, whole
    order, L, U, solved = state.order, state.factors[0], state.factors[1], state.solved
    for k in range(len(state.inside)):
        if not state.inside[k]:
            continue
        order[size] = k
        for i in range(size + 1):
            j = order[i]
            prior = problem.P[k, j]
            value = prior + problem.G[k, j]
            for m in range(i):
                value -= L[size, m] * L[i, m]
                prior -= U[size, m] * U[i, m]
            if i < size:
                L[size, i], U[size, i] = value / L[i, i], prior / U[i, i]
            else:
                L[size, i], U[size, i] = np.sqrt(value), np.sqrt(prior)
        value = state.products[k]
        for m in range(size):
            value -= L[size, m] * solved[m]
        solved[size] = value / L[size, size]
        left -= solved[size] * solved[size]
        evidence += np.log(U[size, size] / L[size, size])
        size += 1
    return size, evidence - problem.shapes[0] * np.log(max(left, problem.squares[0]))
