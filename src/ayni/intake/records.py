"""What the intake is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ayni.ledger.records import Quarantined, Sum
from ayni.problems import Problem

# new: in the ledger now; known: its very bytes were there; skipped: in an archive or folder and of no source;
# unreadable: nothing of it was kept.
Outcome = Literal["new", "known", "skipped", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a file was not read.

    Attributes
    ----------
    code : str
        ``unreadable.<code>`` in the catalogue.
    line : int
        Where, from 1; 0 where the file as a whole is meant.
    found, expected : str
        What stood there and what should have.
    """

    code: str
    line: int = 0
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One file and what became of it.

    Attributes
    ----------
    file : str
        Its name; inside an archive ``archive.zip/inner.csv``.
    outcome : str
        What became of it.
    source, dataset, origin, vintage : str
        By which it is known; empty where it is not.
    assumed_vintage : bool
        Whether the vintage is only the day on which the file was last changed.
    verified : bool
        Whether a real file of the dataset was at hand when its reader was written.
    cautions : tuple of str
        Codes of what a reader should know.
    sha256, encoding, header : str
        Of its bytes; of its text; the line that names its columns, empty where it has none.
    size_bytes : int
        Its size.
    read, kept, partly, quarantined : int
        Rows of the file; rows that gave a flow or an observation; those among them of which a cell was set
        aside; rows set aside whole. Rows that are neither kept nor set aside hold no figure.
    sums : tuple of Sum
        What its flows add up to, by stage, kind of year, year and currency.
    faulty : tuple of Quarantined
        The first rows that could not be read.
    fault : Fault or None
        Why it was not read.
    problems : tuple of Problem
        What is wrong with the mapping beside it, where that is the fault.
    """

    file: str
    outcome: Outcome
    source: str = ""
    dataset: str = ""
    origin: str = ""
    vintage: str = ""
    assumed_vintage: bool = False
    verified: bool = True
    cautions: tuple[str, ...] = ()
    sha256: str = ""
    encoding: str = ""
    header: str = ""
    size_bytes: int = 0
    read: int = 0
    kept: int = 0
    partly: int = 0
    quarantined: int = 0
    sums: tuple[Sum, ...] = ()
    faulty: tuple[Quarantined, ...] = ()
    fault: Fault | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How files are to be read.

    Attributes
    ----------
    vintage : str
        Release, where the user names it; else the file's own, the date in its name, or its day on disk.
    encoding : str
        Of text, where the user names it.
    mends : str
        The origin whose quarantined rows the files put right; else empty.
    """

    vintage: str = ""
    encoding: str = ""
    mends: str = ""
