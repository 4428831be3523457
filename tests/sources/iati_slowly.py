"""A second reader of IATI, slow and plainly right: ElementTree, Decimal and Fraction, one element at a time.

It knows nothing of the first one's modules but the code lists. What it gives for each record is compared
with what the fast reader gives.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ayni.sources.iati_codes import BUDGETS, PLANS, TRANSACTIONS, country, giver_of

KINDS = ("transaction", "budget", "planned-disbursement")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Part:
    stage: str
    day: date
    currency: str
    provider: str
    recipient: str
    purposes: str
    amount: Decimal


def records(text: str) -> tuple[Counter[Part], int]:
    """Return the parts of every readable record, and how many records are not readable."""
    parts: Counter[Part] = Counter()
    refused = 0
    for activity in ET.fromstring(text).findall("iati-activity"):
        for element in activity:
            if element.tag in KINDS:
                found = _record(activity, element)
                refused += found is None
                parts.update(found or ())
    return parts, refused


def _record(activity: ET.Element, element: ET.Element) -> list[Part] | None:
    kind = element.tag
    if kind == "transaction":
        stage = TRANSACTIONS.get(_attribute(element, "transaction-type", "code"))
        printed = _attribute(element, "transaction-date", "iso-date")
    else:
        stage = (BUDGETS if kind == "budget" else PLANS).get(element.get("type", "1"))
        printed = _attribute(element, "period-start", "iso-date")
    value = element.find("value")
    text = "" if value is None else (value.text or "").strip()
    currency = ("" if value is None else value.get("currency", "")) or activity.get("default-currency", "")
    if stage is None or not _DAY.fullmatch(printed) or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text):
        return None
    try:
        day = date.fromisoformat(printed)
    except ValueError:
        return None
    if not re.fullmatch("[A-Z]{3}", currency) or not 1900 <= day.year <= 2100:
        return None
    provider = giver_of(_attribute(activity, "reporting-org", "ref"))
    if _attribute(element, "provider-org", "ref"):
        provider = giver_of(_attribute(element, "provider-org", "ref"))
    elif stage.startswith("incoming"):
        provider = "org:unknown"
    own_places = kind == "transaction" and bool(_places(element))
    own_sectors = kind == "transaction" and bool(element.findall("sector"))
    places = place_shares(_places(element if own_places else activity), own=own_places)
    sectors = sector_shares(
        [_item(one) for one in (element if own_sectors else activity).findall("sector")], own=own_sectors
    )
    shares = {(p, s): a * b for p, a in places.items() for s, b in sectors.items()}
    amounts = largest_remainder(Decimal(text), shares)
    return [Part(stage, day, currency, provider, *key, amounts[key]) for key in amounts]


def _attribute(parent: ET.Element, child: str, name: str) -> str:
    found = parent.find(child)
    return "" if found is None else found.get(name, "")


Item = tuple[str, str, str | None]


def _item(element: ET.Element) -> Item:
    return (element.get("vocabulary", "1"), element.get("code", ""), element.get("percentage"))


def _places(element: ET.Element) -> list[Item]:
    countries = [
        ("country", one.get("code", ""), one.get("percentage"))
        for one in element.findall("recipient-country")
    ]
    return countries + [_item(one) for one in element.findall("recipient-region")]


def shares_of(items: list[tuple[str, str | None]], scheme: str) -> tuple[dict[str, Fraction], bool]:
    """Return keys with their shares of 1, and whether the percentages were all there and added to 100."""
    keys = sorted({key for key, _ in items})
    if len(keys) == 1 and all(percent is None for _, percent in items):
        return {keys[0]: Fraction(1)}, True
    percents = {key: [Fraction(Decimal(p)) for k, p in items if k == key and p is not None] for key in keys}
    if not all(percents.values()):
        return {f"{scheme}:unsplit": Fraction(1)}, False
    sums = {key: sum(found, Fraction(0)) for key, found in percents.items()}
    total = sum(sums.values(), Fraction(0))
    if abs(total - 100) <= max(Fraction(1, 100), Fraction(len(sums), 200)):
        return {key: share / total for key, share in sums.items() if share}, True
    left = {f"{scheme}:unallocated": 1 - total / 100}
    return {key: share / 100 for key, share in sums.items() if share} | left, False


def place_shares(items: list[Item], *, own: bool) -> dict[str, Fraction]:
    if not items:
        return {"iati:unstated": Fraction(1)}
    countries = [(country(code), percent) for kind, code, percent in items if kind == "country"]
    vocabularies = sorted({kind for kind, _, _ in items if kind != "country"}, key=int)
    regions = [[(_region(v, c), p) for v, c, p in items if v == one] for one in vocabularies]
    if not countries:
        return shares_of(regions[0], "iati")[0]
    alone, complete = shares_of(countries, "iati")
    if not regions or (complete and (own or any(p is not None for _, p in countries))):
        return alone
    tries = [shares_of(countries + group, "iati") for group in regions]
    return next((shares for shares, whole in tries if whole), tries[0][0])


def _region(vocabulary: str, code: str) -> str:
    return {"1": "dac:", "2": "un-region:"}.get(vocabulary, f"iati-region-{vocabulary}:") + code


def _scheme(vocabulary: str) -> str:
    return {"1": "dac", "2": "dac-sector"}.get(vocabulary, f"iati-{vocabulary}")


def sector_shares(items: list[Item], *, own: bool) -> dict[str, Fraction]:
    views: list[tuple[str, dict[str, Fraction], bool]] = []
    for vocabulary in sorted({kind for kind, _, _ in items}, key=int):
        codes = [(f"{_scheme(vocabulary)}:{c or 'missing'}", p) for v, c, p in items if v == vocabulary]
        if own and vocabulary in ("98", "99") and all(p is None for _, p in codes):
            views += [(vocabulary, {key: Fraction(1)}, True) for key in sorted({key for key, _ in codes})]
        else:
            views.append((vocabulary, *shares_of(codes, _scheme(vocabulary))))
    if not views:
        return {"": Fraction(1)}
    first = views[0]
    if first[0] not in ("1", "2"):
        first = next((view for view in views if view[2]), first)
    beside = [next(iter(view[1])) for view in views if view is not first and view[2] and len(view[1]) == 1]
    return {";".join([key, *beside]): share for key, share in first[1].items()}


def largest_remainder(
    amount: Decimal, shares: dict[tuple[str, str], Fraction]
) -> dict[tuple[str, str], Decimal]:
    """Return the parts: quotas of the size rounded down, and what is left over by largest fraction."""
    digits = max(2, -int(amount.as_tuple().exponent))
    units = int(abs(amount) * 10**digits)
    quotas = {key: units * share for key, share in sorted(shares.items())}
    parts = {key: quota.numerator // quota.denominator for key, quota in quotas.items()}
    left = units - sum(parts.values())
    for key in sorted(quotas, key=lambda key: (parts[key] - quotas[key], key))[:left]:
        parts[key] += 1
    sign = -1 if amount < 0 else 1
    return {key: sign * part * Decimal(1).scaleb(-digits) for key, part in parts.items()}
