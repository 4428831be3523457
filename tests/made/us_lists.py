"""Agencies, accounts, sectors, partners and kinds of aid of United States files.

Agencies, accounts and sectors bear their real names with numbers of the right shape; where the publisher's
number is not known, one was made up. Partners are invented.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from tests.made.draw import below

# number | acronym | name | sub-agencies as number=acronym=name; 999 is the publisher's "not applicable".
_AGENCIES = """
1|USAID|U.S. Agency for International Development|1=LAC=Bureau for Latin America and the
Caribbean/2=AFR=Bureau for Africa/3=BHA=Bureau for Humanitarian Assistance/4=GH=Bureau for Global
Health/5=ASIA=Bureau for Asia/6=ME=Bureau for the Middle East/7=E&E=Bureau for Europe and
Eurasia/8=REFS=Bureau for Resilience, Environment, and Food Security; 2|DOD|Department of
Defense|21=DSCA=Defense Security Cooperation Agency/22=SOUTHCOM=U.S. Southern Command/23=DTRA=Defense Threat
Reduction Agency; 11|STATE|Department of State|31=INL=Bureau of International Narcotics and Law Enforcement
Affairs/32=PRM=Bureau of Population, Refugees, and Migration/33=PM=Bureau of Political-Military
Affairs/34=GHSD=Bureau of Global Health Security and Diplomacy/35=ISN=Bureau of International Security and
Nonproliferation/36=DRL=Bureau of Democracy, Human Rights, and Labor; 12|USDA|Department of
Agriculture|41=FAS=Foreign Agricultural Service/42=FS=Forest Service/43=APHIS=Animal and Plant Health
Inspection Service; 3|DOC|Department of Commerce|51=NOAA=National Oceanic and Atmospheric Administration;
4|DOE|Department of Energy|61=NNSA=National Nuclear Security Administration; 5|HHS|Department of Health and
Human Services|71=CDC=Centers for Disease Control and Prevention/72=NIH=National Institutes of Health;
6|DHS|Department of Homeland Security|81=CBP=U.S. Customs and Border Protection/82=USCG=U.S. Coast Guard;
7|DOI|Department of the Interior|91=FWS=U.S. Fish and Wildlife Service/92=USGS=U.S. Geological Survey;
8|DOJ|Department of Justice|101=DEA=Drug Enforcement Administration; 9|DOL|Department of
Labor|111=ILAB=Bureau of International Labor Affairs; 10|DOT|Department of Transportation|;
20|TREAS|Department of the Treasury|121=OTA=Office of Technical Assistance; 13|EPA|Environmental Protection
Agency|; 14|MCC|Millennium Challenge Corporation|; 15|PC|Peace Corps|; 16|IAF|Inter-American Foundation|;
17|USADF|U.S. African Development Foundation|; 18|TDA|Trade and Development Agency|; 19|DFC|U.S.
International Development Finance Corporation|; 21|FTC|Federal Trade Commission|; 22|USIP|U.S. Institute of
Peace|; 24|EXIM|Export-Import Bank|; 25|OPIC|Overseas Private Investment Corporation|; 99|UNK|Unknown -
Historical Greenbook|
"""
# Weight of each agency, in the order above.
_AGENCY_WEIGHTS = (550, 40, 230, 35, 4, 8, 50, 4, 6, 5, 6, 2, 10, 3, 14, 10, 6, 5, 3, 6, 1, 1, 1, 1, 1)

# treasury symbol | name | number of the funding agency | military
_ACCOUNTS = """
72x1021|Development Assistance|1; 72x1037|Economic Support Fund|1; 19x1031|Global Health Programs|11;
72x1035|International Disaster and Famine Assistance|1; 72x1000|Operating Expenses of USAID|1; 72x1095|Child
Survival and Health Programs Fund, United States Agency for International Development|1; 72x1027|Transition
Initiatives, International Assistance Program|1; 72x0306|Assistance for Europe, Eurasia and Central Asia|1;
72x1093|Assistance for the Independent States of the Former Soviet Union|1; 72x0305|Civilian Stabilization
Initiative|1; 72x0300|Capital Investment Fund|1; 72x1264|Development Credit Authority Program Account|1;
72x4513|Working Capital Fund|1; 72x8502|Gifts and Contributions|1; 72x0402|Ukraine, Supplemental Economic
Assistance|1; 72x1015|Complex Crises Fund|1; 72x8342|Foreign National Employees Separation Liability Fund|1;
72x9001|INACTIVE - USAID Grants|1; 72x9002|INACTIVE - USAID Loans|1; 72x9003|INACTIVE - ESF adjustment for
USAID Loans and Grants|1; 19x1022|International Narcotics Control and Law Enforcement|11; 11x1022|Andean
Counterdrug Initiative|11; 19x1143|Migration and Refugee Assistance|11; 11x0040|United States Emergency
Refugee and Migration Assistance Fund|11; 19x1075|Nonproliferation, Anti-Terrorism, Demining, and Related
Programs|11; 11x1082|Foreign Military Financing Program|11|M; 11x4121|Foreign Military Financing, Direct Loan
Program Account|11|M; 11x1081|International Military Education and Training|11|M; 72x1032|Peacekeeping
Operations|11|M; 19x0210|National Endowment for Democracy|11; 19x0113|Diplomatic and Consular Programs|11;
19x0209|Educational and Cultural Exchange Programs|11; 19x1121|Democracy Fund|11; 19x1005|International
Organizations and Programs|11; 19x1030|Global HIV/AIDS Initiative|11; 97x0100|Operation and Maintenance,
Defense-wide|2|M; 97x0105|Drug Interdiction and Counter-Drug Activities, Defense|2|M; 97x0819|Overseas
Humanitarian, Disaster, and Civic Aid, Defense|2; 97x0130|Defense Health Program|2; 97x0134|Cooperative
Threat Reduction Account|2|M; 97x9010|Excess Defense Articles|2|M; 97x9011|Military Assistance Programs (Old
Code)|2|M; 97x9012|Air Force Cadet Fund|2|M; 97x2091|Afghanistan Security Forces Fund, Army|2|M; 97x2097|Iraq
Train and Equip Fund, Army|2|M; 97x9013|Ukraine Security Assistance Initiative|2|M; 12x2278|Public Law 480
Title II Grants|12; 12x2277|Public Law 480 Title I Food for Progress Credits, Program Account|12;
12x4336|Commodity Credit Corporation Fund|12; 12x2903|McGovern-Dole International Food for Education and
Child Nutrition|12; 12x2900|Salaries and Expenses, Foreign Agricultural Service|12; 12x1105|State and Private
Forestry, Forest Service|12; 12x3700|Food Safety and Inspection Service|12; 13x1450|Operations, Research, and
Facilities, National Oceanic & Atmospheric Administration|3; 13x1006|Salaries and Expenses, Patent and
Trademark Office|3; 89x0309|Defense Nuclear Nonproliferation|4; 75x0943|CDC-Wide Activities and Program
Support|5; 75x0140|Public Health and Social Services Emergency Fund|5; 75x0886|Allergy and Infectious
Diseases|5; 70x0550|Aviation Security, Transportation Security Administration|6; 70x0530|Salaries and
Expenses, Customs and Border Protection|6; 14x1696|Neotropical Migratory Bird Conservation|7;
14x1652|Multinational Species Conservation Fund|7; 14x0414|Compact of Free Association|7; 14x0804|Surveys,
Investigations and Research|7; 15x1100|Salaries and Expenses, Drug Enforcement Administration|8;
15x0323|Interagency Drug Enforcement|8; 16x0165|Departmental Management, Department of Labor|9;
69x1301|Federal Aviation Administration, Operations|10; 20x1045|International Affairs Technical
Assistance|20; 20x0091|Debt Restructuring|20; 20x1039|Contribution to the Asian Development Fund|20;
20x1038|Contribution to the African Development Fund|20; 20x0073|Contribution to the International
Development Association|20; 20x0072|Contribution to the Inter-American Development Bank|20; 20x0077|Global
Environment Facility|20; 68x0108|Environmental Programs and Management|13; 95x2750|Millennium Challenge
Corporation|14; 11x0100|Peace Corps|15; 11x3100|Inter-American Foundation|16; 11x0700|African Development
Foundation|17; 11x1001|Trade and Development Agency|18; 77x4483|Corporate Capital Account|19; 29x0100|Federal
Trade Commission, Salaries and Expenses|21; 95x1300|United States Institute of Peace|22;
83x0100|Export-Import Bank Loans|24; 71x0100|Overseas Private Investment Corporation, Program Account|25;
99x9020|INACTIVE - Institute of American Affairs (IAA)|99; 99x9021|INACTIVE - US Surplus Property|99;
99x9022|INACTIVE - Social Progress Trust Fund (Loans)|99; 99x9023|INACTIVE - Other Military Grants|99|M;
99x9024|INACTIVE - Binational Center Loans|99; 99x9025|INACTIVE - Marshall Plan|99
"""
_OVERSEAS = "Overseas Contingency Operations"
_WITH_OVERSEAS = 30  # the first accounts, if alive, have a twin for contingency operations

_SECTORS = """
1|Peace and Security|1|Counter-Terrorism; 1|Peace and Security|2|Combating Weapons of Mass Destruction (WMD);
1|Peace and Security|3|Stabilization Operations and Security Sector Reform; 1|Peace and
Security|4|Counter-Narcotics; 1|Peace and Security|5|Transnational Crime; 1|Peace and Security|6|Conflict
Mitigation and Reconciliation; 1|Peace and Security|7|Trafficking in Persons; 2|Democracy, Human Rights, and
Governance|8|Rule of Law and Human Rights; 2|Democracy, Human Rights, and Governance|9|Good Governance;
2|Democracy, Human Rights, and Governance|10|Political Competition and Consensus-Building; 2|Democracy, Human
Rights, and Governance|11|Civil Society; 2|Democracy, Human Rights, and Governance|12|Independent Media and
Free Flow of Information; 3|Health|13|HIV/AIDS; 3|Health|14|Tuberculosis; 3|Health|15|Malaria;
3|Health|16|Pandemic Influenza and Other Emerging Threats (PIOET); 3|Health|17|Other Public Health Threats;
3|Health|18|Maternal and Child Health; 3|Health|19|Family Planning and Reproductive Health; 3|Health|20|Water
Supply and Sanitation; 3|Health|21|Nutrition; 4|Education and Social Services|22|Basic Education; 4|Education
and Social Services|23|Higher Education; 4|Education and Social Services|24|Policies, Regulations, and
Systems; 4|Education and Social Services|25|Social Services; 4|Education and Social Services|26|Social
Assistance; 5|Economic Development|27|Macroeconomic Foundation for Growth; 5|Economic Development|28|Trade
and Investment; 5|Economic Development|29|Financial Sector; 5|Economic Development|30|Infrastructure;
5|Economic Development|31|Agriculture; 5|Economic Development|32|Private Sector Competitiveness; 5|Economic
Development|33|Economic Opportunity; 6|Environment|34|Natural Resources and Biodiversity;
6|Environment|35|Clean Productive Environment; 6|Environment|36|Climate Change - Adaptation; 7|Humanitarian
Assistance|37|Protection, Assistance and Solutions; 7|Humanitarian Assistance|38|Disaster Readiness;
7|Humanitarian Assistance|39|Migration Management; 8|Program Support|40|Direct Administrative Costs;
8|Program Support|41|Evaluation and Outcome Measurement; 9|Multi-sector|42|Multi-sector - Unspecified;
1|Peace and Security|43|Peace and Security - General; 2|Democracy, Human Rights, and Governance|44|Democracy,
Human Rights, and Governance - General; 3|Health|45|Health - General; 4|Education and Social
Services|46|Education and Social Services - General; 5|Economic Development|47|Economic Development -
General; 6|Environment|48|Environment - General; 5|Economic Development|49|Workforce Development; 5|Economic
Development|50|Modern Energy Services
"""
# group number | group | number | name
_AID_TYPES = """
1|Budget Support|1|General budget support; 2|Core contributions|2|Core support to NGOs, other private bodies,
PPPs and research institutes; 2|Core contributions|3|Core contributions to multilateral institutions; 2|Core
contributions|4|Contributions to pooled programmes and funds; 3|Project-Type|5|Project-type interventions;
3|Project-Type|6|Project-type interventions - not Investment Related; 4|Technical Assistance|7|Donor country
personnel; 4|Technical Assistance|8|Other technical assistance; 5|Other|9|Scholarships and student costs in
donor country; 5|Other|10|Debt relief; 6|Administrative Costs|11|Administrative costs not included elsewhere;
5|Other|12|Other in-donor expenditures
"""
_AID_TYPE_WEIGHTS = (2, 20, 60, 30, 600, 90, 40, 50, 5, 1, 95, 7)
_PARTNER_CLASSES = """
1|Government|1|Government - United States; 1|Government|2|Government - Non-United States;
2|Multilateral|3|United Nations; 2|Multilateral|4|Other Multilateral; 3|NGO|5|NGO - United States;
3|NGO|6|NGO - International; 3|NGO|7|NGO - Non United States; 4|Enterprises|8|Enterprises - United States;
4|Enterprises|9|Enterprises - Non United States; 5|Universities and Research Institutes|10|University -
United States; 5|Universities and Research Institutes|11|University - Non United States; 6|Church and Faith
Based|12|Church and Faith Based - United States
"""
PARTNERS = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A treasury account with the number of the agency it belongs to."""

    symbol: str
    name: str
    agency: int
    military: bool

    @property
    def inactive(self) -> bool:
        """Whether it holds a closed programme."""
        return self.name.startswith("INACTIVE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency, or one of its bureaus."""

    number: int
    acronym: str
    name: str
    bureau: tuple[str, str, str]
    weight: int


@functools.cache
def agencies() -> tuple[Agency, ...]:
    """Return each agency once per bureau."""
    found: list[Agency] = []
    for line, weight in zip(_records(_AGENCIES), _AGENCY_WEIGHTS, strict=True):
        number, acronym, name, bureaus = line
        split = [tuple(one.strip().split("=")) for one in bureaus.split("/") if one.strip()]
        found += [
            Agency(
                number=int(number),
                acronym=acronym,
                name=name,
                bureau=(bureau[0], bureau[1], bureau[2]),
                weight=max(1, weight // max(1, len(split))),
            )
            for bureau in split or [("999", "NULL", "not applicable")]
        ]
    return tuple(found)


@functools.cache
def accounts() -> tuple[Account, ...]:
    """Return about 120 accounts."""
    told = [
        Account(symbol=parts[0], name=parts[1], agency=int(parts[2]), military=len(parts) > 3)
        for parts in _records(_ACCOUNTS)
    ]
    twins = [
        Account(
            symbol=one.symbol + "-OCO",
            name=f"{one.name}, {_OVERSEAS}",
            agency=one.agency,
            military=one.military,
        )
        for one in told[:_WITH_OVERSEAS]
        if not one.inactive
    ]
    return tuple(told + twins)


@functools.cache
def us_sectors() -> tuple[tuple[str, ...], ...]:
    """Return category number, category, sector number and sector of the State Department's framework."""
    return tuple(sorted(_records(_SECTORS), key=lambda one: (int(one[0]), int(one[2]))))


@functools.cache
def aid_types() -> tuple[tuple[str, ...], ...]:
    """Return group number, group, number and name of each type of aid."""
    return _records(_AID_TYPES)


def aid_type_weights() -> tuple[int, ...]:
    """Return how often each type of aid is drawn."""
    return _AID_TYPE_WEIGHTS


@functools.cache
def partners() -> tuple[tuple[str, ...], ...]:
    """Return category, sub-category, number and name of invented partners, some with commas or quotes."""
    classes = _records(_PARTNER_CLASSES)
    index = np.arange(PARTNERS, dtype=np.int64)
    first, second, third = (below(0, f"partner {n}", index, 24) for n in range(3))
    return tuple(
        (*classes[n % len(classes)], str(10_000 + 7 * n), _partner_name(n, first[n], second[n], third[n]))
        for n in range(PARTNERS)
    )


_HEADS = (
    "Andean Amazon Pacific Atlantic Sahel Delta Dune Summit Meridian Beacon Harbor Cordillera Savanna "
    "Monsoon Baltic Levant Mekong Antilles Bridge Anchor Compass Lantern Orchard Pioneer"
).split()
_MIDDLES = (
    "Development Health Education Justice Relief Resilience Governance Nutrition Water Power Trade "
    "Mobility Farm Legal Democratic Technical Rural Urban Maternal Civic Policy Border Climate Finance"
).split()
_ENDS = (
    "Associates, Inc.|Foundation|Alliance|Partners, LLC|Institute|Trust|Corps|Consortium|Network|University|"
    "Ministry|Services|Fundación|Asociación Civil|Ltd.|Federation|Group, S.A.C.|Council|Agency|"
    "Initiative|Committee|Cooperative|Fund|Center"
).split("|")


def _partner_name(n: int, first: int, second: int, third: int) -> str:
    name = f"{_HEADS[first]} {_MIDDLES[second]} {_ENDS[third]}"
    if n % 50 == 3:
        return f'"{_HEADS[second]}" {name}'
    return f"{name} {n}" if n % 7 else name


def _records(text: str) -> tuple[tuple[str, ...], ...]:
    flat = text.strip().replace("/\n", "/").replace("\n", " ")
    return tuple(tuple(cell.strip() for cell in one.split("|")) for one in flat.split(";"))
