"""Questions to official files: what is added, what never is, and which file answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.ledger.purposes import category, interest, purpose, sector
from ayni.ledger.questions import Answer, Asked, UnknownNameError, ask
from ayni.ledger.records import Flow
from ayni.ledger.selecting import CUTS, column_of
from tests.ledger.official import File, fiscal, ledger_with

SETTINGS = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
APART = ("origin", "stage", "year_kind", "currency")


def lines(found: Answer, *names: str) -> list[tuple[Any, ...]]:
    return found.frame.select(names).rows()


def codes(found: Answer) -> list[str]:
    return [one.code for one in found.remarks]


# --- a slow second implementation ------------------------------------------------------------------

flows = st.builds(
    fiscal,
    st.sampled_from([1975, 1976, 2001, 2002, 2023]),
    st.integers(-10_000, 1_000_000),
    stage=st.sampled_from(["obligated", "disbursed", "requested"]),
    year_kind=st.sampled_from(["us-fiscal", "us-transition-quarter"]),
    provider=st.sampled_from(["USA", "DEU"]),
    recipient=st.sampled_from(["PER", "BOL", "us-region:SMN"]),
    currency=st.sampled_from(["USD", "EUR"]),
    agency=st.sampled_from(["", "state", "usaid"]),
    account=st.sampled_from(["", "international-narcotics-control-and-law-enforcement", "esf"]),
    channel=st.sampled_from(["", "A (B) / C", "other & co"]),
    form=st.sampled_from(["", "grant"]),
    activity=st.sampled_from(["", "1", "2"]),
    until=st.sampled_from([None, None, 2024]),
    caveats=st.sampled_from(["", "", "recipient-is-region", "secondary-publisher"]),
    purposes=st.sampled_from(
        [
            "",
            "us-sector:4;us-category:1",
            "us-sector:99",
            "dac:16063;us-sector:4",
            "dac:15130",
            "us-category:3",
        ]
    ),
)
cuts = st.lists(
    st.sampled_from([one for one in CUTS if one != "date-year"]), min_size=1, max_size=4, unique=True
)


def told(row: Flow, cut: str) -> Any:
    """What a row says of a cut, read one row at a time."""
    if cut == "interest":
        return interest(row.purposes, row.account, "us")
    if cut == "purpose":
        return purpose(row.purposes, "us")
    if cut == "sector":
        return sector(row.purposes, "us")
    if cut == "category":
        return category(row.purposes)
    return getattr(row, cut)


def slowly(rows: list[Flow], asked: Asked) -> dict[tuple[Any, ...], tuple[float, int]]:
    heaps: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in rows:
        if row.caveats == "secondary-publisher":
            continue
        if asked.provider not in ("", row.provider) or asked.recipient not in ("", row.recipient):
            continue
        if asked.stage not in ("", row.stage) or row.year < (asked.since or 0):
            continue
        key = (
            *(told(row, cut) for cut in asked.by),
            *(getattr(row, name) for name in APART),
            row.until,
        )
        heaps[key].append(row.amount)
    return {key: (sum(amounts), len(amounts)) for key, amounts in heaps.items()}


def answered(found: Answer, asked: Asked) -> dict[tuple[Any, ...], tuple[float, int]]:
    frame = found.frame
    if "until" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("until"))
    columns = [*(column_of(one) for one in asked.by), *APART, "until"]
    return {
        tuple(row[name] for name in columns): (row["amount"], row["rows"])
        for row in frame.iter_rows(named=True)
    }


@SETTINGS
@given(
    rows=st.lists(flows, min_size=1, max_size=40),
    by=cuts,
    provider=st.sampled_from(["", "USA"]),
    recipient=st.sampled_from(["", "PER"]),
    stage=st.sampled_from(["", "disbursed"]),
    since=st.sampled_from([None, 2001]),
    indexed=st.booleans(),
)
def test_an_answer_is_what_rows_add_up_to_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, rows, by, provider, recipient, stage, since, indexed
):
    file = File(dataset="fagov-complete", flows=rows)
    ledger = ledger_with(tmp_path_factory.mktemp("ledger"), file, indexed=indexed)
    asked = Asked(by=tuple(by), provider=provider, recipient=recipient, stage=stage, since=since)
    assert answered(ask(ledger, asked), asked) == slowly(file.placed, asked)


@SETTINGS
@given(rows=st.lists(flows, min_size=1, max_size=30), by=cuts, order=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_how_a_file_is_cut_into_parts_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows, by, order
):
    shuffled = list(rows)
    order.shuffle(shuffled)
    asked = Asked(by=tuple(by))
    first, second = (
        answered(
            ask(
                ledger_with(tmp_path_factory.mktemp("ledger"), File(dataset="x", flows=one), parts=parts),
                asked,
            ),
            asked,
        )
        for one, parts in ((rows, 1), (shuffled, 5))
    )
    assert first == second


# --- never added -----------------------------------------------------------------------------------


def test_stages_currencies_and_the_quarter_of_1976_stay_apart(tmp_path: Path):
    rows = [
        fiscal(1976, 10.0, stage="obligated"),
        fiscal(1976, 3.0, stage="obligated", year_kind="us-transition-quarter"),
        fiscal(1976, 7.0),
        fiscal(1976, 5.0, currency="PEN"),
    ]
    found = ask(ledger_with(tmp_path, File(dataset="fagov-country", flows=rows)), Asked())
    assert sorted(lines(found, "stage", "year_kind", "currency", "amount")) == [
        ("disbursed", "us-fiscal", "PEN", 5.0),
        ("disbursed", "us-fiscal", "USD", 7.0),
        ("obligated", "us-fiscal", "USD", 10.0),
        ("obligated", "us-transition-quarter", "USD", 3.0),
    ]


def test_what_spans_years_stands_alone(tmp_path: Path):
    rows = [fiscal(2020, 10.0), fiscal(2020, 4.0, until=2021)]
    found = ask(ledger_with(tmp_path, File(dataset="iati", flows=rows)), Asked())
    assert sorted(lines(found, "until", "amount"), key=str) == [(2021, 4.0), (None, 10.0)]


def test_de_obligations_stay_negative(tmp_path: Path):
    # ForeignAssistance.gov, sector file of April 2025: humanitarian disbursements to Peru, fiscal year 2012.
    rows = [fiscal(2012, -257.0, purposes="us-category:7;us-sector:37"), fiscal(2013, 4020.0)]
    found = ask(
        ledger_with(tmp_path, File(dataset="fagov-sector", flows=rows)), Asked(by=("year", "interest"))
    )
    assert lines(found, "year", "interest", "amount") == [
        (2012, "migration", -257.0),
        (2013, "unmapped", 4020.0),
    ]


# ForeignAssistance.gov, country file: obligations to Peru of fiscal year 2023, by release.
OBLIGATED_2023 = {
    "2023-10-21": 60_406_113.0,
    "2024-06-30": 158_848_229.0,
    "2024-12-22": 180_270_223.0,
    "2025-04-02": 193_448_638.0,
    "2025-11-29": 193_724_818.0,
}


def releases() -> list[File]:
    return [
        File(
            dataset="fagov-country",
            vintage=vintage,
            flows=[fiscal(2022, 252_953_187.0, stage="obligated"), fiscal(2023, amount, stage="obligated")],
        )
        for vintage, amount in OBLIGATED_2023.items()
    ]


def test_the_latest_release_answers_and_each_can_be_asked_by_name(tmp_path: Path):
    ledger = ledger_with(tmp_path, *releases())
    asked = Asked(provider="USA", recipient="PER", since=2023)
    assert lines(ask(ledger, asked), "origin", "amount") == [("fagov-country-2025-11-29", 193_724_818.0)]
    for vintage, amount in OBLIGATED_2023.items():
        by_vintage, by_key = (
            ask(ledger, replace(asked, release=name)) for name in (vintage, f"fagov-country-{vintage}")
        )
        assert lines(by_vintage, "amount") == lines(by_key, "amount") == [(amount,)]


def test_yearly_files_of_one_dataset_stay_side_by_side(tmp_path: Path):
    def committed(year: int, amount: float) -> Flow:
        return fiscal(year, amount, year_kind="calendar", stage="committed")

    files = [
        File(dataset="oecd-crs", vintage="2024-12", key=f"crs-{year}", flows=[committed(year, year)])
        for year in (2020, 2021)
    ]
    newer = File(dataset="oecd-crs", vintage="2025-12", key="crs-new", flows=[committed(2021, 5.0)])
    found = ask(ledger_with(tmp_path, *files, newer), Asked())
    assert lines(found, "year", "origin", "amount") == [(2020, "crs-2020", 2020.0), (2021, "crs-new", 5.0)]


# --- which file answers ----------------------------------------------------------------------------


def two_files() -> tuple[File, File]:
    return (
        File(dataset="fagov-country", flows=[fiscal(2020, 100.0)]),
        File(
            dataset="fagov-sector",
            flows=[fiscal(2020, 60.0, purposes="us-sector:4"), fiscal(2020, 25.0, purposes="us-sector:7")],
        ),
    )


def test_the_first_dataset_that_carries_the_cut_answers_and_the_others_are_named(tmp_path: Path):
    ledger = ledger_with(tmp_path, *two_files())
    total = ask(ledger, Asked(provider="USA", recipient="PER"))
    assert [one.dataset for one in total.used] == ["fagov-country"]
    assert total.others == ("fagov-sector",)
    by_sector = ask(ledger, Asked(by=("sector",), provider="USA", recipient="PER"))
    assert lines(by_sector, "sector", "amount") == [("us-sector:4", 60.0), ("us-sector:7", 25.0)]
    assert by_sector.others == ("fagov-country",)


def test_parts_are_told_apart_from_the_total_and_never_completed(tmp_path: Path):
    found = ask(ledger_with(tmp_path, *two_files()), Asked(by=("interest",)))
    assert found.frame["amount"].sum() == 85.0
    parts = next(dict(one.particulars) for one in found.remarks if one.code == "parts")
    assert (parts["amount"], parts["whole"], parts["missing"]) == (85.0, 100.0, 15.0)


def test_all_datasets_stand_on_lines_of_their_own(tmp_path: Path):
    found = ask(ledger_with(tmp_path, *two_files()), Asked(dataset="all"))
    assert lines(found, "origin", "amount") == [
        ("fagov-country-2025-04-02", 100.0),
        ("fagov-sector-2025-04-02", 85.0),
    ]


def test_an_amount_that_nobody_cuts_is_shown_as_unmapped(tmp_path: Path):
    found = ask(ledger_with(tmp_path, two_files()[0]), Asked(by=("interest",)))
    assert lines(found, "interest", "amount") == [("unmapped", 100.0)]
    assert "not-carried" in codes(found)


def test_a_code_that_the_table_lacks_is_shown_with_its_amount(tmp_path: Path):
    rows = [fiscal(2020, 60.0, purposes="us-sector:4"), fiscal(2020, 7.0, purposes="us-sector:999")]
    found = ask(ledger_with(tmp_path, File(dataset="fagov-sector", flows=rows)), Asked(by=("interest",)))
    assert lines(found, "interest", "amount") == [("drugs", 60.0), ("unmapped", 7.0)]


def test_one_framework_decides_and_never_both(tmp_path: Path):
    # Counter-narcotics to the United States, justice to the DAC: 50 is counted once, either way.
    rows = [fiscal(2020, 50.0, purposes="dac:15130;us-sector:4")]
    ledger = ledger_with(tmp_path, File(dataset="fagov-complete", flows=rows))
    said = {
        framework: lines(ask(ledger, Asked(by=("interest",), framework=framework)), "interest", "amount")
        for framework in ("", "us", "dac")
    }
    assert said == {"": [("drugs", 50.0)], "us": [("drugs", 50.0)], "dac": [("institutions", 50.0)]}


def test_the_dac_is_said_to_have_no_code_for_terrorism(tmp_path: Path):
    rows = [fiscal(2020, 50.0, purposes="dac:15130", year_kind="calendar")]
    found = ask(ledger_with(tmp_path, File(dataset="oecd-crs", flows=rows)), Asked(by=("interest",)))
    assert codes(found) == ["dac-terrorism"]


def test_rows_of_secondary_publishers_are_left_out_and_counted(tmp_path: Path):
    rows = [
        fiscal(2020, 50.0),
        fiscal(2020, 30.0, caveats="secondary-publisher"),
        fiscal(2020, 5.0, caveats="other;secondary-publisher"),
    ]
    for indexed in (True, False):
        ledger = ledger_with(tmp_path / str(indexed), File(dataset="iati", flows=rows), indexed=indexed)
        found = ask(ledger, Asked())
        assert lines(found, "amount", "rows") == [(50.0, 1)]
        left = dict(found.remarks[0].particulars)
        assert (found.remarks[0].code, left["amount"], left["rows"]) == (
            "left-out-secondary-publisher",
            35.0,
            2,
        )
        assert lines(ask(ledger, Asked(everything=True)), "amount", "rows") == [(85.0, 3)]


def test_a_plan_that_a_parent_or_a_child_plans_as_well_is_counted_once(tmp_path: Path):
    rows = [
        fiscal(2020, 50.0, stage="budgeted", caveats="hierarchy:1"),
        fiscal(2020, 50.0, stage="budgeted", caveats="hierarchy:2;parent-also-budgets"),
    ]
    found = ask(ledger_with(tmp_path, File(dataset="iati", flows=rows)), Asked())
    assert lines(found, "stage", "amount") == [("budgeted", 50.0)]
    assert codes(found) == ["left-out-parent-also-budgets"]


def test_a_sum_over_providers_is_added_only_when_it_is_asked_for(tmp_path: Path):
    rows = [
        fiscal(2020, 50.0, provider="USA"),
        fiscal(2020, 90.0, provider="dac:20001", caveats="net-of-repayments;sum-of-providers"),
    ]
    ledger = ledger_with(tmp_path, File(dataset="wdi", flows=rows))
    assert lines(ask(ledger, Asked()), "amount") == [(50.0,)]
    assert lines(ask(ledger, Asked(provider="dac:20001")), "amount") == [(90.0,)]


def test_amounts_already_at_constant_prices_are_never_added_to_current_ones(tmp_path: Path):
    rows = [fiscal(2020, 50.0), fiscal(2020, 60.0, price_base=2023)]
    for indexed in (True, False):
        ledger = ledger_with(tmp_path / str(indexed), File(dataset="x", flows=rows), indexed=indexed)
        assert lines(ask(ledger, Asked()), "amount") == [(50.0,)]


def test_what_a_region_got_is_told_beside_and_never_added(tmp_path: Path):
    rows = [
        fiscal(2020, 50.0),
        fiscal(2020, 20.0, recipient="us-region:SMN"),
        fiscal(1999, 9.0, recipient="us-region:SMN"),
        fiscal(2020, 8.0, recipient="us-region:SSN"),
        fiscal(2020, 7.0, recipient="BOL"),
    ]
    for indexed in (True, False):
        file = File(dataset="fagov-country", flows=rows)
        ledger = ledger_with(tmp_path / str(indexed), file, indexed=indexed)
        found = ask(ledger, Asked(recipient="PER", since=2000))
        assert lines(found, "amount") == [(50.0,)]
        assert found.wider.select("recipient", "amount").rows() == [("us-region:SMN", 20.0)]


def test_names_that_are_not_held_are_refused_with_those_that_are(tmp_path: Path):
    ledger = ledger_with(tmp_path, *two_files())
    for asked in (Asked(dataset="oecd-crs"), Asked(release="2020-01-01")):
        with pytest.raises(UnknownNameError) as error:
            ask(ledger, asked)
        assert any("fagov-country" in one for one in error.value.known)


def test_a_question_with_no_rows_has_an_empty_answer(tmp_path: Path):
    found = ask(ledger_with(tmp_path, *two_files()), Asked(recipient="CHL", at=2020))
    assert found.used == ()
    assert found.frame.is_empty()
    assert "amount" in found.frame.columns


def test_a_cut_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="colour"):
        Asked(by=("colour",))
