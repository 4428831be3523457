"""Spanish and English: sentences from a catalogue, numbers as each language writes them."""

from ayni.language.catalogue import LANGUAGES, Language, message, pick_language
from ayni.language.write import (
    MONEY,
    join,
    money,
    number,
    percent,
    probability_word,
    quantity,
    unit_word,
    years,
)

__all__ = [
    "LANGUAGES",
    "MONEY",
    "Language",
    "join",
    "message",
    "money",
    "number",
    "percent",
    "pick_language",
    "probability_word",
    "quantity",
    "unit_word",
    "years",
]
