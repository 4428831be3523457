"""Prices of official files against figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.ledger.bases import bases, several
from ayni.ledger.deflating import (
    Amounts,
    MissingYearsError,
    Prices,
    UnpriceableError,
    pricing,
)
from ayni.ledger.deflating import (
    fiscal as fiscal_values,
)
from ayni.ledger.prices import MissingDeflatorError
from ayni.ledger.questions import Asked, ask
from tests.ledger.official import File, fiscal, index, ledger_with

DEFLATOR, CONSUMER, RATE = "NY.GDP.DEFL.ZS", "FP.CPI.TOTL", "PA.NUS.FCRF"


def release() -> File:
    # Obligations and disbursements at 2023 prices, budget stages at 2022 prices, as in April 2025.
    ratios = {
        "disbursed": {2021: 1.12, 2022: 1.05, 2023: 1.0},
        "requested": {2021: 1.06, 2022: 1.0, 2023: 0.95},
    }
    rows = [
        fiscal(year, 1_000_000.0, stage=stage, ratio=ratio)
        for stage, by_year in ratios.items()
        for year, ratio in by_year.items()
    ]
    # A de-obligation moves no ratio, whatever its rounding.
    return File(dataset="fagov-country", flows=[*rows, fiscal(2021, -3.0, ratio=1.0)])


def world_bank(**more: dict[int, float]) -> File:
    told = {
        (DEFLATOR, "USA"): {2019: 90.0, 2020: 92.0, 2021: 96.0, 2022: 104.0, 2023: 108.0},
        (DEFLATOR, "PER"): {2019: 100.0, 2020: 102.0, 2021: 108.0, 2022: 120.0, 2023: 126.0},
        (CONSUMER, "USA"): {2020: 100.0, 2021: 104.0, 2022: 112.0, 2023: 116.0},
        (RATE, "PER"): {1984: 0.0, 2019: 3.3, 2020: 3.5, 2021: 3.9, 2022: 3.8, 2023: 3.7},
    }
    rows = [one for (key, place), values in told.items() for one in index(key, place, values)]
    return File(dataset="wdi", vintage="2025-07-01", observations=rows)


def amounts(
    *years: int, stage: str = "disbursed", year_kind: str = "us-fiscal", currency: str = "USD"
) -> Amounts:
    return Amounts(
        origin="fagov-country-2025-04-02", stage=stage, year_kind=year_kind, currency=currency, years=years
    )


def test_two_base_years_in_one_column_are_found(tmp_path: Path):
    found = bases(ledger_with(tmp_path, release()), "fagov-country-2025-04-02")
    assert [(one.stage, one.base, one.evidence) for one in found] == [
        ("disbursed", 2023, "equal"),
        ("requested", 2022, "equal"),
    ]
    assert several(found) == (2022, 2023)


@pytest.mark.parametrize(
    ("ratios", "evidence"),
    [
        ({2020: 1.2, 2021: 1.1}, "none-equal"),
        ({2020: 1.0, 2021: 1.0}, "all-equal"),
        ({2020: None, 2021: None}, "not-printed"),
    ],
)
def test_a_base_year_that_is_not_there_is_said_to_be_none(tmp_path: Path, ratios, evidence):
    rows = [fiscal(year, 1000.0, ratio=ratio) for year, ratio in ratios.items()]
    found = bases(ledger_with(tmp_path, File(dataset="x", flows=rows)), "x-2025-04-02")
    assert [(one.base, one.evidence) for one in found] == [(None, evidence)]


def test_the_release_s_own_deflator_is_rebased(tmp_path: Path):
    ledger = ledger_with(tmp_path, release())
    found = pricing(ledger, Prices(at=2022), amounts(2021, 2022, 2023))
    assert found.method == "implied"
    assert found.base == 2023
    assert found.factors == pytest.approx({2021: 1.12 / 1.05, 2022: 1.0, 2023: 1 / 1.05})
    budgets = pricing(ledger, Prices(at=2022), amounts(2021, stage="requested"))
    assert budgets.base == 2022
    assert budgets.factors == pytest.approx({2021: 1.06})
    assert found.vintages == ("2025-04-02",)


def test_an_answer_at_constant_prices_is_the_amount_times_its_year_s_factor(tmp_path: Path):
    asked = Asked(stage="disbursed", since=2022, at=2023)
    found = ask(ledger_with(tmp_path, release()), asked)
    assert found.frame["constant"].to_list() == pytest.approx([1_050_000.0, 1_000_000.0])
    across = ask(ledger_with(tmp_path / "x", release()), Asked(by=("stage",), stage="disbursed", at=2023))
    assert across.frame["constant"].to_list() == pytest.approx(
        [(1_000_000 - 3) * 1.12 + 1_050_000 + 1_000_000]
    )


def test_a_fiscal_year_weighs_two_calendar_years_by_their_quarters():
    values = {1974: 40.0, 1975: 44.0, 1976: 48.0, 1977: 52.0}
    # 1977 runs from October 1976; 1976 and 1975 from July of the year before.
    assert fiscal_values(values, "us-fiscal") == {1975: 42.0, 1976: 46.0, 1977: 0.25 * 48 + 0.75 * 52}
    assert fiscal_values(values, "calendar") == values
    assert fiscal_values(values, "us-transition-quarter")[1976] == 48.0


def test_the_world_bank_s_deflator_by_hand(tmp_path: Path):
    ledger = ledger_with(tmp_path, release(), world_bank())
    found = pricing(ledger, Prices(at=2023, way="wdi"), amounts(2021))
    # 2021: a quarter of 92 and three of 96; 2023: a quarter of 104 and three of 108.
    assert found.factors == pytest.approx({2021: 107.0 / 95.0})
    assert (found.method, found.index, found.vintages) == ("index", DEFLATOR, ("2025-07-01",))
    consumer = pricing(ledger, Prices(at=2023, way=CONSUMER), amounts(2022))
    assert consumer.factors == pytest.approx({2022: 115.0 / 110.0})
    calendar = pricing(ledger, Prices(at=2023, way="wdi"), amounts(2021, year_kind="calendar"))
    assert calendar.factors == pytest.approx({2021: 108.0 / 96.0})


def test_the_recipient_s_money_by_hand_and_the_two_orders_differ(tmp_path: Path):
    ledger = ledger_with(tmp_path, release(), world_bank())
    found = pricing(ledger, Prices(at=2023, money="PEN"), amounts(2021))
    # Rate of fiscal 2021: (3.5 + 3 * 3.9) / 4 = 3.8; prices: (120 + 3 * 126) / 4 over (102 + 3 * 108) / 4.
    assert found.factors == pytest.approx({2021: 3.8 * 124.5 / 106.5})
    assert (found.method, found.money, found.rate) == ("converted", "PEN", RATE)
    deflated_first = (
        pricing(ledger, Prices(at=2023, way="wdi"), amounts(2021)).factors[2021] * (3.8 + 3 * 3.7) / 4
    )
    assert found.factors[2021] != pytest.approx(deflated_first, rel=1e-3)


def test_soles_into_dollars_divide_by_the_rate(tmp_path: Path):
    ledger = ledger_with(tmp_path, release(), world_bank())
    found = pricing(ledger, Prices(at=2022, money="USD"), amounts(2022, year_kind="calendar", currency="PEN"))
    assert found.factors == pytest.approx({2022: 1 / 3.8})


def test_the_quarter_of_1976_is_priced_against_a_whole_fiscal_year(tmp_path: Path):
    rows = [
        fiscal(1976, 1000.0, ratio=5.0),
        fiscal(1976, 1000.0, ratio=4.9, year_kind="us-transition-quarter"),
        fiscal(2023, 1000.0, ratio=1.0),
    ]
    found = ask(ledger_with(tmp_path, File(dataset="fagov-country", flows=rows)), Asked(until=1976, at=2023))
    assert sorted(found.frame["constant"].to_list()) == pytest.approx([4900.0, 5000.0])


def test_years_without_a_deflator_are_all_named(tmp_path: Path):
    rows = [fiscal(year, 10.0) for year in (1990, 1991, 2021)]
    ledger = ledger_with(tmp_path, File(dataset="x", flows=rows), world_bank())
    with pytest.raises(MissingYearsError) as error:
        ask(ledger, Asked(at=2023))
    assert error.value.years == (1990, 1991)
    assert isinstance(error.value, MissingDeflatorError)
    assert "1990, 1991" in str(error.value)
    with pytest.raises(MissingYearsError) as error:
        ask(ledger, Asked(since=2021, at=2030))
    assert error.value.years == (2030,)


def test_a_rate_of_zero_is_no_rate(tmp_path: Path):
    rows = [fiscal(1984, 10.0, year_kind="calendar")]
    prices = index(DEFLATOR, "PER", {1984: 1.0, 2023: 126.0})
    ledger = ledger_with(
        tmp_path,
        File(dataset="x", flows=rows),
        File(dataset="wdi", observations=[*prices, *index(RATE, "PER", {1984: 0.0, 1985: 3.0})]),
    )
    with pytest.raises(MissingYearsError) as error:
        ask(ledger, Asked(at=2023, money="PEN"))
    assert error.value.years == (1984,)
    assert RATE in str(error.value)


def test_forecasts_are_no_deflator(tmp_path: Path):
    rows = [fiscal(2023, 10.0, year_kind="calendar")]
    told = [
        *index(DEFLATOR, "USA", {2022: 100.0}),
        *index(DEFLATOR, "USA", {2023: 104.0}, caveats="forecast"),
    ]
    ledger = ledger_with(tmp_path, File(dataset="x", flows=rows), File(dataset="wdi", observations=told))
    with pytest.raises(MissingYearsError):
        ask(ledger, Asked(at=2022))


def test_the_latest_release_of_an_index_is_used_alone(tmp_path: Path):
    old = File(
        dataset="wdi", vintage="2024-07-01", observations=list(index(DEFLATOR, "USA", {2020: 1.0, 2022: 2.0}))
    )
    new = File(
        dataset="wdi",
        vintage="2025-07-01",
        observations=list(index(DEFLATOR, "USA", {2021: 50.0, 2022: 100.0})),
    )
    rows = [fiscal(2021, 10.0, year_kind="calendar")]
    ledger = ledger_with(tmp_path, File(dataset="x", flows=rows), old, new)
    assert ask(ledger, Asked(at=2022)).frame["constant"].to_list() == [20.0]
    with pytest.raises(MissingYearsError):
        ask(ledger, Asked(at=2020))


@pytest.mark.parametrize(
    ("prices", "currency", "code"),
    [
        (Prices(at=2023, money="XDR"), "USD", "money"),
        (Prices(at=2023), "XDR", "money"),
        (Prices(at=2023, way="implied", money="PEN"), "USD", "implied-converted"),
        (Prices(at=2023, way="implied"), "EUR", "not-implied"),
    ],
)
def test_prices_that_cannot_be_had_are_refused_with_a_reason(tmp_path: Path, prices, currency, code):
    ledger = ledger_with(tmp_path, release(), world_bank())
    with pytest.raises(UnpriceableError) as error:
        pricing(ledger, prices, amounts(2021, currency=currency))
    assert error.value.code == code
