r"""A slope on a dose by an instrument, and the slopes that hold however weak it is.

Question
    How much does the outcome move with a unit of dose that the instrument brought?
Estimand
    :math:`\beta = Cov(\tilde Z, Y) / Cov(\tilde Z, D)`, with the instrument's residual :math:`\tilde Z` after
    constants of units and periods and covariates.
Formula
    Two-stage least squares; with one instrument the ratio of the outcome's slope on it and the dose's. The
    Anderson-Rubin set holds every :math:`b` for which a regression of :math:`Y - bD` on :math:`Z` finds
    nothing: with sums :math:`A = \sum \tilde Z Y`, :math:`B = \sum \tilde Z D` and cluster scores
    :math:`p_g - b r_g` it is :math:`(A - bB)^2 \le q \kappa \sum_g (p_g - b r_g)^2`, a quadratic, solved as
    such. It is one stretch where the first stage's F is above the critical value :math:`q`; else two rays or
    the whole line, which is to say that the data do not bound the slope. With one instrument it always holds
    the estimate, so it is never empty.
What carries the weight
    That the instrument moves the outcome through the dose alone, and is as good as drawn beside constants and
    covariates. Nothing in the data shows it. Where the dose does not do the same everywhere, the slope is of
    those whose dose the instrument moves.
When not to use it
    Where the instrument is a past dose, or moves anything else that matters for the outcome.

References
----------
Anderson, T. W. and Rubin, H., 1949, Annals of Mathematical Statistics 20(1); Chernozhukov, V. and Hansen, C.,
2008, Economics Letters 100(1): the test as a regression, robust to clusters.
Andrews, I., Stock, J. and Sun, L., 2019, Annual Review of Economics 11, section 5: one instrument.
Montiel Olea, J. L. and Pflueger, C., 2013, JBES 31(3): effective F, with one instrument the robust F.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.dose_checks import enough_clusters, first_stage, undosed
from ayni.panel.doses import pair, scaled
from ayni.panel.records import Floats, PanelError, Places
from ayni.panel.regressions import cells, grid, least_squares, small_sample, sums
from ayni.panel.slopes import Region, Slope
from ayni.panel.student import p_value, reach, student

_INFINITY = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Products of an instrument with outcome and dose, by cluster.

    Attributes
    ----------
    outcome, dose : (G,) float
        Sums over the cluster of instrument times what is left of outcome and dose once the instrument's
        own slope is taken out as well.
    whole_outcome, whole_dose : float
        Sums over all cells of instrument times outcome and dose.
    factor : float
        Small-sample factor of the variance.
    """

    outcome: Floats
    dose: Floats
    whole_outcome: float
    whole_dose: float
    factor: float

    @property
    def F(self) -> float:  # noqa: N802 - as it is written
        """The robust F of the first stage; infinite where the instrument is the dose."""
        noise = self.factor * float(self.dose @ self.dose)
        return self.whole_dose**2 / noise if noise > 0 else _INFINITY


def instrumental_variables(
    Y: ArrayLike,
    D: ArrayLike,
    Z: ArrayLike,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> Slope:
    """Return the slope on a dose by one instrument, with constants of units and periods.

    The slope's `region` is the Anderson-Rubin set of the same level; the check `first-stage` holds the
    effective F. Where that is low, read the region and not the interval.

    Parameters
    ----------
    Z : (N, T) array_like of float
        The instrument.
    Y, D, covariates, clusters, level
        As in `two_way_fixed_effects`.

    Raises
    ------
    PanelError
        As in `two_way_fixed_effects`, of the instrument too; and if it does not move the dose at all.
    """
    method = "instrumental variables"
    outcome, dose = pair(method, Y, D)
    faults: list[str] = []
    instrument = grid("Z", Z, outcome.shape, faults)
    if faults:
        raise PanelError(f"{method}: " + "; ".join(faults))
    made = cells(method, {"outcome": outcome, "dose": dose, "instrument": instrument}, covariates, clusters)
    freedom = made.groups - 1
    reach(level, freedom)
    z, y, d = (made.residual(one)[made.used] for one in (instrument, outcome, dose))
    refuse_unmoved(method, z, d)
    slope, noise = least_squares(made, outcome, {"dose": dose}, instrument)["dose"]
    factor = small_sample(made.groups, made.count, 1 + len(made.basis) + made.periods)
    scores = scores_of(z, y, d, np.ones(z.shape), made.of_cells, factor)
    shares = scaled(made.by_cluster(z * (y - slope * d)), noise)
    return Slope(
        method="instrumental-variables",
        name="dose",
        interval=student("clustered", slope, noise, level, shares, freedom),
        cells=made.count,
        units=made.units,
        periods=made.periods,
        clusters=made.groups,
        dropped=made.dropped,
        checks=(
            enough_clusters(made.groups),
            undosed(dose[made.used]),
            first_stage(scores.F),
        ),
        region=anderson_rubin(scores, level, freedom),
    )


# Correlation of instrument and dose that is rounding.
_UNMOVED = 1e-12


def refuse_unmoved(method: str, z: Floats, d: Floats) -> None:
    """Raise if the residuals of instrument and dose, (n,), have nothing in common.

    Raises
    ------
    PanelError
        If so.
    """
    if abs(float(z @ d)) <= _UNMOVED * float(np.linalg.norm(z) * np.linalg.norm(d)):
        raise PanelError(f"{method}: the instrument does not move the dose at all, so that there is no slope")


def scores_of(z: Floats, y: Floats, d: Floats, weights: Floats, clusters: Places, factor: float) -> Scores:
    """Return the scores of residuals (n,) by clusters (n,) of 0 to G - 1; the factor as in `Scores`."""
    size = float((weights * z * z).sum())
    wholes = [float((weights * z * one).sum()) for one in (y, d)]
    by_cluster = [
        sums(clusters, weights * z * (one - whole / size * z))
        for one, whole in zip((y, d), wholes, strict=True)
    ]
    return Scores(
        outcome=by_cluster[0],
        dose=by_cluster[1],
        whole_outcome=wholes[0],
        whole_dose=wholes[1],
        factor=factor,
    )


def anderson_rubin(scores: Scores, level: float, freedom: int) -> Region:
    """Return the slopes that the test of Anderson and Rubin does not refuse.

    Parameters
    ----------
    freedom : int
        Degrees of freedom of Student's t: clusters less one.
    """
    p, r, A, B = scores.outcome, scores.dose, scores.whole_outcome, scores.whole_dose
    width = reach(level, freedom) ** 2 * scores.factor
    parts = not_above_zero(
        B * B - width * float(r @ r), -2 * (A * B - width * float(p @ r)), A * A - width * float(p @ p)
    )
    noise = float(np.sqrt(scores.factor * (p @ p)))
    return Region(
        kind="anderson-rubin",
        parts=parts,
        level=level,
        p_value=p_value(A / noise, freedom) if noise > 0 else np.nan,
    )


def not_above_zero(a: float, b: float, c: float) -> tuple[tuple[float, float], ...]:
    """Return where a x² + b x + c is at most 0: stretches in order, infinite where they do not end."""
    if a == 0:
        if b == 0:
            return ((-_INFINITY, _INFINITY),) if c <= 0 else ()
        return ((-_INFINITY, -c / b),) if b > 0 else ((-c / b, _INFINITY),)
    inner = b * b - 4 * a * c
    if inner < 0 or (inner == 0 and a < 0):
        return () if a > 0 else ((-_INFINITY, _INFINITY),)
    # The sum without cancellation gives one root, their product the other.
    far = -(b + np.copysign(np.sqrt(inner), b)) / 2
    low, high = sorted((far / a, c / far if far else 0.0))
    return ((low, high),) if a > 0 else ((-_INFINITY, low), (high, _INFINITY))
