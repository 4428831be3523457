"""World Development Indicators of the World Bank: an indicator, a country, a year, a value.

Publisher: World Bank, CC BY 4.0, https://databank.worldbank.org/source/world-development-indicators.

What a row means: one indicator in one country or group of countries. The bulk file and the download of one
indicator print all years side by side, the API and the copies in DDF one year a row. An empty cell is no row.

How to get a new copy: WDI_CSV.zip, or the CSV download on an indicator's page, or the API with
``format=json&per_page=20000``. Only a preamble or ``lastupdated`` tells the release.

Traps (2026-11):

- Groups have codes of three letters like countries (LCN, WLD, SSF; CHI is the Channel Islands). They become
  ``wb-region:LCN``. Withdrawn codes of countries (ROM, ZAR) become today's.
- Net aid by provider (``DC.DAC.USAL.CD``) is net of repayments and can be negative. It is given twice, as an
  observation and as a flow of stage *net*. Sums are observations only, so that no flow is counted twice:
  ``DC.DAC.TOTL.CD``, which is the sum over providers, and what groups of recipients got.
- The official exchange rate (``PA.NUS.FCRF``) of Peru is 0 before 1985, its currency having been restated: it
  is kept, with the caveat ``zero-rate``.
- Values carry float noise (120959999.08447); they are kept as printed.
- The unit stands only in the indicator's name, in brackets; copies in DDF do not print the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

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
from ayni.sources.series import A_NUMBER, A_YEAR, flows, number, observations, together, year

_TITLE = "World Development Indicators"
# DataBank heads a year "1990 [YR1990]" and prints ".." where there is no value.
_YEAR_HEAD = re.compile(r"(\d{4})(?: \[YR\1\])?")
_NOTHING = ("", "..")
# DataBank speaks of series where the other files speak of indicators.
_ALIASES = {"series_code": "indicator_code", "series_name": "indicator_name"}
# Codes that the Bank used for countries before those of ISO; in DDF, two that it writes out.
_RENAMED = {
    "ADO": "AND",
    "IMY": "IMN",
    "KSV": "XKX",
    "ROM": "ROU",
    "TMP": "TLS",
    "WBG": "PSE",
    "ZAR": "COD",
    "CHANISL": "CHI",
    "WORLD": "WLD",
}
# DC.DAC.<provider>L.CD: the provider's letters are ISO, but for the European institutions, which get their
# code in the DAC's list, and TOT, which is the sum of all.
_PROVIDER = r"^DC\.DAC\.([A-Z]{3})L\.CD$"
_NOT_COUNTRIES = {"CEC": "dac:918"}
_SUM = "TOT"
_REGION = "wb-region"
_RATE = "PA.NUS.FCRF"
_DDF_CODE = re.compile(r"[a-z]{2}(_[a-z0-9]+)+")
_BATCH = 20_000

_LONG = {name: pl.String() for name in ("indicator", "name", "code", "year", "value")}


def recognise(sample: Sample) -> Recognised | None:
    """Return which of the Bank's files it is, or None."""
    if sample.kind == "json":
        return _recognise_json(sample.head)
    for header in sample.headers:
        found = _recognise_table(header, sample.head)
        if found is not None:
            return found
    return None


def _recognise_table(header: Header, head: str) -> Recognised | None:
    columns = {_ALIASES.get(name, name): name for name in header.columns}
    years = _years(header)
    if years and {"country_code", "indicator_code"} <= set(columns):
        return Recognised(
            dataset="wdi",
            title=_TITLE,
            vintage=_updated(head, r'"?Last Updated(?: Date)?"?[:,]\s*"?(\d{4}-\d\d-\d\d)'),
            verified=False,
            header=header,
            table=_wide(years, {new: old for new, old in columns.items() if new != old}),
        )
    if header.columns == ("indicator", "geo", "time", "value"):
        return _ddf(header, "")
    if len(header.columns) == 3 and header.columns[0] in ("geo", "global", "country"):  # noqa: PLR2004
        _, time, concept = header.columns
        if time in ("time", "year") and _DDF_CODE.fullmatch(header.printed[2].strip()):
            return _ddf(header, concept)
    return None


def _ddf(header: Header, concept: str) -> Recognised:
    return Recognised(
        dataset="wdi",
        title=f"{_TITLE} (DDF)",
        verified=True,
        header=header,
        table=_long(header.columns, concept),
    )


def _years(header: Header) -> dict[str, str]:
    found = {}
    for column, printed in zip(header.columns, header.printed, strict=True):
        if told := _YEAR_HEAD.fullmatch(printed.strip()):
            found[column] = told[1]
    return found


def _updated(head: str, pattern: str) -> str:
    told = re.search(pattern, head)
    return told[1] if told else ""


def _wide(years: dict[str, str], aliases: dict[str, str]) -> Callable[[pl.DataFrame], Rows]:
    """Return a reader of rows that print all years side by side.

    A row with a cell that is no number is refused whole, so that its mended text can be read again.
    """

    def read(frame: pl.DataFrame) -> Rows:
        at = {new: aliases.get(new, new) for new in ("country_code", "indicator_code", "indicator_name")}
        parts = [
            refuse(frame, pl.col(at[new]).is_null(), "missing-value", column=at[new], expected=example)
            for new, example in (("country_code", "PER"), ("indicator_code", _RATE))
        ]
        faulty = frame.with_columns(
            _fault=pl.coalesce(pl.when(_not_a_number(name)).then(pl.lit(name)) for name in years)
        ).filter(pl.col("_fault").is_not_null())
        for (name,), rows in faulty.group_by(["_fault"], maintain_order=True):
            bad = rows.drop("_fault")
            parts.append(refused_rows(bad, "not-a-number", column=str(name), expected=A_NUMBER))
        refused = together(parts)
        good = frame if refused is None else frame.join(refused, on="line", how="anti")
        name = pl.col(at["indicator_name"]) if at["indicator_name"] in frame.columns else pl.lit("")
        cells = good.select(
            "line",
            *years,
            indicator=pl.col(at["indicator_code"]),
            name=name,
            code=pl.col(at["country_code"]),
        ).unpivot(
            list(years), index=["line", "indicator", "name", "code"], variable_name="year", value_name="value"
        )
        cells = cells.with_columns(pl.col("year").replace(years)).sort("line", "year")
        return _rows(cells, read=frame.height, refused=refused, details=_details(good, at))

    return read


def _details(frame: pl.DataFrame, at: Mapping[str, str]) -> pl.DataFrame:
    names = {"country_name": "country_name", "indicator_name": at["indicator_name"]}
    return frame.select(
        "line",
        **{
            new: pl.col(old) if old in frame.columns else pl.lit("", pl.String())
            for new, old in names.items()
        },
    )


def _blank(name: str) -> pl.Expr:
    return pl.col(name).is_null() | pl.col(name).str.strip_chars().is_in(_NOTHING)


def _not_a_number(name: str) -> pl.Expr:
    return ~_blank(name) & number(pl.col(name)).is_null()


def _long(columns: tuple[str, ...], concept: str) -> Callable[[pl.DataFrame], Rows]:
    """Return a reader of rows with one year each; `concept` is the column of values, which names them."""

    def read(frame: pl.DataFrame) -> Rows:
        indicator = pl.lit(concept) if concept else pl.col("indicator")
        place_column = columns[0] if concept else "geo"
        time, value = columns[-2], columns[-1]
        refused = _refused(frame, code=place_column, time=time, value=value)
        good = frame if refused is None else frame.join(refused, on="line", how="anti")
        cells = good.select(
            "line",
            indicator=indicator.str.replace_all("_", ".", literal=True),
            name=pl.lit(""),
            code=pl.col(place_column),
            year=pl.col(time),
            value=pl.col(value),
        )
        return _rows(cells, read=frame.height, refused=refused)

    return read


def _refused(frame: pl.DataFrame, *, code: str, time: str, value: str) -> pl.DataFrame | None:
    return together(
        [
            refuse(frame, pl.col(code).is_null(), "missing-value", column=code, expected="PER"),
            refuse(frame, _year_of(time).is_null(), "not-a-year", column=time, expected=A_YEAR),
            refuse(frame, _not_a_number(value), "not-a-number", column=value, expected=A_NUMBER),
        ]
    )


def _year_of(name: str) -> pl.Expr:
    return year(pl.col(name).str.replace(r"(?:Q[1-4]|M\d\d)$", ""))


def _rows(
    cells: pl.DataFrame,
    *,
    read: int,
    refused: pl.DataFrame | None,
    details: pl.DataFrame | None = None,
    forecast: pl.Expr | None = None,
) -> Rows:
    """Return what frames of `_LONG` and ``line`` observe, and the flows among it."""
    found = cells.filter(~_blank("value")).with_columns(
        pl.col("indicator").str.strip_chars().str.to_uppercase(),
        pl.col("code").str.strip_chars().str.to_uppercase().replace(_RENAMED),
        number(pl.col("value")).alias("value"),
        part=pl.col("year").str.extract(r"(Q[1-4]|M\d\d)$").fill_null(""),
        year=_year_of("year"),
        forecast=pl.lit("")
        if forecast is None
        else pl.when(forecast).then(pl.lit("forecast")).otherwise(pl.lit("")),
    )
    where = place(pl.col("code"), _REGION)
    zero_rate = (pl.col("indicator") == _RATE) & (pl.col("value") == 0)
    observed = observations(
        found,
        {
            "indicator": pl.col("indicator"),
            "place": where,
            "year": pl.col("year"),
            "part_year": pl.col("part"),
            "value": pl.col("value"),
            "unit": _unit(),
            "caveats": pl.when(zero_rate).then(pl.lit("zero-rate")).otherwise(pl.col("forecast")),
        },
    )
    provider = pl.col("indicator").str.extract(_PROVIDER)
    aid = found.filter(provider != _SUM, ~where.str.starts_with(_REGION))
    flowed = flows(
        aid,
        {
            "provider": provider.replace(_NOT_COUNTRIES),
            "recipient": where,
            "year": pl.col("year"),
            "stage": pl.lit("net"),
            "amount": pl.col("value"),
            "caveats": pl.lit("net-of-repayments"),
        },
    )
    return Rows(read=read, observations=observed, flows=flowed, details=details, refused=refused)


def _unit() -> pl.Expr:
    """Return the unit that the indicator's name holds in brackets: a unit's key where it has one."""
    name, bilateral = pl.col("name").fill_null(""), pl.col("indicator").str.contains(_PROVIDER)
    last = name.str.extract(r"\(([^()]*)\)\s*$").fill_null("")
    return (
        pl.when(name.str.contains(r"\((?:annual )?%[^()]*\)"))
        .then(pl.lit("percent"))
        .when(name.str.contains(r"\((?:[^()]*, )?current US\$\)") | bilateral)
        .then(pl.lit("USD"))
        .when(name.str.contains(r"\((?:[^()]*)per 100,000 people\)"))
        .then(pl.lit("per-100000"))
        .when(last.str.contains("estimate"))
        .then(pl.lit(""))
        .otherwise(last)
    )


def _recognise_json(head: str) -> Recognised | None:
    if '"countryiso3code"' not in head or not re.search(r'"indicator"\s*:\s*\{', head):
        return None
    pages = _updated(head, r'"pages"\s*:\s*"?(\d+)')
    return Recognised(
        dataset="wdi",
        title=f"{_TITLE} (API)",
        vintage=_updated(head, r'"lastupdated"\s*:\s*"(\d{4}-\d\d-\d\d)"'),
        verified=False,
        read=_read_json,
        caution=("several-pages",) if pages and int(pages) > 1 else (),
    )


def _read_json(opened: Opened) -> Iterator[Rows]:
    """Give the rows of one or more pages of the API; the line is a record's position, from 1."""
    records: list[dict[str, str | int | None]] = []
    for position, record in enumerate(_records(opened), 1):
        records.append(_flat(record, position))
        if len(records) == _BATCH:
            yield _of_records(records)
            records = []
    if records:
        yield _of_records(records)


def _records(opened: Opened) -> Iterator[object]:
    text = json_text(opened)
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        begin = re.compile(r"[\s,]*").match(text, at)
        at = begin.end() if begin else at
        if at == len(text):
            return
        with json_faults():
            document, at = decoder.raw_decode(text, at)
        yield from _of_document(document)


def _of_document(document: object) -> Iterator[object]:
    """Give the records of a page, or of a list of pages."""
    pages = (
        document if isinstance(document, list) and document and isinstance(document[0], list) else [document]
    )
    for page in pages:
        if not isinstance(page, list) or len(page) != 2:  # noqa: PLR2004 - what it says of itself, and records
            raise UnreadableError("not-json", found=str(page)[:80], expected='[{"page": 1, …}, […]]')
        yield from page[1] or ()


def _flat(record: object, position: int) -> dict[str, str | int | None]:
    told = _keyed(record)
    indicator, country = _keyed(told.get("indicator")), _keyed(told.get("country"))
    return {
        "line": position,
        "indicator": _text(indicator.get("id")),
        "name": _text(indicator.get("value")),
        "code": _text(told.get("countryiso3code")) or _text(country.get("id")),
        "year": _text(told.get("date")),
        "value": _text(told.get("value")),
        "country_name": _text(country.get("value")),
        "obs_status": _text(told.get("obs_status")),
        "record": json.dumps(record, ensure_ascii=False),
    }


def _keyed(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


_RECORD = {"line": pl.Int64()} | _LONG | {n: pl.String() for n in ("country_name", "obs_status", "record")}


def _of_records(records: list[dict[str, str | int | None]]) -> Rows:
    with json_faults():
        frame = pl.DataFrame(records, schema=_RECORD, strict=False)
    fault = _refused(frame, code="code", time="year", value="value")
    nameless = refuse(
        frame, pl.col("indicator").is_null(), "missing-value", column="indicator", expected=_RATE
    )
    refused = together([nameless] if fault is None else [nameless, fault])
    good = frame
    if refused is not None:
        good = frame.join(refused, on="line", how="anti")
        refused = refused.drop("text").join(frame.select("line", text="record"), on="line", how="left")
    details = good.select("line", "country_name", indicator_name="name")
    return _rows(
        good,
        read=frame.height,
        refused=refused,
        details=details,
        forecast=pl.col("obs_status") == "F",
    )


SOURCE = Source(
    key="world-bank",
    publisher="World Bank",
    url="https://databank.worldbank.org/source/world-development-indicators",
    licence="cc-by-4.0",
    recognise=recognise,
)
