"""IATI activity files in the three styles that matter for money.

``usaid``: sector and recipient stand on each transaction, the sector twice (vocabularies 1 and 99), with the
elements of a foreign namespace between. ``bank``: sectors and recipients stand on the activity with
percentages (vocabularies 1, 98 and 99; those of 98 may add up to more than 100), there are budgets by the
month, interest and repayments. ``partner``: who spends another's money: incoming funds, expenditure, its own
currency, parents and children, humanitarian clusters, a secondary reporter, an older version of the standard.

>>> from tests.made.iati import Iati, iati_xml
>>> made = iati_xml(Iati(rows=60, style="bank"))
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

import numpy as np

from tests.made.draw import Ints, below, chance
from tests.made.draw import amounts as drawn_amounts
from tests.made.places import countries
from tests.made.purposes import purposes
from tests.made.truth import Made, Tally, Truth, in_memory
from tests.made.us_lists import accounts, partners, us_sectors
from tests.made.words import sentences, titles

STYLES = ("usaid", "bank", "partner")
VERSIONS = ("2.01", "2.02", "2.03")
KEYS = ("stage", "year", "recipient", "currency")
REGIONS = ("298", "498", "679", "798")
_BLOCK = 12  # transactions; two activities
_BATCH = 400  # blocks at a time
_EPOCH = dt.date(2008, 1, 1)
_SPAN = 6_000  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Iati:
    """A file to make.

    Attributes
    ----------
    rows : int
        Transactions; budgets come on top.
    seed : int
    style : str
        One of `STYLES`.
    version : str
        Of the standard, as the root says; one of `VERSIONS`, or any text for a file that lies.
    country : str
        ISO alpha-2 of the only recipient; empty for several.
    """

    rows: int
    seed: int = 1
    style: str = "usaid"
    version: str = "2.03"
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A transaction before it is written.

    Attributes
    ----------
    number : int
        Position in the file, from 0.
    drawn : int
        For whatever else it needs.
    date : str
        ISO.
    cents : int
    """

    number: int
    drawn: int
    date: str
    cents: int


def iati_xml(wish: Iati) -> Made:
    """Return a file."""
    return in_memory(write_iati, wish)


def write_iati(wish: Iati, out: BinaryIO) -> Truth:
    """Write a file, activity by activity, and return what it holds, in hundredths of each currency."""
    if wish.style not in STYLES:
        raise ValueError(f"style {wish.style!r}: expected one of {', '.join(STYLES)}")
    tally = Tally()
    space = ' xmlns:usg="https://explorer.usaid.gov"' if wish.style == "usaid" else ""
    first = '<?xml version="1.0" encoding="UTF-8"?>\n' if wish.style == "partner" else ""
    stamp = "2025-04-03T20:52:13.509Z"
    out.write(
        f'{first}<iati-activities{space} generated-datetime="{stamp}" version="{wish.version}">\n'.encode()
    )
    write = {"usaid": _usaid, "bank": _bank, "partner": _partner}[wish.style]
    for number, paid in _activities(wish):
        out.write(write(wish, tally, number, paid).encode())
        tally.quirks["activity"] += 1
    out.write(b"</iati-activities>\n")
    return tally.told("iati", KEYS, "0.01", {"style": wish.style, "version": wish.version})


def _activities(wish: Iati) -> Iterator[tuple[int, list[Paid]]]:
    """Yield each activity's number and transactions, in the order of their dates."""
    for start in range(0, wish.rows, _BLOCK * _BATCH):
        row: Ints = np.arange(start, min(wish.rows, start + _BLOCK * _BATCH), dtype=np.int64)
        block, offset = row // _BLOCK, row % _BLOCK
        first = 1 + below(wish.seed, "iati split", block, _BLOCK - 1)
        activity = 2 * block + (offset >= first)
        begin = below(wish.seed, "iati begin", activity, _SPAN - 800)
        day = begin + 60 * (offset % 12) + below(wish.seed, "iati day", row, 30)
        cents = drawn_amounts(wish.seed, "iati", row) * 100 + below(wish.seed, "iati cents", row, 4) * 25
        cents = np.where(chance(wish.seed, "iati negative", row, 200_000), -cents, cents)
        drawn = below(wish.seed, "iati rest", row, 1 << 31)
        found: list[Paid] = []
        last = int(activity[0])
        for n, a, when, money, rest in zip(
            row.tolist(), activity.tolist(), day.tolist(), cents.tolist(), drawn.tolist(), strict=True
        ):
            if a != last:
                yield last, found
                found, last = [], a
            found.append(Paid(number=n, drawn=rest, date=_date(when), cents=money))
        yield last, found


def _date(day: int) -> str:
    return (_EPOCH + dt.timedelta(days=day)).isoformat()


def _money(cents: int, *, whole: bool = False) -> str:
    sign = "-" if cents < 0 else ""
    text = f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
    return text[:-3] if whole else text


def _add(tally: Tally, stage: str, date: str, cents: int, recipient: str, currency: str) -> None:
    tally.rows += 1
    tally.add((stage, date[:4], recipient, currency), cents)
    tally.quirks["negative"] += cents < 0


def _recipient(wish: Iati, drawn: int) -> tuple[str, str]:
    """Return a recipient's element and its code: a country, or one time in four a region."""
    if wish.country:
        return f'<recipient-country code="{wish.country}"/>', wish.country
    if drawn % 4 == 0:
        code = REGIONS[drawn // 4 % len(REGIONS)]
        return f'<recipient-region code="{code}"/>', code
    code = countries()[drawn // 4 % len(countries())].alpha2
    return f'<recipient-country code="{code}"/>', code


def _title(n: int) -> str:
    return escape(titles()[n % len(titles())])


def _sentence(n: int) -> str:
    return escape(sentences()[n % len(sentences())])


# --- USAID ---------------------------------------------------------------------------------------


def _usaid(wish: Iati, tally: Tally, number: int, paid: list[Paid]) -> str:
    partner = escape(partners()[(number * 37 + wish.seed) % len(partners())][-1])
    head = f"""  <iati-activity default-currency="USD" hierarchy="1" \
last-updated-datetime="2025-04-03T20:52:13.509Z" xml:lang="en">
    <iati-identifier>US-GOV-1-AID-{number:08d}</iati-identifier>
    <reporting-org ref="US-GOV-1" type="10">
      <narrative>U.S. Agency for International Development</narrative>
    </reporting-org>
    <title>
      <narrative xml:lang="en">{_title(number * 7)}</narrative>
      <narrative xml:lang="es">Protección, Asistencia y Soluciones</narrative>
    </title>
    <description>
      <narrative xml:lang="en">{_sentence(number * 5)} {_sentence(number * 11 + 3)}</narrative>
    </description>
    <participating-org ref="US-GOV-1" role="1" type="10"/>
    <participating-org ref="US-GOV-1" role="2" type="10"/>
    <participating-org ref="US-GOV-1" role="3" type="10"/>
    <participating-org role="4" type="21">
      <narrative>{partner}</narrative>
    </participating-org>
    <activity-status code="3"/>
    <activity-date iso-date="{paid[0].date}" type="2"/>
    <activity-date iso-date="{paid[-1].date}" type="4"/>
    <activity-scope code="2"/>
    <collaboration-type code="1"/>
    <default-flow-type code="10"/>
    <default-finance-type code="110"/>
    <default-aid-type code="C01"/>
    <default-tied-status code="4"/>
"""
    rows = [_usaid_row(wish, tally, one, partner) for one in paid]
    tail = """    <conditions attached="0"/>
    <usg:mechanism-signing-date iso-date="2024-10-01"/>
    <usg:state-location>
      <narrative/>
    </usg:state-location>
  </iati-activity>
"""
    return head + "".join(rows) + tail


def _usaid_row(wish: Iati, tally: Tally, one: Paid, partner: str) -> str:
    kind = "2" if one.drawn % 100 < 35 else "3"
    element, recipient = _recipient(wish, one.drawn)
    purpose = purposes()[one.drawn // 7 % len(purposes())]
    sector = us_sectors()[one.drawn // 11 % len(us_sectors())]
    account = accounts()[one.drawn // 13 % len(accounts())]
    humanitarian = one.drawn % 17 == 0
    _add(tally, f"type-{kind}", one.date, one.cents, recipient, "USD")
    tally.quirks["two-vocabularies"] += 1
    tally.quirks["humanitarian"] += humanitarian
    mark = ' humanitarian="1"' if humanitarian else ""
    return f"""    <transaction ref="{one.drawn:08X}{one.number % 65536:04X}"{mark}>
      <transaction-type code="{kind}"/>
      <transaction-date iso-date="{one.date}"/>
      <value value-date="{one.date}">{_money(one.cents)}</value>
      <receiver-org receiver-activity-id="US-GOV-1" type="21">
        <narrative>{partner}</narrative>
      </receiver-org>
      <disbursement-channel code="2"/>
      <sector code="{purpose.code}" vocabulary="1">
        <narrative>{escape(purpose.name)}</narrative>
      </sector>
      <sector code="{int(sector[0])}0{int(sector[2]):02d}" vocabulary="99">
        <narrative>{escape(sector[3])}</narrative>
      </sector>
      {element}
      <usg:treasury-account>
        <usg:regular-account code="{account.symbol[:2]}.0"/>
        <usg:main-account code="{account.symbol[3:7]}.0">{escape(account.name)}</usg:main-account>
        <usg:fiscal-funding-year begin="{one.date[:4]}" end="{int(one.date[:4]) + 1}"/>
      </usg:treasury-account>
    </transaction>
"""


# --- World Bank ----------------------------------------------------------------------------------

_BANK_KINDS = ("2", *["3"] * 7, *["5"] * 2, "6")


def _bank(wish: Iati, tally: Tally, number: int, paid: list[Paid]) -> str:
    drawn = paid[0].drawn
    recipients = _shared_recipients(wish, tally, drawn)
    head = f"""\t<iati-activity xml:lang="en" default-currency="USD" \
last-updated-datetime="2025-04-13T23:57:23" hierarchy="1">
\t\t<iati-identifier>44000-P{100_000 + number}</iati-identifier>
\t\t<reporting-org ref="44000" type="40">
\t\t\t<narrative xml:lang="en">World Bank</narrative>
\t\t</reporting-org>
\t\t<title xml:lang="en">
\t\t\t<narrative>{_title(number * 3)}</narrative>
\t\t</title>
\t\t<description type="1" xml:lang="en">
\t\t\t<narrative><![CDATA[{sentences()[drawn % len(sentences())]} Costs & benefits < 1.]]></narrative>
\t\t</description>
\t\t<participating-org role="1" ref="44002" type="40" xml:lang="en">
\t\t\t<narrative>International Development Association</narrative>
\t\t</participating-org>
\t\t<activity-status code="2" />
\t\t<activity-date type="2" iso-date="{paid[0].date}">
\t\t\t<narrative>Actual start date of the activity</narrative>
\t\t</activity-date>
{recipients}{_shared_sectors(tally, drawn)}\t\t<default-flow-type code="10" />
\t\t<default-finance-type code="421" />
\t\t<default-tied-status code="5" />
"""
    budgets = "".join(_bank_budget(tally, paid[0], month) for month in range(24))
    rows = "".join(_bank_row(tally, one) for one in paid)
    return head + budgets + rows + "\t</iati-activity>\n"


def _shared_recipients(wish: Iati, tally: Tally, drawn: int) -> str:
    if wish.country:
        told = [("country", wish.country, 100)]
    elif drawn % 3 == 0:
        told = [("region", REGIONS[drawn // 3 % len(REGIONS)], 100)]
    else:
        tally.quirks["shared-recipients"] += 1
        first, second = drawn // 3 % len(countries()), (drawn // 3 + 41) % len(countries())
        told = [("country", countries()[first].alpha2, 60), ("country", countries()[second].alpha2, 40)]
    return "".join(
        f'\t\t<recipient-{kind} code="{code}" percentage="{share}"{_vocabulary(kind)} />\n'
        for kind, code, share in told
    )


def _vocabulary(kind: str) -> str:
    return ' vocabulary="1"' if kind == "region" else ""


def _shared_sectors(tally: Tally, drawn: int) -> str:
    first, second = purposes()[drawn % len(purposes())], purposes()[(drawn + 97) % len(purposes())]
    told = [("1", first.code, "60"), ("1", second.code, "40")]
    if drawn % 5 == 0:
        told = [("1", first.code, "100")]
    told += [("99", "LT", "33.333333"), ("99", "BC", "66.666667")]
    themes = [("98", f"0000{code}", share) for code, share in ((25, "50"), (72, "40"), (81, "20"))]
    if drawn % 7 == 0:
        themes = [("98", "000025", "100")]
    tally.quirks["themes-over-100"] += len(themes) > 1
    return "".join(
        f'\t\t<sector vocabulary="{vocabulary}" code="{code}" percentage="{share}" xml:lang="en"/>\n'
        for vocabulary, code, share in told + themes
    )


def _bank_budget(tally: Tally, first: Paid, month: int) -> str:
    year, of_year = int(first.date[:4]) + month // 12, month % 12 + 1
    end = dt.date(year + of_year // 12, of_year % 12 + 1, 1) - dt.timedelta(days=1)
    cents = 0 if month % 3 else abs(first.cents) // 8
    _add(tally, "budget-1", str(year), cents, "", "USD")
    tally.quirks["budget"] += 1
    return f"""\t\t<budget type="1" status="1">
\t\t\t<period-start iso-date="{end.isoformat()[:7]}-01"/>
\t\t\t<period-end iso-date="{end.isoformat()}"/>
\t\t\t<value currency="USD" value-date="{end.isoformat()}">{_money(cents)}</value>
\t\t</budget>
"""


def _bank_row(tally: Tally, one: Paid) -> str:
    kind = _BANK_KINDS[one.drawn % len(_BANK_KINDS)]
    # The Bank prints whole dollars, and what it gets back below nought.
    cents = one.cents // 100 * 100
    cents = -abs(cents) if kind in {"5", "6"} else cents
    _add(tally, f"type-{kind}", one.date, cents, "", "USD")
    return f"""\t\t<transaction>
\t\t\t<transaction-type code="{kind}" />
\t\t\t<transaction-date iso-date="{one.date}"/>
\t\t\t<value value-date="{one.date}">{_money(cents, whole=True)}</value>
\t\t\t<provider-org ref="44002">
\t\t\t\t<narrative>IDA Credit</narrative>
\t\t\t</provider-org>
\t\t\t<flow-type code="10" />
\t\t\t<finance-type code="410" />
\t\t</transaction>
"""


# --- partners ------------------------------------------------------------------------------------

_PARTNER_KINDS = ("1", "11", "3", *["4"] * 5)


def _partner(wish: Iati, tally: Tally, number: int, paid: list[Paid]) -> str:
    child = number % 3 != 0
    secondary = number % 4 == 1
    tally.quirks["child"] += child
    tally.quirks["secondary-reporter"] += secondary
    parent = number - number % 3
    related = f'    <related-activity ref="GB-CHC-{parent:06d}" type="1"/>\n' if child else ""
    marked = ' secondary-reporter="1"' if secondary else ""
    humanitarian = number % 2 == 0
    country = wish.country or countries()[number * 13 % len(countries())].alpha2
    # Without a vocabulary a sector is the OECD's; a lone one without percentage is all of it.
    sectors = f'    <sector code="{purposes()[number % len(purposes())].code}"/>\n'
    if humanitarian:
        sectors = sectors.replace("/>", ' vocabulary="1" percentage="100"/>')
        sectors += '    <sector vocabulary="10" code="3" percentage="50"/>\n'
        sectors += '    <sector vocabulary="10" code="7" percentage="50"/>\n'
        tally.quirks["clusters"] += 1
    head = f"""  <iati-activity default-currency="GBP" hierarchy="{2 if child else 1}" \
humanitarian="{int(humanitarian)}">
    <iati-identifier>GB-CHC-{number:06d}</iati-identifier>
    <reporting-org ref="GB-CHC-1" type="21"{marked}><narrative>Puente &amp; Más</narrative></reporting-org>
    <title><narrative>{_title(number)}</narrative></title>
    <description><narrative>{_sentence(number * 3)}</narrative></description>
    <participating-org role="1" ref="US-GOV-1" activity-id="US-GOV-1-AID-{number:08d}"/>
    <participating-org role="4" ref="GB-CHC-1"/>
    <activity-status code="2"/>
    <recipient-country code="{country}"/>
{sectors}"""
    budget = _partner_budget(tally, paid[0], country, revised=number % 2 == 1)
    rows = "".join(_partner_row(tally, one, country, number) for one in paid)
    return f"{head}{budget}{rows}{related}  </iati-activity>\n"


def _partner_budget(tally: Tally, first: Paid, country: str, *, revised: bool) -> str:
    year, cents = first.date[:4], abs(first.cents)
    kind = "2" if revised else "1"
    # Left out, type and status mean 1.
    marks = ' type="2" status="2"' if revised else ""
    _add(tally, f"budget-{kind}", year, cents, country, "GBP")
    _add(tally, "planned", year, cents // 2, country, "GBP")
    tally.quirks["budget"] += 1
    return f"""    <budget{marks}><period-start iso-date="{year}-01-01"/>\
<period-end iso-date="{year}-12-31"/>\
<value value-date="{year}-01-01">{_money(cents)}</value></budget>
    <planned-disbursement><period-start iso-date="{year}-07-01"/>\
<period-end iso-date="{year}-09-30"/>\
<value value-date="{year}-07-01">{_money(cents // 2)}</value></planned-disbursement>
"""


def _partner_row(tally: Tally, one: Paid, country: str, number: int) -> str:
    kind = _PARTNER_KINDS[one.drawn % len(_PARTNER_KINDS)]
    # Some values name another currency than the default.
    currency = "EUR" if one.drawn % 9 == 0 else "GBP"
    named = f' currency="{currency}"' if currency != "GBP" else ""
    _add(tally, f"type-{kind}", one.date, one.cents, country, currency)
    tally.quirks["other-currency"] += currency != "GBP"
    provider = ""
    if kind in {"1", "11"}:
        provider = f'<provider-org ref="US-GOV-1" provider-activity-id="US-GOV-1-AID-{number:08d}"/>'
    return f"""    <transaction><transaction-type code="{kind}"/>\
<transaction-date iso-date="{one.date}"/>\
<value value-date="{one.date}"{named}>{_money(one.cents)}</value>{provider}</transaction>
"""
