"""Comparison: what the outcome would have been, told by places where nothing began.

Question answered
    How far is a place, some years after something began there, from places where it did not?
Estimand
    ``effect(T) = Y(T) - Y0(T)`` in the year `T` asked about, with `Y0` the controls weighed by a method
    of `ayni.panel`. Years between the beginning and `T` are drawn and not fitted.
Assumption that carries the weight
    The controls would have gone on beside the place, were not treated themselves, and took in nothing that
    was driven out of it.
When not to use it
    Where the same provider paid in the controls too, where nobody published when it began, or with so few
    years before that any weights fit: then it refuses, and says which.

References
----------
    Abadie 2021 for the checks; the methods, placebos and diagnostics are those of `ayni.panel`. The interval
    is the normal one of the placebos' spread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ayni.designs.checks import measured
from ayni.designs.panel_checks import worded
from ayni.designs.places import Gathered, gathered, named, paid
from ayni.designs.records import Check, Effect, Path, Question, refusal
from ayni.ledger.series import series
from ayni.ledger.store import Ledger
from ayni.panel import PanelError, Placebos, placebos
from ayni.panel.checks import spare_directions
from ayni.panel.curve import METHODS, TRANSFORMATIONS
from ayni.panel.records import Estimate, Flags, Floats, Panel
from ayni.units import Quantity

# The level asked of every interval from placebos, and printed.
LEVEL = 0.9
# A p-value at most this rejects; written so that a tenth is a tenth.
REJECTED = round(1 - LEVEL, 12)
# Fewer years in all are no panel; so many years before are asked for by the check.
_FEWEST_YEARS, _YEARS_BEFORE = 6, 5
# One year before fits any weights, and leaves nothing to try them on.
_LEAST_BEFORE, _LEAST_CONTROLS = 2, 3
# Methods that fit weights and nothing else: with fewer years than the check asks for they fit anything.
_FITTED = frozenset({"synthetic-control", "demeaned-synthetic-control", "augmented-synthetic-control"})
# Figures of an outcome from which was already deducted what the cause took out.
_NET = "net-at-31-december"

# From the transformed value back to the outcome's unit; `own` is the place's outcome before.
_BACK: dict[str, Callable[[Floats, Floats], Floats]] = {
    "level": lambda value, own: value,  # noqa: ARG005 - one shape for all
    "log": lambda value, own: np.exp(value),  # noqa: ARG005
    "index": lambda value, own: value * own.mean() / 100,
}
TRANSFORMS = tuple(_BACK)

_ESTIMAND = "Y(T) - sum w(i) Y(i, T)"
_ASSUMPTIONS = ("controls-go-on", "controls-untouched")


class _RefusedError(Exception):
    """Why there is no answer: a key of ``refused``, and the checks that tell."""

    def __init__(self, reason: str, checks: tuple[Check, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.checks = reason, checks


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posed:
    """A question as a panel: the place first, then its controls.

    Attributes
    ----------
    whole, asked : Panel
        With all years, and without those between the beginning and the year asked about; transformed.
    found : Gathered
        The figures, as published.
    dropped : int
        Controls left out, for they lack a year or cannot be transformed.
    """

    whole: Panel
    asked: Panel
    found: Gathered
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A method on some controls.

    Attributes
    ----------
    method : str
        A key of `ayni.panel.curve.METHODS`.
    controls, without : str
        Places to compare with, and those of them to leave out; see `ayni.designs.places.named`.
    since : int
        First year of the panel; 0 for the first there is.
    floor : float, unit of the outcome
        Controls whose mean before is below it are left out.
    transform : str
        ``level``, ``log`` or ``index`` (percent of the own mean before).
    with_placebos : bool
        Whether to work out interval and checks; a specification curve does without.
    """

    method: str
    controls: str
    without: str = ""
    since: int = 0
    floor: float = 0.0
    transform: str = "level"
    with_placebos: bool = True

    @property
    def key(self) -> str:
        """For example ``comparison/synthetic-control/PER-dist-*``."""
        less = f"-{self.without}" if self.without else ""
        tail = [str(self.since)] if self.since else []
        tail += [f"from-{self.floor:g}"] if self.floor else []
        tail += [self.transform] if self.transform != "level" else []
        return "/".join(("comparison", self.method, self.controls + less, *tail))

    @property
    def family(self) -> str:
        """The method, by which the specification curve groups."""
        return self.method

    def answer(self, question: Question, ledger: Ledger) -> Effect:
        """Return the effect in the year asked about; refused where no comparison is credible."""
        try:
            posed = self._posed(question, ledger)
            method = METHODS[self.method]
            try:
                found, whole = method(posed.asked), method(posed.whole)
            except PanelError as error:
                raise _RefusedError("method", self._years_checked(question, posed.found)) from error
            spare = spare_directions(posed.asked, found) if self.method == "synthetic-control" else 0
            if spare:
                raise _RefusedError("weights", (measured("unique-weights", False, float(spare), 0.0),))
            return self._effect(question, ledger, posed, found, whole)
        except _RefusedError as refused:
            return self._refuse(question, refused)

    def _posed(self, question: Question, ledger: Ledger) -> _Posed:
        own = series(ledger, question.indicator, question.place, counterpart=question.counterpart)
        years = [y for y in own.years if self.since <= y <= question.year]
        if not years or years[-1] != question.year:
            raise _RefusedError("gap")
        left_out = {question.place, *named(ledger, self.without, question.indicator)}
        places = [p for p in named(ledger, self.controls, question.indicator) if p not in left_out]
        found = gathered(
            ledger, question.indicator, (question.place, *places), years, counterpart=question.counterpart
        )
        if len(own.years) < _FEWEST_YEARS:
            raise _RefusedError("few-years", (_counted("year-count", len(own.years), _FEWEST_YEARS),))
        clean = _clean(question, ledger, places, years)
        if clean.value is not None and clean.value == len(places) > 0:
            raise _RefusedError("controls-aided", (clean,))
        if not question.since:
            raise _RefusedError("undated", (clean,))
        before = np.array(years) < question.since
        least = _YEARS_BEFORE if self.method in _FITTED else _LEAST_BEFORE
        if int(before.sum()) < least or question.year < question.since:
            raise _RefusedError("years-before", self._years_checked(question, found))
        return self._panels(question, found, before)

    def _panels(self, question: Question, found: Gathered, before: Flags) -> _Posed:
        kept = ~np.isnan(found.values).any(axis=1) & self._fits(found.values, before)
        if not kept[0]:
            raise _RefusedError("rule")
        if int(kept.sum()) - 1 < _LEAST_CONTROLS:
            told = _counted("control-count", int(kept.sum()) - 1, _LEAST_CONTROLS)
            raise _RefusedError("no-controls", (told,))
        values = found.values[kept]
        treated = np.zeros(values.shape, np.bool_)
        treated[0] = ~before
        whole = Panel(
            Y=TRANSFORMATIONS[self.transform](values, int(before.sum())),
            treated=treated,
            units=tuple(p for p, keep in zip(found.places, kept, strict=True) if keep),
            periods=found.years,
        )
        asked = before | (np.array(found.years) == question.year)
        return _Posed(
            whole=whole,
            asked=whole.part(np.ones(len(values), np.bool_), asked),
            found=found,
            dropped=int((~kept).sum()),
        )

    def _fits(self, values: Floats, before: Flags) -> Flags:
        """Return which places are large enough, and the transformation defined for."""
        with np.errstate(invalid="ignore"):
            means = values[:, before].mean(axis=1)
            fits: Flags = np.asarray(means >= self.floor)
            fits[0] = True
            if self.transform == "log":
                fits &= (values > 0).all(axis=1)
            if self.transform == "index":
                fits &= means > 0
        return fits

    def _effect(
        self, question: Question, ledger: Ledger, posed: _Posed, found: Estimate, whole: Estimate
    ) -> Effect:
        values = posed.found.values[0]
        own = values[np.array(posed.found.years) < question.since]
        seen, moved = values[-1], posed.asked.Y[0, -1]

        def back(value: float) -> float:
            return float(_BACK[self.transform](np.array(value), own))

        tried = self._tried(posed) if self.with_placebos else None
        interval = tried.interval(LEVEL) if tried is not None else None
        without = back(moved - found.att)
        low = None if interval is None else back(moved - interval.high)
        high = None if interval is None else back(moved - interval.low)
        unit = posed.found.unit
        path = _BACK[self.transform](whole.cohorts[0].counterfactual, own)
        return Effect(
            question=question,
            design=self.key,
            family=self.family,
            estimand=_ESTIMAND,
            observed=Quantity(value=float(seen), unit=unit),
            counterfactual=Quantity(value=without, unit=unit, low=low, high=high),
            difference=Quantity(
                value=float(seen) - without,
                unit=unit,
                low=None if high is None else float(seen) - high,
                high=None if low is None else float(seen) - low,
            ),
            level=None if interval is None else LEVEL,
            interval_kind="none" if interval is None else "placebo",
            path=Path(
                years=posed.found.years,
                observed=tuple(map(float, values)),
                counterfactual=(*map(float, path[:-1]), without),
                low=(*[None] * (len(path) - 1), low),
                high=(*[None] * (len(path) - 1), high),
                unit=unit,
            ),
            checks=tuple(self._checks(question, ledger, posed, found, tried)) if tried is not None else (),
            assumptions=_ASSUMPTIONS,
            inputs=posed.found.rows,
            settings=self._settings(question, len(posed.whole.units) - 1, posed.dropped),
        )

    def _tried(self, posed: _Posed) -> Placebos | None:
        try:
            return placebos(posed.asked, METHODS[self.method])
        except PanelError:
            return None

    def _checks(
        self, question: Question, ledger: Ledger, posed: _Posed, found: Estimate, tried: Placebos
    ) -> Iterator[Check]:
        yield from self._years_checked(question, posed.found)
        yield _clean(question, ledger, posed.whole.units[1:], posed.found.years)
        yield measured(
            "stands-out",
            tried.p_value <= REJECTED,
            tried.p_value,
            REJECTED,
            rank=tried.rank,
            count=1 + len(tried.others),
        )
        yield from worded(posed.asked, found, METHODS[self.method])
        net = _NET in posed.found.caveats
        yield measured("gross-outcome", not net, None, None)

    def _years_checked(self, question: Question, found: Gathered) -> tuple[Check, ...]:
        before = sum(year < question.since for year in found.years)
        passed = before >= _YEARS_BEFORE
        return (
            measured("years-before", passed, float(before), float(_YEARS_BEFORE), rows=found.rows[:before]),
        )

    def _settings(self, question: Question, used: int, dropped: int) -> tuple[tuple[str, str], ...]:
        return (
            ("method", self.method),
            ("controls", self.controls),
            ("without", self.without),
            ("since", str(question.since)),
            ("from", str(self.since)),
            ("floor", f"{self.floor:g}"),
            ("transform", self.transform),
            ("used", str(used)),
            ("dropped", str(dropped)),
        )

    def _refuse(self, question: Question, refused: _RefusedError) -> Effect:
        return refusal(
            question,
            self,
            _ESTIMAND,
            refused.reason,
            assumptions=_ASSUMPTIONS,
            checks=refused.checks,
            settings=self._settings(question, 0, 0),
        )


def _counted(key: str, count: int, limit: int) -> Check:
    return measured(key, count >= limit, float(count), float(limit))


def _clean(question: Question, ledger: Ledger, places: Sequence[str], years: Sequence[int]) -> Check:
    """Say how many controls the same provider paid in, in the panel's years."""
    told = [paid(ledger, question.cause, place, years[0], years[-1]) for place in places]
    rows = tuple(row for _, some in told for row in some)
    if not rows:  # silence is not zero
        return measured("controls-clean", None, None, 0.0, places=len(places))
    aided = sum(count > 0 for count, _ in told)
    return measured("controls-clean", aided == 0, float(aided), 0.0, rows=rows, places=len(places))
