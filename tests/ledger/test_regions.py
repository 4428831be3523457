"""Regions against the CLDR's list of countries and against what their publishers call them."""

from __future__ import annotations

from babel.core import get_global

from ayni.ledger.regions import SUBREGIONS, US_REGION_CODES, could_contain, members

# Of the country summary of ForeignAssistance.gov, releases of October 2023 and April 2025.
PRINTED = (
    "AFR ANS ASN CCN CNA CRN EAG EAQ ECN EEE EEN EES ENS ESN EUN EUS LAN LCN MEN MNA MNS NAN NCN OCN SAG SAN "
    "SCN SEA SMN SSN WAN WEC WHN WLD"
)


def us(country: str) -> list[str]:
    return [one.removeprefix("us-region:") for one in could_contain(country) if one.startswith("us-region:")]


def test_money_for_peru_may_be_in_five_regions_the_smallest_first():
    assert us("PER") == ["SMN", "LAN", "LCN", "WHN", "WLD"]


def test_money_for_peru_may_be_in_regions_of_the_dac_and_of_iati():
    assert [one for one in could_contain("PER") if not one.startswith("us-")] == [
        *("dac:489", "dac:498", "dac:998", "dac:9998"),
        *("iati-region:489", "iati-region:498", "iati-region:998", "iati-region:9998"),
    ]


def test_south_sudan_may_be_in_sub_saharan_africa_though_their_codes_look_alike():
    assert "SSN" in us("SSD")
    assert "SSD" in members("us-region:SSN")
    assert "SMN" not in us("SSD")


def test_every_region_the_publisher_prints_is_known_and_none_other():
    assert sorted(US_REGION_CODES) == PRINTED.split()


def test_no_region_is_in_a_region_and_no_unknown_place_anywhere():
    assert could_contain("us-region:SMN") == ()
    assert could_contain("QQQ") == ()
    assert members("us-region:ALL") == frozenset()
    assert members("nowhere:489") == frozenset()


def test_every_country_of_the_cldr_stands_in_one_subregion():
    # CLDR's aliases have ISO 3166-1's code of three letters of each; Q, X and Z are private.
    iso3 = {code for code in get_global("territory_aliases") if len(code) == 3 and code.isalpha()}
    places = [code for codes in SUBREGIONS.values() for code in codes]
    withdrawn = "AAA ASC BUR CPT DGA FXX NTZ TAA TMP YUG".split()
    assert sorted(code for code in iso3 - set(places) if code[0] not in "QXZ") == withdrawn
    # The Soviet Union lay in two.
    assert {code for code in places if places.count(code) > 1} == {"SUN"}
    own = set(places) - iso3
    assert own == {"XKX", "CSK", "PIT", "SDF", "TIB", "YUF"}


def test_every_country_may_be_in_the_world():
    assert all("us-region:WLD" in could_contain(code) for codes in SUBREGIONS.values() for code in codes)


def test_a_region_within_another_has_no_country_that_the_other_lacks():
    for small, large in (
        ("SMN", "LCN"),
        ("CNA", "CCN"),
        ("CCN", "NCN"),
        ("LCN", "WHN"),
        ("SSN", "AFR"),
        ("EAG", "ECN"),
        ("MNA", "MNS"),
        ("MEN", "MNS"),
        ("ENS", "EAQ"),
        ("OCN", "EAQ"),
        ("SAN", "SCN"),
        ("EEE", "EEN"),
        ("EUN", "EES"),
        ("EUS", "EES"),
        ("WEC", "EUN"),
    ):
        assert members(f"us-region:{small}") <= members(f"us-region:{large}"), (small, large)
    assert members("dac:489") == members("us-region:SMN")
