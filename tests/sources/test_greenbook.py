"""The Greenbook against sums of ForeignAssistance.gov, and a workbook against the same rows as text."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest

from ayni.sources.contract import FLOW_ROWS, Recognised, Sample, UnreadableError
from ayni.sources.greenbook import GREENBOOK
from ayni.sources.us_names import key_of, recipient_named
from ayni.sources.workbooks import frames, headers
from tests.sources.reading import faults, known_as, rows_of, sample_of

HEADER = (
    "Fiscal Year,Region,Country,Assistance Category,Publication Row,Funding Agency,Funding Account Name,"
    "Obligations (Historical Dollars),Obligations (Constant Dollars)"
)
BANNER = (
    '"U.S.  Economic and Miliary Assistance Fiscal Years 1946-2020",,,,,,,,\n'
    '"Obligations (Current $US and Constant 2020 $US)",,,,,,,,\n'
    '"Source: US Overseas Loans & Grants [Greenbook]",,,,,,,,\n'
    '"Prepared by USAID Data Services on August 9, 2022",,,,,,,,\n'
    '"tq: the Transition Quarter of July, August and September in 1976",,,,,,,,\n'
    ",,,,,,,,\n"
)
# Copied by hand from the Greenbook of 9 August 2022: category, row, agency, account, both amounts.
USAID = "U.S. Agency for International Development"
PERU = {
    "1976.9": f"""
Economic|Other USAID Assistance|{USAID}|INACTIVE - USAID Grants|900000|3222342
Economic|Public Law 480 Title II Grants|Department of Agriculture|Public Law 480 Title II Grants\
|1000000|3580380
Military|Foreign Military Financing\
|Department of State|Foreign Military Financing, Direct Loan Program Account\
|20000000|71607590
Military|Other Military Assistance|Department of Defense|Military Assistance Programs (Old Code)\
|300000|1074114
""",
    "1992": f"""
Economic|Economic Support Fund/Security Support Assistance|{USAID}|Economic Support Fund|7520000|12722044
Economic|Other USAID Assistance|{USAID}|INACTIVE - USAID Grants|24122000|40808662
Economic|Other USAID Assistance|{USAID}|INACTIVE - ESF adjustment for USAID Loans and Grants\
|-7520000|-12722044
Economic|Commodity Credit Corporation Fund|Department of Agriculture|Commodity Credit Corporation Fund\
|4522000|7650144
Economic|Public Law 480 Title II Grants|Department of Agriculture|Public Law 480 Title II Grants\
|87205600|147531044
Economic|Narcotics Control|Department of State|International Narcotics Control and Law Enforcement\
|12500000|21147014
Economic|Other State Assistance|Department of State|National Endowment for Democracy, Department of State\
|200000|338352
Economic|Inter-American Foundation|Inter-American Foundation|Inter-American Foundation|751000|1270513
Military|International Military Education and Training|Department of State\
|International Military Education and Training|112000|189477
""",
    "2013": f"""
Economic|Economic Support Fund/Security Support Assistance|{USAID}|Economic Support Fund|491551|549526
Economic|Development Assistance|{USAID}|Development Assistance|63580724|71079624
Economic|International Disaster and Famine Assistance|{USAID}|International Disaster and Famine Assistance\
|142432|159231
Economic|Other USAID Assistance|{USAID}|Operating Expenses of USAID|11818058|13211915
Economic|Other USAID Assistance|{USAID}|Child Survival and Health Programs Fund, United States|-67|-74
Economic|Other USAID Assistance|{USAID}|Development Credit Authority, United States|-66|-74
Economic|Public Law 480 Title II Grants|Department of Agriculture|Public Law 480 Title II Grants\
|150000|167691
Economic|Global Health Programs|Department of State|Global Health Programs|9122698|10198657
Economic|Narcotics Control|Department of State|International Narcotics Control and Law Enforcement\
|20435304|22845505
Economic|Narcotics Control|Department of State|Andean Counterdrug Initiative, Department of State\
|91918|102759
Economic|Nonproliferation, Anti-Terrorism, Demining & Related|Department of State\
|Nonproliferation, Anti-Terrorism, Demining and Related Programs|1523601|1703299
Economic|Other State Assistance|Department of State|Diplomatic and Consular Programs, Department of State\
|49395|55221
Economic|Other State Assistance|Department of State|National Endowment for Democracy, Department of State\
|356807|398890
Economic|Millennium Challenge Corporation|Millennium Challenge Corporation|Millennium Challenge Corporation\
|-1200000|-1341532
Economic|Department of Commerce|Department of Commerce\
|National Oceanic & Atmospheric Administration, Operations, Research & Facilities|25540|28552
Economic|Department of Defense Non-Military Assistance|Department of Defense|Defense Health Program\
|115000|128563
Economic|Department of Defense Non-Military Assistance|Department of Defense\
|Overseas Humanitarian, Disaster, and Civic Aid Defense|30000|33538
Economic|Department of Energy|Department of Energy|Defense Nuclear Nonproliferation, Energy|4144452|4633261
Economic|Department of Health and Human Services|Department of Health and Human Services\
|CDC-Wide Activities and Program Support, Centers for Disease Control and Prevention|57439|64214
Economic|Department of Interior\
|Department of the Interior|U.S. Fish and Wildlife Service, Resource Management\
|42280|47267
Economic|Department of Interior|Department of the Interior\
|Neotropical Migratory Bird Conservation, U.S. Fish and Wildlife Service|164801|184238
Economic|Department of Justice|Department of Justice|Salaries and Expenses, Drug Enforcement Administration\
|169720|189737
Economic|Department of the Treasury|Department of the Treasury|International Affairs Technical Assistance\
|261421|292253
Economic|Inter-American Foundation|Inter-American Foundation|Inter-American Foundation|1143100|1277921
Economic|Peace Corps|Peace Corps|Peace Corps|4975800|5562661
Military|Drug Interdiction and Counter-Drug|Department of Defense\
|Drug Interdiction and Counter-Drug Activities, Defense|4965000|5550587
Military|Foreign Military Financing|Department of State|Foreign Military Financing Program|1879872|2101590
Military|International Military Education and Training|Department of State\
|International Military Education and Training|530000|592510
Military|Other Military Assistance|Department of Defense|Operation and Maintenance, Defense-Wide\
|252310|282068
""",
}


def cells_of(year: str) -> list[list[str]]:
    rows = (line.split("|") for line in PERU[year].strip().splitlines())
    return [[year, "Latin America and Caribbean", "Peru", *row] for row in rows]


def text_of(rows: list[list[str]], banner: str = "") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return f"{banner}{HEADER}\n{out.getvalue()}"


def flows(text: str) -> pl.DataFrame:
    rows = rows_of(GREENBOOK, text)
    assert faults(rows) == []
    assert rows.flows is not None
    assert dict(rows.flows.schema) == FLOW_ROWS
    return rows.flows


def by_category(found: pl.DataFrame) -> dict[str, float]:
    category = pl.col("purposes").str.split(";").list.first().str.strip_prefix("us-category:")
    return dict(found.group_by(category).agg(pl.col("amount").sum()).rows())


# --- sums ----------------------------------------------------------------------------------------


def test_1992_adds_up_to_what_foreignassistance_gov_prints():
    found = by_category(flows(text_of(cells_of("1992"))))
    assert found == {"economic": 129_300_600, "military": 112_000}
    # Obligations to Peru in the country summary, all releases from 2021 to 2025.
    assert sum(found.values()) == 129_412_600


def test_2013_differs_from_foreignassistance_gov_by_what_is_known():
    # 125,261,654 is the country summary of November 2025.
    assert sum(by_category(flows(text_of(cells_of("2013")))).values()) - 125_261_654 == 57_436


def test_the_quarter_of_1976_adds_up_and_stands_alone():
    found = flows(text_of(cells_of("1976.9")))
    # The country summary prints 22,200,000 for 1976tq.
    assert found["amount"].sum() == 22_200_000
    assert found.select("year", "year_kind", "caveats").unique().rows() == [
        (1976, "us-transition-quarter", "transition-quarter")
    ]


# --- rows ----------------------------------------------------------------------------------------


def test_a_row_becomes_a_flow_with_all_it_says():
    assert flows(text_of(cells_of("1992"))).row(2, named=True) == {
        "provider": "USA",
        "recipient": "PER",
        "year": 1992,
        "until": None,
        "year_kind": "us-fiscal",
        "stage": "obligated",
        "form": "",
        "purposes": "us-category:economic;greenbook-row:other-usaid-assistance",
        "account": "inactive-esf-adjustment-for-usaid-loans-and-grants",
        "agency": "usaid",
        "channel": "",
        "amount": -7_520_000.0,
        "currency": "USD",
        "price_base": None,
        "status": "counted",
        "caveats": "",
        "note": "",
        "constant": -12_722_044.0,
        "date": None,
        "activity": "",
        "line": 4,
    }


def test_keys_are_those_of_the_case_on_peru():
    # As its flows-accounts.csv has them, made by hand before this reader was written.
    found = flows(text_of(cells_of("1992") + cells_of("2013")))
    pairs = set(found.select("agency", "account", "purposes").rows())
    assert {
        (
            "department-of-commerce",
            "national-oceanic-atmospheric-administration-operations-research-facilities",
            "us-category:economic;greenbook-row:department-of-commerce",
        ),
        (
            "department-of-the-interior",
            "neotropical-migratory-bird-conservation-u-s-fish-and-wildlife-service",
            "us-category:economic;greenbook-row:department-of-interior",
        ),
        (
            "state",
            "nonproliferation-anti-terrorism-demining-and-related-programs",
            "us-category:economic;greenbook-row:nonproliferation-anti-terrorism-demining-related",
        ),
        (
            "defense",
            "drug-interdiction-and-counter-drug-activities-defense",
            "us-category:military;greenbook-row:drug-interdiction-and-counter-drug",
        ),
        (
            "mcc",
            "millennium-challenge-corporation",
            "us-category:economic;greenbook-row:millennium-challenge-corporation",
        ),
    } <= pairs
    assert {agency for agency, _, _ in pairs} == {
        *(
            "usaid",
            "state",
            "agriculture",
            "defense",
            "justice",
            "mcc",
            "peace-corps",
            "inter-american-foundation",
        ),
        *("department-of-commerce", "department-of-energy", "department-of-health-and-human-services"),
        *("department-of-the-interior", "department-of-the-treasury"),
    }


def test_names_as_printed_stay_among_the_details():
    details = rows_of(GREENBOOK, text_of(cells_of("1992"))).details
    assert details is not None
    assert details.row(8, named=True) == {
        "line": 10,
        "region": "Latin America and Caribbean",
        "country": "Peru",
        "assistance_category": "Military",
        "publication_row": "International Military Education and Training",
        "funding_agency": "Department of State",
        "funding_account_name": "International Military Education and Training",
    }


@pytest.mark.parametrize(
    ("name", "recipient"),
    [
        ("Korea, South", "KOR"),
        ("Korea, North", "PRK"),
        ("Gambia, The", "GMB"),
        ("Bosnia & Herzegovina", "BIH"),
        ("West Bank/Gaza", "PSE"),
        ("China (Taiwan)", "TWN"),
        ("Micronesia (Federated States of)", "FSM"),
        ("Cote d'Ivoire", "CIV"),
        ("Côte d'Ivoire", "CIV"),
        ("Serbia and Montenegro, Former", "SCG"),
        ("Kosovo", "XKX"),
        ("World (not specified)", "us-region:WLD"),
        ("Latin America & Caribbean (not specified)", "us-region:LCN"),
        ("Sub-Saharan Africa (not specified)", "us-region:SSN"),
        ("East Africa (not specified)", "us-region:EAG"),
        ("Peru Region", "us-name:peru-region"),
        ("Terra Nova", "us-name:terra-nova"),
    ],
)
def test_a_recipient_is_told_by_its_name_and_never_dropped(name, recipient):
    row = ["2001", "Some Region", name, *cells_of("1992")[0][3:]]
    assert recipient_named(name) == recipient
    assert flows(text_of([row]))["recipient"].to_list() == [recipient]


def test_a_row_that_cannot_be_read_is_refused_with_its_line():
    rows = cells_of("1992")
    rows[1][7], rows[2][0], rows[3][2] = "2.41E+07", "92", ""
    found = rows_of(GREENBOOK, text_of(rows, BANNER))
    assert faults(found) == [
        (9, "digits-lost", "obligations_historical_dollars", "2.41E+07"),
        (10, "not-a-year", "fiscal_year", "92"),
        (11, "missing-value", "country", ""),
    ]
    assert found.read == 9
    assert found.flows is not None
    assert found.flows.height == 6


# --- the file ------------------------------------------------------------------------------------


def test_banner_lines_are_no_rows_and_tell_the_day_of_the_copy():
    bare, bannered = text_of(cells_of("2013")), text_of(cells_of("2013"), BANNER)
    assert known_as(GREENBOOK, bannered).vintage == "2022-08-09"
    assert known_as(GREENBOOK, bare).vintage == ""
    assert known_as(GREENBOOK, bare).dataset == known_as(GREENBOOK, bannered).dataset == "greenbook"
    assert flows(bannered).drop("line").equals(flows(bare).drop("line"))
    assert flows(bannered)["line"].to_list() == list(range(8, 37))


def test_another_table_of_money_is_not_the_greenbook():
    assert GREENBOOK.recognise(sample_of("Fiscal Year,Country,Amount\n1992,Peru,1\n")) is None


def column(number: int) -> str:
    return chr(ord("A") + number)


def workbook(path: Path, sheets: dict[str, list[list[object]]], *, top: int = 1) -> Path:
    """Write a workbook by hand: numbers as numbers, the rest as inline texts, None as no cell at all."""
    parts = {}
    for number, rows in enumerate(sheets.values(), 1):
        lines = []
        for row, cells in enumerate(rows, top):
            written = "".join(
                f'<c r="{column(at)}{row}"><v>{cell!r}</v></c>'
                if isinstance(cell, int | float)
                else f'<c r="{column(at)}{row}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'
                for at, cell in enumerate(cells)
                if cell is not None
            )
            lines.append(f'<row r="{row}">{written}</row>')
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
            + "".join(lines)
            + "</sheetData></worksheet>"
        )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{office}">'
        f"<sheets>{listed}</sheets></workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + "</Relationships>"
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{main}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{main}.worksheet+xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        + "</Types>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return path


def stored(rows: list[list[str]]) -> list[list[object]]:
    """Return rows as the publisher's workbook stores them: years and dollars as numbers."""
    return [[float(row[0]), *row[1:7], float(row[7]), float(row[8])] for row in rows]


def greenbook_workbook(path: Path) -> Path:
    banner: list[list[object]] = [[row[0] or None] for row in csv.reader(io.StringIO(BANNER))]
    rows = stored(cells_of("1976.9") + cells_of("1992") + cells_of("2013"))
    notes: list[list[object]] = [["Notes"], ["none", "at", "all"]]
    return workbook(
        path, {"Notes": notes, "Economic and Military Aid": [*banner, [*HEADER.split(",")], *rows]}
    )


def known_workbook(path: Path) -> Recognised:
    known = GREENBOOK.recognise(Sample(name=path.name, kind="workbook", head="", headers=headers(path)))
    assert known is not None
    return known


def test_the_workbook_gives_what_the_same_rows_give_as_text(tmp_path):
    path = greenbook_workbook(tmp_path / "greenbook.xlsx")
    known = known_workbook(path)
    assert known.vintage == "2022-08-09"
    assert known.header is not None
    assert known.table is not None
    assert (known.header.delimiter, known.header.line) == ("Economic and Military Aid", 7)
    (frame,) = frames(path, known.header)
    found = known.table(frame)
    assert found.refused is not None
    assert found.refused.is_empty()
    assert found.flows is not None
    text = text_of(cells_of("1976.9") + cells_of("1992") + cells_of("2013"), BANNER)
    assert found.flows.equals(flows(text))


def test_a_workbook_keeps_numbers_as_stored_and_rows_where_they_are(tmp_path):
    # The sheet begins in its third row; a row between has no cell; one row has a cell beyond the header.
    rows: list[list[object]] = [["a", None, "b"], [1976.0, "x", 1976.9], []]
    rows += [[None, "y", -257.0], [1e15, None, None, "beyond"]]
    path = workbook(tmp_path / "small.xlsx", {"Only": rows}, top=3)
    header = headers(path)[0]
    # Of two rows with as many cells, the first.
    assert header.columns == ("1976", "x", "1976_9", "column_4")
    header = next(one for one in headers(path) if one.line == 3)
    assert header.columns == ("a", "column_2", "b", "column_4")
    (frame,) = frames(path, header)
    assert frame.rows() == [
        (4, "1976", "x", "1976.9", None),
        (6, None, "y", "-257", None),
        (7, "1000000000000000", None, None, "beyond"),
    ]


def test_a_damaged_workbook_is_told(tmp_path):
    path = tmp_path / "cut.xlsx"
    path.write_bytes(greenbook_workbook(tmp_path / "whole.xlsx").read_bytes()[:900])
    with pytest.raises(UnreadableError, match="damaged"):
        headers(path)


def test_a_workbook_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(UnreadableError, match=r"needs-extra.*ayni\[excel\]"):
        headers(greenbook_workbook(tmp_path / "greenbook.xlsx"))


def test_a_key_has_nothing_but_letters_figures_and_hyphens():
    assert key_of("U.S. Fish & Wildlife Service, Résource (Old)") == "u-s-fish-wildlife-service-resource-old"
    assert key_of(None) == ""
