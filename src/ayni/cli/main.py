"""From a line to a command and an exit code: 0 fine, 1 found problems, 2 could not run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import ayni
from ayni.cli.arguments import COMMANDS, CannotRunError, Line, command_parser, read, take_language
from ayni.cli.arguments import parser as _parser
from ayni.language import Language, message, pick_language
from ayni.problems import ProblemsError, sentence

FINE, PROBLEMS, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130
_HELP = ("-h", "--help")


def parser(language: str | None = None) -> argparse.ArgumentParser:
    """Return the command line as argparse sees it, worded in `language`, else in the machine's."""
    return _parser(pick_language(language))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the line and return its exit code; results go to standard output, errors to standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    language: Language = pick_language()
    _never_choke()
    try:
        language, chosen, rest = take_language(words)
        code = _run(rest, language, chosen=chosen)
        sys.stdout.flush()
    except CannotRunError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        print(f"\n{message(language, 'cli.interrupted')}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Who reads closed early, as `head` does: nothing more to say, also not when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as error:
        name, why = error.filename or "ayni", error.strerror or str(error)
        return _fail(message(language, "cli.error.os", file=name, why=why))
    return code


def _never_choke() -> None:
    """Let a terminal that lacks a sign print a question mark instead of ending with an error."""
    for stream in (sys.stdout, sys.stderr):
        adapt = getattr(stream, "reconfigure", None)
        if adapt is not None and (getattr(stream, "encoding", "") or "").lower() not in ("utf-8", "utf8"):
            adapt(errors="replace")


def _fail(told: str) -> int:
    print(f"ayni: {told}", file=sys.stderr)
    return COULD_NOT_RUN


def _run(words: list[str], language: Language, *, chosen: bool) -> int:
    before = words[: words.index("--")] if "--" in words else words
    if not words:
        print(message(language, "cli.help.short", commands=_listed(language)))
        return FINE
    if words[0] == "--version":
        print(f"ayni {ayni.__version__}")
        return FINE
    known = words[0] in COMMANDS
    if any(word in _HELP for word in before) and (known or words[0].startswith("-")):
        print((command_parser(words[0], language) if known else _parser(language)).format_help(), end="")
        return FINE
    line = read(words, language, chosen=chosen)
    return _checked(line)


def _listed(language: Language) -> str:
    return "\n".join(f"  {name:<11} {message(language, f'cli.{name}.help')}" for name in COMMANDS)


def _checked(line: Line) -> int:
    """Run a command; what is wrong with a dossier is told whole, with file and line."""
    try:
        return _DOORS[line.command](line)
    except ProblemsError as error:
        for problem in error.problems:
            at = f"{problem.file}:{problem.line}" if problem.line else problem.file
            print(f"{at}: {sentence(problem, line.language)}", file=sys.stderr)
        count = len(error.problems)
        said = "cli.problems.one" if count == 1 else "cli.problems.many"
        print(message(line.language, said, count=count, name=line.text("key")), file=sys.stderr)
        return PROBLEMS


def _brief(line: Line) -> int:
    from ayni.cli.brief import run

    return run(line)


def _claims(line: Line) -> int:
    from ayni.cli.claims import run

    return run(line)


def _effect(line: Line) -> int:
    from ayni.cli.effect import run

    return run(line)


def _flows(line: Line) -> int:
    from ayni.cli.flows import run

    return run(line)


def _series(line: Line) -> int:
    from ayni.cli.series import run

    return run(line)


def _sql(line: Line) -> int:
    from ayni.cli.sql import run

    return run(line)


def _why(line: Line) -> int:
    from ayni.cli.why import run

    return run(line)


def _vintages(line: Line) -> int:
    from ayni.cli.vintages import run

    return run(line)


def _diff(line: Line) -> int:
    from ayni.cli.diff import run

    return run(line)


def _new(line: Line) -> int:
    from ayni.cli.new import run

    return run(line)


def _list(line: Line) -> int:
    from ayni.cli.list import run

    return run(line)


def _ingest(line: Line) -> int:
    from ayni.cli.ingest import run

    return run(line)


def _quarantine(line: Line) -> int:
    from ayni.cli.quarantine import run

    return run(line)


_DOORS: dict[str, Callable[[Line], int]] = {
    "brief": _brief,
    "claims": _claims,
    "effect": _effect,
    "flows": _flows,
    "series": _series,
    "sql": _sql,
    "why": _why,
    "vintages": _vintages,
    "diff": _diff,
    "new": _new,
    "list": _list,
    "ingest": _ingest,
    "quarantine": _quarantine,
}
