"""SDMX-CSV, versions 1.0 and 2.0: one observation a row, keyed by its dimensions.

Publisher: whoever issues the dataflow (Eurostat, OECD, IMF, BIS, ISTAT and others); the terms are theirs.

What a row means: one observation. The indicator is ``<dataflow>/<dimensions>``, the codes of all dimensions
but area, counterpart and time, joined by dots in the order of the file. The place is the area, the unit
``UNIT_MEASURE``.

How to get a new copy: the publisher's SDMX service with ``Accept: application/vnd.sdmx.data+csv``.

The table goes through pysdmx, the library of the Bank for International Settlements (extra ``sdmx``), which
knows the standard's layouts: labels beside or inside codes, keys, structures of three kinds.

Traps (2026-11):

- pysdmx lets pandas guess types: the activity ``0020`` becomes 20 and 11.750 becomes 11.75. A first row of
  signs that are no number keeps every column as text; it is taken out again. A code ``nan`` alone still comes
  back as ``NaN``.
- Values are multiplied by ten to the power of ``UNIT_MULT``, as decimals, not as floats. What was printed
  stands in the details.
- A file does not say which columns are dimensions: those before ``OBS_VALUE`` are taken for it, and those
  after it for attributes, as the services write them; attributes known by name are never dimensions.
- Areas of two letters are read as ISO (``EL`` and ``UK`` as Eurostat means them); what is no country becomes
  ``sdmx-area:EA20``.
- An empty value, or NaN, is no figure: no row and no fault. A row that deletes (``ACTION`` D) is no figure
  either and is refused, because the ledger keeps releases side by side.
- A half-year, week or day has its part as ``S1``, ``W05`` or ``D02-15``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from ayni.sources.contract import Header, Recognised, Rows, Sample, Source, UnreadableError, refused_rows
from ayni.sources.places import place
from ayni.sources.series import A_NUMBER, number, observations, shifted, together

if TYPE_CHECKING:
    from pysdmx.io.pd import PandasDataset

_EXTRA = 'pip install "ayni[sdmx]"'
_CONTROL = ("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "SERIES_KEY", "OBS_KEY")
# What services call the area, and the other one of a pair; the first that a file has is taken.
_AREAS = (
    "REF_AREA",
    "GEO",
    "REPORTING_COUNTRY",
    "REPORTER",
    "DONOR",
    "COUNTRY",
    "ECONOMY",
    "LOCATION",
    "AREA",
)
_COUNTERPARTS = ("COUNTERPART_AREA", "COUNTERPART_REF_AREA", "PARTNER", "RECIPIENT", "VIS_CTY", "COUNTERPART")
_UNITS = ("UNIT_MEASURE", "UNIT")
_STATUSES = ("OBS_STATUS", "OBS_FLAG")
# Attributes that some services print before the value.
_ATTRIBUTES = frozenset(
    "UNIT_MULT DECIMALS OBS_STATUS OBS_FLAG CONF_STATUS BASE_PER TIME_FORMAT TITLE TITLE_COMPL LAST_UPDATE "
    "COLLECTION COMPILATION DATA_SOURCE SOURCE NOTE NOTES COMMENT COMMENTS FOOTNOTE OBS_COM".split()
)
_ACTIONS = ("", "I", "A", "R", "M")
_KINDS = ("dataflow", "datastructure", "dataprovision")
_NOTHING = ("", "nan")
# pandas guesses types anew after so many cells; a batch must be smaller for one guard to serve it all.
_BATCH_CELLS = 1 << 18
_GUARD = "#"

# Code list CL_OBS_STATUS of the SDMX cross-domain code lists (version 2.2), and Eurostat's flags.
_ESTIMATED = ("E", "I")
_CAVEATS = {
    "B": "method-break",
    "D": "definition-differs",
    "F": "forecast",
    "G": "experimental",
    "K": "part-of-other-row",
    "N": "not-significant",
    "P": "provisional",
    "S": "strike",
    "U": "doubtful",
    "V": "unvalidated",
    "W": "holds-other-rows",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Which component of the standard stands in which column of the frame.

    Attributes
    ----------
    columns : tuple of (str, str)
        Column of the frame, and what the file heads it with, as the standard writes it.
    ids : tuple of str
        Components without their labels, in order; empty for columns of labels.
    dimensions : tuple of str
        Those that key the series, but for area, counterpart and time.
    area, counterpart, unit, status, multiplier : str
        Components; empty where the file has none.
    """

    columns: tuple[tuple[str, str], ...]
    ids: tuple[str, ...]
    dimensions: tuple[str, ...]
    area: str
    counterpart: str
    unit: str
    status: str
    multiplier: str


def recognise(sample: Sample) -> Recognised | None:
    """Return how to read a file of SDMX-CSV, or None."""
    for header in sample.headers:
        first = header.printed[0].strip() if header.printed else ""
        version = {"DATAFLOW": "1.0", "STRUCTURE": "2.0"}.get(re.sub(r"\[.\]$", "", first))
        layout = _layout(header) if version else None
        if version and layout is not None:
            return Recognised(
                dataset="sdmx-csv",
                title=_flow(sample, header),
                vintage=_updated(sample, header),
                verified=False,
                header=header,
                nulls=(),
                table=_table(layout),
            )
    return None


def _layout(header: Header) -> _Layout | None:
    heads = [_standard(printed) for printed in header.printed]
    ids = [head.partition(": ")[0] for head in heads]
    if "STRUCTURE_NAME" in ids:
        # Labels stand in columns of their own, each behind its component.
        fixed = [one in _CONTROL for one in ids]
        begin = max(i for i, is_fixed in enumerate(fixed) if is_fixed) + 1
        ids = ids[:begin] + [one if (i - begin) % 2 == 0 else "" for i, one in enumerate(ids[begin:], begin)]
    upper = {one.upper(): one for one in ids if one}

    def first(names: Sequence[str]) -> str:
        return next((upper[name] for name in names if name in upper), "")

    area, value, time = first(_AREAS), first(("OBS_VALUE",)), first(("TIME_PERIOD",))
    if not (area and value and time):
        return None
    counterpart = first(_COUNTERPARTS)
    apart = {area, counterpart, time, value, ""}
    keys = tuple(
        one
        for one in ids[: ids.index(value)]
        if one not in apart and one.upper().replace(" ", "_") not in _ATTRIBUTES and one not in _CONTROL
    )
    return _Layout(
        columns=tuple(zip(header.columns, heads, strict=True)),
        ids=tuple(ids),
        dimensions=keys,
        area=area,
        counterpart=counterpart,
        unit=first(_UNITS),
        status=first(_STATUSES),
        multiplier=first(("UNIT_MULT",)),
    )


def _standard(printed: str) -> str:
    """Return a header's cell as the standard writes it: BIS leaves out the space before a label."""
    cell = re.sub(r"\[.?\]$", "", printed.strip().removeprefix("\ufeff"))
    return re.sub(r"^([A-Za-z0-9_]+):(?! )", r"\1: ", cell)


def _first_row(sample: Sample, header: Header) -> dict[str, str]:
    """Return the first row by the file's own heads; empty where there is none."""
    lines = sample.head.splitlines()[header.line : header.line + 1]
    cells = next(csv.reader(lines, delimiter=header.delimiter), [])
    return dict(zip(header.printed, cells, strict=False))


def _flow(sample: Sample, header: Header) -> str:
    row = _first_row(sample, header)
    return row.get("STRUCTURE_NAME") or row.get("STRUCTURE_ID") or row.get("DATAFLOW") or "SDMX-CSV"


def _updated(sample: Sample, header: Header) -> str:
    """Return the day that Eurostat prints as 24/11/25 11:00:00, in ISO."""
    told = re.match(r"(\d\d)/(\d\d)/(\d\d) ", _first_row(sample, header).get("LAST UPDATE", ""))
    return f"20{told[3]}-{told[2]}-{told[1]}" if told else ""


_Library = Callable[[str], "Sequence[PandasDataset]"]


def _library(layout: _Layout) -> _Library:
    """Return the library's reader for the file's version.

    Raises
    ------
    UnreadableError
        If the library, or what it needs, is missing.
    """
    try:
        if "DATAFLOW" in layout.ids:
            from pysdmx.io.csv.sdmx10.reader import read  # noqa: PLC0415 - an extra
        else:
            from pysdmx.io.csv.sdmx20.reader import read  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnreadableError("needs-extra", found="SDMX-CSV", expected=_EXTRA) from error
    return read


def _table(layout: _Layout) -> Callable[[pl.DataFrame], Rows]:
    """Return a reader of tables laid out so."""

    def read(frame: pl.DataFrame) -> Rows:
        library = _library(layout)
        faults = _faults(frame, layout)
        bad = together(faults)
        good = frame if bad is None else frame.join(bad, on="line", how="anti")
        height = _BATCH_CELLS // (len(layout.columns) + 1)
        batches = [_through(library, some, layout) for some in good.iter_slices(height) if some.height]
        if not batches:
            return Rows(read=frame.height, refused=bad)
        cells = pl.concat(batches).sort("line")
        wrong = _unread(good, cells, layout)
        refused = together([*faults, *wrong])
        if refused is not None:
            cells = cells.join(refused, on="line", how="anti")
        return Rows(
            read=frame.height,
            observations=_observed(cells, layout),
            details=_details(cells, layout),
            refused=refused,
        )

    return read


def _column(layout: _Layout, component: str) -> str:
    """Return the column of the frame that holds a component; empty where none does."""
    at = layout.ids.index(component) if component in layout.ids else -1
    return layout.columns[at][0] if at >= 0 else ""


def _faults(frame: pl.DataFrame, layout: _Layout) -> list[pl.DataFrame]:
    """Return the rows that are no observations, which the library must not see."""
    checks = [
        (name, pl.col(name).is_null(), "missing-value", example)
        for name, example in (
            (_column(layout, layout.area), "PER"),
            (_column(layout, "DATAFLOW") or _column(layout, "STRUCTURE_ID"), "AGENCY:FLOW(1.0)"),
        )
    ]
    if action := _column(layout, "ACTION"):
        wrong = ~pl.col(action).fill_null("").is_in(list(_ACTIONS))
        checks.append((action, wrong, "unknown-code", "I, A, R, M"))
    if kind := _column(layout, "STRUCTURE"):
        wrong = ~pl.col(kind).fill_null("").str.to_lowercase().is_in(list(_KINDS))
        checks.append((kind, wrong, "unknown-code", ", ".join(_KINDS)))
    return [
        refused_rows(frame.filter(wrong), code, column=name, expected=expected)
        for name, wrong, code, expected in checks
        if name
    ]


def _through(library: _Library, rows: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Return rows as the library reads them: ``line``, ``_flow``, and each component as printed."""
    from pysdmx.errors import Invalid  # noqa: PLC0415 - an extra

    passed = [
        (name, head)
        for (name, head), one in zip(layout.columns, layout.ids, strict=True)
        if one not in ("ACTION", "SERIES_KEY", "OBS_KEY")
    ]
    text = rows.select(pl.col(name).fill_null("") for name, _ in passed)
    guard = text.head(1).with_columns(
        pl.lit(_GUARD).alias(name) for name, head in passed if head not in _CONTROL
    )
    written = io.StringIO()
    csv.writer(written).writerow([head for _, head in passed])
    written.write(pl.concat([guard, text]).write_csv(include_header=False))
    try:
        datasets = library(written.getvalue())
    except Invalid as error:
        raise UnreadableError("damaged", line=rows["line"][0], found=str(error)) from error
    lines = [0, *rows["line"].to_list()]
    wanted = [one for one in layout.ids if one and one not in _CONTROL]
    frames = []
    for dataset in datasets:
        data = dataset.data
        cells = {one: pl.Series(one, [str(cell) for cell in data[one].tolist()], pl.String) for one in wanted}
        frame = pl.DataFrame(cells).with_columns(
            pl.Series("line", [lines[at] for at in data.index.tolist()], pl.Int64),
            pl.lit(_flow_id(str(dataset.structure))).alias("_flow"),
        )
        frames.append(frame.filter(pl.col("line") > 0))
    return pl.concat(frames)


def _flow_id(reference: str) -> str:
    """Return the identifier in ``Dataflow=AGENCY:FLOW(1.0)``."""
    return re.sub(r"\([^()]*\)$", "", reference.partition("=")[2]).rpartition(":")[2]


def _blank(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars().str.to_lowercase().is_in(list(_NOTHING))


def _value(layout: _Layout) -> pl.Expr:
    value = pl.col(_of(layout, "OBS_VALUE"))
    if not layout.multiplier:
        return number(value)
    return shifted(value, _power(layout))


def _power(layout: _Layout) -> pl.Expr:
    power = pl.col(layout.multiplier).str.strip_chars()
    return pl.when(power == "").then(pl.lit("0")).otherwise(power)


def _of(layout: _Layout, component: str) -> str:
    """Return a component in the case in which the file writes it."""
    return next(one for one in layout.ids if one.upper() == component)


def _unread(frame: pl.DataFrame, cells: pl.DataFrame, layout: _Layout) -> list[pl.DataFrame]:
    """Return the rows whose period, value or multiplier cannot be read."""
    value, time = _of(layout, "OBS_VALUE"), _of(layout, "TIME_PERIOD")
    told = ~_blank(pl.col(value))
    checks = [
        (time, told & _part(pl.col(time)).is_null(), "not-a-year", "2024, 2024-Q1, 2024-01"),
        (value, told & number(pl.col(value)).is_null(), "not-a-number", A_NUMBER),
    ]
    if layout.multiplier:
        whole = _power(layout).cast(pl.Int64, strict=False)
        checks.append((layout.multiplier, told & whole.is_null(), "not-a-number", "6"))
    return [
        refused_rows(
            frame.join(cells.filter(wrong).select("line"), on="line", how="semi"),
            code,
            column=_column(layout, component),
            expected=expected,
        )
        for component, wrong, code, expected in checks
    ]


def _part(time: pl.Expr) -> pl.Expr:
    """Return which part of a year a period is, empty for a whole one; null where it is no period."""
    rest = time.str.strip_chars().str.extract(r"^\d{4}(.*)$")
    parts = [
        ("Q", r"^-?Q([1-4])$"),
        ("M", r"^-?M?(0[1-9]|1[0-2])$"),
        ("S", r"^-?[SB]([12])$"),
        ("T", r"^-?T([1-3])$"),
        ("W", r"^-?W([0-5]\d)$"),
        ("D", r"^-((?:0[1-9]|1[0-2])-[0-3]\d)(?:T00:00:00)?$"),
    ]
    return pl.coalesce(
        pl.when(rest.is_in(["", "-A1"])).then(pl.lit("")),
        *(pl.lit(letter) + rest.str.extract(pattern) for letter, pattern in parts),
    )


def _observed(cells: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Return the observations among rows without faults."""
    told = cells.filter(~_blank(pl.col(_of(layout, "OBS_VALUE"))))
    time = pl.col(_of(layout, "TIME_PERIOD"))
    keys = pl.concat_str([pl.col(one) for one in layout.dimensions] or [pl.lit("")], separator=".")
    unit = pl.col(layout.unit) if layout.unit else pl.lit("")
    status = pl.col(layout.status).str.to_uppercase() if layout.status else pl.lit("")
    columns = {
        "indicator": pl.concat_str(pl.col("_flow"), pl.lit("/"), keys),
        "place": place(pl.col(layout.area).str.strip_chars(), "sdmx-area"),
        "year": time.str.strip_chars().str.slice(0, 4),
        "part_year": _part(time),
        "value": _value(layout),
        "unit": unit.replace({"PT": "percent", "PC": "percent"}),
        "status": _status(status),
        "caveats": _caveats(status),
    }
    if layout.counterpart:
        columns["counterpart"] = place(pl.col(layout.counterpart).str.strip_chars(), "sdmx-area")
    return observations(told, columns)


def _status(letters: pl.Expr) -> pl.Expr:
    return (
        pl.when(letters.str.contains("F"))
        .then(pl.lit("modelled"))
        .when(letters.str.contains_any(list(_ESTIMATED)))
        .then(pl.lit("estimated"))
        .when(letters.str.contains("R"))
        .then(pl.lit("revised"))
        .otherwise(pl.lit("counted"))
    )


def _caveats(letters: pl.Expr) -> pl.Expr:
    """Return what statuses mean as caveats; one that is not known keeps its letter."""
    known = [
        pl.when(letters.str.contains(letter)).then(pl.lit(caveat)) for letter, caveat in _CAVEATS.items()
    ]
    others = letters.str.replace_all(f"[AEIR{''.join(_CAVEATS)}\\s]", "")
    other = pl.when(others != "").then(pl.concat_str(pl.lit("obs-status-"), others.str.to_lowercase()))
    return pl.concat_str([*known, other], separator=";", ignore_nulls=True)


def _details(cells: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    """Return what the rows print beside: value and multiplier as they stand, status, and the attributes."""
    value = _of(layout, "OBS_VALUE")
    after = [one for one in layout.ids[layout.ids.index(value) + 1 :] if one]
    shown = [pl.when(pl.col(one) != "").then(pl.concat_str(pl.lit(f"{one}="), pl.col(one))) for one in after]
    return cells.select(
        "line",
        dataflow="_flow",
        value=pl.col(value),
        unit_mult=pl.col(layout.multiplier) if layout.multiplier else pl.lit(""),
        attributes=pl.concat_str(shown, separator="; ", ignore_nulls=True) if shown else pl.lit(""),
    )


SOURCE = Source(
    key="sdmx",
    publisher="as the dataflow names it",
    url="https://sdmx.org",
    licence="not-stated",
    recognise=recognise,
)
