"""Where United States money goes: codes and names as ForeignAssistance.gov prints them.

Facts, not rows: codes are ISO 3166 or the publisher's own, names, regions and income groups as in the
country summary of April 2025 (a work of the United States government). Numbers over 999 stand for the
publisher's internal numbers, which are not known here. The last figure is a weight: about the square root
of what a place has received, so that files have the publisher's proportions.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

REGIONS = {
    1: "East Asia and Oceania",
    2: "Europe and Eurasia",
    3: "Middle East and North Africa",
    4: "South and Central Asia",
    5: "Sub-Saharan Africa",
    6: "Western Hemisphere",
    7: "World",
}
# Acronym, printed name and the publisher's number of each income group.
INCOMES = {
    "LIC": (1, "Low Income Country"),
    "LMIC": (2, "Lower Middle Income Country"),
    "UMIC": (3, "Upper Middle Income Country"),
    "HIC": (4, "High Income Country"),
    "": (0, "NULL"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A recipient.

    Attributes
    ----------
    code : str
        As printed: ISO 3166 alpha-3, a region's code that looks like one, or ``NULL``.
    number : int
        ISO numeric, or over 999.
    alpha2 : str
        ISO 3166 alpha-2; empty for what is no country.
    name : str
    region : int
        A key of `REGIONS`.
    income : str
        A key of `INCOMES`.
    weight : int
        How often it is drawn.
    """

    code: str
    number: int
    alpha2: str
    name: str
    region: int
    income: str
    weight: int

    @property
    def former(self) -> bool:
        """Whether it exists no more."""
        return "former" in self.name or self.name in {"Berlin, West", "Pacific Island Trust Territory"}

    @property
    def is_region(self) -> bool:
        """Whether it is a region or the world."""
        return self.name.endswith("Region") or self.name == "World"


# code | number | alpha-2 | name | region | income | weight
_PLACES = """
ABW|533|AW|Aruba|6|HIC|1; AFG|4|AF|Afghanistan|4|LIC|353; AFR|1001||Africa Region|7||1;
AGO|24|AO|Angola|5|LMIC|49; AIA|660|AI|Anguilla|6||1; ALB|8|AL|Albania|2|UMIC|36;
ANS|1002||Asia, Middle East and North Africa Region|7||24; ANT|530|AN|Netherlands Antilles (former)|6||13;
ARE|784|AE|United Arab Emirates|3|HIC|5; ARG|32|AR|Argentina|6|UMIC|27; ARM|51|AM|Armenia|2|UMIC|50;
ASN|1003||Asia Region|7||85; ATG|28|AG|Antigua and Barbuda|6|HIC|6; AUS|36|AU|Australia|1|HIC|11;
AUT|40|AT|Austria|2|HIC|35; AZE|31|AZ|Azerbaijan|2|UMIC|35; BDI|108|BI|Burundi|5|LIC|40;
BEL|56|BE|Belgium|2|HIC|44; BEN|204|BJ|Benin|5|LIC|47; BFA|854|BF|Burkina Faso|5|LIC|54;
BGD|50|BD|Bangladesh|4|LMIC|105; BGR|100|BG|Bulgaria|2|UMIC|35; BHR|48|BH|Bahrain|3|HIC|24;
BHS|44|BS|Bahamas|6|HIC|14; BIH|70|BA|Bosnia and Herzegovina|2|UMIC|53; BLR|112|BY|Belarus|2|UMIC|26;
BLZ|84|BZ|Belize|6|UMIC|18; BMU|60|BM|Bermuda|6|HIC|1; BOL|68|BO|Bolivia|6|LMIC|69;
BRA|76|BR|Brazil|6|UMIC|65; BRB|52|BB|Barbados|6|HIC|8; BRN|96|BN|Brunei|1|HIC|1;
BTN|64|BT|Bhutan|4|LMIC|4; BWA|72|BW|Botswana|5|UMIC|43; CAF|140|CF|Central African Republic|5|LIC|40;
CAN|124|CA|Canada|6|HIC|22; CCN|1004||Central America and Caribbean Region|6||11;
CHE|756|CH|Switzerland|2|HIC|1; CHL|152|CL|Chile|6|HIC|41; CHN|156|CN|China (P.R.C.)|1|UMIC|33;
CIV|384|CI|Cote d'Ivoire|5|LMIC|57; CMR|120|CM|Cameroon|5|LMIC|49; CNA|1005||Central America Region|6||64;
COD|180|CD|Congo (Kinshasa)|5|LIC|113; COG|178|CG|Congo (Brazzaville)|5|LMIC|17;
COK|184|CK|Cook Islands|1||1; COL|170|CO|Colombia|6|UMIC|139; COM|174|KM|Comoros|5|LMIC|6;
CPV|132|CV|Cabo Verde|5|LMIC|21; CRI|188|CR|Costa Rica|6|UMIC|47; CRN|1006||Caribbean Region|6||43;
CS-KM|1007||Kosovo|2|UMIC|39; CUB|192|CU|Cuba|6|UMIC|17; CUW|531|CW|Curacao|6|HIC|6;
CYM|136|KY|Cayman Islands|6|HIC|1; CYP|196|CY|Cyprus|2|HIC|23; CZE|203|CZ|Czechia|2|HIC|26;
DEU|276|DE|Germany|2|HIC|70; DJI|262|DJ|Djibouti|5|LMIC|25; DMA|212|DM|Dominica|6|UMIC|5;
DNK|208|DK|Denmark|2|HIC|30; DOM|214|DO|Dominican Republic|6|UMIC|57; DZA|12|DZ|Algeria|3|UMIC|21;
EAG|1008||Eastern Africa Region|5||38; EAQ|1009||East Asia and Oceania Region|1||31;
ECN|1010||Eastern and Central Africa Region|5||8; ECU|218|EC|Ecuador|6|UMIC|55;
EEE|1011||Central and Eastern Europe Region|2||20; EEN|1012||Eastern Europe Region|2||61;
EES|1013||Europe and Eurasia Region|2||64; EGY|818|EG|Egypt|3|LMIC|296;
ENS|1014||Eastern Asia Region|1||38; ERI|232|ER|Eritrea|5|LIC|23;
ESN|1015||East and South Africa Region|5||1; ESP|724|ES|Spain|2|HIC|68; EST|233|EE|Estonia|2|HIC|24;
ETH|231|ET|Ethiopia|5|LIC|152; EUN|1016||Europe Region|2||52; EUS|1017||Eurasia Region|2||55;
FIN|246|FI|Finland|2|HIC|7; FJI|242|FJ|Fiji|1|UMIC|9; FRA|250|FR|France|2|HIC|92;
FSM|583|FM|Micronesia, Federated States of|1|LMIC|62; GAB|266|GA|Gabon|5|UMIC|13;
GBR|826|GB|United Kingdom|2|HIC|93; GEO|268|GE|Georgia|2|UMIC|70; GHA|288|GH|Ghana|5|LMIC|73;
GIN|324|GN|Guinea|5|LIC|43; GMB|270|GM|Gambia|5|LIC|20; GNB|624|GW|Guinea-Bissau|5|LIC|14;
GNQ|226|GQ|Equatorial Guinea|5|UMIC|5; GRC|300|GR|Greece|2|HIC|106; GRD|308|GD|Grenada|6|UMIC|9;
GRL|304|GL|Greenland|2|HIC|3; GTM|320|GT|Guatemala|6|UMIC|76; GUF|254|GF|French Guiana|6||1;
GUY|328|GY|Guyana|6|UMIC|23; HKG|344|HK|China (Hong Kong, S.A.R., P.R.C.)|1|HIC|7;
HND|340|HN|Honduras|6|LMIC|72; HRV|191|HR|Croatia|2|HIC|26; HTI|332|HT|Haiti|6|LIC|100;
HUN|348|HU|Hungary|2|HIC|21; IDN|360|ID|Indonesia|1|LMIC|108; IND|356|IN|India|4|LMIC|133;
IOT|86|IO|British Indian Ocean Territory|5||1; IRL|372|IE|Ireland|2|HIC|26; IRN|364|IR|Iran|3|UMIC|47;
IRQ|368|IQ|Iraq|3|UMIC|270; ISL|352|IS|Iceland|2|HIC|9; ISR|376|IL|Israel|3|HIC|394;
ITA|380|IT|Italy|2|HIC|77; JAM|388|JM|Jamaica|6|UMIC|50; JOR|400|JO|Jordan|3|UMIC|183;
JPN|392|JP|Japan|1|HIC|63; KAZ|398|KZ|Kazakhstan|4|UMIC|52; KEN|404|KE|Kenya|5|LMIC|133;
KGZ|417|KG|Kyrgyzstan|4|LMIC|42; KHM|116|KH|Cambodia|1|LMIC|69; KIR|296|KI|Kiribati, Republic of|1|LMIC|6;
KNA|659|KN|St. Kitts and Nevis|6|HIC|4; KOR|410|KR|Korea, Republic of|1|HIC|122;
KWT|414|KW|Kuwait|3|HIC|5; LAN|1018||Latin America Region|6||43; LAO|418|LA|Laos|1|LMIC|58;
LBN|422|LB|Lebanon|3|UMIC|95; LBR|430|LR|Liberia|5|LIC|77; LBY|434|LY|Libya|3|UMIC|36;
LCA|662|LC|St. Lucia|6|UMIC|4; LCN|1019||Latin America and Caribbean Region|6||76;
LKA|144|LK|Sri Lanka|4|UMIC|55; LSO|426|LS|Lesotho|5|LMIC|45; LTU|440|LT|Lithuania|2|HIC|27;
LUX|442|LU|Luxembourg|2|HIC|1; LVA|428|LV|Latvia|2|HIC|23;
MAC|446|MO|China (Macau, S.A.R., P.R.C.)|1|HIC|1; MAR|504|MA|Morocco|3|LMIC|76;
MDA|498|MD|Moldova|2|LMIC|46; MDG|450|MG|Madagascar|5|LIC|54; MDV|462|MV|Maldives|4|UMIC|9;
MEN|1020||Middle East Region|3||72; MEX|484|MX|Mexico|6|UMIC|84; MHL|584|MH|Marshall Islands|1|UMIC|49;
MKD|807|MK|North Macedonia|2|UMIC|35; MLI|466|ML|Mali|5|LIC|72; MLT|470|MT|Malta|2|HIC|11;
MMR|104|MM|Burma (Myanmar)|1|LMIC|53; MNA|1021||North Africa Region|3||13;
MNE|499|ME|Montenegro|2|UMIC|23; MNG|496|MN|Mongolia|1|LMIC|36;
MNS|1022||Middle East and North Africa Region|3||97; MOZ|508|MZ|Mozambique|5|LIC|101;
MRT|478|MR|Mauritania|5|LMIC|29; MSR|500|MS|Montserrat|6||1; MTQ|474|MQ|Martinique|6||1;
MUS|480|MU|Mauritius|5|UMIC|10; MWI|454|MW|Malawi|5|LIC|80; MYS|458|MY|Malaysia|1|UMIC|29;
NAM|516|NA|Namibia|5|UMIC|44; NAN|1023||North America Region|6||4; NCL|540|NC|New Caledonia|1|HIC|1;
NCN|1024||North and Central America Region|6||10; NER|562|NE|Niger|5|LIC|62;
NGA|566|NG|Nigeria|5|LMIC|117; NIC|558|NI|Nicaragua|6|LMIC|52; NLD|528|NL|Netherlands|2|HIC|48;
NOR|578|NO|Norway|2|HIC|35; NPL|524|NP|Nepal|4|LIC|63; NRU|520|NR|Nauru|1|UMIC|1;
NULL|1025||Berlin, West|2||11; NULL|1026||Czechoslovakia (former)|2||14;
NULL|1027||Germany (former East)|2||1; NULL|1028||Soviet Union (former)|2||13;
NULL|1029||Vietnam (former South)|1||154; NULL|1030||Yemen (former P.D.R.)|3||2;
NZL|554|NZ|New Zealand|1|HIC|3; OCN|1031||Oceania Region|1||40; OMN|512|OM|Oman|3|HIC|29;
PAK|586|PK|Pakistan|4|LMIC|174; PAN|591|PA|Panama|6|HIC|43; PER|604|PE|Peru|6|UMIC|88;
PHL|608|PH|Philippines|1|LMIC|118; PIT|1032||Pacific Island Trust Territory|1||2;
PLW|585|PW|Palau|1|HIC|30; PNG|598|PG|Papua New Guinea|1|LMIC|17; POL|616|PL|Poland|2|HIC|80;
PRK|408|KP|Korea, Democratic Republic of|1|LIC|29; PRT|620|PT|Portugal|2|HIC|55;
PRY|600|PY|Paraguay|6|UMIC|29; PSE|275|PS|West Bank and Gaza|3|LMIC|97;
PYF|258|PF|French Polynesia|1|HIC|1; QAT|634|QA|Qatar|3|HIC|3; ROU|642|RO|Romania|2|UMIC|39;
RUS|643|RU|Russia|2|UMIC|137; RWA|646|RW|Rwanda|5|LIC|67; SAG|1033||Southern Africa Region|5||37;
SAN|1034||Southern Asia Region|4||31; SAU|682|SA|Saudi Arabia|3|HIC|18;
SCG|891|CS|Serbia and Montenegro (former)|2||57; SCN|1035||South and Central Asia Region|4||53;
SDF|736||Sudan (former)|5||102; SDN|729|SD|Sudan|5|LMIC|72; SEA|1036||South East Asia Region|4||16;
SEN|686|SN|Senegal|5|LMIC|71; SGP|702|SG|Singapore|1|HIC|7; SLB|90|SB|Solomon Islands|1|LMIC|9;
SLE|694|SL|Sierra Leone|5|LIC|40; SLV|222|SV|El Salvador|6|LMIC|88; SMN|1037||South America Region|6||20;
SOM|706|SO|Somalia|5|LIC|106; SRB|688|RS|Serbia|2|UMIC|38; SSD|728|SS|South Sudan|5|LIC|103;
SSN|1038||Sub-Saharan Africa Region|5||143; STP|678|ST|Sao Tome and Principe|5|LMIC|6;
SUR|740|SR|Suriname|6|UMIC|8; SVK|703|SK|Slovak Republic|2|HIC|22; SVN|705|SI|Slovenia|2|HIC|12;
SWE|752|SE|Sweden|2|HIC|11; SWZ|748|SZ|Eswatini|5|LMIC|32; SYC|690|SC|Seychelles|5|HIC|7;
SYR|760|SY|Syria|3|LIC|101; TCA|796|TC|Turks and Caicos Islands|6|HIC|1; TCD|148|TD|Chad|5|LIC|56;
TGO|768|TG|Togo|5|LIC|23; THA|764|TH|Thailand|1|UMIC|71; TIB|1039||China (Tibet)|1||3;
TJK|762|TJ|Tajikistan|4|LIC|41; TKM|795|TM|Turkmenistan|4|UMIC|18; TLS|626|TL|Timor-Leste|1|LMIC|28;
TON|776|TO|Tonga|1|UMIC|6; TTO|780|TT|Trinidad and Tobago|6|HIC|10; TUN|788|TN|Tunisia|3|LMIC|67;
TUR|792|TR|Turkey|2|UMIC|141; TUV|798|TV|Tuvalu|1|UMIC|1; TWN|158|TW|Taiwan|1|HIC|92;
TZA|834|TZ|Tanzania|5|LIC|105; UGA|800|UG|Uganda|5|LIC|111; UKR|804|UA|Ukraine|2|LMIC|256;
URY|858|UY|Uruguay|6|HIC|19; UZB|860|UZ|Uzbekistan|4|LMIC|37;
VCT|670|VC|St. Vincent and Grenadines|6|UMIC|4; VEN|862|VE|Venezuela|6|UMIC|41;
VGB|92|VG|British Virgin Islands|6|HIC|1; VNM|704|VN|Vietnam|1|LMIC|55; VUT|548|VU|Vanuatu|1|LMIC|11;
WAN|1040||West Africa Region|5||53; WEC|1041||Western Europe Region|2||33;
WHN|1042||Western Hemisphere Region|6||35; WLD|1043||World|7||552; WSM|882|WS|Samoa|1|UMIC|7;
YEM|887|YE|Yemen|3|LIC|96; YUF|890|YU|Yugoslavia (former)|2||1; ZAF|710|ZA|South Africa|5|UMIC|106;
ZMB|894|ZM|Zambia|5|LMIC|89; ZWE|716|ZW|Zimbabwe|5|LMIC|73
"""


@functools.cache
def places() -> tuple[Place, ...]:
    """Return every recipient in the order of the publisher's files: by code."""
    told = (line.split("|") for line in _PLACES.replace("\n", " ").strip().split("; "))
    return tuple(
        Place(
            code=code,
            number=int(number),
            alpha2=alpha2,
            name=name,
            region=int(region),
            income=income,
            weight=int(weight),
        )
        for code, number, alpha2, name, region, income, weight in told
    )


@functools.cache
def countries() -> tuple[Place, ...]:
    """Return the recipients that are countries today."""
    return tuple(one for one in places() if one.alpha2 and not one.former)
