"""What a flow serves, and adding flows up by it."""

from __future__ import annotations

import pytest

from ayni.claims.case import Case
from ayni.claims.numbers import number
from ayni.claims.records import Pointer
from ayni.claims.results import Chain
from ayni.claims.serving import KINDS, served, serves
from ayni.ledger.purposes import INTERESTS
from tests.ledger.samples import flow, ledger_of

ROWS = {
    "drugs": ["us-sector:4", "us-category:economic;greenbook-row:narcotics-control"],
    "migration": ["us-category:economic;greenbook-row:refugee-and-migration"],
    "other": ["us-category:economic;greenbook-row:global-health-programs"],
    "unmapped": [
        "us-category:economic;greenbook-row:development-assistance",
        "us-category:economic;greenbook-row:of-nowhere",
        "us-sector:41",
        "",
    ],
}


@pytest.mark.parametrize(("kind", "purposes"), [(kind, p) for kind, ps in ROWS.items() for p in ps])
def test_a_row_serves_what_its_purpose_says_or_is_unmapped(kind: str, purposes: str):
    assert served(flow(purposes=purposes)) == kind


def test_the_name_of_an_account_tells_more_than_its_line():
    line = "us-category:economic;greenbook-row:other-state-assistance"
    assert served(flow(purposes=line)) == "unmapped"
    assert served(flow(purposes=line, account="democracy-fund-department-of-state")) == "institutions"


def test_any_is_any_of_the_five():
    rows = [flow(purposes=p) for ps in ROWS.values() for p in ps]
    assert [serves(r, "any") for r in rows] == [served(r) in INTERESTS for r in rows]


def test_the_parts_by_what_they_serve_add_up_to_the_whole():
    rows = [flow(purposes=p, amount=2.0**at) for at, p in enumerate(p for ps in ROWS.values() for p in ps)]
    ledger = ledger_of(flows=rows)
    where = (("provider", rows[0].provider), ("recipient", rows[0].recipient), ("stage", rows[0].stage))
    kinds = [kind for kind in KINDS if kind in ROWS]
    pointers = [Pointer(key=k, op="money", where=(*where, ("interest", k))) for k in kinds]
    case = Case(
        ledger=ledger, indexes=(), pointers={p.key: p for p in pointers}, questions={}, asked={},
        specifications={}, claims={}, chain=Chain(),
    )  # fmt: skip
    assert {k: number(case, k).quantity.value for k in kinds} == {
        "drugs": 1.0 + 2.0, "migration": 4.0, "other": 8.0, "unmapped": 16.0 + 32.0 + 64.0 + 128.0,
    }  # fmt: skip
