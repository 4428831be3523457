"""Random choices that depend on a seed, a field and a row's number, and on nothing else.

Each choice is a hash of where it stands, so a row is the same whichever chunk it is made in, in whichever
order, on whichever machine: integers only, no library's own stream of random numbers, no floating point.

References
----------
Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators": the mixing of SplitMix64.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Words: TypeAlias = NDArray[np.uint64]
Truths: TypeAlias = NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_MILLION = 1_000_000


def mixed(seed: int, field: str, index: Ints) -> Words:
    """Return 64 random bits for each index.

    Parameters
    ----------
    seed : int
    field : str
        What is drawn, so that two fields of one row do not follow each other.
    index : (N,) int64
        Rows, activities, whatever is numbered.
    """
    digest = hashlib.blake2b(f"{seed}:{field}".encode(), digest_size=8).digest()
    bits = index.astype(np.uint64) * _GOLDEN + np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return np.asarray(bits ^ (bits >> np.uint64(31)), dtype=np.uint64)


def below(seed: int, field: str, index: Ints, limit: int) -> Ints:
    """Return a whole number from 0 to `limit` - 1 for each index; `limit` below 2³²."""
    high = mixed(seed, field, index) >> np.uint64(32)
    return ((high * np.uint64(limit)) >> np.uint64(32)).astype(np.int64)


def chance(seed: int, field: str, index: Ints, per_million: int) -> Truths:
    """Return whether something that happens `per_million` times in a million happens."""
    return np.asarray(below(seed, field, index, _MILLION) < per_million, dtype=np.bool_)


def weighted(seed: int, field: str, index: Ints, weights: Sequence[int]) -> Ints:
    """Return a position in `weights` for each index, as often as the weight says."""
    ends = np.cumsum(np.asarray(weights, dtype=np.int64))
    drawn = below(seed, field, index, int(ends[-1]))
    return np.searchsorted(ends, drawn, side="right").astype(np.int64)


def amounts(seed: int, field: str, index: Ints) -> Ints:
    """Return amounts from 50 to about 1.5 million, as many in each order of magnitude."""
    steps = _STEPS[below(seed, field, index, len(_STEPS))]
    return steps + below(seed, field + " rest", index, 100) * (steps // 10_000 + 1)


def _geometric() -> Ints:
    # By whole numbers: powers of floating point may differ in the last digit between machines.
    steps = [50_000]
    while len(steps) < 1024:
        steps.append(steps[-1] * 10_101 // 10_000)
    return np.asarray(steps, dtype=np.int64) // 1_000


_STEPS = _geometric()
