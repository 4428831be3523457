"""Where the boxes of a results chain go, and where its links leave and arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ayni.brief.charts.chain import ChainDiagram, Node
from ayni.brief.charts.chain_routes import Hop, Route, points_on
from ayni.brief.charts.layers import Layers, centres, is_waypoint, layered
from ayni.brief.charts.svg import Room
from ayni.brief.charts.text import Box, Label, block_height, block_width, box_of, longest_word, wrap

_PAD = 7.0
_BOX_AT_MOST = 150.0
_BOX_FOR_WORDS = 92.0
_GAP = 46.0
TAG_WIDEST = 110.0
"""Width in pixels at which words on a link are wrapped."""
_LANE = 13.0
"""Room in pixels for a link passing a layer."""
_PORT = 13.0
"""Distance in pixels between links at one side of a box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Boxes and their labels by node key, routes in the order of links, headings, and the height used."""

    boxes: Mapping[str, Box]
    labels: Mapping[str, tuple[Label, ...]]
    routes: tuple[Route, ...]
    headings: tuple[Label, ...]
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spans:
    """Start and end of layers along the reading direction; middle and size of keys across it."""

    layers: Layers
    along: tuple[tuple[float, float], ...]
    sides: Mapping[str, float]
    sizes: Mapping[str, float]


def _columns(chart: ChainDiagram) -> list[list[Node]]:
    found = sorted({node.column for node in chart.nodes})
    return [[node for node in chart.nodes if node.column == column] for column in found]


def _shared_group(nodes: Sequence[Node]) -> str:
    groups = {node.group for node in nodes}
    return groups.pop().strip() if len(groups) == 1 else ""


def _texts(
    chart: ChainDiagram, node: Node, width: float, room: Room
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines above the label (the node's group, unless its column shares it) and the label's lines."""
    column = [other for other in chart.nodes if other.column == node.column]
    group = "" if _shared_group(column) else node.group
    inner = width - 2 * _PAD
    return wrap(group, inner, room.small), wrap(node.label, inner, room.small)


def _box_height(chart: ChainDiagram, node: Node, width: float, room: Room) -> float:
    above, label = _texts(chart, node, width, room)
    ports = max(
        sum(bond.source == node.key for bond in chart.links),
        sum(bond.target == node.key for bond in chart.links),
    )
    return max(block_height((*above, *label), room.small) + 10.0, min(ports, 6) * 9.0)


def _node_labels(chart: ChainDiagram, node: Node, box: Box, room: Room) -> tuple[Label, ...]:
    above, label = _texts(chart, node, box.right - box.left, room)
    top = (box.top + box.bottom) / 2.0 - block_height((*above, *label), room.small) / 2.0
    x = (box.left + box.right) / 2.0
    kicker = Label(lines=above, x=x, top=top, size=room.small, anchor="middle", look="quiet")
    top += block_height(above, room.small)
    return (kicker, Label(lines=label, x=x, top=top, size=room.small, anchor="middle"))


def rightwards(chart: ChainDiagram, room: Room, stretch: float) -> Scene | None:
    """Columns from left to right, or None when a word would not fit its box."""
    columns = _columns(chart)
    count = len(columns)
    width = _box_width(chart, count, room)
    if width is None:
        return None
    gap = (room.width - 2.0 - width * count) / max(1, count - 1)
    heights = {node.key: _box_height(chart, node, width, room) for node in chart.nodes}
    layers = layered([[node.key for node in nodes] for nodes in columns], _pairs(chart))
    sizes = {key: heights.get(key, _LANE) for keys in layers.orders for key in keys}
    space = 20.0 * stretch
    length = max(sum(sizes[key] for key in keys) + space * (len(keys) - 1) for keys in layers.orders)
    starts = [1.0 + at * (width + gap) for at in range(count)]
    heads = _heads_above(columns, starts, width, room)
    top = max((block_height(each.lines, room.small) + 8.0 for each in heads), default=1.0)
    sides = {key: side + top for key, side in centres(layers, sizes, length, space).items()}
    spans = _Spans(layers=layers, along=tuple((s, s + width) for s in starts), sides=sides, sizes=sizes)
    boxes = {
        node.key: _box((start, start + width), _around(sides[node.key], heights[node.key]))
        for start, nodes in zip(starts, columns, strict=True)
        for node in nodes
    }
    return _scene(chart, spans, boxes, heads, top + length + 2.0, room, across=True)


def _around(middle: float, size: float) -> tuple[float, float]:
    return middle - size / 2.0, middle + size / 2.0


def _box(across: tuple[float, float], down: tuple[float, float]) -> Box:
    return Box(left=across[0], right=across[1], top=down[0], bottom=down[1])


def _box_width(chart: ChainDiagram, count: int, room: Room) -> float | None:
    """Width that leaves room for words on links, else for numbers; None when a word is wider."""
    widest = max(longest_word(text, room.small) for node in chart.nodes for text in (node.label, node.group))
    said = [block_width(wrap(bond.label, TAG_WIDEST, room.small), room.small) for bond in chart.links]
    wanted = max(said, default=0.0) + 34.0
    for gap, least in ((max(wanted, _GAP), _BOX_FOR_WORDS), (_GAP, 0.0)):
        width = min(_BOX_AT_MOST, (room.width - 2.0 - gap * (count - 1)) / count)
        if width >= max(widest + 2 * _PAD, least):
            return width
    return None


def _heads_above(
    columns: list[list[Node]], starts: list[float], width: float, room: Room
) -> tuple[Label, ...]:
    heads = []
    for start, nodes in zip(starts, columns, strict=True):
        lines = wrap(_shared_group(nodes), width / 1.06, room.small)
        if lines:
            x = start + width / 2.0
            heads.append(Label(lines=lines, x=x, top=0.0, size=room.small, anchor="middle", look="strong"))
    tallest = max((block_height(each.lines, room.small) for each in heads), default=0.0)
    return tuple(replace(each, top=tallest - block_height(each.lines, room.small)) for each in heads)


def downwards(chart: ChainDiagram, room: Room, stretch: float) -> Scene:
    """Columns from top to bottom, each on as many rows as its boxes need."""
    most = 4
    rows, layers, widths = _rows_of(chart, most, room)
    while most > 1 and not all(_words_fit(row, width, room) for row, width in zip(rows, widths, strict=True)):
        most -= 1
        rows, layers, widths = _rows_of(chart, most, room)
    by_key = {node.key: max(width, 40.0) for row, width in zip(rows, widths, strict=True) for node in row}
    sizes = {key: by_key.get(key, _LANE) for keys in layers.orders for key in keys}
    sides = {key: 1.0 + side for key, side in centres(layers, sizes, room.width - 2.0, 6.0).items()}
    along, heads = _rows_along(chart, rows, by_key, room, stretch)
    boxes = {
        node.key: _box(_around(sides[node.key], by_key[node.key]), (start, end))
        for (start, end), row in zip(along, rows, strict=True)
        for node in row
    }
    spans = _Spans(layers=layers, along=tuple(along), sides=sides, sizes=sizes)
    return _scene(chart, spans, boxes, tuple(heads), along[-1][1] + 2.0, room, across=False)


def _rows_of(chart: ChainDiagram, most: int, room: Room) -> tuple[list[list[Node]], Layers, list[float]]:
    """Rows of at most `most` boxes, their order, and how wide a box in each may be."""
    rows = [nodes[at : at + most] for nodes in _columns(chart) for at in range(0, len(nodes), most)]
    layers = layered([[node.key for node in row] for row in rows], _pairs(chart))
    return rows, layers, [_row_width(row, keys, room) for row, keys in zip(rows, layers.orders, strict=True)]


def _words_fit(row: Sequence[Node], width: float, room: Room) -> bool:
    return all(longest_word(node.label, room.small) + 2 * _PAD <= width for node in row)


def _row_width(row: Sequence[Node], keys: Sequence[str], room: Room) -> float:
    lanes = sum(is_waypoint(key) for key in keys)
    free = room.width - 2.0 - lanes * _LANE - 6.0 * (len(keys) - 1)
    return min(_BOX_AT_MOST * 1.3, free / len(row))


def _rows_along(
    chart: ChainDiagram, rows: list[list[Node]], widths: Mapping[str, float], room: Room, stretch: float
) -> tuple[list[tuple[float, float]], list[Label]]:
    along, heads, y, said = [], [], 1.0, ""
    for place, row in enumerate(rows):
        column = [node for node in chart.nodes if node.column == row[0].column]
        new_column = place == 0 or rows[place - 1][0].column != row[0].column
        group = _shared_group(column)
        if place:
            y += (44.0 if new_column else 30.0) * stretch
        if group and new_column and group != said:
            lines = wrap(group, room.width / 1.1, room.small)
            heads.append(Label(lines=lines, x=0.0, top=y, size=room.small, look="strong halo"))
            y += block_height(lines, room.small) + 4.0
            said = group
        tall = max(_box_height(chart, node, widths[node.key], room) for node in row)
        along.append((y, y + tall))
        y += tall
    return along, heads


def _pairs(chart: ChainDiagram) -> list[tuple[str, str]]:
    return [(bond.source, bond.target) for bond in chart.links]


def _scene(
    chart: ChainDiagram,
    spans: _Spans,
    boxes: Mapping[str, Box],
    heads: tuple[Label, ...],
    height: float,
    room: Room,
    *,
    across: bool,
) -> Scene:
    routes = spans.layers.routes
    leaving = _ports(routes, spans, at=0)
    arriving = _ports(routes, spans, at=-1)
    level = {key: at for at, keys in enumerate(spans.layers.orders) for key in keys}
    drawn = []
    for place, route in enumerate(routes):
        sides = [leaving[place], *(spans.sides[key] for key in route[1:-1]), arriving[place]]
        hops = []
        for at in range(len(route) - 1):
            start, end = spans.along[level[route[at]]][1], spans.along[level[route[at + 1]]][0]
            hops.append(Hop(along0=start, side0=sides[at], along1=end, side1=sides[at + 1]))
        drawn.append(Route(hops=tuple(hops), across=across))
    labels = {node.key: _node_labels(chart, node, boxes[node.key], room) for node in chart.nodes}
    if not across:
        ink = [point for route in drawn for point in points_on(route)]
        heads = tuple(_clear(each, ink, room) for each in heads)
    return Scene(boxes=boxes, labels=labels, routes=tuple(drawn), headings=heads, height=height)


def _clear(heading: Label, ink: Sequence[tuple[float, float]], room: Room) -> Label:
    """Move the heading as far left in its row as links let it be."""
    free = int(room.width - (box_of(heading).right - box_of(heading).left) - 1.0)
    shifted = [replace(heading, x=float(x)) for x in range(0, max(1, free), 6)]
    return min(shifted, key=lambda each: (_touching(box_of(each), ink), each.x))


def _touching(box: Box, ink: Sequence[tuple[float, float]]) -> int:
    return sum(box.left - 5 < x < box.right + 5 and box.top - 4 < y < box.bottom + 4 for x, y in ink)


def _ports(routes: Sequence[Sequence[str]], spans: _Spans, *, at: int) -> dict[int, float]:
    """Where each link touches its box, so that links at one side fan out in the order they go."""
    groups: dict[str, list[int]] = {}
    for place, route in enumerate(routes):
        groups.setdefault(route[at], []).append(place)
    found = {}
    for key, places in groups.items():
        places.sort(key=lambda place: (spans.sides[routes[place][1 if at == 0 else -2]], place))
        step = min(_PORT, (spans.sizes[key] - 8.0) / len(places))
        for order, place in enumerate(places):
            found[place] = spans.sides[key] + (order - (len(places) - 1) / 2.0) * step
    return found


def text_boxes(scene: Scene) -> list[Box]:
    """Boxes and headings, which a word on a link must keep clear of."""
    return [*scene.boxes.values(), *(box_of(each) for each in scene.headings)]
