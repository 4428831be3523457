"""Rows of figures and the origins they come from: what each is, its figure, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ayni.language import message, years
from ayni.units import Quantity

if TYPE_CHECKING:
    from ayni.dossier.opening import Dossier
    from ayni.ledger.records import Flow, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing said about what is traced; `key` is a word of the catalogue, ``cli.fact.<key>``."""

    key: str
    told: str


def figure_rows(dossier: Dossier) -> dict[str, Observation | Flow]:
    """Return every row of figures by ``file:line``."""
    from ayni.ledger.series import flows, observations

    ledger = dossier.case.ledger
    rows: list[Observation | Flow] = [*observations(ledger), *flows(ledger)]
    return {row.row: row for row in rows}


def row_told(dossier: Dossier, row: Observation | Flow, language: str) -> tuple[str, Quantity]:
    """Return what a row is, and its figure."""
    from ayni.claims.naming import label, naming_row, place_name
    from ayni.ledger.records import Observation

    ledger = dossier.case.ledger
    if isinstance(row, Observation):
        return naming_row(ledger, row, language), Quantity(
            value=row.value, unit=row.unit, low=row.low, high=row.high
        )
    parts = [label(ledger, "account", row.account, language), label(ledger, "agency", row.agency, language)]
    parts += [label(ledger, "purpose", item, language) for item in row.purposes.split(";")]
    told = message(
        language,
        "cli.trace.flow",
        provider=place_name(ledger, row.provider, language),
        recipient=place_name(ledger, row.recipient, language),
        stage=label(ledger, "stage", row.stage, language).lower(),
        year=years(row.year, row.until, language, fiscal=row.year_kind == "us-fiscal"),
        what=f" ({'; '.join(filter(None, parts))})" if any(parts) else "",
        prices="" if row.price_base is None else message(language, "cli.trace.base", year=row.price_base),
    )
    return told, Quantity(value=row.amount, unit=row.currency)


def row_facts(dossier: Dossier, row: Observation | Flow, language: str) -> Iterator[Fact]:
    """Yield what is known about a row: status, vintage, caveats, note, corrections."""
    from ayni.claims.naming import label

    yield Fact(key="status", told=message(language, f"cli.status.{row.status}"))
    if row.vintage:
        yield Fact(key="vintage", told=row.vintage)
    for caveat in filter(None, row.caveats.split(";")):
        yield Fact(key="caveat", told=label(dossier.case.ledger, "caveat", caveat, language))
    if row.note:
        yield Fact(key="note", told=row.note)
    for correction in dossier.corrections:
        same = (getattr(row, "indicator", ""), getattr(row, "place", ""), row.origin)
        if (
            same == (correction.indicator, correction.place, correction.origin)
            and row.year in correction.years
        ):
            yield Fact(
                key="correction", told=correction.reason_es if language == "es" else correction.reason_en
            )


def origin_facts(dossier: Dossier, key: str, language: str) -> Iterator[Fact]:
    """Yield what is known about an origin: title, dates, address, licence, digest."""
    from ayni.claims.naming import words

    about = words(dossier.case.ledger, "origins")[key]
    for name in ("title", "published", "retrieved", "vintage", "url"):
        if about[name]:
            yield Fact(key=name, told=about[name])
    licence = words(dossier.case.ledger, "licences").get(about["licence"])
    if licence or about["licence"]:
        yield Fact(key="licence", told=licence[language] if licence else about["licence"])
    if about["sha256"]:
        yield Fact(key="sha256", told=about["sha256"])
