"""Student's t, and the interval of a clustered standard error.

References
----------
Cameron, A. C. and Miller, D., 2015, Journal of Human Resources 50(2), section VI.D: t with one degree of
freedom less than there are clusters.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ayni.panel.intervals import refuse_level
from ayni.panel.records import Floats, Interval, PanelError
from ayni.panel.tails import beta_share, student_quantile


def inside(t: float, freedom: int) -> float:
    """Return the probability that Student's t is at most this far from 0."""
    return beta_share(t * t / (freedom + t * t), 0.5, freedom / 2)


def p_value(t: float, freedom: int) -> float:
    """Return the probability that Student's t is at least this far from 0; NaN for NaN."""
    return beta_share(freedom / (freedom + t * t), freedom / 2, 0.5) if not np.isnan(t) else np.nan


@cache
def reach(level: float, freedom: int) -> float:
    """Return how far from 0 Student's t stays with the probability `level`.

    Raises
    ------
    PanelError
        If the level is not between 0 and 1, or there is no degree of freedom.
    """
    refuse_level(level)
    if freedom < 1:
        raise PanelError(f"{freedom} degrees of freedom, expected one or more, to tell noise by")
    return student_quantile((1 + level) / 2, freedom)


def student(
    kind: str, estimate: float, standard_error: float, level: float, draws: Floats, freedom: int
) -> Interval:
    """Return the interval of `level` by Student's t; the rest as in `Interval`.

    Raises
    ------
    PanelError
        See `reach`.
    """
    width = reach(level, freedom) * standard_error
    return Interval(
        kind=kind,
        estimate=estimate,
        standard_error=standard_error,
        low=estimate - width,
        high=estimate + width,
        level=level,
        p_value=p_value(estimate / standard_error, freedom) if standard_error > 0 else np.nan,
        draws=draws,
        exact=True,
    )
