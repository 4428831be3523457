"""Read a dossier's TOML files into records, telling every fault with file and line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ayni.claims.numbers import OPERATIONS
from ayni.claims.records import Claim, Pointer
from ayni.claims.results import Chain, Item, Link, Node
from ayni.designs.records import Cause, Question
from ayni.designs.specification import Exclusion, Specification
from ayni.designs.table import Asked
from ayni.dossier.schemas import (
    ClaimsFile,
    CorrectionsFile,
    QuestionFile,
    ResultsFile,
    SpecificationFile,
)
from ayni.ledger.records import Correction
from ayni.problems import Problem

M = TypeVar("M", bound=BaseModel)
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
        lines = self.text.splitlines()
        at, header = 0, ""
        for step, inner in zip(place, (*place[1:], ""), strict=True):
            if isinstance(step, int):
                continue
            dotted = f"{header}.{step}" if header else step
            nth = inner if isinstance(inner, int) else 0
            found = self._header(lines, dotted, at, nth)
            if found is None:
                assigned = re.compile(rf"""\s*["']?{re.escape(step)}["']?\s*=""")
                found = next((i for i in range(at, len(lines)) if assigned.match(lines[i])), None)
                if found is None:
                    break
                at = found
                break
            at, header = found, dotted
        return at + 1

    @staticmethod
    def _header(lines: list[str], dotted: str, start: int, nth: int) -> int | None:
        wanted = re.compile(rf"\s*\[\[?\s*[\"']?{re.escape(dotted)}[\"']?\s*\]\]?\s*(#.*)?$")
        found = [i for i in range(start, len(lines)) if wanted.match(lines[i])]
        return found[nth] if nth < len(found) else None

    def problem(self, code: str, *place: str | int, found: str = "", expected: str = "") -> None:
        """Tell a fault at a place."""
        where = ".".join(str(p) for p in place)
        self.problems.append(
            Problem(
                code=code, file=self.name, line=self.line(*place), found=found, expected=expected, where=where
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


def read_numbers(source: Source) -> dict[str, Pointer]:
    """Return the pointers of ``numbers.toml``: one operation each, with its names or its filters."""
    pointers = {}
    for name, raw in source.content.items():
        told = raw if isinstance(raw, dict) else {}
        ops = [key for key in told if key in OPERATIONS]
        extra = [key for key in told if key not in OPERATIONS and key not in _WORDS]
        for key in extra:
            source.problem("unknown-key", name, key, found=key, expected=", ".join((*OPERATIONS, *_WORDS)))
        if len(ops) != 1:
            source.problem("one-operation", name, found=", ".join(ops), expected=", ".join(OPERATIONS))
            continue
        what = told[ops[0]]
        where = {k: str(v) for k, v in what.items()} if isinstance(what, dict) else {}
        names = what if isinstance(what, list) else told.get("of", [])
        pointers[name] = Pointer(
            key=name,
            op=ops[0],
            of=tuple(str(n) for n in names),
            where=tuple(where.items()),
            unit=str(told.get("unit", "")),
            es=str(told.get("es", "")),
            en=str(told.get("en", "")),
        )
    return pointers


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
        asked[key] = tuple(
            Asked(design=d.design, settings=tuple(d.settings.items()), conversion=d.conversion, to=d.to)
            for d in told.design
        )
    return questions, asked


def read_specifications(source: Source) -> dict[str, Specification]:
    """Return the frozen lists of ``specifications.toml``."""
    found = {}
    for key, raw in source.content.items():
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


def read_claims(source: Source) -> dict[str, Claim]:
    """Return the claims of ``claims.toml``, in order."""
    told = source.read(ClaimsFile)
    claims: dict[str, Claim] = {}
    for position, raw in enumerate(told.claim if told else ()):
        if raw.key in claims:
            source.problem("duplicate-key", "claim", position, "key", found=raw.key)
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
    nodes = {n.key: Node(**n.model_dump()) for n in told.node}
    links = {}
    for raw in told.link:
        plain = raw.model_dump(exclude={"item"})
        links[raw.key] = Link(items=tuple(Item(**i.model_dump()) for i in raw.item), **plain)
    return Chain(nodes=nodes, links=links)


def read_corrections(source: Source) -> tuple[tuple[Correction, ...], CorrectionsFile]:
    """Return the corrections of ``corrections.toml`` and the file as told."""
    told = source.read(CorrectionsFile) or CorrectionsFile()
    return (
        tuple(Correction(**(c.model_dump() | {"years": tuple(c.years)})) for c in told.correction),
        told,
    )
