"""The specification curve: every defensible estimate in order, and the choices behind each."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ayni.brief.charts.headings import Cell, Headings, Table
from ayni.brief.charts.inputs import check_href, check_number, check_range, check_some


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One estimate and the choices that made it.

    Parameters
    ----------
    value, low, high : float
        The estimate and, if it has one, its interval.
    choices : mapping of str to str
        For each dimension, the choice taken.
    family : str
        Family of methods it belongs to.
    href : str
        Where it is explained; drawn as a link on curves short enough to aim at.
    """

    value: float
    choices: Mapping[str, str]
    low: float | None = None
    high: float | None = None
    family: str = ""
    href: str = ""

    def __post_init__(self) -> None:
        where = f"specification {dict(self.choices)}"
        check_number(self.value, where)
        check_range(self.low, self.high, where)
        check_href(self.href, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A published claim drawn as a horizontal line with its name."""

    value: float
    label: str
    href: str = ""

    def __post_init__(self) -> None:
        check_number(self.value, f"level {self.label!r}")
        check_href(self.href, f"level {self.label!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationCurve:
    """All estimates sorted above, choices as rows of dots below.

    Parameters
    ----------
    points : tuple of Specification
        In any order; drawn from the lowest value to the highest.
    pins : tuple of Level
        Published claims on the same scale.
    zero : bool
        Whether zero is always in view.
    family_label : str
        Heading for the families as a first group of rows; empty leaves them out.
    shade_label : str
        Says under the rows that a stronger tone is a larger share (stronger, not darker: the page may be
        dark); shown when there are too many estimates for dots.
    """

    title: str
    alt: str
    unit: str
    points: tuple[Specification, ...]
    tick: Callable[[float], str]
    headings: Headings
    subtitle: str = ""
    source: str = ""
    pins: tuple[Level, ...] = ()
    zero: bool = True
    family_label: str = ""
    shade_label: str = ""

    def __post_init__(self) -> None:
        check_some(self.points, f"specification curve {self.title!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One choice and the places, in sorted order, of the estimates that took it."""

    choice: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A question of method and its possible answers, in order of first appearance."""

    name: str
    rows: tuple[ChoiceRow, ...]


def in_order(chart: SpecificationCurve) -> tuple[Specification, ...]:
    """Estimates from the lowest to the highest; ties keep their order."""
    return tuple(sorted(chart.points, key=lambda point: point.value))


def dimensions(chart: SpecificationCurve) -> tuple[Dimension, ...]:
    """List the rows of the lower panel."""
    found: dict[str, dict[str, list[int]]] = {}
    for point in chart.points:
        for name, choice in _choices(chart, point):
            found.setdefault(name, {}).setdefault(choice, [])
    for place, point in enumerate(in_order(chart)):
        for name, choice in _choices(chart, point):
            found[name][choice].append(place)
    return tuple(
        Dimension(
            name=name,
            rows=tuple(ChoiceRow(choice=choice, places=tuple(places)) for choice, places in rows.items()),
        )
        for name, rows in found.items()
    )


def _choices(chart: SpecificationCurve, point: Specification) -> Iterator[tuple[str, str]]:
    if chart.family_label and point.family:
        yield chart.family_label, point.family
    yield from point.choices.items()


def curve_table(chart: SpecificationCurve) -> Table:
    """One row for each estimate, lowest first, with its choices; then the claims."""
    heads = chart.headings
    names = tuple(dict.fromkeys(name for point in chart.points for name in point.choices))
    family = (chart.family_label,) if chart.family_label else ()
    header = (heads.series, heads.value, heads.low, heads.high, *family, *names)
    rows: list[tuple[Cell, ...]] = []
    for place, point in enumerate(in_order(chart), start=1):
        start = (str(place), point.value, point.low, point.high, *((point.family,) if family else ()))
        rows.append((*start, *(point.choices.get(name) for name in names)))
    rows.extend((pin.label, pin.value, *([None] * (len(header) - 2))) for pin in chart.pins)
    return header, tuple(rows)
