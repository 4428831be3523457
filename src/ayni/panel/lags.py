r"""What a dose does over time: distributed lags, and local projections.

Question
    How much does the outcome move in the period of the dose, and 1, 2, … periods later?
Estimand
    `distributed_lags`: :math:`\beta_0, \ldots, \beta_L` of
    :math:`Y_{it} = \alpha_i + \gamma_t + \sum_{l=-F}^{L} \beta_l D_{i,t-l} + \varepsilon_{it}`, each the
    effect of a dose :math:`l` periods ago with those between held fixed, and
    :math:`\beta_0 + \ldots + \beta_l`, the effect of a dose that stays one unit higher.
    `local_projections`: :math:`\beta_h` of
    :math:`Y_{i,t+h} - Y_{i,t-1} = \alpha_i + \gamma_t + \beta_h D_{it} + \ldots`, the effect of a dose
    :math:`h` periods later with whatever doses followed from it.
Formula
    Sums of slopes are had as slopes: with regressors :math:`D_t - D_{t-1}, \ldots, D_{t-L+1} - D_{t-L},
    D_{t-L}` the slopes are the sums up to each lag, and their errors come with them.
What carries the weight
    That no dose, past or to come, answers to the outcome's noise. Leads of the dose, and horizons before it,
    show it where it is strong.
When not to use it
    With few periods. Each lag takes one, and lags of smooth doses tell the same. And constants of units set
    periods against each other, so that local projections are off by about one over the number of periods,
    and by far more where lags of the outcome are controlled for: a path of 1, .6, .2, doses drawn anew, is
    found as 1.12, .67, .25 in 8 periods, and with two such lags as 1.07, .31, -.23 (in 40: 1.01, .58, .16).

References
----------
Schmidheiny, K. and Siegloch, S., 2023, Journal of Applied Econometrics 38(5): sums, and event studies as
distributed lags.
Jordà, Ò., 2005, AER 95(1), section I.
Nickell, S., 1981, Econometrica 49(6): constants of units beside what comes later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ayni.panel.checks import Check
from ayni.panel.dose_checks import quiet_leads
from ayni.panel.doses import pair, slopes
from ayni.panel.records import Floats, PanelError
from ayni.panel.regressions import cells
from ayni.panel.slopes import Response, Slope


def shifted(values: Floats, by: int) -> Floats:
    """Return (N, T) values of so many periods before, negative: after; NaN where the panel does not reach."""
    moved = np.full(values.shape, np.nan)
    length = values.shape[1]
    if abs(by) < length:
        moved[:, max(by, 0) : length + min(by, 0)] = values[:, max(-by, 0) : length - max(by, 0)]
    return moved


def distributed_lags(
    Y: ArrayLike,
    D: ArrayLike,
    lags: int,
    leads: int = 0,
    *,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    kind: str = "clustered",
    level: float = 0.95,
) -> Response:
    """Return the slopes on a dose and on its lags and leads, and the sums of the former.

    Cells are used where all lags and leads are known, so that the first `lags` and the last `leads` periods
    go. A dose of which nothing is known is not one of 0: write 0 where there was none.

    Parameters
    ----------
    lags : int
        Periods back, 0 or more.
    leads : int
        Periods ahead; they should show nothing, and the check `leads` says whether they do.
    Y, D, covariates, clusters, kind, level
        As in `two_way_fixed_effects`.

    Raises
    ------
    PanelError
        As in `two_way_fixed_effects`; and if lags or leads are negative, are more than the panel is long, or
        cannot be told from each other.
    """
    method = "distributed lags"
    outcome, dose = pair(method, Y, D)
    if lags < 0 or leads < 0 or lags + leads > outcome.shape[1] - 2:
        raise PanelError(
            f"{method}: {lags} lags and {leads} leads of {outcome.shape[1]} periods, expected none negative"
            " and two periods left"
        )
    at = range(-leads, lags + 1)
    moved = {_named(by): shifted(dose, by) for by in at}
    used = cells(method, {"outcome": outcome, **moved}, covariates, clusters)
    found = slopes(used, "distributed-lags", outcome, moved, level, kind)
    # The same regression, written so that its slopes are the sums.
    summed = {_summed(by): moved[_named(by)] - moved[_named(by + 1)] for by in range(lags)}
    summed[_summed(lags)] = moved[_named(lags)]
    ahead = {_named(by): moved[_named(by)] for by in range(-leads, 0)}
    sums = slopes(used, "distributed-lags", outcome, {**summed, **ahead}, level, kind)[: lags + 1]
    return Response(
        method="distributed-lags",
        at=tuple(at),
        slopes=found,
        cumulated=sums,
        checks=_before(at, found),
    )


def local_projections(
    Y: ArrayLike,
    D: ArrayLike,
    horizons: Sequence[int],
    *,
    lags: int = 0,
    covariates: Mapping[str, ArrayLike] | None = None,
    clusters: ArrayLike | None = None,
    kind: str = "clustered",
    level: float = 0.95,
) -> Response:
    """Return the slope on a dose of the change of the outcome from the period before it, at each horizon.

    Every horizon is a regression of its own, on the cells that it has; the further, the fewer.

    Parameters
    ----------
    horizons : sequence of int
        Periods since the dose. Negative ones, -2 and before, should show nothing; the check `leads` says
        whether they do.
    lags : int
        How many lags of the dose, and of the outcome's change, are controlled for. Not with few periods; see
        above.
    Y, D, covariates, clusters, kind, level
        As in `two_way_fixed_effects`.

    Raises
    ------
    PanelError
        As in `two_way_fixed_effects`; and if no horizon is asked for, one is asked for twice or is -1, at
        which the change is 0 by construction, or lags are negative.
    """
    method = "local projections"
    outcome, dose = pair(method, Y, D)
    asked = tuple(sorted(horizons))
    if not asked or len(set(asked)) < len(asked) or -1 in asked or lags < 0:
        raise PanelError(
            f"{method}: horizons {', '.join(map(str, asked)) or 'none'} with {lags} lags; expected some, each"
            " once, none of them -1 (the change from the period before is counted from there), and no"
            " negative lags"
        )
    change = outcome - shifted(outcome, 1)
    controls = dict(covariates or {})
    for by in range(1, lags + 1):
        controls[_named(by)] = shifted(dose, by)
        controls[f"change of the outcome, lag {by}"] = shifted(change, by)
    found = []
    for horizon in asked:
        moved = shifted(outcome, -horizon) - shifted(outcome, 1)
        used = cells(f"{method}, horizon {horizon}", {"outcome": moved, "dose": dose}, controls, clusters)
        found.append(slopes(used, "local-projections", moved, {_since(horizon): dose}, level, kind)[0])
    return Response(
        method="local-projections",
        at=asked,
        slopes=tuple(found),
        cumulated=(),
        checks=_before(asked, found),
    )


def _before(at: Sequence[int], found: Sequence[Slope]) -> tuple[Check, ...]:
    before = [one.p_value for by, one in zip(at, found, strict=True) if by < 0]
    return (quiet_leads(before),) if before else ()


def _named(by: int) -> str:
    return f"dose, lag {by}" if by > 0 else f"dose, lead {-by}" if by < 0 else "dose"


def _summed(by: int) -> str:
    return f"dose, lags 0 to {by} summed"


def _since(horizon: int) -> str:
    return f"dose, horizon {horizon}"
