"""What is called what in a comparison: results by their dossier's words, figures by what they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.units import Quantity

if TYPE_CHECKING:
    from ayni.cli.diff import Answer
    from ayni.dossier.changes import Changed
    from ayni.dossier.moved import Moved, Row
    from ayni.dossier.opening import Dossier


def quantity_of(row: Row | None) -> Quantity | None:
    """Return the figure of a row with its range; None for no row."""
    from ayni.dossier.moved import unit_of, value_of

    if row is None:
        return None
    ends = {end: getattr(row, end, None) for end in ("low", "high")}
    return Quantity(value=value_of(row), unit=unit_of(row), low=ends["low"], high=ends["high"])


def figure_told(found: Answer, one: Moved, language: str) -> str:
    """Return what a moved figure is of."""
    from ayni.cli.rows import row_told
    from ayni.cli.shelf import stage_word
    from ayni.language import message, years

    row = one.row
    dossier = found.new.dossier if one.new is not None else found.old.dossier
    if dossier is not None:
        return row_told(dossier, row, language)[0]
    stage = stage_word(getattr(row, "stage", ""), language).lower()
    year = years(row.year, row.until, language, fiscal=row.year_kind == "us-fiscal")
    provider, recipient = getattr(row, "provider", ""), getattr(row, "recipient", "")
    if not provider and not recipient:
        return f"{stage}, {year}"
    return message(
        language,
        "cli.trace.flow",
        provider=provider,
        recipient=recipient,
        stage=stage,
        year=year,
        what="",
        prices="",
    )


def named(found: Answer, one: Changed, language: str) -> str:
    """Return what a result is: the claim, the link, the question, the number; empty where nobody says."""
    for end in (found.new, found.old):
        if end.dossier is not None:
            told = _named(end.dossier, one, language)
            if told:
                return told
    return ""


def _named(dossier: Dossier, one: Changed, language: str) -> str:
    from ayni.claims.naming import name_of
    from ayni.claims.pointers import PointerError

    case = dossier.case
    if one.kind in ("numbers", "standings"):
        try:
            return name_of(case, one.key, language) if one.key in case.pointers else ""
        except PointerError:
            return ""
    listed = case.specifications.get(one.key)
    question = listed.question if one.kind == "curves" and listed else one.key.partition(" ")[0]
    held = {
        "verdicts": case.claims.get(one.key),
        "grades": case.chain.links.get(one.key),
    }.get(one.kind, case.questions.get(question))
    if held is None:
        return ""
    return held.es if language == "es" else held.en
