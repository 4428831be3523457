"""Typed rows into a draft of the ledger: parts of a good size, sums and the quarantine on the way."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import polars as pl

from ayni.ledger import pairs as index
from ayni.ledger.drafts import Draft
from ayni.ledger.records import Quarantined, Sum
from ayni.ledger.schemas import DETAILS, FLOWS, OBSERVATIONS, PAIRS, QUARANTINE, SUMS
from ayni.sources.contract import Rows

# A part holds about so many rows of the file: enough to be quick to query, few enough to hold in memory.
_PART_ROWS = 262_144
# So many faults are shown; all are kept.
_SHOWN = 20
_BY = ("stage", "year", "year_kind", "currency")
# Without these a row would be no figure.
_FILLED = ("provider", "recipient", "year", "year_kind", "stage", "amount", "currency")
_FILLED_OBSERVATIONS = ("indicator", "place", "value", "unit")


class Writer:
    """Takes the rows of one file and writes them as parts, in a thread of its own.

    Parameters
    ----------
    draft : Draft
        Where they go.
    file, origin, vintage, dataset : str
        What every row of the file shares.
    mends : bool
        Whether its rows were set aside before.
    """

    def __init__(
        self, draft: Draft, *, file: str, origin: str, vintage: str, dataset: str, mends: bool = False
    ) -> None:
        self._draft, self._mends = draft, mends
        self._file, self._origin, self._vintage = file, origin, vintage
        self._details = DETAILS + dataset.replace("-", "_")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._writing: Future[None] | None = None
        self._held: list[Rows] = []
        self._held_rows = 0
        self._sums: list[pl.DataFrame] = []
        self._pairs: list[pl.DataFrame] = []
        self.read = self.kept = self.partly = self.quarantined = 0
        self.faulty: tuple[Quarantined, ...] = ()
        self.damaged_text = False
        # Lines of rows that were set aside whole, for a file that mends.
        self.aside: list[int] = []

    def take(self, rows: Rows) -> None:
        """Take some rows; they are written once there are enough of them."""
        if rows.refused is not None and not rows.refused.is_empty():
            rows = self._refused(rows, rows.refused)
        self.kept += _given(rows).len() if rows.kept is None else rows.kept
        self._held.append(rows)
        self._held_rows += rows.read
        self.read += rows.read
        if self._held_rows >= _PART_ROWS:
            self._flush()

    def _refused(self, rows: Rows, refused: pl.DataFrame) -> Rows:
        """Count what was refused, and return the rows with whether each was refused whole."""
        given = _given(rows) if rows.kept is None else pl.Series([], dtype=pl.Int64)
        partly = refused["line"].is_in(given.implode())
        refused = refused.with_columns(partly.alias("partly"))
        whole = refused.filter(~partly)["line"]
        self.partly += refused.filter(partly)["line"].n_unique()
        self.quarantined += whole.n_unique() if rows.kept is None else rows.read - rows.kept
        self.damaged_text = self.damaged_text or "not-utf8" in refused["code"]
        if self._mends:
            self.aside += whole.to_list()
        self._show(refused)
        if self._mends:
            # What is still wrong stays set aside as the row that it was in its own file.
            refused = refused.filter("partly")
        return replace(rows, refused=refused)

    def finish(self) -> tuple[Sum, ...]:
        """Write what is held and return what the file's flows add up to."""
        self._flush()
        self._wait()
        if not self._sums:
            return ()
        total = (
            pl.concat(self._sums)
            .group_by(_BY)
            .agg(pl.col("rows", "amount", "paired", "constant").sum())
            .sort(_BY)
        )
        total = self._add_totals("sums", total, SUMS)
        self._add_totals("pairs", index.joined(self._pairs), PAIRS)
        return tuple(Sum(**row) for row in total.iter_rows(named=True))

    def _add_totals(self, table: str, totals: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        """Write totals of the whole file, once, and return them."""
        own = totals.with_columns(origin=pl.lit(self._origin))
        typed = own.select(pl.col(name).cast(kind) for name, kind in schema.items())
        self._draft.add(table, typed, origin=self._origin)
        return typed

    def close(self) -> None:
        """End the thread, whatever it was doing."""
        self._thread.shutdown()

    def _flush(self) -> None:
        held, self._held, self._held_rows = self._held, [], 0
        self._wait()
        if held:
            self._writing = self._thread.submit(self._write, held)

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()

    def _write(self, held: list[Rows]) -> None:
        flows = _joined(rows.flows for rows in held)
        if flows is not None:
            _refuse_holes(flows, _FILLED, "amount")
            self._sums.append(_summed(flows))
            self._pairs.append(index.pairs(flows))
            self._draft.add("flows", self._placed(flows, FLOWS), origin=self._origin)
        observed = _joined(rows.observations for rows in held)
        if observed is not None:
            _refuse_holes(observed, _FILLED_OBSERVATIONS, "value")
            self._draft.add("observations", self._placed(observed, OBSERVATIONS), origin=self._origin)
        details = _joined(rows.details for rows in held)
        if details is not None:
            printed = details.with_columns(pl.lit(self._origin).alias("origin"), self._row())
            self._draft.add(self._details, printed, origin=self._origin)
        refused = _joined(rows.refused for rows in held)
        if refused is not None:
            self._draft.add("quarantine", self._told(refused), origin=self._origin)

    def _row(self) -> pl.Expr:
        return pl.concat_str(pl.lit(f"{self._file}:"), pl.col("line")).alias("row")

    def _placed(self, frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
        """Return rows with where they come from, in the ledger's columns."""
        return frame.with_columns(
            self._row(), origin=pl.lit(self._origin), vintage=pl.lit(self._vintage)
        ).select(list(schema))

    def _told(self, refused: pl.DataFrame) -> pl.DataFrame:
        own = refused.with_columns(origin=pl.lit(self._origin), file=pl.lit(self._file))
        return own.select(list(QUARANTINE))

    def _show(self, refused: pl.DataFrame) -> None:
        room = _SHOWN - len(self.faulty)
        if room > 0:
            told = self._told(refused.head(room))
            self.faulty += tuple(Quarantined(**row) for row in told.iter_rows(named=True))


def _refuse_holes(rows: pl.DataFrame, filled: Iterable[str], figure: str) -> None:
    """Raise if a source left out what every row must say, which is its defect."""
    for column in filled:
        if rows[column].null_count():
            raise ValueError(f"a row has no {column}")
    if not rows[figure].is_finite().all():
        raise ValueError(f"a row's {figure} is not finite")


def _given(rows: Rows) -> pl.Series:
    """Return the lines that gave something, each once."""
    lines = [given["line"] for given in (rows.flows, rows.observations) if given is not None]
    return pl.concat(lines).unique() if lines else pl.Series([], dtype=pl.Int64)


def _joined(frames: Iterable[pl.DataFrame | None]) -> pl.DataFrame | None:
    """Return the frames as one; None where there are no rows."""
    some = [frame for frame in frames if frame is not None and not frame.is_empty()]
    return pl.concat(some, rechunk=False) if some else None


def _summed(flows: pl.DataFrame) -> pl.DataFrame:
    if flows["price_base"].null_count() < flows.height:
        # Some files print the same money again at constant prices, in rows of its own.
        flows = flows.filter(pl.col("price_base").is_null())
    paired = pl.col("constant").is_not_null() & (pl.col("amount") > 0)
    return flows.group_by(_BY).agg(
        rows=pl.len().cast(pl.Int64),
        amount=pl.col("amount").sum(),
        paired=pl.col("amount").filter(paired).sum(),
        constant=pl.col("constant").filter(paired).sum(),
    )
