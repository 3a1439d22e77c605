"""One operation on a large ledger in a process of its own; prints its peak memory in bytes.

    python -m tests.benchmarks.memory OPERATION PATH EVENTS

The peak is that of the resident set. On Linux it is read from /proc: `getrusage` also counts
the memory of the process that started this one.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ledger.app import Ledger
from ledger.intake.rowfiles import Asked
from tests.benchmarks import events, ledgers

_STATUS = Path("/proc/self/status")


def peak() -> int:
    """The largest resident set of this process so far, in bytes."""
    if _STATUS.is_file():
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        found = next(line for line in lines if line.startswith("VmHWM:"))
        return int(found.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _append(path: Path, number: int) -> object:
    return ledgers.filled(path, events.SINGLE, number)


def _rebuild(path: Path, _number: int) -> object:
    return Ledger(path).rebuild()


def _verify(path: Path, _number: int) -> object:
    return Ledger(path).verify().findings


def _replay(path: Path, _number: int) -> object:
    return Ledger(path).replay()


def _import(path: Path, _number: int) -> object:
    ledger = Ledger(path.with_suffix(".db"), steward=events.STEWARD)
    return ledger.import_rows([path], Asked(mapping="ucdp-ged"))


OPERATIONS: Mapping[str, Callable[[Path, int], object]] = MappingProxyType(
    {
        "append": _append,
        "rebuild": _rebuild,
        "verify": _verify,
        "replay": _replay,
        "import": _import,
    }
)
"""In the order in which they can be run: the first makes the ledger.

For an import PATH is the file, and beside it is its ledger, made before."""

if __name__ == "__main__":
    _name, _path, _number = sys.argv[1:]
    OPERATIONS[_name](Path(_path), int(_number))
    sys.stdout.write(f"{peak()}\n")
