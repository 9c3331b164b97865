"""An SMS centre that does what a test tells it, fault by fault: a socket, and a thread that reads PDUs."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from callcart.contact.messaging.transport import Heard
from callcart.integrations.sms.pdu import (
    RESPONSE,
    Bind,
    Command,
    NoPdu,
    Pdu,
    Short,
    Stream,
    decode_bind,
    decode_short,
    encode_short,
    text_body,
)
from callcart.integrations.sms.session import Timing
from callcart.integrations.sms.smpp import SmppChannel
from tests.integrations.sms.lines import LINE, line

QUICK = Timing(connect=3, answer=1.5, enquire=0.25, prove=0.05, pause=0.05, refused=0.1, look=0.02)
SLOW = Timing(connect=3, answer=5, enquire=60, prove=60, pause=0.05, refused=0.1, look=0.02)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


class Centre:
    """`submits` are what came to be sent. `on_submit` and `on_enquire` say what is answered: a status, an id, or None for nothing."""

    def __init__(self, *, bind_status: int = 0, context: ssl.SSLContext | None = None) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.bind_status, self.context = bind_status, context
        self.binds: list[Bind] = []
        self.kinds: list[int] = []
        self.submits: queue.Queue[Short] = queue.Queue()
        self.answers: queue.Queue[Pdu] = queue.Queue()
        self.others: list[Pdu] = []
        self.on_submit: Callable[[Short, int], Pdu | None] = lambda short, number: self.taken(f"id{number}")
        self.on_enquire: Callable[[], Pdu | None] = lambda: Pdu(Command.ENQUIRE_LINK | RESPONSE, 0)
        self.deaf = False
        self._count, self._sequence = 0, 0
        self._peer: socket.socket | None = None
        self._writing = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def taken(message_id: str) -> Pdu:
        return Pdu(Command.SUBMIT_SM | RESPONSE, 0, text_body(message_id))

    @staticmethod
    def refused(status: int) -> Pdu:
        return Pdu(Command.SUBMIT_SM | RESPONSE, 0, b"", status)

    def deliver(self, short: Short) -> int:
        """Its sequence number."""
        self._sequence += 1
        self.write(Pdu(Command.DELIVER_SM, self._sequence, encode_short(short)).encode())
        return self._sequence

    def answered(self) -> Pdu:
        return self.answers.get(timeout=5)

    def write(self, data: bytes) -> None:
        with self._writing:
            assert self._peer is not None
            self._peer.sendall(data)

    def drop(self) -> None:
        """End the connection as a cable does."""
        self.deaf = False
        if self._peer is not None:
            with suppress(OSError):
                self._peer.shutdown(socket.SHUT_RDWR)
            self._peer.close()

    def close(self) -> None:
        self.server.close()
        self.drop()

    def _serve(self) -> None:
        while True:
            try:
                peer, _address = self.server.accept()
                peer = self.context.wrap_socket(peer, server_side=True) if self.context else peer
            except ssl.SSLError:
                continue
            except OSError:
                return
            self._peer, stream = peer, Stream()
            with suppress(OSError, NoPdu):
                while data := peer.recv(65536):
                    while self.deaf:
                        time.sleep(0.01)
                    for pdu in stream.feed(data):
                        self._take(pdu)
            peer.close()

    def _take(self, pdu: Pdu) -> None:
        reply: Pdu | None = None
        if pdu.command in (Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER):
            self.kinds.append(pdu.command)
            self.binds.append(decode_bind(pdu.body))
            reply = Pdu(pdu.command | RESPONSE, 0, text_body("centre"), self.bind_status)
        elif pdu.command == Command.SUBMIT_SM:
            self._count += 1
            short = decode_short(pdu.body)
            reply = self.on_submit(short, self._count)
            self.submits.put(short)
        elif pdu.command == Command.ENQUIRE_LINK:
            reply = self.on_enquire()
        elif pdu.command == Command.DELIVER_SM | RESPONSE:
            self.answers.put(pdu)
        elif pdu.command == Command.UNBIND:
            self.others.append(pdu)
            reply = Pdu(Command.UNBIND | RESPONSE, 0)
        else:
            self.others.append(pdu)
        if reply is not None:
            self.write(Pdu(reply.command, pdu.sequence, reply.body, reply.status).encode())


@contextmanager
def centre(**options: object) -> Iterator[Centre]:
    made = Centre(**options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.close()


class Listening:
    """A channel that listens on a line, in a thread. `error` is what ended it."""

    def __init__(
        self,
        port: int,
        heard: Heard | None = None,
        timing: Timing = QUICK,
        context: ssl.SSLContext | None = None,
        **values: str,
    ) -> None:
        self.heard = heard or Heard()
        self.channel = SmppChannel(timing, context=context)
        self.line = line(self.heard.cursor, port=str(port), per_second="500", **values)
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Listening:
        self._thread.start()
        until(lambda: self.heard.states or self.error)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(8)
        assert not self._thread.is_alive()
        assert LINE not in self.channel._running

    def _listen(self) -> None:
        try:
            self.channel.listen(self.line, self.heard, self.stop)
        except Exception as error:  # noqa: BLE001  the test looks at it
            self.error = error
