"""What has been said, what speaks to it, and the judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from ayni.units import Quantity

Kind = Literal[
    "quantity", "share", "rank", "sum", "trend", "comparison", "cause", "conclusion", "opinion", "forecast"
]
KINDS: tuple[str, ...] = get_args(Kind)
Label = Literal[
    "holds",
    "close",
    "off",
    "contested",
    "misdated",
    "wrong-sum",
    "shown",
    "likely",
    "plausible",
    "not-shown",
    "contradicted",
    "open",
    "out-of-reach",
    "not-a-fact",
]
LABELS: tuple[str, ...] = get_args(Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Where a named number comes from: a row, an operation on other names, or an effect.

    Attributes
    ----------
    key : str
        The name by which text, claims and charts call it.
    op : str
        One of `ayni.claims.numbers.OPERATIONS`.
    of : tuple of str
        Names it is made of, for operations.
    where : tuple of (str, str)
        What picks the rows or the effect, for the rest.
    unit : str
        Unit of the result; empty for that of the row.
    es, en : str
        What the number is, where the indicator's own name does not say it.
    """

    key: str
    op: str
    of: tuple[str, ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    es: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A named number with everything behind it.

    `Quantity` has no provenance and an `Observation` is a single row; what is printed is
    often neither, so it has a record of its own.

    Attributes
    ----------
    key : str
        Its name.
    quantity : Quantity
        Its value, unit and range.
    op : str
        How it was made.
    of : tuple of str
        Names of the numbers it was made of.
    rows : tuple of str
        Every row below it, as ``file:line``.
    year, until : int or None
        The year or span it speaks of, where there is one.
    fiscal : bool
        Whether the year is a US fiscal year.
    at : int or None
        Year of the prices, for money at constant prices.
    effect : str
        ``question design`` for a number read from an effect.
    """

    key: str
    quantity: Quantity
    op: str
    of: tuple[str, ...]
    rows: tuple[str, ...]
    year: int | None = None
    until: int | None = None
    fiscal: bool = False
    at: int | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement that could be wrong, paraphrased.

    Attributes
    ----------
    key : str
        Its name.
    kind : str
        One of `KINDS`.
    es, en : str
        What is said, in our own words.
    speaker : str
        Who says it: an origin key.
    span : str
        Where in the source (paragraph).
    interest, side : str
        The interest it belongs to; ``provider``, ``recipient`` or ``both``.
    concept, place, year
        What it is about, where the claim is about a figure.
    value, unit, rounding, comparator
        What it says: the figure, its unit, the unit it was rounded to, and ``=``, ``>=``
        or ``<=``.
    inputs : tuple of tuple of str
        Groups of named numbers that speak to it, one group per source or method.
    elsewhere : tuple of str
        Concepts in which the same figure is looked for when it is not found here.
    links : tuple of str
        Links of the results chain a causal claim runs along.
    effects : tuple of str
        Questions whose effects speak to a causal claim.
    parts : tuple of str
        Claims that a sum or a conclusion is made of.
    reading_es, reading_en : str
        How a word was turned into a number, when it was.
    """

    key: str
    kind: str
    es: str
    en: str
    speaker: str
    span: str
    interest: str
    side: str
    concept: str = ""
    place: str = ""
    counterpart: str = ""
    year: int = 0
    value: float | None = None
    unit: str = ""
    rounding: float = 0.0
    comparator: str = "="
    inputs: tuple[tuple[str, ...], ...] = ()
    elsewhere: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    reading_es: str = ""
    reading_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks to a claim or a link.

    Attributes
    ----------
    pointer : str
        Name of a number, ``row:file:line``, ``effect:question``, ``claim:key`` or
        ``document:origin``.
    quantity : Quantity or None
        The figure, where there is one.
    stance : str
        ``for``, ``against`` or ``neither``; computed from the figure where there is one.
    es, en : str
        What it says, as a sentence.
    rows : tuple of str
        Rows it rests on.
    """

    pointer: str
    quantity: Quantity | None
    stance: str
    es: str
    en: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """What would change a verdict: an input, the value at which it turns, and into what."""

    pointer: str
    at: float
    unit: str
    becomes: str
    above: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of a claim by rule.

    Attributes
    ----------
    claim : Claim
        What was judged.
    label : str
        One of `LABELS`.
    reasons : tuple of str
        Codes, worded in the catalogue as ``reason.<code>``; a colon starts a particular.
    evidence : tuple of Evidence
        On both sides.
    confidence : str
        One of `ayni.claims.grades.CERTAINTIES`: for a figure, by how many publishers stand
        behind it; for a cause, the certainty of its weakest link.
    pivots : tuple of Pivot
        What would change it, nearest first.
    """

    claim: Claim
    label: str
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    confidence: str = "none"
    pivots: tuple[Pivot, ...] = ()
