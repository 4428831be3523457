"""Who rose and who fell among places between two years, as one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ayni.claims.case import Case
from ayni.claims.pointers import PointerError
from ayni.claims.records import Number, Pointer
from ayni.designs.places import gathered, named
from ayni.panel.records import Flags, Floats
from ayni.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """Change of one indicator between two years in every place that has both.

    Attributes
    ----------
    places : tuple of str
        N place keys, the largest fall first.
    change : (N,) float, in `unit`
    unit : str
    rows : tuple of str
        The rows of those places in those years.
    """

    places: tuple[str, ...]
    change: Floats
    unit: str
    rows: tuple[str, ...]


def moves(case: Case, indicator: str, places: str, since: int, until: int, without: str = "") -> Moves:
    """Return how places moved; `places` and `without` as in `ayni.designs.places.named`."""
    left_out = set(named(case.ledger, without, indicator))
    some = [p for p in named(case.ledger, places, indicator) if p not in left_out]
    whole = gathered(case.ledger, indicator, some, (since, until))
    both: Flags = np.asarray(~np.isnan(whole.values).any(axis=1))
    kept = [p for p, keep in zip(some, both, strict=True) if keep]
    found = gathered(case.ledger, indicator, kept, (since, until))
    change = found.values[:, 1] - found.values[:, 0]
    order = np.argsort(change, kind="stable")
    return Moves(places=tuple(kept[i] for i in order), change=change[order], unit=found.unit, rows=found.rows)


def moved(case: Case, pointer: Pointer) -> Number:
    """Read what all gained or lost together, or the rank of one place by its fall."""
    wanted = dict(pointer.where)
    found = moves(
        case,
        wanted["indicator"],
        wanted["places"],
        int(wanted["since"]),
        int(wanted["until"]),
        wanted.get("without", ""),
    )
    place, asked = wanted.get("place", ""), wanted["move"]
    if not found.places or (asked == "rank" and place not in found.places):
        sought = ", ".join(f"{k} = {v}" for k, v in pointer.where)
        raise PointerError("no-row", {"name": pointer.key, "sought": sought})
    if asked == "rank":
        own = found.change[found.places.index(place)]
        quantity = Quantity(value=float(1 + (found.change < own).sum()), unit="rank")
    else:
        side = found.change > 0 if asked == "gained" else found.change < 0
        quantity = Quantity(value=float(np.abs(found.change[side]).sum()), unit=found.unit)
    return Number(
        key=pointer.key,
        quantity=quantity,
        op="moves",
        of=(),
        rows=found.rows,
        year=int(wanted["since"]),
        until=int(wanted["until"]),
    )
