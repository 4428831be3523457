"""What is installed is pinned, small and freely licensed."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.houserules.tree import ROOT, modules, parsed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CORE = [Requirement(one) for one in PROJECT["project"]["dependencies"]]
EXTRAS = [
    Requirement(one) for many in PROJECT["project"].get("optional-dependencies", {}).values() for one in many
]
BUILD = [Requirement(one) for one in [*PROJECT["build-system"]["requires"], "editables"]]

PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
    "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
}  # fmt: skip
WEAK_COPYLEFT = {"MPL-2.0"}  # may be used to test and build, never in what is installed for readers
# Licences as their packages write them, where that is not SPDX.
SPOKEN = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
# Packages whose metadata names no licence: read by hand from the file they ship.
READ_BY_HAND = {"axe-playwright-python": "MIT AND MPL-2.0"}  # its own code MIT, axe-core's script MPL-2.0


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def closure(requirements: list[Requirement]) -> dict[str, str]:
    """Every package the requirements bring on this machine, with its installed version."""
    found: dict[str, str] = {}
    waiting = [(one, "") for one in requirements]
    while waiting:
        one, extra = waiting.pop()
        name = canonicalize_name(one.name)
        if name in found or (one.marker and not one.marker.evaluate({"extra": extra})):
            continue
        package = metadata.distribution(name)
        found[name] = package.version
        waiting += [
            (Requirement(line), wanted) for line in package.requires or [] for wanted in (one.extras or {""})
        ]
    return found


def licence(name: str) -> str:
    """The licence of an installed package, as an SPDX expression where its makers give one."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    told = metadata.metadata(name)
    if "License-Expression" in told:
        return str(told["License-Expression"])
    classifiers = [
        one.rpartition(" :: ")[2] for one in told.get_all("Classifier") or [] if one.startswith("License")
    ]
    spoken = classifiers or [
        text.strip().partition("\n")[0] for text in told.get_all("License") or ["none told"]
    ]
    return " AND ".join(SPOKEN.get(one.lower(), one) for one in spoken)


def is_allowed(expression: str, allowed: set[str]) -> bool:
    """Whether a licence expression can be met with the allowed licences alone."""
    return all(
        any(choice.strip(" ()") in allowed for choice in part.split(" OR "))
        for part in expression.split(" AND ")
    )


def test_constraints_are_pins_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []
    assert lines == sorted(lines, key=str.lower)
    assert len(pins()) == len(lines)


@pytest.mark.parametrize("requirements", [CORE, EXTRAS, BUILD], ids=["core", "extras", "build"])
def test_everything_installed_is_pinned_and_as_pinned(requirements: list[Requirement]):
    pinned = pins()
    found = closure(requirements)
    assert {
        name: (version, pinned.get(name)) for name, version in found.items() if pinned.get(name) != version
    } == {}


def test_nothing_is_pinned_that_nobody_needs():
    assert sorted(set(pins()) - set(closure(CORE + EXTRAS + BUILD))) == []


def test_pins_are_what_the_project_asks_for():
    pinned = pins()
    assert [
        str(one) for one in CORE + EXTRAS if pinned[canonicalize_name(one.name)] not in one.specifier
    ] == []


def test_what_readers_install_is_permissive():
    told = {name: licence(name) for name in closure(CORE)}
    assert {name: one for name, one in told.items() if not is_allowed(one, PERMISSIVE)} == {}


def test_what_builds_and_tests_is_permissive_or_weak_copyleft():
    told = {name: licence(name) for name in closure(EXTRAS + BUILD)}
    assert {name: one for name, one in told.items() if not is_allowed(one, PERMISSIVE | WEAK_COPYLEFT)} == {}


def test_the_rule_reads_expressions():
    assert is_allowed("Apache-2.0 OR GPL-3.0-only", PERMISSIVE)
    assert not is_allowed("MIT AND GPL-3.0-only", PERMISSIVE)
    assert not is_allowed("none told", PERMISSIVE)


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The first part of every name that is imported among the nodes."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"ayni"}


def undeclared(names: set[str], requirements: list[Requirement]) -> list[str]:
    owners = metadata.packages_distributions()
    declared = {canonicalize_name(one.name) for one in requirements}
    return [
        name
        for name in sorted(names)
        if not {canonicalize_name(one) for one in owners.get(name, [])} & declared
    ]


def test_every_package_imported_by_ayni_is_declared():
    names = {name for path in modules() for name in imported(ast.walk(parsed(path)))}
    assert undeclared(names, CORE + EXTRAS) == []


def test_packages_of_extras_are_imported_only_where_they_are_needed():
    names = {name for path in modules() for name in imported(parsed(path).body)}
    assert undeclared(names, CORE) == []
