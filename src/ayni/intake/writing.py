"""Typed rows into a draft of the ledger: parts of a good size, sums and the quarantine on the way."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import polars as pl

from ayni.ledger.drafts import Draft
from ayni.ledger.records import Quarantined, Sum
from ayni.ledger.schemas import DETAILS, FLOWS, OBSERVATIONS, QUARANTINE, SUMS
from ayni.sources.contract import Rows

# A part holds about so many rows of the file: enough to be quick to query, few enough to hold in memory.
_PART_ROWS = 262_144
# So many faults are shown; all are kept.
_SHOWN = 20
_BY = ("stage", "year", "year_kind", "currency")


class Writer:
    """Takes the rows of one file and writes them as parts, in a thread of its own.

    Parameters
    ----------
    draft : Draft
        Where they go.
    file, origin, vintage, dataset : str
        What every row of the file shares.
    """

    def __init__(self, draft: Draft, *, file: str, origin: str, vintage: str, dataset: str) -> None:
        self._draft = draft
        self._file, self._origin, self._vintage = file, origin, vintage
        self._details = DETAILS + dataset.replace("-", "_")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._writing: Future[None] | None = None
        self._held: list[Rows] = []
        self._held_rows = 0
        self._sums: list[pl.DataFrame] = []
        self.read = self.kept = self.quarantined = 0
        self.faulty: tuple[Quarantined, ...] = ()

    def take(self, rows: Rows) -> None:
        """Take some rows; they are written once there are enough of them."""
        self._held.append(rows)
        self._held_rows += rows.read
        self.read += rows.read
        refused = rows.refused
        if refused is not None and not refused.is_empty():
            self.quarantined += refused["line"].n_unique()
            self._show(refused)
        if self._held_rows >= _PART_ROWS:
            self._flush()

    def finish(self) -> tuple[Sum, ...]:
        """Write what is held and return what the file's flows add up to."""
        self._flush()
        self._wait()
        self.kept = self.read - self.quarantined
        if not self._sums:
            return ()
        total = (
            pl.concat(self._sums)
            .group_by(_BY)
            .agg(pl.col("rows", "amount", "paired", "constant").sum())
            .sort(_BY)
            .with_columns(origin=pl.lit(self._origin))
            .select(pl.col(name).cast(kind) for name, kind in SUMS.items())
        )
        self._draft.add("sums", total, origin=self._origin)
        return tuple(Sum(**row) for row in total.iter_rows(named=True))

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
            self._sums.append(_summed(flows))
            self._draft.add("flows", self._placed(flows, FLOWS), origin=self._origin)
        observed = _joined(rows.observations for rows in held)
        if observed is not None:
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


def _joined(frames: Iterable[pl.DataFrame | None]) -> pl.DataFrame | None:
    """Return the frames as one; None where there are no rows."""
    some = [frame for frame in frames if frame is not None and not frame.is_empty()]
    return pl.concat(some, rechunk=False) if some else None


def _summed(flows: pl.DataFrame) -> pl.DataFrame:
    paired = pl.col("constant").is_not_null() & (pl.col("amount") > 0)
    return flows.group_by(_BY).agg(
        rows=pl.len().cast(pl.Int64),
        amount=pl.col("amount").sum(),
        paired=pl.col("amount").filter(paired).sum(),
        constant=pl.col("constant").filter(paired).sum(),
    )
