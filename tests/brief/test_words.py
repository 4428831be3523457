"""The page has a word for everything it may have to name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import pytest

from ayni.brief.charts import Status
from ayni.claims.numbers import OPERATIONS
from ayni.claims.results import NODE_KINDS
from ayni.claims.rules import CAUSAL
from ayni.language import message
from ayni.ledger.records import STATUSES
from ayni.trends import RULES

ABOUT = {"parts": "a", "count": 2, "at": 2024, "parameter": "15%"}
WANTED: dict[str, Iterable[str]] = {
    "rule": RULES,
    "family": RULES,
    "made": OPERATIONS,
    "node": NODE_KINDS,
    "status": (*STATUSES, *get_args(Status)),
    "answer": (*CAUSAL, "out-of-reach"),
    "tally-one": (*CAUSAL, "out-of-reach"),
    "tally-many": (*CAUSAL, "out-of-reach"),
    "tally-all": (*CAUSAL, "out-of-reach"),
    "interval": ("conformal", "bounds", "none"),
}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("kind", WANTED)
def test_everything_that_may_be_named_has_a_word(kind: str, language: str):
    told = ABOUT | {"tally": "a", "fact": "a"}
    assert all(message(language, f"page.{kind}.{key}", **told) for key in WANTED[kind])
