"""The results chain: inputs, activities, outputs, outcomes, interests, and their links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

NodeKind = Literal["input", "activity", "output", "outcome", "interest"]
NODE_KINDS: tuple[str, ...] = get_args(NodeKind)
ItemKind = Literal["study", "series", "effect", "document"]
ITEM_KINDS: tuple[str, ...] = get_args(ItemKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stage of the chain; `theatre` is where the threat is prevented (region or home)."""

    key: str
    kind: str
    es: str
    en: str
    interest: str = ""
    theatre: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One typed row of evidence on a link.

    Attributes
    ----------
    key : str
        Its name.
    kind : str
        One of `ITEM_KINDS`.
    number : str
        The figure it rests on; empty for a document without one.
    test : str
        ``below`` or ``above``: where the figure must lie, against `threshold`, for the item
        to speak for the link. A document without a figure says ``for`` or ``against``.
    threshold : float
        In the unit of the figure.
    method : str
        How the figure was got: a key of `ayni.claims.grades.METHODS`.
    here : bool
        Whether it is about this provider, this recipient and this outcome.
    document : str
        Origin key of a document.
    es, en : str
        What it says, with ``{figure}`` where the figure goes.
    """

    key: str
    kind: str
    method: str
    here: bool
    es: str
    en: str
    number: str = ""
    test: str = ""
    threshold: float = 0.0
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is said to lead to what, with the evidence gathered on it."""

    key: str
    source: str
    target: str
    es: str
    en: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All nodes and links, by key."""

    nodes: Mapping[str, Node] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)


def circle(chain: Chain) -> tuple[str, ...]:
    """Return the nodes of a cycle, first repeated at the end; empty when there is none."""
    targets: dict[str, list[str]] = {key: [] for key in chain.nodes}
    for link in chain.links.values():
        targets.setdefault(link.source, []).append(link.target)
    done: set[str] = set()
    for start in targets:
        for path in _walk(start, targets, (), done):
            return path
    return ()


def _walk(
    node: str, targets: Mapping[str, list[str]], before: tuple[str, ...], done: set[str]
) -> Iterator[tuple[str, ...]]:
    if node in before:
        yield (*before[before.index(node) :], node)
        return
    if node in done:
        return
    for target in targets.get(node, ()):
        yield from _walk(target, targets, (*before, node), done)
    done.add(node)
