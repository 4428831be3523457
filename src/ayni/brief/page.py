"""The page of one edition, put together and rendered."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

import ayni
from ayni.brief.answers import not_known, sides, strips, summary
from ayni.brief.appendix import entries, origin_entries, row_entries
from ayni.brief.charts import CHART_CSS, LIGHT_CSS
from ayni.brief.interests import interests, pictures_of
from ayni.brief.judged import cited_rows, judged
from ayni.brief.lists import frozen_lists
from ayni.brief.money import bars, both_sides, price_links, providers
from ayni.brief.money_interests import interest_pictures
from ayni.brief.pictures import Picture
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor
from ayni.brief.prose import section
from ayni.brief.quoted import curve_picture, fan_picture, made, placings
from ayni.brief.steps import chain_picture, steps
from ayni.claims.grades import METHODS
from ayni.claims.naming import indicator_name, place_name, words
from ayni.claims.rules import CAUSAL
from ayni.claims.verdicts import verdicts
from ayni.language import message, quantity
from ayni.ledger.records import Correction
from ayni.units import Quantity

_FACTS = ("holds", "close", "off", "contested", "misdated", "wrong-sum")
_EITHER = ("out-of-reach", "not-a-fact")
_PROSE = ("money", "own", "harms", "chain", "quoted", "made", "methods", "grades", "gaps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """The same brief in another language."""

    language: str
    file: str
    name: str


def page_file(language: str) -> str:
    """Return the name of the page in a language."""
    return f"{language}.html"


def page(edition: Edition, languages: Sequence[str]) -> str:
    """Return the page as HTML."""
    about, case, language = edition.dossier.about, edition.dossier.case, edition.language
    script = asset("page.js")
    judgements = tuple(judged(edition, v) for v in verdicts(case))
    told = {
        "language": language,
        "policy": policy(script),
        "version": ayni.__version__,
        "css": Markup(CHART_CSS + asset("page.css")),
        "chart_css": Markup(LIGHT_CSS),
        "script": Markup(script),
        "title": about.title_es if language == "es" else about.title_en,
        "question": about.question_es if language == "es" else about.question_en,
        "edition": day(about.edition, language),
        "others": _others(language, languages),
        "sides": sides(edition),
        "not_known": not_known(edition),
        "strips": strips(edition),
        "contents": _contents(edition),
        "summary": summary(edition),
        "prose": {key: section(edition, key) for key in _PROSE},
        "money": _money(edition),
        "sides_tables": _sides_tables(edition),
        "chain": chain_picture(edition),
        "quoted": tuple(p for p in (fan_picture(edition), curve_picture(edition)) if p is not None),
        "placings": placings(edition),
        "made": made(edition),
        "interests": interests(edition),
        "steps": steps(edition),
        "claims": judgements,
    }
    return _rendered(edition, told | _methods(edition) | _appendix(edition))


def _rendered(edition: Edition, told: dict[str, object]) -> str:
    """Render twice: the sources listed are those that the rest of the page names."""
    template = _environment(edition.language).get_template("page.html")
    draft = template.render(**told, sources=())
    known = words(edition.dossier.case.ledger, "origins")
    used = [key for key in known if f'href="#{anchor("o", key)}"' in draft]
    return template.render(**told, sources=origin_entries(edition, used)) + "\n"


def _others(language: str, languages: Sequence[str]) -> tuple[Other, ...]:
    return tuple(
        Other(language=other, file=page_file(other), name=message(language, "page.other-language"))
        for other in languages
        if other != language
    )


def day(date: str, language: str) -> str:
    """Return an ISO date as a sentence writes it."""
    year, month, number = date.split("-")
    return message(
        language, "page.date", day=int(number), month=message(language, f"page.month.{int(month)}"), year=year
    )


def _contents(edition: Edition) -> tuple[tuple[str, str], ...]:
    language, about = edition.language, edition.dossier.about
    heads = [
        (key, message(language, f"page.heading.{key}")) for key in ("summary", "money", "chain", "quoted")
    ]
    heads += [(key, i.es if language == "es" else i.en) for key, i in about.interests.items()]
    tail = ("links", "verdicts", "methods", "gaps", "log", "cite", "reproduce", "numbers", "sources")
    return (*heads, *((key, message(language, f"page.heading.{key}")) for key in tail))


def _money(edition: Edition) -> tuple[Picture, ...]:
    made = (
        bars(edition),
        *interest_pictures(edition),
        providers(edition),
        *pictures_of(edition, "money"),
    )
    return tuple(p for p in made if p is not None)


def _sides_tables(edition: Edition) -> tuple[tuple[str, object], ...]:
    plan = edition.plan.money
    found = (("own", both_sides(edition, plan.own)), ("harms", both_sides(edition, plan.harm)))
    return tuple((ident, rows) for ident, rows in found if rows)


def _methods(edition: Edition) -> dict[str, object]:
    language, dossier = edition.language, edition.dossier
    labels = (
        ("vocabulary-facts", _FACTS),
        ("vocabulary-causes", tuple(reversed(CAUSAL))),
        ("vocabulary-either", _EITHER),
    )
    return {
        "lists": frozen_lists(edition),
        "maryland": tuple((message(language, f"method.{key}"), level) for key, level in METHODS.items()),
        "vocabulary": tuple(
            (
                message(language, f"page.methods.{group}"),
                tuple(
                    (k, message(language, f"label.{k}"), message(language, f"label-means.{k}")) for k in keys
                ),
            )
            for group, keys in labels
        ),
        "prices": price_links(edition),
        "corrections": tuple(_correction(edition, c) for c in dossier.corrections),
        "changes": tuple((c.edition, c.es if language == "es" else c.en) for c in dossier.log.edition),
        "cite": _cite(edition),
        "reproduce": {
            "command": f"ayni brief {dossier.about.key} --lang {language}",
            "why": f"ayni why {dossier.about.key} {min(dossier.case.pointers, default='')}",
            "digest": dossier.digest,
            "ledger": dossier.case.ledger.digest,
        },
    }


def _correction(edition: Edition, held: Correction) -> tuple[str, str, str]:
    language, ledger = edition.language, edition.dossier.case.ledger
    unit = words(ledger, "indicators").get(held.indicator, {}).get("unit", "index")
    key = {"flag": "flagged", "drop": "dropped"}.get(held.action, "applied")
    value = held.value or 0.0
    if held.action == "scale":
        value *= held.expect
    what = message(
        language,
        f"page.log.{key}",
        indicator=indicator_name(ledger, held.indicator, language),
        place=place_name(ledger, held.place, language),
        years=", ".join(str(y) for y in held.years),
        expect=quantity(Quantity(value=held.expect, unit=unit), language),
        value=quantity(Quantity(value=value, unit=unit), language),
    )
    told = "reported" if held.reported else "not-reported"
    return (
        what,
        held.reason_es if language == "es" else held.reason_en,
        message(language, f"page.log.{told}", reported=held.reported),
    )


def _cite(edition: Edition) -> dict[str, str]:
    language, dossier = edition.language, edition.dossier
    about = dossier.about
    told = {
        "title": about.title_es if language == "es" else about.title_en,
        "question": about.question_es if language == "es" else about.question_en,
        "date": day(about.edition, language),
        "version": ayni.__version__,
        "dossier": about.key,
        "digest": dossier.digest,
    }
    year = about.edition[:4]
    bibtex = "\n".join(
        (
            f"@techreport{{ayni-{about.key}-{about.edition},",
            f"  title = {{{told['title']}}},",
            "  author = {{ayni}},",
            f"  year = {{{year}}},",
            f"  number = {{{about.key}, {about.edition}}},",
            f"  note = {{ayni {ayni.__version__}, {dossier.digest[:16]}}}",
            "}",
        )
    )
    return {
        "short": message(language, "page.cite.short-text", **told),
        "full": message(language, "page.cite.full-text", **told),
        "bibtex": bibtex,
    }


def _appendix(edition: Edition) -> dict[str, object]:
    cited = row_entries(edition, cited_rows(verdicts(edition.dossier.case)))
    return {
        "numbers": entries(edition),
        "cited": tuple((anchor("r", row), entry) for row, entry in sorted(cited.items())),
    }


def index(editions: Sequence[Edition]) -> str:
    """Return the page that leads to each language; with script on, to the reader's own."""
    script = asset("choose.js")
    pages = [
        {
            "language": e.language,
            "file": page_file(e.language),
            "title": e.dossier.about.title_es if e.language == "es" else e.dossier.about.title_en,
            "question": e.dossier.about.question_es if e.language == "es" else e.dossier.about.question_en,
            "name": message(e.language, "page.this-language"),
        }
        for e in editions
    ]
    return (
        _environment(editions[0].language)
        .get_template("index.html")
        .render(
            first=editions[0].language,
            policy=policy(script),
            titles=[p["title"] for p in pages],
            css=Markup(CHART_CSS + asset("page.css")),
            pages=pages,
            script=Markup(script),
        )
    )


def policy(script: str) -> str:
    """Return the rule that keeps the page from asking anything of any network."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def asset(name: str) -> str:
    """Return a file that stands beside the templates."""
    return files("ayni.brief").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def word(key: str, **particulars: object) -> str:
        return message(language, f"page.{key}", **particulars)

    made.globals["word"] = word
    return made
