"""Grades: the steps of GRADE from the rows alone, and flips at the threshold of a figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.claims.case import Case
from ayni.claims.grades import CERTAINTIES, METHODS, Weighed, combine, grade, spoken, weigh
from ayni.claims.pointers import PointerError
from ayni.claims.records import Pointer
from ayni.claims.results import Chain, Item, Link
from tests.dossier.peru import peru
from tests.ledger.samples import ledger_of, observation


def item(method="panel", *, here=True, number="", test="for", threshold=0.0, document="d") -> Item:
    return Item(
        key="i",
        kind="series",
        method=method,
        here=here,
        es="{figure}",
        en="{figure}",
        number=number,
        test=test,
        threshold=threshold,
        document="" if number else document,
    )


def weighed(method="panel", stance="for", *, here=True) -> Weighed:
    return Weighed(item=item(method, here=here), stance=stance, level=METHODS[method], quantity=None, rows=())


def made(*items: Weighed):
    return combine(Link(key="a.b", source="a", target="b", es="x", en="x"), items)


# --- the steps -----------------------------------------------------------------------------------

TABLE = [
    # GRADE handbook 5.1: randomised starts high, observational low
    ([("randomised", "for", True)], "high", "for", ("starts-high",)),
    ([("panel", "for", True)], "low", "for", ("starts-low",)),
    ([("instrument", "against", True)], "low", "against", ("starts-low",)),
    # 5.2: down for bias, indirectness, inconsistency
    ([("before-after", "for", True)], "very-low", "for", ("starts-low", "risk-of-bias")),
    ([("panel", "for", False)], "very-low", "for", ("starts-low", "indirect")),
    ([("randomised", "for", False)], "moderate", "for", ("starts-high", "indirect")),
    (
        [("panel", "for", True), ("panel", "against", True)],
        "very-low",
        "mixed",
        ("starts-low", "inconsistent"),
    ),
    (
        [("randomised", "for", True), ("randomised", "against", True)],
        "moderate",
        "mixed",
        ("starts-high", "inconsistent"),
    ),
    (
        [("statement", "for", False), ("statement", "against", False)],
        "very-low",
        "mixed",
        ("starts-low", "risk-of-bias", "indirect", "inconsistent"),
    ),
    # 5.3: up for many that agree
    ([("panel", "for", True)] * 3, "moderate", "for", ("starts-low", "consistent")),
    ([("panel", "for", True)] * 2, "low", "for", ("starts-low",)),
    ([("panel", "for", False)] * 3, "low", "for", ("starts-low", "indirect", "consistent")),
    # one side outweighs the other two Maryland levels above it
    ([("instrument", "for", True), ("before-after", "against", True)], "low", "for", ("starts-low",)),
    (
        [("panel", "for", True), ("before-after", "against", True)],
        "very-low",
        "mixed",
        ("starts-low", "inconsistent"),
    ),
    # what does not lean does not count
    ([("randomised", "neither", True), ("panel", "for", True)], "low", "for", ("starts-low",)),
    ([("panel", "neither", True)], "none", "none", ("nothing-tells",)),
    ([], "none", "none", ("no-evidence",)),
]


@pytest.mark.parametrize(("rows", "certainty", "balance", "steps"), TABLE)
def test_certainty_follows_the_steps(rows, certainty, balance, steps):
    got = made(*[weighed(m, s, here=h) for m, s, h in rows])
    assert (got.certainty, got.balance, got.steps) == (certainty, balance, steps)
    assert got.strength == CERTAINTIES.index(certainty)


rows = st.lists(
    st.builds(
        weighed,
        st.sampled_from(sorted(METHODS)),
        st.sampled_from(["for", "against", "neither"]),
        here=st.booleans(),
    ),
    max_size=6,
)


@given(rows, st.randoms())
def test_the_order_of_the_rows_does_not_change_a_grade(told, shuffle):
    mixed = [*told]
    shuffle.shuffle(mixed)
    one, other = made(*told), made(*mixed)
    assert (one.certainty, one.balance, one.steps) == (other.certainty, other.balance, other.steps)


@given(rows)
def test_turning_every_row_round_turns_the_balance_and_keeps_the_certainty(told):
    turn = {"for": "against", "against": "for", "neither": "neither", "mixed": "mixed", "none": "none"}
    turned = made(*[weighed(w.item.method, turn[w.stance], here=w.item.here) for w in told])
    assert turned.certainty == made(*told).certainty
    assert turned.balance == turn[made(*told).balance]


@given(rows)
def test_evidence_never_leaves_a_link_below_very_low(told):
    got = made(*told)
    leaning = any(w.stance != "neither" for w in told)
    assert (got.certainty == "none") is not leaning


def test_methods_stand_where_the_maryland_scale_puts_them():
    # Sherman et al. 1997: 5 randomised, 4 several units with controls, 3 comparison group, 2 before-after
    assert METHODS["randomised"] == 5
    assert METHODS["difference-in-differences"] == 3
    assert METHODS["before-after"] == 2
    assert METHODS["cross-section"] == 1
    assert METHODS["statement"] == 0


# --- figures decide ------------------------------------------------------------------------------


def case_with(value, low=None, high=None):
    row = observation("x", value=value, low=low, high=high, unit="percent")
    pointer = Pointer(key="n", op="figure", where=(("indicator", "x"), ("place", "PER")))
    return Case(
        ledger=ledger_of([row]),
        indexes=(),
        pointers={"n": pointer},
        questions={},
        asked={},
        specifications={},
        claims={},
        chain=Chain(),
    )


@pytest.mark.parametrize(
    ("test", "value", "low", "high", "stance"),
    [
        ("below", 49.999, None, None, "for"),
        ("below", 50.001, None, None, "against"),
        ("below", 50, None, None, "neither"),
        ("above", 50.001, None, None, "for"),
        ("above", 49.999, None, None, "against"),
        ("above", 50, None, None, "neither"),
        ("below", 45, 40, 49.9, "for"),
        ("below", 45, 40, 50, "neither"),
        ("below", 55, 50.1, 60, "against"),
        ("above", 55, 50.1, 60, "for"),
        ("above", 55, 49, 60, "neither"),
        ("above", 45, 40, 49, "against"),
    ],
)
def test_the_figure_and_not_the_writer_decides_the_stance(test, value, low, high, stance):
    got = weigh(case_with(value, low, high), item(number="n", test=test, threshold=50.0))
    assert got.stance == stance


def test_a_document_says_which_side_it_is_on():
    for stance in ("for", "against"):
        got = weigh(case_with(1), item("statement", test=stance))
        assert (got.stance, got.level, got.rows) == (stance, 0, ("document:d",))


def test_a_figure_that_leads_nowhere_is_told():
    with pytest.raises(PointerError, match="no number is called 'm'"):
        weigh(case_with(1), item(number="m", test="below"))


def test_a_row_of_evidence_is_spoken_with_its_figure():
    got = spoken(weigh(case_with(12.5), item(number="n", test="below", threshold=50.0)))
    assert (got.es, got.en) == ("12.5\u202f%", "12.5%")


def test_flipping_any_figure_of_the_case_flips_its_own_stance_only():
    """Every figure on every link of us-peru, moved to the other side of its threshold."""
    case = peru().case
    seen = 0
    for link in case.chain.links.values():
        for position, one in enumerate(link.items):
            was = weigh(case, one)
            if was.quantity is None:
                continue
            low, high = was.quantity.ends
            for threshold, wanted in ((high + 1, "below"), (low - 1, "above")):
                moved = Item(**{f: getattr(one, f) for f in one.__slots__} | {"threshold": threshold})
                assert weigh(case, moved).stance == ("for" if one.test == wanted else "against")
                items = (*link.items[:position], moved, *link.items[position + 1 :])
                after = grade(case, Link(key="k", source="a", target="b", es="x", en="x", items=items))
                others = [w.stance for i, w in enumerate(after.weighed) if i != position]
                assert others == [weigh(case, o).stance for i, o in enumerate(link.items) if i != position]
            seen += 1
    assert seen >= 20
