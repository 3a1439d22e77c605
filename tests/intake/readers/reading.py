"""What tests of readers share: a file from text or bytes, and what is in it."""

from __future__ import annotations

from pathlib import Path

from ledger.intake.readers import Misfit, Record, Shape, Tabular, open_table
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data" / "readers"


_open: list[Tabular] = []


def opened(path: Path, shape: Shape) -> Tabular:
    """The file, to be closed when the test is over."""
    _open.append(open_table(path, shape))
    return _open[-1]


def close_all() -> None:
    """Close what a test has opened."""
    while _open:
        _open.pop().close()


def table(folder: Path, content: str | bytes, shape: Shape | str, name: str = "x") -> Tabular:
    """The content as an opened file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return opened(path, Shape(shape) if isinstance(shape, str) else shape)  # type: ignore[arg-type]


def rows(found: Tabular) -> list[Record | Misfit]:
    """All rows, in both of two readings."""
    assert found.problems == []
    both = [list(found.rows()), list(found.rows())]
    assert both[0] == both[1]
    assert len(both[0]) == found.size
    return both[0]


def records(found: Tabular) -> list[list[str]]:
    """The cells of a file without misfits."""
    read = rows(found)
    assert all(isinstance(one, Record) for one in read)
    return [one.cells for one in read if isinstance(one, Record)]


def problems(found: Tabular) -> list[tuple[str, str]]:
    """The place within the file, and the code, of each problem of a file."""
    return [(_place(one.where), one.code) for one in found.problems]


def misfits(found: Tabular) -> list[tuple[str, str]]:
    """The place within the file, and the code, of each misfit."""
    return [
        (_place(one.problem.where), one.problem.code)
        for one in rows(found)
        if isinstance(one, Misfit)
    ]


def _place(where: str) -> str:
    return where.rpartition("/")[2].partition(":")[2]
