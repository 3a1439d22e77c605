"""Bytes to text: strict decoding, physical lines, NUL. Nothing is replaced or left out.

Every encoding becomes UTF-8 first. So all that follows has one thing to read, its limits are
bytes of UTF-8, and lines are split as bytes: Python splits those at LF, CRLF and CR alone.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

from ledger.intake.readers.opening import Source
from ledger.intake.readers.shape import ROW_LIMIT, FileFaultError
from ledger.problems import Problem

_UTF8 = ("utf-8", "utf-8-sig")
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\r"})
_SHORTEN = "keep long texts elsewhere and cite them"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Text:
    """The text of a source in an encoding, from the start as often as one likes.

    `controls` says whether the ASCII control characters that no cell may have were met.
    Reading raises UnicodeError, of which `problem` makes a problem, and FileFaultError for NUL and
    for a line beyond the limit. Raises FileFaultError for an encoding that there is not.
    """

    def __init__(self, source: Source, encoding: str) -> None:
        self.source = source
        self.where = source.where
        self.controls = False
        try:
            "".encode(encoding)
            self.encoding = codecs.lookup(encoding).name
        except (LookupError, ValueError) as error:
            message = f"there is no encoding {encoding!r}"
            hint = "name a codec of Python, such as utf-8, cp1252 or utf-16"
            raise FileFaultError(source.where, "unknown-encoding", message, hint) from error

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Lists of whole physical lines with their ends, each with the number of its first."""
        first = 1
        pending = b""
        for block in self._utf8():
            body = pending + block
            lines = body.splitlines(keepends=True)
            # A CR at the end of a block may be half of a CRLF.
            pending = b"" if body.endswith(b"\n") else lines.pop()
            # Only a line from block to block can be beyond the limit: blocks are smaller.
            self._bound(first, lines[0] if lines else pending)
            if lines:
                yield first, list(map(bytes.decode, lines))
            first += len(lines)
        if pending:
            self._bound(first, pending)
            yield first, [pending.decode()]

    def blocks(self) -> Iterator[str]:
        """Pieces of text of bounded size, none of which ends between CR and LF."""
        decode = codecs.getincrementaldecoder("utf-8")().decode
        pending = ""
        for block in self._utf8():
            text = pending + decode(block)
            pending = "\r" if text.endswith("\r") else ""
            yield text.removesuffix("\r")
        yield pending + decode(b"", final=True)

    def problem(self) -> Problem:
        """Where the text cannot be decoded, and what it may be: read again up to there."""
        ends, byte = self._fault()
        is_utf8 = self.encoding in _UTF8
        name = "UTF-8" if is_utf8 else self.encoding
        code = "not-utf-8" if is_utf8 else "not-decoded"
        what = f"byte {byte:#04x}" if byte is not None else "the text"
        return Problem(
            f"{self.where}:{1 + ends}", code, f"{what} is not {name}", self._suggestion()
        )

    def _bound(self, line: int, body: bytes) -> None:
        if len(body) > ROW_LIMIT and len(body.rstrip(b"\r\n")) > ROW_LIMIT:
            raise too_long(f"{self.where}:{line}")

    def _utf8(self) -> Iterator[bytes]:
        """The text as bytes of UTF-8, without a byte order mark, looked through for controls."""
        blocks = self.source.blocks()
        if self.encoding not in _UTF8:
            blocks = (text.encode() for text in _decoded(blocks, self.encoding))
        for block in filter(None, _without_mark(blocks)):
            if not self.controls and len(block.translate(None, _CONTROLS)) < len(block):
                self.controls = True
            if self.controls and b"\0" in block:
                raise self._nul()
            yield block

    def _nul(self) -> FileFaultError:
        """The problem of a NUL: read again up to there."""
        ends = _LineEnds()
        for text in _decoded(self.source.blocks(), self.encoding):
            before, nul, _ = text.partition("\0")
            ends.add(before)
            if nul:
                break
        where = f"{self.where}:{1 + ends.number}"
        hint = "it is no text, or text in an encoding such as utf-16-le: name it with --encoding"
        return FileFaultError(where, "nul", "there is a NUL character", hint)

    def _fault(self) -> tuple[int, int | None]:
        """How many lines end before what cannot be decoded, and its byte, if one can be named."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        ends = _LineEnds()
        for block in chain(self.source.blocks(), [b""]):
            state = decoder.getstate()
            try:
                text = decoder.decode(block, final=not block)
                text.encode()
            except UnicodeError as error:
                if len(block) > 1:
                    decoder.setstate(state)
                    return _fault_within(decoder, block, ends)
                return ends.number, _byte(error, block)
            ends.add(text)
        return ends.number, None

    def _suggestion(self) -> str:
        """An encoding in which all of it can be decoded: a suggestion, never a decision."""
        for name in self._candidates():
            if codecs.lookup(name).name != self.encoding and self._decodes(name):
                return f"it decodes as {name}: if it reads well so, give --encoding {name}"
        return "save the file as UTF-8"

    def _candidates(self) -> tuple[str, ...]:
        start = self.source.unpacked().read(4)
        if start.startswith(_UTF16):
            return ("utf-32", "utf-16")
        return ("utf-8", "cp1252", "latin-1")

    def _decodes(self, encoding: str) -> bool:
        try:
            return all("\0" not in text for text in _decoded(self.source.blocks(), encoding))
        except (UnicodeError, FileFaultError):
            return False


def too_long(where: str, hint: str = _SHORTEN) -> FileFaultError:
    """The problem of a row beyond the limit: a file's, since the row could not be kept whole."""
    return FileFaultError(where, "long-row", "the row that begins here is longer than 1 MiB", hint)


def line_ends(text: str) -> int:
    """How many physical lines end in a text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


class _LineEnds:
    """Counts physical lines over pieces of a text."""

    def __init__(self) -> None:
        self.number = 0
        self._after_cr = False

    def add(self, text: str) -> None:
        self.number += line_ends(text) - (self._after_cr and text.startswith("\n"))
        self._after_cr = text.endswith("\r") if text else self._after_cr


def _fault_within(
    decoder: codecs.IncrementalDecoder, block: bytes, ends: _LineEnds
) -> tuple[int, int | None]:
    """The fault of a block that cannot be decoded, sought byte by byte."""
    for byte in block:
        try:
            text = decoder.decode(bytes([byte]))
            text.encode()
        except UnicodeError as error:
            return ends.number, _byte(error, bytes([byte]))
        ends.add(text)
    return ends.number, None


def _byte(error: UnicodeError, piece: bytes) -> int | None:
    """The byte that an error is about, which may be the first of several; else the last one."""
    if isinstance(error, UnicodeDecodeError):
        return error.object[error.start]
    return piece[-1] if piece else None


def _without_mark(blocks: Iterator[bytes]) -> Iterator[bytes]:
    start = next(blocks, b"")
    return chain([start.removeprefix(codecs.BOM_UTF8)], blocks)


def _decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[str]:
    decode = codecs.getincrementaldecoder(encoding)().decode
    for block in blocks:
        yield decode(block)
    yield decode(b"", final=True)
