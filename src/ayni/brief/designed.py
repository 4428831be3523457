"""Designs, their settings and the choices of a frozen list, in words."""

from __future__ import annotations

from ayni.designs.records import Effect
from ayni.language import message, percent, quantity
from ayni.units import Quantity


def design_words(effect: Effect, language: str) -> str:
    """Return a design and its settings in words."""
    told, kind = dict(effect.settings), effect.design.partition("/")[0]
    if kind == "projection" and told.get("rule"):
        rule = message(language, f"page.rule.{told['rule']}", parameter=_parameter(told, language))
        return message(language, "page.design.projection", rule=rule, window=_window(told, effect))
    if kind == "account":
        return message(language, "page.design.account")
    if kind == "comparison":
        return _comparison(effect, told, language)
    if kind == "dose":
        if effect.refused:
            return message(language, "page.design.dose-refused")
        return message(
            language,
            "page.design.dose",
            used=told["used"],
            window=_window(told, effect),
            lag=_lag(told["lag"], language),
            scale=scale_words(told["transform"], language),
        )
    return effect.design


def short_words(effect: Effect, language: str) -> str:
    """Return a design in the few words that fit beside a line."""
    told = dict(effect.settings)
    if effect.design.startswith("comparison/"):
        return message(language, f"page.method.{told['method']}") + scale_words(told["transform"], language)
    return design_words(effect, language)


def _comparison(effect: Effect, told: dict[str, str], language: str) -> str:
    method = message(language, f"page.method.{told['method']}")
    if effect.refused:
        return message(language, "page.design.comparison-refused", method=method)
    floor = "" if told["floor"] == "0" else _floor(effect, told["floor"], language)
    return message(
        language,
        "page.design.comparison",
        method=method,
        used=told["used"],
        since=told["since"],
        scale=scale_words(told["transform"], language),
        floor=floor,
    )


def _floor(effect: Effect, floor: str, language: str) -> str:
    unit = effect.difference.unit if effect.difference else "ratio"
    least = quantity(Quantity(value=float(floor), unit=unit), language)
    return message(language, "page.design.floor", floor=least)


def scale_words(transform: str, language: str) -> str:
    """Return how the outcome was transformed, to be added to a design's words."""
    return "" if transform == "level" else message(language, f"page.design.{transform}")


def _lag(lag: str, language: str) -> str:
    return message(language, f"page.design.lag-{lag if lag in '01' else 'more'}", lag=lag)


def _window(told: dict[str, str], effect: Effect) -> str:
    until = told["until"] if told["until"] != "0" else str(effect.question.year)
    return told["since"] if told["since"] == until else f"{told['since']}–{until}"


def _parameter(told: dict[str, str], language: str) -> str:
    raw = told.get("parameter") or ""
    if not raw:
        return ""
    return percent(100 * float(raw), language) if told["rule"] == "constant-rate" else raw
