"""Witnesses: another party that cosigns a checkpoint if the log has only grown.

Its state is the last checkpoint that it cosigned, in a file. What it is sent is a checkpoint, or
the consistency proof from the last one to a newer one (C2SP tlog-witness): files, so that two
organisations can do it by mail.
"""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from pathlib import Path

from ledger.audit import checkpoints, proofs
from ledger.audit.checkpoints import Signed
from ledger.audit.keys import SigningKey
from ledger.audit.proofs import Consistency, Inclusion
from ledger.audit.publishing import write_whole
from ledger.audit.texts import MalformedError
from ledger.audit.trust import Trust
from ledger.errors import IntegrityError, LedgerError, refusal
from ledger.store import folders


class WitnessError(IntegrityError):
    """What a witness was sent is nothing that it may sign."""

    def __init__(self, why: str) -> None:
        super().__init__(f"not cosigned: {why}")


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of one log: its own key, the log's keys that it trusts, the file of its state."""

    key: SigningKey
    trust: Trust
    state: Path

    def sign(self, path: Path, seconds: int) -> Signed:
        """Cosign what was sent in a file, at `seconds` since 1970, once the state is kept.

        Raises MalformedError, and WitnessError where the log did not sign it or where it is not
        consistent with what was cosigned last: then the state stays as it was.
        """
        sent = _sent(path)
        for fault in self.trust.faults("checkpoint", sent.signed):
            raise WitnessError(f"{fault.message}")
        note = sent.signed.note.signed(self.key, seconds)
        signed = checkpoints.parse(str(note).encode())
        try:
            with Path(f"{self.state}.lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._must_follow(sent)
                write_whole(self.state, str(signed).encode())
                folders.sync(self.state.absolute().parent)
        except OSError as error:
            why = refusal(error)
            raise LedgerError(f"{self.state}: {why}: nothing was cosigned") from error
        return signed

    def last(self) -> Signed | None:
        """What was cosigned last; None if nothing was. Raises LedgerError for a damaged state."""
        try:
            return checkpoints.parse(self.state.read_bytes())
        except FileNotFoundError:
            return None
        except MalformedError as error:
            raise LedgerError(f"{self.state} is no state of a witness: {error}") from error

    def _must_follow(self, sent: Consistency) -> None:
        """Raise WitnessError unless the log has only grown since the last time."""
        last = self.last()
        if last is None:
            if sent.old:
                raise WitnessError("this witness has seen nothing of it yet: send a checkpoint")
            return
        was, is_ = last.checkpoint, sent.signed.checkpoint
        if was.origin != is_.origin:
            raise WitnessError(f"the state is of the log {was.origin}, this is {is_.origin}")
        if is_.size < was.size:
            raise WitnessError(f"it covers {is_.size} events, the last one covered {was.size}")
        if is_.size == was.size:
            if is_.root != was.root:
                raise WitnessError(f"another history of {was.size} events was cosigned before")
        elif was.size and sent.old != was.size:
            raise WitnessError(
                f"it needs a proof from {was.size} events on: "
                "`ledger prove --since` with the checkpoint that was cosigned last"
            )
        elif was.size and not sent.holds(was):
            raise WitnessError(f"the log does not begin with the {was.size} events cosigned before")


def _sent(path: Path) -> Consistency:
    """What was sent: a consistency proof, or a checkpoint alone, as if from an empty log."""
    try:
        found = proofs.parse(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    except MalformedError:
        return Consistency(0, (), checkpoints.read(path))
    if isinstance(found, Inclusion):
        raise MalformedError(f"{path} proves one event: a witness needs a checkpoint")
    return found
