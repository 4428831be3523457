"""What a case's results rest on, and how much of it can still be worked out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ayni.claims.case import Case
from ayni.claims.grades import grade
from ayni.claims.numbers import curve, effects, number
from ayni.claims.pointers import PointerError
from ayni.claims.verdicts import verdict
from ayni.designs.records import Effect
from ayni.dossier.changes import Broken
from ayni.ledger.prices import MissingDeflatorError
from ayni.ledger.series import flows
from ayni.remember import remember

T = TypeVar("T")
_DOCUMENT = "document:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workable:
    """The part of a case that can be worked out, and why the rest cannot.

    Attributes
    ----------
    case : Case
        The same case without what is broken.
    broken : dict of (str, str) to Broken
        By kind and key, as `ayni.dossier.changes` names them.
    """

    case: Case
    broken: dict[tuple[str, str], Broken]


def workable(case: Case) -> Workable:
    """Return what of a case can be worked out: a release may lack what a number is read from."""
    broken: dict[tuple[str, str], Broken] = {}

    def sound(kind: str, held: Mapping[str, T], work: Callable[[str], object]) -> dict[str, T]:
        kept = {}
        for key, one in held.items():
            try:
                work(key)
            except PointerError as error:
                broken[kind, key] = Broken(es=error.said("es"), en=error.said("en"))
            except MissingDeflatorError as error:
                broken[kind, key] = Broken(es=str(error), en=str(error))
            else:
                kept[key] = one
        return kept

    found = replace(
        case,
        pointers=sound("numbers", case.pointers, lambda key: number(case, key)),
        questions=sound("effects", case.questions, lambda key: effects(case, key)),
        specifications=sound("curves", case.specifications, lambda key: curve(case, key)),
        claims=sound("verdicts", case.claims, lambda key: verdict(case, key)),
        chain=replace(
            case.chain,
            links=sound("grades", case.chain.links, lambda key: grade(case, case.chain.links[key])),
        ),
    )
    return Workable(case=found, broken=broken)


def rests(case: Case, standings: Mapping[str, str]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the rows below every result of a case that can be worked out, by kind and key.

    Parameters
    ----------
    standings : mapping of str to str
        The frozen list on which each published figure stands, by the number's name.
    """
    found = {("numbers", key): _below_number(case, key) for key in case.pointers}
    for key in case.questions:
        for effect in effects(case, key):
            found["effects", f"{key} {effect.design}"] = _rows_of([effect])
    for key in case.specifications:
        found["curves", key] = _rows_of(curve(case, key))
    for key, listed in standings.items():
        if ("numbers", key) in found and ("curves", listed) in found:
            found["standings", key] = found["numbers", key] | found["curves", listed]
    for key, link in case.chain.links.items():
        weighed = grade(case, link).weighed
        found["grades", key] = _named_rows(case, [(w.item.number, w.rows) for w in weighed])
    for key in case.claims:
        found["verdicts", key] = _below_claim(case, key)
    return found


def _below_number(case: Case, key: str) -> frozenset[str]:
    """Return the rows that a number can move with.

    Of a release's own deflator that is less than `Number.rows` holds: a factor is the ratio of its year over
    that of the year of the prices, and rows of other years cannot move it.
    """
    found = number(case, key)
    if found.of and found.op != "curve":
        return frozenset().union(*(_below_number(case, part) for part in found.of))
    if found.op != "money" or not found.at:
        return frozenset(found.rows)
    since, until = found.year or 0, found.until or 0
    flow_years = remember(
        case.ledger.kept, "years of flows", lambda: {row.row: row.year for row in flows(case.ledger)}
    )
    years = {*range(since, until + 1), found.at}
    return frozenset(row for row in found.rows if flow_years.get(row, since) in years)


def _named_rows(case: Case, said: Iterable[tuple[str, tuple[str, ...]]]) -> frozenset[str]:
    """Return the rows below what speaks to something: those of a number by its name, else those given."""
    below: set[str] = set()
    for name, rows in said:
        below |= _below_number(case, name) if name in case.pointers else set(rows)
    return frozenset(row for row in below if not row.startswith(_DOCUMENT))


def _rows_of(answers: Iterable[Effect]) -> frozenset[str]:
    """Return the rows of effects and of their checks, which may turn without the effect moving."""
    return frozenset(
        row for effect in answers for row in (*effect.inputs, *(r for c in effect.checks for r in c.rows))
    )


def _below_claim(case: Case, key: str) -> frozenset[str]:
    claim = case.claims[key]
    rows = _named_rows(case, [(e.pointer, e.rows) for e in verdict(case, key).evidence])
    rows |= _rows_of(effect for question in claim.effects for effect in effects(case, question))
    return rows.union(*(_below_claim(case, part) for part in claim.parts))
