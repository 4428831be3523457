"""Effects by event: each at its place with its interval, hollow before the treatment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ayni import plots
from ayni.panel import PanelError, group_time
from tests.panel.textbook import walks
from tests.plots.read import dots, strokes, upright

STARTS = {**dict.fromkeys(range(5), 6), **dict.fromkeys(range(5, 11), 9)}
FOUND = group_time(walks(3, units=40, periods=14, starts=STARTS, effect=3))


def test_dots_and_bars_are_those_of_the_record():
    ax = plots.event_study(FOUND.by_event, unit="points")
    told = [(float(at), one.estimate) for at, one in FOUND.by_event]
    assert dots(ax, "before") == [one for one in told if one[0] < 0]
    assert dots(ax, "after") == [one for one in told if one[0] >= 0]
    assert strokes(ax, "intervals") == [[(at, one.low), (at, one.high)] for at, one in FOUND.by_event]
    assert upright(ax) == [-0.5]
    assert ax.get_ylabel() == "points"
    assert {one.get_label(): one.get_markerfacecolor() for one in ax.lines if one.get_marker() == "o"} == {
        "before": "white",
        "after": "#000000",
    }


@pytest.mark.parametrize(
    ("language", "name", "more"),
    [
        (
            "en",
            "periods since the first treated one",
            "bars: 95% interval, for one effect at a time; hollow: before treatment",
        ),
        (
            "es",
            "periodos desde el primero tratado",
            "barras: intervalo del 95\u202f%, para cada efecto por separado; huecos: antes del tratamiento",
        ),
    ],
)
def test_it_says_what_bars_and_hollow_dots_are(language, name, more):
    assert plots.event_study(FOUND.by_event, language=language).get_xlabel() == f"{name}\n{more}"


def test_by_period_nothing_is_before():
    ax = plots.event_study(FOUND.by_period, since=None)
    assert dots(ax, "before") == []
    assert [at for at, _ in dots(ax, "after")] == [at for at, _ in FOUND.by_period]
    assert upright(ax) == []
    assert ax.get_xlabel() == "bars: 95% interval, for one effect at a time"


def test_an_interval_without_ends_has_no_bar_and_an_endless_one_stays_on_the_axis():
    (first, one), (second, two), *_ = FOUND.by_event
    odd = [(first, replace(one, low=np.nan, high=np.nan)), (second, replace(two, low=-np.inf, high=np.inf))]
    ax = plots.event_study([*odd, *FOUND.by_event[2:]])
    bars = {bar[0][0]: (bar[0][1], bar[1][1]) for bar in strokes(ax, "intervals")}
    assert first not in bars
    assert np.isfinite(bars[second]).all()
    lows = [bar[0] for at, bar in bars.items() if at != second]
    assert bars[second][0] < min(lows)


def test_levels_that_differ_and_no_effects_are_refused():
    (at, one), *rest = FOUND.by_event
    with pytest.raises(PanelError, match=r"the levels 0\.9, 0\.95; expected one for all"):
        plots.event_study([(at, replace(one, level=0.9)), *rest])
    with pytest.raises(PanelError, match="none, since there is no effect"):
        plots.event_study([])
