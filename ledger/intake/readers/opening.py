"""Files as bytes: opened, unpacked, and standard input kept in a temporary file."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from ledger.errors import ScratchError, refusal
from ledger.intake.readers.shape import FileFaultError

if TYPE_CHECKING:
    from typing_extensions import Buffer

STDIN = "-"
BLOCK = 1 << 16
"""Bytes that are read at once: few enough that the rows of a block stay in a processor's cache."""


class Source:
    """An opened file, which may be read from its start as often as one likes.

    `where` is how problems name it, `name` its name without folders. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        stdin = str(path) == STDIN
        self.where = "stdin" if stdin else str(path)
        self.name = "stdin" if stdin else os.fsencode(path.name).decode(errors="replace")
        self._suffix = path.suffix.lower()
        opened: IO[bytes] = sys.stdin.buffer if stdin else path.open("rb")
        self._file = opened
        if stdin or not opened.seekable():
            self._file = _spooled(opened)
            if not stdin:
                opened.close()

    def close(self) -> None:
        """Close it; a temporary file is gone with that."""
        self._file.close()

    def sha256(self) -> str:
        """The hash of the bytes as they are, in hexadecimal: those of an archive if it is one."""
        digest = hashlib.sha256()
        file = self._view()
        while block := file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()

    def unpacked(self) -> IO[bytes]:
        """The file from its start; what is packed (`.gz`, `.xz`) is unpacked as it is read."""
        file = self._view()
        if self._suffix == ".gz":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
        if self._suffix == ".xz":
            return lzma.LZMAFile(file)
        return file

    def _view(self) -> IO[bytes]:
        return io.BufferedReader(_View(self._file.fileno()), BLOCK)

    def blocks(self) -> Iterator[bytes]:
        """The unpacked bytes, in pieces of bounded size; raises FileFaultError."""
        file = self.unpacked()
        try:
            while block := file.read(BLOCK):
                yield block
        except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
            message = f"the archive is broken: {str(error).lower()}"
            raise FileFaultError(
                self.where, "broken-archive", message, "fetch or pack the file again"
            ) from error


class _View(io.RawIOBase):
    """An open file with a place of its own, so that readings of it do not disturb each other."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        room = memoryview(buffer)
        body = os.pread(self._descriptor, len(room), self._at)
        room[: len(body)] = body
        self._at += len(body)
        return len(body)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = os.fstat(self._descriptor).st_size
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence]
        return self._at


def cannot_be_read(where: str, error: OSError) -> FileFaultError:
    """The problem of a file that the system does not let us read."""
    why = refusal(error)
    return FileFaultError(where, "no-file", f"cannot be read: {why}")


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    """A temporary file with all that a stream gives, since a file is read more than once."""
    with _scratch():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - Source closes it
    try:
        while block := stream.read(BLOCK):
            with _scratch():
                file.write(block)
        with _scratch():
            file.flush()
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    return file


@contextmanager
def _scratch() -> Iterator[None]:
    """Say that it is a temporary file that could not be written, not the one that is read."""
    try:
        yield
    except OSError as error:
        raise ScratchError(refusal(error)) from error
