"""``ayni list``: the dossiers at hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

from ayni.cli.arguments import Line
from ayni.cli.cases import print_json
from ayni.cli.terminal import paragraph, table
from ayni.language import message


def run(line: Line) -> int:
    """Print key, title, edition and folder of every dossier on the shelves."""
    from ayni.dossier.shelves import known_keys, locate

    found = [(key, locate(key)) for key in known_keys()]
    told = [(key, folder, _about(folder)) for key, folder in found]
    if line.flag("json"):
        listed = [
            {
                "key": key,
                **{n: about.get(n) for n in ("title_es", "title_en", "edition")},
                "folder": str(folder),
            }
            for key, folder, about in told
        ]
        print_json("list", None, {"dossiers": listed})
        return 0
    if not told:
        print(paragraph(message(line.language, "cli.list.none")))
        return 0
    heads = [message(line.language, f"cli.head.{name}") for name in ("key", "title", "edition", "folder")]
    title = f"title_{line.language}"
    rows = [
        [
            key,
            about.get(title, message(line.language, "cli.list.broken")),
            about.get("edition", ""),
            str(folder),
        ]
        for key, folder, about in told
    ]
    print(table(heads, rows))
    return 0


def _about(folder: Path) -> dict[str, str]:
    """Return the plain words of a dossier.toml; nothing where it cannot be read."""
    try:
        content = tomllib.loads((folder / "dossier.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in content.items() if isinstance(value, str)}
