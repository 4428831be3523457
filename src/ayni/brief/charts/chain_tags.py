"""What is written on the links of a results chain, each piece clear of every other."""

from collections.abc import Sequence
from dataclasses import dataclass

from ayni.brief.charts.chain_places import TAG_WIDEST, Scene, text_boxes
from ayni.brief.charts.chain_routes import points_on
from ayni.brief.charts.frame import badge_width
from ayni.brief.charts.place import inside, overlap
from ayni.brief.charts.svg import Room
from ayni.brief.charts.text import Box, block_height, block_width, wrap

_BADGE_TALL = 17.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """Words, or a number in a pill, on the link with this place in the chart."""

    link: int
    lines: tuple[str, ...]
    box: Box
    pill: bool


def tag_all(
    scene: Scene, marks: Sequence[str], room: Room, *, pill: bool, whatever: bool = False
) -> tuple[Tagged, ...] | None:
    """Find a place on its link for every mark that is not empty, or None when one finds none.

    Parameters
    ----------
    marks : sequence of str
        What to write, in the order of the scene's routes.
    pill : bool
        Whether marks are numbers in pills; otherwise words.
    whatever : bool
        Take the least bad place rather than give up.
    """
    paths = [points_on(route) for route in scene.routes]
    taken = text_boxes(scene)
    bounds = Box(left=0.0, top=0.0, right=room.width, bottom=scene.height)
    found = []
    for place, mark in enumerate(marks):
        if not mark:
            continue
        lines = (mark,) if pill else wrap(mark, TAG_WIDEST, room.small)
        others = [point for at, points in enumerate(paths) if at != place for point in points]
        box = _best(paths[place], _size(lines, room, pill=pill), bounds, taken, others, whatever=whatever)
        if box is None:
            return None
        taken.append(box)
        found.append(Tagged(link=place, lines=lines, box=box, pill=pill))
    return tuple(found)


def _size(lines: tuple[str, ...], room: Room, *, pill: bool) -> tuple[float, float]:
    if pill:
        return badge_width(lines[0], room), _BADGE_TALL
    return block_width(lines, room.small) * 1.06 + 4.0, block_height(lines, room.small) + 2.0


def _best(
    points: Sequence[tuple[float, float]],
    size: tuple[float, float],
    bounds: Box,
    taken: Sequence[Box],
    others: Sequence[tuple[float, float]],
    *,
    whatever: bool,
) -> Box | None:
    width, height = size
    best: tuple[float, Box] | None = None
    for at, (x, y) in enumerate(points):
        box = Box(left=x - width / 2.0, right=x + width / 2.0, top=y - height / 2.0, bottom=y + height / 2.0)
        clashes = sum(overlap(box, other, 1.5) for other in taken) + (not inside(box, bounds))
        if clashes and not whatever:
            continue
        hits = sum(
            box.left - 2 < ox < box.right + 2 and box.top - 2 < oy < box.bottom + 2 for ox, oy in others
        )
        cost = 1000.0 * clashes + 3.0 * hits + abs(at / len(points) - 0.5) * 4.0
        if best is None or cost < best[0]:
            best = (cost, box)
    return best[1] if best else None
