r"""Conformal inference for one treated unit: whether the errors after treatment stand out among all.

Under a hypothesis about the effect, the treated unit's path without treatment is known in every period. The
method is fitted to all periods under it, and the prediction errors after treatment are held against those of
every stretch of as many periods, going round the end: :math:`T` moving blocks, all listed. Inverting the test
over constant effects gives an interval.

What carries the weight
    That prediction errors under the hypothesis are stationary: exactly valid if they are exchangeable, nearly
    so if dependence in time is weak. The finest p-value is :math:`1/T`.
When not to use it
    With a trending difference before treatment; with more periods after treatment than before, where no
    effect can be rejected; with so few periods that :math:`1/T` exceeds one less the level.

References
----------
Chernozhukov, V., Wüthrich, K. and Zhu, Y., 2021, JASA 116(536): Algorithm 1, moving block permutations,
statistic of eq. 5 with q = 1; section 2.2 for intervals.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ayni.panel.cohorts import Block, blocks
from ayni.panel.records import Floats, Interval, Method, Panel, PanelError
from ayni.panel.simplex import fitted
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    synthetic_control,
)

# How fine effects are looked at, relative to the reach that is searched.
_GRID = 400
# An effect so many times the largest error before treatment that is not rejected: none will be.
_FURTHEST = 1e4

_Errors = Callable[[Floats, Floats], Floats]


def _of_equal(controls: Floats, own: Floats) -> Floats:
    difference = own - controls.mean(axis=0)
    errors: Floats = difference - difference.mean()
    return errors


def _of_levels(controls: Floats, own: Floats) -> Floats:
    errors: Floats = own - fitted(controls, own).weights @ controls
    return errors


def _of_shape(controls: Floats, own: Floats) -> Floats:
    return _of_levels(controls - controls.mean(axis=1, keepdims=True), own - own.mean())


_METHODS: dict[Method, _Errors] = {
    difference_in_differences: _of_equal,
    synthetic_control: _of_levels,
    demeaned_synthetic_control: _of_shape,
}


def conformal(panel: Panel, method: Method, *, level: float = 0.9) -> Interval:
    """Return the interval of constant effects that are not rejected, and the p-value of none.

    Parameters
    ----------
    method : callable
        `difference_in_differences`, `synthetic_control` or `demeaned_synthetic_control` of
        `ayni.panel.weighting`.
    level : float
        Effects with a p-value over one less the level are in the interval, from the least to the largest. It
        is infinite where effects are not rejected however large, and NaN where all are rejected.

    Raises
    ------
    PanelError
        If another method is given, several units are treated, an outcome is missing, or there are too few
        periods for the level.
    """
    errors = _METHODS.get(method)
    if errors is None:
        names = ", ".join(_name(one) for one in _METHODS)
        raise PanelError(f"conformal: {_name(method)} is not one of {names}")
    block, *more = blocks(panel, "conformal inference")
    if more or len(block.treated) > 1:
        count = int((~panel.controls).sum())
        raise PanelError(f"conformal: {count} units are treated, expected one; use placebos or a jackknife")
    length = len(panel.periods)
    if 1 / length > 1 - level:
        raise PanelError(
            f"conformal: {length} periods tell no p-value under {1 / length:.3g}; the level may be"
            f" {1 - 1 / length:.3g} at most, found {level:g}"
        )
    tested = _Test(block, errors)
    centre = tested.centre
    # Rounding must not keep an effect whose p-value is one less the level.
    low, high = tested.ends(1 - level + 1e-9)
    return Interval(
        kind="conformal",
        estimate=centre,
        standard_error=np.nan,
        low=low,
        high=high,
        level=level,
        p_value=tested.p_value(0.0),
        draws=np.array([]),
        exact=True,
    )


def _name(method: Method) -> str:
    return str(getattr(method, "__name__", method))


class _Test:
    """The test of constant effects on one panel."""

    def __init__(self, block: Block, errors: _Errors) -> None:
        self._controls = block.control_outcomes
        self._own = block.treated_mean
        self._after = np.arange(len(self._own)) >= block.start
        self._errors = errors
        before = errors(self._controls[:, : block.start], self._own[: block.start])
        # The effect that its own fit before would tell; a place to search from.
        self.centre = self._effect(block.start)
        self._step = max(float(np.abs(before).max()), float(np.abs(self._own).max()) * 1e-9, 1e-300)

    def _effect(self, start: int) -> float:
        whole = self._errors(self._controls, self._own)
        return float(whole[start:].mean() - whole[:start].mean())

    def p_value(self, effect: float) -> float:
        """Return the share of moving blocks whose errors are as large as those after treatment."""
        errors = np.abs(self._errors(self._controls, self._own - effect * self._after))
        size, length = int(self._after.sum()), len(errors)
        sums = np.concatenate([[0.0], np.concatenate([errors, errors]).cumsum()])
        sums = sums[size : size + length] - sums[:length]
        # The block that starts where treatment does is the observed one.
        own = sums[length - size]
        return float((sums >= own * (1 - 1e-12)).mean())

    def ends(self, alpha: float) -> tuple[float, float]:
        """Return the least and the largest effect that is not rejected."""
        reach = self._step
        while max(self.p_value(self.centre - reach), self.p_value(self.centre + reach)) > alpha:
            reach *= 2
            if reach > _FURTHEST * self._step:
                return -np.inf, np.inf
        grid = self.centre + np.linspace(-2 * reach, 2 * reach, 2 * _GRID + 1)
        kept = [one for one in grid if self.p_value(float(one)) > alpha]
        if not kept:
            return np.nan, np.nan
        step = float(grid[1] - grid[0])
        return self._refined(kept[0], kept[0] - step, alpha), self._refined(kept[-1], kept[-1] + step, alpha)

    def _refined(self, inside: float, outside: float, alpha: float) -> float:
        for _ in range(20):
            middle = (inside + outside) / 2
            if self.p_value(middle) > alpha:
                inside = middle
            else:
                outside = middle
        return float(inside)
