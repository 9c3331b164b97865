"""Speaking a prompt by telephone, on virtual time: told, a tone, spoken, heard, kept by a key; and whatever else can become of it."""

from __future__ import annotations

import asyncio

import pytest

from callcart.contact.voice.exchange import Exchange
from callcart.contact.voice.news import TakeWanted, TakeWithdrawn
from callcart.contact.voice.speech.phrases import TONE
from callcart.contact.voice.studio.book import TakeRow
from callcart.contact.voice.studio.fake import FakeBook
from callcart.contact.voice.studio.states import TRANSITIONS, TakeState, Why
from callcart.core.ids import new_id
from tests.contact.voice.hall import Hall, settle

PAGE = "desk-robin"
NUMBER = "+12125550777"
OUTSIDE = f"outside {NUMBER}"
STAFF = new_id()


class Room:
    """A studio beside the calls of a hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.engine = hall, hall.engine
        self.book = FakeBook(hall.engine)
        self.book.accounts[STAFF] = PAGE
        self.row: TakeRow

    async def open(self) -> None:
        self.hall.exchange = Exchange(self.engine, self.hall.records, self.hall.flow, book=self.book)
        await self.hall.start()

    async def restart(self) -> None:
        await self.hall.stop()
        await self.open()

    async def begin(self, number: str = "") -> None:
        self.row = self.book.add(TakeRow(new_id(), 1, STAFF, "en", number, "+12025550100", 600))
        self.hall.exchange.hear(TakeWanted(self.row.id))
        await settle()

    async def pick_up(self, who: str = PAGE) -> None:
        self.engine.pick_up(who)
        await settle()

    async def press(self, digit: str) -> None:
        self.engine.press(self.row.channel, digit)
        await settle()
        await asyncio.sleep(0.1)  # a finger needs longer for the next one

    async def speak(self, seconds: float = 3) -> None:
        """From the answer to the end of what is said: told (2 s), a tone (2 s), so long, and the hash key."""
        await asyncio.sleep(4.1)
        await asyncio.sleep(seconds)
        await self.press("#")

    @property
    def state(self) -> TakeState:
        return self.book.rows[self.row.id].state

    @property
    def heard(self) -> list[str]:
        return [
            sound for channel, sounds in self.engine.played if channel == self.row.channel for sound in sounds
        ]

    @property
    def gone(self) -> bool:
        return self.row.channel not in self.engine.legs

    @property
    def why(self) -> Why | None:
        return self.book.ends.get(self.row.id)

    def file(self, number: int) -> str:
        return f"{self.row.channel}-{number}"


@pytest.fixture
async def room(hall: Hall) -> Room:
    await hall.stop()
    made = Room(hall)
    made.engine.registered.add(PAGE)
    await made.open()
    return made


async def test_it_is_spoken_heard_and_kept(room: Room) -> None:
    await room.begin()
    (leg,) = room.engine.ringing(PAGE)
    assert leg.channel == room.row.channel and leg.caller == "+12025550100"
    await room.pick_up()
    assert room.heard == ["studio.begin"] and room.state is TakeState.TOLD
    await asyncio.sleep(2.1)
    assert room.heard == ["studio.begin", TONE] and not leg.says
    await asyncio.sleep(2)
    assert leg.says == room.file(1) and room.state is TakeState.SPEAKING
    await asyncio.sleep(3)
    await room.press("#")
    assert room.state is TakeState.HEARD
    assert room.heard[2:] == [f"heard/{room.file(1)}", "studio.ask"]
    assert room.book.kept == []
    await room.press("1")
    assert room.book.kept == [room.file(1)] and room.state is TakeState.KEPT
    assert room.heard[-1] == "studio.kept"
    await asyncio.sleep(6)
    assert room.gone and room.why is None and room.book.forgotten == [room.row.id]


async def test_a_key_is_as_good_as_having_listened(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.press("5")
    assert room.heard == ["studio.begin", TONE]
    await room.press("5")
    assert room.heard == ["studio.begin", TONE], "the tone is heard to its end"
    await asyncio.sleep(2)
    assert room.state is TakeState.SPEAKING


async def test_again_is_another_file_and_the_last_one_is_kept(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    await room.press("2")
    assert room.state is TakeState.TOLD and room.heard[-1] == "studio.again"
    await room.speak()
    await room.press("*")
    assert room.heard[-2:] == [f"heard/{room.file(2)}", "studio.ask"]
    await room.press("1")
    assert room.book.kept == [room.file(2)]


async def test_nothing_is_kept_without_the_key(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    room.engine.hang_up_far(room.row.channel)
    await settle()
    assert (room.book.kept, room.why, room.state) == ([], Why.HUNG_UP, TakeState.OVER)


async def test_who_does_not_decide_is_asked_three_times(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    await asyncio.sleep(60)
    assert room.heard.count("studio.ask") == 3 and room.heard[-1] == "studio.not_kept"
    assert room.gone and room.why is Why.UNDECIDED and room.book.kept == []


async def test_silence_is_said_and_tried_again_three_times(room: Room) -> None:
    await room.begin()
    room.book.silent = {room.file(n) for n in (1, 2, 3)}
    await room.pick_up()
    await room.speak()
    assert room.heard[-2:] == ["studio.silent", "studio.again"] and room.state is TakeState.TOLD
    await room.press("1")  # nothing to keep: it only hurries
    assert room.book.kept == []
    await asyncio.sleep(2)
    await room.press("#")
    await asyncio.sleep(6.1)
    await room.press("#")
    assert room.heard[-1] == "studio.not_kept" and room.why is Why.SILENT
    await asyncio.sleep(3)
    assert room.gone


async def test_too_long_ends_at_the_limit_and_says_so(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await asyncio.sleep(4.1 + 60.5)
    assert room.state is TakeState.HEARD
    assert room.heard[-3:] == ["studio.cut", f"heard/{room.file(1)}", "studio.ask"]


@pytest.mark.parametrize("when", ["written", "made", "kept"])
async def test_a_disk_that_takes_nothing_is_said_and_nothing_is_kept(room: Room, when: str) -> None:
    room.engine.can_write = when != "written"
    room.book.problem = Why.DISK_FULL if when == "made" else None
    await room.begin()
    await room.pick_up()
    await asyncio.sleep(4.2) if when == "written" else await room.speak()
    if when == "kept":
        room.book.problem = Why.DISK_FULL
        await room.press("1")
    assert room.heard[-1] == "studio.failed" and room.book.kept == []
    assert room.why is (Why.NOT_WRITTEN if when == "written" else Why.DISK_FULL)
    await asyncio.sleep(3)
    assert room.gone


async def test_an_engine_that_never_tells_of_the_end_is_not_believed_for_ever(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await asyncio.sleep(4.1)
    room.engine.legs[room.row.channel].says = ""
    await asyncio.sleep(85)
    assert room.gone and room.why is Why.NOT_WRITTEN


async def test_a_number_is_rung_by_the_trunk(room: Room) -> None:
    await room.begin(NUMBER)
    (leg,) = room.engine.ringing(OUTSIDE)
    assert leg.caller == "+12025550100" and not room.engine.ringing(PAGE)
    await room.pick_up(OUTSIDE)
    await room.speak()
    await room.press("1")
    assert room.book.kept == [room.file(1)]


@pytest.mark.parametrize(
    ("cause", "why"), [(17, Why.BUSY), (21, Why.REJECTED), (19, Why.NO_ANSWER), (1, Why.UNREACHABLE)]
)
async def test_a_number_that_is_not_reached_says_why(room: Room, cause: int, why: Why) -> None:
    await room.begin(NUMBER)
    room.engine.hang_up_far(room.row.channel, cause)
    await settle()
    assert room.why is why


async def test_without_a_page_or_a_way_out_it_is_over_at_once(room: Room) -> None:
    room.engine.registered.clear()
    await room.begin()
    assert room.why is Why.UNREACHABLE
    room.engine.has_trunk = False
    await room.begin(NUMBER)
    assert room.why is Why.UNREACHABLE


async def test_nobody_answers(room: Room) -> None:
    await room.begin()
    await asyncio.sleep(31)
    assert room.why is Why.NO_ANSWER and room.gone


async def test_withdrawn_it_rings_no_more(room: Room) -> None:
    await room.begin()
    room.book.rows[room.row.id] = TakeRow(room.row.id, 1, STAFF, "en", state=TakeState.OVER)
    room.hall.exchange.hear(TakeWithdrawn(room.row.id))
    await settle()
    assert room.gone and room.why is None


async def test_withdrawn_without_word_it_ends_at_the_next_step(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    room.book.rows[room.row.id] = TakeRow(room.row.id, 1, STAFF, "en", state=TakeState.OVER)
    await asyncio.sleep(5)
    assert room.gone and room.book.kept == []


async def test_told_twice_it_rings_once(room: Room) -> None:
    await room.begin()
    room.hall.exchange.hear(TakeWanted(room.row.id))
    await settle()
    assert len(room.engine.ringing(PAGE)) == 1


# ---- our process dies ----


async def test_killed_while_somebody_speaks_he_speaks_on(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await asyncio.sleep(5)
    assert room.state is TakeState.SPEAKING
    await room.restart()
    assert room.engine.legs[room.row.channel].says == room.file(1)
    await room.press("#")
    await room.press("1")
    assert room.book.kept == [room.file(1)]


async def test_killed_while_it_rings_or_is_told(room: Room) -> None:
    await room.begin()
    await room.restart()
    await room.pick_up()
    assert room.heard == ["studio.begin"]
    await room.restart()
    assert room.heard == ["studio.begin"] * 2
    await room.speak()
    await room.press("1")
    assert room.book.kept == [room.file(1)]


async def test_killed_while_he_decides_he_hears_it_again(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    await room.restart()
    assert room.heard[-2:] == [f"heard/{room.file(1)}", "studio.ask"]
    await room.press("1")
    assert room.book.kept == [room.file(1)]


async def test_killed_after_the_key_it_is_kept_once(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    await room.press("1")
    await room.restart()
    assert room.book.kept == [room.file(1)]
    await settle()
    assert room.gone, "a leg that belongs to no take is ended"


async def test_who_hung_up_while_we_were_dead_has_kept_nothing(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    await room.speak()
    await room.hall.stop()
    room.engine.hang_up_far(room.row.channel)
    await room.open()
    assert room.book.kept == [] and room.why is Why.LOST


async def test_an_engine_that_dies_takes_all_with_it(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    room.engine.crash()
    await settle()
    assert room.why is Why.LOST
    room.engine.reconnect(restarted=True)
    await settle()
    await room.begin()
    assert room.why is Why.UNREACHABLE, "pages have not registered yet"


async def test_what_breaks_ends_the_call_and_keeps_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.begin()
    await room.pick_up()

    async def away(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(room.book, "note", away)
    await asyncio.sleep(5)
    assert room.gone and room.why is Why.LOST and room.book.kept == []


async def test_calls_go_on_beside_it(room: Room) -> None:
    await room.begin()
    await room.pick_up()
    caller = room.engine.call_in("+12025550100")
    await settle()
    assert room.engine.legs[caller].playbacks
    await room.restart()
    assert caller in room.engine.legs and not room.gone


def test_what_is_over_stays_over() -> None:
    assert {state for state, after in TRANSITIONS.items() if not after} == {TakeState.KEPT, TakeState.OVER}
