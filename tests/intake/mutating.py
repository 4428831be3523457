"""Sound files of every source, what can happen to their bytes, and what must hold whatever happened."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import shutil
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

from ayni.cli import main
from ayni.ledger.store import MANIFEST, frame, open_ledger
from tests.made import foreign_assistance, greenbook, iati, oecd, oecd_totals, unhcr, us_summaries, world_bank
from tests.made.us_world import World

_SDMX = (
    "DATAFLOW,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS\n"
    "ESTAT:NAMA(1.0),A,PER,2020,1.5,6,A\nESTAT:NAMA(1.0),A,PER,2021,,6,A\nESTAT:NAMA(1.0),A,EA20,2022,-3,0,P\n"
)
# Signs that mean something to somebody who reads a file.
_TOKENS = (
    *(
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
    ),
    *(
        b"NULL",
        b"*",
        b"-",
        b"..",
        b"nan",
        b"inf",
        b"1e400",
        b"9" * 400,
        b"1,234",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\x1e",
    ),
    *(
        b"<",
        b">",
        b"&",
        b"&amp;",
        b"]]>",
        b"<!--",
        b"<!DOCTYPE x>",
        b"<?",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\ud800",
        b"\\",
    ),
    *(
        "\u2028".encode(),
        "\ufffd".encode(),
        "ñ".encode(),
        "ñ".encode("cp1252"),
        b"20x5",
        b"0",
        b"-0.0",
        b"1E+06",
    ),
)


@cache
def sound_files() -> dict[str, bytes]:
    """Return a small file of every kind that a source knows, by a name of its own."""
    few = World(rows=12, seed=1)
    summaries = {
        "country": us_summaries.country_csv,
        "sector": us_summaries.sector_csv,
        "budget": us_summaries.budget_csv,
    }
    made = {
        f"{name}.csv": make(us_summaries.Summary(rows=12, seed=1)).data for name, make in summaries.items()
    }
    made |= {
        f"un-{style}": unhcr.refugees(unhcr.Refugees(rows=8, style=style)).data for style in unhcr.STYLES
    }
    made |= {
        f"wdi-{style}": world_bank.wdi(world_bank.Wdi(rows=8, style=style)).data
        for style in world_bank.STYLES
    }
    made |= {f"{style}.xml": iati.iati_xml(iati.Iati(rows=6, style=style)).data for style in iati.STYLES}
    made["complete.csv"] = foreign_assistance.complete_csv(foreign_assistance.Complete(rows=6, seed=1)).data
    made["greenbook.csv"] = greenbook.greenbook_csv(few).data
    made["greenbook.xlsx"] = greenbook.greenbook_xlsx(few).data
    made["crs.csv"] = oecd.crs_text(oecd.Crs(rows=6)).data
    made["crs.parquet"] = oecd.crs_parquet(oecd.Crs(rows=6)).data
    held = io.BytesIO()
    oecd_totals.write_dac1(oecd_totals.Totals(rows=6), held)
    made["dac1.csv"] = held.getvalue()
    made["sdmx.csv"] = _SDMX.encode()
    return made


def mutated(data: bytes, choose: random.Random, *, times: int = 3) -> bytes:
    """Return a file to which something happened."""
    for _ in range(choose.randint(0, times)):
        data = choose.choice(_HAPPENINGS)(data, choose)
    return data


def _put(data: bytes, choose: random.Random) -> bytes:
    at = choose.randint(0, len(data))
    return data[:at] + choose.choice(_TOKENS) + data[at + choose.choice((0, 0, 1, 4)) :]


def _cell(data: bytes, choose: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = choose.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[choose.randrange(len(cells))] = choose.choice(_TOKENS)
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _flip(data: bytes, choose: random.Random) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[choose.randrange(len(changed))] = choose.randrange(256)
    return bytes(changed)


def _cut(data: bytes, choose: random.Random) -> bytes:
    return data[: choose.randint(0, len(data))]


def _lose(data: bytes, choose: random.Random) -> bytes:
    at = choose.randint(0, len(data))
    return data[:at] + data[at + choose.randint(0, 200) :]


def _repeat(data: bytes, choose: random.Random) -> bytes:
    at = choose.randint(0, len(data))
    piece = data[at : at + choose.randint(0, 300)]
    return data[:at] + piece * choose.randint(1, 3) + data[at:]


def _lines(data: bytes, choose: random.Random) -> bytes:
    lines = data.split(b"\n")
    one, other = choose.randrange(len(lines)), choose.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _recoded(data: bytes, choose: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(choose.choice(("cp1252", "utf-16", "utf-16-le", "utf-8-sig", "latin-1")), "replace")


def _packed(data: bytes, choose: random.Random) -> bytes:
    if choose.random() < 0.5:
        return gzip.compress(data, mtime=0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), data)
    return out.getvalue()


_Happening = Callable[[bytes, random.Random], bytes]
_HAPPENINGS: tuple[_Happening, ...] = (
    *(_put, _put, _put, _cell, _cell, _cell, _flip, _cut, _lose, _repeat, _lines, _recoded, _packed),
)


def survives(folder: Path, data: bytes, name: str, language: str) -> str:
    """Read any bytes from the command line, and return what was said; raise if anything does not hold."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / name
    path.write_bytes(data)
    said, faults = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(faults):
        code = main(["ingest", str(path), "--into", str(folder / "L"), "--lang", language])
    told = said.getvalue() + faults.getvalue()
    assert code in (0, 1), (code, told)
    # A defect is told in a sentence, too; but none is known, so that finding one is a find.
    assert "Traceback" not in told, told
    assert ("defect" if language == "en" else "defecto") not in told, told
    assert name in told.replace("\n", ""), told
    if (folder / "L" / MANIFEST).is_file():
        _consistent(folder / "L")
    return told


def _consistent(into: Path) -> None:
    ledger = open_ledger(into)
    read = frame(ledger, "ingests")
    assert read.select((pl.col("kept") + pl.col("quarantined") <= pl.col("read")).all()).item()
    aside, flows = frame(ledger, "quarantine"), frame(ledger, "flows")
    observed = frame(ledger, "observations")
    if read["encoding"][0] and not read["source"].is_in(["iati"]).any():
        given = pl.concat([flows["row"], observed["row"]])
        assert given.n_unique() == read["kept"].sum()
        assert aside.filter(~pl.col("partly"))["line"].n_unique() == read["quarantined"].sum()
    sums = frame(ledger, "sums")
    # The same money again, at constant prices, is in no sum.
    assert sums["rows"].sum() == flows["price_base"].null_count()
    assert flows.select(pl.col("amount").is_finite().all()).item()
    assert observed.select(pl.col("value").is_finite().all()).item()
