"""Read a dossier's TOML files into records, telling every fault with file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ayni.claims.numbers import OPERATIONS
from ayni.claims.pointers import CHOICES, FILTERS, YEARS
from ayni.claims.records import Claim, Pointer
from ayni.claims.results import Chain, Item, Link, Node
from ayni.designs.panel_specification import PanelSpecification, Pool
from ayni.designs.records import Cause, Question
from ayni.designs.specification import Exclusion, Frozen, Specification
from ayni.designs.table import Asked, faults
from ayni.dossier.schemas import (
    ClaimsFile,
    CorrectionsFile,
    ItemFile,
    PanelSpecificationFile,
    QuestionFile,
    ResultsFile,
    SpecificationFile,
)
from ayni.ledger.records import Correction
from ayni.problems import Problem

M = TypeVar("M", bound=BaseModel)
Place = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.\-]+)\s*=""")
_WORDS = ("unit", "es", "en", "of")


class Source:
    """One TOML file: its text, what it says, and where each part of it stands.

    Parameters
    ----------
    folder : Path
        The dossier.
    name : str
        The file in it.
    problems : list of Problem
        Where faults are put.
    """

    def __init__(self, folder: Path, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems
        self.text = ""
        self.content: dict[str, object] = {}
        self._lines: dict[Place, int] = {}
        try:
            self.text = (folder / name).read_text(encoding="utf-8")
            self.content = tomllib.loads(self.text)
        except FileNotFoundError:
            problems.append(Problem(code="missing-file", file=name))
        except UnicodeDecodeError as error:
            problems.append(Problem(code="not-utf8", file=name, found=repr(error.object[error.start])))
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            problems.append(
                Problem(code="not-toml", file=name, line=int(at[1]) if at else 0, found=str(error))
            )

    def line(self, *place: str | int) -> int:
        """Return the line of a place such as ``("claim", 3, "kind")``; of what holds it if not found."""
        if not self._lines:
            self._lines = dict(_places(self.text))
        for length in range(len(place), 0, -1):
            if place[:length] in self._lines:
                return self._lines[place[:length]]
        return 1

    def problem(
        self,
        code: str,
        *place: str | int,
        found: str = "",
        expected: str = "",
        words: tuple[str, str] = ("", ""),
    ) -> None:
        """Tell a fault at a place; `words` say what was found in Spanish and English."""
        where = ".".join(str(p) for p in place)
        self.problems.append(
            Problem(
                code=code,
                file=self.name,
                line=self.line(*place),
                found=found,
                expected=expected,
                where=where,
                words=words,
            )
        )

    def read(self, model: type[M], content: object = None, *prefix: str | int) -> M | None:
        """Return the content as `model`; None after telling what does not fit."""
        try:
            return model.model_validate(self.content if content is None else content)
        except ValidationError as error:
            for fault in error.errors():
                code = {"missing": "missing-key", "extra_forbidden": "unknown-key"}.get(
                    fault["type"], "bad-value"
                )
                expected = "" if code == "missing-key" else fault["msg"]
                found = "" if code == "missing-key" else str(fault["input"])[:80]
                self.problem(code, *prefix, *fault["loc"], found=found, expected=expected)
            return None


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Yield the place and line of every table and key; a table of an array has its position."""
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        key = _KEY.match(line)
        if header and not key:
            table = ()
            names = [name.strip().strip("\"'") for name in header[2].split(".")]
            for depth, name in enumerate(names):
                table = (*table, name)
                if depth == len(names) - 1 and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table = (*table, counts[table])
            yield table, number
        elif key:
            yield (*table, key[1].strip("\"'")), number


def read_numbers(source: Source) -> dict[str, Pointer]:
    """Return the pointers of ``numbers.toml``: one operation each, with its names or its filters."""
    pointers = {}
    for name, raw in source.content.items():
        told = raw if isinstance(raw, dict) else {}
        ops = [key for key in told if key in OPERATIONS]
        for key in told:
            if key not in OPERATIONS and key not in _WORDS:
                source.problem(
                    "unknown-key", name, key, found=key, expected=", ".join((*OPERATIONS, *_WORDS))
                )
        if len(ops) != 1:
            source.problem("one-operation", name, found=", ".join(ops), expected=", ".join(OPERATIONS))
            continue
        what = told[ops[0]]
        if isinstance(what, dict):
            _check_filters(source, name, ops[0], what)
        names = what if isinstance(what, list) else told.get("of", [])
        pointers[name] = Pointer(
            key=name,
            op=ops[0],
            of=tuple(str(n) for n in names),
            where=tuple((k, str(v)) for k, v in what.items()) if isinstance(what, dict) else (),
            unit=str(told.get("unit", "")),
            es=str(told.get("es", "")),
            en=str(told.get("en", "")),
        )
    return pointers


def _check_filters(source: Source, name: str, op: str, filters: dict[str, object]) -> None:
    """Tell filters that the operation does not know, lacks, or that hold what they may not."""
    needed, optional = FILTERS[op]
    for key in needed:
        if key not in filters:
            source.problem("missing-key", name, op, key)
    for key, value in filters.items():
        if key not in needed and key not in optional:
            source.problem("unknown-key", name, op, key, expected=", ".join((*needed, *optional)))
        elif key in YEARS and not isinstance(value, int):
            source.problem("bad-value", name, op, key, found=repr(value), expected="1992")
        elif key in CHOICES and value not in CHOICES[key]:
            source.problem("bad-value", name, op, key, found=str(value), expected=", ".join(CHOICES[key]))


def read_questions(source: Source) -> tuple[dict[str, Question], dict[str, tuple[Asked, ...]]]:
    """Return the questions of ``questions.toml`` and the designs asked about each."""
    questions, asked = {}, {}
    for key, raw in source.content.items():
        told = source.read(QuestionFile, raw, key)
        if told is None:
            continue
        plain = told.model_dump(exclude={"cause", "design", "claimed"})
        questions[key] = Question(
            key=key, cause=Cause(**told.cause.model_dump()), claimed=tuple(told.claimed), **plain
        )
        for position, design in enumerate(told.design):
            for code, setting, found, expected in faults(design.design, design.settings):
                where = (key, "design", position, "settings", setting)
                source.problem(code, *where, found=found, expected=expected)
        asked[key] = tuple(
            Asked(design=d.design, settings=tuple(d.settings.items()), conversion=d.conversion, to=d.to)
            for d in told.design
        )
    return questions, asked


def read_specifications(source: Source) -> dict[str, Frozen]:
    """Return the frozen lists of ``specifications.toml``."""
    found: dict[str, Frozen] = {}
    for key, raw in source.content.items():
        if isinstance(raw, dict) and "design" in raw:
            panels = source.read(PanelSpecificationFile, raw, key)
            if panels is not None:
                found[key] = _panel_specification(key, panels, source)
            continue
        told = source.read(SpecificationFile, raw, key)
        if told is None:
            continue
        found[key] = Specification(
            key=key,
            question=told.question,
            rules=tuple((r.rule, r.parameter) for r in told.rule),
            starts=tuple(told.starts),
            ends=tuple(told.ends),
            conversions=tuple(told.conversions),
            exclusions=tuple(Exclusion(**e.model_dump()) for e in told.exclusion),
            frozen=told.frozen,
            digest=told.digest,
        )
    return found


def _panel_specification(key: str, told: PanelSpecificationFile, source: Source) -> PanelSpecification:
    if told.design == "comparison" and not told.methods:
        source.problem("missing-key", key, "methods")
    return PanelSpecification(
        key=key,
        question=told.question,
        design=told.design,
        methods=tuple(told.methods),
        pools=tuple(Pool(**pool.model_dump()) for pool in told.pool),
        starts=tuple(told.starts),
        floors=tuple(told.floors),
        lags=tuple(told.lags),
        transforms=tuple(told.transforms),
        frozen=told.frozen,
        digest=told.digest,
    )


def read_claims(source: Source) -> dict[str, Claim]:
    """Return the claims of ``claims.toml``, in order."""
    told = source.read(ClaimsFile)
    claims: dict[str, Claim] = {}
    _tell_twice(source, "claim", [c.key for c in told.claim] if told else [])
    for raw in told.claim if told else ():
        plain = raw.model_dump()
        for name in ("elsewhere", "links", "effects", "parts"):
            plain[name] = tuple(plain[name])
        plain["inputs"] = tuple(tuple(group) for group in plain["inputs"])
        claims[raw.key] = Claim(**plain)
    return claims


def read_results(source: Source) -> Chain:
    """Return the results chain of ``results.toml``."""
    told = source.read(ResultsFile)
    if told is None:
        return Chain()
    _tell_twice(source, "node", [n.key for n in told.node])
    _tell_twice(source, "link", [n.key for n in told.link])
    links = {}
    for position, raw in enumerate(told.link):
        for at, item in enumerate(raw.item):
            _check_item(source, item, "link", position, "item", at)
        plain = raw.model_dump(exclude={"item"})
        links[raw.key] = Link(items=tuple(Item(**i.model_dump()) for i in raw.item), **plain)
    return Chain(nodes={n.key: Node(**n.model_dump()) for n in told.node}, links=links)


def _tell_twice(source: Source, table: str, keys: list[str]) -> None:
    for position, key in enumerate(keys):
        if key in keys[:position]:
            source.problem("duplicate-key", table, position, "key", found=key)


def _check_item(source: Source, item: ItemFile, *place: str | int) -> None:
    """Tell a direction that does not go with the item, and a sentence that names what it does not get."""
    directions = ("below", "above") if item.number else ("for", "against")
    if item.test not in directions:
        source.problem("bad-value", *place, "test", found=item.test, expected=", ".join(directions))
    if not item.number and not item.document:
        source.problem("no-pointer", *place, found=item.key)
    for language in ("es", "en"):
        sentence = getattr(item, language)
        try:
            sentence.format(figure="")
        except (KeyError, IndexError, ValueError):
            source.problem("bad-value", *place, language, found=sentence, expected="{figure}")


def read_corrections(source: Source) -> tuple[tuple[Correction, ...], CorrectionsFile]:
    """Return the corrections of ``corrections.toml`` and the file as told."""
    told = source.read(CorrectionsFile) or CorrectionsFile()
    _tell_twice(source, "correction", [c.key for c in told.correction])
    for position, correction in enumerate(told.correction):
        if correction.value is None and correction.action in ("replace", "scale"):
            source.problem("missing-key", "correction", position, "value")
    return (
        tuple(Correction(**(c.model_dump() | {"years": tuple(c.years)})) for c in told.correction),
        told,
    )
