"""Grades of links, computed from typed rows of evidence and nothing else.

A single item's strength follows the Maryland Scientific Methods Scale; the certainty of a
body of evidence follows GRADE: it starts high with a randomised item and low otherwise,
goes down for indirectness, inconsistency and risk of bias, and never below very low.

References
----------
Sherman, L. et al., 1997, Preventing Crime, University of Maryland: levels 1 to 5.
GRADE handbook (Schuenemann et al., 2013), sections 5.1 to 5.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from ayni.claims.case import Case
from ayni.claims.numbers import number
from ayni.claims.records import Evidence
from ayni.claims.results import Item, Link
from ayni.language import quantity
from ayni.units import Quantity

# Maryland level of each method; 0 where no outcome is compared with anything.
METHODS: dict[str, int] = {
    "randomised": 5,
    "instrument": 4,
    "discontinuity": 4,
    "panel-controls": 4,
    "difference-in-differences": 3,
    "panel": 3,
    "before-after": 2,
    "trend": 2,
    "cross-section": 1,
    "model": 1,
    "account": 1,
    "statement": 0,
}
CERTAINTIES: tuple[str, ...] = ("none", "very-low", "low", "moderate", "high")
_RANDOMISED = 5
# From this Maryland level on there is a comparison group.
_COMPARED = 3
# This many items of that level that agree raise the certainty by one.
_MANY = 3
# One side outweighs the other when its best item is this many levels above.
_OUTWEIGHS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """An item with its figure read and its stance worked out."""

    item: Item
    stance: str
    level: int
    quantity: Quantity | None
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What a link's evidence amounts to.

    Attributes
    ----------
    link : Link
        Which link.
    certainty : str
        One of `CERTAINTIES`.
    balance : str
        ``for``, ``against``, ``mixed`` or ``none``.
    steps : tuple of str
        Each step that led to the certainty, worded as ``grade.<step>``.
    weighed : tuple of Weighed
        The items.
    """

    link: Link
    certainty: str
    balance: str
    steps: tuple[str, ...]
    weighed: tuple[Weighed, ...]

    @property
    def strength(self) -> int:
        """0 (no evidence) to 4 (high certainty), for line widths."""
        return CERTAINTIES.index(self.certainty)


def weigh(case: Case, item: Item) -> Weighed:
    """Return the item with its stance; a figure decides it, not what somebody typed.

    Raises
    ------
    PointerError
        If the item's number leads nowhere.
    """
    if not item.number:
        rows = (f"document:{item.document}",) if item.document else ()
        return Weighed(item=item, stance=item.test, level=METHODS[item.method], quantity=None, rows=rows)
    found = number(case, item.number)
    low, high = found.quantity.ends
    if item.test == "below":
        stance = "for" if high < item.threshold else "against" if low > item.threshold else "neither"
    else:
        stance = "for" if low > item.threshold else "against" if high < item.threshold else "neither"
    return Weighed(
        item=item, stance=stance, level=METHODS[item.method], quantity=found.quantity, rows=found.rows
    )


def grade(case: Case, link: Link) -> Grade:
    """Return the grade of a link from its items."""
    return combine(link, tuple(weigh(case, item) for item in link.items))


def combine(link: Link, weighed: tuple[Weighed, ...]) -> Grade:
    """Return the grade that weighed items make; see the module for the rule."""
    telling = [w for w in weighed if w.stance in ("for", "against")]
    if not telling:
        why = "nothing-tells" if weighed else "no-evidence"
        return Grade(link=link, certainty="none", balance="none", steps=(why,), weighed=weighed)
    best = max(w.level for w in telling)
    randomised = best == _RANDOMISED
    top = CERTAINTIES.index("high" if randomised else "low")
    steps = ["starts-high" if randomised else "starts-low"]
    if best < _COMPARED:
        top -= 1
        steps.append("risk-of-bias")
    if not any(w.item.here for w in telling):
        top -= 1
        steps.append("indirect")
    balance = _balance(telling)
    if balance == "mixed":
        top -= 1
        steps.append("inconsistent")
    elif sum(w.level >= _COMPARED for w in telling) >= _MANY:
        top += 1
        steps.append("consistent")
    certainty = CERTAINTIES[max(1, min(top, 4))]
    return Grade(link=link, certainty=certainty, balance=balance, steps=tuple(steps), weighed=weighed)


def _balance(telling: list[Weighed]) -> str:
    """Return which side the items are on, or that neither outweighs the other."""
    best_for = max((w.level for w in telling if w.stance == "for"), default=-1)
    best_against = max((w.level for w in telling if w.stance == "against"), default=-1)
    if best_against < 0 or best_for >= best_against + _OUTWEIGHS:
        return "for"
    if best_for < 0 or best_against >= best_for + _OUTWEIGHS:
        return "against"
    return "mixed"


def spoken(weighed: Weighed) -> Evidence:
    """Return a weighed item as evidence with its sentence in both languages."""
    item = weighed.item
    told = {
        language: sentence.format(figure=quantity(weighed.quantity, language) if weighed.quantity else "")
        for language, sentence in (("es", item.es), ("en", item.en))
    }
    pointer = item.number or f"document:{item.document}"
    return Evidence(
        pointer=pointer,
        quantity=weighed.quantity,
        stance=weighed.stance,
        es=told["es"],
        en=told["en"],
        rows=weighed.rows,
    )
