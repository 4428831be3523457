"""The lines of a results chain: curves between layers, straight runs past the boxes of a layer."""

from dataclasses import dataclass

from ayni.brief.charts.svg import number

_SAMPLES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A curve across the gap between two layers; `along` is the direction of reading, `side` across it."""

    along0: float
    side0: float
    along1: float
    side1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The hops of one link in order; where one ends short of the next, the line runs straight."""

    hops: tuple[Hop, ...]
    across: bool


def head_length(width: float) -> float:
    """Length in pixels of the arrow head on a line of this width."""
    return 5.0 + width


def route_data(route: Route, width: float) -> str:
    """Path data of the line, ending where its arrow head begins."""
    first = route.hops[0]
    data = "M" + _pair(route, first.along0, first.side0)
    last = route.hops[-1]
    for hop in route.hops:
        end = hop.along1 - (head_length(width) - 1.0 if hop is last else 0.0)
        if hop is not first:
            data += "L" + _pair(route, hop.along0, hop.side0)
        middle = (hop.along0 + end) / 2.0
        data += "C" + " ".join(
            (_pair(route, middle, hop.side0), _pair(route, middle, hop.side1), _pair(route, end, hop.side1))
        )
    return data


def head(route: Route, width: float) -> str:
    """Path data of the arrow head."""
    last = route.hops[-1]
    back, half = last.along1 - head_length(width), 2.6 + width * 0.75
    corners = ((last.along1, last.side1), (back, last.side1 - half), (back, last.side1 + half))
    return "M" + "L".join(_pair(route, along, side) for along, side in corners) + "z"


def _pair(route: Route, along: float, side: float) -> str:
    x, y = (along, side) if route.across else (side, along)
    return f"{number(x)} {number(y)}"


def points_on(route: Route) -> tuple[tuple[float, float], ...]:
    """Points (x, y) along the link, a few pixels apart, without its ends."""
    found = []
    before: Hop | None = None
    for hop in route.hops:
        if before is not None:
            run = hop.along0 - before.along1
            found += [(before.along1 + run * k / 8, hop.side0) for k in range(1, 8)]
        found += [_on_curve(hop, k / _SAMPLES) for k in range(2, _SAMPLES - 3)]
        before = hop
    return tuple(found) if route.across else tuple((side, along) for along, side in found)


def _on_curve(hop: Hop, t: float) -> tuple[float, float]:
    u = 1.0 - t
    middle = (hop.along0 + hop.along1) / 2.0
    ends, inner = (u**3, t**3), (3 * u * u * t, 3 * u * t * t)
    along = ends[0] * hop.along0 + (inner[0] + inner[1]) * middle + ends[1] * hop.along1
    return along, (ends[0] + inner[0]) * hop.side0 + (inner[1] + ends[1]) * hop.side1
