"""Figures copied by hand from the published tables, and sums that must come out, in the us-peru dossier.

Each block names the publication. Nothing here is read from anywhere but the dossier.
"""

# mypy: disable-error-code="var-annotated"
from __future__ import annotations

from collections import defaultdict

import polars as pl
import pytest

from ayni.ledger.series import flows, observations
from ayni.ledger.store import frame
from tests.dossier.peru import peru

# indicator, place, counterpart, year, part of the year, value
PUBLISHED = [
    # UNODC and the Government of Peru, coca surveys 2003-2017
    ("coca-area-un", "PER", "", 2003, "", 44200),
    ("coca-area-un", "PER", "", 2005, "", 48200),
    ("coca-area-un", "PER", "", 2009, "", 59900),
    ("coca-area-un", "PER", "", 2011, "", 62500),
    ("coca-area-un", "PER", "", 2012, "", 60400),
    ("coca-area-un", "PER", "", 2013, "", 49800),
    ("coca-area-un", "PER", "", 2014, "", 42900),
    ("coca-area-un", "PER", "", 2015, "", 40300),
    ("coca-area-un", "PER", "", 2017, "", 49900),
    # DEVIDA, monitoring of coca 2018-2024
    ("coca-area-un", "PER", "", 2018, "", 54134),
    ("coca-area-un", "PER", "", 2019, "", 54655),
    ("coca-area-un", "PER", "", 2020, "", 61777),
    ("coca-area-un", "PER", "", 2021, "", 80681),
    ("coca-area-un", "PER", "", 2022, "", 95008),
    ("coca-area-un", "PER", "", 2023, "", 92784),
    ("coca-area-un", "PER", "", 2024, "", 89755),
    ("coca-area-gross", "PER", "", 2023, "", 115384),
    ("coca-area-un", "PER-zone-vraem", "", 2018, "", 24111),
    ("coca-area-un", "PER-zone-vraem", "", 2022, "", 35709),
    ("coca-area-un", "PER-zone-vraem", "", 2023, "", 38253),
    ("coca-area-un", "PER-zone-vraem", "", 2024, "", 36345),
    ("coca-area-un", "PER-zone-huallaga", "", 2023, "", 3951),
    ("coca-area-un", "PER-zone-huallaga", "", 2024, "", 4436),
    ("coca-area-un", "PER-zone-bajo-amazonas", "", 2020, "", 4318),
    ("coca-area-un", "PER-zone-alto-chicama", "", 2022, "", 645),
    # United States government: World Factbook 1996 and 2000, ONDCP 2012-2019
    ("coca-area-us", "PER", "", 1995, "", 115300),
    ("coca-area-us", "COL", "", 1995, "", 50900),
    ("coca-area-us", "BOL", "", 1995, "", 48600),
    ("coca-area-us", "PER", "", 1999, "", 38700),
    ("coca-area-us", "COL", "", 1999, "", 122500),
    ("coca-area-us", "BOL", "", 1999, "", 21800),
    ("coca-area-us", "PER", "", 2013, "", 59500),
    ("coca-area-us", "PER", "", 2019, "", 72000),
    ("potential-cocaine-us", "PER", "", 2012, "", 307),
    ("potential-cocaine-us", "PER", "", 2021, "", 785),
    ("potential-cocaine-us", "COL", "", 2021, "", 972),
    ("potential-cocaine-us", "BOL", "", 2021, "", 317),
    # UNODC before 2009; 375 kg of leaf per kg
    ("potential-cocaine-un", "PER", "", 2000, "", 141),
    ("potential-cocaine-un", "PER", "", 2008, "", 302),
    # Eradication: CORAH, DEVIDA, Interior Ministry
    ("eradication", "PER", "", 2014, "", 31200),
    ("eradication", "PER", "", 2015, "", 35868),
    ("eradication", "PER", "", 2019, "", 25526),
    ("eradication", "PER", "", 2020, "", 6272),
    ("eradication", "PER", "", 2021, "", 5775),
    ("eradication", "PER", "", 2025, "to-11-26", 34182.14),
    # What was claimed: DEVIDA, the Interior Ministry, El Comercio
    ("coca-area-projected-claimed", "PER", "", 2023, "", 109259),
    ("cocaine-averted-trend-claimed", "PER", "", 2023, "", 151),
    ("cocaine-averted-trend-claimed", "PER", "", 2024, "", 329),
    ("cocaine-averted-eradication-claimed", "PER", "", 2025, "to-11-26", 313.14),
    ("cocaine-potential-claimed", "PER", "", 2024, "", 822),
    ("cocaine-without-claimed", "PER", "", 2024, "", 1135),
    ("doses-averted-claimed", "PER", "", 2024, "", 1315000000),
    # The United States: RAND, CDC, SAMHSA
    ("us-cocaine-consumption", "USA", "", 2010, "", 150),
    ("us-cocaine-deaths", "USA", "", 2013, "", 4900),
    ("us-cocaine-deaths", "USA", "", 2018, "", 14666),
    ("us-cocaine-deaths", "USA", "", 2023, "", 29449),
    # Terrorism: Global Terrorism Database; State Department's country reports
    ("gtd-incidents", "PER", "", 1992, "", 383),
    ("gtd-deaths", "PER", "", 1992, "", 818),
    ("sl-acts", "PER", "", 2012, "", 87),
    ("sl-acts", "PER", "", 2023, "", 11),
    # Homicides: SINADEF, through El Comercio
    ("homicides-sinadef", "PER", "", 2017, "", 671),
    ("homicides-sinadef", "PER", "", 2022, "", 1516),
]

# release, stage, fiscal year, dollars: SCHEMAS 1b.3, 1b.11 and the releases themselves
MONEY = [
    ("fagov-2021-04-18", "obligated", 2020, 143968503),
    ("fagov-2021-04-18", "obligated", 1990, 94598000),
    ("fagov-2021-04-18", "obligated", 2013, 125269091),
    ("fagov-2021-04-18", "obligated", 2015, 302736622),
    ("fagov-2023-10-21", "obligated", 2023, 60406113),
    ("fagov-2024-12-22", "obligated", 2023, 180270223),
    ("fagov-2025-04-02", "obligated", 2023, 193448638),
    ("fagov-2025-11-29", "obligated", 2023, 193724818),
    ("fagov-2025-11-29", "obligated", 2020, 224340449),
    ("fagov-2025-11-29", "obligated", 2017, 122471263),
    ("fagov-2025-11-29", "appropriated", 2017, 64473000),
]


@pytest.fixture(scope="module")
def ledger():
    return peru().case.ledger


@pytest.fixture(scope="module")
def observed(ledger):
    found = defaultdict(set)
    for row in observations(ledger):
        if row.until is None:
            found[row.indicator, row.place, row.counterpart, row.year, row.part_year].add(row.value)
    return found


@pytest.mark.parametrize("figure", PUBLISHED, ids=lambda f: "-".join(str(x) for x in f[:5] if x))
def test_the_published_figure_is_in_the_dossier(observed, figure):
    *key, value = figure
    assert value in observed[tuple(key)]


@pytest.mark.parametrize(("release", "stage", "year", "dollars"), MONEY)
def test_the_published_amount_is_in_the_dossier(ledger, release, stage, year, dollars):
    rows = flows(ledger, provider="USA", recipient="PER", origin=release, stage=stage)
    assert dollars in [r.amount for r in rows if r.year == year and r.price_base is None]


def test_humanitarian_money_of_2020_is_that_of_the_sector_file(ledger):
    rows = flows(ledger, origin="fagov-sector-2025-04", stage="obligated")
    assert 82758749 in [r.amount for r in rows if r.year == 2020 and r.price_base is None]


# --- sums ----------------------------------------------------------------------------------------


def zones(ledger, year):
    rows = {
        r.place: r.value
        for r in observations(ledger, indicator="coca-area-un")
        if r.place.startswith("PER-zone-") and r.year == year and r.origin.startswith("devida-monitoreo")
    }
    return len(rows), sum(rows.values())


# METHODS section 1: exactly 2018-2020 and 2022, within 2 ha otherwise; 14, 19, 20, 21 and 24 zones
@pytest.mark.parametrize(
    ("year", "count", "national", "within"),
    [
        (2018, 14, 54134, 0),
        (2019, 14, 54655, 0),
        (2020, 14, 61777, 0),
        (2021, 19, 80681, 2),
        (2022, 20, 95008, 0),
        (2023, 21, 92784, 2),
        (2024, 24, 89755, 2),
    ],
)
def test_the_zones_add_up_to_the_country(ledger, year, count, national, within):
    found, total = zones(ledger, year)
    assert found == count
    assert abs(total - national) <= within


def test_the_zones_moved_in_2024_as_published(ledger):
    """METHODS section 3: VRAEM -5 %, Amazonas +44.6 %, San Gabán +30.8 %, Huallaga +12.3 %."""
    value = {
        (r.place, r.year): r.value
        for r in observations(ledger, indicator="coca-area-un")
        if "-zone-" in r.place
    }
    for zone, change in (("vraem", -5.0), ("amazonas", 44.6), ("san-gaban", 30.8), ("huallaga", 12.3)):
        before, after = (value[f"PER-zone-{zone}", year] for year in (2023, 2024))
        assert 100 * (after / before - 1) == pytest.approx(change, abs=0.06)


def test_the_district_panel_has_the_size_it_is_said_to_have(ledger):
    """METHODS section 1: 133 districts, 1,193 district-years, 358 of them zero; Monzón 6,564, 227, 393."""
    rows = [r for r in observations(ledger, indicator="coca-area-un") if r.place.startswith("PER-dist-")]
    assert len({r.place for r in rows}) == 133
    assert len(rows) == 1193
    assert sum(r.value == 0 for r in rows) == 358
    by_place = defaultdict(dict)
    for r in rows:
        by_place[r.place][r.year] = round(r.value)
    assert [(v[2012], v[2013], v[2014]) for v in by_place.values() if v.get(2012) == 6564] == [
        (6564, 227, 393)
    ]


@pytest.mark.parametrize("year", range(2012, 2021))
def test_the_districts_hold_nearly_all_of_the_country(ledger, year):
    """METHODS section 1: 95 to 98 % of the national figure."""
    total = sum(
        r.value
        for r in observations(ledger, indicator="coca-area-un")
        if r.place.startswith("PER-dist-") and r.year == year
    )
    national = next(
        r.value for r in observations(ledger, indicator="coca-area-un", place="PER") if r.year == year
    )
    assert 0.945 <= total / national <= 0.985


# The first two digits of a district's ubigeo (INEI) are its department.
UBIGEO = {
    "01": "amazonas",
    "05": "ayacucho",
    "08": "cusco",
    "09": "huancavelica",
    "10": "huanuco",
    "12": "junin",
    "13": "la-libertad",
    "16": "loreto",
    "17": "madre-de-dios",
    "19": "pasco",
    "21": "puno",
    "22": "san-martin",
    "25": "ucayali",
}


def test_departments_are_the_sums_of_their_districts(ledger):
    """METHODS section 1: within 1 ha in 44 of 48 department-years of 2017-2020; the rest is La Libertad."""
    districts, departments = defaultdict(float), {}
    for r in observations(ledger, indicator="coca-area-un"):
        if r.place.startswith("PER-dist-"):
            districts[UBIGEO[r.place.removeprefix("PER-dist-")[:2]], r.year] += r.value
        elif r.place.startswith("PER-dep-") and 2017 <= r.year <= 2020:
            departments.setdefault((r.place.removeprefix("PER-dep-"), r.year), r.value)
    both = departments.keys() & districts.keys()
    differ = [key for key in both if abs(departments[key] - districts[key]) > 1]
    assert len(both) == 48
    assert sorted(differ) == [("la-libertad", year) for year in range(2017, 2021)]


def accounts(ledger, name):
    sums = defaultdict(float)
    for r in flows(ledger, provider="USA", recipient="PER", origin="greenbook-2022-08", stage="obligated"):
        if r.price_base is None and r.row.startswith(f"figures/{name}.csv:") and r.agency != "all":
            if name == "flows-agencies" and r.account:
                continue  # a part of what its agency has, not more
            sums[r.year] += r.amount
    return sums


# SCHEMAS 1b.9: accounts less the release of November 2025; elsewhere within a few dollars
DIFFER = {2013: 57436, 2015: 157286, 2016: 115680, 2019: 33364, 2020: -547149}


@pytest.mark.parametrize("year", range(1990, 2021))
def test_the_accounts_add_up_to_the_total(ledger, year):
    total = sum(
        r.amount
        for r in flows(ledger, provider="USA", recipient="PER", origin="fagov-2025-11-29", stage="obligated")
        if r.year == year and r.price_base is None and r.row.startswith("figures/flows-totals.csv:")
    )
    difference = accounts(ledger, "flows-accounts")[year] - total
    # rounding between the releases: 31 dollars in FY2017, under ten elsewhere
    assert difference == pytest.approx(DIFFER.get(year, 0), abs=40)


@pytest.mark.parametrize("table", ["flows-agencies", "flows-categories"])
def test_agencies_and_categories_add_up_to_the_accounts(ledger, table):
    """METHODS section 6: all agencies together equal economic plus military in every year."""
    by_account, other = accounts(ledger, "flows-accounts"), accounts(ledger, table)
    assert sorted(other) == list(range(1990, 2021))
    for year in range(1990, 2021):
        assert other[year] == pytest.approx(by_account[year], abs=1)


def test_no_military_row_stands_for_1993_and_1994(ledger):
    """SCHEMAS 1b.10: absent, not zero."""
    rows = [
        r
        for r in flows(ledger, origin="greenbook-2022-08", stage="obligated")
        if "us-category:military" in r.purposes.split(";") and r.row.startswith("figures/flows-accounts.csv:")
    ]
    assert {1992, 1995} <= {r.year for r in rows}
    assert not {1993, 1994} & {r.year for r in rows}


def test_the_yield_is_the_same_in_2024_and_2025(ledger):
    """METHODS section 2: 9.158 to 9.161 kg/ha; 7.46 in 2016, 9.24 in 2017, 9.29 in 2022."""
    tonnes, hectares = (
        {(r.year, r.part_year, r.origin): r.value for r in observations(ledger, indicator=key)}
        for key in ("cocaine-averted-eradication-claimed", "eradicated-area-of-claim")
    )
    rates = defaultdict(set)
    for year, part, origin in tonnes.keys() & hectares.keys():
        rates[year].add(round(1000 * tonnes[year, part, origin] / hectares[year, part, origin], 2))
    assert rates[2016] == {7.46}
    assert rates[2017] == {9.24}
    assert rates[2022] == {9.29}
    assert rates[2024] | rates[2025] <= {9.15, 9.16}


def test_every_row_of_the_dossier_has_a_source_with_an_address_and_a_licence(ledger):
    origins = {r["key"]: r for r in frame(ledger, "origins").iter_rows(named=True)}
    licences = set(frame(ledger, "licences")["key"])
    used = {o for t in ("flows", "observations", "breaks") for o in frame(ledger, t)["origin"]}
    assert used <= set(origins)
    assert [k for k in used if not origins[k]["url"].startswith("http")] == []
    assert [k for k in used if origins[k]["licence"] not in licences] == []


def test_no_figure_stands_twice_in_two_files(ledger):
    same = "indicator place counterpart year until year_kind part_year vintage origin note value".split()
    rows = frame(ledger, "observations")
    twice = rows.filter(rows.select(same).is_duplicated()).select("row", *same)
    assert twice.is_empty(), twice.sort(same).head(6).rows()


def test_every_share_and_rank_is_one(ledger):
    rows = frame(ledger, "observations")
    shares = rows.filter((pl.col("unit") == "percent") & pl.col("indicator").str.contains("share"))
    assert shares.height > 50
    assert shares.filter((pl.col("value") < 0) | (pl.col("value") > 100)).is_empty()
    ranged = rows.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    assert ranged.filter(pl.col("low") > pl.col("high")).is_empty()
