"""What holds for every chart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.brief.charts import LIGHT_CSS, Line, Pin, draw, small_multiples, standalone, table
from tests.brief.charts import samples
from tests.brief.charts.reading import SVG, collisions, outside, said, texts, tree, view

WIDTHS = (680, 340, 320)
CHARTS = samples.every_chart()

every = pytest.mark.parametrize("name", CHARTS)
both = pytest.mark.parametrize("width", WIDTHS)


@every
@both
def test_a_chart_is_well_formed_and_named(name, width):
    chart = CHARTS[name]
    root = tree(draw(chart, width=width, ident="k"))
    assert root.tag == f"{SVG}svg"
    assert root.get("aria-labelledby") == "k-t k-d"
    assert root.find(f"{SVG}title[@id='k-t']").text == chart.title
    assert root.find(f"{SVG}desc[@id='k-d']").text == chart.alt
    assert view(root)[0] == width


@every
@both
def test_an_image_holds_no_links_and_a_group_does(name, width):
    root = tree(draw(CHARTS[name], width=width, ident="k"))
    linked = root.find(f".//{SVG}a") is not None
    assert root.get("role") == ("group" if linked else "img")


@every
@both
def test_every_text_is_inside_large_enough_and_alone(name, width):
    root = tree(draw(CHARTS[name], width=width, ident="k"))
    assert outside(root) == []
    assert collisions(root) == []
    assert min(seen.size for seen in texts(root)) >= (12 if width == 680 else 11)


@every
@both
def test_ids_start_with_the_ident_and_are_unique(name, width):
    ids = [
        node.get("id") for node in tree(draw(CHARTS[name], width=width, ident="k9")).iter() if node.get("id")
    ]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("k9-") for each in ids)


@every
def test_the_same_chart_is_drawn_the_same(name):
    other = samples.every_chart()[name]
    assert draw(CHARTS[name], width=680, ident="k") == draw(other, width=680, ident="k")


@every
def test_no_colour_is_written_into_a_chart(name):
    root = tree(draw(CHARTS[name], width=680, ident="k"))
    for node in root.iter():
        assert node.get("style") is None
        assert node.get("stroke") is None
        assert node.get("fill", "none") == "none" or node.get("fill").startswith("url(#k-")


@every
def test_a_standalone_file_carries_its_words_and_its_look(name):
    chart = CHARTS[name]
    file = standalone(draw(chart, width=680, ident="k"), LIGHT_CSS)
    assert file.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert "var(" not in file
    root = tree(file.encode())
    assert root.get("width")
    assert root.get("height")
    assert chart.title in said(root)
    assert chart.source in said(root)


def test_a_standalone_file_is_made_of_charts_only():
    with pytest.raises(ValueError, match="found '<p>', expected an <svg>"):
        standalone("<p>", LIGHT_CSS)


@every
def test_tables_are_as_wide_as_their_header(name):
    header, rows = table(CHARTS[name])
    assert rows
    assert {len(row) for row in rows} == {len(header)}


@both
@pytest.mark.parametrize("columns", [1, 2, 3, 7])
def test_small_multiples_stay_inside_and_share_a_scale(width, columns):
    small = samples.line_chart(title="Uno", series=(Line(label="a", xs=(2011.0, 2012.0), ys=(1.0, 2.0)),))
    charts = (samples.line_chart(title="Otro"), small, samples.stacked_bars(), samples.rank_bars())
    root = tree(small_multiples(charts, columns=columns, width=width, ident="k", title="t", alt="d"))
    assert outside(root) == []
    assert collisions(root) == []
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    assert said(root).count("80 000") == 2


def test_small_multiples_of_nothing_are_refused():
    with pytest.raises(ValueError, match="found nothing to draw"):
        small_multiples((), columns=2, width=680, ident="k", title="t", alt="d")
    with pytest.raises(ValueError, match="found 0, expected a number above zero"):
        small_multiples((samples.strip(),), columns=0, width=680, ident="k", title="t", alt="d")


@pytest.mark.parametrize("ident", ["", "9a", "a b", 'a"', "ñ"])
def test_an_ident_that_is_no_id_is_refused(ident):
    with pytest.raises(ValueError, match="chart ident: found"):
        draw(samples.strip(), width=340, ident=ident)


def test_a_width_without_room_is_refused():
    with pytest.raises(ValueError, match="found a width of 120 px"):
        draw(samples.strip(), width=120, ident="k")


@given(word=st.text(max_size=40))
@settings(max_examples=60)
def test_any_characters_stay_well_formed(word):
    chart = samples.line_chart(title=word, alt=word, source=word, unit=word, series=(
        Line(label=word, xs=(1.0, 2.0), ys=(1.0, 2.0)),
    ), pins=(Pin(x=1.0, y=1.0, label=word),))  # fmt: skip
    for width in (680, 340):
        svg = draw(chart, width=width, ident="k")
        tree(svg)
        tree(standalone(svg, LIGHT_CSS).encode())
