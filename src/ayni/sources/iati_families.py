"""Parents and children that both have plans: the same money, planned twice.

An activity's budget is often the sum of its children's. Whichever of the two stands later in the file gets
a caveat on its plans, for a file is read once and what has been read is not changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from ayni.sources.contract import Rows
from ayni.sources.iati_codes import BUDGETS, PLANS
from ayni.sources.iati_flatten import Flat
from ayni.sources.iati_sheet import TRANSACTION

PARENT, CHILD = "parent-also-budgets", "child-also-budgets"
_STAGES = (*BUDGETS.values(), *PLANS.values())


@dataclass(slots=True, kw_only=True)
class Families:
    """Who has plans, and who is whose parent, so far; hashes of identifiers, for there may be a million.

    Attributes
    ----------
    planning : set of int
        Activities that have plans.
    of_planning_parents, of_planning_children : set of int
        Activities that one with plans names as its child, as its parent.
    """

    planning: set[int] = field(default_factory=set)
    of_planning_parents: set[int] = field(default_factory=set)
    of_planning_children: set[int] = field(default_factory=set)

    def add(self, flat: Flat) -> dict[str, str]:
        """Take a block's activities in; return the caveat for plans of each that gets one."""
        plans = flat.records.filter(pl.col("element") != TRANSACTION)["number"].unique().sort()
        told: dict[str, str] = {}
        rows = flat.activities.select("activity", "parents", "children")[plans].drop_nulls("activity")
        for activity, parents, children in rows.iter_rows():
            # As `iati_sheet` writes it in a list.
            own = hash(activity.replace(" ", "_").replace("|", "_"))
            above = {hash(one) for one in (parents or "").split()}
            below = {hash(one) for one in (children or "").split()}
            marks = []
            if own in self.of_planning_parents or above & self.planning:
                marks.append(PARENT)
            if own in self.of_planning_children or below & self.planning:
                marks.append(CHILD)
            if marks:
                told[activity] = ";".join(marks)
            self.planning.add(own)
            self.of_planning_parents |= below
            self.of_planning_children |= above
        return told


def marked(rows: Rows, told: dict[str, str]) -> Rows:
    """Return rows with the caveats of `Families.add` on the plans of the activities named."""
    if not told or rows.flows is None:
        return rows
    caveat = pl.col("activity").replace_strict(told, default=None, return_dtype=pl.String())
    wanted = pl.col("stage").is_in(_STAGES) & caveat.is_not_null()
    flows = rows.flows.with_columns(
        caveats=pl.when(wanted)
        .then(pl.concat_str(pl.col("caveats").replace("", None), caveat, separator=";", ignore_nulls=True))
        .otherwise("caveats")
    )
    return replace(rows, flows=flows)
