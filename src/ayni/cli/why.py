"""``ayni why``: from a printed name back to rows, sources, licences, method and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli import walks
from ayni.cli.arguments import CannotRunError, Line, near
from ayni.cli.cases import of_ledger, open_case, print_json, quantity_json
from ayni.cli.rows import figure_rows, origin_facts, row_told
from ayni.cli.terminal import paragraph
from ayni.cli.traces import Piece, Trace, find, names
from ayni.cli.wording import MARKS, exact, ranged
from ayni.language import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ayni.dossier.opening import Dossier
    from ayni.ledger.records import Flow, Observation

# More rows than this are counted, not listed, on a terminal.
_FEW = 12
_STANCES = ("for", "against", "neither", "")


def run(line: Line) -> int:
    """Print everything behind a name: in a dossier, or in official files where the line names none."""
    if not line.text("name") or "ledger" in line.given:
        return walks.run(of_ledger(line))
    dossier = open_case(line)
    name = line.text("name")
    found = find(dossier, name, line.language)
    if not found:
        raise CannotRunError(_unknown(dossier, name, line.language))
    if line.flag("json"):
        print_json("why", dossier, {"name": name, "found": _json(dossier, name)})
    else:
        print("\n\n".join("\n".join(_told(dossier, trace, line.language)) for trace in found))
    return 0


def _unknown(dossier: Dossier, name: str, language: str) -> str:
    plain = name.partition(":")[2] or name
    if ".csv" in name:
        known = sorted({row.partition(":")[0] for row in figure_rows(dossier)})
        file = name.removeprefix("row:").partition(":")[0]
        proposed = "" if file in known or f"figures/{file}" in known else near(file, known, language)
        return message(language, "cli.error.row", found=name, near=proposed)
    return message(language, "cli.error.name", found=name, near=near(plain, names(dossier), language))


def _told(dossier: Dossier, trace: Trace, language: str) -> Iterator[str]:
    """Yield the lines of a trace: what it is, how it was made, of what, from which rows and sources."""
    yield f"{message(language, f'cli.kind.{trace.kind}').upper()} {trace.key}"
    yield paragraph(trace.told, "  ")
    if trace.figure is not None:
        shown = exact if trace.kind == "row" else ranged
        yield paragraph(f"= {shown(trace.figure, language)}", "  ")
    for fact in trace.facts:
        yield paragraph(f"{message(language, f'cli.fact.{fact.key}')}: {fact.told}", "  ", "  ")
    for stance in _STANCES:
        yield from _pieces(trace, [p for p in trace.pieces if p.stance == stance], stance, language)
    if trace.checks:
        yield f"  {message(language, 'cli.effect.checks')}"
        for check in trace.checks:
            head = f"{MARKS[check.passed]} {message(language, f'check.{check.key}.name')}"
            yield paragraph(f"{head}. {check.es if language == 'es' else check.en}", "    ", "  ")
    yield from _rows(dossier, trace, language)
    yield from _origins(dossier, trace, language)
    if trace.used:
        yield paragraph(message(language, "cli.trace.used", names=", ".join(trace.used)), "  ", "  ")


def _pieces(trace: Trace, pieces: Sequence[Piece], stance: str, language: str) -> Iterator[str]:
    if not pieces:
        return
    head = f"cli.stance.{stance}" if stance else f"cli.pieces.{trace.kind}"
    yield f"  {message(language, head)}"
    for piece in pieces:
        figure = f"{ranged(piece.figure, language)} \u00b7 " if piece.figure is not None else ""
        yield paragraph(f"\u00b7 {figure}{piece.told} [{piece.pointer}]", "    ", "  ")


def _rows(dossier: Dossier, trace: Trace, language: str) -> Iterator[str]:
    told_already = {piece.pointer.removeprefix("row:") for piece in trace.pieces}
    left = [name for name in trace.rows if name not in told_already]
    if not left or trace.kind == "row":
        return
    known = figure_rows(dossier)
    yield f"  {message(language, 'cli.trace.rows', count=len(left))}"
    for name in left[:_FEW]:
        row = known.get(name)
        if row is None:
            yield paragraph(f"\u00b7 {name}", "    ", "  ")
            continue
        told, what = row_told(dossier, row, language)
        yield paragraph(f"\u00b7 {name}  {exact(what, language)} \u00b7 {told}", "    ", "  ")
    if len(left) > _FEW:
        yield paragraph(message(language, "cli.trace.more-rows", count=len(left) - _FEW), "    ")


def _origins(dossier: Dossier, trace: Trace, language: str) -> Iterator[str]:
    """Yield every source below the trace, with its address and licence."""
    from ayni.claims.naming import publisher

    if trace.kind == "origin":
        return
    keys = _origin_keys(dossier, trace)
    if keys:
        yield f"  {message(language, 'cli.trace.sources')}"
    for key in keys:
        yield paragraph(f"\u00b7 {publisher(dossier.case.ledger, key, language)} [{key}]", "    ", "  ")
        for fact in origin_facts(dossier, key, language):
            yield paragraph(f"{message(language, f'cli.fact.{fact.key}')}: {fact.told}", "      ", "  ")


def _origin_keys(dossier: Dossier, trace: Trace) -> tuple[str, ...]:
    from ayni.claims.naming import origin_of

    origin = origin_of(dossier.case.ledger)
    documents = [p.pointer.partition(":")[2] for p in trace.pieces if p.pointer.startswith("document:")]
    return tuple(dict.fromkeys([*(origin[row] for row in trace.rows if row in origin), *documents]))


def _json(dossier: Dossier, name: str) -> list[dict[str, object]]:
    both = zip(find(dossier, name, "es"), find(dossier, name, "en"), strict=True)
    return [_trace_json(dossier, es, en) for es, en in both]


def _trace_json(dossier: Dossier, es: Trace, en: Trace) -> dict[str, object]:
    from ayni.claims.naming import words

    known = figure_rows(dossier)
    origins = words(dossier.case.ledger, "origins")
    keys = (es.key,) if es.kind == "origin" else _origin_keys(dossier, es)
    return {
        "kind": es.kind,
        "key": es.key,
        "es": es.told,
        "en": en.told,
        "figure": quantity_json(es.figure),
        "facts": [
            {"key": a.key, "es": a.told, "en": b.told} for a, b in zip(es.facts, en.facts, strict=True)
        ],
        "pieces": [
            {
                "pointer": a.pointer,
                "stance": a.stance or None,
                "figure": quantity_json(a.figure),
                "es": a.told,
                "en": b.told,
            }
            for a, b in zip(es.pieces, en.pieces, strict=True)
        ],
        "checks": [{"key": c.key, "passed": c.passed, "es": c.es, "en": c.en} for c in es.checks],
        "rows": [_row_json(dossier, name, known) for name in es.rows],
        "origins": [dict(origins[key]) for key in keys],
        "used": list(es.used),
    }


def _row_json(dossier: Dossier, name: str, known: dict[str, Observation | Flow]) -> dict[str, object]:
    row = known.get(name)
    if row is None:
        return {"row": name, "es": None, "en": None, "figure": None, "origin": None}
    (es, what), (en, _) = (row_told(dossier, row, language) for language in ("es", "en"))
    return {"row": name, "es": es, "en": en, "figure": quantity_json(what), "origin": row.origin}
