"""Account: observed plus averted is what would have been.

Question answered
    What would the outcome have been, if what was taken out had stayed and nothing else
    had changed?
Estimand
    ``effect(T) = -V(T)``, with ``without(T) = Y(T) + V(T)``: `Y` the observed outcome and
    `V` the averted amount that somebody counted or claimed.
Assumption that carries the weight
    Nothing that was taken out is replanted, nothing moves elsewhere, and the observed
    outcome has not been reduced by the averted amount already. Each is tested against the
    series in the ledger.
When not to use it
    Where the outcome is published net of the averted amount, or growers replant: then the
    sum counts the same hectare twice. It is here because published figures are such sums.

References
----------
    The identity is bookkeeping. On replanting and displacement: Reyes 2014, World
    Development 61; Rouse and Arce 2006, Social Science Quarterly 87(3).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ayni.designs.checks import measured
from ayni.designs.projection import Conversion
from ayni.designs.records import Check, Effect, Path, Question
from ayni.ledger.records import Observation
from ayni.ledger.series import breaks, observations, preference, series, series_of, value_in
from ayni.ledger.store import Ledger
from ayni.units import Quantity, add, multiply

# A tenth of what was taken out may come back or move before an assumption counts as broken.
_TOLERATED = 0.10
# Fewest years on which a slope is worth printing.
_FEWEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Observed plus averted.

    Attributes
    ----------
    averted : str
        Indicator of the averted amount, in the outcome's unit (after `conversion`).
    origin : str
        Take only this origin's rows; empty for all, whose spread becomes the bounds.
    conversion : Conversion or None
        Turns the averted amount into the outcome's unit.
    related : tuple of str
        Indicators of kindred amounts, in which the claimed figure is looked for under
        another year.
    area, removed, parts : str
        Means by which the assumptions are tested: indicators of the area and of what is removed of
        each year, and the area by part of the country.
    """

    averted: str
    origin: str = ""
    conversion: Conversion | None = None
    related: tuple[str, ...] = ()
    area: str = ""
    removed: str = ""
    parts: str = ""

    @property
    def key(self) -> str:
        """For example ``account/eradicated-area``."""
        tail = "".join(f"/{x}" for x in (self.origin, self.conversion.key if self.conversion else "") if x)
        return f"account/{self.averted}{tail}"

    @property
    def family(self) -> str:
        """Always ``account``."""
        return "account"

    def answer(self, question: Question, ledger: Ledger) -> Effect:
        """Return the sum, its bounds over rival rows, and the tests of its assumptions."""
        observed = series(ledger, question.indicator, question.place, counterpart=question.counterpart)
        here = observed.at(question.year)
        rows = [
            row
            for row in observations(ledger, indicator=self.averted, place=question.place)
            if row.year == question.year
            and row.until is None
            and (not self.origin or row.origin == self.origin)
        ]
        rows = [row for row in rows if not row.part_year] or rows
        if here is None or not rows:
            return self._effect(question, None, (), (), None)
        amounts = [self._amount(row, observed.unit) for row in rows]
        best = amounts[rows.index(min(rows, key=preference))]
        averted = Quantity(
            value=best.value,
            unit=observed.unit,
            low=min(a.ends[0] for a in amounts) if len(amounts) > 1 else None,
            high=max(a.ends[1] for a in amounts) if len(amounts) > 1 else None,
        )
        seen = Quantity(value=value_in(here, observed.unit), unit=observed.unit)
        inputs = (here.row, *(row.row for row in rows), *(self.conversion.rows if self.conversion else ()))
        return self._effect(
            question, (seen, averted), inputs, self._checks(question, ledger, rows), here.year
        )

    def _amount(self, row: Observation, to: str) -> Quantity:
        amount = Quantity(value=row.value, unit=row.unit)
        if self.conversion is not None:
            return multiply(amount, self.conversion.ratio, to=to)
        return Quantity(value=value_in(row, to), unit=to)

    def _effect(
        self,
        question: Question,
        found: tuple[Quantity, Quantity] | None,
        inputs: tuple[str, ...],
        checks: tuple[Check, ...],
        year: int | None,
    ) -> Effect:
        seen, averted = found or (None, None)
        without = add(seen, averted) if seen and averted else None
        difference = (
            Quantity(
                value=-averted.value,
                unit=averted.unit,
                low=None if averted.high is None else -averted.high,
                high=None if averted.low is None else -averted.low,
            )
            if averted
            else None
        )
        path = None
        if year is not None and seen and without:
            path = Path(
                years=(year,),
                observed=(seen.value,),
                counterfactual=(without.value,),
                low=(without.low,),
                high=(without.high,),
                unit=seen.unit,
            )
        return Effect(
            question=question,
            design=self.key,
            family=self.family,
            estimand="-V(T); without(T) = Y(T) + V(T)",
            observed=seen,
            counterfactual=without,
            difference=difference,
            level=None,
            interval_kind="bounds" if averted and averted.low is not None else "none",
            path=path,
            checks=checks,
            assumptions=("no-replanting", "no-displacement", "gross-area"),
            inputs=inputs,
            refused="" if found else "refused.no-figure",
            settings=(("averted", self.averted), ("origin", self.origin)),
        )

    def _checks(self, question: Question, ledger: Ledger, rows: list[Observation]) -> tuple[Check, ...]:
        return (
            _no_replanting(question, ledger, self.area, self.removed),
            _no_displacement(question, ledger, self.area, self.parts),
            _gross_area(question, ledger, self.area),
            _own_year(question, ledger, (self.averted, *self.related), rows),
        )


def replanted_share(changes: np.ndarray, removed: np.ndarray) -> tuple[float, float, float]:
    """Return the share of removed area that comes back within the year, and its range.

    Were nothing replanted, one more hectare removed would lower the change of area by one
    hectare: the slope of `changes` on `removed` would be -1 and the share, one plus the
    slope, 0. The range is that of the shares with one year left out in turn.

    Parameters
    ----------
    changes, removed : (n,) float, hectares
        Change of area over the year, and area removed in it.
    """

    def share(keep: np.ndarray) -> float:
        x, y = removed[keep], changes[keep]
        x = x - x.mean()
        return float(1 + (x @ (y - y.mean())) / (x @ x))

    everything = np.ones(len(changes), dtype=bool)
    left_out = []
    for i in range(len(changes)):
        keep = everything.copy()
        keep[i] = False
        left_out.append(share(keep))
    return share(everything), min(left_out), max(left_out)


def _no_replanting(question: Question, ledger: Ledger, area: str, removed: str) -> Check:
    stock = series(ledger, area, question.place)
    taken = series(ledger, removed, question.place)
    level = dict(zip(stock.years, stock.values, strict=True))
    out = {r.year: value_in(r, "ha") for r in taken.rows if not r.part_year}
    years = [y for y in sorted(out) if y in level and y - 1 in level]
    if len(years) < _FEWEST or len({out[y] for y in years}) == 1:
        return measured("no-replanting", None, None, 100 * _TOLERATED, trials=len(years))
    share, low, high = replanted_share(
        np.array([level[y] - level[y - 1] for y in years]), np.array([out[y] for y in years])
    )
    rows = tuple(r.row for r in stock.rows if {r.year, r.year + 1} & set(years))
    rows += tuple(r.row for r in taken.rows if r.year in years)
    return measured(
        "no-replanting",
        high <= _TOLERATED,
        100 * share,
        100 * _TOLERATED,
        rows=rows,
        low=100 * low,
        high=100 * high,
        trials=len(years),
    )


def _no_displacement(question: Question, ledger: Ledger, area: str, parts: str) -> Check:
    by_part: dict[str, list[Observation]] = {}
    for row in observations(ledger, indicator=area) if parts else []:
        if row.place.startswith(parts):
            by_part.setdefault(row.place, []).append(row)
    lines = {p: series_of(rows, indicator=area, place=p) for p, rows in sorted(by_part.items())}
    pairs = {p: (line.at(question.year - 1), line.at(question.year)) for p, line in lines.items()}
    known = {p: (then, now) for p, (then, now) in pairs.items() if then and now}
    changes = {p: now.value - then.value for p, (then, now) in known.items()}
    falls = -sum(c for c in changes.values() if c < 0)
    rises = sum(c for c in changes.values() if c > 0)
    if falls <= 0:
        return measured("no-displacement", None, None, 100 * _TOLERATED, year=question.year)
    return measured(
        "no-displacement",
        rises <= _TOLERATED * falls,
        100 * rises / falls,
        100 * _TOLERATED,
        rows=tuple(row.row for pair in known.values() for row in pair),
        year=question.year,
        falls=falls,
        rises=rises,
    )


def _gross_area(question: Question, ledger: Ledger, area: str) -> Check:
    netted = [
        b
        for b in breaks(ledger, area, question.place)
        if b.kind == "net-of-eradication" and b.year <= question.year
    ]
    since = netted[0].year if netted else None
    return measured(
        "gross-area",
        not netted,
        None if since is None else float(since),
        None,
        rows=tuple(b.row for b in netted),
        year=question.year,
        from_year="" if since is None else str(since),
    )


def _own_year(question: Question, ledger: Ledger, kindred: tuple[str, ...], rows: list[Observation]) -> Check:
    others = [o for key in kindred for o in observations(ledger, indicator=key, place=question.place)]
    for other, row in ((other, row) for other in others for row in rows):
        same = other.unit == row.unit and abs(other.value - row.value) <= _rounding(row.value) / 2
        if same and other.year != question.year:
            return measured(
                "own-year",
                False,
                float(other.year),
                float(question.year),
                rows=(row.row, other.row),
                year=question.year,
                other_year=other.year,
                amount=row.value,
            )
    return measured("own-year", True, float(question.year), float(question.year), year=question.year)


def _rounding(value: float) -> float:
    """Return the unit of the last digit that a figure prints: 1 for 313, 0.01 for 0.31."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return 10.0 ** min(0, int(exponent))
