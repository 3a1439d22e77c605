"""`ledger witness …`: another party that vouches for a log having only grown."""

from __future__ import annotations

import time
from pathlib import Path

import click

from .options import examples, keys_of
from .output import say, written
from .passphrases import signing_key


@click.group(
    "witness",
    epilog=examples(
        "ledger witness sign march.checkpoint --state w1.state --key w1.key --vkey log.vkey",
        "ledger witness sign grown.txt --state w1.state --key w1.key --vkey log.vkey",
    ),
)
def command() -> None:
    """For another party: vouch for a log having only grown."""


@command.command(
    epilog=examples(
        "ledger witness sign march.checkpoint --state w1.state --key w1.key --vkey log.vkey",
        "ledger witness sign grown.txt --state w1.state --key w1.key --vkey log.vkey -o back.txt",
    )
)
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option(
    "--state",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What was cosigned last; made the first time.",
)
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Your own key."
)
@click.option(
    "--vkey",
    "vkeys",
    required=True,
    multiple=True,
    metavar="KEY|FILE",
    help="The verifier key of the log.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there."
)
def sign(
    checkpoint: Path, state: Path, key: Path, vkeys: tuple[str, ...], output: str | None
) -> None:
    """Cosign CHECKPOINT if the log has only grown since the last time; else exit code 3.

    CHECKPOINT is what the log's keeper sends: the first time a checkpoint, later the proof of
    `ledger prove --since` with the checkpoint that you cosigned last. What you send back is the
    checkpoint with your signature and its time (C2SP tlog-cosignature), for `ledger checkpoint
    --cosigned`. Back up the state: without it you would vouch for any history.
    """
    from ledger.audit.keys import WITNESS
    from ledger.audit.trust import Trust
    from ledger.audit.witness import Witness

    try:
        trust = Trust(logs=keys_of(vkeys, "--vkey"))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    signed = Witness(signing_key(key, WITNESS), trust, state).sign(checkpoint, int(time.time()))
    with written(output) as out:
        out.write(str(signed))
    said = signed.checkpoint
    say(f"cosigned: {said.origin} of {said.size} events has only grown since the last time")
