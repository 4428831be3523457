"""Which of ForeignAssistance.gov's files a header belongs to, and which column is which.

Headers change between releases: snake case in 2021, title case since 2023, quoted or not, other names in the
Foreign Aid Explorer before, and typing errors in the site's own export and in public copies. So columns are
matched by plain name, with aliases, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ayni.sources.contract import Header

# How a plain name that is printed somewhere is called here.
ALIASES = {
    "current_dollar_amount": "current_amount",
    "constant_dollar_amount": "constant_amount",
    # The site's own filtered export, since 2021; and a public copy of the country summary, 2023.
    "funding_acount_id": "funding_account_id",
    "income_roup": "income_group_acronym",
    # The Foreign Aid Explorer, before ForeignAssistance.gov took over in 2021.
    "implementing_agency_id": "managing_agency_id",
    "implementing_agency_acronym": "managing_agency_acronym",
    "implementing_agency_name": "managing_agency_name",
    "implementing_subagency_id": "managing_sub_agency_or_bureau_id",
    "implementing_subagency_acronym": "managing_sub_agency_or_bureau_acronym",
    "implementing_subagency_name": "managing_sub_agency_or_bureau_name",
    "channel_category_id": "implementing_partner_category_id",
    "channel_category_name": "implementing_partner_category_name",
    "channel_subcategory_id": "implementing_partner_sub_category_id",
    "channel_subcategory_name": "implementing_partner_sub_category_name",
    "channel_id": "implementing_partner_id",
    "channel_name": "implementing_partner_name",
    "dac_category_id": "international_category_id",
    "dac_category_name": "international_category_name",
    "dac_sector_code": "international_sector_code",
    "dac_sector_name": "international_sector_name",
    "dac_purpose_code": "international_purpose_code",
    "dac_purpose_name": "international_purpose_name",
    "assistance_category_id": "foreign_assistance_objective_id",
    "assistance_category_name": "foreign_assistance_objective_name",
    "usg_category_id": "us_category_id",
    "usg_category_name": "us_category_name",
    "usg_sector_id": "us_sector_id",
    "usg_sector_name": "us_sector_name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One of the publisher's files.

    Attributes
    ----------
    dataset : str
        Its key.
    title : str
        What the publisher calls it.
    verified : bool
        Whether a real copy was at hand when this was written.
    any_of : tuple of str
        Columns of which it has at least one, and the files below it in `FILES` none.
    """

    dataset: str
    title: str
    verified: bool
    any_of: tuple[str, ...]


# From the most detailed to the least: the first whose columns are there is the file.
FILES = (
    File(
        dataset="fagov-budget",
        title="us_foreign_budget_complete: budget lines",
        verified=False,
        any_of=("oco_flag", "operating_unit"),
    ),
    File(
        dataset="fagov-complete",
        title="us_foreign_aid_complete: every transaction",
        verified=False,
        any_of=("activity_id", "activity_name", "transaction_date"),
    ),
    File(
        dataset="fagov-sector",
        title="us_foreign_aid_usg_sector: by recipient and US sector",
        verified=True,
        any_of=("us_sector_id", "us_sector_name"),
    ),
    File(
        dataset="fagov-dac-sector",
        title="us_foreign_aid_dac_sector: by DAC sector, all recipients together",
        verified=False,
        any_of=("international_sector_code", "international_purpose_code", "international_sector_name"),
    ),
    File(
        dataset="fagov-funding",
        title="us_foreign_aid_funding: by recipient and funding account",
        verified=False,
        any_of=("funding_account_id", "funding_account_name"),
    ),
    File(
        dataset="fagov-implementing",
        title="us_foreign_aid_implementing: by recipient and managing agency",
        verified=False,
        any_of=("managing_agency_id", "managing_agency_name", "managing_agency_acronym"),
    ),
    File(
        dataset="fagov-country",
        title="us_foreign_aid_country: by recipient",
        verified=True,
        any_of=("country_code", "country_name"),
    ),
)

# What each of them has.
_STAGE = ("transaction_type_id", "transaction_type_name")
_RECIPIENT = ("country_code", "country_name")
_WITHOUT_RECIPIENT = "fagov-dac-sector"

# What a flow says: these are not repeated among the details. Names that become a key stay there as printed.
CARRIED = frozenset(
    (
        *("country_code", "fiscal_year", *_STAGE, "current_amount", "constant_amount"),
        *("international_purpose_code", "us_category_id", "us_sector_id", "aid_type_id"),
        *("implementing_partner_name", "activity_id", "transaction_date"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A file's columns.

    Attributes
    ----------
    file : File
        Which of the publisher's files.
    columns : dict of str to str
        Our name of each column to the file's own plain name.
    """

    file: File
    columns: dict[str, str]

    def first(self, *names: str) -> str:
        """Return the file's own name of the first of these columns that it has; empty if none."""
        return next((self.columns[name] for name in names if name in self.columns), "")

    def details(self) -> Iterator[tuple[str, str]]:
        """Yield our name and the file's own of each column that a flow does not carry."""
        return ((name, own) for name, own in self.columns.items() if name not in CARRIED)


def printed(header: Header) -> Printed | None:
    """Return what a header's columns are; None if it is none of the publisher's."""
    columns: dict[str, str] = {}
    for own in header.columns:
        # A file with a column and its alias keeps both, the alias under its own name.
        name = ALIASES.get(own, own)
        columns[own if name in columns else name] = own
    if not {"fiscal_year", "current_amount"} <= columns.keys() or not _any(_STAGE, columns):
        return None
    file = next((one for one in FILES if _any(one.any_of, columns)), None)
    if file is None or not (_any(_RECIPIENT, columns) or file.dataset == _WITHOUT_RECIPIENT):
        return None
    return Printed(file=file, columns=columns)


def _any(names: tuple[str, ...], columns: dict[str, str]) -> bool:
    return any(name in columns for name in names)
