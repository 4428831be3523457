"""``ayni new``: the folder of a new dossier."""

from __future__ import annotations

from pathlib import Path

from ayni.cli.arguments import CannotRunError, Line
from ayni.cli.terminal import paragraph
from ayni.language import message

SHELF = "dossiers"


def run(line: Line) -> int:
    """Make a dossier whose every entry is an example, and say what to do next."""
    from ayni.dossier.new import BadKeyError, examples, new_dossier

    shelf = Path(line.text("in", SHELF))
    try:
        folder = new_dossier(line.text("key"), shelf)
    except BadKeyError as error:
        raise CannotRunError(message(line.language, "cli.error.key", found=str(error))) from error
    except FileExistsError as error:
        raise CannotRunError(message(line.language, "cli.error.exists", path=error.filename)) from error
    name = line.text("key") if shelf == Path(SHELF) else str(folder)
    print(paragraph(message(line.language, "cli.new.made", path=folder)))
    print()
    for file, count in examples(folder):
        print(message(line.language, "cli.new.file", file=file, count=count))
    print()
    print(paragraph(message(line.language, "cli.new.next", name=name)))
    return 0
