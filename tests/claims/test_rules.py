"""Each rule at its thresholds, on both sides of every edge, and in any order of what was read."""

# mypy: disable-error-code="arg-type"
from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.claims import rules
from ayni.claims.records import Claim
from ayni.claims.rules import CAUSAL, EffectReading, LinkReading, Reading

TINY = 1e-9


def claim(kind="quantity", **more) -> Claim:
    told = {"value": 100.0, "rounding": 1.0, "unit": "t"} | more
    return Claim(key="c", kind=kind, es="x", en="x", speaker="s", span="1", interest="i", side="both", **told)


def read(value, group=0, role="source", low=None, high=None, pointer=None) -> Reading:
    return Reading(
        pointer=pointer or f"n{group}-{value}",
        value=value,
        low=value if low is None else low,
        high=value if high is None else high,
        group=group,
        role=role,
    )


def label(rule, of, *readings):
    return rule(of, list(readings)).label


# --- fits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comparator", "value", "fit"),
    [
        ("=", 99.5, True),
        ("=", 99.5 - TINY, False),
        ("=", 100.5, True),
        ("=", 100.5 + TINY, False),
        (">=", 99.5, True),
        (">=", 99.5 - TINY, False),
        (">=", 1e9, True),
        ("<=", 100.5, True),
        ("<=", 100.5 + TINY, False),
        ("<=", -1e9, True),
    ],
)
def test_a_figure_agrees_within_half_its_rounding(comparator, value, fit):
    assert rules.fits(claim(comparator=comparator), read(value)) is fit


@pytest.mark.parametrize(
    ("low", "high", "fit"),
    [(90, 110, True), (100.5, 110, True), (100.6, 110, False), (90, 99.5, True), (90, 99.4, False)],
)
def test_a_figure_with_a_range_agrees_where_the_range_does(low, high, fit):
    assert rules.fits(claim(), read((low + high) / 2, low=low, high=high)) is fit


def test_nothing_agrees_with_a_claim_without_a_value():
    assert rules.fits(claim(value=None), read(0)) is False


# --- quantities ----------------------------------------------------------------------------------


def test_a_figure_that_every_source_gives_holds():
    assert label(rules.quantity, claim(), read(100), read(100.4, 1)) == "holds"


def test_a_figure_that_some_sources_give_is_contested():
    found = rules.quantity(claim(), [read(100), read(120, 1), read(130, 2)])
    assert (found.label, found.reasons) == ("contested", ("some-sources:1/3",))


def test_a_figure_between_the_sources_is_close_and_outside_off():
    assert label(rules.quantity, claim(), read(90), read(110, 1)) == "close"
    assert label(rules.quantity, claim(), read(110), read(120, 1)) == "off"
    assert label(rules.quantity, claim(rounding=0.0), read(100 + TINY), read(110, 1)) == "off"


def test_a_figure_of_another_year_is_misdated_only_where_no_source_of_its_own_gives_it():
    away = read(100.2, 5, "elsewhere", pointer="row:x:2")
    found = rules.quantity(claim(), [read(80), away])
    assert (found.label, found.reasons) == ("misdated", ("fits-elsewhere:row:x:2",))
    assert label(rules.quantity, claim(), read(100), away) == "holds"
    assert label(rules.quantity, claim(), read(100), read(80, 1), away) == "contested"
    assert label(rules.quantity, claim(), read(80), read(100.6, 5, "elsewhere")) == "off"


def test_a_figure_that_nothing_speaks_to_is_out_of_reach_and_never_false():
    assert label(rules.quantity, claim()) == "out-of-reach"
    assert label(rules.quantity, claim(), read(5, 1, "elsewhere")) == "out-of-reach"
    for rule, kind in ((rules.share, "share"), (rules.rank, "rank"), (rules.trend, "trend"),
                       (rules.comparison, "comparison"), (rules.added, "sum")):  # fmt: skip
        assert label(rule, claim(kind)) == "out-of-reach"


# --- shares, ranks, trends, comparisons, sums ----------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "wanted"), [((33, 40), "holds"), ((33 - TINY, 40), "contested"), ((21, 15), "off")]
)
def test_a_share_is_held_against_its_reading(shares, wanted):
    of = claim("share", value=33.0, rounding=0.0, comparator=">=", unit="percent")
    assert label(rules.share, of, *[read(s, i) for i, s in enumerate(shares)]) == wanted


@pytest.mark.parametrize(
    ("others", "place"),
    [((300, 50), 2), ((300, 200), 3), ((50, 40), 1), ((100, 40), 1), ((100 + TINY, 40), 2)],
)
def test_a_rank_counts_who_is_above(others, place):
    group = [read(100), *[read(v, pointer=f"p{i}") for i, v in enumerate(others)]]
    assert (
        rules.place_in(group)
        == place
        == 1 + sorted([v for (v,) in zip(others)] + [100], reverse=True).index(100)
    )
    for said in (1, 2, 3):
        assert label(rules.rank, claim("rank", value=float(said)), *group) == (
            "holds" if said == place else "off"
        )


def test_a_rank_needs_a_list_of_three():
    assert label(rules.rank, claim("rank", value=1.0), read(9), read(5, pointer="x")) == "out-of-reach"


@pytest.mark.parametrize(
    ("last", "first", "way"),
    [
        (105, 100, 0),
        (105.001, 100, 1),
        (95, 100, 0),
        (94.999, 100, -1),
        (100, 100, 0),
        (-1, -2, 1),
        (-2, -1, -1),
        (-0.5, -0.7, 1),
        (1, -1, 1),
        (-1, 1, -1),
    ],
)
def test_a_trend_is_a_change_of_more_than_five_percent(last, first, way):
    group = [read(last, pointer="last"), read(first, pointer="first")]
    assert rules.direction(group) == way
    for said in (-1, 0, 1):
        wanted = "holds" if said == way else "off"
        assert label(rules.trend, claim("trend", value=float(said)), *group) == wanted


@pytest.mark.parametrize(
    ("more", "less", "wanted"),
    [
        ((5, 5), (4, 4), "holds"),
        ((5, 5), (5, 5), "off"),
        ((4, 6), (3, 4), "off"),
        ((4.1, 6), (3, 4), "holds"),
    ],
)
def test_more_than_means_above_the_whole_range(more, less, wanted):
    one = read(sum(more) / 2, low=more[0], high=more[1], pointer="a")
    other = read(sum(less) / 2, low=less[0], high=less[1], pointer="b")
    assert label(rules.comparison, claim("comparison"), one, other) == wanted


@pytest.mark.parametrize(
    ("total", "wanted"),
    [(1135, "holds"), (1135.5, "holds"), (1135.51, "wrong-sum"), (1134.5, "holds"), (1134.49, "wrong-sum")],
)
def test_a_sum_is_held_against_its_own_parts(total, wanted):
    of = claim("sum", value=total)
    assert label(rules.added, of, read(822, 0, "part"), read(313, 1, "part")) == wanted


# --- order ---------------------------------------------------------------------------------------

readings = st.lists(
    st.builds(
        lambda v, g, r, w: read(v, g, r, v - w, v + w, pointer=f"{v}-{g}-{r}"),
        st.sampled_from([90.0, 99.4, 99.5, 100.0, 100.5, 101.0, 120.0]),
        st.integers(0, 3),
        st.sampled_from(["source", "source", "elsewhere"]),
        st.sampled_from([0.0, 1.0, 30.0]),
    ),
    max_size=6,
)


@given(readings, st.randoms(), st.sampled_from(["=", ">=", "<="]))
def test_the_order_of_what_was_read_does_not_change_a_label(told, shuffle, comparator):
    mixed = [*told]
    shuffle.shuffle(mixed)
    for rule in (rules.quantity, rules.share, rules.added):
        of = claim(comparator=comparator)
        assert label(rule, of, *told) == label(rule, of, *mixed)


@given(st.lists(st.lists(st.floats(1, 100), min_size=2, max_size=4), min_size=1, max_size=4), st.randoms())
def test_the_order_of_the_sources_does_not_change_a_label(groups, shuffle):
    def told(order):
        return [read(v, g, pointer=f"{g}{i}") for g, values in enumerate(order) for i, v in enumerate(values)]

    mixed = [*groups]
    shuffle.shuffle(mixed)
    for rule, value in ((rules.rank, 2.0), (rules.trend, 1.0), (rules.comparison, None)):
        of = claim("rank", value=value)
        assert label(rule, of, *told(groups)) == label(rule, of, *told(mixed))


@given(st.lists(st.floats(1, 100), min_size=3, max_size=6), st.randoms())
def test_the_order_of_the_others_does_not_change_a_rank(values, shuffle):
    rest = values[1:]
    shuffle.shuffle(rest)
    groups = [[read(v, pointer=str(i)) for i, v in enumerate(vs)] for vs in (values, [values[0], *rest])]
    assert rules.place_in(groups[0]) == rules.place_in(groups[1])


# --- causes --------------------------------------------------------------------------------------


def link(balance="for", best_for=3, best_against_here=-1, key="a.b") -> LinkReading:
    return LinkReading(
        key=key, certainty="low", balance=balance, best_for=best_for, best_against_here=best_against_here
    )


def effect(low=-5.0, high=-1.0, big=10.0, better="lower", passed=True, difference=-3.0) -> EffectReading:
    return EffectReading(
        question="q", difference=difference, low=low, high=high, big=big, better=better, checks_passed=passed
    )


def caused(links, effects=()):
    return rules.cause(links, effects)


def test_links_with_evidence_and_no_design_are_plausible():
    found = caused([link(), link(key="b.c")])
    assert (found.label, found.reasons) == ("plausible", ("links-evidenced", "no-design"))


@pytest.mark.parametrize("spoilt", ["none", "mixed", "against"])
def test_one_link_without_support_leaves_the_cause_not_shown(spoilt):
    found = caused([link(), link(spoilt, key="b.c")], [effect()])
    assert found.label == "not-shown"
    assert any("b.c" in reason for reason in found.reasons)


def test_no_link_at_all_is_not_shown():
    assert caused([]).label == "not-shown"


def test_an_effect_with_passed_checks_makes_it_likely_and_nothing_makes_it_shown():
    assert caused([link()], [effect()]).label == "likely"
    assert caused([link()], [effect(passed=False)]).label == "plausible"


@pytest.mark.parametrize(
    ("low", "high", "better", "wanted"),
    [
        (-5, -TINY, "lower", "likely"),
        (-50, 0, "lower", "plausible"),
        (-5, 0, "lower", "not-shown"),
        (-5, 50, "lower", "plausible"),
        (TINY, 5, "lower", "not-shown"),
        (TINY, 5, "higher", "likely"),
        (0, 50, "higher", "plausible"),
        (-5, -TINY, "higher", "not-shown"),
        (-9.99, 9.99, "lower", "not-shown"),
        (-10, 9.99, "lower", "plausible"),
        (-9.99, 10, "lower", "plausible"),
    ],
)
def test_the_interval_of_the_effect_decides_at_its_edges(low, high, better, wanted):
    assert caused([link()], [effect(low, high, better=better)]).label == wanted


def test_an_effect_without_an_interval_leaves_it_plausible_and_says_so():
    assert caused([link()], [effect(None, None)]).reasons == ("links-evidenced", "no-interval:q")
    refused = caused([link()], [effect(None, None, difference=None)])
    assert refused.reasons == ("links-evidenced", "design-refused:q")


@pytest.mark.parametrize(
    ("against", "best_for", "wanted"),
    [
        (3, 2, "contradicted"),
        (3, -1, "contradicted"),
        (3, 3, "plausible"),
        (2, 1, "plausible"),
        (5, 4, "contradicted"),
    ],
)
def test_a_link_is_refuted_by_better_evidence_from_this_very_case(against, best_for, wanted):
    assert caused([link(best_for=best_for, best_against_here=against)]).label == wanted


@given(st.permutations([link(), link("mixed", key="b.c"), link("none", key="c.d")]))
def test_the_order_of_the_links_does_not_change_a_cause(links):
    one, other = caused(links), caused([link(), link("mixed", key="b.c"), link("none", key="c.d")])
    assert one.label == other.label
    assert sorted(one.reasons) == sorted(other.reasons)


# --- conclusions ---------------------------------------------------------------------------------


def test_a_conclusion_is_as_strong_as_its_weakest_part():
    for labels in itertools.product(CAUSAL, repeat=3):
        found = rules.conclusion([(str(i), x) for i, x in enumerate(labels)])
        assert found.label == min(labels, key=CAUSAL.index)
        assert found.reasons == tuple(f"weakest-part:{i}" for i, x in enumerate(labels) if x == found.label)


def test_a_conclusion_without_causal_parts_is_out_of_reach():
    assert rules.conclusion([]).label == "out-of-reach"
    assert rules.conclusion([("a", "holds")]).label == "out-of-reach"
