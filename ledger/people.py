"""Names of persons: handled with care, because what is recorded is permanent."""

from __future__ import annotations

from ledger.vocabulary import WITHHELD

MOST_YEARS = 130
"""No person is recorded as older than this, in years."""


def name_fault(name: str) -> str | None:
    """What is wrong with a person's name, or None; `withheld` is a name of its own kind."""
    if not name.strip():
        return f"a name is missing: write it as published, or {WITHHELD} where it was withheld"
    if name.strip().lower() == WITHHELD and name != WITHHELD:
        return f"write {WITHHELD} in small letters for a name that was withheld"
    return None


def shown_name(name: str) -> str:
    """The name as a report shows it: a withheld name says so."""
    return "(name withheld)" if name == WITHHELD else name
