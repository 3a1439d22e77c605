"""Charts in a terminal: what is drawn at 40, 80 and 200 columns, with and without UTF-8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ledger.app import Ledger
from ledger.reports.chart import terminal
from ledger.reports.chart.series import MOST_BARS, panels
from ledger.reports.chart.terminal import bars
from ledger.reports.chart.terminal.glyphs import ASCII, UNICODE
from ledger.reports.request import Request
from ledger.reports.table import COUNT, Cell, Table, text
from tests.conftest import new_ledger
from tests.invented import incident, source, tally, total
from tests.reports.chart.ledgers import PUBLISHED, RUNNING, TOTALS, course

WIDTHS = (20, 40, 80, 200)


def drawn(ledger: Ledger, request: Request, width: int = 80, encoding: str = "utf-8") -> list[str]:
    """The chart of a report."""
    with ledger.asking(request.at) as present:
        answer = present.answer(request)
        answer = answer._replace(rows=list(answer.rows))
        return list(terminal.lines(present.connection, request, answer, width, encoding))


@pytest.fixture(scope="module")
def raided(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """To be read, not to be written."""
    return course(new_ledger(tmp_path_factory.mktemp("raided") / "ledger.db"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("request_", [RUNNING, PUBLISHED, TOTALS], ids=lambda one: one.report)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_chart_fits_its_terminal(
    raided: Ledger, request_: Request, width: int, encoding: str
) -> None:
    lines = drawn(raided, request_, width, encoding)
    assert max(map(cell_len, lines)) <= width
    if encoding != "utf-8":
        assert "\n".join(lines).isascii()


def test_a_terminal_of_no_width_gets_a_chart_too(raided: Ledger) -> None:
    for width in range(3):
        assert max(map(cell_len, drawn(raided, RUNNING, width))) <= 20


def test_a_running_total(raided: Ledger) -> None:
    assert drawn(raided, RUNNING, 60) == [
        "Invented tally invented-tally (invented-tally): persons",
        "killed, sum so far",
        "200 │",
        "    │",
        "    │",
        "150 │                                          ×",  # noqa: RUF001
        "    │                                      ░░░?┌─ 132 (120+)",
        "100 │                                      ◆─●─┘",
        "    │○                                     ┊",
        "    │                                      ┊",
        " 50 │                                      ┊",
        "    │                                      ┊",
        "    │                                      ┊",
        "  0 │                                      ┊",
        "    └────────────────────────────────────────────",
        "     2023-07         2023-10            2024-01",
        "◆ opening total: 100 (100-120), as of 2023-12-31",
        "─ best, so far: 132 (120+)   ░ low to high",
        "+ the high is open   ? an unknown count, not added",
        "● published, equal   × published, differs",  # noqa: RUF001
        "○ published, not compared",
        "published totals not drawn: 1 unit unclear",
        "",
    ]


def test_a_number_is_never_cut(ledger: Ledger) -> None:
    count = "900000000/1000000000/1200000000"
    ledger.append([source(), incident("a-long-invented-key", f"killed {count}")])
    for width in range(30, 90):
        assert "1,000,000,000 (900,000,000-1,200,000,000)"[: width - 1] in "\n".join(
            drawn(ledger, TOTALS, width)
        )


def test_totals_as_bars(raided: Ledger) -> None:
    assert drawn(raided, TOTALS, 60) == [
        "persons killed",
        "raid-0 │████ 2",
        "raid-1 │██████▓▓▓▓░░░░░░░░ 5 (3-9)",
        "raid-2 │████████████████████░░░░░░░░░░░░░░░░░░░░ 10 (10-20)",
        "raid-3 │?+ ?",
        "raid-4 │▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓+ 8 (?+)",
        "raid-5 │██████████▓▓▓▓ 7 (5-7)",
        "       └────────────────────────────────────────",
        "       0                  10                  20",
        "",
        "█ to the low   ▓ to the best   ░ to the high",
        "+ the high is open   ? unknown",
        "",
    ]


def test_without_utf_8_the_same_in_ascii(raided: Ledger) -> None:
    plain, ascii_ = drawn(raided, TOTALS, 60), drawn(raided, TOTALS, 60, "ascii")
    table = str.maketrans(dict(zip("█▓░│─└", "#=:|-+", strict=True)))
    assert [line.translate(table) for line in plain] == ascii_
    assert "@" in "".join(drawn(raided, RUNNING, 80, "ascii"))


def test_zero_has_no_bar_and_unknown_is_no_zero(ledger: Ledger) -> None:
    ledger.append([source(), incident("none", "killed 0"), incident("some", "killed ?")])
    none, some = drawn(ledger, TOTALS)[1:3]
    assert none.split() == ["none", "│", "0"]
    assert some.split() == ["some", "│?+", "?"]


def test_every_number_but_zero_can_be_seen() -> None:
    columns = (text("country", ""), text("measure", ""), *COUNT)
    rows: list[tuple[Cell, ...]] = [
        ("IQ", "killed", 1, 1, 1),
        ("SY", "killed", 10**12, 10**12, None),
    ]
    lines = list(bars.bars(panels(Table(columns, rows, [])), 80, UNICODE))
    assert lines[1] == "IQ │█ 1"
    assert lines[2].endswith("+ 1,000,000,000,000+")


def test_each_measure_has_an_axis_of_its_own(ledger: Ledger) -> None:
    ledger.append([source(), incident("raid", "killed 3", "munitions-fired 500")])
    lines = drawn(ledger, Request(report="totals"))
    assert [line for line in lines if "persons" in line or "munitions fired" in line] == [
        "persons killed",
        "munitions fired or launched",
    ]
    lengths = [line.count("█") for line in lines if line.startswith(("killed", "munitions-fired"))]
    assert min(lengths) > 40


def test_of_very_many_bars_the_longest_are_drawn_and_the_rest_is_counted() -> None:
    columns = (text("day", ""), text("measure", ""), *COUNT)
    rows: list[tuple[Cell, ...]] = [(f"{n:03d}", "killed", n, n, n) for n in range(100)]
    lines = list(bars.bars(panels(Table(columns, rows, [])), 80, UNICODE))
    assert lines[1].startswith("040 │")
    assert lines[MOST_BARS].startswith("099 │")
    assert "not drawn: 40 shorter bars" in lines


def test_an_opening_that_nobody_knew_yet(ledger: Ledger) -> None:
    known = Request(report="running", tally=RUNNING.tally, known_by="2023-12-01")
    course(ledger)
    assert "nothing is counted" in drawn(ledger, known)
    early = source("early", "2023-11-30")
    ledger.append([early, incident("old", "killed 3", date="2023-11-01", of="early")])
    lines = drawn(ledger, known)
    assert any("opening total: ? (none is admitted" in line for line in lines)
    assert any(line.endswith(" 3+") for line in lines)


def test_a_line_that_lies_high_says_where_its_axis_begins(ledger: Ledger) -> None:
    ledger.append([source(), tally(), total("50000", "2023-12-31", opening=True)])
    ledger.append([incident("raid", "killed 3")])
    lines = drawn(ledger, RUNNING)
    assert "the axis begins at 49,999, not at 0" in lines
    assert lines[1].startswith("50,003 │")


def test_what_is_not_drawn_is_said(raided: Ledger) -> None:
    assert "published totals not drawn: 1 unit unclear" in drawn(raided, RUNNING)
    narrowed = Request(report="running", tally=RUNNING.tally, where={"country": ("IQ",)})
    assert "published totals are of the whole tally: not drawn" in drawn(raided, narrowed)


def test_the_differences_of_published_totals(raided: Ledger) -> None:
    lines = drawn(raided, PUBLISHED)
    assert "computed less published" in lines
    below = lines[lines.index("computed less published") :]
    assert sum(line.count("█") for line in below) > 1
    assert "◆ opening total: 100 (100-120), as of 2023-12-31" in "\n".join(lines)


def test_nothing_is_said_to_be_nothing(ledger: Ledger) -> None:
    ledger.append([source(), tally()])
    assert drawn(ledger, Request(report="totals")) == ["nothing is counted", ""]
    assert drawn(ledger, PUBLISHED) == ["no total is published", ""]
    assert "nothing is counted" in drawn(ledger, RUNNING)


@given(st.text(max_size=40), st.integers(1, 60))
def test_a_name_fits_whatever_it_is(name: str, width: int) -> None:
    for glyphs in (ASCII, UNICODE):
        fitted = glyphs.fit(name, width)
        assert cell_len(fitted) == width
        assert glyphs is UNICODE or fitted.isascii()


def test_the_seeds_at_80_columns(seeds: Ledger) -> None:
    request = Request(report="running", tally="oir-us-combat-deaths")
    lines = drawn(seeds, request)
    assert lines[-3:] == [
        "◆ opening total: 19, as of 2020-03-10   ─ best, so far: 21",
        "○ published, not compared",
        "",
    ]
    assert any(line.endswith("┌ 21") for line in lines)
    totals = Request(report="totals", measure=("injured",), known_by="2020-01-24", by=("incident",))
    assert any(line.endswith("█ 34") for line in drawn(seeds, totals))
