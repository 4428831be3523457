"""Projection: what the outcome would have been had a past trend gone on.

Question answered
    How far is the observed outcome from the continuation of an earlier trend?
Estimand
    ``effect(T) = Y(T) - f(Y(a), ..., Y(b); T - b)`` for a rule `f`, a window `a`-`b` and a
    later year `T`.
Assumption that carries the weight
    Without the cause the trend of the window would have continued, and the window itself
    was free of the cause. Where the cooperation ran in the window too, the difference
    measures a change of trend and not the cooperation; the check *window-without-cause*
    says so.
When not to use it
    As an estimate of what a programme bought, unless every check passes. It is here
    because the official figures of *avoided* cocaine are projections.

References
----------
    Armstrong 2001; the rules and the interval are those of `ayni.trends`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ayni.designs.checks import measured
from ayni.designs.places import paid
from ayni.designs.records import Check, Effect, Path, Question, refusal
from ayni.ledger.series import Series, breaks, rivals, series, value_in
from ayni.ledger.store import Ledger
from ayni.trends import Backtest, TrendError, backtest, conformal_range, forecast
from ayni.units import Quantity, multiply, same_kind

# The level asked of every interval, and printed. With few trials the ordered errors would promise a
# little more, but trials of a horizon of two years overlap and do not keep the difference (see
# benchmarks/coverage_projection.py).
LEVEL = 0.8
# Two sources of one year are said to agree within a tenth.
_AGREEMENT = 0.10

_ESTIMAND = "Y(T) - f(Y(a..b), T-b)"
_ASSUMPTIONS = ("trend-continues", "window-clean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A yield that turns the outcome into another unit, such as kg of cocaine per hectare.

    Attributes
    ----------
    key : str
        Name of the figure.
    ratio : Quantity
        For example 9.158 kg/ha.
    to : str
        Unit of the result.
    rows : tuple of str
        Rows it rests on.
    """

    key: str
    ratio: Quantity
    to: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A trend rule on one window.

    Attributes
    ----------
    rule : str
        A key of `ayni.trends.RULES`.
    since, until : int
        First and last year of the window.
    parameter : float or None
        What the rule needs, if anything.
    conversion : Conversion or None
        Turns the answer into another unit.
    """

    rule: str
    since: int
    until: int
    parameter: float | None = None
    conversion: Conversion | None = None

    @property
    def key(self) -> str:
        """For example ``projection/constant-rate-0.15/2018-2022``."""
        rule = self.rule if self.parameter is None else f"{self.rule}-{self.parameter:g}"
        tail = f"/{self.conversion.key}" if self.conversion else ""
        return f"projection/{rule}/{self.since}-{self.until}{tail}"

    @property
    def family(self) -> str:
        """The rule, by which the specification curve groups."""
        return self.rule

    def answer(self, question: Question, ledger: Ledger) -> Effect:
        """Return the effect; refused where the window has a gap or the rule does not apply."""
        observed = series(ledger, question.indicator, question.place, counterpart=question.counterpart)
        known = dict(zip(observed.years, observed.values, strict=True))
        if self.until >= question.year:
            return self._refuse(question, "window")
        missing = [y for y in (*range(self.since, self.until + 1), question.year) if y not in known]
        if missing:
            return self._refuse(question, "gap")
        window = [known[y] for y in range(self.since, self.until + 1)]
        parameter = math.nan if self.parameter is None else self.parameter
        horizon = question.year - self.until
        try:
            ahead = [forecast(self.rule, window, h, parameter=parameter) for h in range(1, horizon + 1)]
        except TrendError:
            return self._refuse(question, "rule")
        past = backtest(
            self.rule,
            observed.years,
            observed.values,
            length=len(window),
            horizon=horizon,
            parameter=parameter,
            # only trials whose result was known when the window ended
            until=self.until - horizon,
            additive=_additive(observed),
        )
        return self._effect(question, ledger, observed, ahead, past)

    def _effect(
        self, question: Question, ledger: Ledger, observed: Series, ahead: list[float], past: Backtest
    ) -> Effect:
        rows = [observed.at(y) for y in (*range(self.since, self.until + 1), question.year)]
        used = [row for row in rows if row is not None]
        reach = conformal_range(ahead[-1], past, level=LEVEL)
        low, high = reach[:2] if reach else (None, None)
        actual = value_in(used[-1], observed.unit)
        without = Quantity(value=ahead[-1], unit=observed.unit, low=low, high=high)
        seen = Quantity(value=actual, unit=observed.unit)
        difference = Quantity(
            value=actual - ahead[-1],
            unit=observed.unit,
            low=None if high is None else actual - high,
            high=None if low is None else actual - low,
        )
        rate = self.conversion
        return Effect(
            question=question,
            design=self.key,
            family=self.family,
            estimand=_ESTIMAND,
            observed=_converted(seen, rate),
            counterfactual=_converted(without, rate),
            difference=_converted(difference, rate),
            level=LEVEL if reach else None,
            interval_kind="conformal" if reach else "none",
            path=self._path(question, observed, ahead, low, high),
            checks=self._checks(question, ledger, observed, past),
            assumptions=_ASSUMPTIONS,
            # the interval rests on the past of the whole series
            inputs=tuple(row.row for row in observed.rows if row.year <= question.year)
            + (rate.rows if rate else ()),
            settings=(
                ("rule", self.rule),
                ("parameter", "" if self.parameter is None else f"{self.parameter:g}"),
                ("since", str(self.since)),
                ("until", str(self.until)),
                ("conversion", rate.key if rate else ""),
            ),
        )

    def _path(
        self, question: Question, observed: Series, ahead: list[float], low: float | None, high: float | None
    ) -> Path:
        years = tuple(y for y in observed.years if self.since <= y <= question.year)
        known = dict(zip(observed.years, observed.values, strict=True))
        guess = {self.until: known[self.until]} | {self.until + h: v for h, v in enumerate(ahead, 1)}
        return Path(
            years=years,
            observed=tuple(known.get(y) for y in years),
            counterfactual=tuple(guess.get(y) for y in years),
            low=tuple(low if y == question.year else None for y in years),
            high=tuple(high if y == question.year else None for y in years),
            unit=observed.unit,
        )

    def _checks(
        self, question: Question, ledger: Ledger, observed: Series, past: Backtest
    ) -> tuple[Check, ...]:
        return (
            _skill(past, tuple(row.row for row in observed.rows if row.year <= self.until)),
            _clean_window(question, ledger, self.since, self.until),
            _one_method(question, ledger, self.since),
            _sources_agree(question, ledger, observed, self.until),
        )

    def _refuse(self, question: Question, reason: str) -> Effect:
        return refusal(question, self, _ESTIMAND, reason, assumptions=_ASSUMPTIONS)


def _converted(what: Quantity, rate: Conversion | None) -> Quantity:
    if rate is None:
        return what
    return multiply(what, rate.ratio, to=rate.to)


def _additive(observed: Series) -> bool:
    """Scores have no true zero, and ratios to zero mean nothing."""
    return observed.unit in ("point", "index") or min(observed.values) <= 0


def _skill(past: Backtest, rows: tuple[str, ...]) -> Check:
    """Compare the rule's own past errors with those of repeating the last value."""
    if not past.errors:
        return measured("skill", None, None, 1.0, trials=0)
    ratio = past.mean_absolute_error / past.naive_error if past.naive_error else None
    return measured(
        "skill",
        ratio is not None and ratio < 1,
        ratio,
        1.0,
        rows=rows,
        trials=len(past.errors),
        error=past.mean_absolute_error if past.additive else 100 * past.mean_absolute_error,
        naive=past.naive_error if past.additive else 100 * past.naive_error,
        sign="" if past.additive else "%",
    )


def _clean_window(question: Question, ledger: Ledger, since: int, until: int) -> Check:
    count, rows = paid(ledger, question.cause, question.cause.recipient, since, until)
    if not rows:  # silence is not zero
        return measured("window-without-cause", None, None, 0.0, years=until - since + 1)
    return measured("window-without-cause", count == 0, float(count), 0.0, rows=rows, years=until - since + 1)


def _one_method(question: Question, ledger: Ledger, since: int) -> Check:
    found = [b for b in breaks(ledger, question.indicator, question.place) if since < b.year <= question.year]
    return measured(
        "one-method",
        not found,
        float(len(found)),
        0.0,
        rows=tuple(b.row for b in found),
        listed=", ".join(str(year) for year in sorted({b.year for b in found})),
    )


def _sources_agree(question: Question, ledger: Ledger, observed: Series, until: int) -> Check:
    here = observed.at(until)
    found = []
    for key in rivals(ledger, question.indicator):
        there = series(ledger, key, question.place, counterpart=question.counterpart).at(until)
        if there is None or here is None or here.value == 0 or not same_kind(there.unit, here.unit):
            continue
        found.append((abs(value_in(there, here.unit) / here.value - 1), there))
    if not found or here is None:
        return measured("sources-agree", None, None, 100 * _AGREEMENT, year=until)
    worst, there = max(found, key=lambda pair: pair[0])
    return measured(
        "sources-agree",
        worst <= _AGREEMENT,
        100 * worst,
        100 * _AGREEMENT,
        rows=(here.row, there.row),
        year=until,
    )
