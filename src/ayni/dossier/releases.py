"""One release in the place of another: in memory, to see what would move; nothing is written.

A release of a dossier is what its tables of flows give under one origin; a release of a ledger of official
files is one file. In a dossier's tables a row may be a total or a part, so rows are paired by everything
that tells what they are of. The rows of an official file are what its totals are made of, so they are added
to the shape that the dossier's row has: all of a provider, recipient, stage and year, or those of its
account, its agency, its purposes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from ayni.dossier.changes import Tally, tally
from ayni.dossier.moved import Moved, ordered
from ayni.ledger.bases import bases
from ayni.ledger.records import Flow
from ayni.ledger.schemas import FLOWS, TABLES
from ayni.ledger.series import flows
from ayni.ledger.store import Ledger, frame, scan
from ayni.ledger.totals import ALL_AGENCIES
from ayni.remember import Kept

# What tells which figure of a release a row is.
_SHAPE = (
    *("provider", "recipient", "stage", "year_kind", "currency"),
    *("form", "purposes", "account", "agency", "channel", "note"),
)
_PAIRED = ("stage", "year", "year_kind", "currency")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A ledger in which one release stands in the place of another.

    Attributes
    ----------
    ledger : Ledger
        In memory only.
    printed : dict of str to str
        Rows of it by the name that they have in the new release, where that is another.
    since : int
        The first year of the old release: a dossier's tables may begin after the official file does.
    earlier : int
        How many figures of the new release, of years before that, were left out.
    """

    ledger: Ledger
    printed: dict[str, str]
    since: int = 0
    earlier: int = 0


def origins_of_flows(ledger: Ledger) -> tuple[str, ...]:
    """Return the keys of every origin with flows, sorted."""
    found = scan(ledger, "flows").select(pl.col("origin").unique()).collect()
    return tuple(sorted(found["origin"].to_list()))


def stand_in(ledger: Ledger, old: str, new: str, official: Ledger | None = None) -> StandIn:
    """Return `ledger` with the release `new` in the place of `old`.

    Rows of `old` keep their names and their place; what only `new` has is added, what it lacks is gone. But
    a release of a dossier holds what was gathered of it: where that is nothing of a recipient at all, the
    rows of `old` stay. Years before the first of `old` are left out, and counted.

    Parameters
    ----------
    official : Ledger, optional
        The ledger of official files that holds `new`; by default it is a release of `ledger` itself.
    """
    before = flows(ledger, origin=old)
    since = min((row.year for row in before), default=0)
    printed_there = flows(ledger, origin=new) if official is None else _added_up(official, new, before)
    after = [row for row in printed_there if row.year >= since]
    left: dict[tuple[object, ...], list[Flow]] = defaultdict(list)
    for row in after:
        left[_key(row)].append(row)
    gathered = {(row.provider, row.recipient) for row in printed_there}
    rows, printed = [], {}
    for row in before:
        if official is None and (row.provider, row.recipient) not in gathered:
            rows.append(row)
        elif left[_key(row)]:
            found = left[_key(row)].pop(0)
            rows.append(replace(found, origin=old, vintage=row.vintage, row=row.row))
            printed[row.row] = found.row
    vintage = before[0].vintage if before else ""
    for place, found in enumerate(one for same in left.values() for one in same):
        name = f"{found.row.partition(':')[0]}:{new}+{place}"
        if official is not None:
            name = f"{_file(before, found)}:{new}+{place}"
        rows.append(replace(found, origin=old, vintage=vintage, row=name))
        printed[name] = found.row
    made = _with_flows(ledger, old, rows)
    return StandIn(ledger=made, printed=printed, since=since, earlier=len(printed_there) - len(after))


def _key(row: Flow) -> tuple[object, ...]:
    return (row.year, row.until, row.price_base is not None, *_shape(row))


def _file(before: Sequence[Flow], like: Flow) -> str:
    """Return the table in which rows of the same shape stand."""
    same = (row for row in before if _shape(row) == _shape(like))
    return next(same, before[0]).row.partition(":")[0]


def _with_flows(ledger: Ledger, origin: str, rows: Iterable[Flow]) -> Ledger:
    made = pl.DataFrame([{n: getattr(row, n) for n in FLOWS} for row in rows], schema=FLOWS, orient="row")
    others = frame(ledger, "flows").filter(pl.col("origin") != origin)
    kept: Kept = {table: frame(ledger, table) for table in TABLES if table != "flows"}
    return Ledger(path=ledger.path, parts=ledger.parts, kept={**kept, "flows": pl.concat([others, made])})


# -- official files ------------------------------------------------------------------------


def _added_up(official: Ledger, origin: str, before: Sequence[Flow]) -> list[Flow]:
    """Return the rows of an official file added to the shapes of a dossier's rows, year by year."""
    pairs = {(row.provider, row.recipient) for row in before}
    among = pl.any_horizontal(
        (pl.col("provider") == one) & (pl.col("recipient") == other) for one, other in sorted(pairs)
    )
    rows = scan(official, "flows", [origin]).filter(among & pl.col("until").is_null()).collect()
    base = {one.stage: one.base for one in bases(official, origin)}
    # What only a note tells apart cannot be found in an official file.
    alone = [row for row in before if row.until is None and not row.note]
    spoken = {_shape(row): row.price_base for row in alone if row.price_base is not None}
    return [
        found
        for shape, row in {_shape(row): row for row in alone}.items()
        for found in _yearly(rows, row, (base.get(row.stage) or spoken[shape]) if shape in spoken else None)
    ]


def _shape(row: Flow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _SHAPE)


def _yearly(rows: pl.DataFrame, like: Flow, base: int | None) -> Iterator[Flow]:
    """Yield the sums of the rows that have the shape of `like`, at current prices and at those of `base`."""
    found = (
        rows.filter(*_of_shape(like))
        .group_by("year")
        .agg(
            pl.col("amount").sum(),
            pl.col("constant").sum().alias("deflated"),
            pl.col("constant").count().alias("priced"),
            pl.col("row").first(),
            pl.len().alias("rows"),
            pl.col("caveats").unique(),
        )
        .sort("year")
    )
    for year in found.iter_rows(named=True):
        more = f" +{year['rows'] - 1}" if year["rows"] > 1 else ""
        codes = sorted({code for told in year["caveats"] for code in told.split(";") if code})
        current = replace(
            like,
            year=year["year"],
            amount=year["amount"],
            price_base=None,
            constant=None,
            caveats=";".join(codes),
            row=f"{year['row']}{more}",
        )
        yield current
        if year["priced"] and base is not None:
            yield replace(current, amount=year["deflated"], price_base=base)


def _of_shape(like: Flow) -> list[pl.Expr]:
    exact = ("provider", "recipient", "stage", "year_kind", "currency")
    asked = [pl.col(name) == getattr(like, name) for name in exact]
    asked += [pl.col(n) == getattr(like, n) for n in ("form", "account", "channel") if getattr(like, n)]
    if like.agency not in ("", ALL_AGENCIES):
        asked.append(pl.col("agency") == like.agency)
    items = filter(None, like.purposes.split(";"))
    return [*asked, *(pl.col("purposes").str.split(";").list.contains(item) for item in items)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two releases of a ledger of official files, side by side.

    Attributes
    ----------
    totals : tuple of Moved
        By stage and year, over all providers and recipients; these two are empty in the rows.
    figures : tuple of Moved
        By provider, recipient, stage and year; what moved most first.
    tally : Tally
        Of the figures.
    """

    totals: tuple[Moved, ...]
    figures: tuple[Moved, ...]
    tally: Tally


def compare_releases(official: Ledger, old: str, new: str, pair: tuple[str, str] | None = None) -> Compared:
    """Return the figures of two official files that differ, of one provider and recipient or of all.

    A figure is all that one provider gave one recipient at one stage in one year, in the money and the kind
    of year printed.
    """
    totals, _ = _differing(official, (old, new), _PAIRED, pair)
    figures, alike = _differing(official, (old, new), ("provider", "recipient", *_PAIRED), pair)
    in_time = sorted(totals, key=lambda m: (_place(m), m.row.year))
    return Compared(totals=tuple(in_time), figures=figures, tally=tally(figures, alike))


def _place(moved: Moved) -> tuple[str, str, str]:
    row = moved.row
    return (row.stage, row.year_kind, row.currency) if isinstance(row, Flow) else ("", "", "")


def _differing(
    official: Ledger, releases: tuple[str, str], by: tuple[str, ...], pair: tuple[str, str] | None
) -> tuple[tuple[Moved, ...], int]:
    """Return the sums that differ between two releases, and how many are the same."""
    old, new = (_sums(official, release, by, pair) for release in releases)
    joined = old.join(new, on=by, how="full", coalesce=True, suffix="_new")
    differing = joined.filter(pl.col("amount").ne_missing(pl.col("amount_new")))
    found = []
    for one in differing.iter_rows(named=True):
        what = {name: one[name] for name in by}
        sides = [
            None if one[amount] is None else _flow(what, one[amount], release, one[row])
            for amount, row, release in zip(
                ("amount", "amount_new"), ("row", "row_new"), releases, strict=True
            )
        ]
        found.append(Moved(old=sides[0], new=sides[1]))
    return ordered(found), joined.height - differing.height


def _sums(official: Ledger, release: str, by: tuple[str, ...], pair: tuple[str, str] | None) -> pl.DataFrame:
    rows = scan(official, "flows", [release])
    rows = rows.filter(pl.col("price_base").is_null(), pl.col("until").is_null())
    if pair is not None:
        rows = rows.filter(pl.col("provider") == pair[0], pl.col("recipient") == pair[1])
    return rows.group_by(by).agg(pl.col("amount").sum(), pl.col("row").first()).collect()


def _flow(what: dict[str, object], amount: float, release: str, row: str) -> Flow:
    empty: dict[str, object] = {n: "" if kind == pl.String() else None for n, kind in FLOWS.items()}
    return Flow(**{**empty, **what, "amount": amount, "origin": release, "row": row})  # type: ignore[arg-type]
