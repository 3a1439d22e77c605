"""The parts of what a row says: each is made of some cells, and once for the same cells.

Rows of a dataset repeat each other: its places, parties, dates and counts are few beside its
rows. So a part is built and checked at leisure, and looked up for the next row that says the
same. What is wrong with a part comes with it, by the columns that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from ledger import counts, places
from ledger.counting import lines
from ledger.events import Draft, Payload, stream_of
from ledger.events import payloads as said
from ledger.events.faults import Fault, NewValues, faults
from ledger.intake import mapping as spec
from ledger.intake.mapping import Date, Text
from ledger.intake.templates import Cells, Read, Row, Rules, columns_of, direct, taken_apart
from ledger.sources import Citation
from ledger.vocabulary import ITEM_GRADES, is_key

Value = TypeVar("Value")
Fields = Mapping[str, Date | Text]
"""What of a mapping each field of an event was made of."""

_KEPT = 16_384
"""Parts of a kind that are kept: more than a dataset has parties or places in a row of years."""
_STAND_IN = Citation("missing", "missing")


class Made(NamedTuple, Generic[Value]):
    """A part, and what is wrong with it."""

    value: Value
    faults: tuple[Fault, ...]


class Setting(NamedTuple):
    """What parts need of a mapping and of the file: places of columns, rules, new values."""

    places: Mapping[str, int]
    rules: Rules
    new_values: NewValues


def part(
    setting: Setting,
    specs: Iterable[Date | Text],
    build: Callable[[Cells], Value],
    *,
    repeats: bool = True,
) -> Callable[[Row], Made[Value]]:
    """What makes a part of a row; `repeats` where rows are expected to say the same again."""
    names = tuple(dict.fromkeys(name for one in specs for name in columns_of(one)))
    pick = _picker([setting.places[name] for name in names])

    def make(texts: tuple[str, ...]) -> Made[Value]:
        cells = Cells(names, texts, setting.rules)
        value = build(cells)
        return Made(value, tuple(cells.found))

    kept = lru_cache(maxsize=_KEPT)(make) if repeats else make
    return lambda row: kept(pick(row))


def facts(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[said.IncidentRecorded]]:
    """Kind, status, clarity, labels and parties, as an incident that has nothing else."""
    fields: Fields = {
        "kind": one.kind,
        "status": one.status,
        "clarity": one.clarity,
        "parties": one.parties,
        **{f"labels.{key}": value for key, value in one.labels.items()},
    }

    def build(cells: Cells) -> said.IncidentRecorded:
        found = said.IncidentRecorded(
            kind=_required(cells, "kind", one.kind),
            title="-",
            date="2000",
            status=cells.text(one.status),  # type: ignore[arg-type]
            clarity=cells.text(one.clarity),  # type: ignore[arg-type]
            labels={key: text for key, value in one.labels.items() if (text := cells.text(value))},
            parties=cells.texts_of(one.parties),
        )
        _look(cells, found, fields, setting.new_values)
        return found

    return part(setting, fields.values(), build)


def place(one: spec.Place, setting: Setting) -> Callable[[Row], Made[places.Place]]:
    """Where it was."""
    names = places.Place.__struct_fields__
    fields: Fields = {f"place.{name}": getattr(one, name) for name in names}

    def build(cells: Cells) -> places.Place:
        found = places.Place(
            name=cells.text(one.name),
            country=cells.text(one.country),
            admin1=cells.text(one.admin1),
            admin2=cells.text(one.admin2),
            latitude=cells.text(one.latitude),
            longitude=cells.text(one.longitude),
            precision=cells.number(one.precision),
        )
        alone = said.IncidentRecorded(kind="siege", title="-", date="2000", place=found)
        _look(cells, alone, fields, setting.new_values)
        return found

    return part(setting, fields.values(), build)


def when(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[tuple[str, int | None]]]:
    """The date, and how precise it is said to be."""
    fields: Fields = {"date": one.date, "date_precision": one.date_precision}

    def build(cells: Cells) -> tuple[str, int | None]:
        date = _required_date(cells, one.date)
        precision = cells.number(one.date_precision)
        alone = said.IncidentRecorded(
            kind="siege", title="-", date=date or "2000", date_precision=precision
        )
        _look(cells, alone, fields, setting.new_values)
        return date, precision

    return part(setting, fields.values(), build)


def words(one: spec.Incident, setting: Setting) -> Callable[[Row], Made[tuple[str, str]]]:
    """Title and summary."""

    def build(cells: Cells) -> tuple[str, str]:
        return _required(cells, "title", one.title), cells.text(one.summary)

    return part(setting, (one.title, one.summary), build, repeats=not one.summary)


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
                fields[f"{where}.line"] = _flat([one.measure, *one.attributes.values()])
                fields[f"{where}.as_of"] = one.as_of
                fields[where] = _flat([one.count, one.low, one.best, one.high])
            _look(cells, said.CountsReported(claims=found), fields, setting.new_values)
        return found

    return part(setting, specs, build)


def citation(
    cited: spec.Cited, source: spec.Source, setting: Setting, dataset: str
) -> Callable[[Row], Made[Citation]]:
    """Who says it and where, in the dataset; "" where each row has a source of its own."""
    claimant = _flat([cited.claimant, source.publisher])
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
    reads = [_direct(one, setting) for one in (*specs[:3], relays.template)]
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


def source(one: spec.Source, setting: Setting) -> Callable[[Row], Made[tuple[str, Draft | None]]]:
    """The key of a source, and its registration where the row says enough for one."""
    fields: Fields = {name: getattr(one, name) for name in spec.Source.__struct_fields__}

    def build(cells: Cells) -> tuple[str, Draft | None]:
        key = _required(cells, "key of a source", one.key)
        title = cells.text(one.title)
        if not key or not title:
            return key, None
        registered = said.SourceRegistered(
            title=title,
            type=cells.text(one.type) or "document",
            publisher=cells.text(one.publisher),
            published=cells.date(one.published),
            author=cells.texts_of(one.author),
            url=cells.text(one.url),
            archived_url=cells.text(one.archived_url),
            grade=cells.text(one.grade) or "F",  # type: ignore[arg-type]
        )
        _look(cells, registered, fields, setting.new_values, stream_of("source", key))
        return key, Draft(stream=stream_of("source", key), data=registered)

    return part(setting, fields.values(), build)


Names = tuple[str, str, tuple[said.ForeignId, ...]]
"""A row's key, the key of its incident ("" if it has none), and its foreign ids."""


def names(
    setting: Setting, row_key: Text, incident: Text, ids: Mapping[str, Text]
) -> Callable[[Row], Made[Names]]:
    """What the row and its incident are called; keys of incidents have small letters."""

    def build(cells: Cells) -> Names:
        key = _together(cells, row_key)
        stream = _required(cells, "incident", incident).lower() if incident else ""
        if stream and not is_key(stream):
            hint = "use small letters, digits, dots, dashes and underscores, at most 200"
            cells.fault(incident, "bad-key", f"{stream!r} is no key of an incident", hint)
        found = tuple(
            said.ForeignId(scheme=scheme, value=text)
            for scheme, value in ids.items()
            if (text := cells.text(value))
        )
        return key, stream, found

    slow = part(setting, [row_key, incident, *ids.values()], build, repeats=False)
    alone = "" if isinstance(row_key, tuple) else row_key
    read_key, read_stream = _direct(alone, setting), _direct(incident, setting)
    reads = [(scheme, _direct(value, setting)) for scheme, value in ids.items()]
    known = [(scheme, read) for scheme, read in reads if read is not None]
    if read_key is None or read_stream is None or len(known) < len(reads):
        return slow

    def fast(row: Row) -> Made[Names]:
        key, stream = read_key(row), read_stream(row)
        if not key or (incident and not is_key(stream)):
            return slow(row)
        values = [(scheme, read(row)) for scheme, read in known]
        found = tuple([said.ForeignId(scheme=one, value=text) for one, text in values if text])
        return Made((key, stream, found), ())

    return fast


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
                _look(cells, attributed, fields, setting.new_values)
                found.append(attributed)
        return tuple(found)

    specs = [text for one in ones for text in (one.actor, one.stance, one.confidence)]
    return part(setting, specs, build)


Published = tuple[Draft, Draft]
"""The definition of a tally, and a total of it."""


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
    stream = stream_of("tally", _required(cells, "tally", one.tally))
    where = {key: texts for key, text in one.where.items() if (texts := cells.texts_of(text))}
    defined = said.TallyDefined(
        title=_required(cells, "title", one.title),
        measure=cells.text(one.measure),
        where=where,
        covers=cells.date(one.covers),
    )
    published = said.TotalPublished(
        count=count,
        as_of=_required_date(cells, one.as_of),
        opening=one.opening,
        unit_unclear=one.unit_unclear,
        definition=cells.text(one.definition),
    )
    fields: Fields = {
        "key": one.tally,
        "title": one.title,
        "measure": one.measure,
        "covers": one.covers,
        "where": _flat(one.where.values()),
    }
    _look(cells, defined, fields, setting.new_values, stream)
    _look(cells, published, {"as_of": one.as_of, "key": one.tally}, setting.new_values, stream)
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


Counted = list[tuple[spec.Count, said.Claimed]]


def _without_zero(made: Counted) -> Counted:
    """The claims, without parts of zero where the parts come to the whole without them."""
    whole = [claim.count.best for one, claim in made if not one.part]
    parts = [claim.count.best for one, claim in made if one.part]
    known = [best for best in parts if best is not None]
    implied = len(known) == len(parts) and whole[:1] == [sum(known)]
    zero = counts.Count(best=0)
    return [
        (one, claim) for one, claim in made if not (implied and one.part and claim.count == zero)
    ]


def _specs_of(one: spec.Number) -> Iterator[Date | Text]:
    yield from (one.count, one.low, one.best, one.high)
    if isinstance(one, spec.Count):
        yield from (one.measure, one.as_of, *one.attributes.values())
    if isinstance(one, spec.Total):
        yield from (one.tally, one.title, one.measure, one.covers, one.as_of, one.definition)
        yield from one.where.values()


def _look(
    cells: Cells, data: Payload, fields: Fields, new: NewValues, stream: str = "incident/a"
) -> None:
    """Note what is wrong with an event by itself, as `ledger.events.faults` sees it.

    Of cells that are at fault already nothing more is said: what they left empty is no news.
    """
    told = {name for one in cells.found for name in one.key.split(", ")}
    for one in faults(Draft(stream=stream, data=data, citations=(_STAND_IN,)), new):
        made_of = next((value for key, value in fields.items() if one.key.startswith(key)), "")
        names = list(columns_of(made_of))
        filled = [name for name in names if cells.texts[name]]
        if told.isdisjoint(names):
            said_by = tuple(f"{{{name}}}" for name in filled or names)
            cells.fault(said_by, one.code, one.message, one.hint)


def _together(cells: Cells, one: Text) -> str:
    """A row's key: all that its templates say, since a single column may not tell rows apart."""
    told = [cells.text(text) for text in (one if isinstance(one, tuple) else (one,))]
    return " ".join(text for text in told if text) or _required(cells, "key", one)


def _required(cells: Cells, name: str, one: Text) -> str:
    text = cells.text(one)
    if not text and not cells.found:
        cells.fault(one, "missing", f"says nothing, and the row needs its {name}")
    return text


def _required_date(cells: Cells, one: Date) -> str:
    text = cells.date(one)
    if not text and not cells.found:
        cells.fault(one, "missing", "says nothing, and the row needs a date")
    return text


def _flat(specs: Iterable[Date | Text]) -> Text:
    """Several texts as one list of alternatives; dates by the columns that they name."""
    found: list[str | spec.Cell] = []
    for one in specs:
        if isinstance(one, spec.Span):
            found += [f"{{{name}}}" for name in columns_of(one)]
        else:
            found += one if isinstance(one, tuple) else (one,)
    return tuple(text for text in found if text)


def _direct(one: Text, setting: Setting) -> Read | None:
    return direct(one, setting.places, setting.rules)


def _template(one: Text) -> str:
    return one.template if isinstance(one, spec.Cell) else one if isinstance(one, str) else "?"


def _picker(indexes: Sequence[int]) -> Callable[[Row], tuple[str, ...]]:
    """What takes the cells at some places out of a row, as a tuple."""
    if not indexes:
        return lambda _row: ()
    if len(indexes) == 1:
        only = indexes[0]
        return lambda row: (row[only],)
    return itemgetter(*indexes)
