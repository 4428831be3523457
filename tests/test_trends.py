"""Trend rules: published figures, a slow second implementation, and what must not change them."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.trends import RULES, Backtest, TrendError, backtest, conformal_range, forecast

# Coca area of Peru, hectares, UNODC until 2017 and DEVIDA since: copied by hand from the reports.
AREA = {
    2003: 44200, 2004: 50300, 2005: 48200, 2006: 51400, 2007: 53700, 2008: 56100, 2009: 59900, 2010: 61200,
    2011: 62500, 2012: 60400, 2013: 49800, 2014: 42900, 2015: 40300, 2016: 43900, 2017: 49900, 2018: 54134,
    2019: 54655, 2020: 61777, 2021: 80681, 2022: 95008,
}  # fmt: skip
KG_PER_HA = 9.158
AREA_2024 = 89755
PARAMETER = {"damped": 0.8, "constant-rate": 0.15}


def window(since: int, until: int = 2022) -> list[float]:
    return [float(AREA[year]) for year in range(since, until + 1)]


def ahead(rule: str, y: list[float], h: int) -> float:
    return forecast(rule, y, h, parameter=PARAMETER.get(rule, math.nan))


# --- published figures: METHODS section 3 --------------------------------------------------------


def test_a_constant_rate_of_15_percent_gives_the_official_projections():
    assert forecast("constant-rate", [95008], 1, parameter=0.15) == pytest.approx(109259.2, abs=0.01)
    assert forecast("constant-rate", [95008], 2, parameter=0.15) == pytest.approx(125648.08, abs=0.01)


@pytest.mark.parametrize(
    ("rule", "since", "one", "two"),
    [
        ("compound-rate", 2018, 109354, 125865),
        ("quadratic", 2015, 109559, 128212),
        ("quadratic", 2014, 108876, 126981),
        ("mean-growth", 2018, 109818, 126936),
        ("mean-growth", 2017, 108468, 123835),
        ("linear", 2019, 108021, 122017),
        ("exponential", 2018, 106318, 123703),
    ],
)
def test_rules_give_the_figures_printed_for_them(rule, since, one, two):
    assert round(ahead(rule, window(since), 1)) == one
    assert round(ahead(rule, window(since), 2)) == two


FORTY = list(
    itertools.product(
        ["linear", "exponential", "quadratic", "compound-rate", "mean-increment"], range(2011, 2019)
    )
)


def averted(models: list[tuple[str, int]]) -> list[float]:
    return [(ahead(rule, window(since), 2) - AREA_2024) * KG_PER_HA / 1000 for rule, since in models]


def test_the_forty_models_span_the_printed_range():
    tonnes = averted(FORTY)
    assert (round(min(tonnes)), round(max(tonnes))) == (-136, 568)
    assert round(statistics.median(tonnes)) == 196
    reach = sum(x >= 328.7 for x in tonnes)
    assert 100 * reach / len(tonnes) == 22.5


def test_the_thirty_eight_models_of_the_first_table_span_theirs():
    left_out = {("quadratic", 2017), ("quadratic", 2018)}
    kept = [model for model in FORTY if model not in left_out]
    tonnes = averted(kept)
    assert len(kept) == 38
    assert (round(min(tonnes)), round(max(tonnes))) == (-136, 411)
    assert round(statistics.median(tonnes)) == 187
    assert [round(ahead("quadratic", window(s), 2)) for s in (2017, 2018)] == [144559, 151755]


YEARS = {**AREA, 2023: 92784, 2024: 89755}


@pytest.mark.parametrize(
    ("horizon", "until", "own", "naive"), [(1, None, 12, 9), (2, None, 21, 18), (2, 2020, 20, 21)]
)
def test_the_official_kind_of_rule_errs_as_printed(horizon, until, own, naive):
    """Compound rate of the last four years, origins from 2015 on."""
    years = [y for y in YEARS if y >= 2011]
    past = backtest("compound-rate", years, [YEARS[y] for y in years], length=5, horizon=horizon, until=until)
    assert past.origins[0] == 2015
    assert past.origins[-1] == (until or 2024 - horizon)
    assert round(100 * past.mean_absolute_error) == own
    assert round(100 * past.naive_error) == naive


# --- a slow second implementation ----------------------------------------------------------------


def line(y, h):
    n = len(y)
    mx, my = Fraction(n - 1, 2), sum(y) / n
    slope = sum((i - mx) * (v - my) for i, v in enumerate(y)) / sum((i - mx) ** 2 for i in range(n))
    return my + slope * (n - 1 + h - mx)


def parabola(y, h):
    """Normal equations by Cramer's rule, in exact fractions."""
    t = [Fraction(i) for i in range(len(y))]
    s = [sum(x**k for x in t) for k in range(5)]
    b = [sum(v * x**k for x, v in zip(t, y, strict=True)) for k in range(3)]
    rows = [[s[i + j] for j in range(3)] for i in range(3)]

    def det(m):
        return (
            m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
        )

    c = [
        det([[b[i] if j == k else rows[i][j] for j in range(3)] for i in range(3)]) / det(rows)
        for k in range(3)
    ]
    x = Fraction(len(y) - 1 + h)
    return c[0] + c[1] * x + c[2] * x * x


def slow(rule, y, h, parameter):  # noqa: C901, PLR0912 - a table of rules
    exact = [Fraction(v) for v in y]
    n = len(y)
    match rule:
        case "last-value":
            return y[-1]
        case "window-mean":
            return float(sum(exact) / n)
        case "mean-increment":
            steps = [b - a for a, b in itertools.pairwise(exact)]
            return float(exact[-1] + h * sum(steps) / len(steps))
        case "mean-growth":
            rates = [b / a - 1 for a, b in itertools.pairwise(exact)]
            mean, value = sum(rates, Fraction(0)) / len(rates), exact[-1]
            for _ in range(h):
                value *= 1 + mean
            return float(value)
        case "compound-rate":
            return y[-1] * math.prod([y[-1] / y[0]] * h) ** (1 / (n - 1))
        case "linear":
            return float(line(exact, h))
        case "exponential":
            return math.exp(line([Fraction(math.log(v)) for v in y], h))
        case "quadratic":
            return float(parabola(exact, h))
        case "theil-sen":
            slopes = [(exact[j] - exact[i]) / (j - i) for i in range(n) for j in range(i + 1, n)]
            return float(exact[-1] + h * statistics.median(slopes))
        case "damped":
            step = (exact[-1] - exact[0]) / (n - 1)
            value, weight = exact[-1], Fraction(1)
            for _ in range(h):
                weight *= Fraction(parameter)
                value += weight * step
            return float(value)
        case "constant-rate":
            level = y[-1]
            for _ in range(h):
                level += level * parameter
            return level
    raise AssertionError(f"no second implementation of {rule}")


positives = st.lists(st.floats(min_value=1, max_value=1e6), min_size=4, max_size=15)
horizons = st.integers(1, 4)


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=50)
@given(y=positives, h=horizons)
def test_every_rule_agrees_with_its_slow_second_implementation(rule, y, h):
    expected = slow(rule, y, h, PARAMETER.get(rule, math.nan))
    assert ahead(rule, y, h) == pytest.approx(expected, rel=1e-9, abs=1e-6 * max(y))


@pytest.mark.parametrize(("rule", "degree"), [("linear", 1), ("quadratic", 2)])
@settings(max_examples=50)
@given(y=positives, h=horizons)
def test_polynomials_agree_with_numpy(rule, degree, y, h):
    got = np.polyval(np.polyfit(np.arange(len(y)), y, degree), len(y) - 1 + h)
    assert ahead(rule, y, h) == pytest.approx(got, rel=1e-7, abs=1e-7 * max(y))


# --- invariances ---------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=50)
@given(y=positives, h=horizons, by=st.floats(1e-3, 1e3))
def test_scaling_every_value_scales_the_forecast(rule, y, h, by):
    scaled = ahead(rule, [by * v for v in y], h)
    assert scaled == pytest.approx(by * ahead(rule, y, h), rel=1e-8, abs=1e-8 * by * max(y))


@pytest.mark.parametrize(
    "rule", ["linear", "quadratic", "theil-sen", "mean-increment", "last-value", "window-mean", "damped"]
)
@settings(max_examples=50)
@given(y=positives, h=horizons, more=st.floats(-1e5, 1e5))
def test_adding_a_constant_to_every_value_adds_it_to_the_forecast(rule, y, h, more):
    moved = ahead(rule, [v + more for v in y], h)
    assert moved == pytest.approx(ahead(rule, y, h) + more, abs=1e-8 * (max(y) + abs(more)))


@pytest.mark.parametrize("rule", sorted(RULES.keys() - {"constant-rate"}))
@settings(max_examples=50)
@given(level=st.floats(1, 1e6), n=st.integers(4, 12), h=horizons)
def test_a_flat_series_stays_flat(rule, level, n, h):
    assert ahead(rule, [level] * n, h) == pytest.approx(level, rel=1e-9)


@pytest.mark.parametrize("rule", ["linear", "quadratic", "theil-sen", "mean-increment"])
@settings(max_examples=50)
@given(start=st.floats(1, 1e5), step=st.floats(-1e4, 1e4), n=st.integers(4, 12), h=horizons)
def test_a_straight_line_goes_straight_on(rule, start, step, n, h):
    y = [start + step * i for i in range(n)]
    assert ahead(rule, y, h) == pytest.approx(start + step * (n - 1 + h), abs=1e-7 * (start + abs(step) * n))


@pytest.mark.parametrize("rule", ["mean-growth", "compound-rate", "exponential"])
@settings(max_examples=50)
@given(start=st.floats(1, 1e5), rate=st.floats(-0.3, 0.5), n=st.integers(4, 12), h=horizons)
def test_constant_growth_goes_on_growing(rule, start, rate, n, h):
    y = [start * (1 + rate) ** i for i in range(n)]
    assert ahead(rule, y, h) == pytest.approx(start * (1 + rate) ** (n - 1 + h), rel=1e-8)


@given(y=positives, h=horizons)
def test_a_trend_that_is_not_damped_is_the_mean_increment(y, h):
    assert forecast("damped", y, h, parameter=1) == pytest.approx(ahead("mean-increment", y, h))
    assert forecast("damped", y, h, parameter=0) == y[-1]


@given(y=st.lists(st.floats(1, 1e6), min_size=5, max_size=12), outlier=st.floats(1e7, 1e9))
def test_one_wild_value_inside_moves_theil_sen_less_than_the_line(y, outlier):
    flat = [100.0 + i for i in range(len(y))]
    wild = [*flat[:2], outlier, *flat[3:]]
    moved = {rule: abs(ahead(rule, wild, 1) - ahead(rule, flat, 1)) for rule in ("theil-sen", "linear")}
    assert moved["theil-sen"] < moved["linear"]


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_a_window_that_is_too_short_is_refused(rule):
    shortest = RULES[rule].shortest
    with pytest.raises(TrendError, match="start it earlier"):
        ahead(rule, [1.0] * (shortest - 1), 1)
    assert math.isfinite(ahead(rule, [1.0 + i for i in range(shortest)], 1))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("gap", [math.nan, math.inf])
def test_a_gap_in_the_window_is_refused(rule, gap):
    with pytest.raises(TrendError, match="gap"):
        ahead(rule, [1.0, 2.0, gap, 4.0, 5.0], 1)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("horizon", [0, -1])
def test_a_year_that_is_not_ahead_is_refused(rule, horizon):
    with pytest.raises(TrendError, match="not ahead"):
        ahead(rule, [1.0, 2.0, 3.0, 4.0, 5.0], horizon)


@pytest.mark.parametrize("rule", RULES)
def test_only_rules_of_ratios_refuse_a_zero(rule):
    y = [3.0, 0.0, 2.0, 4.0, 5.0]
    if rule in ("mean-growth", "compound-rate", "exponential", "constant-rate"):
        with pytest.raises(TrendError, match="takes ratios"):
            ahead(rule, y, 1)
    else:
        assert math.isfinite(ahead(rule, y, 1))


@pytest.mark.parametrize("rule", PARAMETER)
def test_a_rule_without_its_parameter_is_refused(rule):
    with pytest.raises(TrendError, match="needs its"):
        forecast(rule, [1.0, 2.0, 3.0], 1)


def test_an_unknown_rule_is_refused_with_the_known_ones():
    with pytest.raises(TrendError, match=r"known: last-value, .*constant-rate"):
        forecast("linaer", [1.0, 2.0, 3.0], 1)


# --- backtests -----------------------------------------------------------------------------------


def replay(rule, known, length, horizon, until, additive):
    """Every trial by hand: cut the series off, forecast, look up what came."""
    trials = []
    for origin in sorted(known):
        if until is not None and origin > until:
            break
        cut = {y: v for y, v in known.items() if y <= origin}
        wanted = list(range(origin - length + 1, origin + 1))
        if not set(wanted) <= set(cut) or origin + horizon not in known:
            continue
        actual, guess = known[origin + horizon], slow(rule, [cut[y] for y in wanted], horizon, math.nan)
        if additive:
            trials.append((origin, guess - actual, cut[origin] - actual))
        elif actual > 0 and guess > 0:
            trials.append((origin, guess / actual - 1, cut[origin] / actual - 1))
    return trials


@given(
    st.dictionaries(st.integers(1990, 2012), st.floats(1, 1e5), min_size=4, max_size=20),
    st.sampled_from(["linear", "mean-increment", "last-value", "compound-rate"]),
    st.integers(3, 5),
    st.integers(1, 3),
    st.none() | st.integers(1995, 2012),
    st.booleans(),
)
def test_a_backtest_is_the_forecasts_replayed(known, rule, length, horizon, until, additive):
    years = sorted(known)
    got = backtest(
        rule, years, [known[y] for y in years], length=length, horizon=horizon, until=until, additive=additive
    )
    expected = replay(rule, known, length, horizon, until, additive)
    assert got.origins == tuple(t[0] for t in expected)
    size = max(known.values()) if additive else max(known.values()) / min(known.values())
    assert got.errors == pytest.approx(tuple(t[1] for t in expected), rel=1e-7, abs=1e-9 * size)
    assert got.naive == pytest.approx(tuple(t[2] for t in expected), rel=1e-7, abs=1e-9 * size)


@given(st.lists(st.floats(1, 1e5), min_size=8, max_size=15), st.floats(0.5, 2))
def test_what_comes_after_a_result_does_not_change_its_trial(values, factor):
    years = range(2000, 2000 + len(values))
    before = backtest("linear", years, values, length=4, horizon=1)
    after = backtest("linear", years, [*values[:-1], values[-1] * factor], length=4, horizon=1)
    assert before.errors[:-1] == after.errors[:-1]


@given(st.lists(st.floats(1, 1e5), min_size=6, max_size=15), st.floats(1e-3, 1e3))
def test_relative_errors_do_not_depend_on_the_unit(values, by):
    years = range(2000, 2000 + len(values))
    one = backtest("linear", years, values, length=3, horizon=1)
    other = backtest("linear", years, [by * v for v in values], length=3, horizon=1)
    assert one.origins == other.origins
    assert one.errors == pytest.approx(other.errors, rel=1e-6, abs=1e-9)


def test_without_trials_the_errors_are_not_numbers():
    empty = backtest("linear", [2000, 2001], [1.0, 2.0], length=3, horizon=1)
    assert empty.origins == ()
    assert math.isnan(empty.mean_absolute_error)
    assert math.isnan(empty.naive_error)


def test_repeating_the_last_value_is_its_own_yardstick():
    years = list(AREA)
    past = backtest("last-value", years, list(AREA.values()), length=1, horizon=2)
    assert past.errors == past.naive


# --- conformal ranges ----------------------------------------------------------------------------


def past(errors: list[float], *, additive: bool = True) -> Backtest:
    return Backtest(
        origins=tuple(range(len(errors))), errors=tuple(errors), naive=tuple(errors), additive=additive
    )


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=30), st.floats(0.05, 0.99), st.booleans())
def test_the_width_is_the_smallest_ordered_error_that_reaches_the_level(errors, level, additive):
    if not additive:
        errors = [math.expm1(e / 100) for e in errors]
    got = conformal_range(50.0, past(errors, additive=additive), level=level)
    sizes = sorted(abs(e) if additive else abs(math.log(1 + e)) for e in errors)
    reach = [(j / (len(errors) + 1), sizes[j - 1]) for j in range(1, len(errors) + 1)]
    fit = next(((reached, width) for reached, width in reach if reached >= level - 1e-9), None)
    if fit is None:
        assert got is None
        return
    assert got is not None
    low, high, reached = got
    expected = (50 - fit[1], 50 + fit[1]) if additive else (50 * math.exp(-fit[1]), 50 * math.exp(fit[1]))
    assert (low, high) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert reached == pytest.approx(fit[0])


@pytest.mark.parametrize(("trials", "enough"), [(0, False), (3, False), (4, True), (9, True)])
def test_there_is_no_range_without_trials_enough_for_its_level(trials, enough):
    got = conformal_range(10.0, past([1.0] * trials), level=0.8)
    assert (got is not None) is enough


def test_a_ratio_range_needs_a_forecast_above_zero():
    assert conformal_range(0.0, past([0.1] * 9, additive=False), level=0.8) is None
    assert conformal_range(-1.0, past([0.1] * 9, additive=False), level=0.8) is None


@pytest.mark.parametrize(("trials", "level"), [(4, 0.8), (9, 0.8), (9, 0.9), (14, 0.8), (19, 0.5)])
def test_exchangeable_errors_are_covered_at_the_level_reached(trials, level):
    """Vovk, Gammerman and Shafer 2005, ch. 2: the coverage is exactly j / (k + 1)."""
    draw, draws = random.Random(20261123), 4000
    hits, reached = 0, math.nan
    for _ in range(draws):
        *errors, new = (draw.gauss(0, 1) ** 3 + 0.3 for _ in range(trials + 1))
        got = conformal_range(0.0, past(errors), level=level)
        assert got is not None
        low, high, reached = got
        hits += low <= new <= high
    # three standard errors of a share seen in 4,000 draws
    assert hits / draws == pytest.approx(reached, abs=3 * math.sqrt(reached * (1 - reached) / draws))


@given(st.lists(st.floats(-0.5, 2), min_size=9, max_size=9), st.floats(1e-3, 1e3))
def test_a_ratio_range_scales_with_its_forecast(errors, by):
    one = conformal_range(100.0, past(errors, additive=False), level=0.8)
    other = conformal_range(100.0 * by, past(errors, additive=False), level=0.8)
    assert one is not None
    assert other is not None
    assert other[:2] == pytest.approx((by * one[0], by * one[1]))


@given(st.lists(st.floats(-50, 50), min_size=9, max_size=9), st.randoms())
def test_the_order_of_the_trials_does_not_matter(errors, shuffle):
    mixed = [*errors]
    shuffle.shuffle(mixed)
    assert conformal_range(1.0, past(errors), level=0.8) == conformal_range(1.0, past(mixed), level=0.8)
