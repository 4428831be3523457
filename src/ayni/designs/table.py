"""The table of designs: by which name a dossier asks for which method.

Another package adds a design by an entry point of the group ``ayni.designs`` that names a
function of the same shape as those here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points

from ayni.designs.account import Account
from ayni.designs.comparison import TRANSFORMS, Comparison
from ayni.designs.dose import TRANSFORMS as DOSE_TRANSFORMS
from ayni.designs.dose import Dose
from ayni.designs.projection import Conversion, Projection
from ayni.designs.records import Design, Effect, Question
from ayni.ledger.store import Ledger
from ayni.panel.curve import METHODS
from ayni.trends import RULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A design as a dossier asks for it.

    Attributes
    ----------
    design : str
        A key of the table.
    settings : tuple of (str, str)
        Its settings, as written.
    conversion : str
        Name of the number to multiply by; empty for none.
    to : str
        Unit after the conversion.
    """

    design: str
    settings: tuple[tuple[str, str], ...] = ()
    conversion: str = ""
    to: str = ""


Maker = Callable[[dict[str, str], Conversion | None], Design]


def _account(settings: dict[str, str], conversion: Conversion | None) -> Design:
    return Account(
        averted=settings["averted"],
        origin=settings.get("origin", ""),
        conversion=conversion,
        related=tuple(filter(None, settings.get("related", "").split("+"))),
        area=settings.get("area", ""),
        removed=settings.get("removed", ""),
        parts=settings.get("parts", ""),
    )


def _projection(settings: dict[str, str], conversion: Conversion | None) -> Design:
    return Projection(
        rule=settings["rule"],
        since=int(settings["since"]),
        until=int(settings["until"]),
        parameter=float(settings["parameter"]) if "parameter" in settings else None,
        conversion=conversion,
    )


def _comparison(settings: dict[str, str], conversion: Conversion | None) -> Design:  # noqa: ARG001
    return Comparison(
        method=settings["method"],
        controls=settings["controls"],
        without=settings.get("without", ""),
        since=int(settings.get("since", 0)),
        floor=float(settings.get("floor", 0)),
        transform=settings.get("transform", "level"),
    )


def _dose(settings: dict[str, str], conversion: Conversion | None) -> Design:  # noqa: ARG001
    return Dose(
        places=settings["places"],
        since=int(settings["since"]),
        until=int(settings.get("until", 0)),
        lag=int(settings.get("lag", 0)),
        transform=settings.get("transform", "level"),
    )


DESIGNS: dict[str, Maker] = {
    "account": _account,
    "projection": _projection,
    "comparison": _comparison,
    "dose": _dose,
}


# The settings of each design: name, and whether it must be given.
SETTINGS: dict[str, dict[str, bool]] = {
    "account": {"averted": True, **dict.fromkeys(("origin", "related", "area", "removed", "parts"), False)},
    "projection": {"rule": True, "since": True, "until": True, "parameter": False},
    "comparison": {
        "method": True,
        "controls": True,
        **dict.fromkeys(("without", "since", "floor", "transform"), False),
    },
    "dose": {"places": True, "since": True, **dict.fromkeys(("until", "lag", "transform"), False)},
}
# What a setting may be, where it is one of a list.
_CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("projection", "rule"): tuple(RULES),
    ("comparison", "method"): tuple(METHODS),
    ("comparison", "transform"): TRANSFORMS,
    ("dose", "transform"): DOSE_TRANSFORMS,
    ("dose", "lag"): tuple(map(str, range(11))),
}


def faults(design: str, settings: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Return what is wrong with the settings of a design: code, setting, found, expected.

    A design of another package checks its own.
    """
    known = SETTINGS.get(design)
    if known is None:
        return []
    found = [("missing-key", name, "", "") for name, must in known.items() if must and name not in settings]
    found += [("unknown-key", name, name, ", ".join(known)) for name in settings if name not in known]
    found += [
        ("bad-value", name, settings[name], ", ".join(choices))
        for (owner, name), choices in _CHOICES.items()
        if owner == design and name in settings and settings[name] not in choices
    ]
    rule = settings.get("rule")
    if rule in RULES and RULES[rule].parameter and "parameter" not in settings:
        found.append(("missing-key", "parameter", "", ""))
    found += [
        ("bad-value", name, settings[name], "1992")
        for name in ("since", "until")
        if name in settings and not re.fullmatch(r"\d{4}", settings[name])
    ]
    found += [
        ("bad-value", name, settings[name], example)
        for name, example in (("parameter", "0.15"), ("floor", "100"))
        if name in settings and not re.fullmatch(r"-?\d+(\.\d+)?", settings[name])
    ]
    if not found and "until" in settings and settings["since"] > settings["until"]:
        found.append(("bad-value", "until", settings["until"], f">= {settings['since']}"))
    return found


@cache
def designs() -> dict[str, Maker]:
    """Return every design by its name: ours, and those of other packages."""
    found: dict[str, Maker] = {point.name: point.load() for point in entry_points(group="ayni.designs")}
    return found | DESIGNS


def answer(asked: Asked, question: Question, ledger: Ledger, conversion: Conversion | None) -> Effect:
    """Return what the design asked for finds.

    Raises
    ------
    KeyError
        If no design has that name, or it lacks a setting.
    """
    make = designs().get(asked.design)
    if make is None:
        raise KeyError(f"no design is called {asked.design!r}; known: {', '.join(sorted(designs()))}")
    return make(dict(asked.settings), conversion).answer(question, ledger)
