"""A block of IATI activities as two frames of strings: activities, and what of them is money.

A file that puts all of IATI into a namespace is read as if it did not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from ayni.sources.contract import UnreadableError
from ayni.sources.iati_blocks import Block
from ayni.sources.iati_sheet import (
    ACTIVITY,
    BUDGET,
    CELL_GAP,
    CELLS,
    HEADS,
    ITEM_GAP,
    OF_ACTIVITY,
    OF_RECORD,
    RECORDS,
    TRANSACTION,
    Pick,
    stylesheet,
)
from ayni.sources.iati_tags import Tags, start_tags

_LINES = dict.fromkeys(("mark", *(f"cell_{number}" for number in range(CELLS))), pl.String())
# Stands behind what is written: whatever is not there is gathered from it.
_NOTHING = b"-" + b"\t" * CELLS + b"\n"
# Lists: all of an element's lines count, not only the first.
_LISTED = {"sectors": ITEM_GAP, "places": ITEM_GAP, "participants": "; "}
# Elements of which a record may have one: with two, which one counts would be a matter of taste.
_ONCE = ("transaction-type", "transaction-date", "period-start", "period-end", "value")
_DATES = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
_RELATIONS = {"1": "parents", "2": "children"}

_Tree = Any  # lxml brings no types
_Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """A block's activities and records.

    Attributes
    ----------
    activities : DataFrame
        ``line`` of the file (Int64), and as strings, null where nothing stands, the columns that
        `iati_sheet` names of an activity, its four dates, ``parents`` and ``children``.
    records : DataFrame
        In the order of the file: ``number`` of the activity (from 0), ``element``, ``line``, ``begin``
        (offset in the block's bytes), ``repeated`` (whether a second value, type or date stands in it), and
        the columns that `iati_sheet` names of a record.
    """

    activities: pl.DataFrame
    records: pl.DataFrame


def flatten(block: Block) -> Flat:
    """Return a block's activities and records.

    Raises
    ------
    SyntaxError
        If the block is not XML by itself; it is lxml's own, with ``lineno`` and ``msg``.
    UnreadableError
        If lxml is missing, or core elements stand under several prefixes.
    """
    tools = _tools()
    written = _Written.of(_written(block, tools))
    activities, records = _activities(written), _records(written)
    names = (ACTIVITY, *RECORDS)
    tags = start_tags(block.data, tuple(block.head.prefix + name.encode() for name in names))
    if len(tags.kinds) != activities.height + records.height:
        # Something of another vocabulary has a core element's name.
        tags = _core_only(tags, tools.parse(block.document), block)
    heads = tags.kinds == 0
    return Flat(
        activities=activities.with_columns(line=tags.lines[heads] + block.line),
        records=records.with_columns(line=tags.lines[~heads] + block.line, begin=tags.begins[~heads]),
    )


def _written(block: Block, tools: _Tools) -> bytes:
    """Return what the stylesheet writes of a block: piece by piece, so that trees stay in the cache."""

    def of(document: bytes) -> bytes:
        root = tools.parse(document)
        _leave_namespaces(root)
        return tools.flatten(root)

    try:
        return b"".join(map(of, block.pieces()))
    except SyntaxError:
        # A cut may have been in the wrong place; if not, the fault is told with its line in the block.
        return of(block.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tools:
    """What one thread parses and flattens with: lxml's parsers and stylesheets serve one at a time."""

    parse: Callable[[bytes], _Tree]
    flatten: Callable[[_Tree], bytes]


_KEPT = threading.local()


def _tools() -> _Tools:
    kept: _Tools | None = getattr(_KEPT, "tools", None)
    if kept is None:
        kept = _KEPT.tools = _make_tools()
    return kept


def _make_tools() -> _Tools:
    try:
        from lxml import etree  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnreadableError("needs-extra", found="IATI XML", expected='pip install "ayni[iati]"') from error
    # Without huge_tree libxml2 refuses texts and attributes over 10 MB and nesting over 256 levels.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )
    sheet = etree.XSLT(etree.XML(stylesheet()), access_control=etree.XSLTAccessControl.DENY_ALL)
    return _Tools(
        parse=lambda document: etree.fromstring(document, parser),
        flatten=lambda root: bytes(sheet(root)),
    )


def _leave_namespaces(root: _Tree) -> None:
    """Rename core elements that a file puts into a namespace to what the standard calls them."""
    for namespace in _core_namespaces(root):
        for element in root.iter(f"{{{namespace}}}*"):
            element.tag = element.tag.rpartition("}")[2]


def _core_namespaces(root: _Tree) -> set[str]:
    tags = {root.tag, *(child.tag for child in root.iterchildren(f"{{*}}{ACTIVITY}"))}
    return {tag[1:].partition("}")[0] for tag in tags if tag.startswith("{")}


def _core_only(tags: Tags, root: _Tree, block: Block) -> Tags:
    """Return the tags of activities that are the root's children, and of records that are theirs."""
    prefix = block.head.prefix.decode().removesuffix(":") or None
    core = {"", *(f"{{{namespace}}}" for namespace in _core_namespaces(root))}
    wanted = []
    for element in root.iter(*(f"{{*}}{name}" for name in (ACTIVITY, *RECORDS))):
        if element.prefix != prefix:
            continue
        line = [element, *element.iterancestors()]
        names = [one.tag.rpartition("}")[2] for one in line[:-1]]
        spaces = {one.tag.removesuffix(name) for one, name in zip(line, names, strict=False)}
        placed = names == [ACTIVITY] or (len(names) == 2 and names[0] != ACTIVITY and names[1] == ACTIVITY)  # noqa: PLR2004
        wanted.append(placed and spaces <= core)
    if len(wanted) != len(tags.kinds):
        raise UnreadableError("not-xml", line=block.line, found="IATI elements under several prefixes")
    return tags.only(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What the stylesheet wrote, and a last line of nulls.

    Whatever can be done with numbers of lines is done with them: on frames as small as these every call of
    polars costs more than the work it does.

    Attributes
    ----------
    cells : tuple of Series
        Of each line; null where it is short or has nothing.
    by_mark : dict of str to int array
        Which lines begin with a mark.
    activity, record : int array
        To which activity and record each line belongs, from 0.
    """

    cells: tuple[pl.Series, ...]
    by_mark: dict[str, _Integers]
    activity: _Integers
    record: _Integers

    @classmethod
    def of(cls, written: bytes) -> _Written:
        """Return the lines' cells."""
        lines = pl.read_csv(
            written + _NOTHING,
            has_header=False,
            separator="\t",
            quote_char=None,
            schema=_LINES,
            columns=range(1, CELLS + 1),
        )
        octets = np.frombuffer(written, dtype=np.uint8)
        marks = octets[np.concatenate(([0], np.flatnonzero(octets == ord("\n")) + 1))[:-1]]
        order = np.argsort(marks, kind="stable")
        bounds = np.searchsorted(marks[order], np.arange(257))
        heads = [ord(HEADS[name].mark) for name in RECORDS]
        return cls(
            cells=tuple(lines.get_columns()),
            by_mark={chr(mark): order[bounds[mark] : bounds[mark + 1]] for mark in range(256)},
            activity=np.cumsum(marks == ord(HEADS[ACTIVITY].mark)) - 1,
            record=np.cumsum(np.isin(marks, heads)) - 1,
        )

    def owned(self, pick: Pick, owner: _Integers) -> _Integers:
        """Return an element's lines that belong to somebody."""
        rows = self.by_mark[pick.mark]
        return rows[owner[rows] >= 0]

    def first(self, rows: _Integers, owner: _Integers, height: int) -> _Integers:
        """Return of each owner the first of its lines among `rows`, the line of nulls where it has none."""
        places = np.full(height, len(owner))
        kept = rows[_changes(owner[rows])]
        places[owner[kept]] = kept
        return places

    def items(self, rows: _Integers) -> pl.Series:
        """Return the cells of some lines as one item each: vocabulary, code, percentage, address."""
        cells = (cell[rows].fill_null("") for cell in self.cells)
        return pl.select(pl.concat_str(cells, separator=CELL_GAP)).to_series()


def _gathered(cells: pl.Series, owners: _Integers, height: int, between: str) -> pl.Series:
    """Return of each owner all its cells as one text, null where it has none."""
    if not len(owners):
        return pl.repeat(None, height, dtype=pl.String(), eager=True)
    if not _changes(owners).all():
        texts = (
            pl.DataFrame({"owner": owners, "cell": cells})
            .group_by("owner", maintain_order=True)
            .agg(pl.col("cell").str.join(between))
        )
        owners, cells = texts["owner"].to_numpy(), texts["cell"]
    places = np.full(height, len(owners))
    places[owners] = np.arange(len(owners))
    return cells.extend_constant(None, 1)[places]


def _changes(sorted_values: _Integers) -> npt.NDArray[np.bool_]:
    """Return which values differ from the one before."""
    return np.concatenate(([True], sorted_values[1:] != sorted_values[:-1]))[: len(sorted_values)]


def _columns(
    written: _Written, picks: Mapping[str, Pick], owner: _Integers, height: int
) -> dict[str, pl.Series]:
    """Return the columns of some elements, one value for each owner."""
    columns: dict[str, pl.Series] = {}
    for pick in picks.values():
        if pick.columns[0] in columns:
            continue
        rows = written.owned(pick, owner)
        between = _LISTED.get(pick.columns[0])
        if between is not None:
            cells = written.items(rows) if len(pick.cells) > 1 else written.cells[0][rows]
            columns[pick.columns[0]] = _gathered(cells, owner[rows], height, between)
            continue
        places = written.first(rows, owner, height)
        columns |= {name: cell[places] for name, cell in zip(pick.columns, written.cells, strict=False)}
    return columns


def _activities(written: _Written) -> pl.DataFrame:
    owner = written.activity
    height = int(owner[-1]) + 1 if len(owner) else 0
    single = {
        name: pick for name, pick in OF_ACTIVITY.items() if name not in ("activity-date", "related-activity")
    }
    columns = _columns(written, {ACTIVITY: HEADS[ACTIVITY], **single}, owner, height)
    for element, wanted in (("activity-date", _DATES), ("related-activity", _RELATIONS)):
        rows = written.by_mark[OF_ACTIVITY[element].mark]
        types = written.cells[0][rows].fill_null("")
        for code, name in wanted.items():
            these = rows[(types == code).to_numpy()]
            columns[name] = _gathered(written.cells[1][these], owner[these], height, " ")
    return pl.DataFrame(columns)


def _records(written: _Written) -> pl.DataFrame:
    owner = written.record
    height = int(owner[-1]) + 1 if len(owner) else 0
    nothing = len(owner)
    kinds = [written.by_mark[HEADS[name].mark] for name in RECORDS]
    kind = np.zeros(height, dtype=np.int64)
    for number, rows in enumerate(kinds):
        kind[owner[rows]] = number
    heads = np.sort(np.concatenate(kinds))
    is_transaction = kind == RECORDS.index(TRANSACTION)
    columns = _columns(written, {n: p for n, p in OF_RECORD.items() if n not in _ONCE[:3]}, owner, height)
    repeated = np.zeros(height, dtype=bool)
    firsts: dict[str, _Integers] = {}
    for name in _ONCE:
        rows = written.by_mark[OF_RECORD[name].mark]
        firsts[name] = written.first(rows, owner, height)
        owners = owner[rows]
        repeated[owners[~_changes(owners)]] = True
    types = np.where(is_transaction, firsts["transaction-type"], heads)
    starts = np.where(is_transaction, firsts["transaction-date"], firsts["period-start"])
    of_transaction = np.where(is_transaction, heads, nothing)
    columns |= {
        "element": pl.Series(RECORDS)[kind],
        "number": pl.Series(written.activity[heads]),
        "ref": written.cells[0][of_transaction],
        "humanitarian": written.cells[1][of_transaction],
        "status": written.cells[1][np.where(kind == RECORDS.index(BUDGET), heads, nothing)],
        "type": written.cells[0][types],
        "start": written.cells[0][starts],
        "repeated": pl.Series(repeated),
    }
    return pl.DataFrame(columns)
