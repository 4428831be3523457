"""Names of places as UNHCR prints them, with their ISO code: its tables of before 2019 print names only.

``UNK`` (unknown), ``XXA`` (stateless) and ``TIB`` (Tibetan) are UNHCR's own. What a name says of Kosovo is
counted under Serbia, as UNHCR does.
"""

from __future__ import annotations

# Code and name; from the tables of 2025-12, and the older names of the same places.
_NAMES = """
ABW Aruba|AFG Afghanistan|AGO Angola|AIA Anguilla|ALB Albania|AND Andorra|ARE United Arab Emirates|
ARG Argentina|ARM Armenia|ATG Antigua and Barbuda|AUS Australia|AUT Austria|AZE Azerbaijan|BDI Burundi|
BEL Belgium|BEN Benin|BFA Burkina Faso|BGD Bangladesh|BGR Bulgaria|BHR Bahrain|BHS Bahamas|
BIH Bosnia and Herzegovina|BLR Belarus|BLZ Belize|BMU Bermuda|BOL Bolivia (Plurinational State of)|
BRA Brazil|BRB Barbados|BRN Brunei Darussalam|BTN Bhutan|BWA Botswana|CAF Central African Rep.|
CAF Central African Republic|CAN Canada|CHE Switzerland|CHL Chile|CHN China|CIV Cote d'Ivoire|
CIV Côte d'Ivoire|CMR Cameroon|COD Dem. Rep. of the Congo|COD Democratic Republic of the Congo|COG Congo|
COK Cook Islands|COL Colombia|COM Comoros|CPV Cabo Verde|CPV Cape Verde|CRI Costa Rica|CUB Cuba|
CUW Curacao|CUW Curaçao|CYM Cayman Islands|CYP Cyprus|CZE Czech Rep.|CZE Czech Republic|CZE Czechia|
DEU Germany|DJI Djibouti|DMA Dominica|DNK Denmark|DOM Dominican Rep.|DOM Dominican Republic|DZA Algeria|
ECU Ecuador|EGY Egypt|ERI Eritrea|ESH Western Sahara|ESP Spain|EST Estonia|ETH Ethiopia|FIN Finland|
FJI Fiji|FRA France|FSM Micronesia (Federated States of)|GAB Gabon|GBR United Kingdom|
GBR United Kingdom of Great Britain and Northern Ireland|GEO Georgia|GHA Ghana|GIB Gibraltar|GIN Guinea|
GLP Guadeloupe|GMB Gambia|GNB Guinea-Bissau|GNQ Equatorial Guinea|GRC Greece|GRD Grenada|GTM Guatemala|
GUF French Guiana|GUY Guyana|HKG China, Hong Kong SAR|HND Honduras|HRV Croatia|HTI Haiti|HUN Hungary|
IDN Indonesia|IND India|IRL Ireland|IRN Iran (Islamic Rep. of)|IRN Iran (Islamic Republic of)|IRQ Iraq|
ISL Iceland|ISR Israel|ITA Italy|JAM Jamaica|JOR Jordan|JPN Japan|KAZ Kazakhstan|KEN Kenya|
KGZ Kyrgyzstan|KHM Cambodia|KIR Kiribati|KNA Saint Kitts and Nevis|KOR Rep. of Korea|
KOR Republic of Korea|KWT Kuwait|LAO Lao People's Dem. Rep.|LAO Lao People's Democratic Republic|
LBN Lebanon|LBR Liberia|LBY Libya|LBY Libyan Arab Jamahiriya|LCA Saint Lucia|LIE Liechtenstein|
LKA Sri Lanka|LSO Lesotho|LTU Lithuania|LUX Luxembourg|LVA Latvia|MAC China, Macao SAR|MAR Morocco|
MCO Monaco|MDA Rep. of Moldova|MDA Republic of Moldova|MDG Madagascar|MDV Maldives|MEX Mexico|
MHL Marshall Islands|MKD North Macedonia|MKD The former Yugoslav Rep. of Macedonia|
MKD The former Yugoslav Republic of Macedonia|MLI Mali|MLT Malta|MMR Burma|MMR Myanmar|MNE Montenegro|
MNG Mongolia|MOZ Mozambique|MRT Mauritania|MSR Montserrat|MTQ Martinique|MUS Mauritius|MWI Malawi|
MYS Malaysia|NAM Namibia|NCL New Caledonia|NER Niger|NFK Norfolk Island|NGA Nigeria|NIC Nicaragua|
NIU Niue|NLD Netherlands|NLD Netherlands (Kingdom of the)|NOR Norway|NPL Nepal|NRU Nauru|NZL New Zealand|
OMN Oman|PAK Pakistan|PAN Panama|PER Peru|PHL Philippines|PLW Palau|PNG Papua New Guinea|POL Poland|
PRI Puerto Rico|PRK Dem. People's Rep. of Korea|PRK Democratic People's Republic of Korea|PRT Portugal|
PRY Paraguay|PSE Palestinian|PSE Palestinian Territory, Occupied|PSE State of Palestine|
PYF French Polynesia|QAT Qatar|ROU Romania|RUS Russian Federation|RWA Rwanda|SAU Saudi Arabia|SDN Sudan|
SEN Senegal|SGP Singapore|SLB Solomon Islands|SLE Sierra Leone|SLV El Salvador|SMR San Marino|
SOM Somalia|SPM Saint Pierre and Miquelon|SRB Serbia (and Kosovo: S/RES/1244 (1999))|
SRB Serbia and Kosovo: S/RES/1244 (1999)|SSD South Sudan|STP Sao Tome and Principe|SUR Suriname|
SVK Slovakia|SVN Slovenia|SWE Sweden|SWZ Eswatini|SWZ Swaziland|SXM Sint Maarten (Dutch part)|
SYC Seychelles|SYR Syrian Arab Rep.|SYR Syrian Arab Republic|TCA Turks and Caicos Islands|TCD Chad|
TGO Togo|THA Thailand|TIB Tibetan|TJK Tajikistan|TKM Turkmenistan|TLS Timor-Leste|TON Tonga|
TTO Trinidad and Tobago|TUN Tunisia|TUR Turkey|TUR Türkiye|TUV Tuvalu|TZA United Rep. of Tanzania|
TZA United Republic of Tanzania|UGA Uganda|UKR Ukraine|UNK Unknown|UNK Various / unknown|
UNK Various/Unknown|URY Uruguay|USA United States of America|UZB Uzbekistan|VAT Holy See|
VCT Saint Vincent and the Grenadines|VEN Venezuela (Bolivarian Republic of)|VGB British Virgin Islands|
VNM Viet Nam|VUT Vanuatu|WSM Samoa|XXA Stateless|YEM Yemen|ZAF South Africa|ZMB Zambia|ZWE Zimbabwe
"""

CODE_OF_NAME: dict[str, str] = {entry[4:].lower(): entry[:3] for entry in _NAMES.replace("\n", "").split("|")}
