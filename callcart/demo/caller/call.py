"""A telephone for one call: dials, speaks, presses keys, listens, hangs up; over UDP, from an address of the loopback
network that stands for the carrier's.

`Caller` is one call and is used once. What goes wrong at the other side is CallFailed with its status; nothing is tried
again. Times are seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any

from callcart.demo.caller import sdp, sip
from callcart.demo.caller.dialog import Dialog, Identity
from callcart.demo.caller.media import Received, Sound

T1, T2 = 0.5, 4.0  # RFC 3261 17.1.1.2
NOBODY_AFTER = 8.0
GOODBYE_PATIENCE = 4.0
CANCEL_PATIENCE = 6.0


class CallFailed(RuntimeError):
    """The call did not come about. `status` is the SIP status, 408 where nobody answered in time."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason = status, reason


class CallState(StrEnum):
    NEW = "new"
    DIALLING = "dialling"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


class Caller(asyncio.DatagramProtocol):
    """One call. `async with Caller(service, number=…) as call: await call.dial()`; the end of the block hangs up."""

    def __init__(
        self,
        service: str,
        *,
        number: str = "",
        name: str = "",
        server: tuple[str, int] = ("127.0.0.1", 5060),
        local: str = "127.0.0.9",
        on_change: Callable[[CallState], None] | None = None,
    ) -> None:
        """`number` empty: hidden. `local`: an address that the telephone server takes for a trunk's."""
        self.state = CallState.NEW
        self.end_reason = ""
        self.ended_by_us = False
        self.sound = Sound()
        self._who = Identity(service, number, name)
        self._server, self._local = server, local
        self._on_change = on_change
        self._dialog: Dialog | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._answer: asyncio.Future[None] | None = None
        self._ended = asyncio.Event()
        self._finals: dict[str, asyncio.Future[sip.Message]] = {}
        self._heard_of = False  # anything has come back for our INVITE
        self._cancelling = False
        self._version = 1
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def received(self) -> Received:
        """What has been heard."""
        return self.sound.received

    async def __aenter__(self) -> Caller:
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(self._local, 0)
        )
        await self.sound.open(self._local)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.hang_up()
        finally:
            for task in self._tasks:
                task.cancel()
            await self.sound.close()
            if self._transport is not None:
                self._transport.close()

    async def dial(self, *, patience: float = 60.0) -> None:
        """Call, and return once it is answered. Raises CallFailed; after `patience` the call is given up."""
        assert self._transport is not None, "use it as a context"
        port = int(self._transport.get_extra_info("sockname")[1])
        self._dialog = Dialog(self._who, self._server, (self._local, port))
        self._answer = asyncio.get_running_loop().create_future()
        self._turn(CallState.DIALLING)
        self._spawn(self._invite(self._dialog.invite(sdp.describe(self._local, self.sound.port))))
        try:
            async with asyncio.timeout(patience):
                await asyncio.shield(self._answer)
        except TimeoutError:
            await self.hang_up()
            raise CallFailed(408, "No answer") from None

    async def press(self, keys: str, *, patience: float = 30.0) -> None:
        """Press keys and return once they are sent."""
        self.sound.press(keys)
        async with asyncio.timeout(patience):
            await self.sound.pressed.wait()

    def play(self, samples: Sequence[int], *, repeat: bool = False) -> None:
        """Say this from now on."""
        self.sound.play(samples, repeat=repeat)

    async def until(self, happened: Callable[[Received], bool], *, patience: float = 20.0) -> None:
        """Wait until something is true of what was heard. Raises TimeoutError."""
        await self.sound.until(happened, patience=patience)

    async def wait_until_ended(self, *, patience: float | None = None) -> None:
        """Wait until either side has hung up. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            await self._ended.wait()

    async def hang_up(self) -> None:
        """End the call, whatever its state; nothing where it has ended."""
        if self.state is CallState.TALKING:
            self._end("hung up", by_us=True)
            await self._say_goodbye()
        elif self.state in {CallState.DIALLING, CallState.RINGING}:
            await self._cancel()

    async def _say_goodbye(self) -> None:
        assert self._dialog is not None
        await self._ask_quietly(self._dialog.request("BYE"), patience=GOODBYE_PATIENCE)

    async def _cancel(self) -> None:
        """RFC 3261 9.1: a call that nothing has been heard of yet may only be cancelled once something is."""
        assert self._dialog is not None and self._answer is not None
        self.ended_by_us, self._cancelling = True, True
        if self._heard_of:
            self._spawn(self._ask_quietly(self._dialog.cancel(), patience=CANCEL_PATIENCE))
        try:
            await self.wait_until_ended(patience=CANCEL_PATIENCE)
        except TimeoutError:
            self._end("cancelled", by_us=True)

    async def _invite(self, invite: sip.Message) -> None:
        """Send it again until anything comes back (timer A)."""
        wait, spent = T1, 0.0
        while not self._heard_of and self.state is CallState.DIALLING:
            self._send(invite)
            await asyncio.sleep(wait)
            spent, wait = spent + wait, wait * 2
            if spent >= NOBODY_AFTER and not self._heard_of:
                self._fail(408, "The telephone server does not answer")

    async def _ask_quietly(self, request: sip.Message, *, patience: float) -> None:
        """Send a request until its final response (timer E); where none comes the other side is gone, and so is its call."""
        with suppress(TimeoutError):
            await self._ask(request, patience=patience)

    async def _ask(self, request: sip.Message, *, patience: float) -> sip.Message:
        final: asyncio.Future[sip.Message] = asyncio.get_running_loop().create_future()
        self._finals[sip.branch_of(request)] = final
        wait = T1
        async with asyncio.timeout(patience):
            while True:
                self._send(request)
                try:
                    return await asyncio.wait_for(asyncio.shield(final), wait)
                except TimeoutError:
                    wait = min(wait * 2, T2)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip():
            return  # a keep-alive
        try:
            message = sip.parse(data)
            if self._dialog is None or message.get("call-id") != self._dialog.call_id:
                return
            if message.method:
                self._on_request(message)
            else:
                self._on_response(message)
        except sip.NotSip:
            return

    def error_received(self, exc: Exception) -> None:
        """A closed port at the other side: the timers decide."""

    def _on_response(self, message: sip.Message) -> None:
        number, method = message.cseq
        if method != "INVITE":
            final = self._finals.get(sip.branch_of(message))
            if message.status >= 200 and final is not None and not final.done():
                final.set_result(message)
        elif self._dialog is not None and number == self._dialog.invite_number:
            if message.status < 200:
                self._on_progress(message)
            elif message.status < 300:
                self._on_answer(message)
            else:
                self._send(self._dialog.acknowledge_refusal(message))
                self._fail(message.status, message.reason)

    def _on_progress(self, message: sip.Message) -> None:
        assert self._dialog is not None
        if self._cancelling and not self._heard_of:
            self._spawn(self._ask_quietly(self._dialog.cancel(), patience=CANCEL_PATIENCE))
        self._heard_of = True
        if self.state is CallState.DIALLING and message.status > 100:
            self._turn(CallState.RINGING)
        if message.body and self.state is CallState.RINGING:
            self._hear(message.body)

    def _on_answer(self, message: sip.Message) -> None:
        assert self._dialog is not None and self._answer is not None
        self._heard_of = True
        self._dialog.answered(message)
        self._send(self._dialog.acknowledge())  # also for each repeated answer
        if self.state in {CallState.TALKING, CallState.ENDED}:
            return
        if self._cancelling or not self._hear(message.body):
            self._end("cancelled" if self._cancelling else "no common sound", by_us=True)
            self._spawn(self._say_goodbye())
            return
        self._turn(CallState.TALKING)
        if not self._answer.done():
            self._answer.set_result(None)

    def _hear(self, body: str) -> bool:
        try:
            self.sound.direct(sdp.parse(body))
        except sdp.NoSound:
            return False
        return True

    def _on_request(self, message: sip.Message) -> None:
        assert self._dialog is not None
        if message.method == "ACK":
            return
        if message.method == "BYE":
            self._send(sip.reply(message, 200, "OK", tag=self._dialog.our_tag))
            self._end(message.get("reason") or "the other side hung up", by_us=False)
        elif message.method in {"INVITE", "UPDATE"}:
            self._change(message)
        elif message.method in {"OPTIONS", "INFO", "NOTIFY", "MESSAGE"}:
            self._send(sip.reply(message, 200, "OK", tag=self._dialog.our_tag))
        else:
            self._send(sip.reply(message, 501, "Not Implemented", tag=self._dialog.our_tag))

    def _change(self, message: sip.Message) -> None:
        """The other side moves its sound, holds, or takes it back. Answered the same way each time it asks."""
        assert self._dialog is not None
        answer = sip.reply(message, 200, "OK", tag=self._dialog.our_tag)
        direction = "sendrecv"
        try:
            if message.body:
                media = sdp.parse(message.body)
                self.sound.direct(media)
                direction = media.answer
        except sdp.NoSound:
            self._send(sip.reply(message, 488, "Not Acceptable Here", tag=self._dialog.our_tag))
            return
        answer.headers.append(("contact", self._dialog.contact))
        if message.body or message.method == "INVITE":
            self._version += 1
            answer.headers.append(("content-type", "application/sdp"))
            answer.body = sdp.describe(
                self._local, self.sound.port, version=self._version, direction=direction
            )
        self._send(answer)

    def _send(self, message: sip.Message) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message.to_bytes(), self._server)

    def _fail(self, status: int, reason: str) -> None:
        self._end(f"{status} {reason}", by_us=self._cancelling, failure=CallFailed(status, reason))

    def _end(self, reason: str, *, by_us: bool, failure: CallFailed | None = None) -> None:
        if self.state is CallState.ENDED:
            return
        self.end_reason, self.ended_by_us = reason, by_us
        self._turn(CallState.ENDED)
        self._ended.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(failure or CallFailed(487, reason))
            self._answer.exception()  # seen, even where nobody waits for it

    def _turn(self, state: CallState) -> None:
        self.state = state
        if self._on_change is not None:
            self._on_change(state)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
