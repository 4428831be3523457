"""Draw a results chain: left to right where the columns fit, top to bottom on a phone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ayni.brief.charts.chain import Bond, ChainDiagram
from ayni.brief.charts.chain_places import Scene, downwards, rightwards
from ayni.brief.charts.chain_routes import Route, head, route_data
from ayni.brief.charts.chain_tags import Tagged, tag_all
from ayni.brief.charts.frame import KeyEntry, Note, badge, key, notes
from ayni.brief.charts.svg import Drawing, Room, element, is_narrow, link, number, path
from ayni.brief.charts.text import Box, Label, write

WIDTHS = (1.1, 1.8, 2.8, 4.0, 5.4)
_CROSS = "×"
_STRETCHES = (1.0, 1.5, 2.2, 3.2, 4.5, 7.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What stands on a link, and the note it refers to below, if any."""

    mark: str
    note: Note | None


def chain_layout(chart: ChainDiagram, room: Room) -> Drawing:
    """Draw the body; links are named in place when every name fits, else numbered with notes below."""
    for stretch in _STRETCHES:
        scene = _scene(chart, room, stretch)
        for said, pill in ((_in_words(chart), False), (_in_numbers(chart), True)):
            tags = tag_all(scene, [each.mark for each in said], room, pill=pill)
            if tags is not None:
                return _compose(chart, scene, tags, said, room)
    scene, said = _scene(chart, room, _STRETCHES[-1]), _in_numbers(chart)
    tags = tag_all(scene, [each.mark for each in said], room, pill=True, whatever=True)
    return _compose(chart, scene, tags or (), said, room)


def _scene(chart: ChainDiagram, room: Room, stretch: float) -> Scene:
    wide = None if is_narrow(room) else rightwards(chart, room, stretch)
    return wide or downwards(chart, room, stretch)


def _in_words(chart: ChainDiagram) -> list[_Said]:
    return [
        _Said(mark=f"{_CROSS} {b.label}".strip() if b.against else b.label.strip(), note=None)
        for b in chart.links
    ]


def _in_numbers(chart: ChainDiagram) -> list[_Said]:
    """One number for each different label; links that say the same share it."""
    numbers: dict[str, int] = {}
    said = []
    for bond in chart.links:
        sign, words = _CROSS if bond.against else "", bond.label.strip()
        fresh = words not in numbers
        if words:
            numbers.setdefault(words, len(numbers) + 1)
        note = Note(mark=str(numbers[words]), text=words) if words and fresh else None
        said.append(_Said(mark=f"{sign} {numbers.get(words, '')}".strip(), note=note))
    return said


def _compose(
    chart: ChainDiagram, scene: Scene, tags: tuple[Tagged, ...], said: Sequence[_Said], room: Room
) -> Drawing:
    bonds = sorted(zip(chart.links, scene.routes, strict=True), key=lambda pair: pair[0].strength)
    body = "".join(_bond(bond, route, chart) for bond, route in bonds)
    body += "".join(_tag(chart.links[tag.link], tag, room) for tag in tags)
    body += "".join(write(heading) for heading in scene.headings)
    for node in chart.nodes:
        body += link(_node(scene.boxes[node.key], scene.labels[node.key]), node.href)
    y = scene.height
    entries = key(tuple(_key(chart)), y + 12.0, room)
    y += entries.height + 12.0 if entries.height else 0.0
    below = notes([each.note for each in said if each.note], y + 10.0, room, "badge badge-plain")
    y += below.height + 10.0 if below.height else 0.0
    return Drawing(width=room.width, height=y + 2.0, body=body + entries.body + below.body)


def _kind(bond: Bond) -> str:
    return "against" if bond.against else "none" if bond.none else ""


def _look(base: str, kind: str) -> str:
    return f"{base} {base}-{kind}" if kind else base


def _bond(bond: Bond, route: Route, chart: ChainDiagram) -> str:
    names = {node.key: node.label for node in chart.nodes}
    width = WIDTHS[bond.strength] if not bond.none else 1.6
    data = route_data(route, width)
    drawn = element("path", {"class": _look("bond", _kind(bond)), "stroke-width": width, "d": data})
    drawn += path(head(route, width), _look("head", _kind(bond)))
    if not bond.href:
        return drawn
    spoken = f"{names[bond.source]} → {names[bond.target]}: {bond.label or _kind(bond) or bond.strength}"
    return link(path(data, "hit") + drawn, bond.href, spoken)


def _tag(bond: Bond, tag: Tagged, room: Room) -> str:
    box = tag.box
    x = (box.left + box.right) / 2.0
    if tag.pill:
        ring = "badge badge-against" if bond.against else "badge badge-plain"
        return badge(tag.lines[0], x, (box.top + box.bottom) / 2.0, room, ring)
    look = "word-against strong" if bond.against else ""
    label = Label(lines=tag.lines, x=x, top=box.top + 1.0, size=room.small, anchor="middle", look=look)
    return _rect("plate", box) + write(label)


def _rect(look: str, box: Box) -> str:
    width, height = box.right - box.left, box.bottom - box.top
    return element(
        "rect", {"class": look, "x": box.left, "y": box.top, "width": width, "height": height, "rx": 2}
    )


def _node(box: Box, labels: tuple[Label, ...]) -> str:
    return _rect("node", box) + "".join(write(label) for label in labels)


def _key(chart: ChainDiagram) -> Iterator[KeyEntry]:
    used = {bond.strength for bond in chart.links if not bond.none and not bond.against}
    for strength, word in chart.strength_labels:
        if strength in used:
            yield KeyEntry(label=word, sign=_sign("bond", WIDTHS[strength]))
    if any(bond.none for bond in chart.links):
        yield KeyEntry(label=chart.headings.none, sign=_sign("bond bond-none", 1.6))
    if any(bond.against for bond in chart.links):
        yield KeyEntry(label=f"{_CROSS} {chart.headings.against}", sign=_sign("bond bond-against", 2.4))


def _sign(look: str, width: float) -> Callable[[float, float], str]:
    return lambda x, y: element(
        "path", {"class": look, "stroke-width": width, "d": f"M{number(x)} {number(y)}h17"}
    )
