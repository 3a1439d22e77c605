"""A correction: one claim taken back as our error, and recorded again with another count."""

from __future__ import annotations

from ledger import counts
from ledger.errors import LedgerError
from ledger.events import Draft
from ledger.events import payloads as said
from ledger.projections.state import StandingClaim


def correction(stream: str, standing: StandingClaim, count: str, reason: str) -> list[Draft]:
    """The two drafts of a correction; raises LedgerError for a text that is no count."""
    claim = standing.claim
    try:
        corrected = said.Claimed(
            line=claim.line,
            count=counts.parse(count),
            as_of=claim.as_of,
            allocated=claim.allocated,
        )
    except counts.CountError as error:
        raise LedgerError(f"--count: {error}") from error
    retraction = said.EventRetracted(
        kind="error", position=claim.position, line=claim.line, reason=reason
    )
    report = said.CountsReported(claims=(corrected,))
    return [
        Draft(stream=stream, data=retraction),
        Draft(stream=stream, data=report, citations=(standing.citation,)),
    ]
