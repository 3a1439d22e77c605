"""Counts: what a steward types, and what stays unknown (design, section 2)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.counts import MOST, UNKNOWN, Count, CountError, parse
from ledger.vocabulary import COUNT_WORDS

numbers = st.integers(0, MOST)
rising = st.lists(numbers, min_size=3, max_size=3).map(sorted)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2", Count(2, 2, 2)),
        ("13+", Count(13, None, None)),
        ("~30", Count(None, 30, None)),
        ("11-13", Count(11, None, 13)),
        ("11/12/13", Count(11, 12, 13)),
        ("<=5", Count(None, None, 5)),
        ("?", Count(None, None, None)),
        ("0", Count(0, 0, 0)),
        ("0+", Count(0, None, None)),
        ("0-3", Count(0, None, 3)),
        ("?/12/?", Count(None, 12, None)),
        ("11/?/13", Count(11, None, 13)),
        ("?/12/13", Count(None, 12, 13)),
        ("?/?/?", UNKNOWN),
        ("5-5", Count(5, None, 5)),
        (str(MOST), Count(MOST, MOST, MOST)),
    ],
)
def test_a_typed_count_is_read(text: str, count: Count) -> None:
    assert parse(text) == count


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no count"),
        ("-1", "unknown is ?"),
        ("2.5", "no count"),
        ("1,000", "no count"),
        ("1 000", "no count"),
        (" 2", "no count"),
        ("2\n", "no count"),
        ("٣", "no count"),
        ("²/3/4", "no count"),
        ("+13", "no count"),
        ("13+-15", "no count"),
        ("1/2", "no count"),
        ("1/2/3/4", "no count"),
        ("1/2/x", "no count"),
        ("unknown", "no count"),
        ("13-11", "wrong order"),
        ("3/2/1", "wrong order"),
        ("5/?/3", "wrong order"),
        ("?/3/2", "wrong order"),
        (str(MOST + 1), "more than the ledger counts"),
        (f"1-{MOST + 1}", "more than the ledger counts"),
    ],
)
def test_what_is_no_count_is_refused(text: str, says: str) -> None:
    with pytest.raises(CountError, match=says) as error:
        parse(text)
    assert repr(text) in str(error.value)


def test_a_number_beyond_all_bounds_is_no_count() -> None:
    with pytest.raises(CountError):
        parse("9" * 5000)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("more than a dozen", "13+"),
        ("dozens", "24+"),
        ("several", "3+"),
        ("more than 15", "16+"),
        ("a number of", "?"),
    ],
)
def test_words_are_told_how_they_are_written(words: str, meaning: str) -> None:
    assert COUNT_WORDS[words] == meaning
    assert str(parse(meaning)) == meaning
    with pytest.raises(CountError, match=f"is written {meaning[0]}".replace("?", r"\?")):
        parse(words.title())


@given(rising, st.lists(st.booleans(), min_size=3, max_size=3))
def test_every_count_is_read_back_from_its_text(some: list[int], known: list[bool]) -> None:
    count = Count(
        *(number if is_known else None for number, is_known in zip(some, known, strict=True))
    )
    assert parse(str(count)) == count


@given(st.none() | numbers, st.none() | numbers, st.none() | numbers)
def test_a_contradictory_count_is_kept_and_never_read_as_another(
    low: int | None, best: int | None, high: int | None
) -> None:
    count = Count(low, best, high)
    assert (count.low, count.best, count.high) == (low, best, high)
    known = [number for number in (low, best, high) if number is not None]
    if known == sorted(known):
        assert parse(str(count)) == count
    else:
        with pytest.raises(CountError, match="wrong order"):
            parse(str(count))


@given(st.text(max_size=8) | st.text(alphabet="0123456789+-~<=?/", max_size=12))
def test_a_text_is_a_count_or_no_count(text: str) -> None:
    try:
        count = parse(text)
    except CountError:
        return
    assert parse(str(count)) == count


@pytest.mark.parametrize(
    ("text", "effective", "vague"),
    [
        ("2", 2, False),
        ("13+", 13, True),
        ("~30", 30, False),
        ("11-13", 11, True),
        ("<=5", None, True),
        ("?", None, True),
        ("0", 0, False),
        ("0+", 0, True),
    ],
)
def test_the_effective_best(text: str, effective: int | None, *, vague: bool) -> None:
    assert parse(text).effective == effective
    assert parse(text).vague is vague


def test_unknown_is_not_zero() -> None:
    assert parse("?") != parse("0")
    assert UNKNOWN.effective is None
    assert msgspec.json.encode(UNKNOWN) == b"{}"
    assert msgspec.json.decode(b"{}", type=Count) == UNKNOWN
    assert msgspec.json.encode(parse("0")) == b'{"low":0,"best":0,"high":0}'


@pytest.mark.parametrize("body", ['{"low":1.5}', '{"low":"1"}', '{"lowest":1}', '{"low":true}'])
def test_a_count_holds_whole_numbers_alone(body: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Count)
