"""Keep what has been worked out beside what it was worked out from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")
Kept = dict[Hashable, Any]


def remember(kept: Kept, key: Hashable, make: Callable[[], T]) -> T:
    """Return what is kept under `key`, made by `make` the first time.

    The record that owns `kept` must not change: then what is kept cannot go stale.
    """
    if key not in kept:
        kept[key] = make()
    return cast("T", kept[key])
