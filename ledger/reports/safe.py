"""Untrusted text made safe for where it goes: a terminal, a spreadsheet."""

from __future__ import annotations

import re

_CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_FORMULA = re.compile("['=+\\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - wide forms act alike


def for_terminal(text: str) -> str:
    r"""The text with controls, C1 and bidi characters shown as `\x1b` or `\u202e`."""
    return _CONTROLS.sub(lambda found: _escaped(found[0]), text)


def for_spreadsheet(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula.

    Reversible: a text that begins with an apostrophe gets one more; take the first one off.
    """
    return "'" + text if _FORMULA.match(text) else text


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
