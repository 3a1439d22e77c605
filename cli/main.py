"""The group of all commands, and what every error becomes."""

from __future__ import annotations

import difflib
import importlib
import os
import sys

import click

COMMANDS = (
    "init",
    "import",
    "add",
    "revise",
    "correct",
    "merge",
    "retract",
    "log",
    "show",
    "report",
    "explain",
    "check",
    "replay",
    "verify",
    "export",
    "copy",
    "backup",
    "vocabulary",
    "doctor",
    "upgrade",
    "rebuild",
)
"""In the order of help: the steward's day, then the auditor's, then housekeeping."""

SOFTWARE_ERROR = 70


class Session:
    """What every command is given: which ledger, which steward."""

    def __init__(self, db: str, steward: str) -> None:
        self.db = db
        self.steward = steward

    def ledger(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - imported when it is needed
        """The ledger, to ask."""
        from ledger.app import Ledger

        return Ledger(self.db)

    def writing(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as above
        """The ledger, to append to; asks for the steward where nobody is named."""
        from ledger.app import Ledger

        ledger = Ledger(self.db)
        ledger.database.must_exist()
        ledger.steward = self.steward or _ask_steward()
        return ledger


class Commands(click.Group):
    """Loads a command's module when it is asked for; meant commands are suggested."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{cmd_name}_")
        return module.command  # type: ignore[no-any-return]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return resolve(super(), ctx, args, COMMANDS)


def resolve(group, ctx, args, known):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """The command that the first argument names, or an error that suggests the nearest one."""
    try:
        return group.resolve_command(ctx, args)
    except click.UsageError as error:
        near = difflib.get_close_matches(args[0], known, n=1)
        if near and "did you mean" not in error.message.lower():
            error.message += f" Did you mean {near[0]!r}?"
        raise


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `ledger init`, then `ledger import FILE…` or `ledger add source --help`.",
)
@click.option(
    "--db",
    metavar="PATH",
    envvar="CASUALTY_LEDGER_DB",
    default="ledger.db",
    show_default=True,
    help="The ledger; also CASUALTY_LEDGER_DB.",
)
@click.option(
    "--as",
    "steward",
    metavar="NAME",
    envvar="CASUALTY_LEDGER_STEWARD",
    default="",
    help="The steward by a public name, kept for ever; also CASUALTY_LEDGER_STEWARD.",
)
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.version_option(package_name="casualty-ledger", prog_name="ledger")
@click.pass_context
def cli(ctx: click.Context, db: str, steward: str, debug: bool) -> None:
    """A ledger of incidents and casualties: what sources say, appended once, never changed."""
    ctx.obj = Session(db, steward)
    ctx.meta["debug"] = debug


def main() -> None:
    """Run the command line and end the process with its exit code.

    0 fine, 1 findings, 2 usage, 3 integrity failure, 4 conflict, 130 interrupted.
    """
    sys.exit(run(sys.argv[1:]))


def run(args: list[str]) -> int:
    """Run one command; the exit code. Errors are one message on stderr, never a traceback."""
    try:
        result = cli.main(args, prog_name="ledger", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: what was not acknowledged was not appended", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the one place where errors become messages
        return _explained(error, debug="--debug" in args)
    return result if isinstance(result, int) else 0


def _explained(error: Exception, *, debug: bool) -> int:
    from ledger.errors import LedgerError
    from ledger.reports.safe import for_terminal

    if debug:
        raise error
    if isinstance(error, LedgerError):
        for line in str(error).splitlines():
            click.echo(f"ledger: {for_terminal(line)}", err=True)
        return error.exit_code
    what = f"{type(error).__name__}: {error}"
    click.echo(f"ledger: unexpected error, please report it (--debug shows more): {what}", err=True)
    return SOFTWARE_ERROR


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
