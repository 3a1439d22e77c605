"""Files as bytes: opened, unpacked, and standard input kept in a temporary file."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from ledger.intake.readers.shape import FileFaultError

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
        self.name = "stdin" if stdin else path.name
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
        self._file.seek(0)
        digest = hashlib.sha256()
        while block := self._file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()

    def unpacked(self) -> IO[bytes]:
        """The file from its start; what is packed (`.gz`, `.xz`) is unpacked as it is read."""
        self._file.seek(0)
        if self._suffix == ".gz":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=self._file))
        if self._suffix == ".xz":
            return lzma.LZMAFile(self._file)
        return self._file

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


def cannot_be_read(where: str, error: OSError) -> FileFaultError:
    """The problem of a file that the system does not let us read."""
    why = (error.strerror or str(error)).lower()
    return FileFaultError(where, "no-file", f"cannot be read: {why}")


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    """A temporary file with all that a stream gives, since a file is read more than once."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - Source closes it
    shutil.copyfileobj(stream, file, BLOCK)
    return file
