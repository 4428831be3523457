"""Problems found in what a person wrote, collected so that all are told at once.

Whoever reads a file appends `Problem`s to a list and raises `ProblemsError` at the end.
A problem holds a code and the particulars; the sentence, in Spanish or English, is made
from the catalogue in `ayni.language` under the key ``problem.<code>``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ayni.language import message


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong in one place.

    Attributes
    ----------
    code : str
        Which kind of problem; the catalogue holds its sentence, with the remedy.
    file : str
        The file, as the reader would name it (relative to the dossier).
    line : int
        Line number, from 1; 0 where the file as a whole is meant.
    found, expected : str
        What stood there and what should have.
    words : tuple of (str, str)
        What was found, in Spanish and English, where it is said in words.
    where : str
        Which column, key or other line is meant.
    """

    code: str
    file: str
    line: int = 0
    found: str = ""
    expected: str = ""
    where: str = ""
    words: tuple[str, str] = ("", "")


class ProblemsError(ValueError):
    """One or more problems in the input; nothing was written.

    Attributes
    ----------
    problems : tuple of Problem
        All of them, in order of file and line.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.code, p.found)))
        first = self.problems[0]
        super().__init__(
            f"{len(self.problems)} problem(s), first {first.file}:{first.line}: "
            f"{first.code} (found {first.found!r}, expected {first.expected!r})"
        )


def sentence(problem: Problem, language: str) -> str:
    """Return what was found, what was expected and what to do, in one or two sentences."""
    near = f" ({problem.expected})" if problem.expected else ""
    return message(
        language,
        f"problem.{problem.code}",
        found=problem.words[language != "es"] or problem.found,
        expected=problem.expected,
        where=problem.where,
        near=near,
    )
