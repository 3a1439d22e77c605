from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from ledger.audit import keys, notes
from ledger.audit.notes import Note
from ledger.audit.texts import MalformedError
from tests.audit.signing import (
    CRYPTOGRAPHY,
    ENOCH,
    ENOCHS_LINE,
    LOG_KEY,
    OTHER_KEY,
    PETER,
    PETER_KEY,
    PETERS_LINE,
    SECONDS,
    WITNESS_KEY,
    damaged,
)
from tests.conftest import SHARED

VECTORS = SHARED / "vectors" / "c2sp-signed-note" / "vectors.json"
needs_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason="no notes at ../shared/vectors/c2sp-signed-note"
)

GOOD = f"{CRYPTOGRAPHY}\n{PETERS_LINE}"
PETERS_DATA = PETERS_LINE.split()[2]


@dataclass(frozen=True, slots=True)
class Good:
    """A note of the vectors, its vkey, and the seed with which it was signed, if known."""

    vkey: str
    text: str
    sig: str

    def __str__(self) -> str:
        return f"{self.text}\n{self.sig}"


def vectors() -> list[Good]:
    found = json.loads(VECTORS.read_text())["good"]
    return [Good(one["vkey"], one["text"], one["sig"]) for one in found]


def accepted(data: bytes, vkey: str = PETER) -> bool:
    try:
        return notes.parse(data).signed_by(keys.verifier(vkey)) is True
    except MalformedError:
        return False


@needs_vectors
def test_the_notes_of_the_vectors_verify_and_print_back() -> None:
    assert len(vectors()) == 3
    for good in vectors():
        note = notes.parse(str(good).encode())
        assert (note.text, str(note)) == (good.text, str(good))
        assert note.signed_by(keys.verifier(good.vkey)) is True


@needs_vectors
def test_every_damaged_byte_of_the_vectors_is_refused() -> None:
    for seed, good in enumerate(vectors()):
        assert [
            twin for twin in damaged(str(good).encode(), seed) if accepted(twin, good.vkey)
        ] == []


@needs_vectors
def test_the_bad_vkeys_of_the_vectors() -> None:
    bad = json.loads(VECTORS.read_text())["bad_vkeys"]
    assert len(bad) == 2
    for vkey in bad:
        with pytest.raises(ValueError, match="verifier key"):
            keys.verifier(vkey)


def test_the_reference_notes() -> None:
    for vkey, line in ((PETER, PETERS_LINE), (ENOCH, ENOCHS_LINE)):
        note = notes.parse(f"{CRYPTOGRAPHY}\n{line}".encode())
        assert note.signed_by(keys.verifier(vkey)) is True
        assert str(note) == f"{CRYPTOGRAPHY}\n{line}"


def test_the_reference_key_signs_byte_for_byte() -> None:
    assert str(PETER_KEY.verifier) == PETER
    assert str(Note(CRYPTOGRAPHY, ()).signed(PETER_KEY, SECONDS)) == GOOD


def test_two_signatures() -> None:
    both = GOOD + ENOCHS_LINE
    note = notes.parse(both.encode())
    assert [note.signed_by(keys.verifier(vkey)) for vkey in (PETER, ENOCH)] == [True, True]
    assert str(note) == both


def test_an_unknown_key_signed_nothing() -> None:
    assert notes.parse(GOOD.encode()).signed_by(keys.verifier(ENOCH)) is None


def test_a_name_that_another_key_has_too_signed_nothing() -> None:
    note = Note("text\n", ()).signed(LOG_KEY, SECONDS)
    namesake = keys.VerifierKey(LOG_KEY.verifier.name, keys.LOG, OTHER_KEY.verifier.public)
    assert note.signed_by(namesake) is None


def test_a_forged_signature_counts_more_than_a_good_one() -> None:
    """The same key's line of another text, above the true one and below it."""
    (forged,) = Note("another text\n", ()).signed(LOG_KEY, SECONDS).signatures
    true = Note("text\n", ()).signed(LOG_KEY, SECONDS)
    for both in ((forged, *true.signatures), (*true.signatures, forged)):
        assert Note("text\n", both).signed_by(LOG_KEY.verifier) is False


def test_the_same_signature_twice() -> None:
    """Go's note takes it as one."""
    assert accepted((GOOD + PETERS_LINE).encode())


def test_a_text_may_hold_empty_lines_and_signatures() -> None:
    """The last empty line divides."""
    note = Note(f"\n\n{GOOD}\n\n", ()).signed(LOG_KEY, SECONDS)
    assert notes.parse(str(note).encode()) == note
    assert note.signed_by(LOG_KEY.verifier) is True


def test_signers_are_told_apart() -> None:
    note = Note("a\n1\nb\n", ())
    for one in (LOG_KEY, WITNESS_KEY):
        note = note.signed(one, SECONDS)
    assert note.signed_by(LOG_KEY.verifier) is note.signed_by(WITNESS_KEY.verifier) is True
    assert note.signed_by(OTHER_KEY.verifier) is None


MALFORMED = {
    "nothing": "",
    "a text alone": CRYPTOGRAPHY,
    "no signature": f"{CRYPTOGRAPHY}\n",
    "no empty line": CRYPTOGRAPHY + PETERS_LINE,
    "no final line feed": GOOD[:-1],
    "a control character before it": f"\x01{GOOD}",
    "a tab in the text": f"\t{GOOD}",
    "carriage returns": GOOD.replace("\n", "\r\n"),
    "a line below that is no signature": f"{GOOD}trailing\n",
    "an empty line below": f"{GOOD}\n",
    "a hyphen for the dash": GOOD.replace("—", "-"),
    "no dash": GOOD.replace("— ", ""),
    "no space after the dash": GOOD.replace("— ", "—"),
    "a no-break space after the dash": GOOD.replace("— ", "—\u00a0"),
    "a space in the name": GOOD.replace("— Peter", "— Peter "),
    "a no-break space in the name": GOOD.replace("— Peter", "— Peter\u00a0"),
    "a plus in the name": GOOD.replace("— Peter", "— Peter+"),
    "no name": GOOD.replace("— PeterNeumann", "— "),
    "no signature after the name": GOOD.replace(f" {PETERS_DATA}", ""),
    "two spaces before the signature": GOOD.replace(" x08", "  x08"),
    "a space after the signature": GOOD.replace("AM=\n", "AM= \n"),
    "no padding": GOOD.replace("AM=\n", "AM\n"),
    "too much padding": GOOD.replace("AM=\n", "AM==\n"),
    "four characters more at the end": GOOD.replace("AM=\n", "AM=AAAA\n"),
    "bits that say nothing are set": GOOD.replace("AM=\n", "AN=\n"),
    "the other alphabet of base64": GOOD.replace("/ZJ", "_ZJ"),
    "a key's id alone": GOOD.replace(PETERS_DATA, "x08gow=="),
    "less than a key's id": GOOD.replace(PETERS_DATA, "x08g"),
    "101 signatures": GOOD + PETERS_LINE * 100,
    "more than a million bytes": "x" * 1_000_000 + GOOD,
}


@pytest.mark.parametrize("bad", MALFORMED.values(), ids=MALFORMED)
def test_malformed_notes(bad: str) -> None:
    with pytest.raises(MalformedError):
        notes.parse(bad.encode())


@pytest.mark.parametrize("before", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80"])
def test_what_is_no_utf_8(before: bytes) -> None:
    """A byte that never occurs, an overlong form, a surrogate."""
    with pytest.raises(MalformedError, match="no UTF-8"):
        notes.parse(before + GOOD.encode())


def test_a_hundred_signatures() -> None:
    assert accepted((GOOD + PETERS_LINE * 99).encode())


@pytest.mark.parametrize("at", range(8, len(PETERS_DATA), 4))
def test_four_characters_inserted_in_a_signature(at: int) -> None:
    longer = PETERS_DATA[:at] + "AAAA" + PETERS_DATA[at:]
    assert not accepted(GOOD.replace(PETERS_DATA, longer).encode())


def test_another_text_is_not_signed() -> None:
    assert notes.parse(b"x" + GOOD.encode()).signed_by(keys.verifier(PETER)) is False


def test_every_damaged_byte_of_a_note_is_refused() -> None:
    assert [twin for twin in damaged(GOOD.encode(), 1) if accepted(twin)] == []
