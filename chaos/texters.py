"""Customers who write SMS, at the demo's SMS centre: a text counts as said once it is in the centre's book, which tells the shop by SMPP
until that has it. A process of the installation: on a line `stop` nobody writes any more and it tells what was said, on `tell` what the
telephones got.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time

import django

django.setup()

from callcart.config import config  # noqa: E402
from callcart.demo.seed_sms import NUMBERS  # noqa: E402
from callcart.demo.sms.book import TO_PHONE, Book, Phone  # noqa: E402
from callcart.demo.sms.fates import Fate, Way  # noqa: E402
from callcart.demo.sms.submits import send  # noqa: E402

PAUSE = (40.0, 70.0)  # of one telephone: a quarter of an hour of it is below what calls nobody any more
FIRST_WITHIN = 10.0
TOLD_WITHIN = 90.0  # seconds after the end in which the centre may still be telling the shop
WAYS = (Way.WELL, Way.BACKWARDS, Way.DOUBLED)
WORDS = ("short", "a long one " * 30, "什么时候发货")


def main(count: int) -> None:
    stop, said = threading.Event(), []  # type: tuple[threading.Event, list[tuple[str, str]]]
    phones = [f"+1202555{6000 + number}" for number in range(count)]
    writing = threading.Thread(target=_write, args=(phones, said, stop), daemon=True)
    writing.start()
    _tell({"ready": True})
    for line in sys.stdin:
        if json.loads(line) == "stop":
            stop.set()
            writing.join(20)
            _wait_told()
            _tell({"said": said})
        else:
            book = _book()
            _tell(
                {
                    "got": [
                        (phone, each.text)
                        for phone in phones
                        for each in book.messages_of(phone)
                        if each.direction == TO_PHONE
                    ]
                }
            )
            return


def _write(phones: list[str], said: list[tuple[str, str]], stop: threading.Event) -> None:
    """Each telephone by its turns, until told to stop."""
    chance, book = random.Random(23), _book()
    for number, phone in enumerate(phones):
        book.turn(Phone(phone, Fate.WELL, WAYS[number % len(WAYS)], 0))
    due = {phone: time.monotonic() + chance.uniform(0, FIRST_WITHIN) for phone in phones}
    while not stop.wait(0.1):
        for phone in phones:
            if due[phone] <= time.monotonic():
                text = f"{len(said)} {chance.choice(WORDS)}".strip()
                send(book, phone, NUMBERS["harbor"], text)
                said.append((phone, text))
                due[phone] = time.monotonic() + chance.uniform(*PAUSE)


def _wait_told() -> None:
    """Until the shop has all of it: what it did not take is told again, slower and slower."""
    book, end = _book(), time.monotonic() + TOLD_WITHIN
    while book.due_by_smpp(time.time() + 3600) and time.monotonic() < end:
        time.sleep(0.2)


def _book() -> Book:
    return Book(config().path("demo-sms", "book.sqlite"))


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
