"""What a pointer may say, and the error of one that leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping

from ayni.claims.serving import KINDS
from ayni.language import message


class PointerError(LookupError):
    """A name that leads nowhere; it says which and what was looked for, in either language.

    Parameters
    ----------
    code : str
        Which sentence of the catalogue (``pointer.<code>``).
    told : mapping of str to str
        What the sentence names.
    """

    def __init__(self, code: str, told: Mapping[str, str]) -> None:
        self.code, self.told = code, dict(told)
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """Return the sentence in a language."""
        return message(language, f"pointer.{self.code}", **self.told)


# What each operation reads: the filters that it needs and those that it may have.
_ROW = ("counterpart", "year", "part_year", "origin", "vintage", "status")
_FLOW = ("table", "origin", "purpose", "account", "agency", "interest", "year", "since", "until", "at")
_SPAN = (("indicator", "place"), ("counterpart", "since", "until"))
FILTERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **dict.fromkeys(("sum", "difference", "product", "ratio", "change", "range", "interval"), ((), ())),
    **dict.fromkeys(("smallest", "largest", "first", "last", "mean", "count"), _SPAN),
    "figure": (("indicator", "place"), _ROW),
    "money": (("provider", "recipient", "stage"), _FLOW),
    "effect": (("question",), ("design", "field")),
    "check": (("question", "check"), ("design",)),
    "curve": (("specification", "stat"), ("leaving-out",)),
    "moves": (("indicator", "places", "since", "until", "move"), ("without", "place")),
}
YEARS = ("year", "since", "until", "at")
CHOICES = {
    "interest": KINDS,
    "field": ("observed", "counterfactual", "difference", "averted"),
    "stat": ("median", "smallest", "largest", "count", "percentile", "reached"),
    "move": ("gained", "lost", "rank"),
}
