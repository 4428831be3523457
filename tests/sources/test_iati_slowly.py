"""The reader of IATI against a second one, and against what must not change it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.sources import iati_blocks
from ayni.sources.iati_shares import Division, apportion
from tests.sources.iati_made import HEAD, activities, file_of, flows_of, refused_of, rows_of
from tests.sources.iati_slowly import Part, largest_remainder, records

_MONEY = ("stage", pl.col("date").alias("day"), "currency", "provider", "recipient", "purposes", "amount")


def _parts(text: str) -> Counter[Part]:
    rows = flows_of(text).select(_MONEY).rows(named=True)
    return Counter(Part(**(row | {"amount": Decimal(repr(row["amount"]))})) for row in rows)


@settings(max_examples=100, deadline=None)
@given(activities())
def test_every_flow_is_what_a_slow_second_reader_finds(made):
    text = file_of(*made)
    parts, refused = records(text)
    assert _parts(text) == parts
    assert refused_of(text).height == refused
    assert sum(rows.read for rows in rows_of(text)) == len(
        re.findall("<(?:transaction|budget|planned-disbursement)[ >]", text)
    )


@settings(max_examples=60, deadline=None)
@given(activities(), st.randoms(use_true_random=False))
def test_the_order_of_elements_changes_nothing(made, chance):
    def shuffled(one: str) -> str:
        tree = ET.fromstring(one)
        for parent in [tree, *tree]:
            children = list(parent)
            chance.shuffle(children)
            parent[:] = children
        return ET.tostring(tree, encoding="unicode")

    text = file_of(*made)
    mixed = [shuffled(one) for one in made]
    chance.shuffle(mixed)
    assert _parts(file_of(*mixed)) == _parts(text)


@settings(max_examples=40, deadline=None)
@given(activities())
def test_white_space_comments_and_extensions_change_nothing(made):
    text = file_of(*made)
    parts = _parts(text)
    assert _parts(text.replace(">\n", ">\r\n\t \n")) == parts
    assert _parts(text.replace("\n", "")) == parts
    assert _parts(re.sub(r">\s*<", "><!-- <transaction> --><?x </iati-activity>?><", text)) == parts
    extended = text.replace(
        "</iati-activity>", "<x:transaction><value>1</value></x:transaction></iati-activity>"
    )
    extended = extended.replace("</value>", "<x:value>9</x:value></value>")
    for prefix in ("usg", "x", "iati-extra"):
        told = extended.replace("x:", f"{prefix}:").replace(
            HEAD, f'{HEAD} xmlns:{prefix}="https://example.org"'
        )
        assert _parts(told) == parts


@settings(max_examples=30, deadline=None)
@given(activities())
def test_a_namespace_for_all_of_iati_changes_nothing(made):
    text = file_of(*made)
    parts = _parts(text)
    assert _parts(text.replace(HEAD, f'{HEAD} xmlns="https://example.org/iati"')) == parts
    prefixed = re.sub(r"<(/?)(?=[a-z])", r"<\1i:", text).replace(
        "<i:iati-activities", '<i:iati-activities xmlns:i="urn:i"'
    )
    assert _parts(prefixed) == parts


@settings(max_examples=60, deadline=None)
@given(st.lists(activities(), min_size=1, max_size=4), st.integers(1, 4000))
def test_where_the_bytes_are_cut_changes_nothing(many, size):
    text = file_of(*(one for made in many for one in made))
    blocks = list(iati_blocks.blocks(_Dripping(text.encode(), 7), size=size))
    assert b"".join(block.data for block in blocks) == text.encode()[len(blocks[0].head.opening) :]
    lines = [
        1,
        *(
            text.encode()[: len(blocks[0].head.opening) + sum(len(b.data) for b in blocks[:n])].count(b"\n")
            + 1
            for n in range(1, len(blocks))
        ),
    ]
    assert [block.line for block in blocks] == lines


class _Dripping:
    """A stream that gives less than it is asked for."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data, self._most = data, most

    def read(self, size: int = -1, /) -> bytes:
        size = self._most if size < 0 else min(size, self._most)
        piece, self._data = self._data[:size], self._data[size:]
        return piece


_SHARES = st.lists(st.integers(-50, 10**6).filter(bool), min_size=1, max_size=12).filter(
    lambda found: sum(found) > 0
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.decimals(-(10**16), 10**16, places=None, allow_nan=False, allow_infinity=False).map(
            "{:.4f}".format
        )
        | st.integers(-(10**12), 10**12).map(lambda cents: str(Decimal(cents) / 100)),
        min_size=1,
        max_size=5,
    ),
    _SHARES,
    st.integers(1, 10**7),
)
def test_the_parts_of_an_amount_add_to_it_and_are_those_of_the_slow_rule(amounts, shares, factor):
    shares = sorted(shares)
    whole = sum(shares)
    keys = tuple(f"{number:02}" for number in range(len(shares)))
    division = Division(
        recipients=keys,
        purposes=keys,
        shares=tuple(share * factor for share in shares),
        whole=whole * factor,
        caveats=(),
    )
    plain = [amount for amount in amounts if "E" not in amount] or ["1"]
    parts = apportion(pl.Series(plain), np.array([float(a) for a in plain]), division)
    for amount, found in zip(plain, parts.tolist(), strict=True):
        slow = largest_remainder(
            Decimal(amount), {(k, k): Fraction(s, whole) for k, s in zip(keys, shares, strict=True)}
        )
        assert sum(slow.values()) == Decimal(amount)
        assert found == [float(slow[key, key]) for key in keys]
