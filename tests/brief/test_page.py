"""What the two pages hold: the same numbers, every link with its target, nothing to fetch."""

from __future__ import annotations

import html
import math
import re

import pytest

from tests.brief.html import Printed, Sheet

LANGUAGES = ("es", "en")
DIGITS = re.compile(r"[−+]?\d[\d,.\u202f]*")


def digits(printed: Printed, language: str) -> float:
    """The number that a reader of the language sees, in whole units."""
    found = DIGITS.search(printed.text)
    assert found, printed
    plain = found.group().replace("\u202f", "").replace("−", "-").rstrip(".,")
    value = float(plain.replace(",", "") if language == "en" else plain)
    before = printed.text[: found.start()]
    if "−" in before:
        value = -value
    return value * (1e6 if re.search(r"mill(ion|ones|ón)", printed.text) and abs(printed.value) >= 1e5 else 1)


def test_both_pages_print_the_same_numbers(sheets: dict[str, Sheet]):
    es, en = ([(n.name, n.value) for n in sheets[language].numbers] for language in LANGUAGES)
    assert sorted(es) == sorted(en)
    assert len(es) > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_is_the_value_behind_it(sheets: dict[str, Sheet], language: str):
    wrong = [
        n
        for n in sheets[language].numbers
        if not math.isclose(digits(n, language), n.value, rel_tol=0.006, abs_tol=0.06)
    ]
    assert wrong == []


def test_a_number_reads_the_same_in_both_languages(sheets: dict[str, Sheet]):
    es, en = (
        {n.name: digits(n, language) for n in sheets[language].numbers if n.name.count(":") <= 1}
        for language in LANGUAGES
    )
    assert {name: (es[name], en[name]) for name in es if es[name] != en[name]} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_on_the_page_has_its_target(sheets: dict[str, Sheet], language: str):
    ids = set(sheets[language].ids)
    inner = {link[1:] for link in sheets[language].links if link.startswith("#")}
    assert sorted(inner - ids) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_printed_number_leads_to_what_is_behind_it(sheets: dict[str, Sheet], language: str):
    ids = set(sheets[language].ids)
    assert [n for n in sheets[language].numbers if n.href[1:] not in ids] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_id_is_used_twice(sheets: dict[str, Sheet], language: str):
    ids = sheets[language].ids
    assert sorted({one for one in ids if ids.count(one) > 1}) == []


def test_the_same_places_have_the_same_ids(sheets: dict[str, Sheet]):
    es, en = (set(sheets[language].ids) for language in LANGUAGES)
    assert sorted(es ^ en) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched(sheets: dict[str, Sheet], language: str):
    sheet = sheets[language]
    assert [one for one in sheet.loads if not one.startswith(("#", "data:"))] == []
    style = "".join(re.findall(r"<style>(.*?)</style>", sheet.text, flags=re.DOTALL))
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html.unescape(sheet.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_out_are_links_only(sheets: dict[str, Sheet], language: str):
    kinds = {link.partition(":")[0] for link in sheets[language].links if not link.startswith("#")}
    assert kinds <= {"http", "https", "data", "es.html", "en.html"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_small(sheets: dict[str, Sheet], language: str):
    assert len(sheets[language].text.encode()) < 1_500_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_missing(sheets: dict[str, Sheet], language: str):
    text = re.sub(r"<(style|script|pre)\b.*?</\1>", "", sheets[language].text, flags=re.DOTALL)
    seen = re.sub(r"<[^>]+>", " ", text)
    assert re.findall(r"\{\w+\}|\ue000|\ue001|\bpage\.[a-z]+\.[a-z-]+|\bNone\b(?![.:])|\bnan\b", seen) == []


def test_what_is_quoted_of_a_foreign_page_says_its_language(sheets: dict[str, Sheet]):
    for language, other in (("es", "en"), ("en", "es")):
        assert re.search(rf'<html lang="{language}">', sheets[language].text)
        assert re.search(
            rf'<a class="language" href="{other}.html" hreflang="{other}" lang="{other}">',
            sheets[language].text,
        )
