"""``ayni claims``: what has been said, and the verdict on each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ayni.cli.arguments import Line, refuse
from ayni.cli.cases import open_case, print_json, quantity_json
from ayni.cli.terminal import columns, paragraph, progress, width
from ayni.cli.wording import reason
from ayni.language import LANGUAGES, message

if TYPE_CHECKING:
    from ayni.claims.records import Evidence, Pivot, Verdict
    from ayni.dossier.opening import Dossier


def run(line: Line) -> int:
    """Print the verdicts, all or those with one label."""
    from ayni.claims.verdicts import verdicts

    only = _label(line)
    dossier = open_case(line)
    with progress(message(line.language, "cli.progress.judging")):
        judged = [v for v in verdicts(dossier.case) if only in ("", v.label)]
    if line.flag("json"):
        print_json("claims", dossier, {"only": only or None, "claims": [verdict_json(v) for v in judged]})
    else:
        print(_page(dossier, judged, line.language))
    return 0


def _label(line: Line) -> str:
    """Return the label asked for by its key or by its word in either language."""
    from ayni.claims.records import LABELS

    wanted = line.text("only")
    by_word = {message(lang, f"label.{key}").casefold(): key for key in LABELS for lang in LANGUAGES}
    found = by_word.get(wanted.casefold(), wanted)
    if found and found not in LABELS:
        refuse(wanted, LABELS, "--only", line.language)
    return found


def _page(dossier: Dossier, judged: list[Verdict], language: str) -> str:
    title = dossier.about.title_es if language == "es" else dossier.about.title_en
    counted = Counter(v.label for v in judged)
    tally = ", ".join(
        f"{message(language, f'label.{label}')} {count}" for label, count in counted.most_common()
    )
    blocks = [
        paragraph(message(language, "cli.claims.title", title=title, count=len(judged), tally=tally or "–"))
    ]
    indent = max((width(message(language, f"label.{v.label}")) for v in judged), default=0) + 2
    blocks += [_block(dossier, verdict, language, indent) for verdict in judged]
    blocks.append(paragraph(message(language, "cli.claims.foot", name=dossier.about.key)))
    return "\n\n".join(blocks)


def _block(dossier: Dossier, verdict: Verdict, language: str, indent: int) -> str:
    label = message(language, f"label.{verdict.label}")
    claim = verdict.claim
    space = " " * indent
    head = f"{label}{' ' * (indent - width(label))}{claim.key}"
    lines = [head if width(head) <= columns() else paragraph(head)]
    lines.append(paragraph(claim.es if language == "es" else claim.en, space))
    because = "; ".join(reason(dossier.case, code, language) for code in verdict.reasons)
    if because:
        lines.append(paragraph(f"\u2192 {because}", space, "  "))
    return "\n".join(lines)


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """Return a verdict with its claim, reasons, evidence and pivots for JSON."""
    claim = verdict.claim
    return {
        "key": claim.key,
        "kind": claim.kind,
        "es": claim.es,
        "en": claim.en,
        "speaker": claim.speaker,
        "span": claim.span,
        "interest": claim.interest,
        "side": claim.side,
        "value": claim.value,
        "unit": claim.unit or None,
        "comparator": claim.comparator,
        "rounding": claim.rounding,
        "label": verdict.label,
        "confidence": verdict.confidence,
        "reasons": list(verdict.reasons),
        "evidence": [_evidence_json(e) for e in verdict.evidence],
        "pivots": [_pivot_json(p) for p in verdict.pivots],
    }


def _evidence_json(evidence: Evidence) -> dict[str, object]:
    return {
        "pointer": evidence.pointer,
        "stance": evidence.stance,
        "figure": quantity_json(evidence.quantity),
        "es": evidence.es,
        "en": evidence.en,
        "rows": list(evidence.rows),
    }


def _pivot_json(pivot: Pivot) -> dict[str, object]:
    return {
        "pointer": pivot.pointer,
        "at": pivot.at,
        "unit": pivot.unit or None,
        "above": pivot.above,
        "becomes": pivot.becomes,
    }
