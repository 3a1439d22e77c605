from __future__ import annotations

from pathlib import Path

import pytest

from ledger.audit import proofs
from ledger.audit.checking import check
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.proofs import Consistency, Inclusion, Proof
from ledger.audit.texts import MalformedError
from ledger.audit.trust import Trust
from ledger.errors import LedgerError
from tests.audit.ledgers import ANOTHER
from tests.audit.ledgers import LOG as TRUSTED
from tests.audit.signing import LOG_KEY, OTHER_KEY, WITNESS_KEY, log, sign

LOG = log(20)
QUORUM = Trust((LOG_KEY.verifier,), (WITNESS_KEY.verifier,), 1)
OTHER = sign(Checkpoint(LOG_KEY.verifier.name, 9, b"\x01" * 32))
"""Of nine events that this log never had."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a proof lies."""
    return tmp_path / "a.proof"


def included(position: int = 3, event: bytes = b"", signed: Signed | None = None) -> Inclusion:
    """The proof of an event."""
    body = event or LOG.events[position]
    return proofs.inclusion(body, position, signed or LOG.signed(20), LOG.tiles)


def grown(old: int = 9, signed: Signed | None = None) -> Consistency:
    """The proof that the log has grown."""
    return proofs.consistency(old, signed or LOG.signed(20), LOG.tiles)


def codes(file: Path, proof: Proof, trust: Trust = TRUSTED, older: Signed | None = None) -> list:
    """What is wrong with a proof."""
    file.write_text(str(proof), encoding="utf-8")
    return [one.code for one in check(file, trust, older).findings]


def test_an_event_that_is_proved(file: Path) -> None:
    assert codes(file, included()) == []
    done = check(file, TRUSTED)
    assert done.told == 'position 3: {"invented":3}'
    assert done.checkpoint == "by the checkpoint of 20 events of ledger.example/invented"


def test_bytes_that_are_no_text_are_told_all_the_same(file: Path) -> None:
    codes(file, included(event=b"\xff\x00"))
    done = check(file, TRUSTED)
    assert done.told == "position 3: \\xff\x00"
    assert [str(one) for one in done.findings] == [
        f"{file}: not-proved it does not lead from the event at 3 to the checkpoint"
    ]


def test_an_event_that_is_not_proved(file: Path) -> None:
    assert codes(file, included(event=b'{"invented":4}')) == ["not-proved"]
    assert codes(file, Inclusion(LOG.events[3], 4, included().hashes, LOG.signed(20))) == [
        "not-proved"
    ]


def test_a_log_that_has_grown(file: Path) -> None:
    assert codes(file, grown(), older=LOG.signed(9)) == []
    done = check(file, TRUSTED, LOG.signed(9))
    assert done.told == "the log of 20 events begins with the 9 before"


def test_a_log_that_was_another(file: Path) -> None:
    assert codes(file, grown(), older=OTHER) == ["not-proved"]
    assert codes(file, grown(), older=LOG.signed(8)) == ["not-proved"]


def test_growth_from_nothing_shows_nothing(file: Path) -> None:
    """Every log begins with an empty one."""
    nothing = Consistency(0, (), LOG.signed(20))
    assert codes(file, nothing) == ["not-proved"]
    assert codes(file, nothing, older=LOG.signed(0)) == ["not-proved"]


def test_growth_needs_the_older_checkpoint(file: Path) -> None:
    file.write_text(str(grown()), encoding="utf-8")
    with pytest.raises(LedgerError, match="begins with 9 events: give their checkpoint, --since"):
        check(file, TRUSTED)


def test_an_older_checkpoint_that_nobody_signed(file: Path) -> None:
    assert codes(file, grown(), older=sign(LOG.checkpoint(9), OTHER_KEY)) == ["not-signed"]


def test_another_key(file: Path) -> None:
    assert codes(file, included(), ANOTHER) == ["not-signed"]
    assert codes(file, included(event=b"x"), ANOTHER) == ["not-proved", "not-signed"]
    assert codes(file, grown(), ANOTHER, LOG.signed(9)) == ["not-signed", "not-signed"]


def test_a_forged_size(file: Path) -> None:
    """The path fits both sizes; the signature does not."""
    text = str(included()).replace("\n20\n", "\n19\n")
    file.write_text(text, encoding="utf-8")
    found = [one.code for one in check(file, TRUSTED).findings]
    assert found == ["signature-forged", "not-signed"]


def test_a_quorum(file: Path) -> None:
    cosigned = sign(LOG.checkpoint(20), LOG_KEY, WITNESS_KEY)
    assert codes(file, included(), QUORUM) == ["no-quorum"]
    assert codes(file, included(signed=cosigned), QUORUM) == []
    assert codes(file, grown(signed=cosigned), QUORUM, LOG.signed(9)) == []


@pytest.mark.parametrize("text", ["", "An invented letter.\n", f"{LOG.signed(9)}"])
def test_what_is_no_proof(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedError, match=r"a\.proof is no proof: ") as caught:
        check(file, TRUSTED)
    assert caught.value.exit_code == 3


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"nothing: no such file or directory") as caught:
        check(tmp_path / "nothing", TRUSTED)
    assert caught.value.exit_code == 2
    with pytest.raises(LedgerError, match="is a directory"):
        check(tmp_path, TRUSTED)
