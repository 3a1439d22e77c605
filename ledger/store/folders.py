"""What makes files and their names last through a loss of power: both have to be synced."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import IO


def sync(folder: Path) -> None:
    """Make last what was made, renamed or removed in a folder; raises OSError where that fails.

    A system that syncs no folders has nothing to fail in.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def sync_all(folder: Path) -> None:
    """Make last what was made in a folder and in the folders in it, and the folder itself."""
    for name, _, _ in os.walk(folder):
        sync(Path(name))
    sync(folder.absolute().parent)


def sync_file(file: IO[str] | IO[bytes]) -> None:
    """Make last what was written to a file so far; raises OSError where that fails."""
    file.flush()
    os.fsync(file.fileno())
