"""One byte changed, at random, in something that an auditor reads: the same in every run."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import text

from ledger.app import Ledger
from ledger.audit import checking
from ledger.audit.auditor import verify_elsewhere
from ledger.audit.checkpoints import Signed
from ledger.audit.histories import Noted
from ledger.audit.projected import COMPARED
from ledger.audit.trust import Trust
from ledger.catalogue import REPORTS
from ledger.errors import LedgerError
from ledger.reports.question import Question, ask
from tests.audit import outsider
from tests.audit.signing import LOG_KEY, SECONDS, WITNESS_KEY
from tests.conftest import REPORT, SEEDS, file_of, new_ledger

Fate: TypeAlias = Literal["found", "not read"]

LOG = Trust((LOG_KEY.verifier,))
TRUST = Trust((LOG_KEY.verifier,), (WITNESS_KEY.verifier,), 1)
LOGGED = {
    name: f"SELECT * FROM {name} ORDER BY 1, 2" for name in ("events", "tiles", "checkpoints")
} | {"head": "SELECT * FROM head", **COMPARED}


class MissedError(AssertionError):
    """A changed byte that was not found, though it changes what is read."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Files in which a byte is changed, what looks for it, and what the files say."""

    kind: str
    files: Sequence[Path]
    finds: Callable[[], bool]
    reads: Callable[[], object]
    was: object = field(init=False)

    def __post_init__(self) -> None:
        """Remember what they say; all must be well before."""
        assert not self.finds(), self.kind
        object.__setattr__(self, "was", self.reads())

    def flip(self, chance: random.Random) -> Fate:
        """Change a byte, look for it, change it back; raises MissedError."""
        path = chance.choice(self.files)
        good = path.read_bytes()
        at, change = chance.randrange(len(good)), chance.randrange(1, 256)
        path.write_bytes(good[:at] + bytes([good[at] ^ change]) + good[at + 1 :])
        try:
            return self._fate()
        except BaseException as error:
            error.add_note(f"{path.name}: byte {at}, XOR {change}")
            raise
        finally:
            for suffix in ("-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            path.write_bytes(good)

    def _fate(self) -> Fate:
        try:
            if self.finds():
                return "found"
        except LedgerError:
            return "found"
        if self.reads() != self.was:
            raise MissedError(self.kind)
        return "not read"


class Proved(NamedTuple):
    """A ledger, an older checkpoint of it, and the newest, which covers all and is cosigned."""

    folder: Path
    ledger: Ledger
    older: Signed
    newest: Signed

    @property
    def given(self) -> list[Noted]:
        """The newest checkpoint, from outside."""
        return [Noted("outside", str(self.newest).encode())]

    def write(self, name: str, what: object) -> Path:
        """A file of some text."""
        path = self.folder / name
        path.write_text(str(what), encoding="utf-8")
        return path


def subjects(folder: Path) -> list[Subject]:
    """A ledger of the seeds, and all that proves it."""
    ledger = new_ledger(folder / "ledger.db")
    ledger.import_drafts([REPORT])
    older = ledger.auditor.checkpoint(LOG_KEY)
    ledger.import_drafts(SEEDS)
    newest = ledger.auditor.checkpoint(LOG_KEY)
    newest = Signed(newest.checkpoint, newest.note.signed(WITNESS_KEY, SECONDS))
    proved = Proved(folder, ledger, older, newest)
    return [
        _database(proved),
        _checkpoint(proved),
        _published(proved),
        _inclusion(proved),
        _consistency(proved),
        _bundle(proved),
        _unpacked(proved),
    ]


def _database(proved: Proved) -> Subject:
    ledger = proved.ledger
    return Subject(
        "database",
        [file_of(ledger)],
        lambda: bool(ledger.auditor.verify(proved.given, TRUST).findings),
        lambda: _said(ledger),
    )


def _said(ledger: Ledger) -> dict[str, object]:
    """Every row that is read, and every report."""
    with ledger.asking() as present:
        said: dict[str, object] = {
            name: [tuple(row) for row in present.connection.execute(text(statement))]
            for name, statement in LOGGED.items()
        }
        for name in REPORTS:
            said[f"report {name}"] = [*present.report(name, Question()).rows]
        said["months"] = [*present.report("totals", ask(by="month")).rows]
        said["running"] = [*present.running("oir-us-combat-deaths", Question()).rows]
    return said


def _checkpoint(proved: Proved) -> Subject:
    note = proved.write("newest.checkpoint", proved.newest)

    def finds() -> bool:
        given = [Noted(str(note), note.read_bytes())]
        return bool(proved.ledger.auditor.verify(given, TRUST).findings)

    return Subject("checkpoint", [note], finds, note.read_bytes)


def _published(proved: Proved) -> Subject:
    folder = proved.folder / "public"
    proved.ledger.auditor.publish(folder)
    files = _files(folder)
    return Subject(
        "published log",
        files,
        lambda: bool(verify_elsewhere(str(folder), proved.given, TRUST).findings),
        lambda: [path.read_bytes() for path in files],
    )


def _inclusion(proved: Proved) -> Subject:
    path = proved.write("100.tlog-proof", proved.ledger.auditor.prove(100))
    return Subject(
        "proof of an event",
        [path],
        lambda: bool(checking.check(path, LOG).findings),
        path.read_bytes,
    )


def _consistency(proved: Proved) -> Subject:
    made = proved.ledger.auditor.prove_since(proved.older.checkpoint)
    path = proved.write("grown.txt", made)
    return Subject(
        "proof of growth",
        [path],
        lambda: bool(checking.check(path, LOG, proved.older).findings),
        path.read_bytes,
    )


def _bundle(proved: Proved) -> Subject:
    path = outsider.bundled(proved.ledger, proved.folder / "ledger.zip", ("totals", "incidents"))
    return Subject("bundle", [path], lambda: _refused(path, proved), lambda: _members(path))


def _unpacked(proved: Proved) -> Subject:
    folder = proved.folder / "unpacked"
    with zipfile.ZipFile(proved.folder / "ledger.zip") as archive:
        archive.extractall(folder)
    files = _files(folder)
    return Subject(
        "unpacked bundle",
        files,
        lambda: _refused(folder, proved),
        lambda: [_content(path) for path in files],
    )


def _refused(bundle: Path, proved: Proved) -> bool:
    said = outsider.checked(bundle, [proved.newest])
    assert said.code in {outsider.FINE, outsider.FINDINGS, outsider.USAGE}, said.told
    return said.code != outsider.FINE


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _content(path: Path) -> object:
    """What a file says; of `bundle.json` head and hashes: nothing proves what a report asked."""
    data = path.read_bytes()
    if path.name != "bundle.json":
        return data
    said = json.loads(data)
    return said["head"], said["files"]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
