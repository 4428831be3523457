"""Opening the ledger of official files that a line means, and what every answer from it shares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.terminal import progress
from ayni.language import MONEY, message, money, number

if TYPE_CHECKING:
    from ayni.ledger.holdings import Holding
    from ayni.ledger.store import Ledger


def open_shelf(line: Line) -> Ledger:
    """Open the ledger that the line names, else the one of `AYNI_LEDGER`, else the user's own.

    Raises
    ------
    CannotRunError
        If there is none, or it cannot be read.
    """
    with progress(message(line.language, "cli.progress.ledger")):
        from ayni.ledger.shelf import default_ledger
        from ayni.ledger.store import MANIFEST, LedgerError, open_ledger

        path = Path(line.text("ledger")) if "ledger" in line.given else default_ledger()
        if not (path / MANIFEST).is_file():
            raise CannotRunError(message(line.language, "cli.error.no-ledger", path=path))
        try:
            return open_ledger(path)
        except LedgerError as error:
            raise CannotRunError(message(line.language, "cli.error.ledger", why=str(error))) from error


def ledger_json(ledger: Ledger) -> dict[str, object]:
    """Return which ledger an answer comes from, for JSON."""
    return {"path": str(ledger.path), "digest": ledger.digest}


def holding_json(held: Holding) -> dict[str, object]:
    """Return a release for JSON."""
    return {
        "origin": held.origin,
        "dataset": held.dataset,
        "vintage": held.vintage,
        "publisher": held.publisher,
        "title": held.title,
        "url": held.url,
        "licence": held.licence,
        "files": list(held.files),
        "sha256": list(held.sha256),
        "cautions": list(held.cautions),
        "verified": held.verified,
    }


def amount(value: float | None, currency: str, language: str) -> str:
    """Return an amount in whole units of its currency; a dash for none."""
    if value is None:
        return "\u2013"
    if currency in MONEY:
        return money(value, currency, language, digits=0, whole=True)
    return f"{number(value, language, digits=0)}\u00a0{currency}"


def licence_words(key: str, language: str) -> str:
    """Return what a licence is called; the key of one that only its table names, a dash for none."""
    try:
        return message(language, f"licence.{key}")
    except KeyError:
        return key or "\u2013"


def stage_word(stage: str, language: str, *, inside: bool = False) -> str:
    """Return what a stage is called; inside a sentence it begins small."""
    word = message(language, f"stage.{stage}")
    return word[:1].lower() + word[1:] if inside else word
