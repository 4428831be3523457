"""Predictors: means that pass over gaps, names that are asked for, scales, and the table of balance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni.panel import PanelError, panel, synthetic_control
from ayni.panel.predictors import averages, balance, outcomes_in, predictors, scaled, together
from tests.panel.textbook import textbook, walks
from tests.panel.traits import california

Y = np.arange(12.0).reshape(3, 4)
D = np.zeros((3, 4), bool)
D[0, 3] = True
SMALL = panel(Y, D, units=["a", "b", "c"], periods=[2001, 2002, 2003, 2004])
GAPS = np.array([[1.0, np.nan, 5.0, 9.0], [np.nan, np.nan, 4.0, 9.0], [2.0, 3.0, 4.0, 9.0]])


def test_a_mean_passes_over_periods_without_a_value():
    found = averages(SMALL, {"trade": GAPS}, range(2001, 2004))
    assert found.X.tolist() == [[3.0, 4.0, 3.0]]


def test_outcomes_of_periods_are_named_after_them():
    found = outcomes_in(SMALL, [2003, 2001])
    assert found.names == ("outcome-2003", "outcome-2001")
    assert found.X.tolist() == [[2.0, 6.0, 10.0], [0.0, 4.0, 8.0]]


def test_parts_are_joined_by_the_names_of_their_units():
    turned = predictors([[3.0, 2.0, 1.0]], names=["x"], units=["c", "b", "a"])
    found = together(outcomes_in(SMALL, [2001]), turned)
    assert found.names == ("outcome-2001", "x")
    assert found.X[1].tolist() == [1.0, 2.0, 3.0]


def test_scaled_predictors_have_a_deviation_of_one_and_constant_ones_are_nothing():
    X = np.array([[1.0, 5.0, 9.0, 2.0], [0.1, 0.1, 0.1, 0.1]])
    A, b = scaled(X, 1)
    assert np.append(A[:, 0], b[0]).std(ddof=1) == pytest.approx(1)
    assert A[:, 0].mean() == pytest.approx(0, abs=1e-15)
    assert not A[:, 1].any()
    assert b[1] == 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: averages(SMALL, {"trade": GAPS}, [2002]), "trade is missing for 2 units: a, b; expected"),
        (lambda: averages(SMALL, {"trade": GAPS}, [1999]), "periods 1999 are not of the panel"),
        (lambda: averages(SMALL, {"trade": GAPS}, []), r"periods \(none\) are not of the panel"),
        (
            lambda: averages(SMALL, {"trade": GAPS[:2]}, [2003]),
            r"trade has shape \(2, 4\), expected that of Y",
        ),
        (lambda: averages(SMALL, {}, [2003]), "one or more of both"),
        (lambda: outcomes_in(replace(SMALL, Y=GAPS), [2001]), "outcome-2001 is missing for 1 units: b"),
        (
            lambda: predictors([[1.0, 2.0]], names=["x"], units="abc"),
            r"expected predictors by units, \(1, 3\)",
        ),
        (lambda: predictors([[1.0], [2.0]], names="xx", units="a"), "predictors are named twice: x"),
        (lambda: predictors([[1.0, 2.0]], names="x", units="aa"), "units are named twice: a"),
        (lambda: predictors([[np.inf]], names="x", units="a"), "x is missing for 1 units: a"),
        (
            lambda: outcomes_in(SMALL, [2001]).of(["a", "z"]),
            "no predictors for z; expected a column for each",
        ),
        (together, "no predictors; expected one record or more"),
    ],
)
def test_what_is_wrong_is_said(make, words):
    with pytest.raises(PanelError, match=words):
        make()


def test_everything_wrong_is_said_at_once():
    with pytest.raises(PanelError, match=r"named twice: x; x is missing .*; x is missing"):
        predictors(np.full((2, 1), np.nan), names="xx", units="a")


def test_the_balance_of_any_synthetic_control_is_told():
    """Abadie, Diamond and Hainmueller, 2010, Table 1: sales of California, and the mean of 38 controls."""
    own = textbook("prop99")
    rows = {row.predictor: row for row in balance(own, california(), synthetic_control(own))}
    assert list(rows) == list(california().names)
    assert rows["cigsale_1988"].treated == pytest.approx(90.10, abs=0.005)
    assert rows["cigsale_1975"].treated == pytest.approx(127.10, abs=0.005)
    assert rows["cigsale_1988"].controls == pytest.approx(113.8, abs=0.05)
    assert rows["cigsale_1988"].synthetic == pytest.approx(91.7, abs=2.0)


def test_the_balance_of_cohorts_is_told_one_after_the_other():
    own = walks(3, starts={0: 8, 3: 12, 5: 12})
    rows = balance(own, outcomes_in(own, [0]), synthetic_control(own))
    assert [row.since for row in rows] == [8, 12]
    assert rows[1].treated == pytest.approx(own.Y[[3, 5], 0].mean())


def test_the_balance_of_another_panel_is_refused():
    with pytest.raises(PanelError, match="12 unit weights for 39 units; expected an estimate"):
        balance(textbook("prop99"), california(), synthetic_control(walks(1)))
