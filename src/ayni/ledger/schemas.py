"""The columns of the ledger's tables: the one place where they are declared.

A reader takes its types, a part its layout and the reference page its rows from here.
"""

from __future__ import annotations

from dataclasses import MISSING, fields

import polars as pl

from ayni.ledger.records import Break, Flow, Ingest, Observation, Origin, Pair, Quarantined, Sum

_TYPES = {
    "str": pl.String(),
    "int": pl.Int64(),
    "int | None": pl.Int64(),
    "float": pl.Float64(),
    "float | None": pl.Float64(),
    "dt.date | None": pl.Date(),
    "bool": pl.Boolean(),
}


def _columns(record: type) -> dict[str, pl.DataType]:
    return {f.name: _TYPES[str(f.type)] for f in fields(record)}


FLOWS = _columns(Flow)
# What a dossier's own tables print of a flow; official files give the rest as well.
FIGURE_FLOWS = {f.name: FLOWS[f.name] for f in fields(Flow) if f.default is MISSING}
OBSERVATIONS = _columns(Observation)
ORIGINS = _columns(Origin)
INGESTS = _columns(Ingest)
QUARANTINE = _columns(Quarantined)
SUMS = _columns(Sum)
PAIRS = _columns(Pair)
# Whatever else a file prints is kept in a table of its own: this and the dataset, `details_fagov_country`.
DETAILS = "details_"
BREAKS = _columns(Break)
PLACES: dict[str, pl.DataType] = {name: pl.String() for name in ("key", "es", "en", "parent")}
INDICATORS: dict[str, pl.DataType] = {
    name: pl.String() for name in ("key", "concept", "unit", "interest", "es", "en", "publisher")
}
LICENCES: dict[str, pl.DataType] = {name: pl.String() for name in ("key", "es", "en")}
LABELS: dict[str, pl.DataType] = {name: pl.String() for name in ("kind", "key", "es", "en")}
TABLES: dict[str, dict[str, pl.DataType]] = {
    "flows": FLOWS,
    "observations": OBSERVATIONS,
    "origins": ORIGINS,
    "places": PLACES,
    "indicators": INDICATORS,
    "licences": LICENCES,
    "labels": LABELS,
    "breaks": BREAKS,
    "ingests": INGESTS,
    "quarantine": QUARANTINE,
    "sums": SUMS,
    "pairs": PAIRS,
}
