"""The standalone verifier refuses what is odd, changed or gone, whatever else was made to fit."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pytest

from tests.audit import bundles
from tests.audit.bundles import (
    CONTENTS,
    EVENTS,
    TOTALS,
    Members,
    fitting,
    judged,
    rebuilt,
    run,
    zipped,
)
from tests.audit.outsider import FINDINGS, FINE

FLIPS = 100


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """The members of the bundle of an invented ledger."""
    folder = tmp_path_factory.mktemp("ledger")
    return bundles.members(bundles.invented(folder), folder)


def _line(at: int, change: Callable[[dict[str, object]], object]) -> Callable[[Members], Members]:
    """A change of an event, with all hashes, the tree and the head made to fit."""

    def changed(found: Members) -> Members:
        lines = found[EVENTS].splitlines()
        event = json.loads(lines[at])
        change(event)
        text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return rebuilt(found, [*lines[:at], text.encode(), *lines[at + 1 :]])

    return changed


def _nested(event: dict[str, object]) -> None:
    value: object = "x"
    for _ in range(31):
        value = [value]
    event["data"] = {"deep": value}


ODD: dict[str, tuple[Callable[[Members], Members], str]] = {
    "position": (_line(2, lambda e: e.update(position=3)), "its position is 3, not 2"),
    "version": (_line(3, lambda e: e.update(version=9)), "its version is 9, not 2"),
    "id": (_line(1, lambda e: e.update(id="00000000-0000-7000-8000-000000000001")), "its id "),
    "time": (_line(4, lambda e: e.update(recorded_at="2023-01-01T00:00:00.000000Z")), "after 2024"),
    "time as text": (_line(4, lambda e: e.update(recorded_at="2024")), "it is of 2024, after"),
    "envelope": (_line(4, lambda e: e.pop("recorded_by")), "recorded_by missing"),
    "envelope's type": (_line(4, lambda e: e.update(position="4")), "position missing or of anoth"),
    "float": (_line(4, lambda e: e.update(data={"text": 1.5})), "position 4: cannot be read"),
    "integer": (_line(4, lambda e: e.update(data={"text": 2**53})), "no canonical JSON"),
    "NUL": (_line(4, lambda e: e.update(data={"text": "\0"})), "no canonical JSON"),
    "key": (_line(4, lambda e: e.update(data={"Text": "x"})), "no canonical JSON"),
    "depth": (_line(4, _nested), "no canonical JSON"),
    "length": (_line(4, lambda e: e.update(data={"text": "x" * 65_536})), "no canonical JSON"),
    "count": (
        _line(3, lambda e: e.update(data={"claims": [{"line": "killed", "count": {"best": 9}}]})),
        "FOUND reports/totals.csv: says killed,4,4,4,2,2,0,0; the events give killed,",
    ),
    "count as text": (
        _line(3, lambda e: e.update(data={"claims": [{"line": "killed", "count": {"best": "9"}}]})),
        "FOUND reports/totals.csv: cannot be read",
    ),
    "claims as text": (
        _line(3, lambda e: e.update(data={"claims": "none"})),
        "FOUND position 3: cannot be read",
    ),
    "spaces": (
        lambda found: rebuilt(found, [b" " + one for one in found[EVENTS].splitlines()]),
        "no canonical JSON",
    ),
    "no JSON": (lambda found: rebuilt(found, [b"]["]), "position 0: cannot be read"),
    "no UTF-8": (lambda found: rebuilt(found, [b'"\xff"']), "position 0: cannot be read"),
    "nested without end": (
        lambda found: rebuilt(found, [b"[" * 60_000]),
        "position 0: cannot be read",
    ),
    "swapped": (
        lambda found: rebuilt(found, found[EVENTS].splitlines()[::-1]),
        "position 0: its position is 5, not 0; its version",
    ),
    "no last line feed": (
        lambda found: fitting({**found, EVENTS: found[EVENTS][:-1]}),
        "position 5: cannot be read",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_odd_events_in_a_bundle_that_fits_otherwise(
    found: Members, tmp_path: Path, what: str
) -> None:
    change, told = ODD[what]
    said = judged(change(found), tmp_path)
    assert said.code == FINDINGS
    assert told in said.told


def test_a_bundle_that_was_made_to_fit_as_a_whole_fits(found: Members, tmp_path: Path) -> None:
    """Only what lies outside of it can tell."""
    changed = rebuilt(found, found[EVENTS].replace(b"An invented note.", b"Another.").splitlines())
    said = judged(changed, tmp_path)
    assert said.code == FINE, said.told
    assert "OPEN positions 0 to 5" in said.told
    outside = tmp_path / "mine.txt"
    outside.write_bytes(found["checkpoints/000002.txt"])
    said = judged(changed, tmp_path, "--checkpoint", outside)
    assert said.code == FINDINGS
    assert re.search("root of 5 events is [0-9a-f]{64}; these have [0-9a-f]{64}", said.told)


def test_events_that_are_gone(found: Members, tmp_path: Path) -> None:
    outside = tmp_path / "mine.txt"
    outside.write_bytes(found["checkpoints/000002.txt"])
    fewer = rebuilt(found, found[EVENTS].splitlines()[:4])
    said = judged(fewer, tmp_path, "--checkpoint", outside)
    assert f"FOUND {outside}: tells of 5 events: 4 are here" in said.told


def test_members_that_are_changed_missing_new_or_twice(found: Members, tmp_path: Path) -> None:
    for name in found:
        fewer = {one: data for one, data in found.items() if one != name}
        for changed in ({**found, name: found[name] + b" x"}, fewer):
            assert judged(changed, tmp_path).code == FINDINGS, name
    said = judged({**found, "new\x1b[2J.txt": b""}, tmp_path)
    assert "FOUND new\\x1b[2J.txt: 1 with SHA-256" in said.told
    with warnings.catch_warnings(), ZipFile(tmp_path / "bundle.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for name in (*found, TOTALS):
            archive.writestr(name, found[name])
    assert f"FOUND {TOTALS}: 2 with" in run(tmp_path / "bundle.zip").told


def test_what_bundle_json_says(found: Members, tmp_path: Path) -> None:
    said = json.loads(found[CONTENTS])
    changes: list[dict[str, object]] = [
        {"version": 2},
        {"bundle": "other"},
        {"head": {**said["head"], "recorded_at": "2024"}},
        {"head": {**said["head"], "root": "00" * 32}},
        {"files": []},
        {"reports": [{"file": "reports/none.csv", "asked": "totals"}]},
        {"reports": 7},
    ]
    for changed in changes:
        other = {**found, CONTENTS: json.dumps({**said, **changed}).encode()}
        assert judged(other, tmp_path).code == FINDINGS, changed


def test_totals_are_counted_anew(found: Members, tmp_path: Path) -> None:
    assert found[TOTALS].decode().splitlines()[2] == "killed,4,4,4,2,2,0,0"
    changed = found[TOTALS].replace(b"killed,4,4,4", b"killed,3,3,3")
    said = judged(fitting({**found, TOTALS: changed}), tmp_path)
    assert "says killed,3,3,3,2,2,0,0; the events give killed,4,4,4,2,2,0,0" in said.told
    for changed in (found[TOTALS][:-1], found[TOTALS] + b"\n", b""):
        assert judged(fitting({**found, TOTALS: changed}), tmp_path).code == FINDINGS


def test_other_reports_are_compared_by_hash_alone(found: Members, tmp_path: Path) -> None:
    said = json.loads(found[CONTENTS])
    said["reports"] = [{"file": TOTALS, "asked": "totals --known-by 2024"}]
    said = judged({**found, CONTENTS: json.dumps(said).encode()}, tmp_path)
    assert said.code == FINE
    assert f"OPEN {TOTALS}: asked totals --known-by 2024: only its SHA-256" in said.told


def test_changed_checkpoints_and_proofs(found: Members, tmp_path: Path) -> None:
    """Every other byte fits: who changed them made `bundle.json` fit as well."""
    for name in (one for one in found if one.startswith(("checkpoints/", "proofs/"))):
        for number, changed in enumerate(bundles.flipped(found[name], len(name), FLIPS // 5)):
            said = judged(fitting({**found, name: changed}), tmp_path)
            assert said.code == FINDINGS, (name, number, changed)


def _read(path: Path) -> object:
    """What a ZIP file gives to a reader; None where it cannot be read."""
    try:
        with ZipFile(path) as archive:
            return [(name, archive.read(name)) for name in archive.namelist()]
    except (BadZipFile, OSError, EOFError, RuntimeError, ValueError):
        return None
    except Exception as error:  # noqa: BLE001 - decompressors have errors of their own
        return repr(error)


def test_any_byte_of_the_zip(found: Members, tmp_path: Path) -> None:
    """Each change is found, or nothing that is read has changed."""
    path = zipped(found, tmp_path / "b.zip")
    whole, before, silent = path.read_bytes(), _read(path), 0
    for changed in bundles.flipped(whole, seed=4, number=FLIPS):
        path.write_bytes(changed)
        said = run(path, *bundles.VKEY)
        assert said.code in (FINE, FINDINGS)
        if said.code == FINE:
            silent += 1
            assert _read(path) == before
    assert silent < FLIPS


def test_any_byte_of_bundle_json(found: Members, tmp_path: Path) -> None:
    before = json.loads(found[CONTENTS])
    for changed in bundles.flipped(found[CONTENTS], seed=5, number=FLIPS):
        if judged({**found, CONTENTS: changed}, tmp_path).code == FINE:
            assert _without_what_is_only_told(json.loads(changed)) == _without_what_is_only_told(
                before
            )


def _without_what_is_only_told(said: dict[str, object]) -> dict[str, object]:
    """What `bundle.json` says, but for what was asked, which stands there for the reader."""
    return {name: value for name, value in said.items() if name != "reports"}
