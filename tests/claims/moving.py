"""Move one figure of a case and see what becomes of a verdict."""

# mypy: disable-error-code="dict-item"
from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import polars as pl

from ayni.claims.case import Case, over
from ayni.claims.grades import grade
from ayni.claims.numbers import effects, number
from ayni.claims.rules import Reading, cause
from ayni.claims.verdicts import _RULES, _heard, read_effect, read_link, verdict
from ayni.ledger.schemas import TABLES
from ayni.ledger.store import Ledger, frame, revised
from tests.dossier.peru import peru

FIGURES = ("quantity", "share", "rank", "trend", "comparison")


def rows_of(case: Case, pointer: str) -> tuple[str, ...]:
    """The rows behind a reading: its own, or those of the number it is called by."""
    return (pointer.removeprefix("row:"),) if pointer.startswith("row:") else number(case, pointer).rows


def names_of(case: Case, key: str) -> set[str]:
    """Every number that a claim hangs on, by its inputs or along its links."""
    claim = case.claims[key]
    links = [case.chain.links[k] for k in claim.links]
    return {n for group in claim.inputs for n in group} | {
        item.number for link in links for item in link.items if item.number
    }


@cache
def trimmed(key: str) -> Case:
    """The case with the figures that can bear on one claim, and no others: it is quick to revise."""
    case = peru().case
    claim = case.claims[key]
    rows = {row for name in names_of(case, key) for row in number(case, name).rows}
    table = frame(case.ledger, "observations")
    indicators = set(table.filter(pl.col("row").is_in(rows))["indicator"])
    words = frame(case.ledger, "indicators")
    concepts = {claim.concept, *claim.elsewhere} - {""}
    origins = set(frame(case.ledger, "flows").filter(pl.col("row").is_in(rows))["origin"])
    for question in (case.questions[q] for q in claim.effects):
        indicators.add(question.indicator)
        origins.add(question.cause.origin)
        concepts |= set(words.filter(pl.col("key").is_in([question.indicator]))["concept"])
        for asked in case.asked[question.key]:
            indicators |= {v for k, v in asked.settings if k in ("averted", "area", "removed")}
            if asked.conversion:
                behind = number(case, asked.conversion).rows
                indicators |= set(table.filter(pl.col("row").is_in(behind))["indicator"])
    indicators |= set(words.filter(pl.col("concept").is_in(concepts))["key"]) | set(case.indexes)
    frames = {name: frame(case.ledger, name) for name in TABLES}
    far = pl.col("place").str.starts_with("PER-dist-") & ~pl.col("row").is_in(rows)
    frames["observations"] = table.filter(pl.col("indicator").is_in(indicators) & ~far)
    frames["flows"] = frames["flows"].filter(pl.col("origin").is_in(origins))
    # numbers that lean on other designs would need other rows
    small = over(case, Ledger(path=case.ledger.path, parts=(), kept={**frames}))
    got, was = verdict(small, key), verdict(case, key)
    if (got.label, got.reasons, got.pivots) != (was.label, was.reasons, was.pivots):
        return case
    return small


def with_row(case: Case, row: str, value: float) -> Case:
    return over(case, revised(case.ledger, row, value))


def value_of(case: Case, row: str) -> float:
    for table, column in (("observations", "value"), ("flows", "amount")):
        found = frame(case.ledger, table).filter(pl.col("row") == row)
        if not found.is_empty():
            return float(found[column][0])
    raise KeyError(row)


def readings(case: Case, key: str) -> dict[tuple[str, int], Reading]:
    return {(h.reading.pointer, h.reading.group): h.reading for h in _heard(case, case.claims[key])}


def label_of(case: Case, key: str) -> str:
    """The label alone, without the search for what would turn it, which is most of the work."""
    claim = case.claims[key]
    if claim.kind == "cause":
        graded = [read_link(grade(case, case.chain.links[k])) for k in claim.links]
        return cause(graded, [read_effect(e) for q in claim.effects for e in effects(case, q)]).label
    return _RULES[claim.kind](claim, [h.reading for h in _heard(case, claim)]).label


@dataclass(frozen=True)
class Lever:
    """A row that moves one reading of a claim and no other, straight or by its inverse."""

    key: str
    pointer: str
    group: int
    row: str
    slope: float  # of the reading on the row; NaN where their product stays the same

    def moved(self, target: float) -> Case:
        """The case with the row at the value that puts the reading at `target`."""
        case = trimmed(self.key)
        x, y = value_of(case, self.row), readings(case, self.key)[self.pointer, self.group].value
        goal = x * y / target if math.isnan(self.slope) else x + (target - y) / self.slope
        after = with_row(case, self.row, goal)
        # the way there is computed in floating point: a value exactly at an edge may be missed by a hair
        assert math.isclose(
            readings(after, self.key)[self.pointer, self.group].value,
            target,
            rel_tol=1e-9,
            abs_tol=1e-9 * abs(y),
        )
        return after


@cache
def lever(key: str, pointer: str, group: int) -> Lever | None:
    """A row behind a reading that moves it alone, or None where every row moves others too."""
    case = trimmed(key)
    before = readings(case, key)
    y = before[pointer, group].value
    for row in rows_of(case, pointer):
        x = value_of(case, row)
        step = 0.01 * (abs(x) or 1)
        after = readings(with_row(case, row, x + step), key)
        if {k for k in before if after.get(k) != before[k]} != {(pointer, group)}:
            continue
        once = after[pointer, group].value
        twice = readings(with_row(case, row, x + 2 * step), key)[pointer, group].value
        if math.isclose(twice - y, 2 * (once - y), rel_tol=1e-9):
            return Lever(key, pointer, group, row, (once - y) / step)
        if math.isclose(once * (x + step), x * y, rel_tol=1e-9):
            return Lever(key, pointer, group, row, math.nan)
    return None


def with_part(case: Case, part: str, value: float) -> Case:
    """The case with another number in a claim that is part of a sum."""
    return replace(case, claims={**case.claims, part: replace(case.claims[part], value=value)}, kept={})
