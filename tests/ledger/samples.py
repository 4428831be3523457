"""Hand-made rows and ledgers, with every column that a test does not care about filled in."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from ayni.ledger.records import Break, Flow, Observation
from ayni.ledger.schemas import TABLES
from ayni.ledger.store import Ledger
from ayni.remember import Kept

_LINE = itertools.count(2)


def observation(indicator="area", place="PER", year=2020, value=1.0, **more) -> Observation:
    told = {
        "counterpart": "",
        "until": None,
        "year_kind": "calendar",
        "part_year": "",
        "unit": "ha",
        "low": None,
        "high": None,
        "status": "reported",
        "vintage": "",
        "origin": "somebody",
        "caveats": "",
        "note": "",
        "row": f"figures/made.csv:{next(_LINE)}",
    } | more
    return Observation(indicator=indicator, place=place, year=year, value=float(value), **told)


def flow(year=2020, amount=1.0, **more) -> Flow:
    told = {
        "provider": "USA",
        "recipient": "PER",
        "until": None,
        "year_kind": "us-fiscal",
        "stage": "obligated",
        "form": "",
        "purposes": "",
        "account": "",
        "agency": "",
        "channel": "",
        "currency": "USD",
        "price_base": None,
        "vintage": "",
        "origin": "release",
        "status": "counted",
        "caveats": "",
        "note": "",
        "row": f"figures/flows-made.csv:{next(_LINE)}",
    } | more
    return Flow(year=year, amount=float(amount), **told)


def break_at(year: int, kind: str, indicator="area", place="PER") -> Break:
    return Break(
        indicator=indicator,
        place=place,
        year=year,
        kind=kind,
        origin="somebody",
        es="algo cambia",
        en="something changes",
        row=f"figures/breaks.csv:{next(_LINE)}",
    )


def line(indicator: str, values: Mapping[int, float], place="PER", **more) -> list[Observation]:
    return [observation(indicator, place, year, value, **more) for year, value in values.items()]


def table(name: str, rows: Iterable[Any]) -> pl.DataFrame:
    return pl.DataFrame([asdict(row) for row in rows], schema=TABLES[name], orient="row")


def ledger_of(
    observations: Iterable[Observation] = (),
    flows: Iterable[Flow] = (),
    breaks: Iterable[Break] = (),
    concepts: Mapping[str, str] | None = None,
) -> Ledger:
    """A ledger in memory; `concepts` gives each indicator's concept, by default its own name."""
    observed = list(observations)
    known = dict.fromkeys(row.indicator for row in observed) | dict(concepts or {})
    indicators = [
        {
            "key": key,
            "concept": concept or key,
            "unit": "ha",
            "interest": "",
            "es": key,
            "en": key,
            "publisher": "",
        }
        for key, concept in known.items()
    ]
    empty = {name: pl.DataFrame(schema=schema) for name, schema in TABLES.items()}
    made = {
        "observations": table("observations", observed),
        "flows": table("flows", flows),
        "breaks": table("breaks", breaks),
        "indicators": pl.DataFrame(indicators, schema=TABLES["indicators"], orient="row"),
    }
    kept: Kept = dict[Any, Any](empty | made)
    return Ledger(path=Path("nowhere"), parts=(), kept=kept)
