"""Scratch space that runs out is said to be scratch space, and nobody's fault of the file."""

from __future__ import annotations

import errno
import io
import tempfile
from contextlib import closing

import pytest

from ledger.errors import ScratchError
from ledger.intake.readers import opening
from ledger.intake.seen import Seen


def test_names_that_find_no_space() -> None:
    with closing(Seen()) as seen:
        seen.add([("first", "invented.csv:2")])
        seen._scratch.execute("PRAGMA max_page_count = 2")
        with pytest.raises(ScratchError, match="database or disk is full"):
            seen.add([(f"{number}", "invented.csv:3") for number in range(1_000)])


class FullFile(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, _data: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_standard_input_that_finds_no_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", FullFile)
    with pytest.raises(ScratchError, match=r"no space left on device.*TMPDIR"):
        opening._spooled(io.BytesIO(b"id\n1\n"))
