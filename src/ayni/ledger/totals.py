"""Flows added up by one thing at a time, and never across what cannot be added.

Two amounts are added only if they share provider, recipient, release, stage, kind of year and
currency, are both at current prices, and stand in rows of one *shape*: the schemes of purposes and the
columns (account, agency, channel, form) that a row fills. Tables of one release often print the same
money several times, in total and cut by account or agency, so:

- *in all* (by year, stage, provider or release) reads the rows that a release prints as its total: no
  purpose, no account, and no agency or the agency ``all``. Parts are never added to make a total that
  nobody printed: they may be only some of the parts.
- *by a part* (account, agency, programme, sector, category) adds the rows of the release's finest shape
  that names the part, so that nothing is counted twice.

Amounts that span several years, and items told apart by a note, stand alone. Amounts at constant prices
are made from current ones, each year by its own factor (`ayni.ledger.prices`); a year without a factor
is named and leaves the sum without a constant amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ayni.ledger.prices import Deflator, MissingDeflatorError, deflator
from ayni.ledger.records import Flow
from ayni.ledger.series import flows
from ayni.ledger.store import Ledger

# The part asked for, and the scheme of purposes that names it; empty where a column of its own does.
PARTS: dict[str, str] = {
    "account": "",
    "agency": "",
    "programme": "greenbook-row",
    "sector": "us-sector",
    "category": "us-category",
}
WHOLES = ("year", "vintage", "stage", "provider")
# Programmes that texts name: each stands alone, for one may hold another.
ITEMS = "programme"
ALL_AGENCIES = "all"
# A year that its release, or the caveat of a source, gives as not complete.
INCOMPLETE = frozenset({"incomplete-year", "part-of-year", "maybe-part-of-year", "latest-year-provisional"})
# Releases rounded to the dollar differ by less than this share without disagreeing.
_ROUNDING = 1e-6

Priced = Mapping[tuple[str, str], Deflator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Flows that may be added, added.

    Attributes
    ----------
    code : str
        The year, account, agency, purpose code, stage or provider that it is the total of.
    provider, recipient, stage, origin, vintage, currency, year_kind, note : str
        What all its rows share.
    since, until : int
        First and last year.
    amount : float
        At the prices of each year.
    constant : float or None
        At the prices of one year; None where a year has no factor or the rows span years.
    unpriced : tuple of int
        The years without a factor.
    incomplete : tuple of int
        The years that were not complete.
    rows : tuple of str
        Every row in it.
    """

    code: str
    provider: str
    recipient: str
    stage: str
    origin: str
    vintage: str
    currency: str
    year_kind: str
    note: str
    since: int
    until: int
    amount: float
    constant: float | None
    unpriced: tuple[int, ...]
    incomplete: tuple[int, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One year of one stage for which releases give different totals.

    Attributes
    ----------
    year : int
        Which year.
    stage, currency : str
        Of what.
    sides : tuple of Total
        What each release says, by vintage.
    low, high : float
        Smallest and largest amount among the releases in which the year was complete, at current prices.
    """

    year: int
    stage: str
    currency: str
    sides: tuple[Total, ...]
    low: float
    high: float

    @property
    def spread_percent(self) -> float:
        """From the smallest to the largest amount, in percent of the larger in size."""
        return 100 * (self.high - self.low) / max(abs(self.low), abs(self.high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which flows are asked about; empty or None for all.

    Attributes
    ----------
    provider, recipient, stage, origin : str
        Keys.
    since, until : int or None
        First and last year.
    """

    provider: str = ""
    recipient: str = ""
    stage: str = ""
    origin: str = ""
    since: int | None = None
    until: int | None = None


def asked_rows(ledger: Ledger, asked: Asked) -> list[Flow]:
    """Return the rows at current prices that are asked about."""
    return [
        row
        for row in flows(
            ledger,
            provider=asked.provider or None,
            recipient=asked.recipient or None,
            stage=asked.stage or None,
            origin=asked.origin or None,
        )
        if row.price_base is None
        and (asked.since is None or row.year >= asked.since)
        and (asked.until is None or (row.until or row.year) <= asked.until)
    ]


def totals(ledger: Ledger, asked: Asked, *, by: str, priced: Priced | None = None) -> tuple[Total, ...]:
    """Return the flows asked about, added by one thing.

    Parameters
    ----------
    by : str
        One of `WHOLES` or of `PARTS`.
    priced : mapping, optional
        The deflator of each release and stage, from `deflators`.

    Raises
    ------
    ValueError
        If `by` is neither.
    """
    rows = asked_rows(ledger, asked)
    if by in PARTS:
        rows = _finest(rows, by)
    elif by in WHOLES:
        rows = _printed(rows)
    else:
        raise ValueError(f"flows are not added by {by!r}; choose one of {', '.join((*WHOLES, *PARTS))}")
    heaps: dict[tuple[str, ...], list[Flow]] = defaultdict(list)
    for row in rows:
        heaps[_key(row, by)].append(row)
    return tuple(_total(key[0], heap, priced or {}) for key, heap in heaps.items())


def _key(row: Flow, by: str) -> tuple[str, ...]:
    shared = (
        row.provider,
        row.recipient,
        row.origin,
        row.stage,
        row.year_kind,
        row.currency,
        row.note,
        "" if row.until is None else f"{row.year}-{row.until}",
    )
    # An item that a text names is not added to its like of another year either.
    alone = str(row.year) if ITEMS in shape(row)[0] else ""
    return (code_of(row, by), *shared, alone)


def code_of(row: Flow, by: str) -> str:
    """Return the year, account, purpose or whatever `by` names of a row; empty where it has none."""
    if by in ("year", "vintage"):
        return str(row.year)
    if by in ("account", "agency", "stage", "provider"):
        return str(getattr(row, by))
    schemes = (PARTS[by], ITEMS) if by == "programme" else (PARTS[by],)
    return next((item for item in row.purposes.split(";") if item.partition(":")[0] in schemes), "")


def shape(row: Flow) -> tuple[frozenset[str], frozenset[str]]:
    """Return the schemes and the columns that a row fills."""
    schemes = frozenset(item.partition(":")[0] for item in row.purposes.split(";") if item)
    filled = frozenset(c for c in ("account", "agency", "channel", "form") if getattr(row, c))
    return schemes, filled


def _printed(rows: Iterable[Flow]) -> list[Flow]:
    """Return the rows that a release prints as its total; its row without any agency goes first."""
    bare, over_agencies = [], []
    for row in rows:
        schemes, filled = shape(row)
        if schemes or filled - {"agency"}:
            continue
        if not filled:
            bare.append(row)
        elif row.agency == ALL_AGENCIES:
            over_agencies.append(row)
    covered = {(row.origin, row.stage, row.provider, row.recipient, row.year) for row in bare}
    return bare + [
        row
        for row in over_agencies
        if (row.origin, row.stage, row.provider, row.recipient, row.year) not in covered
    ]


def _finest(rows: Iterable[Flow], by: str) -> list[Flow]:
    """Return, of each release and stage, the rows of the finest shape that has the part."""
    naming: dict[tuple[str, str], list[Flow]] = defaultdict(list)
    for row in rows:
        code = code_of(row, by)
        if code and not (by == "agency" and code == ALL_AGENCIES):
            naming[row.origin, row.stage].append(row)
    chosen = []
    for same in naming.values():
        finest = max(len(schemes) + len(filled) for schemes, filled in map(shape, same))
        # Items of texts are no table: each shape of them stays.
        chosen += [row for row in same if ITEMS in shape(row)[0] or sum(map(len, shape(row))) == finest]
    return chosen


def _total(code: str, rows: Sequence[Flow], priced: Priced) -> Total:
    first = rows[0]
    amounts: dict[int, float] = defaultdict(float)
    for row in rows:
        amounts[row.year] += row.amount
    factors = priced[first.origin, first.stage].factors if (first.origin, first.stage) in priced else {}
    spans = first.until is not None
    unpriced = tuple(sorted(amounts.keys() - factors.keys())) if not spans else ()
    constant = None
    if factors and not unpriced and not spans:
        constant = sum(amount * factors[year] for year, amount in amounts.items())
    return Total(
        code=code,
        provider=first.provider,
        recipient=first.recipient,
        stage=first.stage,
        origin=first.origin,
        vintage=first.vintage,
        currency=first.currency,
        year_kind=first.year_kind,
        note=first.note,
        since=min(amounts),
        until=max(row.until or row.year for row in rows),
        amount=sum(row.amount for row in rows),
        constant=constant,
        unpriced=unpriced,
        incomplete=tuple(sorted({row.year for row in rows if INCOMPLETE & set(row.caveats.split(";"))})),
        rows=tuple(row.row for row in rows),
    )


def deflators(
    ledger: Ledger, rows: Iterable[Flow], *, to: int, indexes: Sequence[str], currency: str
) -> dict[tuple[str, str], Deflator]:
    """Return the deflator of each release and stage among `rows`, to the prices of `to`.

    Amounts in another currency than the indexes' have none.

    Raises
    ------
    MissingDeflatorError
        If no release reaches `to`; one that does not is left out, and its totals say so.
    """
    found: dict[tuple[str, str], Deflator] = {}
    failed: MissingDeflatorError | None = None
    for origin, stage in dict.fromkeys((r.origin, r.stage) for r in rows if r.currency == currency):
        try:
            found[origin, stage] = deflator(ledger, origin=origin, stage=stage, to=to, indexes=indexes)
        except MissingDeflatorError as error:
            failed = error
    if failed is not None and not found:
        raise failed
    return found


def without_origin(asked: Asked) -> Asked:
    """Return the same question put to every release."""
    return replace(asked, origin="")


def agree(one: float, other: float) -> bool:
    """Return whether two amounts differ by no more than the rounding of releases."""
    return abs(one - other) <= _ROUNDING * max(abs(one), abs(other))


def conflicts(found: Iterable[Total]) -> tuple[Conflict, ...]:
    """Return the years for which yearly totals of different releases differ, by stage and year."""
    sides: dict[tuple[str, str, str, str, str, int], list[Total]] = defaultdict(list)
    for total in found:
        if total.since == total.until:
            what = (total.stage, total.provider, total.recipient, total.year_kind, total.currency)
            sides[*what, total.since].append(total)
    told = []
    for (stage, _, _, _, currency, year), same in sorted(sides.items()):
        amounts = [t.amount for t in same if not t.incomplete]
        if len(amounts) > 1 and not agree(min(amounts), max(amounts)):
            ordered = tuple(sorted(same, key=lambda t: (t.vintage, t.origin)))
            told.append(
                Conflict(
                    year=year,
                    stage=stage,
                    currency=currency,
                    sides=ordered,
                    low=min(amounts),
                    high=max(amounts),
                )
            )
    return tuple(told)
