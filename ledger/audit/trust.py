"""Whom an auditor trusts to have signed a checkpoint: keys of the log, keys of witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.audit.checkpoints import Signed
from ledger.audit.keys import LOG, WITNESS, VerifierKey
from ledger.problems import Problem


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys of the log, any of which must have signed; witnesses, of whom `quorum` must have.

    Without keys of the log signatures are not looked at. ValueError for a key of the wrong
    kind, and for a quorum that these witnesses cannot reach.
    """

    logs: tuple[VerifierKey, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        """Refuse what nobody could satisfy."""
        for keys, kind, role in ((self.logs, LOG, "log"), (self.witnesses, WITNESS, "witness")):
            for key in keys:
                if key.kind != kind:
                    raise ValueError(f"{key} is not the key of a {role}")
        if not 0 <= self.quorum <= len({key.public for key in self.witnesses}):
            raise ValueError(
                f"a quorum of {self.quorum} needs as many witnesses: name each with --witness"
            )

    def faults(self, where: str, signed: Signed) -> Iterator[Problem]:
        """What is wrong with the signatures of the log and of witnesses."""
        for key in (*self.logs, *self.witnesses):
            if signed.note.signed_by(key) is False:
                yield Problem(where, "signature-forged", f"its signature by {key.name} is not good")
        if self.logs and not any(self._is_by(key, signed) for key in self.logs):
            origin = signed.checkpoint.origin
            yield Problem(where, "not-signed", f"no given key signed it, for the log {origin!r}")

    def quorum_faults(self, where: str, signed: Signed) -> Iterator[Problem]:
        """That fewer witnesses cosigned it than are asked for, where it is so."""
        found = self.cosigners(signed)
        if found < self.quorum:
            message = f"{found} of the witnesses cosigned it, {self.quorum} must have"
            yield Problem(where, "no-quorum", message)

    def cosigners(self, signed: Signed) -> int:
        """How many witnesses cosigned it; one key counts once, whatever its names."""
        return len({key.public for key in self.witnesses if signed.note.signed_by(key)})

    def has_quorum(self, signed: Signed) -> bool:
        """Whether as many witnesses cosigned it as are asked for, and any are asked for."""
        return 0 < self.quorum <= self.cosigners(signed)

    @staticmethod
    def _is_by(key: VerifierKey, signed: Signed) -> bool:
        """Whether the key signed it, for the log that bears its name."""
        return key.name == signed.checkpoint.origin and bool(signed.note.signed_by(key))


NOBODY = Trust()
