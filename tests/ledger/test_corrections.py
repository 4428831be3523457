"""Corrections: they change the rows they name, say so, and stop once the source has been repaired."""

from __future__ import annotations

import pytest

from ayni.ledger.corrections import corrected
from ayni.ledger.records import Correction
from ayni.problems import Problem
from tests.dossier.peru import peru
from tests.ledger.samples import observation, table


def correction(action: str, *, expect=27787.0, value=25787.0, years=(2024,), **more) -> Correction:
    told = {"indicator": "eradication", "place": "PER", "origin": "note"} | more
    return Correction(
        key="misprint",
        action=action,
        expect=expect,
        value=value,
        years=years,
        reason_es="x",
        reason_en="x",
        **told,
    )


def rows():
    return [
        observation("eradication", year=2023, value=22600, origin="note"),
        observation("eradication", year=2024, value=27787, origin="note", caveats="second-hand"),
        observation("eradication", year=2024, value=27787, origin="other"),
        observation("eradication", year=2024, value=27787, origin="note", place="COL"),
        observation("seizures", year=2024, value=27787, origin="note"),
    ]


def run(*corrections: Correction):
    problems: list[Problem] = []
    got = corrected(table("observations", rows()), corrections, problems)
    return got, problems


def test_a_figure_is_replaced_in_its_own_row_only_and_marked():
    got, problems = run(correction("replace"))
    assert problems == []
    assert got["value"].to_list() == [22600, 25787, 27787, 27787, 27787]
    assert got["status"].to_list() == ["reported", "revised", "reported", "reported", "reported"]
    assert got["caveats"].to_list() == ["", "second-hand;corrected", "", "", ""]


def test_a_figure_is_scaled_flagged_or_dropped():
    assert run(correction("scale", value=0.5))[0]["value"].to_list()[1] == 13893.5
    flagged, _ = run(correction("flag", value=None))
    assert flagged["value"].to_list()[1] == 27787
    assert flagged["status"].to_list()[1] == "reported"
    assert flagged["caveats"].to_list()[1] == "second-hand;corrected"
    dropped, _ = run(correction("drop", value=None))
    assert dropped.height == 4


@pytest.mark.parametrize(
    "wrong", [{"expect": 25787.0}, {"place": "BOL"}, {"years": (2019,)}, {"origin": "nobody"}]
)
@pytest.mark.parametrize("action", ["replace", "scale", "flag", "drop"])
def test_a_correction_that_no_longer_fits_is_told_and_changes_nothing(action, wrong):
    got, problems = run(correction(action, **wrong))
    assert [(p.code, p.where) for p in problems] == [("stale-correction", "misprint")]
    assert got.equals(table("observations", rows()).with_columns(got["row"]))


def test_every_stale_correction_is_told():
    _, problems = run(correction("flag", expect=1.0), correction("drop", expect=2.0))
    assert [p.expected for p in problems] == ["1", "2"]


def test_a_correction_applied_twice_is_stale_the_second_time():
    once, twice = correction("replace"), correction("replace")
    _, problems = run(once, twice)
    assert [p.code for p in problems] == ["stale-correction"]


def test_the_misprint_of_2024_is_corrected_in_the_dossier():
    got = peru().case.ledger
    from ayni.ledger.series import observations

    row = next(
        r
        for r in observations(got, indicator="eradication", place="PER")
        if r.year == 2024 and r.origin == "mininter-2024-infobae"
    )
    assert (row.value, row.status) == (25787, "revised")
    assert "corrected" in row.caveats.split(";")
