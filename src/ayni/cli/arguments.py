"""What may stand on the line: every command with its arguments, and how a line is read.

argparse splits the line and lays out the help. What a line must hold is checked here, so that every
sentence a reader sees comes from the catalogue in the reader's language; see
``docs/decisions/argparse.md``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from ayni.cli.terminal import columns, wrap
from ayni.language import LANGUAGES, Language, message, pick_language

_YEAR = re.compile(r"(1[89]|20)\d\d")
_HELD = "\u00a0"
# Stands between the words of an argument that takes many; no word of a line can hold it.
_BETWEEN = "\0"
# A part of a name this long is worth proposing the names that hold it; so many are proposed at most.
_TELLING, _PROPOSED = 4, 4
# So many known names are listed at most.
_LISTED = 20


class CannotRunError(Exception):
    """What was asked cannot be run; the message is a sentence in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One word or option of a command.

    Attributes
    ----------
    name : str
        ``key`` for a word, ``--by`` for an option.
    kind : str
        ``text``, ``year``, ``flag``, or ``many`` for the rest of the line's words.
    needed : bool
        Whether the line must hold it.
    choices : tuple of str
        What it may be; empty for anything.
    word : str
        What stands for its value in help, ``cli.metavar.<word>``; empty for the name without its dashes.
    """

    name: str
    kind: str = "text"
    needed: bool = False
    choices: tuple[str, ...] = ()
    word: str = ""

    @property
    def field(self) -> str:
        """The name without its dashes."""
        return self.name.lstrip("-")

    def metavar(self, language: str) -> str:
        """Return what stands for its value in help."""
        return message(language, f"cli.metavar.{self.word or self.field}")


KEY = Argument(name="key", needed=True)
JSON, CSV = Argument(name="--json", kind="flag"), Argument(name="--csv", kind="flag")
LANG = Argument(name="--lang", choices=LANGUAGES)
BY = ("year", "account", "programme", "sector", "category", "agency", "vintage", "provider", "stage")

COMMANDS: dict[str, tuple[Argument, ...]] = {
    "brief": (KEY, Argument(name="--out")),
    "claims": (KEY, Argument(name="--only"), JSON),
    "effect": (KEY, Argument(name="question", needed=True), Argument(name="--design"), JSON),
    "flows": (
        Argument(name="key"),
        Argument(name="--by"),
        Argument(name="--at", kind="year"),
        Argument(name="--in", word="money"),
        Argument(name="--stage"),
        Argument(name="--provider"),
        Argument(name="--recipient"),
        Argument(name="--release"),
        Argument(name="--since", kind="year"),
        Argument(name="--until", kind="year"),
        Argument(name="--ledger"),
        Argument(name="--dataset"),
        Argument(name="--framework", choices=("us", "dac")),
        Argument(name="--deflator"),
        Argument(name="--calendar", kind="flag"),
        Argument(name="--everything", kind="flag"),
        Argument(name="--out", word="file"),
        JSON,
        CSV,
    ),
    "series": (KEY, Argument(name="indicator", needed=True), Argument(name="--place"), JSON, CSV),
    # With a dossier's key there are two words; of a ledger of official files there is one.
    "sql": (Argument(name="key"), Argument(name="query"), Argument(name="--ledger"), JSON, CSV),
    "why": (Argument(name="key"), Argument(name="name"), Argument(name="--ledger"), JSON),
    "ingest": (
        Argument(name="file", kind="many", needed=True),
        Argument(name="--into"),
        Argument(name="--vintage"),
        Argument(name="--encoding"),
        Argument(name="--mends"),
        JSON,
    ),
    "quarantine": (
        Argument(name="--ledger"),
        Argument(name="--release"),
        Argument(name="--out"),
        JSON,
        CSV,
    ),
    "vintages": (
        Argument(name="--ledger"),
        Argument(name="--dataset"),
        Argument(name="--provider"),
        Argument(name="--recipient"),
        JSON,
        CSV,
    ),
    "diff": (
        Argument(name="old", needed=True),
        Argument(name="new", needed=True),
        Argument(name="--case"),
        Argument(name="--ledger"),
        JSON,
        CSV,
    ),
    "new": (KEY, Argument(name="--in")),
    "list": (JSON,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that was read and found in order.

    Attributes
    ----------
    command : str
        One of `COMMANDS`.
    language : str
        Of what is said.
    chosen : bool
        Whether the line itself names the language.
    given : dict of str to str
        What was given, by the argument's name without dashes.
    """

    command: str
    language: Language
    chosen: bool
    given: dict[str, str]

    def text(self, field: str, default: str = "") -> str:
        """Return what was given for `field`."""
        return self.given.get(field, default)

    def year(self, field: str) -> int | None:
        """Return the year given for `field`, or None."""
        return int(self.given[field]) if field in self.given else None

    def many(self, field: str) -> tuple[str, ...]:
        """Return every word given for `field`."""
        return tuple(self.given[field].split(_BETWEEN)) if field in self.given else ()

    def flag(self, field: str) -> bool:
        """Return whether the flag was given."""
        return field in self.given


class _Words(argparse.HelpFormatter):
    """argparse's own layout with our word for "usage"."""

    def __init__(self, prog: str, language: str) -> None:
        super().__init__(prog, max_help_position=26)
        self._language = language

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Put the usage line, which argparse would begin in English."""
        super().add_usage(
            usage, actions, groups, message(self._language, "cli.help.usage") if prefix is None else prefix
        )


class _Parser(argparse.ArgumentParser):
    """A parser that raises instead of printing and leaving."""

    def error(self, message: str) -> NoReturn:
        raise CannotRunError(message)


def take_language(words: Sequence[str]) -> tuple[Language, bool, list[str]]:
    """Return the language to speak, whether the line names it, and the line without it.

    Raises
    ------
    CannotRunError
        If ``--lang`` has no value or one that is neither ``es`` nor ``en``.
    """
    rest, asked = [], None
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            rest += [word, *left]
            break
        if word == "--lang":
            asked = left.pop(0) if left else ""
        elif word.startswith("--lang="):
            asked = word.partition("=")[2]
        else:
            rest.append(word)
    if asked is not None and asked not in LANGUAGES:
        raise CannotRunError(message(pick_language(), "cli.error.language", found=asked))
    return pick_language(asked), asked is not None, rest


def parser(language: str = "en") -> argparse.ArgumentParser:
    """Return the whole command line as argparse sees it, worded in `language`."""
    made = _bare("ayni", language)
    made.description = message(language, "cli.help.about")
    made.epilog = message(language, "cli.help.more")
    commands = made.add_subparsers(
        title=message(language, "cli.help.commands"), metavar=message(language, "cli.help.command")
    )
    for name in COMMANDS:
        line = message(language, f"cli.{name}.help")
        child = commands.add_parser(name, help=line, add_help=False, formatter_class=made.formatter_class)
        _fill(child, name, language)
    options = made.add_argument_group(message(language, "cli.help.options"))
    _common(options, language)
    options.add_argument("--version", action="store_true", help=message(language, "cli.help.version"))
    return made


def _bare(prog: str, language: str) -> _Parser:
    return _Parser(
        prog=prog,
        add_help=False,
        allow_abbrev=False,
        exit_on_error=False,
        formatter_class=lambda prog: _Words(prog, language),
    )


def command_parser(name: str, language: str) -> argparse.ArgumentParser:
    """Return the parser of one command, worded in `language`."""
    made = _bare(f"ayni {name}", language)
    _fill(made, name, language)
    return made


def _fill(made: argparse.ArgumentParser, name: str, language: str) -> None:
    made.description = f"{message(language, f'cli.{name}.help')} {message(language, f'cli.{name}.more')}"
    words = made.add_argument_group(message(language, "cli.help.words"))
    options = made.add_argument_group(message(language, "cli.help.options"))
    for argument in COMMANDS[name]:
        told = _told(name, argument, language)
        metavar = argument.metavar(language) if argument.kind != "flag" else None
        if not argument.name.startswith("-"):
            nargs = "*" if argument.kind == "many" else "?"
            words.add_argument(argument.name, nargs=nargs, metavar=metavar, help=told)
        elif argument.kind == "flag":
            options.add_argument(argument.name, action="store_true", help=told)
        else:
            options.add_argument(argument.name, metavar=metavar, help=told)
    # Words come as optional to argparse, which would ask for them in English; the usage shows them as needed.
    made.usage = _usage(name, language)
    _common(options, language)


def _told(command: str, argument: Argument, language: str) -> str:
    """Return the line of help: the command's own, else the one that commands share."""
    text = message(language, f"cli.{command}.{argument.field}")
    return text.replace("%", "%%")


def _usage(name: str, language: str) -> str:
    parts = [f"ayni {name}"]
    for argument in COMMANDS[name]:
        if argument.kind == "flag":
            parts.append(f"[{argument.name}]")
            continue
        metavar = argument.metavar(language)
        parts.append(_shown(argument, metavar))
    begin = message(language, "cli.help.usage")
    # A space within brackets does not break a line.
    held = " ".join(part.replace(" ", _HELD) for part in [*parts[1:], "[--lang es|en]"])
    lines = wrap(held, columns() - len(begin) - len(parts[0]) - 1)
    indent = " " * (len(begin) + len(parts[0]) + 1)
    return f"{parts[0]} " + f"\n{indent}".join(lines).replace(_HELD, " ")


def _shown(argument: Argument, metavar: str) -> str:
    """Return an argument as the usage line shows it."""
    if argument.kind == "many":
        return f"{metavar} …" if argument.needed else f"[{metavar} …]"
    if argument.needed:
        return metavar
    return f"[{argument.name} {metavar}]" if argument.name.startswith("-") else f"[{metavar}]"


def _common(options: argparse._ArgumentGroup, language: str) -> None:
    options.add_argument("--lang", metavar="es|en", help=message(language, "cli.help.lang"))
    options.add_argument("-h", "--help", action="store_true", help=message(language, "cli.help.help"))


def read(words: Sequence[str], language: Language, *, chosen: bool) -> Line:
    """Return the line as a command with what was given for it.

    Raises
    ------
    CannotRunError
        If the command or an option is not known, something is missing, or a value is not allowed.
    """
    name = words[0]
    if name not in COMMANDS:
        code = "option" if name.startswith("-") else "command"
        known = ["--lang", "--help", "--version"] if code == "option" else list(COMMANDS)
        raise CannotRunError(
            message(language, f"cli.error.{code}", found=name, near=near(name, known, language))
        )
    try:
        found, extra = command_parser(name, language).parse_known_intermixed_args(list(words[1:]))
    except argparse.ArgumentError as error:
        option = (error.argument_name or "").partition("/")[0]
        flags = {a.name for a in COMMANDS[name] if a.kind == "flag"} | {"-h"}
        said = "cli.error.no-argument" if option in flags else "cli.error.no-value"
        raise CannotRunError(message(language, said, name=option, command=name)) from error
    arguments = COMMANDS[name]
    _refuse_extra(name, extra, language)
    given = {
        a.field: _word(vars(found)[a.field])
        for a in arguments
        if vars(found)[a.field] not in (None, False, [])
    }
    for argument in arguments:
        _check(name, argument, given, language)
    if "json" in given and "csv" in given:
        raise CannotRunError(message(language, "cli.error.both"))
    return Line(command=name, language=language, chosen=chosen, given=given)


def _word(value: object) -> str:
    return _BETWEEN.join(value) if isinstance(value, list) else str(value)


def _refuse_extra(command: str, extra: Sequence[str], language: str) -> None:
    unknown = [word for word in extra if word.startswith("-")] or list(extra)
    if not unknown:
        return
    first = unknown[0].partition("=")[0]
    known = [a.name for a in COMMANDS[command] if a.name.startswith("-")] + ["--lang", "--help"]
    code = "option" if first.startswith("-") else "extra"
    raise CannotRunError(
        message(language, f"cli.error.{code}", found=first, near=near(first, known, language))
        + " "
        + message(language, "cli.error.see", command=command)
    )


def _check(command: str, argument: Argument, given: dict[str, str], language: str) -> None:
    value = given.get(argument.field)
    metavar = argument.name if argument.name.startswith("-") else argument.metavar(language)
    if value is None or (value == "" and argument.needed):
        if argument.needed:
            raise CannotRunError(message(language, "cli.error.missing", name=metavar, command=command))
        return
    if value == "":
        raise CannotRunError(message(language, "cli.error.no-value", name=metavar, command=command))
    if argument.kind == "year" and not _YEAR.fullmatch(value):
        raise CannotRunError(message(language, "cli.error.year", name=metavar, found=value))
    if argument.choices and value not in argument.choices:
        refuse(value, argument.choices, metavar, language)


def refuse(found: str, known: Iterable[str], name: str, language: str) -> NoReturn:
    """Say that `found` is not one of `known`, with the nearest of them first.

    Raises
    ------
    CannotRunError
        Always.
    """
    names = list(dict.fromkeys(known))
    raise CannotRunError(
        message(
            language,
            "cli.error.choice",
            name=name,
            found=found,
            near=near(found, names, language),
            known=listed(names),
        )
    )


def listed(names: Sequence[str]) -> str:
    """Return names in print, the first of them where they are many."""
    more = f" \u2026 (+{len(names) - _LISTED})" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def near(found: str, known: Iterable[str], language: str) -> str:
    """Return a sentence that proposes the names nearest to `found`, with a space before; or nothing."""
    import difflib

    names = [name for name in dict.fromkeys(known) if name != found]
    matches = difflib.get_close_matches(found.lower(), names, n=3, cutoff=0.6)
    if len(found) >= _TELLING:
        matches += [name for name in names if found.lower() in name and name not in matches]
    proposed = ", ".join(matches[:_PROPOSED])
    return " " + message(language, "cli.error.near", names=proposed) if matches else ""
