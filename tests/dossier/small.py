"""A small us-peru: the same files with only the figures that are asked about, quick to open and to spoil."""

from __future__ import annotations

import atexit
import csv
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

import polars as pl

from ayni.designs.specification import digest
from ayni.dossier.files import Source, read_specifications
from ayni.ledger.store import frame
from tests.dossier.peru import FOLDER, peru

# Files that give words or few rows stay as they are.
_FEW = 300


def _needed() -> tuple[set[str], set[str]]:
    """Indicators with figures that something asks about, and releases."""
    from ayni.claims.numbers import number

    case = peru().case
    rows = {row for name in case.pointers for row in number(case, name).rows}
    seen = frame(case.ledger, "observations").filter(pl.col("row").is_in(rows))
    sent = frame(case.ledger, "flows").filter(pl.col("row").is_in(rows))
    causes = {q.cause.origin for q in case.questions.values()}
    return set(seen["indicator"]) | set(case.indexes), causes | set(sent["origin"])


@cache
def small() -> Path:
    """The folder; copy it before spoiling it."""
    base = Path(tempfile.mkdtemp(prefix="ayni-small-"))
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    folder = base / "us-peru"
    shutil.copytree(FOLDER, folder)
    indicators, origins = _needed()
    for path in (folder / "figures").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        if len(rows) < _FEW or path.name in ("origins.csv", "places.csv", "indicators.csv", "labels.csv"):
            continue
        if path.name.startswith("flows-"):
            at, wanted = header.index("origin"), origins
        else:
            at, wanted = header.index("indicator"), indicators
        place = header.index("place") if "place" in header else None
        kept = [r for r in rows if r[at] in wanted and (place is None or _kept_place(r[place]))]
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *kept])
    _shorten(folder / "specifications.toml")
    return folder


def _kept_place(key: str) -> bool:
    """A few districts stand for the rest: those that are asked about, and those whose number ends in 01."""
    asked = {question.place for question in peru().case.questions.values()}
    return not key.startswith("PER-dist-") or key.endswith("01") or key in asked


def _shorten(path: Path) -> None:
    """Run the lists with two start years, and freeze them again."""
    text = re.sub(r"^starts = .*$", "starts = [2015, 2018]", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(text, "utf-8")
    listed = read_specifications(Source(path.parent, path.name, []))
    for key, one in listed.items():
        text = text.replace(one.digest, "waiting", 1) if text.count(one.digest) == 1 else text
        head = text.index(f"[{key}]\n")
        at = text.index("digest = ", head)
        text = text[:at] + f'digest = "{digest(one)}"' + text[text.index("\n", at) :]
    path.write_text(text, "utf-8")
