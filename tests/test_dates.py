"""Dates: what is read and as which days, what is refused and in which words."""

from __future__ import annotations

import dataclasses
import warnings
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.dates import ACCEPTED, END_OF_DAY, DateError, When, month, parse, quarter, year

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # edtf's grammar warns under new versions of pyparsing
    from edtf import parse_edtf

if TYPE_CHECKING:
    from time import struct_time

READ = (
    # text, first day, last day, precision
    ("2020-03-11", "2020-03-11", "2020-03-11", "day"),
    ("2020-02-29", "2020-02-29", "2020-02-29", "day"),
    ("2000-02-29", "2000-02-29", "2000-02-29", "day"),
    ("2020-03", "2020-03-01", "2020-03-31", "month"),
    ("2020-02", "2020-02-01", "2020-02-29", "month"),
    ("1900-02", "1900-02-01", "1900-02-28", "month"),
    ("2020-12", "2020-12-01", "2020-12-31", "month"),
    ("2020", "2020-01-01", "2020-12-31", "year"),
    ("0001", "0001-01-01", "0001-12-31", "year"),
    ("9999-12-31", "9999-12-31", "9999-12-31", "day"),
    ("2020-03-11~", "2020-03-11", "2020-03-11", "day"),
    ("2020-03?", "2020-03-01", "2020-03-31", "month"),
    ("2020~", "2020-01-01", "2020-12-31", "year"),
    ("2020-03-11T19:35", "2020-03-11", "2020-03-11", "day"),
    ("2020-03-11T23:59:59-14:59", "2020-03-11", "2020-03-11", "day"),
    ("2020-03-11T00:00+14:00~", "2020-03-11", "2020-03-11", "day"),
    ("2020-03-11/2020-03-13", "2020-03-11", "2020-03-13", "interval"),
    ("2020-03-11/2020-03-11", "2020-03-11", "2020-03-11", "interval"),
    ("2019-12/2020-02", "2019-12-01", "2020-02-29", "interval"),
    ("2019/2020-02-03", "2019-01-01", "2020-02-03", "interval"),
    ("2020-06-15/2020-06", "2020-06-15", "2020-06-30", "interval"),
    ("2020-06/2020", "2020-06-01", "2020-12-31", "interval"),
    ("2019~/2020-02?", "2019-01-01", "2020-02-29", "interval"),
    ("2020-03/..", "2020-03-01", None, "interval"),
    ("2020-03-11~/..", "2020-03-11", None, "interval"),
    ("../2020-03", None, "2020-03-31", "interval"),
    ("../2020?", None, "2020-12-31", "interval"),
)


@pytest.mark.parametrize(("text", "first", "last", "precision"), READ)
def test_a_date_is_kept_as_written_with_its_bounds(
    text: str, first: str | None, last: str | None, precision: str
) -> None:
    when = parse(text)
    assert (when.text, when.first, when.last, when.precision) == (text, first, last, precision)
    assert when.bounded == (first is not None and last is not None)
    assert when.counts_on == (first or last)


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("2020-03-11", False, False),
        ("2020-03-11~", True, False),
        ("2020?", False, True),
        ("2020-03-11T19:35Z~", True, False),
        ("2020~/2021", True, False),
        ("2020/2021?", False, True),
        ("2020?/2021~", True, True),
        ("../2021~", True, False),
    ],
)
def test_marks_hold_for_the_whole_date(text: str, *, approximate: bool, uncertain: bool) -> None:
    assert (parse(text).approximate, parse(text).uncertain) == (approximate, uncertain)


@pytest.mark.parametrize(
    ("text", "instant", "day_text"),
    [
        ("2020-03-11T00:00", 0, "2020-03-11"),
        ("2020-03-11T19:35", 70_500, "2020-03-11"),
        ("2020-03-11T19:35:07", 70_507, "2020-03-11"),
        ("2020-03-11T19:35:07Z", 70_507, "2020-03-11"),
        ("2020-03-11T19:35+03:00", 59_700, "2020-03-11"),
        ("2020-03-11T19:35-04:30?", 86_700, "2020-03-11?"),
        ("2020-03-11T01:00+03:00~", -7_200, "2020-03-11~"),
        ("2020-03-11~", END_OF_DAY, "2020-03-11~"),
        ("2020-03", END_OF_DAY, "2020-03"),
        ("2020-03-11/..", END_OF_DAY, "2020-03-11/.."),
    ],
)
def test_a_time_orders_within_its_day_and_is_left_out_of_the_day_text(
    text: str, instant: int, day_text: str
) -> None:
    assert (parse(text).instant, parse(text).day_text) == (instant, day_text)


def test_a_zone_never_moves_a_day_and_a_day_without_time_is_its_end() -> None:
    """Latest by the clock first, then the same order as claims are walked in."""
    texts = ["2020-03-12T00:10+14:00", "2020-03-11", "2020-03-11T23:59:59-14:59",
             "2020-03-11T20:00+03:00", "2020-03-11T18:00Z", "2020-03"]  # fmt: skip
    walked = sorted(map(parse, texts), key=lambda when: (when.last or "", when.instant))
    assert [when.text for when in walked] == [
        "2020-03-11T20:00+03:00",
        "2020-03-11T18:00Z",
        "2020-03-11T23:59:59-14:59",
        "2020-03-11",
        "2020-03-12T00:10+14:00",
        "2020-03",
    ]


EXACT = (
    ("2020-02-30", "'2020-02-30' is no calendar day: February 2020 has 29 days"),
    ("1900-02-29~", "'1900-02-29~' is no calendar day: February 1900 has 28 days"),
    ("2020-04-31", "'2020-04-31' is no calendar day: April 2020 has 30 days"),
    ("2020-03-00", "'2020-03-00' is no calendar day: March 2020 has 31 days"),
    ("2020-02-30T10:00", "'2020-02-30' is no calendar day: February 2020 has 29 days"),
    (
        "2020-02-30/2020-03-01",
        "'2020-02-30/2020-03-01': '2020-02-30' is no calendar day: February 2020 has 29 days",
    ),
    ("2020-13", "'2020-13' has no month 13: months run 01 to 12, write YYYY-MM-DD"),
    ("2020-25-03", "'2020-25-03' has no month 25: months run 01 to 12, write YYYY-MM-DD"),
    ("2020-00-10", "'2020-00-10' has no month 00: months run 01 to 12, write YYYY-MM-DD"),
    ("0000", "'0000' has no year of the calendar: years run 0001 to 9999"),
    (
        "2020-03-15/2020-03-11",
        "'2020-03-15/2020-03-11' ends before it starts: write the earlier date first",
    ),
    ("2021/2020-12", "'2021/2020-12' ends before it starts: write the earlier date first"),
    ("2020-03-11T24:00", "'2020-03-11T24:00' has the hour 24: write 00:00 of the next day"),
    (
        "2020-03-11T19:60",
        "'2020-03-11T19:60' has no time of a day: times run 00:00:00 to 23:59:59",
    ),
    (
        "2020-03-11T23:59:60",
        "'2020-03-11T23:59:60' has no time of a day: times run 00:00:00 to 23:59:59",
    ),
    (
        "2020-03-11T25:00",
        "'2020-03-11T25:00' has no time of a day: times run 00:00:00 to 23:59:59",
    ),
    (
        "2020-03-11T19:35+15:00",
        "'2020-03-11T19:35+15:00' has no zone: offsets have up to 14 hours and 59 minutes",
    ),
    (
        "2020-03-11T19:35-03:60",
        "'2020-03-11T19:35-03:60' has no zone: offsets have up to 14 hours and 59 minutes",
    ),
)


@pytest.mark.parametrize(("text", "message"), EXACT)
def test_a_date_that_cannot_be_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(DateError) as refusal:
        parse(text)
    assert str(refusal.value) == message


MISSHAPEN = (
    ("is empty", ["", " ", "\n"]),
    ("has white space around it", [" 2020-03-11", "2020-03-11\n", "2020\N{NO-BREAK SPACE}"]),
    (
        "goes beyond ASCII",
        [
            "2020\N{EN DASH}03\N{EN DASH}11",
            "\N{ARABIC-INDIC DIGIT TWO}020",
            "202\N{FULLWIDTH DIGIT ZERO}",
        ],
    ),
    ("is an EDTF set", ["[2020,2021]", "{2020..2021}"]),
    ("is a negative year", ["-0044", "-0044-03-15"]),
    ("is a long year", ["Y170000", "Y-170000"]),
    ("has X for digits", ["202X", "20XX", "2020-XX", "2020-03-XX", "XXXX-12-25", "202x/2030"]),
    ("has %", ["2020%", "2020-03-11%", "2020%/2021"]),
    ("marks an open end", ["2020-03-11/..~", "..?/2020"]),
    ("has ~ or ? inside a date", ["2020?-03", "~2020", "2020-03-11~?", "2020~~", "2020/?2021"]),
    ("is open at both ends", ["..", "../..", "../", "/.."]),
    ("has an end with no date", ["/", "/2020", "2020/", "2020-03-11/open", "unknown/2020"]),
    (
        "does not say which number is the month: write YYYY-MM-DD",
        ["11/03/2020", "3/11/20", "11.03.2020", "11-03-2020", "11 03 2020", "11/03/2020 19:35"],
    ),
    ("has its month first: write YYYY-MM", ["03/2020", "3.2020", "03-2020"]),
    ("has no hyphens: write YYYY-MM-DD", ["2020/03/11", "2020.3.11"]),
    ("counts quarters, weeks or days", ["2020-W11", "2020-W11-3", "2020-071", "2020-Q1"]),
    ("has words in it: write YYYY-MM-DD", ["11 March 2020", "Mar 11, 2020", "March", "unknown"]),
    (
        "has a time in an interval: write its days only",
        ["2020-03-11T19:35/2020-03-12", "2020-03-11/2020-03-12T10:00", "../2020-03-12T10:00Z"],
    ),
    ("has more than one slash", ["2020-03-11/2020-03-12/2020-03-13"]),
    ("has an end that is no whole date", ["2020/03", "2020-03-11/15", "2020-03/4"]),
    (
        "has no slash between its ends: write an interval as A/B",
        ["2020-03-11..2020-03-15", "2020-03-11 - 2020-03-15", "2019-2020", "..2020", "2020.."],
    ),
    ("has no T between its day and its time", ["2020-03-11 19:35", "2020-03-11t19:35"]),
    ("has a time and no day", ["2020-03T19:35", "2020T10:00"]),
    (
        "has its time in another shape: write HH:MM or HH:MM:SS",
        [
            "2020-03-11T19",
            "2020-03-11T1935",
            "2020-03-11T9:35",
            "2020-03-11T19:35:07.5",
            "2020-03-11T19:35z",
            "2020-03-11T19:35+03",
            "2020-03-11T19:35+0300",
            "2020-03-11T19:35Z+03:00",
        ],
    ),
    ("needs two digits for a month and a day", ["2020-3-11", "2020-03-1", "2020/2021-3"]),
    ("is a bare number", ["20200311", "202003", "43901", "20"]),
    ("is an EDTF season or part of a year", ["2020-21", "2020-24~", "2020-41", "2020-21/2020-22"]),
    ("is no date", ["?", "~", "n/a", "T", "12020-01-01", "2020-03-11\x1b[31m", "2020-03-111"]),
)


@pytest.mark.parametrize(
    ("reason", "text"), [(reason, text) for reason, texts in MISSHAPEN for text in texts]
)
def test_another_shape_is_refused_with_what_is_wrong_and_what_is_read(
    reason: str, text: str
) -> None:
    with pytest.raises(DateError) as refusal:
        parse(text)
    message = str(refusal.value)
    assert f"{text!r} {reason}" in message or (f"{text!r}: " in message and reason in message)
    assert message.endswith(ACCEPTED)


def test_a_long_text_is_cut_in_the_message() -> None:
    with pytest.raises(DateError) as refusal:
        parse("1/" * 500_000)
    assert str(refusal.value) == f"{'1/' * 30!r} (and more) is longer than any date; {ACCEPTED}"


def test_the_message_shows_control_characters_escaped() -> None:
    with pytest.raises(DateError, match=r"^[ -~]+$"):
        parse("2020-03-11\x1b[31m\u202e\ud800")


def test_what_the_messages_call_accepted_is() -> None:
    assert ACCEPTED.startswith("the ledger reads 2020-03-11, 2020-03 and 2020, ")
    for text in ("2020-03-11", "2020-03", "2020", "2020?", "2020-03-11T19:35+03:00"):
        assert parse(text).text == text


def test_a_date_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse("2020").first = "2020-01-02"  # type: ignore[misc]


def test_a_date_open_at_both_ends_counts_on_no_day() -> None:
    with pytest.raises(AssertionError):
        _ = When("../..", None, None, END_OF_DAY, approximate=False, uncertain=False).counts_on


@pytest.mark.parametrize("year_", [0, 1, 4, 100, 400, 1582, 1900, 2000, 2019, 2020, 9999])
def test_the_days_are_those_of_the_calendar(year_: int) -> None:
    """Every month from 00 to 13 and every day from 00 to 32, beside the standard library's."""
    for month_ in range(14):
        for day in range(33):
            text = f"{year_:04}-{month_:02}-{day:02}"
            assert _reads(text) == _is_day(text)


@pytest.mark.parametrize(
    ("day", "parts"),
    [
        ("2020-01-01", ("2020-01", "2020-Q1", "2020")),
        ("2020-03-31", ("2020-03", "2020-Q1", "2020")),
        ("2020-04-01", ("2020-04", "2020-Q2", "2020")),
        ("2020-09-30", ("2020-09", "2020-Q3", "2020")),
        ("2020-10-01", ("2020-10", "2020-Q4", "2020")),
        ("0999-12-31", ("0999-12", "0999-Q4", "0999")),
    ],
)
def test_a_day_lies_in_a_month_a_quarter_and_a_year(day: str, parts: tuple[str, str, str]) -> None:
    assert (month(day), quarter(day), year(day)) == parts


def _reads(text: str) -> bool:
    try:
        parse(text)
    except DateError:
        return False
    return True


days = st.dates().map(date.isoformat)
parts = st.builds(
    lambda day, length, mark: day[:length] + mark,
    days, st.sampled_from([4, 7, 10]), st.sampled_from(["", "~", "?"]),
)  # fmt: skip
intervals = st.tuples(parts, parts).map("/".join).filter(_reads)
open_intervals = st.one_of(parts.map("../{}".format), parts.map("{}/..".format))
zones = st.one_of(
    st.sampled_from(["", "Z"]),
    st.builds(
        "{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 14), st.integers(0, 59)
    ),
)
timed = st.builds("{}T{:%H:%M:%S}{}".format, days, st.times(), zones)
noise = st.one_of(
    st.text(),
    st.text("0123456789-/.:TZXYW+~?% ", max_size=30),
    st.builds("{}{}{}".format, st.one_of(parts, timed, intervals), st.characters(), parts),
)


@settings(max_examples=150, deadline=None)  # the edtf package takes some 10 ms a date
@given(st.one_of(parts, intervals, open_intervals))
def test_bounds_and_marks_are_those_of_the_edtf_package(text: str) -> None:
    """Any day, month, year, closed or open interval of the grammar, with and without marks.

    The strict bounds of edtf 5 are compared: its fuzzy ones pad what is marked. Left out is what
    it misreads or does not read: 29 February of every year, the year 0000, intervals that end
    before they start, white space around a date and the hour 24 pass there; a time without
    seconds, or with a mark, does not.
    """
    oracle, when = parse_edtf(text), parse(text)
    assert (when.first, when.last) == (_iso(oracle.lower_strict()), _iso(oracle.upper_strict()))
    assert (when.approximate, when.uncertain) == (oracle.is_approximate, oracle.is_uncertain)


@settings(deadline=None)
@given(timed)
def test_an_instant_is_the_time_since_midnight_utc_of_its_own_day(text: str) -> None:
    when = parse(text)
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    midnight = datetime.fromisoformat(text[:10]).replace(tzinfo=UTC)
    assert when.instant == (aware - midnight).total_seconds() < END_OF_DAY
    assert when.first == when.last == when.day_text == text[:10]


@settings(max_examples=200, deadline=None)
@given(st.one_of(noise, parts, timed, intervals, open_intervals))
def test_any_text_is_a_date_or_refused_as_none(text: str) -> None:
    try:
        when = parse(text)
    except DateError:
        return
    known = [day for day in (when.first, when.last) if day is not None]
    assert known == sorted(known)
    assert all(map(_is_day, known))
    assert when.counts_on == known[0]
    whole_days = parse(when.day_text)
    assert dataclasses.replace(whole_days, text=text, instant=when.instant) == when


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _iso(bound: struct_time | float) -> str | None:
    """The day of an edtf bound; an open end is an infinite number there."""
    if isinstance(bound, float):
        return None
    return f"{bound.tm_year:04}-{bound.tm_mon:02}-{bound.tm_mday:02}"
