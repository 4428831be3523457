"""What the ledger holds: origins, flows, observations and corrections.

The ledger has no sides: a flow has a provider and a recipient, and what Peru does for the
United States is a row with the two exchanged.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, get_args

# The United States moved its fiscal year from July to October in 1976: the quarter between stands alone.
YearKind = Literal["calendar", "us-fiscal", "us-transition-quarter"]
Stage = Literal[
    "requested",
    "appropriated",
    "allocated",
    "announced",
    "budgeted",
    "budget-revised",
    "planned",
    "plan-revised",
    "pledged",
    "committed",
    "obligated",
    "disbursed",
    "spent",
    "reimbursed",
    "equity-bought",
    "equity-sold",
    "guaranteed",
    "incoming-pledged",
    "incoming-committed",
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
    constant : float or None
        The same amount at constant prices as the file itself prints it beside the current one; its base
        year differs by release and stage (`ayni.ledger.sums`).
    date : date or None
        Day of the transaction.
    activity : str
        Project or activity, as its publisher numbers it.
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
    constant: float | None = None
    date: dt.date | None = None
    activity: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """One official file that was read into the ledger.

    Attributes
    ----------
    origin : str
        Key of the origin its rows name.
    source, dataset : str
        Which publisher's reader knew it, and as which of its files.
    file, container : str
        Its name, and the archive it was read from; the latter empty where there is none.
    sha256 : str
        Of its bytes, decompressed.
    size_bytes, read, kept, quarantined : int
        Bytes; rows of the file; rows that gave a flow or an observation; rows set aside whole, that gave
        neither. A row may also be neither kept nor set aside, for it holds no figure.
    encoding : str
        How its text was decoded; empty where it is not text.
    header : str
        The line that names its columns, as a table of refused rows needs it; empty where it has none.
    verified : bool
        Whether a real file of the dataset was at hand when its reader was written.
    cautions : str
        Codes joined by semicolons.
    mends : str
        The origin whose quarantined rows it puts right; else empty.
    mended : str
        Which of them: their lines in the file of that origin, as in ``7;12-15``.
    ayni, ingested : str
        Version of ayni and time of reading (UTC).
    """

    origin: str
    source: str
    dataset: str
    file: str
    container: str
    sha256: str
    size_bytes: int
    read: int
    kept: int
    quarantined: int
    encoding: str
    header: str
    verified: bool
    cautions: str
    mends: str
    mended: str
    ayni: str
    ingested: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row of an official file that could not be read, or a cell of it, kept as it stands.

    Attributes
    ----------
    origin, file : str
        Which file.
    line : int
        Where, from 1.
    partly : bool
        Whether the rest of the row is kept, and only the cell is set aside.
    code, column, found, expected : str
        What is wrong (``refused.<code>`` in the catalogue), where in the row, and what was expected.
    text : str
        The row itself.
    """

    origin: str
    file: str
    line: int
    partly: bool
    code: str
    column: str
    found: str
    expected: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What one file adds up to for one stage, year and currency.

    Attributes
    ----------
    rows : int
        How many flows.
    amount : float
        Sum of their current amounts.
    paired, constant : float
        Sums of current and constant amounts over the rows with a positive current amount and a constant one:
        their ratio is the release's own deflator.
    """

    origin: str
    stage: str
    year: int
    year_kind: str
    currency: str
    rows: int
    amount: float
    paired: float
    constant: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What one file adds up to for one provider, recipient, stage, year and currency.

    Attributes
    ----------
    caveats : str
        Codes for which sums leave rows out (`ayni.ledger.pairs`), joined by semicolons; empty for most.
    rows : int
        How many flows, at current prices.
    amount : float
        Sum of their amounts.
    """

    origin: str
    provider: str
    recipient: str
    stage: str
    year: int
    until: int | None
    year_kind: str
    currency: str
    caveats: str
    rows: int
    amount: float
