"""Ids of events: UUIDs of version 7 (RFC 9562, 5.7), so that their index grows at its end."""

from __future__ import annotations

import os
import time

_RANDOM_BITS = 74
_LOW_62 = (1 << 62) - 1


def uuid7s(number: int) -> list[str]:
    """So many new ids, in rising order: milliseconds now, then a random start counted up.

    Counting up from a random number within one millisecond is method 2 of RFC 9562, 6.2.
    """
    milliseconds = time.time_ns() // 1_000_000
    start = int.from_bytes(os.urandom(10)) >> (80 - _RANDOM_BITS + 1)
    return [_text(milliseconds, start + step) for step in range(number)]


def _text(milliseconds: int, random: int) -> str:
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & _LOW_62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
