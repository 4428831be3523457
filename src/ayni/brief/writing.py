"""Write a brief: all of it beside the old one, then in its place; a failure leaves the old one as it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from ayni.brief.page import index, page, page_file
from ayni.brief.plan import Edition, read_plan
from ayni.dossier.opening import Dossier
from ayni.language import message

INDEX = "index.html"


def write_brief(
    dossier: Dossier, out: Path, *, languages: tuple[str, ...], progress: Callable[[str], None] | None = None
) -> tuple[Path, ...]:
    """Write the pages of a dossier into the folder `out` and return their paths, the index first.

    Parameters
    ----------
    dossier : Dossier
        What the brief is of.
    out : Path
        The folder; made where it is missing; other files in it are kept.
    languages : tuple of str
        Which pages, in the order of the index.
    progress : callable, optional
        Told in words, in the first language, what is being done.

    Raises
    ------
    ProblemsError
        If the dossier's ``page.toml`` does not fit; nothing is written.
    """
    plan = read_plan(dossier)
    editions = [Edition(dossier=dossier, plan=plan, language=language) for language in languages]
    pages: dict[str, str] = {}
    for edition in editions:
        if progress is not None:
            progress(message(languages[0], "page.writing", file=page_file(edition.language)))
        pages[page_file(edition.language)] = page(edition, languages)
    pages = {INDEX: index(editions), **pages}
    _swap(out.resolve(), pages)
    return tuple(out / name for name in pages)


def _swap(out: Path, pages: dict[str, str]) -> None:
    """Write every page whole beside the folder; only then touch the folder."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".draft", dir=out.parent))
    try:
        draft.chmod(0o755)
        for name, text in pages.items():
            (draft / name).write_text(text, encoding="utf-8")
        if not out.exists():
            draft.rename(out)
        elif {path.name for path in out.iterdir()} <= pages.keys():
            _exchange(draft, out)
        else:  # a folder with other things in it is not ours to move
            for name in pages:
                (draft / name).replace(out / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _sync(out)


def _exchange(draft: Path, out: Path) -> None:
    old = draft.with_suffix(".old")
    out.rename(old)
    try:
        draft.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Let the rename reach the disk, where the system can."""
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
