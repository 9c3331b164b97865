"""Whether an SMS centre still answers, and whether it has heard what was acknowledged. What it answers to something asked after an
acknowledgement proves that: one connection keeps its order.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import suppress

from callcart.integrations.sms.inbound import Inbound
from callcart.integrations.sms.pdu import Command, Pdu
from callcart.integrations.sms.session import Gone, Session, Timing

MANY = 20  # acknowledgements after which the centre is asked at once


class Pulse:
    """Asks for a sign of life now and then, and sooner where it is to prove that acknowledgements were heard."""

    def __init__(self, session: Session, inbound: Inbound, timing: Timing) -> None:
        self._session, self._inbound, self._timing = session, inbound, timing
        self._asked: Future[Pdu] | None = None
        self._at = time.monotonic()
        self._mark = 0

    @property
    def is_quiet(self) -> bool:
        """Nothing is to be proven: a good moment to write down that all was heard."""
        return self._inbound.state.unheard == 0

    def beats(self) -> bool:
        """Whether the other side lives. To be called often."""
        now = time.monotonic()
        if self._asked is None:
            unheard = self._inbound.state.unheard
            pause = self._timing.enquire
            if unheard:
                pause = 0.0 if unheard >= MANY else self._timing.prove
            if now - self._at >= pause:
                self._mark, self._at = self._inbound.state.mark(), now
                with suppress(Gone):
                    self._asked = self._session.ask(Command.ENQUIRE_LINK)
            return True
        if not self._asked.done():
            return now - self._at < self._timing.answer
        if self._asked.exception() is None:
            self._inbound.state.heard(self._mark)
        self._asked = None
        return True
