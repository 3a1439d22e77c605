"""Folders: a new name in one lasts, also through a loss of power, once the folder is synced."""

from __future__ import annotations

import errno
import os
from pathlib import Path


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
