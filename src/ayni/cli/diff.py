"""``ayni diff``: which figures moved between two dossiers or releases, and which results moved with them."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line, near, refuse
from ayni.cli.cases import open_case, print_csv, print_json
from ayni.cli.terminal import progress
from ayni.language import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ayni.brief.plan import Plan
    from ayni.dossier.changes import Changes, Side
    from ayni.dossier.moved import Moved
    from ayni.dossier.opening import Dossier
    from ayni.ledger.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One of the two things compared.

    Attributes
    ----------
    kind : str
        ``dossier``, ``edition`` (an ``expected.json``) or ``release``.
    name : str
        As the line gives it.
    edition : str
        Of a dossier; of a release its vintage; empty where not known.
    digest : str
        Of a dossier's files; else empty.
    dossier : Dossier or None
        By whose words its results are told.
    """

    kind: str
    name: str
    edition: str = ""
    digest: str = ""
    dossier: Dossier | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was compared and what moved.

    Attributes
    ----------
    old, new : End
        The two ends.
    case : Dossier or None
        The dossier in which a release takes the place of another, or whose pair is asked about.
    changes : Changes
        What moved; without results where releases of a ledger alone are compared.
    totals : tuple of Moved
        Of releases of a ledger: by stage and year, over everything asked about.
    printed : dict of str to str
        Names of rows in the new release, where a row of memory stands for them.
    resting : int or None
        How many results of `case` rest on the old release; None where it is none of the dossier's.
    since, earlier : int
        First year of the old release in the dossier, and how many figures of the new one, of years before
        it, were left out.
    """

    old: End
    new: End
    changes: Changes
    case: Dossier | None = None
    totals: tuple[Moved, ...] = ()
    printed: Mapping[str, str] = field(default_factory=dict)
    resting: int | None = None
    since: int = 0
    earlier: int = 0

    @property
    def official(self) -> bool:
        """Whether releases of a ledger were compared, which have no results."""
        return self.old.kind == "release" and self.resting is None


def run(line: Line) -> int:
    """Print what moved; 0 whether anything did or not."""
    from ayni.cli import diff_shapes

    found = answer(line)
    if line.flag("json"):
        print_json("diff", None, diff_shapes.body(found))
    elif line.flag("csv"):
        print_csv(diff_shapes.COLUMNS, diff_shapes.rows(found))
    else:
        from ayni.cli.diff_page import page

        print(page(found, line.language))
    return 0


def answer(line: Line) -> Answer:
    """Return what moved between what the line names.

    Raises
    ------
    CannotRunError
        If a name is not known, or the two are not of a kind.
    """
    names = (line.text("old"), line.text("new"))
    kinds = [_kind(name) for name in names]
    if "case" in line.given or "ledger" in line.given:
        if any(kinds):
            found = next(name for name, kind in zip(names, kinds, strict=True) if kind)
            raise CannotRunError(message(line.language, "cli.diff.needs-releases", found=found))
        return _releases(line)
    if all(kinds):
        return _dossiers(line, kinds)
    if any(kinds):
        from ayni.dossier.shelves import known_keys

        known, other = names if kinds[0] else names[::-1]
        proposed = near(other, known_keys(), line.language)
        raise CannotRunError(
            message(line.language, "cli.diff.not-of-a-kind", found=other, known=known, near=proposed)
        )
    return _releases(line)


def _kind(name: str) -> str:
    from ayni.dossier.shelves import UnknownDossierError, locate

    if Path(name).is_file():
        return "edition"
    try:
        locate(name)
    except UnknownDossierError:
        return ""
    return "dossier"


# -- dossiers ------------------------------------------------------------------------------


def _dossiers(line: Line, kinds: list[str]) -> Answer:
    from ayni.dossier.changes import compare

    ends, sides = [], []
    for word, kind in zip(("old", "new"), kinds, strict=True):
        name = line.text(word)
        if kind == "edition":
            ends.append(End(kind=kind, name=name))
            sides.append(_edition(Path(name), line.language))
            continue
        dossier = _open(line, name)
        about = dossier.about
        ends.append(End(kind=kind, name=name, edition=about.edition, digest=dossier.digest, dossier=dossier))
        sides.append(_side(line, dossier))
    return Answer(old=ends[0], new=ends[1], changes=compare(*sides))


def _open(line: Line, key: str) -> Dossier:
    # So that problems are told of the dossier that has them.
    line.given["key"] = key
    return open_case(line)


def _edition(path: Path, language: str) -> Side:
    """Return the results that an ``expected.json`` keeps.

    Raises
    ------
    CannotRunError
        If it is none.
    """
    from ayni.dossier.changes import KINDS, Side

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        results = {kind: dict(content[kind]) for kind in KINDS if kind in content}
        whole = all(
            one is None or isinstance(one, dict) for held in results.values() for one in held.values()
        )
    except (ValueError, TypeError, AttributeError):
        results, whole = {}, False
    if not results or not whole:
        raise CannotRunError(message(language, "cli.diff.not-an-edition", file=path))
    return Side(results=results)


def _side(line: Line, dossier: Dossier, plan: Plan | None = None) -> Side:
    """Return a dossier's figures and everything that it publishes, as far as it can be worked out."""
    with progress(message(line.language, "cli.diff.working", name=dossier.about.key)):
        from ayni.brief.plan import read_plan
        from ayni.brief.results import published
        from ayni.dossier.changes import Side
        from ayni.dossier.moved import rows_of
        from ayni.dossier.sides import rests, workable

        asked = plan or read_plan(dossier)
        sound = workable(dossier.case)
        quoted = asked.quoted
        pins = [pin for pin in quoted.pin if pin.number in sound.case.pointers]
        asked = asked.model_copy(update={"quoted": quoted.model_copy(update={"pin": pins})})
        return Side(
            results=published(replace(dossier, case=sound.case), asked),
            rows=rows_of(dossier.case.ledger),
            rests=rests(sound.case, {pin.number: quoted.amounts for pin in pins}),
            broken=sound.broken,
        )


# -- releases ------------------------------------------------------------------------------


def _releases(line: Line) -> Answer:
    from ayni.dossier.releases import origins_of_flows

    old, new = line.text("old"), line.text("new")
    case = _case(line, old, new)
    own = origins_of_flows(case.case.ledger) if case is not None else ()
    if case is not None and old in own and new in own and "ledger" not in line.given:
        return _in_case(line, case, None)
    official = _official(line)
    held = _origins(official)
    known = [*own, *held]
    for name in (old, new):
        if name not in known:
            _refuse(line, name, known)
    if case is not None and old in own:
        return _in_case(line, case, None if new in own else official)
    missing = next((name for name in (old, new) if name not in held), None)
    if official is None or missing is not None:
        raise CannotRunError(message(line.language, "cli.diff.other-way", old=old, new=new))
    return _in_ledger(line, official, case)


def _case(line: Line, old: str, new: str) -> Dossier | None:
    """Return the dossier that the line names, else the only one that has both releases."""
    if "case" in line.given:
        return _open(line, line.text("case"))
    if "ledger" in line.given:
        return None
    holders = [key for key, held in _flow_origins().items() if {old, new} <= held]
    if len(holders) > 1:
        raise CannotRunError(
            message(line.language, "cli.diff.several", old=old, new=new, known=", ".join(holders))
        )
    return _open(line, holders[0]) if holders else None


def _flow_origins() -> dict[str, set[str]]:
    """Return the releases in each dossier at hand, read from its tables without opening it."""
    from ayni.dossier.shelves import known_keys, locate

    found: dict[str, set[str]] = {}
    for key in known_keys():
        held = found.setdefault(key, set())
        for path in (locate(key) / "figures").glob("flows-*.csv"):
            with path.open(encoding="utf-8", errors="replace", newline="") as stream:
                held |= {row.get("origin") or "" for row in csv.DictReader(stream)}
    return found


def _official(line: Line) -> Ledger | None:
    """Return the ledger that the line names, else the user's own where there is one."""
    from ayni.cli.shelf import open_shelf
    from ayni.ledger.shelf import default_ledger
    from ayni.ledger.store import MANIFEST

    if "ledger" not in line.given and not (default_ledger() / MANIFEST).is_file():
        return None
    return open_shelf(line)


def _origins(official: Ledger | None) -> dict[str, str]:
    """Return the vintage of every release in a ledger of official files, by origin."""
    from ayni.ledger.store import frame

    if official is None:
        return {}
    return dict(frame(official, "origins").select("key", "vintage").iter_rows())


def _refuse(line: Line, name: str, known: list[str]) -> None:
    """Say that a name is not known: of what the line asks, or of all that is at hand."""
    from ayni.dossier.shelves import known_keys

    if "case" in line.given or "ledger" in line.given:
        refuse(name, known, message(line.language, "cli.diff.a-release"), line.language)
    origins = _flow_origins()
    holders = [key for key, held in origins.items() if name in held]
    if holders:
        raise CannotRunError(
            message(line.language, "cli.diff.say-case", found=name, known=", ".join(holders), case=holders[0])
        )
    held = {key for held in origins.values() for key in held}
    keys = known_keys()
    proposed = near(name, [*keys, *sorted(held), *known], line.language)
    raise CannotRunError(
        message(line.language, "cli.diff.unknown", found=name, near=proposed, known=", ".join(keys))
    )


def _in_case(line: Line, case: Dossier, official: Ledger | None) -> Answer:
    """Return what becomes of a dossier when one release takes the place of another."""
    from ayni.brief.plan import read_plan
    from ayni.claims.case import over
    from ayni.dossier.changes import compare
    from ayni.dossier.releases import stand_in
    from ayni.ledger.series import flows

    old, new = line.text("old"), line.text("new")
    plan = read_plan(case)
    before = _side(line, case, plan)
    replaced = stand_in(case.case.ledger, old, new, official)
    after = replace(case, case=over(case.case, replaced.ledger))
    rows = {row.row for row in flows(case.case.ledger, origin=old)}
    vintages = _vintages(case) | _origins(official)
    return Answer(
        old=End(kind="release", name=old, edition=vintages.get(old, ""), dossier=case),
        new=End(kind="release", name=new, edition=vintages.get(new, ""), dossier=after),
        changes=compare(before, _side(line, after, plan)),
        case=case,
        printed=replaced.printed,
        since=replaced.since,
        earlier=replaced.earlier,
        resting=sum(bool(rows & below) for below in before.rests.values()),
    )


def _vintages(case: Dossier) -> dict[str, str]:
    from ayni.claims.naming import words

    return {key: row["vintage"] for key, row in words(case.case.ledger, "origins").items()}


def _in_ledger(line: Line, official: Ledger, case: Dossier | None) -> Answer:
    from ayni.dossier.changes import Changes
    from ayni.dossier.releases import compare_releases

    old, new = line.text("old"), line.text("new")
    pair = None if case is None else (case.about.provider, case.about.recipient)
    with progress(message(line.language, "cli.diff.adding")):
        found = compare_releases(official, old, new, pair)
    vintages = _origins(official)
    return Answer(
        old=End(kind="release", name=old, edition=vintages[old]),
        new=End(kind="release", name=new, edition=vintages[new]),
        changes=Changes(figures=found.figures, tallies={"figures": found.tally}),
        case=case,
        totals=found.totals,
    )
