"""Read the gold set of ``benchmarks/gold``, refuse it where it is not sound, and keep it frozen.

    python -m benchmarks.gold_set            # read it, hold it against gold.sha256, print how large it is
    python -m benchmarks.gold_set --freeze   # write gold.sha256, where there is none

The rows are explained in ``benchmarks/gold/README.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

from ayni.claims.records import KINDS, LABELS
from ayni.language import LANGUAGES
from ayni.units import UnitError, unit

GOLD = Path(__file__).parent / "gold"
ROWS, TEXTS, HASHES = "gold.toml", "texts", "gold.sha256"
COMPARATORS = ("=", ">=", "<=", "~")
MOODS = ("stated", "denied", "conditional")
# Why a number is no claim, and what makes a claim easy to get wrong.
NOT_CLAIMS = (
    "date phone advert furniture law-id id reference address score name idiom pronoun ordinal"
).split()
HARD = (
    "decimal-mark apostrophe-millions billion percentage-points range misprint idiom ordinal "
    "denied conditional opinion forecast wish"
).split()
# A year standing alone needs no row: it is no claim, whatever stands around it.
_YEAR = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d(?![\d/-]|[.,]\d)")
_DIGITS = re.compile(r"\d+")
_ALLOWED = {
    "text": {"key", "language", "press", "pair", "claims", "not_claims", "either"},
    "claim": set(
        "text nth value low high comparator unit kind year indicator place counterpart speaker mood "
        "verdict trap".split()
    ),
    "not_claim": {"text", "nth", "trap"},
    "either": {"text", "nth", "why"},
}


class GoldError(ValueError):
    """A gold set that cannot be trusted: the message names the text, the row and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A number that is no claim, or that may be taken as one or not.

    Attributes
    ----------
    start, end : int
        Characters of the text, the end left out.
    text : str
        What stands there.
    why : str
        One of `NOT_CLAIMS`; free for what may be taken either way.
    """

    start: int
    end: int
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldClaim:
    """A figure that a careful reader finds.

    Attributes
    ----------
    start, end, text : int, int, str
        Where it stands, and the words.
    value : float or None
        None for a range, which has `low` and `high` instead.
    low, high : float or None
        Ends of a range that the text gives.
    comparator : str
        One of `COMPARATORS`: equal, at least, at most, about.
    unit : str
        A key of `ayni.units`; empty where that has no word for what is counted.
    kind : str
        One of `ayni.claims.records.KINDS`.
    year : int or None
        The year it speaks of, where the text says so.
    indicator, place, counterpart : str
        The concept of the dossier and where, empty where the dossier has none.
    speaker : str
        Who says it, where it is not the article.
    mood : str
        One of `MOODS`.
    verdict : str
        What the figures of the dossier say; empty where that can be argued about.
    trap : str
        One of `HARD`, or empty.
    """

    start: int
    end: int
    text: str
    value: float | None
    low: float | None
    high: float | None
    comparator: str
    unit: str
    kind: str
    year: int | None
    indicator: str
    place: str
    counterpart: str
    speaker: str
    mood: str
    verdict: str
    trap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldText:
    """One short article with everything that is in it.

    Attributes
    ----------
    key, language, press : str
        Name of its file, its language, and the press it is written after: PE, ES, US or INT.
    pair : str
        Key of the text that says the same in the other language, or empty.
    body : str
        The article.
    claims : tuple of GoldClaim
        In the order of the text; those of a pair answer each other one by one.
    not_claims, either : tuple of Aside
        Numbers that are no claim, and numbers that nobody is blamed for.
    """

    key: str
    language: str
    press: str
    pair: str
    body: str
    claims: tuple[GoldClaim, ...]
    not_claims: tuple[Aside, ...]
    either: tuple[Aside, ...]


def read_gold(folder: Path = GOLD) -> tuple[GoldText, ...]:
    """Return the gold set in `folder`, every span found and every row checked.

    Raises
    ------
    GoldError
        If a row has a word that is not known, a span is not in its text or overlaps another, a digit of a
        text is in no span, a file has no rows, or the two texts of a pair do not answer each other.
    """
    rows = tomllib.loads((folder / ROWS).read_text(encoding="utf-8"))
    texts = tuple(_text(folder, row) for row in cast("list[dict[str, object]]", rows["text"]))
    named = [text.key for text in texts]
    files = sorted(path.stem for path in (folder / TEXTS).glob("*.txt"))
    if sorted(named) != files:
        odd = sorted(set(named) ^ set(files)) or sorted({key for key in named if named.count(key) > 1})
        raise GoldError(f"{ROWS} and {TEXTS}/ must name the same texts once each; look at {', '.join(odd)}")
    _check_pairs({text.key: text for text in texts})
    return texts


def _text(folder: Path, row: Mapping[str, object]) -> GoldText:
    key = str(row.get("key", ""))
    _known(row, "text", key)
    path = folder / TEXTS / f"{key}.txt"
    if not path.is_file():
        raise GoldError(f"{key}: there is no {TEXTS}/{path.name}; write it or take the rows out")
    language = str(row["language"])
    if language not in LANGUAGES:
        raise GoldError(f"{key}: language {language!r}; expected one of {', '.join(LANGUAGES)}")
    body = path.read_bytes().decode("utf-8")
    text = GoldText(
        key=key,
        language=language,
        press=str(row["press"]),
        pair=str(row.get("pair", "")),
        body=body,
        claims=tuple(_claim(key, body, one) for one in _list(row, "claims")),
        not_claims=tuple(_aside(key, body, one, "not_claim") for one in _list(row, "not_claims")),
        either=tuple(_aside(key, body, one, "either") for one in _list(row, "either")),
    )
    _check_spans(text)
    return text


def _list(row: Mapping[str, object], name: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", row.get(name, []))


def _known(row: Mapping[str, object], what: str, key: str) -> None:
    odd = sorted(set(row) - _ALLOWED[what])
    if odd:
        raise GoldError(f"{key}: a row of {what} has {', '.join(odd)}; known: {sorted(_ALLOWED[what])}")


def _place(key: str, body: str, row: Mapping[str, object]) -> tuple[int, int]:
    words, nth = str(row["text"]), int(cast("int", row.get("nth", 1)))
    start = -1
    for _ in range(nth):
        start = body.find(words, start + 1)
        if start < 0 or not words:
            raise GoldError(f"{key}: {words!r} does not stand in the text {nth} times; mend text or nth")
    return start, start + len(words)


def _aside(key: str, body: str, row: Mapping[str, object], what: str) -> Aside:
    _known(row, what, key)
    start, end = _place(key, body, row)
    why = str(row["trap"] if what == "not_claim" else row["why"])
    if what == "not_claim":
        _one_of(key, row, why, NOT_CLAIMS)
    return Aside(start=start, end=end, text=str(row["text"]), why=why)


def _one_of(key: str, row: Mapping[str, object], word: str, words: Iterable[str]) -> str:
    if word not in words:
        raise GoldError(f"{key}: {row['text']!r} has {word!r}; expected one of {', '.join(words)}")
    return word


def _claim(key: str, body: str, row: Mapping[str, object]) -> GoldClaim:
    _known(row, "claim", key)
    start, end = _place(key, body, row)
    value, low, high = (_number(row.get(name)) for name in ("value", "low", "high"))
    if (value is None) == (low is None) or (low is None) != (high is None):
        raise GoldError(f"{key}: {row['text']!r} needs a value, or low and high, and not both")
    if low is not None and high is not None and low > high:
        raise GoldError(f"{key}: {row['text']!r} has low {low} above high {high}; exchange them")
    name = str(row.get("unit", ""))
    try:
        if name:
            unit(name)
    except UnitError as error:
        raise GoldError(f"{key}: {row['text']!r}: {error}") from error
    return GoldClaim(
        start=start,
        end=end,
        text=str(row["text"]),
        value=value,
        low=low,
        high=high,
        comparator=_one_of(key, row, str(row.get("comparator", "=")), COMPARATORS),
        unit=name,
        kind=_one_of(key, row, str(row["kind"]), KINDS),
        year=int(cast("int", row["year"])) if "year" in row else None,
        indicator=str(row.get("indicator", "")),
        place=str(row.get("place", "")),
        counterpart=str(row.get("counterpart", "")),
        speaker=str(row.get("speaker", "")),
        mood=_one_of(key, row, str(row.get("mood", "stated")), MOODS),
        verdict=_one_of(key, row, str(row.get("verdict", "")), ("", *LABELS)),
        trap=_one_of(key, row, str(row.get("trap", "")), ("", *HARD)),
    )


def _number(cell: object) -> float | None:
    return None if cell is None else float(cast("float", cell))


def _check_spans(text: GoldText) -> None:
    """Refuse spans that overlap, claims out of order, and digits that no span covers."""
    if list(text.claims) != sorted(text.claims, key=lambda c: c.start):
        raise GoldError(f"{text.key}: its claims are not in the order of the text; sort them")
    spans = sorted(
        [(claim.start, claim.end) for claim in text.claims]
        + [(one.start, one.end) for one in (*text.not_claims, *text.either)]
    )
    for (start, end), (next_start, _) in pairwise(spans):
        if next_start < end:
            raise GoldError(f"{text.key}: two spans overlap at {text.body[start:end]!r}; cut one")
    free = [found.span() for found in _YEAR.finditer(text.body)] + spans
    for found in _DIGITS.finditer(text.body):
        if not any(start <= found.start() and found.end() <= end for start, end in free):
            around = text.body[max(0, found.start() - 15) : found.end() + 15]
            raise GoldError(f"{text.key}: {found.group()} in {around!r} is in no row; say what it is")


def _check_pairs(texts: Mapping[str, GoldText]) -> None:
    for text in texts.values():
        if not text.pair:
            continue
        other = texts.get(text.pair)
        if other is None or other.pair != text.key or other.language == text.language:
            raise GoldError(f"{text.key}: its pair {text.pair!r} must name it back, in the other language")
        if [_said(one) for one in text.claims] != [_said(one) for one in other.claims]:
            raise GoldError(f"{text.key} and {other.key} do not claim the same, one by one; mend either")


def _said(claim: GoldClaim) -> tuple[object, ...]:
    """Return what a claim has to share with its answer in the other language."""
    return (
        claim.value,
        claim.low,
        claim.high,
        claim.comparator,
        claim.unit,
        claim.kind,
        claim.year,
        claim.indicator,
        claim.place,
        claim.mood,
        claim.verdict,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a gold set is; `traps` counts what is no claim and claims that are easy to get wrong."""

    texts: int
    claims: int
    not_claims: int
    traps: int
    pairs: int

    @property
    def trap_share(self) -> float:
        """Traps among all rows that count."""
        return self.traps / (self.claims + self.not_claims)


def size(texts: Sequence[GoldText]) -> Size:
    """Return how large the set is."""
    claims = [claim for text in texts for claim in text.claims]
    not_claims = sum(len(text.not_claims) for text in texts)
    return Size(
        texts=len(texts),
        claims=len(claims),
        not_claims=not_claims,
        traps=not_claims + sum(bool(claim.trap) for claim in claims),
        pairs=sum(bool(text.pair) for text in texts) // 2,
    )


def hashes(folder: Path = GOLD) -> dict[str, str]:
    """Return the SHA-256 of the rows and of every text, by name inside `folder`."""
    paths = [folder / ROWS, *sorted((folder / TEXTS).iterdir())]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def unfrozen(folder: Path = GOLD) -> tuple[str, ...]:
    """Return the names that were edited, added or lost since the set was frozen."""
    kept = {}
    for line in (folder / HASHES).read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        kept[name] = digest
    now = hashes(folder)
    return tuple(sorted(name for name in kept.keys() | now.keys() if kept.get(name) != now.get(name)))


def freeze(folder: Path = GOLD) -> Path:
    """Write the hashes of a sound set, in the form that ``sha256sum -c`` reads.

    Raises
    ------
    GoldError
        If the set is not sound, or is frozen already.
    """
    read_gold(folder)
    path = folder / HASHES
    if path.exists():
        raise GoldError(f"{path} is there already: take it away in a commit that says why, then freeze")
    path.write_text(
        "".join(f"{digest}  {name}\n" for name, digest in hashes(folder).items()), encoding="utf-8"
    )
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the set and print how large it is; 1 where it was edited since it was frozen."""
    parser = argparse.ArgumentParser(description="Check the gold set of `ayni check`.")
    parser.add_argument("--freeze", action="store_true", help="write gold.sha256 where there is none")
    if parser.parse_args(arguments).freeze:
        print(f"wrote {freeze().name}")
    what, changed = size(read_gold()), unfrozen()
    print(
        f"{what.texts} texts ({what.pairs} pairs), {what.claims} claims, {what.not_claims} numbers that are "
        f"none, {what.trap_share:.0%} traps"
    )
    if changed:
        print(f"changed since it was frozen: {', '.join(changed)}")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
