"""Aid in total: stages apart, parts and sums marked, current and constant money apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.intake.ingest import ingest
from ayni.ledger.questions import ask
from ayni.ledger.selecting import Asked
from ayni.ledger.store import open_ledger
from ayni.sources import oecd_dac
from tests.made.oecd_totals import Totals, dac1_csv, dac2a_csv
from tests.sources.reading import known_as, rows_of, sample_of

_REST = "TIME,Year,Value,Flags"
DAC2A = f"RECIPIENT,Recipient,DONOR,Donor,PART,Part,AIDTYPE,Aid type,DATATYPE,Amount type,{_REST}"
DAC1 = f"DONOR,Donor,PART,Part,AIDTYPE,Aid type,FLOWS,Fund flows,AMOUNTTYPE,Amount type,{_REST}"
NET = "206,ODA: Total Net"
NOW, THEN = "A,Current Prices (USD millions)", "D,Constant Prices (2023 USD millions)"


def dac2a(*rows: str) -> str:
    return "\n".join([DAC2A, *rows, ""])


def line(donor: str, value: str, *, kind: str = NET, amount: str = NOW, year: int = 2010) -> str:
    return f"454,Peru,{donor},1,x,{kind},{amount},{year},{year},{value},"


def flows(text: str) -> list[dict[str, object]]:
    found = rows_of(oecd_dac.SOURCE, text).flows
    return [] if found is None else found.to_dicts()


# Net aid to Peru in 2010 as the World Bank repeats the committee's table: it is negative because of Japan.
def test_net_flows_keep_their_sign():
    told = flows(dac2a(line("701,Japan", "-711.6"), line("302,United States", "87.0")))
    assert [(f["provider"], f["stage"], f["amount"]) for f in told] == [
        ("JPN", "net", -711600000.0),
        ("USA", "net", 87000000.0),
    ]


def test_constant_money_is_told_apart_with_its_year():
    told = flows(dac2a(line("302,United States", "87.0"), line("302,United States", "110.2", amount=THEN)))
    assert [(f["price_base"], f["caveats"]) for f in told] == [(None, ""), (2023, "constant-prices")]


def test_constant_money_of_an_unknown_year_is_refused():
    rows = rows_of(oecd_dac.SOURCE, dac2a(line("302,United States", "87.0", amount="D,Constant Prices")))
    assert rows.refused is not None
    assert rows.refused.select("line", "code", "column").rows() == [(2, "unknown-code", "datatype")]


def test_parts_and_groups_are_marked():
    told = flows(dac2a(line("20001,DAC", "1.5"), line("302,United States", "1.0", kind="201,Grants")))
    assert [(f["provider"], f["caveats"]) for f in told] == [
        ("dac:20001", "sum-of-providers"),
        ("USA", "part-of-total"),
    ]


def test_net_flows_and_grant_equivalents_are_two_stages():
    text = "\n".join(
        [
            DAC1,
            f"302,United States,1,x,1010,ODA,1140,Net,{NOW},2017,2017,34732.1,",
            f"302,United States,1,x,11010,ODA,1160,Grant equivalent,{NOW},2018,2018,33786.0,",
            "",
        ]
    )
    assert known_as(oecd_dac.SOURCE, text).dataset == "oecd-dac1"
    assert [(f["stage"], f["year"], f["amount"]) for f in flows(text)] == [
        ("net", 2017, 34732100000.0),
        ("grant-equivalent", 2018, 33786000000.0),
    ]


def test_the_explorers_names_and_multiplier_give_the_same_money():
    text = (
        "STRUCTURE,DONOR,Donor,RECIPIENT,Recipient,MEASURE,FLOW_TYPE,UNIT_MEASURE,PRICE_BASE,TIME_PERIOD,"
        "OBS_VALUE,BASE_PER,UNIT_MULT\n"
        "DATAFLOW,USA,United States,PER,Peru,206,D,USD,V,2010,87,,6\n"
        "DATAFLOW,USA,United States,PER,Peru,206,D,USD,Q,2010,110.2,2023,6\n"
        "DATAFLOW,DAC,DAC countries,PER,Peru,206,D,USD,V,2010,-331500,,3\n"
    )
    told = flows(text)
    assert [(f["provider"], f["recipient"], f["amount"], f["price_base"]) for f in told] == [
        ("USA", "PER", 87000000.0, None),
        ("USA", "PER", 110200000.0, 2023),
        ("dac:20001", "PER", -331500000.0, None),
    ]
    assert told[2]["caveats"] == "sum-of-providers"


@pytest.mark.parametrize(
    "made", [dac1_csv(Totals(rows=600)), dac2a_csv(Totals(rows=600))], ids=["dac1", "dac2a"]
)
def test_totals_by_stage_and_year_are_those_that_were_made(made, tmp_path: Path):
    (tmp_path / "table.csv").write_bytes(made.data)
    (taken,) = ingest([tmp_path / "table.csv"], tmp_path / "ledger")
    assert (taken.kept, taken.quarantined) == (600, 0)
    wanted: dict[tuple[str, int], float] = {}
    for key, hundredths in made.truth.sums.items():
        if key[-1] == "A":
            place = (key[0], int(key[1]))
            wanted[place] = wanted.get(place, 0.0) + hundredths * 10_000
    found = {(one.stage, one.year): one.amount for one in taken.sums}
    assert found == pytest.approx(wanted)


def test_a_question_adds_no_group_no_part_and_no_constant_money(tmp_path: Path):
    rows = [
        line("302,United States", "87.0"),
        line("701,Japan", "-711.6"),
        line("20001,DAC Countries", "-331.5"),
        line("302,United States", "80.0", kind="201,Grants"),
        line("302,United States", "110.2", amount=THEN),
    ]
    (tmp_path / "dac2a.csv").write_text(dac2a(*rows))
    assert [t.outcome for t in ingest([tmp_path / "dac2a.csv"], tmp_path / "ledger")] == ["new"]
    found = ask(open_ledger(tmp_path / "ledger"), Asked(recipient="PER", by=("year",)))
    assert found.frame["amount"].to_list() == [pytest.approx(87_000_000 - 711_600_000)]


EXPLORER = (
    "DONOR,MEASURE,TYING_STATUS,FLOW_TYPE,UNIT_MEASURE,PRICE_BASE,SECTOR,"
    "TIME_PERIOD,OBS_VALUE,BASE_PER,UNIT_MULT"
)


def test_money_of_the_provider_and_shares_are_no_dollars():
    told = flows(
        f"{EXPLORER}\n"
        "JPN,1010,_T,1140,USD,V,_T,2016,10417,,6\n"
        "JPN,1010,_T,1140,XDC,V,_T,2016,1133445,,6\n"
        "JPN,11010,_T,1160,PT_B5G,V,_T,2018,0.31,,0\n"
        "JPN,1010,_T,1140,USD,V,110,2016,500,,6\n"
    )
    assert [(f["currency"], f["amount"], f["caveats"]) for f in told] == [
        ("USD", 10417e6, "all-recipients"),
        ("national", 1133445e6, "all-recipients;national-currency"),
        ("USD", 500e6, "all-recipients;part-of-total"),
    ]


def test_an_area_is_the_same_place_as_its_number():
    head = "DONOR,RECIPIENT,MEASURE,UNIT_MEASURE,PRICE_BASE,TIME_PERIOD,OBS_VALUE,BASE_PER,UNIT_MULT"
    told = flows(f"{head}\n5WB002,XKV,206,USD,V,2016,1,,6\n5WBG0,PER,206,USD,V,2016,2,,6\n")
    assert [(f["provider"], f["recipient"], f["caveats"]) for f in told] == [
        ("dac:905", "XKX", ""),
        ("dac:20012", "PER", "sum-of-providers"),
    ]


def test_a_table_cut_by_sector_and_channel_is_another_one():
    head = "DONOR,RECIPIENT,SECTOR,MEASURE,CHANNEL,FLOW_TYPE,PRICE_BASE,TIME_PERIOD,OBS_VALUE,UNIT_MEASURE"
    assert oecd_dac.recognise(sample_of(f"{head}\nUSA,PER,110,10,_T,D,V,2020,1,USD\n")) is None


def test_a_table_that_tells_no_stage_is_not_known():
    assert oecd_dac.SOURCE.recognise(sample_of(DAC1.replace("FLOWS", "OTHER"))) is None
