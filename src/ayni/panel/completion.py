r"""Matrix completion: outcomes as few common patterns beside constants of units and periods.

Question
    What would the treated cells have been, if a matrix of low rank and constants made all outcomes?
Estimand
    :math:`\tau = \frac{1}{|D|}\sum_{(i,t) \in D} Y_{it} - \hat L_{it} - \hat\alpha_i - \hat\beta_t` over the
    observed treated cells :math:`D`, where over the untreated cells :math:`O`

    .. math:: \min_{L, \alpha, \beta} \tfrac12 \sum_{(i,t) \in O} (Y_{it} - L_{it} - \alpha_i - \beta_t)^2
              + \lambda \|L\|_*.

What carries the weight
    That units and periods differ by a few patterns, and that which cells are treated says nothing more about
    them. Constants are not penalised; :math:`\lambda` is chosen by cross-validation over untreated cells.
When not to use it
    With so few periods before treatment that no pattern of the treated unit can be told from its noise.

References
----------
Athey, S., Bayati, M., Doudchenko, N., Imbens, G. and Khosravi, K., 2021, JASA 116(536): eq. 4.3, section 4.3.
Mazumder, R., Hastie, T. and Tibshirani, R., 2010, JMLR 11: soft-thresholding of singular values along a path.
Beck, A. and Teboulle, M., 2009, SIAM J. Imaging Sciences 2(1); O'Donoghue, B. and Candès, E., 2015,
Foundations of Computational Mathematics 15: accelerated steps, begun anew where they turn back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import estimate
from ayni.panel.constants import Constants
from ayni.panel.imputation import filled_cohort, refuse_unidentified
from ayni.panel.records import Estimate, Flags, Floats, Panel, PanelError, Places

# Penalties tried: from the largest, at which there is no pattern, down by this factor in so many steps.
_SMALLEST, _STEPS = 1e-3, 24
# A path ends after so many penalties in a row that only made the error larger.
_WORSE = 4
_CLOSE, _ROUGH = 1e-7, 1e-3
_GAP = 1e-7
_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Low:
    """A matrix of low rank: itself, its nuclear norm, its rank."""

    matrix: Floats
    norm: float
    rank: int


def matrix_completion(
    panel: Panel, *, penalty: float | None = None, folds: int = 5, seed: int = 0
) -> Estimate:
    """Return the effect by a matrix of low rank and constants, fitted to the untreated cells.

    Outcomes may be missing, several units treated, from different periods on.

    Parameters
    ----------
    penalty : float, optional
        Lambda, unit of the outcome; by cross-validation if left out.
    folds : int
        Into so many parts the untreated cells are cut at random.
    seed : int
        For the parts.

    Raises
    ------
    PanelError
        If constants of treated units or periods cannot be told (see `imputation`), the penalty is not above
        0, or there are fewer untreated cells than parts.
    """
    observed = ~np.isnan(panel.Y)
    untreated, treated = observed & ~panel.treated, observed & panel.treated
    refuse_unidentified(panel, untreated, treated, "matrix completion")
    if penalty is not None and not penalty > 0:
        raise PanelError(f"matrix completion: the penalty is {penalty:g}, expected more than 0")
    outcomes = np.where(observed, panel.Y, 0.0)
    constants = Constants(untreated)
    if penalty is None:
        penalty = _chosen(outcomes, untreated, constants, folds, seed)
    low = _Low(matrix=np.zeros_like(outcomes), norm=0.0, rank=0)
    if penalty > 0:
        low = _solved(outcomes, constants, penalty, low, _CLOSE)
    alpha, beta = constants.fit((outcomes - low.matrix) * constants.cells)
    counterfactual = low.matrix + alpha[:, None] + beta
    gap = _gap(outcomes, constants, penalty, low)
    cohorts = [
        filled_cohort(panel, int(start), treated, counterfactual, gap)
        for start in np.unique(panel.starts[~panel.controls])
    ]
    settings = (
        ("penalty", penalty),
        ("rank", float(low.rank)),
        ("folds", float(folds)),
        ("seed", float(seed)),
    )
    return estimate("matrix-completion", cohorts, settings)


def _chosen(outcomes: Floats, untreated: Flags, constants: Constants, folds: int, seed: int) -> float:
    """Return the penalty with the least squared error on cells left out; 0 where constants fit everything."""
    cells = np.flatnonzero(untreated)
    if not 2 <= folds <= len(cells):  # noqa: PLR2004 - what is left out, and what is left
        raise PanelError(
            f"matrix completion: {folds} folds of {len(cells)} cells; expected 2 to {len(cells)}"
        )
    largest = _spectral(constants.residual(outcomes))
    if largest <= np.finfo(np.float64).eps * max(float(np.abs(outcomes).max()), 1e-300) * outcomes.size:
        return 0.0
    penalties = largest * np.geomspace(1.0, _SMALLEST, _STEPS)
    parts = np.array_split(np.random.default_rng(seed).permutation(cells), folds)
    paths = [_Path(outcomes, untreated, part) for part in parts]
    errors: list[float] = []
    for penalty in penalties:
        errors.append(sum(path.error(float(penalty)) for path in paths))
        if len(errors) - 1 - int(np.argmin(errors)) >= _WORSE:
            break
    return float(penalties[int(np.argmin(errors))])


class _Path:
    """One part left out, along falling penalties, each fit beginning where the one before ended."""

    def __init__(self, outcomes: Floats, untreated: Flags, left_out: Places) -> None:
        cells = untreated.copy()
        cells.ravel()[left_out] = False
        self._outcomes, self._left_out = outcomes, left_out
        self._constants = Constants(cells)
        self._low = _Low(matrix=np.zeros_like(outcomes), norm=0.0, rank=0)

    def error(self, penalty: float) -> float:
        """Return the sum of squared errors on the cells left out."""
        self._low = _solved(self._outcomes, self._constants, penalty, self._low, _ROUGH)
        rest = (self._outcomes - self._low.matrix) * self._constants.cells
        alpha, beta = self._constants.fit(rest)
        filled = self._low.matrix + alpha[:, None] + beta
        return float(np.square((self._outcomes - filled).ravel()[self._left_out]).sum())


def _solved(outcomes: Floats, constants: Constants, penalty: float, start: _Low, close: float) -> _Low:
    """Return the matrix of low rank for one penalty, by accelerated proximal gradient steps.

    They end when a step moves the matrix by less than `close` of itself, and where that is `_CLOSE`, not
    before the duality gap is small.
    """
    low = start
    ahead, speed = low.matrix, 1.0
    for step in range(_MOST):
        found = _shrunk(ahead + constants.residual(outcomes - ahead), penalty)
        moved = found.matrix - ahead
        if float((-moved * (found.matrix - low.matrix)).sum()) > 0:
            speed = 1.0
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        ahead = found.matrix + (speed - 1) / faster * (found.matrix - low.matrix)
        low, speed = found, faster
        size = float(np.square(found.matrix).sum())
        if (
            float(np.square(moved).sum()) <= close**2 * max(size, 1e-300)
            and (close > _CLOSE or step % 5 == 0)
            and (close > _CLOSE or _gap(outcomes, constants, penalty, low) <= _GAP)
        ):
            break
    return low


def _shrunk(matrix: Floats, penalty: float) -> _Low:
    """Return a matrix whose singular values are less by the penalty, none below 0.

    They come from the smaller Gram matrix, whose rounding matters only to values far below the penalty.
    """
    wide = matrix.shape[0] < matrix.shape[1]
    tall = matrix.T if wide else matrix
    squares, vectors = np.linalg.eigh(tall.T @ tall)
    values = np.sqrt(np.maximum(squares, 0.0))
    kept = values > penalty
    basis = vectors[:, kept]
    shrunk = (tall @ basis) * (1 - penalty / values[kept]) @ basis.T
    return _Low(
        matrix=shrunk.T if wide else shrunk,
        norm=float((values[kept] - penalty).sum()),
        rank=int(kept.sum()),
    )


def _spectral(matrix: Floats) -> float:
    tall = matrix.T if matrix.shape[0] < matrix.shape[1] else matrix
    return float(np.sqrt(max(np.linalg.eigvalsh(tall.T @ tall)[-1], 0.0)))


def _gap(outcomes: Floats, constants: Constants, penalty: float, low: _Low) -> float:
    """Return the duality gap relative to the objective: what is left, scaled, is a dual point."""
    rest = constants.residual(outcomes - low.matrix)
    objective = float(np.square(rest).sum()) / 2 + penalty * low.norm
    if objective <= 0:
        return 0.0
    largest = _spectral(rest)
    dual = rest * (min(1.0, penalty / largest) if largest > 0 else 1.0)
    bound = float((dual * outcomes).sum()) - float(np.square(dual).sum()) / 2
    return max(objective - bound, 0.0) / objective
