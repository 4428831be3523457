r"""Bayesian structural time series: a level that wanders, and a regression that chooses its controls.

Question
    What would the treated series have been, if its level had wandered on as before and it had gone on moving
    with the controls?
Estimand
    :math:`\tau = \frac{1}{|A|} \sum_{t \in A} y_t - E[\tilde y_t \mid y_{1:T_0}, x]` over the observed
    periods :math:`A` after the treatment began, where :math:`\tilde y` is the outcome without treatment; the
    expectation is over all parameters, by draws (`ayni.panel.gibbs`).
Formula
    A control is in with probability *size* over the number of controls. Given those that are,
    :math:`\beta \sim N(0, \sigma_\varepsilon^2 \Omega^{-1})` with
    :math:`\Omega = \frac{g}{n} \{(1 - w) X'X + w \, \mathrm{diag}(X'X)\}`, and
    :math:`1/\sigma_\varepsilon^2 \sim G(\nu/2, \nu (1 - R^2) s_y^2 / 2)`.
What carries the weight
    That no control was touched by the treatment, and that coefficients and the pace of the level stay as they
    were.
When not to use it
    With few periods before: the published priors then decide, and `SHORT_PAST` is fairer. Where the level
    wanders faster than the prior of its pace says (`Priors.level_sd`), as the interval then is too narrow.

References
----------
Brodersen, K., Gallusser, F., Koehler, J., Remy, N. and Scott, S., 2015, Annals of Applied Statistics 9(1),
section 2.
Scott, S. and Varian, H., 2014, International Journal of Mathematical Modelling and Numerical Optimisation
5(1/2): the priors of the regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.checks import Check
from ayni.panel.convergence import effective_draws, split_r_hat
from ayni.panel.gibbs import Kept, Problem, begun, drawn, sample
from ayni.panel.intervals import refuse_level
from ayni.panel.records import Estimate, Floats, Interval, Panel, PanelError
from ayni.panel.series import Series, by_cohort, series

_METHOD = "structural time series"
# Vehtari and others (2021), section 1.
_R_HAT, _DRAWS = 1.01, 400.0
# A standard deviation that is nothing beside the values.
_ALIKE = 1e-12
# Without controls noise has next to no prior: worth so many observations, as in the authors' program.
_NO_CONTROLS_DF = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    r"""What is held before the data speak; by default what the authors' program CausalImpact holds.

    Attributes
    ----------
    level_sd, level_df : float
        Guess of the standard deviation of the level's steps (and the slope's), in those of the outcome before
        treatment, and how many steps the guess is worth.
    size : float
        How many controls are expected to be in.
    r2, df : float
        Expected share of the variance that controls explain, and how many observations that is worth.
    information : float
        :math:`g`: how many observations the prior of the coefficients is worth.
    shrinkage : float
        :math:`w`: weight of the diagonal in it.
    """

    level_sd: float = 0.01
    level_df: float = 32.0
    size: float = 3.0
    r2: float = 0.8
    df: float = 50.0
    information: float = 0.01
    shrinkage: float = 0.5

    def __post_init__(self) -> None:
        positive = ("level_sd", "level_df", "size", "df", "information")
        faults = [f"{name} is {getattr(self, name):g}" for name in positive if not getattr(self, name) > 0]
        if faults:
            raise PanelError(f"priors: {', '.join(faults)}; expected more than 0")
        if not 0 <= self.r2 < 1 or not 0 < self.shrinkage <= 1:
            raise PanelError(
                f"priors: r2 is {self.r2:g} and shrinkage {self.shrinkage:g}, expected shares; r2 less than"
                " 1, shrinkage more than 0, so that controls that move together do no harm"
            )


# For few periods before, where the published priors, worth more than the data, give intervals too narrow:
# coefficients worth one observation, as in the paper, and less faith in what the controls explain.
SHORT_PAST = Priors(information=1.0, r2=0.5, df=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How draws are made.

    Attributes
    ----------
    draws, burnt : int
        Sweeps of each chain that are kept, and those before them that are not.
    chains : int
        Two or more, so that they can be compared.
    seed : int
    """

    draws: int = 1000
    burnt: int = 500
    chains: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.draws < 8 or self.burnt < 0 or self.chains < 2:  # noqa: PLR2004 - halves of four; a pair
            raise PanelError(
                f"sampling: {self.chains} chains of {self.draws} draws after {self.burnt}; expected two or"
                " more chains of eight or more draws after none or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Structural:
    """An estimate with its posterior.

    Attributes
    ----------
    estimate : Estimate
        One cohort. Its counterfactual is the posterior mean from the treatment on; before, what each period
        was expected to be given those before it, NaN in the first (with a slope, the first two), of which
        nothing was known.
    interval : Interval
        Posterior: between the quantiles of the draws of the effect, chain after chain.
    tail : float
        Posterior probability, with one draw added, that the effect is none or of the other sign.
    low, high : (T,) float, unit of the outcome
        The interval of the counterfactual in each period after, noise included; NaN before.
    paths : (M, T - T0) float, unit of the outcome
        Draws of the outcome without treatment.
    inclusion, coefficients : (K,) float
        Posterior probability that a control is in, and mean coefficient, unit of the outcome over the
        control's.
    noise_sd, level_sd, slope_sd : float, unit of the outcome
        Posterior means of standard deviations: of the noise, and of a period's step of level and slope.
    checks : tuple of Check
        `r-hat` and `effective-draws`, the worst of the effect and of the variances.
    """

    estimate: Estimate
    interval: Interval
    tail: float
    low: Floats
    high: Floats
    paths: Floats
    inclusion: Floats
    coefficients: Floats
    noise_sd: float
    level_sd: float
    slope_sd: float
    checks: tuple[Check, ...]


def structural_time_series(
    y: ArrayLike,
    start: int,
    *,
    controls: ArrayLike | None = None,
    periods: tuple[int, ...] | None = None,
    trend: bool = False,
    priors: Priors | None = None,
    sampling: Sampling | None = None,
    level: float = 0.9,
) -> Structural:
    """Return the effect on one series, by its own past and controls.

    Parameters
    ----------
    y : (T,) array_like of float, unit of the outcome
        NaN where nothing was observed.
    start : int
        Position of the first treated period.
    controls : (K, T) array_like of float, optional
        In any units, all observed. What does not change before the treatment is left out.
    periods : tuple of int, optional
        T labels, ascending; 0, 1, … if left out.
    trend : bool
        Whether the level has a slope that wanders, too. Forecasts then widen quickly.

    Raises
    ------
    PanelError
        If shapes disagree, a control is missing somewhere, fewer than three periods before were observed or
        none after, or the series does not change before.
    """
    own = series(y, start, periods=periods, controls=controls, method=_METHOD)
    held, asked = priors or Priors(), sampling or Sampling()
    refuse_level(level)
    centre, scale = _standard(own)
    problem = _problem(own, centre, scale, held, trend=trend)
    chains = [
        _chain(problem, asked, np.random.default_rng(seed))
        for seed in np.random.SeedSequence(asked.seed).spawn(asked.chains)
    ]
    return _told(own, problem, chains, (centre, scale), level)


def structural_estimate(
    panel: Panel, *, trend: bool = False, priors: Priors | None = None, sampling: Sampling | None = None
) -> Estimate:
    """Return the effect on each cohort's mean, by the controls: what the curve of specifications runs.

    Raises
    ------
    PanelError
        See `structural_time_series`.
    """
    return by_cohort(
        panel,
        "structural-time-series",
        lambda own: (
            structural_time_series(
                own.y,
                own.start,
                controls=own.controls,
                periods=own.periods,
                trend=trend,
                priors=priors,
                sampling=sampling,
            ).estimate
        ),
    )


def _standard(own: Series) -> tuple[float, float]:
    """Return mean and standard deviation before treatment."""
    before = own.y[: own.start][own.seen[: own.start]]
    scale = float(before.std(ddof=1))
    if scale <= _ALIKE * float(np.abs(before).max()):
        raise PanelError(
            f"{_METHOD}: the series does not change before {own.periods[own.start]}, so that nothing tells"
            " how noisy it is; take more periods before, or another method"
        )
    return float(before.mean()), scale


def _problem(own: Series, centre: float, scale: float, held: Priors, *, trend: bool) -> Problem:
    """Return the standardised problem; controls that do not change before are out for certain."""
    start, seen = own.start, own.seen[: own.start]
    before = own.controls[:, :start]
    spread = before.std(axis=1, ddof=1, keepdims=True)
    moving = (spread > _ALIKE * np.abs(before).max(axis=1, keepdims=True))[:, 0]
    safe = np.where(moving[:, None], spread, 1.0)
    X = np.where(moving[:, None], (own.controls - before.mean(axis=1, keepdims=True)) / safe, 0.0)
    count, n = int(moving.sum()), int(seen.sum())
    G = X[:, :start][:, seen] @ X[:, :start][:, seen].T
    diagonal = np.diag(np.where(moving, np.diag(G), 1.0))
    share = min(held.size / count, 1.0) if count else 1.0
    odds = np.log(share / (1 - share)) if share < 1 else np.inf
    df = held.df if count else _NO_CONTROLS_DF
    steps = held.level_df + start - 1
    pace = held.level_df * held.level_sd**2
    return Problem(
        y=np.where(seen, (np.where(seen, own.y[:start], centre) - centre) / scale, 0.0),
        seen=seen,
        X=X,
        G=G,
        P=held.information / n * ((1 - held.shrinkage) * G + held.shrinkage * diagonal),
        odds=np.where(moving, odds, -np.inf),
        first=np.array([1.0, 1.0 if trend else 0.0]),
        squares=np.array([df * (1 - held.r2 if count else 1.0), pace, pace]),
        shapes=np.array([df + n, steps, steps]) / 2,
        trend=trend,
    )


def _chain(problem: Problem, asked: Sampling, generator: np.random.Generator) -> Kept:
    controls, periods = problem.X.shape
    state = begun(problem, generator)
    kept = Kept(
        paths=np.zeros((asked.draws, periods - len(problem.y))),
        ahead=np.zeros(periods),
        beta=np.zeros((asked.draws, controls)),
        variances=np.zeros((asked.draws, 3)),
    )
    sample(problem, drawn(problem, asked.burnt + asked.draws, generator), state, kept, asked.burnt)
    return kept


def _told(
    own: Series, problem: Problem, chains: list[Kept], standard: tuple[float, float], level: float
) -> Structural:
    """Return what chains say, in units of the outcome."""
    centre, scale = standard
    start, seen = own.start, own.seen
    counterfactual = centre + scale * np.mean([one.ahead for one in chains], axis=0)
    counterfactual[:start][np.cumsum(seen[:start]) - seen[:start] < 1 + problem.trend] = np.nan
    paths = centre + scale * np.concatenate([one.paths for one in chains])
    effects = (own.y[start:] - paths)[:, seen[start:]].mean(axis=1)
    variances = np.concatenate([one.variances for one in chains])
    beta = np.concatenate([one.beta for one in chains])
    cohort = own.cohort(counterfactual)
    edges = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.full((2, len(own.y)), np.nan)
    low[start:], high[start:] = np.quantile(paths, edges, axis=0)
    ends = np.quantile(effects, edges)
    deviations = scale * np.sqrt(variances).mean(axis=0)
    spread = own.controls[:, :start].std(axis=1, ddof=1)
    return Structural(
        estimate=Estimate(method="structural-time-series", att=cohort.att, cohorts=(cohort,)),
        interval=Interval(
            kind="posterior",
            estimate=cohort.att,
            standard_error=float(effects.std(ddof=1)),
            low=float(ends[0]),
            high=float(ends[1]),
            level=level,
            p_value=np.nan,
            draws=effects,
            exact=False,
        ),
        tail=float((min((effects <= 0).sum(), (effects >= 0).sum()) + 1) / (effects.size + 1)),
        low=low,
        high=high,
        paths=paths,
        inclusion=(beta != 0).mean(axis=0),
        coefficients=scale * beta.mean(axis=0) / np.where(spread > 0, spread, 1.0),
        noise_sd=float(deviations[0]),
        level_sd=float(deviations[1]),
        slope_sd=float(deviations[2]),
        checks=_checks(effects, variances, len(chains), trend=problem.trend),
    )


def _checks(effects: Floats, variances: Floats, chains: int, *, trend: bool) -> tuple[Check, ...]:
    series_of = [effects, *variances.T[: 3 if trend else 2]]
    cut = [one.reshape(chains, -1) for one in series_of]
    worst = float(np.max([split_r_hat(one) for one in cut]))
    fewest = float(np.min([effective_draws(one) for one in cut]))
    return (
        Check(code="r-hat", value=worst, limit=_R_HAT, passed=worst <= _R_HAT),
        Check(code="effective-draws", value=fewest, limit=_DRAWS, passed=fewest >= _DRAWS),
    )
