"""Column heads for the table behind a chart, in the reader's language."""

from dataclasses import dataclass

Cell = str | float | None
Table = tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]
"""Header and rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """What to call the columns; `status` may be empty when a chart has none."""

    series: str
    x: str
    value: str
    low: str
    high: str
    status: str = ""
