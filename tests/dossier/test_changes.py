"""What moved between two dossiers, two editions, two releases; and what moved with it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ayni.brief.plan import read_plan
from ayni.brief.results import published
from ayni.claims.case import Case, over
from ayni.claims.verdicts import verdict
from ayni.dossier.changes import Changed, Changes, Side, compare
from ayni.dossier.moved import Moved, figures_moved, rows_of
from ayni.dossier.releases import compare_releases, stand_in
from ayni.dossier.sides import rests, workable
from ayni.ledger.drafts import drafting
from ayni.ledger.records import Flow
from ayni.ledger.series import flows
from ayni.ledger.store import Ledger, revised
from tests.dossier.peru import FOLDER, peru
from tests.ledger.samples import flow, ledger_of, observation, table

APRIL, NOVEMBER = "fagov-2025-04-02", "fagov-2025-11-29"
# The area of 2024 in the series of the United Nations: 89,755 ha.
AREA_2024 = "figures/coca-zones.csv:8"


def side(case: Case) -> Side:
    plan = read_plan(peru())
    sound = workable(case)
    return Side(
        results=published(replace(peru(), case=sound.case), plan),
        rows=rows_of(case.ledger),
        rests=rests(sound.case, {pin.number: plan.quoted.amounts for pin in plan.quoted.pin}),
        broken=sound.broken,
    )


@cache
def today() -> Side:
    return side(peru().case)


@cache
def smaller_area() -> Side:
    return side(over(peru().case, revised(peru().case.ledger, AREA_2024, 70000.0)))


@cache
def with_release(old: str, new: str) -> Side:
    return side(over(peru().case, stand_in(peru().case.ledger, old, new).ledger))


def mirrored(changes: Changes) -> Changes:
    """The same seen from the other side, written out by hand."""
    names = {"added": "gone", "gone": "added"}

    def figure(one: Moved) -> Moved:
        return Moved(old=one.new, new=one.old)

    def result(one: Changed) -> Changed:
        turned = tuple(replace(f, old=f.new, new=f.old) for f in one.fields)
        rests_on = tuple(map(figure, one.rests))
        return replace(one, old=one.new, new=one.old, fields=turned, rests=rests_on)

    tallies = {
        kind: replace(count, **{n: getattr(count, names.get(n, n)) for n in ("added", "gone")})
        for kind, count in changes.tallies.items()
    }
    return Changes(
        results=tuple(map(result, changes.results)),
        figures=tuple(map(figure, changes.figures)),
        tallies=tallies,
        missing=changes.missing,
    )


def by_key(changes: Changes, kind: str) -> dict[str, Changed]:
    return {one.key: one for one in changes.results if one.kind == kind}


# -- dossiers ------------------------------------------------------------------------------


def test_a_side_compared_with_itself_is_empty():
    found = compare(today(), today())
    assert (found.results, found.figures, found.missing) == ((), (), ())
    assert found.tallies["numbers"].alike == len(peru().case.pointers)
    assert found.tallies["verdicts"].alike == len(peru().case.claims)


def test_one_figure_turns_its_verdict_and_is_named_as_the_cause():
    """The verdict asked directly of the revised case says the same."""
    found = compare(today(), smaller_area())
    first = found.results[0]
    assert (first.kind, first.key, first.turned) == ("verdicts", "potential-822", True)
    told = {f.name: (f.old, f.new) for f in first.fields}
    other = over(peru().case, revised(peru().case.ledger, AREA_2024, 70000.0))
    assert told["label"] == (verdict(peru().case, first.key).label, verdict(other, first.key).label)
    assert [(m.row.row, m.change) for m in first.rests] == [(AREA_2024, 70000.0 - 89755.0)]
    assert [m.row.row for m in found.figures] == [AREA_2024]
    assert all(one.rests == found.figures for one in found.results)


def test_nothing_that_moved_is_left_out_and_nothing_else_is_told():
    """By hand: every entry of the two editions that differs, by kind and key."""
    found = compare(today(), smaller_area())
    wanted = {
        (kind, key)
        for kind, held in today().results.items()
        for key in held
        if held[key] != smaller_area().results[kind][key]
    }
    assert {(one.kind, one.key) for one in found.results} == wanted
    assert wanted


def test_verdicts_come_before_effects_and_those_before_numbers():
    found = compare(today(), smaller_area())
    kinds = list(dict.fromkeys(one.kind for one in found.results))
    assert kinds == ["verdicts", "effects", "curves", "standings", "numbers"]
    turned = [one.turned for one in found.results if one.kind == "verdicts"]
    assert turned == sorted(turned, reverse=True)


@pytest.mark.parametrize("other", [smaller_area, lambda: with_release(NOVEMBER, "fagov-2021-04-18")])
def test_the_other_way_round_is_the_mirror(other: Any):
    there, back = compare(today(), other()), compare(other(), today())
    # Only forward can it be said why a number cannot be worked out.
    forward = replace(there, results=tuple(replace(one, broken=None) for one in there.results))
    broken = sum(one.broken is not None for one in there.results)
    tallies = {
        kind: replace(count, gone=count.gone + count.broken, broken=0)
        for kind, count in there.tallies.items()
    }
    seen, wanted = mirrored(replace(forward, tallies=tallies)), back
    assert set(seen.figures) == set(wanted.figures)
    assert seen.tallies == wanted.tallies
    assert {(r.kind, r.key): r.fields for r in seen.results} == {
        (r.kind, r.key): r.fields for r in wanted.results
    }
    assert {(r.kind, r.key): set(r.rests) for r in seen.results} == {
        (r.kind, r.key): set(r.rests) for r in wanted.results
    }
    assert broken == sum(c.broken for c in there.tallies.values())


def test_an_earlier_edition_has_no_figures_and_its_results_are_compared():
    kept = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    kept["verdicts"]["potential-822"]["label"] = "holds"
    kept["numbers"]["money-2023-last"]["value"] *= 1 + 1e-9
    found = compare(Side(results=kept), today())
    assert found.missing == ("figures",)
    assert [(one.kind, one.key, one.rounding) for one in found.results] == [
        ("verdicts", "potential-822", False),
        ("numbers", "money-2023-last", True),
    ]
    assert found.tallies["numbers"].rounding == 1


def test_a_kind_that_an_old_edition_lacks_is_said_to_be_missing_and_not_told_as_new():
    kept = {kind: held for kind, held in today().results.items() if kind != "standings"}
    found = compare(Side(results=kept), today())
    assert found.missing == ("standings", "figures")
    assert found.results == ()


def test_a_row_that_only_changed_its_line_has_not_moved():
    rows = [observation(year=year, value=year) for year in range(2000, 2005)]
    shifted = [replace(row, row=f"figures/made.csv:{900 + n}") for n, row in enumerate(reversed(rows))]
    assert figures_moved(rows, shifted) == ((), 5)


def test_a_line_that_holds_another_figure_on_each_side_is_no_cause_of_it():
    """Rows 2 and 3 change places and one of them its value: only results on that one rest on it."""
    one, other = (
        observation(year=year, value=1.0, row=f"figures/made.csv:{year - 1999}") for year in (2001, 2002)
    )
    now = (replace(one, row=other.row), replace(other, row=one.row, value=2.0))
    on = {"a": one.row, "b": other.row}
    old = Side(
        results={"numbers": {key: {"value": 1.0} for key in on}},
        rows=(one, other),
        rests={("numbers", key): frozenset([row]) for key, row in on.items()},
    )
    new = Side(
        results={"numbers": {key: {"value": 2.0} for key in on}},
        rows=now,
        rests={("numbers", "a"): frozenset([other.row]), ("numbers", "b"): frozenset([one.row])},
    )
    found = by_key(compare(old, new), "numbers")
    assert [m.row.year for m in found["b"].rests] == [2002]
    assert found["a"].rests == ()


# -- releases of a dossier -----------------------------------------------------------------


def test_the_revision_of_2023_is_told_to_the_dollar():
    """ForeignAssistance.gov, obligations to Peru in fiscal 2023: April 193,448,638, November 193,724,818."""
    found = compare(today(), with_release(APRIL, NOVEMBER))
    (year,) = [
        m
        for m in found.figures
        if isinstance(m.row, Flow) and not m.constant and (m.row.year, m.row.stage) == (2023, "obligated")
    ]
    assert isinstance(year.old, Flow)
    assert isinstance(year.new, Flow)
    assert (year.old.amount, year.new.amount) == (193_448_638.0, 193_724_818.0)
    assert year.change == 276_180.0
    assert year.percent == pytest.approx(0.1428, abs=5e-5)
    assert year.rounding is False
    # The dossier publishes from the April release what stands beside the sectors, which are of April too.
    assert {one.key for one in found.results if one.kind == "numbers"} == {
        "money-sectors",
        "money-sectors-told-share",
        "money-sectors-unmapped",
    }
    # Doses compare Peru with its neighbours, of which there is the April release only, at other prices.
    told = {one.key.partition(" ")[0] for one in found.results if one.kind == "effects"}
    assert told == {key for key, q in peru().case.questions.items() if q.cause.origin == APRIL}


def test_what_rests_on_the_release_moves_with_it():
    """By hand: the number is the row, and the April release prints another."""
    found = by_key(compare(today(), with_release(NOVEMBER, APRIL)), "numbers")
    last = found["money-2023-last"]
    assert [(f.name, f.old, f.new) for f in last.fields] == [("value", 193_724_818.0, 193_448_638.0)]
    assert [(m.row.year, m.constant) for m in last.rests] == [(2023, False)]
    # At the prices of 2024, a number of 2022 can move with 2022 and 2024 and with no other year.
    assert {m.row.year for m in found["money-2022"].rests} == {2022, 2024}


def test_a_number_that_the_other_release_cannot_give_says_why():
    found = by_key(compare(today(), with_release(NOVEMBER, "fagov-2021-04-18")), "numbers")
    broken = found["money-2023-last"]
    assert broken.how == "broken"
    assert broken.broken is not None
    assert "money-2023-last" in broken.broken.en
    assert broken.broken.es != broken.broken.en
    assert found["money-total"].how == "moved"


def test_a_release_in_its_own_place_changes_nothing():
    ledger = peru().case.ledger
    moved, alike = figures_moved(rows_of(ledger), rows_of(stand_in(ledger, NOVEMBER, NOVEMBER).ledger))
    assert moved == ()
    assert alike == len(rows_of(ledger))


def test_the_ledger_of_the_dossier_stays_as_it_is():
    before = flows(peru().case.ledger, origin=NOVEMBER)
    stand_in(peru().case.ledger, NOVEMBER, APRIL)
    assert flows(peru().case.ledger, origin=NOVEMBER) == before


# -- releases of a ledger ------------------------------------------------------------------


def official(path: Path, **releases: Iterable[Flow]) -> Ledger:
    """A ledger of made files, one part each; underlines of names stand for hyphens."""
    with drafting(path) as draft:
        for name, rows in releases.items():
            key = name.replace("_", "-")
            told = [
                replace(row, origin=key, vintage=key, row=f"{key}.csv:{n}") for n, row in enumerate(rows, 2)
            ]
            draft.add("flows", table("flows", told), origin=key)
            words = dict.fromkeys(("publisher", "via", "title", "published", "retrieved", "url"), "")
            about = {"key": key, **words, "vintage": key, "licence": "", "sha256": ""}
            draft.add("origins", pl.DataFrame([about]).select(_origins()), origin=key)
        return draft.commit()


def _origins() -> list[str]:
    from ayni.ledger.schemas import ORIGINS

    return list(ORIGINS)


MARCH = [
    flow(2022, 100.0, account="A"),
    flow(2022, -40.0, account="B"),
    flow(2023, 1_000_000.0),
    flow(2021, 7.0),
    flow(2022, 5.0, recipient="COL"),
]
JUNE = [
    flow(2022, 110.0, account="A"),
    flow(2022, -40.0, account="C"),
    flow(2023, 1_000_000.5),
    flow(2024, 9.0),
    flow(2022, 5.0, recipient="COL"),
    flow(2022, 3.0, recipient="ECU"),
]


def test_sums_of_two_files_are_compared_by_pair_stage_and_year(tmp_path: Path):
    ledger = official(tmp_path, march=MARCH, june=JUNE)
    found = compare_releases(ledger, "march", "june")
    told = {
        (m.row.recipient, m.row.year): (m.how, m.change, m.rounding)
        for m in found.figures
        if isinstance(m.row, Flow)
    }
    assert told == {
        ("PER", 2022): ("moved", 10.0, False),
        ("PER", 2023): ("moved", 0.5, True),
        ("PER", 2021): ("gone", None, False),
        ("PER", 2024): ("added", None, False),
        ("ECU", 2022): ("added", None, False),
    }
    assert (found.tally.alike, found.tally.rounding) == (1, 1)
    totals = {m.row.year: m.change for m in found.totals}
    assert totals == {2021: None, 2022: 13.0, 2023: 0.5, 2024: None}


def test_one_pair_is_compared_alone(tmp_path: Path):
    ledger = official(tmp_path, march=MARCH, june=JUNE)
    found = compare_releases(ledger, "march", "june", ("USA", "ECU"))
    assert [(m.how, m.row.year) for m in found.figures] == [("added", 2022)]
    assert compare_releases(ledger, "june", "june").figures == ()


def test_an_official_file_is_added_to_the_shape_of_the_row_whose_place_it_takes(tmp_path: Path):
    """Totals take all rows of their year; a part takes those of its account or its purpose."""
    old = "release"
    mine = [
        flow(2022, 60.0, agency="all", row="figures/flows-totals.csv:2"),
        flow(2022, 66.0, price_base=2020, agency="all", row="figures/flows-totals.csv:3"),
        flow(2022, 100.0, account="A", row="figures/flows-accounts.csv:2"),
        flow(2022, 50.0, purposes="us-sector:4", row="figures/flows-sectors.csv:2"),
        flow(2019, 1.0, agency="all", row="figures/flows-totals.csv:4"),
    ]
    theirs = [
        flow(2022, 110.0, constant=121.0, account="A", purposes="us-sector:4;dac:16063"),
        flow(2022, -40.0, constant=-44.0, account="B", purposes="us-sector:41"),
        flow(2023, 9.0, constant=9.5, account="A", purposes="us-sector:1"),
        flow(1990, 8.0, account="A"),
    ]
    replaced = stand_in(ledger_of(flows=mine), old, "june", official(tmp_path, june=theirs))
    told = {(r.row, r.year): (r.amount, r.price_base) for r in flows(replaced.ledger, origin=old)}
    assert told["figures/flows-totals.csv:2", 2022] == (70.0, None)
    assert told["figures/flows-totals.csv:3", 2022] == (77.0, 2020)
    assert told["figures/flows-accounts.csv:2", 2022] == (110.0, None)
    assert told["figures/flows-sectors.csv:2", 2022] == (110.0, None)
    # 1990 is before the dossier's first year: once as a total, once of its account.
    assert (replaced.since, replaced.earlier) == (2019, 2)
    # 2019 is gone; 2023 has come, in the tables of their shapes.
    assert {year for _, year in told} == {2022, 2023}
    came = {
        name.partition(":")[0]: held
        for (name, year), held in told.items()
        if year == 2023 and held[1] is None
    }
    assert came == {"figures/flows-totals.csv": (9.0, None), "figures/flows-accounts.csv": (9.0, None)}
    assert replaced.printed["figures/flows-totals.csv:2"] == "june.csv:2 +1"
