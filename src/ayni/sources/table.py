"""The table of sources: by which name which reader is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ayni.sources import figures

SOURCES: dict[str, Callable[[Path], figures.Tables]] = {"figures": figures.read}
