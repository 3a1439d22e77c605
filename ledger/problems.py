"""Problems of data are values: collected, shown all at once, never raised one by one."""

from __future__ import annotations

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
