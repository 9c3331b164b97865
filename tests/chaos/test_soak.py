"""What a long run is judged by: memory that stays, and failures counted once."""

from __future__ import annotations

import threading

from chaos.crowd import Told
from chaos.judge_calls import Calls, CallSeen
from chaos.judge_written import Said
from chaos.soak import Memory, failures, grown
from chaos.visitors import Visitor


def test_memory_is_flat_or_it_is_said() -> None:
    memory = Memory()
    memory.samples["web"] = [100, 200, 300, 305, 302, 303, 306, 304, 303, 310]
    memory.samples["live"] = [50, 60, 60, 60, 70, 80, 85, 90, 95, 99]
    assert memory.ends() == {"web": (302.5, 306.5), "live": (60.0, 97.0)}
    assert grown(memory.ends()) == ["live has grown from 60 to 97 MB"]


def test_failures_are_counted_of_all_that_was_tried() -> None:
    visitor = Visitor(1, "https://shop.example/", "shop.example", threading.Event())
    visitor.said.keys.extend("abcdefgh")
    visitor.tries = 10  # one failed, one was under way at the end
    calls = Calls(
        [
            CallSeen("+1", 0.0, 1.0, 2.0, True, "", True, 0.0),
            CallSeen("+2", 0.0, None, 2.0, True, "", False, 0.0),
        ],
        frozenset(),
    )
    told = Told([visitor], Said([], [], [], []), {"m": "x"}, calls)
    assert failures(told, 3) == (1 + 1 + 3, 10 + 2 + 1)
