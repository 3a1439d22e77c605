from __future__ import annotations

from pathlib import Path

import pytest

from ledger.audit import checkpoints, proofs, witness
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.notes import MOST_SIGNATURES
from ledger.audit.proofs import Consistency, Inclusion
from ledger.audit.texts import MalformedError
from ledger.audit.trust import Trust
from ledger.audit.witness import Witness, WitnessError
from ledger.errors import LedgerError
from tests.audit.signing import LOG_KEY, OTHER_KEY, SECONDS, WITNESS_KEY, log, sign

LOG = log(20)
OTHER = Checkpoint(LOG_KEY.verifier.name, 9, b"\x01" * 32)
"""Nine events that this log never had."""


@pytest.fixture
def stranger(tmp_path: Path) -> Witness:
    """A witness that has seen nothing yet."""
    return Witness(WITNESS_KEY, Trust((LOG_KEY.verifier,)), tmp_path / "w.state")


@pytest.fixture
def after_nine(stranger: Witness) -> Witness:
    """A witness that has cosigned nine events."""
    send(stranger, LOG.signed(9))
    return stranger


def send(to: Witness, what: Signed | Consistency | Inclusion, seconds: int = SECONDS) -> Signed:
    """What a witness answers to what it is sent by mail."""
    letter = to.state.with_name("letter.txt")
    letter.write_text(str(what), encoding="utf-8")
    return to.sign(letter, seconds)


def grown(old: int, new: int) -> Consistency:
    """The proof that the log has grown."""
    return proofs.consistency(old, LOG.signed(new), LOG.tiles)


def refused(to: Witness, what: Signed | Consistency, why: str) -> None:
    """What is sent is not cosigned, and the state stays as it was."""
    before = to.state.read_bytes() if to.state.exists() else b""
    with pytest.raises(WitnessError, match=f"^not cosigned: .*{why}") as caught:
        send(to, what)
    assert caught.value.exit_code == 3
    assert (to.state.read_bytes() if to.state.exists() else b"") == before


@pytest.mark.parametrize("size", [0, 1, 9])
def test_the_first_time(stranger: Witness, size: int) -> None:
    assert stranger.last() is None
    answer = send(stranger, LOG.signed(size), 7)
    assert answer.checkpoint == LOG.checkpoint(size)
    assert answer.note.signed_by(LOG_KEY.verifier) is True
    assert answer.note.signed_by(WITNESS_KEY.verifier) is True
    assert answer.note.signatures[-1].data[:8] == (7).to_bytes(8, "big")
    assert stranger.last() == answer


def test_a_log_that_has_grown(after_nine: Witness) -> None:
    answer = send(after_nine, grown(9, 15))
    assert answer.checkpoint.size == 15
    assert answer.note.signed_by(WITNESS_KEY.verifier) is True
    assert after_nine.last() == answer
    assert send(after_nine, grown(15, 20)).checkpoint.size == 20


def test_the_same_log_again(after_nine: Witness) -> None:
    """With a new time; a proof of no growth is as good."""
    assert send(after_nine, LOG.signed(9), 8) != send(after_nine, grown(9, 9), 9)
    assert after_nine.last() is not None


def test_a_log_that_was_empty(stranger: Witness) -> None:
    send(stranger, LOG.signed(0))
    assert send(stranger, LOG.signed(9)).checkpoint.size == 9


def test_a_log_that_was_empty_may_send_a_proof_of_nothing(stranger: Witness) -> None:
    send(stranger, LOG.signed(0))
    assert send(stranger, Consistency(0, (), LOG.signed(9))).checkpoint.size == 9


def test_a_proof_from_what_was_never_seen(stranger: Witness) -> None:
    refused(stranger, grown(9, 15), "has seen nothing of it yet: send a checkpoint")


def test_a_checkpoint_without_a_proof(after_nine: Witness) -> None:
    refused(after_nine, LOG.signed(15), "it needs a proof from 9 events on")
    refused(after_nine, grown(8, 15), "it needs a proof from 9 events on")


def test_a_log_that_has_shrunk(after_nine: Witness) -> None:
    refused(after_nine, LOG.signed(8), "it covers 8 events, the last one covered 9")
    refused(after_nine, grown(4, 8), "it covers 8 events, the last one covered 9")
    refused(after_nine, LOG.signed(0), "it covers 0 events, the last one covered 9")


def test_another_history_of_the_same_length(after_nine: Witness) -> None:
    refused(after_nine, sign(OTHER), "another history of 9 events was cosigned before")


def test_another_history_that_is_longer(stranger: Witness) -> None:
    send(stranger, sign(OTHER))
    refused(stranger, grown(9, 15), "does not begin with the 9 events cosigned before")


def test_another_log(after_nine: Witness) -> None:
    trust = Trust((LOG_KEY.verifier, OTHER_KEY.verifier))
    careless = Witness(WITNESS_KEY, trust, after_nine.state)
    other = Checkpoint(OTHER_KEY.verifier.name, 9, LOG.checkpoint(9).root)
    why = "the state is of the log ledger.example/invented, this is ledger.example/other"
    refused(careless, sign(other, OTHER_KEY), why)


def test_what_the_log_did_not_sign(stranger: Witness) -> None:
    refused(stranger, sign(LOG.checkpoint(9), OTHER_KEY), "no given key signed it")
    forged = str(LOG.signed(9)).replace("\n9\n", "\n8\n").encode()
    refused(stranger, checkpoints.parse(forged), "its signature by ledger.example/invented is not")


@pytest.mark.parametrize("damage", [b"", b"An invented letter.\n", b"\xff"])
def test_a_damaged_state(after_nine: Witness, damage: bytes) -> None:
    """Nothing is cosigned: who would know what was seen last?"""
    after_nine.state.write_bytes(damage)
    with pytest.raises(LedgerError, match=r"w\.state is no state of a witness") as caught:
        send(after_nine, LOG.signed(9))
    assert caught.value.exit_code == 2
    assert after_nine.state.read_bytes() == damage


def test_what_is_no_letter_for_a_witness(stranger: Witness) -> None:
    with pytest.raises(MalformedError, match=r"letter\.txt proves one event"):
        send(stranger, proofs.inclusion(LOG.events[3], 3, LOG.signed(9), LOG.tiles))
    junk = stranger.state.with_name("junk.txt")
    junk.write_text("An invented letter.\n", encoding="utf-8")
    with pytest.raises(MalformedError, match=r"junk\.txt is no checkpoint"):
        stranger.sign(junk, SECONDS)
    with pytest.raises(LedgerError, match=r"nothing\.txt: no such file or directory"):
        stranger.sign(junk.with_name("nothing.txt"), SECONDS)
    assert not stranger.state.exists()


def test_more_signatures_than_a_note_may_have_do_not_spoil_the_state(after_nine: Witness) -> None:
    before = after_nine.state.read_bytes()
    with pytest.raises(MalformedError, match="more than 100 signatures"):
        send(after_nine, sign(LOG.checkpoint(9), *[LOG_KEY] * MOST_SIGNATURES))
    assert after_nine.state.read_bytes() == before


def test_the_state_is_kept_before_anything_is_answered(
    after_nine: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = after_nine.state.read_bytes()

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(witness, "write_whole", full)
    with pytest.raises(LedgerError, match="no space left on device: nothing was cosigned"):
        send(after_nine, grown(9, 15))
    assert after_nine.state.read_bytes() == before


def test_a_state_in_no_folder(tmp_path: Path) -> None:
    lost = Witness(WITNESS_KEY, Trust((LOG_KEY.verifier,)), tmp_path / "nowhere" / "w.state")
    letter = tmp_path / "letter.txt"
    letter.write_text(str(LOG.signed(9)), encoding="utf-8")
    with pytest.raises(LedgerError, match="no such file or directory: nothing was cosigned"):
        lost.sign(letter, SECONDS)


def test_a_state_is_a_checkpoint_that_others_read(after_nine: Witness) -> None:
    said = checkpoints.parse(after_nine.state.read_bytes()).checkpoint
    assert said == LOG.checkpoint(9)
