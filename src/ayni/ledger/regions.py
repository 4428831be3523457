"""Which regions a country belongs to: where money for it may lie that no row names.

A row for "South America Region" may hold money for Peru, and nothing says how much. So a country's total is
a lower bound, and `could_contain` lists the recipients to look at. It leans towards listing: a region is
listed if a reader of its name could count the country in.

References
----------
Countries by subregion: United Nations Statistics Division, Standard country or area codes for statistical
use (M49). Recipient codes of regions: ForeignAssistance.gov, country summaries of 2023 and 2025; OECD DAC
and CRS code list "Recipients", which IATI repeats as its region vocabulary 1.
"""

from __future__ import annotations

from functools import cache

# Subregions of M49 by ISO 3166-1 alpha-3. Taiwan (TWN) and Kosovo (XKX) are not in M49. Last in some lines
# are codes that ISO 3166-3 has withdrawn, or ForeignAssistance.gov's own for what is no more.
SUBREGIONS: dict[str, tuple[str, ...]] = {
    name: tuple(codes.split())
    for name, codes in {
        "northern-africa": "DZA EGY ESH LBY MAR SDN TUN SDF",
        "eastern-africa": "ATF BDI COM DJI ERI ETH IOT KEN MDG MOZ MUS MWI MYT REU RWA SOM SSD SYC "
        "TZA UGA ZMB ZWE",
        "middle-africa": "AGO CAF CMR COD COG GAB GNQ STP TCD",
        "southern-africa": "BWA LSO NAM SWZ ZAF",
        "western-africa": "BEN BFA CIV CPV GHA GIN GMB GNB LBR MLI MRT NER NGA SEN SHN SLE TGO",
        "caribbean": "ABW AIA ATG BES BHS BLM BRB CUB CUW CYM DMA DOM GLP GRD HTI JAM KNA LCA MAF MSR "
        "MTQ PRI SXM TCA TTO VCT VGB VIR ANT",
        "central-america": "BLZ CRI GTM HND MEX NIC PAN SLV",
        "south-america": "ARG BOL BRA BVT CHL COL ECU FLK GUF GUY PER PRY SGS SUR URY VEN",
        "northern-america": "BMU CAN GRL SPM USA",
        "central-asia": "KAZ KGZ TJK TKM UZB SUN",
        "eastern-asia": "CHN HKG JPN KOR MAC MNG PRK TWN TIB",
        "south-eastern-asia": "BRN IDN KHM LAO MMR MYS PHL SGP THA TLS VNM",
        "southern-asia": "AFG BGD BTN IND IRN LKA MDV NPL PAK",
        "western-asia": "ARE ARM AZE BHR CYP GEO IRQ ISR JOR KWT LBN OMN PSE QAT SAU SYR TUR YEM YMD",
        "eastern-europe": "BGR BLR CZE HUN MDA POL ROU RUS SVK UKR CSK SUN",
        "northern-europe": "ALA DNK EST FIN FRO GBR GGY IMN IRL ISL JEY LTU LVA NOR SJM SWE",
        "southern-europe": "ALB AND BIH ESP GIB GRC HRV ITA MKD MLT MNE PRT SMR SRB SVN VAT XKX SCG YUF",
        "western-europe": "AUT BEL CHE DEU FRA LIE LUX MCO NLD DDR",
        "australia-and-new-zealand": "AUS CCK CXR HMD NFK NZL",
        "melanesia": "FJI NCL PNG SLB VUT",
        "micronesia": "FSM GUM KIR MHL MNP NRU PLW UMI PIT",
        "polynesia": "ASM COK NIU PCN PYF TKL TON TUV WLF WSM",
        "antarctica": "ATA",
    }.items()
}

_AFRICA = "northern-africa eastern-africa middle-africa southern-africa western-africa"
# The Sudan is northern in M49; publishers of aid count it south of the Sahara.
_SOUTH_OF_SAHARA = "eastern-africa middle-africa southern-africa western-africa SDN SDF"
_CARIBBEAN_AND_CENTRAL = "caribbean central-america"
_LATIN = "caribbean central-america south-america"
_AMERICA = f"{_LATIN} northern-america"
_ASIA = "central-asia eastern-asia south-eastern-asia southern-asia western-asia"
_OCEANIA = "australia-and-new-zealand melanesia micronesia polynesia"
_EUROPE = "eastern-europe northern-europe southern-europe western-europe CYP TUR"
# As the United States use the word: what was the Soviet Union, the Baltic states apart.
_EURASIA = "ARM AZE BLR GEO MDA RUS UKR central-asia"
_MIDDLE_EAST = "western-asia EGY IRN"
_CENTRAL_EUROPE = "eastern-europe southern-europe EST LTU LVA"
_WORLD = " ".join(SUBREGIONS)

# What a region recipient may stand for: subregions, and single countries that are counted in as well.
_US_REGIONS = {
    "AFR": _AFRICA,
    "ANS": f"{_ASIA} northern-africa",
    "ASN": _ASIA,
    "CCN": _CARIBBEAN_AND_CENTRAL,
    "CNA": "central-america",
    "CRN": "caribbean BLZ GUF GUY SUR BMU",
    "EAG": "eastern-africa SDN SDF",
    "EAQ": f"eastern-asia south-eastern-asia {_OCEANIA}",
    "ECN": "eastern-africa middle-africa SDN SDF",
    "EEE": _CENTRAL_EUROPE,
    "EEN": f"{_CENTRAL_EUROPE} CYP TUR",
    "EES": f"{_EUROPE} {_EURASIA}",
    "ENS": "eastern-asia",
    "ESN": "eastern-africa southern-africa AGO SDN SDF",
    "EUN": _EUROPE,
    "EUS": _EURASIA,
    # The Guianas and the Caribbean are Latin America to some and not to others.
    "LAN": _LATIN,
    "LCN": _LATIN,
    "MEN": _MIDDLE_EAST,
    "MNA": "northern-africa MRT",
    "MNS": f"{_MIDDLE_EAST} northern-africa MRT",
    "NAN": "northern-america MEX",
    "NCN": "northern-america central-america caribbean",
    "OCN": _OCEANIA,
    "SAG": "southern-africa AGO MDG MOZ MUS MWI SYC ZMB ZWE COM TZA COD",
    "SAN": "southern-asia",
    "SCN": "southern-asia central-asia",
    "SEA": "south-eastern-asia",
    "SMN": "south-america",
    "SSN": _SOUTH_OF_SAHARA,
    "WAN": "western-africa CMR TCD",
    "WEC": "western-europe northern-europe ESP GRC ITA MLT PRT CYP TUR AND GIB MCO SMR VAT",
    "WHN": _AMERICA,
    "WLD": _WORLD,
}
# Names on the DAC's list, in its order: States Ex-Yugoslavia; Europe; North of Sahara; South of Sahara;
# Africa; West Indies (withdrawn); Caribbean & Central America (once North & Central America); South America;
# America; Middle East; Central Asia; South Asia; South & Central Asia; Far East Asia; Asia; Oceania;
# Developing countries, unspecified (998 in IATI, 9998 in tables of the DAC); then its subregions from 1027.
_DAC_REGIONS = {
    "88": "BIH HRV MKD MNE SRB SVN XKX SCG YUF",
    "89": _EUROPE,
    "189": "northern-africa",
    "289": _SOUTH_OF_SAHARA,
    "298": _AFRICA,
    "380": "caribbean",
    "389": f"{_CARIBBEAN_AND_CENTRAL} northern-america",
    "489": "south-america",
    "498": _AMERICA,
    "589": "western-asia IRN",
    "619": "central-asia ARM AZE GEO",
    "679": "southern-asia MMR",
    "689": "southern-asia central-asia ARM AZE GEO MMR",
    "789": "eastern-asia south-eastern-asia",
    "798": _ASIA,
    "889": _OCEANIA,
    "998": _WORLD,
    "9998": _WORLD,
    "1027": "eastern-africa",
    "1028": "middle-africa",
    "1029": "southern-africa",
    "1030": "western-africa",
    "1031": "caribbean",
    "1032": "central-america",
    "1033": "melanesia",
    "1034": "micronesia",
    "1035": "polynesia",
}
# A smaller region says more about a country than a larger one: it is listed first.
_SCHEMES = (("us-region", _US_REGIONS), ("dac", _DAC_REGIONS), ("iati-region", _DAC_REGIONS))

# Codes of ForeignAssistance.gov that look like ISO 3166-1 and are regions.
US_REGION_CODES: frozenset[str] = frozenset(_US_REGIONS)


@cache
def members(region: str) -> frozenset[str]:
    """Return the ISO3 codes of the countries that a region recipient may stand for; none if it is not known.

    Parameters
    ----------
    region : str
        As flows name it: ``us-region:SMN``, ``dac:489``.
    """
    scheme, _, code = region.partition(":")
    table = dict(_SCHEMES).get(scheme, {})
    words = table.get(code, "").split()
    return frozenset(iso for word in words for iso in SUBREGIONS.get(word, (word,)))


@cache
def could_contain(recipient: str) -> tuple[str, ...]:
    """Return the region recipients whose rows may hold money for a country, small regions first.

    Parameters
    ----------
    recipient : str
        A country by its ISO3 code. A region is contained in none.

    Examples
    --------
    >>> [one for one in could_contain("PER") if one.startswith("us-region")]
    ['us-region:SMN', 'us-region:LAN', 'us-region:LCN', 'us-region:WHN', 'us-region:WLD']
    """
    held = [
        f"{scheme}:{code}"
        for scheme, table in _SCHEMES
        for code in table
        if recipient in members(f"{scheme}:{code}")
    ]
    order = [scheme for scheme, _ in _SCHEMES]
    return tuple(sorted(held, key=lambda one: (order.index(one.partition(":")[0]), len(members(one)))))
