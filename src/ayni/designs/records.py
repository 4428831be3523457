"""What a design is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Protocol

from ayni.ledger.store import Ledger
from ayni.units import Quantity

_NORMAL = NormalDist()
# The share of times in which an effect of that size is to be told from none.
_POWER = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The flows whose effect is asked about.

    Attributes
    ----------
    provider, recipient : str
        Place keys.
    stage : str
        Which stage of the money counts as having acted.
    purpose : str
        A ``scheme:code`` item that narrows it, or empty for all.
    origin : str
        The release that is asked, by key.
    """

    provider: str
    recipient: str
    stage: str
    origin: str
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the evidence.

    Attributes
    ----------
    key : str
        How claims, links and readers name it.
    interest : str
        Which of the dossier's interests it belongs to.
    indicator, place, counterpart : str
        The outcome.
    year : int
        The year whose outcome is compared with what would have been.
    since : int
        First year in which the cause is taken to act; 0 where the sources date none.
    cause : Cause
        The flows whose effect is asked about.
    big : float
        What would count as a big effect, in the outcome's unit: it tells *no power* from
        *shown small*.
    better : str
        ``lower`` or ``higher``: which direction the sides call good.
    es, en : str
        The question in words.
    dated : str
        The origin, by key, that dates the beginning; empty where none does.
    claimed : tuple of str
        Observations that state an answer (indicators), shown beside ours.
    """

    key: str
    interest: str
    indicator: str
    place: str
    year: int
    cause: Cause
    big: float
    es: str
    en: str
    counterpart: str = ""
    since: int = 0
    better: str = "lower"
    dated: str = ""
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The picture behind an effect: yearly values in one unit; None where there is none."""

    years: tuple[int, ...]
    observed: tuple[float | None, ...]
    counterfactual: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One diagnostic of a design.

    Attributes
    ----------
    key : str
        Which check.
    passed : bool or None
        None where the data do not allow it.
    value, limit : float or None
        What was measured and what it was held against.
    es, en : str
        The result as a sentence.
    rows : tuple of str
        Rows it rests on.
    """

    key: str
    passed: bool | None
    value: float | None
    limit: float | None
    es: str
    en: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a design found: observed less what would have been, with its checks.

    Attributes
    ----------
    question : Question
        What was asked.
    design : str
        Key of the design and its settings, unique within a question.
    family : str
        By which a specification curve groups: the rule, the method, ``account`` or ``dose``.
    estimand : str
        As a formula.
    observed, counterfactual, difference : Quantity or None
        `difference` is observed less counterfactual, with the interval where there is one;
        None where the design refuses.
    level : float or None
        Coverage of the interval.
    interval_kind : str
        conformal, placebo, reassignment, bounds or none.
    checks : tuple of Check
        Failures included.
    assumptions : tuple of str
        Keys of the sentences (``assumption.<key>``) that carry the weight.
    inputs : tuple of str
        The rows used, as ``file:line``.
    refused : str
        Why there is no answer, as a message key; empty where there is one.
    settings : tuple of (str, str)
        The design's settings, in print.
    """

    question: Question
    design: str
    family: str
    estimand: str
    observed: Quantity | None
    counterfactual: Quantity | None
    difference: Quantity | None
    level: float | None
    interval_kind: str
    path: Path | None
    checks: tuple[Check, ...]
    assumptions: tuple[str, ...]
    inputs: tuple[str, ...]
    refused: str = ""
    settings: tuple[tuple[str, str], ...] = field(default=())

    @property
    def detectable(self) -> float | None:
        """Smallest true difference that would be told from none four times in five, in the outcome's unit.

        The interval's half-width gives the standard error as if it were normal (Bloom 1995, Evaluation
        Review 19(5)); None without an interval that has a level.
        """
        what = self.difference
        if what is None or what.low is None or what.high is None or self.level is None:
            return None
        reach = _NORMAL.inv_cdf((1 + self.level) / 2)
        return (reach + _NORMAL.inv_cdf(_POWER)) / reach * (what.high - what.low) / 2


def refusal(
    question: Question,
    design: Design,
    estimand: str,
    reason: str,
    *,
    assumptions: tuple[str, ...],
    checks: tuple[Check, ...] = (),
    settings: tuple[tuple[str, str], ...] = (),
) -> Effect:
    """Return the effect of a design that gives no answer, for `reason`: a key of ``refused``."""
    return Effect(
        question=question,
        design=design.key,
        family=design.family,
        estimand=estimand,
        observed=None,
        counterfactual=None,
        difference=None,
        level=None,
        interval_kind="none",
        path=None,
        checks=checks,
        assumptions=assumptions,
        inputs=(),
        refused=f"refused.{reason}",
        settings=settings,
    )


class Design(Protocol):
    """A method with its settings."""

    @property
    def key(self) -> str:
        """Name of the method with its settings."""
        ...

    @property
    def family(self) -> str:
        """By which a specification curve groups."""
        ...

    def answer(self, question: Question, ledger: Ledger) -> Effect:
        """Return what the method finds; raise nothing for a question it must refuse."""
        ...
