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

_MARK = "mark"
_CELL_NAMES = tuple(f"cell_{number}" for number in range(CELLS))
_LINES = dict.fromkeys((_MARK, *_CELL_NAMES), pl.String())
_MARKS = tuple(
    dict.fromkeys(pick.mark for picks in (HEADS, OF_ACTIVITY, OF_RECORD) for pick in picks.values())
)
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
    """What the stylesheet wrote: its lines, and of each to which activity and record it belongs, from 0."""

    lines: pl.DataFrame
    by_mark: dict[str, _Integers]
    activity: _Integers
    record: _Integers

    @classmethod
    def of(cls, written: bytes) -> _Written:
        """Return the lines as a frame; the empty cells of short ones are null."""
        lines = pl.DataFrame(schema=_LINES)
        if written:
            lines = pl.read_csv(written, has_header=False, separator="\t", quote_char=None, schema=_LINES)
        codes = lines[_MARK].cast(pl.Enum(_MARKS)).to_physical().to_numpy().astype(np.uint8)
        order = np.argsort(codes, kind="stable").astype(np.int64)
        bounds = np.searchsorted(codes[order], np.arange(len(_MARKS) + 1))
        by_mark = {mark: order[bounds[code] : bounds[code + 1]] for code, mark in enumerate(_MARKS)}
        heads = [_MARKS.index(HEADS[name].mark) for name in RECORDS]
        return cls(
            lines=lines,
            by_mark=by_mark,
            activity=np.cumsum(codes == _MARKS.index(HEADS[ACTIVITY].mark)) - 1,
            record=np.cumsum(np.isin(codes, heads)) - 1,
        )

    def cells(self, number: int, rows: _Integers) -> pl.Series:
        """Return the cells of some lines."""
        return self.lines[_CELL_NAMES[number]].gather(rows)

    def first(self, number: int, rows: _Integers, owner: _Integers, height: int) -> pl.Series:
        """Return of each owner the cell of the first of its lines among `rows`, null where it has none."""
        places = np.full(height, -1, dtype=np.int64)
        kept = rows[_changes(owner[rows])]
        places[owner[kept]] = kept
        index = pl.Series(places)
        return self.lines[_CELL_NAMES[number]].gather(index.set(index < 0, None))

    def items(self, rows: _Integers) -> pl.Series:
        """Return the cells of some lines as one item each: vocabulary, code, percentage, address."""
        cells = (pl.col(name).fill_null("") for name in _CELL_NAMES)
        return self.lines[rows].select(pl.concat_str(cells, separator=CELL_GAP)).to_series()


def _gathered(cells: pl.Series, owners: _Integers, height: int, between: str) -> pl.Series:
    """Return of each owner all its cells as one text, null where it has none."""
    if not _changes(owners).all():
        texts = (
            pl.DataFrame({"owner": owners, "cell": cells})
            .group_by("owner", maintain_order=True)
            .agg(pl.col("cell").str.join(between))
        )
        owners, cells = texts["owner"].to_numpy(), texts["cell"]
    places = np.full(height, -1, dtype=np.int64)
    places[owners] = np.arange(len(owners))
    index = pl.Series(places)
    return cells.gather(index.set(index < 0, None))


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
        rows = written.by_mark[pick.mark]
        rows = rows[owner[rows] >= 0]
        for number, name in enumerate(pick.columns):
            if name in _LISTED:
                cells = written.items(rows) if len(pick.cells) > 1 else written.cells(number, rows)
                columns[name] = _gathered(cells, owner[rows], height, _LISTED[name])
            else:
                columns[name] = written.first(number, rows, owner, height)
    return columns


def _activities(written: _Written) -> pl.DataFrame:
    height = int(written.activity[-1]) + 1 if len(written.activity) else 0
    single = {
        name: pick for name, pick in OF_ACTIVITY.items() if name not in ("activity-date", "related-activity")
    }
    columns = _columns(written, {ACTIVITY: HEADS[ACTIVITY], **single}, written.activity, height)
    for element, wanted in (("activity-date", _DATES), ("related-activity", _RELATIONS)):
        rows = written.by_mark[OF_ACTIVITY[element].mark]
        types = written.cells(0, rows)
        for code, name in wanted.items():
            these = rows[(types == code).fill_null(False).to_numpy()]
            columns[name] = _gathered(written.cells(1, these), written.activity[these], height, " ")
    return pl.DataFrame(columns)


def _records(written: _Written) -> pl.DataFrame:
    height = int(written.record[-1]) + 1 if len(written.record) else 0
    marks = {HEADS[name].mark: name for name in RECORDS}
    heads = np.sort(np.concatenate([written.by_mark[mark] for mark in marks]))
    owner = written.record
    columns = _columns(written, {n: p for n, p in OF_RECORD.items() if n not in _ONCE[:3]}, owner, height)
    element = written.lines[_MARK].gather(heads).replace_strict(marks, return_dtype=pl.String())
    columns |= {"element": element, "number": pl.Series(written.activity[heads])}
    columns["ref"] = written.cells(0, heads).set(element != TRANSACTION, None)
    columns["humanitarian"] = written.cells(1, heads).set(element != TRANSACTION, None)
    columns["status"] = written.cells(1, heads).set(element != BUDGET, None)
    own_type = written.cells(0, heads)
    of_transaction = {
        name: written.first(0, written.by_mark[OF_RECORD[name].mark], owner, height) for name in _ONCE[:3]
    }
    is_transaction = element == TRANSACTION
    columns["type"] = of_transaction["transaction-type"].zip_with(is_transaction, own_type)
    columns["start"] = of_transaction["transaction-date"].zip_with(
        is_transaction, of_transaction["period-start"]
    )
    repeated = np.zeros(height, dtype=bool)
    for name in _ONCE:
        owners = owner[written.by_mark[OF_RECORD[name].mark]]
        repeated[owners[~_changes(owners)]] = True
    columns["repeated"] = pl.Series(repeated)
    return pl.DataFrame(columns)
