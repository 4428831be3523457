"""Fixtures of the brief's tests: the bundled dossier, opened once, and its pages, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ayni.brief.plan import Edition, read_plan
from ayni.brief.writing import write_brief
from ayni.dossier.opening import Dossier, open_dossier
from tests.brief.html import Sheet, read

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return open_dossier(ROOT / "dossiers" / "us-peru", cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def edition(dossier: Dossier) -> Edition:
    return Edition(dossier=dossier, plan=read_plan(dossier), language="en")


@pytest.fixture(scope="session")
def folder(dossier: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pages") / "us-peru"
    write_brief(dossier, out, languages=("es", "en"))
    return out


@pytest.fixture(scope="session")
def sheets(folder: Path) -> dict[str, Sheet]:
    return {language: read(folder / f"{language}.html") for language in ("es", "en")}
