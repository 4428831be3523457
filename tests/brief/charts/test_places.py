"""Ticks, text widths, and labels that keep apart."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.brief.charts.place import overlap, settle, shelves, spread
from ayni.brief.charts.scales import Scale, extent, position, ticks
from ayni.brief.charts.text import Box, text_width, wrap
from tests.brief.charts.reading import HELVETICA, helvetica

numbers = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
ascii_words = st.text(alphabet=sorted(HELVETICA), max_size=60)


@given(text=ascii_words)
def test_estimated_widths_are_not_below_helvetica(text):
    assert text_width(text, 12.0) >= helvetica(text, 12.0) * 0.999


def test_accents_add_no_width():
    assert text_width("ñandú", 12.0) == text_width("nandu", 12.0)


@given(text=ascii_words, width=st.floats(40, 400))
def test_wrapping_keeps_every_letter_and_the_width(text, width):
    lines = wrap(text, width, 12.0)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, 12.0) <= width for line in lines)


def test_a_no_break_space_is_kept_together():
    assert wrap("area 144\u00a0000 ha", text_width("area 144", 12.0) + 1, 12.0) == (
        "area",
        "144\u00a0000",
        "ha",
    )


@given(low=numbers, span=st.floats(1e-6, 1e12), count=st.integers(1, 12))
def test_ticks_are_round_even_and_within(low, span, count):
    high = low + span
    if high - low < 1e-9 * max(abs(low), abs(high)):
        return
    found = ticks(low, high, count)
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in found)
    steps = [two - one for one, two in pairwise(found)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-3) for step in steps)
    assert len(found) <= 1.6 * count + 1


def test_ticks_are_where_a_person_would_put_them():
    assert ticks(0.0, 95008.0, 4) == (0.0, 20000.0, 40000.0, 60000.0, 80000.0)
    assert ticks(40300.0, 95008.0, 6) == (50000.0, 60000.0, 70000.0, 80000.0, 90000.0)
    assert ticks(-0.3, 0.31, 6) == (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    "values", [(0.0,), (5.0,), (-5.0, -5.0), (1e-300, 2e-300), (1e99, -1e99), (3.0, 3.0 + 1e-13)]
)
@pytest.mark.parametrize("zero", [True, False])
def test_any_extent_has_room(values, zero):
    low, high = extent(values, zero=zero, padding=0.05)
    assert low < high
    assert all(low <= value <= high for value in values)
    scale = Scale(low=low, high=high, start=0.0, end=100.0)
    assert all(0.0 <= position(scale, value) <= 100.0 for value in values)
    assert ticks(low, high, 5)


def pushed(wanted, sizes, gap):
    """Slow and plain: every order-keeping placement is moved in small steps until no move helps."""
    at = [0.0]
    for one, two in pairwise(sizes):
        at.append(at[-1] + one / 2 + gap + two / 2)
    best = None
    for shift in range(-400, 401):
        cost = sum((place + shift * 0.5 - want) ** 2 for place, want in zip(at, wanted, strict=True))
        best = cost if best is None else min(best, cost)
    return best


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(1, 30)), min_size=1, max_size=8))
def test_spread_keeps_order_distance_and_room(pairs):
    pairs.sort()
    wanted, sizes = [want for want, _ in pairs], [size for _, size in pairs]
    found = spread(wanted, sizes, 0.0, 400.0, 2.0)
    for (one, a), (two, b) in pairwise(zip(found, sizes, strict=True)):
        assert two - one >= a / 2 + b / 2 + 2.0 - 1e-6
    assert found[0] - sizes[0] / 2 >= -1e-6
    assert found[-1] + sizes[-1] / 2 <= 400.0 + 1e-6


@given(st.floats(0, 100), st.lists(st.floats(5, 20), min_size=2, max_size=5))
def test_labels_that_all_want_one_place_share_it_fairly(middle, sizes):
    wanted = [middle] * len(sizes)
    found = spread(wanted, sizes, -1000.0, 1000.0, 2.0)
    cost = sum((place - want) ** 2 for place, want in zip(found, wanted, strict=True))
    assert cost <= pushed(wanted, sizes, 2.0) + 1.0


def test_labels_with_room_stay_where_they_want_to_be():
    assert spread([10.0, 50.0, 90.0], [10.0, 10.0, 10.0], 0.0, 100.0, 2.0) == (10.0, 50.0, 90.0)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(1, 90)), max_size=9))
def test_spans_on_one_shelf_do_not_touch(pairs):
    spans = [(left, left + width) for left, width in pairs]
    rows = shelves(spans, 4.0)
    for at, (one, row) in enumerate(zip(spans, rows, strict=True)):
        for two, other in zip(spans[:at], rows[:at], strict=True):
            assert row != other or one[1] + 4.0 <= two[0] or two[1] + 4.0 <= one[0]


def test_a_label_settles_off_other_texts_or_nowhere():
    bounds = Box(left=0.0, top=0.0, right=100.0, bottom=60.0)
    taken = [Box(left=50.0, top=0.0, right=100.0, bottom=60.0)]
    found = settle((45.0, 30.0), (30.0, 12.0), bounds, taken, ())
    assert found is not None
    assert not overlap(found, taken[0])
    assert settle((45.0, 30.0), (30.0, 12.0), bounds, [bounds], ()) is None
