"""ForeignAssistance.gov against figures copied by hand from its releases, and a slow second reading."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.sources.contract import FLOW_ROWS
from ayni.sources.foreign_assistance import SOURCE
from tests.sources.reading import faults, known_as, rows_of, sample_of

SNAKE = (
    "country_code,country_name,region_id,region_name,income_group_acronym,income_group_name,"
    "transaction_type_id,transaction_type_name,fiscal_year,current_amount,constant_amount"
)
TITLE = (
    "Country Code,Country Name,Region ID,Region Name,Income Group Acronym,Income Group Name,"
    "Transaction Type ID,Transaction Type Name,Fiscal Year,current_amount,constant_amount"
)
QUOTED = ",".join(f'"{name}"' for name in TITLE.split(","))
RETYPED = (
    "country_code,country_name,region_id,Region Name,income_roup,income_group_name,"
    "transaction_type_id,transaction_type_name,fiscal_year,current_amount,constant_amount"
)
JUNK = TITLE + ",,,ilte="
PERU = "PER,Peru,6,Western Hemisphere,UMIC,Upper Middle Income Country"

COMPLETE = (
    "Country ID,Country Code,Country Name,Region ID,Region Name,Income Group ID,Income Group Name,"
    "Income Group Acronym,Managing Agency ID,Managing Agency Acronym,Managing Agency Name,"
    "Managing Sub-agency or Bureau ID,Managing Sub-agency or Bureau Acronym,"
    "Managing Sub-agency or Bureau Name,Implementing Partner Category ID,"
    "Implementing Partner Category Name,Implementing Partner Sub-category ID,"
    "Implementing Partner Sub-category Name,Implementing Partner ID,Implementing Partner Name,"
    "International Category ID,International Category Name,International Sector Code,"
    "International Sector Name,International Purpose Code,International Purpose Name,US Category ID,"
    "US Category Name,US Sector ID,US Sector Name,Funding Account ID,Funding Account Name,"
    "Funding Agency ID,Funding Agency Name,Funding Agency Acronym,Foreign Assistance Objective ID,"
    "Foreign Assistance Objective Name,Aid Type Group ID,Aid Type Group Name,Activity ID,Submission ID,"
    "Activity Name,Activity Description,Activity Project Number,Activity Start Date,Activity End Date,"
    "Transaction Type ID,Transaction Type Name,Fiscal Year,Transaction Date,Current Dollar Amount,"
    "Constant Dollar Amount,aid_type_id,aid_type_name,activity_budget_amount,submission_activity_id"
).split(",")
# What the complete file would print of one transaction: made up, in its schema.
TRANSACTION = {
    "Country ID": "604",
    "Country Code": "PER",
    "Country Name": "Peru",
    "Managing Agency Acronym": "USAID",
    "Managing Agency Name": "U.S. Agency for International Development",
    "Implementing Partner ID": "4001234",
    "Implementing Partner Name": "Chemonics International, Inc.",
    "International Sector Code": "151",
    "International Purpose Code": "15160",
    "US Category ID": "1",
    "US Sector ID": "4",
    "Funding Account ID": "1037",
    "Funding Account Name": "Economic Support Fund",
    "Activity ID": "998877",
    "Activity Name": 'Alternative development, "second phase"',
    "Activity Start Date": "2012-10-01",
    "Transaction Type ID": "2",
    "Transaction Type Name": "Obligations",
    "Fiscal Year": "2013",
    "Transaction Date": "01SEP2013",
    "Current Dollar Amount": "-1234567",
    "Constant Dollar Amount": "-1500000",
    "aid_type_id": "3",
}


def table(header: list[str], *rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([row.get(name, "NULL") for name in header] for row in rows)
    return out.getvalue()


def flows(text: str) -> pl.DataFrame:
    rows = rows_of(SOURCE, text)
    assert faults(rows) == []
    assert rows.flows is not None
    assert dict(rows.flows.schema) == FLOW_ROWS
    return rows.flows


def transactions(*changes: dict[str, str]) -> str:
    return table(COMPLETE, *(TRANSACTION | change for change in changes))


def country(*cells: str, header: str = TITLE) -> str:
    return "\n".join([header, *cells]) + "\n"


# --- releases and headers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "amount", "constant"),
    [
        (TITLE, f"{PERU},2,Obligations,2023,60406113,56893011", 60_406_113, 56_893_011),
        (TITLE, f"{PERU},2,Obligations,2023,158848229,151509187", 158_848_229, 151_509_187),
        (TITLE, f"{PERU},2,Obligations,2023,180270223,171941455", 180_270_223, 171_941_455),
        (QUOTED, f"{PERU},2,Obligations,2023,193448638,193448638", 193_448_638, 193_448_638),
        (JUNK, f"{PERU},2,Obligations,2023,193724818,198469544,,,", 193_724_818, 198_469_544),
        (SNAKE, f"{PERU},2,Obligations,2002,270918409,375585367", 270_918_409, 375_585_367),
        (RETYPED, f"{PERU},2,Obligations,1992,129412600,218935204", 129_412_600, 218_935_204),
    ],
)
def test_obligations_to_peru_are_those_of_the_release_whatever_its_header(header, row, amount, constant):
    text = country(row, header=header)
    assert known_as(SOURCE, text).dataset == "fagov-country"
    assert known_as(SOURCE, text).verified
    assert flows(text).select(
        "provider", "recipient", "year", "year_kind", "stage", "amount", "constant"
    ).rows() == [("USA", "PER", int(row.split(",")[8]), "us-fiscal", "obligated", amount, constant)]


def test_the_order_of_columns_does_not_matter():
    row = dict(
        zip(TITLE.split(","), f"{PERU},3,Disbursements,2017,130503422,158000000".split(","), strict=True)
    )
    there, back = table(TITLE.split(","), row), table(TITLE.split(",")[::-1], row)
    assert flows(there).equals(flows(back))


def test_a_column_typed_wrongly_is_kept_under_its_right_name():
    rows = rows_of(SOURCE, country(f"{PERU},2,Obligations,1992,129412600,218935204", header=RETYPED))
    assert rows.details is not None
    assert rows.details.rows(named=True) == [
        {
            "line": 2,
            "country_name": "Peru",
            "region_id": "6",
            "region_name": "Western Hemisphere",
            "income_group_acronym": "UMIC",
            "income_group_name": "Upper Middle Income Country",
        }
    ]


def test_what_stands_in_a_junk_column_is_kept():
    rows = rows_of(SOURCE, country(f"{PERU},2,Obligations,2023,1,2,,x,y", header=JUNK))
    assert rows.details is not None
    assert rows.details.select("column_12", "column_13", "ilte").rows() == [(None, "x", "y")]


@pytest.mark.parametrize(
    ("extra", "dataset", "verified"),
    [
        ("US Category ID,US Category Name,US Sector ID,US Sector Name", "fagov-sector", True),
        (
            "Funding Agency ID,Funding Agency Acronym,Funding Account ID,Funding Account Name",
            "fagov-funding",
            False,
        ),
        ("Managing Agency ID,Managing Agency Acronym,Managing Agency Name", "fagov-implementing", False),
        ("Operating Unit,OCO Flag,Activity ID,US Sector ID,International Sector Code", "fagov-budget", False),
        ("Activity ID,Activity Name,Transaction Date,US Sector ID", "fagov-complete", False),
    ],
)
def test_each_file_is_known_by_what_it_has_beside_the_country_summary(extra, dataset, verified):
    known = known_as(SOURCE, f"{extra},{TITLE}\n")
    assert (known.dataset, known.verified) == (dataset, verified)


def test_the_complete_file_is_known_under_the_names_of_the_foreign_aid_explorer():
    header = "country_code,channel_name,dac_purpose_code,usg_sector_id,implementing_agency_name,activity_id,"
    header += "transaction_type_id,fiscal_year,current_amount,constant_amount"
    row = "PER,Peace Corps,16010,9,Peace Corps,7,3,2015,12,13"
    assert known_as(SOURCE, f"{header}\n{row}\n").dataset == "fagov-complete"
    assert flows(f"{header}\n{row}\n").select("channel", "purposes", "agency", "stage").row(0) == (
        *("Peace Corps", "dac:16010;us-sector:9", "peace-corps", "disbursed"),
    )


@pytest.mark.parametrize(
    "header",
    [
        "Country Code,Country Name,Fiscal Year,value",
        "Country Name,Country Code,Indicator Name,1992,1993",
        "Transaction Type Name,Fiscal Year,current_amount",
        "a,b,c",
    ],
)
def test_files_of_others_are_not_taken(header):
    assert SOURCE.recognise(sample_of(f"{header}\n1,2,3,4\n")) is None


# --- one transaction -----------------------------------------------------------------------------


def test_a_transaction_becomes_a_flow_with_all_it_says():
    assert flows(transactions({})).row(0, named=True) == {
        "provider": "USA",
        "recipient": "PER",
        "year": 2013,
        "until": None,
        "year_kind": "us-fiscal",
        "stage": "obligated",
        "form": "3",
        "purposes": "dac:15160;us-sector:4;us-category:1",
        "account": "economic-support-fund",
        "agency": "usaid",
        "channel": "Chemonics International, Inc.",
        "amount": -1234567.0,
        "currency": "USD",
        "price_base": None,
        "status": "counted",
        "caveats": "",
        "note": "",
        "constant": -1500000.0,
        "date": date(2013, 9, 1),
        "activity": "998877",
        "line": 2,
    }


def test_no_printed_column_is_lost():
    rows = rows_of(SOURCE, transactions({}))
    assert rows.details is not None
    carried = {
        *("country_code", "implementing_partner_name", "international_purpose_code", "us_category_id"),
        *("us_sector_id", "activity_id", "transaction_type_id", "transaction_type_name", "fiscal_year"),
        *("transaction_date", "current_amount", "constant_amount", "aid_type_id"),
    }
    assert rows.details.width == len(COMPLETE) - len(carried) + 1
    assert not carried & set(rows.details.columns)
    assert rows.details["activity_name"].item() == 'Alternative development, "second phase"'


def test_the_export_of_the_site_with_its_typing_error_gives_the_same_flow():
    renamed = {"Funding Account ID": "Funding Acount ID"}
    order = sorted(name for name in COMPLETE if not name[0].islower())
    row = {renamed.get(name, name): cell for name, cell in TRANSACTION.items()}
    export = table([renamed.get(name, name) for name in order], row)
    assert known_as(SOURCE, export).dataset == "fagov-complete"
    given_up = ("form",)
    assert flows(export).drop(given_up).equals(flows(transactions({})).drop(given_up))
    details = rows_of(SOURCE, export).details
    assert details is not None
    assert details["funding_account_id"].to_list() == ["1037"]


def test_purposes_are_those_that_are_printed():
    none = {"International Purpose Code": "NULL", "US Category ID": "NULL", "US Sector ID": "NULL"}
    found = flows(transactions({}, {"US Sector ID": "NULL"}, none, {"International Purpose Code": ""}))
    assert found["purposes"].to_list() == [
        "dac:15160;us-sector:4;us-category:1",
        "dac:15160;us-category:1",
        "",
        "us-sector:4;us-category:1",
    ]


def test_an_agency_without_a_name_goes_by_its_acronym_and_none_is_empty():
    header = [name for name in COMPLETE if name != "Managing Agency Name"]
    rows = [TRANSACTION, TRANSACTION | {"Managing Agency Acronym": "DOD"}]
    rows.append(TRANSACTION | {"Managing Agency Acronym": "NULL", "Funding Account Name": "NULL"})
    found = flows(table(header, *rows))
    assert found["agency"].to_list() == ["usaid", "defense", ""]
    assert found["account"].to_list() == ["economic-support-fund", "economic-support-fund", ""]


def test_the_file_by_dac_sector_has_no_recipient_and_says_so():
    header = (
        "International Category ID,International Category Name,International Sector Code,"
        "International Sector Name,Transaction Type ID,Transaction Type Name,Fiscal Year,current_amount,"
        "constant_amount"
    )
    text = f"{header}\n5,Health and Population,130,Maternal Health,3,Disbursements,2015,-7,-8\n"
    known = known_as(SOURCE, text)
    assert (known.dataset, known.verified) == ("fagov-dac-sector", False)
    assert flows(text).select("recipient", "purposes", "amount", "caveats").row(0) == (
        *("us-region:ALL", "dac-sector:130", -7.0, "all-recipients"),
    )


# --- stages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name", "stage"),
    [
        ("1", "Appropriated and Planned", "appropriated"),
        ("2", "Obligations", "obligated"),
        ("3", "Disbursements", "disbursed"),
        ("18", "President's Budget Requests", "requested"),
        ("19", "Initial Allocations", "allocated"),
        ("77", "Initial Allocations", "allocated"),
        ("", "Disbursements", "disbursed"),
        ("2", "", "obligated"),
        ("3.0", "DISBURSEMENTS ", "disbursed"),
    ],
)
def test_a_stage_is_told_by_number_and_name(number, name, stage):
    assert flows(country(f"{PERU},{number},{name},2008,90306000,107685428"))["stage"].to_list() == [stage]


@pytest.mark.parametrize(("number", "name"), [("5", ""), ("2", "Disbursements"), ("2", "Pledges"), ("", "")])
def test_a_kind_of_transaction_that_is_unknown_or_contradicts_itself_is_refused(number, name):
    rows = rows_of(SOURCE, country(f"{PERU},{number},{name},2008,1,2", f"{PERU},2,Obligations,2008,3,4"))
    assert faults(rows) == [(2, "unknown-stage", "transaction_type_id", number)]
    assert rows.flows is not None
    assert rows.flows["amount"].to_list() == [3.0]


def test_stages_of_one_year_stay_apart():
    # Peru, fiscal year 2017, release of November 2025: appropriated is not obligated.
    found = flows(
        country(
            f"{PERU},1,Appropriated and Planned,2017,64473000,80000000",
            f"{PERU},2,Obligations,2017,122471263,150000000",
        )
    )
    assert dict(found.select("stage", "amount").rows()) == {
        "appropriated": 64_473_000,
        "obligated": 122_471_263,
    }


# --- years ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("printed", ["1976tq", "1976TQ", "1976 tq", "1976.9", " 1976tq", "FY1976TQ"])
def test_the_quarter_of_1976_is_a_year_of_its_own(printed):
    found = flows(
        country(f"{PERU},2,Obligations,{printed},22200000,93802500", f"{PERU},2,Obligations,1976,5,6")
    )
    assert found.select("year", "year_kind", "amount", "caveats").rows() == [
        (1976, "us-transition-quarter", 22_200_000.0, "transition-quarter"),
        (1976, "us-fiscal", 5.0, ""),
    ]


@pytest.mark.parametrize("printed", ["2016", "2016.0", "2016.00", " 2016 ", "FY 2016", '"2,016"'])
def test_a_year_with_one_reading_is_read(printed):
    assert flows(country(f"{PERU},2,Obligations,{printed},1,2"))["year"].to_list() == [2016]


@pytest.mark.parametrize("printed", ["16", "20166", "2016.5", "1977tq", "2016-17", "x"])
def test_a_year_without_a_reading_is_refused(printed):
    rows = rows_of(SOURCE, country(f"{PERU},2,Obligations,{printed},1,2"))
    assert faults(rows) == [(2, "not-a-year", "fiscal_year", printed)]


# --- recipients ----------------------------------------------------------------------------------


def test_codes_of_regions_are_never_taken_for_countries():
    # Obligations of fiscal year 2012, release of April 2025.
    found = flows(
        country(
            "SSD,South Sudan,5,Sub-Saharan Africa,LIC,Low,2,Obligations,2012,625767284,820135413",
            "SSN,Sub-Saharan Africa Region,5,Africa,NULL,NULL,2,Obligations,2012,635747951,833216154",
        )
    )
    assert found.select("recipient", "amount", "caveats").rows() == [
        ("SSD", 625_767_284.0, ""),
        ("us-region:SSN", 635_747_951.0, "recipient-is-region"),
    ]


def test_a_region_that_is_new_is_known_by_its_name():
    found = flows(country("QRN,Arctic Region,7,World,NULL,NULL,2,Obligations,2026,1,2"))
    assert found["recipient"].to_list() == ["us-region:QRN"]


def test_states_without_a_code_are_told_by_their_names():
    # Release of April 2025: six recipients share the code NULL.
    found = flows(
        country(
            "NULL,Yemen (former P.D.R.),3,Middle East,NULL,NULL,2,Obligations,1970,300000,1850480",
            'NULL,"Berlin, West",2,Europe,NULL,NULL,2,Obligations,1953,12900000,117165402',
            "CS-KM,Kosovo,2,Europe,UMIC,Upper,2,Obligations,2010,34951772,47575410",
            "SCG,Serbia and Montenegro (former),2,Europe and Eurasia,NULL,NULL,2,Obligations,2001,1,2",
        )
    )
    assert found["recipient"].to_list() == ["YMD", "us-name:berlin-west", "XKX", "SCG"]


def test_a_row_without_any_recipient_is_refused():
    rows = rows_of(SOURCE, country("NULL,NULL,7,World,NULL,NULL,2,Obligations,2012,1,2"))
    assert faults(rows) == [(2, "missing-value", "country_code", "")]


# --- damage by spreadsheets ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("-257", -257),
        ('"1,234,567"', 1_234_567),
        ("1234567.00", 1_234_567),
        ('"(1,234)"', -1_234),
        ("(257)", -257),
        ('"$1,234,567"', 1_234_567),
        ('" $ 1,234 "', 1_234),
        ('"-$1,234.00"', -1_234),
        ("US$ 5000", 5_000),
        ('" $ -   "', 0),
        ("-", 0),
        ("1.234567E+06", 1_234_567),
        ("0E+00", 0),
        ("1.234.567", 1_234_567),
        ('"1.234.567,00"', 1_234_567),
        ("1 234 567", 1_234_567),
        ("1\u00a0234\u00a0567", 1_234_567),
        ("\N{MINUS SIGN}257", -257),
        ('"1234567,50"', 1_234_567.5),
    ],
)
def test_an_amount_with_one_reading_is_read(printed, amount):
    assert flows(country(f"{PERU},3,Disbursements,2012,{printed},1"))["amount"].to_list() == [amount]


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("1.23E+09", "digits-lost"),
        ("1.5E+06", "digits-lost"),
        ("1e+05", "digits-lost"),
        ("1.234", "not-a-number"),
        ('"1,23,456"', "not-a-number"),
        ("(-5)", "not-a-number"),
        ("n/a", "not-a-number"),
        ("######", "not-a-number"),
        ("nan", "not-a-number"),
        ("inf", "not-a-number"),
        ("NULL", "missing-value"),
        ("", "missing-value"),
    ],
)
def test_an_amount_without_a_reading_is_refused_with_its_line_and_its_row(printed, code):
    rows = rows_of(
        SOURCE, country(f"{PERU},2,Obligations,2011,3,4", f"{PERU},3,Disbursements,2012,{printed},7")
    )
    cell = "" if printed == "NULL" else printed.strip('"')
    assert faults(rows) == [(3, code, "current_amount", cell)]
    assert rows.refused is not None
    assert next(csv.reader([rows.refused["text"].item()]))[-3:] == ["2012", cell, "7"]
    assert rows.flows is not None
    assert rows.details is not None
    assert rows.flows["line"].to_list() == rows.details["line"].to_list() == [2]


def test_a_constant_amount_may_be_missing_and_may_not_be_damaged():
    rows = rows_of(
        SOURCE,
        country(
            f"{PERU},2,Obligations,2011,3,NULL",
            f"{PERU},2,Obligations,2012,3,1.2E+09",
            f"{PERU},2,Obligations,2013,3,-",
        ),
    )
    assert rows.flows is not None
    assert rows.flows["constant"].to_list() == [None, 0.0]
    assert faults(rows) == [(3, "digits-lost", "constant_amount", "1.2E+09")]


def test_a_row_with_two_faults_is_refused_once():
    rows = rows_of(SOURCE, country(f"{PERU},9,Gifts,20O5,none,NULL"))
    assert [fault[:2] for fault in faults(rows)] == [(2, "not-a-number")]
    assert rows.read == 1


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("01SEP2024", date(2024, 9, 1)),
        ("1-Sep-24", date(2024, 9, 1)),
        ("01-sep-2024", date(2024, 9, 1)),
        ("2024-09-01", date(2024, 9, 1)),
        ("2024-09-01 00:00:00", date(2024, 9, 1)),
        ("9/30/2024", date(2024, 9, 30)),
        ("30/9/2024", date(2024, 9, 30)),
        ("9/9/2024", date(2024, 9, 9)),
    ],
)
def test_a_day_with_one_reading_is_read(printed, day):
    found = flows(transactions({"Transaction Date": printed}))
    assert found.select("date", "note", "caveats").rows() == [(day, "", "")]


@pytest.mark.parametrize("printed", ["9/1/2024", "45536", "31FEB2024"])
def test_a_day_that_could_be_two_costs_no_money(printed):
    found = flows(transactions({"Transaction Date": printed}, {"Transaction Date": "NULL"}))
    assert found.select("date", "amount", "note", "caveats").rows() == [
        (None, -1234567.0, f"transaction date {printed}", "date-unclear"),
        (None, -1234567.0, "", ""),
    ]


def test_whole_numbers_that_a_program_kept_as_floats_are_whole_again():
    floated = {
        name: f"{cell}.0"
        for name, cell in TRANSACTION.items()
        if name
        in ("International Purpose Code", "US Category ID", "US Sector ID", "Activity ID", "aid_type_id")
        or name in ("Transaction Type ID", "Fiscal Year", "Current Dollar Amount", "Constant Dollar Amount")
    }
    assert flows(transactions(floated)).equals(flows(transactions({})))


def test_a_typed_copy_gives_the_same_flows():
    known = known_as(SOURCE, country())
    assert known.table is not None
    assert known.header is not None
    cells = f"{PERU},3,Disbursements,2012,-257,-337".split(",")
    texts = pl.DataFrame([["2", *cells]], schema=["line", *known.header.columns], orient="row")
    texts = texts.with_columns(pl.col("line").cast(pl.Int64))
    typed = texts.with_columns(pl.col("fiscal_year", "current_amount", "constant_amount").cast(pl.Float64))
    found, expected = known.table(typed).flows, known.table(texts).flows
    assert found is not None
    assert expected is not None
    assert found.equals(expected)


# --- sums ----------------------------------------------------------------------------------------


def test_humanitarian_disbursements_to_peru_of_2012_are_negative():
    protection = '7,Humanitarian Assistance,37,"Protection, Assistance and Solutions"'
    header = "US Category ID,US Category Name,US Sector ID,US Sector Name,Country Code,Country Name,"
    header += "Transaction Type ID,Transaction Type Name,Fiscal Year,current_amount,constant_amount"
    rows = (
        f"{protection},PER,Peru,3,Disbursements,2011,324878,433514",
        f"{protection},PER,Peru,3,Disbursements,2012,-257,-337",
        "1,Peace and Security,4,Counter-Narcotics,PER,Peru,3,Disbursements,2012,55584368,72849300",
    )
    found = flows("\n".join([header, *rows]))
    assert found.select("year", "purposes", "amount").rows() == [
        (2011, "us-sector:37;us-category:7", 324_878.0),
        (2012, "us-sector:37;us-category:7", -257.0),
        (2012, "us-sector:4;us-category:1", 55_584_368.0),
    ]


KINDS = {
    "2": ("Obligations", "obligated"),
    "3": ("Disbursements", "disbursed"),
    "1": ("Appropriated and Planned", "appropriated"),
    "18": ("President's Budget Requests", "requested"),
    "19": ("Initial Allocations", "allocated"),
}
WHOLE = st.integers(min_value=-(10**12), max_value=10**12)


def in_some_style(amount: int, style: int) -> str:
    """Print an amount as the publisher or as one of several spreadsheets would."""
    sign, size = "-" if amount < 0 else "", abs(amount)
    return (
        f"{amount}",
        f"{amount:,}",
        f"{amount}.00",
        f"({size:,})" if amount < 0 else f"{size:,}",
        f"{sign}${size:,}.00",
        f" {amount} ",
    )[style]


PRINTED_ROW = st.tuples(
    st.sampled_from([("PER", "Peru"), ("SMN", "South America Region"), ("NULL", "Kosovo"), ("WLD", "World")]),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["1975", "1976", "1976tq", "1976TQ", "1976.9", "2001", "2024", "2024.0"]),
    WHOLE,
    st.one_of(st.none(), WHOLE),
    st.integers(min_value=0, max_value=5),
)


@given(st.lists(PRINTED_ROW, min_size=1, max_size=30), st.sampled_from([SNAKE, TITLE, QUOTED, RETYPED]))
def test_sums_by_recipient_stage_and_year_are_those_of_a_plain_reading(printed, header):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for (code, name), kind, year, amount, constant, style in printed:
        constant_cell = "NULL" if constant is None else in_some_style(constant, style)
        writer.writerow(
            [
                code,
                name,
                "6",
                "R",
                "U",
                "I",
                kind,
                KINDS[kind][0],
                year,
                in_some_style(amount, style),
                constant_cell,
            ]
        )
    expected: dict[tuple[str, str, str], list[Fraction]] = {}
    for (code, name), kind, year, amount, constant, _ in printed:
        place = {"SMN": "us-region:SMN", "WLD": "us-region:WLD", "PER": "PER"}.get(code, "XKX")
        quarter = "tq" in year.lower() or year.endswith(".9")
        key = (place, KINDS[kind][1], "1976 quarter" if quarter else year[:4])
        sums = expected.setdefault(key, [Fraction(0), Fraction(0)])
        sums[0] += amount
        sums[1] += constant or 0
        assert name
    found: dict[tuple[str, str, str], list[Fraction]] = {}
    for row in flows(f"{header}\n{out.getvalue()}").iter_rows(named=True):
        year = "1976 quarter" if row["year_kind"] == "us-transition-quarter" else str(row["year"])
        sums = found.setdefault((row["recipient"], row["stage"], year), [Fraction(0), Fraction(0)])
        sums[0] += Fraction(row["amount"])
        sums[1] += Fraction(row["constant"] or 0)
    assert found == expected


@given(st.lists(PRINTED_ROW, max_size=12), st.integers(min_value=80, max_value=400))
def test_a_file_read_in_small_blocks_gives_the_same_rows(printed, block_bytes):
    rows = [
        f"{code},{name},6,R,U,I,{kind},{KINDS[kind][0]},{year},{amount},{constant or ''}"
        for (code, name), kind, year, amount, constant, _ in printed
    ]
    text = country(*rows)
    whole, parts = rows_of(SOURCE, text), rows_of(SOURCE, text, block_bytes=block_bytes)
    assert whole.read == parts.read == len(rows)
    if rows:
        assert whole.flows is not None
        assert parts.flows is not None
        assert whole.flows.equals(parts.flows)
