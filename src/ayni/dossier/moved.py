"""Figures that are not the same on two sides.

Figures are paired by what they are of, not by where they stand: a row that only changed its line has not
moved. The year of constant prices tells no figure apart, for a new release of the same figure has another;
such figures have moved, but by no amount that means anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

from ayni.ledger.records import Flow, Observation
from ayni.ledger.series import flows, observations
from ayni.ledger.store import Ledger
from ayni.ledger.totals import agree

Row = Flow | Observation
# What a row says about its figure, and what it says besides; the rest tells which figure it is.
_SAID = {"flows": ("amount",), "observations": ("value", "unit", "low", "high", "status")}
_BESIDES = {
    "flows": ("constant", "price_base", "status", "caveats", "row"),
    "observations": ("caveats", "row"),
}
_IDENTITY = {
    table: tuple(f.name for f in fields(record) if f.name not in (*_SAID[table], *_BESIDES[table]))
    for table, record in (("flows", Flow), ("observations", Observation))
}
# Sums of amounts in cents may differ by this much through the order of adding alone.
_HALF_A_CENT = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A figure that is not the same on both sides.

    Attributes
    ----------
    old, new : Flow, Observation or None
        Its row on each side; None on the side that does not have it.
    """

    old: Row | None
    new: Row | None

    @property
    def row(self) -> Row:
        """The row by which it is called: the new one, else the old."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a figure stands on one side at least")
        return found

    @property
    def how(self) -> str:
        """``moved``, ``added`` or ``gone``."""
        return "added" if self.old is None else "gone" if self.new is None else "moved"

    @property
    def rounding(self) -> bool:
        """Whether it is a flow whose amounts differ by no more than releases round."""
        if not isinstance(self.old, Flow) or self.change is None:
            return False
        return agree(self.old.amount, value_of(self.row)) or abs(self.change) < _HALF_A_CENT

    @property
    def constant(self) -> bool:
        """Whether it is a flow at the prices of one year."""
        return isinstance(self.row, Flow) and self.row.price_base is not None

    @property
    def change(self) -> float | None:
        """New less old; None for what one side lacks, or gives in another unit or at other prices."""
        if self.old is None or self.new is None or _measure(self.old) != _measure(self.new):
            return None
        return value_of(self.new) - value_of(self.old)

    @property
    def percent(self) -> float | None:
        """The change in percent of the old value; None where there is none."""
        return share_percent(self.change, value_of(self.old) if self.old is not None else None)

    @property
    def size(self) -> float:
        """How much it moved, the same in either direction: money in money, the rest as a share."""
        ends = [abs(value_of(row)) for row in (self.old, self.new) if row is not None]
        moved = max(ends) if self.change is None else abs(self.change)
        return moved if isinstance(self.row, Flow) else moved / (max(ends) or 1.0)


def rows_of(ledger: Ledger) -> tuple[Row, ...]:
    """Return every row of figures of a ledger."""
    return (*observations(ledger), *flows(ledger))


def value_of(row: Row) -> float:
    """Return the figure of a row."""
    return row.amount if isinstance(row, Flow) else row.value


def unit_of(row: Row) -> str:
    """Return the unit of a row's figure."""
    return row.currency if isinstance(row, Flow) else row.unit


def _measure(row: Row) -> tuple[str, int | None]:
    return unit_of(row), row.price_base if isinstance(row, Flow) else None


def table_of(row: Row) -> str:
    """Return which table of the ledger a row stands in."""
    return "flows" if isinstance(row, Flow) else "observations"


def figures_moved(old: Iterable[Row], new: Iterable[Row]) -> tuple[tuple[Moved, ...], int]:
    """Return the figures that differ, what moved most first, and how many are the same."""
    before, after = _by_identity(old), _by_identity(new)
    pairs = [Moved(old=before.get(key), new=after.get(key)) for key in {**before, **after}]
    moved = [pair for pair in pairs if _said(pair.old) != _said(pair.new)]
    return ordered(moved), len(pairs) - len(moved)


def ordered(moved: Iterable[Moved]) -> tuple[Moved, ...]:
    """Return moved figures by table, those at current prices before the rest, what moved most first."""
    return tuple(sorted(moved, key=lambda m: (table_of(m.row), m.constant, -m.size, str(_identity(m.row)))))


def _identity(row: Row) -> tuple[object, ...]:
    """Return what makes a row the same figure on both sides: its table and what it is of.

    The year of constant prices is none of it: a new release of the same figure has another.
    """
    file = row.row.partition(":")[0]
    constant = isinstance(row, Flow) and row.price_base is not None
    return (file, constant, *(getattr(row, name) for name in _IDENTITY[table_of(row)]))


def _by_identity(rows: Iterable[Row]) -> dict[tuple[object, ...], Row]:
    """Return rows by identity; those that share one are told apart by the year of their prices."""
    alike: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        alike[_identity(row)].append(row)
    return {
        (*key, place): row
        for key, same in alike.items()
        for place, row in enumerate(sorted(same, key=lambda r: getattr(r, "price_base", None) or 0))
    }


def _said(row: Row | None) -> tuple[object, ...]:
    if row is None:
        return ()
    return tuple(getattr(row, name) for name in _SAID[table_of(row)])


def share_percent(change: float | None, of: float | None) -> float | None:
    """Return a change in percent of what it is a change of; None from zero, and where the sign turns."""
    if change is None or not of or of * (of + change) < 0:
        return None
    return 100 * change / abs(of)
