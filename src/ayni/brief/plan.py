"""What a dossier asks its page to show: ``page.toml``, read strictly.

The page itself knows no case. Which series stand in which chart, which published figures are
pinned and which costs are listed is told here by name; a dossier without ``page.toml`` gets the
page without charts of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ayni.claims.naming import words
from ayni.dossier.files import Source
from ayni.dossier.opening import Dossier
from ayni.dossier.text import REFERENCE
from ayni.problems import Problem, ProblemsError

FILE = "page.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Titled(_Strict):
    """A wording that holds while a number, range and all, lies above or below a limit."""

    es: str
    en: str
    number: str = ""
    above: float | None = None
    below: float | None = None


class Drawn(_Strict):
    """A line: indicators merged into one series, or added year by year."""

    es: str
    en: str
    indicators: list[str] = []
    added: list[str] = []
    place: str
    counterpart: str = ""
    role: Literal["observed", "counterfactual", "context", "rival"] = "context"
    since: int = 0
    until: int = 9999
    error: str = ""


class Pinned(_Strict):
    """A published figure, by its number, with the name under which it is pinned."""

    number: str
    es: str
    en: str


class Moved(_Strict):
    """Places whose change between two years is drawn, so many of the largest falls and rises."""

    indicator: str
    places: str
    since: int
    until: int
    most: Annotated[int, Field(gt=0)] = 6


class Charted(_Strict):
    """A chart of lines, of bars where `bar` is given, or of what moved."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9\-]+$")]
    section: str
    es: str
    en: str
    title: list[Titled]
    unit: str = ""
    line: list[Drawn] = []
    bar: list[Pinned] = []
    moves: Moved | None = None
    pin: list[Pinned] = []
    main: list[str] = []
    zero: bool = True


class Grouped(_Strict):
    """Accounts shown as one part of each bar."""

    es: str
    en: str
    accounts: list[str]


class Weighed(_Strict):
    """A number that belongs to one side, for a table of both."""

    number: str
    side: Literal["provider", "recipient", "both"]


class Fact(_Strict):
    """A sentence in both languages, with numbers by name."""

    es: str
    en: str


class AccountCut(_Strict):
    """The money by the interest that its accounts serve: what was found, and how to read it."""

    title: list[Titled]
    note: Fact | None = None


class SectorCut(_Strict):
    """The money by the interest that its sectors serve, and the release whose totals they are parts of."""

    table: str
    origin: str
    totals: str
    title: list[Titled]
    note: Fact | None = None


class SidePlan(_Strict):
    """A side as sentences name it, and what stands beside its answer."""

    who_es: str
    who_en: str
    es: str
    en: str


class MoneyPlan(_Strict):
    """How the money is shown."""

    table: str = ""
    totals_table: str = ""
    incomplete_since: int = 9999
    note: Fact | None = None
    by_account: AccountCut | None = None
    by_sector: SectorCut | None = None
    group: list[Grouped] = []
    providers: list[str] = []
    providers_origin_table: str = ""
    own: list[Weighed] = []
    harm: list[Weighed] = []


class Reproduced(_Strict):
    """A published figure and the frozen list in which a rule for it is sought."""

    number: str
    specification: str
    conversion: str = ""
    level: Literal["without", "averted"] = "averted"
    rounding: float = 1.0
    at_least: bool = False


class QuotedPlan(_Strict):
    """The claim everyone quotes: the fan of areas and the curve of amounts."""

    area: str = ""
    amounts: str = ""
    observed: list[Drawn] = []
    since: int = 0
    area_pin: list[Pinned] = []
    pin: list[Pinned] = []
    reproduce: list[Reproduced] = []


class Plan(_Strict):
    """``page.toml`` as a whole."""

    money: MoneyPlan = MoneyPlan()
    quoted: QuotedPlan = QuotedPlan()
    answers: dict[Literal["provider", "recipient"], SidePlan] = {}
    chart: list[Charted] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A brief in one language: what it is of, what it shows, how it speaks."""

    dossier: Dossier
    plan: Plan
    language: str


def read_plan(dossier: Dossier) -> Plan:
    """Return what the dossier's ``page.toml`` asks for.

    Raises
    ------
    ProblemsError
        With everything in it that does not fit or leads nowhere.
    """
    if not (dossier.folder / FILE).is_file():
        return Plan()
    problems: list[Problem] = []
    source = Source(dossier.folder, FILE, problems)
    plan = source.read(Plan)
    if plan is not None:
        _names(dossier, plan, source)
    if problems or plan is None:
        raise ProblemsError(problems)
    return plan


def _names(dossier: Dossier, plan: Plan, source: Source) -> None:
    case = dossier.case
    tables = {
        "unknown-number": set(case.pointers),
        "unknown-indicator": set(words(case.ledger, "indicators")),
        "unknown-place": set(words(case.ledger, "places")),
        "unknown-specification": set(case.specifications),
    }
    for code, name in (*_named(plan), *_drawn(plan)):
        if name and name not in tables[code]:
            source.problems.append(Problem(code=code, file=FILE, line=_line(source, name), found=name))


def _line(source: Source, name: str) -> int:
    """Return the first line that holds the name."""
    lines = source.text.splitlines()
    return next((at for at, line in enumerate(lines, 1) if name in line), 0)


def _named(plan: Plan) -> Iterable[tuple[str, str]]:
    pins = (*plan.quoted.area_pin, *plan.quoted.pin, *(p for c in plan.chart for p in (*c.pin, *c.bar)))
    cuts = [cut for cut in (plan.money.by_account, plan.money.by_sector) if cut is not None]
    titles = [t for c in (*plan.chart, *cuts) for t in c.title]
    names = [each.number for each in pins] + [each.number for each in titles]
    names += [each.number for each in (*plan.money.own, *plan.money.harm)]
    names += [name for each in plan.quoted.reproduce for name in (each.number, each.conversion)]
    said = [f"{each.es} {each.en}" for each in titles] + [
        f"{each.es} {each.en}" for each in plan.answers.values()
    ]
    notes = [note for note in (plan.money.note, *(cut.note for cut in cuts)) if note is not None]
    said += [f"{note.es} {note.en}" for note in notes]
    names += [name for text in said for name, _ in REFERENCE.findall(text)]
    for name in names:
        yield "unknown-number", name
    for key in (plan.quoted.area, plan.quoted.amounts, *(r.specification for r in plan.quoted.reproduce)):
        yield "unknown-specification", key


def _drawn(plan: Plan) -> Iterable[tuple[str, str]]:
    for line in (*plan.quoted.observed, *(each for c in plan.chart for each in c.line)):
        for key in (*line.indicators, *line.added, line.error):
            yield "unknown-indicator", key
        for key in (line.place, line.counterpart):
            yield "unknown-place", key
    for moved in (c.moves for c in plan.chart if c.moves is not None):
        yield "unknown-indicator", moved.indicator
    for key in plan.money.providers:
        yield "unknown-place", key
