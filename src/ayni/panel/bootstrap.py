r"""The bootstrap of units: how far an effect moves with who happens to be in the panel.

Units are drawn with replacement, as many as there are, each with all its periods; the method is run anew on
every draw. A draw without a treated unit or without a control is drawn again.

.. math:: \widehat V = \frac1B \sum_b \Big(\hat\tau_b - \frac1B \sum_{b'} \hat\tau_{b'}\Big)^2

What carries the weight
    That units are a sample of independent ones, treated and controls both many. Dependence in time within a
    unit does no harm.
When not to use it
    With one treated unit, which is refused: its copies agree with each other, and nothing is seen of its own
    noise. With few it is too narrow; see `benchmarks/coverage_panel.py`.

References
----------
Arkhangelsky, D. and others, 2021, AER 111(12), Algorithm 2. As in their code (R package synthdid 0.0.9), the
penalties of synthetic difference in differences stay those of the panel, and the standard deviation divides
by the number of draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from ayni.panel.cohorts import Block, blocks
from ayni.panel.compiled import compiled
from ayni.panel.intervals import normal
from ayni.panel.records import Floats, Interval, Method, Panel, PanelError, Places
from ayni.panel.simplex import minimum_norm
from ayni.panel.weighting import (
    demeaned_synthetic_control,
    difference_in_differences,
    noise_of,
    synthetic_control,
    synthetic_difference_in_differences,
    time_ridge,
    unit_ridge,
)

DRAWS = 200
# Seeds that go to a worker at once. It does not depend on how many workers there are.
_AT_ONCE = 25
# Draws without treated or without controls, in a row, after which there is no hope of another.
_MOST_TRIES = 100_000


def bootstrap(
    panel: Panel,
    method: Method,
    *,
    draws: int = DRAWS,
    level: float = 0.95,
    seed: int = 0,
    executor: Executor | None = None,
) -> Interval:
    """Return the normal interval from a method's effects on panels of units drawn with replacement.

    The methods of `ayni.panel.weighting` are fitted from one table of inner products, units drawn several
    times counting so often; any other is run on the panel of the drawn units, whose copies are called
    ``name#2`` and so on.

    Parameters
    ----------
    method : callable
        Panel to estimate; one that can be pickled, where processes do the work.
    draws : int
        Two or more; the standard error has a standard error of about one over the root of twice so many.
    seed : int
        Each draw has its own, which comes of this one; so it matters not who makes which.
    executor : Executor, optional
        Who does the work: processes, threads, or another program's. By default it is done here.

    Raises
    ------
    PanelError
        If one unit is treated, there are fewer than two draws, the seed is below 0, or the method refuses.
    """
    treated = np.flatnonzero(~panel.controls)
    if len(treated) < 2:  # noqa: PLR2004 - one tells no noise
        raise PanelError(
            f"bootstrap: {panel.units[treated[0]]} is the only treated unit, and draws of its copies show"
            " nothing of its noise; use placebos"
        )
    if draws < 2:  # noqa: PLR2004 - a spread needs two
        raise PanelError(f"bootstrap: {draws} draws have no spread; expected two or more")
    if seed < 0:
        raise PanelError(f"bootstrap: the seed is {seed}, expected 0 or more")
    own = method(panel)
    seeds = np.random.SeedSequence(seed).spawn(draws)
    pieces = [seeds[i : i + _AT_ONCE] for i in range(0, draws, _AT_ONCE)]
    if executor is None:
        parts: Iterable[Floats] = (drawn(panel, method, piece) for piece in pieces)
    else:
        waiting = [executor.submit(drawn, panel, method, piece) for piece in pieces]
        parts = (one.result() for one in waiting)
    effects = np.concatenate(list(parts))
    return normal("bootstrap", own.att, float(effects.std()), level, effects, exact=False)


def drawn(panel: Panel, method: Method, seeds: Sequence[np.random.SeedSequence]) -> Floats:
    """Return the effect of each draw, one a seed: (M,) float; what an executor is given."""
    counts = np.array([_counted(panel, seed) for seed in seeds])
    if method in _WEIGHTS:
        return together(panel, counts, method)
    return np.array([method(_resampled(panel, row)).att for row in counts])


def _counted(panel: Panel, seed: np.random.SeedSequence) -> Places:
    """Return how often each unit is drawn: (N,) int."""
    generator = np.random.default_rng(seed)
    size, controls = len(panel.units), panel.controls
    for _ in range(_MOST_TRIES):
        counts = np.bincount(generator.integers(0, size, size), minlength=size)
        if counts[controls].any() and counts[~controls].any():
            return counts
    raise PanelError(f"bootstrap: no draw of {size} units had both treated and controls; use placebos")


def _resampled(panel: Panel, counts: Places) -> Panel:
    """Return the panel of units drawn so often."""
    rows = np.repeat(np.arange(len(counts)), counts)
    names = tuple(
        name if copy == 1 else f"{name}#{copy}"
        for name, count in zip(panel.units, counts, strict=True)
        for copy in range(1, count + 1)
    )
    return Panel(Y=panel.Y[rows], treated=panel.treated[rows], units=names, periods=panel.periods)


def together(panel: Panel, counts: Places, method: Method) -> Floats:
    """Return the effects of a method of `ayni.panel.weighting` with units counted so often.

    Parameters
    ----------
    counts : (M, N) int
        How often each unit is in each of M panels; of treated units and of controls at least one is.
    method : callable
        One of the four.

    Returns
    -------
    (M,) float, unit of the outcome
        Ridges are those of the panel, whatever units are drawn.
    """
    weights = _WEIGHTS[method]
    effects, cells = np.zeros(len(counts)), np.zeros(len(counts))
    for block in blocks(panel, "bootstrap"):
        # A panel whose draw misses the whole cohort is another's.
        there = counts[:, block.treated].any(axis=1)
        own, pool = counts[np.ix_(there, block.treated)], counts[np.ix_(there, block.controls)]
        shares = own / own.sum(axis=1, keepdims=True)
        case = _Case(block=block, shares=shares, pool=pool, start=block.start)
        omega, lambdas = weights(case)
        difference = shares @ panel.Y[block.treated] - omega @ block.control_outcomes
        before, after = difference[:, : block.start], difference[:, block.start :]
        att = after.mean(axis=1) - (lambdas * before).sum(axis=1)
        weight = own.sum(axis=1) * float(after.shape[1])
        effects[there] += weight * att
        cells[there] += weight
    return effects / cells


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A cohort in M draws: shares of its treated units (M, N1) float, counts of the controls (M, N0) int."""

    block: Block
    shares: Floats
    pool: Places
    start: int


def _equal(case: _Case) -> tuple[Floats, Floats]:
    return case.pool / case.pool.sum(axis=1, keepdims=True), _even(case)


def _even(case: _Case) -> Floats:
    return np.full((len(case.pool), case.start), 1 / case.start)


def _levels(case: _Case) -> tuple[Floats, Floats]:
    return _unit_weights(case, 0.0, demeaned=False), np.zeros((len(case.pool), case.start))


def _shape(case: _Case) -> tuple[Floats, Floats]:
    return _unit_weights(case, 0.0, demeaned=True), _even(case)


def _both(case: _Case) -> tuple[Floats, Floats]:
    noise = noise_of(case.block)
    omega = _unit_weights(case, unit_ridge(case.block, noise), demeaned=True)
    return omega, _time_weights(case, noise)


_WEIGHTS: dict[Method, Callable[[_Case], tuple[Floats, Floats]]] = {
    difference_in_differences: _equal,
    synthetic_control: _levels,
    demeaned_synthetic_control: _shape,
    synthetic_difference_in_differences: _both,
}


def _unit_weights(case: _Case, ridge: float, *, demeaned: bool) -> Floats:
    """Return the weights of the controls, copies of one taken together: (M, N0) float."""
    block = case.block
    A, B = block.control_outcomes[:, : case.start], block.panel.Y[block.treated, : case.start]
    if demeaned:
        A, B = A - A.mean(axis=1, keepdims=True), B - B.mean(axis=1, keepdims=True)
    middle = A.mean(axis=0)
    A, targets = A - middle, case.shares @ (B - middle)
    W = np.zeros(case.pool.shape)
    squares: Floats = np.square(targets).sum(axis=1)
    every_draw(A @ A.T, targets @ A.T, squares, ridge, case.pool, W)
    return W


@compiled
def every_draw(G: Floats, C: Floats, bb: Floats, ridge: float, counts: Places, W: Floats) -> None:
    """Write into row r of `W` the weights of draw r.

    Of a unit drawn m times each copy has a share of its weight, so that its squares count one m-th.

    Parameters
    ----------
    G : (N, N) float
        Inner products of the controls.
    C : (M, N) float, bb : (M,) float
        Inner products of each draw's target with them, and with itself.
    ridge : float
        Penalty on the sum of squared weights of the copies.
    counts : (M, N) int
        How often each control was drawn.
    W : (M, N) float
        Is overwritten.
    """
    n = G.shape[0]
    penalised, allowed = G.copy(), np.zeros(n, np.bool_)
    for r in range(W.shape[0]):
        for j in range(n):
            allowed[j] = counts[r, j] > 0
            penalised[j, j] = G[j, j] + (ridge / counts[r, j] if allowed[j] else 0.0)
        minimum_norm(penalised, C[r], bb[r], 0.0, allowed, W[r])


def _time_weights(case: _Case, noise: float) -> Floats:
    """Return the weights of the periods before, the controls counted as often as drawn: (M, T0) float."""
    outcomes = case.block.control_outcomes
    # What all periods share of a unit says nothing of time weights, and would cost digits.
    outcomes = outcomes - outcomes[:, : case.start].mean(axis=1, keepdims=True)
    before, after = outcomes[:, : case.start], outcomes[:, case.start :].mean(axis=1)
    L, allowed = np.zeros((len(case.pool), case.start)), np.ones(case.start, np.bool_)
    for one, counts in zip(L, case.pool, strict=True):
        many = counts.sum()
        X, y = before - counts @ before / many, after - counts @ after / many
        weighted = X * counts[:, None]
        minimum_norm(
            X.T @ weighted, y @ weighted, float(y @ (y * counts)), time_ridge(int(many), noise), allowed, one
        )
    return L
