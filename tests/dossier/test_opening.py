"""A dossier with faults in every file: all are told at once, each in its file and line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from ayni.claims.verdicts import verdicts
from ayni.dossier.opening import Dossier, folder_digest, open_dossier
from ayni.dossier.shelves import UnknownDossierError, locate
from ayni.ledger.store import MANIFEST, frame
from ayni.problems import ProblemsError, sentence
from tests.dossier.peru import FOLDER, peru
from tests.dossier.small import small


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(small(), tmp_path / "us-peru"))


def opened(folder: Path) -> Dossier:
    return open_dossier(folder, cache=folder.parent / "cache")


def told(folder: Path) -> list[tuple[str, str, int]]:
    with pytest.raises(ProblemsError) as error:
        opened(folder)
    for problem in error.value.problems:
        assert sentence(problem, "es")
        assert sentence(problem, "en")
    return [(p.code, p.file, p.line) for p in error.value.problems]


def edit(folder: Path, name: str, old: str, new: str, *, after: str = "") -> int:
    """Put `new` for the first `old` behind `after`; give the line on which it stands."""
    path = folder / name
    text = path.read_text("utf-8")
    start = text.index(after) + len(after)
    at = text.index(old, start)
    path.write_text(text[:at] + new + text[at + len(old) :], "utf-8")
    return text[:at].count("\n") + 1


def line_of(folder: Path, name: str, pattern: str, nth: int = 0) -> int:
    lines = (folder / name).read_text("utf-8").splitlines()
    return [i for i, line in enumerate(lines, 1) if re.search(pattern, line)][nth]


def cut(folder: Path, name: str, pattern: str, *, after: str) -> None:
    """Take out the first line that matches behind `after`."""
    lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if after in line)
    at = next(i for i in range(start, len(lines)) if re.search(pattern, lines[i]))
    (folder / name).write_text("".join(lines[:at] + lines[at + 1 :]), "utf-8")


# --- it opens ------------------------------------------------------------------------------------


def test_the_dossier_opens_and_a_copy_of_it_says_the_same(tmp_path):
    copy = opened(Path(shutil.copytree(FOLDER, tmp_path / "us-peru")))
    assert copy.digest == peru().digest
    assert copy.case.ledger.digest == peru().case.ledger.digest
    assert [(v.claim.key, v.label, v.reasons) for v in verdicts(copy.case)] == [
        (v.claim.key, v.label, v.reasons) for v in verdicts(peru().case)
    ]


def test_an_unchanged_dossier_does_not_write_its_ledger_again(folder):
    path = opened(folder).case.ledger.path
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in path.rglob("*") if p.is_file()}
    again = opened(folder).case.ledger
    assert again.path == path
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in path.rglob("*") if p.is_file()} == before
    assert len(list(path.parent.iterdir())) == 1


def test_a_ledger_kept_that_has_lost_a_part_is_made_again(folder):
    ledger = opened(folder).case.ledger
    (ledger.path / "parts" / ledger.parts[0].file).unlink()
    again = opened(folder).case.ledger
    assert frame(again, ledger.parts[0].table).height == ledger.parts[0].rows


def test_a_ledger_kept_that_is_damaged_is_made_again(folder):
    ledger = opened(folder).case.ledger
    (ledger.path / MANIFEST).write_text("{", "utf-8")
    assert opened(folder).case.ledger.digest == ledger.digest


def test_a_changed_figure_is_in_the_ledger_of_the_next_opening(folder):
    opened(folder)
    edit(folder, "figures/coca-area.csv", ",89755,", ",89756,")
    rows = frame(opened(folder).case.ledger, "observations")
    assert rows.filter(indicator="coca-area-un", place="PER", year=2024, value=89756).height == 1


def test_a_dossier_is_found_by_its_path_and_not_by_another_name(folder):
    assert locate(str(folder)) == folder
    with pytest.raises(UnknownDossierError):
        locate(str(folder / "figures"))


# --- digests -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["claims.toml", "numbers.toml", "text.es.md", "figures/votes.csv", "figures/origins.csv", "dossier.toml"],
)
def test_any_byte_changes_the_digest(folder, name):
    before = folder_digest(folder)
    whole = (folder / name).read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        (folder / name).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert folder_digest(folder) != before
    (folder / name).write_bytes(whole)
    assert folder_digest(folder) == before


def test_a_file_renamed_or_added_or_removed_changes_the_digest(folder):
    before = folder_digest(folder)
    (folder / "figures" / "gold.csv").rename(folder / "figures" / "ouro.csv")
    renamed = folder_digest(folder)
    (folder / "figures" / "ouro.csv").unlink()
    removed = folder_digest(folder)
    assert len({before, renamed, removed}) == 3


def test_results_do_not_change_the_digest(folder):
    before = folder_digest(folder)
    (folder / "expected.json").write_text("{}")
    assert folder_digest(folder) == before


# --- corrections ---------------------------------------------------------------------------------


def test_the_known_misprint_is_corrected_and_shown_as_revised(folder):
    raw = (folder / "figures" / "control.csv").read_text("utf-8")
    assert ",27787," in raw
    rows = frame(opened(folder).case.ledger, "observations").filter(
        indicator="eradication", place="PER", year=2024
    )
    (row,) = rows.filter(origin="mininter-2024-infobae").to_dicts()
    assert (row["value"], row["status"]) == (25787, "revised")
    assert 27787 not in rows["value"].to_list()


def test_a_source_that_has_been_repaired_makes_its_correction_stale(folder):
    edit(folder, "figures/control.csv", ",27787,", ",25787,")
    line = line_of(folder, "corrections.toml", r"^\[\[correction\]\]")
    assert told(folder) == [("stale-correction", "corrections.toml", line)]


def test_a_replacement_without_its_value_is_told(folder):
    line = line_of(folder, "corrections.toml", r"^\[\[correction\]\]")
    cut(folder, "corrections.toml", "^value", after="[[correction]]")
    got = told(folder)
    assert [(f, at) for _, f, at in got] == [("corrections.toml", line)]


# --- one fault after the other, told in as few openings as they can stand together in ----------------


class Told:
    """What one opening tells of all the faults put in at once, and where each was put."""

    def __init__(self, folder: Path, put: Iterable[str]) -> None:
        self.at = {}
        for fault in put:
            name, old, new, after, _ = FAULTS[fault]
            self.at[fault] = edit(folder, name, old, new, after=after)
        self.problems = told(folder)


# file, what stands there, what is put, behind which words, which code is told
FAULTS = {
    "year as text": ("dossier.toml", "since = 1992", 'since = "1992"', "", "bad-value"),
    "unknown language": ("dossier.toml", '"es", "en"', '"es", "fr"', "languages", "bad-value"),
    "unknown key": ("dossier.toml", "currency =", "curency =", "", "unknown-key"),
    "headline that is no number": ("dossier.toml", "rule-of-law-gap", "rule-of-law-gp", "", "unknown-number"),
    "release that is no origin": ("dossier.toml", "greenbook-2022-08", "greenbok", "", "unknown-origin"),
    "provider that is no place": ("dossier.toml", '"USA"', '"UUSA"', "provider", "unknown-place"),
    "index that is no indicator": (
        "dossier.toml",
        "us-gdp-deflator-2012",
        "us-gdp-deflator-2021",
        "indexes",
        "unknown-indicator",
    ),
    "question about an unknown indicator": (
        "questions.toml",
        '"coca-area-un"',
        '"coca-area-uno"',
        "[area-2024]",
        "unknown-indicator",
    ),
    "question year as text": ("questions.toml", "year = 2024", 'year = "2024"', "[area-2024]", "bad-value"),
    "question in an unknown place": ("questions.toml", '"PER"', '"PERU"', "[area-2024]", "unknown-place"),
    "question of an unknown interest": (
        "questions.toml",
        '"drugs"',
        '"druggs"',
        "[area-2024]",
        "unknown-interest",
    ),
    "question with an unknown counterpart": (
        "questions.toml",
        'counterpart = "USA"',
        'counterpart = "EEUU"',
        "[encounters-2024]",
        "unknown-place",
    ),
    "cause with an unknown origin": (
        "questions.toml",
        "fagov-sector-2025-04",
        "fagov-sector",
        "[area-2024]",
        "unknown-origin",
    ),
    "cause at an unknown stage": ("questions.toml", '"obligated"', '"obligatd"', "[area-2024]", "bad-value"),
    "claimed figures of no indicator": (
        "questions.toml",
        "coca-area-projected-claimed",
        "coca-area-project",
        "[area-2024]",
        "unknown-indicator",
    ),
    "unknown design": (
        "questions.toml",
        'design = "projection"',
        'design = "projecton"',
        "[[area-2024.design]]",
        "unknown-design",
    ),
    "design with an unknown rule": (
        "questions.toml",
        'rule = "linear"',
        'rule = "linaer"',
        "[area-2024]",
        "bad-value",
    ),
    "design without a setting": ("questions.toml", 'since = "2022", ', "", "[area-2024]", "missing-key"),
    "design with an unknown setting": ("questions.toml", "since =", "sinse =", "[area-2024]", "unknown-key"),
    "design with a year in words": (
        "questions.toml",
        'since = "2018"',
        'since = "once"',
        "[area-2024]",
        "bad-value",
    ),
    "design with an unknown yield": (
        "questions.toml",
        '"yield-2024"',
        '"yield-24"',
        "[cocaine-2024]",
        "unknown-number",
    ),
    "specification of an unknown question": (
        "specifications.toml",
        '"area-2024"',
        '"area-24"',
        "[area-2024]",
        "unknown-question",
    ),
    "specification edited after it was frozen": (
        "specifications.toml",
        "2018]",
        "2018, 2019]",
        "[area-2024]",
        "list-not-frozen",
    ),
    "specification with an unknown rule": (
        "specifications.toml",
        '"theil-sen"',
        '"theil"',
        "[area-2024]",
        "bad-value",
    ),
    "number with an unknown filter": ("numbers.toml", "place =", "plce =", "[coca-2024]", "unknown-key"),
    "number with a year as text": (
        "numbers.toml",
        "year = 2024",
        'year = "2024"',
        "[coca-2024]",
        "bad-value",
    ),
    "number that leads nowhere": (
        "numbers.toml",
        "year = 2024",
        "year = 1776",
        "[coca-2024-col]",
        "dangling-number",
    ),
    "number without an operation": ("numbers.toml", "figure =", "figur =", "[coca-2015]", "one-operation"),
    "number of an unknown name": (
        "numbers.toml",
        '"coca-2015"',
        '"coca-15"',
        "[coca-change-2015-2024]",
        "dangling-number",
    ),
    "node of an unknown interest": (
        "results.toml",
        '"drugs"',
        '"druggs"',
        'key = "control"',
        "unknown-interest",
    ),
    "link to an unknown node": (
        "results.toml",
        '"less-coca"',
        '"less-coc"',
        'source = "control"',
        "unknown-node",
    ),
    "item with an unknown number": (
        "results.toml",
        '"elasticity-reyes"',
        '"elasticity"',
        "",
        "unknown-number",
    ),
    "second item with an unknown number": (
        "results.toml",
        '"sprayed-removed"',
        '"sprayed"',
        "",
        "unknown-number",
    ),
    "item with an unknown document": ("results.toml", '"usaid-2015"', '"usaid-15"', "", "unknown-origin"),
    "item with an unknown method": (
        "results.toml",
        '"instrument"',
        '"instrumnt"',
        'key = "reyes-2014"',
        "unknown-method",
    ),
    "item with a number and no direction": (
        "results.toml",
        'test = "below"',
        'test = "for"',
        'key = "reyes-2014"',
        "bad-value",
    ),
    "document with a direction and no number": (
        "results.toml",
        'test = "for"',
        'test = "below"',
        'key = "agency-ad"',
        "bad-value",
    ),
    "claim of an unknown kind": (
        "claims.toml",
        '"quantity"',
        '"quantty"',
        'key = "potential-822"',
        "bad-value",
    ),
    "claim year as text": (
        "claims.toml",
        "year = 2024",
        'year = "2024"',
        'key = "potential-822"',
        "bad-value",
    ),
    "claim by an unknown speaker": (
        "claims.toml",
        '"article-masias"',
        '"article-masia"',
        'key = "averted-313"',
        "unknown-origin",
    ),
    "claim about an unknown place": (
        "claims.toml",
        'place = "PER"',
        'place = "PRU"',
        'key = "averted-313"',
        "unknown-place",
    ),
    "claim about an unknown concept": (
        "claims.toml",
        '"cocaine-averted-trend"',
        '"cocaine-averted"',
        'key = "averted-313"',
        "unknown-concept",
    ),
    "claim in an unknown unit": (
        "claims.toml",
        'unit = "t"',
        'unit = "tm"',
        'key = "averted-313"',
        "unknown-unit",
    ),
    "claim of an unknown number": (
        "claims.toml",
        '"potential-2024-from-yield"',
        '"potential-24"',
        'key = "potential-822"',
        "unknown-number",
    ),
    "claim along an unknown link": (
        "claims.toml",
        '"us-money.control"',
        '"us-money.contrl"',
        "",
        "unknown-link",
    ),
    "claim on an unknown effect": ("claims.toml", '["area-2024", ', '["area-24", ', "", "unknown-question"),
    "sum of an unknown claim": ("claims.toml", '"averted-313"', '"averted"', "parts =", "unknown-claim"),
    "claim of an unknown interest": (
        "claims.toml",
        '"migration"',
        '"migrations"',
        'key = "second-host"',
        "unknown-interest",
    ),
    "correction of no origin": (
        "corrections.toml",
        '"mininter-2024-infobae"',
        '"mininter"',
        "",
        "stale-correction",
    ),
}


# Some faults keep a file from being read at all; what would be told of its content then waits its turn.
FIRST = {
    "cause at an unknown stage",
    "year as text",
    "unknown language",
    "unknown key",
    "claim of an unknown kind",
    "claim year as text",
    "question year as text",
    "specification with an unknown rule",
}
SECOND = {
    "design with an unknown rule",
    "design without a setting",
    "design with an unknown setting",
    "design with a year in words",
    "number with an unknown filter",
    "number with a year as text",
    "number without an operation",
    "item with a number and no direction",
    "document with a direction and no number",
}


@pytest.fixture(scope="module")
def waves(tmp_path_factory) -> dict[str, Told]:
    sets = (FIRST, SECOND, FAULTS.keys() - FIRST - SECOND)
    found: dict[str, Told] = {}
    for wave in sets:
        folder = Path(shutil.copytree(small(), tmp_path_factory.mktemp("wave") / "us-peru"))
        told_of = Told(folder, [fault for fault in FAULTS if fault in wave])
        found |= dict.fromkeys(wave, told_of)
    return found


# Where the part has no line of its own, the whole is named.
HEADED = {
    "specification edited after it was frozen": ("specifications.toml", "^digest", 1),
    "number that leads nowhere": ("numbers.toml", r"^\[coca-2024-col\]", 0),
    "number without an operation": ("numbers.toml", r"^\[coca-2015\]", 0),
    "number of an unknown name": ("numbers.toml", r"^\[coca-change-2015-2024\]", 0),
    "correction of no origin": ("corrections.toml", r"^\[\[correction\]\]", 0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_its_file_and_line(waves, fault):
    name, *_, code = FAULTS[fault]
    line = line_of(small(), *HEADED[fault]) if fault in HEADED else waves[fault].at[fault]
    assert (code, name, line) in waves[fault].problems


# A key that is missing: the table that should hold it is named, not the next one that has it.
MISSING = {
    "claims.toml": ("^kind", 'key = "averted-313"', r"^\[\[claim\]\]", "averted-313"),
    "results.toml": ("^method", 'key = "abadie-2015"', r"^\[\[link\.item\]\]", "abadie-2015"),
    "questions.toml": ("^big", "[area-2024]", r"^\[area-2024\]", None),
    "specifications.toml": ("^frozen", "[area-2024]", r"^\[area-2024\]", None),
    "dossier.toml": ("^headline", "[interests.terrorism]", r"^\[interests\.terrorism\]", None),
}


@pytest.fixture(scope="module")
def without_keys(tmp_path_factory):
    folder = Path(shutil.copytree(small(), tmp_path_factory.mktemp("missing") / "us-peru"))
    for name, (pattern, after, _, _) in MISSING.items():
        cut(folder, name, pattern, after=after)
    return folder, told(folder)


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_key_is_told_at_the_table_that_lacks_it(without_keys, name):
    folder, problems = without_keys
    _, _, header, key = MISSING[name]
    lines = (folder / name).read_text("utf-8").splitlines()
    if key is None:
        line = line_of(folder, name, header)
    else:
        inside = next(i for i, text in enumerate(lines) if f'"{key}"' in text and text.startswith("key"))
        line = max(i for i, text in enumerate(lines[:inside], 1) if re.search(header, text))
    assert ("missing-key", name, line) in problems


TWICE = [
    ("results.toml", "[[node]]", 'key = "control"'),
    ("results.toml", "[[link]]", 'key = "us-money.control"'),
    ("claims.toml", "[[claim]]", 'key = "averted-313"'),
    ("corrections.toml", "[[correction]]", 'key = "eradication-2024-misprint"'),
]


@pytest.fixture(scope="module")
def with_twins(tmp_path_factory):
    folder = Path(shutil.copytree(small(), tmp_path_factory.mktemp("twice") / "us-peru"))
    lines = []
    for name, table, where in TWICE:
        text = (folder / name).read_text("utf-8")
        at = text.index(where)
        begin = text.rindex(table, 0, at)
        following = [m.start() for m in re.finditer(r"^\[\[", text, re.MULTILINE) if m.start() > at]
        block = text[begin : following[0] if following else len(text)]
        whole = text.rstrip("\n") + "\n\n" + block
        lines.append(whole[: whole.rindex(where)].count("\n") + 1)
        (folder / name).write_text(whole, "utf-8")
    return lines, told(folder)


@pytest.mark.parametrize("position", range(len(TWICE)), ids=[t[1] for t in TWICE])
def test_a_key_used_twice_is_told(with_twins, position):
    lines, problems = with_twins
    assert ("duplicate-key", TWICE[position][0], lines[position]) in problems


def test_missing_files_are_all_told(folder):
    gone = ["claims.toml", "dossier.toml", "numbers.toml", "corrections.toml"]
    for name in gone:
        (folder / name).unlink()
    assert {("missing-file", name, 0) for name in gone} <= set(told(folder))


def test_missing_prose_is_told(folder):
    (folder / "text.es.md").unlink()
    assert ("missing-file", "text.es.md", 0) in told(folder)


def test_files_in_another_encoding_are_all_told(folder):
    for name in ("claims.toml", "numbers.toml", "text.es.md", "text.en.md"):
        (folder / name).write_bytes("# question\n\nañó\n".encode("latin-1"))
    got = {(c, f) for c, f, _ in told(folder)}
    assert {("not-utf8", f) for f in ("claims.toml", "numbers.toml", "text.es.md", "text.en.md")} <= got


def test_files_that_are_not_toml_are_all_told_with_their_lines(folder):
    wanted = set()
    for name in ("claims.toml", "numbers.toml", "results.toml", "questions.toml"):
        with (folder / name).open("a", encoding="utf-8") as stream:
            stream.write("\nkey = = 3\n")
        wanted.add(("not-toml", name, len((folder / name).read_text("utf-8").splitlines())))
    assert wanted <= set(told(folder))


# --- circles -------------------------------------------------------------------------------------


def test_a_circle_of_numbers_is_told(folder):
    with (folder / "numbers.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[ring-a]\nsum = ["ring-b", "coca-2024"]\n\n[ring-b]\nsum = ["ring-a", "coca-2024"]\n')
    line = line_of(folder, "numbers.toml", r"^\[ring-a\]")
    got = told(folder)
    assert ("dangling-number", "numbers.toml", line) in got
    assert ("dangling-number", "numbers.toml", line + 3) in got


def test_a_circle_in_the_chain_is_told(folder):
    with (folder / "results.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '\n[[link]]\nkey = "back"\nsource = "less-coca"\ntarget = "control"\nes = "x"\nen = "x"\n'
        )
    assert "circle" in [code for code, file, _ in told(folder) if file == "results.toml"]


def test_claims_made_of_each_other_are_told(folder):
    edit(folder, "claims.toml", '"less-flow"', '"contribution", "less-flow"', after='key = "contribution"')
    assert [file for _, file, _ in told(folder)] == ["claims.toml"]


# --- prose ---------------------------------------------------------------------------------------


def prose(folder: Path, *lines: str) -> int:
    """Add a section; give the line of its first line of text."""
    path = folder / "text.en.md"
    text = path.read_text("utf-8").rstrip("\n")
    path.write_text("\n".join([text, "", "# of-a-test", *lines]) + "\n", "utf-8")
    return text.count("\n") + 4


TYPED = ["133 tonnes", "329t", "12.5%", "US$250", "1,135", "x 42 y", "in 2024, 313 tonnes", "(77)", "-28"]
BROKEN = [
    "{{ Coca-2024 }}",
    "{{ coca-2024 | year }}",
    "{{ coca-2024",
    "{{ coca 2024 }}",
    "{{}}",
    "coca-2024 }}",
]


@pytest.fixture(scope="module")
def spoilt_prose(tmp_path_factory):
    folder = Path(shutil.copytree(small(), tmp_path_factory.mktemp("prose") / "us-peru"))
    line = prose(folder, "Nothing here.", *(f"They averted {one}." for one in (*TYPED, *BROKEN)))
    return line + 1, told(folder)


@pytest.mark.parametrize("typed", TYPED)
def test_a_figure_typed_into_prose_is_told(spoilt_prose, typed):
    first, problems = spoilt_prose
    assert ("typed-figure", "text.en.md", first + TYPED.index(typed)) in problems


@pytest.mark.parametrize("broken", BROKEN)
def test_a_name_in_prose_that_is_misspelt_is_told_and_never_printed(spoilt_prose, broken):
    first, problems = spoilt_prose
    line = first + len(TYPED) + BROKEN.index(broken)
    assert ("text.en.md", line) in [(f, at) for _, f, at in problems]


def test_years_and_addresses_are_no_typed_figures(folder):
    prose(
        folder,
        "In 2018, 2019 and 2020.",
        "Between 2018 and 2022, 2018\u20132022.",
        "The 3 zones.",
        "[x](/a/1234/567)",
    )
    opened(folder)


def test_a_name_in_prose_that_is_no_number_is_told_with_its_line(folder):
    wanted = set()
    for blank in (0, 1, 3):
        line = prose(folder, *[""] * blank, "It is {{ no-such-number }}.", "And {{ coca-2024 : yeer }}.")
        text = (folder / "text.en.md").read_text("utf-8")
        (folder / "text.en.md").write_text(text.replace("# of-a-test\n", f"# test-{blank}\n"), "utf-8")
        wanted |= {
            ("unknown-number", "text.en.md", line + blank),
            ("unknown-form", "text.en.md", line + blank + 1),
        }
    assert wanted <= set(told(folder))


def test_a_section_that_stands_twice_is_told(folder):
    first = prose(folder, "Once.")
    again = prose(folder, "Twice.")
    assert first < again
    assert ("duplicate-key", "text.en.md", again - 1) in told(folder)


def test_a_mark_at_the_head_of_the_prose_loses_no_section(folder):
    whole = (folder / "text.en.md").read_bytes()
    (folder / "text.en.md").write_bytes(b"\xef\xbb\xbf" + whole)
    assert list(opened(folder).text["en"].sections) == list(peru().text["en"].sections)


# --- all at once ---------------------------------------------------------------------------------


def test_faults_in_every_file_are_told_at_once(folder):
    """Issue 2: a missing column, an unknown unit, a duplicate row, an unknown source key, a year as text and
    a dangling pointer, *all* problems in one go."""
    wanted = {
        ("missing-column", "figures/gold.csv", edit(folder, "figures/gold.csv", ",unit,", ",", after="")),
        (
            "unknown-unit",
            "figures/harms.csv",
            edit(folder, "figures/harms.csv", ",person,", ",persona,", after="\n"),
        ),
        (
            "unknown-origin",
            "figures/opinion.csv",
            edit(folder, "figures/opinion.csv", ",latinob", ",xlatinob"),
        ),
        ("bad-value", "dossier.toml", edit(folder, "dossier.toml", "since = 1992", 'since = "1992"')),
        (
            "unknown-number",
            "results.toml",
            edit(folder, "results.toml", '"elasticity-reyes"', '"elasticity"'),
        ),
        (
            "unknown-link",
            "claims.toml",
            edit(folder, "claims.toml", '"us-money.control"', '"us-money.contrl"'),
        ),
        (
            "unknown-question",
            "specifications.toml",
            edit(folder, "specifications.toml", '"area-2024"', '"area-24"', after="[area-2024]"),
        ),
        ("unknown-number", "text.en.md", prose(folder, "It is {{ no-such-number }}.")),
    }
    rows = (folder / "figures" / "licences.csv").read_text("utf-8").splitlines()
    (folder / "figures" / "licences.csv").write_text("\n".join([*rows, rows[1]]) + "\n", "utf-8")
    wanted.add(("duplicate-row", "figures/licences.csv", len(rows) + 1))
    got = set(told(folder))
    assert sorted(wanted - got) == []


def test_faults_come_in_the_order_of_file_and_line(folder):
    edit(folder, "claims.toml", '"us-money.control"', '"us-money.contrl"')
    edit(folder, "results.toml", '"elasticity-reyes"', '"elasticity"')
    edit(folder, "claims.toml", '["area-2024", ', '["area-24", ')
    got = told(folder)
    assert [(f, at) for _, f, at in got] == sorted((f, at) for _, f, at in got)
    assert len(got) >= 3
