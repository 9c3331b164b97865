"""One connection with an SMS centre: a thread of its own moves bytes and answers what needs no thought, other
threads ask and wait. What the centre delivers lies in `inbox`, with the moment it came, for the thread that listens, which answers it when it is kept.

Whether a question reached the other side is told apart: Gone, it surely did not; Lost, it may have.
"""

from __future__ import annotations

import asyncio
import queue
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from callcart.integrations.sms import statuses
from callcart.integrations.sms.pdu import RESPONSE, Bind, Command, NoPdu, Pdu, Stream, encode_bind

MOST_WAITING = 200  # deliveries not kept yet; more are refused for now
MOST_UNREAD = 1024 * 1024  # bytes the other side leaves lying
_LAST_SEQUENCE = 0x7FFFFFFF
_DELIVERIES = frozenset({Command.DELIVER_SM, Command.DATA_SM})


class Gone(Exception):
    """There is no connection: nothing was sent."""


class Lost(Exception):
    """The connection ended before an answer came."""


class NotConnected(Exception):
    """The centre cannot be reached, or does not say who it is."""


class NotBound(Exception):
    """The centre refused the connection."""

    def __init__(self, status: int) -> None:
        super().__init__(statuses.name_of(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is waited, in seconds: for the connection, for an answer, between two signs of life; and the first pause before
    another try."""

    connect: float = 15.0
    answer: float = 30.0
    enquire: float = 30.0
    prove: float = 2.0
    pause: float = 1.0
    refused: float = 60.0
    look: float = 0.5


@dataclass(frozen=True, slots=True)
class Peer:
    """Where the centre is: an address that was looked at, and the name its certificate must be of."""

    address: str
    port: int
    context: ssl.SSLContext | None = None
    host: str = ""


class Session:
    """Made by `opened`. `closed` is set when it has ended, `why` says why."""

    def __init__(self, timing: Timing) -> None:
        self.inbox: queue.Queue[tuple[Pdu, float]] = queue.Queue(MOST_WAITING)
        self.closed = threading.Event()
        self.why = ""
        self._timing = timing
        self._loop = asyncio.new_event_loop()
        self._waiting: dict[int, Future[Pdu]] = {}
        self._sequence = 0
        self._writer: asyncio.StreamWriter | None = None
        self._bound: Future[None] = Future()
        self._over = asyncio.Event()
        self._as = Command.BIND_TRANSCEIVER
        self._door = threading.Lock()

    @classmethod
    def opened(cls, peer: Peer, bind: Bind, timing: Timing, *, name: str, receives: bool = True) -> Session:
        """A session that is bound; one that does not receive is given nothing by the centre. Raises NotConnected, NotBound."""
        session = cls(timing)
        session._as = Command.BIND_TRANSCEIVER if receives else Command.BIND_TRANSMITTER
        thread = threading.Thread(target=session._live, args=(peer, bind), name=f"smpp {name}", daemon=True)
        thread.start()
        session._bound.result()
        return session

    def ask(self, command: Command, body: bytes = b"") -> Future[Pdu]:
        """Send a question; its answer comes later, or Gone or Lost does. From any thread."""
        future: Future[Pdu] = Future()
        self._call(self._send, future, command, body)
        return future

    def forget(self, future: Future[Pdu]) -> None:
        """Nobody waits for this answer any more."""
        self._call(self._drop, future)

    def answer(self, pdu: Pdu, status: int) -> None:
        """Answer what the centre delivered. Where the connection is gone it will deliver it again."""
        body = b"\0" if status == statuses.OK else b""
        with suppress(Gone):
            self._call(self._write, Pdu(pdu.command | RESPONSE, pdu.sequence, body, status))

    def close(self, why: str = "") -> None:
        """End it, politely where the other side still listens; returns when it has ended."""
        with suppress(Gone):
            self._call(self._end, why)
        self.closed.wait(self._timing.answer)

    def _call(self, function: object, *values: object) -> None:
        with self._door:
            if self.closed.is_set():
                raise Gone
            self._loop.call_soon_threadsafe(function, *values)  # type: ignore[arg-type]

    # What follows runs in the session's own thread.

    def _live(self, peer: Peer, bind: Bind) -> None:
        try:
            self._loop.run_until_complete(self._run(peer, bind))
        finally:
            with self._door:
                self.closed.set()
            # Once more round: what was handed over while the door was still open learns that nothing was sent.
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
            self._give_up()
            if not self._bound.done():
                self._bound.set_exception(NotConnected(self.why))

    async def _run(self, peer: Peer, bind: Bind) -> None:
        reading: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(self._timing.connect):
                reader, self._writer = await asyncio.open_connection(
                    peer.address,
                    peer.port,
                    ssl=peer.context,
                    server_hostname=peer.host if peer.context else None,
                )
                reading = self._loop.create_task(self._read(reader))
                reading.add_done_callback(lambda _task: self._over.set())
                await self._bind(bind)
            self._bound.set_result(None)
            await self._over.wait()
            await self._unbind()
        except NotBound as error:
            self._bound.set_exception(error)
        except TimeoutError:
            self.why = self.why or "no answer"
        except (OSError, Lost, Gone) as error:  # ssl.SSLError is an OSError
            self.why = self.why or str(error) or type(error).__name__
        finally:
            if reading is not None:
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading
            await self._hang_up()

    async def _hang_up(self) -> None:
        """Close, and not wait for ever for what the other side does not read any more."""
        if self._writer is None:
            return
        self._writer.close()
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        self._writer.transport.abort()

    async def _bind(self, bind: Bind) -> None:
        future: Future[Pdu] = Future()
        self._send(future, self._as, encode_bind(bind))
        found = await asyncio.wrap_future(future)
        if found.status != statuses.OK:
            raise NotBound(found.status)

    async def _unbind(self) -> None:
        """Say good-bye where we are the one who ends it."""
        if under_way := [asyncio.wrap_future(each) for each in self._waiting.values()]:
            await asyncio.wait(under_way, timeout=min(2.0, self._timing.answer))
        if self._writer is None or self._writer.is_closing():
            return
        future: Future[Pdu] = Future()
        self._send(future, Command.UNBIND, b"")
        with suppress(TimeoutError, Lost, Gone):
            async with asyncio.timeout(min(1.0, self._timing.answer)):
                await asyncio.wrap_future(future)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        stream = Stream()
        try:
            while data := await reader.read(65536):
                for pdu in stream.feed(data):
                    self._take(pdu)
            self._ended("it ended the connection")
        except NoPdu as error:
            self._ended(str(error))
        except OSError as error:
            self._ended(str(error) or type(error).__name__)

    def _ended(self, why: str) -> None:
        """The other side is gone: nobody is left to say good-bye to."""
        self.why = self.why or why
        if self._writer is not None:
            self._writer.close()
        self._over.set()
        self._give_up()

    def _take(self, pdu: Pdu) -> None:
        if pdu.is_response:
            waiting = self._waiting.pop(pdu.sequence, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(pdu)
        elif pdu.command == Command.ENQUIRE_LINK:
            self._write(Pdu(pdu.command | RESPONSE, pdu.sequence))
        elif pdu.command == Command.UNBIND:
            self._write(Pdu(pdu.command | RESPONSE, pdu.sequence))
            self._ended("it said good-bye")
        elif pdu.command in _DELIVERIES:
            try:
                self.inbox.put_nowait((pdu, time.monotonic()))
            except queue.Full:
                self._write(Pdu(pdu.command | RESPONSE, pdu.sequence, b"", statuses.QUEUE_FULL))
        elif pdu.command not in (Command.ALERT_NOTIFICATION, Command.OUTBIND):  # those have no answer
            self._write(Pdu(Command.GENERIC_NACK, pdu.sequence, b"", statuses.INVALID_COMMAND))

    def _send(self, future: Future[Pdu], command: Command, body: bytes) -> None:
        if self._writer is None or self._writer.is_closing():
            future.set_exception(Gone())
            return
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        self._waiting[self._sequence] = future
        self._write(Pdu(command, self._sequence, body))

    def _write(self, pdu: Pdu) -> None:
        if self._writer is None or self._writer.is_closing():
            return
        self._writer.write(pdu.encode())
        if self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            self._ended("it does not read what it is sent")
            self._writer.transport.abort()  # closing would wait until it has read

    def _drop(self, future: Future[Pdu]) -> None:
        self._waiting = {number: each for number, each in self._waiting.items() if each is not future}

    def _end(self, why: str) -> None:
        self.why = self.why or why
        self._over.set()

    def _give_up(self) -> None:
        """Nobody will answer those who wait."""
        while self._waiting:
            _number, future = self._waiting.popitem()
            if not future.done():
                future.set_exception(Lost())
