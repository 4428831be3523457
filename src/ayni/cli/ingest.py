"""``ayni ingest``: official files into a ledger, each whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.cases import print_json
from ayni.cli.terminal import paragraph, progress, table
from ayni.language import message, number, years
from ayni.problems import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ayni.intake.records import Fault, Taken
    from ayni.ledger.records import Quarantined, Sum

FINE, PROBLEMS = 0, 1
_MEGABYTE = 1e6
# So many of a file's faults are shown at once.
_SHOWN = 5
# So many characters are told of what was expected, which may be a list of names.
_MOST_TOLD = 160


def run(line: Line) -> int:
    """Read the files and say what became of each; 1 if any was not read whole."""
    from ayni.intake.ingest import StoppedError, ingest
    from ayni.intake.records import Settings
    from ayni.ledger.drafts import BusyLedgerError
    from ayni.ledger.shelf import default_ledger
    from ayni.ledger.store import LedgerError

    paths = [Path(word) for word in line.many("file")]
    for path in paths:
        if not path.exists():
            lacking = message(line.language, "cli.ingest.missing")
            raise CannotRunError(message(line.language, "cli.error.os", file=path, why=lacking))
    into = Path(line.text("into") or default_ledger())
    asked = Settings(vintage=line.text("vintage"), encoding=_encoding(line), mends=line.text("mends"))
    done: list[Taken] = []
    language = line.language
    with progress("") as told:

        def tell(file: str, size: int, whole: int | None) -> None:
            key = "cli.ingest.progress-open" if whole is None else "cli.ingest.progress"
            megabytes = number((whole or 0) / _MEGABYTE, language, digits=0)
            told(
                message(
                    language,
                    key,
                    file=file,
                    done=number(size / _MEGABYTE, language, digits=0),
                    size=megabytes,
                )
            )

        try:
            for taken in ingest(paths, into, asked, tell=tell):
                done.append(taken)
                if not line.flag("json"):
                    told.clear()
                    print(_said(taken, language, mended=bool(asked.mends)), flush=True)
        except StoppedError as error:
            raise CannotRunError(
                message(language, "cli.ingest.stopped", file=error.file, why=error.why)
            ) from error
        except BusyLedgerError as error:
            raise CannotRunError(message(language, "cli.ingest.busy", path=into)) from error
        except LedgerError as error:
            raise CannotRunError(message(language, "cli.error.ledger", why=str(error))) from error
    if line.flag("json"):
        print_json("ingest", None, {"ledger": str(into), "files": [_json(taken, language) for taken in done]})
    else:
        print(message(language, "cli.ingest.ledger", path=into))
    faulty = (t.outcome == "unreadable" or (t.outcome == "new" and (t.quarantined or t.partly)) for t in done)
    return PROBLEMS if any(faulty) else FINE


def _encoding(line: Line) -> str:
    import codecs

    name = line.text("encoding")
    if not name:
        return ""
    try:
        # Python knows encodings, too, that are none of text, and some that cannot be read piece by piece.
        codecs.getincrementaldecoder(name)().decode(b"a", True)
        b"a".decode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError, TypeError) as error:
        raise CannotRunError(message(line.language, "cli.ingest.no-encoding", found=name)) from error


def why(fault: Fault, language: str) -> str:
    """Return in a sentence why a file was not read."""
    found, expected = shown(fault.found, most=_MOST_TOLD), shown(fault.expected, most=_MOST_TOLD)
    return message(language, f"unreadable.{fault.code}", line=fault.line, found=found, expected=expected)


def aside(row: Quarantined, language: str) -> str:
    """Return in a sentence why a row was set aside."""
    column, found, expected = shown(row.column), shown(row.found), shown(row.expected, most=_MOST_TOLD)
    return message(language, f"refused.{row.code}", column=column, found=found, expected=expected)


def shown(text: str, *, most: int = 60) -> str:
    """Return what a file prints as a terminal may show it: no signs that it would obey, and not too long."""
    cut = text if len(text) <= most else text[: most - 1] + "\u2026"
    return "".join(sign if sign.isprintable() else "\u00b7" for sign in cut)


def _said(taken: Taken, language: str, *, mended: bool) -> str:
    """Return everything that is said of one file."""
    about = {"file": taken.file, "dataset": taken.dataset, "vintage": taken.vintage, "origin": taken.origin}
    reason = why(taken.fault, language) if taken.fault is not None else ""
    key = "mended" if mended and taken.outcome == "new" else taken.outcome
    parts = [paragraph(message(language, f"cli.ingest.{key}", **about, why=reason))]
    if taken.outcome == "new":
        parts += [paragraph(text, "  ") for text in _notes(taken, language)]
        parts.append(_totals(taken.sums, language))
    told = [message(language, "cli.ingest.aside", line=r.line, why=aside(r, language)) for r in taken.faulty]
    parts += [paragraph(text, "    ") for text in told[:_SHOWN]]
    for problem in taken.problems:
        at = f"{problem.file}:{problem.line}" if problem.line else problem.file
        fault = message(language, "cli.ingest.mapping-fault", at=at, why=sentence(problem, language))
        parts.append(paragraph(fault, "    "))
    if taken.outcome == "new" and mended and taken.quarantined:
        parts.append(paragraph(message(language, "cli.ingest.still", origin=taken.origin), "  "))
    elif taken.outcome == "new" and (taken.quarantined or taken.partly):
        parts.append(paragraph(message(language, "cli.ingest.more-aside", origin=taken.origin), "  "))
    return "\n".join(part for part in parts if part) + "\n"


def _notes(taken: Taken, language: str) -> Iterable[str]:
    counts = {name: number(getattr(taken, name), language) for name in ("read", "kept", "quarantined")}
    yield message(language, "cli.ingest.rows", **counts)
    if taken.partly:
        yield message(language, "cli.ingest.partly", partly=number(taken.partly, language))
    blank = taken.read - taken.kept - taken.quarantined
    if blank:
        yield message(language, "cli.ingest.blank", blank=number(blank, language))
    if taken.assumed_vintage:
        yield message(language, "cli.ingest.assumed")
    if not taken.verified:
        yield message(language, "cli.ingest.unverified", dataset=taken.dataset)
    for code in taken.cautions:
        yield message(language, f"caution.{code}")


def _totals(sums: tuple[Sum, ...], language: str) -> str:
    """Return the totals by stage, kind of year and currency as a table."""
    if not sums:
        return paragraph(message(language, "cli.ingest.no-totals"), "  ")
    heaps: dict[tuple[str, str, str], list[Sum]] = defaultdict(list)
    for one in sums:
        heaps[one.stage, one.year_kind, one.currency].append(one)
    rows = [
        [
            message(language, f"stage.{stage}"),
            years(min(s.year for s in same), max(s.year for s in same), language),
            message(language, f"cli.year-short.{kind}"),
            number(sum(s.rows for s in same), language),
            f"{currency} {exact(sum(s.amount for s in same), language)}",
        ]
        for (stage, kind, currency), same in heaps.items()
    ]
    heads = [message(language, f"cli.head.{name}") for name in ("stage", "years", "kind", "rows", "amount")]
    told = table(heads, rows, right=(3, 4))
    indented = "\n".join(f"    {text}" for text in told.splitlines())
    return paragraph(message(language, "cli.ingest.totals"), "  ") + "\n" + indented


def exact(amount: float, language: str) -> str:
    """Return an amount in full: whole where it is whole, else to the cent."""
    return number(amount, language, digits=0 if amount.is_integer() else 2)


def _json(taken: Taken, language: str) -> dict[str, object]:
    told = asdict(taken)
    told["fault"] = None if taken.fault is None else told["fault"] | {"why": why(taken.fault, language)}
    told["faulty"] = [asdict(row) | {"why": aside(row, language)} for row in taken.faulty]
    told["problems"] = [
        {"file": one.file, "line": one.line, "code": one.code, "why": sentence(one, language)}
        for one in taken.problems
    ]
    return told
