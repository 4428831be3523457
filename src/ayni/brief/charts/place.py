"""Labels that do not collide: along a line, on shelves, and in the plane."""

from collections.abc import Iterable, Sequence

from ayni.brief.charts.text import Box

_DISTANCES = (5.0, 10.0, 17.0, 26.0, 38.0, 54.0, 74.0, 98.0, 126.0)
_DIRECTIONS = (
    (1.0, 0.0), (1.0, -0.6), (-1.0, -0.6), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0),
    (1.0, 0.6), (-1.0, 0.6), (0.5, -1.0), (-0.5, -1.0), (0.5, 1.0), (-0.5, 1.0),
)  # fmt: skip


def overlap(one: Box, two: Box, gap: float = 0.0) -> bool:
    """Whether two rectangles come closer than `gap` pixels."""
    apart = (
        one.right + gap <= two.left
        or two.right + gap <= one.left
        or one.bottom + gap <= two.top
        or two.bottom + gap <= one.top
    )
    return not apart


def inside(box: Box, bounds: Box) -> bool:
    """Whether the box lies within the bounds."""
    return (
        box.left >= bounds.left
        and box.right <= bounds.right
        and box.top >= bounds.top
        and box.bottom <= bounds.bottom
    )


def spread(
    wanted: Sequence[float], sizes: Sequence[float], low: float, high: float, gap: float
) -> tuple[float, ...]:
    """Centres as near to those wanted as order and size allow.

    Keeps the given order, lets no two intervals touch and stays within low..high when they fit there.
    Least squares: neighbours that would collide are pooled around their mean.

    Parameters
    ----------
    wanted, sizes : sequence of float, pixels
        Desired centres in the order to keep, and lengths.
    low, high, gap : float, pixels
        The room, and the space left between neighbours.
    """
    if not wanted:
        return ()
    offsets, run = [], 0.0
    for size in sizes:
        offsets.append(run + size / 2.0)
        run += size + gap
    room_end = max(low, high - (run - gap))
    pools: list[tuple[float, int]] = []
    for centre, offset in zip(wanted, offsets, strict=True):
        mean, count = centre - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean, count = (other * others + mean * count) / (others + count), others + count
        pools.append((mean, count))
    starts = [max(low, min(room_end, mean)) for mean, count in pools for _ in range(count)]
    return tuple(start + offset for start, offset in zip(starts, offsets, strict=True))


def shelves(spans: Sequence[tuple[float, float]], gap: float) -> tuple[int, ...]:
    """Find the first shelf, counted from 0, on which each left..right span touches no earlier one."""
    taken: list[list[tuple[float, float]]] = []
    chosen = []
    for left, right in spans:
        shelf = 0
        while shelf < len(taken) and any(left < r + gap and lft < right + gap for lft, r in taken[shelf]):
            shelf += 1
        if shelf == len(taken):
            taken.append([])
        taken[shelf].append((left, right))
        chosen.append(shelf)
    return tuple(chosen)


def settle(
    anchor: tuple[float, float],
    size: tuple[float, float],
    bounds: Box,
    texts: Iterable[Box],
    obstacles: Sequence[tuple[float, float]],
) -> Box | None:
    """Find a place for a label near its anchor: on no other text, on as few marks as can be, or None.

    Parameters
    ----------
    anchor, size : (x, y) and (width, height), pixels
    bounds : Box
        Where the label may go.
    texts : iterable of Box
        What it must not touch.
    obstacles : sequence of (x, y), pixels
        Marks it should avoid.
    """
    others = list(texts)
    best: tuple[float, Box] | None = None
    for turn, (across, down) in enumerate(_DIRECTIONS):
        for distance in _DISTANCES:
            box = _beside(anchor, size, across, down, distance)
            if not inside(box, bounds) or any(overlap(box, other, 2.0) for other in others):
                continue
            cost = distance / 12.0 + turn * 0.15 + 2.0 * _hits(box, obstacles)
            if best is None or cost < best[0]:
                best = (cost, box)
    return best[1] if best else None


def _beside(
    anchor: tuple[float, float], size: tuple[float, float], across: float, down: float, distance: float
) -> Box:
    width, height = size
    x = anchor[0] + across * (width / 2.0 + distance)
    y = anchor[1] + down * (height / 2.0 + distance)
    return Box(left=x - width / 2.0, top=y - height / 2.0, right=x + width / 2.0, bottom=y + height / 2.0)


def _hits(box: Box, obstacles: Sequence[tuple[float, float]]) -> int:
    return sum(
        box.left - 2 <= x <= box.right + 2 and box.top - 1 <= y <= box.bottom + 1 for x, y in obstacles
    )
