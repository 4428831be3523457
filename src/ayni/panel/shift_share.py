r"""A slope on a dose by shocks that units were exposed to in different shares (Bartik).

Question
    How much does the outcome move with a unit of dose that came from shocks elsewhere?
Estimand
    As in `ayni.panel.weak_instruments`, with the instrument :math:`Z_{it} = \sum_k s_{ik} g_{tk}` of shares
    :math:`s_{ik}`, fixed before, and shocks :math:`g_{tk}`.
Formula
    Units with like shares err alike, wherever they are, so that errors clustered by unit are too small. The
    slope is the same in a regression with a row for each shock and period: outcome and dose, without
    constants of units and periods and covariates, averaged with weights :math:`s_{ik}`; instrumented by
    :math:`g_{tk}`; with weights :math:`\sum_i s_{ik}` and constants of shocks and periods; and there errors
    are clustered by shock.
What carries the weight
    That shocks are as good as drawn, many, and none carries most of the shares (`effective-shocks`). Shares
    may depend on anything fixed.
When not to use it
    With few shocks; where shares were shaped by the shocks to come, so fix them before; where a large unit is
    itself the shock. Leaving each unit out of its own shocks needs shocks by unit: make the instrument and
    use `instrumental_variables`.

References
----------
Borusyak, K., Hull, P. and Jaravel, X., 2022, Review of Economic Studies 89(1): Proposition 1 (the shock-level
regression), section 4.2 (shares that do not add to one), section 4.3 (panels), Proposition 5 (errors).
Adão, R., Kolesár, M. and Morales, E., 2019, QJE 134(4), section V: the errors, which are the same numbers
here but for the small-sample factor where shares add to one, no cell is missing and there are no covariates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.constants import Constants
from ayni.panel.dose_checks import effective_shocks, enough_clusters, first_stage, undosed
from ayni.panel.doses import pair, scaled, weighted_residual
from ayni.panel.records import Flags, Floats, PanelError, Places
from ayni.panel.regressions import Cells, cells, fixed_effects, group_codes, small_sample, sums
from ayni.panel.slopes import Slope
from ayni.panel.student import reach, student
from ayni.panel.weak_instruments import anderson_rubin, refuse_unmoved, scores_of

# How far a sum of shares may be from one: shares rounded to a millionth, or some hundred of them.
_WHOLE = 1e-4


def shift_share(
    Y: ArrayLike,
    D: ArrayLike,
    shares: ArrayLike,
    shocks: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    shock_clusters: ArrayLike | None = None,
    incomplete: bool = False,
    level: float = 0.95,
) -> Slope:
    """Return the slope on a dose, instrumented by shocks times shares, with exposure-robust errors.

    Its clusters are those of the shocks.

    Parameters
    ----------
    shares : (N, K) array_like of float
        Each unit's exposure to each shock, not negative, adding to one.
    shocks : (T, K) array_like of float
        In each period.
    shock_clusters : (K,) array_like, optional
        Which shocks come together; each by itself, over all periods, if left out.
    incomplete : bool
        Whether shares may add to less than one; their sum then gets a slope of its own in each period, since
        the instrument would else tell how exposed a unit is at all.
    Y, D, covariates, level
        As in `two_way_fixed_effects`.

    Raises
    ------
    PanelError
        As in `instrumental_variables`; and if shares are negative, missing, or do not add to one.
    """
    method = "shift-share"
    outcome, dose = pair(method, Y, D)
    s, g = _exposure(method, shares, shocks, outcome.shape, incomplete=incomplete)
    groups = group_codes("shock_clusters", shock_clusters, s.shape[1])
    columns = {"outcome": outcome, "dose": dose, "instrument": s @ g.T}
    controls = dict(covariates or {})
    if incomplete:
        controls |= _exposed(s.sum(axis=1), cells(method, columns, controls, None).used)
    made = cells(method, columns, controls, None)
    refuse_unmoved(method, *(made.residual(columns[one])[made.used] for one in ("instrument", "dose")))
    rows = _by_shock(made, s, g, outcome, dose, groups)
    taken = np.unique(rows.clusters).size
    freedom = taken - 1
    reach(level, freedom)
    slope, noise = rows.slope()
    w, z, y, d = rows.weights, rows.instrument, rows.outcome, rows.dose
    factor = small_sample(taken, len(w), 1 + np.unique(rows.periods).size)
    scores = scores_of(z, y, d, w, rows.clusters, factor)
    own = sums(rows.clusters, w * z * (y - slope * d))
    return Slope(
        method="shift-share",
        name="dose",
        interval=student("exposure-robust", slope, noise, level, scaled(own, noise), freedom),
        cells=made.count,
        units=made.units,
        periods=made.periods,
        clusters=taken,
        dropped=made.dropped,
        checks=(
            enough_clusters(taken),
            undosed(dose[made.used]),
            first_stage(scores.F),
            effective_shocks(sums(rows.shocks, w) / w.sum()),
        ),
        region=anderson_rubin(scores, level, freedom),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A row for each shock and period in which some unit was exposed to it.

    Attributes
    ----------
    shocks, periods, clusters : (R,) int
    weights : (R,) float
        Sums of shares over the units.
    outcome, dose : (R,) float
        Averages of what constants and covariates leave, weighted by shares.
    instrument : (R,) float
        The shock, without constants of shocks and periods.
    """

    shocks: Places
    periods: Places
    clusters: Places
    weights: Floats
    outcome: Floats
    dose: Floats
    instrument: Floats

    def slope(self) -> tuple[float, float]:
        """Return slope and clustered standard error of two stages with constants of shocks and periods."""
        table: dict[str, object] = {
            "shock": self.shocks,
            "period": self.periods,
            "cluster": self.clusters,
            "weight": self.weights / self.weights.mean(),
        }
        scales = {}
        for name, values in (("outcome", self.outcome), ("dose", self.dose), ("instrument", self.instrument)):
            scales[name] = float(np.sqrt(np.square(values).mean())) or 1.0
            table[name] = values / scales[name]
        slope, error = fixed_effects("outcome ~ 1 | shock + period | dose ~ instrument", table, "weight")[
            "dose"
        ]
        scale = scales["outcome"] / scales["dose"]
        return slope * scale, error * scale


def _by_shock(made: Cells, s: Floats, g: Floats, outcome: Floats, dose: Floats, groups: Places) -> Rows:
    weights = made.used.T.astype(np.float64) @ s
    there = weights > 0
    periods, shocks = np.nonzero(there)
    taken = np.unique(groups[shocks]).size
    if taken < 2:  # noqa: PLR2004 - one tells no noise
        raise PanelError(f"shift-share: {taken} cluster of shocks, expected two or more, and many to be sure")
    averages = [(made.residual(one).T @ s)[there] / weights[there] for one in (outcome, dose)]
    return Rows(
        shocks=shocks,
        periods=periods,
        clusters=np.unique(groups[shocks], return_inverse=True)[1].astype(np.int64),
        weights=weights[there],
        outcome=averages[0],
        dose=averages[1],
        instrument=weighted_residual(Constants(weights), g)[there],
    )


def _exposure(
    method: str, shares: ArrayLike, shocks: ArrayLike, shape: tuple[int, ...], *, incomplete: bool
) -> tuple[Floats, Floats]:
    s, g = np.asarray(shares, dtype=np.float64), np.asarray(shocks, dtype=np.float64)
    if s.ndim != 2 or s.shape[0] != shape[0]:  # noqa: PLR2004 - units by shocks
        raise PanelError(f"{method}: shares have shape {s.shape}, expected units by shocks ({shape[0]}, K)")
    if g.shape != (shape[1], s.shape[1]):
        raise PanelError(
            f"{method}: shocks have shape {g.shape}, expected periods by shocks ({shape[1]}, {s.shape[1]})"
        )
    faults = []
    if not np.isfinite(g).all():
        row, column = (int(one[0]) for one in np.nonzero(~np.isfinite(g)))
        faults.append(f"shocks[{row}, {column}] is {g[row, column]:g}; every shock must be known")
    if not (np.isfinite(s) & (s >= 0)).all():
        row, column = (int(one[0]) for one in np.nonzero(~(np.isfinite(s) & (s >= 0))))
        faults.append(f"shares[{row}, {column}] is {s[row, column]:g}, expected a share of 0 or more")
    else:
        whole = s.sum(axis=1)
        off = whole > 1 + _WHOLE if incomplete else np.abs(whole - 1) > _WHOLE
        if off.any():
            row = int(off.argmax())
            faults.append(
                f"shares of {off.sum()} units do not add to one, those of unit {row} to {whole[row]:.6g};"
                " add the shocks that are missing, or ask for incomplete=True where they add to less"
            )
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    return s, g


def _exposed(exposure: Floats, used: Flags) -> dict[str, ArrayLike]:
    """Return the sum of shares in each used period but the first, where sums differ."""
    taken = used.any(axis=1)
    if np.ptp(exposure[taken]) <= _WHOLE:
        return {}
    made: dict[str, ArrayLike] = {}
    for period in np.flatnonzero(used.any(axis=0))[1:]:
        column = np.zeros(used.shape)
        column[:, period] = exposure
        made[f"sum of shares in period {period}"] = column
    return made
