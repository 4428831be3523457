"""Where dossiers and their ledgers are kept; light, so that a list of them comes at once."""

from __future__ import annotations

import os
from importlib.resources import files as package_files
from pathlib import Path


class UnknownDossierError(LookupError):
    """No dossier of that key or path; the message lists those at hand."""


def shelves() -> tuple[Path, ...]:
    """Return the folders in which dossiers are looked for by key, in order.

    The working folder's ``dossiers``, then the one that ships with ayni, then that of the
    source tree it runs from.
    """
    shipped = Path(str(package_files("ayni"))) / "dossiers"
    return (Path.cwd() / "dossiers", shipped, Path(__file__).resolve().parents[3] / "dossiers")


def known_keys() -> tuple[str, ...]:
    """Return the keys of all dossiers on the shelves."""
    found = {p.parent.name for shelf in shelves() for p in shelf.glob("*/dossier.toml")}
    return tuple(sorted(found))


def locate(key: str) -> Path:
    """Return the folder of the dossier called `key`, or at the path `key`.

    Raises
    ------
    UnknownDossierError
        If there is none.
    """
    as_path = Path(key)
    for folder in (as_path, *(shelf / key for shelf in shelves())):
        if (folder / "dossier.toml").is_file():
            return folder
    raise UnknownDossierError(key)


def cache_folder() -> Path:
    """Return the user's cache folder for ledgers (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ayni"
