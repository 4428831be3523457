r"""A dose that nobody went without: its slope, and how it stands among doses dealt out anew.

Question
    Did the outcome go with the dose, beside what all units and all periods have in common?
Estimand
    :math:`b` in :math:`Y_{it} = \alpha_i + \beta_t + b D_{it} + \epsilon_{it}`, by least squares.
Formula
    With :math:`\tilde D` the dose without its constants and :math:`D_\pi` the doses with whole paths dealt to
    other units, a slope :math:`b_0` is held against
    :math:`s_\pi(b_0) = \langle Y - b_0 D, \tilde D_\pi \rangle / \|\tilde D_\pi\|`. Its p-value is the share
    of dealings, the real one among them, with :math:`|s_\pi(b_0)|` at least as large. A dealing is as far
    out for all slopes of one stretch, whose ends are known, so the interval is exact and needs no search.
What carries the weight
    That each unit could as well have had the path of any other, and that a dollar does the same everywhere.
    The interval holds with few units, where errors clustered by unit do not; that the dose went where the
    outcome was about to change is not ruled out by it.
When not to use it
    Where the dose was dealt out in answer to the outcome; with paths so alike that dealing changes nothing.

References
----------
Fisher, R. A., 1935, The Design of Experiments; Rosenbaum, P., 2002, Observational Studies, section 2.7: the
interval of slopes that are not rejected. MacKinnon, J. and Webb, M., 2020, Journal of Econometrics 218(2):
randomisation inference with few clusters.
"""

from __future__ import annotations

from itertools import islice, permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.constants import Constants
from ayni.panel.intervals import level_faults
from ayni.panel.records import Floats, Interval, PanelError, Places

# More dealings than this are drawn.
MOST_LISTED = 5_000
_FEWEST_UNITS = 3
# A dose without constants is nothing below this share of itself.
_NOTHING = 1e-10


def reassigned_slope(
    Y: ArrayLike, D: ArrayLike, *, level: float = 0.9, most: int = MOST_LISTED, seed: int = 0
) -> Interval:
    """Return the slope of outcomes on doses beside constants of units and periods.

    Parameters
    ----------
    Y : (N, T) array_like of float, unit of the outcome
        NaN where nothing was observed.
    D : (N, T) array_like of float, unit of the dose
        Of every unit in every period.
    level : float
        Of the interval.
    most : int
        All dealings are listed where there are no more than this, else so many are drawn.
    seed : int
        For the draw.

    Returns
    -------
    Interval
        Of kind ``reassignment``; the slope in units of the outcome per unit of the dose. `draws` are the
        slopes of the dealings, and `standard_error` their spread.

    Raises
    ------
    PanelError
        If shapes disagree, a dose is missing, there are fewer than three units, no outcome was observed, or
        the dose is the same for all units or in all periods.
    """
    outcomes, doses = np.asarray(Y, dtype=np.float64), np.asarray(D, dtype=np.float64)
    _refuse(outcomes, doses, level)
    seen = np.isfinite(outcomes)
    # Levels of the doses are nothing beside constants, and would cost the last digits of their squares.
    doses = doses - doses.mean(axis=1, keepdims=True)
    constants = Constants(seen)
    outcome = constants.residual(np.where(seen, outcomes, 0.0))
    dose = constants.residual(doses)
    size = float(np.linalg.norm(dose))
    if size <= _NOTHING * float(np.linalg.norm(doses * seen)):
        raise PanelError(
            "reassignment: beside constants of units and periods the dose does not vary; expected one that"
            " rises in some units while it falls in others"
        )
    count = len(outcomes)
    exact = factorial(count) - 1 <= most
    dealt = _listed(count) if exact else _drawn(count, most, seed)
    sizes = _sizes(constants, doses, dealt)
    # Sums over units of what each outcome has in common with each path of doses.
    own, cross = outcome @ doses.T, dose @ doses.T
    order = np.arange(count)
    reached = own[order, dealt].sum(axis=1) / sizes
    followed = cross[order, dealt].sum(axis=1) / sizes
    slope = float(own.trace()) / size**2
    low, high = _stretches(slope * size, size, reached, followed)
    spare = np.floor((1 - level) * (1 + len(dealt)) + _NOTHING) - 1
    return Interval(
        kind="reassignment",
        estimate=slope,
        standard_error=float((reached / size).std()),
        low=_end(np.sort(low), spare),
        high=-_end(np.sort(-high), spare),
        level=level,
        p_value=float((1 + ((low <= 0) & (high >= 0)).sum()) / (1 + len(dealt))),
        draws=reached / size,
        exact=exact,
    )


def _refuse(outcomes: Floats, doses: Floats, level: float) -> None:
    faults = []
    if outcomes.ndim != 2 or doses.shape != outcomes.shape:  # noqa: PLR2004 - units by periods
        raise PanelError(
            f"reassignment: Y has shape {outcomes.shape}, D {doses.shape}; expected both units by periods"
        )
    if not np.isfinite(doses).all():
        row, column = (int(one[0]) for one in np.nonzero(~np.isfinite(doses)))
        faults.append(
            f"D[{row}, {column}] is {doses[row, column]}; expected a dose everywhere, leave out the unit"
        )
    if np.isinf(outcomes).any():
        faults.append("Y holds infinities; expected numbers, or NaN where nothing was observed")
    if len(outcomes) < _FEWEST_UNITS:
        faults.append(f"{len(outcomes)} units; expected {_FEWEST_UNITS} or more to deal doses among")
    if not np.isfinite(outcomes).any():
        faults.append("no outcome was observed")
    faults += level_faults(level)
    if faults:
        raise PanelError("reassignment: " + "; ".join(faults))


def _listed(count: int) -> Places:
    """Return every dealing but the real one: (M, N) int, the path that each unit gets."""
    return np.array(list(islice(permutations(range(count)), 1, None)), np.int64)


def _drawn(count: int, most: int, seed: int) -> Places:
    generator = np.random.default_rng(seed)
    return generator.permuted(np.tile(np.arange(count), (most, 1)), axis=1)


def _sizes(constants: Constants, doses: Floats, dealt: Places) -> Floats:
    """Return the norm of each dealing's doses without their constants: (M,) float.

    What constants take follows from sums of units and of periods, which dealing only puts together anew.
    """
    if constants.cells.all():
        return np.full(len(dealt), np.linalg.norm(constants.residual(doses)))
    cells, order = constants.cells, np.arange(len(doses))
    by_unit = (cells @ doses.T)[order, dealt]
    by_period = np.zeros((len(dealt), doses.shape[1]))
    for unit in order:
        by_period += cells[unit] * doses[dealt[:, unit]]
    whole = (cells @ np.square(doses).T)[order, dealt].sum(axis=1)
    left = whole - constants.explained(by_unit, by_period)
    return np.where(left > _NOTHING * whole, np.sqrt(np.maximum(left, 0.0)), np.inf)


def _stretches(reach: float, size: float, reached: Floats, followed: Floats) -> tuple[Floats, Floats]:
    """Return between which slopes each dealing is at least as far out as the real one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (reach - reached) / (size - followed), (reach + reached) / (size + followed)
    # A dealing that is the real one over again is as far out everywhere.
    alike = np.isclose(np.abs(followed), size, rtol=_NOTHING, atol=0.0)
    low = np.where(alike, -np.inf, np.minimum(one, two))
    high = np.where(alike, np.inf, np.maximum(one, two))
    return low, high


def _end(lows: Floats, spare: float) -> float:
    """Return the least slope that more dealings than are to spare do not reject; `lows` ascend."""
    return float(lows[int(spare)]) if spare >= 0 else -np.inf
