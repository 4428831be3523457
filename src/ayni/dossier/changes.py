"""What is not the same on two sides: figures, and the results that moved with them.

A side is a dossier as it stands, the same with another release in it, or the ``expected.json`` of an
earlier edition, which keeps results and no figures. A result that moved is given with the moved figures
below it, on either side, so that a reader sees the cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ayni.dossier.moved import Moved, Row, figures_moved, share_percent
from ayni.ledger.totals import agree

# In the order in which they matter to a reader.
KINDS = ("verdicts", "grades", "effects", "curves", "standings", "numbers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a result says otherwise on the two sides.

    Attributes
    ----------
    name : str
        Where it stands in the result, such as ``difference/high`` or ``label``.
    old, new : float, str or None
        A number or a word; None where that side says nothing.
    """

    name: str
    old: float | str | None
    new: float | str | None

    @property
    def number(self) -> bool:
        """Whether both sides give numbers."""
        return isinstance(self.old, float) and isinstance(self.new, float)

    @property
    def change(self) -> float | None:
        """New less old; None for words."""
        if isinstance(self.old, float) and isinstance(self.new, float):
            return self.new - self.old
        return None

    @property
    def percent(self) -> float | None:
        """The change in percent of the old value; None where there is none."""
        return share_percent(self.change, self.old if isinstance(self.old, float) else None)

    @property
    def rounding(self) -> bool:
        """Whether both sides give numbers that differ by no more than releases round."""
        if isinstance(self.old, float) and isinstance(self.new, float):
            return agree(self.old, self.new)
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A result that is not the same on both sides.

    Attributes
    ----------
    kind, key : str
        One of `KINDS`, and its name there.
    old, new : mapping or None
        What each side publishes, as ``expected.json`` keeps it.
    fields : tuple of Field
        Where they differ.
    rests : tuple of Moved
        The moved figures that it rests on, on either side.
    broken : Broken or None
        Why the new side cannot give it any more.
    """

    kind: str
    key: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    fields: tuple[Field, ...] = ()
    rests: tuple[Moved, ...] = ()
    broken: Broken | None = None

    @property
    def how(self) -> str:
        """``moved``, ``added``, ``gone``, or ``broken`` where the new side cannot give it any more."""
        if self.broken is not None:
            return "broken"
        return "added" if self.old is None else "gone" if self.new is None else "moved"

    @property
    def turned(self) -> bool:
        """Whether its judgement turned: a verdict's label, a grade, a check; not reasons or steps alone."""
        judged = (f for f in self.fields if not f.number and f.name not in ("reasons", "steps"))
        return self.how == "moved" and any(judged)

    @property
    def rounding(self) -> bool:
        """Whether it moved by no more than rounding."""
        return self.how == "moved" and all(f.rounding for f in self.fields)

    @property
    def size(self) -> float:
        """The largest share by which a number of it moved, the same in either direction."""
        shares = [
            abs(f.new - f.old) / (max(abs(f.old), abs(f.new)) or 1.0)
            for f in self.fields
            if isinstance(f.old, float) and isinstance(f.new, float)
        ]
        return max(shares, default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Why a result cannot be worked out, in both languages."""

    es: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two things that are compared.

    Attributes
    ----------
    results : mapping
        What is published, by kind and key, as ``expected.json`` keeps it.
    rows : tuple of Flow and Observation, or None
        Its figures; None where only results are kept.
    rests : mapping of (str, str) to frozenset of str
        Rows below each result, by kind and key.
    broken : mapping of (str, str) to Broken
        What could not be worked out.
    """

    results: Mapping[str, Mapping[str, Mapping[str, Any] | None]]
    rows: tuple[Row, ...] | None = None
    rests: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    broken: Mapping[tuple[str, str], Broken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many of a kind moved, moved by rounding only, came, went, broke and stayed."""

    moved: int = 0
    rounding: int = 0
    added: int = 0
    gone: int = 0
    broken: int = 0
    alike: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that differs between two sides.

    Attributes
    ----------
    results : tuple of Changed
        Verdicts, grades, effects, curves, standings, numbers; of each, what broke or turned first, then
        what moved most.
    figures : tuple of Moved
        What moved most first.
    tallies : dict of str to Tally
        By kind, and ``figures``.
    missing : tuple of str
        Kinds, and ``figures``, that one side does not keep and that so were not compared.
    """

    results: tuple[Changed, ...] = ()
    figures: tuple[Moved, ...] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def compare(old: Side, new: Side) -> Changes:
    """Return what differs between two sides; what they share is counted."""
    known = old.rows is not None and new.rows is not None
    moved, alike = figures_moved(old.rows or (), new.rows or ()) if known else ((), 0)
    tallies = {"figures": tally(moved, alike)} if known else {}
    kinds = [kind for kind in KINDS if kind in old.results and kind in new.results]
    below = _Below(old, new, moved)
    found: list[Changed] = []
    for kind in kinds:
        here = [c for key in _keys(old, new, kind) if (c := _changed(old, new, kind, key, below))]
        tallies[kind] = tally(here, len(_keys(old, new, kind)) - len(here))
        found += sorted(here, key=lambda c: (c.how != "broken", not c.turned, -c.size, c.key))
    return Changes(
        results=tuple(found),
        figures=moved,
        tallies=tallies,
        missing=tuple(k for k in KINDS if k not in kinds) + (() if known else ("figures",)),
    )


def tally(found: Iterable[Moved | Changed], alike: int) -> Tally:
    """Return how many moved and how; `alike` did not."""
    counts: dict[str, int] = defaultdict(int)
    for one in found:
        counts["rounding" if one.rounding else one.how] += 1
    return Tally(**counts, alike=alike)


# -- results -------------------------------------------------------------------------------


def _keys(old: Side, new: Side, kind: str) -> list[str]:
    return sorted({*old.results[kind], *new.results[kind]})


def _changed(old: Side, new: Side, kind: str, key: str, below: _Below) -> Changed | None:
    """Return how a result differs; None where it does not."""
    before, after = old.results[kind].get(key), new.results[kind].get(key)
    said, says = dict(_leaves(before)), dict(_leaves(after))
    differing = tuple(
        Field(name=name, old=said.get(name), new=says.get(name))
        for name in {**said, **says}
        if said.get(name) != says.get(name)
    )
    if not differing:
        return None
    return Changed(
        kind=kind,
        key=key,
        old=before,
        new=after,
        fields=differing,
        rests=below.result(kind, key),
        broken=_broken(new, kind, key) if after is None else None,
    )


def _broken(side: Side, kind: str, key: str) -> Broken | None:
    """Return why a side lacks a result: its question, or the figure that is placed, gives no answer."""
    of = {"effects": ("effects", key.partition(" ")[0]), "standings": ("numbers", key)}.get(kind, (kind, key))
    return side.broken.get(of)


def _leaves(what: object, name: str = "") -> Iterator[tuple[str, float | str]]:
    """Yield every number and word of a result with its place; nothing for what is null."""
    if isinstance(what, Mapping):
        for key, value in what.items():
            yield from _leaves(value, f"{name}/{key}" if name else str(key))
    elif isinstance(what, list | tuple):
        yield name, ", ".join(map(str, what))
    elif isinstance(what, bool):
        yield name, "passed" if what else "failed"
    elif isinstance(what, int | float):
        yield name, float(what)
    elif what is not None:
        yield name, str(what)


class _Below:
    """Moved figures by the results that rest on them; a line may hold another figure on each side."""

    def __init__(self, old: Side, new: Side, moved: Sequence[Moved]) -> None:
        self._order = moved
        self._sides = [
            (old.rests, {m.old.row: m for m in moved if m.old is not None}),
            (new.rests, {m.new.row: m for m in moved if m.new is not None}),
        ]

    def result(self, kind: str, key: str) -> tuple[Moved, ...]:
        """Return the moved figures below a result, those that moved by more than rounding first."""
        found = {id(at[row]) for rests, at in self._sides for row in rests.get((kind, key), ()) if row in at}
        return tuple(sorted((m for m in self._order if id(m) in found), key=lambda m: m.rounding))
