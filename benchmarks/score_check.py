"""Score what ``ayni check --json`` finds in the gold set, with 95 % intervals and a list of misses.

    python -m benchmarks.score_check                # run `ayni check` on the texts, then score
    python -m benchmarks.score_check RESULTS        # score a file of JSON lines, or a folder of <key>.json
    python -m benchmarks.score_check --language es  # the texts of one language; pairs need both

Exit code 1 where a figure is below what was asked for. How a found claim is held against a gold one is
told in ``benchmarks/gold/README.md``; `score` needs no checker, only what one found.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.check_matching import Found, Matched, in_unit, match, near, numbers, reads_right, unit_right
from benchmarks.gold_set import GOLD, TEXTS, GoldClaim, GoldText, read_gold, unfrozen

# The normal quantile that leaves 2.5 % above.
Z_95 = 1.959963984540054
# Where a line of results may name the file it is about.
_NAMES = ("file", "path", "source", "article", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share; not a number where there is nothing to count."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval."""
        return wilson(self.hits, self.of)


def wilson(hits: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson interval of a share; 0 to 1 where there is nothing to count.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if not of:
        return 0.0, 1.0
    share, room = hits / of, z * z / of
    middle = (share + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(share * (1 - share) / of + room / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Something to look at: what kind, where, what was wanted and what came."""

    text: str
    what: str
    span: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a checker got right.

    Attributes
    ----------
    recall, precision : Rate
        Gold claims found, and found claims that are in the gold set.
    numbers : Rate
        Of the claims found: value, range, comparator and measure as the text has them.
    units, indicators, years : Rate
        Of the claims found: the very unit, the concept and the year, where the gold set gives one.
    verdicts, spoken : Rate
        Of the claims found: verdicts right where the gold set gives one; the same without *out of reach*,
        which a checker gets by saying nothing.
    pairs : Rate
        Of all claims said in both languages: found in both, with one reading and one verdict.
    traps : Rate
        Numbers that are no claim and were left alone.
    misses : tuple of Miss
        Everything else.
    """

    recall: Rate
    precision: Rate
    numbers: Rate
    units: Rate
    indicators: Rate
    years: Rate
    verdicts: Rate
    spoken: Rate
    pairs: Rate
    traps: Rate
    misses: tuple[Miss, ...]


# -- the set ---------------------------------------------------------------------------------------------


def score(found: Mapping[str, Sequence[Found]], gold: Sequence[GoldText]) -> Scores:
    """Return how well the claims found, by key of the text, fit the gold set.

    Raises
    ------
    ValueError
        If something was found in a text that is not in the gold set.
    """
    strange = sorted(set(found) - {text.key for text in gold})
    if strange:
        raise ValueError(
            f"results for {', '.join(strange)}, which the gold set does not have; check the names"
        )
    matched = {text.key: match(found.get(text.key, ()), text) for text in gold}
    both = [(c, f) for m in matched.values() for c, f in zip(m.gold.claims, m.by_claim, strict=True)]
    had = [(c, f) for c, f in both if f is not None]
    spurious = [one for m in matched.values() for one in m.spurious]
    pairs, pair_misses = _pairs(matched)
    return Scores(
        recall=Rate(hits=len(had), of=len(both)),
        precision=Rate(hits=len(had), of=len(had) + len(spurious)),
        numbers=_rate(reads_right(f, c) for c, f in had),
        units=_rate(unit_right(f, c) for c, f in had if c.unit),
        indicators=_rate(f.indicator == c.indicator for c, f in had if c.indicator),
        years=_rate(f.year == c.year for c, f in had if c.year is not None),
        verdicts=_rate(f.verdict == c.verdict for c, f in had if c.verdict),
        spoken=_rate(f.verdict == c.verdict for c, f in had if c.verdict not in ("", "out-of-reach")),
        pairs=pairs,
        traps=_rate(
            not any(min(x.end, a.end) > max(x.start, a.start) for x in m.spurious)
            for m in matched.values()
            for a in m.gold.not_claims
        ),
        misses=tuple(miss for m in matched.values() for miss in _misses(m)) + pair_misses,
    )


def _rate(right: Iterable[bool]) -> Rate:
    told = list(right)
    return Rate(hits=sum(told), of=len(told))


def _pairs(matched: Mapping[str, Matched]) -> tuple[Rate, tuple[Miss, ...]]:
    """Hold the claims of each pair against each other; a pair with one text missing is not counted."""
    told, misses = [], []
    for key, one in matched.items():
        other = matched.get(one.gold.pair)
        if other is None or one.gold.language != "es":
            continue
        for claim, a, b in zip(one.gold.claims, one.by_claim, other.by_claim, strict=True):
            told.append(_agree(a, b, claim))
            if not told[-1]:
                misses.append(
                    Miss(text=f"{key} = {other.gold.key}", what="pair", span=claim.text,
                         wanted=_shown(a), got=_shown(b))
                )  # fmt: skip
    return _rate(told), tuple(misses)


def _agree(one: Found | None, other: Found | None, claim: GoldClaim) -> bool:
    if one is None or other is None or one.verdict != other.verdict or one.indicator != other.indicator:
        return False
    if unit_right(one, claim) != unit_right(other, claim):
        return False
    there = [in_unit(x, other.unit, one.unit) for x in numbers(other)]
    return all(near(x, y) for x, y in zip(numbers(one), there, strict=True))


def _misses(matched: Matched) -> list[Miss]:
    key, told = matched.gold.key, []

    def miss(what: str, span: str, wanted: str, got: str) -> None:
        told.append(Miss(text=key, what=what, span=span, wanted=wanted, got=got))

    for claim, found in zip(matched.gold.claims, matched.by_claim, strict=True):
        if found is None:
            miss("not found", claim.text, _wanted(claim), "")
            continue
        if not reads_right(found, claim):
            miss("misread", claim.text, _wanted(claim), _shown(found))
        if claim.verdict and found.verdict != claim.verdict:
            miss("verdict", claim.text, claim.verdict, found.verdict)
        if claim.indicator and found.indicator != claim.indicator:
            miss("indicator", claim.text, claim.indicator, found.indicator)
        if claim.year is not None and found.year != claim.year:
            miss("year", claim.text, str(claim.year), str(found.year))
    for found in matched.spurious:
        traps = [a.why for a in matched.gold.not_claims if min(found.end, a.end) > max(found.start, a.start)]
        miss("no claim", found.text, "/".join(traps), _shown(found))
    return told


def _wanted(claim: GoldClaim) -> str:
    sign = "" if claim.comparator == "=" else claim.comparator
    number = f"{claim.low:g}..{claim.high:g}" if claim.value is None else f"{sign}{claim.value:.12g}"
    return f"{number} {claim.unit}".rstrip()


def _shown(found: Found | None) -> str:
    if found is None:
        return "not found"
    value, low, high = ("" if x is None else f"{x:.12g}" for x in numbers(found))
    ends = f" [{low}..{high}]" if low or high else ""
    return f"{value}{ends} {found.unit} {found.verdict}".strip()


# -- reading and printing --------------------------------------------------------------------------------


def read_results(path: Path) -> dict[str, tuple[Found, ...]]:
    """Return what was found by key of the text, from JSON lines or a folder of ``<key>.json``.

    Raises
    ------
    ValueError
        If a line does not name its file, or a claim has no span.
    """
    if path.is_dir():
        return {
            p.stem: _claims(json.loads(p.read_text(encoding="utf-8"))) for p in sorted(path.glob("*.json"))
        }
    return read_lines(path.read_text(encoding="utf-8"))


def read_lines(text: str) -> dict[str, tuple[Found, ...]]:
    """Return what was found by key of the text, from JSON lines that name their file."""
    results = {}
    for count, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            told = json.loads(line)
            name = next((told[name] for name in _NAMES if isinstance(told.get(name), str)), None)
            if name is None:
                raise ValueError(f"line {count} names no file; expected one of {', '.join(_NAMES)}")
            results[Path(name).stem] = _claims(told)
    return results


def _claims(told: object) -> tuple[Found, ...]:
    rows = told["claims"] if isinstance(told, dict) else told
    return tuple(_found(row) for row in cast("list[dict[str, object]]", rows))


def _found(row: Mapping[str, object]) -> Found:
    """Read one claim; the span is ``start`` and ``end``, or a ``span`` that has both."""
    span = row.get("span")
    if isinstance(span, dict):
        start, end = span.get("start"), span.get("end")
    elif isinstance(span, list) and len(span) == 2:  # noqa: PLR2004 - a start and an end
        start, end = span
    else:
        start, end = row.get("start"), row.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        raise ValueError(f"claim {row.get('id', row.get('text'))!r} has no span start and end")
    value, low, high = (_number(row.get(name)) for name in ("value", "low", "high"))
    sign = row.get("comparator")
    return Found(
        start=start,
        end=end,
        text=str(row.get("text") or ""),
        kind=str(row.get("kind") or ""),
        value=value,
        low=low,
        high=high,
        unit=str(row.get("unit") or ""),
        comparator=None if sign is None else str(sign),
        indicator=str(row.get("indicator") or ""),
        year=int(cast("int", row["year"])) if row.get("year") is not None else None,
        verdict=str(row.get("verdict") or ""),
    )


def _number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


# What the issue asks for.
WANTED = {"numbers": 0.98, "recall": 0.95, "precision": 0.90, "verdicts": 0.95, "pairs": 1.0}
_TITLES = {
    "recall": "claims found (recall)",
    "precision": "found claims that are claims (precision)",
    "numbers": "numbers read right",
    "verdicts": "verdicts right",
    "spoken": "  of them where the dossier speaks",
    "pairs": "es/en pairs agree",
    "units": "units right",
    "indicators": "indicators right",
    "years": "years right",
    "traps": "numbers that are no claim left alone",
}


def report(scores: Scores, *, misses: bool = True) -> str:
    """Return the figures as a Markdown table, and under it the misses by text."""
    lines = [
        "| what | right | of | share | 95 % interval | asked |",
        "| --- | ---: | ---: | ---: | --- | ---: |",
    ]
    for name, title in _TITLES.items():
        rate: Rate = getattr(scores, name)
        low, high = rate.interval
        asked = f"{WANTED[name]:.2f}" if name in WANTED else ""
        lines.append(
            f"| {title} | {rate.hits} | {rate.of} | {rate.value:.3f} | {low:.3f}-{high:.3f} | {asked} |"
        )
    if misses:
        last = ""
        for one in sorted(scores.misses, key=lambda m: (m.text, m.what)):
            if one.text != last:
                lines += ["", one.text]
                last = one.text
            lines.append(
                f"  {one.what:10} {one.span!r}: wanted {one.wanted or 'nothing'}, got {one.got or 'nothing'}"
            )
    return "\n".join(lines)


def passes(scores: Scores, asked: Iterable[str] = tuple(WANTED)) -> bool:
    """Return whether every figure `asked` for is reached; nothing to count is not enough."""
    return all(getattr(scores, name).value >= WANTED[name] for name in asked)


def _run() -> dict[str, tuple[Found, ...]]:
    command = [sys.executable, "-m", "ayni", "check", str(GOLD / TEXTS), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    if done.returncode and not done.stdout:
        raise SystemExit(f"`{' '.join(command[1:])}` ended with {done.returncode} and found nothing")
    return read_lines(done.stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score, print, and return 1 where a figure is below what was asked for or the set was edited."""
    parser = argparse.ArgumentParser(description="Score `ayni check` on the gold set.")
    parser.add_argument("results", nargs="?", type=Path, help="JSON lines, or a folder of <key>.json")
    parser.add_argument("--language", choices=("es", "en"), help="the texts of one language only")
    parser.add_argument("--no-misses", action="store_true", help="print the table alone")
    chosen = parser.parse_args(arguments)
    changed = unfrozen()
    if changed:
        print(f"the gold set was edited since it was frozen: {', '.join(changed)}", file=sys.stderr)
        return 1
    found = read_results(chosen.results) if chosen.results else _run()
    gold = [text for text in read_gold() if chosen.language in (None, text.language)]
    keys = {text.key for text in gold}
    if chosen.language:
        found = {key: claims for key, claims in found.items() if key in keys}
    scores = score(found, gold)
    print(report(scores, misses=not chosen.no_misses))
    asked = [name for name in WANTED if name != "pairs" or not chosen.language]
    return 0 if passes(scores, asked) else 1


if __name__ == "__main__":
    sys.exit(main())
