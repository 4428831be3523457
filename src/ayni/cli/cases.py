"""Opening the dossier that a line names, and what every answer about it shares."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import ayni
from ayni.cli.arguments import CannotRunError, Line, near
from ayni.cli.terminal import progress
from ayni.language import message

if TYPE_CHECKING:
    from pathlib import Path

    from ayni.dossier.opening import Dossier
    from ayni.units import Quantity


def folder(line: Line) -> Path:
    """Return the folder of the dossier that the line names.

    Raises
    ------
    CannotRunError
        If there is none; the known keys are told.
    """
    from ayni.dossier.shelves import UnknownDossierError, known_keys, locate

    key = line.text("key")
    try:
        return locate(key)
    except UnknownDossierError:
        known = known_keys()
        raise CannotRunError(
            message(
                line.language,
                "cli.error.dossier" if known else "cli.error.no-dossiers",
                found=key,
                near=near(key, known, line.language),
                known=", ".join(known),
            )
        ) from None


def of_ledger(line: Line) -> Line:
    """Return a line that means a ledger of official files: it has one word, and that is no dossier's key.

    Raises
    ------
    CannotRunError
        If it has no word, or only a dossier's key, or a word too many.
    """
    from ayni.dossier.shelves import UnknownDossierError, locate

    second = {"why": "name", "sql": "query"}[line.command]
    words = [line.text(field) for field in ("key", second) if line.text(field)]
    missing = message(line.language, f"cli.metavar.{second}")
    if not words:
        raise CannotRunError(message(line.language, "cli.error.missing", name=missing, command=line.command))
    if len(words) > 1:
        raise CannotRunError(message(line.language, "cli.error.one-word", command=line.command))
    if "ledger" not in line.given:
        with suppress(UnknownDossierError, OSError):
            locate(words[0])
            raise CannotRunError(
                message(line.language, "cli.error.missing", name=missing, command=line.command)
            )
    return line


def open_case(line: Line) -> Dossier:
    """Open the dossier that the line names, telling so once it has taken two seconds."""
    with progress(message(line.language, "cli.progress.opening", name=line.text("key"))):
        from ayni.dossier.opening import open_dossier
        from ayni.ledger.store import LedgerError

        place = folder(line)
        try:
            return open_dossier(place)
        except LedgerError as error:
            raise CannotRunError(message(line.language, "cli.error.ledger", why=str(error))) from error


def print_json(schema: str, dossier: Dossier | None, body: Mapping[str, object]) -> None:
    """Print an answer as JSON: what it is, of which dossier, then its body, in a fixed order."""
    head: dict[str, object] = {"schema": f"ayni.{schema}/1", "ayni": ayni.__version__}
    if dossier is not None:
        about = dossier.about
        head |= {"dossier": about.key, "edition": about.edition, "digest": dossier.digest}
    print(json.dumps(_finite(head | dict(body)), ensure_ascii=False, indent=2, allow_nan=False))


def print_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows as CSV: numbers unrounded with a point, nothing for what is not there."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def quantity_json(what: Quantity | None) -> dict[str, object] | None:
    """Return a quantity for JSON; None for none."""
    if what is None:
        return None
    return {"value": what.value, "low": what.low, "high": what.high, "unit": what.unit}


def _finite(what: object) -> object:
    """Return the same with null for every number that is none or has no end, which JSON cannot hold."""
    if isinstance(what, Mapping):
        return {key: _finite(value) for key, value in what.items()}
    if isinstance(what, list | tuple):
        return [_finite(value) for value in what]
    return None if isinstance(what, float) and not math.isfinite(what) else what
