"""Open a dossier: read all its files, tell all its faults, write its ledger, make its case."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from ayni.dossier.shelves import cache_folder
from ayni.dossier.text import Text, read_text
from ayni.language import LANGUAGES
from ayni.ledger.corrections import corrected
from ayni.ledger.drafts import write
from ayni.ledger.records import Correction
from ayni.ledger.store import Ledger, LedgerError, frame, open_ledger
from ayni.problems import Problem, ProblemsError
from ayni.sources.figures import Tables, gather

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
    told: list[Problem] = []
    tables = _tables(folder, corrections, told)
    problems += [
        _placed(p, corrections, sources["corrections.toml"]) if p.code == "stale-correction" else p
        for p in told
    ]
    whole = about is not None and not any(p.file.startswith("figures/") for p in problems)
    questions, asked = read_questions(sources["questions.toml"])
    languages = about.languages if about else LANGUAGES
    text: dict[str, Text] = {lang: read_text(folder, lang, problems) for lang in languages}
    digest = folder_digest(folder)
    case = Case(
        ledger=Ledger(path=folder, parts=(), kept=dict(tables.frames.items())),
        indexes=tuple(about.indexes) if about else (),
        pointers=read_numbers(sources["numbers.toml"]),
        questions=questions,
        asked=asked,
        specifications=read_specifications(sources["specifications.toml"]),
        claims=read_claims(sources["claims.toml"]),
        chain=read_results(sources["results.toml"]),
    )
    problems += dangling(case, about, sources, text, whole=whole)
    if problems or about is None:
        raise ProblemsError(problems)
    # only now is anything written; what was worked out from the tables stays with the ledger made of them
    written = _ledger(tables, digest, cache or cache_folder())
    case = replace(case, ledger=replace(written, kept=case.ledger.kept))
    return Dossier(
        folder=folder, about=about, case=case, text=text, corrections=corrections, log=log, digest=digest
    )


def _tables(folder: Path, corrections: Iterable[Correction], problems: list[Problem]) -> Tables:
    found: list[Problem] = []
    tables = gather(folder / "figures", found)
    problems += found
    frames = dict(tables.frames)
    if not found:
        frames["observations"] = corrected(frames["observations"], corrections, problems)
    return Tables(frames=frames)


def _placed(problem: Problem, corrections: tuple[Correction, ...], source: Source) -> Problem:
    """Return a problem of a correction with the line on which the correction stands."""
    position = next(i for i, c in enumerate(corrections) if c.key == problem.where)
    return replace(problem, line=source.line("correction", position))


def folder_digest(folder: Path) -> str:
    """Return a hash of the names and bytes of the dossier's files, results left out."""
    digest = hashlib.sha256(ayni.__version__.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".csv", ".md"):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _ledger(tables: Tables, digest: str, cache: Path) -> Ledger:
    """Return the ledger of these very tables, written when it is not there yet."""
    path = cache / "ledgers" / digest[:20]
    try:
        kept = open_ledger(path)
        if all(frame(kept, table).height == rows.height for table, rows in tables.frames.items()):
            return kept
    except LedgerError:
        shutil.rmtree(path, ignore_errors=True)  # not there yet, or damaged: it is made of the tables alone
    return write(path, tables.frames)
