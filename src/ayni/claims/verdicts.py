"""From a claim to its verdict: gather what speaks to it, apply the rule, ask what would turn it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ayni.claims import rules
from ayni.claims.case import Case
from ayni.claims.grades import CERTAINTIES, Grade, Weighed, combine, grade, spoken
from ayni.claims.naming import name_of, naming_row, origin_of, words
from ayni.claims.numbers import effects, number
from ayni.claims.records import Claim, Evidence, Pivot, Verdict
from ayni.claims.rules import EffectReading, Finding, LinkReading, Reading
from ayni.designs.records import Effect
from ayni.ledger.records import Observation
from ayni.ledger.series import observations
from ayni.ledger.store import frame
from ayni.remember import remember
from ayni.units import Quantity, convert

# A pivot is sought up to this many times the size of the figure away from it.
_REACH = 10.0
# How far, relative to its size, a reading is moved past a threshold to see the label turn.
_HAIR = 1e-9
_NOT_FACTS = ("opinion", "forecast")


def verdict(case: Case, key: str) -> Verdict:
    """Return the verdict on the claim `key`, worked out once per case."""
    claim = case.claims[key]
    judge = _JUDGES.get(claim.kind, _judge_figures)
    return remember(case.kept, ("verdict", key), lambda: judge(case, claim))


def verdicts(case: Case) -> tuple[Verdict, ...]:
    """Return the verdicts on all claims, in the dossier's order."""
    return tuple(verdict(case, key) for key in case.claims)


# -- claims about figures ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """A reading with the evidence that it prints as."""

    reading: Reading
    evidence: Evidence

    @property
    def unit(self) -> str:
        """The unit of the reading's own figure."""
        return self.evidence.quantity.unit if self.evidence.quantity else ""


def _judge_figures(case: Case, claim: Claim) -> Verdict:
    heard = _heard(case, claim)
    rule = _RULES[claim.kind]
    readings = [h.reading for h in heard]
    found = rule(claim, readings)
    return Verdict(
        claim=claim,
        label=found.label,
        reasons=found.reasons,
        evidence=tuple(
            replace(h.evidence, stance=_stance(claim, h.reading, readings, rule))
            for h in heard
            if h.reading.role != "elsewhere" or f"fits-elsewhere:{h.reading.pointer}" in found.reasons
        ),
        confidence=_publishers(case, heard),
        pivots=_pivots(claim, heard, rule),
    )


def _publishers(case: Case, heard: Sequence[_Spoken]) -> str:
    """Return the certainty that the number of publishers behind the sources gives."""
    origins = words(case.ledger, "origins")
    rows = {row for h in heard if h.reading.role != "elsewhere" for row in h.evidence.rows}
    known = origin_of(case.ledger)
    found = {origins[known[row]]["publisher"] for row in rows if row in known}
    return CERTAINTIES[(0, 2, 3, 4)[min(len(found), 3)]]


_Rule = Callable[[Claim, Sequence[Reading]], Finding]
_RULES: dict[str, _Rule] = {
    "quantity": rules.quantity,
    "share": rules.share,
    "rank": rules.rank,
    "trend": rules.trend,
    "comparison": rules.comparison,
    "sum": rules.added,
}


def _heard(case: Case, claim: Claim) -> list[_Spoken]:
    if claim.kind == "sum":
        return [_own_number(case.claims[part], group) for group, part in enumerate(claim.parts)]
    named = [
        _named(case, claim, name, group, "source" if position == 0 or claim.kind != "rank" else "place")
        for group, names in enumerate(claim.inputs)
        for position, name in enumerate(names)
    ]
    if claim.kind != "quantity" or not claim.concept:
        return named
    return named + _rows_of(case, claim, first_group=len(claim.inputs))


def _own_number(part: Claim, group: int) -> _Spoken:
    value = part.value or 0.0
    return _Spoken(
        reading=Reading(
            pointer=f"claim:{part.key}", value=value, low=value, high=value, group=group, role="part"
        ),
        evidence=Evidence(
            pointer=f"claim:{part.key}",
            quantity=Quantity(value=value, unit=part.unit),
            stance="neither",
            es=part.es,
            en=part.en,
        ),
    )


def _named(case: Case, claim: Claim, name: str, group: int, role: str) -> _Spoken:
    found = number(case, name)
    what = convert(found.quantity, claim.unit) if claim.kind in ("quantity", "share") else found.quantity
    low, high = what.ends
    return _Spoken(
        reading=Reading(pointer=name, value=what.value, low=low, high=high, group=group, role=role),
        evidence=Evidence(
            pointer=name,
            quantity=found.quantity,
            stance="neither",
            es=name_of(case, name, "es"),
            en=name_of(case, name, "en"),
            rows=found.rows,
        ),
    )


def _rows_of(case: Case, claim: Claim, *, first_group: int) -> list[_Spoken]:
    """Return every row on the claim's concept: its own year as sources, the rest as elsewhere.

    Rows that the speaker of the claim published are left out: a claim is no evidence for itself.
    """
    own = [r for r in _of_concept(case, claim, claim.concept) if r.origin != claim.speaker]
    here = [r for r in own if r.year == claim.year and r.until is None]
    whole = [r for r in here if not r.part_year] or here
    away = [r for r in own if r.year != claim.year or r not in whole]
    away += [r for c in claim.elsewhere for r in _of_concept(case, claim, c) if r.origin != claim.speaker]
    return [
        _row(case, claim, row, first_group + i, role)
        for i, (row, role) in enumerate([(r, "source") for r in whole] + [(r, "elsewhere") for r in away])
    ]


def _of_concept(case: Case, claim: Claim, concept: str) -> list[Observation]:
    indicators = frame(case.ledger, "indicators").filter(pl.col("concept") == concept)["key"]
    counterpart = claim.counterpart or None
    return [
        row
        for key in indicators
        for row in observations(case.ledger, indicator=key, place=claim.place, counterpart=counterpart)
    ]


def _row(case: Case, claim: Claim, row: Observation, group: int, role: str) -> _Spoken:
    what = Quantity(value=row.value, unit=row.unit, low=row.low, high=row.high)
    low, high = convert(what, claim.unit).ends
    return _Spoken(
        reading=Reading(
            pointer=f"row:{row.row}",
            value=convert(what, claim.unit).value,
            low=low,
            high=high,
            group=group,
            role=role,
        ),
        evidence=Evidence(
            pointer=f"row:{row.row}",
            quantity=what,
            stance="neither",
            es=naming_row(case.ledger, row, "es"),
            en=naming_row(case.ledger, row, "en"),
            rows=(row.row,),
        ),
    )


def _stance(claim: Claim, reading: Reading, readings: Sequence[Reading], rule: _Rule) -> str:
    """Return whether a reading's own group, judged alone, bears the claim out."""
    if reading.role == "elsewhere":
        return "against"
    if claim.kind == "sum":
        return "neither"
    alone = rule(claim, [r for r in readings if r.group == reading.group and r.role != "elsewhere"])
    return {"holds": "for", "out-of-reach": "neither"}.get(alone.label, "against")


def _pivots(claim: Claim, heard: Sequence[_Spoken], rule: _Rule) -> tuple[Pivot, ...]:
    readings = [h.reading for h in heard]
    label = rule(claim, readings).label
    found = []
    for position, said in enumerate(heard):
        unit = claim.unit if claim.kind in ("quantity", "share") else said.unit
        for above in (True, False):
            turned = _turn(claim, readings, position, label, rule, above=above)
            if turned is not None:
                at, becomes = turned
                found.append(
                    (
                        abs(at - said.reading.value) / (abs(said.reading.value) or 1),
                        Pivot(pointer=said.reading.pointer, at=at, unit=unit, becomes=becomes, above=above),
                    )
                )
    return tuple(pivot for _, pivot in sorted(found, key=lambda pair: pair[0]))


def _turn(
    claim: Claim, readings: Sequence[Reading], position: int, label: str, rule: _Rule, *, above: bool
) -> tuple[float, str] | None:
    """Return the value of one reading at which the label turns, moving one way, and the new label.

    The rules turn only where a reading meets the claim or another reading; each such place
    is tried, and a hair to either side of it.
    """
    here = readings[position]

    def at(delta: float) -> str:
        moved = replace(here, value=here.value + delta, low=here.low + delta, high=here.high + delta)
        return rule(claim, [*readings[:position], moved, *readings[position + 1 :]]).label

    size = max(abs(here.value), claim.rounding, 1e-9)
    for delta in sorted(_meetings(claim, readings, position), key=abs):
        if abs(delta) > _REACH * size:
            break
        for near in (delta - _HAIR * size, delta, delta + _HAIR * size):
            if (near > 0) == above and near != 0 and at(near) != label:
                return here.value + delta, at(near)
    return None


def _meetings(claim: Claim, readings: Sequence[Reading], position: int) -> set[float]:
    """Return every move of one reading that brings it to the claim or to another reading."""
    here = readings[position]
    others = [*readings[:position], *readings[position + 1 :]]
    met = {end for r in others for end in (r.value, r.low, r.high)}
    room = claim.rounding / 2
    if claim.value is not None:
        met |= {claim.value, claim.value - sum(r.value for r in others)}
    steady = rules.STEADY / 100
    places = {m + d for m in met for d in (-room, 0.0, room)}
    places |= {m * k for m in met for k in (1 - steady, 1 + steady, 1 / (1 - steady), 1 / (1 + steady))}
    return {place - end for place in places for end in (here.value, here.low, here.high)}


# -- causes and conclusions ----------------------------------------------------------------


def _judge_cause(case: Case, claim: Claim) -> Verdict:
    grades = [grade(case, case.chain.links[key]) for key in claim.links]
    answers = [e for question in claim.effects for e in effects(case, question)]
    readings = [read_effect(e) for e in answers]
    found = rules.cause([read_link(g) for g in grades], readings)
    return Verdict(
        claim=claim,
        label=found.label,
        reasons=found.reasons,
        evidence=tuple(spoken(w) for g in grades for w in g.weighed)
        + tuple(_effect_spoken(e) for e in answers),
        confidence=min((g.certainty for g in grades), key=CERTAINTIES.index, default="none"),
        pivots=_causal_pivots(grades, readings, found),
    )


def read_link(graded: Grade) -> LinkReading:
    """Return a graded link as the causal rule sees it."""
    return LinkReading(
        key=graded.link.key,
        certainty=graded.certainty,
        balance=graded.balance,
        best_for=max((w.level for w in graded.weighed if w.stance == "for"), default=-1),
        best_against_here=max(
            (w.level for w in graded.weighed if w.stance == "against" and w.item.here), default=-1
        ),
    )


def read_effect(effect: Effect) -> EffectReading:
    """Return an effect as the causal rule sees it."""
    what = effect.difference
    return EffectReading(
        question=effect.question.key,
        difference=None if what is None else what.value,
        low=None if what is None else what.low,
        high=None if what is None else what.high,
        big=effect.question.big,
        better=effect.question.better,
        checks_passed=bool(effect.checks) and all(c.passed for c in effect.checks),
    )


def _effect_spoken(effect: Effect) -> Evidence:
    reading = read_effect(effect)
    stance = "neither"
    if reading.low is not None and reading.high is not None and reading.checks_passed:
        good = reading.high < 0 if reading.better == "lower" else reading.low > 0
        bad = reading.low > 0 if reading.better == "lower" else reading.high < 0
        stance = "for" if good else "against" if bad else "neither"
    return Evidence(
        pointer=f"effect:{effect.question.key}",
        quantity=effect.difference,
        stance=stance,
        es=effect.question.es,
        en=effect.question.en,
        rows=effect.inputs,
    )


def _causal_pivots(
    grades: Sequence[Grade], readings: Sequence[EffectReading], found: Finding
) -> tuple[Pivot, ...]:
    """Return, per figure on a link, where it would have to move to turn the label."""
    pivots = []
    for position, graded in enumerate(grades):
        for place, weighed in enumerate(graded.weighed):
            if weighed.quantity is None:
                continue
            for stance, at in _other_stances(weighed).items():
                other = replace(weighed, stance=stance)
                moved = combine(graded.link, (*graded.weighed[:place], other, *graded.weighed[place + 1 :]))
                links = [read_link(g) for g in (*grades[:position], moved, *grades[position + 1 :])]
                turned = rules.cause(links, readings)
                if turned.label != found.label:
                    pivots.append(
                        Pivot(
                            pointer=weighed.item.number,
                            at=at,
                            unit=weighed.quantity.unit,
                            becomes=turned.label,
                            above=at > weighed.quantity.value,
                        )
                    )
    return tuple(pivots)


def _other_stances(weighed: Weighed) -> dict[str, float]:
    """Return the stances that an item does not have, and the value at which it would take them.

    An item speaks for or against its link when the whole range of its figure is past the
    threshold; the range moves with the figure.
    """
    if weighed.quantity is None:
        return {}
    low, high = weighed.quantity.ends
    threshold, value = weighed.item.threshold, weighed.quantity.value
    past_above, past_below = threshold + (value - low), threshold - (high - value)
    above = weighed.item.test == "above"
    places = (
        {"for": past_above, "against": past_below} if above else {"for": past_below, "against": past_above}
    )
    return {stance: at for stance, at in places.items() if stance != weighed.stance}


def _judge_conclusion(case: Case, claim: Claim) -> Verdict:
    parts = [verdict(case, key) for key in claim.parts]
    found = rules.conclusion([(v.claim.key, v.label) for v in parts])
    return Verdict(
        claim=claim,
        label=found.label,
        reasons=found.reasons,
        evidence=tuple(
            Evidence(
                pointer=f"claim:{v.claim.key}",
                quantity=None,
                stance={"plausible": "for", "likely": "for", "shown": "for", "contradicted": "against"}.get(
                    v.label, "neither"
                ),
                es=v.claim.es,
                en=v.claim.en,
            )
            for v in parts
        ),
        confidence=min((v.confidence for v in parts), key=CERTAINTIES.index, default="none"),
    )


def _judge_not_a_fact(_: Case, claim: Claim) -> Verdict:
    return Verdict(claim=claim, label="not-a-fact", reasons=(f"kind:{claim.kind}",), evidence=())


_JUDGES: dict[str, Callable[[Case, Claim], Verdict]] = {
    "cause": _judge_cause,
    "conclusion": _judge_conclusion,
    **dict.fromkeys(_NOT_FACTS, _judge_not_a_fact),
}
