"""Proofs checked without a ledger: against keys, and against an older checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ledger.audit import proofs
from ledger.audit.checkpoints import Signed
from ledger.audit.proofs import Inclusion, Proof
from ledger.audit.texts import MalformedError
from ledger.audit.trust import Trust
from ledger.errors import LedgerError, refusal
from ledger.problems import Problem


class Checked(NamedTuple):
    """What a proof shows, the checkpoint to which it leads, and what is wrong with it."""

    told: str
    checkpoint: str
    findings: list[Problem]


def check(path: Path, trust: Trust, older: Signed | None = None) -> Checked:
    """Check the proof in a file; `older` is what a proof of growth begins with.

    Raises MalformedError for what is no proof, LedgerError for a file that cannot be read and
    for a proof of growth without the older checkpoint.
    """
    proof = _read(path)
    if not isinstance(proof, Inclusion) and proof.old and older is None:
        raise LedgerError(f"{path} begins with {proof.old} events: give their checkpoint, --since")
    where, said = str(path), proof.signed.checkpoint
    findings = [
        *_faults(where, proof, older),
        *trust.faults(where, proof.signed),
        *trust.quorum_faults(where, proof.signed),
        *(trust.faults("the older checkpoint", older) if older else ()),
    ]
    return Checked(
        _told(proof), f"by the checkpoint of {said.size} events of {said.origin}", findings
    )


def _read(path: Path) -> Proof:
    try:
        return proofs.parse(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: {refusal(error)}") from error
    except MalformedError as error:
        raise MalformedError(f"{path} is no proof: {error}") from error


def _faults(where: str, proof: Proof, older: Signed | None) -> Iterator[Problem]:
    if isinstance(proof, Inclusion):
        if not proof.holds():
            message = f"it does not lead from the event at {proof.position} to the checkpoint"
            yield Problem(where, "not-proved", message)
    elif proof.old == 0:
        message = "it begins with no events, as every log does: it shows nothing"
        yield Problem(where, "not-proved", message)
    elif older is not None and not proof.holds(older.checkpoint):
        message = f"it does not lead from {older.checkpoint.size} events to the checkpoint"
        yield Problem(where, "not-proved", message)


def _told(proof: Proof) -> str:
    if isinstance(proof, Inclusion):
        return f"position {proof.position}: {proof.event.decode(errors='backslashreplace')}"
    return f"the log of {proof.signed.checkpoint.size} events begins with the {proof.old} before"
