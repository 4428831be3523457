"""Commands shown in pages, run as a reader would run them, and their outputs as they are now.

A fenced block headed ``console`` holds commands after ``$ `` and their outputs. A block headed with a
kind and a file, such as ``toml dossiers/demo/numbers.toml``, is written at the end of that file; with
``replace`` after the name, in its place. Pages are followed from top to bottom in an empty folder.

    python -m tests.houserules.shown        writes today's outputs into the pages
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.houserules.tree import ROOT

FENCE = re.compile(
    r"^(?P<marks>```+)(?P<head>[^\n]*)\n(?P<body>.*?)^(?P=marks)[ ]*$", re.MULTILINE | re.DOTALL
)
# The pages whose commands are run, with the locale of their reader.
PAGES = {
    ROOT / "README.md": "C",
    ROOT / "README.es.md": "es_PE.UTF-8",
    ROOT / "docs" / "tutorial" / "first-brief.md": "C",
    ROOT / "docs" / "tutorial" / "primer-informe.md": "es_PE.UTF-8",
}
# An output shown in part: this line stands for any number of lines.
LEFT_OUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One command of a page: the output beside it, the output now, its exit code, what went wrong."""

    line: str
    shown: str
    now: str
    code: int
    errors: str

    @property
    def agrees(self) -> bool:
        """Whether the output shown is today's, lines left out allowed."""
        parts = [re.escape(part) for part in re.split(rf"^{LEFT_OUT}\n", self.shown, flags=re.MULTILINE)]
        return re.fullmatch("(?:.*\n)*?".join(parts), self.now) is not None


def followed(page: str, folder: Path, locale: str) -> list[Shown]:
    """Follow a page in `folder` and return its commands of ayni."""
    told: list[Shown] = []
    _each_block(page, folder, locale, told)
    return told


def refreshed(page: str, folder: Path, locale: str) -> str:
    """Return the page with today's outputs.

    Those shown in part are left alone while they agree, and so are those of a command that fails.
    """
    return _each_block(page, folder, locale, [])


def _each_block(page: str, folder: Path, locale: str, told: list[Shown]) -> str:
    environment = {"XDG_CACHE_HOME": str(folder / ".cache"), "LC_ALL": locale, "COLUMNS": "80"}
    before = Path.cwd()
    os.chdir(folder)
    try:
        with patch.dict(os.environ, environment):
            return FENCE.sub(lambda match: _block(match, told), page)
    finally:
        os.chdir(before)


def _block(match: re.Match[str], told: list[Shown]) -> str:
    head, body = match["head"].split(), match["body"]
    if len(head) > 1:
        path = Path(head[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.read_text("utf-8") if path.exists() and "replace" not in head else ""
        path.write_text(kept + body, "utf-8")
    if head[:1] != ["console"]:
        return match[0]
    first, *steps = re.split(r"^\$ ", body, flags=re.MULTILINE)
    done = "".join(_step(step, told) for step in steps)
    return f"{match['marks']}{match['head']}\n{first}{done}{match['marks']}"


def _step(step: str, told: list[Shown]) -> str:
    line, _, output = step.partition("\n")
    words = shlex.split(line, comments=True)
    if words[:1] == ["rm"]:
        for name in words[1:]:
            Path(name).unlink()
    if words[:1] != ["ayni"]:
        return f"$ {step}"
    from ayni.cli import main

    said, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        code = main(words[1:])
    found = Shown(line=line, shown=output, now=said.getvalue(), code=code, errors=errors.getvalue())
    told.append(found)
    return f"$ {line}\n{output if found.agrees or code else found.now}"


def _refresh() -> None:
    for path, locale in PAGES.items():
        with tempfile.TemporaryDirectory() as name:
            page = path.read_text("utf-8")
            path.write_text(refreshed(page, Path(name), locale), "utf-8")


if __name__ == "__main__":
    _refresh()
