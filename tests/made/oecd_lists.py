"""Donors, recipients and columns of the OECD's files."""

from __future__ import annotations

import functools
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A donor or a recipient.

    Attributes
    ----------
    code : int
        Of the DAC: neither ISO nor the United States' own.
    iso3 : str
        Empty for regions and multilaterals.
    name : str
    weight : int
        How often it is drawn.
    region : tuple of str
        Code and name of a recipient's region.
    """

    code: int
    iso3: str
    name: str
    weight: int
    region: tuple[str, str] = ("", "")


def _donors(text: str) -> tuple[Party, ...]:
    told = (line.strip().split("|") for line in text.strip().splitlines())
    return tuple(Party(code=int(c), iso3=i, name=n, weight=int(w)) for c, i, n, w in told)


# 4 France, 12 United Kingdom, 302 United States and 701 Japan are the publisher's own; a widely read page
# that gives 12 to the United States is wrong.
DONORS = _donors("""
302|USA|United States|300
4|FRA|France|80
5|DEU|Germany|160
12|GBR|United Kingdom|90
50|ESP|Spain|60
701|JPN|Japan|70
301|CAN|Canada|60
11|CHE|Switzerland|40
10|SWE|Sweden|40
742|KOR|Korea|30
918||EU Institutions|60
905||International Development Association|30
909||Inter-American Development Bank|20
959||UNDP|10
""")

_AMERICA = ("10005", "South America")
_OTHERS = ("10001", "Africa")
_ASIA = ("10006", "Asia")
_RECIPIENTS = """
454|PER|Peru|30;437|COL|Colombia|50;428|BOL|Bolivia|25;431|BRA|Brazil|25;440|ECU|Ecuador|20;
451|PRY|Paraguay|10;463|VEN|Venezuela|8;489||South America, regional|8;498||America, regional|8;
349|HTI|Haiti|20;347|GTM|Guatemala|15;342|SLV|El Salvador|12;351|HND|Honduras|12;364|NIC|Nicaragua|8;
358|MEX|Mexico|10;338|CUB|Cuba|4;340|DOM|Dominican Republic|5;238|ETH|Ethiopia|30;248|KEN|Kenya|30;
235|COD|Democratic Republic of the Congo|25;282|TZA|Tanzania|25;142|EGY|Egypt|20;298||Africa, regional|10;
625|AFG|Afghanistan|40;549|JOR|Jordan|20;85|UKR|Ukraine|40;645|IND|India|30;738|IDN|Indonesia|20;
755|PHL|Philippines|20;769|VNM|Viet Nam|20;665|PAK|Pakistan|25;9998||Developing countries, unspecified|120
"""


def _region(code: int) -> tuple[str, str]:
    if 337 < code < 499:
        return _AMERICA
    return _OTHERS if 129 < code < 300 else _ASIA


RECIPIENTS = tuple(
    Party(code=int(c), iso3=i, name=n, weight=int(w), region=_region(int(c)))
    for c, i, n, w in (one.split("|") for one in _RECIPIENTS.replace("\n", "").split(";"))
)
MARKERS = (
    "gender environment trade pdgg ftc pba investment_project assoc_finance biodiversity climate_mitigation "
    "climate_adaptation desertification rmnch"
).split()

# Our name | the name of text releases | kind: text, int or money. The order is theirs.
_COLUMNS = """
year|Year|int donor_code|DonorCode|int donor_name|DonorName|text agency_code|AgencyCode|int
agency_name|AgencyName|text crs_id|CRSid|text project_number|ProjectNumber|text
initial_report|InitialReport|int recipient_code|RecipientCode|int recipient_name|RecipientName|text
region_code|RegionCode|int region_name|RegionName|text incomegroup_code|IncomegroupCode|text
incomegroup_name|IncomegroupName|text flow_code|FlowCode|int flow_name|FlowName|text bi_multi|bi_multi|int
category|Category|int finance_t|Finance_t|int aid_t|Aid_t|text usd_commitment|usd_commitment|money
usd_disbursement|usd_disbursement|money usd_received|usd_received|money
usd_commitment_defl|usd_commitment_defl|money usd_disbursement_defl|usd_disbursement_defl|money
usd_received_defl|usd_received_defl|money usd_adjustment|usd_adjustment|text
usd_adjustment_defl|usd_adjustment_defl|text usd_amount_untied|usd_amountuntied|money
usd_amount_partial_tied|usd_amountpartialtied|text usd_amount_tied|usd_amounttied|text
usd_amount_untied_defl|usd_amountuntied_defl|text
usd_amount_partial_tied_defl|usd_amountpartialtied_defl|text usd_amount_tied_defl|usd_amounttied_defl|text
usd_irtc|usd_IRTC|text usd_expert_commitment|usd_expert_commitment|text
usd_expert_extended|usd_expert_extended|text usd_export_credit|usd_export_credit|text
currency_code|CurrencyCode|int commitment_national|commitment_national|money
disbursement_national|disbursement_national|money grant_equiv|GrantEquiv|text
usd_grant_equiv|usd_GrantEquiv|money short_description|ShortDescription|text project_title|ProjectTitle|text
purpose_code|PurposeCode|int purpose_name|PurposeName|text sector_code|SectorCode|int
sector_name|SectorName|text channel_code|ChannelCode|int channel_name|ChannelName|text
channel_reported_name|ChannelReportedName|text parent_channel_code|ParentChannelCode|text
geography|Geography|text expected_start_date|ExpectedStartDate|text completion_date|CompletionDate|text
long_description|LongDescription|text gender|Gender|int environment|Environment|int trade|Trade|int
pdgg|Pdgg|int ftc|FTC|int pba|PBA|int investment_project|InvestmentProject|int assoc_finance|AssocFinance|int
biodiversity|biodiversity|int climate_mitigation|climateMitigation|int
climate_adaptation|climateAdaptation|int desertification|desertification|int
commitment_date|commitmentdate|text type_repayment|typerepayment|text number_repayment|numberrepayment|text
interest1|interest1|text interest2|interest2|text repaydate1|repaydate1|text repaydate2|repaydate2|text
grant_element|grantelement|text usd_interest|usd_interest|money usd_outstanding|usd_outstanding|text
usd_arrears_principal|usd_arrears_principal|text usd_arrears_interest|usd_arrears_interest|text
usd_future_ds_principal|usd_future_DS_principal|text usd_future_ds_interest|usd_future_DS_interest|text
rmnch|RMNCH|int budget_ident|BudgetIdent|text capital_expend|CapitalExpend|text
"""
# What later releases add, with the column that each stands behind.
_LATER = """
de_donorcode|DEDonorcode|donor_code de_recipientcode|DERecipientcode|recipient_code
de_regioncode|DERegioncode|region_code sdg_focus|SDGfocus|capital_expend keywords|Keywords|sdg_focus
dig|DIG|keywords drr|DRR|dig nutrition|Nutrition|drr disability|Disability|nutrition
ldc_flag|LDCflag|disability psi_flag|PSIflag|ldc_flag
"""


def _read() -> dict[str, tuple[str, str]]:
    told = (one.split("|") for one in _COLUMNS.split())
    return {ours: (printed, kind) for ours, printed, kind in told}


# Every column that any fashion has, with its kind.
COLUMNS: dict[str, str] = {ours: kind for ours, (_, kind) in _read().items()} | {
    one.split("|")[0]: "text" for one in _LATER.split()
}


@functools.cache
def printed_columns(fashion: str) -> dict[str, str]:
    """Return the columns of a fashion in order: our name to the printed one."""
    names = {ours: printed for ours, (printed, _) in _read().items()}
    if fashion == "old":
        return names
    order = list(names)
    for ours, printed, behind in (one.split("|") for one in _LATER.split()):
        order.insert(order.index(behind) + 1, ours)
        names[ours] = printed
    if fashion == "snake":
        return {ours: ours for ours in order}
    # Files of one year have renamed these.
    renamed = {"crs_id": "CrsID", "currency_code": "Currencycode", "incomegroup_name": "IncomegroupName"}
    return {ours: renamed.get(ours, names[ours]) for ours in order}


def defl_of(name: str) -> str:
    """Return the column at constant prices that belongs to a column of money; empty if there is none."""
    found = f"{name}_defl"
    return found if _read().get(found, ("", ""))[1] == "money" else ""
