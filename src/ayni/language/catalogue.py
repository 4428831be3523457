"""The catalogues of sentences, each in ``.es.toml`` and ``.en.toml``: see `CATALOGUES`.

The two languages have the same keys. A sentence names what it needs in braces, as
`str.format` does. A key that is missing is an error of ours and stops the run; it never
shows as a key on a page.
"""

from __future__ import annotations

import locale
import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Language = Literal["es", "en"]
# One pair of files per room that speaks: what is common, the page, the command line, what is said of official
# files when they are read and when they are asked, and what plots of panels print.
CATALOGUES = ("messages", "page", "cli", "intake", "questions", "plots")
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def _sentences(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in CATALOGUES:
        text = files("ayni.language").joinpath(f"{name}.{language}.toml").read_text(encoding="utf-8")
        found |= _flat(tomllib.loads(text), "")
    return found


def _flat(table: dict[str, object], prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = str(value)
    return found


def message(language: str, key: str, **particulars: object) -> str:
    """Return the sentence `key` in `language`, with its particulars put in.

    Raises
    ------
    KeyError
        If the catalogue lacks the key, or the sentence needs a particular not given.
    """
    try:
        sentence = _sentences(language)[key]
    except KeyError:
        raise KeyError(f"no sentence {key!r} in {language}; add it to both catalogues") from None
    return sentence.format(**particulars)


def pick_language(asked: str | None = None) -> Language:
    """Return the language asked for, else that of the machine's locale, else English."""
    if asked in LANGUAGES:
        return asked
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "es" if value.lower().startswith("es") else "en"
    return "es" if (locale.getlocale()[0] or "").lower().startswith(("es", "spanish")) else "en"
