"""Fiscal years turned into calendar years against sums made by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ayni.ledger.questions import Answer, Asked, ask
from ayni.ledger.records import Flow
from tests.ledger.official import File, fiscal, ledger_with


def turned(folder: Path, rows: list[Flow], **asked) -> Answer:
    return ask(ledger_with(folder, File(dataset="fagov-complete", flows=rows)), Asked(calendar=True, **asked))


def by_year(found: Answer) -> dict[int, float]:
    return dict(found.frame.select("year", "amount").rows())


def test_years_stay_fiscal_unless_calendar_years_are_asked_for(tmp_path: Path):
    found = ask(ledger_with(tmp_path, File(dataset="x", flows=[fiscal(2021, 100.0)])), Asked())
    assert found.frame["year_kind"].to_list() == ["us-fiscal"]
    assert found.turned == ()


def test_a_quarter_of_a_fiscal_year_lies_in_the_year_before(tmp_path: Path):
    found = turned(tmp_path, [fiscal(2021, 100.0), fiscal(2022, 200.0)])
    assert by_year(found) == {2020: 25.0, 2021: 75.0 + 50.0, 2022: 150.0}
    assert found.frame["year_kind"].unique().to_list() == ["calendar"]
    one = found.turned[0]
    assert (one.way, one.rows, one.dated, one.partial) == ("quarters", 2, 0, (2020, 2022))
    assert [remark.code for remark in found.remarks] == ["calendar-quarters", "calendar-partial"]


def test_nothing_is_lost_or_made_by_turning(tmp_path: Path):
    rows = [
        fiscal(year, amount) for year, amount in ((1975, 40.0), (1976, 80.0), (1977, 120.0), (2000, -8.0))
    ]
    rows.append(fiscal(1976, 30.0, year_kind="us-transition-quarter"))
    assert turned(tmp_path, rows).frame["amount"].sum() == pytest.approx(262.0)


def test_fiscal_years_before_1977_began_in_july_and_the_quarter_between_is_of_1976(tmp_path: Path):
    rows = [
        fiscal(1976, 80.0),
        fiscal(1976, 30.0, year_kind="us-transition-quarter"),
        fiscal(1977, 120.0),
    ]
    # July 1975 to June 1976: 40 and 40; July to September 1976: 30; October 1976 on: 30 and 90.
    assert by_year(turned(tmp_path, rows)) == {1975: 40.0, 1976: 40.0 + 30.0 + 30.0, 1977: 90.0}


def test_dates_decide_where_every_row_has_one(tmp_path: Path):
    rows = [
        fiscal(2021, 10.0, date=dt.date(2020, 11, 1)),
        fiscal(2021, 20.0, date=dt.date(2021, 3, 1)),
        # A correction booked long after its fiscal year counts for the year's last calendar year.
        fiscal(2021, -5.0, date=dt.date(2023, 3, 1)),
    ]
    found = turned(tmp_path, rows)
    assert by_year(found) == {2020: 10.0, 2021: 15.0}
    one = found.turned[0]
    assert (one.way, one.dated, one.outside) == ("dates", 3, 1)


def test_one_row_without_a_date_makes_it_an_approximation_and_says_how_much_was_dated(tmp_path: Path):
    rows = [fiscal(2021, 10.0, date=dt.date(2020, 11, 1)), fiscal(2021, 30.0)]
    found = turned(tmp_path, rows)
    assert by_year(found) == {2020: 10.0, 2021: 30.0}
    assert (found.turned[0].way, found.turned[0].dated, found.turned[0].rows) == ("quarters", 1, 2)


def test_years_at_the_edge_of_what_is_asked_are_whole(tmp_path: Path):
    rows = [fiscal(year, 100.0) for year in range(2018, 2024)]
    assert by_year(turned(tmp_path, rows, since=2020, until=2021)) == {2020: 100.0, 2021: 100.0}


def test_each_fiscal_year_is_priced_before_it_is_turned(tmp_path: Path):
    rows = [fiscal(2021, 100.0, ratio=1.2), fiscal(2022, 200.0, ratio=1.0)]
    found = turned(tmp_path, rows, at=2022)
    told = dict(found.frame.select("year", "constant").rows())
    assert told == pytest.approx({2020: 30.0, 2021: 90.0 + 50.0, 2022: 150.0})


def test_calendar_years_of_other_publishers_are_left_as_they_are(tmp_path: Path):
    found = turned(tmp_path, [fiscal(2021, 100.0, year_kind="calendar")])
    assert by_year(found) == {2021: 100.0}
    assert found.turned == ()
