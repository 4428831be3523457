"""``ayni flows`` without a dossier: a question to a ledger of official files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line, refuse
from ayni.cli.cases import print_csv, print_json
from ayni.cli.shelf import amount, holding_json, ledger_json, open_shelf, stage_word
from ayni.language import message, number

if TYPE_CHECKING:
    from ayni.ledger.questions import Answer, Asked, Remark
    from ayni.ledger.store import Ledger

# Only a ledger of official files takes these.
OPTIONS = ("ledger", "in", "dataset", "framework", "deflator", "calendar", "everything", "out")
_MONEY = ("amount", "whole", "missing")
_COUNTS = ("rows", "dated", "outside")


def run(line: Line) -> int:
    """Print, or write to a file, what the ledger answers."""
    asked = question(line)
    ledger = open_shelf(line)
    found = answered(line, ledger, asked)
    if line.flag("out"):
        _write(line, ledger, found)
    elif line.flag("json"):
        print_json("answer", None, _json(ledger, found))
    elif line.flag("csv"):
        print_csv(found.frame.columns, found.frame.iter_rows())
    else:
        from ayni.cli.question_tables import page

        print(page(found, line.language))
    return 0


def question(line: Line) -> Asked:
    """Return what the line asks.

    Raises
    ------
    CannotRunError
        If it cuts by what there is not, its years are exchanged, or it names a money or a deflator and no
        year of prices.
    """
    from ayni.ledger.selecting import CUTS, Asked

    by = tuple(dict.fromkeys(one.strip() for one in line.text("by", "year").split(",") if one.strip()))
    for one in by:
        if one not in CUTS:
            refuse(one, CUTS, "--by", line.language)
    since, until = line.year("since"), line.year("until")
    if since and until and since > until:
        raise CannotRunError(message(line.language, "cli.error.since-until", since=since, until=until))
    for option in ("in", "deflator"):
        if option in line.given and "at" not in line.given:
            raise CannotRunError(message(line.language, "cli.error.needs-at", name=f"--{option}"))
    return Asked(
        by=by or ("year",),
        provider=line.text("provider"),
        recipient=line.text("recipient"),
        stage=line.text("stage"),
        since=since,
        until=until,
        dataset=line.text("dataset"),
        release=line.text("release"),
        framework=line.text("framework"),
        at=line.year("at"),
        money=line.text("in").upper(),
        deflator=line.text("deflator"),
        calendar=line.flag("calendar"),
        everything=line.flag("everything"),
    )


def answered(line: Line, ledger: Ledger, asked: Asked) -> Answer:
    """Return the answer; what stands in its way is told in the reader's language.

    Raises
    ------
    CannotRunError
        If a name is not known, or amounts cannot be brought to the prices asked for.
    """
    from ayni.ledger.deflating import MissingYearsError, UnpriceableError
    from ayni.ledger.questions import UnknownNameError, ask
    from ayni.ledger.records import STAGES

    if asked.stage and asked.stage not in STAGES:
        refuse(asked.stage, STAGES, "--stage", line.language)
    try:
        return ask(ledger, asked)
    except UnknownNameError as error:
        refuse(error.found, error.known, error.option, line.language)
    except MissingYearsError as error:
        raise CannotRunError(
            message(
                line.language,
                "cli.error.missing-years",
                what=error.what,
                years=years_told(error.years),
                have=years_told(error.have) or "\u2013",
            )
        ) from error
    except UnpriceableError as error:
        raise CannotRunError(
            message(line.language, f"cli.error.price-{error.code}", **error.particulars)
        ) from error


def years_told(years: tuple[int, ...]) -> str:
    """Return years in print, those that follow one another as a span."""
    spans: list[list[int]] = []
    for year in years:
        if spans and spans[-1][-1] == year - 1:
            spans[-1] = [spans[-1][0], year]
        else:
            spans.append([year])
    return ", ".join("\u2013".join(map(str, span)) for span in spans)


def remark_told(remark: Remark, language: str) -> str:
    """Return a remark as a sentence."""
    given = dict(remark.particulars)
    told: dict[str, object] = {}
    for name, value in given.items():
        if name in _MONEY:
            told[name] = amount(float(value), str(given["currency"]), language)
        elif name in _COUNTS:
            told[name] = number(float(value), language)
        else:
            told[name] = stage_word(str(value), language, inside=True) if name == "stage" else value
    return message(language, f"cli.remark.{remark.code}", **told)


def _write(line: Line, ledger: Ledger, found: Answer) -> None:
    from ayni.cli.question_tables import notes
    from ayni.ledger.exports import NotWritableError, export

    path = Path(line.text("out"))
    try:
        written = export(ledger, found, path, language=line.language, told=notes(found, line.language))
    except NotWritableError as error:
        raise CannotRunError(
            message(line.language, f"cli.error.export-{error.code}", **error.particulars)
        ) from error
    names = ", ".join(map(str, written))
    print(message(line.language, "cli.answer.written", path=names, count=found.frame.height))


def _json(ledger: Ledger, found: Answer) -> dict[str, object]:
    from dataclasses import asdict

    from ayni.ledger.exports import priced_json

    asked = {name: None if value == "" else value for name, value in asdict(found.asked).items()}
    return {
        "ledger": ledger_json(ledger),
        "asked": asked,
        "used": [holding_json(one) for one in found.used],
        "also": list(found.others),
        "lines": found.frame.to_dicts(),
        "could_contain_more": found.wider.to_dicts(),
        "prices": [priced_json(one) for one in found.pricings],
        "bases": [asdict(one) | {"years": list(one.years)} for one in found.bases],
        "calendar": [asdict(one) for one in found.turned],
        "remarks": [
            {
                "code": one.code,
                "particulars": dict(one.particulars),
                "es": remark_told(one, "es"),
                "en": remark_told(one, "en"),
            }
            for one in found.remarks
        ],
    }
