r"""How far trends would have to part, not to be parallel, before an effect is none.

Question
    Which effects are left if the treated would have drifted from the controls by no more than a bound?
Estimand
    :math:`\theta = l'\tau`, a weighted sum of the effects after treatment. Event-study coefficients are
    :math:`\beta = \tau + \delta` after, :math:`\delta` before; of :math:`\delta`, which is 0 in the last
    period before treatment, one of two things is assumed:

    *relative magnitudes*: :math:`|\delta_{t+1} - \delta_t| \le \bar M \max_{s < 0} |\delta_{s+1} - \delta_s|`
    after treatment;

    *smoothness*: :math:`|\delta_{t+1} - 2 \delta_t + \delta_{t-1}| \le M` in every period: the drift goes on
    along its line but for so much a period.
Set
    All :math:`\theta` that one :math:`\beta` allows, in closed form: with
    :math:`c_s = \sum_{t > s} l_t` it is :math:`l'\beta \pm \bar M \max_s |\Delta\delta_s| \sum_s |c_s|`, and
    with :math:`k_s = \sum_{t > s} (t - s) l_t` it is
    :math:`l'\beta - \sum_t t l_t \Delta\delta_{-1} \pm M \sum_s |k_s|`.
Interval
    *relative magnitudes*: an end of the set is the least of linear functions of :math:`\beta`, one for each
    earlier change and sign; the least of their lower confidence limits is a limit for it. Both ends at half
    the error: the interval holds the whole set with at least its level. It does not use that the other
    changes were smaller, so that it is wider than the conditional tests of the paper, never too narrow but
    for :math:`\beta` being normal.

    *smoothness*: the shortest interval of fixed length about a linear estimator, which allows for its worst
    bias; the optimum, as a small problem of least norm for each bias that is traded for variance.
What carries the weight
    The bound, which nobody can observe; what is observed is how large it must be. That coefficients are
    nearly normal with the covariance given.
When not to use it
    With one period before treatment, from which neither a change nor a slope is known. With a covariance
    from few units, all of whose combinations look more certain than they are.

References
----------
Rambachan, A. and Roth, J., 2023, Review of Economic Studies 90(5): section 2.4 for the bounds, Lemma 2.1 for
sets, section 4 for intervals of fixed length.
Armstrong, T. and Kolesár, M., 2018, Econometrica 86(2): shortest intervals under a bounded bias.
Berger, R., 1982, Technometrics 24(4): the least of the limits, without a correction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.cohorts import blocks
from ayni.panel.intervals import level_faults
from ayni.panel.records import Floats, Interval, Panel, PanelError
from ayni.panel.simplex import minimum_norm

_NORMAL = NormalDist()
_GOLDEN = (5**0.5 - 1) / 2
_STEPS, _HALVINGS = 50, 40
# A convention: with fewer for each weight, intervals were too narrow (`benchmarks/coverage_panel.py`).
_UNITS_A_CHANGE = 10
# A second difference that is over its bound by rounding alone, relative to the largest coefficient.
_ROUNDING = 1e-9
# A covariance that is not symmetric, or has a negative variance, by rounding alone.
_ASYMMETRY = 1e-8
# So many times the first bound that is tried, an effect that is still there is never gone.
_FURTHEST = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """Coefficients of an event study, all against the last period before treatment.

    Made by `event_coefficients`, or of another program's by `coefficients`.

    Attributes
    ----------
    before : (P,) float, unit of the outcome
        Earlier periods, oldest first; the last before treatment, which is 0, is left out.
    after : (Q,) float, unit of the outcome
        Periods from the treatment on.
    covariance : (P + Q, P + Q) float
        Of all of them.
    units : int
        Of the smallest cohort or of the controls, from which the covariance is; 0 where it is not known.
    """

    before: Floats
    after: Floats
    covariance: Floats
    units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What is left of an effect under a bound.

    Attributes
    ----------
    restriction : str
        ``relative-magnitudes`` or ``smoothness``.
    bound : float
        A multiple of the largest change before; or a change of slope, unit of the outcome a period.
    low, high : float, unit of the outcome
        The set, the coefficients taken for true; NaN where they contradict the bound themselves.
    interval : Interval
        With sampling error. Its draws are the weights of the coefficients in the estimator.
    """

    restriction: str
    bound: float
    low: float
    high: float
    interval: Interval


def coefficients(before: ArrayLike, after: ArrayLike, covariance: ArrayLike) -> Coefficients:
    """Return an event study that was made elsewhere; arguments as in `Coefficients`.

    Raises
    ------
    PanelError
        If shapes disagree, a number is missing, or the covariance is none.
    """
    early, late = (np.atleast_1d(np.asarray(one, dtype=np.float64)) for one in (before, after))
    sigma = np.asarray(covariance, dtype=np.float64)
    many = early.size + late.size
    if early.ndim != 1 or late.ndim != 1 or not late.size or sigma.shape != (many, many):
        raise PanelError(
            f"event study: before has shape {early.shape}, after {late.shape}, covariance {sigma.shape};"
            " expected (P,), (Q,) with Q of 1 or more, and (P + Q, P + Q)"
        )
    if not (np.isfinite(early).all() and np.isfinite(late).all() and np.isfinite(sigma).all()):
        raise PanelError("event study: a coefficient or covariance is no number; leave such periods out")
    largest = float(np.abs(sigma).max())
    if (
        np.abs(sigma - sigma.T).max() > _ASYMMETRY * largest
        or np.linalg.eigvalsh(sigma)[0] < -_ASYMMETRY * largest
    ):
        raise PanelError("event study: the covariance is not symmetric, or some combination varies below 0")
    return Coefficients(before=early, after=late, covariance=sigma)


def event_coefficients(panel: Panel) -> Coefficients:
    """Return the changes of the treated since the last period before treatment, less those of the controls.

    With several cohorts, the periods since treatment that all of them have, each cohort weighted by its
    units. The covariance is that of the influence functions of Callaway and Sant'Anna (2021), which with one
    cohort is that of two-way fixed effects clustered by unit, without a correction for few.

    Raises
    ------
    PanelError
        If an outcome is missing, or a cohort or the controls have fewer than two units.
    """
    cohorts = list(blocks(panel, "event study"))
    for block in cohorts:
        if min(len(block.treated), len(block.controls)) < 2:  # noqa: PLR2004 - one tells no noise
            raise PanelError(
                f"event study: {len(block.treated)} units treated from {panel.periods[block.start]} on and"
                f" {len(block.controls)} controls; expected two or more of each to tell noise from"
            )
    n, length = len(panel.units), len(panel.periods)
    first = max(-block.start for block in cohorts)
    last = min(length - block.start for block in cohorts)
    events = np.array([event for event in range(first, last) if event != -1])
    sizes = np.array([len(block.treated) for block in cohorts])
    means, influence = [], np.zeros((n, len(events)))
    for block, share in zip(cohorts, sizes / sizes.sum(), strict=True):
        change = panel.Y[:, block.start + events] - panel.Y[:, [block.start - 1]]
        own, pool = change[block.treated], change[block.controls]
        means.append(own.mean(axis=0) - pool.mean(axis=0))
        influence[block.treated] += share * (own - own.mean(axis=0)) / len(own)
        influence[block.controls] -= share * (pool - pool.mean(axis=0)) / len(pool)
    effects = sizes @ np.array(means) / sizes.sum()
    for block, mean in zip(cohorts, means, strict=True):
        # Which cohort a treated unit is of is chance, too.
        influence[block.treated] += (mean - effects) / sizes.sum()
    return Coefficients(
        before=effects[events < 0],
        after=effects[events >= 0],
        covariance=influence.T @ influence,
        units=min(int(sizes.min()), len(cohorts[0].controls)),
    )


def relative_magnitudes(
    study: Coefficients, bound: float, *, weights: ArrayLike | None = None, level: float = 0.95
) -> Sensitivity:
    """Return what is left if trends part by no more a period than so many times the most before.

    Parameters
    ----------
    bound : float
        The multiple; 0 for parallel trends.
    weights : (Q,) array_like of float, optional
        Of the periods after in the effect; all alike if left out.

    Raises
    ------
    PanelError
        If the bound is below 0, the weights are not one for each period, the level is no share, or there is
        no coefficient before treatment.
    """
    share = _weights(study, bound, weights, level)
    many, early = len(study.before), np.append(study.before, 0.0)
    reach = bound * float(np.abs(share[::-1].cumsum()).sum())
    effect = float(share @ study.after)
    largest = float(np.abs(np.diff(early)).max())
    ends = np.zeros((2 * many, many + len(share)))
    ends[:, many:] = share
    for k in range(many):
        change = np.zeros(many + 1)
        change[k], change[k + 1] = -1.0, 1.0
        # Its last entry is that of the base, which does not vary.
        ends[2 * k, :many], ends[2 * k + 1, :many] = -reach * change[:-1], reach * change[:-1]
    values = ends @ np.concatenate([study.before, study.after])
    errors = np.sqrt(np.maximum(((ends @ study.covariance) * ends).sum(axis=1), 0.0))
    limit = _NORMAL.inv_cdf((1 + level) / 2)
    own = np.concatenate([np.zeros(many), share])
    return Sensitivity(
        restriction="relative-magnitudes",
        bound=bound,
        low=effect - reach * largest,
        high=effect + reach * largest,
        interval=_interval(
            "relative-magnitudes",
            study,
            own,
            (float((values - limit * errors).min()), float((values + limit * errors).max())),
            level,
        ),
    )


def smoothness(
    study: Coefficients,
    bound: float,
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    changes: int | None = None,
) -> Sensitivity:
    """Return what is left if the slope of the difference changes by no more than so much a period.

    Parameters
    ----------
    bound : float, unit of the outcome
        0 for a difference along one line.
    weights : (Q,) array_like of float, optional
        Of the periods after in the effect; all alike if left out.
    changes : int, optional
        How many changes of slope before treatment, the latest ones, the estimator may weigh against its
        noise. If left out, one for each ten of `Coefficients.units`, and all where those are not known:
        weights chosen by a covariance from few units make the noise look smaller than it is.

    Raises
    ------
    PanelError
        As `relative_magnitudes`, or if the changes are below 0.
    """
    share = _weights(study, bound, weights, level)
    if changes is None:
        changes = study.units // _UNITS_A_CHANGE if study.units else len(study.before)
    if changes < 0:
        raise PanelError(f"sensitivity: {changes} changes of slope, expected 0 or more")
    early = np.append(study.before, 0.0)
    times = np.arange(1, len(share) + 1)
    # How much each change of slope, from the last period before on, moves the effect.
    after = float(np.abs([share[s:] @ times[: len(share) - s] for s in range(len(share))]).sum())
    slope = float(share @ times)
    centre = float(share @ study.after) + slope * float(early[-2])
    bends = np.abs(np.diff(early, n=2))
    rounding = _ROUNDING * float(np.abs(early).max())
    fits = bool((bends <= bound + rounding).all())
    estimator, half = _shortest(study.covariance, share, slope, (bound, after), changes, level)
    middle = float(estimator @ np.concatenate([study.before, study.after]))
    return Sensitivity(
        restriction="smoothness",
        bound=bound,
        low=centre - bound * after if fits else np.nan,
        high=centre + bound * after if fits else np.nan,
        interval=_interval("smoothness", study, estimator, (middle - half, middle + half), level),
    )


def breakdown(
    study: Coefficients,
    restriction: Callable[..., Sensitivity],
    *,
    weights: ArrayLike | None = None,
    level: float = 0.95,
) -> float:
    """Return the largest bound at which the interval leaves out 0.

    Parameters
    ----------
    restriction : callable
        `relative_magnitudes` or `smoothness`.

    Returns
    -------
    float
        0 where no bound does, infinite where each does.

    Raises
    ------
    PanelError
        As the restriction.
    """

    def without(bound: float) -> bool:
        interval = restriction(study, bound, weights=weights, level=level).interval
        return not interval.low <= 0.0 <= interval.high

    if not without(0.0):
        return 0.0
    scale = 1.0
    if restriction is smoothness:
        scale = float(np.abs(study.after).max())
    low, high = 0.0, scale
    while without(high):
        low, high = high, 2 * high
        if high > _FURTHEST * scale:
            return np.inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if without(middle) else (low, middle)
    return low


def _weights(study: Coefficients, bound: float, weights: ArrayLike | None, level: float) -> Floats:
    """Return the weights of the periods after, everything else of the request checked."""
    faults = []
    count = len(study.after)
    share = np.full(count, 1 / count) if weights is None else np.asarray(weights, dtype=np.float64)
    if share.shape != (count,) or not np.isfinite(share).all():
        faults.append(f"weights of shape {share.shape}, expected a number for each of {count} periods after")
    if not 0 <= bound < np.inf:
        faults.append(f"the bound is {bound:g}, expected 0 or more, and finite")
    faults += level_faults(level)
    if not len(study.before):
        faults.append("one period before treatment tells neither a change nor a slope; expected two or more")
    if faults:
        raise PanelError("sensitivity: " + "; ".join(faults))
    return share


def _interval(
    kind: str, study: Coefficients, estimator: Floats, ends: tuple[float, float], level: float
) -> Interval:
    return Interval(
        kind=kind,
        estimate=float(estimator @ np.concatenate([study.before, study.after])),
        standard_error=float(np.sqrt(max(float(estimator @ study.covariance @ estimator), 0.0))),
        low=ends[0],
        high=ends[1],
        level=level,
        p_value=np.nan,
        draws=estimator,
        exact=True,
    )


def _shortest(
    covariance: Floats, share: Floats, slope: float, bias: tuple[float, float], changes: int, level: float
) -> tuple[Floats, float]:
    """Return the linear estimator with the shortest interval of fixed length, and half that length.

    Estimators that a line does not bias extrapolate the last slope, but for weights on the earlier changes of
    slope. With those adding to no more than c in size, the bias is at most the bound times c and what is
    after; the least variance then is the squared distance of a point from a polytope.
    """
    bound, after = bias
    many = len(covariance) - len(share)
    own = np.concatenate([np.zeros(many), share])
    own[many - 1] = slope
    bends = np.zeros((many - 1, len(own)))
    for k in range(many - 1):
        for place, value in ((k, 1.0), (k + 1, -2.0), (k + 2, 1.0)):
            # The base itself is 0 and has no place.
            if place < many:
                bends[k, place] = value
    bends = bends[max(many - 1 - changes, 0) :]
    Q, p, variance = bends @ covariance @ bends.T, bends @ covariance @ own, float(own @ covariance @ own)

    def found(size: float) -> tuple[Floats, float]:
        weights = _least_variance(Q, p, variance, size)
        estimator = own + weights @ bends
        error = float(np.sqrt(max(float(estimator @ covariance @ estimator), 0.0)))
        return estimator, _half_length(bound * (after + float(np.abs(weights).sum())), error, level)

    # With so much weight the variance is the least there is; more never helps.
    low, high = 0.0, float(np.abs(np.linalg.pinv(Q, hermitian=True) @ p).sum())
    ends = found(low), found(high)
    left, right = (low + (1 - part) * (high - low) for part in (_GOLDEN, 1 - _GOLDEN))
    one, two = found(left), found(right)
    # The length is convex in the size: a golden section.
    for _ in range(_STEPS):
        if one[1] <= two[1]:
            high, right, two = right, left, one
            left = high - _GOLDEN * (high - low)
            one = found(left)
        else:
            low, left, one = left, right, two
            right = low + _GOLDEN * (high - low)
            two = found(right)
    return min(*ends, one, two, key=lambda one: one[1])


def _least_variance(Q: Floats, p: Floats, variance: float, size: float) -> Floats:
    """Return the weights of earlier changes of slope with the least variance, their sizes at most `size`."""
    many = len(p)
    if not many or size <= 0:
        return np.zeros(many)
    G, c = np.zeros((2 * many + 1, 2 * many + 1)), np.zeros(2 * many + 1)
    signs = np.concatenate([np.eye(many), -np.eye(many)]) * size
    G[:-1, :-1], c[:-1] = signs @ Q @ signs.T, -signs @ p
    w = np.zeros(2 * many + 1)
    minimum_norm(G, c, variance, 0.0, np.ones(len(w), np.bool_), w)
    weights: Floats = w[:-1] @ signs
    return weights


def _half_length(bias: float, error: float, level: float) -> float:
    """Return what a normal number with so much mean and deviation is at most in size, at a level."""
    if error <= 0:
        return bias
    mean = bias / error
    low, high = _NORMAL.inv_cdf(level) + mean, _NORMAL.inv_cdf((1 + level) / 2) + mean
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        inside = _NORMAL.cdf(middle - mean) - _NORMAL.cdf(-middle - mean)
        low, high = (middle, high) if inside < level else (low, middle)
    return error * high
