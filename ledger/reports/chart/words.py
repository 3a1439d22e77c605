"""How charts write numbers and names."""

from __future__ import annotations

from datetime import date

from ledger.reports.chart.series import Course, Range
from ledger.vocabulary import MEASURES

_BRIEF = 12


def told(figure: Range) -> str:
    """A figure with its bounds: `21`, `14 (13-20)`, `30 (?-35)`, `?`; open at the top `13+`."""
    best = counted(figure.best)
    if figure.exact:
        return best
    if figure.high is None:
        if figure.low == figure.best:
            return "?" if figure.best is None else f"{best}+"
        return f"{best} ({counted(figure.low)}+)"
    return f"{best} ({counted(figure.low)}-{counted(figure.high)})"


def briefly(figure: Range) -> str:
    """A figure with its bounds where they are short, else its best alone."""
    whole = told(figure)
    return whole if len(whole) <= _BRIEF else counted(figure.best)


def counted(number: int | None) -> str:
    """A number with its thousands apart, `?` where it is unknown."""
    return "?" if number is None else f"{number:,}"


def unit(measure: str) -> str:
    """What an axis counts: `persons killed` for killed."""
    return MEASURES.get(measure, measure).partition(",")[0]


def heading(course: Course) -> str:
    """What a chart of a tally is of."""
    return f"{course.title} ({course.tally})" if course.title else course.tally


def axis(course: Course) -> str:
    """What the numbers of a chart of a tally are."""
    return f"{unit(course.measure)}, {'sum so far' if course.joined else 'total'}"


def opening(course: Course) -> str:
    """What is said of the opening total."""
    if course.opening is None:
        return ""
    if course.opening.day is None:
        return "opening total: ? (none is admitted by the days asked for)"
    day = date.fromordinal(course.opening.day).isoformat()
    return f"opening total: {told(course.opening.range)}, as of {day}"
