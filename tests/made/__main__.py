"""``python -m tests.made KIND --rows N --seed S OUT``: make a file in a published schema."""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.made import foreign_assistance, greenbook, iati, oecd, oecd_totals, unhcr, us_summaries, world_bank
from tests.made.damage import DAMAGES
from tests.made.fiscal import LATEST, RELEASES
from tests.made.truth import Truth
from tests.made.us_world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for."""

    rows: int
    seed: int
    release: str
    style: str
    recipients: tuple[str, ...]


Write = Callable[[Asked, BinaryIO], Truth]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of file: what writes it, and its styles, the first by default."""

    write: Write
    styles: tuple[str, ...] = ("",)


def _complete(asked: Asked, out: BinaryIO) -> Truth:
    wish = foreign_assistance.Complete(
        rows=asked.rows,
        seed=asked.seed,
        release=asked.release,
        recipients=asked.recipients,
        style=asked.style,
    )
    return foreign_assistance.write_complete(wish, out)


def _summary(write: Callable[[World, BinaryIO], Truth]) -> Kind:
    def told(asked: Asked, out: BinaryIO) -> Truth:
        wish = us_summaries.Summary(
            rows=asked.rows,
            seed=asked.seed,
            release=asked.release,
            recipients=asked.recipients,
            style=asked.style,
        )
        return write(wish, out)

    return Kind(write=told, styles=us_summaries.STYLES)


def _greenbook(asked: Asked, out: BinaryIO) -> Truth:
    wish = greenbook.Greenbook(
        rows=asked.rows,
        seed=asked.seed,
        release=asked.release,
        recipients=asked.recipients,
        banner=asked.style != "csv-without-banner",
    )
    return greenbook.write_xlsx(wish, out) if asked.style == "xlsx" else greenbook.write_csv(wish, out)


def _crs(asked: Asked, out: BinaryIO) -> Truth:
    fashion, _, form = asked.style.partition("-")
    separators = {name: sign for sign, name in oecd.SEPARATORS.items()}
    wish = oecd.Crs(rows=asked.rows, seed=asked.seed, fashion=fashion, separator=separators.get(form, ","))
    return oecd.write_crs_parquet(wish, out) if form == "parquet" else oecd.write_crs_text(wish, out)


def _dac1(asked: Asked, out: BinaryIO) -> Truth:
    return oecd_totals.write_dac1(oecd_totals.Totals(rows=asked.rows, seed=asked.seed), out)


def _dac2a(asked: Asked, out: BinaryIO) -> Truth:
    return oecd_totals.write_dac2a(oecd_totals.Totals(rows=asked.rows, seed=asked.seed), out)


def _iati(asked: Asked, out: BinaryIO) -> Truth:
    style, _, version = asked.style.partition("-")
    wish = iati.Iati(rows=asked.rows, seed=asked.seed, style=style, version=version or "2.03")
    return iati.write_iati(wish, out)


def _wdi(asked: Asked, out: BinaryIO) -> Truth:
    return world_bank.write_wdi(world_bank.Wdi(rows=asked.rows, seed=asked.seed, style=asked.style), out)


def _unhcr(asked: Asked, out: BinaryIO) -> Truth:
    return unhcr.write_refugees(unhcr.Refugees(rows=asked.rows, seed=asked.seed, style=asked.style), out)


_CRS_STYLES = tuple(
    f"{fashion}-{form}" for fashion in oecd.FASHIONS for form in (*oecd.SEPARATORS.values(), "parquet")
)
_IATI_STYLES = (*iati.STYLES, *(f"{one}-{version}" for one in iati.STYLES for version in iati.VERSIONS))
KINDS: Mapping[str, Kind] = {
    "fagov-complete": Kind(write=_complete, styles=foreign_assistance.STYLES),
    "fagov-country": _summary(us_summaries.write_country),
    "fagov-sector": _summary(us_summaries.write_sector),
    "fagov-funding": _summary(us_summaries.write_funding),
    "fagov-implementing": _summary(us_summaries.write_implementing),
    "fagov-dac-sector": _summary(us_summaries.write_dac_sector),
    "fagov-budget": _summary(us_summaries.write_budget),
    "greenbook": Kind(write=_greenbook, styles=("csv", "csv-without-banner", "xlsx")),
    "oecd-crs": Kind(write=_crs, styles=_CRS_STYLES),
    "oecd-dac1": Kind(write=_dac1),
    "oecd-dac2a": Kind(write=_dac2a),
    "iati": Kind(write=_iati, styles=_IATI_STYLES),
    "wdi": Kind(write=_wdi, styles=world_bank.STYLES),
    "unhcr": Kind(write=_unhcr, styles=unhcr.STYLES),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    told = argparse.ArgumentParser(prog="python -m tests.made", description=__doc__)
    told.add_argument("kind", choices=KINDS)
    told.add_argument("out", type=Path)
    told.add_argument("--rows", type=int, default=10_000)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--release", choices=RELEASES, default=LATEST)
    told.add_argument("--style", default="", help="one of the kind's; a wrong one lists them")
    told.add_argument("--recipients", default="", help="codes with commas, for United States files")
    told.add_argument("--damage", choices=DAMAGES, help="made and damaged in memory: for small files")
    told.add_argument("--truth", action="store_true", help="write what it holds to OUT.truth.json")
    return told


def main(words: list[str] | None = None) -> int:
    """Make a file as the command line asks."""
    given = parser().parse_args(words)
    kind = KINDS[given.kind]
    style = given.style or kind.styles[0]
    if style not in kind.styles:
        parser().error(f"--style {style}: expected one of {', '.join(kind.styles)}")
    asked = Asked(
        rows=given.rows,
        seed=given.seed,
        release=given.release,
        style=style,
        recipients=tuple(code for code in given.recipients.split(",") if code),
    )
    begun = time.perf_counter()
    truth = _damaged(kind, asked, given.out, given.damage) if given.damage else _made(kind, asked, given.out)
    if given.truth:
        given.out.with_name(given.out.name + ".truth.json").write_text(truth.as_json(), "utf-8")
    megabytes = given.out.stat().st_size / 1e6
    seconds = time.perf_counter() - begun
    sys.stdout.write(f"{truth.rows} rows, {megabytes:.1f} MB, {seconds:.1f} s\n")
    return 0


def _made(kind: Kind, asked: Asked, path: Path) -> Truth:
    with path.open("wb") as out:
        return kind.write(asked, out)


def _damaged(kind: Kind, asked: Asked, path: Path, name: str) -> Truth:
    held = io.BytesIO()
    truth = kind.write(asked, held)
    damaged = DAMAGES[name](held.getvalue())
    path.write_bytes(damaged.data)
    sys.stdout.write(f"{damaged.told}\n")
    for fault in damaged.faults:
        must = "must be" if fault.must else "may be"
        sys.stdout.write(f"line {fault.line}: {must} told as {' or '.join(fault.codes) or 'anything'}\n")
    return truth


if __name__ == "__main__":
    sys.exit(main())
