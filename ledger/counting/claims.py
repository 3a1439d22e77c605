"""Claims: the order in which they speak, which of them stand, which one a policy chooses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import msgspec

from ledger import dates
from ledger.counts import UNKNOWN, Count
from ledger.sources import ITEM_ORDER, SOURCE_ORDER, set_aside

Policy = Literal["latest", "graded", "envelope"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
Fate = Literal["chosen", "stands", "superseded", "corroborates", "set aside"]
Order = tuple[str, int, int]


class Cited(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A citation resolved against its source.

    `day` is the last day on which the source may have been published ("" if undated) and
    `instant` its place within that day; `known` is the day from which `--known-by` sees it
    (undated: the day it was recorded). `incident` is where the statement was recorded.
    """

    source: str
    claimant: str
    speaker: str
    locator: str
    item_grade: int
    source_grade: str
    day: str
    instant: int
    known: str
    incident: str

    @property
    def aside(self) -> bool:
        """Whether claims with this citation are set aside."""
        return set_aside(self.item_grade, self.source_grade)


class Claim(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One report's count for one line.

    `position` is that of the event that holds it, `cited` the index of its citation in the
    toll. `until` is the day from which it counts as withdrawn ("": it was not).
    """

    position: int
    line: str
    cited: int
    count: Count
    as_of: str = ""
    allocated: bool = False
    until: str = ""


class Verdict(NamedTuple):
    """What became of a claim, and the position of the claim that decided it."""

    fate: Fate
    by: int | None = None


CHOSEN = Verdict("chosen")


class Choice(msgspec.Struct, frozen=True):
    """The count that a policy gives a line, the claim that carries it, each claim's fate.

    Verdicts go by position of the claim's event, which makes at most one claim on a line.
    """

    count: Count
    claim: Claim
    verdicts: Mapping[int, Verdict]


def choose(claims: Sequence[Claim], cited: Sequence[Cited], policy: Policy = "latest") -> Choice:
    """The count of a line, from the claims on it (at least one, none of them retracted).

    `latest` walks the standing claims in order; `graded` prefers the better item grade, then
    the better source grade, then `latest`; `envelope` takes its best from `latest`, and as
    low and high the extremes of those that standing claims know (design, section 5).
    """
    if len(claims) == 1:
        return Choice(claims[0].count, claims[0], {claims[0].position: CHOSEN})
    aside = [claim for claim in claims if cited[claim.cited].aside]
    pool = [claim for claim in claims if claim not in aside] or aside if aside else claims
    pool = sorted(pool, key=lambda claim: order(claim, cited))
    verdicts: dict[int, Verdict] = {claim.position: Verdict("set aside") for claim in aside}
    standing = _standing(pool, cited, verdicts)
    among_all: dict[int, Verdict] = {}
    chosen = _walk(standing, among_all)
    if policy == "graded":
        chosen = _walk(_best_graded(standing, cited), {})
    for claim in standing:
        corroborates = among_all[claim.position].fate == "corroborates"
        verdicts[claim.position] = (
            among_all[claim.position] if corroborates else Verdict("stands", chosen.position)
        )
    verdicts[chosen.position] = CHOSEN
    count = _envelope(chosen.count, standing) if policy == "envelope" else chosen.count
    return Choice(count, chosen, verdicts)


def order(claim: Claim, cited: Sequence[Cited]) -> Order:
    """Where a claim stands in the order of claims: the day it speaks for, then position."""
    if claim.as_of:
        when = dates.parse(claim.as_of)
        return when.last or "", when.instant, claim.position
    citation = cited[claim.cited]
    return citation.day, citation.instant, claim.position


def satisfies(figure: Count, vague: Count) -> bool:
    """Whether a figure lies within the known bounds of a vague count."""
    if vague == UNKNOWN:
        return True
    best = figure.effective
    if best is None:
        return False
    return (vague.low is None or vague.low <= best) and (vague.high is None or best <= vague.high)


def _standing(
    pool: Sequence[Claim], cited: Sequence[Cited], verdicts: dict[int, Verdict]
) -> list[Claim]:
    """Each claimant's standing claim, in the order of claims."""
    claimants: dict[str, list[Claim]] = {}
    for claim in pool:
        claimants.setdefault(cited[claim.cited].claimant, []).append(claim)
    last = {_walk(some, verdicts).position for some in claimants.values()}
    return [claim for claim in pool if claim.position in last]


def _walk(claims: Sequence[Claim], verdicts: dict[int, Verdict]) -> Claim:
    """The claim that is left when each replaces the one before, unless it corroborates it."""
    current = claims[0]
    for claim in claims[1:]:
        if claim.count.vague and satisfies(current.count, claim.count):
            verdicts[claim.position] = Verdict("corroborates", current.position)
        else:
            verdicts[current.position] = Verdict("superseded", claim.position)
            current = claim
    verdicts[current.position] = CHOSEN
    return current


def _best_graded(standing: Sequence[Claim], cited: Sequence[Cited]) -> list[Claim]:
    def grade(claim: Claim) -> tuple[int, int]:
        citation = cited[claim.cited]
        return ITEM_ORDER[citation.item_grade], SOURCE_ORDER[citation.source_grade]

    best = min(map(grade, standing))
    return [claim for claim in standing if grade(claim) == best]


def _envelope(chosen: Count, standing: Iterable[Claim]) -> Count:
    counts = [claim.count for claim in standing]
    lows = [count.low for count in counts if count.low is not None]
    highs = [count.high for count in counts if count.high is not None]
    return Count(min(lows, default=None), chosen.best, max(highs, default=None))
