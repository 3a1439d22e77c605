from __future__ import annotations

import errno
import os

import pytest

from ledger.errors import refusal


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError(errno.ENOENT, os.strerror(errno.ENOENT), "a.csv"), "no such file or directory"),
        (OSError("File is not a zip file"), "file is not a zip file"),
    ],
)
def test_why_the_system_refused(error: OSError, why: str) -> None:
    assert refusal(error) == why
