"""Lines over periods hold what the records hold, and say it in both languages."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from ayni import plots
from ayni.panel import (
    Interval,
    PanelError,
    backdated,
    imputation,
    placebos,
    synthetic_control,
    synthetic_difference_in_differences,
)
from ayni.plots.drawing import _decimals, apart
from tests.panel.textbook import textbook, walks
from tests.plots.read import beside, filled, lines, path, strokes, texts, upright

CALIFORNIA = textbook("prop99")
FOUND = synthetic_control(CALIFORNIA)
ONE = FOUND.cohorts[0]
PLACEBOS = placebos(CALIFORNIA, synthetic_control)


def interval(low: float, high: float) -> Interval:
    return Interval(
        kind="placebo",
        estimate=FOUND.att,
        standard_error=1.0,
        low=low,
        high=high,
        level=0.9,
        p_value=np.nan,
        draws=np.array([]),
        exact=True,
    )


def test_trends_are_the_paths_of_the_record():
    ax = plots.trends(FOUND, panel=CALIFORNIA, unit="packs per head")
    drawn = lines(ax)
    assert list(drawn) == ["California", "counterfactual", "mean of the controls"]
    assert path(drawn["California"]) == list(zip(ONE.periods, ONE.observed, strict=True))
    assert path(drawn["counterfactual"]) == list(zip(ONE.periods, ONE.counterfactual, strict=True))
    mean = CALIFORNIA.Y[CALIFORNIA.controls].mean(axis=0)
    assert np.asarray(drawn["mean of the controls"].get_ydata()) == pytest.approx(mean)
    assert ax.get_ylabel() == "packs per head"


def test_the_upright_line_stands_before_the_first_treated_period():
    for ax in (plots.trends(FOUND), plots.gap(FOUND), plots.placebo_gaps(PLACEBOS)):
        assert upright(ax) == [1988.5]
        assert "treated from 1989 on" in texts(ax)


def test_of_periods_two_years_apart_it_stands_in_the_middle():
    own = replace(walks(1), periods=tuple(range(1980, 2020, 2)))
    assert upright(plots.trends(synthetic_control(own))) == [2003.0]


def test_a_panel_dated_back_is_drawn_as_any_other():
    assert upright(plots.trends(synthetic_control(backdated(CALIFORNIA, 1980)))) == [1979.5]


def test_lines_differ_without_colour():
    drawn = lines(plots.trends(FOUND, panel=CALIFORNIA)).values()
    assert len({one.get_linewidth() for one in drawn}) == 3
    assert [one.is_dashed() for one in drawn] == [False, True, True]


def test_words_are_spanish_where_asked_and_the_callers_where_given():
    ax = plots.trends(
        FOUND, panel=CALIFORNIA, language="es", words={"start": "Proposición 99", "treated": "aquí"}
    )
    assert sorted(texts(ax)) == ["Proposición 99", "aquí", "contrafactual", "media de los controles"]


def test_a_line_is_named_at_its_end():
    ax = plots.trends(FOUND)
    at = {one.get_text(): one.xy for one in beside(ax)}
    assert at["California"] == pytest.approx((2000, ONE.observed[-1]))
    assert at["counterfactual"] == pytest.approx((2000, ONE.counterfactual[-1]))


def test_labels_do_not_lie_over_one_another_nor_leave_the_figure():
    """Three lines that end within a hundredth of the axis."""
    close = replace(ONE, counterfactual=ONE.observed + 0.1)
    own = CALIFORNIA.Y.copy()
    own[CALIFORNIA.controls] = ONE.observed + 0.2
    ax = plots.trends(replace(FOUND, cohorts=(close,)), panel=replace(CALIFORNIA, Y=own))
    figure = ax.figure
    figure.canvas.draw()
    boxes = [one.get_window_extent() for one in ax.texts]
    assert len(boxes) == 4
    assert not [1 for one, two in itertools.combinations(boxes, 2) if one.overlaps(two)]
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width and box.y1 <= figure.bbox.height for box in boxes)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([1.0, 9.0], [1.0, 9.0]),
        ([4, 5, 20], [3.5, 5.5, 20]),
        ([0, 0, 0], [-2, 0, 2]),
    ],
)
def test_what_is_too_near_is_moved_apart_around_its_middle(wanted, expected):
    assert apart(wanted, 2.0) == pytest.approx(expected)


def test_moving_apart_may_meet_the_next():
    places = apart([0.0, 1.0, 2.4, 9.0], 2.0)
    assert np.diff(places).min() >= 2 - 1e-9
    assert np.mean(places[:3]) == pytest.approx(np.mean([0.0, 1.0, 2.4]))


def test_the_gap_is_the_difference_and_its_mean():
    drawn = lines(plots.gap(FOUND))
    assert path(drawn["difference"]) == list(zip(ONE.periods, ONE.difference, strict=True))
    assert path(drawn["average"]) == [(t, ONE.att) for t in range(1989, 2001)]


def test_an_interval_is_a_band_over_the_treated_periods():
    ax = plots.gap(FOUND, interval=interval(-30.0, -5.0))
    corners = filled(ax, "interval")
    assert (corners.min(axis=0).tolist(), corners.max(axis=0).tolist()) == ([1989, -30], [2000, -5])
    assert "−19.5 on average\n(90% interval: −30 to −5)" in texts(ax)
    said = texts(plots.gap(FOUND, interval=interval(-30.0, -5.0), language="es"))
    assert "−19.5 en promedio\n(intervalo del 90\u202f%: de −30 a −5)" in said


def test_an_endless_interval_reaches_the_edge_and_none_has_no_band():
    ax = plots.gap(FOUND, interval=interval(-np.inf, 3.0))
    assert filled(ax, "interval")[:, 1].min() == pytest.approx(ax.get_ylim()[0])
    assert "−19.5 on average\n(90% interval: −∞ to 3)" in texts(ax)
    none = plots.gap(FOUND, interval=interval(np.nan, np.nan))
    assert not [one for one in none.collections if one.get_gid() == "interval"]
    assert "−19.5 on average" in texts(none)


def test_limits_of_each_period_are_filled():
    low, high = ONE.difference - 1, ONE.difference + 2
    low[:5] = high[:5] = np.nan
    ax = plots.gap(FOUND, limits=[low, high])
    corners = {(float(x), round(float(y), 9)) for x, y in filled(ax, "limits")}
    assert {(2000.0, round(float(low[-1]), 9)), (2000.0, round(float(high[-1]), 9))} <= corners
    assert min(x for x, _ in corners) == 1975
    assert ax.get_xlabel() == "grey: limits given for each period"


def test_every_placebo_is_the_path_of_its_own_fit():
    """Run one by one here, California left out."""
    ax = plots.placebo_gaps(PLACEBOS)
    drawn = lines(ax)
    assert len(drawn) == 39
    for name in ("Utah", "Texas", "New Hampshire"):
        flags = np.zeros(CALIFORNIA.Y.shape, bool)
        flags[CALIFORNIA.units.index(name), 19:] = True
        other = np.array([unit != "California" for unit in CALIFORNIA.units])
        alone = replace(CALIFORNIA, treated=flags).part(other, np.ones(31, bool))
        expected = synthetic_control(alone).cohorts[0].difference
        assert np.asarray(drawn[name].get_ydata()) == pytest.approx(expected, abs=1e-6)
    assert path(drawn["California"]) == list(zip(ONE.periods, ONE.difference, strict=True))
    assert drawn["California"].get_linewidth() > 2 * drawn["Utah"].get_linewidth()
    assert ax.get_xlabel() == "grey: 38 of 38 placebos"


@pytest.mark.parametrize("times", [0.8, 2.24, 5.0])
def test_placebos_that_fit_badly_before_are_left_out_and_counted(times):
    ax = plots.placebo_gaps(PLACEBOS, at_most=times, language="es")
    kept = [one.units[0] for one in PLACEBOS.others if one.pre_rmspe / PLACEBOS.own.pre_rmspe <= times]
    assert sorted(lines(ax)) == sorted(["California", *kept])
    assert f"{len(kept)} de 38 placebos, cuyo error previo es a lo más {times:g} veces" in ax.get_xlabel()


def test_staggered_placebos_have_a_line_for_each_start():
    own = placebos(walks(7, starts={0: 8, 1: 15}), synthetic_control, most=10)
    ax = plots.placebo_gaps(own, words={"treated": "both"})
    assert upright(ax) == [7.5, 14.5]
    assert "both" in texts(ax)


def test_weights_of_periods_are_strokes_before_the_start():
    found = synthetic_difference_in_differences(CALIFORNIA)
    drawn = strokes(plots.period_weights(found), "weights")
    assert [one[0] for one in drawn] == [(year, 0.0) for year in range(1970, 1989)]
    assert [one[1][1] for one in drawn] == pytest.approx(found.cohorts[0].time_weights[:19])


def test_missing_outcomes_leave_gaps():
    own = walks(1, starts={0: 12, 1: 12})
    own = replace(
        own, Y=np.where(np.arange(20) == 19, np.where(np.arange(12)[:, None] < 2, np.nan, own.Y), own.Y)
    )
    ax = plots.trends(imputation(own).estimate, panel=own)
    at = {one.get_text(): one.xy[0] for one in beside(ax)}
    assert at["treated"] == 18
    assert np.isnan(np.asarray(lines(ax)["treated"].get_ydata())[-1])


def test_a_cohort_is_chosen_where_there_are_several():
    own = synthetic_control(walks(3, starts={0: 8, 3: 12}))
    assert upright(plots.gap(own, since=12)) == [11.5]
    for since in (None, 9):
        with pytest.raises(PanelError, match=f"since is {since}, expected one of the periods .*: 8, 12"):
            plots.gap(own, since=since)
    with pytest.raises(PanelError, match="an interval is of the effect on all cohorts"):
        plots.gap(own, since=12, interval=interval(0, 1))


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.trends(FOUND, panel=walks(1)), "the panel has other periods"),
        (lambda: plots.trends(FOUND, language="fr"), "language is 'fr', expected one of es, en"),
        (lambda: plots.trends(FOUND, words={"tretaed": "x"}), "no words called tretaed; known: treated,"),
        (lambda: plots.gap(FOUND, limits=[1.0, 2.0]), r"limits have shape \(2,\), expected .* \(2, 31\)"),
        (lambda: plots.placebo_gaps(PLACEBOS, at_most=0), "at_most is 0, expected more than 0"),
        (lambda: plots.placebo_gaps(PLACEBOS, at_most=np.nan), "at_most is nan, expected more than 0"),
        (lambda: plots.period_weights(FOUND), "synthetic-control has no weights of periods"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, words):
    with pytest.raises(PanelError, match=words):
        draw()


def test_axes_that_are_given_are_drawn_into_and_none_are_opened():
    before = plt.get_fignums()
    ax = Figure().subplots()
    assert plots.trends(FOUND, ax=ax) is ax
    assert plt.get_fignums() == before


@pytest.mark.parametrize(("step", "digits"), [(20.0, 0), (0.5, 1), (0.25, 2), (0.001, 3), (2.5e6, 0)])
def test_ticks_have_the_decimals_of_their_step(step, digits):
    assert _decimals(step) == digits


@pytest.mark.parametrize(("language", "expected"), [("en", "10,000"), ("es", "10\u202f000")])
def test_numbers_on_the_axis_are_written_as_the_language_does(language, expected):
    ax = plots.trends(synthetic_control(textbook("germany")), unit="US$", language=language)
    ax.figure.canvas.draw()
    assert expected in [one.get_text() for one in ax.get_yticklabels()]
    assert "1990" in [one.get_text() for one in ax.get_xticklabels()]


def test_matplotlib_is_imported_only_when_something_is_drawn():
    code = "import sys, ayni.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "ayni\[plots\]"'):
        plots.trends(FOUND)
