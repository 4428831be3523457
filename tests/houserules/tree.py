"""The tree as the rules of the house read it: its files, its modules, its functions."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ayni"
# What git would not keep, for a tree that came without git.
_LEFT_BY_TOOLS = frozenset({".git", ".venv", "build", "dist", "__pycache__", ".hypothesis"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A module, class or function of the package with the name by which it is known.

    ``name`` is dotted (``ayni.ledger.store.Ledger.rows``), ``place`` is ``file:line``.
    """

    name: str
    place: str
    node: ast.Module | ast.ClassDef | Function

    @property
    def public(self) -> bool:
        """Whether no part of the name begins with an underscore, dunder methods left out too."""
        return not any(part.startswith("_") for part in self.name.split("."))


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file git holds or would hold if it were added now."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode("utf-8")
        found = {ROOT / name for name in listed.split("\0") if name}
        return tuple(sorted(path for path in found if path.is_file()))
    return tuple(
        sorted(
            path
            for path in ROOT.rglob("*")
            if path.is_file()
            and not any(
                part in _LEFT_BY_TOOLS or part.endswith("_cache") for part in path.relative_to(ROOT).parts
            )
        )
    )


def relative(path: Path) -> str:
    """Return a path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text("utf-8"), filename=str(path))


@functools.cache
def modules() -> tuple[Path, ...]:
    """Every module of the package."""
    return tuple(path for path in files() if path.suffix == ".py" and path.is_relative_to(SOURCE))


def dotted(path: Path) -> str:
    """Return the name by which a module of the package is imported."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def everything_named() -> tuple[Named, ...]:
    """Modules, classes, functions and methods; not what is defined inside a function."""
    return tuple(
        found
        for path in modules()
        for found in (
            Named(name=dotted(path), place=f"{relative(path)}:1", node=parsed(path)),
            *_inside(parsed(path), dotted(path), relative(path)),
        )
    )


def functions() -> tuple[Named, ...]:
    """Every function and method."""
    return tuple(one for one in everything_named() if isinstance(one.node, Function))


def _inside(node: ast.Module | ast.ClassDef, name: str, file: str) -> Iterator[Named]:
    for child in node.body:
        if isinstance(child, ast.ClassDef | Function):
            inner = f"{name}.{child.name}"
            yield Named(name=inner, place=f"{file}:{child.lineno}", node=child)
            if isinstance(child, ast.ClassDef):
                yield from _inside(child, inner, file)
