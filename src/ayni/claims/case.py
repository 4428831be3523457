"""A case at hand: the ledger with what is asked, listed and named about it.

Everything derived is worked out when first needed and kept with the case, so that a
question asked twice is answered once. A case over a revised ledger starts empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ayni.claims.records import Claim, Pointer
from ayni.claims.results import Chain
from ayni.designs.records import Question
from ayni.designs.specification import Frozen
from ayni.designs.table import Asked
from ayni.ledger.store import Ledger
from ayni.remember import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a dossier asks of its ledger.

    Attributes
    ----------
    ledger : Ledger
        The figures.
    indexes : tuple of str
        Quarterly price indexes, the preferred base first.
    pointers, questions, specifications, claims : dict
        By key.
    asked : dict of str to tuple of Asked
        The designs that answer each question, in order of printing.
    chain : Chain
        The results chain.
    kept : dict
        Numbers, effects and verdicts worked out so far.
    """

    ledger: Ledger
    indexes: tuple[str, ...]
    pointers: Mapping[str, Pointer]
    questions: Mapping[str, Question]
    asked: Mapping[str, tuple[Asked, ...]]
    specifications: Mapping[str, Frozen]
    claims: Mapping[str, Claim]
    chain: Chain
    kept: Kept = field(default_factory=dict, repr=False, compare=False)


def over(case: Case, ledger: Ledger) -> Case:
    """Return the same case over another ledger."""
    return replace(case, ledger=ledger, kept={})
