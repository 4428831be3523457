"""A results chain: what leads to what, and how strong the evidence for each step is."""

from dataclasses import dataclass

from ayni.brief.charts.headings import Table
from ayni.brief.charts.inputs import check_href, check_some

STRONGEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One step; `column` counts from the left, `group` heads its column or stands above its label."""

    key: str
    label: str
    column: int
    href: str = ""
    group: str = ""

    def __post_init__(self) -> None:
        check_href(self.href, f"node {self.key!r}")
        if self.column < 0:
            raise ValueError(
                f"node {self.key!r}: found column {self.column}, expected 0 or more; count from the left."
            )
        if not self.label.strip():
            raise ValueError(f"node {self.key!r}: found an empty label, expected words; name the step.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """A step from one node to a later one.

    Parameters
    ----------
    source, target : str
        Keys of nodes; the target's column lies to the right.
    strength : int
        Strength of the evidence, 0 to 4: the width of the line.
    against : bool
        Evidence speaks against the step: red and marked with a cross.
    none : bool
        No evidence: a broken line.
    """

    source: str
    target: str
    strength: int = 0
    against: bool = False
    none: bool = False
    label: str = ""
    href: str = ""

    def __post_init__(self) -> None:
        where = f"link {self.source!r} to {self.target!r}"
        check_href(self.href, where)
        if self.strength not in range(STRONGEST + 1):
            raise ValueError(
                f"{where}: found strength {self.strength}, expected 0 to {STRONGEST}; grade it again."
            )
        if self.none and (self.against or self.strength):
            raise ValueError(
                f"{where}: found no evidence and also a grade or evidence against, expected one of them."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHeadings:
    """Column heads of the table; the last two also serve as its cells."""

    source: str
    target: str
    label: str
    strength: str
    against: str
    none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainDiagram:
    """Nodes in columns and the links between them.

    Parameters
    ----------
    strength_labels : tuple of (strength, word)
        Explains the widths in a key; only those used are shown.
    headings : ChainHeadings
        Its words for no evidence and for evidence against also appear in the key.
    """

    title: str
    alt: str
    nodes: tuple[Node, ...]
    links: tuple[Bond, ...]
    headings: ChainHeadings
    subtitle: str = ""
    source: str = ""
    strength_labels: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        where = f"chain {self.title!r}"
        check_some(self.nodes, where)
        columns = {node.key: node.column for node in self.nodes}
        if len(columns) != len(self.nodes):
            raise ValueError(
                f"{where}: found {len(self.nodes)} nodes with {len(columns)} keys, expected one key each."
            )
        for bond in self.links:
            for key in (bond.source, bond.target):
                if key not in columns:
                    raise ValueError(
                        f"{where}: found a link to {key!r}, expected one of {sorted(columns)}; add the node."
                    )
            if columns[bond.source] >= columns[bond.target]:
                raise ValueError(
                    f"{where}: found a link from {bond.source!r} (column {columns[bond.source]}) to "
                    f"{bond.target!r} (column {columns[bond.target]}), expected a later column; move one."
                )


def chain_table(chart: ChainDiagram) -> Table:
    """One row for each link, with the labels of its nodes."""
    names = {node.key: node.label for node in chart.nodes}
    heads = chart.headings
    header = (heads.source, heads.target, heads.label, heads.strength, heads.against, heads.none)
    rows = tuple(
        (
            names[bond.source],
            names[bond.target],
            bond.label,
            bond.strength,
            heads.against if bond.against else "",
            heads.none if bond.none else "",
        )
        for bond in chart.links
    )
    return header, rows
