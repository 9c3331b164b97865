"""Asterisk as the voice domain's engine: each command one or two ARI requests, each event one of the domain's own.

Connects again by itself and says so. Holds no state of calls but what it needs to tell each leg's end once.
A 404 on something that has just gone is the other side having been quicker: success or False, never an error.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from callcart.contact.voice.engine import (
    CallArrived,
    EngineDown,
    EngineEvent,
    EngineUnreachable,
    EngineUp,
    HangUp,
    LegAnswered,
    LegEnded,
    RecordingEnded,
    Refused,
    Snapshot,
    Softphone,
    SoftphoneFound,
    SoftphoneLost,
)
from callcart.integrations.asterisk import writing
from callcart.integrations.asterisk.ari import Ari, Place, Rejected, nobody_listens
from callcart.integrations.asterisk.happenings import (
    APPLICATION,
    CAUSES,
    DIALLED,
    INBOUND,
    LOST_CAUSES,
    NORMAL,
    NOWHERE_ELSE,
    WANTED,
    arrival,
    cause_of,
    leg,
    playback_ended,
    recording_ended,
    remember,
    way,
)
from callcart.integrations.asterisk.keys import Keys
from callcart.integrations.asterisk.softphones import WEBRTC, Softphones

log = logging.getLogger(__name__)

MOMENT = 1.5  # seconds without Asterisk before anybody is told
RETRY = 0.2
TAKEN = 5.0  # two processes that take it from each other shall not do so all the time
GOING = (409, "Bridge not in Stasis application")  # of a bridge ended a moment ago
OUTSIDE = re.compile(r"\+[1-9]\d{3,14}")  # nothing else is put into a dial string
PASSAGE = 5.0  # seconds a leg may take through the dial plan and back


class AsteriskEngine:
    """Implements `callcart.contact.voice.engine.Engine`. Use from one event loop; `close()` at the end."""

    def __init__(
        self,
        *,
        port: int,
        password: str,
        softphone: Mapping[str, str] = WEBRTC,
        trunk: str = "",
        nodes: Collection[str] = (),
    ) -> None:
        """`port`: Asterisk's HTTP on loopback. `softphone`: fields of the endpoints made for accounts. `trunk`: the endpoint by which
        calls go out; empty: none do. `nodes`: the other nodes, by which accounts are rung that are registered there."""
        self._trunk = trunk
        self._ari = Ari(Place(port, password), APPLICATION)
        self._softphones = Softphones(self._ari, softphone, nodes)
        self._told: OrderedDict[str, int] = OrderedDict()
        self._cleared: OrderedDict[str, int] = OrderedDict()
        self._causes: dict[str, int] = {}
        self._keys = Keys()
        self._addresses: dict[str, str] = {}
        self._passages: dict[str, asyncio.Future[bool]] = {}
        self._started: str | None = None
        self._queue: asyncio.Queue[EngineEvent] = asyncio.Queue()
        self._pump: asyncio.Task[None] | None = None

    async def close(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
        await self._ari.close()

    # Events

    async def events(self) -> AsyncIterator[EngineEvent]:
        """Everything that happens, for ever. A slow reader makes nothing wait but itself."""
        if self._pump is None:
            self._pump = asyncio.create_task(self._run(), name="asterisk-events")
        while True:
            yield await self._queue.get()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        lost_at = loop.time()
        said: EngineDown | None = None
        while True:
            replaced = False
            try:
                async with self._ari.events() as messages:
                    await self._entered()
                    said = None
                    async for message in messages:
                        replaced |= message.get("type") == "ApplicationReplaced"
                        await self._take(message)
                lost_at = loop.time()
            except (EngineUnreachable, Rejected) as error:
                down = EngineDown(gone=nobody_listens(error))
                if loop.time() - lost_at > MOMENT and (said is None or (down.gone and not said.gone)):
                    said = down
                    self._queue.put_nowait(down)
            if replaced:
                log.error("another voice process has taken this Asterisk")
            await asyncio.sleep(TAKEN if replaced else RETRY)

    async def _entered(self) -> None:
        """Our application is entered: Asterisk's calls wait for us no longer."""
        await self._ari.put(
            f"applications/{APPLICATION}/eventFilter",
            {"allowed": [{"type": each} for each in WANTED]},
        )
        info = await self._ari.get("asterisk/info", only="status")
        started = str(info["status"]["startup_time"])
        restarted = self._started is not None and started != self._started
        if restarted:
            self._causes.clear()
            self._addresses.clear()
        self._started = started
        self._softphones.forget_who_is_here()
        await self._softphones.push_all()
        self._queue.put_nowait(EngineUp(restarted=restarted))

    async def _take(self, message: dict[str, Any]) -> None:
        act = self._readers().get(str(message.get("type")))
        if act is None:
            return
        try:
            event = act(message)
        except (KeyError, TypeError, ValueError):
            log.warning("event not understood", extra={"event_type": message.get("type")})
            return
        if event is not None:
            self._queue.put_nowait(event)

    def _readers(self) -> dict[str, Callable[[dict[str, Any]], EngineEvent | None]]:
        return {
            "StasisStart": self._on_start,
            "StasisEnd": self._on_left,
            "ChannelDestroyed": self._on_destroyed,
            "ChannelHangupRequest": self._on_hang_up,
            "ChannelDtmfReceived": self._keys.heard,
            "PlaybackFinished": playback_ended,
            "RecordingFinished": recording_ended,
            "RecordingFailed": recording_ended,
            "ContactStatusChange": self._on_contact,
        }

    def _on_start(self, message: dict[str, Any]) -> CallArrived | LegAnswered | None:
        channel, arguments = message["channel"], message["args"]
        passage = self._passages.pop(channel["id"], None)
        if passage is not None:
            if not passage.done():
                passage.set_result(True)
            return None
        if arguments[:1] == [INBOUND]:
            return arrival(channel, arguments)
        if arguments[:1] == [DIALLED]:
            return LegAnswered(channel["id"])
        return None

    def _on_hang_up(self, message: dict[str, Any]) -> None:
        self._causes[str(message["channel"]["id"])] = cause_of(message)

    def _on_left(self, message: dict[str, Any]) -> LegEnded | None:
        """A leg left our application: its end, unless we sent it on a passage. No other event of it follows."""
        channel = str(message["channel"]["id"])
        return None if channel in self._passages else self._end(channel, NORMAL)

    def _on_destroyed(self, message: dict[str, Any]) -> LegEnded | None:
        """A leg ended that was not in our application: dialled and never answered."""
        return self._end(str(message["channel"]["id"]), int(message.get("cause", 0)) or NORMAL)

    def _on_contact(self, message: dict[str, Any]) -> SoftphoneFound | SoftphoneLost | None:
        """Each account has one address, the newest page's; that an older one went is no loss. (Asterisk's own word on the
        endpoint is not used: it says nothing after an account was renewed.)"""
        contact = message["contact_info"]
        username, address = str(contact["aor"]), str(contact["uri"])
        if contact["contact_status"] not in ("Removed", "Unreachable"):
            self._addresses[username] = address
            self._softphones.heard(username, here=True)
            return SoftphoneFound(username)
        if self._addresses.get(username, address) != address:
            return None
        self._addresses.pop(username, None)
        self._softphones.heard(username, here=False)
        return SoftphoneLost(username)

    def _end(self, channel: str, cause: int) -> LegEnded | None:
        asked_for = self._causes.pop(channel, cause)
        self._keys.forget(channel)
        passage = self._passages.pop(channel, None)
        if passage is not None and not passage.done():
            passage.set_result(False)
        if channel in self._told:
            return None
        remember(self._told, channel, asked_for)
        by_us = self._cleared.pop(channel, 0)
        return LegEnded(channel, by_us or asked_for, hung_up=not by_us and asked_for not in LOST_CAUSES)

    # Commands

    async def snapshot(self) -> Snapshot:
        try:
            ours, channels, bridges = await asyncio.gather(
                self._ari.get(f"applications/{APPLICATION}"),
                self._ari.get("channels"),
                self._ari.get("bridges"),
            )
        except Rejected as error:
            # Asterisk has started anew and does not know our application yet.
            raise EngineUnreachable from error
        mine = set(ours["channel_ids"])
        legs = {each["id"]: leg(each) for each in channels if each["id"] in mine}
        return Snapshot(
            legs=legs,
            bridges={each["id"]: frozenset(each["channels"]) for each in bridges},
        )

    async def answer(self, channel: str) -> bool:
        return await self._done("POST", f"channels/{_id(channel)}/answer")

    async def hang_up(self, channel: str, reason: HangUp = HangUp.NORMAL) -> bool:
        if channel in self._told:
            return False  # gone, and Asterisk has said so
        remember(self._cleared, channel, CAUSES[reason])
        return await self._done("DELETE", f"channels/{_id(channel)}", reason_code=str(CAUSES[reason]))

    async def play(self, channel: str, playback: str, sounds: Sequence[str]) -> bool:
        media = ",".join(f"sound:{each}" for each in sounds)
        return await self._done("POST", f"channels/{_id(channel)}/play/{_id(playback)}", media=media)

    async def stop(self, playback: str) -> bool:
        return await self._done("DELETE", f"playbacks/{_id(playback)}")

    async def music(self, channel: str, *, on: bool) -> bool:
        return await self._done("POST" if on else "DELETE", f"channels/{_id(channel)}/moh")

    async def dial(
        self, channel: str, username: str, *, caller: str, seconds: int, originator: str, conversation: str
    ) -> bool:
        """False where no browser is registered, or nothing can be sent to it."""
        endpoint = await self._softphones.way_to(username)
        if not endpoint:
            return False
        query = {
            "endpoint": endpoint,
            "app": APPLICATION,
            "appArgs": DIALLED,
            "channelId": channel,
            "callerId": caller,
            "timeout": str(seconds),
        }
        if originator:
            query["originator"] = originator
        variables = {"PJSIP_HEADER(add,X-Callcart-Conversation)": conversation, **NOWHERE_ELSE}
        try:
            await self._ari.post("channels", {"variables": variables}, **query)
        except Rejected as error:
            # The registration or the caller has gone between two requests.
            self._softphones.heard(username, here=False)
            log.info("leg not dialled", extra={"status": error.status})
            return False
        return True

    async def dial_out(self, channel: str, number: str, *, shown: str, seconds: int, longest: int) -> bool:
        """False without a trunk. One that cannot be reached ends the leg, with a cause."""
        if not self._trunk or not OUTSIDE.fullmatch(number):
            return False
        query = {
            "endpoint": f"PJSIP/{number}@{self._trunk}",
            "app": APPLICATION,
            "appArgs": DIALLED,
            "channelId": channel,
            "callerId": shown,
            "timeout": str(seconds),
        }
        try:
            variables = {"TIMEOUT(absolute)": str(longest), **NOWHERE_ELSE}
            await self._ari.post("channels", {"variables": variables}, **query)
        except Rejected as error:
            log.info("leg not dialled", extra={"status": error.status})
            return False
        return True

    async def join(self, bridge: str, *channels: str) -> bool:
        with suppress(Rejected):  # it exists
            await self._ari.post(f"bridges/{_id(bridge)}", type="mixing")
        return await self._done("POST", f"bridges/{_id(bridge)}/addChannel", channel=",".join(channels))

    async def leave(self, bridge: str, channel: str) -> bool:
        return await self._done("POST", f"bridges/{_id(bridge)}/removeChannel", channel=channel)

    async def drop_bridge(self, bridge: str) -> bool:
        return await self._done("DELETE", f"bridges/{_id(bridge)}")

    async def stop_recording(self, channel: str) -> bool:
        """Through the dial plan, which alone can end what it began, and back into our application at once."""
        return await self._pass(channel, "unrecorded" + way(channel))

    async def record_again(self, channel: str) -> bool:
        return await self._pass(channel, "recorded" + way(channel))

    async def _pass(self, channel: str, context: str) -> bool:
        passage: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._passages[channel] = passage
        try:
            if await self._done(
                "POST", f"channels/{_id(channel)}/continue", context=context, extension="s", priority="1"
            ):
                async with asyncio.timeout(PASSAGE):
                    return await passage
        except (TimeoutError, Refused):
            pass
        finally:
            self._passages.pop(channel, None)
        # The caller hung up just before the passage or in it: that leaving was taken for the passage, and no more is heard of it.
        if not await self._exists(channel) and (ended := self._end(channel, NORMAL)) is not None:
            self._queue.put_nowait(ended)
        return False

    async def record(self, channel: str, name: str, *, seconds: int, silence: int) -> bool:
        begun = await writing.begin(self._ari, channel, name, seconds=seconds, silence=silence)
        if begun is None:  # its end was told to nobody
            self._queue.put_nowait(RecordingEnded(channel, name))
        return begun is not False

    async def ring_tone(self, channel: str, *, on: bool) -> bool:
        return await self._done("POST" if on else "DELETE", f"channels/{_id(channel)}/ring")

    async def snoop(self, channel: str, name: str, *, whisper: bool) -> bool:
        return await self._done(
            "POST",
            f"channels/{_id(channel)}/snoop/{_id(name)}",
            spy="both",
            whisper="out" if whisper else "none",
            app=APPLICATION,
            appArgs="snoop",
        )

    async def packets_received(self, channel: str) -> int | None:
        try:
            found = await self._ari.get(f"channels/{_id(channel)}/rtp_statistics")
        except Rejected:
            return None
        return int(found.get("rxcount", 0))

    async def add_softphone(self, softphone: Softphone) -> None:
        await self._softphones.add(softphone)

    async def remove_softphone(self, username: str) -> bool:
        return await self._softphones.remove(username)

    def softphone_at(self, username: str, node: str) -> None:
        self._softphones.at(username, node)

    async def _done(self, method: str, path: str, **query: str) -> bool:
        """Whether a command was done; False: what it is about has gone. Raises Refused, EngineUnreachable."""
        try:
            await self._ari.send(method, path, None, **query)
        except Rejected as error:
            if (error.status, error.message) == GOING or error.status == 404:
                return False
            if error.status == 400 and "not found" in error.message.lower():
                return False
            raise Refused(str(error)) from error
        return True

    async def _exists(self, channel: str) -> bool:
        return await self._done("GET", f"channels/{_id(channel)}")


def _id(name: str) -> str:
    return quote(name, safe="")
