"""Read official files into a ledger: each file counts as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import ayni
from ayni.intake.reading import hashed, on_disk, rows_of
from ayni.intake.records import Fault, Settings, Taken
from ayni.intake.register import Register
from ayni.intake.writing import Writer
from ayni.ledger.drafts import drafting
from ayni.ledger.schemas import INGESTS
from ayni.ledger.store import LedgerError
from ayni.sources import tidy
from ayni.sources.containers import Found, files_in
from ayni.sources.contract import Recognised, Source, UnreadableError
from ayni.sources.delimited_blocks import delimited_line
from ayni.sources.recognition import Looked, look, recognise, with_headers
from ayni.sources.table import SOURCES

# Is told a file's name, its bytes read so far and its size where known.
Tell = Callable[[str, int, int | None], None]
_DAY = re.compile(r"(?<!\d)(19|20)\d\d-[01]\d(-[0-3]\d)?(?!\d)")
_HASH_BYTES = 1 << 22


def ingest(
    paths: Iterable[Path], into: Path, settings: Settings | None = None, *, tell: Tell | None = None
) -> Iterator[Taken]:
    """Read files, folders and archives into the ledger in folder `into`, giving what became of each file.

    A file is in the ledger when it has been given. The ledger is held against other writers meanwhile.

    Raises
    ------
    BusyLedgerError
        If another process is writing into the ledger.
    LedgerError
        If the folder is no ledger, or `settings.mends` names an origin that it lacks.
    OSError
        If a file cannot be read or the ledger not be written; nothing of the file is kept.
    """
    asked = settings or Settings()
    with drafting(into, wait=False) as draft:
        register = Register(draft)
        if asked.mends and asked.mends not in register.vintages:
            raise LedgerError(f"{into} holds no origin {asked.mends!r}; `ayni vintages` lists those it holds")
        for path in paths:
            for found in _found(path):
                if isinstance(found, Taken):
                    yield found
                else:
                    alone = found.path is not None and found.path == path
                    yield _Intake(register, found, asked, tell or (lambda *_: None)).run(alone=alone)


def _found(path: Path) -> Iterator[Found | Taken]:
    try:
        yield from (found for found in files_in(path) if not found.name.endswith(tidy.MAPPING_END))
    except UnreadableError as error:
        yield Taken(file=path.name, outcome="unreadable", fault=_fault(error))


def _fault(error: UnreadableError) -> Fault:
    return Fault(code=error.code, line=error.line, found=error.found, expected=error.expected)


class _Intake:
    """One file on its way into a draft."""

    def __init__(self, register: Register, found: Found, settings: Settings, tell: Tell) -> None:
        self._register = register
        self._draft = register.draft
        self._found = found
        self._settings = settings
        self._tell = tell

    def run(self, *, alone: bool) -> Taken:
        """Return what became of the file; one that was named alone must be known to a source."""
        file = self._found.name
        try:
            same = self._known_by_hash()
            if same is not None:
                return same
            looked = look(self._found, encoding=self._settings.encoding)
            if looked.sample.kind in ("parquet", "workbook"):
                with on_disk(self._found) as here:
                    return self._recognised(here, with_headers(looked, here), alone=alone)
            return self._recognised(self._found, looked, alone=alone)
        except UnreadableError as error:
            self._draft.discard()
            return Taken(file=file, outcome="unreadable", fault=_fault(error))

    def _recognised(self, found: Found, looked: Looked, *, alone: bool) -> Taken:
        mapping = tidy.mapping_beside(found.path) if found.path is not None else None
        sources = [tidy.source(mapping)] if mapping is not None else list(SOURCES.values())
        known = recognise(looked.sample, sources)
        if known is None:
            fault = Fault(code="unknown", found=_shown(looked), expected=", ".join(SOURCES))
            return Taken(file=found.name, outcome="unreadable" if alone else "skipped", fault=fault)
        return self._read(found, looked, *known)

    def _read(self, found: Found, looked: Looked, source: Source, known: Recognised) -> Taken:
        vintage, assumed = self._vintage(known)
        origin = self._settings.mends or self._new_origin(f"{known.dataset}-{vintage}")
        taken = Taken(
            file=found.name,
            outcome="new",
            source=source.key,
            dataset=known.dataset,
            origin=origin,
            vintage=vintage,
            assumed_vintage=assumed,
            verified=known.verified,
            cautions=known.caution,
            encoding=looked.encoding,
            header=_header(known, looked),
        )
        writer = Writer(self._draft, file=found.name, origin=origin, vintage=vintage, dataset=known.dataset)
        try:
            with hashed(found, lambda size: self._tell(found.name, size, found.size_bytes)) as stream:
                for rows in rows_of(stream, found, looked, known):
                    writer.take(rows)
                sha256, size_bytes = stream.finish(), stream.size_bytes
            sums = writer.finish()
        finally:
            writer.close()
        taken = replace(
            taken,
            sha256=sha256,
            size_bytes=size_bytes,
            read=writer.read,
            kept=writer.kept,
            quarantined=writer.quarantined,
            sums=sums,
            faulty=writer.faulty,
        )
        return self._settled(taken, source, known)

    def _settled(self, taken: Taken, source: Source, known: Recognised) -> Taken:
        """Let the file count, unless its bytes were in the ledger or nothing of it could be read."""
        same = self._register.known(taken.sha256, taken.file)
        if same is not None:
            self._draft.discard()
            return same
        if taken.read and not taken.kept:
            self._draft.discard()
            fault = Fault(code="no-rows", found=str(taken.read))
            return replace(taken, outcome="unreadable", fault=fault, sums=())
        origin = None if self._settings.mends else _origin(taken, source, known, self._found)
        self._register.commit(_ingest(taken, self._found, self._settings), origin)
        return taken

    def _known_by_hash(self) -> Taken | None:
        """Return the file as known where one of its size is in the ledger and its bytes are the same."""
        size = self._found.size_bytes
        if size is None or not self._register.has_size(size):
            return None
        digest = hashlib.sha256()
        stream = self._found.open()
        try:
            while piece := stream.read(_HASH_BYTES):
                digest.update(piece)
        finally:
            stream.close()
        return self._register.known(digest.hexdigest(), self._found.name)

    def _new_origin(self, key: str) -> str:
        taken = self._register.vintages
        number = 2
        free = key
        while free in taken:
            free, number = f"{key}-{number}", number + 1
        return free

    def _vintage(self, known: Recognised) -> tuple[str, bool]:
        """Return the release, and whether it is only the day the file was last changed."""
        if self._settings.mends:
            return self._register.vintages[self._settings.mends], False
        if self._settings.vintage or known.vintage:
            return self._settings.vintage or known.vintage, False
        named = _DAY.search(self._found.name)
        if named is not None:
            return named[0], False
        day = dt.datetime.fromtimestamp(self._found.modified, tz=dt.UTC).date()
        return day.isoformat(), True


def _shown(looked: Looked) -> str:
    headers = looked.sample.headers
    if headers:
        return ", ".join(headers[0].printed)[:120]
    return looked.sample.head[:60] or looked.sample.kind


def _header(known: Recognised, looked: Looked) -> str:
    """Return the header as one line, in the delimiter in which refused rows are kept."""
    if known.header is None:
        return ""
    # A workbook's header names its sheet where another names its delimiter.
    delimiter = known.header.delimiter if looked.sample.kind == "delimited" else ","
    return delimited_line(known.header.printed, delimiter)


def _ingest(taken: Taken, found: Found, settings: Settings) -> dict[str, object]:
    now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
    return {
        **{name: getattr(taken, name) for name in INGESTS if hasattr(taken, name)},
        "container": found.container,
        "cautions": ";".join(taken.cautions),
        "mends": settings.mends,
        "ayni": ayni.__version__,
        "ingested": now,
    }


def _origin(taken: Taken, source: Source, known: Recognised, found: Found) -> dict[str, object]:
    day = dt.datetime.fromtimestamp(found.modified, tz=dt.UTC).date().isoformat()
    return {
        "key": taken.origin,
        "publisher": source.publisher,
        "via": "",
        "title": known.title,
        "published": "" if taken.assumed_vintage else taken.vintage,
        "retrieved": day,
        "vintage": taken.vintage,
        "url": source.url,
        "licence": source.licence,
        "sha256": taken.sha256,
    }
