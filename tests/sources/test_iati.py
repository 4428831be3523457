"""What an IATI file says, element by element, and what is refused of it."""

from __future__ import annotations

import io
import tracemalloc
from datetime import date
from decimal import Decimal
from xml.parsers import expat

import polars as pl
import pytest

from ayni.ledger.records import STAGES
from ayni.sources import iati, iati_blocks
from ayni.sources.contract import FLOW_ROWS, Opened, Sample, UnreadableError
from ayni.sources.iati_codes import BUDGETS, PLANS, TRANSACTIONS, country, form_of, giver_of
from tests.sources.iati_made import (
    HEAD,
    activity,
    details_of,
    element,
    file_of,
    flows_of,
    period,
    place,
    refused_of,
    region,
    rows_of,
    sector,
    transaction,
)


def _money(*children: str, **attributes: str) -> list[tuple[str, str, float]]:
    flows = flows_of(file_of(activity(*children, **attributes)))
    return flows.select("recipient", "purposes", "amount").rows()


def _caveats(*children: str, **attributes: str) -> list[str]:
    return flows_of(file_of(activity(*children, **attributes)))["caveats"].to_list()


# --- recognising ------------------------------------------------------------------------------------


def _sample(head: str, kind: str = "xml") -> Sample:
    return Sample(name="activities.xml", kind=kind, head=head, headers=())


def test_an_activity_file_is_known_by_its_root_and_dated_by_its_publisher():
    known = iati.recognise(_sample(f"<?xml version='1.0'?>\n<!-- made -->\n{HEAD} xmlns:usg='urn:x'>"))
    assert known is not None
    assert (known.dataset, known.vintage, known.verified) == ("iati", "2025-04-03", True)
    assert known.caution == ()
    assert known.read is iati.read


def test_another_version_is_read_with_a_caution():
    text = file_of(activity(place("PE"), transaction()), root=HEAD.replace("2.03", "1.05"))
    known = iati.recognise(_sample(text))
    assert known is not None
    assert known.caution == ("other-iati-version",)
    assert flows_of(text)["caveats"].to_list() == ["other-iati-version"]


@pytest.mark.parametrize("head", ["<iati-organisations version='2.03'>", "<iati-activitiesx>", "<a/>", ""])
def test_other_files_are_not_ours(head):
    assert iati.recognise(_sample(head)) is None
    assert iati.recognise(_sample(HEAD + ">", kind="delimited")) is None


# --- transactions -----------------------------------------------------------------------------------


def test_a_transaction_is_a_flow_with_everything_it_says():
    flows = flows_of(
        file_of(
            activity(
                element("default-finance-type", code="110"),
                transaction(
                    "-77000.00",
                    element("receiver-org", element("narrative", "Wildlife Trust"), type="80"),
                    sector("91010", vocabulary="1"),
                    sector("8001", vocabulary="99"),
                    region("798"),
                ),
                identifier="US-GOV-1-000-15-ASIA",
            )
        )
    )
    assert dict(flows.schema) == FLOW_ROWS
    assert flows.rows(named=True) == [
        {
            "provider": "USA",
            "recipient": "dac:798",
            "year": 2015,
            "until": None,
            "year_kind": "calendar",
            "stage": "disbursed",
            "form": "grant",
            "purposes": "dac:91010;iati-99:8001",
            "account": "",
            "agency": "US-GOV-1",
            "channel": "Wildlife Trust",
            "amount": -77000.0,
            "currency": "USD",
            "price_base": None,
            "status": "counted",
            "caveats": "",
            "note": "",
            "constant": None,
            "date": date(2015, 9, 30),
            "activity": "US-GOV-1-000-15-ASIA",
            "line": 6,
        }
    ]


def test_every_kind_of_transaction_has_a_stage_of_its_own():
    standard = [str(code) for code in range(1, 14)]
    text = file_of(activity(*(transaction(kind=code) for code in standard)))
    stages = flows_of(text)["stage"].to_list()
    assert stages == [TRANSACTIONS[code] for code in standard]
    assert len(set(stages)) == 13
    assert {*TRANSACTIONS.values(), *BUDGETS.values(), *PLANS.values()} <= set(STAGES)
    assert set(TRANSACTIONS.values()).isdisjoint({*BUDGETS.values(), *PLANS.values()})


def test_the_currency_of_the_value_counts_before_that_of_the_activity():
    text = file_of(activity(transaction(currency="EUR"), transaction(), currency="PEN"))
    assert flows_of(text)["currency"].to_list() == ["EUR", "PEN"]


def test_the_day_is_the_transactions_and_the_values_day_is_a_detail():
    text = file_of(activity(transaction().replace('value-date="2015-09-30"', 'value-date="2013-01-01"')))
    assert flows_of(text).select("year", "date").rows() == [(2015, date(2015, 9, 30))]
    assert details_of(text)["value_date"].to_list() == [None, "2013-01-01"]


@pytest.mark.parametrize(
    "day", ["2015-09-30Z", "2015-09-30+05:00", "2015-09-30T00:00:00", "2015-09-30T10:00:00.5-05:00"]
)
def test_a_day_may_have_a_time_and_a_zone(day):
    assert flows_of(file_of(activity(transaction(day=day))))["date"].to_list() == [date(2015, 9, 30)]


@pytest.mark.parametrize(
    ("ref", "giver"),
    [
        ("US-GOV-1", "USA"),
        ("us-gov-11", "USA"),
        ("GB-GOV-1", "GBR"),
        ("XM-DAC-7", "NLD"),
        ("XM-DAC-5-1", "DEU"),
        ("SE-0", "SWE"),
        ("44000", "org:44000"),
        ("XM-DAC-41114", "org:XM-DAC-41114"),
        ("XX-GOV-1", "org:XX-GOV-1"),
        ("GB-COH-1234", "org:GB-COH-1234"),
    ],
)
def test_a_government_is_its_country_and_anyone_else_an_organisation(ref, giver):
    assert giver_of(ref) == giver


def test_who_gives_is_who_is_named_else_the_publisher_unless_the_money_came_to_it():
    named = element("provider-org", ref="44002")
    told = element("provider-org", element("narrative", "A friend"))
    flows = flows_of(
        file_of(
            activity(
                transaction(),
                transaction("1", named),
                transaction("1", told),
                transaction("1", told, kind="1"),
                transaction("1", kind="11"),
                transaction("1", named, kind="13"),
            )
        )
    )
    assert flows["provider"].to_list() == [
        "USA", "org:44002", "USA", "org-name:A friend", "org:unknown", "org:44002",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("110", "grant"),
        ("421", "loan"),
        ("410", "loan"),
        ("422", "grant"),
        ("510", "equity"),
        ("1100", "guarantee"),
        ("610", "debt-relief"),
        ("77", "iati-finance:77"),
        ("", ""),
    ],
)
def test_the_form_is_the_family_of_the_finance_type(code, form):
    assert form_of(code) == form


def test_the_finance_type_of_the_transaction_counts_before_the_default():
    loan = element("finance-type", code="421")
    text = file_of(
        activity(element("default-finance-type", code="110"), transaction("1", loan), transaction("1"))
    )
    assert flows_of(text)["form"].to_list() == ["loan", "grant"]


# --- plans ------------------------------------------------------------------------------------------


def test_budgets_and_plans_are_stages_of_their_own_with_their_period():
    flows = flows_of(
        file_of(
            activity(
                place("PE"),
                period("budget", "5", type="1", status="2"),
                period("budget", "6", type="2"),
                period("budget", "7", since="2014-07-01", until="2015-06-30"),
                period("planned-disbursement", "8"),
                period("planned-disbursement", "9", type="2"),
                hierarchy="2",
            )
        )
    )
    assert flows.select("stage", "year", "until", "amount", "caveats").rows() == [
        ("budgeted", 2014, None, 5.0, "hierarchy:2"),
        ("budget-revised", 2014, None, 6.0, "hierarchy:2"),
        ("budgeted", 2014, 2015, 7.0, "hierarchy:2"),
        ("planned", 2014, None, 8.0, "hierarchy:2"),
        ("plan-revised", 2014, None, 9.0, "hierarchy:2"),
    ]


def test_a_period_over_a_year_or_backwards_is_warned_of():
    long = period("budget", since="2014-01-01", until="2015-06-30")
    year = period("budget", since="2014-01-01", until="2015-01-01")
    back = period("budget", since="2014-02-01", until="2014-01-01")
    assert _caveats(place("PE"), long, year, back) == [
        "hierarchy:1;period-over-a-year",
        "hierarchy:1",
        "hierarchy:1;period-backwards",
    ]


@pytest.mark.parametrize("parent_first", [True, False])
@pytest.mark.parametrize("told_by", ["parent", "child"])
def test_the_later_of_a_parent_and_a_child_that_both_plan_is_warned_of(parent_first, told_by):
    to_child = element("related-activity", ref="C", type="2") if told_by == "parent" else ""
    to_parent = element("related-activity", ref="P", type="1") if told_by == "child" else ""
    plan = period("budget")
    parent = activity(plan, transaction(), to_child, identifier="P", hierarchy="1")
    child = activity(plan, transaction(), to_parent, identifier="C", hierarchy="2")
    alone = activity(plan, identifier="X")
    made = (parent, alone, child) if parent_first else (child, alone, parent)
    flows = flows_of(file_of(*made))
    warned = flows.filter(pl.col("caveats").str.contains("also-budgets"))
    caveat = "parent-also-budgets" if parent_first else "child-also-budgets"
    assert warned.select("activity", "stage").rows() == [("C" if parent_first else "P", "budgeted")]
    assert warned["caveats"].item().split(";")[-1] == caveat


# --- recipients and sectors -------------------------------------------------------------------------


def test_countries_and_regions_have_keys_that_cannot_be_taken_for_one_another():
    assert [country(code) for code in ("PE", "pe", "XK", "AN", "QQ", "")] == [
        "PER", "PER", "XKX", "ANT", "iati-country:QQ", "iati-country:missing",
    ]  # fmt: skip
    keys = [
        _money(region("489", vocabulary=vocabulary), transaction())[0][0]
        for vocabulary in (None, "1", "2", "99")
    ]
    assert keys == ["dac:489", "dac:489", "un-region:489", "iati-region-99:489"]


def test_a_lone_recipient_may_leave_out_its_percentage():
    assert _money(place("PE"), transaction()) == [("PER", "", 100.0)]


def test_recipients_share_to_the_cent_by_largest_remainder():
    thirds = [place(code, "33.33") for code in ("PE", "BO", "CO")]
    assert _money(*thirds, transaction("100.00")) == [
        ("BOL", "", 33.34),
        ("COL", "", 33.33),
        ("PER", "", 33.33),
    ]
    assert _money(*thirds, transaction("-100.00")) == [
        ("BOL", "", -33.34),
        ("COL", "", -33.33),
        ("PER", "", -33.33),
    ]
    assert _caveats(*thirds, transaction()) == ["", "", ""]


def test_a_missing_percentage_among_several_is_not_zero_and_nothing_is_split():
    children = (place("PE", "60"), place("BO"), transaction())
    assert _money(*children) == [("iati:unsplit", "", 100.0)]
    assert _caveats(*children) == ["percentages-missing"]


@pytest.mark.parametrize(
    ("shares", "left"), [(("60", "30"), 10.0), (("80", "40"), -20.0), (("0", "0"), 100.0)]
)
def test_what_percentages_leave_over_is_a_row_and_the_total_stays(shares, left):
    children = (*(place(c, s) for c, s in zip(("PE", "BO"), shares, strict=True)), transaction())
    money = {recipient: amount for recipient, _, amount in _money(*children)}
    assert money.pop("iati:unallocated") == left
    assert money == {c: float(s) for c, s in zip(("PER", "BOL"), shares, strict=True) if s != "0"}
    assert set(_caveats(*children)) == {"percentages-not-100"}


def test_countries_and_regions_share_together():
    money = _money(place("PE", "40"), region("489", "60"), transaction())
    assert money == [("PER", "", 40.0), ("dac:489", "", 60.0)]


def test_a_region_beside_countries_that_are_all_of_it_is_not_counted_again():
    children = (place("PE", "100"), region("489", "100"), transaction())
    assert _money(*children) == [("PER", "", 100.0)]
    assert _caveats(*children) == ["region-beside-country"]


def test_regions_of_two_vocabularies_are_two_views_of_one_amount():
    assert _money(region("489", vocabulary="1"), region("005", vocabulary="2"), transaction()) == [
        ("dac:489", "", 100.0)
    ]


def test_a_transactions_own_recipient_wins():
    children = (place("BO"), transaction("1", place("PE")), transaction("2"))
    assert _money(*children) == [("PER", "", 1.0), ("BOL", "", 2.0)]
    assert _caveats(*children) == ["recipient-at-both-levels", ""]


def test_money_without_a_recipient_is_kept():
    assert _money(transaction()) == [("iati:unstated", "", 100.0)]
    assert _caveats(transaction()) == ["recipient-missing"]


def test_one_vocabulary_divides_and_the_others_ride_along_where_they_are_single():
    children = (
        place("PE"),
        sector("41010", "50"),
        sector("41030", "50", "1"),
        sector("410", None, "2"),
        sector("AZ", "94.0000000", "99", "urn:sectors"),
        sector("AK", "6.00000000", "99", "urn:sectors"),
        sector("83", "96", "98", "urn:themes"),
        sector("22", "100", "98", "urn:themes"),
        sector("X1", None, "99", "urn:second"),
        transaction(),
    )
    assert _money(*children) == [
        ("PER", "dac:41010;dac-sector:410;iati-99:X1", 50.0),
        ("PER", "dac:41030;dac-sector:410;iati-99:X1", 50.0),
    ]


def test_a_transactions_own_sectors_win_and_own_vocabularies_are_views():
    children = (
        place("PE"),
        sector("11220"),
        transaction("1", sector("15160"), sector("A", vocabulary="99"), sector("B", vocabulary="99")),
    )
    assert _money(*children) == [("PER", "dac:15160;iati-99:A;iati-99:B", 1.0)]
    assert _caveats(*children) == ["sector-at-both-levels"]


def test_a_vocabulary_without_a_valid_code_is_kept():
    cluster = element("sector", vocabulary="10", code="")
    assert _money(place("PE"), transaction("5", cluster)) == [("PER", "iati-10:missing", 5.0)]


def test_sectors_that_say_no_percentages_are_not_split():
    assert _money(place("PE"), sector("11220"), sector("15160"), transaction()) == [
        ("PER", "dac:unsplit", 100.0)
    ]


def test_sectors_times_recipients_add_to_the_amount():
    shares = ("16.67", "16.67", "16.67", "16.67", "16.66", "16.66")
    places = [place(c, s) for c, s in zip(("PE", "BO", "CO", "EC", "CL", "BR"), shares, strict=True)]
    sectors = [
        sector(c, s) for c, s in zip(("11220", "15160", "31120"), ("33.3", "33.3", "33.4"), strict=True)
    ]
    money = _money(*places, *sectors, transaction("-1000000.07"))
    assert len(money) == 18
    assert sum(Decimal(repr(amount)) for _, _, amount in money) == Decimal("-1000000.07")


def test_secondary_publishers_are_marked():
    text = file_of(activity(transaction())).replace('type="10"', 'type="10" secondary-reporter="1"')
    assert flows_of(text)["caveats"].to_list() == ["secondary-publisher;recipient-missing"]


# --- details ----------------------------------------------------------------------------------------


def test_titles_in_both_languages_stand_once_per_activity():
    title = element(
        "title",
        '<narrative>Water &amp; health</narrative><narrative xml:lang="es">Agua\n y salud</narrative>',
    )
    text = file_of(activity(title, transaction("1"), transaction("2"), **{"xml:lang": "en"}))
    details = details_of(text)
    assert details["element"].to_list() == ["iati-activity", "transaction", "transaction"]
    assert details["title_en"].to_list() == ["Water & health", None, None]
    assert details["title_es"].to_list() == ["Agua y salud", None, None]
    assert details["value"].to_list() == [None, "1", "2"]


# --- refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "code", "found"),
    [
        (transaction("1,000.00"), "not-a-number", "1,000.00"),
        (transaction("1e6"), "not-a-number", "1e6"),
        (transaction("NaN"), "not-a-number", "NaN"),
        (transaction(""), "missing-value", ""),
        (transaction(day="2015-02-30"), "not-a-date", "2015-02-30"),
        (transaction(day="30/09/2015"), "not-a-date", "30/09/2015"),
        (transaction(day="0215-09-30"), "not-a-date", "0215-09-30"),
        (transaction(day=None), "missing-value", ""),
        (transaction(kind="14"), "unknown-stage", "14"),
        (transaction(kind=None), "missing-value", ""),
        (transaction(currency="Euro"), "unknown-code", "EURO"),
        (period("budget", type="3"), "unknown-code", "3"),
        (period("budget", until="soon"), "not-a-date", "soon"),
        (transaction().replace("<value", "<value>1</value><value"), "repeated-element", "1"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_with_its_text_and_the_rest_is_kept(bad, code, found):
    text = file_of(activity(transaction("1"), bad, transaction("2")))
    refused = refused_of(text)
    line = text[: text.index(bad)].count("\n") + 1
    assert refused.select("line", "code", "found", "text").rows() == [(line, code, found, bad)]
    assert flows_of(text)["amount"].to_list() == [1.0, 2.0]
    assert sum(rows.read for rows in rows_of(text)) == 3


def test_an_amount_without_any_currency_is_refused():
    text = file_of(activity(transaction(), currency=None))
    assert refused_of(text)["code"].to_list() == ["missing-value"]
    assert flows_of(text).is_empty()


def test_the_text_of_what_is_refused_is_cut():
    long = element("description", element("narrative", "x" * 9000))
    text = refused_of(file_of(activity(transaction("?", long))))["text"].item()
    assert len(text) == 4000
    assert text.startswith("<transaction>")


# --- lines ------------------------------------------------------------------------------------------


def test_lines_stay_right_past_65535_and_for_tags_over_several_lines():
    padding = activity("\n" * 40_000, transaction("1"))
    spread = activity(
        transaction("3").replace("<transaction>", '<transaction\n\n  ref="a\n>"\n>'), period("budget")
    )
    hidden = activity(
        "<!--\n<transaction>\n-->",
        "<title><narrative><![CDATA[\n<budget>]]></narrative></title>",
        transaction(),
    )
    text = file_of(padding, padding, spread, hidden, padding)
    lines = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: (
        lines.append(parser.CurrentLineNumber) if name in ("transaction", "budget") else None
    )
    parser.Parse(text.encode(), True)
    assert max(lines) > 120_000
    assert flows_of(text)["line"].to_list() == lines
    assert details_of(text).filter(pl.col("element") != "iati-activity")["line"].to_list() == lines


def test_a_name_of_another_vocabulary_does_not_shift_lines():
    foreign = '<transaction xmlns="urn:other"><value>1</value></transaction>'
    nested = "<x:list>\n<transaction><value>1</value></transaction>\n</x:list>"
    text = file_of(activity(foreign, nested, transaction("7")), root=f'{HEAD} xmlns:x="urn:x"')
    flows = flows_of(text)
    assert flows.select("line", "amount").rows() == [
        (text[: text.rindex("<transaction>")].count("\n") + 1, 7.0)
    ]


# --- files that are unsafe or broken ----------------------------------------------------------------


def _fault(text: str | bytes) -> UnreadableError:
    with pytest.raises(UnreadableError) as told:
        rows_of(text)
    return told.value


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))


@pytest.mark.parametrize(
    "kind",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>',
        '<!DOCTYPE iati-activities SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_document_types_are_refused_unread(kind, encoding):
    text = f'<?xml version="1.0"?>\n<!-- a -->\n{kind}\n' + file_of(activity(transaction("1", "&l29;")))
    fault = _fault(text.encode(encoding))
    assert (fault.code, fault.line) == ("entities", 3)


def test_an_entity_that_nothing_declares_is_a_fault_with_its_line():
    text = file_of(activity("\n\n&e;"))
    fault = _fault(text)
    assert (fault.code, fault.line) == ("not-xml", text[: text.index("&e;")].count("\n") + 1)


@pytest.mark.parametrize("cut", [30, 150, 400, -5, -30])
def test_a_truncated_file_is_not_read(cut):
    text = file_of(activity(transaction()), activity(transaction()))
    assert _fault(text[:cut]).code == "not-xml"


def test_what_is_broken_is_told_with_its_line_however_the_bytes_are_cut(monkeypatch):
    good = activity(transaction())
    text = file_of(*[good] * 50, good.replace("</value>", "</valeu>"), *[good] * 50)
    line = text[: text.index("</valeu>")].count("\n") + 1
    for size in (100, 5000, 1 << 20):
        monkeypatch.setitem(iati_blocks.blocks.__kwdefaults__, "size", size)
        fault = _fault(text)
        assert (fault.code, fault.line) == ("not-xml", line)
        assert "line" not in fault.found


def test_two_roots_and_text_behind_the_root_are_faults():
    text = file_of(activity(transaction()))
    assert _fault(text + text).code == "not-xml"
    assert _fault(text + "x").code == "not-xml"


def test_another_root_is_told():
    fault = _fault("<html><!-- <iati-activities> --></html>")
    assert (fault.code, fault.found) == ("unknown", "<html>")


@pytest.mark.parametrize(
    "root", [f"{HEAD}/>", f"{HEAD}></iati-activities>", f"{HEAD}><iati-activity/></iati-activities>"]
)
def test_a_file_without_money_is_read(root):
    assert flows_of(root).is_empty()
    assert sum(rows.read for rows in rows_of(root)) == 0


@pytest.mark.parametrize("size", [1, 200, 1 << 20])
def test_an_end_tag_in_a_comment_or_in_cdata_does_not_cut(monkeypatch, size):
    tricky = (
        activity("<!-- </iati-activity> -->" * 3, transaction("1")),
        activity(
            "<title><narrative><![CDATA[</iati-activity><transaction>]]></narrative></title>",
            transaction("2"),
        ),
        activity("<?x </iati-activity> ?>", transaction("3")).replace(
            "</iati-activity>\n", "</iati-activity \n>\n"
        ),
        activity("<x:a><iati-activity><transaction/></iati-activity></x:a>", transaction("4")),
        activity(transaction("5")),
    )
    text = file_of(*tricky, root=f'{HEAD} xmlns:x="urn:x"')
    monkeypatch.setitem(iati_blocks.blocks.__kwdefaults__, "size", size)
    monkeypatch.setattr(iati_blocks, "_PIECE_BYTES", size)
    flows = flows_of(text)
    assert flows["amount"].to_list() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert flows["line"].to_list() == [
        text[: text.index(f">{n}</value>")].rpartition("<transaction>")[0].count("\n") + 1
        for n in range(1, 6)
    ]


def test_rows_are_the_same_and_in_order_whatever_the_size_of_blocks(monkeypatch):
    made = [
        activity(
            place("PE", "50"),
            place("BO", "50"),
            *(transaction(f"{n}.0{k}") for k in range(4)),
            identifier=f"A{n}",
        )
        for n in range(60)
    ]
    text = file_of(*made)
    whole = flows_of(text), details_of(text)
    for size in (1, 700, 5000):
        monkeypatch.setitem(iati_blocks.blocks.__kwdefaults__, "size", size)
        assert flows_of(text).equals(whole[0])
        assert details_of(text).equals(whole[1])


def test_many_parts_come_in_batches(monkeypatch):
    monkeypatch.setattr("ayni.sources.iati_rows._BATCH_FLOWS", 10)
    children = [place("PE", "50"), place("BO", "50"), *(transaction(f"{n}") for n in range(40))]
    text = file_of(activity(*children), activity(transaction("?")))
    batches = rows_of(text)
    assert len(batches) > 5
    assert max(rows.flows.height for rows in batches if rows.flows is not None) <= 12
    assert sum(rows.read for rows in batches) == 41
    assert flows_of(text)["amount"].sum() == sum(range(40))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "cp1252"]
)
def test_encodings_are_read_as_declared(encoding):
    name = "Presidencia — Perú" if encoding.startswith(("utf", "cp")) else "Perú"
    said = "utf-8" if encoding == "utf-8-sig" else "utf-16" if "16" in encoding else encoding
    receiver = element("receiver-org", element("narrative", name))
    text = f'<?xml version="1.0" encoding="{said}"?>\n' + file_of(
        activity(transaction("1", receiver), transaction("é"))
    )
    assert flows_of(text.encode(encoding))["channel"].to_list() == [name]
    assert refused_of(text.encode(encoding))["found"].to_list() == ["é"]


def test_bytes_that_are_not_what_they_declare_are_a_fault():
    assert _fault(file_of(activity(transaction("1", "é"))).encode("cp1252")).code == "not-xml"


class _Endless:
    """A gigabyte of one sign behind some first bytes."""

    def __init__(self, begin: bytes, filling: bytes) -> None:
        self._begin, self._filling, self._left = begin, filling, 1 << 30

    def read(self, size: int = -1, /) -> bytes:
        begin, self._begin = self._begin, b""
        if begin:
            return begin
        size = min(size, self._left)
        self._left -= size
        return self._filling * (size // len(self._filling))


@pytest.mark.parametrize(
    "begin",
    [
        f"{HEAD}><iati-activity><title><narrative>",
        f'{HEAD}><iati-activity x="',
        f"{HEAD}><!--",
        HEAD,
        "<!--",
        "",
    ],
)
def test_a_gigabyte_without_an_end_does_not_fill_the_memory(begin):
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableError) as told:
            list(iati.read(Opened(name="x", stream=_Endless(begin.encode(), b"x"), path=None)))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert told.value.code in ("too-long-activity", "not-xml")
    assert peak < 4 * iati_blocks.ACTIVITY_BYTES


def test_a_long_text_and_deep_nesting_are_faults_and_not_crashes():
    assert _fault(file_of(activity("x" * 11_000_000))).code == "not-xml"
    assert _fault(file_of(activity("<a>" * 100_000 + "</a>" * 100_000))).code == "not-xml"


def test_reading_may_be_given_up():
    text = file_of(*[activity(transaction())] * 2000)
    rows = iati.read(Opened(name="x", stream=io.BytesIO(text.encode()), path=None))
    next(rows)
    rows.close()  # type: ignore[attr-defined]
