r"""The best regression on a subset of columns, exactly: branch and bound over the columns left out.

Of all subsets of at most :math:`P` columns beside a constant, the one whose criterion

.. math:: T \log(\mathrm{RSS} / T) + c_p

is least, with costs :math:`c_p` that rise with the size :math:`p`. That is the best subset of each size by
:math:`R^2`, and the best of these. A node of the search is a triangular factor of columns in some order, of
which the first :math:`k` must stay: it tells the squares left by every leading subset at once. Leaving a
column out never lowers them, so what all columns of a node leave, with the cost of the fewest that it can
come to, bounds whatever lies below.

References
----------
Furnival, G. and Wilson, R., 1974, Technometrics 16(4): leaps and bounds.
Gatu, C. and Kontoghiorghes, E., 2006, Journal of Computational and Graphical Statistics 15(1): branch and
bound over triangular factors from which columns are dropped by rotations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb

import numpy as np

from ayni.panel.compiled import compiled
from ayni.panel.records import Floats, Places

# What is left of a column beside others, relative to its length, if it depends on them.
_DEPENDENT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """Columns, and how they were found.

    Attributes
    ----------
    columns : (P,) int
        Ascending; none where no column moves.
    criterion : float
        Infinite without columns.
    factors : int
        How many were made in the search; more than allowed if it was broken off or not begun.
    """

    columns: Places
    criterion: float
    factors: int


def grown(X: Floats, y: Floats, costs: Floats) -> Subset:
    """Return the best of the subsets that grow by the column that lowers the squares most.

    Parameters
    ----------
    X : (T, N) float
        Columns.
    y : (T,) float
        Target.
    costs : (P + 1,) float
        Of 0 to P columns, rising; no more than P are taken.
    """
    order, criteria = _growth(_Centred.of(X, y), _each(costs, y))
    return _first(order, criteria, y)


def best_subset(X: Floats, y: Floats, costs: Floats, allowed: int) -> Subset:
    """Return the subset of columns with the least criterion.

    Parameters
    ----------
    X, y, costs
        See `grown`.
    allowed : int
        How many factors may be made. Where all columns leave nothing, no bound holds at first; then the
        search is not begun if all subsets need more.
    """
    own, most, count = _Centred.of(X, y), len(costs) - 1, X.shape[1]
    order, criteria = _growth(own, _each(costs, y))
    first = _first(order, criteria, y)
    if not len(order):
        return first
    needed = sum(comb(count, size) for size in range(most))
    if count >= len(y) - 1 and needed > allowed:
        return replace(first, factors=needed)
    # Good subsets come early if the columns that are taken first lead.
    order = np.concatenate([order, np.setdiff1d(np.arange(count), order)])
    R = np.asarray(np.linalg.qr(np.column_stack([own.X[:, order], own.y]), mode="r"))
    best = np.zeros(most, np.int64)
    size, criterion, factors = searched(
        R, own.small[order], _each(costs, y), own.floor, allowed, first.criterion / len(y), best
    )
    columns = np.sort(order[best[:size]]) if size else first.columns
    return Subset(columns=columns, criterion=criterion * len(y), factors=factors)


def _first(order: Places, criteria: Floats, y: Floats) -> Subset:
    """Return the best of the columns that lead in an order."""
    size = int(np.argmin(criteria))
    return Subset(columns=np.sort(order[:size]), criterion=float(criteria[size]) * len(y), factors=0)


def _each(costs: Floats, y: Floats) -> Floats:
    """Return costs beside the logarithm of squares: those of one observation."""
    return np.asarray(costs / len(y) - np.log(len(y)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Centred:
    """Columns and target without their means, and at what length (N,) and squares they are but rounding."""

    X: Floats
    y: Floats
    small: Floats
    floor: float

    @classmethod
    def of(cls, X: Floats, y: Floats) -> _Centred:
        eps = np.finfo(np.float64).eps * len(y)
        columns = X - X.mean(axis=0)
        lengths = np.sqrt(np.square(columns).sum(axis=0))
        return cls(
            X=columns,
            y=y - y.mean(),
            small=np.maximum(_DEPENDENT * lengths, eps * np.abs(X).max(axis=0)),
            floor=float(np.square(eps * np.abs(y).max())) * len(y),
        )


def _growth(own: _Centred, costs: Floats) -> tuple[Places, Floats]:
    """Return columns in the order in which they are taken, and each size's criterion: infinite for none."""
    rest, off = own.X, own.y
    order: list[int] = []
    criteria = [np.inf]
    left = np.ones(rest.shape[1], np.bool_)
    for cost in costs[1:]:
        lengths = np.sqrt(np.square(rest).sum(axis=0))
        left = left & (lengths > own.small)
        if not left.any():
            break
        gains = np.where(left, np.abs(off @ rest) / np.where(left, lengths, 1.0), -1.0)
        column = int(gains.argmax())
        left[column] = False
        order.append(column)
        along = rest[:, column] / lengths[column]
        off = off - (off @ along) * along
        rest = rest - np.outer(along, along @ rest)
        criteria.append(_criterion(float(off @ off), own.floor, float(cost)))
    return np.array(order, dtype=np.int64), np.array(criteria)


@compiled
def _criterion(squares: float, floor: float, cost: float) -> float:
    whole = max(squares, floor)
    return float(np.log(whole) + cost) if whole > 0.0 else -np.inf


@compiled
def searched(
    R: Floats, small: Floats, costs: Floats, floor: float, allowed: int, criterion: float, best: Places
) -> tuple[int, float, int]:
    """Write a better subset into `best`; return its size, its criterion, and how many factors were made.

    The size is 0 where there is none. The criterion is the logarithm of what squares are left, and a cost.

    Parameters
    ----------
    R : (M, N + 1) float
        Triangular factor of the columns and the target.
    small : (N,) float
        A column whose diagonal is no larger depends on those before.
    costs : (P + 1,) float
        Of each size, rising.
    floor : float
        Squares below are rounding.
    allowed : int
        The search is broken off after so many factors.
    criterion : float
        That is to be bettered.
    best : (P,) int
        Is overwritten from its beginning.
    """
    count, rows, most = R.shape[1] - 1, min(R.shape[0], R.shape[1] - 1), len(costs) - 1
    factor, target = np.zeros((count, rows, count)), np.zeros((count, rows))
    columns = np.zeros((count, count), np.int64)
    factor[0], target[0], columns[0] = R[:rows, :count], R[:rows, count], np.arange(count)
    beyond = float(np.square(R[rows:, count]).sum())
    # Of each level, which has one column less than the one above: the place that is left out next, how many
    # leading columns do not depend on each other, and the squares that all its columns leave.
    place, free, squares = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count)
    squares[0] = beyond + float(np.square(target[0, count:]).sum())
    size, level, factors, fresh = 0, 0, 0, True
    while level >= 0:
        width, at = count - level, place[level]
        if fresh:
            fresh = False
            free[level] = _free(factor[level], columns[level], small, at, min(width, rows, most))
            leading, least = _least(target[level], squares[level], costs, floor, at, free[level], width)
            if least < criterion:
                size, criterion = leading, least
                best[:size] = columns[level, :size]
        if (
            at > min(width - 2, most - 1, free[level])
            or _criterion(squares[level], floor, costs[at + 1]) >= criterion
        ):
            level -= 1
            continue
        place[level] += 1
        factors += 1
        if factors > allowed:
            break
        below = level + 1
        columns[below, :at], columns[below, at : width - 1] = (
            columns[level, :at],
            columns[level, at + 1 : width],
        )
        _without(factor[level], target[level], at, width, factor[below], target[below])
        squares[below] = beyond + float(np.square(target[below, width - 1 :]).sum())
        if _criterion(squares[below], floor, costs[at + 1]) < criterion:
            place[below], level, fresh = at, below, True
    return size, criterion, factors


@compiled
def _free(factor: Floats, columns: Places, small: Floats, first: int, last: int) -> int:
    """Return how many leading columns do not depend on each other, where `first` do not; `last` at most."""
    for place in range(first, last):
        if abs(factor[place, place]) <= small[columns[place]]:
            return place
    return last


@compiled
def _least(
    target: Floats, squares: float, costs: Floats, floor: float, first: int, last: int, width: int
) -> tuple[int, float]:
    """Return the best of the sizes over `first` up to `last` of leading columns, and its criterion."""
    size, criterion = 0, np.inf
    for place in range(min(width, len(target)), first, -1):
        if place < min(width, len(target)):
            squares += target[place] ** 2
        if place <= last:
            own = _criterion(squares, floor, costs[place])
            if own < criterion:
                size, criterion = place, own
    return size, criterion


@compiled
def _without(factor: Floats, target: Floats, at: int, width: int, less: Floats, moved: Floats) -> None:
    """Write the factor and target without the column at a place: only from there on, where it is other."""
    last = min(width, len(target))
    moved[:] = target
    for r in range(at, last):
        for c in range(max(at, r - 1), width - 1):
            less[r, c] = factor[r, c + 1]
    for r in range(at, last - 1):
        across = np.hypot(less[r, r], less[r + 1, r])
        if across > 0.0:
            cosine, sine = less[r, r] / across, less[r + 1, r] / across
            less[r, r] = across
            for c in range(r + 1, width - 1):
                upper, lower = less[r, c], less[r + 1, c]
                less[r, c], less[r + 1, c] = cosine * upper + sine * lower, cosine * lower - sine * upper
            upper, lower = moved[r], moved[r + 1]
            moved[r], moved[r + 1] = cosine * upper + sine * lower, cosine * lower - sine * upper
