from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.audit import checkpoints, proofs
from ledger.audit.auditor import NoCheckpointError
from ledger.audit.checkpoints import Checkpoint, Signed
from ledger.audit.keys import WITNESS
from ledger.audit.notes import MOST_SIGNATURES, Note
from ledger.audit.texts import MalformedError
from ledger.errors import IntegrityError, LedgerError
from ledger.store import checkpoints as store
from ledger.tree import EMPTY_ROOT
from tests.audit.ledgers import fill, signed
from tests.audit.signing import LOG_KEY, OTHER_KEY, WITNESS_KEY, key, key_of, sign
from tests.conftest import file_of
from tests.invented import findings, tamper

NEW_YEAR = 1_704_067_200
SECOND = key("witness.example/second", WITNESS)


def kept(ledger: Ledger) -> list[str]:
    """The notes that a ledger keeps."""
    with ledger.database.reading() as connection:
        return [one.note for one in store.kept(connection)]


def returned(ledger: Ledger, came: Signed) -> Signed:
    """What is kept of a checkpoint that comes back by mail."""
    path = file_of(ledger).with_name("returned.checkpoint")
    path.write_text(str(came), encoding="utf-8")
    return ledger.auditor.keep(path)


def test_a_checkpoint_says_what_the_log_is(ledger: Ledger) -> None:
    made = signed(ledger, 3)
    found = ledger.verify()
    assert made.checkpoint == Checkpoint(LOG_KEY.verifier.name, 3, bytes.fromhex(found.root))
    assert made.note.signed_by(LOG_KEY.verifier) is True
    assert ledger.auditor.newest() == made
    assert kept(ledger) == [str(made)]
    assert found.findings == []


def test_a_checkpoint_is_no_event(ledger: Ledger) -> None:
    before = ledger.verify().root
    signed(ledger, 0)
    assert ledger.verify().root == before
    assert list(ledger.export()) == []


def test_an_empty_ledger_is_signed(ledger: Ledger) -> None:
    made = signed(ledger, 0)
    assert (made.checkpoint.size, made.checkpoint.root) == (0, EMPTY_ROOT)
    assert findings(ledger) == []
    assert ledger.auditor.prove_since(made.checkpoint) == proofs.Consistency(0, (), made)


def test_no_checkpoint_yet(ledger: Ledger, tmp_path: Path) -> None:
    fill(ledger, 3)
    auditor = ledger.auditor
    assert auditor.newest() is None
    for asked in (
        lambda: auditor.prove(0),
        lambda: auditor.prove_since(Checkpoint("x", 2, EMPTY_ROOT)),
        lambda: auditor.publish(tmp_path / "log"),
    ):
        with pytest.raises(NoCheckpointError, match="sign one with `ledger checkpoint --key FILE`"):
            asked()
    assert not (tmp_path / "log").exists()


def test_a_witness_signs_with_the_time(ledger: Ledger) -> None:
    made = ledger.auditor.checkpoint(key(LOG_KEY.verifier.name, WITNESS))
    assert made.note.signatures[0].data[:8] == NEW_YEAR.to_bytes(8, "big")


def test_a_log_has_one_name(ledger: Ledger) -> None:
    signed(ledger, 3)
    with pytest.raises(LedgerError, match=r"those of ledger\.example/invented, the key is named"):
        ledger.auditor.checkpoint(OTHER_KEY)
    assert len(kept(ledger)) == 1


def test_a_log_may_have_a_new_key(ledger: Ledger) -> None:
    signed(ledger, 3)
    again = key_of(b"\x01" * 32, LOG_KEY.verifier.name)
    made = signed(ledger, 5, again)
    assert made.note.signed_by(again.verifier) is True
    assert made.note.signed_by(LOG_KEY.verifier) is None


def test_signing_the_same_log_again_loses_no_signature(ledger: Ledger) -> None:
    returned(ledger, sign(signed(ledger, 3).checkpoint, LOG_KEY, WITNESS_KEY))
    made = ledger.auditor.checkpoint(LOG_KEY)
    assert made.note.signed_by(WITNESS_KEY.verifier) is True
    assert len(made.note.signatures) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE head SET root = lower(hex(zeroblob(32)))",
        "UPDATE tiles SET hashes = zeroblob(length(hashes))",
        "DELETE FROM tiles",
        "DELETE FROM head",
        "UPDATE checkpoints SET note = replace(note, char(10) || '3', char(10) || '2')",
        "UPDATE checkpoints SET note = replace(note, char(10) || '3', char(10) || '9')",
        "UPDATE checkpoints SET note = 'An invented letter.'",
        "UPDATE checkpoints SET note = X'FF00'",
    ],
)
def test_what_was_tampered_with_is_not_signed(ledger: Ledger, statement: str) -> None:
    signed(ledger, 3)
    tamper(ledger, statement)
    before = kept(ledger)
    with pytest.raises(IntegrityError, match="run `ledger verify`"):
        ledger.auditor.checkpoint(LOG_KEY)
    assert kept(ledger) == before


def test_a_rewritten_history_is_not_signed(ledger: Ledger) -> None:
    """It all fits, but for the checkpoint that was kept."""
    fill(ledger, 3)
    with ledger.database.writing() as connection:
        store.keep(connection, 2, str(sign(Checkpoint(LOG_KEY.verifier.name, 2, b"\x01" * 32))))
    with pytest.raises(IntegrityError, match="the checkpoint of 2 events is not of this log"):
        ledger.auditor.checkpoint(LOG_KEY)


@pytest.mark.parametrize("position", [0, 2, 6])
def test_every_event_is_proved(ledger: Ledger, position: int) -> None:
    made = signed(ledger, 7)
    fill(ledger, 9)
    proof = ledger.auditor.prove(position)
    assert proof.holds()
    assert proof.signed == made
    assert proof.event.decode() == list(ledger.export())[position]
    assert proofs.parse(str(proof).encode()) == proof


def test_an_event_beyond_the_newest_checkpoint(ledger: Ledger) -> None:
    signed(ledger, 3)
    fill(ledger, 5)
    for position in (3, 4, 99):
        why = rf"no checkpoint covers position {position} \(the newest covers 3 events\)"
        with pytest.raises(NoCheckpointError, match=why) as caught:
            ledger.auditor.prove(position)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET body = replace(body, 'Test Steward', 'Tesu Steward')",
        "DELETE FROM events WHERE position = 1",
        "DELETE FROM tiles",
        "UPDATE tiles SET hashes = zeroblob(length(hashes))",
        "UPDATE checkpoints SET note = 'An invented letter.'",
    ],
)
def test_what_was_tampered_with_is_not_proved(ledger: Ledger, statement: str) -> None:
    signed(ledger, 3)
    tamper(ledger, statement)
    with pytest.raises(IntegrityError, match="run `ledger verify`"):
        ledger.auditor.prove(1)


def test_a_log_has_grown_since_every_checkpoint(ledger: Ledger) -> None:
    every = [signed(ledger, size).checkpoint for size in (1, 2, 5, 5, 8)]
    for old in every:
        proof = ledger.auditor.prove_since(old)
        assert proof.holds(old)
        assert proof.signed.checkpoint.size == 8


def test_a_checkpoint_newer_than_the_newest(ledger: Ledger) -> None:
    signed(ledger, 3)
    later = Checkpoint(LOG_KEY.verifier.name, 4, EMPTY_ROOT)
    with pytest.raises(NoCheckpointError, match="no checkpoint covers 4 events"):
        ledger.auditor.prove_since(later)


@pytest.mark.parametrize(
    "old",
    [
        Checkpoint(LOG_KEY.verifier.name, 2, b"\x01" * 32),
        Checkpoint(LOG_KEY.verifier.name, 3, b"\x01" * 32),
        Checkpoint(OTHER_KEY.verifier.name, 2, b"\x01" * 32),
    ],
)
def test_a_checkpoint_of_another_history(ledger: Ledger, old: Checkpoint) -> None:
    signed(ledger, 3)
    with pytest.raises(IntegrityError, match=f"does not begin with the {old.size} events"):
        ledger.auditor.prove_since(old)


def test_a_checkpoint_of_the_same_events_under_another_name(ledger: Ledger) -> None:
    old = signed(ledger, 3).checkpoint
    with pytest.raises(IntegrityError, match=r"that ledger\.example/other signed"):
        ledger.auditor.prove_since(Checkpoint(OTHER_KEY.verifier.name, 3, old.root))


def test_what_two_witnesses_answered_is_put_together(ledger: Ledger) -> None:
    made = signed(ledger, 3)
    returned(ledger, sign(made.checkpoint, LOG_KEY, WITNESS_KEY))
    both = returned(ledger, sign(made.checkpoint, LOG_KEY, SECOND))
    assert ledger.auditor.newest() == both
    signers = (LOG_KEY.verifier, WITNESS_KEY.verifier, SECOND.verifier)
    assert [both.note.signed_by(one) for one in signers] == [True, True, True]
    assert len(both.note.signatures) == 3
    assert findings(ledger) == []


def test_an_answer_to_an_older_checkpoint_does_not_become_the_newest(ledger: Ledger) -> None:
    old = signed(ledger, 3)
    new = signed(ledger, 5)
    assert returned(ledger, sign(old.checkpoint, LOG_KEY, WITNESS_KEY)).checkpoint.size == 3
    assert ledger.auditor.newest() == new


@pytest.mark.parametrize("size", [2, 3, 4])
def test_an_answer_that_is_of_another_log(ledger: Ledger, size: int) -> None:
    signed(ledger, 3)
    other = sign(Checkpoint(LOG_KEY.verifier.name, size, b"\x01" * 32), LOG_KEY, WITNESS_KEY)
    with pytest.raises(IntegrityError, match=f"the checkpoint of {size} events is not of this log"):
        returned(ledger, other)
    assert len(kept(ledger)) == 1


def test_more_signatures_than_a_note_may_have_are_not_kept(ledger: Ledger) -> None:
    """Else no checkpoint could be read, or signed, ever again."""
    made = signed(ledger, 3)
    every = [key_of(bytes([at]) * 32, f"w{at}.example") for at in range(MOST_SIGNATURES)]
    with pytest.raises(MalformedError, match="more than 100 signatures"):
        returned(ledger, sign(made.checkpoint, *every))
    assert kept(ledger) == [str(made)]


def forged(made: Signed) -> Signed:
    """The same checkpoint below a signature that the log made of another one."""
    empty = Checkpoint(made.checkpoint.origin, 0, EMPTY_ROOT)
    return Signed(made.checkpoint, Note(made.note.text, sign(empty).note.signatures))


def test_an_answer_whose_first_signature_was_damaged(ledger: Ledger) -> None:
    """What is kept is never removed: it would be a finding for ever."""
    made = signed(ledger, 3)
    with pytest.raises(IntegrityError, match=r"its signature by ledger\.example/invented is not"):
        returned(ledger, forged(made))
    assert kept(ledger) == [str(made)]


def test_a_damaged_signature_is_not_carried_on(ledger: Ledger) -> None:
    bad = forged(signed(ledger, 3))
    with ledger.database.writing() as connection:
        store.keep(connection, 3, str(bad))
    assert ledger.auditor.checkpoint(LOG_KEY).note.signed_by(LOG_KEY.verifier) is True


def test_an_answer_that_cannot_be_read(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"nothing\.txt: no such file or directory"):
        ledger.auditor.keep(tmp_path / "nothing.txt")
    (tmp_path / "letter.txt").write_text("An invented letter.\n", encoding="utf-8")
    with pytest.raises(MalformedError, match=r"letter\.txt is no checkpoint"):
        ledger.auditor.keep(tmp_path / "letter.txt")


def test_kept_checkpoints_are_read_back_as_they_were_signed(ledger: Ledger) -> None:
    made = [signed(ledger, size) for size in (0, 1, 4)]
    assert [checkpoints.parse(one.encode()) for one in kept(ledger)] == made


def test_a_kept_checkpoint_with_another_size_beside_it_is_found(ledger: Ledger) -> None:
    signed(ledger, 3)
    tamper(ledger, "UPDATE checkpoints SET size = 2")
    assert findings(ledger) == ["checkpoint 1: columns-differ"]
