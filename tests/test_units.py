"""Quantities: round trips, the algebra of dimensions, ranges against brute force."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ayni.units import Quantity, UnitError, add, convert, divide, known_units, multiply, unit

# What each unit is in the simplest one of its kind, from the definitions and not from ayni:
# the yard of 1959 is 0.9144 m, an acre 4,840 square yards, a hectare 10,000 m2.
ACRE_HA = Fraction(9144, 10000) ** 2 * 4840 / 10000
KINDS = {
    "mass": {"kg": Fraction(1), "g": Fraction(1, 1000), "t": Fraction(1000)},
    "area": {"ha": Fraction(1), "acre": ACRE_HA},
    "share": {
        "ratio": Fraction(1),
        "percent": Fraction(1, 100),
        "per-100000": Fraction(1, 100000),
        "percentage-point": Fraction(1, 100),
    },
    "time": {"year": Fraction(1), "day": Fraction(100, 36525)},
}
KIND_OF = {key: (kind, size) for kind, members in KINDS.items() for key, size in members.items()}

figures = st.floats(min_value=-1e9, max_value=1e9).filter(lambda x: x == 0 or abs(x) > 1e-6)
keys = st.sampled_from(known_units())
kin = st.sampled_from(sorted(KINDS)).flatmap(lambda k: st.tuples(*[st.sampled_from(sorted(KINDS[k]))] * 2))


@st.composite
def quantities(draw, of: str | None = None):
    key = of or draw(keys)
    value = draw(figures)
    low = draw(st.none() | st.floats(min_value=0, max_value=1e6).map(lambda x: value - x))
    high = draw(st.none() | st.floats(min_value=0, max_value=1e6).map(lambda x: value + x))
    return Quantity(value=value, unit=key, low=low, high=high)


def near(a: float | None, b: float | None, scale: float = 0.0) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12 * max(scale, 1e-300))


# --- conversion ----------------------------------------------------------------------------------


def test_a_hectare_is_the_published_number_of_acres():
    assert convert(Quantity(value=1, unit="ha"), "acre").value == pytest.approx(2.47105381467165, rel=1e-14)


def test_yields_convert_through_both_of_their_parts():
    # 9.158 kg of cocaine per hectare, in grams per acre and in tonnes per hectare
    assert convert(Quantity(value=9.158, unit="kg/ha"), "t/ha").value == pytest.approx(0.009158)
    assert convert(Quantity(value=9.158, unit="kg/ha"), "g/acre").value == pytest.approx(
        9158 / 2.47105381467165
    )


@given(kin, figures)
def test_conversion_agrees_with_the_definitions_in_exact_arithmetic(pair, value):
    here, there = pair
    exact = Fraction(value) * KIND_OF[here][1] / KIND_OF[there][1]
    assert near(convert(Quantity(value=value, unit=here), there).value, float(exact))


@given(kin, st.data())
def test_there_and_back_changes_nothing(pair, data):
    what = data.draw(quantities(pair[0]))
    back = convert(convert(what, pair[1]), pair[0])
    assert back.unit == what.unit
    size = max(abs(x) for x in what.ends)
    assert near(back.value, what.value, size)
    assert near(back.low, what.low, size)
    assert near(back.high, what.high, size)


@given(kin, kin, figures)
def test_compound_units_convert_as_their_parts_do(top, bottom, value):
    got = convert(Quantity(value=value, unit=f"{top[0]}/{bottom[0]}"), f"{top[1]}/{bottom[1]}").value
    ratio = (KIND_OF[top[0]][1] / KIND_OF[top[1]][1]) / (KIND_OF[bottom[0]][1] / KIND_OF[bottom[1]][1])
    assert near(got, float(Fraction(value) * ratio))


@given(keys, keys)
def test_units_of_different_kinds_never_convert(one, other):
    assume(KIND_OF.get(one, (one, 0))[0] != KIND_OF.get(other, (other, 0))[0])
    with pytest.raises(UnitError, match="measure different things"):
        convert(Quantity(value=1, unit=one), other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("t", "USD"), ("USD", "PEN"), ("death", "incident"), ("kg/ha", "ha/kg"), ("t", "t/ha"), ("ha", "km")],
)
def test_what_measures_different_things_is_neither_converted_nor_added(one, other):
    with pytest.raises(UnitError):
        convert(Quantity(value=1, unit=one), other)
    with pytest.raises(UnitError):
        add(Quantity(value=1, unit=one), Quantity(value=1, unit=other))


@pytest.mark.parametrize(
    "key", ["", "hectare", "Ha", "kg/", "/ha", "kg/ha/year", "kg//ha", " ha", "usd", "m2"]
)
def test_an_unknown_unit_is_refused_with_the_known_ones(key):
    with pytest.raises(UnitError, match=r"known: .*acre.*ha"):
        unit(key)
    with pytest.raises(UnitError):
        Quantity(value=1, unit=key)


def test_every_known_unit_has_itself_over_itself_without_dimension():
    for key in known_units():
        assert unit(f"{key}/{key}").dimension == ()
        assert unit(f"{key}/{key}").factor == pytest.approx(1)


# --- the algebra of dimensions -------------------------------------------------------------------


@given(keys, keys, figures, figures.filter(bool))
def test_dividing_undoes_multiplying(top, bottom, a, b):
    rate = Quantity(value=a, unit=f"{top}/{bottom}")
    size = Quantity(value=b, unit=bottom)
    product = multiply(rate, size, to=top)
    assert near(product.value, a * b, abs(a * b))
    assert near(divide(product, size, to=rate.unit).value, a, abs(a))


def test_area_times_yield_is_the_published_potential():
    # METHODS section 2: 822 t / 89,755 ha = 9.158 kg/ha
    got = divide(Quantity(value=822, unit="t"), Quantity(value=89755, unit="ha"), to="kg/ha")
    assert round(got.value, 3) == 9.158
    back = multiply(Quantity(value=89755, unit="ha"), Quantity(value=9.158, unit="kg/ha"), to="t")
    assert round(back.value) == 822


@given(keys, keys, keys)
def test_a_product_is_refused_unless_its_dimension_is_that_asked_for(a, b, c):
    left, right, want = unit(a).dimension, unit(b).dimension, unit(c).dimension
    exponents: dict[str, int] = {}
    for name, power in (*left, *right):
        exponents[name] = exponents.get(name, 0) + power
    same = {n: p for n, p in exponents.items() if p} == dict(want)
    one = Quantity(value=1, unit=a), Quantity(value=1, unit=b)
    if same:
        assert multiply(*one, to=c).unit == c
    else:
        with pytest.raises(UnitError, match="check the units"):
            multiply(*one, to=c)


# --- ranges --------------------------------------------------------------------------------------


@given(quantities("t"), quantities("kg"), st.sampled_from([1, -1]))
def test_the_range_of_a_sum_holds_every_sum_and_is_reached(left, right, sign):
    got = add(left, right, sign=sign)
    ends = [a + sign * b / 1000 for a, b in itertools.product(left.ends, right.ends)]
    size = max(abs(x) for x in (*left.ends, *right.ends))
    assert near(got.value, left.value + sign * right.value / 1000, size)
    if left.low is left.high is right.low is right.high is None:
        assert got.low is got.high is None
    else:
        assert near(got.low, min(ends), size)
        assert near(got.high, max(ends), size)


@given(quantities("kg/ha"), quantities("ha"), st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_the_range_of_a_product_holds_every_product_of_points_of_the_ranges(left, right, at):
    got = multiply(left, right, to="kg")
    points = [low + t * (high - low) for (low, high), t in zip((left.ends, right.ends), at, strict=True)]
    inside = math.prod(points)
    low, high = got.ends
    slack = 1e-9 * max(abs(low), abs(high), 1e-300)
    if left.low is left.high is right.low is right.high is None:
        assert got.low is got.high is None
    else:
        assert low - slack <= inside <= high + slack


@given(quantities("kg"), quantities("ha"), st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_the_range_of_a_quotient_holds_every_quotient_or_is_refused(left, right, at):
    low, high = right.ends
    if low <= 0 <= high:
        with pytest.raises(ZeroDivisionError, match="zero"):
            divide(left, right, to="kg/ha")
        return
    got = divide(left, right, to="kg/ha")
    points = [low + t * (high - low) for (low, high), t in zip((left.ends, right.ends), at, strict=True)]
    inside = points[0] / points[1]
    low, high = got.ends
    slack = 1e-9 * max(abs(low), abs(high), 1e-300)
    if left.low is left.high is right.low is right.high is None:
        assert got.low is got.high is None
    else:
        assert low - slack <= inside <= high + slack


@given(quantities("ha"), quantities("ha"))
def test_adding_and_taking_away_brings_the_value_back(left, right):
    size = max(abs(x) for x in (*left.ends, *right.ends))
    assert near(add(add(left, right), right, sign=-1).value, left.value, 10 * size)


def test_the_other_unit_does_not_decide_the_sum():
    one = Quantity(value=10, unit="ha", low=9, high=12)
    other = Quantity(value=5, unit="acre", low=4, high=6)
    forth, back = add(one, other), convert(add(other, one), "ha")
    assert (forth.value, forth.low, forth.high) == pytest.approx((back.value, back.low, back.high))


# --- what is not a quantity ----------------------------------------------------------------------


@pytest.mark.parametrize("where", ["value", "low", "high"])
def test_not_a_number_is_refused_wherever_it_stands(where):
    told = {"value": 1.0, "low": 0.0, "high": 2.0} | {where: math.nan}
    with pytest.raises(ValueError, match="not a number"):
        Quantity(unit="t", **told)


def test_a_range_upside_down_is_refused():
    with pytest.raises(ValueError, match="exchange them"):
        Quantity(value=1, unit="t", low=2, high=0)


def test_an_end_that_is_not_given_is_the_value_itself():
    assert Quantity(value=5, unit="t", low=3).ends == (3, 5)
    assert Quantity(value=5, unit="t", high=8).ends == (5, 8)
    assert Quantity(value=5, unit="t").ends == (5, 5)
