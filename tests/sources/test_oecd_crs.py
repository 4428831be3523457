"""The Creditor Reporting System: the same rows whatever the release calls its columns."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from ayni.intake.ingest import ingest
from ayni.ledger.store import open_ledger, scan
from ayni.sources import oecd_crs
from ayni.sources.contract import Rows
from ayni.sources.oecd_codes import areas, key_of_code
from tests.made.oecd import FASHIONS, SEPARATORS, Crs, crs_parquet, crs_text
from tests.sources.reading import rows_of

TOLD = ["provider", "recipient", "year", "stage", "form", "purposes", "channel", "amount", "activity"]
HEADER = (
    "Year,DonorCode,RecipientCode,FlowName,Finance_t,CRSid,PurposeCode,SectorCode,ChannelCode,"
    "usd_commitment,usd_disbursement,usd_received,usd_commitment_defl,usd_disbursement_defl,ProjectTitle"
)


def read(text: str) -> Rows:
    return rows_of(oecd_crs.SOURCE, text)


def one(row: str) -> list[dict[str, object]]:
    flows = read(f"{HEADER}\n{row}\n").flows
    return [] if flows is None else flows.to_dicts()


def test_each_amount_printed_is_a_flow_of_its_own_stage_in_whole_dollars():
    told = one("2020,302,454,ODA Grants,110,2020000123,16063,160,11000,1.234567,0.5,,1.3,0.55,A title")
    assert [(f["stage"], f["amount"], f["constant"]) for f in told] == [
        ("committed", 1234567.0, 1300000.0),
        ("disbursed", 500000.0, 550000.0),
    ]
    assert {(f["provider"], f["recipient"], f["year"], f["year_kind"]) for f in told} == {
        ("USA", "PER", 2020, "calendar")
    }
    assert {(f["purposes"], f["form"], f["activity"]) for f in told} == {
        ("dac:16063;dac-sector:160", "grant", "2020000123")
    }


def test_a_decimal_is_shifted_not_multiplied():
    told = one("2020,302,454,ODA Grants,110,1,16063,160,11000,131585.51,,,,,")
    assert told[0]["amount"] == 131585510000.0


@pytest.mark.parametrize(
    ("code", "iso3"),
    [
        ("4", "FRA"),
        ("12", "GBR"),
        ("301", "CAN"),
        ("302", "USA"),
        ("701", "JPN"),
        ("742", "KOR"),
        ("454", "PER"),
    ],
)
def test_codes_are_those_of_the_committee_not_of_a_table_that_exchanges_them(code: str, iso3: str):
    assert key_of_code(code) == iso3


def test_no_two_codes_are_one_country():
    known = list(areas().iso3.values())
    assert len(known) == len(set(known)) > 200


def test_regions_and_sums_never_look_like_a_country():
    regional = one("2020,302,498,ODA Grants,110,1,16063,160,11000,1,,,,,")
    summed = one("2020,20001,10100,ODA Grants,110,1,16063,160,11000,1,,,,,")
    assert (regional[0]["recipient"], regional[0]["caveats"]) == ("dac:498", "recipient-is-region")
    assert (summed[0]["provider"], summed[0]["recipient"]) == ("dac:20001", "dac:10100")
    assert summed[0]["caveats"] == "sum-of-providers;sum-of-recipients"


def test_what_came_back_is_repaid_with_the_sign_that_is_printed():
    told = one("2020,701,454,ODA Loans,421,1,21010,210,11000,,,711.59,,,")
    assert [(f["stage"], f["amount"], f["form"]) for f in told] == [("repaid", 711590000.0, "loan")]


def test_rows_at_fault_are_refused_with_line_and_column():
    rows = read(
        f"{HEADER}\n"
        "20x0,302,454,ODA Grants,110,1,16063,160,11000,1,,,,,\n"
        "2020,302,454,ODA Grants,110,1,16063,160,11000,one,,,,,\n"
        "2020,302,454,ODA Grants,110,1,16063,160,11000,1,,,,,kept\n"
        "2020,,454,ODA Grants,110,1,16063,160,11000,1,,,,,\n"
    )
    assert rows.refused is not None
    assert rows.refused.select("line", "code", "column").rows() == [
        (2, "not-a-year", "year"),
        (3, "not-a-number", "usd_commitment"),
        (5, "missing-value", "donorcode"),
    ]
    assert rows.flows is not None
    assert (rows.read, rows.flows["line"].to_list()) == (4, [4])


def slowly(data: bytes) -> dict[tuple[str, str, str, str], Decimal]:
    """Add up the file with the standard library alone."""
    found: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(data.decode(), newline="")):
        for stage, column in (
            ("committed", "usd_commitment"), ("disbursed", "usd_disbursement"), ("repaid", "usd_received"),
            ("grant-equivalent", "usd_GrantEquiv"), ("interest", "usd_interest"),
        ):  # fmt: skip
            if row.get(column):
                key = (stage, row["DonorCode"], row["RecipientCode"], row["Year"])
                found[key] += Decimal(row[column]) * 1_000_000
    return {key: value for key, value in found.items() if value}


def test_every_total_equals_a_slow_sum_of_the_file():
    made = crs_text(Crs(rows=800, seed=5))
    flows = rows_of(oecd_crs.SOURCE, made.data.decode()).flows
    assert flows is not None
    codes = {iso3: code for code, iso3 in areas().iso3.items()}
    own: dict[tuple[str, str, str, str], Decimal] = defaultdict(Decimal)
    for stage, provider, recipient, year, amount in flows.select(
        "stage", "provider", "recipient", "year", "amount"
    ).iter_rows():
        places = [codes.get(key, key.removeprefix("dac:")) for key in (provider, recipient)]
        own[stage, places[0], places[1], str(year)] += Decimal(repr(amount))
    slow = slowly(made.data)
    assert own.keys() - slow.keys() == {key for key, value in own.items() if not value}
    assert all(abs(own[key] - value) < Decimal("0.01") for key, value in slow.items())


@pytest.mark.parametrize("fashion", FASHIONS)
def test_styles_of_text_and_of_names_give_the_same_rows(fashion: str, tmp_path: Path):
    plain = rows_of(oecd_crs.SOURCE, crs_text(Crs(rows=300)).data.decode()).flows
    assert plain is not None
    for separator in SEPARATORS:
        data = crs_text(Crs(rows=300, fashion=fashion, separator=separator)).data
        found = rows_of(oecd_crs.SOURCE, data.decode()).flows
        assert found is not None
        # A description holds line ends, so lines agree as well.
        assert found.equals(plain)
    (tmp_path / "crs.parquet").write_bytes(crs_parquet(Crs(rows=300, fashion=fashion)).data)
    taken = list(ingest([tmp_path / "crs.parquet"], tmp_path / "ledger"))
    assert [t.read for t in taken] == [300]
    # The others print no amount at all.
    assert [t.kept for t in taken] == [289]
    typed = scan(open_ledger(tmp_path / "ledger"), "flows").select(TOLD).collect()
    assert typed.sort(TOLD).equals(plain.select(TOLD).sort(TOLD))


def test_a_number_and_letters_that_name_two_countries_are_refused():
    header = HEADER.replace("DonorCode,", "DonorCode,DEDonorcode,")
    rows = read(f"{header}\n2020,12,USA,454,ODA Grants,110,1,16063,160,11000,1,,,,,\n")
    assert rows.refused is not None
    assert rows.refused.select("line", "code", "column").rows() == [(2, "unknown-code", "donorcode")]


def test_zeros_and_lone_constant_amounts_stay_in_the_details():
    rows = read(f"{HEADER}\n2020,302,454,ODA Grants,110,1,16063,160,11000,0,,,,1.5,\n")
    assert rows.flows is None
    assert rows.details is not None
    assert rows.details.select("usd_commitment", "usd_disbursement_defl").rows() == [("0", "1.5")]
