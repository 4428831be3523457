"""Colours: WCAG 2.2 contrast, and sheets that hold together."""

import re
from itertools import combinations, pairwise

import pytest

from ayni.brief.charts import CHART_CSS, LIGHT_CSS, draw
from ayni.brief.charts.style import DARK, LIGHT, PRINT, STACKS
from tests.brief.charts import samples
from tests.brief.charts.reading import tree

GRAPHICAL, TEXT = 3.0, 4.5
WORDS = ("ink", "observed", "counter", "context", "rival", "claim", "against")
STACK_NAMES = tuple(f"s{at}" for at in range(1, STACKS + 1))
PALETTES = {"light": LIGHT, "dark": DARK, "print": PRINT}


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_agrees_with_its_definition():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(
        4.54, abs=0.01
    )  # W3C's own example of the least grey


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("name", WORDS)
def test_words_have_the_contrast_of_text(palette, name):
    colours = PALETTES[palette]
    assert contrast(colours[name], colours["paper"]) >= TEXT


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize("name", STACK_NAMES)
def test_stacks_stand_out_from_the_paper(palette, name):
    colours = PALETTES[palette]
    assert contrast(colours[name], colours["paper"]) >= GRAPHICAL


def test_printed_stacks_are_greys_apart_from_each_other_within_an_edge_of_ink():
    assert contrast(PRINT["edge"], PRINT["paper"]) >= GRAPHICAL
    shades = [PRINT[name] for name in STACK_NAMES]
    assert all(shade[1:3] == shade[3:5] == shade[5:7] for shade in PRINT.values())
    assert all(abs(int(one[1:3], 16) - int(two[1:3], 16)) >= 20 for one, two in combinations(shades, 2))
    assert all(contrast(one, two) >= 1.8 for one, two in pairwise(shades))


def test_every_palette_names_the_same_colours():
    assert set(LIGHT) == set(DARK) == set(PRINT)


def test_the_sheet_has_light_dark_and_print_and_uses_only_what_it_defines():
    assert "@media (prefers-color-scheme:dark)" in CHART_CSS
    assert "@media print" in CHART_CSS
    used = set(re.findall(r"var\(--c-([a-z0-9]+)\)", CHART_CSS))
    assert used <= set(LIGHT)
    assert "var(" not in LIGHT_CSS


@pytest.mark.parametrize("name", samples.every_chart())
def test_every_class_in_a_chart_has_a_rule(name):
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", CHART_CSS))
    for width in (680, 340):
        for node in tree(draw(samples.every_chart()[name], width=width, ident="k")).iter():
            assert set(node.get("class", "").split()) <= known
