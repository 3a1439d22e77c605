"""Problems of data are values: collected, shown all at once, never raised one by one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with data.

    `where` is `FILE:LINE[:COL]`, a key, or a position; `code` a stable word for the kind of
    problem; `message` says what is wrong; `hint` what to do about it.
    """

    where: str
    code: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """`WHERE: CODE message: hint`, as it is printed."""
        return f"{self.where}: {self.code} {self.message}" + (f": {self.hint}" if self.hint else "")


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by file, then by line."""

    def place(problem: Problem) -> tuple[str, int]:
        file, _, line = problem.where.partition(":")
        number = line.partition(":")[0]
        return file, int(number) if number.isdecimal() else 0

    return sorted(problems, key=place)
