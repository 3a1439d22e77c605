from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.readers.reading import close_all


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_all()
