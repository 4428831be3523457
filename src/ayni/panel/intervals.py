"""The normal interval, by which several kinds of inference end."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from ayni.panel.records import Floats, Interval, PanelError


def level_faults(level: float) -> list[str]:
    """Return what is wrong with the level of an interval: one sentence, or none."""
    if 0 < level < 1:
        return []
    return [f"the level is {level:g}, expected a share between 0 and 1, such as 0.9"]


def refuse_level(level: float) -> None:
    """Raise if the level of an interval is no share.

    Raises
    ------
    PanelError
        If it is not between 0 and 1.
    """
    if faults := level_faults(level):
        raise PanelError(*faults)


def normal(
    kind: str,
    estimate: float,
    standard_error: float,
    level: float,
    draws: Floats,
    *,
    p_value: float = np.nan,
    exact: bool = True,
) -> Interval:
    """Return the interval of `level` about an estimate; the rest as in `Interval`.

    Raises
    ------
    PanelError
        If the level is not between 0 and 1.
    """
    refuse_level(level)
    reach = NormalDist().inv_cdf((1 + level) / 2) * standard_error
    return Interval(
        kind=kind,
        estimate=estimate,
        standard_error=standard_error,
        low=estimate - reach,
        high=estimate + reach,
        level=level,
        p_value=p_value,
        draws=draws,
        exact=exact,
    )
