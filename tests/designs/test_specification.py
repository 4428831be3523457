"""The specification curve: the frozen list, its digest, and where published figures stand on it."""

# mypy: disable-error-code="arg-type, union-attr"
from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.claims.numbers import curve, effects, number
from ayni.designs.projection import Conversion, Projection
from ayni.designs.records import Cause, Effect, Question
from ayni.designs.specification import (
    Exclusion,
    Specification,
    averted,
    digest,
    listed,
    reproducing,
    run,
    standings,
)
from ayni.trends import RULES
from ayni.units import Quantity
from tests.dossier.peru import peru
from tests.ledger.samples import ledger_of, line

CAUSE = Cause(provider="USA", recipient="PER", stage="obligated", origin="release")
QUESTION = Question(
    key="q", interest="drugs", indicator="area", place="PER", year=2024, cause=CAUSE, big=5.0, es="¿?", en="?"
)


def specification(**more) -> Specification:
    told = {
        "key": "s",
        "question": "q",
        "rules": (("linear", None), ("quadratic", None), ("damped", 0.8), ("last-value", None)),
        "starts": (2010, 2012, 2015, 2018),
        "ends": (2020, 2022),
        "conversions": (),
        "exclusions": (),
        "frozen": "2026-11-23",
        "digest": "",
    } | more
    return Specification(**told)


# --- the list ------------------------------------------------------------------------------------

rules = st.lists(
    st.sampled_from(
        [("linear", None), ("quadratic", None), ("damped", 0.8), ("damped", 0.9), ("last-value", None),
         ("constant-rate", 0.15), ("window-mean", None), ("theil-sen", None)]
    ),
    min_size=1, max_size=5, unique=True,
)  # fmt: skip
exclusions = st.lists(
    st.builds(
        Exclusion,
        es=st.just("x"),
        en=st.just("x"),
        rule=st.sampled_from(["", "linear", "quadratic", "damped", "window-mean"]),
        shortest=st.integers(1, 8),
        before=st.sampled_from([0, 2009, 2013]),
    ),
    max_size=3,
)
some_years = st.lists(st.integers(2005, 2022), min_size=1, max_size=6, unique=True)


def by_brute_force(of: Specification) -> set[tuple[str, float | None, int, int, str]]:
    """Every combination there could be, kept unless something named leaves it out."""
    found = set()
    for rule, parameter in of.rules:
        one_year = rule in ("last-value", "constant-rate")
        for end in of.ends:
            for start in [end] if one_year else of.starts:
                length = end - start + 1
                left_out = length < RULES[rule].shortest
                for e in of.exclusions:
                    if e.rule in ("", rule):
                        left_out |= (length < e.shortest and not one_year) or start < e.before
                if not left_out:
                    found |= {(rule, parameter, start, end, c) for c in of.conversions or ("",)}
    return found


@given(rules, some_years, some_years, exclusions, st.sampled_from([(), ("y1",), ("y1", "y2")]))
def test_the_list_is_every_combination_that_nothing_leaves_out(of_rules, starts, ends, left_out, conversions):
    of = specification(
        rules=tuple(of_rules),
        starts=tuple(starts),
        ends=tuple(ends),
        exclusions=tuple(left_out),
        conversions=conversions,
    )
    got = listed(of)
    assert len(set(got)) == len(got)
    assert set(got) == by_brute_force(of)


@pytest.mark.parametrize("key", ["area-2023", "area-2024", "cocaine-2024"])
def test_the_frozen_lists_of_the_case_are_complete(key):
    of = peru().case.specifications[key]
    assert set(listed(of)) == by_brute_force(of)
    assert all(start >= 2011 for _, _, start, _, _ in listed(of))
    assert digest(of) == of.digest


# --- the digest ----------------------------------------------------------------------------------

CHANGES = {
    "a rule less": {"rules": specification().rules[:-1]},
    "a rule more": {"rules": (*specification().rules, ("theil-sen", None))},
    "another parameter": {"rules": (*specification().rules[:2], ("damped", 0.9), ("last-value", None))},
    "a slightly other parameter": {
        "rules": (*specification().rules[:2], ("damped", 0.80000004), ("last-value", None))
    },
    "a start less": {"starts": (2010, 2012, 2015)},
    "a start more": {"starts": (2010, 2011, 2012, 2015, 2018)},
    "an end less": {"ends": (2022,)},
    "a yield": {"conversions": ("y1",)},
    "a longer shortest window": {"exclusions": (Exclusion(es="x", en="x", shortest=6),)},
    "a later first year": {"exclusions": (Exclusion(es="x", en="x", before=2011),)},
    "an exclusion for one rule": {"exclusions": (Exclusion(es="x", en="x", rule="quadratic", shortest=6),)},
    "another question": {"question": "other"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_in_the_list_changes_its_digest(change):
    assert digest(specification(**CHANGES[change])) != digest(specification())


def test_the_wording_of_a_reason_does_not_change_the_digest():
    one = specification(exclusions=(Exclusion(es="x", en="x", shortest=4),))
    other = specification(
        exclusions=(Exclusion(es="porque sí", en="because", shortest=4),), frozen="2027-01-01"
    )
    assert digest(one) == digest(other)


# --- the run -------------------------------------------------------------------------------------


def test_every_listed_combination_is_run_in_order_refusals_included():
    known = {y: 100.0 + y % 7 for y in range(2010, 2025) if y != 2013}
    of = specification()
    got = run(of, QUESTION, ledger_of(line("area", known)), {})
    assert [e.design for e in got] == [
        Projection(rule=r, parameter=p, since=a, until=b).key for r, p, a, b, _ in listed(of)
    ]
    refused = {e.design for e in got if e.refused}
    assert refused == {e.design for e in got if e.design.split("/")[2][:4] in ("2010", "2012")}


def test_a_yield_makes_one_effect_per_combination():
    rates = {
        key: Conversion(key=key, ratio=Quantity(value=value, unit="kg/ha"), to="t", rows=())
        for key, value in (("y1", 7.0), ("y2", 9.0))
    }
    known = {y: 100.0 + y % 7 for y in range(2010, 2025)}
    got = run(specification(conversions=("y1", "y2")), QUESTION, ledger_of(line("area", known)), rates)
    assert len(got) == 2 * len(listed(specification()))
    for first, second in zip(got[::2], got[1::2], strict=True):
        assert averted(second) == pytest.approx(averted(first) * 9 / 7)


# --- standings -----------------------------------------------------------------------------------


def effect(value: float | None, family: str) -> Effect:
    what = None if value is None else Quantity(value=-value, unit="t")
    level = None if value is None else Quantity(value=822 + value, unit="t")
    return Effect(
        question=QUESTION,
        design=f"projection/{family}/{value}",
        family=family,
        estimand="",
        observed=None,
        counterfactual=level,
        difference=what,
        level=None,
        interval_kind="none",
        path=None,
        checks=(),
        assumptions=(),
        inputs=(),
    )


many = st.lists(
    st.tuples(
        st.none() | st.integers(-200, 600).map(float), st.sampled_from(["linear", "damped", "quadratic"])
    ),
    max_size=25,
)


@given(many, st.integers(-200, 600))
def test_standings_are_counted_by_hand_with_and_without_each_family(told, figure):
    got = standings(float(figure), [effect(v, f) for v, f in told])
    families = sorted({f for _, f in told})
    assert [s.without for s in got] == ["", *families]
    for s in got:
        kept = [v for v, f in told if v is not None and f != s.without]
        assert s.of == len(kept)
        if not kept:
            assert math.isnan(s.percentile)
            assert math.isnan(s.reached)
            continue
        ranks = [1.0 if v < figure else 0.5 if v == figure else 0.0 for v in kept]
        assert s.percentile == pytest.approx(100 * sum(ranks) / len(kept))
        assert s.reached == pytest.approx(100 * len([v for v in kept if v >= figure]) / len(kept))


# --- the case: what reproduces the published figures --------------------------------------------


@pytest.fixture(scope="module")
def case():
    return peru().case


def names(found) -> set[str]:
    return {e.design.removeprefix("projection/").split("/")[0] for e in found}


def test_the_constant_rate_alone_reproduces_the_official_area_of_2023(case):
    found = reproducing(109259, curve(case, "area-2023"), rounding=1, without=True)
    assert names(found) == {"constant-rate-0.15"}
    assert [round(e.counterfactual.value, 1) for e in found] == [109259.2]


def test_the_constant_rate_reproduces_the_official_area_of_2024_published_as_more_than(case):
    found = reproducing(125000, curve(case, "area-2024"), rounding=1000, at_least=True, without=True)
    assert "constant-rate-0.15" in names(found)
    assert (
        reproducing(125648, curve(case, "area-2024"), rounding=1, without=True)[0].family == "constant-rate"
    )


def test_the_constant_rate_with_the_yield_of_2024_reproduces_329_tonnes(case):
    found = reproducing(329, curve(case, "cocaine-2024"), rounding=1)
    assert "projection/constant-rate-0.15/2022-2022/yield-2024" in {e.design for e in found}
    best = next(e for e in found if e.family == "constant-rate")
    assert averted(best) == pytest.approx(328.7, abs=0.06)


def test_the_hectares_of_2023_times_the_yield_of_2024_reproduce_151_tonnes(case):
    hectares = averted(next(e for e in effects(case, "area-2023") if e.family == "constant-rate"))
    rate = number(case, "yield-2024").quantity
    assert hectares == pytest.approx(109259.2 - 92784, abs=0.1)
    assert hectares * rate.value / 1000 == pytest.approx(150.9, abs=0.05)


@pytest.mark.parametrize("figure", [797, 429])
def test_nothing_official_reproduces_797_or_429_tonnes(case, figure):
    """METHODS section 3: 797 is open, 429 a coincidence or double counting."""
    found = reproducing(figure, curve(case, "cocaine-2024"), rounding=1)
    assert found == ()
    assert [e.design for e in effects(case, "cocaine-2024") if abs(averted(e) - figure) < 0.5] == []


def test_the_official_figure_stands_high_on_the_curve(case):
    whole, *_ = standings(329.0, curve(case, "cocaine-2024"))
    values = sorted(averted(e) for e in curve(case, "cocaine-2024") if e.difference)
    assert whole.of == len(values)
    assert whole.reached == pytest.approx(100 * sum(v >= 329 for v in values) / len(values))
    assert whole.percentile > 75


def test_the_order_of_the_specifications_does_not_move_a_standing(case):
    found = curve(case, "cocaine-2024")
    assert standings(313.0, found) == standings(313.0, found[::-1])


@pytest.mark.parametrize(
    ("figure", "rounding", "hit"),
    [(100, 1, True), (100.5, 1, True), (100.6, 1, False), (99.4, 1, False), (90, 20, True)],
)
def test_an_amount_reproduces_a_figure_within_its_rounding(figure, rounding, hit):
    assert bool(reproducing(figure, [effect(100.0, "linear")], rounding=rounding)) is hit


def test_more_than_is_reproduced_up_to_one_part_in_a_hundred_above():
    for amount, hit in ((100.0, True), (100.9, True), (101.6, False), (99.4, False)):
        found = reproducing(100, [effect(amount, "linear")], rounding=1, at_least=True)
        assert bool(found) is hit, amount


def test_refused_designs_reproduce_nothing():
    assert reproducing(0, [effect(None, "linear")], rounding=1) == ()
    assert math.isnan(averted(effect(None, "linear")))
    assert replace(effect(None, "linear"), refused="refused.gap").difference is None
