"""What a made file holds, so that a test can compare what was read with what was made."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

Key = tuple[str, ...]
Wish = TypeVar("Wish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Counts and totals of a made file.

    Attributes
    ----------
    kind : str
        As on the command line.
    rows : int
        Rows of data (for XML: transactions and budgets), the header not counted.
    keys : tuple of str
        What the parts of each key of `sums` are, as in ``("stage", "year", "recipient")``.
    unit : str
        What one of the whole numbers in `sums` is, as in ``USD`` or ``USD 0.000001``.
    sums : dict
        Key to total, exact.
    counts : dict
        Key to number of rows; the keys of `sums`.
    constant : dict
        Key to total at constant prices, where the file prints them.
    quirks : dict
        Name of a quirk, as in `tests.made.quirks`, to how often it occurs.
    facts : dict
        Whatever else was settled, as in the base years.
    """

    kind: str
    rows: int
    keys: Key
    unit: str
    sums: dict[Key, int] = field(default_factory=dict)
    counts: dict[Key, int] = field(default_factory=dict)
    constant: dict[Key, int] = field(default_factory=dict)
    quirks: dict[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def by(self, *names: str) -> dict[Key, int]:
        """Return `sums` added up over the keys that are not named."""
        kept = [self.keys.index(name) for name in names]
        total: Counter[Key] = Counter()
        for key, value in self.sums.items():
            total[tuple(key[place] for place in kept)] += value
        return dict(total)

    def as_json(self) -> str:
        """Return it as JSON; each total is a row of its key, its count, its sum and its constant sum."""
        told: dict[str, Any] = asdict(self)
        for name in ("sums", "counts", "constant"):
            del told[name]
        told["totals"] = [
            [*key, self.counts.get(key, 0), value, self.constant.get(key)]
            for key, value in sorted(self.sums.items())
        ]
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A made file in memory."""

    data: bytes
    truth: Truth

    @property
    def text(self) -> str:
        """The file, decoded."""
        return self.data.decode("utf-8")


@dataclass(slots=True)
class Tally:
    """Sums that grow while a file is made."""

    sums: Counter[Key] = field(default_factory=Counter)
    counts: Counter[Key] = field(default_factory=Counter)
    constant: Counter[Key] = field(default_factory=Counter)
    quirks: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, key: Key, value: int, constant: int | None = None, *, count: int = 1) -> None:
        """Add a row, or `count` rows that together are `value`."""
        self.sums[key] += value
        self.counts[key] += count
        if constant is not None:
            self.constant[key] += constant

    def told(self, kind: str, keys: Key, unit: str, facts: Mapping[str, str] | None = None) -> Truth:
        """Return what was added up."""
        return Truth(
            kind=kind,
            rows=self.rows,
            keys=keys,
            unit=unit,
            sums=dict(self.sums),
            counts=dict(self.counts),
            constant=dict(self.constant),
            quirks=dict(self.quirks),
            facts=dict(facts or {}),
        )


def in_memory(write: Callable[[Wish, BinaryIO], Truth], wish: Wish) -> Made:
    """Return a file as bytes; for what is small."""
    out = io.BytesIO()
    truth = write(wish, out)
    return Made(data=out.getvalue(), truth=truth)


def on_disk(
    write: Callable[[Wish, BinaryIO], Truth], wish: Wish, path: Path, *, truth_too: bool = False
) -> Truth:
    """Write a file, and beside it ``<name>.truth.json`` if asked; return what it holds."""
    with path.open("wb") as out:
        truth = write(wish, out)
    if truth_too:
        path.with_name(path.name + ".truth.json").write_text(truth.as_json(), "utf-8")
    return truth
