"""Read official files into a ledger: each file counts as a whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

import ayni
from ayni.intake.mending import LINE_COLUMN
from ayni.intake.reading import hashed, on_disk, rows_of
from ayni.intake.records import Fault, Settings, Taken
from ayni.intake.register import Register
from ayni.intake.writing import Writer
from ayni.ledger.drafts import drafting
from ayni.ledger.schemas import INGESTS
from ayni.ledger.store import LedgerError
from ayni.problems import Problem, ProblemsError
from ayni.sources import tidy
from ayni.sources.containers import Found, files_in
from ayni.sources.contract import Recognised, Source, UnreadableError
from ayni.sources.delimited_cells import delimited_line
from ayni.sources.recognition import WINDOWS, Looked, is_windows, look, recognise, with_headers
from ayni.sources.table import SOURCES

# Is told a file's name, its bytes read so far and its size where known.
Tell = Callable[[str, int, int | None], None]
_DAY = re.compile(r"(?<!\d)(19|20)\d\d-[01]\d(-[0-3]\d)?(?!\d)")
_HASH_BYTES = 1 << 22


def ingest(
    paths: Iterable[Path], into: Path, settings: Settings | None = None, *, tell: Tell | None = None
) -> Iterator[Taken]:
    """Read files, folders and archives into the ledger in folder `into`, giving what became of each file.

    A file is in the ledger when it has been given. The ledger is held against other writers meanwhile. A file
    that cannot be read is told as such, and the next one is read.

    Raises
    ------
    BusyLedgerError
        If another process is writing into the ledger.
    LedgerError
        If the folder is no ledger, or `settings.mends` names an origin that it lacks.
    StoppedError
        If the ledger cannot be written; nothing of the file is kept.
    OSError
        If there is no such file, or the ledger's folder cannot be made.
    """
    asked = settings or Settings()
    with drafting(into, wait=False) as draft:
        register = Register(draft)
        if asked.mends:
            register.mending(asked.mends)
        for path in paths:
            for found in files_in(path):
                if found.name.endswith(tidy.MAPPING_END):
                    continue
                alone = found.path is not None and found.path == path
                yield _Intake(register, found, asked, tell or (lambda *_: None)).run(alone=alone)


class StoppedError(RuntimeError):
    """The ledger could not be written while a file was read.

    Attributes
    ----------
    file : str
        Which.
    why : str
        What the operating system says.
    """

    def __init__(self, file: str, why: str) -> None:
        self.file, self.why = file, why
        super().__init__(f"{file}: the ledger cannot be written ({why}); nothing of the file is in it")


class _Intake:
    """One file on its way into a draft."""

    def __init__(self, register: Register, found: Found, settings: Settings, tell: Tell) -> None:
        self._register = register
        self._draft = register.draft
        self._found = found
        self._settings = settings
        self._tell = tell
        self._mending = register.mending(settings.mends) if settings.mends else None

    def run(self, *, alone: bool) -> Taken:
        """Return what became of the file; one that was named alone must be known to a source.

        Raises
        ------
        StoppedError
            If the ledger cannot be written.
        """
        problems: tuple[Problem, ...] = ()
        try:
            return self._looked(alone=alone)
        except UnreadableError as error:
            fault = Fault(code=error.code, line=error.line, found=error.found, expected=error.expected)
        except ProblemsError as error:
            problems = error.problems
            fault = Fault(code="mapping", found=str(len(problems)))
        except OSError as error:
            raise StoppedError(self._found.name, error.strerror or str(error)) from error
        except LedgerError:
            raise
        except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001 - one file must not stop the others
            fault = Fault(code="defect", found=f"{type(error).__name__}: {error}"[:200])
        self._draft.discard()
        return Taken(file=self._found.name, outcome="unreadable", fault=fault, problems=problems)

    def _looked(self, *, alone: bool) -> Taken:
        same = self._known_by_hash()
        if same is not None:
            return same
        looked = look(self._found, encoding=self._settings.encoding)
        if looked.sample.kind in ("parquet", "workbook"):
            with on_disk(self._found) as here:
                return self._recognised(here, with_headers(looked, here), alone=alone)
        return self._recognised(self._found, looked, alone=alone)

    def _recognised(self, found: Found, looked: Looked, *, alone: bool) -> Taken:
        if self._mending is not None:
            looked = self._mending.looked(looked)
        mapping = tidy.mapping_beside(found.path) if found.path is not None else None
        sources = [tidy.source(mapping)] if mapping is not None else list(SOURCES.values())
        both = recognise(looked.sample, sources)
        if both is None:
            named = self._settings.encoding
            code, expected = ("unknown-as", named) if named else ("unknown", ", ".join(SOURCES))
            fault = Fault(code=code, found=_shown(looked), expected=expected)
            return Taken(file=found.name, outcome="unreadable" if alone else "skipped", fault=fault)
        source, known = both
        if self._mending is not None:
            known = self._mending.known(source, known)
        taken = self._read(found, looked, source, known)
        if taken is None:
            taken = self._read(found, replace(looked, encoding=WINDOWS, assumed=False), source, known)
        assert taken is not None
        return taken

    def _read(self, found: Found, looked: Looked, source: Source, known: Recognised) -> Taken | None:
        """Return what became of the file; None where it turns out to be in another encoding."""
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
        writer = Writer(
            self._draft,
            file=found.name,
            origin=origin,
            vintage=vintage,
            dataset=known.dataset,
            mends=self._mending is not None,
        )
        try:
            with hashed(found, lambda size: self._tell(found.name, size, found.size_bytes)) as stream:
                for rows in rows_of(stream, found, looked, known, self._mending):
                    writer.take(rows)
                sha256, size_bytes = stream.finish(), stream.size_bytes
            sums = writer.finish()
        finally:
            writer.close()
        if found.changed():
            raise UnreadableError("changed")
        if looked.assumed and writer.damaged_text and is_windows(_lines(found)):
            self._draft.discard()
            return None
        taken = replace(
            taken,
            sha256=sha256,
            size_bytes=size_bytes,
            read=writer.read,
            kept=writer.kept,
            partly=writer.partly,
            quarantined=writer.quarantined,
            sums=sums,
            faulty=writer.faulty,
        )
        return self._settled(taken, source, known, aside=writer.aside)

    def _settled(self, taken: Taken, source: Source, known: Recognised, *, aside: list[int]) -> Taken:
        """Let the file count, unless its bytes were in the ledger or nothing of it could be read."""
        same = self._register.known(taken.sha256, taken.file, self._settings.encoding)
        if same is not None:
            self._draft.discard()
            return same
        if taken.quarantined and not taken.kept:
            self._draft.discard()
            fault = Fault(code="no-rows", found=str(taken.read))
            return replace(taken, outcome="unreadable", fault=fault, sums=())
        mending = self._mending
        origin = None if mending else _origin(taken, source, known, self._found)
        mended = mending.mended(aside) if mending else ""
        self._register.commit(_ingest(taken, self._found, self._settings, mended=mended), origin)
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
        return self._register.known(digest.hexdigest(), self._found.name, self._settings.encoding)

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


def _lines(found: Found) -> Iterator[bytes]:
    """Give the lines of a file, in pieces where they are very long."""
    stream = found.open()
    try:
        rest = b""
        while piece := stream.read(_HASH_BYTES):
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
            if len(rest) > _HASH_BYTES:
                yield rest
                rest = b""
        yield rest
    finally:
        stream.close()


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
    return delimited_line((LINE_COLUMN, *known.header.printed), delimiter)


def _ingest(taken: Taken, found: Found, settings: Settings, *, mended: str) -> dict[str, object]:
    now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
    return {
        **{name: getattr(taken, name) for name in INGESTS if hasattr(taken, name)},
        "container": found.container,
        "cautions": ";".join(taken.cautions),
        "mends": settings.mends,
        "mended": mended,
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
