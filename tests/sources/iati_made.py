"""Small IATI files, as text: what publishers print, and a strategy that makes up files of that kind."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import polars as pl
from hypothesis import strategies as st

from ayni.sources.contract import FLOW_ROWS, REFUSED, Opened, Rows
from ayni.sources.iati import read

HEAD = '<iati-activities version="2.03" generated-datetime="2025-04-03T20:52:13.509Z"'


def file_of(*activities: str, root: str = HEAD) -> str:
    return f"{root}>\n" + "\n".join(activities) + "\n</iati-activities>\n"


def element(name: str, text: str = "", /, **attributes: str | None) -> str:
    """Return an element; an attribute's low line is a hyphen, and None leaves it out."""
    written = "".join(
        f" {key.replace('_', '-')}={quoteattr(value)}"
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{text}</{name}>" if text else f"<{name}{written}/>"


def activity(
    *children: str, identifier: str = "US-GOV-1-X", currency: str | None = "USD", **attributes: str
) -> str:
    inside = "\n  ".join(
        (
            element("iati-identifier", identifier),
            element("reporting-org", ref="US-GOV-1", type="10"),
            *children,
        )
    )
    return element("iati-activity", f"\n  {inside}\n", default_currency=currency, **attributes)


def transaction(
    value: str = "100.00",
    *children: str,
    kind: str | None = "3",
    day: str | None = "2015-09-30",
    currency: str | None = None,
    **attributes: str,
) -> str:
    inside = "\n    ".join(
        (
            element("transaction-type", code=kind),
            element("transaction-date", iso_date=day),
            element("value", value, currency=currency, value_date=day),
            *children,
        )
    )
    return element("transaction", f"\n    {inside}\n  ", **attributes)


def period(
    name: str,
    value: str = "100.00",
    *,
    since: str = "2014-03-01",
    until: str = "2014-03-31",
    **attributes: str | None,
) -> str:
    inside = (
        element("period-start", iso_date=since)
        + element("period-end", iso_date=until)
        + element("value", value, value_date=since)
    )
    return element(name, inside, **attributes)


def sector(
    code: str, percentage: str | None = None, vocabulary: str | None = None, uri: str | None = None
) -> str:
    return element("sector", code=code, percentage=percentage, vocabulary=vocabulary, vocabulary_uri=uri)


def place(code: str, percentage: str | None = None) -> str:
    return element("recipient-country", code=code, percentage=percentage)


def region(code: str, percentage: str | None = None, vocabulary: str | None = None) -> str:
    return element("recipient-region", code=code, percentage=percentage, vocabulary=vocabulary)


def rows_of(text: str | bytes) -> list[Rows]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read(Opened(name="made.xml", stream=io.BytesIO(data), path=Path("made.xml"))))


def flows_of(text: str | bytes) -> pl.DataFrame:
    found = [rows.flows for rows in rows_of(text) if rows.flows is not None]
    return pl.concat(found) if found else pl.DataFrame(schema=FLOW_ROWS)


def refused_of(text: str | bytes) -> pl.DataFrame:
    found = [rows.refused for rows in rows_of(text) if rows.refused is not None]
    return pl.concat(found) if found else pl.DataFrame(schema=REFUSED)


def details_of(text: str | bytes) -> pl.DataFrame:
    return pl.concat([rows.details for rows in rows_of(text) if rows.details is not None])


# --- made up ---------------------------------------------------------------------------------------

_PERCENTAGES = st.one_of(
    st.none(),
    st.sampled_from(["100", "50", "33.33", "33.34", "0", "94.0000000", "12.5", "60", "33.333333333333336"]),
)
_SPLITS: Sequence[Sequence[str]] = (
    ("50", "50"), ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.33"), ("70", "20", "10"), ("60", "30"),
    ("16.6667", "83.3333"), ("150",), ("100",), ("94.0", "6"), ("0", "100"),
)  # fmt: skip


@st.composite
def _cuts(draw: st.DrawFn, codes: Sequence[str]) -> list[tuple[str, str | None]]:
    if draw(st.booleans()):
        split = draw(st.sampled_from(_SPLITS))
        return list(zip(draw(st.permutations(codes))[: len(split)], split, strict=True))
    return draw(st.lists(st.tuples(st.sampled_from(codes), _PERCENTAGES), max_size=3))


@st.composite
def _sectors(draw: st.DrawFn) -> list[str]:
    found = []
    for vocabulary in draw(st.sets(st.sampled_from(["1", "2", "10", "98", "99"]), max_size=3)):
        printed = None if vocabulary == "1" and draw(st.booleans()) else vocabulary
        found += [
            sector(code, share, printed) for code, share in draw(_cuts(["11220", "15160", "LT", "7002"]))
        ]
    return draw(st.permutations(found))


@st.composite
def _all_places(draw: st.DrawFn) -> list[str]:
    found = []
    if draw(st.booleans()):
        found += [place(code, share) for code, share in draw(_cuts(["PE", "BO", "CO", "XK", "QQ"]))]
    for vocabulary in draw(st.sets(st.sampled_from(["1", "2", "99"]), max_size=2)):
        found += [region(code, share, vocabulary) for code, share in draw(_cuts(["489", "798", "998"]))]
    return draw(st.permutations(found))


_AMOUNTS = st.one_of(
    st.decimals(-(10**9), 10**9, places=2, allow_nan=False).map(str),
    st.integers(-(10**13), 10**13).map(str),
    st.decimals(-1000, 1000, places=5, allow_nan=False).map("{:f}".format),
    st.sampled_from(["0.01", "-0.01", "0", "1.", "+5", ".5", "x", "1,000", "", "1e5", "NaN"]),
)
_DAYS = st.one_of(
    st.dates().map(str), st.sampled_from(["2015-09-30", "2015-02-30", "30/09/2015", "0215-01-01", ""])
)


@st.composite
def _record(draw: st.DrawFn) -> str:
    value, day = draw(_AMOUNTS), draw(_DAYS)
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(["budget", "planned-disbursement"]))
        kind = draw(st.sampled_from(["1", "2", "3", None]))
        return period(name, value, since=day, until="2100-12-31", type=kind)
    children = [
        *(draw(_all_places()) if draw(st.integers(0, 3)) == 0 else []),
        *(draw(_sectors()) if draw(st.booleans()) else []),
        *(
            [element("provider-org", ref=draw(st.sampled_from(["44002", "GB-GOV-1", "XM-DAC-7"])))]
            if draw(st.booleans())
            else []
        ),
    ]
    kind = draw(st.sampled_from([*map(str, range(1, 15)), "3", "3"]))
    currency = draw(st.sampled_from([None, None, "EUR", "Euro", "PEN"]))
    return transaction(value, *children, kind=kind, day=day, currency=currency)


@st.composite
def activities(draw: st.DrawFn) -> list[str]:
    """Return the text of some activities."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        children = [*draw(_all_places()), *draw(_sectors()), *draw(st.lists(_record(), max_size=4))]
        currency = draw(st.sampled_from(["USD", "USD", None]))
        found.append(activity(*children, identifier=f"A-{number}", currency=currency))
    return found
