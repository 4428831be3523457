"""Each purpose serves exactly one interest, by a table that says why."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl
import pytest

from ayni.language import LANGUAGES, message
from ayni.ledger.purposes import (
    FRAMEWORKS,
    INTERESTS,
    NONE,
    UNMAPPED,
    deciding,
    interest,
    interest_of,
    mapping,
    purpose,
    read,
    sector,
)
from tests.houserules.tree import ROOT

CODES = Counter(one.scheme for one in mapping())


def test_every_code_has_exactly_one_interest():
    assert [code for code, count in Counter((m.scheme, m.code) for m in mapping()).items() if count > 1] == []
    assert {one.interest for one in mapping()} <= {*INTERESTS, NONE, UNMAPPED}
    assert all(one.es.strip() and one.en.strip() and one.reason for one in mapping())


def test_a_code_without_an_interest_has_a_reason_in_both_languages():
    for language in LANGUAGES:
        assert all(message(language, f"interest-reason.{one.reason}") for one in mapping())


def test_one_reason_leads_to_one_interest():
    said: dict[str, set[str]] = {}
    for one in mapping():
        said.setdefault(one.reason, set()).add(one.interest)
    assert {reason: interests for reason, interests in said.items() if len(interests) > 1} == {}


def test_the_lists_are_whole():
    # DAC list of June 2026: 295 purposes in force and 30 withdrawn; 42 and 2 sectors. ForeignAssistance.gov:
    # sectors 1 to 52, categories 1 to 9 and the Greenbook's two. Greenbook of 2020: 41 publication rows.
    assert CODES["dac"] == 325
    assert CODES["dac-sector"] == 44
    assert CODES["us-sector"] == 52
    assert CODES["us-category"] == 11
    assert CODES["greenbook-row"] == 41
    us = {one.code for one in mapping() if one.scheme == "us-sector"}
    assert us == {str(number) for number in range(1, 53)}


def test_every_dac_purpose_is_in_a_sector_of_the_table():
    sectors = {one.code for one in mapping() if one.scheme == "dac-sector"}
    assert {one.code for one in mapping() if one.scheme == "dac" and one.code[:3] not in sectors} == set()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("dac:16063", "drugs"),
        ("dac:31165", "drugs"),
        ("dac:43050", "drugs"),
        ("dac:15130", "institutions"),
        ("dac:15190", "migration"),
        ("dac:33120", "influence"),
        ("dac:12220", "none"),
        ("us-sector:1", "terrorism"),
        ("us-sector:4", "drugs"),
        ("us-sector:10", "institutions"),
        ("us-sector:27", "none"),
        ("us-sector:37", "migration"),
        ("greenbook-row:narcotics-control", "drugs"),
        ("dac:00000", UNMAPPED),
    ],
)
def test_what_some_codes_serve(item: str, expected: str):
    assert interest_of(*item.split(":")) == expected


@pytest.mark.parametrize(
    ("purposes", "account", "framework", "expected"),
    [
        ("dac:16063;us-sector:7", "", "dac", "drugs"),
        ("dac:16063;us-sector:7", "", "us", "institutions"),
        # A purpose that the table lacks is not replaced by a coarser code that it has.
        ("dac:99999;dac-sector:151", "", "dac", UNMAPPED),
        ("dac-sector:151", "", "dac", "institutions"),
        ("us-category:2", "", "us", "institutions"),
        ("dac:16063", "", "us", UNMAPPED),
        (
            "greenbook-row:other-state-assistance",
            "salaries-and-expenses-drug-enforcement-administration",
            "us",
            "drugs",
        ),
        ("greenbook-row:narcotics-control", "an-account-of-no-table", "us", "drugs"),
        ("us-sector:4;us-sector:7", "", "us", UNMAPPED),
        ("us-sector:4;us-sector:4", "", "us", "drugs"),
        ("", "", "us", UNMAPPED),
    ],
)
def test_one_framework_decides_by_its_finest_scheme(purposes, account, framework, expected):
    assert interest(purposes, account, framework) == expected


def test_sectors_of_dac_purposes_are_their_first_digits():
    assert sector("dac:15130;us-sector:7", "dac") == "dac-sector:151"
    assert sector("dac:15130;dac-sector:152", "dac") == "dac-sector:152"
    assert sector("dac:15130;us-sector:7", "us") == "us-sector:7"
    assert purpose("dac:15130;dac-sector:151", "dac") == "dac:15130"
    assert deciding("", "", "dac") == ()


def test_a_frame_is_read_as_its_rows_are():
    rows = pl.DataFrame(
        {"purposes": ["us-sector:4", None, "us-sector:4", "dac:15130"], "account": ["", None, "x", ""]}
    ).with_columns(pl.col("purposes", "account").fill_null(""))
    told = read(rows, ["interest"], "us")
    assert told["interest"].to_list() == ["drugs", UNMAPPED, "drugs", UNMAPPED]


def test_frameworks_know_no_scheme_in_common():
    us, dac = FRAMEWORKS["us"], FRAMEWORKS["dac"]
    assert not set(us) & set(dac)


def test_the_table_in_the_docs_is_the_table_that_is_used():
    page = (ROOT / "docs" / "reference" / "interests.md").read_text("utf-8")
    shown = re.findall(r"^\| `([a-z-]+):([^`]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    expected = [
        (one.scheme, one.code, one.interest, one.en, message("en", f"interest-reason.{one.reason}"))
        for one in mapping()
    ]
    assert shown == expected, "python -m tests.ledger.interests_page writes today's table into the page"
