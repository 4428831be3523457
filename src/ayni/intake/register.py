"""The files that a ledger holds, so that none is read twice and each row names where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ayni.intake.records import Taken
from ayni.ledger.drafts import Draft
from ayni.ledger.schemas import INGESTS, ORIGINS
from ayni.ledger.store import Ledger, frame

_TOLD = ("source", "dataset", "origin", "sha256", "encoding", "size_bytes", "read", "kept", "quarantined")


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
        rows = frame(ledger, "ingests").iter_rows(named=True)
        self._by_hash: dict[str, dict[str, object]] = {str(row["sha256"]): row for row in rows}

    @property
    def vintages(self) -> Mapping[str, str]:
        """The release of each origin in the ledger, by the origin's key."""
        return self._vintages

    def has_size(self, size_bytes: int) -> bool:
        """Return whether a file of that size is in the ledger."""
        return any(row["size_bytes"] == size_bytes for row in self._by_hash.values())

    def known(self, sha256: str, file: str) -> Taken | None:
        """Return the file as known, if its very bytes are in the ledger."""
        row = self._by_hash.get(sha256)
        if row is None:
            return None
        told: dict[str, object] = {name: row[name] for name in _TOLD}
        return Taken(file=file, outcome="known", **told)  # type: ignore[arg-type]  # the columns of the record

    def commit(self, row: dict[str, object], origin: dict[str, object] | None) -> None:
        """Let a file count, with its row of the ingests and the origin that it makes."""
        key = str(row["origin"])
        self.draft.add("ingests", pl.DataFrame([row], schema=INGESTS, orient="row"), origin=key)
        if origin is not None:
            self._vintages[key] = str(origin["vintage"])
            self.draft.add("origins", pl.DataFrame([origin], schema=ORIGINS, orient="row"), origin=key)
        self.draft.commit()
        self._by_hash[str(row["sha256"])] = row
