"""Answers as files that carry where they come from: CSV, Parquet, XLSX.

A Parquet file holds the question, the sources and their licences among its metadata; a workbook opens with a
sheet of sources. CSV has no room for either, so the sources are written beside it. Each file is written
beside its place and renamed into it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

import ayni
from ayni.language import message
from ayni.ledger.deflating import Pricing
from ayni.ledger.holdings import sources_frame
from ayni.ledger.store import Ledger, sync

if TYPE_CHECKING:
    from ayni.ledger.questions import Answer

ENDINGS = (".csv", ".parquet", ".xlsx")
# A sheet of a workbook has no more rows than this, its head among them.
_SHEET_ROWS = 1_048_576
_WIDEST = 60


class _Sheet(Protocol):
    """What is used of a sheet of xlsxwriter, which tells no types."""

    def write_string(self, row: int, col: int, string: str, cell_format: object = None) -> object: ...

    def write_number(self, row: int, col: int, number: float) -> object: ...

    def set_column(self, first_col: int, last_col: int, width: float) -> object: ...

    def freeze_panes(self, row: int, col: int) -> object: ...


class NotWritableError(ValueError):
    """An answer that cannot be written so: ``cli.error.export-<code>`` says why."""

    def __init__(self, code: str, **particulars: object) -> None:
        self.code, self.particulars = code, particulars
        super().__init__(f"{code}: {particulars}")


def export(
    ledger: Ledger, answer: Answer, path: Path, *, language: str = "en", told: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Write an answer to `path`, whose ending says how, and return the files written.

    Parameters
    ----------
    told : sequence of str
        Sentences to go with the sources: what was left out, how prices were made.

    Raises
    ------
    NotWritableError
        If the ending is none of `ENDINGS`, a sheet is too short for the answer, or the package that writes
        workbooks is missing.
    """
    sources = sources_frame(ledger, _origins(answer))
    ending = path.suffix.lower()
    if ending == ".csv":
        beside = path.with_suffix(".sources.csv")
        _placed(path, answer.frame.write_csv)
        _placed(beside, sources.write_csv)
        return path, beside
    if ending == ".parquet":
        metadata = _metadata(answer, sources, told)
        _placed(path, lambda draft: answer.frame.write_parquet(draft, metadata=metadata))
        return (path,)
    if ending == ".xlsx":
        _write_workbook(path, answer, sources, language, told)
        return (path,)
    raise NotWritableError("ending", found=path.name, known=", ".join(ENDINGS))


def _origins(answer: Answer) -> list[str]:
    used = [one.origin for one in answer.used]
    return [*used, *(origin for priced in answer.pricings for origin in priced.sources)]


def _placed(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside its place, then rename it into it: all of it, or nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        write(draft)
        sync(draft)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def question(answer: Answer) -> dict[str, object]:
    """Return the question of an answer with what was given only."""
    return {name: value for name, value in asdict(answer.asked).items() if value not in ("", None, False)}


def priced_json(one: Pricing) -> dict[str, object]:
    """Return how amounts were priced, for JSON and metadata."""
    told: dict[str, object] = {**asdict(one.amounts), **asdict(one)}
    for name in ("amounts", "years"):
        told.pop(name)
    told["factors"] = {str(year): factor for year, factor in sorted(one.factors.items())}
    return told


def _metadata(answer: Answer, sources: pl.DataFrame, told: Sequence[str]) -> dict[str, str]:
    def text(what: object) -> str:
        return json.dumps(what, ensure_ascii=False)

    licences = sorted({one for one in sources["licence"].to_list() if one})
    return {
        "ayni": ayni.__version__,
        "question": text(question(answer)),
        "sources": text(sources.to_dicts()),
        "licences": text(licences),
        "prices": text([priced_json(one) for one in answer.pricings]),
        "notes": text(list(told)),
    }


def _write_workbook(
    path: Path, answer: Answer, sources: pl.DataFrame, language: str, told: Sequence[str]
) -> None:
    try:
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
    except ImportError:
        raise NotWritableError("extra", needed='pip install "ayni[excel]"') from None
    if answer.frame.height >= _SHEET_ROWS:
        raise NotWritableError("long", rows=answer.frame.height, room=_SHEET_ROWS - 1)

    def write(draft: Path) -> None:
        with xlsxwriter.Workbook(str(draft), {"constant_memory": True}) as book:
            head = book.add_format({"bold": True})
            sheet = book.add_worksheet(message(language, "cli.export.sources"))
            end = _fill(sheet, sources, head, _heads(sources, language))
            lines = [
                f"ayni {ayni.__version__}",
                f"{message(language, 'cli.export.question')}: {json.dumps(question(answer))}",
                *told,
            ]
            for place, line in enumerate(lines, start=end + 1):
                sheet.write_string(place, 0, line)
            _fill(book.add_worksheet(message(language, "cli.export.data")), answer.frame, head, None)

    _placed(path, write)


def _heads(sources: pl.DataFrame, language: str) -> Mapping[str, str]:
    return {name: message(language, f"cli.export.{name}") for name in sources.columns}


def _fill(sheet: _Sheet, rows: pl.DataFrame, head: object, heads: Mapping[str, str] | None) -> int:
    """Write a frame into a sheet, text as text, and return the first free line."""
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(rows.columns):
        width = max([len(name), *rows[name].cast(pl.String).str.len_chars().drop_nulls().to_list()])
        sheet.set_column(place, place, min(width, _WIDEST) + 1)
    for place, name in enumerate(rows.columns):
        sheet.write_string(0, place, heads[name] if heads else name, head)
    for line, row in enumerate(rows.iter_rows(), start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int | float):
                sheet.write_number(line, place, cell)
            elif cell is not None:
                # A text that begins with an equals sign is no formula.
                sheet.write_string(line, place, str(cell))
    return rows.height + 1
