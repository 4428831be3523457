"""Every oddity of the publishers' files that made files have, with the kinds of file that have it.

The names are those of `Truth.quirks` where an oddity can be counted. A test looks for each in the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPLETE, COUNTRY, GREENBOOK = "fagov-complete", "fagov-country", "greenbook"
CRS, DAC1, DAC2A = "oecd-crs", "oecd-dac1", "oecd-dac2a"
USAID, BANK, PARTNER = "iati-usaid", "iati-bank", "iati-partner"
WDI, UNHCR = "wdi", "unhcr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirk:
    """An oddity.

    Attributes
    ----------
    key : str
    kinds : tuple of str
        Which files have it.
    told : str
        What it is, in a sentence.
    """

    key: str
    kinds: tuple[str, ...]
    told: str


def _quirk(key: str, told: str, *kinds: str) -> Quirk:
    return Quirk(key=key, kinds=kinds, told=told)


QUIRKS = (
    _quirk("negative", "Amounts below nought: de-obligations and corrections.", COMPLETE, COUNTRY, GREENBOOK),
    _quirk("transition-quarter", "The quarter of 1976 is a year of its own, 1976tq.", COMPLETE, COUNTRY),
    _quirk("quarter-as-fraction", "The quarter of 1976 is the year 1976.9.", GREENBOOK),
    _quirk("no-date", "No date before fiscal year 2002: the word NULL.", COMPLETE),
    _quirk("null-and-empty", "Missing values are the word NULL or nothing at all.", COMPLETE),
    _quirk("before-2001", "Before 2001 only obligations, without purpose or partner.", COMPLETE),
    _quirk("region", "Regions and the world as recipients, with codes like a country's.", COMPLETE, COUNTRY),
    _quirk("region-collides", "SSN is Sub-Saharan Africa; South Sudan is SSD.", COMPLETE, COUNTRY),
    _quirk("former-state", "States that are no more, with codes not in ISO.", COMPLETE, COUNTRY),
    _quirk("null-code", "Recipients without a code: the word NULL.", COMPLETE, COUNTRY),
    _quirk("code-with-hyphen", "Kosovo is CS-KM.", COMPLETE, COUNTRY),
    _quirk("two-bases", "Two price bases in one column, one for the budget's types.", COMPLETE, COUNTRY),
    _quirk("mixed-header", "52 columns in one style of header and four in another.", COMPLETE),
    _quirk("doubled-quote", "Quotes inside cells, doubled.", COMPLETE),
    _quirk("newline-in-cell", "Line breaks inside cells.", COMPLETE),
    _quirk("accent", "Letters beyond ASCII.", COMPLETE),
    _quirk("comma-in-name", "Names of recipients with commas, quoted.", COMPLETE, COUNTRY),
    _quirk("no-bureau", "999 where there is no bureau.", COMPLETE),
    _quirk("other-funder", "The agency that funds is not the one that manages.", COMPLETE),
    _quirk("no-key", "Rows that differ in nothing but the amount.", COMPLETE),
    _quirk("quarter-ends", "Agencies that report on the last day of a quarter only.", COMPLETE),
    _quirk("two-date-formats", "Dates like 01SEP2024 of transactions, ISO dates of activities.", COMPLETE),
    _quirk("budget-type", "Appropriations and requests between obligations.", COMPLETE, COUNTRY),
    _quirk("junk-columns", "Three columns without meaning, the last named ilte=.", COUNTRY),
    _quirk("retyped-header", "A header typed anew, with income_roup.", COUNTRY),
    _quirk("snake-header", "The header of 2021 in snake case.", COUNTRY, COMPLETE),
    _quirk("quoted-header", "The header quoted, the rows not.", COUNTRY, COMPLETE),
    _quirk("website-export", "The site's export: another order, and Funding Acount ID.", COMPLETE),
    _quirk("later-grows", "The last years grow from release to release.", COUNTRY),
    _quirk("rounding-drifts", "Old years differ by a few dollars between releases.", COUNTRY),
    _quirk("base-moves", "The price base moves between releases.", COUNTRY),
    _quirk("allocations", "Older releases know Initial Allocations.", COUNTRY),
    _quirk("banner", "Five lines and an empty one above the header.", GREENBOOK),
    _quirk("inactive", "Closed programmes, marked INACTIVE.", GREENBOOK),
    _quirk("adjustment", "Accounts that only take back.", GREENBOOK),
    _quirk("name-not-code", "Recipients by name only, regions by other names.", GREENBOOK),
    _quirk("separators", "Comma, pipe, tab or semicolon.", CRS),
    _quirk("column-fashions", "Columns under three sets of names.", CRS),
    _quirk("millions", "Amounts in millions, with six decimals.", CRS),
    _quirk("since-2018", "Grant equivalents from 2018 only.", CRS, DAC1),
    _quirk("dac-codes", "Codes of its own: 302 is the United States.", CRS, DAC1, DAC2A),
    _quirk("negative-net", "Net flows below nought where loans are repaid.", DAC2A),
    _quirk("group-of-donors", "Rows for groups that repeat their members.", DAC1, DAC2A),
    _quirk("amount-types", "Current and constant amounts in one column.", DAC1, DAC2A),
    _quirk("two-vocabularies", "Each transaction's sector twice.", USAID),
    _quirk("foreign-namespace", "Elements of a namespace of its own.", USAID),
    _quirk("default-currency", "No currency on values.", USAID, BANK),
    _quirk("activity-shares", "Sectors and recipients of the activity, with percentages.", BANK),
    _quirk("themes-over-100", "Percentages of vocabulary 98 that add up to more than 100.", BANK),
    _quirk("budget", "Budgets beside transactions.", BANK, PARTNER),
    _quirk("interest-and-repayment", "Interest and repayments below nought.", BANK),
    _quirk("secondary-reporter", "Reports on another's activity.", PARTNER),
    _quirk("child", "Parents and children.", PARTNER),
    _quirk("clusters", "Humanitarian clusters, vocabulary 10.", PARTNER),
    _quirk("other-currency", "A value in another currency than the default.", PARTNER),
    _quirk("no-vocabulary", "Sectors without vocabulary, which means the OECD's.", PARTNER),
    _quirk("incoming", "Incoming funds: the other side of somebody's disbursement.", PARTNER),
    _quirk("restated-rate", "An exchange rate of 0 before 1985.", WDI),
    _quirk("noise", "Values with the noise of a computer's fractions.", WDI),
    _quirk("groups", "Groups of countries with codes like countries.", WDI),
    _quirk("redacted", "An asterisk for 1 to 4 persons.", UNHCR),
    _quirk("no-origin", "A dash for all origins together.", UNHCR),
    _quirk("own-code", "Codes that look like ISO's: GFR is Germany.", UNHCR),
)
