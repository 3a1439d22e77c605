"""A question: what is counted, of which incidents, grouped how, as of when, known by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection

from ledger import dates
from ledger.counting import lines
from ledger.counting.claims import Policy
from ledger.errors import QuestionError
from ledger.places import country_fault
from ledger.projections import state
from ledger.vocabulary import (
    ATTRIBUTES,
    BUILT_IN_KEYS,
    MEASURE_HINTS,
    MEASURES,
    STATUSES,
    did_you_mean,
)

DATE_KEYS = ("day", "month", "quarter", "year")
UNSPECIFIED = "unspecified"
"""What a missing attribute, label, country or actor reads as."""

Values = Mapping[str, frozenset[str]]


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of a ledger.

    `measures` are those to count (none: all). `where` gives the values that each key may have:
    keys are and, values of one key are or. `by` are the keys to group by. Days are ISO, and
    inclusive: incidents on or after `since`, on or before `until` and `as_of`; statements
    published on or before `known_by`.
    """

    measures: tuple[str, ...] = ()
    where: Mapping[str, frozenset[str]] = {}
    by: tuple[str, ...] = ()
    as_of: str | None = None
    known_by: str | None = None
    since: str | None = None
    until: str | None = None
    policy: Policy = "latest"

    @property
    def clock(self) -> state.Clock:
        """What was known by when."""
        return state.Clock(self.known_by)

    @property
    def attributes_asked(self) -> Values:
        """The part of the filter that asks for attributes of lines."""
        return {key: values for key, values in self.where.items() if key in ATTRIBUTES}

    @property
    def attributes_by(self) -> tuple[str, ...]:
        """The part of the grouping that asks for attributes of lines."""
        return tuple(key for key in self.by if key in ATTRIBUTES)

    def asks(self, key: str) -> bool:
        """Whether the filter or the grouping names a key."""
        return key in self.where or key in self.by


PLAIN = Question()
"""All that is counted, as it stands now."""


def ask(  # noqa: PLR0913 - the parts of a question
    *,
    measures: Iterable[str] = (),
    where: Iterable[str] = (),
    by: str = "",
    as_of: str = "",
    known_by: str = "",
    since: str = "",
    until: str = "",
    policy: Policy = "latest",
) -> Question:
    """The question that texts put: `where` as KEY=VALUE each, `by` as KEY,KEY.

    Raises QuestionError with everything that is wrong with it by itself.
    """
    faults: list[str] = []
    found = Question(
        measures=_measures(measures, faults),
        where=_together(pair for text in where if (pair := _pair(text, faults))),
        by=tuple(dict.fromkeys(key.strip() for key in by.split(",") if key.strip())),
        as_of=_day("--as-of", as_of, faults),
        known_by=_day("--known-by", known_by, faults),
        since=_day("--since", since, faults),
        until=_day("--until", until, faults),
        policy=policy,
    )
    if faults:
        raise QuestionError("\n".join(faults))
    return found


def check(question: Question, connection: Connection) -> None:
    """Raise QuestionError if the question names a key that this ledger does not have."""
    keys = dict.fromkeys([*question.where, *question.by])
    unknown = [key for key in keys if key not in ATTRIBUTES and key not in BUILT_IN_KEYS]
    if not unknown:
        return
    labels = {key for facet in state.facets_in_use(connection) for key in facet.labels}
    known = {*ATTRIBUTES, *BUILT_IN_KEYS, *labels}
    faults = [
        f"unknown key {key!r}: {did_you_mean(key, known)}" for key in unknown if key not in labels
    ]
    if faults:
        raise QuestionError("\n".join(faults))


def _measures(measures: Iterable[str], faults: list[str]) -> tuple[str, ...]:
    found = tuple(measures)
    for measure in found:
        if measure not in MEASURES:
            hint = MEASURE_HINTS.get(measure.lower()) or did_you_mean(measure, MEASURES)
            faults.append(f"unknown measure {measure!r}: {hint}")
    return found


def _pair(text: str, faults: list[str]) -> tuple[str, str] | None:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not key or not value:
        faults.append(f"--where {text!r} is not KEY=VALUE")
        return None
    fault = None
    if key in ("nationality", "country") and value != UNSPECIFIED:
        fault = country_fault(value)
    elif key in ("cause", "sex", "age-group"):
        fault = lines.value_fault(key, value)
    elif key == "status" and value not in STATUSES:
        fault = f"unknown status {value!r}: {did_you_mean(value, STATUSES)}"
    if fault:
        faults.append(f"--where {text}: {fault}")
    return key, value


def _together(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for key, value in pairs:
        found[key] = found.get(key, frozenset()) | {value}
    return found


def _day(name: str, text: str, faults: list[str]) -> str | None:
    if not text:
        return None
    try:
        when = dates.parse(text)
    except dates.DateError as error:
        faults.append(f"{name}: {error}")
        return None
    if not when.bounded:
        faults.append(f"{name}: {text!r} is open at one end: give a day")
    return when.first if name == "--since" else when.last
