"""What a flow serves: one of the five interests, something else, or what no table tells."""

from __future__ import annotations

from ayni.ledger.purposes import INTERESTS, NONE, UNMAPPED, interest
from ayni.ledger.records import Flow

OTHER, ANY = "other", "any"
KINDS = (*INTERESTS, OTHER, UNMAPPED, ANY)


def served(row: Flow) -> str:
    """Return the interest that a flow serves; `other` for none of the five, `unmapped` where none is told."""
    found = interest(row.purposes, row.account, "us")
    return OTHER if found == NONE else found


def serves(row: Flow, kind: str) -> bool:
    """Return whether a flow serves one of `KINDS`; `any` is any of the five interests."""
    found = served(row)
    return found in INTERESTS if kind == ANY else found == kind
