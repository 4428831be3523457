r"""Placebos in time: the same method on earlier dates, when nothing happened.

Question
    Does the treated differ from its counterfactual after the treatment by more than it did after dates at
    which nothing began?
Statistic
    The mean difference over the first :math:`k` periods from a date on. Of the treatment it is the effect
    :math:`\hat\tau`; of an earlier date :math:`s` it is that of the panel which ends before
    :math:`s + k`, fitted to what was before :math:`s` alone. All dates with enough periods before, and with
    :math:`k` periods left before the treatment, are listed.
Interval
    :math:`\hat\tau \pm q`, with :math:`q` the :math:`\lceil \ell (M + 1) \rceil`-th smallest absolute effect
    of the :math:`M` dates, for the level :math:`\ell`: the constant effects that the test does not reject.
What carries the weight
    That errors of prediction after the treatment are as those before, as if dates could be exchanged. Dates
    near to each other share periods, so that they tell less than as many that do not; and early dates are
    fitted to fewer periods, which makes their errors larger rather than smaller.
When not to use it
    With few periods before, of which no small p-value can come: the finest is :math:`1 / (M + 1)`. With a
    difference that trends before. Where the treatment was foreseen: late dates then hold some of its effect.

References
----------
Abadie, A., Diamond, A. and Hainmueller, J., 2015, AJPS 59(2), section on placebo studies: dating back.
Andrews, D., 2003, Econometrica 71(6): the statistic after a date held against those of all stretches before.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from ayni.panel.leaving_out import backdated
from ayni.panel.records import Interval, Method, Panel, PanelError

# A fit to fewer periods says little of what comes next.
LEAST_BEFORE = 5
# Rounding must not ask for one date more.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A method's answer for a date.

    Attributes
    ----------
    since : int
        Label of the period that is taken for the first treated.
    before : int
        Periods before it, to which the method is fitted.
    att : float, unit of the outcome
        Over the periods that are compared.
    pre_rmspe, post_rmspe : float, unit of the outcome
        Prediction errors before and from the date on.
    """

    since: int
    before: int
    att: float
    pre_rmspe: float
    post_rmspe: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InTime:
    """The effect of the treatment, and those of all earlier dates.

    Attributes
    ----------
    after : int
        How many periods from each date on are compared.
    own : Dated
        The treatment itself.
    others : tuple of Dated
        Earlier dates, in order.
    """

    after: int
    own: Dated
    others: tuple[Dated, ...]

    @property
    def rank(self) -> int:
        """Place of the own effect among all by size, 1 for the largest; ties count against it."""
        return 1 + sum(abs(one.att) >= abs(self.own.att) for one in self.others)

    @property
    def p_value(self) -> float:
        """Rank over the number of dates, the real one among them."""
        return self.rank / (1 + len(self.others))

    def interval(self, level: float = 0.9) -> Interval:
        """Return the constant effects that are not rejected; its draws are the effects of the dates.

        Raises
        ------
        PanelError
            If the level is no share, or there are too few dates for it.
        """
        dates = len(self.others)
        if not 0 < level <= dates / (dates + 1):
            raise PanelError(
                f"placebos in time: {dates} earlier dates carry a level above 0 and up to"
                f" {dates / (dates + 1):.3g}, found {level:g}; ask for less, or for fewer periods after"
            )
        draws = np.array([one.att for one in self.others])
        place = min(max(ceil(level * (dates + 1) - _ROUNDING), 1), dates)
        reach = float(np.sort(np.abs(draws))[place - 1])
        return Interval(
            kind="placebo-in-time",
            estimate=self.own.att,
            standard_error=np.nan,
            low=self.own.att - reach,
            high=self.own.att + reach,
            level=level,
            p_value=self.p_value,
            draws=draws,
            exact=True,
        )

    def __str__(self) -> str:
        """Return the rank and of how many dates it is in one line."""
        first, last = self.others[0].since, self.others[-1].since
        return (
            f"{self.own.att:.6g} over {self.after} periods from {self.own.since} on: rank {self.rank} of"
            f" {1 + len(self.others)} dates, {first} to {last} the others (p = {self.p_value:.3g})"
        )


def placebos_in_time(
    panel: Panel, method: Method, *, after: int | None = None, least_before: int = LEAST_BEFORE
) -> InTime:
    """Run a method on a panel, and on its past with the treatment dated back to every date there is room for.

    Parameters
    ----------
    method : callable
        Panel to estimate, such as `ayni.panel.synthetic_control`.
    after : int, optional
        Periods from each date on that are compared; all treated periods if left out. With fewer of them there
        are more dates, and the effect is that of so many first treated periods.
    least_before : int
        Periods before that a date needs.

    Raises
    ------
    PanelError
        If units are treated from different periods on, there are no more than that many treated periods, two
        earlier dates do not fit in, or the method refuses.
    """
    starts = np.unique(panel.starts[~panel.controls])
    if len(starts) > 1:
        labels = ", ".join(str(panel.periods[start]) for start in starts)
        raise PanelError(f"placebos in time: treatments begin in {labels}; take one date at a time")
    start, length = int(starts[0]), len(panel.periods)
    span = length - start if after is None else after
    if not 1 <= span <= length - start:
        raise PanelError(
            f"placebos in time: {span} periods after each date; expected 1 to the {length - start} treated"
        )
    if least_before < 1:
        raise PanelError(f"placebos in time: {least_before} periods before each date; expected 1 or more")
    dates = range(least_before, start - span + 1)
    if len(dates) < 2:  # noqa: PLR2004 - one date is no distribution
        raise PanelError(
            f"placebos in time: {len(dates)} earlier dates have {least_before} periods before and"
            f" {span} after within the {start} before {panel.periods[start]}; expected two dates or more:"
            " compare fewer periods after, or ask for fewer before"
        )
    return InTime(
        after=span,
        own=_dated(panel, start, span, method),
        others=tuple(_dated(backdated(panel, panel.periods[date]), date, span, method) for date in dates),
    )


def _dated(panel: Panel, start: int, span: int, method: Method) -> Dated:
    """Return the answer for a panel that is treated from a position on, cut after so many periods."""
    there = np.arange(len(panel.periods)) < start + span
    found = method(panel.part(np.ones(len(panel.units), np.bool_), there))
    difference = found.cohorts[0].difference[start:]
    return Dated(
        since=panel.periods[start],
        before=start,
        att=found.att,
        pre_rmspe=found.pre_rmspe,
        post_rmspe=float(np.sqrt(np.nanmean(np.square(difference)))),
    )
