"""A new dossier: the smallest folder that opens, every entry of it an example to replace.

It is a copy of the folder ``example`` beside this module. What that holds is invented and says so: every
entry carries the word ``EXAMPLE``. `examples` lists what of it is still there.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

KEY = re.compile(r"[a-z0-9][a-z0-9.\-]*")
MARK = "EXAMPLE"
TEMPLATE = Path(__file__).with_name("example")
_KINDS = (".toml", ".csv", ".md")
# In the order in which to fill them: a figure needs its origin, place and indicator, a number its figure,
# and so on up to the prose. The empty name stands for all other tables.
_FILL = (
    "dossier.toml",
    "origins.csv",
    "licences.csv",
    "places.csv",
    "indicators.csv",
    "labels.csv",
    "",
    "numbers.toml",
    "questions.toml",
    "results.toml",
    "claims.toml",
    "text.es.md",
    "text.en.md",
)


class BadKeyError(ValueError):
    """A key that no dossier may have."""


def new_dossier(key: str, shelf: Path) -> Path:
    """Make the folder of a new dossier in `shelf`, whole or not at all, and return it.

    Raises
    ------
    BadKeyError
        If the key has other signs than lower-case letters, digits, points and hyphens.
    FileExistsError
        If something of that name is there already.
    """
    if not KEY.fullmatch(key):
        raise BadKeyError(key)
    folder = shelf / key
    if folder.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
    draft = shelf / f".{key}.{os.getpid()}.draft"
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        shutil.copytree(TEMPLATE, draft)
        about = draft / "dossier.toml"
        today = datetime.now(tz=UTC).date().isoformat()
        text = about.read_text(encoding="utf-8").replace('"KEY"', f'"{key}"').replace('"DATE"', f'"{today}"')
        about.write_text(text, encoding="utf-8")
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def examples(folder: Path) -> list[tuple[str, int]]:
    """Return the files of a dossier that hold examples, in the order to fill them, with their lines."""
    found = []
    for path in sorted(folder.rglob("*"), key=_order):
        if path.is_file() and path.suffix in _KINDS:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            count = sum(MARK in line for line in lines)
            if count:
                found.append((path.relative_to(folder).as_posix(), count))
    return found


def _order(path: Path) -> tuple[int, str]:
    name = path.name if path.name in _FILL else ""
    return (_FILL.index(name), path.name)
