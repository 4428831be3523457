"""Every line of an answer leads back to rows that add up to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.ledger.questions import Asked, ask
from ayni.ledger.result_keys import parse
from ayni.ledger.selecting import CUTS
from ayni.ledger.store import Ledger
from ayni.ledger.walking import printed, walk
from tests.ledger.official import File, fiscal, ledger_with
from tests.ledger.test_questions import flows

SETTINGS = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def walked(ledger: Ledger, asked: Asked) -> None:
    """See that each line of the answer is the sum of the rows behind its key."""
    found = ask(ledger, asked)
    keys = found.frame["key"].to_list()
    assert len(set(keys)) == len(keys)
    for line in found.frame.iter_rows(named=True):
        back = walk(ledger, line["key"])
        assert back is not None, line["key"]
        assert (back.rows["amount"] * back.rows["share"]).sum() == pytest.approx(line["amount"], abs=1e-6)
        assert back.rows.height == line["rows"]
        assert set(back.rows["stage"]) == {line["stage"]}
        assert all(row.count(":") for row in back.rows["row"])


@SETTINGS
@given(
    rows=st.lists(flows, min_size=1, max_size=25),
    by=st.lists(st.sampled_from(CUTS), min_size=1, max_size=4, unique=True),
    recipient=st.sampled_from(["", "PER"]),
    since=st.sampled_from([None, 2001]),
    everything=st.booleans(),
)
def test_every_line_of_every_answer_walks_back(
    tmp_path_factory: pytest.TempPathFactory, rows, by, recipient, since, everything
):
    ledger = ledger_with(tmp_path_factory.mktemp("ledger"), File(dataset="fagov-complete", flows=rows))
    walked(ledger, Asked(by=tuple(by), recipient=recipient, since=since, everything=everything))


days = st.dates(dt.date(2001, 10, 1), dt.date(2006, 9, 30))


@SETTINGS
@given(
    rows=st.lists(
        st.builds(
            fiscal,
            st.integers(2002, 2006),
            st.integers(-1000, 10_000),
            date=st.one_of(st.none(), days),
            stage=st.sampled_from(["obligated", "disbursed"]),
        ),
        min_size=1,
        max_size=25,
    ),
    by=st.sampled_from([("year",), ("year", "stage"), ("date-year",), ("stage",)]),
    since=st.sampled_from([None, 2003]),
    until=st.sampled_from([None, 2004]),
)
def test_calendar_years_walk_back_too(tmp_path_factory: pytest.TempPathFactory, rows, by, since, until):
    ledger = ledger_with(tmp_path_factory.mktemp("ledger"), File(dataset="fagov-complete", flows=rows))
    found = ask(ledger, Asked(by=by, since=since, until=until, calendar=True))
    for line in found.frame.iter_rows(named=True):
        back = walk(ledger, line["key"])
        assert back is not None
        assert (back.rows["amount"] * back.rows["share"]).sum() == pytest.approx(line["amount"], abs=1e-6)


def test_a_row_of_a_file_tells_all_that_the_file_prints(tmp_path: Path):
    file = File(
        dataset="fagov-country",
        flows=[fiscal(2020, 10.0), fiscal(2021, 20.0)],
        details={"country_name": ["Peru", "Peru"], "income_group_name": ["NULL", ""]},
    )
    ledger = ledger_with(tmp_path, file)
    back = walk(ledger, "fagov-country_2025-04-02.csv:3")
    assert back is not None
    assert back.rows["amount"].to_list() == [20.0]
    assert next(one.sha256 for one in back.held)[0]
    told = printed(ledger, back.held, back.rows["row"].to_list())
    assert list(told.values()) == [{"country_name": "Peru"}]


def test_a_line_at_constant_prices_leads_to_the_same_rows(tmp_path: Path):
    rows = [fiscal(2022, 10.0, ratio=1.1), fiscal(2023, 20.0, ratio=1.0)]
    ledger = ledger_with(tmp_path, File(dataset="fagov-country", flows=rows))
    walked(ledger, Asked(by=("stage",), at=2023))


@pytest.mark.parametrize(
    "text", ["", "nothing", "a/b/c", "a/USA/PER/x/y/z/USD", "o/USA/PER/2020/d/k/USD/no-sign"]
)
def test_what_is_no_key_is_none(tmp_path: Path, text: str):
    assert parse(text) is None
    assert walk(ledger_with(tmp_path, File(dataset="x", flows=[fiscal(2020, 1.0)])), text) is None


def test_a_key_can_be_given_to_a_shell_as_it_stands(tmp_path: Path):
    rows = [fiscal(2020, 10.0, channel="A (B) & C / 'D' $x; e=f")]
    ledger = ledger_with(tmp_path, File(dataset="x", flows=rows))
    key = ask(ledger, Asked(by=("channel",))).frame["key"][0]
    assert not set(" ()&'$;") & set(key)
    back = walk(ledger, key)
    assert back is not None
    assert back.rows.height == 1
