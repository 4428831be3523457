"""Dose: whether the outcome went with the money, in several places at once.

Question answered
    How far would the outcome of a place be without the money of one year, if money did there what it did
    wherever more or less of it came?
Estimand
    ``effect(T) = b * D(T - lag)`` with `b` the slope of outcomes on money beside what each place and each
    year have in common, and `D` the money of the place asked about.
Assumption that carries the weight
    Money did not go where the outcome was about to change anyway, and a dollar does the same everywhere.
When not to use it
    Where the provider gives more to those who already move its way: then the slope is that of the choice.

References
----------
    `ayni.panel.reassignment`, whose interval this is: whole paths of money dealt out anew among the places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ayni.designs.checks import measured
from ayni.designs.comparison import LEVEL, REJECTED
from ayni.designs.places import Doses, Gathered, doses, gathered, named
from ayni.designs.records import Check, Effect, Path, Question, refusal
from ayni.ledger.store import Ledger
from ayni.panel import PanelError, reassigned_slope
from ayni.panel.reassignment import MOST_LISTED
from ayni.panel.records import Flags, Floats, Interval
from ayni.units import Quantity

# Places to deal the money among; share of places and years without any, percent.
_PLACES, _WITHOUT = 10, 10.0

# The outcome without a part of its transformed value.
_LESS: dict[str, Callable[[float, float], float]] = {
    "level": lambda seen, part: seen - part,
    "log": lambda seen, part: float(seen * np.exp(-part)),
}
TRANSFORMS = tuple(_LESS)

_ESTIMAND = "b D(T - lag); Y(i,t) = a(i) + c(t) + b D(i, t - lag)"
_ASSUMPTIONS = ("money-not-in-answer", "dollar-alike")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posed:
    """Outcomes and money of places that have both; the place asked about first."""

    outcomes: Floats
    money: Floats
    found: Gathered
    given: Doses
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A slope on money, over some places and years.

    Attributes
    ----------
    places : str
        Places beside the one asked about; see `ayni.designs.places.named`.
    since, until : int
        First and last year of the outcome; `until` 0 for the year asked about.
    lag : int
        Years between the money and the outcome.
    transform : str
        ``level`` or ``log``.
    with_dealings : bool
        Whether to work out interval and checks; a specification curve does without.
    """

    places: str
    since: int
    until: int = 0
    lag: int = 0
    transform: str = "level"
    with_dealings: bool = True

    @property
    def key(self) -> str:
        """For example ``dose/1992/lag-1``."""
        tail = [str(self.until)] if self.until else []
        tail += [f"lag-{self.lag}"] if self.lag else []
        tail += [self.transform] if self.transform != "level" else []
        return "/".join(("dose", str(self.since), *tail))

    @property
    def family(self) -> str:
        """Always ``dose``."""
        return "dose"

    def answer(self, question: Question, ledger: Ledger) -> Effect:
        """Return what the money of one year did; refused without outcomes or money to tell it from."""
        posed = self._posed(question, ledger)
        if isinstance(posed, str):
            return self._refuse(question, posed)
        try:
            most = MOST_LISTED if self.with_dealings else 1
            slope = reassigned_slope(posed.outcomes, posed.money, level=LEVEL, most=most)
        except PanelError:
            return self._refuse(question, "money-alike")
        return self._effect(question, posed, slope)

    def _posed(self, question: Question, ledger: Ledger) -> _Posed | str:
        years = range(self.since, (self.until or question.year) + 1)
        if question.year not in years:
            return "window"
        others = [p for p in named(ledger, self.places, question.indicator) if p != question.place]
        found = gathered(
            ledger, question.indicator, (question.place, *others), years, counterpart=question.counterpart
        )
        given = doses(ledger, question.cause, found.places, [y - self.lag for y in years])
        outcomes = found.values
        if self.transform == "log":
            outcomes = np.log(np.where(outcomes > 0, outcomes, np.nan))
        kept: Flags = np.asarray(~np.isnan(given.values).any(axis=1) & ~np.isnan(outcomes).all(axis=1))
        seen = outcomes[0, years.index(question.year)] if years else np.nan
        if not kept[0] or np.isnan(seen):
            return "gap"
        if given.price_base is None:
            return "prices-mixed"
        return _Posed(
            outcomes=outcomes[kept],
            money=given.values[kept],
            found=found,
            given=given,
            dropped=int((~kept).sum()),
        )

    def _effect(self, question: Question, posed: _Posed, slope: Interval) -> Effect:
        at = posed.found.years.index(question.year)
        seen, money = float(posed.found.values[0, at]), float(posed.money[0, at])

        def without(rate: float) -> float:
            return _LESS[self.transform](seen, rate * money)

        ends = sorted(without(rate) for rate in (slope.low, slope.high))
        low, high = ends if self.with_dealings and np.isfinite(ends).all() else (None, None)
        unit = posed.found.unit
        return Effect(
            question=question,
            design=self.key,
            family=self.family,
            estimand=_ESTIMAND,
            observed=Quantity(value=seen, unit=unit),
            counterfactual=Quantity(value=without(slope.estimate), unit=unit, low=low, high=high),
            difference=Quantity(
                value=seen - without(slope.estimate),
                unit=unit,
                low=None if high is None else seen - high,
                high=None if low is None else seen - low,
            ),
            level=None if low is None else LEVEL,
            interval_kind="none" if low is None else "reassignment",
            path=Path(
                years=(question.year,),
                observed=(seen,),
                counterfactual=(without(slope.estimate),),
                low=(low,),
                high=(high,),
                unit=unit,
            ),
            checks=self._checks(posed, slope) if self.with_dealings else (),
            assumptions=_ASSUMPTIONS,
            inputs=(*posed.found.rows, *posed.given.rows),
            settings=self._settings(posed, money),
        )

    def _checks(self, posed: _Posed, slope: Interval) -> tuple[Check, ...]:
        count = len(posed.money)
        without = 100 * float((posed.money <= 0).mean())
        return (
            measured("place-count", count >= _PLACES, float(count), float(_PLACES)),
            measured("someone-without", without >= _WITHOUT, without, _WITHOUT, rows=posed.given.rows),
            measured(
                "stands-out-dealt",
                slope.p_value <= REJECTED,
                slope.p_value,
                REJECTED,
                count=1 + len(slope.draws),
            ),
            _no_lead(posed, slope),
            _without_each(posed, slope),
        )

    def _settings(self, posed: _Posed | None, money: float) -> tuple[tuple[str, str], ...]:
        return (
            ("places", self.places),
            ("since", str(self.since)),
            ("until", str(self.until)),
            ("lag", str(self.lag)),
            ("transform", self.transform),
            ("used", str(len(posed.money) if posed else 0)),
            ("dropped", str(posed.dropped if posed else 0)),
            ("money", repr(money) if posed else ""),
            ("currency", posed.given.currency if posed else ""),
            ("price_base", str(posed.given.price_base) if posed else ""),
        )

    def _refuse(self, question: Question, reason: str) -> Effect:
        return refusal(
            question, self, _ESTIMAND, reason, assumptions=_ASSUMPTIONS, settings=self._settings(None, 0.0)
        )


def _no_lead(posed: _Posed, slope: Interval) -> Check:
    """Ask whether the money of the year after goes with what the money of its own year leaves."""
    left = posed.outcomes - slope.estimate * posed.money
    try:
        ahead = reassigned_slope(left[:, :-1], posed.money[:, 1:], level=LEVEL)
    except PanelError:
        return measured("no-lead", None, None, REJECTED)
    return measured("no-lead", ahead.p_value > REJECTED, ahead.p_value, REJECTED)


def _without_each(posed: _Posed, slope: Interval) -> Check:
    """Say without how many places the slope keeps its sign."""
    count = len(posed.money)
    everybody = np.arange(count)
    kept = 0
    for place in everybody:
        others = everybody != place
        try:
            one = reassigned_slope(posed.outcomes[others], posed.money[others], level=LEVEL, most=1)
        except PanelError:
            return measured("one-place", None, None, 100.0)
        kept += int(np.sign(one.estimate) == np.sign(slope.estimate))
    share = 100 * kept / count
    return measured("one-place", kept == count, share, 100.0, places=count)
