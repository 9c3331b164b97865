"""An SMS provider in memory that takes its time, for the bench of campaigns; settings name it by its path."""

from __future__ import annotations

import time
from typing import ClassVar

from callcart.contact.messaging.fake import FakeSms
from callcart.contact.messaging.transport import LineFacts, Outgoing

SECONDS = 0.02


class SlowSms(FakeSms):
    """Notes when it was called for what."""

    called: ClassVar[dict[str, float]] = {}

    def send(self, line: LineFacts, outgoing: Outgoing) -> str:
        self.called[outgoing.key] = time.monotonic()
        time.sleep(SECONDS)
        return outgoing.key
