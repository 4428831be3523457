"""What moved, as text: verdicts before grades, effects and numbers, and under each the rows that moved it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from ayni.cli.diff_shapes import row_names
from ayni.cli.diff_words import figure_told, named, quantity_of
from ayni.cli.terminal import paragraph, table
from ayni.cli.wording import MARKS, exact, ranged, reason
from ayni.language import message, number, percent
from ayni.units import Quantity

if TYPE_CHECKING:
    from ayni.cli.diff import Answer
    from ayni.dossier.changes import Changed, Field
    from ayni.dossier.moved import Moved

# So many of a kind, and so many rows below one result, are shown on a terminal.
_SHOWN, _CAUSES = 20, 3
_ARROW = "\u2192"
_PARTS = ("difference", "counterfactual", "observed", "smallest", "median", "largest")
_PASSED = {"passed": MARKS[True], "failed": MARKS[False], None: MARKS[None]}


def page(found: Answer, language: str) -> str:
    """Return the whole comparison as text."""
    changes = found.changes
    blocks = [_heading(found, language), _counts(found, language)]
    slight = [one.rounding for one in changes.results] + [one.rounding for one in changes.figures]
    if all(slight):
        blocks.append(paragraph(message(language, "cli.diff.nothing")))
    for kind in dict.fromkeys(one.kind for one in changes.results):
        told = [one for one in changes.results if one.kind == kind and not one.rounding]
        if told:
            blocks.append("\n".join(_section(found, kind, told, language)))
    blocks += _totals(found, language)
    blocks += _figures(found, language)
    blocks.append("\n".join(paragraph(note) for note in _notes(found, language)))
    return "\n\n".join(filter(None, blocks))


def _heading(found: Answer, language: str) -> str:
    about = found.case.about if found.case is not None else None
    if about is not None and not found.official:
        title = about.title_es if language == "es" else about.title_en
        said = message(language, "cli.diff.in-the-place", old=found.old.name, new=found.new.name)
        return paragraph(f"{title}\n{said}")
    ends = [f"{end.name} ({end.edition})" if end.edition else end.name for end in (found.old, found.new)]
    told = message(language, "cli.diff.from-to", old=ends[0], new=ends[1])
    if found.official:
        pair = message(language, "cli.diff.all-pairs")
        if about is not None:
            pair = f"{about.provider} {_ARROW} {about.recipient}"
        told += f"\n{pair}"
    return paragraph(told)


def _counts(found: Answer, language: str) -> str:
    """Return how many of each kind moved and how."""
    counts = {kind: asdict(count) for kind, count in found.changes.tallies.items()}
    every = [
        how
        for how in ("moved", "rounding", "added", "gone", "broken")
        if any(count[how] for count in counts.values())
    ]
    ways = [*(every or ["moved"]), "alike"]
    heads = ["", *(message(language, f"cli.diff.count-{how}") for how in ways)]
    order = [*(kind for kind in counts if kind != "figures"), *(kind for kind in counts if kind == "figures")]
    rows = [
        [message(language, f"cli.diff.{kind}"), *(number(counts[kind][how], language) for how in ways)]
        for kind in order
    ]
    return table(heads, rows, right=range(1, len(heads)))


# -- results -------------------------------------------------------------------------------


def _section(found: Answer, kind: str, told: list[Changed], language: str) -> Iterator[str]:
    yield message(language, f"cli.diff.{kind}").upper()
    above: tuple[Moved, ...] = ()
    for one in told[:_SHOWN]:
        yield paragraph(_head(one, language), "  ", "  ")
        name = named(found, one, language)
        if name:
            yield paragraph(name, "    ")
        if one.broken is not None:
            yield paragraph(one.broken.es if language == "es" else one.broken.en, "    ")
        else:
            yield from (paragraph(line, "    ", "  ") for line in _details(found, one, language))
        if one.rests and one.rests == above:
            yield paragraph(f"\u2190 {message(language, 'cli.diff.as-above')}", "    ")
        else:
            yield from _causes(found, one, language)
        above = one.rests
    if len(told) > _SHOWN:
        yield paragraph(message(language, "cli.diff.more-left", count=len(told) - _SHOWN), "  ")


def _head(one: Changed, language: str) -> str:
    """Return the key of a result and what it was and is, where that is one word or number."""
    if one.how != "moved":
        held = one.new if one.old is None else one.old
        was = _said(one.kind, held, language)
        told = message(language, f"cli.diff.is-{one.how}")
        return f"{one.key}: {told}" + (f" ({was})" if was else "")
    old, new = (_said(one.kind, side, language) for side in (one.old, one.new))
    if not old or not new:
        return one.key
    if old == new and one.kind == "numbers":
        old, new = (exact(_quantity(side), language) if side else "\u2013" for side in (one.old, one.new))
    if old == new:
        return f"{one.key}: {new} ({message(language, 'cli.diff.other-reasons')})"
    return f"{one.key}: {old} {_ARROW} {new}{_share(next(iter(one.fields), None), language)}"


def _said(kind: str, what: Mapping[str, Any] | None, language: str) -> str:
    """Return a verdict, a grade or a number in print; empty for what is more than one of those."""
    if what is None:
        return ""
    if kind == "verdicts":
        return message(language, f"label.{what['label']}")
    if kind == "grades":
        certainty = message(language, f"certainty.{what['certainty']}")
        return f"{certainty}, {message(language, 'balance.' + str(what['balance']))}"
    return ranged(_quantity(what), language) if kind == "numbers" else ""


def _quantity(what: Mapping[str, Any]) -> Quantity:
    value = what["value"]
    return Quantity(
        value=float("nan") if value is None else value, unit=what["unit"], low=what["low"], high=what["high"]
    )


def _details(found: Answer, one: Changed, language: str) -> Iterator[str]:
    """Yield what else moved in a result."""
    if one.kind == "verdicts" and one.new is not None:
        before = one.old["reasons"] if one.old is not None else ()
        for said, here, there in (
            ("because", one.new["reasons"], before),
            ("not-because", before, one.new["reasons"]),
        ):
            for code in here:
                if code not in there:
                    yield message(language, f"cli.diff.{said}", why=_reason(found, code, language))
    elif one.kind in ("effects", "curves") and one.how == "moved":
        yield from _parts(one, language)
    elif one.kind == "standings" and one.how == "moved":
        yield from (_plain(f, language) for f in one.fields if f.name.startswith("all/"))
        others = {f.name.partition("/")[0] for f in one.fields} - {"all"}
        if others:
            yield message(language, "cli.diff.families", names=", ".join(sorted(others)))


def _reason(found: Answer, code: str, language: str) -> str:
    dossier = found.new.dossier or found.old.dossier
    return reason(dossier.case, code, language) if dossier is not None else code


def _parts(one: Changed, language: str) -> Iterator[str]:
    """Yield the quantities of an effect or a curve that moved, the checks that turned, and the rest."""
    moved = {f.name.partition("/")[0] for f in one.fields}
    for part in _PARTS:
        if part in moved:
            sides = [side.get(part) if side else None for side in (one.old, one.new)]
            old, new = (ranged(_quantity(s), language) if s else "\u2013" for s in sides)
            share = next((f for f in one.fields if f.name == f"{part}/value"), None)
            told = message(language, f"cli.diff.part-{part}")
            yield f"{told}: {old} {_ARROW} {new}{_share(share, language)}"
    for f in one.fields:
        head, _, rest = f.name.partition("/")
        if head == "checks":
            key, _, what = rest.rpartition("/")
            name = message(language, f"check.{key}.name")
            if what == "passed":
                yield f"{_PASSED[_word(f.old)]} {_ARROW} {_PASSED[_word(f.new)]} {name}"
            else:
                yield _plain(replace(f, name=name), language)
        elif head == "refused":
            said = [message(language, str(side)) if side else "\u2013" for side in (f.old, f.new)]
            yield f"{said[0]} {_ARROW} {said[1]}"
        elif head not in _PARTS:
            yield _plain(f, language)


def _word(side: float | str | None) -> str | None:
    return side if isinstance(side, str) else None


def _plain(one: Field, language: str) -> str:
    sides = [
        "\u2013" if side is None else side if isinstance(side, str) else number(side, language)
        for side in (one.old, one.new)
    ]
    return f"{one.name}: {sides[0]} {_ARROW} {sides[1]}"


def _share(one: Field | Moved | None, language: str) -> str:
    """Return a change in percent, in brackets, with a space before; nothing where there is none."""
    if one is None or one.percent is None:
        return ""
    return f" ({percent(one.percent, language, sign=True)})"


def _causes(found: Answer, one: Changed, language: str) -> Iterator[str]:
    """Yield the moved rows below a result, largest first."""
    if "figures" in found.changes.missing:
        return
    if not one.rests:
        yield paragraph(message(language, "cli.diff.no-figure"), "    ", "  ")
    for moved in one.rests[:_CAUSES]:
        yield paragraph(f"\u2190 {_moved(found, moved, language)}", "    ", "  ")
    if len(one.rests) > _CAUSES:
        yield paragraph(message(language, "cli.diff.more-left", count=len(one.rests) - _CAUSES), "    ")


def _moved(found: Answer, one: Moved, language: str) -> str:
    old, new = (_figure(side, language) for side in (quantity_of(one.old), quantity_of(one.new)))
    rows = f" [{', '.join(dict.fromkeys(name for name in row_names(found, one) if name))}]"
    return f"{figure_told(found, one, language)}: {old} {_ARROW} {new}{_share(one, language)}{rows}"


def _figure(what: Quantity | None, language: str) -> str:
    from ayni.cli.shelf import amount
    from ayni.units import UnitError, unit

    if what is None:
        return "\u2013"
    try:
        unit(what.unit)
    except UnitError:
        # A currency that no dossier speaks of.
        return amount(what.value, what.unit, language)
    return exact(what, language)


# -- figures -------------------------------------------------------------------------------


def _totals(found: Answer, language: str) -> Iterator[str]:
    told = [one for one in found.totals if not one.rounding]
    if told:
        yield _table(found, "totals", told, language)


def _figures(found: Answer, language: str) -> Iterator[str]:
    told = [one for one in found.changes.figures if not one.rounding and not one.constant]
    if told:
        yield _table(found, "figures", told, language)


def _table(found: Answer, kind: str, told: list[Moved], language: str) -> str:
    heads = ["", *(message(language, f"cli.diff.head-{name}") for name in ("old", "new", "change"))]
    shown = told if kind == "totals" else told[:_SHOWN]
    rows = [
        [
            figure_told(found, one, language),
            *(_figure(quantity_of(side), language) for side in (one.old, one.new)),
            percent(one.percent, language, sign=True) if one.percent is not None else "",
        ]
        for one in shown
    ]
    lines = [message(language, f"cli.diff.{kind}").upper(), table(heads, rows, right=(1, 2, 3))]
    if len(told) > len(shown):
        lines.append(paragraph(message(language, "cli.diff.more-left", count=len(told) - len(shown))))
    return "\n".join(lines)


def _notes(found: Answer, language: str) -> Iterator[str]:
    """Yield what a reader must know of what was not shown or not compared."""
    changes = found.changes
    rounding = sum(one.rounding for one in changes.figures)
    if rounding:
        yield message(language, "cli.diff.rounding", count=number(rounding, language))
    slight = sum(one.rounding for one in changes.results)
    if slight:
        yield message(language, "cli.diff.slight", count=number(slight, language))
    constant = [one for one in changes.figures if one.constant and not one.rounding]
    if constant:
        yield message(language, "cli.diff.constant", count=number(len(constant), language))
        bases = {
            (one.old.price_base, one.new.price_base)  # type: ignore[union-attr]  # constant: flows on both sides
            for one in constant
            if one.old is not None and one.new is not None
        }
        for old, new in sorted(pair for pair in bases if pair[0] != pair[1]):
            yield message(language, "cli.diff.rebased", old=old, new=new)
    if found.earlier:
        count = number(found.earlier, language)
        yield message(language, "cli.diff.earlier", count=count, since=found.since, old=found.old.name)
    for kind in changes.missing:
        what = message(language, f"cli.diff.{kind}").lower()
        yield message(language, "cli.diff.not-compared", what=what)
    if found.resting is not None and found.case is not None:
        said = "cli.diff.resting" if found.resting else "cli.diff.not-resting"
        count = number(found.resting, language)
        yield message(language, said, count=count, name=found.case.about.key, old=found.old.name)
    if found.official and found.case is not None:
        yield message(language, "cli.diff.not-in-case", name=found.case.about.key, old=found.old.name)
