"""Where the ledger of official files is kept when nobody says."""

from __future__ import annotations

import os
from pathlib import Path

# Names the folder of the ledger, for those who keep it elsewhere than in their data folder.
VARIABLE = "AYNI_LEDGER"


def default_ledger() -> Path:
    """Return the folder of the ledger of official files.

    It is the one that `AYNI_LEDGER` names, else ``ayni/ledger`` in the user's data folder
    (``XDG_DATA_HOME``, else ``~/.local/share``).
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "ayni" / "ledger"
