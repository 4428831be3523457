"""Checks made from a code and its measures: the sentence comes from the catalogue."""

from __future__ import annotations

from ayni.designs.records import Check
from ayni.language import number
from ayni.language.catalogue import message


def measured(
    key: str,
    passed: bool | None,
    value: float | None,
    limit: float | None,
    *,
    rows: tuple[str, ...] = (),
    **particulars: float | str,
) -> Check:
    """Return the check `key`, worded in both languages.

    The catalogue holds ``check.<key>.passed``, ``.failed`` and ``.none``; each may name
    the value, the limit and the particulars.
    """
    outcome = {True: "passed", False: "failed", None: "none"}[passed]
    told = particulars | {"value": _given(value), "limit": _given(limit)}
    es, en = (
        message(
            language,
            f"check.{key}.{outcome}",
            **{k: v if isinstance(v, str) else _figure(k, v, language) for k, v in told.items()},
        )
        for language in ("es", "en")
    )
    return Check(key=key, passed=passed, value=value, limit=limit, es=es, en=en, rows=rows)


def _given(value: float | None) -> float | str:
    return "" if value is None else value


def _figure(name: str, value: float, language: str) -> str:
    return str(int(value)) if name.endswith("year") else number(value, language)
