"""Refugees, asylum-seekers and others of concern: how many of an origin are in a country of asylum.

Publisher: UNHCR, Refugee Population Statistics Database, CC BY 4.0 with terms of use,
https://www.unhcr.org/refugee-statistics/.

What a row means: one year, one country of asylum (the place), one country of origin (the counterpart); one
observation for each kind of population. Numbers of a year's end are stocks; returns, resettlement and
naturalisation count the year, and their country of asylum is where people arrived or left.

How to get a new copy: https://www.unhcr.org/refugee-statistics/download/, or the API with
``population/?download=true&coo_all=true&coa_all=true``, or the CSV on HDX. All print the latest release
without naming it.

Traps (2026-11):

- UNHCR's own codes of three letters are not ISO: GFR is Germany, AUS is Austria and AUL Australia. Only the
  columns called ISO are read; tables without them are read by name.
- ``*`` stands for 1 to 4 persons, hidden to protect them. No number is made of it: the cell is refused as
  ``redacted``, and the row's other cells are kept. Today's tables round such numbers to 0 or 5 instead, so
  that sums are approximate.
- ``-`` and an empty cell are no figure (nothing, not known, or not applicable alike): no row and no fault. An
  origin of ``-`` is the sum over origins: the counterpart is empty.
- Global Trends prints 1.1 million Venezuelans in Peru at the end of 2024, leaving asylum-seekers out; the
  kinds are kept apart here and never added.
- The half-year edition prints its numbers of June under the same year: nothing in the table tells, so rows
  get the caveat ``mid-year`` only where a preamble does.
- Applications and decisions come in several rows for a pair of countries, by procedure, level and way of
  counting (persons or cases); these stand in the indicator's name and must not be added blindly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from ayni.sources.contract import (
    Header,
    Opened,
    Recognised,
    Rows,
    Sample,
    Source,
    UnreadableError,
    refuse,
    refused_rows,
)
from ayni.sources.json_text import json_faults, json_text
from ayni.sources.places import place
from ayni.sources.series import A_NUMBER, A_YEAR, number, observations, together, year
from ayni.sources.unhcr_places import CODE_OF_NAME

_TITLE = "Refugee Population Statistics Database"
# What each publication calls a kind of population, as plain names of columns.
_KINDS = {
    "refugees": "unhcr-refugees",
    "refugees_under_unhcr_s_mandate": "unhcr-refugees",
    "refugees_incl_refugee_like_situations": "unhcr-refugees",
    "asylum_seekers": "unhcr-asylum-seekers",
    "asylum_seekers_pending_cases": "unhcr-asylum-seekers",
    "returned_refugees": "unhcr-returned-refugees",
    "idps": "unhcr-idps",
    "idps_of_concern_to_unhcr": "unhcr-idps",
    "internally_displaced_persons": "unhcr-idps",
    "internally_displaced_persons_idps": "unhcr-idps",
    "returned_idps": "unhcr-returned-idps",
    # The publisher's own spelling.
    "returned_idpss": "unhcr-returned-idps",
    "stateless": "unhcr-stateless",
    "stateless_persons": "unhcr-stateless",
    "ooc": "unhcr-others-of-concern",
    "others_of_concern": "unhcr-others-of-concern",
    "others_of_concern_to_unhcr": "unhcr-others-of-concern",
    "oip": "unhcr-other-people-in-need",
    "other_people_in_need_of_international_protection": "unhcr-other-people-in-need",
    "venezuelans_displaced_abroad": "unhcr-venezuelans-displaced",
    "hst": "unhcr-host-community",
    "host_community": "unhcr-host-community",
    "total_population": "unhcr-total-population",
    "resettlement": "unhcr-resettlement-arrivals",
    "resettlement_arrivals": "unhcr-resettlement-arrivals",
    "naturalisation": "unhcr-naturalisation",
    "applied": "unhcr-asylum-applications",
    "dec_recognized": "unhcr-asylum-decisions-recognized",
    "dec_other": "unhcr-asylum-decisions-other",
    "dec_rejected": "unhcr-asylum-decisions-rejected",
    "dec_closed": "unhcr-asylum-decisions-closed",
    "dec_total": "unhcr-asylum-decisions-total",
}
# What splits applications and decisions, in the order of their columns.
_SPLITS = ("procedure_type", "app_type", "dec_level", "app_pc", "dec_pc")
# Which of them says what is counted: persons (P) or cases (C), and of cases, which.
_COUNTED = {"app_pc": "application", "dec_pc": "decision"}
_ASYLUM = ("coa_iso", "country_of_asylum_iso", "country_of_asylum_code")
_ORIGIN = ("coo_iso", "country_of_origin_iso", "country_of_origin_code")
_ASYLUM_NAME = (
    "country_of_asylum",
    "country_of_asylum_name",
    "coa_name",
    "country_of_asylum_or_residence",
    "country_territory_of_asylum_residence",
)
_ORIGIN_NAME = ("country_of_origin", "country_of_origin_name", "coo_name", "origin")
_MONTHS = ("January February March April May June July August September October November December").split()
_ALL = "-"
_HIDDEN = "*"
_NOTHING = ("", "-")
_BATCH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where a table of UNHCR prints what.

    Attributes
    ----------
    asylum, origin : tuple of str
        The column of codes, and that of names; empty where the table has none.
    kinds : tuple of str
        Columns of figures.
    splits : tuple of str
        Columns that split them.
    long : bool
        Whether a column ``population_type`` names the kind and ``value`` holds the figure.
    months : bool
        Whether there is a column ``month``.
    mid_year : bool
        Whether the file says that its figures are of June.
    """

    asylum: tuple[str, str]
    origin: tuple[str, str]
    kinds: tuple[str, ...]
    splits: tuple[str, ...] = ()
    long: bool = False
    months: bool = False
    mid_year: bool = False


def recognise(sample: Sample) -> Recognised | None:
    """Return which of UNHCR's tables it is, or None."""
    if sample.kind == "json":
        return _recognise_json(sample.head)
    for header in sample.headers:
        layout = _layout(header.columns, sample.head, before=header.line)
        if layout is not None:
            return _recognised(layout, header, sample.head)
    return None


def _layout(columns: tuple[str, ...], head: str, *, before: int) -> _Layout | None:
    def first(names: tuple[str, ...]) -> str:
        return next((name for name in names if name in columns), "")

    asylum, origin = (first(_ASYLUM), first(_ASYLUM_NAME)), (first(_ORIGIN), first(_ORIGIN_NAME))
    long = {"population_type", "value"} <= set(columns)
    monthly = {"month", "value"} <= set(columns) and "country_territory_of_asylum_residence" in columns
    kinds = tuple(name for name in columns if name in _KINDS)
    if "year" not in columns or not any(asylum) or not any(origin) or not (kinds or long or monthly):
        return None
    preamble = "\n".join(head.split("\n")[: before - 1]).lower()
    return _Layout(
        asylum=asylum,
        origin=origin,
        kinds=kinds if not (long or monthly) else ("value",),
        splits=tuple(name for name in _SPLITS if name in columns),
        long=long,
        months=monthly,
        mid_year="mid-year" in preamble,
    )


def _recognised(layout: _Layout, header: Header, head: str) -> Recognised:
    extracted = re.search(r"Date extracted: (\d{4}-\d\d-\d\d)", head)
    return Recognised(
        dataset=_dataset(layout),
        title=_TITLE,
        vintage=extracted[1] if extracted else "",
        # Seen: the API's columns, as the publisher's package for R holds them, and one export of 2016.
        verified="coa_iso" in layout.asylum or "country_of_asylum_or_residence" in layout.asylum,
        header=header,
        table=_table(layout),
    )


def _dataset(layout: _Layout) -> str:
    if "applied" in layout.kinds:
        return "unhcr-asylum-applications"
    if any(name.startswith("dec_") for name in layout.kinds):
        return "unhcr-asylum-decisions"
    return "unhcr-population"


def _table(layout: _Layout) -> Callable[[pl.DataFrame], Rows]:
    """Return a reader of tables laid out so."""

    def read(frame: pl.DataFrame) -> Rows:
        placed = _placed(frame, layout)
        faults = _faults(frame, placed, layout)
        bad = together(faults)
        good = placed if bad is None else placed.join(bad, on="line", how="anti")
        hidden = _hidden(frame.join(good.select("line"), on="line", how="semi"), layout)
        return Rows(
            read=frame.height, observations=_observed(good, layout), refused=together([*faults, *hidden])
        )

    return read


def _placed(frame: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Return the rows with the keys of both places, the year, the part of it, and the kind in long tables."""
    kind = pl.col("population_type").str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_")
    months = {name: f"M{position:02}" for position, name in enumerate(_MONTHS, 1)}
    month = pl.col("month").str.strip_chars().replace_strict(months, default=None, return_dtype=pl.String())
    return frame.with_columns(
        _place=_place(layout.asylum, summed="unhcr:all"),
        _counterpart=_place(layout.origin, summed=""),
        _year=year(pl.col("year")),
        _part=month if layout.months else pl.lit(""),
        _kind=kind.str.strip_chars("_").replace_strict(_KINDS, default=None, return_dtype=pl.String())
        if layout.long
        else pl.lit("unhcr-asylum-applications"),
    )


def _place(columns: tuple[str, str], *, summed: str) -> pl.Expr:
    """Return the key of the place that a code, or else a name, tells; null where neither is known."""
    code, name = columns
    if code:
        told = pl.col(code).str.strip_chars().replace("UKN", "UNK")
    else:
        told = (
            pl.col(name)
            .str.strip_chars()
            .str.to_lowercase()
            .replace_strict(CODE_OF_NAME | {_ALL: _ALL}, default=None, return_dtype=pl.String())
        )
    return pl.when(told == _ALL).then(pl.lit(summed)).otherwise(place(told, "unhcr"))


def _faults(frame: pl.DataFrame, placed: pl.DataFrame, layout: _Layout) -> list[pl.DataFrame]:
    """Return the rows that cannot be read; a row with a figure that is no number is refused whole."""
    checks = [("_year", "year", "not-a-year", A_YEAR)]
    for key, (code, name) in (("_place", layout.asylum), ("_counterpart", layout.origin)):
        checks.append((key, code or name, "unknown-code", "PER" if code else "Peru"))
    if layout.long:
        checks.append(("_kind", "population_type", "unknown-code", "Refugees"))
    if layout.months:
        checks.append(("_part", "month", "not-a-date", "January"))
    parts = [
        refused_rows(frame.filter(placed[key].is_null()), fault, column=column, expected=expected)
        for key, column, fault, expected in checks
    ]
    for name in layout.kinds:
        figure = pl.col(name).str.strip_chars()
        wrong = number(figure).is_null() & ~figure.is_in([*_NOTHING, _HIDDEN])
        parts.append(refuse(frame, wrong.fill_null(False), "not-a-number", column=name, expected=A_NUMBER))
    return parts


def _hidden(frame: pl.DataFrame, layout: _Layout) -> list[pl.DataFrame]:
    return [
        refuse(frame, pl.col(name).str.strip_chars() == _HIDDEN, "redacted", column=name, expected=A_NUMBER)
        for name in layout.kinds
    ]


def _observed(rows: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Return one observation for each figure."""
    kept = ["line", "_place", "_counterpart", "_year", "_part", "_kind", *layout.splits]
    figures = rows.unpivot(list(layout.kinds), index=kept, variable_name="_column", value_name="_figure")
    figures = figures.with_columns(number(pl.col("_figure"))).filter(pl.col("_figure").is_not_null())
    narrow = layout.long or layout.months
    kind = pl.col("_kind") if narrow else pl.col("_column").replace_strict(_KINDS, return_dtype=pl.String())
    splits = [pl.col(name).fill_null("") for name in layout.splits]
    unit = pl.lit("person")
    for name in set(layout.splits) & set(_COUNTED):
        unit = pl.when(pl.col(name) == "C").then(pl.lit(_COUNTED[name])).otherwise(unit)
    return observations(
        figures.sort("line", maintain_order=True),
        {
            "indicator": pl.concat_str(kind, pl.lit("/"), pl.concat_str(splits, separator="."))
            if splits
            else kind,
            "place": pl.col("_place"),
            "counterpart": pl.col("_counterpart"),
            "year": pl.col("_year"),
            "part_year": pl.col("_part"),
            "value": pl.col("_figure"),
            "unit": unit,
            "caveats": pl.lit("mid-year" if layout.mid_year else ""),
        },
    )


def _recognise_json(head: str) -> Recognised | None:
    if not all(f'"{name}"' in head for name in ("items", "coo_iso", "coa_iso")):
        return None
    first = re.search(r'\{[^{}]*"coa_iso"[^{}]*\}', head)
    try:
        columns = tuple(json.loads(first[0])) if first else ()
    except ValueError:
        return None
    layout = _layout(columns, "", before=1)
    if layout is None:
        return None
    pages = re.search(r'"maxPages"\s*:\s*"?(\d+)', head)
    return Recognised(
        dataset=_dataset(layout),
        title=f"{_TITLE} (API)",
        verified=False,
        read=_json(layout),
        caution=("several-pages",) if pages and int(pages[1]) > 1 else (),
    )


def _json(layout: _Layout) -> Callable[[Opened], Iterator[Rows]]:
    """Return a reader of a page of the API; the line is a record's position, from 1."""
    columns = {name: pl.String() for name in ("year", *layout.asylum, *layout.origin, *layout.kinds)}
    columns |= dict.fromkeys(layout.splits, pl.String())
    columns.pop("", None)
    table = _table(layout)

    def read(opened: Opened) -> Iterator[Rows]:
        text = json_text(opened)
        with json_faults():
            told = json.loads(text, parse_int=str, parse_float=str)
        items = told.get("items") if isinstance(told, dict) else None
        if not isinstance(items, list):
            raise UnreadableError("not-json", found=text[:80], expected='{"items": […]}')
        for start in range(0, len(items), _BATCH):
            some = [item if isinstance(item, dict) else {} for item in items[start : start + _BATCH]]
            cells = {name: [_text(item.get(name)) for item in some] for name in columns}
            with json_faults():
                frame = pl.DataFrame(cells, schema=columns)
            yield table(frame.with_columns((pl.int_range(pl.len()) + start + 1).alias("line")))

    return read


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


SOURCE = Source(
    key="unhcr",
    publisher="UNHCR",
    url="https://www.unhcr.org/refugee-statistics/download/",
    licence="cc-by-4.0",
    recognise=recognise,
)
