"""What folds that follow one another keep between them, so that each need not begin anew."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping

from sqlalchemy import Connection, Row, bindparam, text

from ledger.projections.sums import Changes
from ledger.store.driver import insert

_MOST = 50_000
"""Facets and sums that are kept: where labels are unique, there are as many as incidents."""
_LOOK_UP = 500


class Kept:
    """The ids of facets that were looked up, and what changes in the sums.

    One fold keeps its own and writes them; a rebuild, which is many, writes what came together.
    """

    def __init__(self) -> None:
        self.facets: dict[Hashable, int] = {}
        self.sums = Changes()

    def learn(self, into: Connection, new: Mapping[Hashable, str]) -> None:
        """Find the ids of facets, by what they are told apart by: canonical JSON of each.

        New ones are given the next.
        """
        if not new:
            return
        wanted = sorted(set(new.values()))
        known = {row.facet: row.id for row in _known(into, wanted)}
        last = into.execute(text("SELECT coalesce(max(id), 0) FROM facets")).scalar_one()
        unknown = [facet for facet in wanted if facet not in known]
        made = {facet: last + step for step, facet in enumerate(unknown, 1)}
        insert(into, "facets", [(number, facet) for facet, number in made.items()])
        known |= made
        self.facets.update((key, known[facet]) for key, facet in new.items())

    def write(self, into: Connection) -> None:
        """Bring the sums up to date."""
        self.sums.write(into)
        self.sums = Changes()

    def trim(self, into: Connection) -> None:
        """Keep no more than is worth it: memory stays flat. To be called between folds."""
        if len(self.facets) > _MOST:
            self.facets.clear()
        if len(self.sums) > _MOST:
            self.write(into)


def _known(into: Connection, wanted: list[str]) -> Iterator[Row[tuple[str, int]]]:
    statement = text("SELECT facet, id FROM facets WHERE facet IN :some").bindparams(
        bindparam("some", expanding=True)
    )
    for start in range(0, len(wanted), _LOOK_UP):
        yield from into.execute(statement, {"some": wanted[start : start + _LOOK_UP]})
