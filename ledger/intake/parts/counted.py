"""What a row counts: claims on lines, published totals; and whom it holds responsible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ledger import counts
from ledger.counting import lines
from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.intake import mapping as spec
from ledger.intake.mapping import Date, Text
from ledger.intake.parts.made import (
    Fields,
    Made,
    Setting,
    flat,
    look,
    part,
    required,
    required_date,
)
from ledger.intake.templates import Cells, Row
from ledger.reports import scopes

Published = tuple[Draft, Draft]
"""The definition of a tally, and a total of it."""

Counted = list[tuple[spec.Count, said.Claimed]]


def claims(
    ones: Sequence[spec.Count], setting: Setting, *, implied: bool
) -> Callable[[Row], Made[tuple[said.Claimed, ...]]]:
    """The lines that a row counts; parts of zero may be `implied` by the whole."""
    specs = [text for one in ones for text in _specs_of(one)]

    def build(cells: Cells) -> tuple[said.Claimed, ...]:
        made = [(one, claim) for one in ones if (claim := _claim(one, cells)) is not None]
        if implied:
            made = _without_zero(made)
        found = tuple(claim for _, claim in made)
        if found:
            fields: dict[str, Date | Text] = {}
            for number, (one, _) in enumerate(made):
                where = f"claims[{number}]"
                fields[f"{where}.line"] = flat([one.measure, *one.attributes.values()])
                fields[f"{where}.as_of"] = one.as_of
                fields[where] = flat([one.count, one.low, one.best, one.high])
            look(cells, said.CountsReported(claims=found), fields, setting.new_values)
        return found

    return part(setting, specs, build)


def attributions(
    ones: Sequence[spec.Attribution], setting: Setting
) -> Callable[[Row], Made[tuple[said.ResponsibilityAttributed, ...]]]:
    """Who is said to have done it."""

    def build(cells: Cells) -> tuple[said.ResponsibilityAttributed, ...]:
        found = []
        for one in ones:
            if actor := cells.text(one.actor):
                attributed = said.ResponsibilityAttributed(
                    actor=actor,
                    stance=cells.text(one.stance),  # type: ignore[arg-type]
                    confidence=cells.text(one.confidence),
                )
                fields = {"stance": one.stance, "confidence": one.confidence}
                look(cells, attributed, fields, setting.new_values)
                found.append(attributed)
        return tuple(found)

    specs = [text for one in ones for text in (one.actor, one.stance, one.confidence)]
    return part(setting, specs, build)


def totals(
    ones: Sequence[spec.Total], setting: Setting
) -> Callable[[Row], Made[tuple[Published, ...]]]:
    """The published totals of a row; none where the cells of the count are empty."""

    def build(cells: Cells) -> tuple[Published, ...]:
        return tuple(found for one in ones if (found := _total(one, cells, setting)) is not None)

    return part(setting, [text for one in ones for text in _specs_of(one)], build, repeats=False)


def _total(one: spec.Total, cells: Cells, setting: Setting) -> Published | None:
    count = _count(one, cells)
    if count is None:
        return None
    where = {key: texts for key, text in one.where.items() if (texts := cells.texts_of(text))}
    asked = scopes.scope(cells.text(one.measure), where)
    key = required(cells, "tally", one.tally) if one.tally else asked.key
    stream = stream_of("tally", key)
    defined = said.TallyDefined(
        title=required(cells, "title", one.title) if one.title else asked.title,
        measure=asked.measure,
        where=where,
        covers=cells.date(one.covers),
    )
    published = said.TotalPublished(
        count=count,
        as_of=required_date(cells, one.as_of),
        opening=one.opening,
        unit_unclear=one.unit_unclear,
        definition=cells.text(one.definition),
    )
    fields: Fields = {
        "key": one.tally,
        "title": one.title,
        "measure": one.measure,
        "covers": one.covers,
        "where": flat(one.where.values()),
    }
    look(cells, defined, fields, setting.new_values, stream)
    look(cells, published, {"as_of": one.as_of, "key": one.tally}, setting.new_values, stream)
    return Draft(stream=stream, data=defined), Draft(stream=stream, data=published)


def _claim(one: spec.Count, cells: Cells) -> said.Claimed | None:
    count = _count(one, cells)
    if count is None:
        return None
    stated = {key: text for key, value in one.attributes.items() if (text := cells.text(value))}
    line = lines.make(cells.text(one.measure), stated)
    return said.Claimed(
        line=str(line), count=count, as_of=cells.date(one.as_of), allocated=one.allocated
    )


def _count(one: spec.Number, cells: Cells) -> counts.Count | None:
    """A count; None where its cells are empty, unknown where they hold a code for that."""
    if not one.count:
        count = counts.Count(
            low=cells.number(one.low), best=cells.number(one.best), high=cells.number(one.high)
        )
        told = count != counts.UNKNOWN or any(map(cells.unknown, (one.low, one.best, one.high)))
        return count if told else None
    text = cells.text(one.count)
    if not text:
        return counts.UNKNOWN if cells.unknown(one.count) else None
    try:
        return counts.parse(text)
    except counts.CountError as error:
        cells.fault(one.count, "bad-count", str(error))
        return None


def _without_zero(made: Counted) -> Counted:
    """The claims, without parts of zero where the parts come to the whole without them."""
    wholes: dict[str, int | None] = {}
    parts: dict[str, list[int | None]] = {}
    for one, claim in made:
        measure = claim.line.partition("[")[0]
        if one.part:
            parts.setdefault(measure, []).append(claim.count.best)
        else:
            wholes.setdefault(measure, claim.count.best)
    implied = {
        measure
        for measure, some in parts.items()
        if None not in some and wholes.get(measure) == sum(one or 0 for one in some)
    }
    zero = counts.Count(best=0)
    return [
        (one, claim)
        for one, claim in made
        if not (one.part and claim.count == zero and claim.line.partition("[")[0] in implied)
    ]


def _specs_of(one: spec.Number) -> Iterator[Date | Text]:
    yield from (one.count, one.low, one.best, one.high)
    if isinstance(one, spec.Count):
        yield from (one.measure, one.as_of, *one.attributes.values())
    if isinstance(one, spec.Total):
        yield from (one.tally, one.title, one.measure, one.covers, one.as_of, one.definition)
        yield from one.where.values()
