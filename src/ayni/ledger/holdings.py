"""Which releases of which official files a ledger holds, and which of them answers a question.

Files of one publisher print the same money several times: in total, by sector, by account. So an answer
comes from one dataset, the first in `PREFERENCE` that carries what is asked, and from its latest release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from ayni.ledger.store import Ledger, frame
from ayni.remember import remember

# From the most detailed whole to the least; files of parts come after those of wholes, for the sum of parts
# is no total that anybody printed. What is not named here comes last, by its name.
PREFERENCE = (
    "fagov-complete",
    "fagov-country",
    "fagov-sector",
    "fagov-funding",
    "fagov-implementing",
    "fagov-dac-sector",
    "fagov-budget",
    "greenbook",
    "oecd-crs",
    "oecd-dac2a",
    "oecd-dac1",
    "iati",
    "wdi",
)
# Datasets whose rows are only parts of what a recipient got, and those in which its whole stands.
PARTIAL = ("fagov-sector", "fagov-funding", "fagov-implementing", "fagov-budget")
WHOLE = ("fagov-country", "fagov-complete")
# Datasets of which each file is another publisher's: a newer file replaces only one of the same name.
_BY_FILE = ("iati",)
# Publishers who sort their money by the framework of the United States State Department.
_US_DATASETS = ("fagov", "greenbook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One release of one official file, as the ledger holds it.

    Attributes
    ----------
    origin, dataset, vintage : str
        Its key, which file of its publisher it is, and which release.
    assumed : bool
        Whether the vintage is only the day on which the file was last changed.
    publisher, title, url, licence : str
        As far as known.
    files, sha256 : tuple of str
        The files it was read from and their hashes: one, and those that mend it.
    cautions : tuple of str
        Codes of what a reader should know.
    verified : bool
        Whether a real file of the dataset was at hand when its reader was written.
    years : frozenset of (str, str, int)
        The stages, kinds of year and years of its flows.
    """

    origin: str
    dataset: str
    vintage: str
    assumed: bool
    publisher: str
    title: str
    url: str
    licence: str
    files: tuple[str, ...]
    sha256: tuple[str, ...]
    cautions: tuple[str, ...]
    verified: bool
    years: frozenset[tuple[str, str, int]]

    @property
    def age(self) -> tuple[bool, str]:
        """A key that sorts releases from old to new; those that tell no release count as the oldest."""
        return not self.assumed, self.vintage

    @property
    def framework(self) -> str:
        """The framework of purposes that its publisher sorts by: ``us`` or ``dac``."""
        return "us" if self.dataset.startswith(_US_DATASETS) else "dac"

    @property
    def rank(self) -> tuple[int, str]:
        """Its place in `PREFERENCE`."""
        for place, name in enumerate(PREFERENCE):
            if self.dataset == name or self.dataset.startswith(f"{name}-"):
                return place, self.dataset
        return len(PREFERENCE), self.dataset


def holdings(ledger: Ledger) -> tuple[Holding, ...]:
    """Return every release in the ledger, by dataset in order of preference, then from old to new."""
    return remember(ledger.kept, "holdings", lambda: _holdings(ledger))


def _holdings(ledger: Ledger) -> tuple[Holding, ...]:
    known = {row["key"]: row for row in frame(ledger, "origins").iter_rows(named=True)}
    ingests: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in frame(ledger, "ingests").iter_rows(named=True):
        ingests[str(row["origin"])].append(row)
    years: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    sums = frame(ledger, "sums").select("origin", "stage", "year_kind", "year").unique()
    for origin, stage, kind, year in sums.iter_rows():
        years[origin].add((stage, kind, year))
    found = []
    for origin, files in ingests.items():
        about = known.get(origin, {})
        cautions = dict.fromkeys(code for one in files for code in str(one["cautions"]).split(";") if code)
        found.append(
            Holding(
                origin=origin,
                dataset=str(files[0]["dataset"]),
                vintage=str(about.get("vintage", "")),
                assumed=not about.get("published"),
                publisher=str(about.get("publisher", "")),
                title=str(about.get("title", "")),
                url=str(about.get("url", "")),
                licence=str(about.get("licence", "")),
                files=tuple(str(one["file"]) for one in files),
                sha256=tuple(str(one["sha256"]) for one in files),
                cautions=tuple(cautions),
                verified=all(bool(one["verified"]) for one in files),
                years=frozenset(years[origin]),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.rank, one.age, one.origin)))


def datasets(held: Iterable[Holding]) -> tuple[str, ...]:
    """Return the datasets of some holdings, in order of preference."""
    return tuple(dict.fromkeys(one.dataset for one in sorted(held, key=lambda one: one.rank)))


def latest(held: Sequence[Holding]) -> tuple[Holding, ...]:
    """Return the releases of one dataset that no later one replaces.

    A later release replaces an earlier one if it has at least half of its stages and years: a release may
    drop a stage, as ForeignAssistance.gov dropped initial allocations in 2024, and the older one can be asked
    for by name. A file that tells no release never replaces one that does. So the yearly files of a
    dataset stay side by side, and so do those of several publishers.
    """
    return tuple(one for one in held if not any(_replaces(other, one) for other in held))


def _replaces(newer: Holding, older: Holding) -> bool:
    if newer.age <= older.age:
        return False
    if newer.dataset.startswith(_BY_FILE):
        return newer.files[0].rpartition("/")[2] == older.files[0].rpartition("/")[2]
    return bool(older.years) and 2 * len(newer.years & older.years) >= len(older.years)


def named(held: Iterable[Holding], release: str) -> tuple[Holding, ...]:
    """Return the holdings that a key of an origin, or a vintage, names."""
    return tuple(one for one in held if release in (one.origin, one.vintage))


def sources_frame(ledger: Ledger, origins: Iterable[str]) -> pl.DataFrame:
    """Return what is known of the sources of an answer, one row a file."""
    wanted = list(dict.fromkeys(origins))
    rows = [
        {
            "publisher": one.publisher,
            "title": one.title,
            "dataset": one.dataset,
            "vintage": one.vintage,
            "file": file,
            "sha256": digest,
            "licence": one.licence,
            "url": one.url,
            "cautions": ";".join((*one.cautions, *(() if one.verified else ("unverified",)))),
            "origin": one.origin,
        }
        for one in holdings(ledger)
        if one.origin in wanted
        for file, digest in zip(one.files, one.sha256, strict=True)
    ]
    names = "publisher title dataset vintage file sha256 licence url cautions origin".split()
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()))
