"""Answers in words: a tree of lines, from a figure down to its events.

What `show` and `explain` print; each line also carries its data, for programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from ledger.counting import claims as claiming
from ledger.counting import lines
from ledger.counting.claims import Cited, Claim, Verdict
from ledger.counting.figures import Figure, exceeded
from ledger.projections.state import Toll
from ledger.reports.listings import fates
from ledger.reports.question import Question
from ledger.reports.selection import settle
from ledger.reports.table import Cell
from ledger.store.log import AnyEvent


class Node(NamedTuple):
    """A line of an answer, and what stands under it; `data` says the same for programs."""

    text: str
    children: tuple[Node, ...] = ()
    data: Mapping[str, Cell] = MappingProxyType({})


def render(nodes: Iterable[Node], depth: int = 0) -> Iterator[str]:
    """The lines of a tree, two spaces in for each step down."""
    for node in nodes:
        yield "  " * depth + node.text
        yield from render(node.children, depth + 1)


def as_data(node: Node) -> dict[str, object]:
    """A tree for programs: its text, its data, and under `children` what stands below it."""
    return {"text": node.text, **node.data, "children": [as_data(one) for one in node.children]}


def event_nodes(event: AnyEvent, body: str) -> list[Node]:
    """One event: who recorded what, and its bytes."""
    said = Node(f"recorded {event.recorded_at} by {event.recorded_by}")
    cited = tuple(
        Node(
            f"says: {one.claimant}{spoken(one.speaker)}, in {one.source}{located(one.locator)}",
            tuple(Node(f"passes on: {report}") for report in one.relays),
        )
        for one in event.citations
    )
    what = f"position {event.position}: {event.type}, {event.stream} version {event.version}"
    return [Node(what, (said, *cited, Node(body)))]


def in_words(figure: Figure) -> str:
    """A figure for people: `21`, `at least 13`, `14 (13 to 20)`, `unknown`."""
    if figure.best is None:
        return "unknown" if figure.high is None else f"unknown, at most {figure.high}"
    best = f"at least {figure.best}" if figure.at_least else str(figure.best)
    exact = figure.low == figure.best == figure.high
    if exact or figure.at_least:
        return best
    low = "?" if figure.low is None else figure.low
    high = "…+" if figure.high is None else figure.high
    return f"{best} ({low} to {high})"


def figure_data(figure: Figure) -> dict[str, Cell]:
    """A figure for programs."""
    return {
        "low": figure.low,
        "best": figure.best,
        "high": figure.high,
        "at_least": figure.at_least,
    }


def toll_node(toll: Toll, question: Question) -> Node:
    """What is said of one measure of an incident: its lines, each with every claim's fate."""
    settled = settle(toll, question)
    parents = lines.arrange(tuple(sorted(settled.figures)))
    tops = [line for line, parent in parents.items() if parent is None]
    over = dict(exceeded(settled.own, settled.structure))

    def node(line: str) -> Node:
        inside = [child for child, parent in parents.items() if parent == line]
        flag = f"; less than its parts by {over[line]}" if line in over else ""
        claims = claim_nodes(toll, line, question)
        text = f"{line}: {in_words(settled.figures[line])}{flag}"
        inside_nodes = tuple(node(child) for child in inside)
        return Node(text, (*claims, *inside_nodes), line_data(line, settled.figures[line]))

    unplaced = [
        Node(f"{line}: not counted, it may count persons twice", claim_nodes(toll, line, question))
        for line in settled.unplaced
    ]
    return Node(toll.measure, (*(node(line) for line in tops), *unplaced))


def claim_nodes(toll: Toll, line: str, question: Question) -> tuple[Node, ...]:
    """Every claim on a line that was known by then, in order, with what became of it."""
    verdicts, cited = fates(toll, question), toll.document.cited
    claims = [claim for claim in toll.document.claims if claim.line == line]
    claims.sort(key=lambda claim: claiming.order(claim, cited))
    return tuple(
        Node(
            _claim(claim, cited[claim.cited], verdicts[line, claim.position]),
            (),
            _claim_data(claim, cited[claim.cited], verdicts[line, claim.position], question),
        )
        for claim in claims
        if verdicts[line, claim.position] != "not yet known"
    )


def _claim(claim: Claim, cited: Cited, verdict: Verdict | str) -> str:
    fate = verdict if isinstance(verdict, str) else _in_words(verdict, cited)
    said = f"{claim.count}  {cited.claimant}{spoken(cited.speaker)}"
    where = f"{cited.source}{located(cited.locator)}, known {cited.known}"
    as_of = f", as of {claim.as_of}" if claim.as_of else ""
    allocated = ", allocated" if claim.allocated else ""
    grade = f"{cited.source_grade}{cited.item_grade}"
    return f"{said}; {where}{as_of}{allocated}; grade {grade}; position {claim.position}: {fate}"


def _claim_data(
    claim: Claim, cited: Cited, verdict: Verdict | str, question: Question
) -> dict[str, Cell]:
    fate, by = (verdict, None) if isinstance(verdict, str) else verdict
    return {
        "kind": "claim",
        "line": claim.line,
        "count": str(claim.count),
        "low": claim.count.low,
        "best": claim.count.best,
        "high": claim.count.high,
        "fate": fate,
        "by": by,
        "policy": question.policy,
        "source": cited.source,
        "locator": cited.locator,
        "claimant": cited.claimant,
        "speaker": cited.speaker,
        "known": cited.known,
        "grade": cited.item_grade,
        "source_grade": cited.source_grade,
        "position": claim.position,
    }


def line_data(line: str, figure: Figure) -> dict[str, Cell]:
    """A line and its figure, for programs."""
    return {"kind": "line", "line": line, **figure_data(figure)}


def _in_words(verdict: Verdict, cited: Cited) -> str:
    match verdict.fate:
        case "superseded":
            return f"superseded by position {verdict.by}"
        case "corroborates":
            return f"corroborates position {verdict.by}"
        case "stands":
            return f"stands beside position {verdict.by}, which is chosen"
        case "set aside":
            doubt = f"grade {cited.item_grade}" if cited.item_grade in (4, 5) else "source E"
            return f"set aside ({doubt})"
    return "chosen"


def spoken(speaker: str) -> str:
    """Who said it for the claimant, behind the claimant's name."""
    return f" ({speaker})" if speaker else ""


def located(locator: str) -> str:
    """Where in a source, behind its key."""
    return f": {locator}" if locator else ""
