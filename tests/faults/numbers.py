"""How many faults are tried, and from which seed: `CASUALTY_LEDGER_FAULTS=NUMBER[:SEED]`.

`make faults` sets `full:1`, which is all of them; without it each test tries a small number. What
a failure names is tried again by its seed: `make faults FAULTS=full:77`.
"""

from __future__ import annotations

import os

_NUMBER, _, _SEED = os.environ.get("CASUALTY_LEDGER_FAULTS", "").partition(":")
FULL = _NUMBER != ""
"""Whether `make faults` runs: then also what takes long, or needs a tool such as strace."""


def number(small: int, full: int) -> int:
    """How many cases a test tries: `small` usually, `full` in `make faults`, or as many as asked.

    Never more than `full`, which is also the number where it is no matter of chance.
    """
    if not FULL:
        return small
    return full if _NUMBER == "full" else min(int(_NUMBER), full)


def seed() -> int:
    """What chance begins with: 1, if nothing else is asked for."""
    return int(_SEED or 1)
