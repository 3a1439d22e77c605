"""`ledger prove`."""

from __future__ import annotations

from pathlib import Path

import click

from .options import MOST_DIGITS, examples
from .output import say, written
from .session import Session, pass_session


@click.command(
    "prove",
    epilog=examples(
        "ledger prove 12 -o 12.tlog-proof",
        "ledger prove --since march.checkpoint -o grown.txt",
    ),
)
@click.argument("position", required=False)
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="CHECKPOINT",
    help="That the log has only grown since then.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there."
)
@pass_session
def command(session: Session, position: str | None, since: Path | None, output: str | None) -> None:
    """A proof in a file: that an event is in the log, or that the log has only grown.

    It leads to the newest checkpoint (`ledger checkpoint`) and is checked by `ledger
    verify-proof`, without this ledger. The first is a C2SP tlog-proof with the event in it,
    the second what C2SP tlog-witness sends to a witness.
    """
    from ledger.audit import checkpoints

    if (position is None) == (since is None):
        raise click.UsageError("give a POSITION, or --since CHECKPOINT")
    auditor = session.ledger().auditor
    if since is not None:
        proof = str(auditor.prove_since(checkpoints.read(since).checkpoint))
    else:
        assert position is not None
        if not (position.isascii() and position.isdecimal() and len(position) <= MOST_DIGITS):
            raise click.BadParameter(f"{position!r} is no position: see `ledger log`")
        proof = str(auditor.prove(int(position)))
    with written(output) as out:
        out.write(proof)
    if output:
        say(f"written to {output}; check it with `ledger verify-proof {output} --vkey KEY`")
