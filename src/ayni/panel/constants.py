"""Least squares on constants of units and periods."""

from __future__ import annotations

import numpy as np

from ayni.panel.records import Flags, Floats

# Constants of units and periods share a level, of which nothing tells.
_NO_DIRECTION = 1e-10


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
