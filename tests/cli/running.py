"""Running the command line in this process, as a test wants it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ayni.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a line gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


def run(capsys: pytest.CaptureFixture[str], *words: str) -> Ran:
    """Run a line and return its exit code and what it printed."""
    code = main(words)
    out, err = capsys.readouterr()
    return Ran(code=code, out=out, err=err)
