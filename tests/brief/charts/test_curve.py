"""The specification curve and the range strip."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.brief.charts import Level, Specification, draw, table
from tests.brief.charts import samples
from tests.brief.charts.reading import SVG, collisions, outside, paths, said, starts, tree

values = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False, allow_subnormal=False)
words = st.text(alphabet="abcdefghi ABC-,ñáé", max_size=40)


def drawn(chart, width=680):
    return tree(draw(chart, width=width, ident="k"))


def effects(root):
    return [start for data in paths(root, "effect") for start in starts(data)]


def reached(data):
    """All heights a path of vertical strokes touches."""
    return [float(y) for y in re.findall(r"M\S+ (-?[\d.]+)", data)] + [
        float(y) for y in re.findall(r"V(-?[\d.]+)", data)
    ]


@pytest.mark.parametrize("count", [1, 30, 200, 2000])
def test_effects_rise_from_left_to_right(count):
    points = effects(drawn(samples.curve(count)))
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)


@pytest.mark.parametrize("count", [30, 200, 2000])
def test_no_extreme_is_lost_however_many_there_are(count):
    points = list(samples.specifications(count))
    points[7] = Specification(
        value=points[7].value, low=-300000.0, high=300000.0, choices={"Fuente": "UNODC"}
    )
    points[9] = Specification(value=250000.0, choices={"Fuente": "rara"})
    root = drawn(samples.curve(points=tuple(points), pins=()))
    reach, dots = (
        reached(paths(root, "reach")[0]),
        [y for data in paths(root, "effect") for y in reached(data)],
    )
    zero = starts(paths(root, "axis")[0])[0][1]
    per_pixel = 600000.0 / (max(reach) - min(reach))
    assert (zero - min(reach)) * per_pixel == pytest.approx(300000.0, rel=0.01)
    assert (zero - min(dots)) * per_pixel == pytest.approx(250000.0, rel=0.01)
    assert "rara" in said(root)


@pytest.mark.parametrize(("count", "limit"), [(500, 60_000), (2000, 60_000)])
@pytest.mark.parametrize("width", [680, 340])
def test_a_long_curve_stays_small(count, limit, width):
    assert len(draw(samples.curve(count), width=width, ident="k").encode()) < limit


@pytest.mark.parametrize("count", [12, 60])
def test_each_choice_has_one_dot_for_each_estimate_that_took_it(count):
    chart = samples.curve(count, family_label="")
    root = drawn(chart)
    rows = [len(starts(data)) for data in paths(root, "choice")]
    taken: dict[tuple[str, str], int] = {}
    for point in chart.points:
        for pair in point.choices.items():
            taken[pair] = taken.get(pair, 0) + 1
    assert sorted(rows) == sorted(taken.values())
    assert sum(rows) == 3 * count


def test_a_dot_stands_under_its_estimate():
    points = (
        Specification(value=3.0, choices={"d": "c"}),
        Specification(value=1.0, choices={"d": "a"}),
        Specification(value=2.0, choices={"d": "b"}),
    )
    root = drawn(samples.curve(points=points, pins=()))
    columns = [x for x, _ in effects(root)]
    c, a, b = (starts(data)[0][0] for data in paths(root, "choice"))
    assert [a, b, c] == columns


def test_families_are_rows_only_when_they_have_a_heading():
    assert "Panel" in said(drawn(samples.curve()))
    assert "Panel" not in said(drawn(samples.curve(family_label="")))


def test_every_claim_is_a_line_with_its_name():
    for width in (680, 340):
        root = drawn(samples.curve(), width)
        assert len(starts(paths(root, "claim-line")[0])) == 2
        assert "Embajada" in said(root)
        assert "Un artículo" in said(root)


def test_shades_are_explained_where_they_are_used():
    assert "tono más fuerte" not in said(drawn(samples.curve(40)))
    assert "tono más fuerte" in said(drawn(samples.curve(400)))


def test_short_curves_link_each_estimate_and_long_ones_none():
    def links(count):
        points = samples.specifications(count, href="#s")
        return len(list(drawn(samples.curve(points=points, pins=())).iter(f"{SVG}a")))

    assert links(40) == 40
    assert links(400) == 0


def test_the_table_of_estimates_is_the_input_in_order():
    chart = samples.curve(50)
    header, rows = table(chart)
    assert header == ("serie", "valor", "mínimo", "máximo", "Familia", "Fuente", "Método", "Base")
    ordered = sorted(chart.points, key=lambda point: point.value)
    assert tuple(row[1:] for row in rows[:50]) == tuple(
        (p.value, p.low, p.high, p.family, p.choices["Fuente"], p.choices["Método"], p.choices["Base"])
        for p in ordered
    )
    assert rows[50][:2] == ("Embajada", 54245.0)


@given(
    points=st.lists(
        st.builds(Specification, value=values, choices=st.dictionaries(words, words, max_size=3)),
        min_size=1,
        max_size=9,
    ),
    pins=st.lists(st.builds(Level, value=values, label=words), max_size=4),
    width=st.sampled_from([680, 340]),
)
@settings(max_examples=60)
def test_whatever_the_estimates_every_text_is_inside_and_alone(points, pins, width):
    root = drawn(samples.curve(points=tuple(points), pins=tuple(pins)), width)
    assert outside(root) == []
    assert collisions(root) == []


def test_estimates_that_cannot_be_drawn_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"specification \{'d': 'a'\}: found nan"):
        Specification(value=math.nan, choices={"d": "a"})
    with pytest.raises(ValueError, match=r"found low 2\.0 above high 1\.0"):
        Specification(value=1.0, low=2.0, high=1.0, choices={})
    with pytest.raises(ValueError, match="level 'n': found inf"):
        Level(value=math.inf, label="n")
    with pytest.raises(ValueError, match="found nothing to draw"):
        samples.curve(points=())


@given(
    ends=st.lists(values, min_size=3, max_size=3).map(sorted),
    pins=st.lists(st.builds(Level, value=values, label=words), max_size=5),
    width=st.sampled_from([680, 340, 220]),
)
@settings(max_examples=80)
def test_whatever_the_range_a_strip_keeps_its_texts_inside_and_apart(ends, pins, width):
    low, value, high = ends
    root = drawn(samples.strip(low=low, value=value, high=high, pins=tuple(pins)), width)
    assert outside(root) == []
    assert collisions(root) == []


def test_a_strip_shows_zero_only_when_asked_or_crossed():
    apart = {"low": 30.0, "value": 31.0, "high": 32.0, "pins": ()}
    assert len(paths(drawn(samples.strip(**apart)), "axis")) == 1
    assert paths(drawn(samples.strip(**apart, zero=False)), "axis") == []


def test_the_table_of_a_strip_is_the_input():
    assert table(samples.strip())[1] == (
        ("Lo evitado", 12000.0, -4000.0, 31000.0),
        ("Embajada", 54245.0, None, None),
        ("Artículo", 12100.0, None, None),
    )


def test_a_strip_that_cannot_be_drawn_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"found 40000.0 outside -4000.0 to 31000.0"):
        samples.strip(value=40000.0)
    with pytest.raises(ValueError, match="found 11 pins, expected at most 10"):
        samples.strip(pins=(Level(value=1.0, label="a"),) * 11)
