from __future__ import annotations

import pytest

from ledger.audit.checkpoints import Signed
from ledger.audit.keys import WITNESS, SigningKey, VerifierKey
from ledger.audit.trust import NOBODY, Trust
from tests.audit.signing import LOG_KEY, OTHER_KEY, WITNESS_KEY, key, key_of, log, sign

SECOND = key("witness.example/second", WITNESS)
FIVE = log(5).checkpoint(5)
WITNESSES = (WITNESS_KEY.verifier, SECOND.verifier)


def codes(trust: Trust, signed: Signed) -> list[str]:
    """What is wrong with the signatures of a checkpoint."""
    return [one.code for one in trust.faults("here", signed)]


def forged(by: SigningKey) -> Signed:
    """A checkpoint below which a signature stands that its key made of another one."""
    lie = sign(log(5).checkpoint(4), by).note.signatures
    whole = sign(FIVE, LOG_KEY)
    others = tuple(one for one in whole.note.signatures if not one.is_by(by.verifier))
    return Signed(FIVE, type(whole.note)(whole.note.text, (*others, *lie)))


def test_who_trusts_nobody_asks_for_nothing() -> None:
    assert codes(NOBODY, sign(FIVE, OTHER_KEY)) == []
    assert not NOBODY.has_quorum(sign(FIVE, LOG_KEY, WITNESS_KEY))
    assert list(NOBODY.quorum_faults("here", sign(FIVE))) == []


def test_any_key_of_the_log_will_do() -> None:
    again = key_of(b"\x01" * 32, LOG_KEY.verifier.name)
    trust = Trust((LOG_KEY.verifier, again.verifier))
    assert codes(trust, sign(FIVE, LOG_KEY)) == []
    assert codes(trust, sign(FIVE, again)) == []
    assert codes(trust, sign(FIVE, OTHER_KEY)) == ["not-signed"]


def test_a_key_signs_for_the_log_of_its_name_alone() -> None:
    """Else the key of any other log could sign for this one."""
    assert codes(Trust((OTHER_KEY.verifier,)), sign(FIVE, OTHER_KEY)) == ["not-signed"]


def test_a_forged_signature_is_named() -> None:
    assert codes(Trust((LOG_KEY.verifier,)), forged(LOG_KEY)) == ["signature-forged", "not-signed"]
    assert codes(Trust((LOG_KEY.verifier,), WITNESSES, 1), forged(WITNESS_KEY)) == [
        "signature-forged"
    ]


@pytest.mark.parametrize(
    ("signers", "counted"),
    [
        ((), 0),
        ((WITNESS_KEY,), 1),
        ((WITNESS_KEY, SECOND), 2),
        ((WITNESS_KEY, WITNESS_KEY), 1),
        ((WITNESS_KEY, OTHER_KEY), 1),
    ],
)
def test_witnesses_are_counted(signers: tuple[SigningKey, ...], counted: int) -> None:
    signed = sign(FIVE, LOG_KEY, *signers)
    for quorum in range(3):
        trust = Trust((), WITNESSES, quorum)
        assert trust.cosigners(signed) == counted
        assert trust.has_quorum(signed) == (0 < quorum <= counted)
        found = [one.message for one in trust.quorum_faults("here", signed)]
        wrong = f"{counted} of the witnesses cosigned it, {quorum} must have"
        assert found == ([] if quorum <= counted else [wrong])


def test_one_key_under_two_names_counts_once() -> None:
    named = VerifierKey("another.example", WITNESS, WITNESS_KEY.verifier.public)
    twice = SigningKey(named, WITNESS_KEY.private)
    signed = sign(FIVE, LOG_KEY, WITNESS_KEY, twice)
    assert Trust((), (WITNESS_KEY.verifier, named), 1).cosigners(signed) == 1
    with pytest.raises(ValueError, match="a quorum of 2 needs as many witnesses"):
        Trust((), (WITNESS_KEY.verifier, named), 2)


@pytest.mark.parametrize("quorum", [-1, 3])
def test_a_quorum_that_cannot_be_reached(quorum: int) -> None:
    with pytest.raises(ValueError, match=f"a quorum of {quorum} needs as many witnesses"):
        Trust((), WITNESSES, quorum)


def test_keys_of_the_wrong_kind() -> None:
    with pytest.raises(ValueError, match="is not the key of a log"):
        Trust((WITNESS_KEY.verifier,))
    with pytest.raises(ValueError, match="is not the key of a witness"):
        Trust((), (LOG_KEY.verifier,))
