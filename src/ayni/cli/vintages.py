"""``ayni vintages``: the releases of each dataset in a ledger, and what moved from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayni.cli.arguments import Line, refuse
from ayni.cli.cases import print_csv, print_json
from ayni.cli.shelf import amount, holding_json, ledger_json, open_shelf, stage_word
from ayni.cli.terminal import paragraph, table
from ayni.language import message, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ayni.ledger.vintages import Releases

_OPEN = "*"


def run(line: Line) -> int:
    """Print what moved between releases."""
    from ayni.ledger.holdings import datasets, holdings
    from ayni.ledger.vintages import CHANGES, vintages

    ledger = open_shelf(line)
    dataset = line.text("dataset")
    known = datasets(holdings(ledger))
    if dataset and dataset not in known:
        refuse(dataset, known, "--dataset", line.language)
    found = vintages(ledger, dataset, provider=line.text("provider"), recipient=line.text("recipient"))
    if line.flag("json"):
        print_json(
            "vintages", None, {"ledger": ledger_json(ledger), "datasets": [_json(one) for one in found]}
        )
    elif line.flag("csv"):
        print_csv(list(CHANGES), (row for one in found for row in one.changes.iter_rows()))
    else:
        blocks = ["\n\n".join(_told(one, line.language)) for one in found]
        print("\n\n".join(blocks) or paragraph(message(line.language, "cli.vintages.none")))
    return 0


def _told(one: Releases, language: str) -> Iterator[str]:
    """Yield the releases of a dataset, then what moved between each and the next."""
    from ayni.ledger.vintages import counted, moved

    yield f"{one.dataset.upper()}\n" + table(
        [message(language, f"cli.head.{name}") for name in ("release", "file", "published")],
        [[held.origin, ", ".join(held.files), held.vintage] for held in one.held],
    )
    for (before, after), changes in one.changes.group_by("before", "after", maintain_order=True):
        counts = counted(changes)
        told = message(language, "cli.vintages.between", before=before, after=after, **counts)
        rows = moved(changes)
        if rows.is_empty():
            yield paragraph(told)
            continue
        heads = [message(language, f"cli.head.{name}") for name in ("stage", "year", "old", "new")]
        heads += [message(language, f"cli.head.{name}") for name in ("change", "share")]
        cells = [
            [
                stage_word(row["stage"], language),
                f"{row['year']}{_OPEN if row['open'] else ''}",
                amount(row["old"], row["currency"], language),
                amount(row["new"], row["currency"], language),
                amount(row["change"], row["currency"], language),
                "" if row["percent"] is None else percent(row["percent"], language, digits=1, sign=True),
            ]
            for row in rows.iter_rows(named=True)
        ]
        yield f"{paragraph(told)}\n\n{table(heads, cells, right=(2, 3, 4, 5))}"
        if rows["open"].any():
            yield paragraph(message(language, "cli.vintages.open", mark=_OPEN))


def _json(one: Releases) -> dict[str, object]:
    return {
        "dataset": one.dataset,
        "releases": [holding_json(held) for held in one.held],
        "changes": one.changes.drop("dataset").to_dicts(),
    }
