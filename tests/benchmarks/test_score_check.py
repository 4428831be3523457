"""The scorer, on results made by hand whose score is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from benchmarks.check_matching import Found, match, reads_right
from benchmarks.gold_set import Aside, GoldClaim, GoldText, read_gold
from benchmarks.score_check import Rate, main, passes, read_lines, read_results, report, score, wilson

ES = "Hay 92.784 ha de coca y de 40 a 70 mil personas. Cayó 3 puntos el 5 de mayo. Tiene 30 años."
EN = "There are 92,784 ha of coca and 40 to 70 thousand people. It fell 3 points on May 5. He is 30."


def claim(body, text, **more):
    start = body.index(text)
    blank = {"low": None, "high": None, "comparator": "=", "kind": "quantity", "year": None, "indicator": ""}
    blank |= {"place": "", "counterpart": "", "speaker": "", "mood": "stated", "verdict": "", "trap": ""}
    return GoldClaim(start=start, end=start + len(text), text=text, **(blank | {"value": None} | more))


def aside(body, text, why):
    start = body.index(text)
    return Aside(start=start, end=start + len(text), text=text, why=why)


def made(key, language, pair, body, spans):
    area, people, points, day, age = spans
    return GoldText(
        key=key,
        language=language,
        press="PE",
        pair=pair,
        body=body,
        claims=(
            claim(
                body,
                area,
                value=92784.0,
                unit="ha",
                year=2023,
                indicator="coca-area",
                place="PER",
                verdict="holds",
            ),
            claim(body, people, low=40e3, high=70e3, unit="person", verdict="out-of-reach"),
            claim(body, points, value=3.0, unit="percentage-point", kind="trend"),
        ),
        not_claims=(aside(body, day, "date"),),
        either=(aside(body, age, "age"),),
    )


SPANISH = made("es-a", "es", "en-a", ES, ("92.784 ha", "40 a 70 mil", "3 puntos", "5 de mayo", "30 años"))
ENGLISH = made("en-a", "en", "es-a", EN, ("92,784 ha", "40 to 70 thousand", "3 points", "May 5", "30"))
GOLD = (SPANISH, ENGLISH)


def perfect(text):
    return tuple(
        Found(
            start=one.start,
            end=one.end,
            text=one.text,
            kind=one.kind,
            value=one.value,
            low=one.low,
            high=one.high,
            unit=one.unit,
            indicator=one.indicator,
            year=one.year,
            verdict=one.verdict or "out-of-reach",
        )
        for one in text.claims
    )


def all_perfect():
    return {text.key: perfect(text) for text in GOLD}


def changed(place, **more):
    """Perfect results but for one Spanish claim."""
    es = list(perfect(SPANISH))
    es[place] = replace(es[place], **more)
    return {"es-a": tuple(es), "en-a": perfect(ENGLISH)}


def at(body, text, **more):
    start = body.index(text)
    return Found(start=start, end=start + len(text), text=text, **({"kind": "quantity"} | more))


def test_what_is_perfect_scores_one():
    got = score(all_perfect(), GOLD)
    six, two = Rate(hits=6, of=6), Rate(hits=2, of=2)
    assert (got.recall, got.precision, got.numbers, got.units) == (six, six, six, six)
    assert (got.indicators, got.years, got.spoken, got.traps) == (two, two, two, two)
    assert got.verdicts == Rate(hits=4, of=4)
    assert got.pairs == Rate(hits=3, of=3)
    assert got.misses == ()
    assert passes(got)


def test_nothing_found_scores_nothing():
    got = score({}, GOLD)
    assert got.recall == Rate(hits=0, of=6)
    assert got.precision == got.numbers == got.verdicts == Rate(hits=0, of=0)
    assert got.pairs == Rate(hits=0, of=3)
    assert got.traps == Rate(hits=2, of=2)
    assert [miss.what for miss in got.misses].count("not found") == 6
    assert not passes(got)


def test_one_number_misread_is_found_and_wrong_and_breaks_its_pair():
    got = score(changed(0, value=92.784), GOLD)
    assert got.recall == got.precision == Rate(hits=6, of=6)
    assert got.numbers == Rate(hits=5, of=6)
    assert got.pairs == Rate(hits=2, of=3)
    assert {(miss.text, miss.what) for miss in got.misses} == {("es-a", "misread"), ("es-a = en-a", "pair")}


def test_one_verdict_wrong():
    got = score(changed(0, verdict="off"), GOLD)
    assert got.verdicts == Rate(hits=3, of=4)
    assert got.spoken == Rate(hits=1, of=2)
    assert got.numbers == Rate(hits=6, of=6)
    assert got.pairs == Rate(hits=2, of=3)


def test_a_trap_taken_for_a_claim_costs_precision_alone():
    found = all_perfect()
    found["es-a"] += (at(ES, "5", value=5.0),)
    got = score(found, GOLD)
    assert got.recall == Rate(hits=6, of=6)
    assert got.precision == Rate(hits=6, of=7)
    assert got.traps == Rate(hits=1, of=2)
    assert [(miss.what, miss.wanted) for miss in got.misses] == [("no claim", "date")]


def test_what_may_be_taken_either_way_costs_nothing():
    found = all_perfect()
    found["es-a"] += (at(ES, "30 años", value=30.0, unit="year"),)
    assert score(found, GOLD).precision == Rate(hits=6, of=6)


def test_causes_and_directions_without_a_number_cost_nothing():
    found = all_perfect()
    found["es-a"] += (
        at(ES, "Cayó", kind="trend", value=-1.0),
        at(ES, "5 de mayo", kind="cause", value=1.0),
        at(ES, "5 de mayo", kind="quantity"),
    )
    assert score(found, GOLD).misses == ()


def test_a_claim_told_twice_costs_nothing_if_both_are_right():
    twice = at(ES, "92.784 ha", kind="sum", value=92784.0, unit="ha")
    found = all_perfect()
    found["es-a"] += (twice,)
    assert score(found, GOLD).precision == Rate(hits=6, of=6)
    found["es-a"] = (*perfect(SPANISH), replace(twice, value=92.784))
    assert score(found, GOLD).precision == Rate(hits=6, of=7)


def test_overlapping_spans_go_to_the_one_that_reads_right_whatever_the_order():
    wrong = at(ES, "92.784 ha", value=92.784, unit="ha")
    wide = at(ES, "Hay 92.784 ha de coca", value=92784.0, unit="ha")
    for found in ((wrong, wide), (wide, wrong)):
        matched = match(found, SPANISH)
        assert matched.by_claim[0] is wide
        assert matched.spurious == (wrong,)


def test_the_tighter_of_two_that_read_right_is_taken():
    tight = at(ES, "92.784 ha", value=92784.0, unit="ha")
    wide = at(ES, "Hay 92.784 ha de coca", value=92784.0, unit="ha")
    matched = match((wide, tight), SPANISH)
    assert matched.by_claim[0] is tight
    assert matched.spurious == ()


def test_claims_that_span_their_sentence_find_their_numbers():
    sentence = ES[: ES.index(".", 12) + 1]
    found = (
        at(ES, sentence, low=40e3, high=70e3, unit="person"),
        at(ES, sentence, value=92784.0, unit="ha"),
    )
    matched = match(found, SPANISH)
    assert matched.by_claim == (found[1], found[0], None)


def test_a_sentence_read_wrong_finds_nothing():
    sentence = ES[: ES.index(".", 12) + 1]
    found = (at(ES, sentence, value=7.0, unit="ha"),)
    matched = match(found, SPANISH)
    assert matched.by_claim == (None, None, None)
    assert matched.spurious == found


def test_results_for_an_unknown_text_are_refused():
    with pytest.raises(ValueError, match="es-z"):
        score({"es-z": ()}, GOLD)


# -- one number ------------------------------------------------------------------------------------------


def number(**more):
    return Found(start=0, end=1, text="", kind="quantity", **more)


def wanted(**more):
    return claim("x", "x", **({"unit": ""} | more))


@pytest.mark.parametrize(
    ("found", "gold", "right"),
    [
        ({"value": 2.3, "unit": "t"}, {"value": 2300.0, "unit": "kg"}, True),
        ({"value": 2.3, "unit": "kg"}, {"value": 2300.0, "unit": "kg"}, False),
        ({"value": 25.0, "unit": "percent"}, {"value": 0.25, "unit": "ratio"}, True),
        ({"value": 4.0, "unit": "percent"}, {"value": 4.0, "unit": "percentage-point"}, False),
        ({"value": 4.0, "unit": "percentage-point"}, {"value": 4.0, "unit": "percent"}, False),
        ({"value": 8.6, "unit": "per-100000"}, {"value": 8.6, "unit": "per-100000"}, True),
        ({"value": 5.0, "unit": "PEN"}, {"value": 5.0, "unit": "USD"}, False),
        ({"value": 5.0}, {"value": 5.0, "unit": "USD"}, False),
        ({"value": 5.0, "unit": "person"}, {"value": 5.0, "unit": "death"}, True),
        ({"value": 5.0}, {"value": 5.0, "unit": "person"}, True),
        ({"value": 5.0, "unit": "USD"}, {"value": 5.0, "unit": "USD/kg"}, True),
        ({"value": 5.0, "unit": "USD"}, {"value": 5.0, "unit": "PEN/kg"}, False),
        ({"value": 5.0, "unit": "acres"}, {"value": 5.0, "unit": "ha"}, False),
        ({"value": 5.0, "unit": "vote"}, {"value": 5.0}, True),
        ({"value": 1 / 3, "unit": "ratio"}, {"value": 0.3333333333, "unit": "ratio"}, True),
        ({"value": 5.0, "low": 4.5, "high": 5.5}, {"value": 5.0}, True),
        ({"value": 5.0, "low": 6.0, "high": 7.0}, {"value": 5.0}, False),
        ({"value": 55.0, "low": 40.0, "high": 70.0}, {"low": 40.0, "high": 70.0}, True),
        ({"value": 55.0, "low": 40.0}, {"low": 40.0, "high": 70.0}, False),
        ({"value": 40.0}, {"low": 40.0, "high": 70.0}, False),
        ({"low": 40.0, "high": 70.0}, {"value": 55.0}, False),
        ({"value": 5.0, "comparator": ">="}, {"value": 5.0}, False),
        ({"value": 5.0, "comparator": "="}, {"value": 5.0, "comparator": ">="}, False),
        ({"value": 5.0}, {"value": 5.0, "comparator": ">="}, True),
        ({"value": 5.0, "comparator": "<="}, {"value": 5.0, "comparator": "~"}, True),
        ({"value": -5.0}, {"value": 5.0}, False),
        ({"value": -5.0}, {"value": 5.0, "kind": "trend"}, True),
    ],
)
def test_a_number_is_right_or_not(found, gold, right):
    assert reads_right(number(**found), wanted(**gold)) is right


# -- intervals, input, output ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # The roots of (p - h/n)^2 = z^2 p (1 - p) / n, found by bisection.
    [(0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (5, 10, 0.23659, 0.76341), (392, 400, 0.96104, 0.98983)],
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-5)
    for end in wilson(hits, of):
        gap = (end - hits / of) ** 2 - 1.959963984540054**2 * end * (1 - end) / of
        assert gap == pytest.approx(0, abs=1e-12)


def test_the_interval_of_nothing_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)


def told(one, **more):
    return {"id": "c1", "kind": one.kind, "text": one.text, "value": one.value, "unit": one.unit, **more}


def test_every_way_of_telling_the_span_is_read(tmp_path):
    one = perfect(SPANISH)[0]
    spans: list[dict[str, object]] = [
        {"start": 4, "end": 13},
        {"span": [4, 13]},
        {"span": {"start": 4, "end": 13}},
    ]
    claims = [told(one, **span) for span in spans]
    line = json.dumps({"file": "somewhere/es-a.txt", "claims": claims})
    found = read_lines(line + "\n\n")["es-a"]
    assert [(x.start, x.end, x.value) for x in found] == [(4, 13, 92784.0)] * 3
    (tmp_path / "es-a.json").write_text(json.dumps(claims), encoding="utf-8")
    assert read_results(tmp_path)["es-a"] == found


@pytest.mark.parametrize(
    "line", ['{"claims": []}', '{"file": "a.txt", "claims": [{"id": "c1", "text": "x"}]}']
)
def test_a_result_without_a_name_or_a_span_is_refused(line):
    with pytest.raises(ValueError, match=r"no file|no span"):
        read_lines(line)


def test_the_report_has_the_figures_and_the_misses_by_text():
    text = report(score(changed(0, value=92.784), GOLD))
    assert "| numbers read right | 5 | 6 | 0.833 | 0.436-0.970 | 0.98 |" in text
    assert "es-a\n  misread    '92.784 ha': wanted 92784 ha, got 92.784 ha holds" in text


def test_the_command_scores_the_whole_set(tmp_path, capsys):
    lines = []
    for text in read_gold():
        claims = [
            {
                "start": one.start,
                "end": one.end,
                "text": one.text,
                "kind": one.kind,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "unit": one.unit,
                "indicator": one.indicator,
                "year": one.year,
                "verdict": one.verdict,
            }
            for one in text.claims
        ]
        lines.append(json.dumps({"file": f"{text.key}.txt", "claims": claims}))
    path = tmp_path / "results.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main([str(path)]) == 0
    assert "wanted" not in capsys.readouterr().out
    assert main([str(path), "--language", "es", "--no-misses"]) == 0
    path.write_text("\n".join(lines[:30]), encoding="utf-8")
    assert main([str(path)]) == 1
