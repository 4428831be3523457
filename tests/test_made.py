"""Made files are what they claim: the same bytes each time, every oddity, and totals to the dollar.

Files are read here by other means than made: the standard library's csv, json and ElementTree.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.made import damage, iati, oecd, oecd_totals, unhcr, us_summaries, us_world, world_bank
from tests.made.__main__ import KINDS, Asked, main
from tests.made.fiscal import LATEST, RELEASES
from tests.made.foreign_assistance import COLUMNS, Complete, World, complete_csv
from tests.made.greenbook import greenbook_csv, greenbook_xlsx
from tests.made.quirks import (
    BANK,
    COMPLETE,
    COUNTRY,
    CRS,
    DAC1,
    DAC2A,
    GREENBOOK,
    PARTNER,
    QUIRKS,
    UNHCR,
    USAID,
    WDI,
)
from tests.made.truth import Made, on_disk
from tests.made.us_summaries import Summary, country_csv

Row = dict[str, str]
STAGE = {"1": "appropriated", "2": "obligated", "3": "disbursed", "18": "requested", "19": "allocated"}


def table(text: str, delimiter: str = ",") -> list[Row]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def asked(rows: int = 600, style: str = "", **more: str) -> Asked:
    return Asked(rows=rows, seed=1, release=more.get("release", LATEST), style=style, recipients=())


def made(kind: str, style: str = "", rows: int = 600) -> bytes:
    out = io.BytesIO()
    KINDS[kind].write(asked(rows, style or KINDS[kind].styles[0]), out)
    return out.getvalue()


# --- the same bytes ------------------------------------------------------------------------------

# A change here changes every file that a benchmark has measured: say so in the change.
PINNED = {
    "fagov-complete": "260f13bde1acaee8",
    "fagov-country": "34dc1d8659119a01",
    "fagov-sector": "3caf8978f5b6c13d",
    "fagov-funding": "f602342cc4c9e940",
    "fagov-implementing": "d775d75a0ba99886",
    "fagov-dac-sector": "3e7682a935419b77",
    "fagov-budget": "84374cee6e313921",
    "greenbook": "197d8ab412fb17dc",
    "oecd-crs": "a69eae29ac61af9c",
    "oecd-dac1": "a238bed874477bf7",
    "oecd-dac2a": "807152b7fed626eb",
    "iati": "8600bb3d28e456f4",
    "wdi": "0cb62c3c29e7e18e",
    "unhcr": "c0e90cfcaf91d84b",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_on_every_machine(kind: str):
    assert hashlib.sha256(made(kind)).hexdigest()[:16] == PINNED[kind]


@pytest.mark.parametrize("kind", ["fagov-complete", "fagov-country", "greenbook"])
@pytest.mark.parametrize("chunk", [7, 240, 601])
def test_the_bytes_do_not_depend_on_how_many_rows_are_made_at_once(
    kind: str, chunk: int, monkeypatch: pytest.MonkeyPatch
):
    whole = made(kind)
    monkeypatch.setattr(us_world, "CHUNK", chunk)
    assert made(kind) == whole


@pytest.mark.parametrize(
    ("module", "name", "kind", "style"),
    [
        (oecd, "CHUNK", "oecd-crs", "year-tab"),
        (iati, "_BATCH", "iati", "bank"),
        (world_bank, "_BATCH", "wdi", "bulk"),
        (world_bank, "_BATCH", "wdi", "api"),
        (unhcr, "_BATCH", "unhcr", "table"),
        (unhcr, "_BATCH", "unhcr", "api"),
    ],
)
def test_nor_do_those_of_other_publishers(
    module: object, name: str, kind: str, style: str, monkeypatch: pytest.MonkeyPatch
):
    whole = made(kind, style)
    monkeypatch.setattr(module, name, 11)
    assert made(kind, style) == whole


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_seed_gives_other_bytes(kind: str):
    out = io.BytesIO()
    style = KINDS[kind].styles[0]
    KINDS[kind].write(Asked(rows=600, seed=2, release=LATEST, style=style, recipients=()), out)
    assert out.getvalue() != made(kind)


def test_a_workbook_and_a_parquet_file_repeat_too():
    assert made("greenbook", "xlsx") == made("greenbook", "xlsx")
    assert made("oecd-crs", "snake-parquet") == made("oecd-crs", "snake-parquet")


# --- the size of the real one --------------------------------------------------------------------


def test_a_row_of_the_complete_file_has_the_real_length():
    # The publisher's file of 2026: about 4 million rows in 3.7 GB.
    wish = World(rows=120_000)
    assert abs(len(complete_csv(wish).data) / wish.rows - 925) < 0.05 * 925


def test_about_one_amount_in_twelve_is_negative():
    truth = complete_csv(World(rows=50_000)).truth
    assert 0.06 < truth.quirks["negative"] / truth.rows < 0.10


# --- totals to the dollar ------------------------------------------------------------------------


def added(
    rows: list[Row], stage: str, year: str, place: str, name: str, amount: str
) -> Counter[tuple[str, ...]]:
    total: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        where = row[name] if row[place] == "NULL" else row[place]
        total[STAGE[row[stage]], row[year], where] += int(row[amount])
    return total


@pytest.mark.parametrize("release", RELEASES)
def test_the_complete_file_holds_what_its_truth_says(release: str):
    one = complete_csv(World(rows=3_000, release=release))
    rows = table(one.text)
    names = ("Transaction Type ID", "Fiscal Year", "Country Code", "Country Name")
    assert len(rows) == one.truth.rows
    assert added(rows, *names, "Current Dollar Amount") == one.truth.sums
    assert added(rows, *names, "Constant Dollar Amount") == one.truth.constant
    assert sum(one.truth.counts.values()) == len(rows)
    assert sum(int(row["Current Dollar Amount"]) < 0 for row in rows) == one.truth.quirks["negative"]


@pytest.mark.parametrize("release", RELEASES)
def test_the_country_summary_adds_up_the_complete_file(release: str):
    wish = World(rows=3_000, release=release)
    rows = table(country_csv(wish).text)
    names = ("Transaction Type ID", "Fiscal Year", "Country Code", "Country Name")
    assert added(rows, *names, "current_amount") == complete_csv(wish).truth.sums


@pytest.mark.parametrize(
    "write",
    [us_summaries.funding_csv, us_summaries.implementing_csv, greenbook_csv],
    ids=["funding", "implementing", "greenbook"],
)
def test_other_summaries_hold_the_same_obligations(write: Callable[[World], Made]):
    wish = World(rows=3_000)
    complete = complete_csv(wish).truth.by("stage", "year")
    own = write(wish).truth.by("stage", "year")
    years = [year for stage, year in complete if stage == "obligated" and year <= "2020"]
    assert len(years) > 60
    assert [own["obligated", year] for year in years] == [complete["obligated", year] for year in years]


def test_the_budget_file_holds_what_the_complete_file_says_of_the_budget():
    wish = World(rows=6_000)
    rows = table(us_summaries.budget_csv(wish).text)
    names = ("Transaction Type ID", "Fiscal Year", "Country Code", "Country Name")
    complete = complete_csv(wish).truth.sums
    budget = {key: value for key, value in complete.items() if key[0] in {"appropriated", "requested"}}
    assert added(rows, *names, "current_amount") == budget


def test_the_workbook_holds_the_greenbook():
    calamine = pytest.importorskip("python_calamine")
    one = greenbook_xlsx(World(rows=2_000))
    sheet = calamine.CalamineWorkbook.from_filelike(io.BytesIO(one.data)).get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    assert rows[6][0] == "Fiscal Year"
    total: Counter[tuple[str, ...]] = Counter()
    for row in rows[7:]:
        year = "1976tq" if row[0] == 1976.9 else str(int(row[0]))
        total["obligated", year, row[2]] += int(row[7])
    assert total == one.truth.sums


@pytest.mark.parametrize("fashion", oecd.FASHIONS)
@pytest.mark.parametrize("separator", oecd.SEPARATORS)
def test_crs_text_holds_what_its_truth_says(fashion: str, separator: str):
    one = oecd.crs_text(oecd.Crs(rows=500, fashion=fashion, separator=separator))
    rows = table(one.text, separator)
    year, donor, recipient = ("year", "donor_code", "recipient_code")
    if fashion != "snake":
        year, donor, recipient = ("Year", "DonorCode", "RecipientCode")
    total: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if row["usd_disbursement"]:
            key = ("disbursed", row[year], row[recipient], row[donor])
            total[key] += int(Decimal(row["usd_disbursement"]) * 1_000_000)
    assert total == {key: value for key, value in one.truth.sums.items() if key[0] == "disbursed"}


def test_crs_parquet_holds_the_same_as_crs_text():
    wish = oecd.Crs(rows=500, fashion="snake")
    frame = pl.read_parquet(io.BytesIO(oecd.crs_parquet(wish).data))
    rows = table(oecd.crs_text(wish).text)
    assert frame.columns == list(rows[0])
    assert frame["usd_commitment"].to_list() == [
        float(row["usd_commitment"]) if row["usd_commitment"] else None for row in rows
    ]
    assert frame["donor_code"].to_list() == [int(row["donor_code"]) for row in rows]


@pytest.mark.parametrize("write", [oecd_totals.dac1_csv, oecd_totals.dac2a_csv], ids=["dac1", "dac2a"])
def test_tables_of_totals_hold_what_their_truth_says(write: Callable[[oecd_totals.Totals], Made]):
    one = write(oecd_totals.Totals(rows=2_000))
    rows = list(csv.reader(io.StringIO(one.text)))
    header = rows[0]
    total: Counter[tuple[str, ...]] = Counter()
    for row in rows[1:]:
        recipient = row[header.index("RECIPIENT")] if "RECIPIENT" in header else ""
        letter = row[len(header) - 6]
        key = (row[header.index("TIME")], recipient, row[header.index("DONOR")], letter)
        total[key] += int(Decimal(row[header.index("Value")]) * 100)
    assert total == one.truth.by("year", "recipient", "donor", "amount-type")


@pytest.mark.parametrize("style", iati.STYLES)
def test_iati_holds_what_its_truth_says(style: str):
    one = iati.iati_xml(iati.Iati(rows=500, style=style))
    total: Counter[tuple[str, ...]] = Counter()
    count = 0
    for activity in ET.fromstring(one.data):
        for element in activity:
            if element.tag not in {"transaction", "budget", "planned-disbursement"}:
                continue
            count += 1
            value = element.find("value")
            assert value is not None
            stage = element.tag.partition("-")[0]
            if element.tag == "transaction":
                stage = "type-" + str(element.find("transaction-type").get("code"))  # type: ignore[union-attr]
            elif element.tag == "budget":
                stage = "budget-" + element.get("type", "1")
            currency = value.get("currency", activity.get("default-currency"))
            total[stage, str(currency)] += int(Decimal(str(value.text)) * 100)
    assert count == one.truth.rows
    assert total == one.truth.by("stage", "currency")


@pytest.mark.parametrize("style", ["bulk", "download"])
def test_development_indicators_hold_what_their_truth_says(style: str):
    one = world_bank.wdi(world_bank.Wdi(rows=200, style=style))
    text = one.text.removeprefix("\ufeff")
    if style == "download":
        text = text.partition("\n\n")[2].partition("\n\n")[2]
    total: Counter[tuple[str, ...]] = Counter()
    for row in table(text):
        for year in map(str, world_bank.YEARS):
            if row[year]:
                total[row["Indicator Code"], year] += int(Decimal(row[year]) * 100_000)
    assert total == one.truth.sums


def test_the_answer_of_the_bank_holds_what_its_truth_says():
    one = world_bank.wdi(world_bank.Wdi(rows=200, style="api"))
    meta, items = json.loads(one.data, parse_float=Decimal)
    total: Counter[tuple[str, ...]] = Counter()
    for item in items:
        if item["value"] is not None:
            total[item["indicator"]["id"], item["date"]] += int(item["value"] * 100_000)
    assert meta["total"] == len(items) == 200
    assert total == one.truth.sums


def test_the_answer_of_unhcr_holds_what_its_truth_says():
    one = unhcr.refugees(unhcr.Refugees(rows=500, style="api"))
    total: Counter[tuple[str, ...]] = Counter()
    for item in json.loads(one.data)["items"]:
        if item["refugees"] != "-":
            origin = "" if item["coo_iso"] == "-" else item["coo_iso"]
            total["refugees", str(item["year"]), item["coa_iso"], origin] += int(item["refugees"])
    assert total == {key: value for key, value in one.truth.sums.items() if key[0] == "refugees"}


@pytest.mark.parametrize(("style", "column"), [("table", 5), ("series", 3)])
def test_tables_of_unhcr_hold_what_their_truth_says(style: str, column: int):
    one = unhcr.refugees(unhcr.Refugees(rows=500, style=style))
    rows = list(csv.reader(io.StringIO(one.text)))[5:]
    told = sum(int(row[column]) for row in rows if row[column] not in {"", "-", "*"})
    assert len(rows) == 500
    assert told == one.truth.by("kind")[("refugees",)]


# --- every oddity --------------------------------------------------------------------------------


@functools.cache
def complete(style: str = "published") -> list[Row]:
    return table(complete_csv(Complete(rows=6_000, style=style)).text)


@functools.cache
def country(release: str = LATEST) -> list[Row]:
    return table(country_csv(World(rows=6_000, release=release)).text)


@functools.cache
def greenbook() -> list[Row]:
    text = greenbook_csv(World(rows=6_000)).text
    return table("".join(text.splitlines(keepends=True)[6:]))


@functools.cache
def totals(kind: str) -> list[list[str]]:
    write = {DAC1: oecd_totals.dac1_csv, DAC2A: oecd_totals.dac2a_csv}[kind]
    return list(csv.reader(io.StringIO(write(oecd_totals.Totals(rows=6_000)).text)))


@functools.cache
def xml(style: str) -> ET.Element:
    return ET.fromstring(iati.iati_xml(iati.Iati(rows=400, style=style)).data)


@functools.cache
def crs() -> list[Row]:
    return table(oecd.crs_text(oecd.Crs(rows=2_000)).text)


def bases(rows: list[Row], current: str, constant: str) -> dict[str, set[str]]:
    """For each type the years whose constant amounts all equal the current ones."""
    same: dict[str, set[str]] = {}
    for kind in STAGE:
        own = [row for row in rows if row["Transaction Type ID"] == kind and row[current] != "0"]
        years = {row["Fiscal Year"] for row in own}
        other = {row["Fiscal Year"] for row in own if row[current] != row[constant]}
        same[kind] = years - other
    return same


def first_line(style: str) -> str:
    return country_csv(Summary(rows=600, style=style)).text.partition("\n")[0]


def obligated(release: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in country(release):
        if row["Transaction Type ID"] == "2":
            total[row["Fiscal Year"]] += int(row["current_amount"])
    return total


def drift(old: str, new: str, year: str) -> int:
    return abs(obligated(old)[year] - obligated(new)[year])


AMOUNT, CODE, YEAR = "Current Dollar Amount", "Country Code", "Fiscal Year"
IDS = ("Transaction Type ID", "Transaction Date", CODE, "Activity ID", YEAR)
FINDERS: dict[tuple[str, str], Callable[[], bool]] = {
    (COMPLETE, "negative"): lambda: any(int(row[AMOUNT]) < 0 for row in complete()),
    (COMPLETE, "transition-quarter"): lambda: any(row[YEAR] == "1976tq" for row in complete()),
    (COMPLETE, "no-date"): lambda: (
        {row["Transaction Date"] for row in complete() if row[YEAR] < "2002"} == {"NULL"}
        and any(row["Transaction Date"] != "NULL" for row in complete())
    ),
    (COMPLETE, "null-and-empty"): lambda: (
        {"NULL", ""} <= {row["Activity Project Number"] for row in complete()}
    ),
    (COMPLETE, "before-2001"): lambda: (
        {
            (row["Transaction Type ID"], row["International Purpose Code"], row["Implementing Partner ID"])
            for row in complete()
            if row[YEAR] < "2001"
        }
        == {("2", "NULL", "NULL")}
    ),
    (COMPLETE, "region"): lambda: {"SMN", "LCN", "LAN", "WLD"} <= {row[CODE] for row in complete()},
    (COMPLETE, "region-collides"): lambda: (
        {("SSN", "Sub-Saharan Africa Region"), ("SSD", "South Sudan")}
        <= {(row[CODE], row["Country Name"]) for row in complete()}
    ),
    (COMPLETE, "former-state"): lambda: any(row[CODE] == "SCG" for row in complete()),
    (COMPLETE, "null-code"): lambda: any(row[CODE] == "NULL" for row in complete()),
    (COMPLETE, "code-with-hyphen"): lambda: any(row[CODE] == "CS-KM" for row in complete()),
    (COMPLETE, "two-bases"): lambda: (
        (found := bases(complete(), AMOUNT, "Constant Dollar Amount"))["2"] == {"2024"}
        and found["1"] == {"2022"}
    ),
    (COMPLETE, "mixed-header"): lambda: (
        len(complete()[0]) == 56 and [name for name in complete()[0] if name.islower()] == [*COLUMNS[-4:]]
    ),
    (COMPLETE, "doubled-quote"): lambda: any('"' in row["Activity Description"] for row in complete()),
    (COMPLETE, "newline-in-cell"): lambda: any("\n" in row["Activity Description"] for row in complete()),
    (COMPLETE, "accent"): lambda: any(not row["Activity Description"].isascii() for row in complete()),
    (COMPLETE, "comma-in-name"): lambda: any("," in row["Country Name"] for row in complete()),
    (COMPLETE, "no-bureau"): lambda: any(
        row["Managing Sub-agency or Bureau ID"] == "999" for row in complete()
    ),
    (COMPLETE, "other-funder"): lambda: any(
        row["Managing Agency Name"] != row["Funding Agency Name"] for row in complete()
    ),
    (COMPLETE, "no-key"): lambda: (
        Counter(tuple(row[name] for name in IDS) for row in complete() if row[YEAR] > "2002").most_common(1)[
            0
        ][1]
        > 1
    ),
    (COMPLETE, "quarter-ends"): lambda: any(
        {
            row["Transaction Date"][:5]
            for row in complete()
            if row["Managing Sub-agency or Bureau ID"] == bureau
        }
        == {"31DEC", "31MAR", "30JUN", "30SEP", "NULL"}
        for bureau in {row["Managing Sub-agency or Bureau ID"] for row in complete()}
    ),
    (COMPLETE, "two-date-formats"): lambda: any(
        row["Transaction Date"].endswith("2024") and row["Activity End Date"][4:5] == "-"
        for row in complete()
    ),
    (COMPLETE, "budget-type"): lambda: (
        {row["Transaction Type ID"] for row in complete()} >= {"1", "2", "3", "18"}
    ),
    (COMPLETE, "snake-header"): lambda: "managing_subagency_or_bureau_name" in complete("snake")[0],
    (COMPLETE, "quoted-header"): lambda: (
        made("fagov-complete", "quoted").startswith(b'"Country ID","Country Code",')
        and list(complete("quoted")[0]) == list(COLUMNS)
    ),
    (COMPLETE, "website-export"): lambda: (
        "Funding Acount ID" in complete("website")[0] and "Transaction Date" not in complete("website")[0]
    ),
    (COUNTRY, "negative"): lambda: any(int(row["current_amount"]) < 0 for row in country()),
    (COUNTRY, "transition-quarter"): lambda: any(row[YEAR] == "1976tq" for row in country()),
    (COUNTRY, "region"): lambda: {"SMN", "LCN", "LAN", "WLD"} <= {row[CODE] for row in country()},
    (COUNTRY, "region-collides"): lambda: {"SSN", "SSD"} <= {row[CODE] for row in country()},
    (COUNTRY, "former-state"): lambda: any(row[CODE] == "SCG" for row in country()),
    (COUNTRY, "null-code"): lambda: any(row[CODE] == "NULL" for row in country()),
    (COUNTRY, "code-with-hyphen"): lambda: any(row[CODE] == "CS-KM" for row in country()),
    (COUNTRY, "two-bases"): lambda: (
        (found := bases(country(), "current_amount", "constant_amount"))["3"] == {"2024"}
        and found["18"] == {"2022"}
    ),
    (COUNTRY, "comma-in-name"): lambda: any("," in row["Country Name"] for row in country()),
    (COUNTRY, "budget-type"): lambda: (
        {row["Transaction Type ID"] for row in country()} == {"1", "2", "3", "18"}
    ),
    (COUNTRY, "junk-columns"): lambda: (
        first_line("junk").endswith(",,,ilte=")
        and country_csv(Summary(rows=600, style="junk")).text.endswith(",,,\n")
    ),
    (COUNTRY, "retyped-header"): lambda: ",Region Name,income_roup," in first_line("retyped"),
    (COUNTRY, "snake-header"): lambda: first_line("snake").startswith("country_code,country_name,region_id,"),
    (COUNTRY, "quoted-header"): lambda: first_line("quoted").startswith('"Country Code","Country Name"'),
    (COUNTRY, "later-grows"): lambda: drift("2024-12-22", "2025-11-29", "2024") > 1_000_000,
    (COUNTRY, "rounding-drifts"): lambda: any(
        0 < drift("2021-04-18", LATEST, str(year)) < 100 for year in range(1946, 2001)
    ),
    (COUNTRY, "base-moves"): lambda: (
        [bases(country(one), "current_amount", "constant_amount")["2"] for one in RELEASES]
        == [{"2019"}, {"2021"}, {"2022"}, {"2023"}, {"2024"}]
    ),
    (COUNTRY, "allocations"): lambda: any(
        row["Transaction Type Name"] == "Initial Allocations" for row in country("2023-10-21")
    ),
    (GREENBOOK, "negative"): lambda: any(
        row["Obligations (Historical Dollars)"].startswith("-") for row in greenbook()
    ),
    (GREENBOOK, "quarter-as-fraction"): lambda: any(row["Fiscal Year"] == "1976.9" for row in greenbook()),
    (GREENBOOK, "banner"): lambda: (
        [line.strip(",").count(",") for line in made("greenbook").decode().splitlines()[4:7]] == [0, 0, 8]
    ),
    (GREENBOOK, "inactive"): lambda: any(
        row["Funding Account Name"].startswith("INACTIVE") for row in greenbook()
    ),
    (GREENBOOK, "adjustment"): lambda: (
        max(
            int(row["Obligations (Historical Dollars)"])
            for row in greenbook()
            if "ESF adjustment" in row["Funding Account Name"]
        )
        <= 0
    ),
    (GREENBOOK, "name-not-code"): lambda: any(
        row["Region"] == "Latin America and Caribbean" and row["Country"] == "Peru" for row in greenbook()
    ),
    (CRS, "separators"): lambda: set(oecd.SEPARATORS) == set(",|\t;"),
    (CRS, "column-fashions"): lambda: (
        [oecd.crs_text(oecd.Crs(rows=1, fashion=one)).text[:21] for one in oecd.FASHIONS]
        == ["Year,DonorCode,DonorN", "Year,DonorCode,DEDono", "year,donor_code,de_do"]
    ),
    (CRS, "millions"): lambda: any(len(row["usd_commitment"].partition(".")[2]) == 6 for row in crs()),
    (CRS, "since-2018"): lambda: (
        {row["Year"] for row in crs() if row["usd_GrantEquiv"]} == set(map(str, range(2018, 2024)))
    ),
    (CRS, "dac-codes"): lambda: (
        {row["DonorName"] for row in crs() if row["DonorCode"] == "302"} == {"United States"}
    ),
    (DAC1, "since-2018"): lambda: min(row[11] for row in totals(DAC1)[1:] if row[4] == "11010") == "2018",
    (DAC1, "dac-codes"): lambda: any(row[:2] == ["4", "France"] for row in totals(DAC1)),
    (DAC1, "group-of-donors"): lambda: any(row[0] == "20001" for row in totals(DAC1)),
    (DAC1, "amount-types"): lambda: {row[8] for row in totals(DAC1)[1:]} == {"A", "D"},
    (DAC2A, "dac-codes"): lambda: any(row[:4] == ["454", "Peru", "701", "Japan"] for row in totals(DAC2A)),
    (DAC2A, "negative-net"): lambda: any(row[6] == "206" and row[12][0] == "-" for row in totals(DAC2A)),
    (DAC2A, "group-of-donors"): lambda: any(row[2] == "20001" for row in totals(DAC2A)),
    (DAC2A, "amount-types"): lambda: {row[8] for row in totals(DAC2A)[1:]} == {"A", "D"},
    (USAID, "two-vocabularies"): lambda: all(
        [sector.get("vocabulary") for sector in one.iter("sector")] == ["1", "99"]
        for one in xml("usaid").iter("transaction")
    ),
    (USAID, "foreign-namespace"): lambda: (
        next(xml("usaid").iter("{https://explorer.usaid.gov}treasury-account"), None) is not None
    ),
    (USAID, "default-currency"): lambda: (
        not any("currency" in one.attrib for one in xml("usaid").iter("value"))
    ),
    (BANK, "default-currency"): lambda: (
        not any("currency" in one.attrib for one in xml("bank").iterfind(".//transaction/value"))
    ),
    (BANK, "activity-shares"): lambda: all(
        sum(Decimal(str(one.get("percentage"))) for one in activity.findall(f"sector[@vocabulary='{code}']"))
        == 100
        for activity in xml("bank")
        for code in ("1", "99")
    ),
    (BANK, "themes-over-100"): lambda: any(
        sum(int(str(one.get("percentage"))) for one in activity.findall("sector[@vocabulary='98']")) > 100
        for activity in xml("bank")
    ),
    (BANK, "budget"): lambda: len(xml("bank").findall(".//budget")) > 1_000,
    (BANK, "interest-and-repayment"): lambda: (
        {
            one.findtext("value", "")[0]
            for code in ("5", "6")
            for one in xml("bank").findall(f".//transaction-type[@code='{code}']/..")
        }
        == {"-"}
    ),
    (PARTNER, "budget"): lambda: any(one.get("type") == "2" for one in xml("partner").iter("budget")),
    (PARTNER, "secondary-reporter"): lambda: bool(xml("partner").findall(".//*[@secondary-reporter='1']")),
    (PARTNER, "child"): lambda: {one.get("hierarchy") for one in xml("partner")} == {"1", "2"},
    (PARTNER, "clusters"): lambda: bool(xml("partner").findall(".//sector[@vocabulary='10']")),
    (PARTNER, "other-currency"): lambda: bool(xml("partner").findall(".//value[@currency='EUR']")),
    (PARTNER, "no-vocabulary"): lambda: any(
        "vocabulary" not in one.attrib for one in xml("partner").iter("sector")
    ),
    (PARTNER, "incoming"): lambda: bool(xml("partner").findall(".//transaction-type[@code='1']")),
    (WDI, "restated-rate"): lambda: (
        {
            row[str(year)]
            for row in table(world_bank.wdi(world_bank.Wdi(rows=20)).text)
            if row["Country Code"] == "PER" and row["Indicator Code"] == "PA.NUS.FCRF"
            for year in range(1960, 1985)
        }
        == {"0"}
    ),
    (WDI, "noise"): lambda: "." in world_bank.wdi(world_bank.Wdi(rows=1)).text,
    (WDI, "groups"): lambda: '"World","WLD"' in world_bank.wdi(world_bank.Wdi(rows=60)).text,
    (UNHCR, "redacted"): lambda: b",*," in made("unhcr", "series"),
    (UNHCR, "no-origin"): lambda: b",-,-," in made("unhcr", "table"),
    (UNHCR, "own-code"): lambda: b'"coa":"GFR","coa_iso":"DEU"' in made("unhcr", "api"),
}


def test_every_oddity_is_looked_for():
    assert set(FINDERS) == {(kind, quirk.key) for quirk in QUIRKS for kind in quirk.kinds}


@pytest.mark.parametrize(("kind", "key"), FINDERS, ids=[f"{kind}-{key}" for kind, key in FINDERS])
def test_an_oddity_is_in_the_bytes(kind: str, key: str):
    assert FINDERS[kind, key]()


# --- damage --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound() -> bytes:
    return complete_csv(World(rows=600)).data


@pytest.mark.parametrize("name", damage.ROWS)
def test_damage_is_on_the_line_it_says_and_nowhere_else(name: str, sound: bytes):
    damaged = damage.ROWS[name](sound)
    lines, before = damaged.data.split(b"\n"), sound.split(b"\n")
    told = [fault.line for fault in damaged.faults]
    assert told
    if name == "repeated-header":
        assert lines.pop(told[0] - 1) == before[0]
        assert lines == before
    else:
        differs = [n for n, (one, two) in enumerate(zip(lines, before, strict=False), 1) if one != two]
        assert differs == told


@pytest.mark.parametrize("name", damage.BYTES)
def test_the_same_text_in_other_bytes_reads_the_same(name: str, sound: bytes):
    damaged = damage.BYTES[name](sound)
    encoding = {"cp1252": "cp1252", "utf16": "utf-16"}.get(name, "utf-8-sig")
    text = damaged.data.decode(encoding)
    ends = {"crlf": "\r\n", "cr-only": "\r"}.get(name, "\n")
    assert table(text.replace(ends, "\n")) == table(sound.decode())


def test_every_line_that_is_no_utf8_is_told(sound: bytes):
    damaged = damage.cp1252(sound)
    told = {fault.line for fault in damaged.faults}
    rows = csv.reader(io.StringIO(damaged.data.decode("cp1252"), newline=""))
    begins, wrong = 1, set()
    for row in rows:
        if not "".join(row).isascii():
            wrong.add(begins)
        begins = rows.line_num + 1
    assert told == wrong


@pytest.mark.parametrize("name", damage.ARCHIVES)
def test_a_damaged_archive_must_be_refused_whole(name: str, sound: bytes):
    assert damage.ARCHIVES[name](sound).whole


@pytest.mark.parametrize("name", ["billion-laughs", "external-entity", "document-type"])
def test_a_declared_entity_comes_before_the_first_activity(name: str):
    data = iati.iati_xml(iati.Iati(rows=20, style="partner")).data
    damaged = damage.XML[name](data)
    line = damaged.data.split(b"\n")[damaged.faults[0].line - 1]
    assert line.startswith(b"<!DOCTYPE")
    assert damaged.whole


def test_truncated_xml_cannot_be_parsed():
    with pytest.raises(ET.ParseError):
        ET.fromstring(damage.truncated_xml(iati.iati_xml(iati.Iati(rows=20)).data).data)


def test_a_wrong_version_is_still_xml():
    root = ET.fromstring(damage.wrong_version(iati.iati_xml(iati.Iati(rows=20)).data).data)
    assert root.get("version") == "1.05"


def test_a_line_of_a_gigabyte_takes_no_room(tmp_path: Path):
    path = tmp_path / "long.csv"
    damage.write_long_line(b"a,b\n", path)
    assert path.stat().st_size > 1 << 30
    assert path.stat().st_blocks * 512 < 1 << 20
    assert sum(map(len, damage.long_line(b"a,b\n", 5_000_000))) == len("a,b\n1,\n") + 5_000_000


# --- writing -------------------------------------------------------------------------------------


def test_a_file_on_disk_is_the_one_in_memory(tmp_path: Path):
    wish = World(rows=300, recipients=("PER", "SMN"))
    one = complete_csv(wish)
    truth = on_disk(us_summaries.write_country, wish, tmp_path / "a.csv", truth_too=True)
    assert (tmp_path / "a.csv").read_bytes() == country_csv(wish).data
    assert truth.sums == one.truth.sums
    told = json.loads((tmp_path / "a.csv.truth.json").read_text("utf-8"))
    assert {total[2] for total in told["totals"]} == {"PER", "SMN"}
    assert sum(total[4] for total in told["totals"]) == sum(one.truth.sums.values())


def test_the_command_makes_damages_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "made.csv"
    assert main(["fagov-country", "--rows", "900", "--damage", "ragged", "--truth", str(out)]) == 0
    assert "must be told as ragged" in capsys.readouterr().out
    assert out.with_name("made.csv.truth.json").exists()


def test_a_wrong_wish_is_refused():
    with pytest.raises(ValueError, match="expected one of"):
        complete_csv(Complete(rows=10, style="fancy"))
    with pytest.raises(ValueError, match=r"tests\.made\.places"):
        complete_csv(World(rows=10, recipients=("XYZ",)))
