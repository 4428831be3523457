"""A dossier's tables: every fault is told, all at once, with file and exact line."""

# mypy: disable-error-code="arg-type, union-attr"
from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayni.problems import ProblemsError
from ayni.sources.figures import read

OBSERVATION = (
    "indicator,place,counterpart,year,until,year_kind,part_year,value,unit,low,high,status,"
    "vintage,origin,caveats,note"
)
FLOW = (
    "provider,recipient,year,until,year_kind,stage,form,purposes,account,agency,channel,amount,currency,"
    "price_base,vintage,origin,status,caveats,note"
)
FILES = {
    "origins.csv": (
        "key,publisher,via,title,published,retrieved,vintage,url,licence,sha256\n"
        "unodc,UNODC,,Survey,2023,2026-11-01,,https://example.org/a,free,\n"
        "usaid,USAID,,Explorer,2025,2026-11-01,2025-11-29,https://example.org/b,free,\n"
    ),
    "places.csv": "key,es,en,parent\nPER,Perú,Peru,\nUSA,Estados Unidos,United States,\n",
    "indicators.csv": (
        "key,concept,unit,interest,es,en,publisher\n"
        "area,area,ha,drugs,Área,Area,UNODC\n"
        "potential,potential,t,drugs,Potencial,Potential,UNODC\n"
    ),
    "licences.csv": "key,es,en\nfree,Libre,Free\n",
    "labels.csv": "kind,key,es,en\ncaveat,rounded,redondeado,rounded\naccount,esf,FAE,ESF\n",
    "breaks.csv": "indicator,place,year,kind,origin,es,en\narea,PER,2011,method,unodc,cambia,changes\n",
    "area.csv": (
        f"{OBSERVATION}\n"
        "area,PER,,2021,,calendar,,80681,ha,,,estimated,,unodc,rounded,\n"
        "area,PER,,2022,,calendar,,95008,ha,90000,100000,estimated,,unodc,,\n"
        "potential,PER,USA,2013,2014,calendar,M09,1e2,kg,,,reported,,unodc,,\n"
    ),
    "flows-totals.csv": (
        f"{FLOW}\n"
        "USA,PER,2021,,us-fiscal,obligated,,us-sector:4,esf,,,-5.5,USD,,2025-11-29,usaid,counted,,\n"
        "PER,USA,2021,,us-fiscal,obligated,,us-sector:4,esf,,,7,USD,2024,2025-11-29,usaid,counted,rounded,\n"
    ),
}


def put(folder: Path, changed: dict[str, str | bytes | None] | None = None) -> Path:
    for name, content in (FILES | (changed or {})).items():
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults(folder: Path) -> list[tuple[str, str, int, str]]:
    with pytest.raises(ProblemsError) as told:
        read(folder)
    return [(p.code, p.file.removeprefix("figures/"), p.line, p.found) for p in told.value.problems]


def edited(name: str, old: str, new: str) -> dict[str, str]:
    assert FILES[name].count(old) >= 1
    return {name: FILES[name].replace(old, new, 1)}


# --- what is right is read -----------------------------------------------------------------------


def test_figures_are_read_as_they_stand(tmp_path):
    frames = read(put(tmp_path)).frames
    area = frames["observations"].to_dicts()
    assert [(r["year"], r["until"], r["value"], r["low"], r["unit"], r["row"]) for r in area] == [
        (2021, None, 80681, None, "ha", "figures/area.csv:2"),
        (2022, None, 95008, 90000, "ha", "figures/area.csv:3"),
        (2013, 2014, 100, None, "kg", "figures/area.csv:4"),
    ]
    money = frames["flows"].to_dicts()
    assert [(r["provider"], r["amount"], r["price_base"], r["row"]) for r in money] == [
        ("USA", -5.5, None, "figures/flows-totals.csv:2"),
        ("PER", 7, 2024, "figures/flows-totals.csv:3"),
    ]
    assert frames["breaks"]["year"].to_list() == [2011]
    assert frames["places"]["es"].to_list() == ["Perú", "Estados Unidos"]


@pytest.mark.parametrize(
    "save",
    [
        lambda t: b"\xef\xbb\xbf" + t.encode(),
        lambda t: t.replace("\n", "\r\n").encode(),
        lambda t: t.rstrip("\n").encode(),
        lambda t: quoted(t).encode(),
        lambda t: quoted(t).replace("\n", "\r\n").encode(),
        lambda t: b"\xef\xbb\xbf" + quoted(t).encode(),
    ],
    ids=["mark", "crlf", "no-last-newline", "quoted", "quoted-crlf", "quoted-mark"],
)
def test_how_a_spreadsheet_saves_does_not_change_what_is_read(tmp_path, save):
    (tmp_path / "plain").mkdir()
    (tmp_path / "saved").mkdir()
    plain = read(put(tmp_path / "plain")).frames
    saved = read(put(tmp_path / "saved", {name: save(text) for name, text in FILES.items()})).frames
    for name, frame in plain.items():
        assert saved[name].equals(frame), name


def quoted(text: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(csv.reader(io.StringIO(text)))
    return out.getvalue()


def test_columns_in_another_order_are_read_the_same(tmp_path):
    def turned(text: str) -> str:
        return "".join(",".join(reversed(line.split(","))) + "\n" for line in text.splitlines())

    (tmp_path / "turned").mkdir()
    plain = read(put(tmp_path)).frames
    other = read(put(tmp_path / "turned", {"area.csv": turned(FILES["area.csv"])})).frames
    assert other["observations"].equals(plain["observations"])


def test_a_file_with_a_header_only_holds_no_rows(tmp_path):
    frames = read(put(tmp_path, {"area.csv": OBSERVATION + "\n", "flows-totals.csv": FLOW})).frames
    assert frames["observations"].is_empty()
    assert frames["flows"].is_empty()


# --- each fault, with its line -------------------------------------------------------------------

ONE_FAULT = [
    ("year-as-decimal", "area.csv", "2021,,calendar", "2021.0,,calendar", ("not-a-year", 2, "2021.0")),
    ("year-in-words", "area.csv", "2022,,calendar", "dos mil,,calendar", ("not-a-year", 3, "dos mil")),
    ("no-year", "area.csv", "2022,,calendar", ",,calendar", ("not-a-year", 3, "")),
    ("short-year", "area.csv", "2022,,calendar", "22,,calendar", ("not-a-year", 3, "22")),
    ("bad-until", "area.csv", "2013,2014", "2013,2014.0", ("not-a-year", 4, "2014.0")),
    ("until-before", "area.csv", "2013,2014", "2013,2012", ("years-reversed", 4, "2012")),
    ("bad-base", "flows-totals.csv", "USD,2024", "USD,current", ("not-a-year", 3, "current")),
    ("text-number", "area.csv", "80681", "80 681", ("not-a-number", 2, "80 681")),
    ("comma-number", "area.csv", "80681", '"80,681"', ("not-a-number", 2, "80,681")),
    ("no-number", "area.csv", "80681", "", ("not-a-number", 2, "")),
    ("nan", "area.csv", "80681", "nan", ("not-a-number", 2, "nan")),
    ("infinite", "area.csv", "80681", "1e999", ("not-a-number", 2, "1e999")),
    ("bad-low", "area.csv", "90000", "about", ("not-a-number", 3, "about")),
    ("bad-amount", "flows-totals.csv", "-5.5", "$5", ("not-a-number", 2, "$5")),
    ("unknown-unit", "area.csv", ",ha,,", ",hectare,,", ("unknown-unit", 2, "hectare")),
    ("other-dimension", "area.csv", ",ha,,", ",kg,,", ("unit-mismatch", 2, "kg")),
    ("unknown-origin", "area.csv", "unodc,rounded", "undoc,rounded", ("unknown-origin", 2, "undoc")),
    ("unknown-place", "area.csv", "area,PER", "area,Peru", ("unknown-place", 2, "Peru")),
    ("unknown-counterpart", "area.csv", "PER,USA", "PER,US", ("unknown-place", 4, "US")),
    ("unknown-provider", "flows-totals.csv", "USA,PER", "EEUU,PER", ("unknown-place", 2, "EEUU")),
    ("unknown-recipient", "flows-totals.csv", "PER,USA", "PER,EEUU", ("unknown-place", 3, "EEUU")),
    ("unknown-indicator", "area.csv", "potential,PER", "potental,PER", ("unknown-indicator", 4, "potental")),
    ("unknown-caveat", "area.csv", "rounded", "rounded;vague", ("unknown-caveat", 2, "vague")),
    ("unknown-currency", "flows-totals.csv", "7,USD", "7,PES", ("unknown-currency", 3, "PES")),
    ("unknown-stage", "flows-totals.csv", "obligated", "lost", ("not-allowed", 2, "lost")),
    ("unknown-status", "area.csv", "estimated", "guessed", ("not-allowed", 2, "guessed")),
    ("unknown-year-kind", "area.csv", "calendar", "fiscal", ("not-allowed", 2, "fiscal")),
    ("bad-part", "area.csv", "M09", "M13", ("not-a-part", 4, "M13")),
    ("low-above-high", "area.csv", "90000,100000", "100000,90000", ("range-reversed", 3, None)),
    ("short-row", "area.csv", "2021,,calendar,", "2021,calendar,", ("ragged-row", 2, "15")),
    ("long-row", "area.csv", "rounded,", "rounded,,", ("ragged-row", 2, "17")),
    ("missing-column", "area.csv", ",unit,", ",", ("missing-column", 1, "unit")),
    ("unknown-column", "area.csv", ",unit,", ",units,", ("unknown-column", 1, "units")),
    ("bad-break", "breaks.csv", "2011", "2011.0", ("not-a-year", 2, "2011.0")),
    ("break-elsewhere", "breaks.csv", "area,PER", "area,XXX", ("unknown-place", 2, "XXX")),
    ("unknown-licence", "origins.csv", "/b,free", "/b,fere", ("unknown-licence", 3, "fere")),
    (
        "unit-of-an-indicator",
        "indicators.csv",
        "potential,t,",
        "potential,tonne,",
        ("unknown-unit", 3, "tonne"),
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"), [f[1:] for f in ONE_FAULT], ids=[f[0] for f in ONE_FAULT]
)
def test_a_fault_is_told_with_its_file_and_line(tmp_path, name, old, new, told):
    code, line, found = told
    got = faults(put(tmp_path, edited(name, old, new)))
    assert any(
        (code in (None, c)) and f == name and at == line and found in (None, what) for c, f, at, what in got
    ), got


def test_a_column_that_stands_twice_is_told(tmp_path):
    head, *rows = FILES["area.csv"].splitlines()
    spoiled = "\n".join([f"{head},value", *(f"{row},999" for row in rows)])
    assert any((f, at) == ("area.csv", 1) for _, f, at, _ in faults(put(tmp_path, {"area.csv": spoiled})))


def test_a_row_that_stands_twice_is_told_with_the_line_of_the_first(tmp_path):
    text = FILES["area.csv"] + "area,PER,,2022,,calendar,,99999,ha,,,reported,,unodc,rounded,\n"
    with pytest.raises(ProblemsError) as told:
        read(put(tmp_path, {"area.csv": text}))
    assert [(p.code, p.line, p.where) for p in told.value.problems] == [("duplicate-row", 5, "3")]


def test_a_key_that_stands_twice_is_told(tmp_path):
    more = {"places.csv": FILES["places.csv"] + "PER,Perú otra vez,Peru again,\n"}
    assert faults(put(tmp_path, more)) == [("duplicate-row", "places.csv", 4, "PER")]


def test_rows_told_apart_by_vintage_or_note_are_no_duplicates(tmp_path):
    extra = "area,PER,,2022,,calendar,,9,ha,,,reported,2024,unodc,,\n"
    extra += "area,PER,,2022,,calendar,,9,ha,,,reported,,unodc,,b\n"
    assert read(put(tmp_path, {"area.csv": FILES["area.csv"] + extra})).frames["observations"].height == 5


@pytest.mark.parametrize("name", [n for n in FILES if n not in ("area.csv", "flows-totals.csv")])
def test_a_missing_file_is_told(tmp_path, name):
    assert ("missing-file", name, 0, "") in faults(put(tmp_path, {name: None}))


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_lacks_every_column(tmp_path, name):
    wanted = FILES[name].splitlines()[0].split(",")
    got = [f for f in faults(put(tmp_path, {name: ""})) if f[1] == name]
    assert sorted(got) == sorted(("missing-column", name, 1, column) for column in wanted)


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_another_encoding_is_told_with_the_line_of_the_byte(tmp_path, name):
    lines = FILES[name].encode().splitlines(keepends=True)
    spoiled = lines[0] + lines[1][:-1] + b"\xf1o\n" + b"".join(lines[2:])
    assert ("not-utf8", name, 2, repr(spoiled)) in [
        (c, f, at, repr(spoiled)) for c, f, at, _ in faults(put(tmp_path, {name: spoiled}))
    ]


# --- lines are right below a cell of several lines ----------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_below_a_cell_of_several_lines_are_right(tmp_path, newline):
    rows = [
        OBSERVATION,
        'area,PER,,2021,,calendar,,1,ha,,,reported,,unodc,,"two\nlines, and a ""quote"""',
        "area,PER,,2022,,calendar,,x,ha,,,reported,,unodc,,",
        'area,PER,,2023,,calendar,,y,ha,,,reported,,unodc,,"three\n\nlines"',
        "area,PER,,2024,,calendar,,z,ha,,,reported,,unodc,,",
    ]
    text = "\n".join(rows).replace("\n", newline)
    got = faults(put(tmp_path, {"area.csv": text}))
    assert [(code, at, found) for code, _, at, found in got] == [
        ("not-a-number", 4, "x"),
        ("not-a-number", 5, "y"),
        ("not-a-number", 8, "z"),
    ]


def test_a_quote_that_is_never_closed_is_told_and_swallows_nothing(tmp_path):
    """A note that begins with a quote would otherwise hold the rest of the file."""
    spoiled = FILES["area.csv"].replace("rounded,\n", 'rounded,"\n', 1)
    assert any(f == "area.csv" for _, f, _, _ in faults(put(tmp_path, {"area.csv": spoiled})))


def test_a_quote_that_is_never_closed_in_a_long_file_is_told(tmp_path):
    rows = "".join(f"area,PER,,2020,,calendar,,{i},ha,,,reported,,unodc,,n{i}\n" for i in range(4000))
    text = f'{OBSERVATION}\narea,PER,,2019,,calendar,,1,ha,,,reported,,unodc,,"\n{rows}'
    assert any(f == "area.csv" for _, f, _, _ in faults(put(tmp_path, {"area.csv": text})))


# --- all at once ---------------------------------------------------------------------------------


def test_all_faults_of_all_files_are_told_at_once_in_order(tmp_path):
    changed = {
        **edited("area.csv", "80681", "many"),
        "labels.csv": b"kind,key,es,en\ncaveat,rounded,redonde\xf3,rounded\n",
        **edited("flows-totals.csv", "obligated", "lost"),
        **edited("places.csv", ",parent", ""),
        "licences.csv": None,
    }
    changed["area.csv"] = changed["area.csv"].replace("95008,ha", "95008,tons")
    got = faults(put(tmp_path, changed))
    assert {(code, file, line) for code, file, line, _ in got} >= {
        ("not-a-number", "area.csv", 2),
        ("unknown-unit", "area.csv", 3),
        ("not-utf8", "labels.csv", 2),
        ("not-allowed", "flows-totals.csv", 2),
        ("missing-column", "places.csv", 1),
        ("missing-file", "licences.csv", 0),
    }
    assert [(f, at) for _, f, at, _ in got] == sorted((f, at) for _, f, at, _ in got)


def test_two_faults_of_one_row_are_both_told(tmp_path):
    spoiled = FILES["area.csv"].replace("2021,,calendar,,80681,ha", "21,,fiscal,,x,hectare")
    codes = {code for code, _, line, _ in faults(put(tmp_path, {"area.csv": spoiled})) if line == 2}
    assert codes == {"not-a-year", "not-allowed", "not-a-number", "unknown-unit"}


def test_other_columns_are_still_checked_where_one_is_missing(tmp_path):
    rows = [
        ",".join(c for i, c in enumerate(line.split(",")) if i != 8)
        for line in FILES["area.csv"].splitlines()
    ]
    spoiled = "\n".join(rows).replace("80681", "x") + "\n"
    got = faults(put(tmp_path, {"area.csv": spoiled}))
    assert ("missing-column", "area.csv", 1, "unit") in got
    assert ("not-a-number", "area.csv", 2, "x") in got


# --- whatever is typed ---------------------------------------------------------------------------

cells = st.text(max_size=12) | st.sampled_from(
    [
        "",
        "nan",
        "-",
        "1e5",
        "1992.0",
        "٣",
        "=1+1",
        '"',
        "\x00",
        "\n",
        "\r",
        ",",
        ";",
        "PER",
        "ha",
        "kg/",
        "NULL",
        "-0",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    at=st.tuples(st.integers(0, 3), st.integers(0, 18)),
    cell=cells,
    raw=st.booleans(),
)
def test_whatever_is_typed_into_a_cell_is_read_or_told(tmp_path, name, at, cell, raw):
    rows = list(csv.reader(io.StringIO(FILES[name])))
    line, column = at[0] % len(rows), at[1] % len(rows[0])
    rows[line][column] = cell
    if raw:
        text = "\n".join(",".join(row) for row in rows) + "\n"
    else:
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(rows)
        text = out.getvalue()
    folder = put(tmp_path, {name: text.encode("utf-8", "surrogatepass")})
    try:
        frames = read(folder).frames
    except ProblemsError as error:
        problems, frames = error.problems, None
    else:
        problems = ()
    assert bool(problems) is (frames is None)
    assert all(p.file.startswith("figures/") for p in problems)
    assert all(p.line <= text.count("\n") + text.count("\r") + 1 for p in problems)
    if frames is not None:
        assert frames["observations"].height == 3 or name == "area.csv"
        assert frames["observations"]["value"].is_finite().all()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 2000), byte=st.binary(min_size=1, max_size=2))
def test_whatever_byte_is_damaged_the_file_is_read_or_told(tmp_path, name, at, byte):
    whole = FILES[name].encode()
    at %= len(whole)
    with contextlib.suppress(ProblemsError):
        read(put(tmp_path, {name: whole[:at] + byte + whole[at + 1 :]}))


# --- the dossier's own tables --------------------------------------------------------------------


def test_three_figures_of_the_dossier_are_those_of_the_published_tables():
    """UNODC 2022 and DEVIDA 2024 for the area; ForeignAssistance.gov of 29 November 2025 for the money."""
    from tests.dossier.peru import FOLDER

    frames = read(FOLDER / "figures").frames
    area = {
        (r["year"], r["value"])
        for r in frames["observations"].filter(indicator="coca-area-un", place="PER").iter_rows(named=True)
    }
    assert {(2022, 95008.0), (2023, 92784.0), (2024, 89755.0)} <= area
    money = frames["flows"].filter(origin="fagov-2025-11-29", stage="obligated", year=2023)
    assert 193724818.0 in money["amount"].to_list()
