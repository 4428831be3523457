"""The money behind every made file of ForeignAssistance.gov: one world, told by several files and releases.

A row of the world is a transaction. Rows stand in blocks of 24, two activities to a block, and blocks are
dealt out to recipients in the order of their codes; so each row can be made without those before it. The
summaries add up the same rows that the complete file prints, and an older release prints fewer of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.made.draw import Ints, Truths, amounts, below, chance, weighted
from tests.made.fiscal import (
    FIRST_DETAILED,
    LAST_DAY,
    LATEST,
    QUARTER,
    QUARTER_END,
    RELEASES,
    SLOT,
    YEAR_OF_DAY,
    Release,
    at_prices,
    day_number,
    slot_of_year,
)
from tests.made.places import Place, places
from tests.made.purposes import purposes
from tests.made.us_lists import PARTNERS, accounts, agencies, aid_type_weights, us_sectors

BLOCK = 24  # rows; two activities, so twelve rows to one on average
CHUNK = 96_000  # rows made at a time

# Transaction types: number and name, in the order in which the world counts them.
TYPES = (
    ("2", "Obligations"),
    ("3", "Disbursements"),
    ("1", "Appropriated and Planned"),
    ("18", "President's Budget Requests"),
    ("19", "Initial Allocations"),
)
OBLIGATION, DISBURSEMENT, APPROPRIATION, REQUEST, ALLOCATION = range(5)
STAGES = ("obligated", "disbursed", "appropriated", "requested", "allocated")

# What a small file is about when nobody says: plain cases and every kind of odd one.
_SHOWN = ("COL", "CS-KM", "FSM", "LAN", "LCN", "NULL", "PER", "SCG", "SMN", "SSD", "SSN", "TIB", "WLD")
_FORMER = "Czechoslovakia (former)"  # stands for all six without a code where recipients are named
_ENOUGH_BLOCKS = 1_000  # for all recipients to be dealt one, by weight
_BUDGET_YEARS = (SLOT["2004"], SLOT["2023"])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What to make.

    Attributes
    ----------
    rows : int
        Transactions, as the latest release knows them; older ones print fewer.
    seed : int
        Another seed is another world.
    release : str
        A key of `RELEASES`.
    recipients : tuple of str
        Codes to deal rows out to, evenly; empty for all of them, by weight.
    """

    rows: int
    seed: int = 1
    release: str = LATEST
    recipients: tuple[str, ...] = ()

    @property
    def about(self) -> Release:
        """What sets the release apart."""
        return RELEASES[self.release]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activities:
    """Activities side by side; each field is (A,) int64, a position in the list of its name."""

    number: Ints
    place: Ints
    agency: Ints
    partner: Ints
    purpose: Ints
    sector: Ints
    account: Ints
    aid_type: Ints
    start: Ints
    span: Ints
    scale: Ints
    history: Truths


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """Rows of the world side by side.

    Attributes
    ----------
    number : (N,) int64
        Position in the world.
    activity : (N,) int64
        Position in `activities`.
    kind : (N,) int64
        Position in `TYPES`.
    slot : (N,) int64
        Position in `tests.made.fiscal.YEARS`.
    day : (N,) int64
        Days since 1 October 1999; -1 where no date is printed.
    current, constant : (N,) int64, dollars
    """

    activities: Activities
    number: Ints
    activity: Ints
    kind: Ints
    slot: Ints
    day: Ints
    current: Ints
    constant: Ints

    def of_activity(self, field: str) -> Ints:
        """Return a field of each row's activity."""
        return np.asarray(getattr(self.activities, field)[self.activity], dtype=np.int64)


def transactions(world: World) -> Iterator[Transactions]:
    """Yield the rows of a release, in the order of the file, some at a time."""
    for start in range(0, world.rows, CHUNK):
        yield some_transactions(world, start, min(world.rows, start + CHUNK))


def some_transactions(world: World, start: int, stop: int) -> Transactions:
    """Return the rows of the world from `start` to `stop` that the release knows."""
    row = np.arange(start, stop, dtype=np.int64)
    block, offset = row // BLOCK, row % BLOCK
    first = 1 + below(world.seed, "split", block, BLOCK - 1)
    second = (offset >= first).astype(np.int64)
    number = 2 * block + second
    order = np.where(second == 1, offset - first, offset)
    size = np.where(second == 1, BLOCK - first, first)
    begin = int(number[0])
    told = _activities(world, np.arange(begin, int(number[-1]) + 1, dtype=np.int64))
    activity = number - begin

    old = told.history[activity]
    day = _days(world, told, activity, row, order, size)
    slot = np.where(old, _history_slots(world, block, offset), slot_of_year(YEAR_OF_DAY[day]))
    kind = _kinds(world, row, slot, old)
    current = _amounts(world, row, told.scale[activity], kind, old)
    arrived = _arrived(world, row, day, kind, slot, old)
    if not world.about.budgets:
        arrived &= kind < APPROPRIATION
    current = np.where(_adjusts()[told.account[activity]], -np.abs(current), current)
    current = _as_known_then(world, row, current, slot, old)
    if world.about.allocations:
        renamed = (kind == APPROPRIATION) & (slot < SLOT["2018"]) & chance(world.seed, "alloc", row, 400_000)
        kind = np.where(renamed, ALLOCATION, kind)
    base = np.where(kind < APPROPRIATION, SLOT[str(world.about.base)], SLOT[str(world.about.budget_base)])
    undated = old | (kind >= APPROPRIATION) | (slot < SLOT["2002"])
    return Transactions(
        activities=told,
        number=row[arrived],
        activity=activity[arrived],
        kind=kind[arrived],
        slot=slot[arrived],
        day=np.where(undated, -1, day)[arrived],
        current=current[arrived],
        constant=at_prices(current, slot, base)[arrived],
    )


# --- who gets rows -------------------------------------------------------------------------------


@functools.lru_cache(maxsize=8)
def _dealt(world_rows: int, codes: tuple[str, ...]) -> tuple[Ints, Ints, Ints]:
    """Return for each recipient dealt in: its place, its first block, and how many blocks are history."""
    blocks = -(-world_rows // BLOCK)
    if not codes and blocks < _ENOUGH_BLOCKS:
        codes = _SHOWN
    chosen = [
        (n, place.weight if not codes else 1)
        for n, place in enumerate(places())
        if not codes or (place.code in codes and (place.code != "NULL" or place.name == _FORMER))
    ]
    if not chosen:
        raise ValueError(f"no recipient has a code among {codes}; tests.made.places lists them")
    ends = np.cumsum([weight for _, weight in chosen])
    starts = np.concatenate([[0], ends[:-1] * blocks // int(ends[-1])]).astype(np.int64)
    lengths = np.diff(np.concatenate([starts, [blocks]]))
    gone = np.asarray([places()[n].former for n, _ in chosen])
    some = np.where(lengths >= 64, lengths // 64, (lengths >= 2).astype(np.int64))
    return np.asarray([n for n, _ in chosen], dtype=np.int64), starts, np.where(gone, lengths, some)


def dealt_places(world: World) -> tuple[Place, ...]:
    """Return the recipients that rows are dealt out to."""
    return tuple(places()[n] for n in _dealt(world.rows, world.recipients)[0])


def _share(world: World, block: Ints) -> tuple[Ints, Ints, Ints]:
    place, starts, old = _dealt(world.rows, world.recipients)
    share = np.searchsorted(starts, block, side="right") - 1
    return place[share], block - starts[share], old[share]


def _activities(world: World, number: Ints) -> Activities:
    place, since, old = _share(world, number // 2)
    history = since < old
    seed = world.seed
    account = _accounts(seed, number, history)
    scales = np.asarray([1, 2, 5, 10, 50, 100], dtype=np.int64)
    # Later years have more activities, and none begins in the last two months.
    year = np.maximum(below(seed, "start year", number, 25), below(seed, "or later", number, 28) - 3)
    start = np.minimum(year * 365 + below(seed, "start day", number, 330) + 366, LAST_DAY - 60)
    span = np.minimum(30 + below(seed, "span", number, 5 * 365), LAST_DAY - 25 - start)
    return Activities(
        number=number,
        place=place,
        agency=weighted(seed, "agency", number, [one.weight for one in agencies()]),
        partner=np.where(history, PARTNERS, below(seed, "partner", number, PARTNERS)),
        purpose=np.where(history, len(purposes()), below(seed, "purpose", number, len(purposes()))),
        sector=np.where(history, len(us_sectors()), below(seed, "sector", number, len(us_sectors()))),
        account=account,
        aid_type=weighted(seed, "aid type", number, aid_type_weights()),
        start=start,
        span=span,
        scale=scales[weighted(seed, "scale", number, [50, 20, 15, 10, 4, 1])],
        history=np.asarray(history, dtype=np.bool_),
    )


@functools.cache
def _adjusts() -> Truths:
    """Return for each account whether it only takes back what other rows give."""
    return np.asarray(["adjustment" in one.name for one in accounts()], dtype=np.bool_)


def _accounts(seed: int, number: Ints, history: Truths) -> Ints:
    """Return accounts: closed ones for half of history, a few usual ones for half of the rest."""
    open_ones = np.asarray([n for n, one in enumerate(accounts()) if not one.inactive], dtype=np.int64)
    closed = np.asarray([n for n, one in enumerate(accounts()) if one.inactive], dtype=np.int64)
    any_open = open_ones[below(seed, "account", number, len(open_ones))]
    any_closed = closed[below(seed, "closed account", number, len(closed))]
    usual = chance(seed, "usual account", number, 500_000)
    return np.where(history & usual, any_closed, np.where(usual, any_open % 6, any_open))


# --- when ----------------------------------------------------------------------------------------


def _days(world: World, told: Activities, activity: Ints, row: Ints, order: Ints, size: Ints) -> Ints:
    start, span = told.start[activity], told.span[activity]
    day = start + span * order // size + below(world.seed, "day", row, 25)
    day = np.minimum(day, LAST_DAY)
    quarterly = told.agency[activity] % 5 == 0
    return np.where(quarterly, np.minimum(QUARTER_END[day], LAST_DAY), day)


def _history_slots(world: World, block: Ints, offset: Ints) -> Ints:
    """Return the year of rows before 2001: in order where there are enough, else with the odd one first."""
    _, since, old = _share(world, block)
    nth, all_rows = since * BLOCK + offset, np.maximum(old, 1) * BLOCK
    in_order = nth * FIRST_DETAILED // all_rows
    mixed = (nth * 11 + QUARTER) % FIRST_DETAILED  # 11 has no divisor in common with the 56 years
    return np.where(all_rows >= FIRST_DETAILED, in_order, mixed)


def _arrived(world: World, row: Ints, day: Ints, kind: Ints, slot: Ints, old: Truths) -> Truths:
    """Return whether a row had been reported when the release came out: most within months, some years."""
    seed = world.seed
    lag = 45 + below(seed, "lag", row, 90)
    lag = np.where(chance(seed, "late", row, 300_000), lag + 120, lag)
    lag = np.where(chance(seed, "very late", row, 60_000), lag + 500, lag)
    budget = kind >= APPROPRIATION
    reported = np.where(budget, (slot - FIRST_DETAILED + 2) * 365, day + lag)
    if world.release == LATEST:
        return np.ones_like(old)
    return np.asarray(old | (reported <= day_number(world.release)), dtype=np.bool_)


# --- what and how much ---------------------------------------------------------------------------


def _kinds(world: World, row: Ints, slot: Ints, old: Truths) -> Ints:
    drawn = below(world.seed, "type", row, 1_000)
    kind = np.select(
        [drawn < 22, drawn < 40, drawn < 430], [APPROPRIATION, REQUEST, OBLIGATION], DISBURSEMENT
    ).astype(np.int64)
    early, late = _BUDGET_YEARS
    kind = np.where((kind >= APPROPRIATION) & ((slot < early) | (slot > late)), OBLIGATION, kind)
    return np.where(old, OBLIGATION, kind)


def _amounts(world: World, row: Ints, scale: Ints, kind: Ints, old: Truths) -> Ints:
    seed = world.seed
    amount = amounts(seed, "amount", row) * scale
    # Budgets and history are printed in whole thousands.
    amount = np.where(old | (kind >= APPROPRIATION), (amount // 1_000 + 1) * 1_000, amount)
    negative = np.select(
        [kind == OBLIGATION, kind == DISBURSEMENT],
        [chance(seed, "de-obligated", row, 140_000), chance(seed, "refunded", row, 40_000)],
        False,
    )
    amount = np.where(negative, -amount, amount)
    return np.where(chance(seed, "nought", row, 2_000), 0, amount)


def _as_known_then(world: World, row: Ints, current: Ints, slot: Ints, old: Truths) -> Ints:
    """Return amounts as an older release printed them."""
    if world.release == LATEST:
        return current
    seed, newest = world.seed, slot_of_year(np.asarray(YEAR_OF_DAY[day_number(world.release)]))
    rounded = chance(seed, "rounded", row, 40_000) & old & (world.release < "2023")
    current = np.where(rounded, current + below(seed, "by", row, 7) - 3, current)
    unsettled = chance(seed, "unsettled", row, 100_000) & ~old & (slot >= newest - 1)
    return np.where(unsettled, current * 9 // 10, current)
