"""`ledger checkpoint`, `prove`, `verify-proof`, `witness`: what is signed, and who checks it."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from ledger.audit import checkpoints, keys
from ledger.audit.checkpoints import Checkpoint
from tests.audit.signing import LOG_KEY, OTHER_KEY, WITNESS_KEY, key, sign
from tests.cli.command import Command
from tests.cli.conftest import AMBUSH, GAZETTE

SECOND = key("witness.example/second", keys.WITNESS)
PHRASE = "CASUALTY_LEDGER_PASSPHRASE"
KEYS = {"log": LOG_KEY, "other": OTHER_KEY, "w1": WITNESS_KEY, "w2": SECOND}
VKEY = ("--vkey", "log.key")
ONE = ("--witness", "w1.key", "--witness", "w2.key", "--quorum", "1")
TWO = ("--witness", "w1.key", "--witness", "w2.key", "--quorum", "2")


@pytest.fixture
def desk(empty: Command) -> Command:
    """An empty ledger, and a folder with keys."""
    for name, made in KEYS.items():
        keys.write(empty.folder / f"{name}.key", made)
    return empty


@pytest.fixture
def grown(desk: Command) -> Command:
    """A ledger of two events, signed when it was empty, at one event and at two."""
    desk.fine("checkpoint", "--key", "log.key", "-o", "0.checkpoint")
    desk.fine(*GAZETTE)
    desk.fine("checkpoint", "--key", "log.key", "-o", "1.checkpoint")
    desk.fine(*AMBUSH)
    desk.fine("checkpoint", "--key", "log.key", "-o", "2.checkpoint")
    return desk


def refused(desk: Command, *arguments: str, code: int = 2) -> str:
    """The last line of stderr of what is refused: one line that says why, and no data."""
    done = desk(*arguments)
    assert (done.code, done.out) == (code, ""), done
    assert "unexpected error" not in done.err
    assert "Traceback" not in done.err
    return done.err.rstrip().splitlines()[-1]


def found(desk: Command, *arguments: str) -> list[str]:
    """What is found wrong, one a line, with the exit code of an integrity failure."""
    done = desk(*arguments)
    assert done.code == 3, done
    return done.out.splitlines()


def witnessed(sent: str, name: str = "w1", *more: str) -> list[str]:
    """A witness, asked to cosign."""
    return ["witness", "sign", sent, "--state", f"{name}.state", "--key", f"{name}.key", *more]


def read(desk: Command, name: str) -> bytes:
    """A file in the folder."""
    return (desk.folder / name).read_bytes()


# Checkpoints


def test_a_checkpoint_is_signed_kept_and_written(desk: Command) -> None:
    root = desk.root()
    out = desk.fine("checkpoint", "--key", "log.key")
    said = checkpoints.parse(out.encode())
    assert said.checkpoint == Checkpoint(LOG_KEY.verifier.name, 0, bytes.fromhex(root))
    assert said.note.signed_by(LOG_KEY.verifier) is True
    assert desk.fine("checkpoint") == out
    done = desk("checkpoint", "-o", "same.checkpoint")
    assert (done.code, done.out) == (0, "")
    assert done.err == "0 events of ledger.example/invented, in same.checkpoint\n"
    assert read(desk, "same.checkpoint").decode() == out


def test_no_checkpoint_yet(ambush: Command) -> None:
    assert "no checkpoint is kept yet: sign one with --key FILE" in refused(ambush, "checkpoint")
    assert "no checkpoint covers position 0" in refused(ambush, "prove", "0")
    assert "no checkpoint covers any event" in refused(ambush, "publish-log", "log")
    assert ambush.fine("verify").startswith("2 events")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nothing.key", "nothing.key is no usable key: no such file or directory"),
        ("ledger.db", "ledger.db is no usable key: it is no text"),
        ("w1.key", "w1.key is not a log's key"),
        (".", "is no usable key: is a directory"),
    ],
)
def test_keys_that_sign_no_checkpoint(desk: Command, given: str, why: str) -> None:
    assert why in refused(desk, "checkpoint", "--key", given)
    assert "no checkpoint is kept yet" in refused(desk, "checkpoint")


def test_the_key_of_another_log(grown: Command) -> None:
    why = refused(grown, "checkpoint", "--key", "other.key")
    assert "this ledger's checkpoints are those of ledger.example/invented" in why


def test_passphrases(desk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.write(desk.folder / "locked.key", LOG_KEY, "an invented phrase")
    sign_it = ("checkpoint", "--key", "locked.key")
    monkeypatch.setenv(PHRASE, "a slip")
    assert "locked.key is encrypted and this passphrase does not" in refused(desk, *sign_it)
    monkeypatch.setenv(PHRASE, "an invented phrase")
    out = desk.fine(*sign_it)
    monkeypatch.delenv(PHRASE)
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: "an invented phrase")
    assert desk.fine(*sign_it) == out
    assert desk.fine("checkpoint", "--key", "log.key") == out


def test_a_checkpoint_is_signed_or_taken_in(grown: Command) -> None:
    why = refused(grown, "checkpoint", "--key", "log.key", "--cosigned", "1.checkpoint")
    assert "give one of the two" in why


def test_a_checkpoint_of_another_ledger_is_not_taken_in(grown: Command) -> None:
    other = sign(Checkpoint(LOG_KEY.verifier.name, 2, b"\x01" * 32))
    grown.file("other.checkpoint", str(other))
    why = refused(grown, "checkpoint", "--cosigned", "other.checkpoint", code=3)
    assert "the checkpoint of 2 events is not of this log, which has 2: nothing was kept" in why
    assert "is no checkpoint" in refused(grown, "checkpoint", "--cosigned", "log.key", code=3)
    assert "no such file" in refused(grown, "checkpoint", "--cosigned", "nothing")
    assert grown.fine("verify", *VKEY).count("\n") == 1


def test_a_checkpoint_that_cannot_be_written(desk: Command) -> None:
    why = refused(desk, "checkpoint", "--key", "log.key", "-o", "nowhere/a.checkpoint")
    assert "its folder does not exist" in why


# Verification


def test_checkpoints_from_outside(grown: Command) -> None:
    done = grown("verify", "--checkpoint", "1.checkpoint", *VKEY)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert done.err == (
        "not decided: whether the event at position 1 was once others: "
        "newer than any checkpoint from outside\n"
    )
    done = grown("verify", "--checkpoint", "0.checkpoint", "--checkpoint", "2.checkpoint", *VKEY)
    assert (done.code, done.err) == (0, "")


def test_a_checkpoint_that_does_not_fit(grown: Command) -> None:
    other = sign(Checkpoint(LOG_KEY.verifier.name, 1, b"\x01" * 32))
    grown.file("other.checkpoint", str(other))
    lines = found(grown, "verify", "--checkpoint", "other.checkpoint", *VKEY)
    assert lines[1].startswith("other.checkpoint: history-differs the first 1 events had the root")
    longer = sign(Checkpoint(LOG_KEY.verifier.name, 3, b"\x01" * 32))
    grown.file("longer.checkpoint", str(longer))
    lines = found(grown, "verify", "--checkpoint", "longer.checkpoint", *VKEY)
    assert lines[1] == (
        "longer.checkpoint: events-gone it covers 3 events, here are 2: events are gone"
    )


def test_what_is_no_checkpoint(grown: Command) -> None:
    lines = found(grown, "verify", "--checkpoint", "log.key")
    assert lines[1].startswith("log.key: no-checkpoint ")
    assert refused(grown, "verify", "--checkpoint", "nothing").endswith("no such file or directory")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--vkey", "w1.key"), "is not the key of a log"),
        (("--witness", "log.key"), "is not the key of a witness"),
        (("--vkey", "nothing"), "Invalid value for --vkey: nothing: no such file or directory"),
        (("--vkey", "a+b+c"), "is no verifier key of Ed25519"),
        (("--vkey", "ledger.db"), "Invalid value for --vkey"),
        (("--vkey", str(LOG_KEY.verifier).replace("invented", "inventor")), "a slip in copying?"),
        (("--quorum", "1"), "a quorum of 1 needs as many witnesses: name each with --witness"),
        (("--witness", "w1.key", "--quorum", "2"), "a quorum of 2 needs as many witnesses"),
        (("--witness", "w1.key", "--witness", "w1.key", "--quorum", "2"), "needs as many"),
        (("--quorum", "-1"), "Invalid value for '--quorum'"),
    ],
)
def test_whom_nobody_can_trust(grown: Command, options: tuple[str, ...], why: str) -> None:
    assert why in refused(grown, "verify", *options)
    assert why in refused(grown, "copy", "ledger.db", "copy.db", *options)
    assert why in refused(grown, "verify-proof", "nothing", *options)


def test_keys_by_themselves_and_in_files(grown: Command) -> None:
    grown.file("log.vkey", f"{LOG_KEY.verifier}\n")
    grown.file("a+b", f"{LOG_KEY.verifier}\n")
    for given in (str(LOG_KEY.verifier), "log.vkey", "log.key", "a+b"):
        assert grown.fine("verify", "--vkey", given).startswith("2 events")
        lines = found(grown, "verify", "--vkey", "other.key")
        assert lines[1].startswith("checkpoint 1: not-signed")


def test_one_witness_under_two_names_counts_once(grown: Command) -> None:
    alias = keys.VerifierKey("alias.example", keys.WITNESS, WITNESS_KEY.verifier.public)
    options = ("--witness", "w1.key", "--witness", str(alias), "--quorum", "2")
    assert "a quorum of 2 needs as many witnesses" in refused(grown, "verify", *options)


# Proofs


def test_an_event_is_proved(grown: Command) -> None:
    done = grown("prove", "1", "-o", "1.tlog-proof")
    assert (done.code, done.out) == (0, "")
    assert "check it with `ledger verify-proof 1.tlog-proof --vkey KEY`" in done.err
    (grown.folder / "ledger.db").unlink()
    done = grown("verify-proof", "1.tlog-proof", *VKEY)
    assert done.code == 0
    assert done.out.startswith('position 1: {"citations":')
    assert done.err == "by the checkpoint of 2 events of ledger.example/invented\n"


def test_a_proof_goes_to_stdout(grown: Command) -> None:
    assert grown.fine("prove", "0").startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert grown.fine("prove", "--since", "1.checkpoint").startswith("old 1\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "give a POSITION, or --since CHECKPOINT"),
        (("1", "--since", "1.checkpoint"), "give a POSITION, or --since CHECKPOINT"),
        (("2",), "no checkpoint covers position 2 (the newest covers 2 events)"),
        (("99999",), "no checkpoint covers position 99999"),
        (("first",), "'first' is no position"),
        (("\u0661",), "is no position"),
        (("9" * 40,), "is no position"),
        (("--since", "nothing"), "nothing: no such file or directory"),
    ],
)
def test_what_cannot_be_proved(grown: Command, arguments: tuple[str, ...], why: str) -> None:
    assert why in refused(grown, "prove", *arguments)


def test_growth_since_what_is_none(grown: Command) -> None:
    other = sign(Checkpoint(LOG_KEY.verifier.name, 1, b"\x01" * 32))
    grown.file("other.checkpoint", str(other))
    assert "does not begin with" in refused(grown, "prove", "--since", "other.checkpoint", code=3)
    assert "is no checkpoint" in refused(grown, "prove", "--since", "log.key", code=3)


def test_growth_is_proved(grown: Command) -> None:
    grown.fine("prove", "--since", "1.checkpoint", "-o", "grown.txt")
    checked = ("verify-proof", "grown.txt", *VKEY)
    out = grown.fine(*checked, "--since", "1.checkpoint")
    assert out == "the log of 2 events begins with the 1 before\n"
    assert "give their checkpoint, --since" in refused(grown, *checked)
    assert found(grown, *checked, "--since", "2.checkpoint") == [
        "grown.txt: not-proved it does not lead from 2 events to the checkpoint"
    ]
    assert "is no checkpoint" in refused(grown, *checked, "--since", "log.key", code=3)
    assert "no such file" in refused(grown, *checked, "--since", "nothing")


def test_growth_from_nothing_shows_nothing(grown: Command) -> None:
    """It is made all the same: a witness that saw the empty log takes it."""
    grown.fine("prove", "--since", "0.checkpoint", "-o", "grown.txt")
    for more in ((), ("--since", "0.checkpoint")):
        (line,) = found(grown, "verify-proof", "grown.txt", *VKEY, *more)
        assert line.startswith("grown.txt: not-proved it begins with no events")


def test_a_proof_that_does_not_hold(grown: Command) -> None:
    grown.fine("prove", "1", "-o", "1.tlog-proof")
    text = read(grown, "1.tlog-proof").decode()
    grown.file("1.tlog-proof", text.replace("\nindex 1\n", "\nindex 0\n"))
    done = grown("verify-proof", "1.tlog-proof", *VKEY)
    assert done.code == 3
    assert done.out == (
        "1.tlog-proof: not-proved it does not lead from the event at 0 to the checkpoint\n"
    )


def test_a_proof_that_somebody_else_signed(grown: Command) -> None:
    grown.fine("prove", "1", "-o", "1.tlog-proof")
    assert found(grown, "verify-proof", "1.tlog-proof", "--vkey", "other.key") == [
        "1.tlog-proof: not-signed no given key signed it, for the log 'ledger.example/invented'"
    ]
    assert "whose log? give its key" in refused(grown, "verify-proof", "1.tlog-proof")


def test_a_file_that_is_no_proof(grown: Command) -> None:
    for name in ("log.key", "ledger.db", "1.checkpoint"):
        why = refused(grown, "verify-proof", name, *VKEY, code=3)
        assert why.startswith(f"ledger: {name} is no proof: ")
    assert "no such file" in refused(grown, "verify-proof", "nothing", *VKEY)


# Witnesses


def test_a_witness_by_mail(grown: Command) -> None:
    """The keeper sends a checkpoint; later a proof; what comes back is kept and asked for."""
    out = grown.fine(*witnessed("1.checkpoint", "w1", *VKEY))
    assert out.encode() == read(grown, "w1.state")
    first = checkpoints.parse(out.encode())
    assert first.note.signed_by(WITNESS_KEY.verifier) is True
    grown.fine("prove", "--since", "1.checkpoint", "-o", "grown.txt")
    done = grown(*witnessed("grown.txt", "w1", *VKEY, "-o", "back.checkpoint"))
    assert (done.code, done.out) == (0, "")
    assert "cosigned: ledger.example/invented of 2 events" in done.err
    assert "no-quorum" in found(grown, "verify", *VKEY, *ONE)[1]
    grown.fine("checkpoint", "--cosigned", "back.checkpoint")
    done = grown("verify", *VKEY, *ONE)
    assert (done.code, done.err) == (0, "")
    assert "no-quorum" in found(grown, "verify", *VKEY, *TWO)[1]


def test_two_witnesses_make_a_quorum(grown: Command) -> None:
    for name in ("w1", "w2"):
        grown.fine(*witnessed("2.checkpoint", name, *VKEY, "-o", f"{name}.back"))
        grown.fine("checkpoint", "--cosigned", f"{name}.back")
    assert len(checkpoints.parse(grown.fine("checkpoint").encode()).note.signatures) == 3
    assert grown("verify", *VKEY, *TWO).code == 0
    grown.fine("prove", "1", "-o", "1.tlog-proof")
    assert grown.fine("verify-proof", "1.tlog-proof", *VKEY, *TWO).startswith("position 1")
    grown.fine("copy", "ledger.db", "copy.db", *VKEY, *TWO)


def test_a_quorum_that_is_not_reached(grown: Command) -> None:
    grown.fine("prove", "1", "-o", "1.tlog-proof")
    assert found(grown, "verify-proof", "1.tlog-proof", *VKEY, *TWO) == [
        "1.tlog-proof: no-quorum 0 of the witnesses cosigned it, 2 must have"
    ]
    why = refused(grown, "copy", "ledger.db", "copy.db", *VKEY, *ONE, code=3)
    assert "no checkpoint is cosigned by 1 of the witnesses" in why
    assert not (grown.folder / "copy.db").exists()
    lines = found(grown, "verify", "--checkpoint", "2.checkpoint", *VKEY, *ONE)
    assert any(line.startswith("2.checkpoint: no-quorum") for line in lines)


def test_a_witness_refuses_another_history(grown: Command) -> None:
    grown.fine(*witnessed("2.checkpoint", "w1", *VKEY))
    before = read(grown, "w1.state")
    other = sign(Checkpoint(LOG_KEY.verifier.name, 2, b"\x01" * 32))
    grown.file("other.checkpoint", str(other))
    for sent, why in (
        ("other.checkpoint", "not cosigned: another history of 2 events was cosigned before"),
        ("1.checkpoint", "not cosigned: it covers 1 events, the last one covered 2"),
        ("0.checkpoint", "not cosigned: it covers 0 events, the last one covered 2"),
    ):
        assert why in refused(grown, *witnessed(sent, "w1", *VKEY), code=3)
        assert read(grown, "w1.state") == before


@pytest.mark.parametrize(
    ("key", "vkey", "state", "why"),
    [
        ("log.key", "log.key", "w1.state", "log.key is not a witness's"),
        ("w1.key", "w1.key", "w1.state", "is not the key of a log"),
        ("nothing", "log.key", "w1.state", "nothing is no usable key"),
        ("w1.key", "nothing", "w1.state", "Invalid value for --vkey: nothing"),
        ("w1.key", "log.key", "nowhere/w1.state", "no such file or directory: nothing was"),
        ("w1.key", "log.key", "w1.key/w1.state", "not a directory: nothing was cosigned"),
        ("w1.key", "log.key", "w2.key", "w2.key is no state of a witness"),
    ],
)
def test_slips_of_a_witness(grown: Command, key: str, vkey: str, state: str, why: str) -> None:
    sent = ("witness", "sign", "2.checkpoint", "--state", state, "--key", key, "--vkey", vkey)
    assert why in refused(grown, *sent)
    assert not (grown.folder / "w1.state").exists()


def test_a_witness_refuses_what_the_log_did_not_sign(grown: Command) -> None:
    sent = witnessed("2.checkpoint", "w1", "--vkey", "other.key")
    assert "not cosigned: no given key signed it" in refused(grown, *sent, code=3)
    assert not (grown.folder / "w1.state").exists()


def test_an_answer_that_cannot_be_written_is_given_again(grown: Command) -> None:
    """The state is kept before the answer: never the other way round."""
    sent = witnessed("2.checkpoint", "w1", *VKEY)
    assert "its folder does not exist" in refused(grown, *sent, "-o", "nowhere/back")
    assert checkpoints.parse(read(grown, "w1.state")).checkpoint.size == 2
    assert checkpoints.parse(grown.fine(*sent).encode()).checkpoint.size == 2


def test_help_of_each_command_is_short(bare: Command) -> None:
    for name in ("checkpoint", "prove", "verify-proof", "publish-log", "bundle", "verify", "copy"):
        out = bare.fine(name, "--help")
        assert "Examples:" in out
        assert max(map(len, out.splitlines())) <= 100
    assert not list(Path(bare.folder).iterdir())
