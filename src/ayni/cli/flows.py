"""``ayni flows``: money by year, account, release and so on, never added across what cannot be added."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ayni.cli import questions
from ayni.cli.arguments import BY, CannotRunError, Line, refuse
from ayni.cli.cases import open_case, print_csv, print_json
from ayni.language import message

if TYPE_CHECKING:
    from ayni.dossier.opening import Dossier
    from ayni.ledger.prices import Deflator
    from ayni.ledger.totals import Asked, Conflict, Total

EVERY_RELEASE = "all"
_COLUMNS = (
    "code",
    "provider",
    "recipient",
    "stage",
    "release",
    "vintage",
    "currency",
    "year_kind",
    "note",
    "since",
    "until",
    "amount",
    "constant",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was asked about flows and what was found.

    Attributes
    ----------
    by : str
        What they are added by.
    asked : Asked
        Which flows.
    at : int
        Year of the constant prices.
    deflators : tuple
        Release, stage and the deflator of each pair that has one.
    totals : tuple of Total
        In order of printing.
    conflicts : tuple of Conflict
        Years about which releases disagree; for yearly totals only.
    """

    by: str
    asked: Asked
    at: int
    deflators: tuple[tuple[str, str, Deflator], ...]
    totals: tuple[Total, ...]
    conflicts: tuple[Conflict, ...]


def run(line: Line) -> int:
    """Print the flows asked about: of a dossier where the line names one, else of official files."""
    if not line.text("key"):
        return questions.run(line)
    _refuse_foreign(line)
    dossier = open_case(line)
    found = answer(line, dossier)
    if line.flag("json"):
        print_json("flows", dossier, _json(dossier, found))
    elif line.flag("csv"):
        rows = (
            [total_json(dossier, found.by, t)[c] for c in _COLUMNS] + [" ".join(t.rows)] for t in found.totals
        )
        print_csv([*_COLUMNS, "rows"], rows)
    else:
        from ayni.cli.flow_tables import page

        print(page(dossier, found, line.language))
    return 0


def _refuse_foreign(line: Line) -> None:
    """Refuse what only official files can be asked."""
    if line.text("by", BY[0]) not in BY:
        refuse(line.text("by"), BY, "--by", line.language)
    for option in questions.OPTIONS:
        if option in line.given:
            raise CannotRunError(message(line.language, "cli.error.no-dossier-option", name=f"--{option}"))


def answer(line: Line, dossier: Dossier) -> Answer:
    """Return the flows that the line asks about, added and priced.

    Raises
    ------
    CannotRunError
        If a release, stage, place or year is not known, or the year of the prices is out of reach.
    """
    from ayni.ledger import totals as sums
    from ayni.ledger.prices import MissingDeflatorError

    by = line.text("by", "year")
    asked = _asked(line, dossier, by)
    ledger, about = dossier.case.ledger, dossier.about
    at = line.year("at") or about.price_base
    rows = sums.asked_rows(ledger, asked)
    try:
        priced = sums.deflators(ledger, rows, to=at, indexes=dossier.case.indexes, currency=about.currency)
    except MissingDeflatorError as error:
        if line.year("at") is None:
            priced = {}
        else:
            raise CannotRunError(
                message(line.language, "cli.error.no-prices", at=at, years=_reach(dossier))
            ) from error
    found = sums.totals(ledger, asked, by=by, priced=priced)
    yearly = by in ("year", "vintage")
    rivals = sums.totals(ledger, sums.without_origin(asked), by="vintage") if yearly else ()
    return Answer(
        by=by,
        asked=asked,
        at=at,
        deflators=tuple((origin, stage, found) for (origin, stage), found in sorted(priced.items())),
        totals=_ordered(_compared(found) if by == "provider" and not asked.stage else found, by),
        conflicts=sums.conflicts(rivals),
    )


def _asked(line: Line, dossier: Dossier, by: str) -> Asked:
    """Return what the line asks, completed by what the dossier declares."""
    from ayni.ledger.totals import PARTS, Asked

    release = dossier.about.release
    whole = by in ("year", "stage")
    detail = by in PARTS and by != "sector"
    origin = {True: release.totals, False: release.accounts if detail else EVERY_RELEASE}[whole]
    stage = {"stage": "", "provider": ""}.get(by, release.account_stage if detail else release.stage)
    origin = line.text("release", origin)
    asked = Asked(
        provider=line.text("provider", "" if by == "provider" else dossier.about.provider),
        recipient=line.text("recipient", dossier.about.recipient),
        stage=line.text("stage", stage),
        origin="" if origin == EVERY_RELEASE else origin,
        since=line.year("since"),
        until=line.year("until"),
    )
    _refuse_unknown(dossier, asked, line.language)
    return asked


def _refuse_unknown(dossier: Dossier, asked: Asked, language: str) -> None:
    from ayni.ledger.series import flows

    rows = flows(dossier.case.ledger)
    for option, value, column in (
        ("--provider", asked.provider, "provider"),
        ("--recipient", asked.recipient, "recipient"),
        ("--stage", asked.stage, "stage"),
        ("--release", asked.origin, "origin"),
    ):
        known = sorted({str(getattr(row, column)) for row in rows})
        if value and value not in known:
            refuse(value, [*known, EVERY_RELEASE] if option == "--release" else known, option, language)
    if asked.since and asked.until and asked.since > asked.until:
        raise CannotRunError(message(language, "cli.error.since-until", since=asked.since, until=asked.until))


def _reach(dossier: Dossier) -> str:
    """Return the years that the price index reaches, in print."""
    from ayni.ledger.prices import fiscal_index

    index, _ = fiscal_index(dossier.case.ledger, dossier.case.indexes)
    return f"{min(index)}\u2013{max(index)}" if index else "\u2013"


def _compared(found: tuple[Total, ...]) -> tuple[Total, ...]:
    """Keep the stages that two providers or more share, for only those compare; all where none does."""
    shared = {t.stage for t in found if len({o.provider for o in found if o.stage == t.stage}) > 1}
    return tuple(t for t in found if t.stage in shared) or found


def _ordered(found: tuple[Total, ...], by: str) -> tuple[Total, ...]:
    from ayni.ledger.records import STAGES

    if by in ("year", "vintage"):
        return tuple(
            sorted(found, key=lambda t: (t.since, t.until, STAGES.index(t.stage), t.vintage, t.origin))
        )
    return tuple(sorted(found, key=lambda t: (STAGES.index(t.stage), _size(t), t.code, t.since)))


def _size(total: Total) -> float:
    return -(total.amount if total.constant is None else total.constant)


def code_name(dossier: Dossier, by: str, code: str, language: str) -> str:
    """Return what a year, account, purpose, stage or provider is called."""
    from ayni.claims.naming import label, place_name

    ledger = dossier.case.ledger
    if by in ("year", "vintage"):
        return code
    if by == "provider":
        return place_name(ledger, code, language)
    kind = by if by in ("account", "agency", "stage") else "purpose"
    return label(ledger, kind, code, language)


def total_json(dossier: Dossier, by: str, total: Total) -> dict[str, object]:
    """Return a total for JSON and CSV."""
    names = {lang: code_name(dossier, by, total.code, lang) for lang in ("es", "en")}
    told = asdict(total) | {"release": total.origin, **names}
    order = ("code", "es", "en", *_COLUMNS[1:], "unpriced", "incomplete", "rows")
    return {name: told[name] for name in order}


def _json(dossier: Dossier, found: Answer) -> dict[str, object]:
    asked = asdict(found.asked)
    release = asked.pop("origin")
    return {
        "by": found.by,
        "asked": {name: value or None for name, value in (asked | {"release": release}).items()},
        "prices": {"at": found.at, "deflators": [_deflator_json(*one) for one in found.deflators]},
        "totals": [total_json(dossier, found.by, t) for t in found.totals],
        "conflicts": [_conflict_json(one) for one in found.conflicts],
    }


def _deflator_json(release: str, stage: str, priced: Deflator) -> dict[str, object]:
    return {
        "release": release,
        "stage": stage,
        "method": priced.method,
        "source": priced.origin,
        "base": priced.base,
        "links": [asdict(link) for link in priced.links],
        "factors": {str(year): factor for year, factor in sorted(priced.factors.items())},
    }


def _conflict_json(conflict: Conflict) -> dict[str, object]:
    return {
        "year": conflict.year,
        "stage": conflict.stage,
        "currency": conflict.currency,
        "low": conflict.low,
        "high": conflict.high,
        "spread_percent": conflict.spread_percent,
        "sides": [
            {"release": s.origin, "vintage": s.vintage, "amount": s.amount, "incomplete": bool(s.incomplete)}
            for s in conflict.sides
        ],
    }
