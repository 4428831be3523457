"""The diagnostics of `ayni.panel`, worded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress

from ayni.designs.checks import measured
from ayni.designs.records import Check
from ayni.panel import PanelError, checks, sign_kept
from ayni.panel.records import Estimate, Panel

# Printed in percent, as shares are.
_SHARES = frozenset({"pre-fit", "leave-one-out"})


def worded(panel: Panel, estimate: Estimate, method: Callable[[Panel], Estimate]) -> Iterator[Check]:
    """Yield every diagnostic of an estimate, in both languages."""
    made = list(checks(panel, estimate))
    with suppress(PanelError):  # one control only
        made.append(sign_kept(panel, estimate, method))
    for one in made:
        known = math.isfinite(one.value)
        factor = 100.0 if one.code in _SHARES else 1.0
        yield measured(
            one.code,
            one.passed if known else None,
            factor * one.value if known else None,
            factor * one.limit,
        )
