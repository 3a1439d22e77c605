"""`ledger doctor`."""

from __future__ import annotations

import click

from .options import examples
from .session import Session, pass_session

INTEGRITY_FAILURE = 3


@click.command("doctor", epilog=examples("ledger doctor", "ledger --db oir.db doctor"))
@pass_session
def command(session: Session) -> int:
    """What is in force: settings read back, schema, triggers, library; unsafe ones are refused."""
    diagnosis = session.ledger().diagnose()
    for name, value in diagnosis.facts:
        click.echo(f"{name}: {value}")
    for warning in diagnosis.warnings:
        click.echo(f"warning: {warning}", err=True)
    for fault in diagnosis.faults:
        click.echo(f"ledger: {fault}", err=True)
    return INTEGRITY_FAILURE if diagnosis.faults else 0
