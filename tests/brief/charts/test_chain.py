"""The results chain."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.brief.charts import Bond, Node, draw, table
from ayni.brief.charts.layers import crossings, layered
from tests.brief.charts import samples
from tests.brief.charts.reading import SVG, collisions, outside, said, tree


def drawn(chart, width=680):
    return tree(draw(chart, width=width, ident="k"))


def bonds(root):
    return [node for node in root.iter(f"{SVG}path") if "bond" in node.get("class", "").split()]


def places(root, chart):
    """Middle of each node's box by the order of nodes."""
    rects = [node for node in root.iter(f"{SVG}rect") if node.get("class") == "node"]
    return {
        node.key: (
            float(rect.get("x")) + float(rect.get("width")) / 2,
            float(rect.get("y")) + float(rect.get("height")) / 2,
        )
        for node, rect in zip(chart.nodes, rects, strict=True)
    }


def test_columns_run_rightwards_on_a_desk_and_downwards_on_a_phone():
    chart = samples.chain()
    wide, narrow = places(drawn(chart), chart), places(drawn(chart, 340), chart)
    for one, two in itertools.combinations(chart.nodes, 2):
        if one.column < two.column:
            assert wide[one.key][0] < wide[two.key][0]
            assert narrow[one.key][1] < narrow[two.key][1]


def test_the_stronger_the_evidence_the_wider_the_line():
    def width(strength):
        link = Bond(source="m", target="u", strength=strength)
        return float(bonds(drawn(samples.chain(links=(link,), strength_labels=())))[0].get("stroke-width"))

    widths = [width(strength) for strength in range(5)]
    assert widths == sorted(set(widths))


def test_no_evidence_is_broken_and_evidence_against_is_crossed():
    none = drawn(samples.chain(links=(Bond(source="m", target="u", none=True),)))
    assert "bond-none" in bonds(none)[0].get("class")
    against = drawn(samples.chain(links=(Bond(source="m", target="u", strength=1, against=True),)))
    assert "bond-against" in bonds(against)[0].get("class")
    assert said(against).count("×") == 2  # on the link and in the key


@pytest.mark.parametrize("width", [680, 340])
def test_every_link_opens(width):
    root = drawn(samples.chain(), width)
    opened = {node.get("href") for node in root.iter(f"{SVG}a")}
    assert {link.href for link in samples.chain().links} <= opened


@pytest.mark.parametrize("width", [680, 340])
def test_every_verdict_is_written(width):
    text = " ".join(said(drawn(samples.chain(), width)).split())
    for link in samples.chain().links:
        assert link.label in text


def test_ordering_undoes_a_crossing_that_need_not_be():
    links = (("a", "d"), ("b", "c"))
    assert crossings([["a", "b"], ["c", "d"]], links) == 1
    found = layered([["a", "b"], ["c", "d"]], links)
    assert crossings(found.orders, found.routes) == 0


def fewest(layers, links):
    """Plainly right: try every order."""
    return min(
        crossings(orders, links)
        for orders in itertools.product(*(itertools.permutations(keys) for keys in layers))
    )


@given(pairs=st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), max_size=9))
@settings(max_examples=60)
def test_ordering_is_never_worse_than_given_and_near_the_best(pairs):
    layers, links = [list("abcd"), list("wxyz")], sorted(pairs)
    found = layered(layers, links)
    crossed = crossings(found.orders, found.routes)
    assert crossed <= crossings(layers, links)
    assert crossed <= 2 * fewest(layers, links) + 2


def test_a_long_link_passes_beside_the_boxes_between():
    chart = samples.chain(
        nodes=tuple(Node(key=k, label=k * 6, column=at) for at, k in enumerate("abc")),
        links=(Bond(source="a", target="b"), Bond(source="b", target="c"), Bond(source="a", target="c")),
    )
    root = drawn(chart)
    rects = [node for node in root.iter(f"{SVG}rect") if node.get("class") == "node"]
    top, height = float(rects[1].get("y")), float(rects[1].get("height"))
    long = max((node.get("d") for node in bonds(root)), key=len)
    (straight,) = re.findall(r"L\S+ (\S+?)C", long)
    assert not top <= float(straight) <= top + height


@st.composite
def chains(draw_):
    words = st.text(alphabet="abcdefghij áéñ", min_size=1, max_size=30).filter(str.strip)
    count = draw_(st.integers(2, 10))
    nodes = tuple(
        Node(
            key=str(at),
            label=draw_(words),
            column=draw_(st.integers(0, 4)),
            group=draw_(st.sampled_from(["", "G", "H"])),
        )
        for at in range(count)
    )
    pairs = [(one.key, two.key) for one in nodes for two in nodes if one.column < two.column]
    chosen = draw_(st.lists(st.sampled_from(pairs), unique=True, max_size=10)) if pairs else []
    label = st.text(alphabet="abcde fg", max_size=24)
    links = tuple(
        Bond(
            source=s,
            target=t,
            strength=draw_(st.integers(0, 4)),
            against=draw_(st.booleans()),
            label=draw_(label),
        )
        for s, t in chosen
    )
    return samples.chain(nodes=nodes, links=links)


@given(chart=chains(), width=st.sampled_from([680, 340]))
@settings(max_examples=80)
def test_whatever_the_chain_every_text_is_inside_and_alone(chart, width):
    root = drawn(chart, width)
    assert outside(root) == []
    assert collisions(root) == []


def test_the_table_of_links_is_the_input():
    header, rows = table(samples.chain())
    assert header == ("de", "a", "veredicto", "fuerza", "en contra", "sin evidencia")
    assert [rows[at] for at in (0, 4, 5)] == [
        ("Dinero", "Erradicación", "documentado", 4, "", ""),
        ("Desarrollo alternativo", "Menos coca", "sin prueba", 0, "", "sin evidencia"),
        ("Menos coca", "Menos cocaína", "desplazamiento", 1, "en contra", ""),
    ]
    assert len(rows) == len(samples.chain().links)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: samples.chain(nodes=()), "found nothing to draw"),
        (lambda: Node(key="a", label=" ", column=0), "node 'a': found an empty label"),
        (lambda: Node(key="a", label="a", column=-1), "node 'a': found column -1"),
        (lambda: Bond(source="a", target="b", strength=5), "link 'a' to 'b': found strength 5"),
        (lambda: Bond(source="a", target="b", strength=1, none=True), "found no evidence and also a grade"),
        (lambda: samples.chain(links=(Bond(source="m", target="?"),)), r"found a link to '\?'"),
        (lambda: samples.chain(links=(Bond(source="u", target="m"),)), "expected a later column"),
        (lambda: samples.chain(nodes=(Node(key="a", label="a", column=0),) * 2), "found 2 nodes with 1 keys"),
    ],
)
def test_chains_that_cannot_be_drawn_are_refused_in_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
