"""The us-peru dossier, opened once for all tests."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ayni.dossier.opening import Dossier, open_dossier

FOLDER = Path(__file__).parents[2] / "dossiers" / "us-peru"


@cache
def peru() -> Dossier:
    kept = Path(tempfile.mkdtemp(prefix="ayni-tests-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    return open_dossier(FOLDER, cache=kept)
