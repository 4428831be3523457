"""Named numbers: from a name in a sentence back to rows and effects.

A pointer is one operation. The reference page of the dossier lists them; the table
`OPERATIONS` is that list.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace

from ayni.claims.case import Case
from ayni.claims.moves import moved
from ayni.claims.pointers import CHOICES, PointerError
from ayni.claims.records import Number, Pointer
from ayni.claims.serving import serves
from ayni.designs.projection import Conversion
from ayni.designs.records import Effect
from ayni.designs.specification import Specification, averted, run, standings
from ayni.designs.table import Asked, answer
from ayni.ledger.prices import at_prices, deflator
from ayni.ledger.records import Flow, Observation
from ayni.ledger.series import flows, observations, preference, series
from ayni.remember import remember
from ayni.units import Quantity, UnitError, add, convert, divide, multiply, unit

# The 95th percentile of the standard normal law.
_NORMAL_90 = statistics.NormalDist().inv_cdf(0.95)


def number(case: Case, name: str) -> Number:
    """Return the number called `name`.

    Raises
    ------
    PointerError
        If the name is not declared, leads to no row, or leads back to itself.
    """
    return remember(case.kept, ("number", name), lambda: _made(case, name))


def _made(case: Case, name: str) -> Number:
    pointer = case.pointers.get(name)
    if pointer is None:
        raise PointerError("no-number", {"name": name})
    underway: set[str] = remember(case.kept, "underway", set)
    if name in underway:
        raise PointerError("circle", {"name": name})
    underway.add(name)
    try:
        made = OPERATIONS[pointer.op](case, pointer)
        if pointer.unit and made.quantity.unit != pointer.unit:
            made = replace(made, quantity=convert(made.quantity, pointer.unit))
    except (UnitError, ZeroDivisionError) as error:
        raise PointerError("arithmetic", {"name": name, "error": str(error)}) from error
    finally:
        underway.discard(name)
    return made


def effects(case: Case, question: str) -> tuple[Effect, ...]:
    """Return the answers of every design asked about `question`, in order."""
    if question not in case.questions:
        raise PointerError("no-question", {"name": question})

    def one(asked: Asked) -> Effect:
        multiplied = _conversion(case, asked.conversion, asked.to) if asked.conversion else None
        return answer(asked, case.questions[question], case.ledger, multiplied)

    return remember(case.kept, ("effects", question), lambda: tuple(map(one, case.asked[question])))


def curve(case: Case, specification: str) -> tuple[Effect, ...]:
    """Return the effect of every specification of the frozen list `specification`."""
    listed = case.specifications.get(specification)
    if listed is None:
        raise PointerError("no-specification", {"name": specification})

    def make() -> tuple[Effect, ...]:
        names = listed.conversions if isinstance(listed, Specification) else ()
        yields = {name: _conversion(case, name, "t") for name in names}
        return run(listed, case.questions[listed.question], case.ledger, yields)

    return remember(case.kept, ("curve", specification), make)


def _conversion(case: Case, name: str, to: str) -> Conversion:
    found = number(case, name)
    unit(to)
    return Conversion(key=name, ratio=found.quantity, to=to, rows=found.rows)


def _filters(pointer: Pointer) -> dict[str, str]:
    return dict(pointer.where)


def _matching(case: Case, pointer: Pointer, indicator: str, *, spans: bool = True) -> list[Observation]:
    wanted = _filters(pointer)
    rows = observations(case.ledger, indicator=indicator, place=wanted.get("place"))
    for column in ("counterpart", "part_year", "origin", "vintage", "status"):
        if column in wanted:
            rows = [r for r in rows if getattr(r, column) == wanted[column]]
    if "year" in wanted:
        rows = [r for r in rows if r.year == int(wanted["year"])]
    return [r for r in rows if spans or r.until is None]


def _nothing(pointer: Pointer) -> PointerError:
    sought = ", ".join(f"{k} = {v}" for k, v in pointer.where)
    return PointerError("no-row", {"name": pointer.key, "sought": sought})


def _figure(case: Case, pointer: Pointer) -> Number:
    """Read one row; several indicators joined by + are added, one row of each."""
    chosen = []
    for indicator in _filters(pointer)["indicator"].split("+"):
        rows = _matching(case, pointer, indicator)
        if not rows:
            raise _nothing(pointer)
        chosen.append(min(rows, key=preference))
    total = _of(chosen[0])
    for row in chosen[1:]:
        total = add(total, _of(row))
    first = chosen[0]
    return Number(
        key=pointer.key,
        quantity=total,
        op="figure" if len(chosen) == 1 else "sum",
        of=(),
        rows=tuple(r.row for r in chosen),
        year=first.year,
        until=first.until,
        fiscal=first.year_kind == "us-fiscal",
    )


def _of(row: Observation) -> Quantity:
    return Quantity(value=row.value, unit=row.unit, low=row.low, high=row.high)


def _money(case: Case, pointer: Pointer) -> Number:
    """Add flows of one table, release and stage; at constant prices where `at` is given."""
    wanted = _filters(pointer)
    rows = money_rows(case, wanted)
    if not rows:
        raise _nothing(pointer)
    for column in ("origin", "stage", "currency", "year_kind"):
        found = sorted({getattr(r, column) for r in rows})
        if len(found) > 1:
            told = {"name": pointer.key, "column": column, "found": ", ".join(found)}
            raise PointerError("would-mix", told)
    at = int(wanted["at"]) if "at" in wanted else None
    amounts, used = [r.amount for r in rows], tuple(r.row for r in rows)
    if at is not None:
        priced = deflator(
            case.ledger, origin=rows[0].origin, stage=rows[0].stage, to=at, indexes=case.indexes
        )
        amounts, used = at_prices(rows, priced), used + tuple(r for r in priced.rows if r not in used)
    return Number(
        key=pointer.key,
        quantity=Quantity(value=sum(amounts), unit=rows[0].currency),
        op="money",
        of=(),
        rows=used,
        year=min(r.year for r in rows),
        until=max(r.until or r.year for r in rows),
        fiscal=rows[0].year_kind == "us-fiscal",
        at=at,
    )


def money_rows(case: Case, wanted: dict[str, str]) -> list[Flow]:
    """Return the current-price flows that match; `table` names the file they stand in."""
    since = int(wanted.get("since", wanted.get("year", 0)))
    until = int(wanted.get("until", wanted.get("year", 9999)))
    rows = flows(
        case.ledger,
        provider=wanted.get("provider"),
        recipient=wanted.get("recipient"),
        stage=wanted.get("stage"),
        origin=wanted.get("origin"),
    )
    return [
        r
        for r in rows
        if r.price_base is None
        and since <= r.year <= until
        and (not wanted.get("table") or r.row.startswith(f"figures/{wanted['table']}.csv:"))
        and (not wanted.get("purpose") or wanted["purpose"] in r.purposes.split(";"))
        and (not wanted.get("account") or r.account == wanted["account"])
        and (not wanted.get("agency") or r.agency == wanted["agency"])
        and (not wanted.get("interest") or serves(r, wanted["interest"]))
    ]


_ON_TWO = ("difference", "product", "ratio", "change", "interval")


def _operation(case: Case, pointer: Pointer, make: Callable[[list[Number]], Quantity]) -> Number:
    if len(pointer.of) < 2 or (pointer.op in _ON_TWO and len(pointer.of) > 2):  # noqa: PLR2004 - a pair
        code = "needs-two" if pointer.op in _ON_TWO else "needs-more"
        raise PointerError(code, {"name": pointer.key, "op": pointer.op, "found": str(len(pointer.of))})
    parts = [number(case, name) for name in pointer.of]
    spans = [(p.year, p.until or p.year) for p in parts if p.year is not None]
    return Number(
        key=pointer.key,
        quantity=make(parts),
        op=pointer.op,
        of=pointer.of,
        rows=tuple(dict.fromkeys(row for p in parts for row in p.rows)),
        year=min((since for since, _ in spans), default=None),
        until=max((until for _, until in spans), default=None),
        fiscal=any(p.fiscal for p in parts),
        at=parts[0].at,
    )


def _sum(case: Case, pointer: Pointer) -> Number:
    def make(parts: list[Number]) -> Quantity:
        total = parts[0].quantity
        for part in parts[1:]:
            total = add(total, part.quantity)
        return total

    return _operation(case, pointer, make)


def _difference(case: Case, pointer: Pointer) -> Number:
    return _operation(case, pointer, lambda p: add(p[0].quantity, p[1].quantity, sign=-1))


def _product(case: Case, pointer: Pointer) -> Number:
    return _operation(case, pointer, lambda p: multiply(p[0].quantity, p[1].quantity, to=pointer.unit))


def _ratio(case: Case, pointer: Pointer) -> Number:
    unit = pointer.unit or "ratio"
    return _operation(case, pointer, lambda p: divide(p[0].quantity, p[1].quantity, to=unit))


def _change(case: Case, pointer: Pointer) -> Number:
    """Change from the second number to the first, in percent of the second."""

    def make(parts: list[Number]) -> Quantity:
        after = convert(parts[0].quantity, parts[1].quantity.unit).value
        before = parts[1].quantity.value
        if before == 0:
            raise ZeroDivisionError("the number that it is compared with is zero")
        return Quantity(value=100 * (after / before - 1), unit="percent")

    return _operation(case, pointer, make)


def _range(case: Case, pointer: Pointer) -> Number:
    """Smallest to largest of the numbers, with the middle one as the value."""

    def make(parts: list[Number]) -> Quantity:
        unit = parts[0].quantity.unit
        values = sorted(convert(p.quantity, unit).value for p in parts)
        return Quantity(value=statistics.median_low(values), unit=unit, low=values[0], high=values[-1])

    return _operation(case, pointer, make)


def _interval(case: Case, pointer: Pointer) -> Number:
    """Take a published value and its standard error as a 90 % interval of the normal law."""

    def make(parts: list[Number]) -> Quantity:
        centre = parts[0].quantity
        half = _NORMAL_90 * convert(parts[1].quantity, centre.unit).value
        return Quantity(
            value=centre.value, unit=centre.unit, low=centre.value - half, high=centre.value + half
        )

    return _operation(case, pointer, make)


def _over_years(case: Case, pointer: Pointer) -> Number:
    """Take the smallest, largest, first, last, mean or number of a series' values."""
    wanted = _filters(pointer)
    line = series(
        case.ledger, wanted["indicator"], wanted["place"], counterpart=wanted.get("counterpart", "")
    )
    since, until = int(wanted.get("since", 0)), int(wanted.get("until", 9999))
    pairs = [(r, v) for r, v in zip(line.rows, line.values, strict=True) if since <= r.year <= until]
    if not pairs:
        raise _nothing(pointer)
    picked = {
        "smallest": lambda: [min(pairs, key=lambda p: p[1])],
        "largest": lambda: [max(pairs, key=lambda p: p[1])],
        "first": lambda: [pairs[0]],
        "last": lambda: [pairs[-1]],
    }.get(pointer.op, lambda: pairs)()
    values = [v for _, v in picked]
    value = float(len(values)) if pointer.op == "count" else statistics.fmean(values)
    return Number(
        key=pointer.key,
        quantity=Quantity(value=value, unit="year" if pointer.op == "count" else line.unit),
        op=pointer.op,
        of=(),
        rows=tuple(r.row for r, _ in picked),
        year=picked[0][0].year,
        until=picked[-1][0].year,
        fiscal=picked[0][0].year_kind == "us-fiscal",
    )


def _chosen_effect(case: Case, pointer: Pointer) -> Effect:
    wanted = _filters(pointer)
    found = effects(case, wanted["question"])
    for effect in found:
        if effect.design.startswith(wanted.get("design", "")):
            return effect
    known = ", ".join(e.design for e in found)
    told = {"name": pointer.key, "design": wanted.get("design", ""), "known": known}
    raise PointerError("no-such-design", told)


def _from_effect(case: Case, pointer: Pointer) -> Number:
    """Read a field of an effect: observed, counterfactual, difference or averted."""
    effect = _chosen_effect(case, pointer)
    field = _filters(pointer).get("field", "averted")
    if field not in CHOICES["field"]:
        told = {"name": pointer.key, "field": field, "known": ", ".join(CHOICES["field"])}
        raise PointerError("no-such-field", told)
    taken = effect.difference if field == "averted" else getattr(effect, field)
    if taken is None:
        raise PointerError("no-answer", {"name": pointer.key, "design": effect.design})
    if field == "averted":
        taken = Quantity(
            value=-taken.value,
            unit=taken.unit,
            low=None if taken.high is None else -taken.high,
            high=None if taken.low is None else -taken.low,
        )
    return _effect_number(pointer, effect, taken)


def _effect_number(pointer: Pointer, effect: Effect, taken: Quantity) -> Number:
    return Number(
        key=pointer.key,
        quantity=taken,
        op=pointer.op,
        of=(),
        rows=effect.inputs,
        year=effect.question.year,
        effect=f"{effect.question.key} {effect.design}",
    )


def _from_check(case: Case, pointer: Pointer) -> Number:
    """Read the measured value of a check of an effect."""
    effect = _chosen_effect(case, pointer)
    wanted = _filters(pointer)["check"]
    check = next((c for c in effect.checks if c.key == wanted), None)
    if check is None or check.value is None:
        raise PointerError("no-check", {"name": pointer.key, "design": effect.design, "check": wanted})
    made = _effect_number(pointer, effect, Quantity(value=check.value, unit=pointer.unit or "ratio"))
    return replace(made, rows=check.rows or effect.inputs)


def _from_curve(case: Case, pointer: Pointer) -> Number:
    """Take a statistic of a specification curve, or where a figure stands on it."""
    wanted = _filters(pointer)
    found = [e for e in curve(case, wanted["specification"]) if e.difference is not None]
    if not found:
        raise PointerError("no-answer", {"name": pointer.key, "design": wanted["specification"]})
    first = found[0].difference
    unit = first.unit if first else "ratio"
    stat = wanted["stat"]
    rows = tuple(dict.fromkeys(row for e in found for row in e.inputs))
    if stat in ("percentile", "reached"):
        figure = convert(number(case, pointer.of[0]).quantity, unit).value
        leave = wanted.get("leaving-out", "")
        standing = next(s for s in standings(figure, found) if s.without == leave)
        made = Quantity(
            value=standing.percentile if stat == "percentile" else standing.reached, unit="percent"
        )
        rows = (*rows, *number(case, pointer.of[0]).rows)
    elif stat == "count":
        made = Quantity(value=float(len(found)), unit="ratio")
    else:
        amounts = [averted(e) for e in found]
        picked = {"median": statistics.median(amounts), "smallest": min(amounts), "largest": max(amounts)}
        made = Quantity(value=picked[stat], unit=unit)
    return Number(
        key=pointer.key,
        quantity=made,
        op="curve",
        of=pointer.of,
        rows=rows,
        year=found[0].question.year,
        effect=wanted["specification"],
    )


OPERATIONS: dict[str, Callable[[Case, Pointer], Number]] = {
    "figure": _figure,
    "money": _money,
    "sum": _sum,
    "difference": _difference,
    "product": _product,
    "ratio": _ratio,
    "change": _change,
    "range": _range,
    "interval": _interval,
    "smallest": _over_years,
    "largest": _over_years,
    "first": _over_years,
    "last": _over_years,
    "mean": _over_years,
    "count": _over_years,
    "effect": _from_effect,
    "check": _from_check,
    "curve": _from_curve,
    "moves": moved,
}
