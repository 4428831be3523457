"""The specification curve: every combination a row, the same whoever does the work, and resumed."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from ayni.panel import PanelError, panel, synthetic_control
from ayni.panel.curve import METHODS, TRANSFORMATIONS, Specification, combinations, run, standing
from tests.panel.textbook import textbook

CALIFORNIA = textbook("prop99")
WEST = ("Utah", "Nevada", "Montana", "Colorado", "Idaho", "Wyoming", "New Mexico")
POOLS = {"all": CALIFORNIA.units, "west": WEST}
WINDOWS = ((1970, 2000), (1975, 2000), (1970, 1995), (1980, 1992))
EVERY = combinations(["packs"], list(METHODS), list(POOLS), WINDOWS, list(TRANSFORMATIONS))


def rows(**wishes):
    return list(run({"packs": CALIFORNIA}, POOLS, EVERY, **wishes))


def test_every_combination_is_a_row():
    found = rows()
    assert [row.specification for row in found] == list(EVERY)
    assert len(found) == len(METHODS) * 2 * 4 * 4
    assert len({row.specification.key for row in found}) == len(found)
    assert [row.specification.key for row in found if row.refused] == []


def test_a_row_is_what_the_method_says_of_that_part():
    by_key = {row.specification.key: row for row in rows()}
    assert by_key["packs/synthetic-control/all/1970-2000/level"].att == pytest.approx(-19.5136314, abs=1e-7)
    units = [i for i, name in enumerate(CALIFORNIA.units) if name in (*WEST, "California")]
    part = panel(np.log(CALIFORNIA.Y[units, 5:]), CALIFORNIA.treated[units, 5:])
    expected = synthetic_control(part)
    row = by_key["packs/synthetic-control/west/1975-2000/log"]
    assert (row.att, row.pre_rmspe) == pytest.approx((expected.att, expected.cohorts[0].pre_rmspe))
    assert math.isnan(row.share)
    level = by_key["packs/difference-in-differences/all/1970-2000/level"]
    observed = CALIFORNIA.Y[CALIFORNIA.units.index("California"), 19:].mean()
    assert level.share == pytest.approx(level.att / (observed - level.att))


@pytest.mark.parametrize("workers", [1, 2])
def test_whoever_does_the_work_rows_are_the_same(workers):
    alone = {row.specification.key: (row.att, row.pre_rmspe) for row in rows()}
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as executor:
        assert {row.specification.key: (row.att, row.pre_rmspe) for row in rows(executor=executor)} == alone
    with ThreadPoolExecutor(workers) as threads:
        assert {row.specification.key: (row.att, row.pre_rmspe) for row in rows(executor=threads)} == alone


def test_a_stopped_run_goes_on_where_it_was():
    stream = run({"packs": CALIFORNIA}, POOLS, EVERY)
    first = [next(stream) for _ in range(37)]
    stream.close()
    rest = rows(done={row.specification.key for row in first})
    assert [row.specification for row in (*first, *rest)] == list(EVERY)


def test_what_is_refused_is_a_row_with_a_sentence():
    outcomes = np.array([[1.0, 2, 3, 9], [1, 2, 3, 4], [0, 0, 0, 5], [2, np.nan, 2, 3]])
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 2:] = True
    own = panel(outcomes, treated, units=["a", "b", "c", "d"], periods=[2000, 2001, 2002, 2003])
    asked = [
        Specification(outcome="y", method=method, pool=pool, window=window, transformation=transformation)
        for method, pool, window, transformation in (
            ("synthetic-control", "bc", (2002, 2003), "level"),
            ("synthetic-control", "bc", (2000, 2001), "level"),
            ("synthetic-control", "nobody", (2000, 2003), "level"),
            ("synthetic-control", "bc", (2000, 2003), "log"),
            ("synthetic-control", "bc", (2000, 2003), "index"),
            ("synthetic-control", "bc", (2000, 2003), "standardised"),
            ("synthetic-control", "bcd", (2000, 2003), "level"),
            ("imputation", "bcd", (2000, 2003), "level"),
        )
    ]
    found = list(run({"y": own}, {"bc": "bc", "bcd": "bcd", "nobody": ()}, asked))
    assert ["" if not row.refused else row.refused.split(":")[0] for row in found] == [
        "window 2002-2003",
        "window 2000-2001",
        "pool nobody",
        "log",
        "index",
        "standardised",
        "synthetic control needs every outcome; 1 units lack some",
        "",
    ]
    assert all(math.isnan(row.att) == bool(row.refused) for row in found)


def test_choices_that_are_not_known_are_told_at_once():
    asked = [Specification(outcome="x", method="magic", pool="none", window=(1, 2), transformation="root")]
    with pytest.raises(
        PanelError, match=r"no outcome is called x.*no method.*magic.*no pool.*no transformation"
    ):
        list(run({"packs": CALIFORNIA}, POOLS, asked))


def test_a_published_figure_has_its_place_on_the_curve():
    level = [row for row in rows() if row.specification.transformation == "level"]
    effects = sorted(row.att for row in level)
    assert standing(level, effects[0] - 1) == 0
    assert standing(level, effects[-1] + 1) == 1
    assert standing(level, effects[10]) == pytest.approx((10 + effects.count(effects[10]) / 2) / len(effects))
    with pytest.raises(PanelError, match="several transformations"):
        standing(rows(), -20.0)
