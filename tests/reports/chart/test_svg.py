"""Pictures: well-formed, the same bytes each time, nothing from elsewhere, nothing overlapping."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.app import Ledger
from ledger.reports.chart import svg
from ledger.reports.chart.svg.elements import cut, folded, width
from ledger.reports.request import Request
from tests.conftest import new_ledger
from tests.invented import incident, source, tally, total
from tests.reports.chart.ledgers import PUBLISHED, RUNNING, TOTALS, course

SVG = "{http://www.w3.org/2000/svg}"
ALL = pytest.mark.parametrize("asked", [RUNNING, PUBLISHED, TOTALS], ids=lambda one: one.report)


def picture(ledger: Ledger, request: Request) -> str:
    """The picture of a report."""
    with ledger.asking(request.at) as present:
        answer = present.answer(request)
        answer = answer._replace(rows=list(answer.rows))
        return svg.picture(present.connection, request, answer, present.made_of(request))


def texts(document: str) -> list[str]:
    """All that is written in a picture."""
    return [one.text or "" for one in ET.fromstring(document).iter(f"{SVG}text")]  # noqa: S314


@pytest.fixture(scope="module")
def raided(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """To be read, not to be written."""
    return course(new_ledger(tmp_path_factory.mktemp("raided") / "ledger.db"))


@ALL
def test_a_picture_is_xml_with_alt_text(raided: Ledger, asked: Request) -> None:
    root = ET.fromstring(picture(raided, asked))  # noqa: S314 - our own
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert title.text
    assert told.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert list(root)[:2] == [title, told]


@ALL
def test_a_picture_stands_by_itself_in_black_and_white(raided: Ledger, asked: Request) -> None:
    document = picture(raided, asked)
    tags = {one.tag.removeprefix(SVG) for one in ET.fromstring(document).iter()}  # noqa: S314
    drawn = {"svg", "title", "desc", "g", "text", "line", "rect", "path", "circle", "polygon"}
    assert tags <= drawn
    assert not re.search("href|url|style|script|@import|data:", document)
    assert document.count("http") == 1
    colours = re.findall("#([0-9a-f]{6})", document)
    assert colours
    assert all(one[:2] == one[2:4] == one[4:] for one in colours)


@ALL
def test_the_same_answer_gives_the_same_bytes(raided: Ledger, asked: Request) -> None:
    assert picture(raided, asked) == picture(raided, asked)


@ALL
def test_the_caption_says_of_what_it_is_made(raided: Ledger, asked: Request) -> None:
    written = texts(picture(raided, asked))
    with raided.asking() as present:
        of = present.made_of(asked)
    assert f"cite: Casualty Ledger, first {of.position} events, root {of.root}" in written
    assert f"of the first {of.position} events, newest source of 2024-02-02" in written
    assert f"asked: {asked.in_words()}" in written
    assert any("statements by Invented Ministry" in line for line in written)
    assert any("no census" in line for line in written)


def test_a_running_total(raided: Ledger) -> None:
    document = picture(raided, RUNNING)
    written = texts(document)
    for words in (
        "persons killed, sum so far",
        "day of the incident",
        "opening total 100 (100-120)",
        "132 (120+)",
        "published, equal",
        "published, differs",
        "published, not covered",
        "published totals not drawn: 1 unit unclear",
        "low to high",
        "the high is open",
        "an unknown count, not added",
    ):
        assert words in written, words
    assert written.count("?") == 2
    assert document.count("<polygon") == 1
    assert document.count("<circle") == 2 + 2
    assert document.count("stroke-dasharray") == 1


def test_the_alt_text_says_the_figures(raided: Ledger) -> None:
    told = ET.fromstring(picture(raided, RUNNING)).findtext(f"{SVG}desc")  # noqa: S314
    assert told == (
        "Invented tally invented-tally (invented-tally), persons killed, sum so far. Begins with "
        "the opening total: 100 (100-120), as of 2023-12-31. Sum on 2024-01-03: 102 (102-122); "
        "on 2024-01-23: 132 (120+). Published totals, equal: 1, the last 107 for 2024-01-09. "
        "Published totals, differs: 1, the last 150+ for 2024-01-20. Published totals, not "
        "covered: 1, the last 99 for 2023-06-30. published totals not drawn: 1 unit unclear"
    )
    bars = ET.fromstring(picture(raided, TOTALS)).findtext(f"{SVG}desc")  # noqa: S314
    assert bars == (
        "Bars of persons killed. raid-0: 2; raid-1: 5 (3-9); raid-2: 10 (10-20); raid-3: ?; "
        "raid-4: 8 (?+); raid-5: 7 (5-7)."
    )


def test_the_alt_text_says_one_sum_once(ledger: Ledger) -> None:
    ledger.append([source(), tally(), incident("raid", "killed 2", date="2024-01-03")])
    told = ET.fromstring(picture(ledger, RUNNING)).findtext(f"{SVG}desc")  # noqa: S314
    assert (told or "").endswith("sum so far. Sum on 2024-01-03: 2.")


def test_the_line_goes_up_where_the_table_does(ledger: Ledger) -> None:
    ledger.append([source(), tally()])
    for day, count in (("01", "2"), ("03", "4"), ("05", "0")):
        ledger.append([incident(f"raid-{day}", f"killed {count}", date=f"2024-01-{day}")])
    (way,) = re.findall(
        '<path d="(M[^"]*H[^"]*)" fill="none" stroke="#111111"', picture(ledger, RUNNING)
    )
    start, *turns = re.findall("[MHV][0-9. ]+", way)
    assert [turn[0] for turn in turns] == ["H", "V", "H", "H"]
    bottom, two, six = 332.0, float(start.split()[1]), float(turns[1][1:])
    assert (bottom - six) / (bottom - two) == pytest.approx(3, abs=0.01)


def test_marks_of_axes_never_overlap(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("1000000000", "1990-12-31", opening=True)])
    for year in range(1991, 2024):
        ledger.append([incident(f"raid-{year}", "killed 1000000000", date=f"{year}")])
    root = ET.fromstring(picture(ledger, RUNNING))  # noqa: S314
    marks = [
        (float(one.get("x", "")), one.text or "")
        for one in root.iter(f"{SVG}text")
        if one.get("text-anchor") == "middle" and re.fullmatch(r"\d{4}(-\d\d)*", one.text or "")
    ]
    assert len(marks) > 3
    for (x, text), (then, other) in pairwise(marks):
        assert then - x > (width(text) + width(other)) / 2


def test_many_points_are_thinned_and_that_is_said(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("1", "2023-01-01", opening=True)])
    days = [f"2023-{month:02d}-{day:02d}" for month in range(2, 13) for day in range(1, 29)]
    ledger.append([total("5", day) for day in days])
    document = picture(ledger, PUBLISHED)
    assert "Published totals: 308; of those close by, one is drawn." in texts(document)
    assert document.count('stroke-width="1.3"') < 120


def test_nothing_is_a_picture_too(ledger: Ledger) -> None:
    ledger.append([source(), tally()])
    for asked in (TOTALS, PUBLISHED):
        assert "Nothing is counted." in texts(picture(ledger, asked))
    assert "Invented tally invented-tally (invented-tally)" in texts(picture(ledger, RUNNING))


def test_a_picture_of_a_thousand_groups_stays_one(ledger: Ledger) -> None:
    ledger.append([source(), *(incident(f"raid-{n:03d}", f"killed {n}") for n in range(100))])
    written = texts(picture(ledger, TOTALS))
    assert "not drawn: 40 shorter bars" in written
    assert "raid-040" in written
    assert "raid-039" not in written


@given(st.text(max_size=60), st.floats(30, 300))
def test_words_are_no_wider_than_they_may_be(words: str, most: float) -> None:
    assert width(cut(words, most)) <= most
    assert all(width(line) <= most for line in folded(words, most))
