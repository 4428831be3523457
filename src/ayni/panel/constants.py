"""Least squares on constants of units and periods."""

from __future__ import annotations

import numpy as np

from ayni.panel.records import Flags, Floats

# Constants of units and periods share a level, of which nothing tells.
_NO_DIRECTION = 1e-10


class Constants:
    """Least squares on constants of units and periods over some cells, worked out once."""

    def __init__(self, cells: Flags) -> None:
        self.cells = cells.astype(np.float64)
        by_unit, by_period = self.cells.sum(axis=1), self.cells.sum(axis=0)
        self._share = np.divide(1.0, by_unit, out=np.zeros_like(by_unit), where=by_unit > 0)
        left = np.diag(by_period) - self.cells.T @ (self.cells * self._share[:, None])
        self._inverse = np.linalg.pinv(left, rcond=_NO_DIRECTION, hermitian=True)

    def fit(self, values: Floats) -> tuple[Floats, Floats]:
        """Return the constants (N,) and (T,) whose sums over the cells are those of the values.

        Those of what has no cell are 0.
        """
        sums = values.sum(axis=1)
        beta = self._inverse @ (values.sum(axis=0) - self.cells.T @ (sums * self._share))
        return (sums - self.cells @ beta) * self._share, beta

    def residual(self, values: Floats) -> Floats:
        """Return the values without their constants, 0 off the cells."""
        values = values * self.cells
        alpha, beta = self.fit(values)
        left: Floats = values - (alpha[:, None] + beta) * self.cells
        return left
