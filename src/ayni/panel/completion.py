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
from ayni.panel.records import Estimate, Flags, Floats, Panel, PanelError

# Penalties tried: from the largest, at which there is no pattern, down to this share of it in so many steps.
_SMALLEST, _STEPS = 1e-3, 16
# A path ends after so many penalties in a row that only made the error larger.
_WORSE = 3
# A fit ends when a step moves its matrix by this share: roughly while a penalty lowers the error by more than
# so much of it, which is far from the least one; finely from there on. If rough, fits would lag behind along
# the path, and the least error would fall on a penalty that is too small.
_CLOSE, _FINE, _ROUGH = 1e-7, 1e-4, 1e-3
_STEEP = 0.1
# The duality gap is worked out once in so many steps, and asked to be as small as the first. A fit that after
# the most steps is not within the second is refused: its penalty is too small for the digits there are.
_EVERY, _GAP, _MOST = 5, 1e-7, 20_000
_WIDEST_GAP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Low:
    """K matrices of low rank (K, N, T), their nuclear norms (K,) and ranks (K,)."""

    matrix: Floats
    norm: Floats
    rank: Floats


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
        Into so many parts the untreated cells are cut at random, in the order of units: another order is
        another draw.
    seed : int
        For the parts.

    Raises
    ------
    PanelError
        If constants of treated units or periods cannot be told (see `imputation`), the penalty is not above
        0 or too small to be fitted, there are fewer untreated cells than parts, or the seed is below 0.
    """
    observed = ~np.isnan(panel.Y)
    untreated, treated = observed & ~panel.treated, observed & panel.treated
    refuse_unidentified(panel, untreated, treated, "matrix completion")
    if penalty is not None and not 0 < penalty < np.inf:
        raise PanelError(f"matrix completion: the penalty is {penalty:g}, expected more than 0, and finite")
    # As many rows as columns or more: what is decomposed is columns by columns.
    turned = len(panel.units) < len(panel.periods)
    cells = np.ascontiguousarray(untreated.T if turned else untreated)
    outcomes = np.ascontiguousarray(np.where(cells, panel.Y.T if turned else panel.Y, 0.0))[None]
    constants = Constants(cells[None])
    centred = constants.residual(outcomes)
    tried: tuple[tuple[str, float], ...] = ()
    if penalty is None:
        left_out = _parts(untreated, folds, seed)
        penalty, smallest = _chosen(
            outcomes, centred, cells, np.ascontiguousarray(left_out.mT) if turned else left_out
        )
        tried = (("smallest-tried", smallest), ("folds", float(folds)), ("seed", float(seed)))
    low = _solved(centred, constants, penalty, np.zeros_like(centred), _CLOSE)
    unit, period = constants.fit((outcomes - low.matrix) * constants.cells)
    filled = (low.matrix + unit + period)[0]
    gap = _gap(centred, constants, penalty, low)
    if gap > _WIDEST_GAP:
        raise PanelError(
            f"matrix completion: with the penalty {penalty:g} the fit ended {gap:.1e} of its objective from"
            f" the optimum, expected {_WIDEST_GAP:g} at most; ask for a larger penalty"
        )
    cohorts = [
        filled_cohort(panel, int(start), treated, filled.T if turned else filled, gap)
        for start in np.unique(panel.starts[~panel.controls])
    ]
    settings = (("penalty", penalty), ("rank", float(low.rank[0])), *tried)
    return estimate("matrix-completion", cohorts, settings)


def _parts(untreated: Flags, folds: int, seed: int) -> Flags:
    """Return which cells are left out with each part: (K, N, T), every untreated cell once."""
    cells = np.flatnonzero(untreated)
    if not 2 <= folds <= len(cells):  # noqa: PLR2004 - what is left out, and what is left
        raise PanelError(
            f"matrix completion: {folds} folds of {len(cells)} cells; expected 2 to {len(cells)}"
        )
    if seed < 0:
        raise PanelError(f"matrix completion: the seed is {seed}, expected 0 or more")
    left_out = np.zeros((folds, untreated.size), np.bool_)
    parts = np.array_split(np.random.default_rng(seed).permutation(cells), folds)
    for one, part in zip(left_out, parts, strict=True):
        one[part] = True
    return left_out.reshape(folds, *untreated.shape)


def _chosen(outcomes: Floats, centred: Floats, untreated: Flags, left_out: Flags) -> tuple[float, float]:
    """Return the penalty with the least squared error on cells left out, and the smallest that was tried.

    Where constants fit everything but for rounding, that is the one that leaves no pattern.
    """
    largest = _spectral(centred[0])
    if largest <= np.finfo(np.float64).eps * float(np.abs(outcomes).max()) * outcomes.size:
        return largest, largest
    penalties = largest * np.geomspace(1.0, _SMALLEST, _STEPS)
    errors = _errors(centred, untreated & ~left_out, left_out, penalties)
    return float(penalties[int(np.argmin(errors))]), float(penalties[len(errors) - 1])


def _errors(centred: Floats, cells: Flags, left_out: Flags, penalties: Floats) -> list[float]:
    """Return the squared errors on the cells left out along falling penalties, as far as they need be tried.

    The fits to all parts (K, N, T) go down together. Each begins where the two before point to.
    """
    constants = Constants(cells)
    before = now = np.zeros(cells.shape)
    errors: list[float] = []
    close = _ROUGH
    for penalty in map(float, penalties):
        ahead = now + penalties[1] / penalties[0] * (now - before)
        before, now = now, _solved(centred, constants, penalty, ahead, close).matrix
        error = _error(centred, constants, left_out, now)
        if close > _FINE and errors and error > (1 - _STEEP) * errors[-1]:
            close = _FINE
            now = _solved(centred, constants, penalty, now, close).matrix
            error = _error(centred, constants, left_out, now)
        errors.append(error)
        if len(errors) - 1 - int(np.argmin(errors)) >= _WORSE:
            break
    return errors


def _error(centred: Floats, constants: Constants, left_out: Flags, low: Floats) -> float:
    off = centred - low
    unit, period = constants.fit(off * constants.cells)
    off -= unit
    off -= period
    return float(np.square(off[left_out]).sum())


def _solved(centred: Floats, constants: Constants, penalty: float, ahead: Floats, close: float) -> _Low:
    """Return the matrices of low rank for one penalty, by accelerated proximal gradient steps.

    They end when a step moves each matrix by less than `close` of itself, and where that is `_CLOSE`, not
    before the duality gap is small.
    """
    last, speed, step = ahead, np.ones(len(ahead)), 0
    while True:
        filled = constants.residual(centred - ahead)
        filled += ahead
        found = _shrunk(filled, penalty)
        moved, change = found.matrix - ahead, found.matrix - last
        still = (_products(moved, moved) <= close**2 * _products(found.matrix, found.matrix)).all()
        if step == _MOST or (still and close > _CLOSE):
            return found
        if still and step % _EVERY == 0 and _gap(centred, constants, penalty, found) <= _GAP:
            return found
        speed[_products(moved, change) < 0] = 1.0
        faster = (1 + np.sqrt(1 + 4 * speed**2)) / 2
        change *= ((speed - 1) / faster)[:, None, None]
        change += found.matrix
        ahead, last, speed, step = change, found.matrix, faster, step + 1


def _products(one: Floats, two: Floats) -> Floats:
    """Return the K inner products of K matrices with K others."""
    flat = one.reshape(len(one), 1, -1) @ two.reshape(len(two), -1, 1)
    products: Floats = flat[:, 0, 0]
    return products


def _shrunk(tall: Floats, penalty: float) -> _Low:
    """Return matrices whose singular values are less by the penalty, none below 0.

    They come from the smaller Gram matrices, whose rounding matters only to values far below the penalty.
    """
    squares, vectors = np.linalg.eigh(tall.mT @ tall)
    values = np.sqrt(np.maximum(squares, penalty**2))
    over = values - penalty
    rank = (over > 0).sum(axis=1)
    basis = vectors[:, :, tall.shape[2] - int(rank.max()) :]
    kept = np.divide(over, values, out=np.zeros_like(over), where=values > 0)[:, None]
    matrix = (tall @ basis) * kept[:, :, tall.shape[2] - int(rank.max()) :] @ basis.mT
    return _Low(matrix=matrix, norm=over.sum(axis=1), rank=rank.astype(np.float64))


def _spectral(tall: Floats) -> float:
    return float(np.sqrt(max(np.linalg.eigvalsh(tall.T @ tall)[-1], 0.0)))


def _gap(centred: Floats, constants: Constants, penalty: float, low: _Low) -> float:
    """Return the duality gap of one problem relative to its objective.

    What is left, scaled until its largest singular value is at most the penalty, is a dual point.
    """
    rest = constants.residual(centred - low.matrix)
    objective = float(np.square(rest).sum()) / 2 + penalty * float(low.norm[0])
    if objective <= 0:
        return 0.0
    largest = _spectral(rest[0])
    dual = rest * (min(1.0, penalty / largest) if largest > 0 else 1.0)
    bound = float((dual * centred).sum()) - float(np.square(dual).sum()) / 2
    return max(objective - bound, 0.0) / objective
