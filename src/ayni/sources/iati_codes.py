"""Code lists of IATI 2.03 as the ledger words them: kinds of money, forms, givers and places.

Lists of the standard: TransactionType, BudgetType, FinanceType, Country, RegionVocabulary, and the part of
SectorVocabulary that decides how a purpose is written. What a list does not have keeps its code behind a
prefix: nothing is refused for where it went or what it was for.
"""

from __future__ import annotations

import re

from ayni.sources.places import ISO3_OF_ISO2

# TransactionType of 2.01-2.03. Files that say 2.0x and print the letters of 1.0x are read all the same.
TRANSACTIONS: dict[str, str] = {
    "1": "incoming",
    "2": "committed",
    "3": "disbursed",
    "4": "spent",
    "5": "interest",
    "6": "repaid",
    "7": "reimbursed",
    "8": "equity-bought",
    "9": "equity-sold",
    "10": "guaranteed",
    "11": "incoming-committed",
    "12": "pledged",
    "13": "incoming-pledged",
    "IF": "incoming",
    "C": "committed",
    "D": "disbursed",
    "E": "spent",
    "IP": "interest",
    "LR": "repaid",
    "R": "reimbursed",
    "QP": "equity-bought",
    "QS": "equity-sold",
    "CG": "guaranteed",
}
# Money that comes to the publisher: without a named giver it is not the publisher's own.
INCOMING: tuple[str, ...] = ("incoming", "incoming-committed", "incoming-pledged")
# BudgetType; 1 is meant where it is left out. A revised plan takes the place of the original: two stages.
BUDGETS: dict[str, str] = {"1": "budgeted", "2": "budget-revised"}
PLANS: dict[str, str] = {"1": "planned", "2": "plan-revised"}

# FinanceType of the DAC: families by their first digits, and the exceptions to them.
_FINANCE: dict[str, str] = {
    "1100": "guarantee",
    "422": "grant",  # a reimbursable grant
    "423": "bond",
    "424": "bond",
    "425": "bond",
    "432": "equity",  # preferred equity
}
_FINANCE_FAMILIES: dict[str, str] = {
    "1": "grant",
    "2": "interest-subsidy",
    "3": "capital-subscription",
    "4": "loan",
    "5": "equity",
    "6": "debt-relief",
    "7": "foreign-investment",
    "8": "bond",
    "9": "other-security",
}

# ISO 3166-3: codes that old activities still print.
_WITHDRAWN: dict[str, str] = {
    "AN": "ANT",
    "BU": "BUR",
    "CS": "SCG",
    "DD": "DDR",
    "SU": "SUN",
    "TP": "TMP",
    "YD": "YMD",
    "YU": "YUG",
    "ZR": "ZAR",
}
ISO3_OF: dict[str, str] = ISO3_OF_ISO2 | _WITHDRAWN

# Donor codes of the DAC, as in XM-DAC-7-1 (country, then agency). Channels have five digits: no countries.
_DAC_DONORS: dict[str, str] = {
    "1": "AUT", "2": "BEL", "3": "DNK", "4": "FRA", "5": "DEU", "6": "ITA", "7": "NLD", "8": "NOR",
    "9": "PRT", "10": "SWE", "11": "CHE", "12": "GBR", "18": "FIN", "20": "ISL", "21": "IRL", "22": "LUX",
    "40": "GRC", "50": "ESP", "55": "TUR", "61": "SVN", "62": "HRV", "68": "CZE", "69": "SVK", "72": "BGR",
    "75": "HUN", "76": "POL", "77": "ROU", "82": "EST", "83": "LVA", "84": "LTU", "301": "CAN",
    "302": "USA", "546": "ISR", "566": "SAU", "576": "ARE", "613": "KAZ", "701": "JPN", "742": "KOR",
    "801": "AUS", "820": "NZL",
}  # fmt: skip
# Refs of governments that follow neither pattern below: older agency codes (country, then DAC agency).
_AGENCIES: dict[str, str] = {
    "AT-8": "AUT", "AU-5": "AUS", "BE-10": "BEL", "CA-3": "CAN", "CA-4": "CAN", "CH-4": "CHE",
    "DE-1": "DEU", "DK-1": "DNK", "ES-DIR3-E04585801": "ESP", "FI-3": "FIN", "FR-3": "FRA", "FR-6": "FRA",
    "GB-1": "GBR", "GB-3": "GBR", "GB-6": "GBR", "GB-9": "GBR", "IT-4": "ITA", "JP-8": "JPN", "NL-1": "NLD",
    "NO-4": "NOR", "NZ-1": "NZL", "SE-0": "SWE", "SE-6": "SWE", "US-1": "USA", "US-18": "USA",
    "US-USAGOV": "USA",
}  # fmt: skip
_GOVERNMENT = re.compile(r"([A-Z]{2})-GOV-.+")
_DAC_AGENCY = re.compile(r"XM-DAC-(\d{1,3})(-\d+)?")


def form_of(finance: str) -> str:
    """Return the family of a finance type; behind its prefix where the list has none, empty for empty."""
    if not finance:
        return ""
    family = _FINANCE_FAMILIES.get(finance[0], "") if len(finance) == 3 else ""  # noqa: PLR2004 - as listed
    return _FINANCE.get(finance) or family or f"iati-finance:{finance}"


def giver_of(ref: str) -> str:
    """Return the country whose government an organisation's ref names, else the ref behind ``org:``."""
    plain = ref.upper()
    if plain in _AGENCIES:
        return _AGENCIES[plain]
    government = _GOVERNMENT.fullmatch(plain)
    if government and government[1] in ISO3_OF:
        return ISO3_OF[government[1]]
    agency = _DAC_AGENCY.fullmatch(plain)
    if agency and agency[1] in _DAC_DONORS:
        return _DAC_DONORS[agency[1]]
    return f"org:{ref}"


def country(code: str) -> str:
    """Return ISO3 of a country's two letters; the code behind a prefix where there is no such country."""
    return ISO3_OF.get(code.upper()) or f"iati-country:{code or 'missing'}"


def region(vocabulary: str, code: str) -> str:
    """Return a region's key: ``dac:679`` (vocabulary 1), ``un-region:005`` (2), ``iati-region-99:X``."""
    scheme = {"1": "dac", "2": "un-region"}.get(vocabulary, f"iati-region-{vocabulary}")
    return f"{scheme}:{code or 'missing'}"


def purpose(vocabulary: str, code: str) -> str:
    """Return a sector's key: ``dac:15160`` (vocabulary 1), ``dac-sector:151`` (2), ``iati-99:XYZ``."""
    scheme = {"1": "dac", "2": "dac-sector"}.get(vocabulary, f"iati-{vocabulary}")
    return f"{scheme}:{code or 'missing'}"
