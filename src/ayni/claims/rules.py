"""The rules that judge, as pure functions of what was read: no ledger, no words.

Each rule takes a `Claim` and the `Reading`s that speak to it and gives a label with the
codes of its reasons. Where sources or methods disagree and the claim takes one side, the
label is *contested*; where nothing speaks to it, *out of reach*: silence is never "false".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ayni.claims.records import Claim

# A reading is a trend up or down when it changes by more than this, in percent.
STEADY = 5.0
# A rank needs a list of at least this many places; a trend or comparison is a pair.
_LIST = 3
_PAIR = 2
# From this Maryland level on evidence of this very case can refute a link.
_REFUTES = 3
# Causal labels from the weakest to the strongest; a conclusion is as strong as its weakest part.
CAUSAL = ("contradicted", "not-shown", "open", "plausible", "likely", "shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One number as a rule sees it.

    Attributes
    ----------
    pointer : str
        Which number or row.
    value, low, high : float
        In the claim's unit; `low` and `high` equal the value where there is no range.
    group : int
        Readings of one source or method share a group.
    role : str
        ``source`` (the claim's own year and concept), ``elsewhere`` (another year or
        concept), ``part`` (a number of the speaker's own), ``place`` (for ranks).
    """

    pointer: str
    value: float
    low: float
    high: float
    group: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule found: the label and the codes of its reasons."""

    label: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReading:
    """A link of the chain as the causal rule sees it."""

    key: str
    certainty: str
    balance: str
    best_for: int
    best_against_here: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectReading:
    """An effect as the causal rule sees it.

    Attributes
    ----------
    question : str
        Which question it answers.
    difference, low, high : float or None
        None where the design refuses or gives no interval.
    big : float
        What would count as big.
    better : str
        ``lower`` or ``higher``.
    checks_passed : bool
        Whether every check passed.
    """

    question: str
    difference: float | None
    low: float | None
    high: float | None
    big: float
    better: str
    checks_passed: bool


def fits(claim: Claim, reading: Reading) -> bool:
    """Return whether a reading agrees with the claimed value, within its rounding."""
    if claim.value is None:
        return False
    room = claim.rounding / 2
    if claim.comparator == ">=":
        return reading.high >= claim.value - room
    if claim.comparator == "<=":
        return reading.low <= claim.value + room
    return reading.low - room <= claim.value <= reading.high + room


def quantity(claim: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge a figure against every source of its own year, then look elsewhere."""
    sources = [r for r in readings if r.role == "source"]
    other = [r for r in readings if r.role == "elsewhere" and fits(claim, r)]
    agreeing = [r for r in sources if fits(claim, r)]
    if sources and len(agreeing) == len(sources):
        return Finding(label="holds", reasons=(f"all-sources:{len(sources)}",))
    if agreeing:
        return Finding(label="contested", reasons=(f"some-sources:{len(agreeing)}/{len(sources)}",))
    if other:
        return Finding(label="misdated", reasons=(f"fits-elsewhere:{other[0].pointer}",))
    if not sources:
        return Finding(label="out-of-reach", reasons=("no-source",))
    low, high = min(r.low for r in sources), max(r.high for r in sources)
    if claim.value is not None and low <= claim.value <= high:
        return Finding(label="close", reasons=("within-range",))
    return Finding(label="off", reasons=("outside-range",))


def share(claim: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge a share given by a word: the threshold of its reading is the claim's value."""
    return _majority([[r] for r in readings], lambda group: fits(claim, group[0]))


def rank(claim: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge a rank in each source's own list; the first of each group is the claim's place."""
    groups = [g for g in _groups(readings) if len(g) >= _LIST]
    return _majority(groups, lambda group: place_in(group) == round(claim.value or 0))


def place_in(group: Sequence[Reading]) -> int:
    """Return the rank of the group's first reading, 1 for the largest."""
    return 1 + sum(r.value > group[0].value for r in group[1:])


def added(claim: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge a sum by the speaker's own numbers."""
    if claim.value is None or len(readings) < _PAIR:
        return Finding(label="out-of-reach", reasons=("no-parts",))
    total = sum(r.value for r in readings)
    if abs(total - claim.value) <= claim.rounding / 2:
        return Finding(label="holds", reasons=("adds-up",))
    return Finding(label="wrong-sum", reasons=("does-not-add-up",))


def trend(claim: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge a direction: each group is a source's last and first value.

    The claim's value is +1 for a rise, -1 for a fall, 0 for no change.
    """
    groups = [g for g in _groups(readings) if len(g) == _PAIR and g[1].value != 0]
    return _majority(groups, lambda group: direction(group) == round(claim.value or 0))


def direction(group: Sequence[Reading]) -> int:
    """Return +1, -1 or 0 for a change of more than `STEADY` percent up, down, or less."""
    change = group[0].value - group[1].value
    if abs(change) <= STEADY / 100 * abs(group[1].value):
        return 0
    return 1 if change > 0 else -1


def comparison(_: Claim, readings: Sequence[Reading]) -> Finding:
    """Judge "more than": each group is the greater and the lesser number of one source."""
    groups = [g for g in _groups(readings) if len(g) == _PAIR]
    return _majority(groups, lambda group: group[0].low > group[1].high)


def _groups(readings: Sequence[Reading]) -> list[list[Reading]]:
    return [[r for r in readings if r.group == key] for key in sorted({r.group for r in readings})]


def _majority(groups: list[list[Reading]], agrees: Callable[[list[Reading]], bool]) -> Finding:
    """All sources agree: holds; some: contested; none: off; no source: out of reach."""
    if not groups:
        return Finding(label="out-of-reach", reasons=("no-source",))
    count = sum(agrees(group) for group in groups)
    if count == len(groups):
        return Finding(label="holds", reasons=(f"all-sources:{count}",))
    if count:
        return Finding(label="contested", reasons=(f"some-sources:{count}/{len(groups)}",))
    return Finding(label="off", reasons=(f"no-source-agrees:{len(groups)}",))


def cause(links: Sequence[LinkReading], effects: Sequence[EffectReading]) -> Finding:
    """Judge a causal sentence by the links it runs along and the effects on its outcome.

    Without a probability of causation the highest label is *plausible*, or *likely* where
    a design with passed checks carries it.
    """
    refuted = [k.key for k in links if _refuted(k)]
    if refuted:
        return Finding(label="contradicted", reasons=tuple(f"link-refuted:{key}" for key in refuted))
    carried = [e for e in effects if _carries(e)]
    silent = [k.key for k in links if k.balance == "none"]
    doubtful = [k.key for k in links if k.balance in ("mixed", "against")]
    reasons = [f"link-silent:{key}" for key in silent] + [f"link-doubtful:{key}" for key in doubtful]
    if carried and not silent and not doubtful:
        return Finding(label="likely", reasons=tuple(f"effect-carries:{e.question}" for e in carried))
    reasons += dict.fromkeys(f"{reading(e)}:{e.question}" for e in effects if not _carries(e))
    if not effects:
        reasons.append("no-design")
    if silent or doubtful or not links:
        return Finding(label="not-shown", reasons=tuple(reasons))
    if any(_wrong_way(e) or _small(e) for e in effects):
        return Finding(label="not-shown", reasons=tuple(reasons))
    return Finding(label="plausible", reasons=("links-evidenced", *reasons))


def _refuted(link: LinkReading) -> bool:
    """Evidence from this very case, Maryland level 3 or more, against and none as good for."""
    return link.best_against_here >= _REFUTES and link.best_for < link.best_against_here


def _carries(effect: EffectReading) -> bool:
    if effect.low is None or effect.high is None or not effect.checks_passed:
        return False
    return effect.high < 0 if effect.better == "lower" else effect.low > 0


def _wrong_way(effect: EffectReading) -> bool:
    if effect.low is None or effect.high is None:
        return False
    return effect.low > 0 if effect.better == "lower" else effect.high < 0


def _small(effect: EffectReading) -> bool:
    if effect.low is None or effect.high is None:
        return False
    return -effect.big < effect.low <= 0 <= effect.high < effect.big


def reading(effect: EffectReading) -> str:
    """Return how an effect is read, in one word: what it carries, or what it lacks to do so.

    ``carries``, ``design-refused``, ``no-interval``, ``wrong-way``, ``shown-small``, ``no-power`` or
    ``checks-failed``.
    """
    if effect.difference is None:
        return "design-refused"
    if effect.low is None or effect.high is None:
        return "no-interval"
    if _wrong_way(effect):
        return "wrong-way"
    if _small(effect):
        return "shown-small"
    if effect.low <= 0 <= effect.high:
        return "no-power"
    return "carries" if _carries(effect) else "checks-failed"


def conclusion(labels: Sequence[tuple[str, str]]) -> Finding:
    """Judge a conclusion by its causal parts: it is as strong as the weakest of them."""
    causal = [(key, label) for key, label in labels if label in CAUSAL]
    if not causal:
        return Finding(label="out-of-reach", reasons=("no-parts",))
    weakest = min((label for _, label in causal), key=CAUSAL.index)
    return Finding(
        label=weakest, reasons=tuple(f"weakest-part:{key}" for key, label in causal if label == weakest)
    )
