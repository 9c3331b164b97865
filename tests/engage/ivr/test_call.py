"""A whole call through a published flow on an engine in memory: what its path keeps, and a process killed in the middle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from callcart.contact.voice.exchange import Exchange
from callcart.contact.voice.fake import Hears
from callcart.contact.voice.fake_records import FakeRecords
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.states import CallState
from callcart.contact.voice.virtual import run
from callcart.engage.ivr.blocks import Graph
from callcart.engage.ivr.flow import VERSION, Kept, Menu
from callcart.engage.ivr.look_up import WELCOME
from callcart.engage.ivr.walk import IDENTIFY, READ
from tests.contact.voice.hall import NUMBER, Hall, settle
from tests.engage.ivr.graphs import block, flow

TEXT = {"en": "Your order number, please.", "zh-hans": "请输入订单号。"}
GRAPH = flow(
    i=block("identify", texts=TEXT, identified="r", wrong="q"), r=block("read_out", next="m", none="q"),
    m=block("menu", texts={"en": "Nine, or wait.", "zh-hans": "请按九。"}, k9="bye", silence="q", wrong="q"),
    q=block("queue"), bye=block("hang_up"),
)  # fmt: skip


class Published(Menu):
    """The Flow of calls, with a shop that has published `GRAPH` as version v1 and knows one order."""

    def __init__(self, graph: Graph = GRAPH) -> None:
        super().__init__()
        self.graph = graph
        self._kept = _Shelf(graph)

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        if question == WELCOME:
            return {"languages": ["en"], "is_open": True, "version": "v1"} if self._kept.read("v1") else None
        if question == VERSION:
            return self._kept.read(about["version"])
        if question == IDENTIFY:
            return (
                {"order_id": "o1", "order": True}
                if (about["number"], about["code"]) == ("10482", "0142")
                else None
            )
        return {"en": ["It is packed."]} if question == READ and about["order"] == "o1" else None


class _Shelf(Kept):
    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._shelf = {"v1": graph}

    def read(self, version: str) -> bool:
        if version in self._shelf:
            self._graphs[version] = self._shelf[version]
        return version in self._graphs


def called(scene: Callable[[Hall, str], Awaitable[None]]) -> None:
    """Play a scene with a caller who hears the first words."""

    async def play() -> None:
        hall = Hall()
        _flow(hall, Published())
        await hall.start()
        channel = hall.engine.call_in(NUMBER)
        await settle()
        await scene(hall, channel)
        await hall.stop()

    run(play())


def _flow(hall: Hall, published: Published) -> None:
    if not hasattr(hall.records, "talks") or not hall.records.talks:
        hall.records = FakeRecords(published, numbers=(NUMBER,))
    hall.records.flow = published
    hall.exchange = Exchange(hall.engine, hall.records, published)


async def press(hall: Hall, channel: str, keys: str) -> None:
    for each in keys:
        hall.engine.press(channel, each)
        await settle()


def heard(hall: Hall) -> list[str]:
    return [" ".join(sounds) for _leg, sounds in hall.engine.played]


def test_an_order_is_proven_and_heard_and_the_code_is_nowhere() -> None:
    async def scene(hall: Hall, channel: str) -> None:
        assert heard(hall) == ["Your order number, please."]
        await press(hall, channel, "10482#")
        assert heard(hall)[-1].startswith("Now type the last four digits")
        await press(hall, channel, "0142")
        assert heard(hall)[-1] == "It is packed. Nine, or wait."
        pressed = "".join(data["digits"] for kind, data in hall.talk.steps if kind == "key.pressed")
        assert pressed == "10482#••••"
        assert "0142" not in str(hall.talk.steps) + str(hall.talk.row)
        told = [data for kind, data in hall.talk.steps if kind == "prompt.played"]
        assert told[0] == {"block": "i", "version": "v1", "text": "Your order number, please."}
        assert told[-1]["block"] == "m"
        await hall.hang_up(channel)
        assert (hall.talk.reason, hall.talk.finishes) == ("self_served", 1)

    called(scene)


def test_a_killed_process_is_followed_by_one_that_goes_on_in_the_version() -> None:
    async def scene(hall: Hall, channel: str) -> None:
        await press(hall, channel, "10482#0142")
        await hall.stop()
        _flow(hall, Published())  # another process, which has read nothing yet
        await hall.start()
        await settle(3)
        assert hall.talk.row.state is CallState.WAITING, (
            "the silence of the restart leads on, as it does in that menu"
        )
        assert hall.talk.row.flow_state["version"] == "v1"

    called(scene)


def test_a_process_killed_while_digits_are_typed_asks_for_them_again() -> None:
    async def scene(hall: Hall, channel: str) -> None:
        await press(hall, channel, "104")
        await hall.stop()
        _flow(hall, Published())
        await hall.start()
        await settle()
        assert heard(hall)[-1] == "Sorry, that is not right. Please try again. Your order number, please."
        await press(hall, channel, "10482#0142")
        assert heard(hall)[-1] == "It is packed. Nine, or wait."

    called(scene)


def test_who_does_nothing_at_all_comes_to_a_person() -> None:
    async def scene(hall: Hall, channel: str) -> None:
        await settle(60)
        assert (hall.talk.row.state, hall.hears(channel)) == (CallState.WAITING, Hears.MUSIC)

    called(scene)


def test_the_caller_may_hang_up_at_any_moment() -> None:
    for keys in ("", "1", "10482#", "10482#01", "10482#0142", "10482#01429"):

        async def scene(hall: Hall, channel: str, keys: str = keys) -> None:
            await press(hall, channel, keys)
            await hall.hang_up(channel)
            served = len(keys) >= len("10482#0142")
            assert (hall.talk.reason, hall.talk.finishes) == (
                "self_served" if served else "hung_up_in_menu",
                1,
            )
            assert not hall.engine.legs

        called(scene)
