"""The centre's SMPP side: shops are connected as transceivers under their number without its plus, with a password made of the installation's secret."""

from __future__ import annotations

import asyncio
import hmac
import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field

from callcart.core.clock import now
from callcart.demo.company.book import Message
from callcart.demo.sms.api import smpp_password
from callcart.demo.sms.book import BY_SMPP, Book
from callcart.demo.sms.submits import Inbox, NotAccepted, delivery, number_of
from callcart.integrations.sms import statuses
from callcart.integrations.sms.pdu import (
    RESPONSE,
    BadBody,
    Command,
    NoPdu,
    Pdu,
    Stream,
    decode_bind,
    decode_short,
    encode_short,
    text_body,
)

ANSWER_SECONDS = 10.0


@dataclass(eq=False)
class Connection:
    """One connected shop."""

    writer: asyncio.StreamWriter
    shop: str = ""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    waiting: dict[int, asyncio.Future[Pdu]] = field(default_factory=dict)

    def write(self, pdu: Pdu) -> None:
        self.writer.write(pdu.encode())

    async def ask(self, command: Command, body: bytes) -> Pdu:
        """Raises TimeoutError where no answer comes, ConnectionError where the shop is gone."""
        number = next(self.numbers)
        future: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self.waiting[number] = future
        self.write(Pdu(command, number, body))
        try:
            return await asyncio.wait_for(future, ANSWER_SECONDS)
        finally:
            self.waiting.pop(number, None)

    def close(self) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError())
        self.writer.close()


class Centre:
    """The server. `shops` are connected now; of two connections of one the newer is given what comes."""

    def __init__(self, book: Book) -> None:
        self._book, self._inbox = book, Inbox(book)
        self._connections: list[Connection] = []
        self._telling: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def shops(self) -> list[str]:
        return sorted({each.shop for each in self._connections if each.shop})

    def tell_what_is_due(self) -> None:
        """Give connections what they are to get, each thing by a task of its own, in order of one shop's connection."""
        due = [each for each in self._book.due_by_smpp(now().timestamp()) if each.id not in self._telling]
        for message in due:
            self._telling.add(message.id)
            task = asyncio.create_task(self._tell(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until it ends."""
        connection, stream = Connection(writer), Stream()
        self._connections.append(connection)
        try:
            with suppress(OSError, NoPdu):
                while data := await reader.read(65536):
                    for pdu in stream.feed(data):
                        if not self._take(connection, pdu):
                            await writer.drain()
                            return
                    await writer.drain()
        finally:
            self._connections.remove(connection)
            connection.close()

    async def _tell(self, message: Message) -> None:
        shop = message.url.removeprefix(BY_SMPP)
        connection = next((each for each in reversed(self._connections) if each.shop == shop), None)
        try:
            if connection is None:
                raise ConnectionError("not connected")
            body = encode_short(delivery(json.loads(message.body)))
            answer = await connection.ask(Command.DELIVER_SM, body)
            said = statuses.name_of(answer.status) if answer.status else ""
        except (TimeoutError, ConnectionError) as error:
            said = str(error) or type(error).__name__
        finally:
            self._telling.discard(message.id)
        if said:
            self._book.not_told(message, said, at=now().timestamp())
        else:
            self._book.told(message, "ok")

    def _take(self, connection: Connection, pdu: Pdu) -> bool:
        """Whether the connection goes on."""
        if pdu.is_response:
            future = connection.waiting.get(pdu.sequence)
            if future is not None and not future.done():
                future.set_result(pdu)
            return True
        if pdu.command in (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER, Command.BIND_TRANSMITTER):
            status = self._bind(connection, pdu)
            body = text_body("meadow") if status == statuses.OK else b""
        elif pdu.command == Command.SUBMIT_SM:
            try:
                body, status = text_body(self._submit(connection, pdu)), statuses.OK
            except NotAccepted as error:
                if not error.status:
                    return True  # no answer at all
                body, status = b"", error.status
        elif pdu.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            body, status = b"", statuses.OK
        else:
            connection.write(Pdu(Command.GENERIC_NACK, pdu.sequence, b"", statuses.INVALID_COMMAND))
            return True
        connection.write(Pdu(pdu.command | RESPONSE, pdu.sequence, body, status))
        return pdu.command != Command.UNBIND

    def _bind(self, connection: Connection, pdu: Pdu) -> int:
        try:
            bind = decode_bind(pdu.body)
        except BadBody:
            return 0x0D
        if not hmac.compare_digest(bind.password.encode("latin-1"), smpp_password().encode()):
            return 0x0E
        if not (bind.system_id.isascii() and bind.system_id.isdecimal()):
            return 0x0F
        connection.shop = number_of(bind.system_id)
        return statuses.OK

    def _submit(self, connection: Connection, pdu: Pdu) -> str:
        if not connection.shop:
            raise NotAccepted(0x04)
        try:
            short = decode_short(pdu.body)
        except BadBody:
            raise NotAccepted(0x02) from None
        if not (short.destination.text.isascii() and short.destination.text.lstrip("+").isdecimal()):
            raise NotAccepted(0x0B)
        return self._inbox.take(connection.shop, short)
