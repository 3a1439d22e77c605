"""What exports ask of incidents: their figures by measure, as a question counts them."""

from __future__ import annotations

from sqlalchemy import Connection, text

from ledger.counting import figures
from ledger.counting.figures import Figure
from ledger.projections.state import Toll
from ledger.reports import cases
from ledger.reports.question import Question
from ledger.reports.selection import settle
from ledger.vocabulary import MEASURES


def counted(toll: Toll, question: Question) -> Figure | None:
    """What a question counts of a toll, ungrouped; None where it counts no line."""
    found = cases.counted(settle(toll, question), question)
    return figures.add(piece.figure for piece in found.pieces) if found.pieces else None


def measures(connection: Connection, question: Question) -> list[str]:
    """The measures asked for, else all that are in use, in the order of the vocabulary."""
    used = {row.measure for row in connection.execute(text("SELECT DISTINCT measure FROM sums"))}
    return [one for one in MEASURES if one in (question.measures or used)]
