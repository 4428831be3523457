"""``ayni sql``: a query over the ledger's tables."""

from __future__ import annotations

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.cases import of_ledger, open_case, print_csv, print_json
from ayni.cli.shelf import ledger_json, open_shelf
from ayni.cli.terminal import table
from ayni.language import message


def run(line: Line) -> int:
    """Print what the query returns."""
    from ayni.ledger.store import LedgerError, sql

    dossier = None
    if not line.text("query") or "ledger" in line.given:
        line = of_ledger(line)
        ledger, query = open_shelf(line), line.text("key")
    else:
        dossier = open_case(line)
        ledger, query = dossier.case.ledger, line.text("query")
    try:
        found = sql(ledger, query)
    except LedgerError as error:
        raise CannotRunError(message(line.language, "cli.error.sql", why=str(error))) from error
    names, rows = list(found.columns), found.rows()
    if line.flag("json"):
        body = {
            **({} if dossier else {"ledger": ledger_json(ledger)}),
            "query": query,
            "columns": names,
            "rows": [[_plain(c) for c in row] for row in rows],
        }
        print_json("sql", dossier, body)
    elif line.flag("csv"):
        print_csv(names, rows)
    else:
        right = [at for at, kind in enumerate(found.dtypes) if kind.is_numeric()]
        told = [["" if cell is None else str(cell) for cell in row] for row in rows]
        print(table(names, told, right=right))
        said = "cli.sql.one" if len(rows) == 1 else "cli.sql.many"
        print(f"\n{message(line.language, said, count=len(rows))}")
    return 0


def _plain(cell: object) -> object:
    """Return a cell as JSON can hold it: dates and what is rarer as text, what is no number as null."""
    if isinstance(cell, float) and cell not in (float("inf"), float("-inf")):
        return cell if cell == cell else None  # noqa: PLR0124 -- NaN is the number unequal to itself
    if isinstance(cell, list):
        return [_plain(one) for one in cell]
    return cell if cell is None or isinstance(cell, bool | int | str) else str(cell)
