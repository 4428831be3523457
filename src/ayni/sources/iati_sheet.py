"""What is picked from an IATI activity, and the stylesheet that picks it.

The stylesheet is written from the tables below and runs inside libxslt, outside Python's lock. It writes a
line per element that is wanted, as it meets them: a mark, then up to four cells with tabs between. Every
cell is put through ``normalize-space``, so that none can hold a tab or a line end of its own. Lines shorter
than others are written short.

Elements are matched by their names in no namespace, as children of an activity or of a record. What stands
between them under any prefix is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

ACTIVITY = "iati-activity"
TRANSACTION, BUDGET, PLAN = "transaction", "budget", "planned-disbursement"
RECORDS = (TRANSACTION, BUDGET, PLAN)
# What stands for the vocabulary in a country's item; a region has its own.
COUNTRY = "country"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """An element that is wanted.

    Attributes
    ----------
    mark : str
        Begins its lines; one letter.
    columns : tuple of str
        Which columns its cells give, in order; one column of several cells is a list of items.
    cells : tuple of str
        XPaths seen from the element.
    """

    mark: str
    columns: tuple[str, ...]
    cells: tuple[str, ...]


def _text(path: str) -> str:
    return f"normalize-space({path})"


def _word(path: str) -> str:
    """Return a code inside a list: what separates codes and their parts becomes a low line."""
    return f"translate(normalize-space({path}), ' |', '__')"


def _pick(mark: str, **columns: str) -> Pick:
    return Pick(mark=mark, columns=tuple(columns), cells=tuple(map(_text, columns.values())))


# A region is printed as a sector is; a country has no vocabulary.
_ITEM = tuple(map(_text, ("@vocabulary", "@code", "@percentage", "@vocabulary-uri")))
_COUNTRY = (f"'{COUNTRY}'", _text("@code"), _text("@percentage"), "''")
# The first narrative, and each language's; files of 1.0x have the text itself.
_FIRST = "narrative|self::*[not(narrative)]"
_ENGLISH, _SPANISH = "narrative[lang('en')]", "narrative[lang('es')]"

HEADS: dict[str, Pick] = {
    ACTIVITY: _pick(
        "A",
        default_currency="@default-currency",
        hierarchy="@hierarchy",
        last_updated="@last-updated-datetime",
        humanitarian="@humanitarian",
    ),
    TRANSACTION: _pick("T", ref="@ref", humanitarian="@humanitarian"),
    BUDGET: _pick("B", type="@type", status="@status"),
    PLAN: _pick("P", type="@type"),
}
# Children of an activity.
OF_ACTIVITY: dict[str, Pick] = {
    "iati-identifier": _pick("I", activity="."),
    "reporting-org": _pick(
        "R", reporter="@ref", reporter_type="@type", reporter_name=_FIRST, secondary="@secondary-reporter"
    ),
    "title": _pick("L", title=_FIRST, title_en=_ENGLISH, title_es=_SPANISH),
    "description": _pick("D", description=_FIRST, description_en=_ENGLISH, description_es=_SPANISH),
    "participating-org": Pick(
        mark="O",
        columns=("participants",),
        cells=("concat(normalize-space(@role),':',normalize-space(@ref),' ',normalize-space(narrative))",),
    ),
    "activity-status": _pick("S", activity_status="@code"),
    "activity-date": _pick("E", date_type="@type", date="@iso-date"),
    "collaboration-type": _pick("C", collaboration="@code"),
    "default-flow-type": _pick("F", flow="@code"),
    "default-finance-type": _pick("N", finance="@code"),
    "default-aid-type": _pick("M", aid="@code"),
    "default-tied-status": _pick("K", tied="@code"),
    "related-activity": Pick(
        mark="G", columns=("relation", "related"), cells=(_text("@type"), _word("@ref"))
    ),
    "sector": Pick(mark="X", columns=("sectors",), cells=_ITEM),
    "recipient-country": Pick(mark="Y", columns=("places",), cells=_COUNTRY),
    "recipient-region": Pick(mark="Y", columns=("places",), cells=_ITEM),
}
# Children of a transaction, a budget or a planned disbursement.
OF_RECORD: dict[str, Pick] = {
    "transaction-type": _pick("y", type="@code"),
    "transaction-date": _pick("d", date="@iso-date"),
    "period-start": _pick("f", date="@iso-date"),
    "period-end": _pick("u", end="@iso-date"),
    # The first text, not all of it: an extension inside must not lengthen the number.
    "value": _pick("v", value="text()", currency="@currency", value_date="@value-date"),
    "provider-org": _pick(
        "g", provider="@ref", provider_name="narrative", provider_activity="@provider-activity-id"
    ),
    "receiver-org": _pick(
        "r",
        receiver="@ref",
        receiver_name="narrative",
        receiver_type="@type",
        receiver_activity="@receiver-activity-id",
    ),
    "disbursement-channel": _pick("c", channel="@code"),
    "flow-type": _pick("w", flow="@code"),
    "finance-type": _pick("i", finance="@code"),
    "aid-type": _pick("a", aid="@code"),
    "tied-status": _pick("t", tied="@code"),
    "description": _pick("n", description="narrative"),
    "sector": Pick(mark="s", columns=("sectors",), cells=_ITEM),
    "recipient-country": Pick(mark="p", columns=("places",), cells=_COUNTRY),
    "recipient-region": Pick(mark="p", columns=("places",), cells=_ITEM),
}
# A mark and at most so many cells.
CELLS = 4
# Between the cells of an item of a list, and between items: no cell can hold them.
CELL_GAP, ITEM_GAP = "\t", "\n"


def stylesheet() -> str:
    """Return the stylesheet as XML."""
    templates = [
        '<xsl:template match="*" mode="activity"/><xsl:template match="*" mode="record"/>',
        _template(ACTIVITY, HEADS[ACTIVITY], mode="file", inside="activity"),
        *(_template(name, HEADS[name], mode="activity", inside="record") for name in RECORDS),
        *(_template(name, pick, mode="activity") for name, pick in OF_ACTIVITY.items()),
        *(_template(name, pick, mode="record") for name, pick in OF_RECORD.items()),
    ]
    return (
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        '<xsl:output method="text" encoding="UTF-8"/>'
        '<xsl:template match="/">'
        f'<xsl:apply-templates select="/iati-activities/{ACTIVITY}" mode="file"/>'
        f"</xsl:template>{''.join(templates)}</xsl:stylesheet>"
    )


def _template(name: str, pick: Pick, *, mode: str, inside: str = "") -> str:
    """Return the template that writes an element's line, then those of the children `inside` picks."""
    # One expression that joins them would copy every cell once more.
    cells = "<xsl:text>&#9;</xsl:text>".join(f'<xsl:value-of select="{cell}"/>' for cell in pick.cells)
    deeper = f'<xsl:apply-templates select="*" mode="{inside}"/>' if inside else ""
    return (
        f'<xsl:template match="{name}" mode="{mode}">'
        f"<xsl:text>{pick.mark}&#9;</xsl:text>{cells}<xsl:text>&#10;</xsl:text>{deeper}"
        "</xsl:template>"
    )
