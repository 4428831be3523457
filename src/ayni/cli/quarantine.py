"""``ayni quarantine``: the rows of official files that could not be read, to be mended and read again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.cases import print_csv, print_json
from ayni.cli.ingest import aside
from ayni.cli.terminal import paragraph, table
from ayni.language import message, number

if TYPE_CHECKING:
    from ayni.ledger.records import Quarantined
    from ayni.ledger.store import Ledger

_SHOWN = 50


def run(line: Line) -> int:
    """Print the rows set aside, or write those of one origin to a file."""
    from ayni.ledger.shelf import default_ledger
    from ayni.ledger.store import LedgerError, open_ledger

    path = Path(line.text("ledger") or default_ledger())
    try:
        ledger = open_ledger(path)
        rows = _rows(ledger, line.text("release"))
    except LedgerError as error:
        raise CannotRunError(message(line.language, "cli.error.ledger", why=str(error))) from error
    if line.text("out"):
        print(_written(ledger, rows, Path(line.text("out")), line.language))
    elif line.flag("json"):
        told = [asdict(row) | {"why": aside(row, line.language)} for row in rows]
        print_json("quarantine", None, {"ledger": str(path), "rows": told})
    elif line.flag("csv"):
        heads = ("origin", "file", "line", "why", "text")
        print_csv(heads, ((r.origin, r.file, r.line, aside(r, line.language), r.text) for r in rows))
    else:
        print(_listed(rows, line.language))
    return 0


def _rows(ledger: Ledger, origin: str) -> list[Quarantined]:
    from ayni.ledger.records import Quarantined
    from ayni.ledger.store import scan

    found = scan(ledger, "quarantine", [origin] if origin else None).collect()
    return [Quarantined(**row) for row in found.iter_rows(named=True)]


def _listed(rows: list[Quarantined], language: str) -> str:
    if not rows:
        return message(language, "cli.quarantine.none")
    heads = [message(language, f"cli.head.{name}") for name in ("origin", "line", "problem")]
    told = [[row.origin, str(row.line), aside(row, language)] for row in rows[:_SHOWN]]
    more = [] if len(rows) <= _SHOWN else ["\u2026"]
    count = message(language, "cli.quarantine.counts", count=number(len(rows), language))
    return "\n".join([count, "", table(heads, told, right=(1,)), *more])


def _written(ledger: Ledger, rows: list[Quarantined], out: Path, language: str) -> str:
    """Write the rows of one origin under the header of their file."""
    from ayni.ledger.store import frame, replace_file

    origins = sorted({row.origin for row in rows})
    if not rows:
        return message(language, "cli.quarantine.none")
    if len(origins) > 1:
        raise CannotRunError(message(language, "cli.quarantine.one-origin", known=", ".join(origins)))
    if out.exists():
        raise CannotRunError(message(language, "cli.quarantine.in-place", path=out))
    told = frame(ledger, "ingests").filter(origin=origins[0])
    header = next((text for text in told["header"] if text), "")
    texts = ([header] if header else []) + [row.text for row in rows]
    replace_file(out, ("\n".join(texts) + "\n").encode())
    count = number(len(rows), language)
    return paragraph(message(language, "cli.quarantine.written", count=count, path=out, origin=origins[0]))
