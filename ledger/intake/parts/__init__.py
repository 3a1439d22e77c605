"""The parts of what a row says, each made of some of its cells.

In reading order: `made` (how a part is made, and what is kept of it), `incident`, `cited`,
`counted`.
"""

from ledger.intake.parts.cited import citation, source
from ledger.intake.parts.counted import attributions, claims, totals
from ledger.intake.parts.incident import facts, names, place, when, words
from ledger.intake.parts.made import Made, Setting

__all__ = [
    "Made",
    "Setting",
    "attributions",
    "citation",
    "claims",
    "facts",
    "names",
    "place",
    "source",
    "totals",
    "when",
    "words",
]
