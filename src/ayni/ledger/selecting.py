"""Which rows of official files a question is about, and what they are cut by.

One place says so, for the answer and for the way back from it: an answer's amount is the sum of exactly the
rows that `ayni.ledger.walking` lists.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from ayni.ledger.holdings import Holding
from ayni.ledger.pairs import LEFT_OUT
from ayni.ledger.purposes import READINGS, read, telling_accounts
from ayni.ledger.schemas import PAIRS
from ayni.ledger.store import Ledger, part_files, scan

# What an answer can be cut by. Those after `vintage` every answer tells anyway.
CUTS = (
    "year",
    "interest",
    "agency",
    "account",
    "channel",
    "form",
    "purpose",
    "sector",
    "category",
    "activity",
    "date-year",
    "provider",
    "recipient",
    "vintage",
    "stage",
    "currency",
)
# Never added across, asked for or not.
APART = ("origin", "stage", "year_kind", "currency")
_COLUMN_OF = {"date-year": "date_year"}
_ALWAYS = ("year", "until", "stage", "year_kind", "currency", "left_out")
_SAID = ("purposes", "account")
_TEXTS = ("agency", "account", "channel", "form", "activity", "purpose", "sector", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to a ledger of official files; empty or None for all.

    Attributes
    ----------
    by : tuple of str
        What to cut by, any of `CUTS`.
    provider, recipient, stage : str
        Keys: ISO3 for countries.
    since, until : int or None
        First and last year.
    dataset : str
        Which dataset answers; empty for the first that can, ``all`` for each on its own lines.
    release : str
        Key of an origin, or a vintage; empty for the latest.
    framework : str
        ``us`` or ``dac``: by which purposes are read; empty for the publisher's own.
    at : int or None
        Year of constant prices; None for none.
    money : str
        Currency of the constant amounts; empty for the one printed.
    deflator : str
        ``implied``, ``wdi``, or the key of a price index; empty for the first that can.
    calendar : bool
        Whether fiscal years are turned into calendar years.
    everything : bool
        Whether rows that print money again are counted in as well (`LEFT_OUT`).
    """

    by: tuple[str, ...] = ("year",)
    provider: str = ""
    recipient: str = ""
    stage: str = ""
    since: int | None = None
    until: int | None = None
    dataset: str = ""
    release: str = ""
    framework: str = ""
    at: int | None = None
    money: str = ""
    deflator: str = ""
    calendar: bool = False
    everything: bool = False

    def __post_init__(self) -> None:
        unknown = [one for one in self.by if one not in CUTS]
        if unknown or not self.by:
            raise ValueError(f"cut by {', '.join(unknown) or 'nothing'}; give any of {', '.join(CUTS)}")
        if self.framework not in ("", "us", "dac"):
            raise ValueError(f"framework {self.framework!r}; give 'us' or 'dac'")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the cuts make, those of every answer left out."""
        return tuple(column_of(one) for one in self.by if one not in APART)

    @property
    def readings(self) -> tuple[str, ...]:
        """The cuts that are read from purposes."""
        return tuple(one for one in self.by if one in READINGS)


def column_of(cut: str) -> str:
    """Return the name of the column that a cut makes."""
    return _COLUMN_OF.get(cut, cut)


def chosen(ledger: Ledger, held: Holding, asked: Asked, recipients: Collection[str] = ()) -> pl.LazyFrame:
    """Return the rows of a release that are asked about, with `left_out` telling which are not added.

    Parameters
    ----------
    recipients : collection of str
        Recipients to read beside the one asked about.
    """
    rows = scan(ledger, "flows", [held.origin]).filter(pl.col("price_base").is_null())
    dated = pl.col("date").dt.year().cast(pl.Int64).alias("date_year")
    return asked_about(rows, asked, recipients).with_columns(dated)


def asked_about(rows: pl.LazyFrame, asked: Asked, recipients: Collection[str]) -> pl.LazyFrame:
    """Return the rows of flows or of pairs that are asked about, with `left_out`."""
    if asked.provider:
        rows = rows.filter(pl.col("provider") == asked.provider)
    if asked.recipient:
        rows = rows.filter(pl.col("recipient").is_in([asked.recipient, *recipients]))
    if asked.stage:
        rows = rows.filter(pl.col("stage") == asked.stage)
    # A calendar year holds parts of two fiscal years.
    wider = 1 if asked.calendar else 0
    if asked.since is not None:
        rows = rows.filter(pl.col("year") >= asked.since)
    if asked.until is not None:
        rows = rows.filter(pl.col("year") <= asked.until + wider)
    return rows.with_columns(left_out(asked).alias("left_out"))


def left_out(asked: Asked) -> pl.Expr:
    """Return the code for which a row is left out of sums; empty for none.

    A sum over providers or recipients that the question names is what the question is about.
    """
    said = pl.lit("")
    if asked.everything:
        return said
    for code in LEFT_OUT:
        if (code == "sum-of-providers" and asked.provider) or (
            code == "sum-of-recipients" and asked.recipient
        ):
            continue
        said = pl.when(pl.col("caveats").str.contains(code, literal=True)).then(pl.lit(code)).otherwise(said)
    return said


def heaps(ledger: Ledger, held: Holding, asked: Asked, recipients: Collection[str] = ()) -> pl.DataFrame:
    """Return the rows asked about, added up as far as nothing asked for is lost.

    Returns
    -------
    DataFrame
        The columns of the cuts, ``year``, ``until``, ``stage``, ``year_kind``, ``currency``, ``left_out``,
        ``recipient`` where one is asked about, ``date_year`` where years are turned, ``decided``, where
        interests are asked for, whether a purpose says which; ``amount``, in whole units, and ``rows``, how
        many were added.
    """
    framework = asked.framework or held.framework
    keep = [*_ALWAYS, *(column_of(one) for one in asked.by if one not in (*READINGS, *_ALWAYS, "vintage"))]
    keep += ["recipient"] if asked.recipient else []
    keep += ["date_year"] if asked.calendar else []
    if not asked.readings:
        rows = _added(_source(ledger, held, asked, keep, recipients), keep)
    elif asked.recipient:
        rows = read(
            _added(chosen(ledger, held, asked, recipients), [*keep, *_SAID]), _read_names(asked), framework
        )
    else:
        rows = _read_first(chosen(ledger, held, asked, recipients), keep, asked, framework)
    texts = [name for name in ("agency", "account", "channel", "form", "activity") if name in rows.columns]
    return rows.with_columns(
        pl.col(texts).fill_null(""), origin=pl.lit(held.origin), vintage=pl.lit(held.vintage)
    )


def _source(
    ledger: Ledger, held: Holding, asked: Asked, keep: Collection[str], recipients: Collection[str]
) -> pl.LazyFrame:
    """Return the table that answers soonest: that of pairs where it has every column, else the flows."""
    if set(keep) <= set(PAIRS) | {"left_out"} and part_files(ledger, "pairs", [held.origin]):
        return asked_about(scan(ledger, "pairs", [held.origin]), asked, recipients)
    return chosen(ledger, held, asked, recipients)


def _added(rows: pl.LazyFrame, keep: Collection[str]) -> pl.DataFrame:
    count = pl.col("rows").sum() if "rows" in rows.collect_schema() else pl.len().cast(pl.Int64).alias("rows")
    return rows.group_by(list(dict.fromkeys(keep))).agg(pl.col("amount").sum(), count).collect()


def _read_names(asked: Asked) -> list[str]:
    return [*asked.readings, *(["decided"] if "interest" in asked.by else [])]


def _read_first(rows: pl.LazyFrame, keep: Collection[str], asked: Asked, framework: str) -> pl.DataFrame:
    """Return heaps of all recipients: reads first what each set of purposes says, for there are few."""
    names = _read_names(asked)
    # Most accounts say nothing about an interest; without them the sets of purposes are few.
    telling = (
        pl.when(pl.col("account").is_in(telling_accounts())).then(pl.col("account")).otherwise(pl.lit(""))
    )
    plain = rows.with_columns(telling.alias("account")) if "account" not in asked.by else rows
    told = read(plain.select(_SAID).unique().collect(), names, framework)
    joined = plain.join(told.lazy(), on=list(_SAID), how="left", nulls_equal=True)
    return _added(joined, [*keep, *names])


def carries(rows: pl.DataFrame, asked: Asked) -> bool:
    """Return whether a release has what the question cuts by: some row fills each of the cuts."""
    for one in asked.by:
        if one == "interest" and not rows["decided"].eq("yes").any():
            return False
        if one in _TEXTS and rows[column_of(one)].fill_null("").eq("").all():
            return False
        if one == "date-year" and rows["date_year"].is_null().all():
            return False
    return True
