"""Who says what a row says, and in which document."""

from __future__ import annotations

from collections.abc import Callable
from sys import intern

from ledger.events import Draft, stream_of
from ledger.events import payloads as said
from ledger.intake import mapping as spec
from ledger.intake.mapping import Text
from ledger.intake.parts.made import (
    Fields,
    Made,
    Setting,
    direct_read,
    flat,
    look,
    part,
    required,
)
from ledger.intake.templates import Cells, Row, taken_apart
from ledger.sources import Citation
from ledger.vocabulary import ITEM_GRADES


def citation(
    cited: spec.Cited, source: spec.Source, setting: Setting, dataset: str
) -> Callable[[Row], Made[Citation]]:
    """Who says it and where, in the dataset; "" where each row has a source of its own."""
    claimant = flat([cited.claimant, source.publisher])
    specs = (claimant, cited.speaker, cited.locator, cited.grade, cited.relays)

    def build(cells: Cells) -> Citation:
        grade = cells.number(cited.grade)
        if grade is not None and grade not in ITEM_GRADES:
            cells.fault(cited.grade, "bad-grade", f"{grade} is no item grade", "use 1 to 6")
        return Citation(
            source=dataset,
            claimant=cells.text(claimant),
            speaker=cells.text(cited.speaker),
            locator=cells.text(cited.locator),
            grade=6 if grade is None else grade,
            relays=cells.texts_of(cited.relays),
        )

    slow = part(setting, specs, build, repeats=False)
    relays = cited.relays if isinstance(cited.relays, spec.Cell) else spec.Cell(template="")
    reads = [direct_read(one, setting) for one in (*specs[:3], relays.template)]
    if cited.grade or relays.words or relays.template != _template(cited.relays) or None in reads:
        return slow
    claims, speaks, locates, passes_on = [read for read in reads if read is not None]
    split = relays.split

    def fast(row: Row) -> Made[Citation]:
        locator, passed = locates(row), passes_on(row)
        if not locator and cited.locator:
            return slow(row)
        told = tuple(dict.fromkeys(taken_apart(passed, split))) if passed else ()
        return Made(Citation(dataset, claims(row), speaks(row), locator, 6, told), ())

    return fast


def registration(one: spec.Source, cells: Cells, published: str) -> said.SourceRegistered:
    """What registers a source, by the templates of a mapping; not looked at for faults."""
    return said.SourceRegistered(
        title=cells.text(one.title),
        type=intern(cells.text(one.type)) or "document",
        publisher=cells.text(one.publisher),
        published=published,
        author=cells.texts_of(one.author),
        url=cells.text(one.url),
        archived_url=cells.text(one.archived_url),
        grade=cells.text(one.grade) or "F",  # type: ignore[arg-type]
    )


def source(one: spec.Source, setting: Setting) -> Callable[[Row], Made[tuple[str, Draft | None]]]:
    """The key of a source, and its registration where the row says enough for one."""
    fields: Fields = {name: getattr(one, name) for name in spec.Source.__struct_fields__}

    def build(cells: Cells) -> tuple[str, Draft | None]:
        key = required(cells, "key of a source", one.key)
        if not key or not cells.text(one.title):
            return key, None
        registered = registration(one, cells, cells.date(one.published))
        look(cells, registered, fields, setting.new_values, stream_of("source", key))
        return key, Draft(stream=stream_of("source", key), data=registered)

    return part(setting, fields.values(), build)


def _template(one: Text) -> str:
    return one.template if isinstance(one, spec.Cell) else one if isinstance(one, str) else "?"
