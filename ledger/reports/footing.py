"""What figures rest on: the claims that give them, and the sources that stand behind these.

A figure rests on one source unless two say it that have no report in common: those that pass on
the same report are one, and so are a source and what it passes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.counting.claims import Cited, Claim
from ledger.counting.figures import Family, add
from ledger.counting.tolls import Settled
from ledger.counts import UNKNOWN, Count
from ledger.projections import state
from ledger.projections.state import StandingClaim, Toll
from ledger.reports.cases import cases, counted, counter, of_one_report
from ledger.reports.question import Question
from ledger.reports.selection import Selection, settle
from ledger.sources import ITEM_ORDER, SOURCE_ORDER, Citation
from ledger.store.log import Log

Reports = Callable[[Claim], frozenset[str]]
"""What stands behind a claim: its source, and the reports that are passed on."""
_RECENT = 4096
"""Events whose citations are kept at hand, and sources whose reports are."""


class Footing(NamedTuple):
    """What a figure rests on.

    `chosen` are the claims that give it: that of its line, or those of the lines inside it that
    make it up (at least one). `sources` are all that say the same, by key; `single`: they are one.
    """

    chosen: tuple[StandingClaim, ...]
    sources: tuple[str, ...]
    single: bool

    @property
    def item_grade(self) -> int:
        """The worst item grade of the chosen claims, in the order of `ledger.sources`."""
        return max((one.cited.item_grade for one in self.chosen), key=ITEM_ORDER.__getitem__)

    @property
    def source_grade(self) -> str:
        """The worst source grade of theirs, in that order."""
        return max((one.cited.source_grade for one in self.chosen), key=SOURCE_ORDER.__getitem__)

    @property
    def allocated(self) -> bool:
        """Whether one of them was allocated: its report gave only a larger total."""
        return any(one.claim.allocated for one in self.chosen)


class Footings:
    """Looks up what figures rest on, in the log up to its end."""

    def __init__(self, connection: Connection, log: Log) -> None:
        every = state.sources(connection)
        self._relays = {one.key: one.document.relays for one in every if one.document.relays}
        self._citations = lru_cache(_RECENT)(lambda position: log.at(position).citations)
        self._behind = lru_cache(_RECENT)(self._behind_source)

    def of(self, toll: Toll, settled: Settled, line: str) -> Footing | None:
        """What a line's figure rests on; None where no claim gives it."""
        given = tuple(chosen(toll, settled, line))
        if not given:
            return None
        cited = toll.document.cited
        if len({one.source for one in cited}) == 1:
            return Footing(given, (cited[0].source,), single=True)
        said = _Said(toll, settled)
        several = said.by_several(line, lambda one: self._behind(cited[one.cited].source)) and (
            said.by_several(line, lambda one: self._behind_claim(one, cited[one.cited]))
        )
        return Footing(given, tuple(sorted(said.sources(line))), not several)

    def _behind_claim(self, claim: Claim, cited: Cited) -> frozenset[str]:
        """What stands behind a claim, with the reports that this item of its source passes on."""
        items = [
            report
            for one in self._citations(claim.position)
            if _same(one, cited)
            for report in one.relays
        ]
        return self._behind(cited.source).union(*map(self._behind, items))

    def _behind_source(self, source: str) -> frozenset[str]:
        """A source, the reports that it passes on, and what those pass on in turn."""
        found, waiting = set[str](), [source]
        while waiting:
            if (key := waiting.pop()) not in found:
                found.add(key)
                waiting.extend(self._relays.get(key, ()))
        return frozenset(found)


def chosen(toll: Toll, settled: Settled, line: str) -> Iterator[StandingClaim]:
    """The claims that give a line its figure: its own, or those of the lines that make it up."""
    cited = toll.document.cited
    for one in carriers(settled, line):
        claim = settled.chosen(one)
        yield StandingClaim(claim, cited[claim.cited])


def carriers(settled: Settled, line: str) -> tuple[str, ...]:
    """The lines whose own claims give a line its best: itself, or a family of those inside it."""
    if _says_it_itself(settled, line):
        return (line,)
    for family in _families(settled, line):
        return tuple(found for child in family for found in carriers(settled, child))
    return ()


def resting_on(connection: Connection, question: Question) -> Counter[str]:
    """How many of the figures that a question counts rest on each source: on chosen claims."""
    found, count = Counter[str](), counter(question)
    for case in cases(Selection(connection, question)):
        for toll in case.tolls:
            if of_one_report(toll, question):
                found[toll.document.cited[0].source] += len(count(toll).pieces)
                continue
            settled = settle(toll, question)
            for piece in counted(settled, question).pieces:
                given = chosen(toll, settled, piece.line)
                found.update({one.cited.source for one in given})
    return found


def agree(one: Count, other: Count) -> bool:
    """Whether both counts may be right: their bests are the same, or within vague bounds."""
    (low, high), (other_low, other_high) = _bounds(one), _bounds(other)
    lows = [number for number in (low, other_low) if number is not None]
    highs = [number for number in (high, other_high) if number is not None]
    return not lows or not highs or max(lows) <= min(highs)


class _Said:
    """Who says the figures of a toll: on the line itself, or part by part on those inside it."""

    def __init__(self, toll: Toll, settled: Settled) -> None:
        self._cited, self._settled = toll.document.cited, settled
        self._known: dict[str, Sequence[Claim]] = {}

    def sources(self, line: str) -> set[str]:
        """The sources that say a line's figure, or a part of it."""
        found = {self._cited[one.cited].source for one in self._alike(line)}
        for family in _families(self._settled, line):
            found.update(*map(self.sources, family))
        return found

    def by_several(self, line: str, reports: Reports) -> bool:
        """Whether two say a line's figure that have no report in common; of parts, each part."""
        return any(self._by_another(line, reports(one), reports) for one in self._alike(line)) or (
            any(
                all(self.by_several(child, reports) for child in family)
                for family in _families(self._settled, line)
            )
        )

    def _by_another(self, line: str, than: frozenset[str], reports: Reports) -> bool:
        """Whether somebody says a line's figure who has no report in common with one."""
        return any(than.isdisjoint(reports(one)) for one in self._alike(line)) or any(
            all(self._by_another(child, than, reports) for child in family)
            for family in _families(self._settled, line)
        )

    def _alike(self, line: str) -> Sequence[Claim]:
        """The same as `_saying_the_same`, worked out once a line."""
        if line not in self._known:
            self._known[line] = self._saying_the_same(line)
        return self._known[line]

    def _saying_the_same(self, line: str) -> Sequence[Claim]:
        """The claims on a line that agree with the one chosen, if this gives the line's figure.

        Who knows nothing says no number; those set aside count where nothing else is said.
        """
        if not _says_it_itself(self._settled, line):
            return ()
        best = self._settled.chosen(line)
        return [one for one in self._settled.claims[line] if self._supports(one, best)]

    def _supports(self, claim: Claim, best: Claim) -> bool:
        return (
            self._cited[claim.cited].aside == self._cited[best.cited].aside
            and (claim.count == best.count or UNKNOWN not in (claim.count, best.count))
            and agree(claim.count, best.count)
        )


def _says_it_itself(settled: Settled, line: str) -> bool:
    own = settled.own.get(line)
    return own is not None and own.best == settled.figures[line].best


def _families(settled: Settled, line: str) -> list[Family]:
    """The families inside a line that come to the same best as the line."""
    families = settled.structure.families[line]
    if not families:
        return []
    figures = settled.figures
    return [
        family
        for family in families.values()
        if add(figures[child] for child in family).best == figures[line].best
    ]


def _bounds(count: Count) -> tuple[int | None, int | None]:
    return (count.low, count.high) if count.best is None else (count.best, count.best)


def _same(citation: Citation, cited: Cited) -> bool:
    """Whether a citation is that of a claim."""
    return (citation.source, citation.claimant, citation.speaker, citation.locator) == (
        cited.source,
        cited.claimant,
        cited.speaker,
        cited.locator,
    )
