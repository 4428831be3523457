"""Open a dossier: read all its files, tell all its faults, write its ledger, make its case."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path

import ayni
from ayni.claims.case import Case
from ayni.dossier.files import (
    Source,
    read_claims,
    read_corrections,
    read_numbers,
    read_questions,
    read_results,
    read_specifications,
)
from ayni.dossier.references import dangling
from ayni.dossier.schemas import CorrectionsFile, DossierFile
from ayni.dossier.text import Text, read_text
from ayni.ledger.corrections import corrected
from ayni.ledger.records import Correction
from ayni.ledger.store import MANIFEST, Ledger, open_ledger, write
from ayni.problems import Problem, ProblemsError
from ayni.sources.figures import Tables
from ayni.sources.table import SOURCES

TOML = (
    "dossier.toml",
    "questions.toml",
    "specifications.toml",
    "numbers.toml",
    "results.toml",
    "claims.toml",
    "corrections.toml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """An opened dossier.

    Attributes
    ----------
    folder : Path
        Where it is.
    about : DossierFile
        Who, years, currency, price base, languages.
    case : Case
        Its ledger and everything asked of it.
    text : dict of str to Text
        The prose by language.
    corrections : tuple of Correction
        Those applied.
    log : CorrectionsFile
        The corrections file as told, with the numbers that changed between editions.
    digest : str
        Of all files of the dossier: equal digests, equal briefs.
    """

    folder: Path
    about: DossierFile
    case: Case
    text: dict[str, Text]
    corrections: tuple[Correction, ...]
    log: CorrectionsFile
    digest: str


class UnknownDossierError(LookupError):
    """No dossier of that key or path; the message lists those at hand."""


def shelves() -> tuple[Path, ...]:
    """Return the folders in which dossiers are looked for by key, in order.

    The working folder's ``dossiers``, then the one that ships with ayni, then that of the
    source tree it runs from.
    """
    shipped = Path(str(package_files("ayni"))) / "dossiers"
    return (Path.cwd() / "dossiers", shipped, Path(__file__).resolve().parents[3] / "dossiers")


def known_keys() -> tuple[str, ...]:
    """Return the keys of all dossiers on the shelves."""
    found = {p.parent.name for shelf in shelves() for p in shelf.glob("*/dossier.toml")}
    return tuple(sorted(found))


def locate(key: str) -> Path:
    """Return the folder of the dossier called `key`, or at the path `key`.

    Raises
    ------
    UnknownDossierError
        If there is none.
    """
    as_path = Path(key)
    for folder in (as_path, *(shelf / key for shelf in shelves())):
        if (folder / "dossier.toml").is_file():
            return folder
    raise UnknownDossierError(key)


def open_dossier(folder: Path, *, cache: Path | None = None) -> Dossier:
    """Read the dossier in `folder` and write its ledger, unless the same one is at hand.

    Parameters
    ----------
    cache : Path, optional
        Where ledgers are kept; the default is the user's cache folder.

    Raises
    ------
    ProblemsError
        With everything wrong in any file: missing columns, unknown keys, pointers that
        lead nowhere, circles, numbers that cannot be computed.
    """
    problems: list[Problem] = []
    sources = {name: Source(folder, name, problems) for name in TOML}
    about = sources["dossier.toml"].read(DossierFile)
    corrections, log = read_corrections(sources["corrections.toml"])
    tables = _tables(folder, corrections, problems)
    questions, asked = read_questions(sources["questions.toml"])
    specifications = read_specifications(sources["specifications.toml"])
    pointers = read_numbers(sources["numbers.toml"])
    chain = read_results(sources["results.toml"])
    claims = read_claims(sources["claims.toml"])
    text: dict[str, Text] = {
        lang: read_text(folder, lang, problems) for lang in (about.languages if about else ())
    }
    if about is None or tables is None:
        raise ProblemsError(problems)
    digest = folder_digest(folder)
    case = Case(
        ledger=_ledger(tables, digest, cache or cache_folder()),
        indexes=tuple(about.indexes),
        pointers=pointers,
        questions=questions,
        asked=asked,
        specifications=specifications,
        claims=claims,
        chain=chain,
    )
    problems += dangling(case, about, sources, text)
    if problems:
        raise ProblemsError(problems)
    return Dossier(
        folder=folder, about=about, case=case, text=text, corrections=corrections, log=log, digest=digest
    )


def _tables(folder: Path, corrections: Iterable[Correction], problems: list[Problem]) -> Tables | None:
    try:
        tables = SOURCES["figures"](folder / "figures")
    except ProblemsError as error:
        problems += error.problems
        return None
    frames = dict(tables.frames)
    frames["observations"] = corrected(frames["observations"], corrections, problems)
    return Tables(frames=frames)


def folder_digest(folder: Path) -> str:
    """Return a hash of the names and bytes of the dossier's files, results left out."""
    digest = hashlib.sha256(ayni.__version__.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".csv", ".md"):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the user's cache folder for ledgers (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ayni"


def _ledger(tables: Tables, digest: str, cache: Path) -> Ledger:
    """Return the ledger of these very tables, written when it is not there yet."""
    path = cache / "ledgers" / digest[:20]
    if (path / MANIFEST).is_file():
        return open_ledger(path)
    return write(path, tables.frames)
