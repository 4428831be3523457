"""The gold set: large enough, sound, unedited; what it refuses; its verdicts worked out once more."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from ayni.units import Quantity, convert
from benchmarks.gold_set import GOLD, GoldClaim, GoldError, freeze, main, read_gold, size, unfrozen

FIGURES = Path(__file__).parents[2] / "dossiers" / "us-peru" / "figures"


@pytest.fixture(scope="module")
def gold():
    return read_gold()


def test_the_set_is_as_large_as_was_asked(gold):
    what = size(gold)
    assert what.texts >= 60
    assert what.claims >= 400
    assert what.trap_share >= 0.30
    assert what.pairs >= 15


def test_half_is_spanish_and_half_english(gold):
    texts = Counter(text.language for text in gold)
    claims = Counter(text.language for text in gold for _ in text.claims)
    for count in (texts, claims):
        assert set(count) == {"es", "en"}
        assert 0.4 <= count["es"] / count.total() <= 0.6


def test_every_press_and_every_trap_is_there(gold):
    assert {text.press for text in gold} == {"PE", "ES", "US", "INT"}
    kinds = {claim.trap for text in gold for claim in text.claims}
    assert {"decimal-mark", "apostrophe-millions", "billion", "percentage-points", "range"} <= kinds
    assert {"denied", "conditional", "opinion", "forecast", "wish"} <= kinds
    reasons = {aside.why for text in gold for aside in text.not_claims}
    assert {"date", "phone", "advert", "furniture", "law-id", "reference"} <= reasons


def test_every_label_of_facts_is_asked_for(gold):
    labels = Counter(claim.verdict for text in gold for claim in text.claims)
    wanted = ("holds", "close", "off", "contested", "misdated", "wrong-sum", "out-of-reach", "not-a-fact")
    assert all(labels[label] >= 3 for label in wanted)


def test_the_set_was_not_edited_since_it_was_frozen():
    assert unfrozen() == ()


def test_the_command_prints_how_large_it_is(capsys):
    assert main([]) == 0
    assert "pairs" in capsys.readouterr().out


# -- verdicts, worked out once more ------------------------------------------------------------------------


@cache
def rows():
    """The rows of the figures by concept and place."""
    with (FIGURES / "indicators.csv").open(encoding="utf-8", newline="") as file:
        concepts = {row["key"]: row["concept"] for row in csv.DictReader(file)}
    found = defaultdict(list)
    for path in sorted(FIGURES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if {"indicator", "value", "unit", "until"} <= set(reader.fieldnames or ()):
                for row in reader:
                    if row["value"]:
                        found[concepts[row["indicator"]], row["place"]].append(row)
    return found


def ends(row, unit):
    what = Quantity(
        value=float(row["value"]),
        unit=row["unit"],
        low=float(row["low"]) if row["low"] else None,
        high=float(row["high"]) if row["high"] else None,
    )
    return convert(what, unit).ends


def judged(claim: GoldClaim, rounding: float) -> str:
    there = rows()[claim.indicator, claim.place]
    own = [row for row in there if claim.counterpart in ("", row["counterpart"])]
    here = [row for row in own if row["year"] == str(claim.year) and not row["until"]]
    here = [row for row in here if not row["part_year"]] or here

    def fits(row):
        low, high = ends(row, claim.unit)
        return low - rounding / 2 <= claim.value <= high + rounding / 2

    agree = sum(fits(row) for row in here)
    if agree:
        return "holds" if agree == len(here) else "contested"
    if any(fits(row) for row in own if row not in here):
        return "misdated"
    if not here:
        return "out-of-reach"
    reach = [end for row in here for end in ends(row, claim.unit)]
    return "close" if min(reach) <= claim.value <= max(reach) else "off"


def roundings(value: float) -> tuple[float, ...]:
    """The finest and the coarsest unit that a figure may have been rounded to, with those between."""
    if value != int(value):
        return (10.0 ** -len(repr(value).partition(".")[2]),)
    digits = str(int(value))
    zeros = len(digits) - len(digits.rstrip("0"))
    written = max(0, zeros - 6)  # nobody writes billions out: the last digit said is a million or less
    return tuple(10.0**n for n in range(written, zeros + 1)) if value else (1.0,)


def test_every_verdict_is_what_the_figures_say(gold):
    wrong, told = [], 0
    for text in gold:
        for claim in text.claims:
            if not claim.indicator or not claim.verdict or claim.value is None:
                continue
            told += 1
            # A scale word says to what the figure was rounded; without one, zeros may be figures.
            scaled = re.search(r"mil|bill|thousand", claim.text)
            tried = roundings(claim.value)[-1:] if scaled else roundings(claim.value)
            labels = {judged(claim, rounding) for rounding in tried}
            if labels != {claim.verdict}:
                wrong.append(f"{text.key}: {claim.text} {claim.year}: {claim.verdict}, figures say {labels}")
    assert wrong == []
    assert told >= 200


def test_every_indicator_is_a_concept_of_the_dossier(gold):
    known = {concept for concept, _ in rows()}
    assert {claim.indicator for text in gold for claim in text.claims} - known == {""}


def test_every_total_is_what_its_verdict_says_of_the_numbers_before_it(gold):
    for text in gold:
        values = [claim.value for claim in text.claims]
        for place, claim in enumerate(text.claims):
            if claim.kind == "sum" and claim.verdict in ("holds", "wrong-sum"):
                reached = any(
                    abs(sum(values[start:stop]) - claim.value) <= 1e-6 * claim.value
                    or abs(values[start] - values[stop - 1] - claim.value) <= 1e-6 * claim.value
                    for start in range(place)
                    for stop in range(start + 2, place + 1)
                    if None not in values[start:stop]
                )
                assert reached == (claim.verdict == "holds"), f"{text.key}: {claim.text}"


# -- what the loader refuses -------------------------------------------------------------------------------


def folder(tmp_path, texts, rows):
    (tmp_path / "texts").mkdir()
    for key, body in texts.items():
        (tmp_path / "texts" / f"{key}.txt").write_text(body, encoding="utf-8")
    (tmp_path / "gold.toml").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def row(key, claims, language="es", rest=""):
    return f'[[text]]\nkey = "{key}"\nlanguage = "{language}"\npress = "PE"\n{rest}\nclaims = [{claims}]\n'


FIVE = '{ text = "5 ha", value = 5, unit = "ha", kind = "quantity" }'


@pytest.mark.parametrize(
    ("body", "claims", "rest", "says"),
    [
        ("Hay 6 ha.", FIVE, "", "does not stand"),
        ("Hay 5 ha.", FIVE.replace("value", 'nth = 2, value = 5, trap = "idiom", low'), "", "does not stand"),
        ("Hay 5 ha y 3.", FIVE, "", "is in no row"),
        ("Hay 5 ha.", FIVE.replace('"ha"', '"hectare"'), "", "unknown unit"),
        ("Hay 5 ha.", FIVE.replace("quantity", "number"), "", "expected one of quantity"),
        ("Hay 5 ha.", FIVE.replace("value", "figure"), "", "has figure"),
        ("Hay 5 ha.", FIVE.replace("value = 5", "low = 5"), "", "not both"),
        ("Hay 5 ha.", FIVE.replace("value = 5", "low = 5, high = 4"), "", "exchange"),
        ("Hay 5 ha.", FIVE.replace(" }", ', verdict = "true" }'), "", "expected one of"),
        ("Hay 5 ha.", FIVE.replace(" }", ', comparator = ">" }'), "", "expected one of"),
        ("Hay 5 ha.", FIVE, 'not_claims = [{ text = "ha", trap = "idiom" }]', "overlap"),
        ("Hay 5 ha.", FIVE, 'not_claims = [{ text = "Hay", trap = "dull" }]', "expected one of date"),
        ("Hay 5 ha.", FIVE, 'pair = "en-other"', "must name it back"),
    ],
)
def test_a_row_that_is_not_sound_is_refused(tmp_path, body, claims, rest, says):
    with pytest.raises(GoldError, match=says):
        read_gold(folder(tmp_path, {"es-a": body}, [row("es-a", claims, rest=rest)]))


def test_claims_out_of_order_are_refused(tmp_path):
    six = FIVE.replace("5", "6")
    with pytest.raises(GoldError, match="order"):
        read_gold(folder(tmp_path, {"es-a": "Hay 5 ha, o 6 ha."}, [row("es-a", f"{six}, {FIVE}")]))


def test_a_pair_that_does_not_say_the_same_is_refused(tmp_path):
    texts = {"es-a": "Hay 5 ha.", "en-a": "There are 6 ha."}
    rows = [
        row("es-a", FIVE, rest='pair = "en-a"'),
        row("en-a", FIVE.replace("5", "6"), "en", 'pair = "es-a"'),
    ]
    with pytest.raises(GoldError, match="do not claim the same"):
        read_gold(folder(tmp_path, texts, rows))


def test_texts_and_rows_that_lack_each_other_are_refused(tmp_path):
    here = folder(tmp_path, {"es-a": "Hay 5 ha.", "es-b": "Nada."}, [row("es-a", FIVE)])
    with pytest.raises(GoldError, match="es-b"):
        read_gold(here)
    (here / "texts" / "es-b.txt").unlink()
    (here / "texts" / "es-a.txt").unlink()
    with pytest.raises(GoldError, match=r"no texts/es-a\.txt"):
        read_gold(here)


def test_a_year_alone_needs_no_row(tmp_path):
    here = folder(tmp_path, {"es-a": "En 2024 hay 5 ha; en 2023, más."}, [row("es-a", FIVE)])
    assert len(read_gold(here)[0].claims) == 1


@pytest.mark.parametrize("number", ["1.999", "2024,5", "2019-20", "2015/849"])
def test_a_number_that_only_begins_like_a_year_needs_one(tmp_path, number):
    with pytest.raises(GoldError, match="is in no row"):
        read_gold(folder(tmp_path, {"es-a": f"Son {number}: 5 ha."}, [row("es-a", FIVE)]))


# -- frozen ------------------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(GOLD, tmp_path / "gold"))


def test_an_edited_text_is_told(copy):
    path = min((copy / "texts").glob("*.txt"))
    path.write_bytes(path.read_bytes() + b"\n")
    assert unfrozen(copy) == (f"texts/{path.name}",)


def test_an_edited_row_a_new_text_and_a_lost_text_are_told(copy):
    lost = sorted((copy / "texts").glob("*.txt"))[3]
    lost.unlink()
    (copy / "texts" / "es-new.txt").write_bytes(b"Nada.\n")
    with (copy / "gold.toml").open("ab") as file:
        file.write(b"# more\n")
    assert unfrozen(copy) == ("gold.toml", *sorted((f"texts/{lost.name}", "texts/es-new.txt")))


def test_a_frozen_set_is_not_frozen_again(copy):
    with pytest.raises(GoldError, match="there already"):
        freeze(copy)
    (copy / "gold.sha256").unlink()
    assert freeze(copy).read_bytes() == (GOLD / "gold.sha256").read_bytes()
