"""A panel cut into blocks: units first treated in one period, and the units never treated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ayni.panel.records import Cohort, Estimate, Floats, Panel, PanelError, Places

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One cohort and the controls.

    Attributes
    ----------
    panel : Panel
        What it is cut from.
    start : int
        Position of the first treated period; periods before it number as many.
    treated, controls : (N1,), (N0,) int
        Positions of the units.
    """

    panel: Panel
    start: int
    treated: Places
    controls: Places

    @property
    def control_outcomes(self) -> Floats:
        """Outcomes of the controls: (N0, T) float."""
        return self.panel.Y[self.controls]

    @property
    def treated_mean(self) -> Floats:
        """Mean outcome of the treated: (T,) float."""
        mean: Floats = self.panel.Y[self.treated].mean(axis=0)
        return mean


def blocks(panel: Panel, method: str) -> Iterator[Block]:
    """Yield the cohorts of a panel, earliest first.

    Raises
    ------
    PanelError
        If an outcome is missing that the weights would need.
    """
    missing = np.isnan(panel.Y).any(axis=1)
    if missing.any():
        some = ", ".join(panel.units[i] for i in np.flatnonzero(missing)[:_SHOWN])
        raise PanelError(
            f"{method} needs every outcome; {int(missing.sum())} units lack some: {some}; leave out those"
            " units, or the periods that they lack"
        )
    starts, length = panel.starts, panel.Y.shape[1]
    controls = np.flatnonzero(panel.controls)
    for start in np.unique(starts[starts < length]):
        yield Block(panel=panel, start=int(start), treated=np.flatnonzero(starts == start), controls=controls)


def cohort(block: Block, omega: Floats, lambdas: Floats, gap: float) -> Cohort:
    """Return what weights say of a block.

    The counterfactual is the weighted controls, moved by how far the treated were from them in the periods
    that have weight: Arkhangelsky and others (2021), eq. 2.5. Without time weights it is not moved.

    Parameters
    ----------
    omega : (N0,) float
        Weights of the controls.
    lambdas : (T0,) float
        Weights of the periods before.
    gap : float
        As in `Cohort`.
    """
    panel, start = block.panel, block.start
    observed = block.treated_mean
    counterfactual = omega @ block.control_outcomes
    counterfactual = counterfactual + lambdas @ (observed - counterfactual)[:start]
    difference = observed - counterfactual
    unit_weights, time_weights = np.zeros(len(panel.units)), np.zeros(len(panel.periods))
    unit_weights[block.controls], time_weights[:start] = omega, lambdas
    return Cohort(
        since=panel.periods[start],
        units=tuple(panel.units[i] for i in block.treated),
        periods=panel.periods,
        observed=observed,
        counterfactual=counterfactual,
        unit_weights=unit_weights,
        time_weights=time_weights,
        att=float(difference[start:].mean()),
        cells=len(block.treated) * (len(panel.periods) - start),
        pre_rmspe=float(np.sqrt(np.square(difference[:start]).mean())),
        gap=gap,
    )


def estimate(method: str, cohorts: list[Cohort], settings: tuple[tuple[str, float], ...] = ()) -> Estimate:
    """Return the cohorts' effects as one, each weighted by its treated cells (appendix of the same paper)."""
    cells = np.array([one.cells for one in cohorts], dtype=np.float64)
    att = float(np.array([one.att for one in cohorts]) @ cells / cells.sum())
    return Estimate(method=method, att=att, cohorts=tuple(cohorts), settings=settings)
