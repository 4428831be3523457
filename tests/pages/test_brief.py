"""The built brief in a browser: for every reader, on every screen, asking nothing of any network."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ayni.brief.writing import write_brief
from ayni.dossier.opening import open_dossier
from tests.pages.browser import DESK, PHONE, ROOT, SMALLEST

LANGUAGES = ("es", "en")


@pytest.fixture(scope="session")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = open_dossier(ROOT / "dossiers" / "us-peru", cache=tmp_path_factory.mktemp("cache"))
    out = tmp_path_factory.mktemp("brief") / "us-peru"
    write_brief(dossier, out, languages=LANGUAGES)
    return out


# Colours are the same in both languages and words in both colours, so two of the four pages tell as much.
@pytest.mark.parametrize(("language", "dark"), [("es", False), ("en", True)], ids=["es-light", "en-dark"])
def test_axe_finds_nothing_and_nothing_is_asked(brief: Path, open_page, language: str, dark: bool):
    sheet = open_page(brief / f"{language}.html", dark=dark)
    assert [str(one) for one in sheet.violations()] == []
    assert sheet.outside() == []
    assert sheet.errors == []


def test_axe_finds_nothing_on_a_phone(brief: Path, open_page):
    assert [str(one) for one in open_page(brief / "es.html", size=PHONE).violations()] == []


@pytest.mark.parametrize("size", [SMALLEST, PHONE, DESK], ids=["320", "390", "1280"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_scrolls_sideways(brief: Path, open_page, language: str, size: tuple[int, int]):
    assert open_page(brief / f"{language}.html", size=size).too_wide_px() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_there_with_scripts_off(brief: Path, open_page, language: str):
    off = open_page(brief / f"{language}.html", javascript=False)
    on = open_page(brief / f"{language}.html")
    seen = [page.page.inner_text("main") for page in (off, on)]
    assert seen[0] == seen[1]
    assert len(seen[0]) > 20_000
    assert not off.page.is_visible("#listen")
    assert off.page.is_visible("#g-curve .wide svg")


def test_a_number_opens_what_is_behind_it_without_script(brief: Path, open_page):
    sheet = open_page(brief / "en.html", javascript=False)
    sheet.page.click("#answer a[href^='#n-'] >> nth=0")
    target = sheet.page.eval_on_selector(":target", "found => found.id")
    assert target.startswith("n-")
    assert sheet.page.is_visible(f"#{target} h3")


def test_the_keyboard_reaches_the_numbers_and_can_be_seen_there(brief: Path, open_page):
    sheet = open_page(brief / "es.html")
    seen = []
    for _ in range(12):
        sheet.page.keyboard.press("Tab")
        seen.append(
            sheet.page.evaluate(
                "() => { const here = document.activeElement, box = here.getBoundingClientRect();"
                " return [here.className, here.getAttribute('href'),"
                " box.top >= 0 && box.bottom <= innerHeight,"
                " getComputedStyle(here).outlineStyle !== 'none']; }"
            )
        )
    assert seen[0][0] == "skip"
    numbers = [one for one in seen if one[0] == "n"]
    assert numbers
    assert all(in_view and outlined for _, _, in_view, outlined in seen)


def test_the_skip_link_goes_to_the_answer(brief: Path, open_page):
    sheet = open_page(brief / "es.html")
    sheet.page.keyboard.press("Tab")
    sheet.page.keyboard.press("Enter")
    assert sheet.page.evaluate("location.hash") == "#answer"


def test_the_listen_button_is_not_there_without_a_voice(brief: Path, open_page):
    sheet = open_page(brief / "es.html")
    sheet.page.evaluate(
        "() => { speechSynthesis.getVoices = () => [];"
        " speechSynthesis.dispatchEvent(new Event('voiceschanged')); }"
    )
    assert not sheet.page.is_visible("#listen")
    sheet.page.evaluate(_VOICE.replace("LANGUAGE", "fr-FR"))
    assert not sheet.page.is_visible("#listen")


# A voice that says everything at once and keeps what it said.
_VOICE = """() => {
  window.heard = [];
  speechSynthesis.getVoices = () => [{lang: 'LANGUAGE', name: 'test'}];
  window.SpeechSynthesisUtterance = function (text) { this.text = text; };
  speechSynthesis.cancel = () => {};
  speechSynthesis.speak = (said) => {
    window.heard.push([said.text, said.lang, CSS.highlights.get('spoken')?.size ?? 0]);
    setTimeout(() => said.onend && said.onend(), 0);
  };
  speechSynthesis.dispatchEvent(new Event('voiceschanged'));
}"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_heard_is_words_of_the_language_and_is_highlighted(brief: Path, open_page, language: str):
    sheet = open_page(brief / f"{language}.html")
    sheet.page.evaluate(_VOICE.replace("LANGUAGE", f"{language}-XX"))
    assert sheet.page.is_visible("#listen")
    sheet.page.click("#listen")
    heard: list[tuple[str, str, int]] = []
    while len(heard) <= 25:  # the page's policy forbids Playwright's own waiting, which needs eval
        sheet.page.wait_for_timeout(100)
        heard = sheet.page.evaluate("window.heard")
    assert heard[0][0] == sheet.page.inner_text("#answer .question")
    assert {spoken.partition("-")[0] for _, spoken, _ in heard} == {language}
    assert all(marked == 1 for _, _, marked in heard)
    said = " ".join(text for text, _, _ in heard)
    assert not re.search(r"[\u202f\u00a0\u2212]|US\$|\d,\d{3}", said)
    assert ("millones de dólares" if language == "es" else "million dollars") in said


def test_listening_stops_when_asked(brief: Path, open_page):
    sheet = open_page(brief / "es.html")
    sheet.page.evaluate(
        _VOICE.replace("LANGUAGE", "es-PE").replace("setTimeout(() => said.onend && said.onend(), 0);", "")
    )
    start = sheet.page.inner_text("#listen")
    sheet.page.click("#listen")
    assert sheet.page.inner_text("#listen") != start
    sheet.page.click("#listen")
    assert sheet.page.inner_text("#listen") == start
    assert sheet.page.evaluate("CSS.highlights.get('spoken').size") == 0


def test_the_other_language_opens_at_the_same_place(brief: Path, open_page):
    sheet = open_page(brief / "es.html")
    sheet.page.evaluate("location.hash = '#quoted'")
    sheet.page.click("a.language")
    sheet.page.wait_for_load_state()
    assert sheet.page.url.endswith("en.html#quoted")


@pytest.mark.parametrize(("reader", "file"), [("es-PE", "es.html"), ("en-GB", "en.html")])
def test_the_index_opens_the_readers_language(brief: Path, open_page, reader: str, file: str):
    sheet = open_page(brief / "index.html", language=reader)
    sheet.page.wait_for_url(f"**/{file}")


def test_the_index_without_script_offers_both(brief: Path, open_page):
    sheet = open_page(brief / "index.html", javascript=False)
    assert [link.get_attribute("href") for link in sheet.page.query_selector_all("main a")] == [
        "es.html",
        "en.html",
    ]
    assert [str(one) for one in sheet.violations()] == []


def test_the_downloads_are_whole(brief: Path, open_page):
    sheet = open_page(brief / "en.html")
    text = ""
    for kind, start in (("csv", "Year,"), ("svg", "<?xml")):
        with sheet.page.expect_download() as waiting:
            sheet.page.click(f'#g-money a[download="g-money.{kind}"]')
        text = Path(waiting.value.path()).read_text("utf-8")
        assert text.startswith(start)
        assert len(text.splitlines()) > (30 if kind == "csv" else 3)
    drawn = ET.fromstring(text)  # the last one: the frame with the drawing in its place
    names = [one.tag.rpartition("}")[2] for one in drawn.iter()]
    assert "slot" not in text
    assert ".axis" in (drawn[0].text or "")
    assert names.count("svg") == 2
    assert names.count("path") + names.count("rect") > 20
    assert sheet.outside() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_prints(brief: Path, open_page, language: str):
    sheet = open_page(brief / f"{language}.html", print_media=True)
    assert not sheet.page.is_visible("nav")
    assert sheet.page.is_visible("#g-fan .wide svg")
    printed = sheet.page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) < 120
