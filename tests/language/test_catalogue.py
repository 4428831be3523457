"""The catalogues: the same keys, the same particulars, and every sentence can be said."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import ayni
from ayni.claims.grades import CERTAINTIES, METHODS
from ayni.claims.records import KINDS, LABELS
from ayni.language import LANGUAGES, message, pick_language
from ayni.language.catalogue import _sentences
from ayni.problems import Problem, sentence
from ayni.units import known_units

SOURCE = Path(ayni.__file__).parent


def particulars(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys():
    es, en = (set(_sentences(one)) for one in LANGUAGES)
    assert sorted(es ^ en) == []


def test_both_languages_name_the_same_particulars():
    es, en = (_sentences(one) for one in LANGUAGES)
    assert {key: (es[key], en[key]) for key in es if particulars(es[key]) != particulars(en[key])} == {}


def bare(text: str) -> str:
    return re.sub(r"\{[^}]*\}", " ", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_and_leaves_no_brace(language):
    for key, text in _sentences(language).items():
        said = message(language, key, **dict.fromkeys(particulars(text), "x"))
        assert said.strip(), key
        assert "{" not in said, key
        assert "}" not in said, key


def test_no_sentence_is_left_in_the_other_language():
    es, en = (_sentences(one) for one in LANGUAGES)
    # formulas and lists of particulars may be alike; sentences of more than four words may not
    long = [key for key in es if es[key] == en[key] and len(re.findall(r"[^\W\d_]{2,}", bare(es[key]))) > 4]
    assert long == []


def test_a_missing_sentence_stops_the_run():
    with pytest.raises(KeyError, match="add it to both catalogues"):
        message("es", "no.such.sentence")


@pytest.mark.parametrize("given", [{}, {"other": "x"}])
def test_a_particular_that_is_not_given_stops_the_run(given):
    with pytest.raises(KeyError):
        message("en", "year.fiscal", **given)


def test_every_code_that_ayni_computes_has_its_word():
    wanted = (
        [f"label.{x}" for x in LABELS]
        + [f"label-means.{x}" for x in LABELS]
        + [f"kind.{x}" for x in KINDS]
        + [f"certainty.{x}" for x in CERTAINTIES]
        + [f"method.{x}" for x in METHODS]
        + [f"unit.{x}.{many}" for x in known_units() for many in ("one", "many")]
    )
    assert [key for key in wanted if key not in _sentences("es")] == []


def codes_of_problems():
    """Every literal that the source gives a problem as its code."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if name == "problem" and node.args and isinstance(node.args[0], ast.Constant):
                    found.add(node.args[0].value)
                # What is wrong with an official file has words of its own: `unreadable`, `refused`.
                if name == "Problem":
                    found |= {
                        k.value.value
                        for k in node.keywords
                        if k.arg == "code" and isinstance(k.value, ast.Constant)
                    }
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                first = node.value.elts[0]
                if (
                    isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                    and len(node.value.elts) == 4
                ):
                    found.add(first.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_is_told_in_a_sentence_with_what_was_found(language):
    codes = codes_of_problems()
    assert {"missing-column", "not-a-year", "duplicate-row", "circle"} <= codes
    for code in codes:
        said = sentence(Problem(code=code, file="x.csv", line=3, found="FOUND", expected="WANTED"), language)
        assert said.endswith((".", "?"))
        assert "{" not in said


def test_the_language_asked_for_wins_over_that_of_the_machine(monkeypatch):
    monkeypatch.setenv("LC_ALL", "es_PE.UTF-8")
    assert pick_language() == "es"
    assert pick_language("en") == "en"
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert pick_language() == "en"


def test_the_first_locale_variable_that_is_set_decides(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LC_MESSAGES", "es_PE.UTF-8")
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert pick_language() == "es"
