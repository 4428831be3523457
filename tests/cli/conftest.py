"""Every test of the command line speaks English unless it asks otherwise, and keeps its own ledgers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.houserules.tree import ROOT


@pytest.fixture(scope="session")
def _ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch, _ledgers: Path, tmp_path: Path) -> None:
    """An English machine of eighty columns, whose working folder is empty."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_CACHE_HOME", str(_ledgers))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def opened_once(monkeypatch: pytest.MonkeyPatch, _opened: dict[Path, object], us_peru: Path) -> None:
    """Open the dossier of the house once for all tests; any other is opened each time."""
    from ayni.dossier import opening

    really = opening.open_dossier

    def at_most_once(folder: Path) -> object:
        if folder.resolve() != us_peru.resolve():
            return really(folder)
        if folder.resolve() not in _opened:
            _opened[folder.resolve()] = really(folder)
        return _opened[folder.resolve()]

    monkeypatch.setattr(opening, "open_dossier", at_most_once)


@pytest.fixture(scope="session")
def _opened() -> dict[Path, object]:
    return {}


@pytest.fixture
def us_peru() -> Path:
    return ROOT / "dossiers" / "us-peru"
