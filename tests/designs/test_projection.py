"""Projections: the difference they draw, what they refuse, and each check both ways."""

# mypy: disable-error-code="union-attr, arg-type, operator, comparison-overlap"
# what may be None is not, or the test fails on the spot
from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.designs.projection import LEVEL, Conversion, Projection
from ayni.designs.records import Cause, Question
from ayni.ledger.series import observations
from ayni.trends import backtest, conformal_range, forecast
from ayni.units import Quantity
from tests.dossier.peru import peru
from tests.ledger.samples import break_at, flow, ledger_of, line, observation

CAUSE = Cause(provider="USA", recipient="PER", stage="obligated", origin="release", purpose="us-sector:4")


def question(year=2024, **more) -> Question:
    told = {"key": "q", "interest": "drugs", "indicator": "area", "place": "PER", "cause": CAUSE} | more
    return Question(year=year, big=5.0, es="¿?", en="?", **told)


STEADY = {year: 100.0 + 10 * (year - 2000) for year in range(2000, 2025)}
YIELD = Conversion(key="yield", ratio=Quantity(value=9.158, unit="kg/ha"), to="t", rows=("figures/y.csv:2",))


def rows_of(ledger, *years):
    return tuple(r.row for y in years for r in observations(ledger, indicator="area") if r.year == y)


# --- the difference ------------------------------------------------------------------------------


@given(
    st.lists(st.floats(1, 1e6), min_size=16, max_size=16),
    st.integers(2000, 2010),
    st.integers(3, 5),
    st.sampled_from(["linear", "compound-rate", "theil-sen", "mean-increment"]),
)
def test_the_effect_is_observed_less_what_would_have_been(values, since, length, rule):
    known = dict(zip(range(2000, 2016), values, strict=True))
    until, year = since + length - 1, 2015
    ledger = ledger_of(line("area", known))
    got = Projection(rule=rule, since=since, until=until).answer(question(year), ledger)
    guess = forecast(rule, [known[y] for y in range(since, until + 1)], year - until)
    size = max(abs(guess), *values)
    assert got.observed.value == known[year]
    assert got.counterfactual.value == pytest.approx(guess)
    assert got.difference.value == pytest.approx(known[year] - guess, abs=1e-9 * size)
    past = backtest(rule, list(known), values, length=length, horizon=year - until, until=2 * until - year)
    reach = conformal_range(guess, past, level=LEVEL)
    if reach is None:
        assert (got.level, got.interval_kind, got.difference.low) == (None, "none", None)
    else:
        assert (got.level, got.interval_kind) == (LEVEL, "conformal")
        ends = (known[year] - reach[1], known[year] - reach[0])
        assert (got.difference.low, got.difference.high) == pytest.approx(ends, rel=1e-9, abs=1e-9 * size)
        assert got.level >= LEVEL


def test_what_happened_after_the_window_does_not_move_the_counterfactual():
    def answer(known):
        ledger = ledger_of(line("area", known))
        return Projection(rule="linear", since=2010, until=2014).answer(question(2016), ledger)

    one, other = answer(STEADY), answer({**STEADY, 2015: 9.0, 2016: 7.0, 2020: 1.0})
    assert one.counterfactual == other.counterfactual
    assert other.difference.value == 7 - one.counterfactual.value


def test_a_yield_scales_the_effect_and_its_range():
    known = {y: v * (1 + 0.1 * math.sin(y)) for y, v in STEADY.items()}
    ledger = ledger_of(line("area", known))
    plain = Projection(rule="linear", since=2018, until=2022).answer(question(), ledger)
    tonnes = Projection(rule="linear", since=2018, until=2022, conversion=YIELD).answer(question(), ledger)
    assert tonnes.difference.unit == "t"
    assert tonnes.interval_kind == plain.interval_kind == "conformal"
    for field in ("observed", "counterfactual", "difference"):
        was, now = getattr(plain, field), getattr(tonnes, field)
        for end in ("value", "low", "high"):
            if getattr(was, end) is not None:
                assert getattr(now, end) == pytest.approx(getattr(was, end) * 9.158 / 1000)
    assert tonnes.inputs == (*plain.inputs, "figures/y.csv:2")


def test_the_path_runs_from_the_window_to_the_year_asked_about():
    ledger = ledger_of(line("area", STEADY))
    got = Projection(rule="mean-increment", since=2018, until=2022).answer(question(), ledger)
    assert got.path.years == (2018, 2019, 2020, 2021, 2022, 2023, 2024)
    assert got.path.observed == tuple(STEADY[y] for y in got.path.years)
    assert got.path.counterfactual == (None, None, None, None, 320.0, 330.0, 340.0)
    assert got.path.low[:-1] == (None,) * 6
    assert got.path.unit == "ha"
    assert set(rows_of(ledger, 2018, 2019, 2020, 2021, 2022, 2024)) <= set(got.inputs)


def test_the_key_names_rule_window_and_yield():
    one = Projection(rule="constant-rate", since=2018, until=2022, parameter=0.15, conversion=YIELD)
    assert one.key == "projection/constant-rate-0.15/2018-2022/yield"
    assert one.family == "constant-rate"


@settings(max_examples=30)
@given(st.floats(-1e3, 1e3))
def test_adding_a_constant_to_the_series_leaves_a_linear_effect(more):
    one = Projection(rule="linear", since=2015, until=2022)
    plain = one.answer(question(), ledger_of(line("area", STEADY)))
    moved = one.answer(question(), ledger_of(line("area", {y: v + more for y, v in STEADY.items()})))
    assert moved.difference.value == pytest.approx(plain.difference.value, abs=1e-8)


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [2018, 2020, 2022, 2024])
def test_a_gap_in_the_window_or_in_the_year_asked_about_is_refused(gap):
    known = {y: v for y, v in STEADY.items() if y != gap}
    got = Projection(rule="linear", since=2018, until=2022).answer(question(), ledger_of(line("area", known)))
    assert got.refused == "refused.gap"
    assert got.difference is got.counterfactual is got.observed is got.path is None
    assert got.checks == ()


def test_a_gap_outside_window_and_year_does_not_matter():
    known = {y: v for y, v in STEADY.items() if y not in (2015, 2023)}
    got = Projection(rule="linear", since=2018, until=2022).answer(question(), ledger_of(line("area", known)))
    assert got.difference.value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("rule", "since", "until"),
    [("quadratic", 2020, 2022), ("linear", 2021, 2022), ("linear", 2022, 2018), ("last-value", 2022, 2021)],
)
def test_a_window_too_short_for_its_rule_is_refused(rule, since, until):
    got = Projection(rule=rule, since=since, until=until).answer(question(), ledger_of(line("area", STEADY)))
    assert got.refused == "refused.rule"


@pytest.mark.parametrize("until", [2024, 2025, 2023 + 5])
def test_a_window_that_does_not_end_before_the_year_asked_about_is_refused(until):
    known = {**STEADY, **dict.fromkeys(range(2025, 2030), 5.0)}
    got = Projection(rule="linear", since=2018, until=until).answer(
        question(), ledger_of(line("area", known))
    )
    assert got.refused.startswith("refused.")
    assert got.difference is None


@pytest.mark.parametrize("rule", ["compound-rate", "exponential", "mean-growth"])
def test_a_rule_of_ratios_over_a_zero_is_refused(rule):
    got = Projection(rule=rule, since=2018, until=2022).answer(
        question(), ledger_of(line("area", {**STEADY, 2020: 0.0}))
    )
    assert got.refused == "refused.rule"


def test_a_place_without_figures_is_refused():
    got = Projection(rule="linear", since=2018, until=2022).answer(question(), ledger_of())
    assert got.refused == "refused.gap"


# --- checks --------------------------------------------------------------------------------------


def checks(known=None, *, flows=(), breaks=(), extra=(), concepts=None, asked=None, rule="linear"):
    ledger = ledger_of([*line("area", known or STEADY), *extra], flows, breaks, concepts)
    got = Projection(rule=rule, since=2018, until=2022).answer(asked or question(), ledger)
    return {check.key: check for check in got.checks}


def test_a_rule_better_than_the_last_value_has_skill():
    # a sawtooth on a steep line: every two-year forecast of the line is nearer than the last value
    got = checks({y: v + (y % 2) for y, v in STEADY.items()})["skill"]
    assert got.passed is True
    assert got.value < 1


def test_a_rule_worse_than_the_last_value_has_none():
    got = checks({y: 100.0 + 40 * (y % 2) + 0.01 * y for y in STEADY})["skill"]
    assert got.passed is False
    assert got.value > 1


def test_no_rule_is_better_than_a_last_value_that_is_always_right():
    got = checks({y: 100.0 + 40 * (y % 2) for y in STEADY})["skill"]
    assert got.passed is False


def test_the_last_value_is_not_better_than_itself():
    assert checks(rule="last-value")["skill"].passed is False


def test_without_past_years_there_is_no_telling_about_skill():
    got = checks({y: v for y, v in STEADY.items() if y >= 2018})["skill"]
    assert (got.passed, got.value) == (None, None)


def test_a_window_before_the_money_is_clean():
    rows = [flow(year, 0, purposes="us-sector:4") for year in range(2018, 2023)]
    later = flow(2023, 5, purposes="us-sector:4")
    got = checks(flows=[*rows, later])["window-without-cause"]
    assert (got.passed, got.value) == (True, 0)


def test_a_window_with_money_is_not_clean_and_its_years_are_counted():
    rows = [flow(2019, 5, purposes="a:1;us-sector:4"), flow(2021, 5, purposes="us-sector:4")]
    got = checks(flows=[*rows, flow(2021, 9, purposes="us-sector:4", account="b")])["window-without-cause"]
    assert (got.passed, got.value) == (False, 2)
    assert set(got.rows) >= {r.row for r in rows}


@pytest.mark.parametrize(
    "other",
    [
        {"purposes": "us-sector:41"},
        {"purposes": "dac:us-sector:4"},
        {"purposes": "us-sector:3"},
        {"purposes": "us-sector:4", "stage": "disbursed"},
        {"purposes": "us-sector:4", "origin": "elsewhere"},
        {"purposes": "us-sector:4", "recipient": "COL"},
        {"purposes": "us-sector:4", "price_base": 2024},
        {"purposes": "us-sector:4", "amount": -5},
    ],
    ids=str,
)
def test_other_money_does_not_spoil_the_window(other):
    zeros = [flow(year, 0, purposes="us-sector:4") for year in range(2018, 2023)]
    got = checks(flows=[*zeros, flow(2020, **({"amount": 5} | other))])["window-without-cause"]
    assert got.passed is True


def test_a_window_that_the_release_does_not_cover_says_nothing_about_money():
    """Silence is not zero: no row of the release in the window means that nobody knows."""
    assert checks()["window-without-cause"].passed is None
    later = [flow(2023, 5, purposes="us-sector:4")]
    assert checks(flows=later)["window-without-cause"].passed is None


@pytest.mark.parametrize(
    ("year", "passed"), [(2017, True), (2018, True), (2019, False), (2024, False), (2025, True)]
)
def test_a_change_of_method_counts_after_the_first_year_of_the_window_up_to_the_year(year, passed):
    got = checks(breaks=[break_at(year, "method"), break_at(2020, "method", place="COL")])["one-method"]
    assert got.passed is passed


@pytest.mark.parametrize(
    ("rival", "passed"), [(320, True), (351, True), (352.1, False), (288.1, True), (287, False)]
)
def test_a_rival_source_may_be_off_by_a_tenth_at_the_end_of_the_window(rival, passed):
    extra = [observation("area-us", year=2022, value=rival), observation("area-us", year=2021, value=1)]
    got = checks(extra=extra, concepts={"area": "coca", "area-us": "coca"})["sources-agree"]
    assert got.passed is passed
    assert got.value == pytest.approx(100 * abs(rival / 320 - 1))


def test_without_a_rival_there_is_no_telling_whether_sources_agree():
    assert checks()["sources-agree"].passed is None
    extra = [observation("area-us", year=2021, value=1)]
    assert checks(extra=extra, concepts={"area": "coca", "area-us": "coca"})["sources-agree"].passed is None


def test_a_series_that_ends_its_window_at_zero_is_answered_all_the_same():
    known = {**STEADY, 2022: 0.0}
    extra = [observation("area-us", year=2022, value=3.0)]
    got = checks(known, extra=extra, concepts={"area": "coca", "area-us": "coca"})
    assert got["sources-agree"].passed in (None, False)


def test_a_rival_that_measures_something_else_is_no_rival():
    extra = [observation("area-us", year=2022, value=3.0, unit="percent")]
    got = checks(extra=extra, concepts={"area": "coca", "area-us": "coca"})
    assert got["sources-agree"].passed is None


def test_every_check_is_worded_in_both_languages():
    for check in checks(breaks=[break_at(2020, "method")]).values():
        assert check.es
        assert check.en
        assert check.es != check.en
        assert "{" not in check.es + check.en


# --- the case ------------------------------------------------------------------------------------


def test_no_official_projection_passes_its_checks_in_the_case():
    """METHODS section 3, "Why it is not an effect": the window holds the money, the coverage changed."""
    case = peru().case
    asked = replace(case.questions["area-2024"])
    got = Projection(rule="compound-rate", since=2018, until=2022).answer(asked, case.ledger)
    failed = {c.key for c in got.checks if c.passed is False}
    assert {"skill", "window-without-cause", "one-method"} <= failed


def test_the_scores_of_governance_are_judged_by_differences():
    case = peru().case
    for question_key in ("rule-of-law-2023", "un-distance-2024"):
        got = Projection(rule="linear", since=2005, until=2017).answer(
            case.questions[question_key], case.ledger
        )
        assert got.difference is not None
        assert got.difference.unit == "point"
