"""Throw damaged files at ``ayni ingest`` until the time is over, and keep those that break anything.

    python benchmarks/fuzz_ingest.py --seconds 600            # files of every source, damaged at random
    python benchmarks/fuzz_ingest.py --seconds 600 --guided   # the reader of delimited text, led by coverage

What must hold is in `tests/intake/mutating.py`: an exit code of 0 or 1, a sentence that names the file, no
traceback, and a ledger whose rows and sums agree. With ``--guided`` the quick way of reading delimited text
must agree with the strict one. That needs atheris (``pip install atheris``, Python up to 3.13), which nothing
else does. Files that break something are written to ``--keep``; exit code 1 tells that there are some.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.intake.mutating import mutated, sound_files, survives

_LANGUAGES = ("es", "en")


def thrown(seconds: float, seed: int, keep: Path) -> int:
    """Damage files at random; return how many broke something."""
    files = sound_files()
    names, broken, runs = sorted(files), 0, 0
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="ayni-fuzz-") as folder:
        while time.monotonic() < end:
            choose = random.Random(f"{seed}-{runs}")
            name = choose.choice(names)
            data = mutated(files[name], choose)
            try:
                survives(Path(folder) / "fuzz", data, name, choose.choice(_LANGUAGES))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
                broken += 1
                path = kept(keep, data, name)
                print(f"{path}: {type(error).__name__}: {str(error)[:300]}")
            runs += 1
    print(f"{runs} files, {broken} broke something")
    return broken


def kept(keep: Path, data: bytes, name: str) -> Path:
    """Write down a file that broke something."""
    keep.mkdir(parents=True, exist_ok=True)
    path = keep / f"{hashlib.sha256(data).hexdigest()[:12]}-{name}"
    path.write_bytes(data)
    return path


def guided(seconds: float, keep: Path) -> None:
    """Let atheris look for a text that polars reads otherwise than it stands; ends the process."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415 - only here

    with atheris.instrument_imports(include=["ayni.sources.delimited_rows", "ayni.sources.delimited_cells"]):
        from ayni.sources import delimited_rows as read  # noqa: PLC0415 - to be instrumented first
        from ayni.sources.delimited_blocks import Block, Layout  # noqa: PLC0415 - as above

    layout = Layout(columns=("one", "two", "three"))

    def one(data: bytes) -> None:
        text = data.replace(b"\x01", b'"').replace(b"\x02", b",").replace(b"\x03", b"\n") + b"\n"
        block = Block(data=text, line=1, lines=text.count(b"\n"))
        whole, strict = read.read_block(block, layout), read.strictly(block, layout)
        same = whole.frame.rows() == strict.frame.rows() and whole.refused.rows() == strict.refused.rows()
        if not same:
            raise AssertionError(f"{kept(keep, text, 'block')}: two ways of reading differ")

    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", "-max_len=64", "-verbosity=0"], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz as the command line asks."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--seconds", type=float, default=60)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--keep", type=Path, default=Path("build/fuzz"))
    told.add_argument("--guided", action="store_true")
    asked = told.parse_args()
    if asked.guided:
        guided(asked.seconds, asked.keep)
    return 1 if thrown(asked.seconds, asked.seed, asked.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
