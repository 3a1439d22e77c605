"""What tests of counting share: claims, tolls as text, random lines that may stand together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from ledger import counts, dates
from ledger.counting import figures, lines, questions
from ledger.counting.claims import Cited, Claim
from ledger.counting.figures import Figure, Structure
from ledger.counting.questions import Piece
from ledger.counts import Count

VALUES: Mapping[str, tuple[str, ...]] = {
    "cause": ("hostile", "pending"),
    "nationality": ("GB", "PL", "US"),
    "role": ("contractor", "military"),
    "sex": ("female", "male"),
}


def cited(
    claimant: str = "A",
    published: str = "2020-01-01",
    *,
    grade: int = 6,
    source_grade: str = "F",
    incident: str = "here",
) -> Cited:
    """A citation of a source that was published on a date as written ("" if undated)."""
    day, instant = "", 0
    if published:
        when = dates.parse(published)
        day, instant = when.last or "", when.instant
    known = day or "2024-01-01"
    return Cited("s", claimant, "", "", grade, source_grade, day, instant, known, incident)


def claim(
    position: int,
    count: str | Count,
    by: int = 0,
    *,
    line: str = "killed",
    as_of: str = "",
    until: str = "",
) -> Claim:
    """A claim with the citation at place `by`."""
    said = counts.parse(count) if isinstance(count, str) else count
    return Claim(position, line, by, said, as_of, until=until)


class Toll(NamedTuple):
    """Lines with their own counts, how they lie, and what they come to."""

    own: Mapping[str, Figure]
    structure: Structure
    figures: Mapping[str, Figure]

    def pieces(
        self, where: Mapping[str, Iterable[str]] | None = None, by: tuple[str, ...] = ()
    ) -> list[Piece]:
        """What a question counts."""
        return self.ask(where, by).pieces

    def ask(
        self, where: Mapping[str, Iterable[str]] | None = None, by: tuple[str, ...] = ()
    ) -> questions.Counted:
        """What a question counts, and what it leaves out as not stated."""
        values = {key: frozenset(some) for key, some in (where or {}).items()}
        return questions.count(self.structure, self.figures, values, by)

    def bests(
        self, by: str, where: Mapping[str, Iterable[str]] | None = None
    ) -> dict[str, int | None]:
        """The best of each row; its values are joined by commas."""
        keys = tuple(by.split(","))
        rows: dict[str, list[Figure]] = {}
        for one in self.pieces(where, keys):
            name = ",".join(one.value(key) or "unspecified" for key in keys)
            rows.setdefault(name, []).append(one.figure)
        return {name: figures.add(some).best for name, some in rows.items()}


def toll(said: Mapping[str, Count]) -> Toll:
    """What lines with these counts come to."""
    assert not lines.overlap(frozenset(said))
    structure = figures.structure(tuple(sorted(said)))
    own = {text: figures.of(count) for text, count in said.items()}
    return Toll(own, structure, figures.figures(own, structure))


def read_toll(text: str) -> Toll:
    """A toll that is written as `line: count`, one on each line of text."""
    pairs = (one.rpartition(":") for one in text.strip().splitlines())
    return toll({line.strip(): counts.parse(count.strip()) for line, _, count in pairs})


def exact(low: int, best: int, high: int) -> Count:
    """A count in its natural order, of three numbers in any."""
    return Count(*sorted((low, best, high)))


def some_counts(least: int = 1) -> st.SearchStrategy[Count]:
    """Counts of every shape, the contradictory too; numbers from `least` on."""
    number = st.integers(least, 12)
    maybe = st.none() | number
    same = number.map(lambda n: Count(n, n, n))
    return st.one_of(same, same, st.builds(exact, number, number, number), _any(maybe))


def _any(maybe: st.SearchStrategy[int | None]) -> st.SearchStrategy[Count]:
    return st.builds(Count, maybe, maybe, maybe)


some_lines: st.SearchStrategy[str] = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in VALUES.items()}
).map(lambda attributes: str(lines.make("killed", attributes)))


def fitting(texts: Iterable[str]) -> list[str]:
    """Those of the lines that may be recorded one after the other: none overlaps."""
    kept: list[str] = []
    for text in texts:
        if text not in kept and not lines.overlap(frozenset([*kept, text])):
            kept.append(text)
    return kept


some_line_sets: st.SearchStrategy[list[str]] = st.builds(
    lambda whole, texts: fitting([*whole, *texts]),
    st.sampled_from([["killed"], ["killed"], []]),
    st.lists(some_lines, min_size=1, max_size=9),
)
"""Lines of one measure that may stand together, in the order in which they were told."""


def some_tolls(least: int = 1) -> st.SearchStrategy[Toll]:
    """Tolls with counts of every shape."""
    return some_line_sets.flatmap(
        lambda texts: st.fixed_dictionaries(dict.fromkeys(texts, some_counts(least)))
    ).map(toll)


some_filters: st.SearchStrategy[dict[str, frozenset[str]]] = st.dictionaries(
    st.sampled_from(sorted(VALUES)), st.none(), max_size=2
).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: st.frozensets(st.sampled_from(VALUES[key]), min_size=1) for key in keys}
    )
)
some_groups: st.SearchStrategy[tuple[str, ...]] = st.permutations(sorted(VALUES)).flatmap(
    lambda keys: st.integers(0, len(keys)).map(lambda number: tuple(keys[:number]))
)
