r"""Generalised synthetic control: common factors from the controls, loadings from the periods before.

Question
    What would the treated units have been, if a few common factors moved all units, each by its own loadings?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it} - \hat\alpha_i - \hat\xi_t - \hat\lambda_i'\hat f_t`
    over the treated cells :math:`D`. Period effects :math:`\hat\xi_t` and factors :math:`\hat f_t` are of the
    controls alone; :math:`\hat\alpha_i` and :math:`\hat\lambda_i` are least squares on the periods before.
What carries the weight
    That the factors of the controls are all that moved the treated, apart from noise that has nothing to do
    with the treatment, and that nobody acted in foresight.
When not to use it
    With few periods before, from which loadings are noise (the paper wants more than ten); with few controls;
    where the treated have a factor of their own, or loadings far outside those of the controls.

Without factors it is difference in differences.

References
----------
Xu, Y., 2017, Political Analysis 25(1): section 3, eq. 3 to 6; the number of factors by Algorithm 1.
Bai, J., 2009, Econometrica 77(4): section 8 for constants beside the factors. Without covariates its least
squares are the leading singular vectors of what is left of the controls without their constants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks, estimate
from ayni.panel.imputation import filled_cohort
from ayni.panel.records import Estimate, Floats, Panel, PanelError

_METHOD = "generalised synthetic control"
# Below this share of the largest, a singular value of factors before treatment tells no loading.
_NO_DIRECTION = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """What the controls say.

    Attributes
    ----------
    common : (T,) float, unit of the outcome
        Mean of the controls.
    factors : (T, R) float
        Strongest first, each of mean 0 and mean square 1, as many as are more than rounding.
    rest : (N0, T) float, unit of the outcome
        The controls without constants of units and periods.
    values : (min(N0, T),) float, unit of the outcome
        Its singular values.
    """

    common: Floats
    factors: Floats
    rest: Floats
    values: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """Treated units on some factors: filled in (N1, T), and errors before, each period left out (N1, T0)."""

    filled: Floats
    errors: Floats


def generalised_synthetic_control(panel: Panel, *, factors: int | None = None, most: int = 5) -> Estimate:
    """Return the effect by factors of the controls and the treated units' own loadings.

    Several units may be treated, from different periods on. The number of factors is the same for all.

    Parameters
    ----------
    factors : int, optional
        How many; if left out, the number with the least squared error when each period before is left out in
        turn.
    most : int
        How many are tried: fewer where the controls have fewer, or where some treated unit has fewer than two
        periods before more than that. What was tried is among the settings.

    Raises
    ------
    PanelError
        If an outcome is missing, a number is below 0, there are more factors than the controls have, or a
        treated unit has too few periods before to tell its loadings.
    """
    parts = list(blocks(panel, _METHOD))
    least = min(part.start for part in parts)
    learned = _learned(parts[0].control_outcomes)
    known = learned.factors.shape[1]
    settings: tuple[tuple[str, float], ...] = ()
    if factors is None:
        if most < 0:
            raise PanelError(f"{_METHOD}: at most {most} factors are to be tried, expected 0 or more")
        tried = max(min(most, known, least - 2), 0)
        factors = _number(parts, learned, tried)
        settings = (("most", float(tried)),)
    _refuse_unknown(panel, factors, known, least)
    treated, filled = panel.treated, np.full(panel.Y.shape, np.nan)
    for part in parts:
        loaded = _loaded(part, learned, factors)
        if loaded is None:
            raise PanelError(
                f"{_METHOD}: before {panel.periods[part.start]}, {factors} factors move together or not at"
                " all, so that no loadings can be told; ask for fewer"
            )
        filled[part.treated] = loaded.filled
    gap = _gap(learned, factors)
    cohorts = [filled_cohort(panel, part.start, treated, filled, gap) for part in parts]
    return estimate("generalised-synthetic-control", cohorts, (("factors", float(factors)), *settings))


def _refuse_unknown(panel: Panel, factors: int, known: int, least: int) -> None:
    if factors < 0:
        raise PanelError(f"{_METHOD}: {factors} factors, expected 0 or more")
    if factors > known:
        raise PanelError(
            f"{_METHOD}: {factors} factors, but the {int(panel.controls.sum())} controls over"
            f" {len(panel.periods)} periods have {known}; ask for no more, or add controls"
        )
    if factors >= least:
        first = panel.units[int(panel.starts.argmin())]
        raise PanelError(
            f"{_METHOD}: {factors} factors and a constant need {factors + 1} periods before treatment,"
            f" {first} has {least}; ask for fewer, or leave out units treated so early"
        )


def _learned(outcomes: Floats) -> _Learned:
    """Return the constants and factors of controls (N0, T)."""
    common = outcomes.mean(axis=0)
    rest = outcomes - common
    rest -= rest.mean(axis=1, keepdims=True)
    _, values, vectors = np.linalg.svd(rest, full_matrices=False)
    rounding = np.finfo(np.float64).eps * float(np.abs(outcomes).max()) * outcomes.size
    known = int((values > rounding).sum())
    return _Learned(
        common=common,
        factors=vectors[:known].T * np.sqrt(outcomes.shape[1]),
        rest=rest,
        values=values,
    )


def _loaded(part: Block, learned: _Learned, factors: int) -> _Loaded | None:
    """Return the treated units on so many factors; None where the periods before tell no loadings.

    What a regression misses in a period that it was not fitted to is its residual over one less the period's
    leverage. Where a period cannot be left out, that is infinite.
    """
    design = np.column_stack([np.ones(len(learned.common)), learned.factors[:, :factors]])
    targets = part.panel.Y[part.treated] - learned.common
    u, values, vectors = np.linalg.svd(design[: part.start], full_matrices=False)
    if values[-1] <= _NO_DIRECTION * values[0]:
        return None
    before = targets[:, : part.start]
    loadings = (before @ u / values) @ vectors
    free = 1 - np.square(u).sum(axis=1)
    missed = before - before @ u @ u.T
    errors = np.where(free > _NO_DIRECTION, missed / np.where(free > _NO_DIRECTION, free, 1.0), np.inf)
    return _Loaded(filled=learned.common + loadings @ design.T, errors=errors)


def _number(parts: list[Block], learned: _Learned, tried: int) -> int:
    """Return the number of factors with the least error; the least number where several leave rounding."""
    rounding = max(
        float(np.finfo(np.float64).eps * np.abs(part.panel.Y).max() * part.panel.Y.size) for part in parts
    )
    errors = np.full(tried + 1, np.inf)
    for number in range(tried + 1):
        loaded = [_loaded(part, learned, number) for part in parts]
        if all(one is not None for one in loaded):
            missed = np.concatenate([one.errors.ravel() for one in loaded if one is not None])
            errors[number] = float(np.square(missed).mean())
    return int(np.argmin(np.maximum(errors, rounding**2)))


def _gap(learned: _Learned, factors: int) -> float:
    """Return by how much the controls' squares left over exceed the least possible, relative to all."""
    whole = float(np.square(learned.rest).sum())
    if whole <= 0:
        return 0.0
    basis = learned.factors[:, :factors] / np.sqrt(len(learned.common))
    left = float(np.square(learned.rest - learned.rest @ basis @ basis.T).sum())
    return max(left - float(np.square(learned.values[factors:]).sum()), 0.0) / whole
