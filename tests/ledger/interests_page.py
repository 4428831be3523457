"""The page of interests, written from the table.

python -m tests.ledger.interests_page        writes today's table into the page
"""

from __future__ import annotations

from ayni.language import message
from ayni.ledger.purposes import mapping
from tests.houserules.tree import ROOT

PAGE = ROOT / "docs" / "reference" / "interests.md"
BEGINS = "## The table\n"


def _reason(code: str) -> str:
    return message("en", f"interest-reason.{code}")


def table() -> str:
    """Return the table as the page shows it."""
    lines = ["| code | interest | what it stands for | why |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{one.scheme}:{one.code}` | {one.interest} | {one.en} | {_reason(one.reason)} |"
        for one in mapping()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    before, _, _ = PAGE.read_text("utf-8").partition(BEGINS)
    PAGE.write_text(f"{before}{BEGINS}\n{table()}\n", "utf-8")
