"""`ledger key …`: the keys that sign checkpoints."""

from __future__ import annotations

from pathlib import Path

import click

from .options import examples
from .output import must_be_new, say
from .passphrases import new_passphrase


@click.group(
    "key",
    epilog=examples(
        "ledger key new --name example.org/ledger -o new.key", "ledger key show ledger.key"
    ),
)
def command() -> None:
    """Keys: a log signs its checkpoints with one, a witness cosigns them with another."""


@command.command(
    epilog=examples(
        "ledger key new --name example.org/ledger -o new.key --passphrase",
        "ledger key new --name archive.example.net/w1 --witness -o new.key",
    )
)
@click.option(
    "--name",
    required=True,
    metavar="ORIGIN",
    help="Whose key: an address without https://, such as example.org/ledger.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the private key goes: only its owner may read it.",
)
@click.option("--witness", is_flag=True, help="A witness's key, for `ledger witness sign`.")
@click.option(
    "--passphrase",
    "ask",
    is_flag=True,
    help="Encrypt it; asks, or takes CASUALTY_LEDGER_PASSPHRASE.",
)
def new(name: str, output: Path, witness: bool, ask: bool) -> None:
    """Make a key and print its verifier key, `name+hash+key`: that is the part to give away.

    The name is public and stands in every checkpoint as the name of the log.
    """
    from ledger.audit import keys

    must_be_new(str(output))
    try:
        key = keys.new(name, keys.WITNESS if witness else keys.LOG)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--name") from error
    keys.write(output, key, new_passphrase() if ask else "")
    click.echo(str(key.verifier))
    say(f"the private key is in {output}: keep it from others, and from loss")


@command.command(epilog=examples("ledger key show ledger.key", "ledger key show w1.key"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def show(file: Path) -> None:
    """The verifier key of a key file: what others need to check its signatures."""
    from ledger.audit import keys

    click.echo(str(keys.read_public(file)))
