"""``ayni effect``: what each design answers to a question, its checks, and the specification curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line, refuse
from ayni.cli.cases import open_case, print_json
from ayni.cli.curves import Curve, curve_json, curve_of, curve_page
from ayni.cli.effects import effect_json, effects_page
from ayni.cli.terminal import progress
from ayni.language import message

if TYPE_CHECKING:
    from ayni.designs.records import Effect
    from ayni.dossier.opening import Dossier

EVERY_DESIGN = "all"


def run(line: Line) -> int:
    """Print the answers to a question, or a specification curve."""
    dossier = open_case(line)
    with progress(message(line.language, "cli.progress.answering")):
        found, curves = _asked(line, dossier)
    if line.flag("json"):
        body = {
            "question": line.text("question"),
            "effects": [effect_json(e) for e in found],
            "curves": [curve_json(c) for c in curves],
        }
        print_json("effect", dossier, body)
        return 0
    told = [effects_page(dossier, found, line.language)] if found else []
    told += [curve_page(dossier, c, line.language, whole=not found) for c in curves]
    print("\n\n".join(told))
    return 0


def _asked(line: Line, dossier: Dossier) -> tuple[tuple[Effect, ...], tuple[Curve, ...]]:
    """Return the effects and curves asked for.

    Raises
    ------
    CannotRunError
        If neither a question nor a frozen list has that key, or no design that beginning.
    """
    from ayni.claims.numbers import effects

    case, key, design = dossier.case, line.text("question"), line.text("design", EVERY_DESIGN)
    if key not in case.questions and key not in case.specifications:
        metavar = message(line.language, "cli.metavar.question")
        refuse(key, [*case.questions, *case.specifications], metavar, line.language)
    listed = [s.key for s in case.specifications.values() if key in (s.key, s.question)]
    if design == "curve" or key not in case.questions:
        if not listed:
            raise CannotRunError(message(line.language, "cli.error.no-curve", question=key))
        return (), tuple(curve_of(dossier, name) for name in listed)
    found = effects(case, key)
    if design == EVERY_DESIGN:
        return found, tuple(curve_of(dossier, name) for name in listed)
    chosen = tuple(e for e in found if e.design.startswith(design))
    if not chosen:
        refuse(design, [*(e.design for e in found), "curve", EVERY_DESIGN], "--design", line.language)
    return chosen, ()
