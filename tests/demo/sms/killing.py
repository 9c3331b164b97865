"""A shop's listening process ended by SIGKILL again and again while customers write. Run as a program of its own, as it forks:
`python -m tests.demo.sms.killing SEED SECONDS`; prints how often it was killed, and what was written and kept as JSON."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

import django

django.setup()

import uvicorn  # noqa: E402

from callcart.contact.messaging.transport import Heard, Incoming  # noqa: E402
from callcart.demo.sms.api import smpp_password  # noqa: E402
from callcart.demo.sms.book import Book, Phone  # noqa: E402
from callcart.demo.sms.fates import Fate, Way  # noqa: E402
from callcart.demo.sms.serve import application  # noqa: E402
from callcart.demo.sms.submits import send  # noqa: E402
from callcart.integrations.sms import smpp  # noqa: E402
from callcart.integrations.sms.session import Timing  # noqa: E402
from callcart.integrations.sms.smpp import SmppChannel  # noqa: E402
from tests.environment import free_ports  # noqa: E402
from tests.integrations.sms.lines import SHOP, line  # noqa: E402

WAYS = (Way.WELL, Way.BACKWARDS, Way.DOUBLED)


class Kept(Heard):
    """A sink on the disk. Each write takes a while, so that a kill falls before, into and after it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.base = sqlite3.connect(path, isolation_level=None)
        self.base.executescript(
            "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, text TEXT); CREATE TABLE IF NOT EXISTS at (one INT PRIMARY KEY, cursor TEXT)"
        )

    def message(self, incoming: Incoming) -> None:
        time.sleep(0.005)
        self.base.execute(
            "INSERT OR IGNORE INTO message VALUES (?, ?)", (incoming.external_id, incoming.text)
        )

    def at(self, cursor: str) -> None:
        time.sleep(0.005)
        self.base.execute("INSERT OR REPLACE INTO at VALUES (1, ?)", (cursor,))

    def texts(self) -> list[str]:
        return [row[0] for row in self.base.execute("SELECT text FROM message")]


def forked(work: object) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()  # type: ignore[operator]
        finally:
            os._exit(1)
    return pid


def killed(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def main(seed: int, seconds: float) -> None:
    random, folder = Random(seed), Path(tempfile.mkdtemp())
    kept, book = folder / "kept.sqlite", folder / "book.sqlite"
    web, port = free_ports(2)
    smpp.address_for = lambda host, port: host  # type: ignore[assignment]

    def centre() -> None:
        app = application(book, smpp_port=port)
        uvicorn.run(app, host="127.0.0.1", port=web, log_level="error")

    def listening() -> None:
        sink = Kept(kept)
        row = sink.base.execute("SELECT cursor FROM at").fetchone()
        values = {"port": str(port), "system_id": SHOP[1:], "password": smpp_password()}
        facts = line(row[0] if row else "", **values)
        SmppChannel(Timing(pause=0.05, look=0.05)).listen(facts, sink, threading.Event())

    company = forked(centre)
    while not book.exists():
        time.sleep(0.05)
    shop, phones = Kept(kept), Book(book)
    for number, way in enumerate(WAYS):
        phones.turn(Phone(f"+1202555014{number}", Fate.WELL, way, 0))
    sent: list[str] = []
    kills, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        pid = forked(listening)
        for _ in range(random.randrange(1, 6)):
            letters = random.choice(("abcdefgh", "好的天地人你我他"))
            sent.append(f"{len(sent)} " + "".join(random.choices(letters, k=random.choice((3, 160, 400)))))
            send(phones, f"+1202555014{random.randrange(len(WAYS))}", SHOP, sent[-1])
        time.sleep(random.uniform(0.1, 0.5))
        killed(pid)
        kills += 1
    pid, end = forked(listening), time.monotonic() + 20
    while (len(shop.texts()) < len(sent) or phones.due_by_smpp(4e9)) and time.monotonic() < end:
        time.sleep(0.05)
    for each in (pid, company):
        killed(each)
    sys.stdout.write(json.dumps({"kills": kills, "sent": sent, "kept": shop.texts()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
