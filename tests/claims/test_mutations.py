"""Every input of every claim of us-peru is moved: the verdict turns at its threshold and not before."""

# mypy: disable-error-code="union-attr, operator, misc, comparison-overlap"
# what may be None is not, or the test fails on the spot
from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from ayni.claims.case import over
from ayni.claims.grades import grade, weigh
from ayni.claims.numbers import effects
from ayni.claims.verdicts import _RULES, verdict, verdicts
from ayni.ledger.store import Ledger, frame
from tests.claims.moving import (
    FIGURES,
    label_of,
    lever,
    names_of,
    readings,
    rows_of,
    trimmed,
    value_of,
    with_part,
    with_row,
)
from tests.dossier.peru import peru

CASE = peru().case
# Figures whose verdict is judged on numbers, one test per claim and reading.
READ = [
    (key, pointer, group)
    for key, claim in CASE.claims.items()
    if claim.kind in FIGURES
    for pointer, group in readings(CASE, key)
]
SHORT = (0.5, 0.95)


def pivots(key: str, pointer: str) -> dict[bool, tuple[float, str]]:
    return {p.above: (p.at, p.becomes) for p in verdict(CASE, key).pivots if p.pointer == pointer}


def test_there_are_claims_to_move():
    assert len(CASE.claims) >= 15
    assert len(READ) >= 30


@pytest.mark.parametrize(("key", "pointer", "group"), READ, ids=[f"{k}/{p}" for k, p, _ in READ])
def test_a_figure_turns_its_claim_at_the_threshold_and_not_before(key, pointer, group):
    """Through the ledger: the row behind the figure is revised and the whole verdict made again."""
    found = lever(key, pointer, group)
    if found is None:
        # every row behind it moves another reading too; then the rule is asked with this reading alone moved
        move = by_rule(key, pointer, group)
    else:
        move = lambda target: label_of(found.moved(target), key)  # noqa: E731
    here = readings(CASE, key)[pointer, group].value
    label = verdict(CASE, key).label
    announced = pivots(key, pointer)
    for above in (True, False):
        if above in announced:
            at, becomes = announced[above]
            step = at - here
            assert (step > 0) is above or step == 0
            for share in SHORT:
                assert move(here + share * step) == label
            near = 1e-7 * max(abs(step), abs(at), 1e-6)
            assert move(at - near * (1 if above else -1)) == label
            assert move(at + near * (1 if above else -1)) == becomes
            if found is not None:
                past = verdict(found.moved(at + near * (1 if above else -1)), key)
                assert (past.label, past.claim) == (becomes, CASE.claims[key])
        else:
            size = abs(here) or 1.0
            far = [here + size * k for k in (9.0,)] if above else [here - size * k for k in (2.0,)]
            for target in far:
                assert move(target) == label, f"{pointer} at {target:g}: no pivot tells of this"


def by_rule(key, pointer, group):
    told = readings(CASE, key)
    rule = _RULES[CASE.claims[key].kind]

    def move(target: float) -> str:
        here = told[pointer, group]
        by = target - here.value
        moved = replace(here, value=target, low=here.low + by, high=here.high + by)
        return rule(CASE.claims[key], [moved if k == (pointer, group) else r for k, r in told.items()]).label

    return move


@pytest.mark.parametrize("key", sorted({key for key, _, _ in READ}))
def test_no_place_where_a_label_turns_goes_unannounced(key):
    """The rules turn only where a figure meets the claim or another figure; each such place is tried."""
    claim, label = CASE.claims[key], verdict(CASE, key).label
    told = readings(CASE, key)
    room = claim.rounding / 2
    values = {r.value for r in told.values()} | ({claim.value} if claim.value is not None else set())
    missed = []
    for (pointer, group), here in told.items():
        move = by_rule(key, pointer, group)
        places = {v + d for v in values for d in (-room, 0.0, room)}
        places |= {v * k for v in values for k in (0.95, 1.05, 1 / 0.95, 1 / 1.05)}
        for place in places:
            for target in (place, place + 1e-9 * (abs(place) or 1), place - 1e-9 * (abs(place) or 1)):
                if abs(target - here.value) > 9 * abs(here.value):
                    continue  # farther than a pivot is sought
                if move(target) != label:
                    known = pivots(key, pointer).get(target > here.value)
                    if known is None or abs(target - here.value) < abs(known[0] - here.value) * (1 - 1e-9):
                        missed.append(f"{pointer} at {target:g}: {move(target)}")
    assert sorted(set(missed)) == []


@pytest.mark.parametrize("key", sorted({key for key, _, _ in READ}))
def test_pivots_come_nearest_first_and_in_the_unit_of_their_figure(key):
    from ayni.claims.numbers import number

    told = {r.pointer: r.value for r in readings(CASE, key).values()}
    found = verdict(CASE, key).pivots
    far = [abs(p.at - told[p.pointer]) / (abs(told[p.pointer]) or 1) for p in found]
    assert far == sorted(far)
    claim = CASE.claims[key]
    for pivot in found:
        if not pivot.pointer.startswith("row:"):
            own = number(CASE, pivot.pointer).quantity.unit
            assert pivot.unit == (claim.unit if claim.kind in ("quantity", "share") else own)


# --- sums ----------------------------------------------------------------------------------------

SUMS = [(k, part) for k, c in CASE.claims.items() if c.kind == "sum" for part in c.parts]


@pytest.mark.parametrize(("key", "part"), SUMS)
def test_a_part_turns_its_sum_at_the_rounding_and_not_before(key, part):
    here, label = CASE.claims[part].value, verdict(CASE, key).label
    total = sum(CASE.claims[p].value for p in CASE.claims[key].parts)
    room, off = CASE.claims[key].rounding / 2, CASE.claims[key].value - total
    announced = pivots(key, f"claim:{part}")
    assert label == "holds"
    for above, edge in ((True, here + off + room), (False, here + off - room)):
        at, becomes = announced[above]
        assert (at, becomes) == (pytest.approx(edge), "wrong-sum")
        for share in (*SHORT, 0.999):
            assert verdict(with_part(CASE, part, here + share * (edge - here)), key).label == label
        for beyond in (1.001, 2, 100):
            assert verdict(with_part(CASE, part, here + beyond * (edge - here)), key).label == "wrong-sum"


# --- causes --------------------------------------------------------------------------------------

CAUSES = [key for key, claim in CASE.claims.items() if claim.kind == "cause"]


def stances(case, key):
    return [
        (w.item.number or w.item.document, w.stance)
        for link in CASE.claims[key].links
        for w in grade(case, case.chain.links[link]).weighed
    ]


ITEMS = [
    (key, item)
    for key in CAUSES
    for link in CASE.claims[key].links
    for item in CASE.chain.links[link].items
    if item.number
]


@pytest.mark.parametrize(("key", "item"), ITEMS, ids=[f"{k}/{i.key}" for k, i in ITEMS])
def test_a_figure_on_a_link_turns_its_stance_at_the_threshold_and_the_verdict_as_announced(key, item):
    case = trimmed(key)
    was, label = stances(case, key), verdict(case, key).label
    announced = {p.above: p for p in verdict(case, key).pivots if p.pointer == item.number}
    ranges = weigh(case, item).quantity
    assert ranges is not None
    row, slope = driver(case, item)
    if row is None:
        pytest.fail(f"no row behind {item.number} moves it")
    x, y = value_of(case, row), ranges.value
    low, high = ranges.ends
    for above in (True, False):
        # where the whole range has crossed the threshold, going this way
        edge = item.threshold + (y - low if above else y - high)
        if (edge > y) is not above or edge == y:
            continue  # it lies the other way
        if above in announced and low == high:
            assert announced[above].at == pytest.approx(edge)
        beyond = "for" if above == (item.test == "above") else "against"
        for share, crossed in ((0.5, False), (0.98, False), (1.02, True), (3.0, True)):
            moved = with_row(case, row, x + share * (edge - y) / slope)
            now = weigh(moved, item)
            if abs(now.quantity.value - (y + share * (edge - y))) > 1e-6 * abs(edge - y):
                continue  # not a straight line of its row; its threshold is tried in test_grades
            if low == high:
                assert (now.stance == beyond) is crossed
            changed = [a for a, b in zip(stances(moved, key), was, strict=True) if a != b]
            if len({name for name, _ in changed}) == 1 and same_effects(moved, case, key):
                expected = announced[above].becomes if above in announced and crossed else label
                assert label_of(moved, key) == expected
            elif not changed and same_effects(moved, case, key):
                assert label_of(moved, key) == label


def driver(case, item):
    """A row that moves the item's number along a line, with the slope."""
    y = weigh(case, item).quantity.value
    for row in rows_of(case, item.number):
        x = value_of(case, row)
        step = 1e-3 * (abs(x) or 1)
        slope = (weigh(with_row(case, row, x + step), item).quantity.value - y) / step
        if abs(slope) > 1e-12 * abs(y or 1) / step:
            return row, slope
    return None, 0.0


def same_effects(one, other, key):
    def seen(case):
        return [
            (e.difference, e.counterfactual, [c.passed for c in e.checks])
            for q in CASE.claims[key].effects
            for e in effects(case, q)
        ]

    return seen(one) == seen(other)


@pytest.mark.parametrize("key", CAUSES)
def test_no_large_move_of_a_figure_turns_a_cause_unannounced(key):
    case = trimmed(key)
    label, announced = verdict(case, key).label, verdict(case, key).pivots
    rows = {row: name for name in names_of(case, key) for row in rows_of(case, name)}
    if len(rows) > 30:  # money adds a row per year; the largest stand for the rest
        rows = dict(sorted(rows.items(), key=lambda r: -abs(value_of(case, r[0])))[:30])
    for row, name in rows.items():
        x = value_of(case, row)
        # the sign of money and of a margin of error is not for a mutation to turn
        for k in (0.1, 10.0) if "flows-" in row or margin(case, row) else (0.1, 10.0, -1.0):
            moved = with_row(case, row, k * x)
            now = label_of(moved, key)
            if now != label:
                if any(row in e.inputs for q in case.claims[key].effects for e in effects(case, q)):
                    continue  # the row moves a figure on a link and an effect at once: two inputs, not one
                behind = {p.pointer for p in announced if row in rows_of(case, p.pointer)}
                assert behind, f"{row} ({name}) times {k:g}: {label} became {now} and no pivot tells of it"


def margin(case, row):
    found = frame(case.ledger, "observations").filter(pl.col("row") == row)
    return found.height == 1 and found["indicator"][0].endswith(("-se", "-error"))


# --- conclusions ---------------------------------------------------------------------------------


def test_conclusions_follow_the_labels_of_their_parts():
    from ayni.claims.rules import CAUSAL

    for claim in CASE.claims.values():
        if claim.kind == "conclusion":
            parts = [verdict(CASE, p).label for p in claim.parts]
            assert verdict(CASE, claim.key).label == min(parts, key=CAUSAL.index)


# --- what is no input ----------------------------------------------------------------------------


def judged(case):
    return [(v.claim.key, v.label, v.reasons, v.pivots) for v in verdicts(case)]


@pytest.fixture(scope="module")
def verdicts_of_the_case():
    return judged(CASE)


def with_frames(**changed):
    names = ("flows", "observations", "origins", "places", "indicators", "licences", "labels", "breaks")
    frames = {name: frame(CASE.ledger, name) for name in names} | changed
    return over(CASE, Ledger(path=CASE.ledger.path, parts=(), kept=dict(frames)))


def test_verdicts_do_not_hang_on_caveats_or_notes(verdicts_of_the_case):
    blank = {
        name: frame(CASE.ledger, name).with_columns(caveats=pl.lit(""), note=pl.lit(""))
        for name in ("flows", "observations")
    }
    assert judged(with_frames(**blank)) == verdicts_of_the_case


def test_verdicts_do_not_hang_on_what_things_are_called(verdicts_of_the_case):
    renamed = {
        name: frame(CASE.ledger, name).with_columns(es=pl.lit("x"), en=pl.lit("x"))
        for name in ("places", "indicators", "labels", "breaks")
    }
    assert judged(with_frames(**renamed)) == verdicts_of_the_case


def test_verdicts_do_not_hang_on_what_the_dossier_does_not_ask_about(verdicts_of_the_case):
    strange = frame(CASE.ledger, "observations").head(50)
    strange = strange.with_columns(indicator=pl.lit("something-else"), value=pl.col("value") * 1000)
    more = pl.concat([frame(CASE.ledger, "observations"), strange])
    assert judged(with_frames(observations=more)) == verdicts_of_the_case


def test_the_article_is_no_evidence_for_itself():
    for found in verdicts(CASE):
        if found.claim.kind in FIGURES:
            rows = {row for one in found.evidence for row in one.rows}
            own = frame(CASE.ledger, "observations").filter(
                pl.col("row").is_in(rows) & (pl.col("origin") == found.claim.speaker)
            )
            # a denominator taken from the article is named so in the claim's own inputs
            named = {row for g in found.claim.inputs for n in g for row in rows_of(CASE, n)}
            assert set(own["row"]) <= named, found.claim.key


def test_a_verdict_asked_for_twice_is_the_same():
    assert judged(over(CASE, CASE.ledger)) == judged(over(CASE, CASE.ledger))
