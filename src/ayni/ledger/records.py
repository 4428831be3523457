"""What the ledger holds: origins, flows, observations and corrections.

The ledger has no sides: a flow has a provider and a recipient, and what Peru does for the
United States is a row with the two exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

YearKind = Literal["calendar", "us-fiscal"]
Stage = Literal[
    "requested",
    "appropriated",
    "allocated",
    "announced",
    "committed",
    "obligated",
    "disbursed",
    "incoming",
    "interest",
    "repaid",
    "net",
    "grant-equivalent",
]
Status = Literal["counted", "estimated", "modelled", "revised", "reported"]

YEAR_KINDS: tuple[str, ...] = get_args(YearKind)
STAGES: tuple[str, ...] = get_args(Stage)
# In the order in which a series prefers one row to another of the same year.
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One published thing that we read.

    Attributes
    ----------
    key : str
        How rows name it.
    publisher : str
        Who published the figure first.
    via : str
        Through whom it was read, when not from the publisher; else empty.
    title, published, retrieved, vintage, url, licence, sha256 : str
        As far as known; empty where not. `licence` is a key of the dossier's licences.
    """

    key: str
    publisher: str
    via: str = ""
    title: str = ""
    published: str = ""
    retrieved: str = ""
    vintage: str = ""
    url: str = ""
    licence: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Who gave what to whom, in one year, at one stage, as one release prints it.

    Attributes
    ----------
    amount : float
        Whole units of `currency`; negative for a de-obligation or a repayment.
    price_base : int or None
        None for current prices, else the year whose prices are used.
    purposes : str
        ``scheme:code`` items joined by semicolons; never added across schemes.
    row : str
        File and line it was read from.
    """

    provider: str
    recipient: str
    year: int
    until: int | None
    year_kind: str
    stage: str
    form: str
    purposes: str
    account: str
    agency: str
    channel: str
    amount: float
    currency: str
    price_base: int | None
    vintage: str
    origin: str
    status: str
    caveats: str
    note: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was observed in a place and year, as one source prints it.

    Attributes
    ----------
    counterpart : str
        The other place, for what has two (trade, votes, encounters); else empty.
    until : int or None
        Last year of a span that starts in `year`.
    part_year : str
        Empty for a whole year; ``Q1``, ``M11``, or ``to-10-28`` for a running total.
    value, low, high : float
        In `unit`; `low` and `high` None where the source gives no range.
    status : str
        counted, estimated, modelled, revised or reported (a press copy of an official figure).
    caveats : str
        Codes joined by semicolons, worded in the dossier's labels.
    row : str
        File and line it was read from.
    """

    indicator: str
    place: str
    counterpart: str
    year: int
    until: int | None
    year_kind: str
    part_year: str
    value: float
    unit: str
    low: float | None
    high: float | None
    status: str
    vintage: str
    origin: str
    caveats: str
    note: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A year from which a series is not what it was.

    Attributes
    ----------
    year : int
        First year of the new method or coverage.
    kind : str
        ``method``, ``coverage`` or ``net-of-eradication``.
    es, en : str
        What changed.
    row : str
        File and line it was read from.
    """

    indicator: str
    place: str
    year: int
    kind: str
    origin: str
    es: str
    en: str
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A known error of a source and what we do about it.

    Attributes
    ----------
    indicator, place : str
        Which observations.
    years : tuple of int
        Which years.
    action : str
        ``drop``, ``replace`` (with `value`), ``scale`` (by `value`) or ``flag``.
    value : float or None
        For replace and scale.
    expect : float
        What the source prints now: once it prints something else the correction is stale
        and stops the build, so that a repaired source is not corrected twice.
    reason_es, reason_en : str
        Why, for the correction log.
    reported : str
        Whether and when the publisher was told; empty if not.
    """

    key: str
    indicator: str
    place: str
    years: tuple[int, ...]
    action: str
    expect: float
    value: float | None
    origin: str
    reason_es: str
    reason_en: str
    reported: str = ""
