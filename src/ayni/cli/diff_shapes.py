"""What moved, as JSON and as rows of CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from ayni.cli.cases import quantity_json
from ayni.cli.diff_words import figure_told, named, quantity_of

if TYPE_CHECKING:
    from ayni.cli.diff import Answer, End
    from ayni.dossier.changes import Changed, Field
    from ayni.dossier.moved import Moved

COLUMNS = (
    *("kind", "key", "field", "how", "provider", "recipient", "indicator", "place", "stage", "year"),
    *("old", "new", "change", "percent", "unit", "rounding", "rows"),
)


def body(found: Answer) -> dict[str, object]:
    """Return everything that moved, for JSON."""
    changes = found.changes
    return {
        "old": _end(found.old),
        "new": _end(found.new),
        "case": found.case.about.key if found.case is not None else None,
        "resting": found.resting,
        "left_out": found.earlier,
        "not_compared": list(changes.missing),
        "counts": [{"kind": kind, **asdict(count)} for kind, count in changes.tallies.items()],
        "results": [_result(found, one) for one in changes.results],
        "totals": [_figure(found, one) for one in found.totals],
        "figures": [_figure(found, one) for one in changes.figures],
    }


def _end(end: End) -> dict[str, object]:
    return {
        "kind": end.kind,
        "name": end.name,
        "edition": end.edition or None,
        "digest": end.digest or None,
    }


def _result(found: Answer, one: Changed) -> dict[str, object]:
    return {
        "kind": one.kind,
        "key": one.key,
        "es": named(found, one, "es"),
        "en": named(found, one, "en"),
        "how": one.how,
        "turned": one.turned,
        "rounding": one.rounding,
        "why_es": one.broken.es if one.broken else None,
        "why_en": one.broken.en if one.broken else None,
        "fields": [_field(f) for f in one.fields],
        "rests_on": [{"old": old, "new": new} for old, new in (row_names(found, m) for m in one.rests)],
    }


def _field(one: Field) -> dict[str, object]:
    words = [side if isinstance(side, str) else None for side in (one.old, one.new)]
    numbers = [side if isinstance(side, float) else None for side in (one.old, one.new)]
    return {
        "field": one.name,
        "old": numbers[0],
        "new": numbers[1],
        "old_word": words[0],
        "new_word": words[1],
        "change": one.change,
        "percent": one.percent,
    }


def row_names(found: Answer, one: Moved) -> tuple[str | None, str | None]:
    """Return the rows of a figure on either side, in the release that prints it."""
    old = one.old.row if one.old is not None and one.old.row else None
    new = one.new.row if one.new is not None and one.new.row else None
    return old, found.printed.get(new, new) if new is not None else None


def _figure(found: Answer, one: Moved) -> dict[str, object]:
    from ayni.dossier.moved import table_of

    row = one.row
    old, new = row_names(found, one)
    return {
        "table": table_of(row),
        "es": figure_told(found, one, "es"),
        "en": figure_told(found, one, "en"),
        "how": one.how,
        "rounding": one.rounding,
        **{name: getattr(row, name, "") or None for name in ("provider", "recipient", "indicator", "place")},
        "stage": getattr(row, "stage", "") or None,
        "year": row.year,
        "until": row.until,
        "year_kind": row.year_kind,
        "price_base": getattr(row, "price_base", None),
        "old": quantity_json(quantity_of(one.old)),
        "new": quantity_json(quantity_of(one.new)),
        "change": one.change,
        "percent": one.percent,
        "old_row": old,
        "new_row": new,
    }


def rows(found: Answer) -> Iterator[list[object]]:
    """Yield one row of CSV for everything that a result says otherwise, then one for each figure."""
    for one in found.changes.results:
        below = " ".join(sorted({name for m in one.rests for name in row_names(found, m) if name}))
        for told in one.fields:
            sides = [told.old, told.new, told.change, told.percent]
            rest = [_unit(one), str(told.rounding).lower(), below]
            yield [one.kind, one.key, told.name, one.how, *[""] * 6, *sides, *rest]
    for kind, figures in (("totals", found.totals), ("figures", found.changes.figures)):
        for moved in figures:
            told_as = _figure(found, moved)
            names = [name for name in row_names(found, moved) if name]
            ends = [quantity_of(side) for side in (moved.old, moved.new)]
            facts: list[object] = [kind, names[-1] if names else "", told_as["table"], moved.how]
            facts += [told_as[n] for n in ("provider", "recipient", "indicator", "place", "stage", "year")]
            unit = next(end.unit for end in ends[::-1] if end is not None)
            values = [None if end is None else end.value for end in ends]
            change = [moved.change, moved.percent, unit, str(moved.rounding).lower()]
            yield [*facts, *values, *change, " ".join(names)]


def _unit(one: Changed) -> str:
    """Return the unit of a number; nothing where a result has several."""
    told = one.new or one.old or {}
    return str(told.get("unit", ""))
