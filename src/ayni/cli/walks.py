"""``ayni why`` in a ledger of official files: from a line of an answer to file, line and hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.cases import print_json
from ayni.cli.shelf import amount, holding_json, ledger_json, licence_words, open_shelf, stage_word
from ayni.cli.terminal import paragraph
from ayni.language import message, number, years

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ayni.ledger.holdings import Holding
    from ayni.ledger.store import Ledger
    from ayni.ledger.walking import Walk

# More rows than this are counted, not listed, on a terminal.
_FEW = 12
_FACTS = ("purposes", "account", "agency", "channel", "form", "activity", "date", "caveats", "note")


def run(line: Line) -> int:
    """Print the rows behind a line of an answer, or all that stands in a row."""
    from ayni.ledger.walking import walk

    key = line.text("name") or line.text("key")
    ledger = open_shelf(line)
    found = walk(ledger, key)
    if found is None:
        raise CannotRunError(message(line.language, "cli.error.walk", found=key))
    if line.flag("json"):
        print_json("walk", None, _json(ledger, found))
    else:
        print("\n".join(_told(ledger, found, line.language)))
    return 0


def _told(ledger: Ledger, found: Walk, language: str) -> Iterator[str]:
    from ayni.ledger.walking import printed

    yield found.key
    rows = found.rows
    for (currency,), own in rows.group_by("currency", maintain_order=True):
        if own.height > 1:
            total = float((own["amount"] * own["share"]).sum())
            told = amount(total, str(currency), language)
            yield paragraph(message(language, "cli.walk.sum", amount=told, count=own.height), "  ")
    few = rows.head(_FEW)
    said = printed(ledger, found.held, few["row"].to_list()) if few.height else {}
    for row in few.iter_rows(named=True):
        yield paragraph(_flow(row, language), "  ", "  ")
        for name in _FACTS:
            if row[name]:
                yield paragraph(f"{name}: {row[name]}", "    ", "  ")
        for name, value in said.get((row["origin"], row["row"]), {}).items():
            yield paragraph(f"{name}: {value}", "    ", "  ")
    if rows.height > _FEW:
        yield paragraph(message(language, "cli.trace.more-rows", count=rows.height - _FEW), "  ")
    for row in found.observations.iter_rows(named=True):
        told = f"{row['row']}  {row['indicator']} {row['place']} {row['year']}: {row['value']} {row['unit']}"
        yield paragraph(told, "  ", "  ")
    yield f"  {message(language, 'cli.trace.sources')}"
    for held in found.held:
        yield from _source(held, language)


def _flow(row: dict[str, object], language: str) -> str:
    share = float(str(row["share"]))
    until = row["until"]
    return message(
        language,
        "cli.walk.row" if share == 1 else "cli.walk.part",
        row=row["row"],
        provider=row["provider"],
        recipient=row["recipient"],
        stage=stage_word(str(row["stage"]), language, inside=True),
        year=years(
            int(str(row["year"])),
            None if until is None else int(str(until)),
            language,
            fiscal=row["year_kind"] == "us-fiscal",
        ),
        amount=amount(float(str(row["amount"])), str(row["currency"]), language),
        share=number(share, language, digits=2),
    )


def _source(held: Holding, language: str) -> Iterator[str]:
    yield paragraph(f"\u00b7 {held.publisher}: {held.title} [{held.origin}]", "    ", "  ")
    licence = licence_words(held.licence, language)
    facts = [("vintage", held.vintage), ("url", held.url), ("licence", licence)]
    for name, value in facts:
        if value:
            yield paragraph(f"{message(language, f'cli.fact.{name}')}: {value}", "      ", "  ")
    for file, digest in zip(held.files, held.sha256, strict=True):
        yield paragraph(f"{message(language, 'cli.head.file')}: {file}", "      ", "  ")
        yield paragraph(f"{message(language, 'cli.fact.sha256')}: {digest}", "      ", "  ")


def _json(ledger: Ledger, found: Walk) -> dict[str, object]:
    from ayni.ledger.walking import printed

    names = [*found.rows["row"].to_list(), *(found.observations["row"] if found.observations.width else ())]
    said = printed(ledger, found.held, names)
    rows = [
        {name: _plain(value) for name, value in row.items()}
        | {"printed": {n: _plain(v) for n, v in said.get((row["origin"], row["row"]), {}).items()}}
        for row in found.rows.iter_rows(named=True)
    ]
    return {
        "ledger": ledger_json(ledger),
        "key": found.key,
        "amount": float((found.rows["amount"] * found.rows["share"]).sum()),
        "rows": rows,
        "observations": [
            {name: _plain(value) for name, value in row.items()}
            for row in found.observations.iter_rows(named=True)
        ],
        "sources": [holding_json(one) for one in found.held],
    }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
