"""``ayni brief``: the page of a dossier, one file per language."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.cases import open_case
from ayni.cli.terminal import paragraph, progress
from ayni.language import message

if TYPE_CHECKING:
    from ayni.dossier.opening import Dossier


def run(line: Line) -> int:
    """Write the brief and say where it is."""
    dossier = open_case(line)
    languages = _languages(line, dossier)
    out = Path(line.text("out") or f"{dossier.about.key}-brief")
    _refuse_unwritable(out, line.language)
    with progress(message(line.language, "cli.progress.writing", name=dossier.about.key)) as told:
        from ayni.brief.writing import write_brief

        written = write_brief(dossier, out, languages=languages, progress=told)
    print(message(line.language, "cli.brief.written", out=out))
    for path in written:
        print(f"  {path}")
    _tell_examples(dossier.folder, line.language)
    return 0


def _languages(line: Line, dossier: Dossier) -> tuple[str, ...]:
    """Return the language that the line names, else all of the dossier's."""
    if not line.chosen:
        return tuple(dossier.about.languages)
    if line.language not in dossier.about.languages:
        known = ", ".join(dossier.about.languages)
        raise CannotRunError(
            message(line.language, "cli.error.no-language", found=line.language, known=known)
        )
    return (line.language,)


def _refuse_unwritable(out: Path, language: str) -> None:
    """Say before the work begins that nothing can be written there."""
    if out.exists() and not out.is_dir():
        raise CannotRunError(message(language, "cli.error.out-file", path=out))
    nearest = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise CannotRunError(message(language, "cli.error.out", path=out, nearest=nearest))


def _tell_examples(folder: Path, language: str) -> None:
    """Say which files of a new dossier still hold examples, in the order to fill them."""
    from ayni.dossier.new import examples

    left = examples(folder)
    if left:
        print(f"\n{paragraph(message(language, 'cli.brief.examples'))}", file=sys.stderr)
        for file, count in left:
            print(message(language, "cli.new.file", file=file, count=count), file=sys.stderr)
