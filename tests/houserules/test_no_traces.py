"""The repository names nothing of the machines it was made on."""

from __future__ import annotations

import re

import pytest

from tests.houserules.tree import ROOT, files, relative

# Written in two parts each, so that this file does not find itself.
SEPARATE = r"(?<![\w.:/%-])"  # not the middle of a path or of a web address
FOLDERS = [
    SEPARATE + "/ro" + r"ot(?:/|\b)",
    SEPARATE + "/wo" + r"rk/[a-z]",
    SEPARATE + "/ho" + r"me/[a-z_]",
    SEPARATE + "/Us" + r"ers/[A-Za-z]",
    SEPARATE + r"[A-Z]:\\Us" + r"ers\\",
]
REGISTRIES = [
    re.escape(first + second)
    for first, second in [
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("np", "mjs.com"),
        ("conda.ana", "conda.org"),
        ("--index", "-url"),
        ("--extra-index", "-url"),
        ("--find", "-links"),
    ]
]
FORBIDDEN = re.compile("|".join(FOLDERS + REGISTRIES))


def test_no_file_names_a_machine_or_a_registry():
    wrong = [
        f"{relative(path)}: {found.group()}"
        for path in files()
        for found in FORBIDDEN.finditer(path.read_bytes().decode("utf-8", "ignore"))
    ]
    assert wrong == []


def test_no_name_of_a_file_does_either():
    assert [relative(path) for path in files() if FORBIDDEN.search("/" + relative(path))] == []


def test_no_lock_file_is_kept():
    names = {
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
        "Pipfile.lock",
        "pylock.toml",
        "package-lock.json",
        "yarn.lock",
    }
    assert [relative(path) for path in files() if path.name in names] == []


@pytest.mark.parametrize(
    "text",
    [
        "see /ro" + "ot/x",
        "'/wo" + "rk/main'",
        "(/ho" + "me/ana/x)",
        "/Us" + "ers/ana",
        "https://py" + "pi.org/simple",
        "https://files.python" + "hosted.org/x",
    ],
)
def test_the_rule_finds_what_it_is_for(text: str):
    assert FORBIDDEN.search(text)


@pytest.mark.parametrize(
    "text", ["https://www.gob.pe/ho" + "me/index", "the ro" + "ot of 2", "a/wo" + "rk/a"]
)
def test_the_rule_leaves_web_addresses_and_words_alone(text: str):
    assert not FORBIDDEN.search(text)


def test_what_runs_is_marked_so():
    scripts = [path for path in files() if path.read_bytes()[:2] == b"#!"]
    assert scripts
    assert [relative(path) for path in scripts if not path.stat().st_mode & 0o100] == []
    assert (ROOT / ".ci" / "run") in scripts
