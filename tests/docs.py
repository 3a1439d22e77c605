"""Writes the pages that are made from the code: `python -m tests.docs`, or `--check` them.

`cli/README.md` is the reference of commands, from their own help; `tests/problems/README.md`
shows the gallery of problems; the table of attacks in `README.md` comes from making them.
`--accept` puts what the commands say now into the gallery, and what reports of the seeds come to
into the golden files: read the difference before it is kept.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ledger.__main__ import find_cli
from tests.audit import attacks
from tests.cli import reference
from tests.conftest import ROOT, SEEDS, file_of, new_ledger
from tests.problems import gallery
from tests.reports import golden

SHOWN = 3
"""Cases that are named beside a code."""
FORMATS = ("table", "csv", "tsv", "json", "jsonl")
FORMS = (*FORMATS, "chart", "svg", "hxl")

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
PROBLEMS_INTRO = """\
# What is said of bad input

Made from the files of this folder by `make docs`; each is also a test. All commands meet a ledger
of the seeds. `[1]` is the exit code; `appends 2` behind it says that two events were appended,
else none was. Lines behind `> ` are stdout, the others stderr; hashes are left out.

A problem is told as `WHERE: CODE message: what to do`. These are the codes:

"""


def main(arguments: list[str]) -> int:
    """Write the pages, or say which of them differ."""
    if "--accept" in arguments:
        accept()
    pages = written()
    stale = [path for path, text in pages.items() if not _holds(path, text)]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is not up to date: run `make docs`")  # noqa: T201
        else:
            path.write_text(pages[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


def written() -> dict[Path, str]:
    """Every page with the text that it should have."""
    return {
        ROOT / "README.md": front(),
        ROOT / "cli" / "README.md": commands(),
        ROOT / "tests" / "problems" / "README.md": problems(),
    }


def front() -> str:
    """The project's own page, with the table of attacks as they come out now."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, begin, rest = text.partition("<!-- attacks -->\n")
    _, end, after = rest.partition("<!-- /attacks -->\n")
    with tempfile.TemporaryDirectory() as scratch:
        return before + begin + attacks.table(Path(scratch)) + end + after


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


def problems() -> str:
    """The gallery of problems, to be read."""
    cases = gallery.cases()
    return PROBLEMS_INTRO + _codes(cases) + "".join(map(_shown, cases))


def accept() -> None:
    """Put what the commands say now into the gallery and into the golden files."""
    with tempfile.TemporaryDirectory() as scratch:
        seeds = new_ledger(Path(scratch) / "seeds.db")
        seeds.import_drafts(SEEDS)
        for case in [one for one in gallery.cases() if not one.not_yet]:
            made = case._replace(steps=gallery.played(case, file_of(seeds)))
            case.path.write_text(gallery.write(made), encoding="utf-8")
        golden.accept(file_of(seeds))


def _codes(cases: Iterable[gallery.Case]) -> str:
    """A table of all codes: what each means, and the cases that show it."""
    shown: dict[str, list[str]] = {}
    for case in cases:
        for code in case.codes:
            shown.setdefault(code, []).append(f"[{case.path.stem}]({case.path.name})")
    rows = ["| code | what it means | shown in |", "|---|---|---|"]
    for code, words in sorted(gallery.meanings().items()):
        here = ", ".join(shown.get(code, ())[:SHOWN])
        elsewhere = gallery.ELSEWHERE.get(code)
        where = f"`{elsewhere.test}`: {elsewhere.why}" if elsewhere else here
        rows.append(f"| `{code}` | {words} | {where} |")
    return "\n".join(rows) + "\n"


def _formats(pages: Sequence[reference.Page]) -> str:
    reports = [page for page in pages if page.name.startswith(reference.REPORT)]
    others = {page.name: page.formats for page in pages if page not in reports}
    return (
        "## Formats\n\n`-f` names one, the suffix of `-o FILE` chooses one; else a table on a "
        "terminal, CSV in a pipe.\nThe other commands print words.\n\n"
        + _marked("command", FORMATS, others)
        + "\nReports leave in more forms: `--chart` draws in a terminal, `-o FILE.svg` is a "
        "picture, and\n`ledger export -f hxl --report NAME` has a row of HXL tags where a column "
        "has one.\n\n"
        + _marked("report", FORMS, {page.name: reference.forms(page) for page in reports})
    )


def _marked(what: str, columns: Sequence[str], some: Mapping[str, Sequence[str]]) -> str:
    """A table of what has which of the columns; who has none is left out."""
    rows = [f"| {what} | " + " | ".join(columns) + " |", "|---" * (1 + len(columns)) + "|"]
    for name, found in some.items():
        if marks := [("yes" if one in found else "") for one in columns if found]:
            rows.append(f"| `{name}` | " + " | ".join(marks) + " |")
    return "\n".join(rows) + "\n"


def _shown(case: gallery.Case) -> str:
    title, _, more = case.words.partition("\n")
    parts = [f"\n## {title.rstrip('.')}\n"]
    if more.strip():
        parts.append(more.strip() + "\n")
    if case.not_yet:
        parts.append(f"Not so yet: {case.not_yet}.\n")
    parts.extend(f"`{name}`:\n\n{_block(text)}" for name, text in case.files.items())
    parts.extend(f"Here {setup}.\n" for setup in case.setups)
    parts.extend(_block(one.shown) for one in case.steps)
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
