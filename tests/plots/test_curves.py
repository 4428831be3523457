"""The specification curve: effects in order, each above the choices that gave it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from ayni import plots
from ayni.panel import PanelError
from ayni.panel.curve import combinations, run, standing
from tests.panel.textbook import textbook
from tests.plots.read import dots, lines, names, path, texts

CALIFORNIA = textbook("prop99")
WEST = ("Utah", "Nevada", "Montana", "Colorado", "Idaho", "Wyoming", "New Mexico")
METHODS = ["synthetic-control", "difference-in-differences"]
POOLS = {"all": CALIFORNIA.units, "west": WEST, "nobody": ()}
WINDOWS = [(1970, 2000), (1975, 2000), (1970, 1995)]


def rows(pools=("all", "west"), transformations=("level",)):
    asked = combinations(["packs"], METHODS, list(pools), WINDOWS, list(transformations))
    return list(run({"packs": CALIFORNIA}, POOLS, asked))


def test_effects_ascend_and_choices_stand_below_them():
    own = rows()
    figure = plots.specification_curve(own[::-1], unit="packs per head")
    above, below = figure.axes
    ordered = sorted(own, key=lambda row: row.att)
    assert dots(above, "effects") == [(i, row.att) for i, row in enumerate(ordered)]
    assert above.get_ylabel() == "packs per head"
    assert names(below) == [
        *("method", "difference-in-differences", "synthetic-control"),
        *("controls", "all", "west", "first period", "1970", "1975", "last period", "1995", "2000"),
    ]
    chosen = {
        "method: synthetic-control": lambda one: one.method == "synthetic-control",
        "pool: west": lambda one: one.pool == "west",
        "first: 1975": lambda one: one.window[0] == 1975,
        "last: 1995": lambda one: one.window[1] == 1995,
    }
    for label, has in chosen.items():
        places = [x for x, _ in dots(below, label)]
        assert places == [i for i, row in enumerate(ordered) if has(row.specification)], label
        row = names(below).index(label.partition(": ")[2])
        assert {y for _, y in dots(below, label)} == {row}


def test_every_effect_has_one_option_of_each_choice():
    below = plots.specification_curve(rows()).axes[1]
    for choice in ("method", "pool", "first", "last"):
        places = [x for one in lines(below) if one.startswith(choice) for x, _ in dots(below, one)]
        assert sorted(places) == list(range(12))


def test_a_published_figure_is_a_line_that_says_where_it_falls():
    own = rows()
    above = plots.specification_curve(own, published=-19.6).axes[0]
    assert {y for _, y in path(lines(above)["published"])} == {-19.6}
    share = round(100 * standing(own, -19.6))
    assert texts(above) == [f"published: −19.6; {share}% of the effects are smaller"]
    said = texts(plots.specification_curve(own, published=-19.6, language="es").axes[0])
    assert said == [f"publicado: −19.6; es menor el {share}\u202f% de los efectos"]


@pytest.mark.parametrize("published", [-30.0, -5.0])
def test_its_words_are_on_the_side_that_the_curve_leaves_free(published):
    above = plots.specification_curve(rows(), published=published).axes[0]
    above.figure.canvas.draw()
    box = above.texts[0].get_window_extent()
    points = above.transData.transform(dots(above, "effects"))
    assert not [1 for x, y in points if box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1]
    assert above.bbox.x0 - 1 <= box.x0
    assert box.x1 <= above.bbox.x1 + 1


def test_refusals_are_counted_not_drawn():
    own = rows(pools=("all", "nobody"))
    figure = plots.specification_curve(own, language="es")
    assert len(dots(figure.axes[0], "effects")) == 6
    assert figure.axes[1].get_xlabel().splitlines() == [
        "6 combinaciones, ordenadas por su efecto",
        "6 combinaciones rechazadas, sin efecto",
    ]


def test_several_transformations_are_drawn_as_shares_alone():
    own = rows(transformations=("level", "index", "log"))
    with pytest.raises(PanelError, match="several transformations, whose effects do not compare"):
        plots.specification_curve(own)
    above, below = plots.specification_curve(own, share=True).axes
    shares = sorted(row.share for row in own if row.specification.transformation != "log")
    assert [y for _, y in dots(above, "effects")] == shares
    assert "index" in names(below)
    assert "log" not in names(below)


def test_options_have_the_callers_names():
    below = plots.specification_curve(rows(), names={"west": "the West"}, words={"pool": "States"}).axes[1]
    assert "the West" in names(below)
    assert "States" in names(below)


def test_one_combination_is_a_curve_without_choices():
    figure = plots.specification_curve(rows()[:1], figure=Figure())
    assert len(dots(figure.axes[0], "effects")) == 1
    assert names(figure.axes[1]) == []


def test_rows_without_an_effect_are_refused():
    none = [replace(row, att=np.nan, refused="no") for row in rows()]
    with pytest.raises(PanelError, match="none of 12 rows has an effect to draw"):
        plots.specification_curve(none)
