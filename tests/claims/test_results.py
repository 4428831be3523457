"""The chain goes one way: a circle is found whenever there is one, and is one."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ayni.claims.results import Chain, Link, Node, circle
from tests.dossier.peru import peru


def chain(edges, nodes="abcdefg") -> Chain:
    return Chain(
        nodes={n: Node(key=n, kind="output", es=n, en=n) for n in nodes},
        links={
            f"{i}": Link(key=f"{i}", source=source, target=target, es="x", en="x")
            for i, (source, target) in enumerate(edges)
        },
    )


def has_circle(edges) -> bool:
    """Warshall's closure: some node reaches itself."""
    nodes = sorted({n for edge in edges for n in edge})
    reach = {(a, b): (a, b) in set(edges) for a in nodes for b in nodes}
    for k, a, b in itertools.product(nodes, repeat=3):
        reach[a, b] = reach[a, b] or (reach[a, k] and reach[k, b])
    return any(reach[n, n] for n in nodes)


pairs = st.tuples(st.sampled_from("abcdefg"), st.sampled_from("abcdefg"))


@given(st.lists(pairs, max_size=14))
def test_a_circle_is_found_exactly_where_there_is_one(edges):
    found = circle(chain(edges))
    assert bool(found) is has_circle(edges)
    if found:
        assert found[0] == found[-1]
        assert len(set(found)) == len(found) - 1
        assert all(step in edges for step in itertools.pairwise(found))


@given(st.lists(pairs, max_size=12), st.randoms())
def test_the_order_of_the_links_does_not_hide_a_circle(edges, shuffle):
    mixed = [*edges]
    shuffle.shuffle(mixed)
    assert bool(circle(chain(edges))) is bool(circle(chain(mixed)))


def test_a_node_that_leads_to_itself_is_a_circle():
    assert circle(chain([("a", "a")])) == ("a", "a")


def test_two_ways_to_one_place_are_no_circle():
    assert circle(chain([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")])) == ()
    assert circle(Chain()) == ()


def test_a_link_from_a_node_that_is_not_declared_is_followed_all_the_same():
    assert circle(chain([("y", "z"), ("z", "y")], nodes="a")) != ()


def test_a_long_chain_is_walked_to_its_end():
    edges = [(str(i), str(i + 1)) for i in range(500)]
    assert circle(chain(edges, nodes=[])) == ()
    assert len(circle(chain([*edges, ("500", "0")], nodes=[]))) == 502


def test_the_chain_of_the_case_goes_one_way():
    assert circle(peru().case.chain) == ()
