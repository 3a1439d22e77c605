"""What every command is given: which ledger, which steward."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from ledger.app import Ledger

Command = TypeVar("Command", bound=Callable[..., object])


class Session:
    """One run of the command line, with its general options."""

    def __init__(self, db: str, steward: str) -> None:
        self.db = db
        self.steward = steward

    def ledger(self) -> Ledger:
        """The ledger, to ask."""
        from ledger.app import Ledger

        return Ledger(self.db)

    def writing(self) -> Ledger:
        """The ledger, to append to; asks for the steward where nobody is named."""
        ledger = self.ledger()
        ledger.database.must_exist()
        ledger.steward = self.steward.strip()
        if not (ledger.steward or ledger.database.has_users):
            ledger.steward = _ask_steward()
        return ledger


def pass_session(command: Command) -> Command:
    """Give a command the session as its first argument."""
    return click.pass_obj(command)  # type: ignore[return-value]


def _ask_steward() -> str:
    click.echo(
        "Who records this? The name is public and stays in the log for ever "
        "(set CASUALTY_LEDGER_STEWARD or --as to be asked no more).",
        err=True,
    )
    try:
        name: str = click.prompt("Steward", err=True)
    except click.Abort:
        message = "nobody to record it by: name the steward with --as or CASUALTY_LEDGER_STEWARD"
        raise click.UsageError(message) from None
    return name.strip()
