"""What journeys of the desk share: a caller who sounds, and looks at what was written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from callcart.demo.caller import Line
from callcart.demo.caller.sound import tone
from tests.journeys.desk_page import PATIENCE
from tests.journeys.system import SERVICE_NUMBERS, System

DANIEL = "+12025550144"  # who orders here; the phone journeys ask for the last order of somebody else
MEI = "+12025550161"
QUIET = 60.0  # loudness below which nothing is heard


@contextmanager
def calling(system: System, number: str = DANIEL) -> Iterator[Line]:
    """Somebody calls the shop, chooses English, asks for a person, and goes on sounding."""
    line = Line(SERVICE_NUMBERS["harbor"], number=number, server=("127.0.0.1", system.port("sip")))
    with line:
        line.dial()
        line.play(tone(440.0, seconds=1.0), repeat=True)
        line.press("1")
        line.press("0")
        yield line


def hears(line: Line, *, more: int = 10) -> None:
    """The caller hears so many more packets with something in them."""
    before = line.received.heard
    line.until(lambda now: now.heard >= before + more, patience=PATIENCE)


def conversation(system: System, talk: str) -> dict[str, Any]:
    [row] = system.rows("SELECT * FROM conversations_conversation WHERE id = %(id)s", {"id": talk})
    return row


def steps(system: System, talk: str) -> list[str]:
    query = "SELECT kind FROM conversations_step WHERE conversation_id = %(id)s ORDER BY id"
    return [row["kind"] for row in system.rows(query, {"id": talk})]
