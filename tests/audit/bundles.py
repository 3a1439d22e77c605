"""Bundles for the standalone verifier: taken apart, changed, put together again, and checked."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from ledger import tree
from ledger.app import Ledger
from tests.audit import outsider
from tests.audit.outsider import USAGE, Said
from tests.audit.signing import LOG_KEY
from tests.conftest import new_ledger
from tests.invented import counts, incident, note, source

Members = dict[str, bytes]
VKEY = ("--vkey", str(LOG_KEY.verifier))
CONTENTS, EVENTS, TOTALS = "bundle.json", "events.jsonl", "reports/totals.csv"


def members(ledger: Ledger, folder: Path) -> Members:
    """The members of a ledger's bundle, with the default totals."""
    with ZipFile(outsider.bundled(ledger, folder / "made.zip")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(found: Mapping[str, bytes], path: Path) -> Path:
    """The bundle that some members are, in a ZIP file."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def unpacked(found: Mapping[str, bytes], folder: Path) -> Path:
    """The bundle that some members are, in a folder."""
    for name, data in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def fitting(found: Members, **head: object) -> Members:
    """The same members, with what `bundle.json` says of their hashes and its head made to fit."""
    said = json.loads(found[CONTENTS])
    said["files"] = {
        name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name != CONTENTS
    }
    said["head"].update(head)
    return {**found, CONTENTS: json.dumps(said).encode()}


def flipped(data: bytes, seed: int, number: int) -> Iterator[bytes]:
    """Copies with a single byte changed, each at a random place."""
    rng = random.Random(seed)
    for _ in range(number):
        at = rng.randrange(len(data))
        yield data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]


def invented(folder: Path) -> Ledger:
    """An invented ledger of six events: checkpoints of the first three and of the first five."""
    made = new_ledger(folder / "ledger.db")
    made.append([source(), incident("ambush", "killed 2", "injured 3+"), incident("raid")])
    made.auditor.checkpoint(LOG_KEY)
    made.append([counts("ambush", "killed 3"), note("incident/raid")])
    made.auditor.checkpoint(LOG_KEY)
    made.append([counts("raid", "killed 1")])
    return made


def judged(found: Mapping[str, bytes], folder: Path, *arguments: str | Path) -> Said:
    """What the script says of some members as a ZIP file, given the log's key."""
    return run(zipped(found, folder / "bundle.zip"), *VKEY, *arguments)


def run(*arguments: str | Path) -> Said:
    """What the script gives back and prints, run in this process."""
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        try:
            code = outsider._main()([*map(str, arguments)])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else USAGE
    return Said(code, told.getvalue())


def forged(note: bytes) -> bytes:
    """A note with a character of its first signature changed."""
    before, mark, after = note.partition("— ".encode())
    name, space, blob = after.partition(b" ")
    other = b"A" if blob[20:21] != b"A" else b"B"
    return before + mark + name + space + blob[:20] + other + blob[21:]


def rebuilt(found: Members, lines: Sequence[bytes]) -> Members:
    """A bundle of other events, in which all that can be made to fit without a key fits."""
    leaves = [tree.leaf_hash(line) for line in lines]
    made, root = tree.append(0, leaves, lambda _level, _index: b"")
    kept = {name: data for name, data in found.items() if not name.startswith(_OURS)}
    tiles = {f"tile/{one.level}/000.p/{len(one.hashes) // 32}": one.hashes for one in made}
    events = b"".join(line + b"\n" for line in lines)
    return fitting({**kept, EVENTS: events, **tiles}, size=len(lines), root=root.hex())


_OURS = ("tile/", "checkpoints/", "proofs/")
