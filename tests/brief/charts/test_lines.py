"""Lines over time."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.brief.charts import AxisMark, Band, Fan, Line, LineChart, Pin, draw, table
from tests.brief.charts import samples
from tests.brief.charts.reading import collisions, outside, paths, said, starts, tree

numbers = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False, allow_subnormal=False)
words = st.text(alphabet="abcdefghi ABC-,ñáé", max_size=40)


def drawn(chart: LineChart, width=680):
    return tree(draw(chart, width=width, ident="k"))


def observed(root):
    return paths(root, "line-observed")[0]


def test_a_missing_year_breaks_the_line_and_is_dotted():
    whole = samples.line_chart()
    assert len(starts(observed(drawn(whole)))) == 1
    assert paths(drawn(whole), "gap") == []
    ys = (*samples.COCA_HA[:5], None, *samples.COCA_HA[6:])
    broken = drawn(samples.line_chart(series=(Line(label="a", xs=samples.YEARS, ys=ys, role="observed"),)))
    assert len(starts(observed(broken))) == 2
    assert len(starts(paths(broken, "gap")[0])) == 1


def test_a_year_left_out_breaks_the_line_like_a_year_missing():
    at = 5
    left_out = Line(
        label="a",
        xs=samples.YEARS[:at] + samples.YEARS[at + 1 :],
        ys=samples.COCA_HA[:at] + samples.COCA_HA[at + 1 :],
        role="observed",
    )
    missing = Line(
        label="a",
        xs=samples.YEARS,
        ys=(*samples.COCA_HA[:at], None, *samples.COCA_HA[at + 1 :]),
        role="observed",
    )
    one, two = (drawn(samples.line_chart(series=(line,))) for line in (left_out, missing))
    assert observed(one) == observed(two)
    assert paths(one, "gap") == paths(two, "gap")


def test_a_series_every_five_years_is_whole_when_it_says_so():
    line = Line(label="censo", xs=(2000.0, 2005.0, 2010.0), ys=(1.0, 2.0, 3.0), role="observed", step=5.0)
    assert paths(drawn(samples.line_chart(series=(line,))), "gap") == []


def test_a_point_between_two_gaps_is_a_dot():
    line = Line(label="a", xs=(1.0, 2.0, 3.0, 4.0, 5.0), ys=(1.0, None, 2.0, None, 3.0), role="observed")
    root = drawn(samples.line_chart(series=(line,)))
    assert paths(root, "line-observed") == []
    assert any(len(starts(data)) == 3 for data in paths(root, "dot"))


@given(constant=st.integers(min_value=-10_000_000, max_value=10_000_000))
@settings(max_examples=40)
def test_adding_a_constant_shifts_labels_not_shape(constant):
    def chart(shift):
        series = (
            Line(label="a", xs=samples.YEARS, ys=tuple(y + shift for y in samples.COCA_HA), role="observed"),
        )
        return samples.line_chart(series=series, y_tick=lambda _: "mismo ancho")

    one, two = (observed(drawn(chart(shift))) for shift in (0, constant))
    for a, b in zip(re.findall(r"-?[\d.]+", one), re.findall(r"-?[\d.]+", two), strict=True):
        assert math.isclose(float(a), float(b), abs_tol=0.11)


def test_counted_modelled_and_reported_points_look_different():
    def markers(status):
        line = Line(label="a", xs=(1.0, 2.0), ys=(1.0, 2.0), role="observed", status=status)
        root = drawn(samples.line_chart(series=(line,)))
        return tuple(len(paths(root, look)) for look in ("dot", "square", "hollow", "diamond"))

    assert len({markers(status) for status in ("counted", "estimated", "modelled", "reported")}) == 4


def test_each_point_may_have_its_own_status():
    line = Line(label="a", xs=(1.0, 2.0), ys=(1.0, 2.0), role="observed", status=("counted", "modelled"))
    chart = samples.line_chart(
        series=(line,), status_labels=(("counted", "medido"), ("modelled", "modelado"))
    )
    root = drawn(chart)
    assert len(paths(root, "hollow")) == 2  # one on the line, one in the key
    assert [row[-1] for row in table(chart)[1]] == ["medido", "modelado"]


def test_the_key_explains_only_what_is_drawn():
    words_of = (("counted", "medido"), ("modelled", "modelado"))
    root = drawn(samples.line_chart(status_labels=words_of, gap_label="sin dato"))
    assert "medido" in said(root)
    assert "modelado" not in said(root)
    assert "sin dato" not in said(root)


@pytest.mark.parametrize("width", [680, 340])
def test_pins_marks_and_ends_are_all_named(width):
    root = drawn(samples.full_line_chart(), width)
    text = " ".join(said(root).split())
    for name in (
        "Observado",
        "ONDCP",
        "Tendencia",
        "Embajada, 2024",
        "área neta",
        "zonas nuevas",
        "sin dato",
    ):
        assert name in text


def test_a_zero_baseline_is_the_lowest_number_shown():
    assert said(drawn(samples.line_chart(zero=True))).split()[1] == "0"
    assert " 0 " not in f" {said(drawn(samples.line_chart()))} "


def test_the_table_is_the_input():
    chart = samples.full_line_chart()
    header, rows = table(chart)
    assert header == ("serie", "año", "valor", "mínimo", "máximo", "calidad")
    for line in chart.series:
        assert tuple((row[1], row[2]) for row in rows if row[0] == line.label) == tuple(
            zip(line.xs, line.ys, strict=True)
        )
    band = chart.bands[0]
    assert tuple(row[3:5] for row in rows if row[0] == "Rango") == tuple(
        zip(band.lows, band.highs, strict=True)
    )
    assert len([row for row in rows if str(row[0]).startswith("Sin cooperación")]) == 30 * 7
    assert ("Embajada, 2024", 2023.0, 144000.0, None, None, "") in rows


@st.composite
def charts(draw_):
    count = draw_(st.integers(1, 12))
    xs = tuple(float(1990 + at) for at in range(count))
    series = []
    for _ in range(draw_(st.integers(1, 4))):
        ys = draw_(st.lists(st.none() | numbers, min_size=count, max_size=count))
        ys[draw_(st.integers(0, count - 1))] = draw_(numbers)
        role = draw_(st.sampled_from(["observed", "counterfactual", "context", "rival"]))
        series.append(Line(label=draw_(words), xs=xs, ys=tuple(ys), role=role, status="modelled"))
    pins = draw_(st.lists(st.builds(Pin, x=st.sampled_from(xs), y=numbers, label=words), max_size=3))
    marks = draw_(st.lists(st.builds(AxisMark, x=st.sampled_from(xs), label=words), max_size=3))
    return samples.line_chart(
        series=tuple(series),
        pins=tuple(pins),
        marks=tuple(marks),
        unit=draw_(words),
        zero=draw_(st.booleans()),
    )


@given(chart=charts(), width=st.sampled_from([680, 340]))
@settings(max_examples=80)
def test_whatever_the_numbers_every_text_is_inside(chart, width):
    root = drawn(chart, width)
    assert outside(root) == []


@given(chart=charts(), width=st.sampled_from([680, 340]))
@settings(max_examples=40)
def test_whatever_the_numbers_names_at_the_ends_do_not_touch(chart, width):
    alone = samples.line_chart(series=chart.series, y_tick=lambda _: "")
    assert collisions(drawn(alone, width)) == []


def line_of(field, word):
    return replace(Line(label="a", xs=(1.0,), ys=(1.0,)), **{field: word})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Line(label="a", xs=(1.0, 2.0), ys=(1.0,)), r"line 'a': found 1 values, expected 2"),
        (lambda: Line(label="a", xs=(), ys=()), r"line 'a': found nothing to draw"),
        (
            lambda: Line(label="a", xs=(1.0,), ys=(math.nan,)),
            r"line 'a', ys, place 0: found nan, expected a finite",
        ),
        (lambda: Line(label="a", xs=(1.0,), ys=(None,)), r"line 'a': found every y missing"),
        (lambda: Line(label="a", xs=(2.0, 1.0), ys=(1.0, 1.0)), r"line 'a': found 1.0 after 2.0"),
        (lambda: line_of("role", "hero"), r"line 'a': found the role 'hero'"),
        (
            lambda: line_of("status", "guess"),
            r"line 'a': found the status 'guess'",
        ),
        (lambda: Line(label="a", xs=(1.0,), ys=(1.0,), step=0.0), r"line 'a', step: found 0.0"),
        (
            lambda: Band(label="b", xs=(1.0,), lows=(2.0,), highs=(1.0,)),
            r"band 'b', x 1.0: found low 2.0 above high 1",
        ),
        (lambda: Fan(label="f", xs=(1.0,), lines=((1.0,), (1.0, 2.0))), r"fan 'f', line 2: found 2 values"),
        (lambda: Pin(x=1.0, y=math.inf, label="p"), r"pin 'p', y: found inf"),
        (lambda: Pin(x=1.0, y=1.0, label="p", href=" javascript:alert(1)"), r"pin 'p': found the address"),
        (lambda: samples.line_chart(series=()), r"line chart 'La coca se duplicó': found nothing to draw"),
        (lambda: samples.line_chart(y_range=(2.0, 1.0)), r"y_range: found low 2.0 above high 1.0"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
