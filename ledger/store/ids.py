"""Ids of events: UUIDs of version 7 (RFC 9562, 5.7), so that their index grows at its end."""

from __future__ import annotations

import os
import time

_COUNTED_BITS = 48


def uuid7s(number: int) -> list[str]:
    """So many new ids, in rising order.

    Milliseconds now, 26 random bits, and a 48-bit counter from a random start with its first
    bit clear: method 1 of RFC 9562, 6.2.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high, variant = random >> 68, random >> 54 & 0x3FFF
    start = random & (1 << _COUNTED_BITS - 1) - 1
    digits = f"{milliseconds:012x}"
    head = f"{digits[:8]}-{digits[8:]}-7{high:03x}-{0x8000 | variant:04x}-"
    return [f"{head}{counted:012x}" for counted in range(start, start + number)]
