r"""Zeros of which a Poisson regression has no finite fit.

With constants :math:`\alpha_i + \gamma_t` the likelihood has no maximum where constants exist that are 0 in
every cell with a positive outcome, nowhere positive, and negative in some cells whose outcome is 0: along
them the fit of those cells falls for ever. Units and periods that positive outcomes join move together; each
zero between two such groups says which may not rise above the other; a zero is separated unless others say
the same the other way round.

References
----------
Correia, S., Guimarães, P. and Zylkin, T., 2019, arXiv:1903.01633, Proposition 1.
"""

from __future__ import annotations

import numpy as np

from ayni.panel.records import Flags, Places


def separated(used: Flags, positive: Flags) -> Flags:
    """Return which used cells, (N, T) bool, have no finite fit by constants of units and periods."""
    gone: Flags = np.zeros(used.shape, np.bool_)
    while True:
        kept = used & ~gone
        some = positive & kept
        empty = kept & ~(some.any(axis=1, keepdims=True) & some.any(axis=0, keepdims=True))
        if not empty.any():
            break
        gone |= empty
    if not some.any():
        return gone
    units, periods = _joined(some)
    rows, columns = np.nonzero(kept & ~positive)
    below, above = units[rows], periods[columns]
    size = int(max(units.max(), periods.max())) + 1
    reach = np.eye(size, dtype=np.bool_)
    reach[below, above] = True
    while True:
        further = (reach.astype(np.float64) @ reach) > 0
        if (further == reach).all():
            break
        reach = further
    apart = ~reach[above, below]
    gone[rows[apart], columns[apart]] = True
    return gone


def _joined(some: Flags) -> tuple[Places, Places]:
    """Return the group of each unit and period: those that positive outcomes join; -1 without any."""
    units = np.full(some.shape[0], -1)
    periods = np.full(some.shape[1], -1)
    group = 0
    for first in range(len(units)):
        if units[first] >= 0 or not some[first].any():
            continue
        units[first] = group
        while True:
            joined = some[units == group].any(axis=0)
            wider = some[:, joined].any(axis=1)
            periods[joined] = group
            if (units[wider] == group).all():
                break
            units[wider] = group
        group += 1
    return units, periods
