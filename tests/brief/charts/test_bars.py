"""Stacked bars and ranked bars."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.brief.charts import Rank, Stack, draw, table
from tests.brief.charts import samples
from tests.brief.charts.reading import collisions, outside, paths, said, starts, tree

values = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False, allow_subnormal=False)
words = st.text(alphabet="abcdefghi ABC-,ñáé", max_size=40)


def drawn(chart, width=680):
    return tree(draw(chart, width=width, ident="k"))


def zero(root):
    return starts(paths(root, "axis")[-1])[0][1]


def boxes(data):
    return [tuple(float(part) for part in box) for box in re.findall(r"M(\S+) (\S+)h(\S+?)v([\d.]+)h", data)]


def test_hatched_years_are_hatched_and_no_others():
    root = drawn(samples.stacked_bars())
    (hatch,) = paths(root, "hatch")
    columns = {left for left, *_ in boxes(paths(root, "s1")[0])}
    assert {left for left, *_ in boxes(hatch)} == {max(columns)}
    assert len(boxes(hatch)) == 3
    assert "datos incompletos" in " ".join(said(root).split())


def test_without_incomplete_years_nothing_is_hatched():
    root = drawn(samples.stacked_bars(hatched=frozenset()))
    assert paths(root, "hatch") == []
    assert "datos incompletos" not in said(root)


def test_an_open_part_is_an_outline_and_a_broken_one_where_reporting_is_incomplete():
    whole = Stack(label="Solo el total", values=(None, None, 70.0, 60.0), open=True)
    root = drawn(samples.stacked_bars(stacks=(*samples.stacked_bars().stacks, whole)))
    outlines = [box for data in paths(root, "open") for box in boxes(data)]
    columns = sorted({left for left, *_ in boxes(paths(root, "s1")[0])})
    # One bar and the sign in the key; the bar of the incomplete year has only the broken outline.
    assert len(outlines) == 2
    assert max(columns) not in {left for left, *_ in outlines}
    assert len(boxes(paths(root, "hatch")[0])) == 4


def test_a_part_keeps_the_colour_it_is_given():
    stacks = (Stack(label="a", values=(1.0,) * 4, colour=6), Stack(label="b", values=(1.0,) * 4))
    root = drawn(samples.stacked_bars(stacks=stacks))
    assert paths(root, "s6")
    assert paths(root, "s2")
    assert not paths(root, "s1")


def test_negative_parts_hang_below_zero_and_positive_ones_stand_on_it():
    root = drawn(samples.stacked_bars())
    line = zero(root)
    assert all(abs(top + height - line) < 0.2 for _, top, _, height in boxes(paths(root, "s1")[0]))
    assert all(top + height < line for _, top, _, height in boxes(paths(root, "s2")[0]))
    assert all(abs(top - line) < 0.2 for _, top, _, _ in boxes(paths(root, "s3")[0]))


def test_a_year_without_any_part_is_marked_as_missing():
    root = drawn(samples.stacked_bars())
    assert len(starts(paths(root, "missing")[0])) == 1
    assert "sin dato" in said(root)


def test_another_edition_is_a_tick_on_each_bar_that_has_one():
    assert len(starts(paths(drawn(samples.stacked_bars()), "vintage")[0])) == 2


def test_a_year_left_out_leaves_a_hole_of_its_width():
    lefts = sorted(left for left, *_ in boxes(paths(drawn(samples.stacked_bars()), "s1")[0]))
    assert lefts[2] - lefts[1] == pytest.approx(3 * (lefts[1] - lefts[0]), abs=0.3)


def test_parts_are_named_beside_the_last_bar_where_that_reads_well():
    chart = samples.stacked_bars(hatched=frozenset(), overlays=(), vintage=(), missing_label="")
    wide, narrow = drawn(chart), drawn(chart, 340)
    assert len(paths(wide, "leader")) == 3
    assert paths(narrow, "leader") == []
    for root in (wide, narrow):
        assert all(stack.label in said(root) for stack in chart.stacks)


def test_the_table_of_stacks_is_the_input():
    chart = samples.stacked_bars()
    header, rows = table(chart)
    names = ("Desarrollo", "Antinarcóticos", "Devoluciones")
    assert header == ("año", *names, "Neto", "edición anterior", "datos incompletos")
    assert tuple(row[0] for row in rows) == chart.xs
    for at, stack in enumerate(chart.stacks, start=1):
        assert tuple(row[at] for row in rows) == stack.values
    assert tuple(row[4] for row in rows) == (87.0, 86.5, None, None)
    assert tuple(row[5] for row in rows) == chart.vintage
    assert tuple(row[6] for row in rows) == ("", "", "", "datos incompletos")


@given(
    rows=st.lists(st.lists(st.none() | values, min_size=3, max_size=3), min_size=1, max_size=8),
    names=st.lists(words, min_size=8, max_size=8),
    width=st.sampled_from([680, 340]),
)
@settings(max_examples=60)
def test_whatever_the_parts_texts_are_inside(rows, names, width):
    stacks = tuple(Stack(label=name, values=tuple(row)) for row, name in zip(rows, names, strict=False))
    chart = samples.stacked_bars(
        xs=(2018.0, 2019.0, 2020.0), stacks=stacks, hatched=frozenset({2019.0}), vintage=(), overlays=()
    )
    root = drawn(chart, width)
    assert outside(root) == []
    assert collisions(root) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stacks": ()}, "stacks: found nothing to draw"),
        ({"stacks": (Stack(label="a", values=(1.0,)),)}, "stack 'a': found 1 values, expected 4"),
        ({"stacks": (Stack(label="a", values=(1.0,) * 4),) * 9}, "found 9 stacks, expected at most 8"),
        ({"hatched": frozenset({1999.0})}, "found 1999.0 hatched"),
        ({"hatch_label": ""}, "found hatched bars without a hatch_label"),
        ({"xs": (2018.0, 2018.0, 2019.0, 2020.0)}, "found 2018.0 after 2018.0"),
        ({"vintage": (1.0,)}, "vintage: found 1 values, expected 4"),
    ],
)
def test_stacks_that_cannot_be_drawn_are_refused_in_a_sentence(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        samples.stacked_bars(**changes)


def test_ranked_bars_start_at_zero_and_keep_their_order():
    chart = samples.rank_bars()
    root = drawn(chart)
    line = starts(paths(root, "axis")[0])[0][0]
    plain = [box for data in paths(root, "bar") for box in boxes(data)]
    (main,) = boxes(paths(root, "bar-main")[0])
    assert plain[0][0] == pytest.approx(line, abs=0.2)
    assert main[0] == pytest.approx(line, abs=0.2)
    assert plain[1][0] + plain[1][2] == pytest.approx(line, abs=0.2)
    assert plain[0][1] < main[1] < plain[1][1]


def test_a_range_is_a_whisker():
    assert len(paths(drawn(samples.rank_bars()), "whisker")) == 2


def test_the_table_of_ranks_is_the_input():
    assert table(samples.rank_bars())[1] == (
        ("Colombia", 620.0, 500.0, 700.0),
        ("Perú", 214.0, None, None),
        ("Ecuador y zonas fronterizas con programas compartidos", -22.0, -30.0, -10.0),
    )


@given(
    ranks=st.lists(st.builds(Rank, label=words, value=values, text=words), min_size=1, max_size=12),
    width=st.sampled_from([680, 340]),
)
@settings(max_examples=60)
def test_whatever_the_ranks_every_text_is_inside_and_alone(ranks, width):
    root = drawn(samples.rank_bars(ranks=tuple(ranks)), width)
    assert outside(root) == []
    assert collisions(root) == []


def test_ranks_that_cannot_be_drawn_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"bar 'a': found low 3.0 above high 2.0"):
        Rank(label="a", value=1.0, low=3.0, high=2.0)
    with pytest.raises(ValueError, match=r"bar 'a': found low 3.0 and high None, expected both or neither"):
        Rank(label="a", value=1.0, low=3.0)
    with pytest.raises(ValueError, match="found nothing to draw"):
        samples.rank_bars(ranks=())
