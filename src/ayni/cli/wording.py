"""How names, reasons and figures of a case are worded on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.language import MONEY, message, money, number, quantity, unit_word
from ayni.units import Quantity

if TYPE_CHECKING:
    from ayni.claims.case import Case
    from ayni.ledger.prices import Link


# Whether a check passed, as a sign.
MARKS = {True: "\u2713", False: "\u2717", None: "\u2013"}


def reason(case: Case, code: str, language: str, *, table: str = "reason") -> str:
    """Return the sentence of a verdict's reason, with the key in it replaced by what it names.

    Parameters
    ----------
    table : str
        ``reason`` for why a verdict is what it is, ``need`` for what would change it.
    """
    key, _, detail = code.partition(":")
    return message(language, f"{table}.{key}", detail=_detail(case, key, detail, language))


def _detail(case: Case, code: str, detail: str, language: str) -> str:
    if code == "kind":
        return message(language, f"kind.{detail}")
    if code.startswith("link-") and detail in case.chain.links:
        link = case.chain.links[detail]
        return f"{link.es if language == 'es' else link.en} [{detail}]"
    if detail in case.questions:
        question = case.questions[detail]
        return f"{question.es if language == 'es' else question.en} [{detail}]"
    if detail in case.claims:
        claim = case.claims[detail]
        return f"{claim.es if language == 'es' else claim.en} [{detail}]"
    if detail.startswith("row:"):
        return named(case, detail, language)
    return detail


def named(case: Case, pointer: str, language: str) -> str:
    """Return what a pointer of evidence names, with the pointer itself in brackets."""
    from ayni.claims.naming import name_of, row_name

    kind, _, key = pointer.partition(":")
    told = ""
    if kind == "row":
        told = row_name(case.ledger, key, language)
        return f"{told} [{key}]" if told else key
    if pointer in case.pointers:
        told = name_of(case, pointer, language)
    elif kind == "claim" and key in case.claims:
        told = case.claims[key].es if language == "es" else case.claims[key].en
    elif kind == "effect" and key in case.questions:
        told = case.questions[key].es if language == "es" else case.questions[key].en
    return f"{told} [{key or pointer}]" if told else pointer


def ranged(what: Quantity, language: str) -> str:
    """Return a quantity with its unit and, where it has one, its range."""
    told = quantity(what, language)
    if what.low is None and what.high is None:
        return told
    ends = (what.low, what.high)
    low, high = (
        message(language, "cli.open-end") if x is None else _bare(x, what.unit, language) for x in ends
    )
    return message(language, "cli.range", value=told, low=low, high=high)


def exact(what: Quantity, language: str) -> str:
    """Return a quantity with every digit that its source prints."""
    _, _, decimals = f"{what.value:.12f}".rstrip("0").partition(".")
    digits = len(decimals)
    if what.unit in MONEY:
        return money(what.value, what.unit, language, digits=digits, whole=True)
    return quantity(what, language, digits=digits)


def _bare(value: float, unit: str, language: str) -> str:
    return quantity(Quantity(value=value, unit=unit), language) if unit in MONEY else number(value, language)


def factor_told(link: Link, language: str) -> str:
    """Return the factor that joins two price bases as a sentence."""
    return message(
        language,
        "cli.prices.link.one" if link.periods == 1 else "cli.prices.link.many",
        source=link.source,
        target=link.target,
        factor=number(link.factor, language, digits=6),
        periods=link.periods,
        low=number(link.low, language, digits=6),
        high=number(link.high, language, digits=6),
    )


def unit_told(unit: str, language: str) -> str:
    """Return the unit for the head of a column; nothing for bare numbers."""
    return "" if unit in ("ratio", "rank", "index") else unit_word(unit, language)
