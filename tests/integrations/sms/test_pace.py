from __future__ import annotations

import pytest

from callcart.integrations.sms.pace import LONGEST_PAUSE, Pace, TooFarOff


class Clock:
    def __init__(self) -> None:
        self.at, self.slept = 100.0, 0.0

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept += seconds


def made(per_second: float) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(per_second, clock=clock, sleep=clock.sleep), clock


def test_so_many_a_second_and_no_more() -> None:
    pace, clock = made(10)
    for _ in range(51):
        pace.wait(30)
    assert clock.slept == pytest.approx(5.0)


def test_a_quiet_while_saves_nothing_up() -> None:
    pace, clock = made(10)
    pace.wait(30)
    clock.at += 60
    for _ in range(11):
        pace.wait(30)
    assert clock.slept == pytest.approx(1.0)


def test_nobody_waits_longer_than_he_would_and_he_takes_no_place() -> None:
    pace, clock = made(1)
    pace.wait(0)
    for _ in range(3):
        with pytest.raises(TooFarOff):
            pace.wait(0.5)
    pace.wait(1)
    assert clock.slept == pytest.approx(1.0)


def test_a_centre_that_has_had_enough_is_left_alone_longer_each_time() -> None:
    pace, clock = made(1000)
    pauses = []
    for _ in range(7):
        pace.too_fast()
        before = clock.slept
        pace.wait(60)
        pauses.append(round(clock.slept - before))
    assert pauses == [1, 2, 4, 8, 16, 30, 30] and pauses[-1] == LONGEST_PAUSE
    pace.went_well()
    pace.too_fast()
    before = clock.slept
    pace.wait(60)
    assert round(clock.slept - before) == 1
