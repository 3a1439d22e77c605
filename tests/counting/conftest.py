"""A toll that a test writes in its docstring."""

from __future__ import annotations

import pytest

from tests.counting.samples import Toll, read_toll


@pytest.fixture
def toll(request: pytest.FixtureRequest) -> Toll:
    """The toll of the test's docstring: `line: count`, one on each line."""
    return read_toll(request.function.__doc__)
