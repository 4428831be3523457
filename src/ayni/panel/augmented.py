r"""Augmented synthetic control: a synthetic control, moved by what a ridge regression says it misses.

Question
    What would the treated units have been, if a synthetic control that does not fit before is mended by as
    little leaving of the controls' hull as pays?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it}(1) - Y_{it}(0)` over the treated cells :math:`D`.
Formula
    Outcomes are taken less the controls' mean of each period. With the controls before :math:`X_i`, the
    treated units' mean :math:`\bar X` and the weights :math:`\omega^{sc}` of the synthetic control,

    .. math:: \omega_i = \omega^{sc}_i + \big(\bar X - \sum_j \omega^{sc}_j X_j\big)'
              \big(\textstyle\sum_j X_j X_j' + \lambda I\big)^{-1} X_i.

    They add to one, and may be negative. With :math:`\lambda \to \infty` they are those of the synthetic
    control; with :math:`\lambda \to 0` the fit before is as good as the controls allow by any weights.
Choice of the penalty
    Each period before is left out in turn, weights are fitted anew and tell it. `least` takes the
    :math:`\lambda` with the least mean squared error, `one-standard-error` the largest whose error is within
    one standard error of it. One decomposition serves all of them: without period :math:`t` the error is
    :math:`(P d)_t / P_{tt}` with :math:`P = (\sum_j X_j X_j' + \lambda I)^{-1}` and the misses :math:`d` of
    the synthetic control that was fitted without :math:`t`.
What carries the weight
    As of the synthetic control; and where weights leave the hull, that outcomes go on being linear there.
When not to use it
    Where the synthetic control fits, which it hardly changes; with few periods before, where an error left
    out tells no penalty; where negative weights must be ruled out.

References
----------
Ben-Michael, E., Feller, A. and Rothstein, J., 2021, JASA 116(536): Lemma 1 for the weights; leaving out
periods and the rule of one standard error, and the penalties that are tried, as in their R package augsynth
0.2.0, which however never leaves out the last period before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks, cohort, estimate
from ayni.panel.compiled import compiled
from ayni.panel.records import Cohort, Estimate, Floats, Panel, PanelError
from ayni.panel.simplex import fitted, minimum_norm

_METHOD = "augmented synthetic control"
RULES = ("one-standard-error", "least")
# Penalties tried: from the largest squared singular value down to this share of it, in so many steps.
_SMALLEST, _STEPS = 1e-8, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """A block before treatment, less the controls' mean of each period, and what it is made of.

    Attributes
    ----------
    X : (N0, T0) float, b : (T0,) float, unit of the outcome
        Controls and treated.
    units : (N0, T0) float, periods : (T0, T0) float
        Singular vectors: a full basis of the periods; those of the units are 0 where there are none.
    values : (T0,) float, unit of the outcome
        Singular values; 0 where they are but rounding.
    """

    X: Floats
    b: Floats
    units: Floats
    values: Floats
    periods: Floats


def augmented_synthetic_control(
    panel: Panel, *, penalty: float | None = None, rule: str = RULES[0]
) -> Estimate:
    """Return the effect by a synthetic control that a ridge regression moves nearer to the treated before.

    Several treated units are fitted as their mean, several cohorts each by itself. The gap is that of the
    synthetic control; the rest is in closed form.

    Parameters
    ----------
    penalty : float, optional
        Lambda, squared unit of the outcome; by leaving out each period before, if left out, for each cohort
        by itself. What was used is among the settings: "penalty", or with several cohorts "penalty-" and the
        period since which they were treated.
    rule : str
        Which penalty is taken: ``one-standard-error`` or ``least``.

    Raises
    ------
    PanelError
        If an outcome is missing, the penalty is below 0, the rule is another, or a penalty is to be chosen
        with one period before treatment.
    """
    if penalty is not None and not penalty >= 0:
        raise PanelError(f"{_METHOD}: the penalty is {penalty:g}, expected 0 or more")
    if rule not in RULES:
        raise PanelError(f"{_METHOD}: no rule is called {rule}; expected {' or '.join(RULES)}")
    parts = list(blocks(panel, _METHOD))
    found, settings = [], []
    for part in parts:
        one, used = _augmented(part, penalty, rule)
        found.append(one)
        settings.append(("penalty" if len(parts) == 1 else f"penalty-{one.since}", used))
    chosen = [(rule, 1.0)] if penalty is None else []
    return estimate("augmented-synthetic-control", found, (*settings, *chosen))


def _augmented(block: Block, penalty: float | None, rule: str) -> tuple[Cohort, float]:
    """Return the cohort of a block, and the penalty that was used."""
    before = _before(block)
    if penalty is None:
        penalty = _chosen(block, before, rule)
    fit = fitted(before.X, before.b)
    missed = before.b - fit.weights @ before.X
    told = before.values > 0
    values = before.values[told]
    share = values / (np.square(values) + penalty)
    moved = before.units[:, told] @ (share * (missed @ before.periods[:, told]))
    return cohort(block, fit.weights + moved, np.zeros(block.start), fit.gap), float(penalty)


def _before(block: Block) -> _Before:
    outcomes = block.control_outcomes[:, : block.start]
    common = outcomes.mean(axis=0)
    X, b = outcomes - common, block.treated_mean[: block.start] - common
    count, length = X.shape
    # Rows of nothing make the basis of the periods a full one.
    padded = X if count >= length else np.vstack([X, np.zeros((length - count, length))])
    units, values, periods = np.linalg.svd(padded, full_matrices=False)
    scale = max(float(np.abs(outcomes).max()), float(values[0]))
    rounding = np.finfo(np.float64).eps * scale * max(X.shape)
    return _Before(
        X=X,
        b=b,
        units=units[:count],
        values=np.where(values > rounding, values, 0.0),
        periods=periods.T,
    )


def _chosen(block: Block, before: _Before, rule: str) -> float:
    """Return the penalty that a rule takes of those tried; infinite where controls do not differ."""
    since = block.panel.periods[block.start]
    if block.start < 2:  # noqa: PLR2004 - one is left out, one is left
        raise PanelError(
            f"{_METHOD}: one period before {since}, expected two or more to choose a penalty by leaving one"
            " out; give a penalty"
        )
    largest = float(before.values[0]) ** 2
    if largest <= 0:
        return np.inf
    tried = largest * _SMALLEST ** (np.arange(_STEPS + 1) / _STEPS)
    squares = np.square(left_out(before, tried))
    means = squares.mean(axis=0)
    least = int(means.argmin())
    if rule == "least":
        return float(tried[least])
    error = float(squares[:, least].std(ddof=1)) / np.sqrt(block.start)
    return float(tried[means <= means[least] + error].max())


def left_out(before: _Before, penalties: Floats) -> Floats:
    """Return how far each period is missed when it is left out, for each penalty: (T0, K) float."""
    X, b = before.X, before.b
    W = np.zeros((len(b), len(X)))
    every_period(X, b, X @ X.T, X @ b, float(b @ b), W)
    basis = before.periods
    inverse = 1.0 / (np.square(before.values)[:, None] + penalties)
    missed = (b - W @ X) @ basis
    errors: Floats = ((basis * missed) @ inverse) / (np.square(basis) @ inverse)
    return errors


@compiled
def every_period(X: Floats, b: Floats, G: Floats, c: Floats, bb: float, W: Floats) -> None:
    """Write into row t of `W` the weights of the synthetic control that is fitted to all periods but t.

    Parameters
    ----------
    X : (N0, T0) float
        Controls.
    b : (T0,) float
        Target.
    G, c, bb
        Their inner products, as `ayni.panel.simplex.minimum_norm` takes them.
    W : (T0, N0) float
        Is overwritten.
    """
    count, length = X.shape
    allowed = np.ones(count, np.bool_)
    inner, own = np.empty((count, count)), np.empty(count)
    for t in range(length):
        for i in range(count):
            own[i] = c[i] - X[i, t] * b[t]
            for j in range(count):
                inner[i, j] = G[i, j] - X[i, t] * X[j, t]
        minimum_norm(inner, own, bb - b[t] * b[t], 0.0, allowed, W[t])
