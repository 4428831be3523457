"""Frozen lists of comparisons and doses: what is run, the digest, and the page's numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ayni.claims.numbers import curve
from ayni.designs.panel_specification import PanelSpecification, Pool, panel_designs, panel_listed
from ayni.designs.specification import digest
from tests.dossier.peru import peru

LISTED = PanelSpecification(
    key="s",
    question="q",
    design="comparison",
    methods=("synthetic-control", "difference-in-differences"),
    pools=(Pool(es="a", en="a", places="D*"), Pool(es="b", en="b", places="E*", without="E1")),
    starts=(0, 2010),
    floors=(0.0, 100.0),
    lags=(0,),
    transforms=("level", "index"),
    frozen="2026-11-24",
    digest="",
)


def test_every_combination_is_run_once():
    made = panel_designs(LISTED)
    assert len(made) == 2 * 2 * 2 * 2 * 2
    assert len({design.key for design in made}) == len(made)
    doses = replace(LISTED, design="dose", starts=(1992, 2001), lags=(0, 1, 2), transforms=("level",))
    assert len({design.key for design in panel_designs(doses)}) == 2 * 3
    assert len(panel_designs(doses)) == 2 * 2 * 3


@pytest.mark.parametrize(
    "change",
    [
        {"methods": ("synthetic-control",)},
        {"pools": LISTED.pools[:1]},
        {"starts": (0,)},
        {"floors": (0.0, 101.0)},
        {"transforms": ("level",)},
        {"question": "other"},
    ],
)
def test_another_list_has_another_digest(change):
    assert digest(replace(LISTED, **change)) != digest(LISTED)


def test_another_name_of_a_pool_or_date_leaves_the_digest():
    renamed = replace(LISTED.pools[0], es="otro nombre")
    assert digest(replace(LISTED, pools=(renamed, *LISTED.pools[1:]), frozen="2027-01-01")) == digest(LISTED)


def test_the_lists_of_the_first_case_are_run_whole():
    case = peru().case
    lists = [held for held in case.specifications.values() if isinstance(held, PanelSpecification)]
    assert len(lists) >= 4
    for held in lists:
        assert len(curve(case, held.key)) == len(panel_listed(held))
