"""Whatever a day brings: one agent at a time, none lost, wrap-up honoured, longest wait first, capacity kept, nobody stuck or starved.

The suite walks through a few days; `make days` (CALLCART_DAYS=2000) through as many as are asked for, each longer.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.contact.routing.day import Day, furnish
from tests.contact.routing.floor import Floor, system

DAYS = int(os.environ.get("CALLCART_DAYS", "0"))
LONGEST = 60 if DAYS else 15
NUMBER = st.integers(0, 59)
STEP = st.tuples(st.integers(0, 23), NUMBER, NUMBER)


@pytest.mark.timeout(120 + 10 * DAYS)
def test_any_day(floor: Floor) -> None:
    agents = furnish(floor)

    @settings(
        # No shrinking: a day of fifteen steps is read as it is, and each try costs a second.
        phases=[Phase.generate],
        max_examples=DAYS or 20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True,
    )  # fmt: skip
    @given(st.lists(st.integers(0, 5), max_size=6, unique=True), st.lists(STEP, min_size=3, max_size=LONGEST))
    def walk(ready: list[int], steps: list[tuple[int, int, int]]) -> None:
        with system() as db:
            day = Day(floor, agents, db)
            try:
                for number in ready:
                    day.ready(number, 0)
                for step in steps:
                    day.step(*step)
            finally:
                day.drain()

    walk()
