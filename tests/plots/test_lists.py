"""Lists are in order, whole or counted, and their dots are where the records say."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from ayni import plots
from ayni.panel import (
    Estimate,
    PanelError,
    balance,
    imputation,
    leave_one_out,
    outcomes_in,
    panel,
    placebos,
    predictors,
    synthetic_control,
    synthetic_control_with_predictors,
    synthetic_difference_in_differences,
    together,
)
from tests.panel.textbook import textbook, walks
from tests.panel.traits import california
from tests.plots.read import dots, lines, names, path, texts, widths

CALIFORNIA = textbook("prop99")
FOUND = synthetic_control(CALIFORNIA)
PLACEBOS = placebos(CALIFORNIA, synthetic_control)


@cache
def tobacco() -> Estimate:
    return synthetic_control_with_predictors(CALIFORNIA, california())


def test_ratios_are_ranked_and_the_treated_is_the_full_dot():
    ax = plots.placebo_ratios(PLACEBOS)
    ratios = {one.units[0]: one.post_rmspe / one.pre_rmspe for one in (*PLACEBOS.others, PLACEBOS.own)}
    assert names(ax) == sorted(ratios, key=lambda name: -ratios[name])
    drawn = {place: x for x, place in [*dots(ax, "placebo"), *dots(ax, "treated")]}
    assert [drawn[i] for i in range(39)] == pytest.approx(sorted(ratios.values(), reverse=True))
    assert dots(ax, "treated")[0] == pytest.approx((ratios["California"], 2))
    assert {one.get_markerfacecolor() for one in ax.lines if one.get_label() == "placebo"} == {"white"}
    assert texts(ax) == ["3 of 39, p = 0.077"]
    assert [one.get_text() for one in ax.get_yticklabels() if one.get_fontweight() == "bold"] == [
        "California"
    ]
    assert ax.get_ylim() == (38.5, -0.5), "the first is at the top"


def test_ratios_in_spanish():
    ax = plots.placebo_ratios(PLACEBOS, most=10, language="es")
    assert texts(ax) == ["3 de 39, p = 0.077"]
    assert ax.get_xlabel().splitlines()[1] == "no figuran 29 razones menores"


def test_the_treated_is_listed_wherever_it_ranks():
    own = placebos(walks(4, units=20), synthetic_control)
    assert own.rank > 5
    ax = plots.placebo_ratios(own, most=5)
    assert len(names(ax)) == 5
    assert names(ax)[-1] == "0"
    assert "15 smaller ratios are not listed" in ax.get_xlabel()


def test_a_perfect_fit_before_is_an_arrow_and_ties_stand_above_the_treated():
    outcomes = np.tile(np.arange(6.0), (4, 1))
    outcomes[:, 4:] += np.array([[3.0], [3.0], [0.0], [0.0]])
    treated = np.zeros(outcomes.shape, bool)
    treated[0, 4:] = True
    found = placebos(panel(outcomes, treated), synthetic_control)
    assert np.isinf(found.own.ratio)
    ax = plots.placebo_ratios(found)
    ranks = [one for one in ax.lines if one.get_label() == "treated"]
    assert ranks[0].get_marker() == ">"
    assert int(np.asarray(ranks[0].get_ydata())[0]) == found.rank - 1
    assert np.isfinite(ax.get_xlim()).all()


def test_weights_are_bars_from_the_largest():
    ax = plots.weights(CALIFORNIA, FOUND)
    own = FOUND.cohorts[0].unit_weights
    order = [i for i in np.argsort(-own) if own[i] >= 0.001]
    assert names(ax) == [CALIFORNIA.units[i] for i in order]
    assert widths(ax) == pytest.approx(own[order])
    assert texts(ax)[0] == "0.394"
    assert ax.get_xlabel() == "weight\nall other controls weigh 0"


def test_small_weights_are_counted():
    found = synthetic_difference_in_differences(CALIFORNIA)
    ax = plots.weights(CALIFORNIA, found, least=0.05, language="es")
    few = int((found.cohorts[0].unit_weights >= 0.05).sum())
    assert len(names(ax)) == few
    assert ax.get_xlabel() == f"peso\notros {38 - few} controles pesan menos de 0.05 cada uno"


def test_weights_of_predictors_add_to_one_and_are_those_of_the_settings():
    ax = plots.predictor_weights(tobacco())
    told = {name.removeprefix("V "): value for name, value in tobacco().settings}
    drawn = dict(zip(names(ax), widths(ax), strict=True))
    assert drawn == pytest.approx(told)
    assert sum(drawn.values()) == pytest.approx(1)
    assert list(drawn.values()) == sorted(drawn.values(), reverse=True)
    assert "<0.001" in texts(ax)


def test_weights_of_predictors_are_those_of_a_cohort():
    own = walks(3, starts={0: 8, 3: 12})
    found = synthetic_control_with_predictors(own, outcomes_in(own, [0, 3, 7]))
    for since in (8, 12):
        told = [value for name, value in found.settings if name.startswith(f"V {since} ")]
        ax = plots.predictor_weights(found, since=since)
        assert sorted(widths(ax)) == pytest.approx(sorted(told))


def test_omissions_are_ordered_beside_the_effect_with_all():
    found = leave_one_out(CALIFORNIA, synthetic_control)
    ax = plots.omissions(found, FOUND, unit="packs per head")
    moved = sorted((one.att, one.unit) for one in found if abs(one.att - FOUND.att) > 1e-6)
    assert names(ax) == [unit for _, unit in moved]
    assert [x for x, _ in dots(ax, "without")] == [att for att, _ in moved]
    assert path(lines(ax)["all"])[0][0] == FOUND.att
    assert texts(ax) == ["with all: −19.5"]
    assert ax.get_xlabel() == "effect without this control, packs per head\n32 other controls change nothing"
    assert "otros 32 controles no cambian nada" in plots.omissions(found, FOUND, language="es").get_xlabel()


def test_a_list_may_be_empty():
    """No weight is 2 or more, and no omission of none moves anything."""
    assert names(plots.weights(CALIFORNIA, FOUND, least=2.0)) == []
    assert names(plots.omissions((), FOUND)) == []


def test_balance_is_told_in_standard_deviations():
    rows = balance(CALIFORNIA, california(), tobacco())
    ax = plots.balance(rows, california())
    assert names(ax) == list(california().names)
    deviation = california().X.std(axis=1, ddof=1)
    expected = [(row.synthetic - row.treated) / one for row, one in zip(rows, deviation, strict=True)]
    assert [x for x, _ in dots(ax, "synthetic control")] == pytest.approx(expected)
    expected = [(row.controls - row.treated) / one for row, one in zip(rows, deviation, strict=True)]
    assert [x for x, _ in dots(ax, "mean of the controls")] == pytest.approx(expected)


def test_units_of_predictors_do_not_move_the_dots():
    known = california()
    moved = replace(known, X=known.X * 1000.0 - 7.0)
    one, two = (plots.balance(balance(CALIFORNIA, k, tobacco()), k, language="es") for k in (known, moved))
    assert dots(two, "control sintético") == pytest.approx(np.array(dots(one, "control sintético")), abs=1e-6)


def test_what_does_not_vary_is_named_and_left_out():
    constant = predictors(np.full((1, 39), 3.3), names=["border"], units=CALIFORNIA.units)
    known = together(california(), constant)
    ax = plots.balance(balance(CALIFORNIA, known, FOUND), known)
    assert names(ax) == list(california().names)
    assert ax.get_xlabel().endswith("the same for all units, left out: border")
    with pytest.raises(PanelError, match="no predictor varies"):
        plots.balance(balance(CALIFORNIA, constant, FOUND), constant)


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (
            lambda: plots.weights(CALIFORNIA, imputation(CALIFORNIA).estimate),
            "imputation has no weights of units",
        ),
        (
            lambda: plots.weights(walks(1), FOUND),
            "39 weights for 12 units; expected an estimate of this panel",
        ),
        (lambda: plots.predictor_weights(FOUND), "synthetic-control has no weights of predictors"),
        (lambda: plots.balance((), california()), "since is None, there are"),
        (
            lambda: plots.balance(balance(CALIFORNIA, california(), FOUND), outcomes_in(CALIFORNIA, [1970])),
            "the predictors lack lnincome_8088",
        ),
        (lambda: plots.placebo_ratios(PLACEBOS, words={"rang": ""}), "no words called rang"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, words):
    with pytest.raises(PanelError, match=words):
        draw()
