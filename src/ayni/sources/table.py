"""The table of sources: by which name which publisher's reader is known, in the order in which they look."""

from __future__ import annotations

from ayni.sources import foreign_assistance, greenbook, iati, oecd_crs, oecd_dac, sdmx, unhcr, world_bank
from ayni.sources.contract import Source

_ALL = (
    foreign_assistance.SOURCE,
    greenbook.GREENBOOK,
    iati.SOURCE,
    oecd_crs.SOURCE,
    oecd_dac.SOURCE,
    world_bank.SOURCE,
    unhcr.SOURCE,
    sdmx.SOURCE,
)
SOURCES: dict[str, Source] = {source.key: source for source in _ALL}
# Sources that are not recognised among official files: a dossier's own tables, and tables with a mapping.
BESIDE = ("figures", "tidy")
