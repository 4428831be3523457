r"""Synthetic control with predictors: weights within weights.

Question
    What would the treated unit have been, if it had gone on as those controls do whose traits before resemble
    its own, each trait counting for as much as it helps to predict the outcome?
Estimand
    The mean effect on the treated, as in `ayni.panel.weighting`.
Formula
    With predictors :math:`x_1` of the treated and :math:`X_0` of the controls, outcomes :math:`z_1, Z_0` in
    the periods to be fitted, and the simplex :math:`\Delta`,

    .. math::

        W(V) = \arg\min_{w \in \Delta} (x_1 - X_0 w)' V (x_1 - X_0 w), \qquad
        V^* = \arg\min_{V} \tfrac{1}{T} \|z_1 - Z_0 W(V)\|^2,

    over diagonal :math:`V \ge 0` with trace 1. The inner problem is solved exactly. The outer one has many
    local minima and kinks: ten thousand `V` and more are tried, from fixed starts and with fixed draws, so
    that the same data give the same answer; that no better `V` exists is not proved. Of weights that give the
    same predictors, those are taken that fit the outcome best. Without numba, 39 units take 20 s, not 0.1.
What carries the weight
    That the predictors tell all by which the controls would have gone another way; and a good fit before.
When not to use it
    Where `V` itself is to be read: many `V` give the same weights, and other weights fit nearly as well
    (Kloessner and others, 2018). Where the treated unit lies outside all controls in what matters.

References
----------
Abadie, A. and Gardeazabal, J., 2003, AER 93(1), appendix B.
Abadie, A., Diamond, A. and Hainmueller, J., 2010, JASA 105(490), section 2.3.
Abadie, A., Diamond, A. and Hainmueller, J., 2015, AJPS 59(2), eq. 7: `V` by training and validation.
Kloessner, S., Kaul, A., Pfeifer, G. and Schieler, M., 2018, Swiss Journal of Economics and Statistics 154.
Storn, R. and Price, K., 1997, Journal of Global Optimization 11: differential evolution.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.cohorts import Block, blocks, cohort, estimate
from ayni.panel.compiled import compiled
from ayni.panel.predictors import Predictors, positions, scaled
from ayni.panel.records import Estimate, Flags, Floats, Panel, PanelError
from ayni.panel.simplex import minimum_norm, weighed

# Least weight in V relative to the largest: below, the inner problem has too few digits to be exact.
_FLOOR = 1e-6
_LOW = float(np.log(_FLOOR))
# An inner objective is nothing below this, relative to the furthest control's, and then V has no say.
_MET = 1e-18
# What an inner gap is relative to where the objective is nearly nothing, as in `simplex`.
_NEARLY_NOTHING = 1e-5
_EXACT = 1e-9
# The search: population, generations, share of steps from the best, seed of the draws.
_POPULATION, _GENERATIONS, _FROM_BEST, _SEED = 50, 100, 0.2, 20030301
# Runs of the search, two at least; the smaller the pool, the less a run costs, and the more there are.
_FEWEST_RUNS, _UNITS_FOR_A_RUN = 2, 100
# Steps of the last descent in the logarithm of V: first, longest and last; and how many may be tried.
_STEP, _LONGEST, _SHORTEST, _MOST_TRIED = 1.0, 6.0, 1e-6, 2_000
# Draws for each trial beside one for each predictor.
_DRAWS = 7
# A trial takes a predictor from the move rarely or mostly, each half of the time (cross-over).
_RARELY, _MOSTLY, _HALF = 0.3, 0.95, 0.5
# Weight of predictors over outcomes where the former must stay, and how often the rest is made good.
_HELD, _ROUNDS = 1e4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    """Both levels of weights.

    Attributes
    ----------
    V : (K,) float
        Weights of the predictors; they add to one.
    weights : (N0,) float
        Of the controls.
    loss : float, unit of the outcome squared
        Mean squared prediction error of the outcome.
    gap : float
        Of the inner problem, as in `ayni.panel.simplex.Fitted`; where the predictors are met, the objective
        itself, which bounds it.
    """

    V: Floats
    weights: Floats
    loss: float
    gap: float


def synthetic_control_with_predictors(
    panel: Panel,
    predictors: Predictors,
    *,
    fit: Iterable[int] | None = None,
    V: ArrayLike | None = None,
    training: Predictors | None = None,
) -> Estimate:
    """Return the effect by the controls' combination that resembles the treated in its predictors.

    With several treated units of a cohort their means are fitted; cohorts are fitted apart. For placebos,
    hand it over with its predictors, as ``partial(synthetic_control_with_predictors, predictors=...)``: they
    follow the names of the units.

    Parameters
    ----------
    predictors : Predictors
        A column for each unit of the panel.
    fit : iterable of int, optional
        Periods before treatment whose outcome the weights of predictors are chosen for; all, if left out.
    V : (K,) array_like of float, optional
        Weights of predictors given by hand, in their order; they are scaled to add to one.
    training : Predictors, optional
        The same predictors, measured earlier: their weights are chosen with these, for the outcome of `fit`,
        and controls are then weighed by `predictors` (the cross-validation of the 2015 paper).

    Returns
    -------
    Estimate
        `V` is in its settings as ``V <name>``, with the cohort's first treated period where there
        are several.

    Raises
    ------
    PanelError
        If an outcome or a predictor is missing, `fit` reaches into treated periods, `V` has another length,
        is negative or nothing at all, or `training` has other predictors or comes with `V`.
    """
    given = None if V is None else _given(V, predictors)
    if training is not None and (training.names != predictors.names or given is not None):
        raise PanelError(
            f"training has the predictors {', '.join(training.names)}; expected {', '.join(predictors.names)}"
            " in this order, and no V by hand; name them alike, or leave one of both out"
        )
    chosen = None if fit is None else tuple(fit)
    found, settings = [], []
    several = len(np.unique(panel.starts)) > 2  # noqa: PLR2004 - one cohort and the never treated
    for block in blocks(panel, "synthetic control with predictors"):
        Z, z = _outcomes(block, chosen)
        if training is not None:
            given = nested(*_scaled(block, training), Z, z).V
        one = nested(*_scaled(block, predictors), Z, z, given)
        found.append(cohort(block, one.weights, np.zeros(block.start), one.gap))
        when = f" {panel.periods[block.start]}" if several else ""
        settings += [(f"V{when} {name}", float(v)) for name, v in zip(predictors.names, one.V, strict=True)]
    return estimate("synthetic-control-with-predictors", found, tuple(settings))


def nested(A: Floats, b: Floats, Z: Floats, z: Floats, V: Floats | None = None) -> Nested:
    """Return weights of predictors and of controls.

    Parameters
    ----------
    A : (N0, K) float
        Predictors of the controls, scaled.
    b : (K,) float
        The treated's.
    Z : (N0, T) float, z : (T,) float, unit of the outcome
        Outcomes to be predicted.
    V : (K,) float, optional
        Given by hand; searched if left out.
    """
    middle = Z.mean(axis=0)
    Z, z = Z - middle, z - middle
    if V is None:
        varies = np.ptp(np.vstack([A, b]), axis=0) > 0
        V = np.where(varies, 1.0, 0.0) if varies.any() else np.ones(len(b))
        V /= V.sum()
        if varies.sum() > 1 and not _is_met(A, b, V):
            # The order in which predictors come must not decide where the search goes.
            order = np.lexsort((np.square(A).sum(axis=0), b))
            order = order[varies[order]]
            V[order] = _searched(np.ascontiguousarray(A[:, order]), b[order], Z, z)
    root = np.sqrt(V)
    S, s = A * root, b * root
    w = np.zeros(len(A))
    minimum_norm(S @ S.T, S @ s, float(s @ s), 0.0, np.ones(len(A), np.bool_), w)
    w, gap = _best_of_equals(S, s, Z, z, w)
    return Nested(V=V, weights=w, loss=float(np.square(w @ Z - z).mean()), gap=gap)


def _given(V: ArrayLike, predictors: Predictors) -> Floats:
    values = np.asarray(V, dtype=np.float64)
    if values.shape != (len(predictors.names),):
        raise PanelError(
            f"V has shape {values.shape}, expected one number for each of {len(predictors.names)} predictors"
        )
    if not np.isfinite(values).all() or values.min() < 0 or values.sum() <= 0:
        raise PanelError(f"V is {values.tolist()}, expected numbers of 0 or more, one of them above 0")
    share: Floats = values / values.sum()
    return share


def _outcomes(block: Block, fit: tuple[int, ...] | None) -> tuple[Floats, Floats]:
    """Return outcomes of controls and treated mean in the periods to be fitted."""
    places = np.arange(block.start) if fit is None else positions(block.panel, fit)
    if places.max() >= block.start:
        periods = block.panel.periods
        raise PanelError(
            f"fit has the period {periods[int(places.max())]}, expected periods before"
            f" {periods[block.start]}, when {block.panel.units[block.treated[0]]} was first treated; leave"
            " out the later ones"
        )
    return block.control_outcomes[:, places], block.treated_mean[places]


def _scaled(block: Block, predictors: Predictors) -> tuple[Floats, Floats]:
    names = [block.panel.units[i] for i in (*block.treated, *block.controls)]
    return scaled(predictors.of(names), len(block.treated))


def _is_met(A: Floats, b: Floats, V: Floats) -> bool:
    """Return whether some weights give exactly the treated's predictors; then V has no say."""
    root = np.sqrt(V)
    S, s = A * root, b * root
    w = np.zeros(len(A))
    minimum_norm(S @ S.T, S @ s, float(s @ s), 0.0, np.ones(len(A), np.bool_), w)
    return float(np.square(w @ S - s).sum()) <= _MET * _reach(S, s)


def _reach(S: Floats, s: Floats) -> float:
    return float(np.square(S - s).sum(axis=1).max())


def _best_of_equals(S: Floats, s: Floats, Z: Floats, z: Floats, w: Floats) -> tuple[Floats, float]:
    """Return, of the weights that give the same predictors, those that fit the outcome best, and their gap.

    The predictors are held by a large weight on them; what they still miss is added to their target, round by
    round (the method of multipliers), until nothing is missed.
    """
    gap = _gap(S, s, w)
    reach, spread = _reach(S, s), _reach(Z, z)
    if spread <= 0:
        return w, gap
    held = np.sqrt(_HELD * spread / reach) if reach > 0 else 0.0
    goal = w @ S
    target, allowed, other = goal.copy(), np.ones(len(w), np.bool_), np.zeros(len(w))
    rows = np.hstack([held * S, Z])
    G = rows @ rows.T
    for _ in range(_ROUNDS):
        column = np.append(held * target, z)
        minimum_norm(G, rows @ column, float(column @ column), 0.0, allowed, other)
        target += goal - other @ S
    better = np.square(other @ Z - z).sum() < np.square(w @ Z - z).sum()
    there = _gap(S, s, other)
    return (other, there) if better and there <= max(gap, _EXACT) else (w, gap)


def _gap(S: Floats, s: Floats, w: Floats) -> float:
    found = weighed(S, s, 0.0, w)
    against = max(found.objective, _NEARLY_NOTHING * _reach(S, s))
    return min(found.gap, found.objective / against) if against > 0 else 0.0


def _searched(A: Floats, b: Floats, Z: Floats, z: Floats) -> Floats:
    """Return the V with the least loss that was found: (K,) float."""
    X, rows = np.vstack([A, b]), np.vstack([Z, z])
    M = rows @ rows.T / Z.shape[1]
    generator = np.random.default_rng(_SEED)
    size, count = X.shape
    best, least = np.zeros(count), np.inf
    for _ in range(max(_FEWEST_RUNS, _UNITS_FOR_A_RUN // size)):
        population = _starts(A, Z, generator.random((_POPULATION, count)) * _LOW)
        draws = generator.random((_GENERATIONS * len(population), count + _DRAWS))
        found, loss = _evolved(X, M, population, draws)
        if loss < least:
            best, least = found, loss
    v = np.maximum(np.exp(best - best.max()), _FLOOR)
    share: Floats = v / v.sum()
    return share


def _starts(A: Floats, Z: Floats, drawn: Floats) -> Floats:
    """Return logarithms of V to begin with: equal, by regression, one predictor before all, and drawn ones.

    By regression each predictor counts for the sum of its squared coefficients on the outcomes.
    """
    count = A.shape[1]
    slopes = np.linalg.lstsq(np.column_stack([np.ones(len(A)), A]), Z, rcond=None)[0][1:]
    squares = np.square(slopes).sum(axis=1)
    most = squares.max() if squares.max() > 0 else 1.0
    named = [np.zeros(count), np.log(np.maximum(squares / most, _FLOOR))]
    for rest in (_LOW / 3, _LOW):
        named += [np.where(np.arange(count) == k, 0.0, rest) for k in range(count)]
    return np.vstack([*named, drawn[len(named) :]]) if len(named) < len(drawn) else np.array(named)


@compiled
def _loss(u: Floats, X: Floats, M: Floats, S: Floats, G: Floats, w: Floats, allowed: Flags) -> float:
    """Return the outcome's mean squared error at logarithms of V.

    Parameters
    ----------
    u : (K,) float
    X : (N0 + 1, K) float
        Predictors of the controls, then of the treated.
    M : (N0 + 1, N0 + 1) float
        Inner products of outcomes, over the number of periods.
    S : (N0 + 1, K) float, G : (N0 + 1, N0 + 1) float, w : (N0 + 1,) float
        Are overwritten.
    allowed : (N0 + 1,) bool
        True but for the last.
    """
    units, count = X.shape
    last, top, whole, loss = units - 1, u.max(), 0.0, 0.0
    for k in range(count):
        whole += np.exp(max(u[k] - top, _LOW))
    for k in range(count):
        root = np.sqrt(np.exp(max(u[k] - top, _LOW)) / whole)
        for i in range(units):
            S[i, k] = X[i, k] * root
    for i in range(units):
        for j in range(i + 1):
            value = 0.0
            for k in range(count):
                value += S[i, k] * S[j, k]
            G[i, j] = value
            G[j, i] = value
    minimum_norm(G, G[last], G[last, last], 0.0, allowed, w)
    w[last] = -1.0
    for i in range(units):
        if w[i] != 0.0:
            value = 0.0
            for j in range(units):
                value += M[i, j] * w[j]
            loss += w[i] * value
    return loss


@compiled
def _evolved(X: Floats, M: Floats, population: Floats, draws: Floats) -> tuple[Floats, float]:
    """Return the best logarithms of V and their loss: differential evolution, then a descent along each.

    A trial is one member, or the best, moved along the difference of two others; it takes the place of its
    parent where it is no worse.
    """
    units, count = X.shape
    size, best = len(population), 0
    S, G, w = np.empty((units, count)), np.empty((units, units)), np.zeros(units)
    allowed, loss, trial = np.ones(units, np.bool_), np.empty(size), np.empty(count)
    allowed[units - 1] = False
    for i in range(size):
        loss[i] = _loss(population[i], X, M, S, G, w, allowed)
        best = i if loss[i] < loss[best] else best
    for q in range(len(draws)):
        i, r = q % size, draws[q]
        one, two, base = int(r[0] * size), int(r[1] * size), int(r[2] * size)
        base = best if r[3] < _FROM_BEST else base
        step, often, always = 0.3 + 0.7 * r[4], _RARELY if r[5] < _HALF else _MOSTLY, int(r[6] * count)
        for k in range(count):
            trial[k] = population[i, k]
            if k == always or r[_DRAWS + k] < often:
                moved = population[base, k] + step * (population[one, k] - population[two, k])
                trial[k] = min(0.0, max(_LOW, moved))
        value = _loss(trial, X, M, S, G, w, allowed)
        if value <= loss[i]:
            loss[i] = value
            population[i] = trial
            best = i if value < loss[best] else best
    trial[:] = population[best]
    return trial, _descended(trial, loss[best], X, M, S, G, w, allowed)


@compiled
def _descended(
    u: Floats, loss: float, X: Floats, M: Floats, S: Floats, G: Floats, w: Floats, allowed: Flags
) -> float:
    """Move one logarithm of V at a time, in place, by steps that double or halve; return the loss."""
    steps, tried = np.full(len(u), _STEP), 0
    while steps.max() > _SHORTEST and tried < _MOST_TRIED:
        for k in range(len(u)):
            here, helped = u[k], False
            for sign in (1.0, -1.0):
                u[k] = min(0.0, max(_LOW, here + sign * steps[k]))
                value = _loss(u, X, M, S, G, w, allowed)
                tried += 1
                if value < loss:
                    loss, helped = value, True
                    break
                u[k] = here
            steps[k] = min(2.0 * steps[k], _LONGEST) if helped else 0.5 * steps[k]
    return loss
