"""The standalone verifier: what it must be itself, what it accepts, and what it refuses."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit import proofs
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.store import log as store
from tests.audit import bundles
from tests.audit.bundles import EVENTS, VKEY, Members, fitting, forged, judged, run, zipped
from tests.audit.ledgers import fill, signed
from tests.audit.outsider import FINDINGS, FINE, SCRIPT, USAGE, Said
from tests.audit.signing import LOG_KEY, OTHER_KEY, SECONDS, WITNESS_KEY, key, sign
from tests.conftest import new_ledger

SOURCE = SCRIPT.read_text(encoding="utf-8")
WITHOUT = "import runpy, sys; sys.modules['cryptography'] = None; sys.argv = sys.argv[1:]; "
WITHOUT += "runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """An invented ledger with two checkpoints, and events after the newest."""
    return bundles.invented(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def found(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of its bundle."""
    return bundles.members(ledger, tmp_path_factory.mktemp("bundle"))


def process(*arguments: str | Path, **environment: str) -> Said:
    """What the script gives back and prints, in a process of its own."""
    env = {**os.environ, **environment}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert "Traceback" not in done.stderr
    return Said(done.returncode, done.stdout + done.stderr)


def test_it_stays_short() -> None:
    assert len(SOURCE.splitlines()) < 400


def test_python_38_reads_it() -> None:
    ast.parse(SOURCE, feature_version=(3, 8))


def test_it_imports_the_standard_library_alone() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_it_runs_without_cryptography_and_openssl(found: Members, tmp_path: Path) -> None:
    bundle = zipped(found, tmp_path / "b.zip")
    said = process("-c", WITHOUT, SCRIPT, bundle, *VKEY, PATH="")
    assert said.code == FINE, said.told
    assert "OPEN signatures: none was checked" in said.told


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the command openssl is not there")
def test_openssl_checks_signatures_where_cryptography_is_not(
    found: Members, tmp_path: Path
) -> None:
    bundle = zipped(found, tmp_path / "b.zip")
    said = process("-c", WITHOUT, SCRIPT, bundle, *VKEY)
    assert (said.code, "signatures" in said.told) == (FINE, False), said.told
    name = "checkpoints/000001.txt"
    changed = fitting({**found, name: forged(found[name])})
    said = process("-c", WITHOUT, SCRIPT, zipped(changed, bundle), *VKEY)
    assert said.code == FINDINGS
    assert "did not make its signature" in said.told


def test_the_seeds(seeds: Ledger, tmp_path: Path) -> None:
    made = bundles.members(seeds, tmp_path)
    said = process(SCRIPT, zipped(made, tmp_path / "seeds.zip"))
    done = seeds.verify()
    assert said.code == FINE, said.told
    assert f"{done.size} events, root {done.root}, findings: 0" in said.told
    assert f"OPEN positions 0 to {done.size - 1}: " in said.told


def test_unpacked_it_checks_what_lies_beside_it(found: Members, tmp_path: Path) -> None:
    folder = bundles.unpacked(found, tmp_path / "bundle")
    outside = folder / "mine.txt"
    outside.write_bytes(found["checkpoints/000002.txt"])
    said = process(folder / SCRIPT.name, *VKEY, "--checkpoint", outside)
    assert said.code == FINE, said.told
    assert said.told.startswith("OPEN positions 5 to 5: newer than any checkpoint from outside")


def test_it_checks_the_zip_that_lies_beside_it(found: Members, tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path)
    zipped(found, tmp_path / "ledger.zip")
    assert process(tmp_path / SCRIPT.name).code == FINE


def test_an_empty_ledger(tmp_path: Path) -> None:
    said = judged(bundles.members(new_ledger(tmp_path / "ledger.db"), tmp_path), tmp_path)
    assert (said.code, said.told.count("OPEN")) == (FINE, 0), said.told


def test_many_tiles(tmp_path: Path) -> None:
    made = new_ledger(tmp_path / "ledger.db")
    for size in (200, 256, 600):
        signed(made, size)
    found = bundles.members(made, tmp_path)
    tiles = [name for name in found if name.startswith("tile/")]
    assert tiles == ["tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]
    assert judged(found, tmp_path).code == FINE
    for name in tiles:
        for changed in bundles.flipped(found[name], seed=len(name), number=3):
            said = judged(fitting({**found, name: changed}), tmp_path)
            assert f"FOUND {name}: is not the tile that the events give" in said.told


def test_a_proof_of_another_event_or_another_size(
    ledger: Ledger, found: Members, tmp_path: Path
) -> None:
    name = "proofs/4.tlog-proof"
    lines = found[EVENTS].splitlines()
    made = proofs.parse(found[name])
    assert isinstance(made, proofs.Inclusion)
    for event, position in ((lines[3], 4), (lines[4], 3), (lines[4], 5), (lines[4], 9)):
        proof = proofs.Inclusion(event, position, made.hashes, made.signed)
        said = judged(fitting({**found, name: str(proof).encode()}), tmp_path)
        assert f"FOUND {name}: " in said.told
    grown = proofs.parse(found["proofs/consistency-3-5.txt"])
    assert isinstance(grown, proofs.Consistency)
    for old in (0, 2, 4, 5, 6):
        proof_of = proofs.Consistency(old, grown.hashes, grown.signed)
        path = tmp_path / "grown.txt"
        path.write_text(str(proof_of), encoding="utf-8")
        said = judged(found, tmp_path, "--proof", path)
        assert said.code == FINDINGS, old
    assert ledger.verify().size == len(lines)


def test_every_proof_of_a_small_log(tmp_path: Path) -> None:
    """The script holds each position and each older size to be proved as the package proves it."""
    made = fill(new_ledger(tmp_path / "ledger.db"), 21)
    last = made.auditor.checkpoint(LOG_KEY)
    with made.database.reading() as connection:
        tiles, lines = store.tiles(connection), [one.encode() for one in made.export()]
        every = [proofs.inclusion(line, at, last, tiles) for at, line in enumerate(lines)]
        grown = [proofs.consistency(old, last, tiles) for old in range(1, 22)]
    arguments: list[str | Path] = []
    for number, proof in enumerate([*every, *grown]):
        path = tmp_path / f"{number}.proof"
        path.write_text(str(proof), encoding="utf-8")
        arguments += ["--proof", path]
    said = judged(bundles.members(made, tmp_path), tmp_path, *arguments)
    assert said.code == FINE, said.told
    assert "OPEN" not in said.told


def _written(folder: Path, *notes: Signed) -> list[str | Path]:
    """Checkpoints as files, and the options that give them."""
    arguments: list[str | Path] = []
    for number, one in enumerate(notes):
        path = folder / f"outside-{number}.txt"
        path.write_text(str(one), encoding="utf-8")
        arguments += ["--checkpoint", path]
    return arguments


def test_who_signed(ledger: Ledger, found: Members, tmp_path: Path) -> None:
    bundle = zipped(found, tmp_path / "b.zip")
    said = run(bundle)
    assert "OPEN signatures: none was checked: no --vkey was given" in said.told
    assert run(bundle, "--vkey", str(OTHER_KEY.verifier)).code == FINDINGS
    both = ("--vkey", str(OTHER_KEY.verifier), *VKEY)
    assert run(bundle, *both).code == FINE
    root = bytes.fromhex(ledger.verify().root)
    mine = Checkpoint(LOG_KEY.verifier.name, 6, root)
    assert run(bundle, *VKEY, *_written(tmp_path, sign(mine))).told.count("OPEN") == 0
    for wrong in (sign(mine, OTHER_KEY), sign(Checkpoint("elsewhere", 6, root))):
        said = run(bundle, *VKEY, *_written(tmp_path, wrong))
        assert "did not sign it with a key that was given" in said.told
        assert "OPEN positions 0 to 5" in said.told
    path = tmp_path / "forged.txt"
    path.write_bytes(forged(str(sign(mine, LOG_KEY, LOG_KEY)).encode()))
    said = run(bundle, *VKEY, "--checkpoint", path)
    assert "did not make its signature" in said.told


def test_witnesses(ledger: Ledger, found: Members, tmp_path: Path) -> None:
    second = key("witness.example/second", WITNESS_KEY.verifier.kind)
    asked = ("--witness", str(WITNESS_KEY.verifier), "--witness", str(second.verifier))
    root = bytes.fromhex(ledger.verify().root)
    mine = sign(Checkpoint(LOG_KEY.verifier.name, 6, root))
    one = Signed(mine.checkpoint, mine.note.signed(WITNESS_KEY, SECONDS))
    two = Signed(mine.checkpoint, one.note.signed(second, SECONDS))
    name = "checkpoints/000003.txt"

    def told(note: Signed, quorum: int) -> Said:
        changed = fitting({**found, name: str(note).encode()})
        return judged(changed, tmp_path, *asked, "--quorum", str(quorum))

    assert "OPEN" not in told(two, 2).told
    assert "OPEN" not in told(one, 1).told
    assert "FOUND checkpoints: none is cosigned by so many witnesses" in told(one, 2).told
    assert told(mine, 0).code == FINE
    assert told(mine, 1).code == FINDINGS
    changed = fitting({**found, name: re.sub(b"(witness[^ ]* .{40}).", b"\\1#", str(two).encode())})
    assert judged(changed, tmp_path, *asked).code == FINDINGS
    outside = _written(tmp_path, one)
    assert judged(found, tmp_path, *asked, "--quorum", "1", *outside).code == FINE
    said = judged(found, tmp_path, *asked, "--quorum", "2", *outside)
    assert "fewer than 2 witnesses cosigned it" in said.told


@pytest.mark.parametrize(
    "arguments",
    [
        ("--vkey", "nonsense"),
        ("--vkey", "a+00000000+"),
        ("--vkey", str(LOG_KEY.verifier).replace("+", "+0", 1)),
        ("--vkey", str(WITNESS_KEY.verifier)),
        ("--witness", str(LOG_KEY.verifier)),
        ("--quorum", "1"),
        ("--quorum", "-1"),
        ("--checkpoint", "nowhere.txt"),
        ("--proof", "nowhere.txt"),
        ("--nonsense",),
    ],
)
def test_usage(found: Members, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(zipped(found, tmp_path / "b.zip"), *arguments).code == USAGE


def test_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    assert run(tmp_path / "none.zip").code == USAGE
    (tmp_path / "text.zip").write_bytes(b"no archive")
    assert run(tmp_path / "text.zip").code == FINDINGS
    (tmp_path / "folder").mkdir()
    assert run(tmp_path / "folder").code == FINDINGS
