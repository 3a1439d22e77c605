"""Writes the pages that are made from the code: `python -m tests.docs`, or `--check` them.

`cli/README.md` is the reference of commands, from their own help; `tests/cli/ERRORS.md` shows
the gallery of errors. `--accept` puts what the commands say now into the gallery: read the
difference before it is kept.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from ledger.__main__ import find_cli
from tests.cli import gallery, reference
from tests.conftest import ROOT, SEEDS, new_ledger

FORMATS = ("table", "csv", "tsv", "json", "jsonl")

INTRO = """\
# The command line

Made from the commands' own help by `make docs`: change the help, not this page.

One module a command, thin: options to values, one call of `ledger.app`, the answer to stdout.
At module level they import the standard library, click and each other alone, so that help is
quick. Start at `main.py`; `options.py` holds what commands share, `output.py` how answers leave.

Data goes to stdout, everything else to stderr. The ledger is `--db`, then `CASUALTY_LEDGER_DB`,
then `./ledger.db`; the steward is `--as`, then `CASUALTY_LEDGER_STEWARD`, else the command asks.
"""
EXIT_CODES = """\
## Exit codes

| code | means |
|---|---|
| 0 | fine |
| 1 | findings: drafts that were refused, a check that found something |
| 2 | usage: a wrong option, a wrong value, a ledger that cannot be opened or written |
| 3 | integrity failure: the history is not what it was, or a setting is unsafe |
| 4 | conflict: a stream has moved on, an event id is taken |
| 70 | an error of the program itself: please report it |
| 130 | interrupted |
"""
ERRORS_INTRO = """\
# What is said of bad input

Made from the files in `errors/` by `make docs`; each is also a test. All commands meet a ledger
of the seeds, and none of them appends anything. `[2]` is the exit code.
"""


def main(arguments: list[str]) -> int:
    """Write the pages, or say which of them differ."""
    if "--accept" in arguments:
        accept()
    stale = [path for path, text in written().items() if not _holds(path, text)]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is not up to date: run `make docs`")  # noqa: T201
        else:
            path.write_text(written()[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def written() -> dict[Path, str]:
    """Every page with the text that it should have."""
    return {
        ROOT / "cli" / "README.md": commands(),
        ROOT / "tests" / "cli" / "ERRORS.md": errors(),
    }


def commands() -> str:
    """The reference of commands."""
    pages = reference.pages()
    contents = [f"- [`{page.name}`](#{_anchor(page.name)})" for page in pages]
    return "\n".join(
        (
            INTRO,
            EXIT_CODES,
            _formats(pages),
            "## Commands\n",
            "\n".join(contents) + "\n",
            "\n".join(f"### {page.name}\n\n{_block(page.help)}" for page in pages),
        )
    )


def errors() -> str:
    """The gallery of errors, to be read."""
    return ERRORS_INTRO + "".join(map(_shown, gallery.cases()))


def accept() -> None:
    """Put what the commands say now into the gallery."""
    from ledger.cli.main import run

    for name in [one for one in os.environ if one.startswith("CASUALTY_LEDGER_")]:
        del os.environ[name]
    os.environ["CASUALTY_LEDGER_STEWARD"] = "Test Steward"
    with tempfile.TemporaryDirectory() as scratch:
        seeds = new_ledger(Path(scratch) / "seeds.db")
        seeds.import_drafts(SEEDS)
        for case in [one for one in gallery.cases() if not one.not_yet]:
            with tempfile.TemporaryDirectory() as folder, chdir(folder):
                shutil.copyfile(seeds.database.path, "ledger.db")
                gallery.prepare(case, Path(folder))
                for number, step in enumerate(case.steps):
                    with redirect_stderr(StringIO()) as said, redirect_stdout(StringIO()):
                        code = run(step.arguments)
                    case.steps[number] = step._replace(code=code, stderr=said.getvalue())
            case.path.write_text(gallery.write(case), encoding="utf-8")


def _formats(pages: Iterable[reference.Page]) -> str:
    rows = []
    for page in pages:
        if page.formats:
            marks = ("yes" if one in page.formats else "" for one in FORMATS)
            rows.append(f"| `{page.name}` | " + " | ".join(marks) + " |")
    head = "| command | " + " | ".join(FORMATS) + " |\n" + "|---" * (1 + len(FORMATS)) + "|"
    return (
        "## Formats\n\n`-f` names one, the suffix of `-o FILE` chooses one; else a table on a "
        "terminal, CSV in a pipe.\nThe other commands print words.\n\n"
        + "\n".join((head, *rows))
        + "\n"
    )


def _shown(case: gallery.Case) -> str:
    title, _, more = case.words.partition("\n")
    parts = [f"\n## {title.rstrip('.')}\n"]
    if more.strip():
        parts.append(more.strip() + "\n")
    if case.not_yet:
        parts.append(f"Not so yet: {case.not_yet}.\n")
    parts.extend(f"`{name}`:\n\n{_block(text)}" for name, text in case.files.items())
    parts.extend(f"Here {setup}.\n" for setup in case.setups)
    parts.extend(_block(f"$ {one.command}\n{one.stderr}[{one.code}]") for one in case.steps)
    return "\n".join(parts)


def _block(text: str) -> str:
    return f"```text\n{text.rstrip() or '(empty)'}\n```\n"


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    find_cli()
    sys.exit(main(sys.argv[1:]))
