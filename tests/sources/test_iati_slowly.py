"""The reader of IATI against a second one, and against what must not change it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.sources import iati_blocks
from ayni.sources.iati_codes import BUDGETS, TRANSACTIONS
from ayni.sources.iati_parts import Chosen, apportion, spread
from ayni.sources.iati_shares import Cut
from tests.made.iati import STYLES, Iati, iati_xml
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


def _stage(made: str) -> str:
    kind, _, code = made.rpartition("-")
    return {"type": TRANSACTIONS, "budget": BUDGETS}[kind][code] if kind else made


@pytest.mark.parametrize("style", STYLES)
def test_made_files_add_up_to_what_their_maker_says(style):
    made = iati_xml(Iati(rows=600, seed=7, style=style))
    flows = flows_of(made.data).with_columns(cents=(pl.col("amount") * 100).round().cast(pl.Int64))
    found = flows.group_by("stage", "year", "currency").agg(pl.col("cents").sum()).rows()
    said = made.truth.by("stage", "year", "currency")
    assert {(stage, str(year), currency): cents for stage, year, currency, cents in found} == {
        (_stage(str(stage)), str(year), str(currency)): cents
        for (stage, year, currency), cents in said.items()
    }
    assert sum(rows.read for rows in rows_of(made.data)) == made.truth.rows


_SHARES = st.lists(st.integers(-50, 10**6).filter(bool), min_size=1, max_size=12).filter(lambda s: sum(s) > 0)
_PRINTED = st.one_of(
    st.integers(-(10**12), 10**12).map(lambda cents: str(Decimal(cents) / 100)),
    st.integers(-(10**20), 10**20).map(lambda units: f"{Decimal(units).scaleb(-4):f}"),
    st.integers(-(10**17), 10**17).map(str),
)


_CUTS = st.builds(
    lambda shares, factor, letter: Cut(
        keys=tuple(f"{letter}{number:02}" for number in range(len(shares))),
        shares=tuple(share * factor for share in shares),
        whole=sum(shares) * factor,
    ),
    _SHARES,
    st.sampled_from([1, 7, 10**5, 10**12]),
    st.sampled_from("ab"),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_CUTS, min_size=1, max_size=3),
    st.lists(_CUTS, min_size=1, max_size=3),
    st.lists(st.tuples(_PRINTED, st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=8),
)
def test_the_parts_of_an_amount_add_to_it_and_are_those_of_the_slow_rule(places, sectors, printed):
    amounts = [amount for amount, _, _ in printed]
    values = np.array([float(amount) for amount in amounts])
    by_place = Chosen.of(places, np.array([one % len(places) for _, one, _ in printed]))
    by_sector = Chosen.of(sectors, np.array([one % len(sectors) for _, _, one in printed]))
    laid = spread(by_place, by_sector)
    parts = apportion(pl.Series(amounts), values, by_place, by_sector, laid).tolist()
    keys = list(zip(by_place.keys().gather(laid.place), by_sector.keys().gather(laid.sector), strict=True))
    for number, amount in enumerate(amounts):
        place, sector = places[by_place.which[number]], sectors[by_sector.which[number]]
        shares = {
            (p, s): Fraction(a, place.whole) * Fraction(b, sector.whole)
            for p, a in zip(place.keys, place.shares, strict=True)
            for s, b in zip(sector.keys, sector.shares, strict=True)
        }
        slow = largest_remainder(Decimal(amount), shares)
        assert sum(slow.values()) == Decimal(amount)
        assert keys[: len(slow)] == list(slow)
        assert parts[: len(slow)] == [float(part) for part in slow.values()]
        keys, parts = keys[len(slow) :], parts[len(slow) :]
    assert parts == []
