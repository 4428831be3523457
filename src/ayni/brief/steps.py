"""The results chain: drawn with its grades, and each link with its evidence on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from ayni.brief.charts import Bond, ChainDiagram, ChainHeadings, Node
from ayni.brief.judged import Spoken, own_words
from ayni.brief.pictures import Picture, alt, picture
from ayni.brief.plan import Edition
from ayni.brief.printed import anchor, link, plain, printed, said, without_range
from ayni.claims.grades import CERTAINTIES, METHODS, Grade, Weighed, grade, spoken
from ayni.claims.naming import publisher
from ayni.claims.results import NODE_KINDS, Chain
from ayni.language import message
from ayni.language import number as digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A link of the chain, as printed."""

    ident: str
    name: str
    ends: str
    certainty: str
    balance: str
    steps: tuple[str, ...]
    evidence: tuple[tuple[str, tuple[Spoken, ...]], ...]


def grades(edition: Edition) -> tuple[Grade, ...]:
    """Return the grade of every link, in the dossier's order."""
    case = edition.dossier.case
    return tuple(grade(case, held) for held in case.chain.links.values())


def steps(edition: Edition) -> tuple[Step, ...]:
    """Return every link with what was gathered on it."""
    return tuple(_step(edition, graded) for graded in grades(edition))


def _step(edition: Edition, graded: Grade) -> Step:
    language, chain = edition.language, edition.dossier.case.chain
    ends = [_word(chain.nodes[key], language) for key in (graded.link.source, graded.link.target)]
    said_of = [_said(edition, weighed) for weighed in graded.weighed]
    return Step(
        ident=anchor("l", graded.link.key),
        name=_word(graded.link, language),
        ends=" → ".join(ends),
        certainty=message(language, f"certainty.{graded.certainty}"),
        balance=message(language, f"balance.{graded.balance}"),
        steps=tuple(message(language, f"grade.{step}") for step in graded.steps),
        evidence=tuple(
            (message(language, f"page.stance.{stance}"), kept)
            for stance in ("for", "against", "neither")
            if (kept := tuple(each for each in said_of if each.stance == stance))
        ),
    )


def _word(held: object, language: str) -> str:
    return str(getattr(held, "es" if language == "es" else "en"))


def _said(edition: Edition, weighed: Weighed) -> Spoken:
    language, item = edition.language, weighed.item
    told = spoken(weighed)
    text = Markup.escape(own_words(told, language))
    if item.number and weighed.quantity is not None:
        template = Markup.escape(item.es if language == "es" else item.en)
        figure = printed(item.number, without_range(weighed.quantity), edition, anchor("n", item.number))
        text = Markup(str(template).replace("{figure}", str(figure)))
    if item.document:
        who = publisher(edition.dossier.case.ledger, item.document, language)
        text += Markup(' <a href="#{}">{}</a>').format(anchor("o", item.document), who)
    how = {
        "method": message(language, f"method.{item.method}"),
        "level": METHODS[item.method],
        "where": message(language, "page.link.here" if item.here else "page.link.elsewhere"),
    }
    return Spoken(stance=weighed.stance, text=text, how=said(edition, "page.link.how", how))


def chain_picture(edition: Edition) -> Picture | None:
    """Return the chain drawn: width for strength, broken for none, red for evidence against."""
    chain, language = edition.dossier.case.chain, edition.language
    if not chain.links:
        return None
    graded = grades(edition)
    silent = sum(g.balance == "none" for g in graded)
    against = sum(g.balance in ("against", "mixed") for g in graded)
    told = {
        name: link(f"chain/{name}", value, digits(value, language), "links")
        for name, value in (("links", len(graded)), ("silent", silent), ("against", against))
    }
    title = said(edition, "page.chain.title", told)
    subtitle = message(language, "page.chain.subtitle")
    columns = columns_of(chain)
    chart = ChainDiagram(
        title=plain(title),
        subtitle=subtitle,
        alt=alt(title, subtitle),
        nodes=tuple(
            Node(
                key=node.key,
                label=_word(node, language),
                column=columns[node.key],
                group=message(language, f"page.node.{node.kind}"),
            )
            for node in chain.nodes.values()
        ),
        links=tuple(
            Bond(
                source=g.link.source,
                target=g.link.target,
                strength=g.strength,
                against=g.balance in ("against", "mixed"),
                none=g.balance == "none",
                href="#" + anchor("l", g.link.key),
            )
            for g in graded
        ),
        headings=ChainHeadings(
            source=message(language, "page.chain.source"),
            target=message(language, "page.chain.target"),
            label=message(language, "page.chain.label"),
            strength=message(language, "page.chain.strength"),
            against=message(language, "page.chain.against"),
            none=message(language, "page.chain.none"),
        ),
        strength_labels=tuple(
            (n, message(language, f"certainty.{CERTAINTIES[n]}")) for n in range(1, len(CERTAINTIES))
        ),
    )
    origins = {item.document: None for held in chain.links.values() for item in held.items if item.document}
    note = said(edition, "page.chain.note")
    return picture(edition, chart, key="g-chain", title=title, origins=origins, note=note)


def columns_of(chain: Chain) -> Mapping[str, int]:
    """Return the column of each node: its kind's, and later where it follows one of the same kind."""
    depth = dict.fromkeys(chain.nodes, 0)
    same = [
        (held.source, held.target)
        for held in chain.links.values()
        if chain.nodes[held.source].kind == chain.nodes[held.target].kind
    ]
    for _ in chain.nodes:
        for source, target in same:
            depth[target] = max(depth[target], depth[source] + 1)
    start, starts = 0, {}
    for kind in NODE_KINDS:
        starts[kind] = start
        start += 1 + max((depth[k] for k, node in chain.nodes.items() if node.kind == kind), default=0)
    return {key: starts[node.kind] + depth[key] for key, node in chain.nodes.items()}
