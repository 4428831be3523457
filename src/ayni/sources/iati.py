"""Activity files of the International Aid Transparency Initiative, versions 2.01 to 2.03.

Publisher
    Each organisation publishes its own activities; the registry of IATI only lists the files.
Row
    A transaction, a budget of a period, or a planned disbursement of a period, of one activity; where the
    activity names several recipients or sectors, one flow for each, which add to what is printed.
Traps
    Transactions are of thirteen kinds, among them repayments, interest and money that comes in: none are
    added to others, hence a stage for each. Budgets and planned disbursements are plans and never added
    to facts; a revised plan takes the place of the original; a parent's plan holds its children's, so a
    question about plans uses one level (caveat ``hierarchy:N``). Sectors stand in several vocabularies at
    once, which cut the same money again (`iati_shares`). A transaction may name places and sectors of
    its own, which count instead of the activity's. Values mostly have no currency but the activity's.
    Secondary publishers repeat what others publish (caveat ``secondary-publisher``).
New copy
    From the publisher's own site, or by the registry.

The bytes are cut between activities (`iati_blocks`), each block is parsed and flattened in libxml2 and
libxslt, where threads run side by side (`iati_flatten`, `iati_sheet`), and put into the ledger's columns
by polars (`iati_rows`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from ayni.sources.contract import Opened, Recognised, Rows, Sample, Source, UnreadableError
from ayni.sources.iati_blocks import ACTIVITY_BYTES, BLOCK_BYTES, Block, blocks, joined
from ayni.sources.iati_families import Families, marked
from ayni.sources.iati_flatten import Flat, flatten
from ayni.sources.iati_rows import rows_of

VERSIONS = ("2.01", "2.02", "2.03")
OTHER_VERSION = "other-iati-version"
# More workers only hold more blocks in memory.
_WORKERS = 2
# Bytes of blocks that wait or are worked on; one block at least, however long its activity.
_HELD_BYTES = 3 * BLOCK_BYTES
_ROOT = re.compile(r"<(?:[\w.-]+:)?iati-activities(?=[\s/>])([^>]*)")
_VERSION = re.compile(r"""\sversion\s*=\s*["']\s*([^"']*?)\s*["']""")
_DAY = re.compile(r"""\sgenerated-datetime\s*=\s*["']\s*(\d{4}-\d{2}-\d{2})""")
# libxml2 names lines of the block, not of the file.
_LINES = re.compile(r",? line \d+(, column \d+)?")


def recognise(sample: Sample) -> Recognised | None:
    """Return what an IATI activity file is; None where the sample is not of one."""
    root = _ROOT.search(sample.head) if sample.kind == "xml" else None
    if root is None:
        return None
    generated = _DAY.search(root[1])
    return Recognised(
        dataset="iati",
        title="IATI activities",
        vintage=generated[1] if generated else "",
        verified=True,
        read=read,
        caution=() if _version(root[1]) in VERSIONS else (OTHER_VERSION,),
    )


def _version(attributes: str) -> str:
    printed = _VERSION.search(attributes)
    return printed[1] if printed else ""


def read(opened: Opened) -> Iterator[Rows]:
    """Give a file's rows, in order.

    Raises
    ------
    UnreadableError
        If it is not well-formed XML (``not-xml``), declares a document type (``entities``), has an activity
        of more than 64 MiB (``too-long-activity``), or lxml is missing (``needs-extra``). What was given
        before must then not be kept.
    """
    families = Families()
    for done in _in_order(blocks(opened.stream)):
        told = families.add(done.flat)
        yield marked(done.first, told)
        for rows in done.others:
            yield marked(rows, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A block that was read: its first rows, and how to get the others, of which there are seldom any."""

    flat: Flat
    first: Rows
    others: Iterator[Rows]


def _work(block: Block) -> _Done:
    flat = flatten(block)
    version = _version(block.head.opening.partition(b"iati-activities")[2].decode("utf-8", "replace"))
    rows = rows_of(flat, block, caveat="" if version in VERSIONS else OTHER_VERSION)
    return _Done(flat=flat, first=next(rows), others=rows)


_Waiting = deque[tuple[Block, Future[_Done]]]


def _in_order(coming: Iterator[Block]) -> Iterator[_Done]:
    """Work on blocks in threads, and give what comes of them in the order of the file."""
    waiting: _Waiting = deque()
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="iati") as workers:
        try:
            while True:
                while sum(len(block.data) for block, _ in waiting) < _HELD_BYTES:
                    block = next(coming, None)
                    if block is None:
                        break
                    waiting.append((block, workers.submit(_work, block)))
                if not waiting:
                    return
                block, future = waiting.popleft()
                try:
                    done = future.result()
                except SyntaxError as error:
                    done = _rejoined(block, error, waiting, coming)
                yield done
        finally:
            for _, left in waiting:
                left.cancel()


def _rejoined(block: Block, error: SyntaxError, waiting: _Waiting, coming: Iterator[Block]) -> _Done:
    """Work on a block that is no XML by itself together with those behind it: twice as much each time.

    Raises
    ------
    UnreadableError
        If it is no XML either way.
    """
    tried = len(block.data)
    while not block.last:
        behind = waiting.popleft()[0] if waiting else next(coming)
        if len(block.data) + len(behind.data) > ACTIVITY_BYTES:
            break
        block = joined(block, behind)
        if len(block.data) < 2 * tried and not block.last:
            continue
        tried = len(block.data)
        try:
            return _work(block)
        except SyntaxError as still:
            error = still
    line = block.file_line(error.lineno or 1)
    raise UnreadableError("not-xml", line=line, found=_LINES.sub("", error.msg)) from error


SOURCE = Source(
    key="iati",
    publisher="publishers to the International Aid Transparency Initiative",
    url="https://iatistandard.org",
    licence="not-stated",
    recognise=recognise,
)
