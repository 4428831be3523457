"""Least squares on constants of units and periods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ayni.panel.records import Flags, Floats

# Constants of units and periods share a level, of which nothing tells.
_NO_DIRECTION = 1e-10
# A column of which so little is left was the constants' and the covariates' alone.
NOTHING_LEFT = 1e-9


class Constants:
    """Least squares on constants of units and periods over some cells, worked out once.

    Cells are (N, T), or (K, N, T) for K problems at once.
    """

    def __init__(self, cells: Flags | Floats) -> None:
        self.cells = cells.astype(np.float64)
        by_unit, by_period = self.cells.sum(axis=-1), self.cells.sum(axis=-2)
        self._share = np.divide(1.0, by_unit, out=np.zeros_like(by_unit), where=by_unit > 0)
        left = np.eye(cells.shape[-1]) * by_period[..., None] - self.cells.mT @ (
            self.cells * self._share[..., None]
        )
        self._inverse = np.linalg.pinv(left, rcond=_NO_DIRECTION, hermitian=True)

    def fit(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the constants (…, N, 1) and (…, 1, T) whose sums over the cells are those of the values.

        Values are 0 off the cells. Constants of what has no cell are 0.
        """
        sums = values.sum(axis=-1)
        right = values.sum(axis=-2) - ((sums * self._share)[..., None, :] @ self.cells)[..., 0, :]
        beta = self._inverse @ right[..., None]
        return (sums[..., None] - self.cells @ beta) * self._share[..., None], beta.mT

    def residual(self, values: Floats) -> Floats:
        """Return the values without their constants, 0 off the cells."""
        left: Floats = values * self.cells
        alpha, beta = self.fit(left)
        left -= alpha
        left -= beta
        left *= self.cells
        return left

    def explained(self, by_unit: Floats, by_period: Floats) -> Floats:
        """Return the squares that constants take of values, from the sums of those alone.

        Parameters
        ----------
        by_unit : (M, N) float, by_period : (M, T) float
            Sums over the cells of M tables of values. The cells are those of one problem.
        """
        right = by_period - (by_unit * self._share) @ self.cells
        squares: Floats = (np.square(by_unit) * self._share).sum(axis=1)
        squares += ((right @ self._inverse) * right).sum(axis=1)
        return squares


def basis(constants: Constants, covariates: Sequence[tuple[str, Floats]], faults: list[str]) -> Floats:
    """Return what constants leave of covariates, made orthonormal in their order: (K, N, T) float.

    Parameters
    ----------
    covariates : sequence of (str, (N, T) float)
        Names and values.
    faults : list of str
        Gets a sentence for each of which nothing is left; it is not in the basis.
    """
    found: list[Floats] = []
    for name, values in covariates:
        left = constants.residual(values)
        before = size(values, constants.cells)
        # Twice, since one pass leaves rounding of what it took out.
        for one in (*found, *found):
            left = left - one * np.vdot(one, left)
        length = float(np.linalg.norm(left))
        if length <= NOTHING_LEFT * before:
            faults.append(
                f"covariate {name} is nothing but constants of units and periods"
                f"{' and the covariates before it' if found else ''}; leave it out"
            )
        else:
            found.append(left / length)
    return np.array(found).reshape(len(found), *constants.cells.shape)


def size(values: Floats, used: Floats) -> float:
    """Return the root of the sum of squares about the mean, no less than rounding of the values."""
    count = used.sum()
    middle = float((values * used).sum() / count)
    rounding = np.finfo(np.float64).eps / NOTHING_LEFT * float(np.abs(values).max()) * np.sqrt(count)
    return max(float(np.linalg.norm((values - middle) * used)), float(rounding))
