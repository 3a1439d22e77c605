"""Sources and citations: who said it, where it stands, how far it can be trusted."""

from __future__ import annotations

import msgspec

SET_ASIDE_ITEMS = frozenset({4, 5})
"""Item grades (doubtful, improbable) whose claims are never chosen while another stands."""
SET_ASIDE_SOURCES = frozenset({"E"})
"""Source grades (unreliable) treated alike."""

ITEM_ORDER = {1: 0, 2: 1, 3: 2, 6: 3, 4: 4, 5: 5}
SOURCE_ORDER = {"A": 0, "B": 1, "C": 2, "F": 3, "D": 4, "E": 5}
"""The `graded` policy's order, best first: what cannot be judged (6, F) is not the worst."""


class Citation(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, gc=False
):
    """Where a statement stands and who answers for it.

    `source` is the key of a registered source. `claimant` is the body or person answerable
    for the statement; `speaker` is who said it for the body. `locator` says where in the
    source. `grade` is the Admiralty grade of this item, 1 to 6 (6: cannot be judged).
    `relays` names the reports that this item passes on: two items that pass on the same one
    are one report.
    """

    source: str
    claimant: str
    speaker: str = ""
    locator: str = ""
    grade: int = 6
    relays: tuple[str, ...] = ()


def set_aside(item_grade: int, source_grade: str) -> bool:
    """Whether a claim so graded is shown but not chosen (design, section 5)."""
    return item_grade in SET_ASIDE_ITEMS or source_grade in SET_ASIDE_SOURCES
