"""The group of all commands, and what every error becomes."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

from .session import Session

COMMANDS = (
    "init",
    "import",
    "mapping",
    "template",
    "add",
    "revise",
    "correct",
    "merge",
    "duplicates",
    "retract",
    "log",
    "show",
    "report",
    "explain",
    "diff",
    "check",
    "replay",
    "verify",
    "key",
    "checkpoint",
    "prove",
    "verify-proof",
    "verify-report",
    "witness",
    "publish-log",
    "bundle",
    "export",
    "copy",
    "backup",
    "vocabulary",
    "doctor",
    "upgrade",
    "rebuild",
)
"""In the order of help: the steward's day, then the auditor's, then housekeeping."""

USAGE = 2
SOFTWARE_ERROR = 70


class Commands(click.Group):
    """Loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands, in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, from its module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.{cmd_name.replace('-', '_')}_")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called; the names that click may suggest are those of all."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, None, COMMANDS, ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a reader who has seen enough (`ledger log | head`) is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()
            return 0


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
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
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
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted: what was not acknowledged was not appended", err=True)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 0
    except Exception as error:  # noqa: BLE001 - the one place where errors become messages
        return _explained(error, debug="--debug" in args)
    return result if isinstance(result, int) else 0


def _drop_output() -> None:
    """Send what is left to nowhere, so that the end of the process does not fail on it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explained(error: Exception, *, debug: bool) -> int:
    from ledger.errors import LedgerError, refusal
    from ledger.reports.safe import for_terminal

    if debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError) and error.filename is None:
        _drop_output()
        click.echo(f"ledger: the answer could not be written: {refusal(error)}", err=True)
        return USAGE
    if isinstance(error, OSError):
        click.echo(f"ledger: {for_terminal(str(error.filename))}: {refusal(error)}", err=True)
        return USAGE
    if isinstance(error, LedgerError):
        for line in str(error).splitlines():
            click.echo(f"ledger: {for_terminal(line)}", err=True)
        return error.exit_code
    what = for_terminal(f"{type(error).__name__}: {error}")
    click.echo(f"ledger: unexpected error, please report it (--debug shows more): {what}", err=True)
    return SOFTWARE_ERROR
