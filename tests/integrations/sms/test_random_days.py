"""Days at random: parts in any order, a database that fails at any write, connections that break before or after an acknowledgement,
processes killed: what customers wrote is there in the end, each message once and whole."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.contact.messaging.transport import Heard, Incoming
from callcart.integrations.sms.inbound import Inbound
from callcart.integrations.sms.messages import Reading
from callcart.integrations.sms.pdu import Address, Short
from callcart.integrations.sms.submit import parts_of
from tests.integrations.sms.lines import account, came, line, outgoing


class Killed(BaseException):
    """The process ends here."""


class Database(Heard):
    """What survives. Each write may fail before it is done, or kill the process before or after it."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.random, self.calm = random, False

    def _write(self, write: object, value: object) -> None:
        chance = 1.0 if self.calm else self.random.random()
        if chance < 0.1:
            raise OSError("the database is gone")
        if chance < 0.15:
            raise Killed
        write(value)  # type: ignore[operator]
        if chance < 0.2:
            raise Killed

    def message(self, incoming: Incoming) -> None:
        self._write(super().message, incoming)

    def at(self, cursor: str) -> None:
        self._write(super().at, cursor)


class Centre:
    """Delivers until it is acknowledged. What comes of a text that is sent once more is not told apart by it."""

    def __init__(self, waiting: list[Short], random: Random, database: Database) -> None:
        self.waiting, self.random, self.database = waiting, random, database
        self.shop = self._started()

    def _started(self) -> Inbound:
        shop = Inbound(line(self.database.cursor), self.database, Reading("US"))
        calm, self.database.calm = self.database.calm, True
        shop.give_out()
        self.database.calm = calm
        return shop

    def run(self) -> None:
        for turn in range(10_000):
            if not self.waiting:
                return
            self.database.calm = turn > 300
            self._deliver(self.random.randrange(min(3, len(self.waiting))))
        raise AssertionError("it never ends")

    def _deliver(self, place: int) -> None:
        short = self.waiting[place]
        mark = self.shop.state.mark()
        try:
            self.shop.take(came(short))
        except (OSError, Killed):
            self.shop = self._started()  # listens anew, from the cursor that was kept
            return
        if self.random.random() < 0.15 and not self.database.calm:
            self.shop.state.connection_lost()  # the acknowledgement did not arrive
            return
        del self.waiting[place]
        if self.random.random() < 0.5:
            self.shop.state.heard(mark)


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_nothing_is_lost_and_nothing_doubled(seed: int, count: int) -> None:
    random = Random(seed)
    database, wanted, waiting = Database(random), [], []
    for number in range(count):
        text = f"{number}: " + random.choice(("short", "long " * 80, "好" * 150))
        peer = f"1202555010{random.randrange(4)}"
        wanted.append(("+" + peer, text.strip()))
        for part in parts_of(outgoing(text.strip(), key=f"{seed}-{number}"), account()):
            waiting.append(
                replace(part.short, source=Address(peer, 1, 1), destination=Address("12025550123", 1, 1))
            )
    if random.random() < 0.5:
        random.shuffle(waiting)
    Centre(waiting, random, database).run()
    assert sorted((each.peer, each.text) for each in database.messages) == sorted(wanted)
