"""The plan of kills: the same for a seed, and each process at each moment before any is left to chance."""

from __future__ import annotations

from collections import Counter
from itertools import product

from chaos.plan import KILLED, NAMED, Crowd, Moment, plan


def test_a_seed_gives_the_plan_again() -> None:
    assert plan(100, 7) == plan(100, 7)
    assert plan(100, 7) != plan(100, 8)


def test_a_full_plan_strikes_each_process_at_each_moment() -> None:
    blows = plan(100, 3)
    assert len(blows) == 100
    named = Counter((blow.process, blow.moment) for blow in blows if blow.moment is not Moment.ANY)
    assert named == Counter(product(KILLED, NAMED))


def test_a_short_plan_has_each_process_and_each_moment_twice() -> None:
    blows = plan(12, 5)
    assert Counter(blow.process for blow in blows) == dict.fromkeys(KILLED, 2)
    assert Counter(blow.moment for blow in blows) == dict.fromkeys(NAMED, 2)


def test_everybody_is_in_the_crowd() -> None:
    assert Crowd.of(200) == Crowd(chats=70, mails=40, texts=40, calls=50)
    assert Crowd.of(24, calls=False) == Crowd(chats=11, mails=6, texts=7, calls=0)
