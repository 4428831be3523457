"""How code is shaped here: short, named for what it is, described, and open about its arguments."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from tests.houserules.tree import Function, Named, everything_named, functions, modules, parsed, relative

MODULE_LINES = 450  # the house says about 400; the rest is docstring
FUNCTION_LINES = 70  # the house says about 40; the rest is docstring
NAMES_OF_LEFTOVERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "core",
    "manager",
    "tools",
    "base",
}
ENDS_OF_LEFTOVERS = ("Manager", "Handler", "Helper", "Base", "Utils")
MAY_PRINT = ("ayni.cli", "ayni.terminal", "ayni.__main__")
EXCEPTIONS = tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text("utf-8"))

PUBLIC = [one for one in everything_named() if one.public]


def lines_of(node: Function) -> int:
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return (node.end_lineno or first) - first + 1


def too_long(kind: str, lines: dict[str, int], limit: int) -> list[str]:
    allowed = EXCEPTIONS.get(kind, {})
    for name, entry in allowed.items():
        assert name in lines, f"exceptions.toml names {name}, which is not there: take the entry out"
        assert entry["reason"].strip(), f"exceptions.toml gives no reason for {name}"
        assert lines[name] > limit, (
            f"{name} has {lines[name]} lines and needs no exception: take the entry out"
        )
    return [
        f"{name}: {count} lines, at most {allowed.get(name, {}).get('lines', limit)}"
        for name, count in lines.items()
        if count > allowed.get(name, {}).get("lines", limit)
    ]


def test_there_is_code_to_read():
    assert len(modules()) > 1


def test_no_module_is_too_long():
    lines = {relative(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert too_long("modules", lines, MODULE_LINES) == []


def test_no_function_is_too_long():
    lines = {one.name: lines_of(one.node) for one in functions() if isinstance(one.node, Function)}
    assert too_long("functions", lines, FUNCTION_LINES) == []


def test_no_module_is_named_for_leftovers():
    wrong = [
        relative(path)
        for path in modules()
        for part in path.with_suffix("").parts[-2:]
        if part.strip("_").lower() in NAMES_OF_LEFTOVERS
        or part.lower().endswith(("_utils", "_helpers", "_common", "_misc"))
    ]
    assert wrong == [], "name a module for what it holds"


def test_no_class_is_named_for_leftovers():
    wrong = [
        one.place
        for one in PUBLIC
        if isinstance(one.node, ast.ClassDef) and one.node.name.endswith(ENDS_OF_LEFTOVERS)
    ]
    assert wrong == [], "name a class for the thing it is"


def test_public_functions_name_every_argument():
    open_ended = {
        one.name: one.place
        for one in PUBLIC
        if isinstance(one.node, Function) and one.node.args.kwarg is not None
    }
    allowed = EXCEPTIONS.get("particulars", {})
    assert set(allowed) <= set(open_ended), "exceptions.toml names a function that no longer needs it"
    wrong = [place for name, place in open_ended.items() if name not in allowed]
    assert wrong == [], "no **kwargs on public functions: write the arguments out"


def test_nothing_is_imported_by_star():
    wrong = [
        f"{relative(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert wrong == []


def test_only_the_door_prints():
    wrong = [
        one.place
        for one in everything_named()
        if isinstance(one.node, ast.Module) and not one.name.startswith(MAY_PRINT) and prints(one.node)
    ]
    assert wrong == [], "return text; ayni.cli (or ayni.terminal) prints it"


def prints(module: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        for node in ast.walk(module)
    )


def first_line(one: Named) -> str:
    text = ast.get_docstring(one.node)
    return text.splitlines()[0].strip() if text else ""


@pytest.mark.parametrize("kind", [ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef])
def test_everything_public_begins_with_a_sentence(kind: type[ast.AST]):
    wrong = [
        f"{one.place} {one.name}: {first_line(one)!r}"
        for one in PUBLIC
        if isinstance(one.node, kind) and not is_sentence(first_line(one))
    ]
    assert wrong == [], "the first line of a docstring is a sentence: a capital, some words, a full stop"


def is_sentence(line: str) -> bool:
    start = line.lstrip("`\"'*(«¿¡")[:1]
    if line.startswith("`"):
        return line.endswith(".")
    return line.endswith((".", "?", "!")) and bool(start) and not start.islower()
