"""Numbers as each language writes them, held against Babel and the Academies' rules."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from babel import Locale
from babel.numbers import parse_pattern
from hypothesis import given
from hypothesis import strategies as st

from ayni.language import LANGUAGES, join, money, number, percent, probability_word, quantity, years
from ayni.units import Quantity

NARROW = "\u202f"
MINUS = "\u2212"
sizes = st.floats(min_value=-1e12, max_value=1e12)


def babel(value, language, digits):
    """What Babel writes; its Spanish is that of Spain with the marks of Peru's Academies put in."""
    pattern = parse_pattern("#,##0." + "0" * digits if digits else "#,##0")
    locale = Locale.parse("en_US")
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        context.prec = 40
        told = pattern.apply(Decimal(repr(value)), locale, group_separator=True)
    if language == "es":
        whole, dot, rest = told.lstrip("-").partition(".")
        whole = whole.replace(",", NARROW) if len(whole.replace(",", "")) > 4 else whole.replace(",", "")
        told = ("-" if told.startswith("-") else "") + whole + dot + rest
    zero = not any(c in "123456789" for c in told)
    return told.lstrip("-") if zero else told.replace("-", MINUS)


@given(sizes, st.integers(0, 4), st.sampled_from(LANGUAGES))
def test_numbers_are_written_as_babel_writes_them(value, digits, language):
    assert number(value, language, digits=digits) == babel(value, language, digits)


@pytest.mark.parametrize(
    ("value", "es", "en"),
    [
        (1135, "1135", "1,135"),
        (109259, f"109{NARROW}259", "109,259"),
        (9999, "9999", "9,999"),
        (10000, f"10{NARROW}000", "10,000"),
        (1234567.5, f"1{NARROW}234{NARROW}568", "1,234,568"),
        (0, "0", "0"),
        (9.158, "9.16", "9.16"),
        (15.1, "15.1", "15.1"),
        (0.4567, "0.457", "0.457"),
        (0.05, "0.05", "0.05"),
        (-28.6, f"{MINUS}28.6", f"{MINUS}28.6"),
        (822, "822", "822"),
    ],
)
def test_numbers_that_the_brief_prints(value, es, en):
    assert number(value, "es") == es
    assert number(value, "en") == en


@pytest.mark.parametrize("half", [0.5, 1.5, 2.5, 3.5, 1234.5])
def test_halves_are_rounded_away_from_zero(half):
    assert number(half, "en", digits=0) == f"{int(half + 0.5):,}"
    assert number(-half, "en", digits=0) == f"{MINUS}{int(half + 0.5):,}"


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(2.675, 2, "2.68"), (1.005, 2, "1.01"), (0.285, 2, "0.29")]
)
def test_the_number_rounded_is_the_one_that_was_written_not_its_binary_neighbour(value, digits, text):
    assert number(value, "en", digits=digits) == text


@pytest.mark.parametrize("tiny", [-0.4, -0.0, -1e-9])
def test_what_rounds_to_zero_has_no_sign(tiny):
    for language in LANGUAGES:
        assert number(tiny, language, digits=0) == "0"
        assert number(tiny, language, digits=0, sign=True) == "0"
        assert percent(tiny, language, digits=0).startswith("0")
        assert money(tiny, "USD", language, digits=0).lstrip("US$" + NARROW) == "0"


def test_the_sign_is_shown_where_asked():
    assert number(5, "es", sign=True) == "+5"
    assert number(-5, "es", sign=True) == f"{MINUS}5"
    assert percent(13.2, "es", sign=True) == f"+13.2{NARROW}%"
    assert percent(13.2, "en", sign=True) == "+13.2%"
    assert quantity(Quantity(value=5, unit="t"), "en", sign=True) == "+5\u00a0t"


@given(st.floats(min_value=1e-3, max_value=99.9999).filter(lambda x: abs(x - round(x)) > 1e-6))
def test_by_default_three_figures_are_significant(value):
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_HALF_UP
        expected = +Decimal(repr(value))
    assert number(value, "en") == f"{expected:f}"


@given(sizes, st.integers(0, 4))
def test_both_languages_write_the_same_digits(value, digits):
    plain = [number(value, one, digits=digits).replace(NARROW, "").replace(",", "") for one in ("es", "en")]
    assert plain[0] == plain[1]


# --- money ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "currency", "es", "en"),
    [
        (166_000_000, "USD", f"US${NARROW}166 millones", "US$166 million"),
        (447_085_051, "PEN", f"S/{NARROW}447.1 millones", f"S/{NARROW}447.1 million"),
        (13_000_000_000, "USD", f"US${NARROW}13{NARROW}000 millones", "US$13,000 million"),
        (1_315_000_000, "USD", f"US${NARROW}1315 millones", "US$1,315 million"),
        (78_500, "USD", f"US${NARROW}78{NARROW}500", "US$78,500"),
        (-59_117_000, "USD", f"{MINUS}US${NARROW}59.1 millones", f"{MINUS}US$59.1 million"),
    ],
)
def test_amounts_are_written_in_millions_and_never_in_billions(value, currency, es, en):
    assert money(value, currency, "es") == es
    assert money(value, currency, "en") == en


def test_one_million_is_singular_in_spanish():
    assert money(1e6, "USD", "es", digits=0) == f"US${NARROW}1 millón"
    assert money(2e6, "USD", "es", digits=0) == f"US${NARROW}2 millones"


def test_an_amount_just_below_a_thousand_millions_is_written_as_one_just_above():
    assert money(999_999_999, "USD", "en") == money(1_000_000_001, "USD", "en") == "US$1,000 million"


def test_a_quantity_of_money_shows_its_sign_where_asked():
    assert quantity(Quantity(value=5e6, unit="USD"), "en", sign=True).startswith("+")


# --- quantities and years ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "es", "en"),
    [
        (Quantity(value=1, unit="death"), "1\u00a0muerte", "1\u00a0death"),
        (Quantity(value=2, unit="death"), "2\u00a0muertes", "2\u00a0deaths"),
        (Quantity(value=0, unit="death"), "0\u00a0muertes", "0\u00a0deaths"),
        (Quantity(value=28.6, unit="percent"), f"28.6{NARROW}%", "28.6%"),
        (Quantity(value=89755, unit="ha"), f"89{NARROW}755\u00a0ha", "89,755\u00a0ha"),
        (Quantity(value=2, unit="rank"), "2", "2"),
    ],
)
def test_a_quantity_is_written_with_its_unit_in_number(what, es, en):
    assert quantity(what, "es") == es
    assert quantity(what, "en") == en


def test_spans_of_years_and_fiscal_years():
    assert years(2018, 2022, "es") == "2018\u20132022"
    assert years(2018, None, "es") == years(2018, 2018, "es") == "2018"
    assert years(2018, None, "en", fiscal=True) == "fiscal year 2018"
    assert years(1992, 2025, "es", fiscal=True) == "año fiscal 1992\u20132025"


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        (["coca"], "coca"),
        (["coca", "oro"], "coca y oro"),
        (["coca", "inforegión"], "coca e inforegión"),
        (["Perú", "Italia"], "Perú e Italia"),
        (["padres", "hijos"], "padres e hijos"),
        (["corazón", "hígado"], "corazón e hígado"),
        (["agua", "hielo"], "agua y hielo"),
        (["cobre", "hierro"], "cobre y hierro"),
        (["oro", "índices"], "oro e índices"),
        (["Bolivia", "Colombia", "Irán"], "Bolivia, Colombia e Irán"),
        (["Irán", "Perú"], "Irán y Perú"),
    ],
)
def test_spanish_lists_turn_y_into_e_before_the_sound_of_i(parts, text):
    assert join(parts, "es") == text


def test_english_lists():
    assert join(["a", "b", "c"], "en") == "a, b and c"
    assert join(["a", "Iran"], "en") == "a and Iran"


# --- probability ---------------------------------------------------------------------------------

# ODNI, Intelligence Community Directive 203 (2015), table in section D.6.e.(2)(a).
ICD_203 = [
    (1, 5, "almost no chance"),
    (5, 20, "very unlikely"),
    (20, 45, "unlikely"),
    (45, 55, "roughly even chance"),
    (55, 80, "likely"),
    (80, 95, "very likely"),
    (95, 99, "almost certain"),
]


@pytest.mark.parametrize(("low", "high", "word"), ICD_203)
def test_inside_a_range_of_the_directive_its_word_is_used(low, high, word):
    for share in (0.01, 0.5, 0.99):
        assert probability_word(low + share * (high - low), "en") == word


@pytest.mark.parametrize(
    ("edge", "word"),
    [
        (1, "almost no chance"),
        (5, "very unlikely"),
        (20, "unlikely"),
        (45, "roughly even chance"),
        (55, "roughly even chance"),
        (80, "likely"),
        (95, "very likely"),
        (99, "almost certain"),
    ],
)
def test_at_an_edge_the_word_nearer_to_half_is_used(edge, word):
    assert probability_word(edge, "en") == word


@pytest.mark.parametrize("outside", [0, 0.5, 99.5, 100])
def test_outside_the_directive_the_number_is_printed(outside):
    assert probability_word(outside, "en") == percent(outside, "en")
