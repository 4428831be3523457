"""The harness itself: it must see what is wrong before it is trusted to say that nothing is."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

from tests.pages.browser import (
    DESK,
    PHONE,
    NoChromiumError,
    axe_script,
    find_chromium,
    opened,
    stays_here,
)

DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


@pytest.fixture
def page_of(tmp_path: Path):
    def write(body: str, head: str = "") -> Path:
        path = tmp_path / "página.html"
        path.write_text(
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tiny</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"{head}</head><body><main><h1>Tiny</h1>{body}</main></body></html>",
            "utf-8",
        )
        return path

    return write


def test_a_sound_page_passes(page_of, open_page):
    sheet = open_page(page_of(f'<p><a href="#x" id="x">Here</a> <img src="{DOT}" alt="a dot"></p>'))
    assert sheet.violations() == []
    assert sheet.outside() == []
    assert sheet.errors == []
    assert sheet.too_wide_px() == 0


def test_an_image_without_words_is_found(page_of, open_page):
    found = open_page(page_of(f'<img src="{DOT}">')).violations()
    assert [one.rule for one in found] == ["image-alt"]
    assert found[0].targets == ("img",)


def test_an_image_without_words_is_found_with_scripts_off(page_of, open_page):
    found = open_page(page_of(f'<img src="{DOT}">'), javascript=False).violations()
    assert [one.rule for one in found] == ["image-alt"]


def test_pale_words_are_found(page_of, open_page):
    found = open_page(page_of('<p style="color:#aaa;background:#fff">Pale</p>')).violations()
    assert [one.rule for one in found] == ["color-contrast"]


def test_a_rule_can_be_left_out(page_of, open_page):
    assert open_page(page_of(f'<img src="{DOT}">')).violations(without=("image-alt",)) == []


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(
    ("body", "head"),
    [
        ('<img alt="" src="http://example.invalid/dot.png">', ""),
        ("", '<link rel="stylesheet" href="http://example.invalid/style.css">'),
        ("", "<style>body { background: url(http://example.invalid/b.png) }</style>"),
        ("", '<link rel="preconnect" href="http://example.invalid/">'),
        ("", '<link rel="dns-prefetch" href="//example.invalid/">'),
        ('<iframe title="t" src="http://example.invalid/f.html"></iframe>', ""),
        ('<img alt="" src="http://192.0.2.1/dot.png">', ""),
    ],
    ids=["image", "style", "background", "preconnect", "dns-prefetch", "frame", "number"],
)
def test_a_page_that_reaches_out_is_reported(page_of, open_page, body: str, head: str, javascript: bool):
    outside = open_page(page_of(body, head), javascript=javascript).outside()
    assert outside
    assert all("example.invalid" in one or "192.0.2.1" in one for one in outside)


@pytest.mark.parametrize(
    "script",
    [
        "fetch('http://example.invalid/data.json').catch(() => {})",
        "navigator.sendBeacon('http://example.invalid/seen', 'x')",
        "new WebSocket('ws://example.invalid/socket')",
        "new Image().src = 'http://example.invalid/pixel.gif'",
    ],
)
def test_a_script_that_reaches_out_is_reported(page_of, open_page, script: str):
    sheet = open_page(page_of(f"<script>{script}</script>"))
    sheet.page.wait_for_timeout(100)
    assert [one for one in sheet.outside() if "example.invalid" in one]


def test_scripts_can_be_off(page_of, open_page):
    path = page_of('<p id="p">as written</p><script>p.textContent = "changed"</script>')
    assert open_page(path).page.text_content("#p") == "changed"
    assert open_page(path, javascript=False).page.text_content("#p") == "as written"


def test_a_script_error_is_told(page_of, open_page):
    assert "nothing" in open_page(page_of("<script>nothing()</script>")).errors[0]


@pytest.mark.parametrize("dark", [False, True])
def test_the_reader_may_prefer_dark(page_of, open_page, dark: bool):
    sheet = open_page(page_of(""), dark=dark)
    assert sheet.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is dark


def test_the_page_can_be_shown_as_printed(page_of, open_page):
    sheet = open_page(page_of(""), print_media=True)
    assert sheet.page.evaluate("matchMedia('print').matches")


def test_the_window_has_the_size_asked_for(page_of, open_page):
    path = page_of('<div style="width:500px">wide</div>')
    phone = open_page(path, size=PHONE)
    assert phone.page.evaluate("[document.documentElement.clientWidth, innerHeight]") == list(PHONE)
    assert phone.too_wide_px() > 0
    assert open_page(path, size=DESK).too_wide_px() == 0


def test_the_tab_key_visits_each_stop_once_and_leaves(page_of, open_page):
    sheet = open_page(
        page_of(
            '<a id="a" href="#b">first</a><button id="b">second</button>'
            '<details id="d"><summary id="s">third</summary><a href="#b">hidden</a></details>'
            '<input id="i" aria-label="fourth" style="outline:none">'
            '<a id="away" href="#b" style="position:absolute;left:-999px">fifth</a>'
        )
    )
    stops = sheet.tab_stops()
    assert [stop.name for stop in stops] == ["first", "second", "third", "fourth", "fifth"]
    assert [stop.outlined for stop in stops] == [True, True, True, False, True]
    assert [stop.in_view for stop in stops] == [True, True, True, True, False]
    assert sheet.tab_stops() == stops


def test_a_screenshot_is_a_picture_of_the_size_asked_for(page_of, open_page, tmp_path: Path):
    path = open_page(page_of("x"), size=PHONE).screenshot(tmp_path / "shots" / "x.png")
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:24]) == PHONE


def test_a_folder_can_be_read_from_loopback(page_of, open_page, serve):
    path = page_of('<img alt="" src="missing.png">')
    sheet = open_page(serve(path.parent) + path.name)
    assert sheet.page.title() == "Tiny"
    assert len(sheet.requests) >= 2
    assert sheet.outside() == []


def test_only_this_machine_is_opened(browser):
    with pytest.raises(ValueError, match="not on this machine"), opened(browser, "http://example.invalid/"):
        pass


def test_without_chromium_the_tests_say_that_they_did_not_run(tmp_path: Path):
    with pytest.raises(NoChromiumError, match=r"^NOT RUN: no headless Chromium found"):
        find_chromium({"PATH": str(tmp_path), "AYNI_CHROMIUM": str(tmp_path / "none")})


def test_axe_is_recent_enough_for_wcag_2_2():
    version = re.search(r"axe v(\d+)\.(\d+)", axe_script()[:200])
    assert version
    assert tuple(map(int, version.groups())) >= (4, 8)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("file:///a/b.html", True),
        ("file://example.invalid/b.html", False),
        ("data:text/plain,x", True),
        ("http://127.0.0.1:8000/", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://127.0.0.1.example.invalid/", False),
        ("https://example.invalid/", False),
        ("//example.invalid/x", False),
        ("ftp://127.0.0.1/", False),
    ],
)
def test_what_counts_as_here(address: str, here: bool):
    assert stays_here(address) is here
