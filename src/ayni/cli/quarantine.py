"""``ayni quarantine``: the rows of official files that could not be read, to be mended and read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line, refuse
from ayni.cli.cases import print_csv, print_json
from ayni.cli.ingest import aside as why
from ayni.cli.shelf import open_shelf
from ayni.cli.terminal import paragraph, table
from ayni.language import message, number

if TYPE_CHECKING:
    import polars as pl

    from ayni.ledger.records import Quarantined
    from ayni.ledger.store import Ledger

_SHOWN = 50
_HEADS = ("origin", "file", "line", "state", "mended_by", "why", "text")


def run(line: Line) -> int:
    """Print what was set aside, or write the rows of one origin that are not mended yet to a file."""
    from ayni.ledger.aside import aside
    from ayni.ledger.store import LedgerError, frame

    ledger, language, origin = open_shelf(line), line.language, line.text("release")
    try:
        known = list(dict.fromkeys(frame(ledger, "ingests")["origin"]))
        faults = aside(ledger, origin)
    except LedgerError as error:
        raise CannotRunError(message(language, "cli.error.ledger", why=str(error))) from error
    if origin and origin not in known:
        refuse(origin, known, "--release", language)
    if line.text("out"):
        print(_written(ledger, faults, Path(line.text("out")), language))
    elif line.flag("json"):
        told = [row | {"why": why(_record(row), language)} for row in faults.iter_rows(named=True)]
        print_json("quarantine", None, {"ledger": str(ledger.path), "rows": told})
    elif line.flag("csv"):
        rows = (row | {"why": why(_record(row), language)} for row in faults.iter_rows(named=True))
        print_csv(_HEADS, ([row[name] for name in _HEADS] for row in rows))
    else:
        print("\n".join(_listed(faults, language)))
    return 0


def _record(row: dict[str, object]) -> Quarantined:
    from ayni.ledger.records import Quarantined
    from ayni.ledger.schemas import QUARANTINE

    told: dict[str, object] = {name: row[name] for name in QUARANTINE}
    return Quarantined(**told)  # type: ignore[arg-type]  # the columns of the record


def _listed(faults: pl.DataFrame, language: str) -> Iterator[str]:
    """Yield the rows that are open, the cells set aside of rows that are kept, and what was mended."""
    from ayni.ledger.aside import MENDED, OPEN, PARTLY

    by_state = {state: faults.filter(state=state) for state in (OPEN, PARTLY, MENDED)}
    rows = by_state[OPEN]
    count = rows.select("origin", "line").unique().height
    key = "counts" if count else "none"
    yield message(language, f"cli.quarantine.{key}", count=number(count, language))
    yield from _table(rows, language)
    cells = by_state[PARTLY]
    if cells.height:
        yield ""
        yield message(language, "cli.quarantine.cells", count=number(cells.height, language))
        yield from _table(cells, language)
    mended = by_state[MENDED].group_by("origin", "mended_by", maintain_order=True)
    for (origin, file), some in mended:
        number_told = number(some["line"].n_unique(), language)
        told = message(language, "cli.quarantine.mended", file=file, count=number_told, origin=origin)
        yield paragraph(told)


def _table(faults: pl.DataFrame, language: str) -> Iterator[str]:
    if faults.is_empty():
        return
    heads = [message(language, f"cli.head.{name}") for name in ("origin", "line", "problem")]
    some = [_record(row) for row in faults.head(_SHOWN).iter_rows(named=True)]
    yield ""
    yield table(heads, [[row.origin, str(row.line), why(row, language)] for row in some], right=(1,))
    if faults.height > _SHOWN:
        yield "\u2026"


def _written(ledger: Ledger, faults: pl.DataFrame, out: Path, language: str) -> str:
    """Write the rows of one origin that are open, as a table that can be mended or as a report."""
    from ayni.ledger.aside import OPEN
    from ayni.ledger.store import frame, replace_file

    rows = faults.filter(state=OPEN)
    origins = rows["origin"].unique().sort().to_list()
    if not origins:
        return message(language, "cli.quarantine.none")
    if len(origins) > 1:
        raise CannotRunError(message(language, "cli.quarantine.one-origin", known=", ".join(origins)))
    if out.exists():
        raise CannotRunError(message(language, "cli.quarantine.in-place", path=out))
    read = frame(ledger, "ingests").filter(origin=origins[0], mends="").row(0, named=True)
    count = number(rows["line"].n_unique(), language)
    about = {"count": count, "path": out, "origin": origins[0], "file": read["file"]}
    if not read["header"]:
        replace_file(out, _report(rows, language).encode())
        return paragraph(message(language, "cli.quarantine.report", **about))
    replace_file(out, _to_mend(rows, read["header"]).encode())
    told = paragraph(message(language, "cli.quarantine.written", **about))
    if read["source"] == "tidy":
        beside = out.with_name(out.name + ".toml")
        told += "\n" + paragraph(message(language, "cli.quarantine.mapping", path=beside))
    return told


def _to_mend(rows: pl.DataFrame, header: str) -> str:
    """Return the rows below the header of their file, each once and with its line before it."""
    from ayni.intake.mending import LINE_COLUMN

    delimiter = header[len(LINE_COLUMN)]
    each = rows.unique("line", keep="first", maintain_order=True).select("line", "text").iter_rows()
    return "".join(f"{line}\n" for line in [header, *(f"{line}{delimiter}{text}" for line, text in each)])


def _report(rows: pl.DataFrame, language: str) -> str:
    """Return the rows with what is wrong with each, as CSV."""
    from ayni.sources.delimited_cells import delimited_line

    heads = ("file", "line", "why", "text")
    told = [heads] + [
        (row.file, str(row.line), why(row, language), row.text)
        for row in map(_record, rows.iter_rows(named=True))
    ]
    return "".join(f"{delimited_line(cells, ',')}\n" for cells in told)
