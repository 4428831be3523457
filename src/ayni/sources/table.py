"""The table of sources: by which name which reader is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ayni.problems import Problem
from ayni.sources import figures

SOURCES: dict[str, Callable[[Path, list[Problem]], figures.Tables]] = {"figures": figures.gather}
