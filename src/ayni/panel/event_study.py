r"""Event study by local projections: one regression for each horizon, newly treated beside clean controls.

Question
    How large was the effect so many periods after treatment began, and did those treated drift before?
Estimand
    For each horizon :math:`h`, a weighted mean of the cohorts' effects :math:`h` periods after their first
    treated one.
Formula
    :math:`y_{i,t+h} - y_{i,t-1} = \beta_h \Delta D_{it} + \delta_t^h + e_{it}^h` over the newly treated in
    :math:`t` (:math:`\Delta D_{it} = 1`) and clean controls, not treated by :math:`t + h` (for leads, by
    :math:`t`). Each :math:`t` compares a cohort with its own controls; least squares weigh these
    comparisons by :math:`n_1 n_0 / (n_1 + n_0)` (*variance*), reweighted by :math:`n_1` (*equal*).
What carries the weight
    Parallel trends from :math:`t - 1` on, and that nobody acted in foresight: the leads, :math:`h < -1`, show
    whether both held before. That they cannot be told from nothing proves neither (Roth 2022).
When not to use it
    With one treated unit, whose own noise cannot be told from its effect. Where effects of one cohort reach
    the others.

Inference
    Standard errors are clustered by unit, by leaving out each in turn; treated and never treated units are
    two samples, so that with one cohort intervals are Welch's. The joint test of the leads is Hotelling's for
    two samples of unequal covariances.

References
----------
Dube, A., Girardi, D., Jordà, Ò. and Taylor, A., 2025, A local projections approach to difference-in-
differences, Journal of Applied Econometrics 40(5): clean controls, the two weightings, pooled effects and the
mean of several periods as the base.
Krishnamoorthy, K. and Yu, J., 2004, Statistics and Probability Letters 66(2): degrees of freedom of the
test, which for one effect are Welch's (1947, Biometrika 34).
MacKinnon, J., Nielsen, M. and Webb, M., 2023, Journal of Econometrics 232(2): leaving out clusters.
Roth, J., 2022, American Economic Review: Insights 4(3): what a test of leads cannot see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.checks import Check, at_least
from ayni.panel.cohorts import estimate
from ayni.panel.intervals import level_faults
from ayni.panel.records import Cohort, Estimate, Flags, Floats, Interval, Panel, PanelError
from ayni.panel.tails import fisher_tail, student_quantile

_METHOD = "event study"
CONTROLS = ("not-yet-treated", "never-treated")
WEIGHTS = ("equal", "variance")
# A p-value of the leads below is taken for drift.
_NO_LEADS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudy:
    """Effects by horizon.

    Attributes
    ----------
    estimate : Estimate
        Mean over all treated cells that have controls, whatever the weights; each cohort's counterfactual is
        its own last outcome before and the change of its controls since.
    interval : Interval
        Of that mean. All intervals are ``jackknife``; their draws are what the effect becomes without each
        unit.
    effects : tuple of (int, Interval)
        By periods since the first treated one; leads are negative. The base has none, nor have horizons with
        fewer than two treated units or two controls.
    pooled : Interval
        Effect on the mean of all outcomes from the first treated period to the last horizon that every cohort
        reaches, at most `after`; None where too few units were observed in all of them.
    checks : tuple of Check
        `no-leads`: p-value of the hypothesis that leads are nothing (passes from 0.05 on). Of the nearest
        ones only, where all would be more than the smaller sample's units less two; None with none.
    """

    estimate: Estimate
    interval: Interval
    effects: tuple[tuple[int, Interval], ...]
    pooled: Interval | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """One cohort, by its start, beside its clean controls.

    Attributes
    ----------
    change : (N,) float, unit of the outcome
        Since the base; 0 where it was not observed.
    treated, controls : (N,) bool
    """

    start: int
    change: Floats
    treated: Flags
    controls: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    """An effect, the same without each unit (N,), and who takes part (N,)."""

    value: float
    without: Floats
    units: Flags


def event_study(
    panel: Panel,
    *,
    before: int | None = None,
    after: int | None = None,
    base: int = 1,
    weights: str = "equal",
    controls: str = "not-yet-treated",
    level: float = 0.9,
) -> EventStudy:
    """Return the effect at each horizon.

    Outcomes may be missing: each comparison takes the units that were observed in its base and its period.

    Parameters
    ----------
    before, after : int, optional
        Most leads and horizons, counted from the first treated period; all that there are, if left out.
    base : int
        How many periods before are averaged to compare with; leads begin before them. More make less noise
        if trends were parallel so long.
    weights : str
        One of `WEIGHTS`.
    controls : str
        One of `CONTROLS`.

    Raises
    ------
    PanelError
        If a choice is not known, or there is no horizon with two treated units and two controls.
    """
    _refuse_unknown(panel, base, weights, controls, level)
    starts, length = panel.starts[~panel.controls], panel.Y.shape[1]
    reach = length - 1 - int(starts.min())
    every = {h: _compared(panel, [h], base, controls) for h in range(-int(starts.max()), reach + 1)}
    first = -int(starts.max()) if before is None else -before
    last = reach if after is None else after
    asked = [h for h in every if first <= h < -base or 0 <= h <= last]
    known = {h: one for h in asked if (one := _effect(every[h], weights)) is not None}
    window = list(range(min(last, length - 1 - int(starts.max())) + 1))
    pooled = _effect(_compared(panel, window, base, controls), weights)
    whole = _effect([one for h, some in every.items() if h >= 0 for one in some], "equal")
    if whole is None:
        raise PanelError(
            f"{_METHOD}: no horizon has two treated units and two clean controls, observed before and then;"
            " take more units, or another method"
        )
    ever = ~panel.controls
    return EventStudy(
        estimate=_estimate(panel, every),
        interval=_interval(whole, ever, level),
        effects=tuple((h, _interval(one, ever, level)) for h, one in known.items()),
        pooled=None if pooled is None else _interval(pooled, ever, level),
        checks=(_no_leads([one for h, one in known.items() if h < 0], ever),),
    )


def _refuse_unknown(panel: Panel, base: int, weights: str, controls: str, level: float) -> None:
    faults = []
    if weights not in WEIGHTS:
        faults.append(f"weights is {weights!r}, expected one of {', '.join(WEIGHTS)}")
    if controls not in CONTROLS:
        faults.append(f"controls is {controls!r}, expected one of {', '.join(CONTROLS)}")
    faults += level_faults(level)
    if not 1 <= base <= int(panel.starts.min()):
        faults.append(
            f"the base is the mean of {base} periods, expected 1 or more and no more than the"
            f" {int(panel.starts.min())} before the first treatment"
        )
    if faults:
        raise PanelError(f"{_METHOD}: " + "; ".join(faults))


def _compared(panel: Panel, horizons: list[int], base: int, controls: str) -> list[_Comparison]:
    """Return the comparison of each cohort that has the horizons, on the mean of their outcomes."""
    starts, length = panel.starts, panel.Y.shape[1]
    made = []
    for start in np.unique(starts[~panel.controls]):
        if start - base < 0 or start + horizons[0] < 0 or start + horizons[-1] >= length:
            continue
        then = panel.Y[:, [start + h for h in horizons]].mean(axis=1)
        change = then - panel.Y[:, start - base : start].mean(axis=1)
        there = ~np.isnan(change)
        clean = panel.controls if controls == "never-treated" else starts > start + max(horizons[-1], 0)
        treated, beside = there & (starts == start), there & clean
        if treated.any() and beside.any():
            made.append(
                _Comparison(
                    start=int(start), change=np.where(there, change, 0.0), treated=treated, controls=beside
                )
            )
    return made


def _effect(compared: list[_Comparison], weights: str) -> _Effect | None:
    """Return the weighted mean of comparisons, and that without each unit; None where noise is unknown."""
    if not compared:
        return None
    change = np.array([one.change for one in compared])
    parts = []
    for flags in ([one.treated for one in compared], [one.controls for one in compared]):
        member = np.array(flags, dtype=np.float64)
        counts, sums = member.sum(axis=1, keepdims=True), (member * change).sum(axis=1, keepdims=True)
        # All units first, then all but each.
        parts.append(
            (np.hstack([counts, counts - member]), np.hstack([sums, sums - member * change]), member)
        )
    (n1, s1, treated), (n0, s0, controls) = parts
    one, nought = np.maximum(n1, 1.0), np.maximum(n0, 1.0)
    weight = n1 * (n0 > 0) if weights == "equal" else n1 * n0 / np.maximum(n1 + n0, 1.0)
    whole = weight.sum(axis=0)
    units: Flags = np.asarray((treated + controls).any(axis=0))
    number = int(treated.any(axis=0).sum()), int(controls.any(axis=0).sum())
    if min(number) < 2 or not (whole > 0).all():  # noqa: PLR2004 - one tells no noise
        return None
    values = (weight * (s1 / one - s0 / nought)).sum(axis=0) / whole
    return _Effect(value=float(values[0]), without=values[1:], units=units)


def _noise(effects: list[_Effect], ever: Flags) -> tuple[Floats, float]:
    """Return the covariance of effects (L, L), and its degrees of freedom.

    Ever treated and never treated units are two samples, whose covariances are added. The degrees of freedom
    are those of a Wishart distribution with the same mean and the same variance of its trace.
    """
    units = np.any([one.units for one in effects], axis=0)
    off = np.array([one.without - one.value for one in effects])
    samples = [units & ever, units & ~ever]
    if min(int(some.sum()) for some in samples) < 2:  # noqa: PLR2004 - one tells no noise
        samples = [units]
    counts = [int(some.sum()) for some in samples]
    parts = [(n - 1) / n * off[:, some] @ off[:, some].T for n, some in zip(counts, samples, strict=True)]
    whole: Floats = np.sum(parts, axis=0)
    inverse = np.linalg.pinv(whole, hermitian=True)
    shares = [part @ inverse for part in parts]
    lost = sum(
        (float(np.trace(one @ one)) + float(np.trace(one)) ** 2) / (n - 1)
        for one, n in zip(shares, counts, strict=True)
    )
    number = len(effects)
    return whole, (number + number**2) / lost if lost > 0 else float(min(counts) - 1)


def _interval(effect: _Effect, ever: Flags, level: float) -> Interval:
    spread, freedom = _noise([effect], ever)
    error = float(np.sqrt(spread[0, 0]))
    reach = student_quantile((1 + level) / 2, freedom) * error
    return Interval(
        kind="jackknife",
        estimate=effect.value,
        standard_error=error,
        low=effect.value - reach,
        high=effect.value + reach,
        level=level,
        p_value=np.nan,
        draws=effect.without,
        exact=True,
    )


def _no_leads(leads: list[_Effect], ever: Flags) -> Check:
    """Return the joint test of the leads, nearest last: the nearest ones, as many as noise can be told of."""
    most = min(int((one.units & some).sum()) for one in leads for some in (ever, ~ever)) - 2 if leads else 0
    tested = leads[-most:] if most > 0 else []
    value = np.nan
    if tested:
        spread, freedom = _noise(tested, ever)
        below = freedom - len(tested) + 1
        if below > 0 and np.linalg.matrix_rank(spread, hermitian=True) == len(tested):
            effects = np.array([one.value for one in tested])
            distance = float(effects @ np.linalg.solve(spread, effects))
            value = fisher_tail(distance * below / (freedom * len(tested)), len(tested), below)
    return at_least("no-leads", value, _NO_LEADS)


def _estimate(panel: Panel, every: dict[int, list[_Comparison]]) -> Estimate:
    """Return the cohorts, each with the differences of its own comparisons."""
    cohorts = []
    for start in np.unique(panel.starts[~panel.controls]):
        observed, counterfactual = np.full((2, len(panel.periods)), np.nan)
        counts = np.zeros(len(panel.periods))
        for h, some in every.items():
            for one in some:
                if one.start == start:
                    effect = one.change[one.treated].mean() - one.change[one.controls].mean()
                    observed[start + h] = panel.Y[one.treated, start + h].mean()
                    counterfactual[start + h] = observed[start + h] - effect
                    counts[start + h] = one.treated.sum()
        if counts[start:].any():
            cohorts.append(_cohort(panel, int(start), observed, counterfactual, counts))
    return estimate("event-study", cohorts)


def _cohort(panel: Panel, start: int, observed: Floats, counterfactual: Floats, counts: Floats) -> Cohort:
    difference = np.where(counts > 0, observed - counterfactual, 0.0)
    return Cohort(
        since=panel.periods[start],
        units=tuple(panel.units[i] for i in np.flatnonzero(panel.starts == start)),
        periods=panel.periods,
        observed=observed,
        counterfactual=counterfactual,
        unit_weights=np.full(len(panel.units), np.nan),
        time_weights=np.full(len(panel.periods), np.nan),
        att=float(np.average(difference[start:], weights=counts[start:])),
        cells=int(counts[start:].sum()),
        pre_rmspe=float(np.sqrt(np.square(difference[:start][counts[:start] > 0]).mean())),
        gap=np.nan,
    )
