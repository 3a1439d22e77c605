"""A cursor over a JSON document of any size: it holds one value at a time.

RFC 8259, strictly: no NaN, no key twice, no text after the end. Numbers keep the text that was
written, so that `6.0` and a coordinate's digits stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.intake.readers.shape import ROW_LIMIT, FileFaultError
from ledger.intake.readers.text import line_ends, too_long

_SPACE = re.compile(r"[ \t\r\n]*")
_SLACK = 16
"""How far before the end of what is read the error of a value that goes on may be."""


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class NoNumber(str):
    """NaN or Infinity: no value of JSON."""

    __slots__ = ()


class Pairs(tuple[tuple[str, "Json"], ...]):
    """An object: its keys and values, as often and in the order in which it has them."""

    __slots__ = ()


Json = str | bool | None | Sequence["Json"] | Pairs
"""A value: text, Number, NoNumber, true or false, null, a list, Pairs."""


def _constant(name: str) -> NoNumber:
    return NoNumber(name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_float=Number, parse_int=Number, parse_constant=_constant
)


class Element(NamedTuple):
    """A value where it stands: its first line, and its text as written."""

    line: int
    raw: str
    value: Json


def decoded(text: str) -> Json:
    """The value that a text writes; raises json.JSONDecodeError and RecursionError."""
    value: Json = _DECODER.decode(text)
    return value


class Cursor:
    """A place in a document that comes in pieces. All its methods raise FileFaultError."""

    def __init__(self, where: str, blocks: Iterator[str]) -> None:
        self._where = where
        self._blocks = blocks
        self._buffer = ""
        self._at = 0
        self._line = 1
        self._column = 1

    def peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            self._go(space.end() if space else self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def element(self) -> Element:
        """The next value."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._goes_on(error):
                    if len(self._buffer) - self._at > ROW_LIMIT:
                        raise too_long(f"{self._where}:{self._line}") from error
                    if self._more():
                        continue
                raise self._refused(error) from error
            except RecursionError as error:
                raise self._bad("it is nested too deep") from error
            # The buffer may end within a number.
            if end < len(self._buffer) or not self._more():
                return self._taken(value, end)

    def skip(self) -> None:
        """Go past the next value, however large it is."""
        match self.peek():
            case "{":
                for _ in self.members():
                    self.skip()
            case "[":
                for _ in self.items():
                    self.skip()
            case _:
                self.element()

    def members(self) -> Iterator[str]:
        """The keys of an object; what follows each must be taken before the next."""
        for _ in self._parts("{", "}"):
            if self.peek() != '"':
                raise self._bad("a key in double quotes is expected")
            key = str(self.element().value)
            self._take(":")
            yield key

    def items(self) -> Iterator[None]:
        """The places of a list; the value at each must be taken before the next."""
        return self._parts("[", "]")

    def end(self) -> None:
        """Nothing follows."""
        if self.peek():
            raise self._bad("there is more after its end")

    def bad(self, code: str, message: str) -> FileFaultError:
        """What is wrong here, at its line and column."""
        where = f"{self._where}:{self._line}:{self._column}"
        return FileFaultError(where, code, message, "mend it, or fetch it again")

    def _parts(self, first: str, last: str) -> Iterator[None]:
        self._take(first)
        if self.peek() == last:
            self._take(last)
            return
        while True:
            yield
            if self.peek() == last:
                self._take(last)
                return
            self._take(",")

    def _take(self, character: str) -> None:
        if self.peek() != character:
            early = "" if self.peek() else "it ends too early: "
            raise self._bad(f"{early}{character!r} is expected")
        self._go(self._at + 1)

    def _taken(self, value: Json, end: int) -> Element:
        line = self._line
        raw = self._buffer[self._at : end]
        if len(raw) * 4 > ROW_LIMIT and len(raw.encode()) > ROW_LIMIT:
            raise too_long(f"{self._where}:{line}")
        self._go(end)
        return Element(line, raw, value)

    def _more(self) -> bool:
        """Read another piece; False at the end of the file."""
        block = next(self._blocks, None)
        if block is None:
            return False
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return True

    def _go(self, to: int) -> None:
        """Move on, and count lines."""
        passed = self._buffer[self._at : to]
        if ends := line_ends(passed):
            self._line += ends
            self._column = len(passed) - max(passed.rfind("\n"), passed.rfind("\r"))
        else:
            self._column += len(passed)
        self._at = to

    def _goes_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may only have been cut off by the end of what was read."""
        unfinished = error.msg.startswith("Unterminated")
        return unfinished or error.pos >= len(self._buffer) - _SLACK

    def _refused(self, error: json.JSONDecodeError) -> FileFaultError:
        self._go(error.pos)
        if not self._buffer[self._at :].strip(" \t\r\n"):
            return self._bad("it ends too early")
        return self._bad(error.msg[:1].lower() + error.msg[1:])

    def _bad(self, what: str) -> FileFaultError:
        return self.bad("bad-json", f"no JSON: {what}")
