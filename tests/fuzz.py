"""How many random cases are tried: `CASUALTY_LEDGER_FUZZ=NUMBER[:FIRST]`, for `make fuzz`.

What a failure names is tried alone by `CASUALTY_LEDGER_FUZZ=1:FIRST`.
"""

from __future__ import annotations

import os


def numbers(usual: int) -> range:
    """The numbers of the cases to try: `usual` many from 1 on, if nothing else is asked for."""
    number, _, first = os.environ.get("CASUALTY_LEDGER_FUZZ", f"{usual}").partition(":")
    return range(int(first or 1), int(first or 1) + int(number))
