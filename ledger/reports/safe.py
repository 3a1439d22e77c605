"""Untrusted text made safe for where it goes: a terminal, a spreadsheet, JSON, a picture."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

_UNSEEN = (
    "\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
"""C1, bidi controls, line breaks of Unicode, tags and other characters that nobody sees.

U+FFFE and U+FFFF are no characters of XML. Joiners (U+200C, U+200D) stay: Persian and many
other languages write with them.
"""
_CONTROLS = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_IN_JSON = re.compile(f"[{_UNSEEN}]")
_BROKEN_LINES = re.compile("\r(?!\n)|(?![\t\r\n])" + _CONTROLS.pattern)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEFORE = "\\s\x00-\x20\x7f-\xa0\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
"""What may stand before a formula: programs trim it, or do not show it."""
_QUOTES = "'\"`´\u2018-\u201f«»\u2039\u203a＂＇"  # noqa: RUF001 - they are what is looked for
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫⁺₊⁼₌"  # noqa: RUF001 - forms that programs take for the plain ones
_FORMULA = re.compile(f"['\t\r\n]|[{_BEFORE}{_QUOTES}]*[{_SIGNS}]")
_PARTS = ";\t\r\n"
"""Where a program may part a cell: spreadsheets of many locales part rows at `;`."""
_WITHIN = re.compile(f"[{_PARTS}](?='|(?:(?![{_PARTS}])[{_BEFORE}{_QUOTES}])*[{_SIGNS}])")

_MAY_BE = {
    mark: re.compile(f'[{mark}\n](?!{mark}|\r\n)"?+[{_BEFORE}{_QUOTES}{_SIGNS}]') for mark in ",\t"
}
"""The beginning of a cell that may be a formula, among cells that such a mark delimits."""


def for_terminal(text: str) -> str:
    r"""The text with controls, C1 and bidi characters shown as `\x1b` or `\u202e`."""
    return _CONTROLS.sub(_escaped, text)


def for_screen(text: str) -> str:
    """Data on its way to a terminal: as `for_terminal`, but tabs and line ends stay."""
    return _BROKEN_LINES.sub(_escaped, text)


def for_spreadsheet(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula.

    So at its beginning, and after each `;`, tab and line end in it. Blanks, quotes and
    characters that nobody sees do not hide a formula. Reversible: an apostrophe in such a place
    gets one more; take one off wherever one stands there.
    """
    safe = _WITHIN.sub(r"\g<0>'", text) if _WITHIN.search(text) else text
    return "'" + safe if _FORMULA.match(text) else safe


def may_be_formulas(separated: str, delimiter: str) -> bool:
    """Whether `for_spreadsheet` may have to change a cell of a text of comma or tab.

    The text is as the csv module writes it, rows ended by CRLF. Said of a whole text, it saves
    looking at each cell: numbers below zero and odd cells make it True as well.
    """
    begins = _MAY_BE[delimiter].search(f"\n{separated}")
    return begins is not None or _WITHIN.search(separated) is not None


def for_json(encoded: str) -> str:
    r"""JSON with C1, bidi controls and lone surrogates as `\u202e`: it reads the same."""
    return _IN_JSON.sub(_in_json, encoded)


def for_picture(text: str) -> str:
    """The text as content or attribute of SVG or HTML: no control, no markup."""
    return escape(for_terminal(text), {'"': "&quot;", "'": "&#39;"})


def encodable(text: str) -> str:
    """The text as UTF-8 can carry it: a lone surrogate, which is no text, as U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number > 0xFFFF:
        return f"\\U{number:08x}"
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _in_json(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
