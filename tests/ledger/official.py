"""Small ledgers of official files, made by hand, through the same door that files go through."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from ayni.ledger.drafts import drafting
from ayni.ledger.pairs import joined, pairs
from ayni.ledger.records import Flow, Ingest, Observation, Origin
from ayni.ledger.schemas import INGESTS, PAIRS, SUMS
from ayni.ledger.store import Ledger
from tests.ledger.samples import flow, observation, table


@dataclass(frozen=True, kw_only=True)
class File:
    """One official file: its flows and observations get origin, vintage and row from it."""

    dataset: str
    vintage: str = "2025-04-02"
    flows: Sequence[Flow] = ()
    observations: Sequence[Observation] = ()
    details: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    cautions: str = ""
    verified: bool = True
    key: str = ""
    name: str = ""

    @property
    def origin(self) -> str:
        return self.key or f"{self.dataset}-{self.vintage}"

    @property
    def file(self) -> str:
        return self.name or f"{self.dataset}_{self.vintage}.csv"

    @property
    def placed(self) -> list[Flow]:
        return [
            replace(one, origin=self.origin, vintage=self.vintage, row=f"{self.file}:{line}")
            for line, one in enumerate(self.flows, start=2)
        ]


def ledger_with(folder: Path, *files: File, parts: int = 1, indexed: bool = True) -> Ledger:
    """Write files into a ledger; `parts` cuts the flows of each into so many, `indexed` writes pairs."""
    with drafting(folder) as draft:
        for file in files:
            flows = table("flows", file.placed)
            size = max(1, -(-flows.height // parts))
            cut = [flows.slice(start, size) for start in range(0, flows.height, size)]
            for part in cut:
                draft.add("flows", part, origin=file.origin)
            if indexed and cut:
                summed = joined(pairs(part) for part in cut)
                draft.add("pairs", summed.select(list(PAIRS)), origin=file.origin)
            _beside(draft, file, flows)
        return draft.commit()


def _beside(draft: Any, file: File, flows: pl.DataFrame) -> None:
    origin = file.origin
    if flows.height:
        draft.add("sums", sums_of(flows), origin=origin)
    if file.observations:
        placed = [
            replace(one, origin=origin, vintage=file.vintage, row=f"{file.file}:{line}")
            for line, one in enumerate(file.observations, start=2)
        ]
        draft.add("observations", table("observations", placed), origin=origin)
    if file.details:
        rows = [one.row for one in file.placed]
        columns = {name: list(values) for name, values in file.details.items()}
        details = pl.DataFrame({**columns, "row": rows[: len(next(iter(columns.values())))]})
        draft.add(
            f"details_{file.dataset.replace('-', '_')}",
            details.with_columns(pl.lit(origin).alias("origin")),
            origin=origin,
        )
    digest = hashlib.sha256(origin.encode()).hexdigest()
    about = Origin(
        key=origin,
        publisher="A publisher",
        title=f"A file: {file.dataset}",
        vintage=file.vintage,
        url="https://example.org/data",
        licence="us-gov-public-domain",
        sha256=digest,
    )
    told: dict[str, Any] = dict.fromkeys(INGESTS, "") | {
        "origin": origin,
        "source": file.dataset.partition("-")[0],
        "dataset": file.dataset,
        "file": file.file,
        "sha256": digest,
        "size_bytes": 1,
        "read": flows.height,
        "kept": flows.height,
        "quarantined": 0,
        "verified": file.verified,
        "cautions": file.cautions,
    }
    draft.add("origins", table("origins", [about]), origin=origin)
    draft.add("ingests", table("ingests", [Ingest(**told)]), origin=origin)


def sums_of(flows: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of a file, added row by row."""
    found: dict[tuple[Any, ...], list[float]] = {}
    for row in flows.iter_rows(named=True):
        key = tuple(row[name] for name in ("origin", "stage", "year", "year_kind", "currency"))
        heap = found.setdefault(key, [0, 0.0, 0.0, 0.0])
        heap[0] += 1
        heap[1] += row["amount"]
        if row["constant"] is not None and row["amount"] > 0:
            heap[2] += row["amount"]
            heap[3] += row["constant"]
    return pl.DataFrame([(*key, *heap) for key, heap in found.items()], schema=SUMS, orient="row")


def fiscal(year: int, amount: float, *, ratio: float | None = None, **more: Any) -> Flow:
    """Return a flow of a fiscal year; `ratio` gives its constant amount."""
    constant = None if ratio is None else float(round(amount * ratio))
    return flow(year, amount, **({"constant": constant, "stage": "disbursed"} | more))


def index(indicator: str, place: str, values: Mapping[int, float], **more: Any) -> Iterable[Observation]:
    """Return a yearly indicator of the World Bank."""
    return [
        observation(indicator, place, year, value, **({"unit": ""} | more)) for year, value in values.items()
    ]
