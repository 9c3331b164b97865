"""Visitors of the shop who chat, as their pages do: each message has a key, and is sent until it is acknowledged."""

from __future__ import annotations

import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

TIMEOUT_SECONDS = 30
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0  # between attempts, doubled each time, as pages do
PAUSE = (1.6, 3.0)  # seconds between two messages of one visitor: below what a chat allows in a minute


@dataclass
class Said:
    """What one visitor has said, in order; only what was acknowledged counts as sent."""

    keys: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    acknowledged_at: list[float] = field(default_factory=list)


class Visitor(threading.Thread):
    """One visitor, until told to stop."""

    def __init__(self, number: int, base: str, host: str, stop: threading.Event) -> None:
        super().__init__(name=f"visitor-{number}", daemon=True)
        self.number, self.base, self.stop = number, base, stop
        self.token, self.begun = secrets.token_urlsafe(32), False
        self.said = Said()
        self.tries = 0
        self._client = httpx.Client(
            verify=False,
            timeout=TIMEOUT_SECONDS,
            # Each from an address of its own, as behind a proxy: one address may not begin so many chats.
            headers={"Host": host, "X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}"},
        )

    def run(self) -> None:
        chance = random.Random(self.number)
        while not self.stop.is_set():
            self._say(f"{self.number}:{len(self.said.texts)}")
            self.stop.wait(chance.uniform(*PAUSE))
        self._client.close()

    def _say(self, text: str) -> None:
        """Until it is acknowledged: whether an attempt that broke has arrived, nobody here knows."""
        key, wait = uuid4().hex, FIRST_WAIT
        while not self.stop.is_set():
            self.tries += 1
            try:
                status = self._ask(text, key).status_code
            except httpx.HTTPError:
                status = 0
            if status == 200:
                self.begun = True
                self.said.keys.append(key)
                self.said.texts.append(text)
                self.said.acknowledged_at.append(time.time())
                return
            self.stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _ask(self, text: str, key: str) -> httpx.Response:
        headers = {"X-Chat-Token": self.token}
        if not self.begun:
            body = {"text": text, "key": key, "name": f"V{self.number}"}
            return self._client.post(f"{self.base}begin", json=body, headers=headers)
        return self._client.post(f"{self.base}say", data={"text": text, "key": key}, headers=headers)
