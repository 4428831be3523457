"""The files that a ledger holds, so that none is read twice and each row names where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ayni.intake.mending import Mending
from ayni.intake.records import Taken
from ayni.ledger.aside import open_lines
from ayni.ledger.drafts import Draft
from ayni.ledger.schemas import INGESTS, ORIGINS
from ayni.ledger.store import Ledger, LedgerError, frame

_TOLD = ("source", "dataset", "origin", "sha256", "encoding", "size_bytes", "read", "kept", "quarantined")
_Row = dict[str, object]


class Register:
    """The ingests of a ledger that is being written.

    Parameters
    ----------
    draft : Draft
        Of the ledger.
    """

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        ledger = Ledger(path=draft.path, parts=draft.before)
        self._vintages = dict(frame(ledger, "origins").select("key", "vintage").iter_rows())
        self._ledger = ledger
        self._rows: list[_Row] = list(frame(ledger, "ingests").iter_rows(named=True))

    @property
    def vintages(self) -> Mapping[str, str]:
        """The release of each origin in the ledger, by the origin's key."""
        return self._vintages

    def has_size(self, size_bytes: int) -> bool:
        """Return whether a file of that size is in the ledger."""
        return any(row["size_bytes"] == size_bytes for row in self._rows)

    def known(self, sha256: str, file: str, encoding: str = "") -> Taken | None:
        """Return the file as known, if its very bytes are in the ledger.

        Parameters
        ----------
        encoding : str
            What the user says of its text, if anything: read otherwise, the same bytes are other rows.
        """
        for row in self._rows:
            if row["sha256"] != sha256 or (encoding and row["encoding"] and row["encoding"] != encoding):
                continue
            told: _Row = {name: row[name] for name in _TOLD}
            return Taken(file=file, outcome="known", **told)  # type: ignore[arg-type]  # the record's columns
        return None

    def mending(self, origin: str) -> Mending:
        """Return which rows of an origin are set aside still.

        Raises
        ------
        LedgerError
            If there is no such origin.
        """
        own = [row for row in self._rows if row["origin"] == origin]
        first = next((row for row in own if not row["mends"]), None)
        if first is None:
            raise LedgerError(f"no origin {origin!r}; `ayni vintages` lists those that the ledger holds")
        return Mending(
            origin,
            dataset=str(first["dataset"]),
            source=str(first["source"]),
            open_lines=open_lines(self._ledger, origin),
        )

    def commit(self, row: dict[str, object], origin: dict[str, object] | None) -> None:
        """Let a file count, with its row of the ingests and the origin that it makes."""
        key = str(row["origin"])
        self.draft.add("ingests", pl.DataFrame([row], schema=INGESTS, orient="row"), origin=key)
        if origin is not None:
            self._vintages[key] = str(origin["vintage"])
            self.draft.add("origins", pl.DataFrame([origin], schema=ORIGINS, orient="row"), origin=key)
        self._ledger = self.draft.commit()
        self._rows.append(row)
