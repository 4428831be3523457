"""Frozen lists of comparisons and doses: methods, pools of places, windows and transformations.

As `ayni.designs.specification` does for projections; every combination is run, refusals included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from ayni.designs.comparison import Comparison
from ayni.designs.dose import Dose
from ayni.designs.records import Design


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Places that are compared with, under a name.

    Attributes
    ----------
    es, en : str
        The name.
    places, without : str
        See `ayni.designs.places.named`.
    """

    es: str
    en: str
    places: str
    without: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSpecification:
    """A frozen list of comparisons or of doses.

    Attributes
    ----------
    key, question : str
        Its name and the question that it answers.
    design : str
        ``comparison`` or ``dose``.
    methods : tuple of str
        Of a comparison.
    pools : tuple of Pool
    starts : tuple of int
        First years of the panel; 0 for the first there is.
    floors : tuple of float
        Of a comparison, see there.
    lags : tuple of int
        Of a dose, see there.
    transforms : tuple of str
    frozen, digest : str
        Date on which the list was closed, and its digest then.
    """

    key: str
    question: str
    design: str
    methods: tuple[str, ...]
    pools: tuple[Pool, ...]
    starts: tuple[int, ...]
    floors: tuple[float, ...]
    lags: tuple[int, ...]
    transforms: tuple[str, ...]
    frozen: str
    digest: str


def panel_listed(specification: PanelSpecification) -> tuple[tuple[str, ...], ...]:
    """Return every combination as text, the last choice changing quickest.

    Of comparisons: method, places, without, first year, floor, transformation. Of doses: places, first year,
    lag, transformation.
    """
    told = specification
    starts, floors = map(str, told.starts), (f"{floor:g}" for floor in told.floors)
    pools = [(pool.places, pool.without) for pool in told.pools]
    if told.design == "dose":
        lags = map(str, told.lags)
        return tuple(
            (places, start, lag, transform)
            for (places, _), start, lag, transform in product(pools, starts, lags, told.transforms)
        )
    return tuple(
        (method, places, without, start, floor, transform)
        for method, (places, without), start, floor, transform in product(
            told.methods, pools, starts, floors, told.transforms
        )
    )


def panel_designs(specification: PanelSpecification) -> tuple[Design, ...]:
    """Return the design of every combination."""
    listed = panel_listed(specification)
    if specification.design == "dose":
        return tuple(
            Dose(places=places, since=int(start), lag=int(lag), transform=transform, with_dealings=False)
            for places, start, lag, transform in listed
        )
    return tuple(
        Comparison(
            method=method,
            controls=places,
            without=without,
            since=int(start),
            floor=float(floor),
            transform=transform,
            with_placebos=False,
        )
        for method, places, without, start, floor, transform in listed
    )
