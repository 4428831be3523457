r"""Placebos in space: the same method on units where nothing happened.

Every way of choosing as many controls as there are treated units is one placebo; all of them are listed where
they are not too many, else a seeded sample of different ones is drawn.

Assumption
    That the treated unit could as well have been any control. The standard error also needs the noise of the
    treated to be that of the controls.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J., 2010, JASA 105(490), section 3.4: ranks of the ratio of
prediction errors after and before.
Arkhangelsky, D. and others, 2021, AER 111(12), Algorithm 4: the standard error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

import numpy as np

from ayni.panel.cohorts import blocks
from ayni.panel.intervals import normal
from ayni.panel.records import Estimate, Floats, Interval, Method, Panel, PanelError, Places
from ayni.panel.sharing import synthetic_controls, synthetic_differences
from ayni.panel.weighting import (
    noise_of,
    synthetic_control,
    synthetic_difference_in_differences,
    time_ridge,
    unit_ridge,
)

# More assignments than this are sampled.
MOST_LISTED = 5_000
# An error before that is less than this share of the one after is rounding, whose size says nothing.
_PERFECT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """A method's answer for some units taken for treated.

    Attributes
    ----------
    units : tuple of str
    att : float, unit of the outcome
    pre_rmspe, post_rmspe : float, unit of the outcome
        Prediction errors before and from the treatment on.
    difference : (T,) float, unit of the outcome
        Observed less counterfactual, the mean of the units; not compared, since the rest is made from it.
    """

    units: tuple[str, ...]
    att: float
    pre_rmspe: float
    post_rmspe: float
    difference: Floats = field(compare=False, repr=False)

    @property
    def ratio(self) -> float:
        """Error after over error before; infinite where the fit before is perfect but for rounding."""
        return self.post_rmspe / self.pre_rmspe if self.pre_rmspe > _PERFECT * self.post_rmspe else np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebos:
    """A panel's own answer and those of its placebos.

    Attributes
    ----------
    own : Placebo
        The treated units' own.
    others : tuple of Placebo
    exact : bool
        Whether all assignments are among them.
    periods : tuple of int
        T labels, those of the differences.
    since : tuple of int
        In which of them the treated units began, each once; the placebos began then, too.
    """

    own: Placebo
    others: tuple[Placebo, ...]
    exact: bool
    periods: tuple[int, ...]
    since: tuple[int, ...]

    @property
    def rank(self) -> int:
        """Place of the own ratio among all, 1 for the largest; ties count against it."""
        return 1 + sum(one.ratio >= self.own.ratio for one in self.others)

    @property
    def p_value(self) -> float:
        """Rank over the number of assignments, the real one among them."""
        return self.rank / (1 + len(self.others))

    def interval(self, level: float = 0.95) -> Interval:
        """Return the normal interval from the placebos' spread.

        Raises
        ------
        PanelError
            If there are fewer than two placebos.
        """
        draws = np.array([one.att for one in self.others])
        if len(draws) < 2:  # noqa: PLR2004 - a spread needs two
            raise PanelError(f"{len(draws)} placebos have no spread; expected two or more")
        error = float(draws.std())
        return normal("placebo", self.own.att, error, level, draws, p_value=self.p_value, exact=self.exact)


def placebos(panel: Panel, method: Method, *, most: int = MOST_LISTED, seed: int = 0) -> Placebos:
    """Run a method on a panel, and on its controls with some of them taken for treated.

    The treated units are left out of the placebos' panels. Placebos begin when the treated began: with
    several cohorts, each takes the place of one treated unit. Of `synthetic_difference_in_differences` the
    noise stays that of the panel, as in the paper's code, which has one cohort only; with several it is
    worked out of each placebo's own controls.

    Parameters
    ----------
    method : callable
        Panel to estimate, such as `ayni.panel.synthetic_control`.
    most : int
        So many assignments are listed; where there are more, so many are drawn.
    seed : int
        For the draw.

    Raises
    ------
    PanelError
        If there are not more controls than treated units, or the method refuses.
    """
    own = method(panel)
    treated, controls = np.flatnonzero(~panel.controls), np.flatnonzero(panel.controls)
    if len(controls) <= len(treated):
        raise PanelError(
            f"placebos: {len(controls)} controls for {len(treated)} treated units; expected more controls"
            " than treated, since a placebo needs controls of its own"
        )
    told = _told(panel, own)
    since = tuple(one.since for one in own.cohorts)
    if len(treated) == 1 and method in (synthetic_control, synthetic_difference_in_differences):
        others = tuple(_shared(panel, method))
        return Placebos(own=told, others=others, exact=True, periods=panel.periods, since=since)
    if method is synthetic_difference_in_differences and len(own.cohorts) == 1:
        method = _steadied(panel)
    starts = panel.starts[treated]
    alike = len(own.cohorts) == 1
    exact = alike and comb(len(controls), len(treated)) <= most
    sets = (
        combinations(range(len(controls)), len(treated))
        if exact
        else _drawn(len(controls), len(treated), most, seed, ordered=not alike)
    )
    others = tuple(_run(panel, controls, chosen, starts, method) for chosen in sets)
    return Placebos(own=told, others=others, exact=exact, periods=panel.periods, since=since)


def _steadied(panel: Panel) -> Method:
    noise = noise_of(next(blocks(panel, "placebos")))
    return lambda one: synthetic_difference_in_differences(one, noise=noise)


def _run(panel: Panel, controls: Places, chosen: Sequence[int], starts: Places, method: Method) -> Placebo:
    """Run a method with some controls taken for treated from the positions `starts` on."""
    flags = np.zeros((len(controls), len(panel.periods)), np.bool_)
    for unit, start in zip(chosen, starts, strict=True):
        flags[unit, start:] = True
    names = tuple(panel.units[i] for i in controls)
    one = Panel(Y=panel.Y[controls], treated=flags, units=names, periods=panel.periods)
    return _told(one, method(one))


def _drawn(controls: int, treated: int, most: int, seed: int, *, ordered: bool) -> Iterator[tuple[int, ...]]:
    """Yield different assignments at random: `most`, or nearly as many as there are."""
    generator = np.random.default_rng(seed)
    seen: set[tuple[int, ...]] = set()
    for _ in range(20 * most):
        chosen = tuple(int(i) for i in generator.choice(controls, treated, replace=False))
        chosen = chosen if ordered else tuple(sorted(chosen))
        if chosen in seen:
            continue
        seen.add(chosen)
        yield chosen
        if len(seen) == most:
            return


def _shared(panel: Panel, method: Method) -> Iterator[Placebo]:
    """Yield the placebos of one treated unit, each control in its place, from one Gram matrix."""
    block = next(blocks(panel, "placebos"))
    outcomes, start = block.control_outcomes, block.start
    if method is synthetic_control:
        difference = synthetic_controls(outcomes, start)
    else:
        noise = noise_of(block)
        penalties = unit_ridge(block, noise), time_ridge(len(outcomes) - 1, noise)
        difference = synthetic_differences(outcomes, start, *penalties)
    att = difference[:, start:].mean(axis=1)
    before, after = _errors(difference[:, :start]), _errors(difference[:, start:])
    for i, unit in enumerate(block.controls):
        yield Placebo(
            units=(panel.units[unit],),
            att=float(att[i]),
            pre_rmspe=float(before[i]),
            post_rmspe=float(after[i]),
            difference=difference[i],
        )


def _errors(difference: Floats) -> Floats:
    root: Floats = np.sqrt(np.square(difference).mean(axis=1))
    return root


def _told(panel: Panel, estimate: Estimate) -> Placebo:
    """Return a method's answer; of several cohorts the errors of all, weighed by their treated cells."""
    after = cells = 0.0
    difference = np.zeros(len(panel.periods))
    units = tuple(name for one in estimate.cohorts for name in one.units)
    for one in estimate.cohorts:
        start = panel.periods.index(one.since)
        difference += len(one.units) / len(units) * one.difference
        after += one.cells * float(np.square(one.difference[start:]).mean())
        cells += one.cells
    return Placebo(
        units=units,
        att=estimate.att,
        pre_rmspe=estimate.pre_rmspe,
        post_rmspe=float(np.sqrt(after / cells)),
        difference=difference,
    )
