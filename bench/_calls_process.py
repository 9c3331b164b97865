"""A process of the bench of calls that stands for one of the product's: `voice`, the product's own but for a flow without a
menu and accounts for plain SIP telephones (SIPp is no browser); or `timers`, routing's timers as the worker runs them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from callcart.contact.voice.flow import CallFacts, Input, Reaction, ToQueue, Utterance
from callcart.integrations.asterisk.softphones import WEBRTC
from callcart.processes import voice

PLAIN = {
    **{name: value for name, value in WEBRTC.items() if name != "webrtc"},
    "transport": "transport-udp",
    "allow": "ulaw",
}


class Straight:
    """A flow that says nothing and hands over at once, as app_queue's dial plan does."""

    def react(self, facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        return Reaction(state, (ToQueue(facts.language),))

    def hung_up(self, state: dict[str, Any]) -> str:
        return "hung_up_in_menu"

    def hides_keys(self, state: dict[str, Any]) -> bool:
        return False

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        return None

    def place_in_queue(self, language: str, position: int, seconds: int | None) -> Sequence[Utterance]:
        return ()

    def callback_offer(self, language: str) -> Sequence[Utterance]:
        return ()

    def agent_lost(self, language: str) -> Sequence[Utterance]:
        return ()

    def refused(self, language: str) -> Sequence[Utterance]:
        return ()


def run_timers() -> None:
    """Until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    from callcart.contact.routing import public as routing

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    routing.run_timers(stop)


if __name__ == "__main__":
    if sys.argv[1] == "voice":
        voice.serve(flow=Straight(), softphone=PLAIN)
    else:
        run_timers()
