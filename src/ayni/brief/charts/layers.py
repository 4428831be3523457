"""Layered graphs: order within layers by barycentres, then places (Sugiyama, Tagawa and Toda 1981).

Links that pass a layer get a waypoint there, so that they run between the boxes and not under them.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ayni.brief.charts.place import spread

_SWEEPS = 12
_STARTS = 8
_SEED = 1981
"""Any number; fixed so that a chart is drawn the same way each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Keys in order for each layer, and for each link the keys it runs through."""

    orders: tuple[tuple[str, ...], ...]
    routes: tuple[tuple[str, ...], ...]


def is_waypoint(key: str) -> bool:
    """Whether the key stands for a link passing through a layer."""
    return key.startswith("\0")


def layered(layers: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> Layers:
    """Waypoints added and every layer ordered to keep crossings few.

    Parameters
    ----------
    layers : sequence of sequences of keys
    links : sequence of (source, target)
        Each target in a later layer than its source.
    """
    level = {key: at for at, keys in enumerate(layers) for key in keys}
    filled = [list(keys) for keys in layers]
    routes = []
    for place, (source, target) in enumerate(links):
        between = [f"\0{place}-{at}" for at in range(level[source] + 1, level[target])]
        for at, key in enumerate(between, start=level[source] + 1):
            filled[at].append(key)
        routes.append((source, *between, target))
    best = _fewest_crossings(filled, routes)
    return Layers(orders=tuple(tuple(keys) for keys in best), routes=tuple(routes))


def _fewest_crossings(orders: list[list[str]], routes: Sequence[Sequence[str]]) -> list[list[str]]:
    """Sweep from the order given and from shuffled ones; the first order with the fewest crossings wins."""
    best, fewest = orders, crossings(orders, routes)
    shuffle = Random(_SEED).shuffle
    for start in range(_STARTS):
        current = [list(keys) for keys in orders]
        if start:
            for keys in current:
                shuffle(keys)
        for sweep in range(_SWEEPS):
            if fewest == 0:
                return best
            current = _swept(current, routes, down=sweep % 2 == 0)
            found = crossings(current, routes)
            if found < fewest:
                best, fewest = current, found
        current = _swapped(current, routes)
        found = crossings(current, routes)
        if found < fewest:
            best, fewest = current, found
    return best


def neighbours(routes: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """List the keys one step before or after each key."""
    found: dict[str, list[str]] = {}
    for route in routes:
        for one, two in itertools.pairwise(route):
            found.setdefault(one, []).append(two)
            found.setdefault(two, []).append(one)
    return found


def _swept(orders: list[list[str]], routes: Sequence[Sequence[str]], *, down: bool) -> list[list[str]]:
    new = [list(keys) for keys in orders]
    near = neighbours(routes)
    sequence = range(1, len(new)) if down else range(len(new) - 2, -1, -1)
    for at in sequence:
        fixed = new[at - 1 if down else at + 1]
        share = {key: (place + 0.5) / len(fixed) for place, key in enumerate(fixed)}
        own = {key: (place + 0.5) / len(new[at]) for place, key in enumerate(new[at])}
        new[at].sort(key=lambda key, share=share, own=own: _barycentre(key, near, share, own))  # type: ignore[misc]
    return new


def _swapped(orders: list[list[str]], routes: Sequence[Sequence[str]]) -> list[list[str]]:
    """Exchange neighbours in a layer as long as that undoes a crossing."""
    new = [list(keys) for keys in orders]
    fewest = crossings(new, routes)
    better = True
    while better and fewest:
        better = False
        for keys in new:
            for at in range(len(keys) - 1):
                keys[at], keys[at + 1] = keys[at + 1], keys[at]
                found = crossings(new, routes)
                if found < fewest:
                    fewest, better = found, True
                else:
                    keys[at], keys[at + 1] = keys[at + 1], keys[at]
    return new


def _barycentre(
    key: str, near: Mapping[str, Sequence[str]], share: Mapping[str, float], own: Mapping[str, float]
) -> float:
    places = [share[other] for other in near.get(key, ()) if other in share]
    return sum(places) / len(places) if places else own[key]


def crossings(orders: Sequence[Sequence[str]], routes: Sequence[Sequence[str]]) -> int:
    """How many pairs of links cross."""
    place = {key: at for keys in orders for at, key in enumerate(keys)}
    level = {key: at for at, keys in enumerate(orders) for key in keys}
    steps: dict[int, list[tuple[int, int]]] = {}
    for route in routes:
        for one, two in itertools.pairwise(route):
            steps.setdefault(level[one], []).append((place[one], place[two]))
    return sum(
        (one[0] - two[0]) * (one[1] - two[1]) < 0
        for pairs in steps.values()
        for at, one in enumerate(pairs)
        for two in pairs[:at]
    )


def centres(layers: Layers, sizes: Mapping[str, float], length: float, gap: float) -> dict[str, float]:
    """Middles along the layer for every key: near its neighbours, in order, without touching."""
    found: dict[str, float] = {}
    for keys in layers.orders:
        free = (length - sum(sizes[key] for key in keys)) / (len(keys) + 1)
        at = 0.0
        for key in keys:
            at += free
            found[key] = at + sizes[key] / 2.0
            at += sizes[key]
    near = neighbours(layers.routes)
    for sweep in range(_SWEEPS):
        orders = layers.orders if sweep % 2 == 0 else layers.orders[::-1]
        for keys in orders:
            wanted = [_mean([found[other] for other in near.get(key, ())], found[key]) for key in keys]
            placed = spread(wanted, [sizes[key] for key in keys], 0.0, length, gap)
            found.update(zip(keys, placed, strict=True))
    return found


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
