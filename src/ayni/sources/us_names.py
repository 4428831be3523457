"""How publishers of the United States name recipients, agencies and accounts, and the keys we give them.

Traps: codes of regions look like ISO 3166-1 (SSN is the Sub-Saharan Africa Region, South Sudan is SSD); six
recipients of the country summary have the code NULL, so that only their names tell them apart; Kosovo is
``CS-KM``; and the Greenbook prints names alone, not always those of the other files.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources

from ayni.ledger.regions import US_REGION_CODES

REGION = "us-region:"
NAME = "us-name:"
WORLD = f"{REGION}WLD"
# Of a file that prints no recipient: everybody together, which is not the recipient "World".
EVERYBODY = f"{REGION}ALL"

_NOT_WORDS = re.compile(r"[^a-z0-9]+")
# Twelve thousand implementing partners are the longest list of names in the files.
_NAMES_KEPT = 1 << 14

# Agencies that the dossiers call by a shorter name than the publisher's.
_AGENCIES = {
    "department-of-agriculture": "agriculture",
    "department-of-defense": "defense",
    "department-of-justice": "justice",
    "department-of-state": "state",
    "millennium-challenge-corporation": "mcc",
    "u-s-agency-for-international-development": "usaid",
    "u-s-international-development-finance-corporation": "dfc",
    # Acronyms, for files that print no names.
    "dhs": "department-of-homeland-security",
    "dod": "defense",
    "doj": "justice",
    "dos": "state",
    "hhs": "department-of-health-and-human-services",
    "iaf": "inter-american-foundation",
    "usda": "agriculture",
    "ustda": "trade-and-development-agency",
}

# Internal codes that are no region and have an ISO code, assigned by users of ISO 3166 in the case of XKX.
_CODES = {"CS-KM": "XKX"}


@lru_cache(maxsize=_NAMES_KEPT)
def key_of(name: str | None) -> str:
    """Return a printed name as a key, ``peace-corps`` for "Peace Corps"; empty for None."""
    plain = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode().lower()
    return _NOT_WORDS.sub("-", plain.replace("'", "")).strip("-")


def agency_of(name: str | None) -> str:
    """Return the key of an agency, by its name or its acronym; empty for None."""
    key = key_of(name)
    return _AGENCIES.get(key, key)


def _alike(name: str) -> str:
    """Return a recipient's name as two files that mean the same would both have it."""
    return key_of(name.replace("&", " and ")).replace("-and-", "-")


@cache
def _by_name() -> dict[str, str]:
    """Return the names in ``us_recipients.csv``, beside this module, and how the ledger calls each.

    They are those of the country summary (2023, 2025) and of the Greenbook (2022), where a region ends in
    "Region" or in "(not specified)". A state that is no more has its code of ISO 3166-3, or the publisher's
    own (SCG, SDF, YUF, PIT, TIB).
    """
    table = resources.files("ayni.sources").joinpath("us_recipients.csv").read_text(encoding="utf-8")
    return {_alike(row["name"]): row["recipient"] for row in csv.DictReader(io.StringIO(table))}


_NOT_SPECIFIED = re.compile(r"(.+?)(?: \(not specified\)| Region)?")


@lru_cache(maxsize=_NAMES_KEPT)
def recipient_of(code: str, name: str) -> str:
    """Return how the ledger names a recipient.

    Parameters
    ----------
    code, name : str
        As printed; empty where the file prints none.

    Returns
    -------
    str
        An ISO3 code; ``us-region:`` and the publisher's code for a region; ``us-name:`` and a key where only
        an unknown name is printed; empty if nothing is.
    """
    printed, called = code.strip().upper(), " ".join(name.split())
    if printed in ("", "NULL"):
        return recipient_named(called)
    if printed in US_REGION_CODES or called.endswith(" Region"):
        return f"{REGION}{printed}"
    return _CODES.get(printed, printed)


@lru_cache(maxsize=_NAMES_KEPT)
def recipient_named(name: str) -> str:
    """Return how the ledger names a recipient that a file prints by name alone; empty if it prints none."""
    called = " ".join(name.split())
    if not called:
        return ""
    stem = _NOT_SPECIFIED.fullmatch(called)
    known = _by_name().get(_alike(stem[1] if stem else called))
    # "Mexico Region" is not Mexico.
    if known and (stem is None or stem[1] == called or known.startswith(REGION)):
        return known
    return f"{NAME}{key_of(called)}"
