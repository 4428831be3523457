"""What a regression on a dose found: slopes, the values that weak instruments leave, responses over time."""

from __future__ import annotations

from dataclasses import dataclass

from ayni.panel.checks import Check
from ayni.panel.records import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The slopes that a test does not refuse, which need be neither one stretch nor bounded.

    Attributes
    ----------
    kind : str
        ``anderson-rubin``.
    parts : tuple of (float, float), unit of the outcome per unit of dose
        Stretches in order, ends included; infinite where there is no end. Empty if every slope is refused.
    level : float
        Such as 0.9.
    p_value : float
        Of no effect, by the same test.
    """

    kind: str
    parts: tuple[tuple[float, float], ...]
    level: float
    p_value: float

    @property
    def bounded(self) -> bool:
        """Whether no stretch runs to infinity."""
        return all(abs(end) < float("inf") for part in self.parts for end in part)

    def __contains__(self, slope: float) -> bool:
        """Whether a slope is not refused."""
        return any(low <= slope <= high for low, high in self.parts)

    def __str__(self) -> str:
        """Return the stretches, as ``[0.1, 0.4]`` or ``(-inf, -2] or [3, inf)``."""
        return " or ".join(_stretch(*part) for part in self.parts) or "none"


def _stretch(low: float, high: float) -> str:
    left = "(-inf" if low == float("-inf") else f"[{low:.6g}"
    right = "inf)" if high == float("inf") else f"{high:.6g}]"
    return f"{left}, {right}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """How much the outcome moves with one unit of dose.

    Attributes
    ----------
    method : str
        Such as ``two-way-fixed-effects``.
    name : str
        Of what it is the slope: ``dose``, ``dose, lag 2``.
    interval : Interval
        The effect per unit of dose and how sure it is, by Student's t. Its kind is ``clustered``,
        ``jackknife`` or ``exposure-robust``, its draws are the clusters' shares of the error, whose squares
        add to that of the standard error.
    cells, units, periods, clusters : int
        What was used.
    dropped : int
        Complete cells that were not used: alone in their unit or period, or without a finite fit.
    checks : tuple of Check
        See `ayni.panel.dose_checks`.
    region : Region or None
        Slopes that hold whatever the strength of the instrument; None without one.
    """

    method: str
    name: str
    interval: Interval
    cells: int
    units: int
    periods: int
    clusters: int
    dropped: int
    checks: tuple[Check, ...]
    region: Region | None = None

    @property
    def effect(self) -> float:
        """The slope, in units of the outcome (Poisson: of its logarithm) per unit of dose."""
        return self.interval.estimate

    @property
    def standard_error(self) -> float:
        """The standard error, in the unit of the effect."""
        return self.interval.standard_error

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.interval.low

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.interval.high

    @property
    def level(self) -> float:
        """The level of the interval."""
        return self.interval.level

    @property
    def p_value(self) -> float:
        """The probability of an estimate at least as far from 0 if there were no effect."""
        return self.interval.p_value

    def __str__(self) -> str:
        """Return the slope, its interval and what it stands on in one line."""
        span = f"{self.low:.6g} to {self.high:.6g}, {self.interval.kind}, {self.level:.0%}"
        return f"{self.method}: {self.effect:.6g} per unit of {self.name} ({span}; {self.clusters} clusters)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Slopes over time since the dose.

    Attributes
    ----------
    method : str
        ``distributed-lags`` or ``local-projections``.
    at : tuple of int
        Periods since the dose, ascending; negative before it.
    slopes : tuple of Slope
        One for each of `at`.
    cumulated : tuple of Slope
        Of distributed lags: the sum of the slopes from 0 to 0, 1, … periods since; empty otherwise.
    checks : tuple of Check
        ``leads``: see `ayni.panel.dose_checks`.
    """

    method: str
    at: tuple[int, ...]
    slopes: tuple[Slope, ...]
    cumulated: tuple[Slope, ...]
    checks: tuple[Check, ...]

    def slope(self, since: int) -> Slope:
        """Return the slope so many periods since the dose.

        Raises
        ------
        ValueError
            If there is none.
        """
        return self.slopes[self.at.index(since)]
